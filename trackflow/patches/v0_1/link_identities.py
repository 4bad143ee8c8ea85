"""Write down which visitors count for the leads and deals that were there before Identity Link was."""

from collections.abc import Callable

import frappe

from trackflow import identity_links
from trackflow.domain.identities import DEAL, LEAD
from trackflow.integrations import crm

BATCH = 500
_RESTORE = """
    UPDATE `tabCRM Deal` deal JOIN `tabCRM Lead` person ON person.name = deal.lead
    SET deal.trackflow_visitor_id = person.trackflow_visitor_id
"""


def execute() -> None:
    if not crm.is_installed():
        return
    _restore_visitors_of_deals()
    _each(LEAD, identity_links.of_lead)
    _each(DEAL, identity_links.of_deal)


def _restore_visitors_of_deals() -> None:
    """Deals showed the visitor of the touch with the credit; now they show that of their lead and nothing else."""
    frappe.db.sql(_RESTORE)


def _each(doctype: str, note: Callable[[str], object]) -> None:
    for done, name in enumerate(frappe.get_all(doctype, pluck="name", order_by="name asc"), 1):
        note(name)
        if done % BATCH == 0:
            # A large site: neither locks nor the undo log should grow without end. Done twice, it changes nothing.
            frappe.db.commit()
