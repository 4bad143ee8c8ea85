"""What TrackFlow keeps under the names of leads and deals follows them when they are renamed, and goes with them."""

from datetime import datetime

import frappe

from trackflow import conversions, identity_links, jobs, store
from trackflow.attribution import campaign_figures, deal_credit, requests
from trackflow.attribution.requests import DEAL, LEAD

# By DocType: the tables with a field of its name, and this field. Credit and found links are written anew instead.
_LOGS = {
    LEAD: (("Lead Status Change", "lead_id"),),
    DEAL: (("Deal Stage Change", "deal_id"), ("Deal Journey", "deal_id")),
}
_BY_HAND = {DEAL: (("Deal Link Association", "deal_id"),)}
OUTCOMES = {LEAD: "Lead", DEAL: "Deal Won"}


def move(doctype: str, old: str, new: str) -> None:
    """Let everything under ``old`` follow to ``new``.

    A document that is part of another one now leaves its log and its conversion behind: the other has its own.
    """
    if doctype in _LOGS:
        # A job that read the document under its old name may still be writing.
        with jobs.alone(f"{doctype} {old}", seconds=60):
            _move(doctype, old, new)


def _move(doctype: str, old: str, new: str) -> None:
    for table, field in _LOGS[doctype]:
        if not frappe.db.exists(table, {field: new}):
            _rename(table, field, old, new)
    for table, field in _BY_HAND.get(doctype, ()):
        _rename(table, field, old, new)
    identity_links.move(doctype, old, new)
    if doctype == LEAD:
        store.relink_visitors(old, new)
    _forget_credit(doctype, old)
    # Frappe has renamed what conversions refer to, but for one that such a job recorded since.
    conversions.move(OUTCOMES[doctype], (doctype, old), new)


def purge(doctype: str, name: str, until: datetime) -> None:
    """Delete what was written under ``name``, which is deleted, up to ``until``: a new document may have the name."""
    if doctype not in _LOGS:
        return
    heir = requests.heir(doctype, name)
    if heir:
        move(doctype, name, heir)
    for table, field in (*_LOGS[doctype], *_BY_HAND.get(doctype, ())):
        frappe.db.delete(table, {field: name, "creation": ("<=", until)})
    identity_links.purge(doctype, name, until)
    if doctype == LEAD and not frappe.db.exists(LEAD, name):
        store.relink_visitors(name, None)
    _forget_credit(doctype, name)
    conversions.revoke(OUTCOMES[doctype], (doctype, name), until)


def _forget_credit(doctype: str, name: str) -> None:
    if doctype == DEAL:
        campaign_figures.refresh(deal_credit.forget(name))


def _rename(table: str, field: str, old: str, new: str) -> None:
    frappe.db.set_value(table, {field: old}, field, new, update_modified=False)
    if table == "Deal Journey":
        # It has the name of its deal.
        journey = frappe.qb.DocType(table)
        frappe.qb.update(journey).set(journey.name, new).where(journey.name == old).run()
