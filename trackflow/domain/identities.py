"""Whose visitors count for whom: what ties visitors to leads, and leads to deals.

Only two things tie a visitor to a lead: it is the lead's own (its browser sent the form, a program named it, or somebody
linked the two by hand), or it is the own visitor of another lead with the same address. Nothing is guessed from
names of companies, domains or places. A deal has the visitors of its lead, those that were named for it, and those of leads
that have an address of one of its people. Its organization adds those of the people who belong to that in the CRM.
"""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from enum import Enum

LEAD, DEAL = "CRM Lead", "CRM Deal"

# Mailboxes that several people read (RFC 2142 and the usual ones): two leads that have one in common need not
# be the same person. In lower case, without what follows a "+".
_SHARED = (
    "abuse accounting accounts accueil admin administration administrator anfrage bewerbung billing "
    "booking bookings buchhaltung buero büro careers client clients commercial commerciale contact "
    "contact-us contacto contacts contactus contato contatti customer customer-service customercare "
    "customers customerservice direction do-not-reply donotreply einkauf email empfang enquiries enquiry "
    "events feedback finance frontdesk ftp general hallo head hello help helpdesk hi hola hostmaster hr "
    "info information infos inquiries inquiry invoice invoices it jobs karriere kontakt kundenservice "
    "legal mail mailbox mailer-daemon management marketing media members membership news newsletter "
    "no-reply nobody noc noreply office operations order orders payments post postmaster pr press presse "
    "privacy procurement purchasing reception rechnung recruiting registration reservations root sales "
    "secretary security service services shop staff subscribe support team tech technik test usenet uucp "
    "vendas ventas verkauf vertrieb web webmaster welcome www zentrale"
)
SHARED_MAILBOXES = frozenset(_SHARED.split())


class Rule(str, Enum):
    """Why a visitor counts for a lead or deal."""

    COOKIE = "Cookie"
    VISITOR_ID = "Visitor ID"
    EMAIL = "Email"
    ORGANIZATION = "Organization"
    BY_HAND = "By Hand"


@dataclass(frozen=True, order=True)
class Tie:
    """A visitor counts for the lead or deal ``name``. email and lead: for the rules Email and Organization, the
    address in common and the lead that the visitor was before."""

    visitor_id: str
    doctype: str
    name: str
    rule: Rule
    email: str = ""
    lead: str = ""

    @property
    def pair(self) -> tuple[str, str, str]:
        return self.visitor_id, self.doctype, self.name


@dataclass(frozen=True)
class Lead:
    """visitors: its own, by cookie, id or hand. A browser that sends two forms is the visitor of both leads."""

    name: str
    email: str = ""
    visitors: tuple[str, ...] = ()


@dataclass(frozen=True)
class People:
    """Those who belong to an organization. leads: names of leads. addresses: of all of them, as they were typed."""

    leads: frozenset[str] = frozenset()
    addresses: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Deal:
    """visitors: named for the deal itself, or linked by hand. addresses: of all its people, as they were typed.
    colleagues: the people of its organization."""

    name: str
    lead: Lead | None = None
    visitors: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()
    colleagues: People = People()


# Ties that somebody has undone, as ``Tie.pair`` has them.
Undone = Collection[tuple[str, str, str]]


def personal_address(text: str | None) -> str:
    """Return an email address as it is compared (trimmed, lower case), "" for none and for a shared mailbox."""
    address = (text or "").strip().lower()
    local, at, host = address.rpartition("@")
    if not (local and at and host) or local.partition("+")[0] in SHARED_MAILBOXES:
        return ""
    return address


def ties_of_lead(lead: Lead, others: Iterable[Lead], undone: Undone = ()) -> list[Tie]:
    """Return who counts for ``lead``, each visitor once, sorted by visitor. ``others`` may hold any leads."""
    own = [Tie(visitor, LEAD, lead.name, Rule.VISITOR_ID) for visitor in lead.visitors]
    address = personal_address(lead.email)
    return _once([*own, *_by_email(LEAD, lead.name, {address}, others, undone)], undone)


def ties_of_deal(deal: Deal, others: Iterable[Lead], undone: Undone = ()) -> list[Tie]:
    """Return who counts for ``deal``, each visitor once, sorted by visitor: ties of the deal and of its lead.

    What was undone for the lead stays undone here: neither the copy of the lead's visitor on the deal nor a
    contact or colleague with the lead's address brings it back. Who counts by the organization and otherwise, too,
    counts otherwise.
    """
    others = list(others)
    of_lead = ties_of_lead(deal.lead, others, undone) if deal.lead else []
    copied = set(deal.lead.visitors) if deal.lead else set()
    named = [
        Tie(visitor, DEAL, deal.name, Rule.VISITOR_ID) for visitor in deal.visitors if visitor not in copied
    ]
    settled = {personal_address(deal.lead.email)} if deal.lead else set()
    addresses = {personal_address(address) for address in deal.addresses} - settled
    rest = [lead for lead in others if not deal.lead or lead.name != deal.lead.name]
    by_email = _by_email(DEAL, deal.name, addresses, rest, undone)
    return _once([*of_lead, *named, *by_email, *_colleagues(deal, settled, rest, undone)], undone)


def _colleagues(deal: Deal, settled: Collection[str], leads: Iterable[Lead], undone: Undone) -> Iterator[Tie]:
    """Yield the ties of ``leads`` that belong to the deal's organization, or have an address of somebody who does."""
    addresses = {personal_address(address) for address in deal.colleagues.addresses} - {""}
    for lead in sorted(leads, key=lambda lead: lead.name):
        address = personal_address(lead.email)
        belongs = address in addresses or lead.name in deal.colleagues.leads
        if belongs and not (address and address in settled):
            yield from _through(Rule.ORGANIZATION, (DEAL, deal.name), address, lead, undone)


def _by_email(
    doctype: str, name: str, addresses: Collection[str], leads: Iterable[Lead], undone: Undone
) -> list[Tie]:
    found = []
    for lead in sorted(leads, key=lambda lead: lead.name):
        address = personal_address(lead.email)
        if address and address in addresses and (doctype, name) != (LEAD, lead.name):
            found += _through(Rule.EMAIL, (doctype, name), address, lead, undone)
    return found


def _through(rule: Rule, to: tuple[str, str], address: str, lead: Lead, undone: Undone) -> list[Tie]:
    """Return what ties the own visitors of ``lead`` to the lead or deal ``to``."""
    own = (visitor for visitor in lead.visitors if (visitor, LEAD, lead.name) not in undone)
    return [Tie(visitor, *to, rule, address, lead.name) for visitor in own]


def _once(ties: Iterable[Tie], undone: Undone) -> list[Tie]:
    """Return the first tie of each visitor that nobody has undone."""
    found: dict[str, Tie] = {}
    for tie in ties:
        if tie.visitor_id and tie.pair not in undone:
            found.setdefault(tie.visitor_id, tie)
    return [found[visitor] for visitor in sorted(found)]
