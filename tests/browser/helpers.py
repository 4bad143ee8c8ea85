"""Ways through Desk and through a visitor's browser.

Fields are found by `data-fieldname` and everything else by what it says, because class names differ from one version
of Frappe to another.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import frappe

from tests import harness
from tests.site import crm_factory

PASSWORD = "Browse-the-Desk-5"
PHONE = {"width": 390, "height": 844}
DESKTOP = {"width": 1280, "height": 900}
# No realtime server runs on the local bench.
EXPECTED_ERRORS = re.compile(r"/socket\.io/")
# They select their content a moment after they were entered.
NUMBERS = ("Currency", "Float", "Int", "Percent")
# Desk asks the server some things a moment after it has drawn.
QUIET = """() => new Promise((resolve, reject) => {
    const end = Date.now() + 20000;
    let quiet = 0;
    const look = () => {
        quiet = frappe.request.ajax_count ? 0 : quiet + 1;
        if (quiet > 5) return resolve();
        if (Date.now() > end) return reject(new Error("Desk still waits for the server after 20 s"));
        setTimeout(look, 25);
    };
    look();
})"""


# ---------------------------------------------------------------- browsers


def new_context(browser: Any, **options: Any) -> Any:
    """Somebody's browser. It does without animations, because what is under way can't be clicked on or closed."""
    defaults = {"base_url": harness.URL, "viewport": DESKTOP, "reduced_motion": "reduce"}
    return browser.new_context(**(defaults | options))


def new_page(context: Any, errors: list[str]) -> Any:
    """A page that notes in ``errors`` what it complains about."""
    page = context.new_page()
    page.set_default_timeout(20_000)
    page.on("console", lambda message: _note(errors, message))
    page.on("pageerror", lambda error: errors.append(str(error)))
    return page


def _note(errors: list[str], message: Any) -> None:
    where = message.location.get("url", "")
    if message.type == "error" and not EXPECTED_ERRORS.search(f"{message.text} {where}"):
        errors.append(f"{message.text} ({where})")


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
    # Desk fails where one leaves the first workspace while it is still asking for it, or for what its charts show.
    settle(page)
    page.wait_for_timeout(700)
    settle(page)
    return page


_browsers: dict[str, Any] = {}


@contextmanager
def desk_of(browser: Any, user: str) -> Iterator[tuple[Any, list[str]]]:
    """A page of Desk for the tests of one module, and a list of what it complains about.

    The user's browser is kept for the next module: Desk is large, and is then in its cache.
    """
    errors: list[str] = []
    if user not in _browsers:
        _browsers[user] = new_context(browser)
    page = new_page(_browsers[user], errors)
    yield log_in(page, user), errors
    page.close()


def as_visitor(page: Any) -> Any:
    """Let a page look like anybody's browser: a headless one is a bot."""
    page.set_extra_http_headers({"User-Agent": harness.USER_AGENT})
    return page


# ---------------------------------------------------------------- Desk


def go(page: Any, *route: str) -> None:
    """Open a page of Desk the way its links do."""
    _go(page, *route)
    settle(page)


def _go(page: Any, *route: str, **options: str) -> None:
    """With ``options``, the fields that Desk fills in or filters by there."""
    # Desk draws a report's chart also where the report was left meanwhile, into a page that has no width.
    if page.evaluate("frappe.get_route()?.[0] === 'query-report'"):
        settle(page)
    # Without any, those that a test has put there by hand stay.
    page.evaluate("route => { frappe.set_route(...route) }", [*route, options] if options else list(route))
    page.wait_for_function(
        "route => frappe.get_route().slice(0, route.length).map(decodeURIComponent).join('/') === route.join('/')",
        arg=list(route),
    )


def open_list(page: Any, doctype: str, **filters: str) -> None:
    _go(page, "List", doctype, **filters)
    page.wait_for_function("doctype => window.cur_list?.doctype === doctype", arg=doctype)
    settle(page)


def open_form(page: Any, doctype: str, name: str = "") -> None:
    _go(page, "Form", doctype, name or doctype)
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
    _go(page, "query-report", name, **filters)
    page.wait_for_function("name => window.frappe.query_report?.report_name === name", arg=name)


def dialog(page: Any) -> Any:
    """The dialog that opens, once it is open altogether."""
    page.wait_for_function("window.cur_dialog?.display")
    return page.locator(".modal.show")


def close_dialog(page: Any) -> None:
    """Press Escape, which a dialog hears once it is open altogether, and wait until the dialog is gone."""
    page.wait_for_function("window.cur_dialog?.display")
    page.keyboard.press("Escape")
    page.wait_for_function("!window.cur_dialog && !document.querySelector('.modal.show, .modal-backdrop')")


def settle(page: Any) -> None:
    """Wait until Desk has had no question to the server under way for a while."""
    page.evaluate(QUIET)


def field(page: Any, fieldname: str) -> Any:
    """The field on the form that is open."""
    return page.locator(f"[data-fieldname={fieldname}]:visible").first


def fill(page: Any, fieldname: str, text: str) -> None:
    box = page.locator(
        f"input[data-fieldname={fieldname}]:visible, textarea[data-fieldname={fieldname}]:visible"
    ).first
    if box.get_attribute("data-fieldtype") in NUMBERS:
        box.focus()
        page.wait_for_timeout(150)
    box.fill(text)
    box.blur()
    settle(page)


def choose(page: Any, fieldname: str, option: str) -> None:
    page.locator(f"select[data-fieldname={fieldname}]:visible").first.select_option(option)


def save(page: Any) -> None:
    """Save the form and wait until it is."""
    page.keyboard.press("Control+s")
    page.wait_for_function("window.cur_frm?.doc && !cur_frm.doc.__unsaved && !cur_frm.is_new()")
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


@contextmanager
def slow_answers(page: Any, *methods: str, milliseconds: int = 400) -> Iterator[None]:
    """For a while the answers of these methods take longer than Desk pauses anywhere, as on a slow line."""

    def answer_late(route: Any) -> None:
        page.wait_for_timeout(milliseconds)
        route.continue_()

    patterns = [f"**/api/method/*.{method}*" for method in methods]
    for pattern in patterns:
        page.route(pattern, answer_late)
    yield
    for pattern in patterns:
        page.unroute(pattern)


# ---------------------------------------------------------------- web forms


def fill_web_field(page: Any, fieldname: str, text: str) -> None:
    box = page.locator(f"input[data-fieldname={fieldname}]:visible").first
    box.fill(text)
    box.blur()
