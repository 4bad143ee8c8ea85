"""Ways through Desk and through a visitor's browser.

Fields are found by `data-fieldname` and everything else by what it says, because class names differ from one version
of Frappe to another.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import frappe

from tests import harness
from tests.browser import conftest
from tests.site import crm_factory

PASSWORD = "Browse-the-Desk-5"
PHONE = {"width": 390, "height": 844}
DESKTOP = {"width": 1280, "height": 900}


# ---------------------------------------------------------------- people


def make_user(email: str, *roles: str) -> str:
    """A user of Desk with these roles, and nothing left of what the user had before."""
    if "System Manager" not in roles and not crm_factory.has_system_manager():
        # Frappe makes the first user of a site one, whatever was asked for.
        make_user("sam.system@example.com", "System Manager")
    if not frappe.db.exists("User", email):
        name = email.partition("@")[0].replace(".", " ").title()
        frappe.get_doc(
            doctype="User", email=email, first_name=name, new_password=PASSWORD, send_welcome_email=0
        ).insert()
    user = frappe.get_doc("User", email)
    user.set("roles", [{"role": role} for role in roles])
    user.save()
    frappe.db.commit()
    return email


def log_in(page: Any, user: str = "Administrator", password: str = "") -> Any:
    """Open Desk as this user."""
    login = {"usr": user, "pwd": password or (harness.password() if user == "Administrator" else PASSWORD)}
    answer = page.request.post("/api/method/login", form=login)
    assert answer.ok, f"{user} could not log in: {answer.status}"
    page.goto("/app")
    page.wait_for_function("window.frappe && frappe.boot && frappe.router && frappe.router.current_route")
    # Desk fails where one leaves the first workspace while it is still asking for it.
    settle(page)
    return page


@contextmanager
def desk_of(browser: Any, user: str) -> Iterator[tuple[Any, list[str]]]:
    """A page of Desk for the tests of one module, and a list of what it complains about."""
    errors: list[str] = []
    context = browser.new_context(base_url=harness.URL, viewport=DESKTOP)
    page = context.new_page()
    page.set_default_timeout(20_000)
    page.on("console", lambda message: conftest._note(errors, message))
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield log_in(page, user), errors
    context.close()


def as_visitor(page: Any) -> Any:
    """Let a page look like anybody's browser: a headless one is a bot."""
    page.set_extra_http_headers({"User-Agent": harness.USER_AGENT})
    return page


# ---------------------------------------------------------------- Desk


def go(page: Any, *route: str) -> None:
    """Open a page of Desk the way its links do."""
    page.evaluate("route => frappe.set_route(...route)", list(route))
    page.wait_for_function(
        "route => frappe.get_route().slice(0, route.length).map(decodeURIComponent).join('/') === route.join('/')",
        arg=list(route),
    )
    settle(page)


def open_list(page: Any, doctype: str) -> None:
    go(page, "List", doctype)
    page.wait_for_function("doctype => window.cur_list && cur_list.doctype === doctype", arg=doctype)
    settle(page)


def open_form(page: Any, doctype: str, name: str = "") -> None:
    go(page, "Form", doctype, name or doctype)
    wait_for_form(page, doctype, name or doctype)


def open_new(page: Any, doctype: str) -> None:
    # The form that is open may be a new one of the same kind.
    before = page.evaluate("window.cur_frm?.docname || ''")
    page.evaluate("doctype => { frappe.new_doc(doctype) }", doctype)
    page.wait_for_function("before => window.cur_frm?.is_new() && cur_frm.docname !== before", arg=before)
    wait_for_form(page, doctype)


def wait_for_form(page: Any, doctype: str, name: str = "") -> None:
    """Wait until the form of a record is drawn, of any record of the DocType unless it is named."""
    page.wait_for_function(
        "([doctype, name]) => window.cur_frm?.doctype === doctype && cur_frm.doc && !cur_frm.is_loading"
        " && (!name || cur_frm.doc.name === name)"
        " && frappe.get_route()[0] === 'Form' && frappe.get_route()[1] === doctype"
        " && frappe.get_route()[2] === cur_frm.docname",
        arg=[doctype, name],
    )
    settle(page)


def open_report(page: Any, name: str, **filters: str) -> None:
    """Open a report the way buttons do; what it shows then is for the test to wait for."""
    page.evaluate("([name, filters]) => { frappe.set_route('query-report', name, filters) }", [name, filters])
    page.wait_for_function("name => window.frappe.query_report?.report_name === name", arg=name)


def close_dialog(page: Any) -> None:
    """Press Escape, which a dialog hears once it is open altogether, and wait until the dialog is gone."""
    page.wait_for_function("window.cur_dialog?.display")
    page.keyboard.press("Escape")
    page.wait_for_function("!window.cur_dialog && !document.querySelector('.modal.show, .modal-backdrop')")


def settle(page: Any) -> None:
    """Wait until Desk has no question to the server under way; it asks some a moment after it has drawn."""
    for _look in range(2):
        page.wait_for_timeout(120)
        page.wait_for_function("!frappe.request.ajax_count")


def field(page: Any, fieldname: str) -> Any:
    """The field on the form that is open."""
    return page.locator(f"[data-fieldname={fieldname}]:visible").first


def fill(page: Any, fieldname: str, text: str) -> None:
    box = page.locator(
        f"input[data-fieldname={fieldname}]:visible, textarea[data-fieldname={fieldname}]:visible"
    ).first
    box.fill(text)
    # Number fields select their content a moment after they were entered.
    page.wait_for_timeout(150)
    box.blur()
    settle(page)


def choose(page: Any, fieldname: str, option: str) -> None:
    page.locator(f"select[data-fieldname={fieldname}]:visible").first.select_option(option)


def save(page: Any) -> None:
    """Save the form and wait until it is."""
    page.keyboard.press("Control+s")
    page.wait_for_function("cur_frm && !cur_frm.doc.__unsaved && !cur_frm.is_new()")
    settle(page)


def value(page: Any, fieldname: str) -> Any:
    return page.evaluate("fieldname => cur_frm.doc[fieldname]", fieldname)


def reload(page: Any) -> None:
    page.evaluate("() => cur_frm.reload_doc()")
    settle(page)


def button(page: Any, label: str) -> Any:
    return page.locator("button:visible, a.btn:visible").get_by_text(label, exact=True).first


def download(page: Any, label: str) -> tuple[str, bytes]:
    """Click on a link that downloads a file; returns its name and content."""
    with page.expect_download() as waiting:
        page.get_by_text(label, exact=True).locator("visible=true").first.click()
    return waiting.value.suggested_filename, Path(waiting.value.path()).read_bytes()


# ---------------------------------------------------------------- between Desk and the server


def hold_back(page: Any, *methods: str, milliseconds: int = 400) -> None:
    """Let the answers of these methods take longer than Desk pauses anywhere, as on a slow line."""

    def answer_late(route: Any) -> None:
        page.wait_for_timeout(milliseconds)
        route.continue_()

    for method in methods:
        page.route(f"**/api/method/*.{method}*", answer_late)


# ---------------------------------------------------------------- web forms


def fill_web_field(page: Any, fieldname: str, text: str) -> None:
    box = page.locator(f"input[data-fieldname={fieldname}]:visible").first
    box.fill(text)
    box.blur()
