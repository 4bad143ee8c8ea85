"""How many visitors went how far: a cohort of those who came first in a period, whenever they went on."""

import frappe
from frappe.query_builder.functions import Count, Sum
from frappe.utils import flt

from trackflow.analytics import access, clicks
from trackflow.analytics.conversions import LEAD
from trackflow.analytics.periods import both
from trackflow.analytics.questions import Question


def steps(question: Question) -> dict[str, float]:
    """Return ``clicks`` of the period, ``visitors`` who came first in it, and how many of these became ``leads``, had a
    part in ``deals`` and in deals ``won``, under the model, with the ``amount`` that these earned of them.

    With a link or campaign, visitors are those who came to it first, and deals those of which it has a part of the
    credit. Whoever became a lead on another device is not the same visitor.
    """
    deals, _unused = _deals(question, only_won=False)
    won, amount = _deals(question, only_won=True)
    return {
        "clicks": clicks.in_all(question.period, question.campaign, question.tracked_link).clicks,
        "visitors": _visitors(question),
        "leads": _leads(question),
        "deals": deals,
        "won": won,
        "amount": amount,
    }


def _cohort(question: Question) -> tuple["frappe.qb.Table", "frappe.qb.Field", "frappe.qb.Criterion | None"]:
    """Return a table, its field of visitors, and the condition by which they belong to the cohort."""
    about = ("Tracked Link", question.tracked_link) if question.tracked_link else None
    about = about or (("Link Campaign", question.campaign) if question.campaign else None)
    if not about:
        visitor = frappe.qb.DocType("Visitor")
        return (
            visitor,
            visitor.name,
            both(question.period.of_times(visitor.first_seen), access.told(visitor.campaign)),
        )
    reach = frappe.qb.DocType("Visitor Reach")
    own = (reach.reference_doctype == about[0]) & (reach.reference_name == about[1])
    days = question.period.of_times(reach.first_click)
    return reach, reach.visitor_id, own & days if days else own


def _visitors(question: Question) -> int:
    table, _visitor, condition = _cohort(question)
    query = frappe.qb.from_(table).select(Count("*"))
    return (query.where(condition) if condition else query).run()[0][0]


def _leads(question: Question) -> int:
    table, visitor, condition = _cohort(question)
    conversion = frappe.qb.DocType("Conversion")
    query = frappe.qb.from_(conversion).join(table).on(visitor == conversion.visitor)
    query = query.select(Count(conversion.visitor).distinct()).where(conversion.conversion_type == LEAD)
    return (query.where(condition) if condition else query).run()[0][0]


def _deals(question: Question, only_won: bool) -> tuple[int, float]:
    table, visitor, condition = _cohort(question)
    attribution, credit = frappe.qb.DocType("Deal Attribution"), frappe.qb.DocType("Deal Attribution Credit")
    query = (
        frappe.qb.from_(attribution)
        .join(credit)
        .on(credit.parent == attribution.name)
        .join(table)
        .on(visitor == credit.visitor_id)
        .select(Count(credit.visitor_id).distinct(), Sum(credit.amount))
        .where(attribution.attribution_model == question.model)
    )
    query = access.only(query, credit.campaign, credit.tracked_link)
    for name in ("campaign", "tracked_link"):
        if question.more.get(name):
            query = query.where(credit[name] == question.more[name])
    if only_won:
        query = query.where(attribution.is_won == 1)
    ((number, amount),) = (query.where(condition) if condition else query).run()
    return number, flt(amount)
