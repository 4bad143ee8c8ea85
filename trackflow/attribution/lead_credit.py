"""What a lead shows of its journey, and its conversion."""

import frappe

from trackflow import conversions, identity, identity_links, journeys, store
from trackflow.attribution import requests, shown_touches
from trackflow.attribution.requests import DEAL, LEAD
from trackflow.domain.attribution import Milestones
from trackflow.domain.touchpoints import Touch
from trackflow.integrations import crm


def credit(lead: str, page_url: str = "") -> None:
    """Find out which touches led to ``lead``, note them on it and record the conversion.

    ``page_url`` is the page whose form created the lead, if it was one.
    """
    fields = ["name", "trackflow_visitor_id", "trackflow_first_touch_date", "creation", "source"]
    doc = frappe.db.get_value(LEAD, lead, fields, as_dict=True)
    if not doc:
        return
    touches = journeys.of_lead(lead, _visitors(lead, doc, page_url), doc.creation, shown_touches.days())
    if touches:
        _write(lead, doc, touches)


def _visitors(lead: str, doc: dict, page_url: str) -> list[str]:
    """Return the visitors of a lead, whose form and links are noted; a new one comes to light for others, too."""
    own = doc.trackflow_visitor_id
    if page_url and own and frappe.db.exists("Visitor", own):
        # The CRM gives the name of a deleted lead to the next one.
        store.record_event(
            f"form-{lead}-{doc.creation:%y%m%d%H%M%S}", own, "Form Submitted", doc.creation,
            page_url=page_url, data={"doctype": LEAD, "name": lead},
        )  # fmt: skip
    visitors, is_new = identity_links.of_lead(lead)
    if own in visitors:
        store.link_visitor(own, lead)
    if is_new:
        leads, deals = identity.sharing_address_with(lead)
        for doctype, names in ((LEAD, leads), (DEAL, deals)):
            for name in names:
                requests.request(doctype, name)
    return visitors


def _write(lead: str, doc: dict, touches: list[Touch]) -> None:
    credited = shown_touches.credited_touch(touches, doc.creation)
    visitor = doc.trackflow_visitor_id or shown_touches.visitor(credited, touches)
    crm.note_source_of_status_changes(lead, credited)
    is_new = conversions.record(
        "Lead",
        visitor_id=visitor,
        at=doc.creation,
        journey=touches,
        credited=credited,
        reference=(LEAD, lead),
        shares=shown_touches.shares(touches, doc.creation, Milestones(lead_created=doc.creation)),
        grouping=shown_touches.grouping(),
    )
    if is_new:
        # A deal of this lead that was won does not count beside it.
        for deal in frappe.get_all(DEAL, {"lead": lead}, pluck="name", order_by="name asc"):
            requests.request(DEAL, deal)
    # Last of all, since it locks the lead, and whoever saves it should not wait for campaigns.
    values = shown_touches.values(touches, credited, doc.creation)
    values = shown_touches.keeping_first(LEAD, doc, values) | crm.better_source(doc.source, credited)
    frappe.db.set_value(LEAD, lead, values, update_modified=False)
