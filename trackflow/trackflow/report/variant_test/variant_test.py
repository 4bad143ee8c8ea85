"""Variant Test: the variants of a link side by side, which one wins, and how sure that is."""

from collections.abc import Sequence
from dataclasses import replace
from random import Random

import frappe
from frappe import _
from frappe.utils import cint, escape_html, fmt_money, getdate

from trackflow import variant_test
from trackflow.domain.experiments import Arm, Result, Standing, Verdict, compare_conversions, compare_values

# The bootstrap gives the same answer each time the report is opened.
SEED = 1
COLOURS = {
    Verdict.WINS: "Green",
    Verdict.LEADS: "Orange",
    Verdict.EVEN: "Blue",
    Verdict.TOO_EARLY: "Gray",
}

Answer = tuple[list[dict], list[dict], str | None, dict | None, list[dict]]


def execute(filters: dict | None = None) -> Answer:
    """Return columns, rows, message, chart and summary. Raises PermissionError without a right to the link."""
    filters = frappe._dict(filters or {})
    if not filters.tracked_link:
        frappe.throw(_("Choose the link whose variants you want to compare."))
    frappe.get_doc("Tracked Link", filters.tracked_link).check_permission("read")
    days = [getdate(filters[name]) if filters.get(name) else None for name in ("from_date", "to_date")]
    if all(days) and days[0] > days[1]:
        frappe.throw(_("From Date is later than To Date. Change one of the two."))
    sample = variant_test.sample(filters.tracked_link, *days)
    by_conversion, by_value = compare_conversions(sample.arms), compare_values(sample.arms, Random(SEED))
    rows = _rows(filters.tracked_link, sample.arms, by_conversion, by_value)
    summary = _summary(sample.arms, by_conversion, by_value)
    return _columns(), rows, _message(sample.crossovers), _chart(rows), summary


def _columns() -> list[dict]:
    return [
        _column("variant", _("Variant"), "Data", 180),
        _column("active", _("Active"), "Check", 70),
        _column("weight", _("Weight"), "Int", 80),
        _column("visitors", _("Visitors"), "Int", 90),
        _column("converted", _("Converted"), "Int", 100),
        _column("rate", _("Conversion Rate"), "Percent", 130),
        _column("interval", _("95 % Interval"), "Data", 130),
        _column("chance", _("Chance to Convert Best"), "Percent", 170),
        _column("p_value", _("p-Value"), "Float", 90),
        _column("buyers", _("Buyers"), "Int", 80),
        _column("value", _("Won Value"), "Currency", 120),
        _column("value_per_visitor", _("Won Value per Visitor"), "Currency", 160),
        _column("value_interval", _("95 % Interval"), "Data", 170),
        _column("value_chance", _("Chance to Earn Most"), "Percent", 150),
        _column("value_p_value", _("p-Value"), "Float", 90),
    ]


def _column(fieldname: str, label: str, fieldtype: str, width: int) -> dict:
    column = {"fieldname": fieldname, "label": label, "fieldtype": fieldtype, "width": width}
    return column | ({"precision": 4} if fieldtype == "Float" else {})


# ---------------------------------------------------------------- rows


def _rows(
    link: str, arms: Sequence[Arm], by_conversion: Result | None, by_value: Result | None
) -> list[dict]:
    variants = frappe.get_list(
        "Campaign Link Variant",
        {"tracked_link": link},
        ["name", "variant_name", "weight", "active"],
        order_by="variant_name asc",
        limit_page_length=0,
    )
    known = {variant.variant_name: variant for variant in variants}
    visited = {arm.name: arm for arm in arms}
    names = [*known, *(name for name in visited if name not in known)]
    return [
        _row(visited.get(name, Arm(name, 0)), known.get(name), _of(by_conversion, name), _of(by_value, name))
        for name in names
    ]


def _of(result: Result | None, name: str) -> Standing | None:
    return next((each for each in result.standings if each.name == name), None) if result else None


def _row(arm: Arm, variant: dict | None, share: Standing | None, money: Standing | None) -> dict:
    variant = variant or {}
    row = {
        "variant": arm.name,
        "variant_id": variant.get("name"),
        "weight": variant.get("weight"),
        "active": cint(variant.get("active")),
        "visitors": arm.visitors,
        "converted": arm.converted,
        "buyers": len(arm.amounts),
        "value": sum(arm.amounts),
    }
    if arm.visitors:
        row |= {"rate": 100 * arm.rate, "value_per_visitor": arm.value_per_visitor}
    if share:
        row |= _figures(replace(share, low=100 * share.low, high=100 * share.high), "")
        row["interval"] = f"{row['low']:.1f} – {row['high']:.1f} %"
    if money:
        row |= _figures(money, "value_")
        row["value_interval"] = f"{fmt_money(money.low, 2)} – {fmt_money(money.high, 2)}"
    return row


def _figures(standing: Standing, prefix: str) -> dict:
    figures = {"low": standing.low, "high": standing.high, "p_value": standing.p_value}
    figures["chance"] = 100 * standing.chance_to_be_best
    return {prefix + name: figure for name, figure in figures.items()}


def _chart(rows: Sequence[dict]) -> dict | None:
    visited = [row for row in rows if row["visitors"]]
    if not visited:
        return None
    rates = [round(row["rate"], 2) for row in visited]
    datasets = [{"name": _("Conversion Rate (%)"), "values": rates}]
    return {
        "type": "bar",
        "data": {"labels": [row["variant"] for row in visited], "datasets": datasets},
        "colors": ["#449CF0"],
    }


# ---------------------------------------------------------------- words


def _summary(arms: Sequence[Arm], by_conversion: Result | None, by_value: Result | None) -> list[dict]:
    converted, buyers = sum(arm.converted for arm in arms), sum(len(arm.amounts) for arm in arms)
    too_early = {
        "conversions": _("Too early: at least {0} conversions needed, {1} so far"),
        "buyers": _("Too early: at least {0} buyers needed, {1} so far"),
    }
    visitors = sum(arm.visitors for arm in arms)
    return [
        _card(_("Conversions"), by_conversion, too_early["conversions"], converted, visitors),
        _card(_("Won Value per Visitor"), by_value, too_early["buyers"], buyers, visitors),
    ]


def _card(label: str, result: Result | None, too_early: str, successes: int, visitors: int) -> dict:
    if not result:
        text, colour = _("Nothing to compare: at least two variants need visitors"), "Gray"
    elif result.verdict is Verdict.TOO_EARLY:
        text, colour = too_early.format(result.needed, successes), COLOURS[result.verdict]
    else:
        text, colour = _sentence(result, visitors), COLOURS[result.verdict]
    return {"label": label, "value": text, "datatype": "Data", "indicator": colour}


def _sentence(result: Result, visitors: int) -> str:
    """Return what is known, for example "B wins, 97 % sure"; never 100 %, which nothing is."""
    name, sure = escape_html(result.leader), min(int(100 * result.sure), 99)
    if result.verdict is Verdict.EVEN:
        return _("No difference so far")
    if result.verdict is Verdict.WINS:
        return _("{0} wins, {1} % sure").format(name, sure)
    if result.needed:
        return _("{0} leads, {1} % sure: about {2} visitors needed, {3} so far").format(
            name, sure, result.needed, visitors
        )
    return _("{0} leads, {1} % sure: not enough to call it").format(name, sure)


def _message(crossovers: int) -> str | None:
    if not crossovers:
        return None
    return _("Left out: {0} visitors who saw several variants, because weights or variants changed.").format(
        crossovers
    )
