"""Targeting rules as Desk keeps them: rows of a tracked link, checked and made into the domain's records."""

from collections.abc import Callable, Iterable
from functools import lru_cache

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import get_datetime

from trackflow import geoip, messages, settings
from trackflow.domain import ip_ranges
from trackflow.domain.destinations import check_destination
from trackflow.domain.errors import Refused
from trackflow.domain.targeting import Rule
from trackflow.domain.targeting_checks import check_language, check_rules

DOCTYPE = "Link Targeting Rule"


def load_rules(link: str, target_url: Callable[[str], str]) -> tuple[Rule, ...]:
    """Return the rules of the Tracked Link ``link`` in order; ``target_url`` adds a link's parameters to a URL."""
    rows = frappe.get_all(DOCTYPE, {"parent": link}, ["*"], order_by="idx asc")
    return tuple(_rule(row, target_url(row.destination_url)) for row in rows)


def check(link: Document, own_hosts: Iterable[str]) -> None:
    """Bring the rules of ``link`` into their form; raise Refused or tell the user which one can't be saved."""
    for row in link.targeting_rules:
        try:
            _clean(row, own_hosts)
        except Refused as refused:
            frappe.throw(
                _("Targeting rule {0}: {1}").format(row.idx, messages.explain(refused)),
                title=_("This link can't be saved"),
            )
    _name(link.targeting_rules)
    rules = [_rule(row, row.destination_url) for row in link.targeting_rules]
    check_rules(rules, _moment(link.start_date), _moment(link.expiry_date))
    _warn_of_missing_database(rules)


def summary(row: Document) -> str:
    """Return the conditions of a row as one line, for the list of rules in a link's form."""
    parts = [
        row.device,
        row.os,
        row.language and _("language {0}").format(row.language),
        row.country and _country_part(row.country),
        row.query_parameter and f"{row.query_parameter}={row.query_value or '*'}",
        row.address_range and _("address in {0}").format(row.address_range),
        row.from_date and _("from {0}").format(frappe.format(row.from_date, "Datetime")),
        row.until_date and _("until {0}").format(frappe.format(row.until_date, "Datetime")),
    ]
    return " · ".join(part for part in parts if part)


def _country_part(countries: str) -> str:
    if geoip.is_available(settings.geoip_database()):
        return _("country {0}").format(countries)
    return _("country {0} (skipped: no country database)").format(countries)


def _rule(row: dict, target_url: str) -> Rule:
    return Rule(
        name=row.rule_name or "",
        target_url=target_url,
        device=row.device or "",
        system=row.os or "",
        languages=tuple(part.lower() for part in _parts(row.language)),
        countries=tuple(_parts(row.country)),
        parameter=row.query_parameter or "",
        parameter_value=row.query_value or "",
        starts_at=_moment(row.from_date),
        ends_at=_moment(row.until_date),
        addresses=row.address_range or "",
    )


def _clean(row: Document, own_hosts: Iterable[str]) -> None:
    row.destination_url = check_destination(row.destination_url, own_hosts)
    row.language = ", ".join(check_language(part) for part in _parts(row.language))
    row.country = ", ".join(_country_code(part) for part in _parts(row.country))
    row.address_range = ", ".join(str(net) for net in ip_ranges.parse_ranges(row.address_range or ""))
    row.query_parameter = (row.query_parameter or "").strip()


def _name(rows: Iterable[Document]) -> None:
    """Clicks name the rule that chose their destination, so each has a name of its own."""
    for row in rows:
        row.rule_name = (row.rule_name or "").strip()
    taken = [row.rule_name for row in rows if row.rule_name]
    for name in taken:
        if taken.count(name) > 1:
            raise Refused("rule_names", name=name)
    for row in rows:
        number = row.idx
        while not row.rule_name:
            name, number = _("Rule {0}").format(number), number + 1
            row.rule_name = name if name not in taken else ""
        taken.append(row.rule_name)


def _parts(text: str | None) -> list[str]:
    return [part.strip() for part in (text or "").split(",") if part.strip()]


def _moment(value: object) -> "frappe.utils.datetime.datetime | None":
    return get_datetime(value) if value else None


def _country_code(text: str) -> str:
    code = _countries().get(text.lower())
    if not code:
        raise Refused("rule_country", text=text[:80])
    return code


@lru_cache(maxsize=1)
def _countries() -> dict[str, str]:
    """Return the two letters of each country by its name and by themselves, all names in lower case."""
    from frappe.geo.country_info import get_all

    codes = {name.lower(): info["code"].upper() for name, info in get_all().items() if info.get("code")}
    return codes | {code.lower(): code for code in codes.values()}


def _warn_of_missing_database(rules: Iterable[Rule]) -> None:
    if any(rule.countries for rule in rules) and not geoip.is_available(settings.geoip_database()):
        frappe.msgprint(
            _(
                "Rules with a country are skipped, because this site has no country database. An administrator"
                " can enter one in TrackFlow Settings."
            ),
            title=_("No country database"),
            indicator="orange",
        )
