"""What campaigns, channels, links and the like earned under a model: sums of Deal Attribution Credit.

A deal counts on the day on which it was closed, so a month's figures stay what they are once the month is over, unless
a deal is opened again. Open deals have no such day: they count only where deals of all kinds are asked for, and
then as if they were closed today.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import frappe
from frappe import _
from frappe.query_builder.functions import Coalesce, Count, Sum
from frappe.utils import flt, now_datetime

from trackflow.analytics import access
from trackflow.analytics.closing import closed_deals
from trackflow.analytics.periods import Period
from trackflow.integrations import crm

ATTRIBUTION, CREDIT = "Deal Attribution", "Deal Attribution Credit"
# What credit can be added up by, and the column that holds it.
DIMENSIONS = {
    "campaign": "campaign",
    "channel": "channel",
    "link": "tracked_link",
    "source": "source",
    "medium": "medium",
    "variant": "variant",
}
WON, ALL = "won", "all"


@dataclass(frozen=True)
class Earned:
    """What something earned under one model.

    deals: in how many it had a part. share: of how many deals it has the credit, a half for a half. amount: in
    the company's currency, see ``crm.values``.
    """

    deals: int = 0
    share: float = 0.0
    amount: float = 0.0


# The key, and the link for a variant: variants of two links may have one name.
Key = tuple[str, str]


def earned(
    model: str, by: str, period: Period, deals: str = WON, among: Collection[str] | None = None
) -> dict[Key, Earned]:
    """Return what each campaign, channel, link, source, medium or variant earned under ``model``.

    ``by``: one of ``DIMENSIONS``. ``deals``: ``WON``, or ``ALL`` with those lost or open. ``among``: only of these
    deals. Keys are ("", "") for touches without one; names that differ only in case are one. Over all keys, amounts
    sum to the values of the deals to which the model gives credit, unless the user is told of some campaigns only, see
    ``access.told``. Raises ValidationError for what there is not. Asks for no right.
    """
    return earned_under([model], by, period, deals, among)[model]


def earned_under(
    models: Sequence[str], by: str, period: Period, deals: str = WON, among: Collection[str] | None = None
) -> dict[str, dict[Key, Earned]]:
    """Return what ``earned`` does for each of ``models``, with one statement."""
    for model in models:
        check(model, by, deals)
    found: dict[str, dict[Key, Earned]] = {model: {} for model in models}
    if not (models and crm.is_installed()):
        return found
    asked = {model.casefold(): model for model in models}
    attribution, credit = frappe.qb.DocType(ATTRIBUTION), frappe.qb.DocType(CREDIT)
    group = [attribution.attribution_model, Coalesce(credit[DIMENSIONS[by]], "")]
    if by == "variant":
        group.append(Coalesce(credit.tracked_link, ""))
    figures = (Count(attribution.name).distinct(), Sum(credit.weight), Sum(credit.amount))
    query = _credits(models, period, deals)
    if among is not None:
        query = query.where(attribution.deal_id.isin(sorted(among) or [""]))
    for row in query.select(*group, *figures).groupby(*group).run():
        # MariaDB found the model whatever its case.
        model, key = asked[row[0].casefold()], (*row[1:-3], "")[:2]
        found[model][key] = Earned(row[-3], round(flt(row[-2]) / 100, 6), flt(row[-1]))
    return found


def by_origin(model: str, period: Period, deals: str = WON) -> list[tuple]:
    """Return (campaign, source, medium, channel, link, percent of deals, amount) of what was earned under ``model``.

    "" for what a touch does not have. ``earned`` says of which deals, and what sums are true. Asks for no right.
    """
    check(model, "campaign", deals)
    if not crm.is_installed():
        return []
    row = frappe.qb.DocType(CREDIT)
    group = [Coalesce(row[name], "") for name in ("campaign", "source", "medium", "channel", "tracked_link")]
    query = _credits([model], period, deals).select(*group, Sum(row.weight), Sum(row.amount))
    return list(query.groupby(*group).run())


def won_deals(model: str, period: Period) -> list[str]:
    """Return the deals won in the period for which ``model`` looked for credit. Asks nobody for rights."""
    attribution = frappe.qb.DocType(ATTRIBUTION)
    query = frappe.qb.from_(attribution).select(attribution.deal_id).orderby(attribution.deal_id)
    query = query.where(attribution.attribution_model == model)
    return [deal for (deal,) in of_deals(query, period, WON).run()]


def check(model: str, by: str, deals: str) -> None:
    """Raise ValidationError for a model, a dimension or deals that there are not."""
    if not frappe.db.exists("Attribution Model", model):
        known = ", ".join(frappe.get_all("Attribution Model", pluck="name", order_by="name asc"))
        frappe.throw(_("There is no attribution model {0}. There are: {1}.").format(_bold(model), known))
    if by not in DIMENSIONS:
        known = ", ".join(DIMENSIONS)
        frappe.throw(_("Credit can't be added up by {0}. It can be by: {1}.").format(_bold(by), known))
    if deals not in (WON, ALL):
        frappe.throw(_('Deals can be "{0}" or "{1}", not {2}.').format(WON, ALL, _bold(deals)))


def of_deals(query: "frappe.qb.Query", period: Period, deals: str) -> "frappe.qb.Query":
    """Limit ``query`` on Deal Attribution to deals that are there, of that kind, and of the period."""
    attribution, deal = frappe.qb.DocType(ATTRIBUTION), frappe.qb.DocType("CRM Deal")
    query = query.join(deal).on(deal.name == attribution.deal_id)
    if deals == WON:
        query = query.where(attribution.is_won == 1)
    if not period:
        return query
    closed = closed_deals()
    query = query.left_join(closed).on(closed.deal == attribution.deal_id)
    return query.where(period.of_times(Coalesce(closed.closed_at, now_datetime())))


def _credits(models: Sequence[str], period: Period, deals: str) -> "frappe.qb.Query":
    attribution, credit = frappe.qb.DocType(ATTRIBUTION), frappe.qb.DocType(CREDIT)
    query = frappe.qb.from_(attribution).join(credit).on(credit.parent == attribution.name)
    query = access.only(query, credit.campaign, credit.tracked_link)
    return of_deals(query.where(attribution.attribution_model.isin(list(models))), period, deals)


def _bold(text: str) -> str:
    return frappe.bold(frappe.utils.escape_html(str(text)))
