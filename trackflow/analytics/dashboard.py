"""The figures of the dashboard: one period and the one before it, and what made them up.

Everything is added up by where it came from, its *origin*: campaign, source, medium and channel. There are few of
these, so filters and breakdowns work on sums and never on single clicks or visitors. The origin of a click is its
link's (the link's own source and medium, else its campaign's, as they are now), that of visitors, leads and credit the
one noted when they came.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

import frappe
from frappe.query_builder.functions import Coalesce, Sum
from frappe.utils import cint, flt

from trackflow.analytics import access, audience, channels, clicks, credit, dashboard_days
from trackflow.analytics.conversions import LEAD
from trackflow.analytics.periods import Period
from trackflow.analytics.questions import Question
from trackflow.attribution import models
from trackflow.domain.touchpoints import Touch

BY = ("campaign", "source", "medium", "channel")
NUMBERS = ("clicks", "visitors", "leads", "deals", "amount")
ROWS = 8
_COUNTED = {
    "visitors": ("Visitor", "first_seen", ("source", "medium", "campaign"), {}),
    "leads": (
        "Conversion",
        "conversion_date",
        ("source_source", "source_medium", "source_campaign"),
        {"conversion_type": LEAD},
    ),
}


@dataclass(frozen=True)
class Origin:
    """Where something came from; "" for what is not known."""

    campaign: str
    source: str
    medium: str
    channel: str


class Origins:
    """The origins under the rules for channels of a model, each worked out once."""

    def __init__(self, model: str) -> None:
        self._grouping = models.grouping(frappe.get_cached_doc("Attribution Model", model))
        self._known: dict[tuple[str, str, str], Origin] = {}
        self._links = _origins_of_links()

    def of(self, source: str, medium: str, campaign: str) -> Origin:
        key = (source, medium, campaign)
        if key not in self._known:
            touch = Touch("", datetime.min, source=source, medium=medium, campaign=campaign)
            self._known[key] = Origin(campaign, source, medium, self._grouping.channel_of(touch))
        return self._known[key]

    def of_link(self, link: str, campaign: str) -> Origin:
        return self.of(*self._links.get(link, ("", "")), campaign)


# What one period brought: numbers by origin and link, "" where no link is known.
Sums = dict[tuple[Origin, str], dict[str, float]]


def figures(question: Question) -> dict:
    """Return ``{"period", "before", "total", "total_before", "days", "choices", "by", "audience", "links"}``.

    period, before: first and last day; before is as long and ends where the period begins, None without limits.
    total, total_before: clicks by people, new visitors, leads, won deals (under filters the shares of them), and the amount credited,
    in the company's currency. days: see ``dashboard_days``. by: for each of ``BY`` the rows that had most.
    choices: what can be filtered by. audience: see ``audience.parts``. All only of campaigns and links of
    which the user is told, see ``access.told``.
    """
    origins = Origins(question.model)
    sums = _sums(question, question.period, origins)
    kept, before = _kept(sums, question), question.period.before()
    return {
        "period": question.period.ends(),
        "before": before.ends() if before else None,
        "total": _total(kept.values()),
        "total_before": _total(_kept(_sums(question, before, origins), question).values())
        if before
        else None,
        "days": dashboard_days.rows(question, origins, is_kept=_keeper(question)),
        "choices": {name: sorted(filter(None, _by_origin(sums, name))) for name in BY[1:]},
        "by": {name: _top(_by_origin(kept, name)) for name in BY[1:]}
        | {"campaign": _readable("Link Campaign", _by_origin(kept, "campaign"), "name")},
        "audience": audience.parts(question.period, _links_of(kept) if _is_filtered(question) else None),
        "links": _readable("Tracked Link", _grouped(kept, lambda origin, link: link), "title"),
    }


def _origins_of_links() -> dict[str, tuple[str, str]]:
    """Return source and medium of each link."""
    link, campaign = frappe.qb.DocType("Tracked Link"), frappe.qb.DocType("Link Campaign")
    query = frappe.qb.from_(link).left_join(campaign).on(campaign.name == link.campaign)
    rows = query.select(link.name, link.source, campaign.source, link.medium, campaign.medium).run()
    return {row[0]: (row[1] or row[2] or "", row[3] or row[4] or "") for row in rows}


def _sums(question: Question, period: Period, origins: Origins) -> Sums:
    sums: Sums = defaultdict(_zeros)
    for link, campaign, number in _clicks(period):
        sums[origins.of_link(link, campaign), link]["clicks"] += number
    for name, (doctype, time, columns, only) in _COUNTED.items():
        for origin, number in channels.count(doctype, time, columns, period, **only).items():
            sums[origins.of(*origin), ""][name] += number
    for *origin, link, share, amount in credit.by_origin(question.model, period, question.deals):
        part = sums[Origin(*origin), link]
        part["deals"] += flt(share) / 100
        part["amount"] += flt(amount)
    return sums


def _zeros() -> dict[str, float]:
    return dict.fromkeys(NUMBERS, 0)


def _clicks(period: Period) -> list[tuple[str, str, int]]:
    total = frappe.qb.DocType(clicks.TOTAL)
    group = (Coalesce(total.tracked_link, ""), Coalesce(total.campaign, ""))
    query = frappe.qb.from_(total).select(*group, Sum(total.clicks)).groupby(*group)
    query = access.only(query, total.campaign, total.tracked_link)
    if period:
        query = query.where(period.of_dates(total.date))
    return [(link, campaign, cint(number)) for link, campaign, number in query.run()]


def _is_filtered(question: Question) -> bool:
    return any(question.more.get(name) for name in BY)


def _links_of(sums: Sums) -> list[str]:
    return sorted({link for _origin, link in sums if link})


def _keeper(question: Question) -> Callable[[Origin], bool]:
    """Return a function that says whether an origin passes the filters."""
    wanted = {name: question.more[name] for name in BY if question.more.get(name)}
    return lambda origin: all(getattr(origin, name) == value for name, value in wanted.items())


def _kept(sums: Sums, question: Question) -> Sums:
    is_kept = _keeper(question)
    return {key: numbers for key, numbers in sums.items() if is_kept(key[0])}


def _total(parts: Iterable[dict[str, float]]) -> dict[str, float]:
    total = _zeros()
    for part in parts:
        for name, value in part.items():
            total[name] += value
    return total | {"deals": round(total["deals"], 2), "amount": flt(total["amount"], 2)}


def _grouped(sums: Sums, key: Callable[[Origin, str], str]) -> dict[str, dict[str, float]]:
    parts: dict[str, list[dict[str, float]]] = defaultdict(list)
    for (origin, link), numbers in sums.items():
        parts[key(origin, link)].append(numbers)
    return {name: _total(numbers) for name, numbers in parts.items()}


def _by_origin(sums: Sums, name: str) -> dict[str, dict[str, float]]:
    return _grouped(sums, lambda origin, link: getattr(origin, name))


def _top(rows: dict[str, dict[str, float]]) -> list[dict]:
    """Return the rows that earned most, then those with most clicks and visitors; those with nothing are left out."""
    ranked = sorted(
        rows.items(), key=lambda row: (-row[1]["amount"], -row[1]["clicks"], -row[1]["visitors"], row[0])
    )
    return [{"name": name, **numbers} for name, numbers in ranked if any(numbers.values())][:ROWS]


def _readable(doctype: str, rows: dict[str, dict[str, float]], title: str) -> list[dict]:
    """As ``_top``, of documents that the user may read, with their titles."""
    fields, names = list({"name", title}), [name for name in rows if name]
    found = frappe.get_list(
        doctype, filters={"name": ("in", names)}, fields=fields, order_by="name asc", limit_page_length=0
    )
    titles = {row.name: row[title] or row.name for row in found}
    return [row | {"title": titles[row["name"]]} for row in _top({name: rows[name] for name in titles})]
