"""Variant Test: the variants of a link side by side, which one wins, and how sure that is."""

from collections.abc import Sequence
from dataclasses import replace
from random import Random

import frappe
from frappe import _
from frappe.utils import cint, escape_html, fmt_money, getdate

from trackflow import variant_test
from trackflow.analytics.layout import card, column, fixed
from trackflow.analytics.refusals import answered_at_once
from trackflow.domain.experiments import Arm, Result, Standing, Verdict, compare_conversions, compare_values

# The bootstrap gives the same answer each time the report is opened.
SEED = 1

Answer = tuple[list[dict], list[dict], str | None, dict | None, list[dict]]


@answered_at_once
def execute(filters: dict | None = None) -> Answer:
    """Return columns, rows, message, chart and summary. Raises PermissionError without a right to the link."""
    filters = frappe._dict(filters or {})
    if not filters.tracked_link:
        return _columns(), [], _("Choose the link whose variants you want to compare."), None, []
    frappe.get_doc("Tracked Link", filters.tracked_link).check_permission("read")
    days = [getdate(filters[name]) if filters.get(name) else None for name in ("from_date", "to_date")]
    if all(days) and days[0] > days[1]:
        frappe.throw(_("From Date is later than To Date. Change one of the two."))
    sample = variant_test.sample(filters.tracked_link, *days)
    by_conversion, by_value = compare_conversions(sample.arms), compare_values(sample.arms, Random(SEED))
    rows = _rows(filters.tracked_link, sample.arms, by_conversion, by_value)
    answers = {_("Conversions"): by_conversion, _("Won Value per Visitor"): by_value}
    summary = [card(label, _answer(result), "Data") for label, result in answers.items()]
    return _columns(), rows, _message(sample, by_conversion, by_value), _chart(rows), summary


def _columns() -> list[dict]:
    return [
        column("variant", _("Variant"), "Data", 180),
        column("active", _("Active"), "Check", 70),
        column("weight", _("Weight"), "Int", 80),
        column("visitors", _("Visitors"), "Int", 90),
        column("converted", _("Converted"), "Int", 100),
        column("rate", _("Conversion Rate"), "Percent", 130),
        column("interval", _("95 % Interval"), "Data", 130),
        column("chance", _("Chance to Convert Best"), "Percent", 185),
        column("p_value", _("p-Value"), "Float", 90, precision=4),
        column("buyers", _("Buyers"), "Int", 80),
        column("value", _("Won Value"), "Currency", 120),
        column("value_per_visitor", _("Won Value per Visitor"), "Currency", 160),
        column("value_interval", _("95 % Interval"), "Data", 170),
        column("value_chance", _("Chance to Earn Most"), "Percent", 150),
        column("value_p_value", _("p-Value"), "Float", 90, precision=4),
    ]


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
        row["interval"] = f"{fixed(row['low'], 1)} – {fixed(row['high'], 1)} %"
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


def _answer(result: Result | None) -> str:
    """Return the short answer, for example "B wins, 97 % sure"; Desk cuts off what is longer."""
    if not result:
        return _("Nothing to compare")
    if result.verdict is Verdict.TOO_EARLY:
        return _("Too early")
    if result.verdict is Verdict.EVEN:
        return _("No difference so far")
    sentence = _("{0} wins, {1} % sure") if result.verdict is Verdict.WINS else _("{0} leads, {1} % sure")
    # Never 100 %: nothing is.
    return sentence.format(escape_html(result.leader), min(int(100 * result.sure), 99))


def _message(
    sample: variant_test.Sample, by_conversion: Result | None, by_value: Result | None
) -> str | None:
    if not by_conversion:
        return _("At least two variants need visitors.")
    sentences = [_advice(_("Conversions"), by_conversion, sum(arm.converted for arm in sample.arms), sample)]
    buyers = sum(len(arm.amounts) for arm in sample.arms)
    sentences.append(_advice(_("Won Value per Visitor"), by_value, buyers, sample))
    if sample.crossovers:
        left_out = _(
            "{0} visitors are left out: they saw several variants, because weights or variants changed."
        )
        sentences.append(left_out.format(sample.crossovers))
    return "<br>".join(sentence for sentence in sentences if sentence)


def _advice(subject: str, result: Result, successes: int, sample: variant_test.Sample) -> str:
    """Return what to wait for, "" if nothing is."""
    if result.verdict is Verdict.TOO_EARLY:
        sentence = _("{0}: at least {1} visitors who convert or buy are needed for an answer, {2} so far.")
        return sentence.format(subject, result.needed, successes)
    if result.verdict is Verdict.LEADS and result.needed:
        sentence = _("{0}: a difference like this takes about {1} visitors to be sure of, {2} so far.")
        return sentence.format(subject, result.needed, sum(arm.visitors for arm in sample.arms))
    if result.verdict is Verdict.LEADS:
        return _("{0}: the difference may still be chance.").format(subject)
    return ""
