"""People at one organization, what they did, and whose deals have credit for it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import frappe

from tests.site import crm_factory as crm
from tests.site import factory


def make_links() -> list[Any]:
    return [crm.campaign_link(source=source)[1] for source in ("adverts", "partner", "newsletter")]


def make_firm() -> str:
    doc = frappe.get_doc(doctype="CRM Organization", organization_name=factory.unique("Firm")).insert()
    frappe.db.commit()
    return doc.name


def somebody(link: Any, **fields: Any) -> Any:
    """A lead who followed the link, with an address of its own."""
    return crm.insert_lead(crm.visited(link), **fields)


def colleague(firm: str, lead: Any, **fields: Any) -> str:
    """The contact that ``lead`` is at ``firm``; its jobs have been done."""
    contact = crm.make_contact(lead.email, company_name=firm, **fields)
    crm.finish_jobs()
    return contact


def earners(deal: Any, model: str = "Linear") -> set[str]:
    """The visitors who have credit for a deal."""
    frappe.db.commit()
    attribution = frappe.db.get_value("Deal Attribution", {"deal_id": deal.name, "attribution_model": model})
    return set(frappe.get_all("Deal Attribution Credit", {"parent": attribution or ""}, pluck="visitor_id"))


def ids(*leads: Any) -> set[str]:
    return {lead.trackflow_visitor_id for lead in leads}


def linked(deal: Any, lead: Any) -> Any:
    (row,) = crm.rows("Identity Link", crm_deal=deal.name, visitor=lead.trackflow_visitor_id)
    return row


@contextmanager
def counting(value: int) -> Iterator[None]:
    """Let everybody at an organization count, or not, as an administrator sets it."""
    settings = frappe.get_doc("TrackFlow Settings")
    factory.change(settings, count_organization=value)
    crm.finish_jobs()
    try:
        yield
    finally:
        factory.change(settings, count_organization=1)
        crm.finish_jobs()


def undo(client: Any, link: Any) -> None:
    answer = client.login(crm.a_user("TrackFlow Manager"), crm.PASSWORD).post(
        "/api/method/trackflow.api.identity.undo", data={"link": link.name, "reason": "Her husband's laptop"}
    )
    assert answer.ok, answer.text
    crm.finish_jobs()
