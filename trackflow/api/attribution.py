"""Attribution: models for their form, and what they give to deals, campaigns, channels and links."""

import frappe
from frappe import _

from trackflow.analytics import access, comparison, one_deal, one_lead, one_organization, periods
from trackflow.attribution import data_driven, requests
from trackflow.attribution import rebuild as attribution_rebuild
from trackflow.domain.attribution import DATA_DRIVEN
from trackflow.integrations.crm import values
from trackflow.panels import model as model_panel
from trackflow.panels import origin as origin_panel

DOCTYPE = "Attribution Model"


@frappe.whitelist(methods=["POST"])
def compute(model: str) -> None:
    """Let a data-driven model learn from all closed deals, in the background.

    Raises PermissionError for those who may not change the model.
    """
    doc = frappe.get_doc(DOCTYPE, model)
    doc.check_permission("write")
    if doc.model_type not in DATA_DRIVEN:
        frappe.throw(_("Only data-driven models are computed. This one follows its rules as it stands."))
    data_driven.enqueue(model)


@frappe.whitelist(methods=["POST"])
def retry(names: str | list | None = None) -> int:
    """Let credit that failed, all of it or that of ``names`` in Credit Request, be tried again; return how much.

    Raises PermissionError for those who may not change Credit Request.
    """
    frappe.has_permission(requests.DOCTYPE, "write", throw=True)
    return requests.retry([str(name) for name in frappe.parse_json(names) or []])


@frappe.whitelist(methods=["GET", "POST"])
def progress(model: str) -> dict:
    """Return how far background jobs are with ``model``: ``{"is_computing", "is_pending", "done", "total"}``.

    ``is_computing``: journeys are being read. ``is_pending``: deals have not all been credited yet. ``done`` and
    ``total`` are 0 while the job waits. Raises PermissionError for those who may not read the model.
    """
    frappe.get_doc(DOCTYPE, model).check_permission("read")
    reading = data_driven.progress(model)
    is_pending = bool(frappe.db.get_value(DOCTYPE, model, "pending_change"))
    state = reading or (attribution_rebuild.progress() if is_pending else {})
    return {"is_computing": bool(reading), "is_pending": is_pending, "done": 0, "total": 0} | state


@frappe.whitelist(methods=["GET", "POST"])
def deal(deal: str) -> dict:
    """Return where a deal came from, and what each touch earned of it under every active model.

    ``{"deal", "value", "currency", "is_won", "is_closed", "closed_at", "is_pending", "calculated_at", "default_model",
    "touches", "models"}``. ``value`` is in ``currency``, the company's where the CRM knows the exchange rate; times are
    site time, and None where there is none. ``is_pending``: the figures are being worked out again.

    ``touches``, oldest first: ``{"touch", "at", "kind", "channel", "campaign", "link", "link_title", "source", "medium",
    "term", "content", "variant", "person", "through"}``, texts that are "" where nothing is known.
    ``person`` is the name of the lead whose touch it was, for those who may read that lead; ``through`` how the person
    counts for the deal: Lead, Contact, Organization, or Deal if the visitor was named for it or the touch noted by hand.
    ``models``, the default one first: ``{"model", "model_type", "credits"}``, and each credit ``{"touch", "channel",
    "weight", "amount"}``. Weights sum to 1 and amounts to ``value``, unless the model gives no credit at all.

    Raises DoesNotExistError, and PermissionError for those who may not read the deal. No right to TrackFlow's own
    DocTypes is needed.
    """
    return one_deal.attribution(one_deal.readable(deal))


@frappe.whitelist(methods=["GET", "POST"])
def lead(lead: str) -> dict:
    """Return where a lead came from, and what its people did since: ``analytics.one_lead.journey``.

    Raises DoesNotExistError, and PermissionError for those who may not read the lead. No right to TrackFlow's own
    DocTypes is needed.
    """
    return one_lead.journey(one_lead.readable(lead))


@frappe.whitelist(methods=["GET", "POST"])
def organization(organization: str) -> dict:
    """Return what campaigns earned of an organization's deals that the user may read: ``one_organization.credit``.

    Raises DoesNotExistError, and PermissionError for those who may not read the organization. No right to TrackFlow's
    own DocTypes is needed.
    """
    return one_organization.credit(one_organization.readable(organization))


@frappe.whitelist(methods=["GET", "POST"])
def panel(doctype: str, name: str) -> dict:
    """Return the same of a lead, a deal or an organization as ``{"html", "is_pending", "to_print"}``: ``panels.origin.html``.

    The texts in it are escaped. Raises as above.
    """
    return origin_panel.html(doctype, name)


@frappe.whitelist(methods=["GET", "POST"])
def credit(
    model: str,
    by: str = "campaign",
    from_date: str | None = None,
    to_date: str | None = None,
    deals: str = "won",
) -> dict:
    """Return what each campaign or the like earned under ``model``.

    ``by``: campaign, channel, link, source, medium or variant. The days, both included and both optional, are those on
    which deals were closed. ``deals``: "won", or "all" with those lost and open; open ones count as if closed today.

    ``{"model", "by", "from_date", "to_date", "deals", "currency", "rows", "total"}``. Each row, who earned most first:
    ``{"key", "label", "link", "deals", "share", "amount"}``; ``key`` is "" for touches without, ``deals`` in how
    many deals it had a part, ``share`` how many deals it is credited with, ``amount`` money in ``currency``.
    ``total`` is the sum of the amounts, and of the values of the deals to which the model gives credit.

    Raises PermissionError for those without a right to reports on Deal Attribution, ValidationError for a model,
    a dimension or days that can't be.
    """
    access.check()
    period = periods.parse(from_date, to_date)
    rows = comparison.rows(model, by, period, deals)
    return _answer(by, period, deals, rows) | {"model": model, "total": _sum(rows, "amount")}


@frappe.whitelist(methods=["GET", "POST"])
def compare(
    model_a: str,
    model_b: str,
    by: str = "campaign",
    from_date: str | None = None,
    to_date: str | None = None,
    deals: str = "won",
) -> dict:
    """Return what each campaign or the like earned under two models, the biggest difference first.

    As ``credit``, but each row has ``deals_a``, ``deals_b``, ``share_a``, ``share_b``, ``share_difference``, ``amount_a``,
    ``amount_b`` and ``amount_difference`` (B less A); there are ``total_a`` and ``total_b``. These may differ: a
    model with a shorter window gives credit to fewer deals.
    """
    access.check()
    period = periods.parse(from_date, to_date)
    rows = comparison.compared(model_a, model_b, by, period, deals)
    totals = {"total_a": _sum(rows, "amount_a"), "total_b": _sum(rows, "amount_b")}
    return _answer(by, period, deals, rows) | {"model_a": model_a, "model_b": model_b} | totals


def _answer(by: str, period: periods.Period, deals: str, rows: list[dict]) -> dict:
    about = {"by": by, "from_date": period.from_date, "to_date": period.to_date, "deals": deals}
    return about | {"currency": values.company_currency(), "rows": rows}


def _sum(rows: list[dict], field: str) -> float:
    # Amounts have their last digit far above what adding floats can lose.
    return round(sum(row[field] for row in rows), 6)


@frappe.whitelist(methods=["POST"])
def example(values: str | dict) -> dict:
    """Return what a model with these ``values`` (by field) gives the touches of a made-up journey: ``panels.model.worked``.

    Raises PermissionError for those who may not read models.
    """
    frappe.has_permission(DOCTYPE, "read", throw=True)
    return model_panel.worked(frappe.parse_json(values) or {})
