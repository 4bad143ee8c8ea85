"""Whose visitors count for whom: what ties visitors to leads, and leads to deals.

Only two things tie a visitor to a lead: it is the lead's own (its browser sent the form, a program named it, or somebody
linked the two by hand), or it is the own visitor of another lead with the same address. Nothing is guessed from
names, companies, domains or places. A deal has the visitors of its lead, those that were named for it, and those of leads
that have an address of one of its people.
"""

from collections.abc import Collection, Iterable
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
    BY_HAND = "By Hand"


@dataclass(frozen=True, order=True)
class Tie:
    """A visitor counts for the lead or deal ``name``. email and lead: for the rule Email, the address in common
    and the lead that the visitor was before."""

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
class Deal:
    """visitors: named for the deal itself, or linked by hand. addresses: of all its people, as they were typed."""

    name: str
    lead: Lead | None = None
    visitors: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()


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
    contact with the lead's address brings it back.
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
    return _once([*of_lead, *named, *_by_email(DEAL, deal.name, addresses, rest, undone)], undone)


def _by_email(
    doctype: str, name: str, addresses: Collection[str], leads: Iterable[Lead], undone: Undone
) -> list[Tie]:
    found = []
    for lead in sorted(leads, key=lambda lead: lead.name):
        address = personal_address(lead.email)
        if address and address in addresses and (doctype, name) != (LEAD, lead.name):
            found += [
                Tie(visitor, doctype, name, Rule.EMAIL, address, lead.name)
                for visitor in lead.visitors
                if (visitor, LEAD, lead.name) not in undone
            ]
    return found


def _once(ties: Iterable[Tie], undone: Undone) -> list[Tie]:
    """Return the first tie of each visitor that nobody has undone."""
    found: dict[str, Tie] = {}
    for tie in ties:
        if tie.visitor_id and tie.pair not in undone:
            found.setdefault(tie.visitor_id, tie)
    return [found[visitor] for visitor in sorted(found)]
