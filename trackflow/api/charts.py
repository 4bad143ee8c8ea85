"""The charts of the workspace: sources that Dashboard Charts name. ``filters`` are those of the chart."""

import frappe
from frappe import _
from frappe.utils import cint

from trackflow import settings
from trackflow.analytics import access, charts
from trackflow.analytics.periods import Period

MOST_DAYS = 3660


@frappe.whitelist(methods=["GET", "POST"])
def clicks_by_day(filters: str | dict | None = None) -> dict:
    """Return clicks and new visitors by day, see ``analytics.charts``.

    ``filters``: ``{"days", "campaign"}``. Raises PermissionError for those who may not read daily totals, or the campaign.
    """
    asked = _asked(filters)
    return charts.clicks_by_day(_period(asked, 30), _readable_campaign(asked))


@frappe.whitelist(methods=["GET", "POST"])
def clicks_by_source(filters: str | dict | None = None) -> dict:
    """Return clicks by the source of their links; filters and errors as ``clicks_by_day``."""
    asked = _asked(filters)
    return charts.clicks_by_source(_period(asked, 30), _readable_campaign(asked))


@frappe.whitelist(methods=["GET", "POST"])
def campaigns_by_credited_value(filters: str | dict | None = None) -> dict:
    """Return what campaigns earned, ``filters`` being ``{"days", "attribution_model"}``.

    Raises PermissionError for those who may not see sums, ValidationError for a model that there is not.
    """
    access.check()
    asked = _asked(filters)
    model = asked.get("attribution_model") or settings.default_model()
    return charts.campaigns_by_credited_value(_period(asked, 365), model)


def _asked(filters: str | dict | None) -> dict:
    asked = frappe.parse_json(filters) or {}
    return asked if isinstance(asked, dict) else {}


def _period(asked: dict, usual: int) -> Period:
    days = cint(asked.get("days") or usual)
    if not 0 < days <= MOST_DAYS:
        frappe.throw(_("Last Days can be from 1 to {0}.").format(MOST_DAYS))
    return charts.last_days(days)


def _readable_campaign(asked: dict) -> str:
    """Return the campaign that is asked for, "" for all of them."""
    if not frappe.has_permission("Click Daily Total", "read"):
        frappe.throw(_("You may not see how many clicks there are."), frappe.PermissionError)
    campaign = str(asked.get("campaign") or "")
    if campaign:
        frappe.get_doc("Link Campaign", campaign).check_permission("read")
    return campaign
