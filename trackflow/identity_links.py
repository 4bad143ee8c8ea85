"""The only writer of Identity Link: which visitors count for which leads and deals, why, and since when.

``identity`` finds the ties anew each time; this writes down what was found, so that people can see and undo it.
"""

import hashlib
from collections.abc import Collection, Sequence
from datetime import datetime

import frappe
from frappe.utils import now_datetime

from trackflow import identity
from trackflow.domain.identities import DEAL, LEAD, Rule, Tie
from trackflow.identity import DOCTYPE

_FIELDS = {LEAD: "crm_lead", DEAL: "crm_deal"}


def name_of(visitor: str, doctype: str, name: str) -> str:
    """Return the name of a link: the same two have one, so that they are never linked twice."""
    return hashlib.sha256("\n".join((visitor, doctype, name)).encode()).hexdigest()[:20]


def new_values(rule: Rule, linked_by: str | None = None) -> dict:
    """Return the values of a link that begins now. ``linked_by``: the user, None for TrackFlow itself."""
    return {"rule": rule.value, "status": "Linked", "linked_on": now_datetime(), "linked_by": linked_by}


def of_lead(lead: str) -> tuple[list[str], bool]:
    """Return the visitors that count for ``lead``, and whether one of its own is new; note the links."""
    ties = identity.ties_of_lead(lead)
    new = _note(ties)
    _let_lapse(LEAD, lead, ties)
    return _visitors(ties), any(tie.rule is not Rule.EMAIL for tie in new)


def of_deal(deal: str) -> list[str]:
    """Return the visitors that count for ``deal``; note the links."""
    ties = identity.ties_of_deal(deal)
    _note(ties)
    _let_lapse(DEAL, deal, ties)
    return _visitors(ties)


def set_undone(link: str, reason: str) -> None:
    """Note who undid a link, when and why."""
    undone = {"status": "Undone", "undone_on": now_datetime(), "undone_by": frappe.session.user}
    _set(link, undone | {"undone_reason": reason})


def set_linked(link: str) -> None:
    """Let a link that was undone hold again; what is said about the undoing stays in the document's versions."""
    _set(link, {"status": "Linked", "undone_on": None, "undone_by": None, "undone_reason": None})


def _set(link: str, values: dict) -> None:
    doc = frappe.get_doc(DOCTYPE, link)
    doc.update(values)
    # Whoever calls this has asked for the right to write.
    doc.save(ignore_permissions=True)


def _visitors(ties: Sequence[Tie]) -> list[str]:
    return [tie.visitor_id for tie in ties]


def _note(ties: Sequence[Tie]) -> list[Tie]:
    """Write down the ties that are not yet, of visitors that exist; return those."""
    by_name = {name_of(*tie.pair): tie for tie in ties}
    stored = dict(
        frappe.get_all(
            DOCTYPE,
            {"name": ("in", list(by_name) or [""])},
            ["name", "status"],
            order_by="name asc",
            as_list=True,
        )
    )
    back = [name for name, status in stored.items() if status == "Lapsed"]
    if back:
        frappe.db.set_value(DOCTYPE, {"name": ("in", back)}, "status", "Linked")
    missing = [tie for name, tie in by_name.items() if name not in stored]
    seen = _existing(_visitors(missing))
    new = [tie for tie in missing if tie.visitor_id in seen]
    _insert(new)
    return new + [by_name[name] for name in back]


def _existing(visitors: Collection[str]) -> set[str]:
    if not visitors:
        return set()
    return set(frappe.get_all("Visitor", {"name": ("in", list(visitors))}, pluck="name", order_by="name asc"))


def _insert(ties: Sequence[Tie]) -> None:
    """Straight into the table, in one statement: an organization may have hundreds of people."""
    if not ties:
        return
    user, now = frappe.session.user, now_datetime()
    standard = {
        "creation": now,
        "modified": now,
        "owner": user,
        "modified_by": user,
        "crm_lead": None,
        "crm_deal": None,
    }
    rows = [
        {"name": name_of(*tie.pair), "visitor": tie.visitor_id, "email": tie.email, "via_lead": tie.lead}
        | standard
        | new_values(_rule(tie))
        | {_FIELDS[tie.doctype]: tie.name}
        for tie in ties
    ]
    # Another job may have found the same.
    frappe.db.bulk_insert(
        DOCTYPE, list(rows[0]), [tuple(row.values()) for row in rows], ignore_duplicates=True
    )


def _rule(tie: Tie) -> Rule:
    """Return why: a lead's own visitor sent its form with a cookie, or else was named by a program."""
    if tie.rule is Rule.VISITOR_ID and tie.doctype == LEAD:
        form = {"name": ("like", f"form-{tie.name}%"), "visitor": tie.visitor_id}
        return Rule.COOKIE if frappe.db.exists("Visitor Event", form) else tie.rule
    return tie.rule


def _let_lapse(doctype: str, name: str, ties: Sequence[Tie]) -> None:
    """Mark the links of a lead or deal that nothing speaks for any more."""
    filters = {_FIELDS[doctype]: name, "status": "Linked", "rule": ("!=", Rule.BY_HAND.value)}
    stored = frappe.get_all(DOCTYPE, filters, pluck="name", order_by="name asc")
    if gone := set(stored) - {name_of(*tie.pair) for tie in ties}:
        frappe.db.set_value(DOCTYPE, {"name": ("in", sorted(gone))}, "status", "Lapsed")


# ---------------------------------------------------------------- leads and deals that are renamed, merged or deleted


def move(doctype: str, old: str, new: str) -> None:
    """Let what people decided about ``old`` hold for ``new``. What was found is found again."""
    frappe.db.set_value(DOCTYPE, {"via_lead": old}, "via_lead", new, update_modified=False)
    link = frappe.qb.DocType(DOCTYPE)
    for name, visitor in _decided(doctype, old):
        target = name_of(visitor, doctype, new)
        if frappe.db.exists(DOCTYPE, target):
            # What was found for the one that remains, or decided there.
            continue
        query = frappe.qb.update(link).set(link.name, target).set(link[_FIELDS[doctype]], new)
        query.where(link.name == name).run()
    frappe.db.delete(DOCTYPE, {_FIELDS[doctype]: old})


def purge(doctype: str, name: str, until: datetime) -> None:
    """Delete the links of a lead or deal that is deleted, up to ``until``: a new one may have the name."""
    frappe.db.delete(DOCTYPE, {_FIELDS[doctype]: name, "creation": ("<=", until)})


def _decided(doctype: str, name: str) -> list[tuple[str, str]]:
    link = frappe.qb.DocType(DOCTYPE)
    query = frappe.qb.from_(link).select(link.name, link.visitor).where(link[_FIELDS[doctype]] == name)
    decided = (link.status == "Undone") | (link.rule == Rule.BY_HAND.value)
    return list(query.where(decided).orderby(link.name).run())
