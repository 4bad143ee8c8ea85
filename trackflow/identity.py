"""Who is who: visitor, lead and deal. What ties them is decided in ``domain.identities``; here it is read."""

from collections.abc import Collection, Iterable
from typing import NamedTuple

import frappe
from werkzeug.wrappers import Request

from trackflow import colleagues, settings
from trackflow.domain import identities
from trackflow.domain.consent import decide
from trackflow.domain.identities import DEAL, LEAD, Deal, Lead, People, Rule, Tie, personal_address
from trackflow.domain.visitors import valid_visitor_id
from trackflow.domain.visits import OPT_OUT_COOKIE, VISITOR_COOKIE, signals

DOCTYPE = "Identity Link"


def visitor_of_request() -> str | None:
    """Return the visitor whose browser makes this request, or None.

    None also for who said no, and for people who work in the CRM: what they type in was told to them by
    somebody else, and their own clicks on their own campaigns say nothing about that.
    """
    request = getattr(frappe.local, "request", None)
    if not request or is_staff():
        return None
    claimed = valid_visitor_id(request.cookies.get(VISITOR_COOKIE))
    return claimed if claimed and _may_know(request) else None


def visitors_of_lead(lead: str) -> list[str]:
    """Return the visitors that count for a lead, by name: its own, and those of leads with its address."""
    return [tie.visitor_id for tie in ties_of_lead(lead)]


def own_visitors_of_deal(deal: str) -> list[str]:
    """Return the visitors that count for a deal whatever its organization, by name."""
    return [tie.visitor_id for tie in ties_of_deal(deal, People())]


def visitors_of_people(people: People) -> set[str]:
    """Return the visitors of those who belong to an organization."""
    leads, links = _leads(people.leads, people.addresses)
    found = ((visitor, LEAD, lead.name) for lead in leads for visitor in lead.visitors)
    return {pair[0] for pair in found if pair not in links.undone}


def visitors_of_deal(deal: str) -> list[str]:
    """Return the visitors that count for a deal, by name: of its lead, its contacts and its organization."""
    return [tie.visitor_id for tie in ties_of_deal(deal)]


def addresses_of_lead(lead: str) -> set[str]:
    """Return the personal addresses of a lead."""
    return set(_addresses_of_leads({lead}))


def addresses_of_deal(deal: str) -> set[str]:
    """Return the personal addresses of the people of a deal."""
    email, lead, organization = frappe.db.get_value(DEAL, deal, ["email", "lead", "organization"]) or [""] * 3
    typed = {email, *addresses_of_contacts(deal), *colleagues.counted_for(organization).addresses}
    return {*filter(None, map(personal_address, typed)), *_addresses_of_leads({lead})}


def addresses_of_contacts(deal: str) -> set[str]:
    """Return all addresses of the contacts of a deal: a contact may have several."""
    row, address = frappe.qb.DocType("CRM Contacts"), frappe.qb.DocType("Contact Email")
    query = frappe.qb.from_(row).left_join(address).on(address.parent == row.contact)
    query = query.select(row.email, address.email_id).where((row.parenttype == DEAL) & (row.parent == deal))
    return {address for pair in query.run() for address in pair if address}


def ties_of_lead(lead: str) -> list[Tie]:
    """Return what ties visitors to a lead, none if there is no such lead. Four statements."""
    leads, links = _leads({lead}, _addresses_of_leads({lead}))
    own = next((one for one in leads if one.name == lead), None)
    return identities.ties_of_lead(own, leads, links.undone) if own else []


def ties_of_deal(deal: str, people: People | None = None) -> list[Tie]:
    """Return what ties visitors to a deal, none if there is no such deal.

    ``people``: of its organization, if not those whom the settings say. Six statements, and four more for them.
    """
    fields = ["lead", "email", "trackflow_visitor_id", "organization"]
    row = frappe.db.get_value(DEAL, deal, fields, as_dict=True)
    if not row:
        return []
    addresses = {row.email or "", *addresses_of_contacts(deal), *_addresses_of_leads({row.lead})}
    firm = colleagues.counted_for(row.organization) if people is None else people
    leads, links = _leads({row.lead, *firm.leads}, {*addresses, *firm.addresses}, deal)
    named = (row.trackflow_visitor_id, *links.by_hand.get(deal, ()))
    found = Deal(
        name=deal,
        lead=next((lead for lead in leads if lead.name == row.lead), None),
        visitors=tuple(filter(None, named)),
        addresses=tuple(addresses),
        colleagues=firm,
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
    """Return the other leads, and the deals, for which a visitor of ``lead`` counts by its address or organization."""
    leads, deals = _reached_by(_addresses_of_leads({lead}), {lead})
    return sorted(leads - {lead}), deals


def people_with_address(address: str) -> tuple[list[str], list[str]]:
    """Return the leads and the deals for which somebody with this email address counts, none for a shared mailbox."""
    leads, deals = _reached_by(list(filter(None, [personal_address(address)])))
    return sorted(leads), deals


def _reached_by(addresses: Collection[str], leads: Collection[str] = ()) -> tuple[set[str], list[str]]:
    """Return ``leads`` and those with ``addresses``; and the deals that have one of them as their lead, as one of
    their contacts or at their organization."""
    with_address = {"email": ("in", list(addresses) or [""])}
    found = set(leads)
    found |= set(frappe.get_all(LEAD, with_address, pluck="name", order_by="name asc") if addresses else ())
    contacts = _contacts_with(addresses)
    deals = set(frappe.get_all(DEAL, {"lead": ("in", _given(found))}, pluck="name", order_by="name asc"))
    deals |= {*deals_of_contacts(contacts)}
    firms = colleagues.organizations_of(contacts, found)
    return found, sorted(deals | set(colleagues.open_deals(firms)))


def deals_of_contacts(contacts: Collection[str]) -> list[str]:
    """Return the deals that have one of ``contacts``, by name."""
    rows = {"parenttype": DEAL, "contact": ("in", list(contacts) or [""])}
    return sorted(set(frappe.get_all("CRM Contacts", rows, pluck="parent", order_by="parent asc")))


def deals_through(lead: str) -> list[str]:
    """Return the deals that have or had a visitor of ``lead`` by an address or organization, and those that it has
    now, by name."""
    noted = frappe.get_all(DOCTYPE, {"via_lead": lead}, pluck="crm_deal", order_by="name asc")
    return sorted({*noted, *sharing_address_with(lead)[1]} - {None, ""})


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


def _contacts_with(addresses: Collection[str]) -> list[str]:
    if not addresses:
        return []
    with_address = {"parenttype": "Contact", "email_id": ("in", list(addresses))}
    return frappe.get_all("Contact Email", with_address, pluck="parent", order_by="parent asc")


def _may_know(request: Request) -> bool:
    """Return whether the visitor allows to be recognised: decided as for a click."""
    policy = settings.load_policy()
    consent = decide(
        signals(request.headers, request.cookies),
        required=policy.consent_required,
        honour_headers=policy.honour_privacy_headers,
    )
    return consent.allows_cookie and not request.cookies.get(OPT_OUT_COOKIE)


def is_staff() -> bool:
    """Say whether somebody makes this request who works with Desk."""
    user = frappe.session.user
    return user != "Guest" and frappe.get_cached_value("User", user, "user_type") == "System User"
