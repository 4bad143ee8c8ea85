"""Who is who: visitor, lead and deal. What ties them is decided in ``domain.identities``; here it is read."""

from collections.abc import Collection, Iterable
from typing import NamedTuple

import frappe
from werkzeug.wrappers import Request

from trackflow import settings
from trackflow.domain import identities
from trackflow.domain.consent import decide
from trackflow.domain.identities import DEAL, LEAD, Deal, Lead, Rule, Tie, personal_address
from trackflow.domain.redirection import OPT_OUT_COOKIE, VISITOR_COOKIE, signals
from trackflow.domain.visitors import valid_visitor_id

DOCTYPE = "Identity Link"


def visitor_of_request() -> str | None:
    """Return the visitor whose browser makes this request, or None.

    None also for who said no, and for people who work in the CRM: what they type in was told to them by
    somebody else, and their own clicks on their own campaigns say nothing about that.
    """
    request = getattr(frappe.local, "request", None)
    if not request or _is_staff():
        return None
    claimed = valid_visitor_id(request.cookies.get(VISITOR_COOKIE))
    return claimed if claimed and _may_know(request) else None


def visitors_of_lead(lead: str) -> list[str]:
    """Return the visitors that count for a lead, by name: its own, and those of leads with its address."""
    return [tie.visitor_id for tie in ties_of_lead(lead)]


def visitors_of_deal(deal: str) -> list[str]:
    """Return the visitors that count for a deal, by name: of its lead and its contacts."""
    return [tie.visitor_id for tie in ties_of_deal(deal)]


def addresses_of_lead(lead: str) -> set[str]:
    """Return the personal addresses of a lead."""
    return set(_addresses_of_leads({lead}))


def addresses_of_deal(deal: str) -> set[str]:
    """Return the personal addresses of the people of a deal."""
    email, lead = frappe.db.get_value(DEAL, deal, ["email", "lead"]) or ("", "")
    typed = {email, *_addresses_of_contacts(deal)}
    return {*filter(None, map(personal_address, typed)), *_addresses_of_leads({lead})}


def ties_of_lead(lead: str) -> list[Tie]:
    """Return what ties visitors to a lead, none if there is no such lead. Four statements."""
    leads, links = _leads({lead}, _addresses_of_leads({lead}))
    own = next((one for one in leads if one.name == lead), None)
    return identities.ties_of_lead(own, leads, links.undone) if own else []


def ties_of_deal(deal: str) -> list[Tie]:
    """Return what ties visitors to a deal, none if there is no such deal. Six statements."""
    fields = ["lead", "email", "trackflow_visitor_id"]
    row = frappe.db.get_value(DEAL, deal, fields, as_dict=True)
    if not row:
        return []
    addresses = {row.email or "", *_addresses_of_contacts(deal), *_addresses_of_leads({row.lead})}
    leads, links = _leads({row.lead}, addresses, deal)
    named = (row.trackflow_visitor_id, *links.by_hand.get(deal, ()))
    found = Deal(
        name=deal,
        lead=next((lead for lead in leads if lead.name == row.lead), None),
        visitors=tuple(filter(None, named)),
        addresses=tuple(addresses),
    )
    return identities.ties_of_deal(found, leads, links.undone)


def people_of(visitors: Collection[str]) -> tuple[list[str], list[str]]:
    """Return the leads and the deals for which ``visitors`` count or counted, by name."""
    if not visitors:
        return [], []
    own = {"trackflow_visitor_id": ("in", list(visitors))}
    rows = frappe.get_all(
        DOCTYPE, {"visitor": ("in", list(visitors))}, ["crm_lead", "crm_deal"], order_by="name asc"
    )
    leads = {row.crm_lead for row in rows} | set(frappe.get_all(LEAD, own, pluck="name"))
    leads |= set(
        frappe.get_all(
            "Visitor", {"name": ("in", list(visitors)), "crm_lead": ("is", "set")}, pluck="crm_lead"
        )
    )
    deals = {row.crm_deal for row in rows} | set(frappe.get_all(DEAL, own, pluck="name"))
    leads, deals = leads - {None, ""}, deals - {None, ""}
    if leads:
        deals |= set(frappe.get_all(DEAL, {"lead": ("in", sorted(leads))}, pluck="name"))
    return sorted(leads), sorted(deals)


