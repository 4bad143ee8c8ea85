"""Colleagues: who belongs to an organization of the CRM, and which deals it concerns when that changes.

A contact belongs to the organization that its field *Company Name* names, which is how Frappe CRM's own pages list contacts,
or that it is linked to. A lead belongs to that of its deal: until it is converted, it names a company in plain text.
"""

from collections.abc import Collection, Iterable

import frappe

from trackflow import settings
from trackflow.domain.identities import DEAL, LEAD, People
from trackflow.integrations.crm import stages

ORGANIZATION = "CRM Organization"


def counted_for(organization: str | None) -> People:
    """Return who counts for the deals of ``organization`` because they belong to it: nobody if the settings say so."""
    return people_of(organization) if organization and settings.counts_organizations() else People()


def people_of(organization: str) -> People:
    """Return who belongs to ``organization``. Four statements."""
    of_deals = {"organization": organization, "lead": ("is", "set")}
    leads = frappe.get_all(DEAL, of_deals, pluck="lead", distinct=True, order_by="lead asc")
    addresses = {*_addresses_of_leads(leads), *_addresses_of_contacts(organization)}
    return People(frozenset(leads), frozenset(filter(None, addresses)))


def open_deals(organizations: Iterable[str]) -> list[str]:
    """Return the open deals of ``organizations``, by name: closed ones stay as they were. None if nobody counts there."""
    names = sorted(filter(None, organizations))
    if not (names and settings.counts_organizations()):
        return []
    filters = {"organization": ("in", names), "status": ("in", stages.open_statuses() or [""])}
    return frappe.get_all(DEAL, filters, pluck="name", order_by="name asc")


def organizations_of(contacts: Collection[str], leads: Collection[str] = ()) -> set[str]:
    """Return the organizations to which ``contacts`` and ``leads`` belong."""
    found: set[str] = set()
    if contacts:
        named = {"name": ("in", list(contacts)), "company_name": ("is", "set")}
        found |= set(frappe.get_all("Contact", named, pluck="company_name", order_by="name asc"))
        linked = {"parenttype": "Contact", "parent": ("in", list(contacts)), "link_doctype": ORGANIZATION}
        found |= set(frappe.get_all("Dynamic Link", linked, pluck="link_name", order_by="name asc"))
    if leads:
        of_leads = {"lead": ("in", list(leads)), "organization": ("is", "set")}
        found |= set(frappe.get_all(DEAL, of_leads, pluck="organization", order_by="name asc"))
    return found


def _addresses_of_leads(leads: Collection[str]) -> list[str]:
    return frappe.get_all(LEAD, {"name": ("in", leads)}, pluck="email", order_by="name asc") if leads else []


def _addresses_of_contacts(organization: str) -> list[str]:
    """Return all addresses of the contacts that belong to ``organization``."""
    address, contact = frappe.qb.DocType("Contact Email"), frappe.qb.DocType("Contact")
    link = frappe.qb.DocType("Dynamic Link")
    addresses = frappe.qb.from_(address).select(address.email_id).where(address.parenttype == "Contact")
    named = addresses.join(contact).on(contact.name == address.parent)
    linked = addresses.join(link).on((link.parent == address.parent) & (link.parenttype == "Contact"))
    linked = linked.where((link.link_doctype == ORGANIZATION) & (link.link_name == organization))
    rows = [*named.where(contact.company_name == organization).run(), *linked.run()]
    return [email for (email,) in rows]
