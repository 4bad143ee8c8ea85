"""The data of TrackFlow's items on the dashboard of Frappe CRM's own pages, as these draw it.

Who may see sums sees the same figures as in TrackFlow's reports. Everybody else sees what they could add up by hand,
from the leads and deals that they may read. Of one salesperson there are leads and deals that this one owns, and no
clicks: they belong to nobody.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property

import frappe
from frappe import _
from frappe.utils import flt

from trackflow import settings
from trackflow.analytics import access, charts, clicks, conversions, credit
from trackflow.analytics.periods import Period
from trackflow.integrations.crm import values

# The CRM's functions for its own items begin otherwise.
PREFIX = "trackflow_"
UNKNOWN = "–"


@dataclass(frozen=True)
class Asked:
    """What the dashboard is filtered by. owner: the salesperson, "" for all of them."""

    period: Period
    owner: str = ""

    @cached_property
    def model(self) -> str:
        return settings.default_model()

    @cached_property
    def is_of_all(self) -> bool:
        """Whether the figures are those of everything there is."""
        return not self.owner and access.may_see_sums()

    def earned(self, by: str, period: Period) -> dict[credit.Key, credit.Earned]:
        among = None
        if not self.is_of_all:
            among = self._readable("CRM Deal", "deal_owner", credit.won_deals(self.model, period))
        return credit.earned(self.model, by, period, among=among)

    def leads(self, period: Period) -> int:
        names = conversions.leads_of_campaigns(period)
        return len(names if self.is_of_all else self._readable("CRM Lead", "lead_owner", names))

    def _readable(self, doctype: str, owned_by: str, names: list[str]) -> list[str]:
        if not (names and frappe.has_permission(doctype, "read")):
            return []
        filters = {"name": ("in", names)} | ({owned_by: self.owner} if self.owner else {})
        return frappe.get_list(
            doctype, filters=filters, pluck="name", order_by="name asc", limit_page_length=0
        )


def filled(items: list[dict], asked: Asked) -> list[dict]:
    """Return the items of the dashboard with the data of ours, without those of which the user may know nothing."""
    made = [item | {"data": _data(item, asked)} if _is_ours(item) else item for item in items]
    return [item for item in made if item["data"] or not _is_ours(item)]


def _is_ours(item: Mapping) -> bool:
    return str(item.get("name")).startswith(PREFIX)


def _data(item: Mapping, asked: Asked) -> dict | None:
    make = ITEMS.get(item["name"])
    try:
        return make(asked) if make else None
    except Exception:
        # Their page shows their figures, whatever is wrong with ours.
        frappe.log_error(f"TrackFlow: no figures for {item['name']} on the CRM's dashboard")
        return _failed(item)


def _failed(item: Mapping) -> dict:
    title, text = _("TrackFlow"), _("These figures could not be worked out. The Error Log says why.")
    if item["type"] == "number_chart":
        return {"title": title, "tooltip": text, "value": UNKNOWN}
    nothing = {"data": [], "title": title, "subtitle": text}
    axes = {"xAxis": {"key": "name", "type": "category"}, "yAxis": {}, "series": []}
    return nothing | {"categoryColumn": "name", "valueColumn": "value"} | axes


def _leads(asked: Asked) -> dict:
    tooltip = _("Leads made in this period whose last touch before that was one of a campaign")
    if asked.model == "First Touch":
        tooltip = _("Leads made in this period whose first touch was one of a campaign")
    return _number(_("Leads from campaigns"), tooltip, asked.leads, asked.period)


def _won_value(asked: Asked) -> dict:
    def value(period: Period) -> float:
        return flt(sum(each.amount for each in asked.earned("channel", period).values()), 2)

    tooltip = _("What deals won in this period are worth that had touches before")
    return _number(_("Credited won value"), tooltip, value, asked.period) | {"prefix": _symbol()}


def _clicks(asked: Asked) -> dict | None:
    if not access.may_see_sums():
        return _clicks_not_told()
    tooltip = _("Clicks by people on all tracked links in this period")
    if asked.owner:
        tooltip = _("Clicks by people on all tracked links in this period: they belong to no salesperson")
    return _number(_("Link clicks"), tooltip, lambda period: clicks.in_all(period).clicks, asked.period)


def _clicks_not_told() -> dict | None:
    # Who arranges the dashboard saves what they were shown, and would take away what they were not. The page lets
    # system managers do that, whoever may write the DocType.
    if "System Manager" not in frappe.get_roles():
        return None
    tooltip = _("You may not see how many clicks there are.")
    return {"title": _("Link clicks"), "tooltip": tooltip, "value": UNKNOWN}


def _value_by_campaign(asked: Asked) -> dict:
    earned = asked.earned("campaign", asked.period)
    if asked.is_of_all:
        amounts = charts.of_readable(earned)
    else:
        # Each of these deals names its campaigns to who may read it.
        amounts = {name: each.amount for (name, _link), each in earned.items() if name}
    return {
        "data": _rows(amounts),
        "title": _("Won value by campaign"),
        "subtitle": _subtitle(asked),
        "xAxis": {"title": _("Campaign"), "key": "name", "type": "category"},
        "yAxis": {"title": _with_symbol(_("Won value"))},
        "series": [{"name": "value", "type": "bar"}],
    }


def _value_by_channel(asked: Asked) -> dict:
    earned = asked.earned("channel", asked.period)
    return {
        "data": _rows({name: each.amount for (name, _link), each in earned.items()}),
        "title": _with_symbol(_("Won value by channel")),
        "subtitle": _subtitle(asked),
        "categoryColumn": "name",
        "valueColumn": "value",
    }


# By name; what draws an item stands in its place in the layout, see ``setup.crm_dashboard``.
ITEMS: dict[str, Callable[[Asked], dict | None]] = {
    "trackflow_leads": _leads,
    "trackflow_won_value": _won_value,
    "trackflow_clicks": _clicks,
    "trackflow_won_value_by_campaign": _value_by_campaign,
    "trackflow_won_value_by_channel": _value_by_channel,
}


def _number(title: str, tooltip: str, of: Callable[[Period], float], period: Period) -> dict:
    """Return a number and by how many percent it is more than in the period before."""
    value, before = of(period), of(period.before())
    delta = 100 * (value - before) / before if before else 0
    return {"title": title, "tooltip": tooltip, "value": value, "delta": delta, "deltaSuffix": "%"}


def _rows(amounts: Mapping[str, float]) -> list[dict]:
    return [{"name": _plain(name), "value": flt(amount, 2)} for name, amount in charts.largest(amounts)]


def _plain(name: str) -> str:
    """Return a name without tags: the pages put it into their HTML as it is, and a visitor may have thought it up."""
    return name.replace("<", "‹").replace(">", "›")


def _subtitle(asked: Asked) -> str:
    return _("Deals won in this period, credited under {0}").format(asked.model)


def _with_symbol(text: str) -> str:
    return f"{text} ({_symbol()})"


def _symbol() -> str:
    currency = values.company_currency()
    return frappe.get_cached_value("Currency", currency, "symbol") or currency if currency else ""
