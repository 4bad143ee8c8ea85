"""Whose touches they were, and how they came to count: as much as the reader of a deal may know.

Names are those of leads that the reader may read, too. How somebody came to count says no name.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

import frappe
from frappe import _

from trackflow import identity
from trackflow.domain.identities import LEAD, Rule, personal_address

THROUGH_LEAD, THROUGH_CONTACT, THROUGH_ORGANIZATION, THROUGH_DEAL = "Lead", "Contact", "Organization", "Deal"
_BY_RULE = {Rule.EMAIL.value: THROUGH_CONTACT, Rule.ORGANIZATION.value: THROUGH_ORGANIZATION}


@dataclass(frozen=True)
class Whose:
    """person: a name, "" if none is known or may be told. through: Lead, Contact, Organization, Deal (named for it, or
    noted by hand), or "" where nothing is known any more."""

    person: str = ""
    through: str = ""

    @property
    def text(self) -> str:
        """What people read: who it was, and how they came to count."""
        named, unnamed = _texts().get(self.through, ("{0}", ""))
        return named.format(self.person) if self.person else unnamed


NOBODY = Whose()


def of_deals(leads: Mapping[str, str | None], visitors: Collection[str]) -> dict[tuple[str, str], Whose]:
    """Return {(deal, visitor): whose} of those ``visitors`` that count or counted for deals. ``leads``: {deal: its lead}.

    Two statements, however many there are.
    """
    rows = _links(leads, visitors)
    names = _names({row.via_lead or row.crm_lead for row in rows})
    found: dict[tuple[str, str], Whose] = {}
    for row in rows:
        whose = Whose(names.get(row.via_lead or row.crm_lead, ""), _through(row))
        for deal in [row.crm_deal] if row.crm_deal else _deals_of(row.crm_lead, leads):
            # As in ``domain.identities``: what the lead brings goes before what the deal does.
            if whose.through == THROUGH_LEAD or (deal, row.visitor) not in found:
                found[deal, row.visitor] = whose
    return found


def of_lead(lead: str, visitors: Collection[str]) -> dict[str, Whose]:
    """Return {visitor: whose} of ``visitors`` that count for a lead: its own, or of others with its address."""
    found = of_deals({"": lead}, visitors)
    return {visitor: whose for (_deal, visitor), whose in found.items()}


def of_emails(deal: Mapping, logs: Collection[str]) -> dict[str, Whose]:
    """Return {Email Campaign Log: whose} of clicks in emails to the people of ``deal``."""
    if not logs:
        return {}
    filters = {"name": ("in", list(logs))}
    sent = dict(frappe.get_all("Email Campaign Log", filters, ["name", "recipient"], as_list=True))
    leads = {address: name for name, address in _readable({"email": ("in", list(sent.values()))}, "email")}
    own = identity.addresses_of_lead(deal.lead) if deal.get("lead") else set()
    contacts = {personal_address(address) for address in identity.addresses_of_contacts(deal.name)}
    return {log: _addressed(personal_address(to), leads, own, contacts) for log, to in sent.items()}


def _addressed(address: str, leads: dict[str, str], own: set[str], contacts: set[str]) -> Whose:
    through = THROUGH_CONTACT if address in contacts else THROUGH_ORGANIZATION
    return Whose(leads.get(address, ""), THROUGH_LEAD if address in own else through)


def _links(leads: Mapping[str, str | None], visitors: Collection[str]) -> list[dict]:
    link = frappe.qb.DocType(identity.DOCTYPE)
    query = frappe.qb.from_(link).select(link.visitor, link.crm_lead, link.crm_deal, link.rule, link.via_lead)
    query = query.where(link.visitor.isin(_any(visitors)))
    mine = link.crm_deal.isin(_any(leads)) | link.crm_lead.isin(_any(leads.values()))
    return query.where(mine).orderby(link.name).run(as_dict=True)


def _any(names: Collection[str | None]) -> list[str]:
    return sorted(filter(None, names)) or [""]


def _deals_of(lead: str, leads: Mapping[str, str | None]) -> list[str]:
    return [deal for deal, own in leads.items() if own == lead]


def _through(row: dict) -> str:
    return THROUGH_LEAD if row.crm_lead else _BY_RULE.get(row.rule, THROUGH_DEAL)


def _names(leads: Collection[str | None]) -> dict[str, str]:
    return {row[1]: row[0] for row in _readable({"name": ("in", _any(leads))}, "name")}


def _readable(filters: dict, field: str) -> list[tuple[str, str]]:
    """Return (name of the person, ``field``) of those leads that the user may read."""
    if not (_is_staff() and frappe.has_permission(LEAD, "read")):
        return []
    rows = frappe.get_list(
        LEAD, filters=filters, fields=["lead_name", field], limit_page_length=0, order_by="name asc"
    )
    return [(row.lead_name or "", row[field] or "") for row in rows]


def _is_staff() -> bool:
    """Frappe CRM lets everybody read leads who is logged in, customers with an account on the site included."""
    return frappe.get_cached_value("User", frappe.session.user, "user_type") == "System User"


def _texts() -> dict[str, tuple[str, str]]:
    return {
        THROUGH_LEAD: ("{0}", _("The lead")),
        THROUGH_CONTACT: (_("{0}, a contact of the deal"), _("A contact of the deal")),
        THROUGH_ORGANIZATION: (
            _("{0}, at the deal's organization"),
            _("Somebody at the deal's organization"),
        ),
        THROUGH_DEAL: ("{0}", _("Named for the deal")),
    }