def sharing_address_with(lead: str) -> tuple[list[str], list[str]]:
    """Return the other leads, and the deals, that have the address of ``lead`` among those of their people."""
    addresses = _addresses_of_leads({lead})
    if not addresses:
        return [], []
    leads = frappe.get_all(LEAD, {"email": ("in", addresses), "name": ("!=", lead)}, pluck="name")
    deals = set(frappe.get_all(DEAL, {"lead": ("in", [lead, *leads])}, pluck="name"))
    row, address = frappe.qb.DocType("CRM Contacts"), frappe.qb.DocType("Contact Email")
    query = frappe.qb.from_(address).join(row).on(row.contact == address.parent).select(row.parent).distinct()
    deals |= {
        deal for (deal,) in query.where(address.email_id.isin(addresses) & (row.parenttype == DEAL)).run()
    }
    return sorted(leads), sorted(deals)


# ---------------------------------------------------------------- reading


def _leads(names: Collection[str], addresses: Iterable[str], deal: str = "") -> tuple[list[Lead], "_Links"]:
    """Return the leads of these names, and those with these addresses, each with its own visitors; and what
    people decided about their links and those of ``deal``."""
    lead = frappe.qb.DocType(LEAD)
    wanted = lead.name.isin(_given(names))
    if personal := sorted(filter(None, map(personal_address, addresses))):
        wanted |= lead.email.isin(personal)
    query = frappe.qb.from_(lead).select(lead.name, lead.email, lead.trackflow_visitor_id)
    rows = query.where(wanted).orderby(lead.name).run()
    found = [name for name, _email, _visitor in rows]
    became, links = _visitors_that_became(found), _decided_links(found, deal)
    own = {
        name: {visitor, *became.get(name, ()), *links.by_hand.get(name, ())} - {None, ""}
        for name, _email, visitor in rows
    }
    return [Lead(name, email or "", tuple(sorted(own[name]))) for name, email, _visitor in rows], links


class _Links(NamedTuple):
    """undone: as in ``domain.identities``. by_hand: visitors by the lead or deal that they were linked to."""

    undone: set[tuple[str, str, str]]
    by_hand: dict[str, list[str]]


def _decided_links(leads: Collection[str], deal: str) -> _Links:
    link = frappe.qb.DocType(DOCTYPE)
    query = frappe.qb.from_(link).select(link.visitor, link.crm_lead, link.crm_deal, link.status)
    query = query.where(link.crm_lead.isin(_given(leads)) | link.crm_deal.isin(_given([deal])))
    rows = query.where((link.status == "Undone") | (link.rule == Rule.BY_HAND.value)).orderby(link.name).run()
    found = _Links(set(), {})
    for visitor, lead, own_deal, status in rows:
        if status == "Undone":
            found.undone.add((visitor, LEAD if lead else DEAL, lead or own_deal))
        else:
            found.by_hand.setdefault(lead or own_deal, []).append(visitor)
    return found


def _given(names: Iterable[str | None]) -> list[str]:
    """Return the names that are any, or one that nothing has: SQL knows no empty list."""
    return sorted(filter(None, names)) or [""]


def _visitors_that_became(leads: Collection[str]) -> dict[str, list[str]]:
    filters = {"crm_lead": ("in", _given(leads))}
    found: dict[str, list[str]] = {}
    for row in frappe.get_all("Visitor", filters, ["name", "crm_lead"], order_by="name asc") if leads else ():
        found.setdefault(row.crm_lead, []).append(row.name)
    return found


def _addresses_of_leads(leads: Collection[str | None]) -> list[str]:
    """Return the personal addresses of leads."""
    emails = frappe.get_all(LEAD, {"name": ("in", _given(leads))}, pluck="email", order_by="name asc")
    return list(filter(None, map(personal_address, emails)))


def _addresses_of_contacts(deal: str) -> set[str]:
    """Return all addresses of the contacts of a deal: a contact may have several."""
    row, address = frappe.qb.DocType("CRM Contacts"), frappe.qb.DocType("Contact Email")
    query = frappe.qb.from_(row).left_join(address).on(address.parent == row.contact)
    query = query.select(row.email, address.email_id).where((row.parenttype == DEAL) & (row.parent == deal))
    return {address for pair in query.run() for address in pair if address}


def _may_know(request: Request) -> bool:
    """Return whether the visitor allows to be recognised: decided as for a click."""
    policy = settings.load_policy()
    consent = decide(
        signals(request.headers, request.cookies),
        required=policy.consent_required,
        honour_headers=policy.honour_privacy_headers,
    )
    return consent.allows_cookie and not request.cookies.get(OPT_OUT_COOKIE)


def _is_staff() -> bool:
    user = frappe.session.user
    return user != "Guest" and frappe.get_cached_value("User", user, "user_type") == "System User"
