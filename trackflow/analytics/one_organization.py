"""One organization: how engaged its people are, and which campaigns earned its deals."""

from collections import defaultdict
from collections.abc import Sequence

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import cstr, flt

from trackflow import settings
from trackflow.integrations import crm
from trackflow.integrations.crm import stages, values

# As many as somebody reads.
MOST_DEALS = 50
OPEN = ""


def readable(name: str) -> Document:
    """Return the organization. Raises DoesNotExistError, and PermissionError for those who may not read it."""
    if not crm.is_installed():
        frappe.throw(_("Frappe CRM is not installed on this site, so there are no organizations."))
    organization = frappe.get_doc("CRM Organization", name)
    organization.check_permission("read")
    return organization


def credit(organization: Document) -> dict:
    """Return what is known of ``organization``, of its deals those that the user may read.

    ``{"organization", "score", "last_campaign", "default_model", "deals", "more_deals", "campaigns"}``. ``deals``, the
    latest first: ``{"deal", "status", "outcome", "value", "currency", "campaigns"}``, and of these campaigns each
    ``{"campaign", "weight", "amount"}`` under the default model, weights summing to 1. ``more_deals``: how many
    older ones are not among them. ``campaigns``, most won first: ``{"campaign", "currency", "deals", "won", "open"}``,
    where ``won`` and ``open`` are money of such deals; "" is what no campaign earned.
    """
    names = _readable_deals(organization.name)
    deals = _deals(names[:MOST_DEALS])
    return {
        "organization": organization.name,
        "score": flt(organization.get("trackflow_engagement_score")),
        "last_campaign": organization.get("trackflow_last_campaign") or "",
        "default_model": settings.default_model(),
        "deals": deals,
        "more_deals": max(len(names) - MOST_DEALS, 0),
        "campaigns": _campaigns(deals),
    }


def _readable_deals(organization: str) -> list[str]:
    if not frappe.has_permission("CRM Deal", "read"):
        return []
    of_organization = {"organization": organization}
    return frappe.get_list(
        "CRM Deal",
        filters=of_organization,
        pluck="name",
        limit_page_length=0,
        order_by="creation desc, name desc",
    )


def _deals(names: Sequence[str]) -> list[dict]:
    if not names:
        return []
    credits, attributed = _credits(names), _attributed(names)
    # Not get_list: the user may read these, and which fields say what they are worth the CRM knows.
    rows = frappe.get_all("CRM Deal", {"name": ("in", names)}, ["*"], order_by="creation desc, name desc")
    return [_deal(row, attributed.get(row.name), credits.get(row.name, [])) for row in rows]


def _deal(row: dict, attribution: dict | None, campaigns: list[dict]) -> dict:
    money = values.money_of(row)
    return {
        "deal": row.name,
        "status": row.status,
        "outcome": stages.outcome(row.status),
        "value": flt(attribution.attribution_value) if attribution else flt(money.value),
        "currency": cstr(attribution.currency) if attribution else money.currency,
        "campaigns": campaigns,
    }


def _attributed(deals: Sequence[str]) -> dict[str, dict]:
    filters = {"deal_id": ("in", deals), "attribution_model": settings.default_model()}
    fields = ["deal_id", "attribution_value", "currency"]
    # Not get_list: whoever may read a deal may know what earned it, as in ``one_deal``.
    rows = frappe.get_all("Deal Attribution", filters, fields, order_by="deal_id asc")
    return {row.deal_id: row for row in rows}


def _credits(deals: Sequence[str]) -> dict[str, list[dict]]:
    """Return what campaigns earned of each deal, most first."""
    attribution, credit = frappe.qb.DocType("Deal Attribution"), frappe.qb.DocType("Deal Attribution Credit")
    query = frappe.qb.from_(attribution).join(credit).on(credit.parent == attribution.name)
    query = query.select(attribution.deal_id, credit.campaign, credit.weight, credit.amount)
    query = query.where(attribution.deal_id.isin(list(deals)))
    query = query.where(attribution.attribution_model == settings.default_model())
    sums: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(lambda: [0.0, 0.0]))
    for deal, campaign, weight, amount in query.orderby(credit.parent, credit.idx).run():
        earned = sums[deal][campaign or ""]
        # Weights and amounts have their last digit far above what adding floats can lose.
        earned[0] = round(earned[0] + flt(weight) / 100, 9)
        earned[1] = round(earned[1] + flt(amount), 6)
    return {deal: _most_first(of_deal) for deal, of_deal in sums.items()}


def _most_first(earned: dict[str, list[float]]) -> list[dict]:
    rows = [
        {"campaign": name, "weight": weight, "amount": amount} for name, (weight, amount) in earned.items()
    ]
    return sorted(rows, key=lambda row: (-row["weight"], row["campaign"]))


def _campaigns(deals: Sequence[dict]) -> list[dict]:
    """Add up what campaigns earned of ``deals``. Lost ones earned nothing."""
    sums: dict[tuple[str, str], dict] = {}
    for deal in deals:
        field = {stages.WON: "won", OPEN: "open"}.get(deal["outcome"])
        for earned in deal["campaigns"] if field else ():
            key = (earned["campaign"], deal["currency"])
            row = sums.setdefault(
                key, {"campaign": key[0], "currency": key[1], "deals": 0, "won": 0.0, "open": 0.0}
            )
            row["deals"] += 1
            row[field] = round(row[field] + earned["amount"], 6)
    return sorted(sums.values(), key=lambda row: (-row["won"], -row["open"], row["campaign"]))
