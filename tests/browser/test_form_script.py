"""The action that Frappe CRM's pages get. The local bench lacks these pages, so its script is run here as they run it."""

from __future__ import annotations

import frappe
import pytest

from tests.browser import helpers
from tests.site import crm_factory as crm
from tests.site import factory
from trackflow.setup import form_scripts

pytestmark = crm.needs_crm
# As getFormScript of Frappe CRM 1.34 to 1.81 does; `call` is that of frappe-ui, with its errors.
RUN = """async ([script, doc]) => {
    const dialogs = [];
    const call = async (method, args) => {
        const answer = await fetch(`/api/method/${method}`, {
            method: "POST",
            headers: { "Content-Type": "application/json", "X-Frappe-CSRF-Token": frappe.csrf_token },
            body: JSON.stringify(args),
        });
        const body = await answer.json();
        if (!answer.ok) throw Object.assign(new Error(body.exc_type), { messages: [body.exc_type] });
        return body.message;
    };
    const setup = new Function(script + "\\nreturn setupForm")();
    const { actions = [] } = await setup({ doc, call, $dialog: (options) => dialogs.push(options) });
    for (const action of actions) await action.onClick();
    return { labels: actions.map((action) => action.label), dialogs };
}"""

REFUSE = """async ([script, doc, message]) => {
    const dialogs = [];
    const call = () => Promise.reject(Object.assign(new Error(), { messages: [message] }));
    const setup = new Function(script + "\\nreturn setupForm")();
    const { actions } = await setup({ doc, call, $dialog: (options) => dialogs.push(options) });
    await actions[0].onClick();
    return dialogs[0].message;
}"""


@pytest.fixture(scope="module")
def office(browser):
    user = helpers.make_user("sally.sales@example.com", "Sales User")
    with helpers.desk_of(browser, user) as desk:
        yield desk


@pytest.fixture
def run(office):
    """Runs the script of a document's page and presses its buttons."""
    get_script = frappe.get_attr("crm.fcrm.doctype.crm_form_script.crm_form_script.get_form_script")

    def run(doc, **changed):
        script = get_script(doc.doctype)
        assert "setupForm(" in script
        page_doc = frappe.parse_json(frappe.as_json(crm.fresh(doc).as_dict())) | changed
        return office[0].evaluate(RUN, [script, page_doc])

    return run


def test_leads_and_deals_have_a_button_that_tells_where_they_came_from(run, office, shot):
    campaign, link = crm.campaign_link()
    lead = crm.insert_lead(crm.visited(link))
    deal = crm.insert_deal(lead, value=400)
    for doc in (lead, deal):
        done = run(doc)
        assert done["labels"] == ["Where It Came From"]
        (dialog,) = done["dialogs"]
        assert campaign.name in dialog["html"]
    # Without the styles of Desk, as in any other page.
    page = office[0].context.new_page()
    page.set_content(f"<main style='max-width: 900px; padding: 20px'>{dialog['html']}</main>")
    page.get_by_text("What each touch earned").wait_for()
    shot(page, "origin-elsewhere")
    page.close()


def test_one_without_touches_has_no_button_and_a_refusal_is_told(run):
    lead = crm.insert_lead()
    assert run(lead) == {"labels": [], "dialogs": []}
    (dialog,) = run(lead, name=factory.unique("gone"), trackflow_touch_count=1)["dialogs"]
    assert dialog["message"] == "DoesNotExistError"


def test_a_refusal_is_shown_as_text_because_the_dialog_knows_no_html(office):
    script = form_scripts.FILE.read_text()
    doc = {"doctype": "CRM Deal", "name": "D-1", "trackflow_touch_count": 1}
    html = "<strong>Sally</strong> may not read <strong>R&amp;D</strong><br>Ask for the right."
    assert office[0].evaluate(REFUSE, [script, doc, html]) == "Sally may not read R&D. Ask for the right."
