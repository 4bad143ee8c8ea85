"""What becomes of visitors: leads by the web form and by phone, and deals."""

from __future__ import annotations

from dev.story import plot
from dev.story.browser import VISITOR_COOKIE, headers_of
from dev.story.cast import Cast, browser_of, follow, key, recorded
from dev.story.plot import Visitor
from dev.story.prospects import PROSPECTS
from dev.story.site_client import Doc, Site, StoryError, wait_for


def prospects_become_leads(cast: Cast) -> None:
    for prospect in PROSPECTS:
        lead = cast.salesperson.find("CRM Lead", {"email": prospect.lead["email"]})
        if not lead:
            _ask_for_a_demo(cast, prospect.visitor, prospect.lead)
            lead = cast.salesperson.find("CRM Lead", {"email": prospect.lead["email"]})
        if lead and prospect.stage:
            _sell(cast, lead, prospect.worth, prospect.stage)


def _ask_for_a_demo(cast: Cast, visitor: Visitor, person: dict[str, str]) -> None:
    """The browser has the cookie of the first click: that is how the lead learns where it came from."""
    browser = browser_of(cast, visitor)
    browser.submit(browser.open(cast.links[plot.DEMO.title]["target_url"]), plot.FORM, person)


def vera_asks_for_a_demo(cast: Cast) -> Doc:
    if not find_web_lead(cast.salesperson):
        if key(cast, plot.LAST_VISIT) not in recorded(cast):
            follow(cast, plot.LAST_VISIT)
        _ask_for_a_demo(cast, plot.VERA, plot.WEB_LEAD)
    lead = find_web_lead(cast.salesperson)
    if not lead:
        raise StoryError("The web form made no lead with a visitor.")
    wait_for(f"The conversion of {lead['name']}", lambda: conversion(cast, "Lead", lead["name"]))
    return cast.salesperson.get("CRM Lead", lead["name"])


def samir_notes_a_phone_call(cast: Cast) -> None:
    """Samir has clicked the link himself, so his browser has a visitor's cookie; his caller has none."""
    if find_phone_lead(cast.salesperson):
        return
    browser = cast.salesperson.session
    browser.get(cast.short_url(plot.OFFER), headers=headers_of(plot.OFFICE_PC), allow_redirects=False)
    if VISITOR_COOKIE not in browser.cookies:
        raise StoryError("The salesperson's browser got no visitor cookie.")
    values = {**plot.PHONE_LEAD, "lead_owner": plot.SALESPERSON.email, "source": "Cold Calling"}
    cast.salesperson.create("CRM Lead", values)


def find_web_lead(salesperson: Site) -> Doc | None:
    """The one with a visitor: a lead from before TrackFlow was uninstalled has lost its own."""
    with_visitor = {"email": plot.WEB_LEAD["email"], "trackflow_visitor_id": ("is", "set")}
    return salesperson.find("CRM Lead", with_visitor)


def find_phone_lead(salesperson: Site) -> Doc | None:
    return salesperson.find("CRM Lead", {"email": plot.PHONE_LEAD["email"]})


def conversion(cast: Cast, kind: str, reference: str) -> list[Doc]:
    filters = {"conversion_type": kind, "reference_name": reference}
    return cast.manager.rows("Conversion", filters, ["name"])


# ---------------------------------------------------------------- a deal


def samir_sells(cast: Cast, lead: Doc) -> None:
    """From here on Samir only does his work in the CRM; TrackFlow watches."""
    _sell(cast, lead, plot.DEAL_WORTH, plot.STAGES[-1])


def _sell(cast: Cast, lead: Doc, worth: int, last_stage: str) -> None:
    samir = cast.salesperson
    if samir.get("CRM Lead", lead["name"])["status"] == "New":
        samir.update("CRM Lead", lead["name"], {"status": "Contacted", "lead_owner": samir.user})
    if not samir.find("CRM Deal", {"lead": lead["name"]}):
        samir.call("crm.fcrm.doctype.crm_lead.crm_lead.convert_to_deal", lead=lead["name"])
    deal = samir.find("CRM Deal", {"lead": lead["name"]})
    if not deal:
        raise StoryError(f"The conversion of {lead['name']} made no deal.")
    # Up to Frappe CRM 1.47 a deal is worth the one, from 1.48 on the other.
    samir.update("CRM Deal", deal["name"], {"annual_revenue": worth, "deal_value": worth})
    for stage in _stages_between(deal["status"], last_stage):
        samir.update("CRM Deal", deal["name"], {"status": stage})
    if last_stage == plot.STAGES[-1]:
        wait_for(f"The credit for {deal['name']}", lambda: conversion(cast, "Deal Won", deal["name"]))


def _stages_between(stage: str, last: str) -> tuple[str, ...]:
    done = plot.STAGES.index(stage) + 1 if stage in plot.STAGES else 0
    return plot.STAGES[done : plot.STAGES.index(last) + 1]
