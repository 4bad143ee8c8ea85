"""Where a lead, a deal or an organization came from, as HTML: for their forms in Desk and for Frappe CRM's pages.

The same for all who may read the document. A link leads only to what the reader may open.
"""

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import cint, fmt_money

from trackflow.analytics import one_deal, one_lead, one_organization
from trackflow.analytics.layout import fixed
from trackflow.panels import deal_models, moments, touch_lines
from trackflow.panels.touch_lines import Links


def html(doctype: str, name: str) -> dict:
    """Return ``{"html", "is_pending", "to_print"}``: what there is to see, escaped, whether it is being worked out again,
    and which Deal Attribution can be printed, "" if none.

    ``doctype``: CRM Lead, CRM Deal or CRM Organization; ValidationError for another. Raises DoesNotExistError, and
    PermissionError for those who may not read the document.
    """
    views = {"CRM Lead": _lead, "CRM Deal": _deal, "CRM Organization": _organization}
    if doctype not in views:
        frappe.throw(_("TrackFlow knows where leads, deals and organizations came from, and nothing else."))
    template, view = views[doctype](name)
    path = f"trackflow/templates/origin/{template}.html"
    return {
        "html": frappe.render_template(path, {"view": view}),
        "is_pending": view.get("is_pending", False),
        "to_print": _to_print(name, view) if doctype == "CRM Deal" else "",
    }


def _to_print(deal: str, view: dict) -> str:
    """Return the attribution under the default model, else under the first one that gives credit."""
    if not (view["first"] and frappe.has_permission("Deal Attribution", "print")):
        return ""
    filters = {"deal_id": deal, "attribution_model": view["first"]}
    return frappe.db.get_value("Deal Attribution", filters) or ""


def deal_view(deal: Document) -> dict:
    """Return what the template of a deal shows, also on paper: texts, and numbers for bars."""
    told = one_deal.attribution(deal)
    links = Links(told["touches"])
    default_model = told["default_model"]
    return {
        "deal": deal.name,
        "value": fmt_money(told["value"], currency=told["currency"]),
        "state": _state(told),
        "calculated_at": moments.shown(told["calculated_at"]) if told["calculated_at"] else "",
        "is_pending": told["is_pending"],
        "lines": touch_lines.of_deal(told["touches"], deal, told["closed_at"], told["is_won"], links),
        "default_model": _(default_model),
        **deal_models.table(told),
    }


def _lead(name: str) -> tuple[str, dict]:
    told = one_lead.journey(one_lead.readable(name))
    lines = touch_lines.of_lead(told["touches"], told["created_at"], Links(told["touches"]))
    return "lead", {
        "lines": lines,
        "number": sum(touch["counts"] for touch in told["touches"]),
        "is_pending": told["is_pending"],
    }


def _deal(name: str) -> tuple[str, dict]:
    return "deal", deal_view(one_deal.readable(name))


def _state(told: dict) -> str:
    if not told["is_closed"]:
        return _("This deal is open: credit is as if it were won now.")
    text = _("Won on {0}.") if told["is_won"] else _("Lost on {0}.")
    return text.format(moments.shown(told["closed_at"]))


def _organization(name: str) -> tuple[str, dict]:
    told = one_organization.credit(one_organization.readable(name))
    campaigns = [row["campaign"] for row in told["campaigns"]] + [told["last_campaign"]]
    campaigns += [row["campaign"] for deal in told["deals"] for row in deal["campaigns"]]
    links = Links({"campaign": campaign} for campaign in campaigns)
    default_model = told["default_model"]
    return "organization", {
        "score": fixed(told["score"], 1),
        "last_campaign": links.campaign(told["last_campaign"]),
        "default_model": _(default_model),
        "campaigns": [_campaign_row(row, links) for row in told["campaigns"]],
        "deals": [_deal_row(row, links) for row in told["deals"]],
        "more_deals": told["more_deals"],
    }


def _campaign_row(row: dict, links: Links) -> dict:
    return {
        "campaign": _named(row["campaign"], links),
        "deals": cint(row["deals"]),
        "won": fmt_money(row["won"], currency=row["currency"]),
        "open": fmt_money(row["open"], currency=row["currency"]),
    }


def _deal_row(row: dict, links: Links) -> dict:
    status = row["status"]
    return {
        "deal": {"text": row["deal"], "href": touch_lines.address("CRM Deal", row["deal"])},
        "status": _(status),
        "value": fmt_money(row["value"], currency=row["currency"]),
        "campaigns": [
            _named(each["campaign"], links) | {"percent": touch_lines.percent(each["weight"])}
            for each in row["campaigns"]
        ],
    }


def _named(campaign: str, links: Links) -> dict:
    return links.campaign(campaign) if campaign else {"text": _("No campaign"), "href": ""}
