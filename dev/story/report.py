"""The story as it is printed: what happened, then what TrackFlow knows."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import TextIO
from urllib.parse import urlsplit

from dev.story import plot
from dev.story.facts import Facts
from dev.story.site_client import Doc

_BOLD, _END = "\033[1m", "\033[0m"
_INDENT = "   "


def wants_colours(stream: TextIO) -> bool:
    return stream.isatty() and "NO_COLOR" not in os.environ


def text(told: Facts, colours: bool) -> str:
    chapters = (_plan, _clicks, _leads, _sale, _knowledge, _credit, _campaigns, _ending)
    lines = [line for chapter in chapters for line in (*chapter(told), "")]
    return "\n".join(_painted(line, colours) for line in lines[:-1])


def _painted(line: str, colours: bool) -> str:
    """Headings are what is not indented."""
    return f"{_BOLD}{line}{_END}" if colours and line and not line.startswith(" ") else line


# ---------------------------------------------------------------- what happened


def _plan(told: Facts) -> list[str]:
    campaigns = [
        (
            campaign["name"],
            f"{campaign['source']} / {campaign['medium']}",
            f"budget {_money(campaign['budget'])}",
        )
        for campaign in told.campaigns
    ]
    links = [(link["short_url"], link["title"], link.get("campaign", "(no campaign)")) for link in told.links]
    sizes = ", ".join(f"{kind.upper()} {size:,} bytes" for kind, size in told.qr_sizes.items())
    return [
        f"1. {plot.MANAGER.name}, campaign manager, plans {len(told.campaigns)} campaigns and makes short links",
        *_table(campaigns),
        *_table(links),
        f"{_INDENT}Each has a QR code for print; the first: {sizes}",
    ]


def _clicks(told: Facts) -> list[str]:
    titles = _titles_of_links(told)
    rows = [
        (
            _time(click["click_timestamp"]),
            _visitor(click),
            _client(click),
            titles[click["tracked_link"]],
            click["verdict"],
        )
        for click in told.clicks
    ]
    more = sum(told.verdicts.values()) - len(told.clicks)
    return [
        "2. People click, and not only people",
        *_table(rows),
        *([f"{_INDENT}... and {more:,} more clicks in the weeks before"] if more else []),
        f"{_INDENT}A mail filter asks HEAD for the first link: answered with {told.head_status}, not recorded",
    ]


def _leads(told: Facts) -> list[str]:
    lead, by_hand = told.lead, told.lead_by_hand
    return [
        f"3. {lead['lead_name']} asks for a demo on the web form; {by_hand['lead_name']} calls",
        *_table(
            [
                (one["name"], one["organization"], f"source {one['source']}", _origin(one))
                for one in (lead, by_hand)
            ]
        ),
        f"{_INDENT}{plot.SALESPERSON.name} typed the call in; the cookie of his own browser says nothing about it",
    ]


def _origin(lead: Doc) -> str:
    if not lead.get("trackflow_visitor_id"):
        return "no visitor, no attribution"
    origin = (lead[f"trackflow_{name}"] for name in ("source", "medium", "campaign"))
    return f"{' / '.join(origin)}, {lead['trackflow_touch_count']} touches"


def _sale(told: Facts) -> list[str]:
    lead, deal = told.lead, told.deal
    rows = [
        (lead["name"], *_steps(told.lead_changes, "to_status")),
        (deal["name"], *_steps(told.deal_changes, "to_stage")),
    ]
    return [
        f"4. {plot.SALESPERSON.name}, sales, turns the lead into a deal of {_money(deal['annual_revenue'])} and wins it",
        *_table(rows),
    ]


def _steps(changes: Sequence[Doc], fieldname: str) -> tuple[str, str]:
    people = ", ".join(dict.fromkeys(change["changed_by"] for change in changes))
    return " > ".join(change[fieldname] for change in changes), f"by {people}"


# ---------------------------------------------------------------- what TrackFlow knows


def _knowledge(told: Facts) -> list[str]:
    counted, visitor = told.verdicts["human"], told.visitor
    others = [
        f"{number} {verdict}" for verdict, number in told.verdicts.items() if verdict != "human" and number
    ]
    return [
        "What TrackFlow knows",
        f"{_INDENT}Clicks: {sum(told.verdicts.values()):,}, of which {counted:,} human; not counted: {', '.join(others)}",
        f"{_INDENT}Visitor {_visitor(visitor)} became {visitor['crm_lead']}: {visitor['click_count']} clicks in"
        f" {visitor['session_count']} sessions, engagement {visitor['engagement_score']:.0f} of 100",
        *_table(_journey(told), indent=_INDENT * 2),
        *_table(_conversion_rows(told)),
    ]


def _journey(told: Facts) -> list[tuple[str, str, str]]:
    """Clicks and what else the visitor did, in the order in which it happened."""
    titles = _titles_of_links(told)
    clicks = [
        (
            click["click_timestamp"],
            titles[click["tracked_link"]],
            f"{click['utm_source']} / {click['utm_medium']}",
        )
        for click in told.journey
    ]
    events = [(event["timestamp"], event["event_type"], _path(event["page_url"])) for event in told.events]
    return [(_time(at), what, where) for at, what, where in sorted(clicks + events)]


def _conversion_rows(told: Facts) -> list[tuple[str, ...]]:
    ties = Counter(tie["conversion"] for tie in told.link_conversions)
    return [
        (
            f"Conversion “{conversion['conversion_type']}”",
            conversion["reference_name"],
            _money(conversion["value"]) if conversion["value"] else "",
            f"tied to {ties[conversion['name']]} links",
            f"shows {conversion['source_campaign']}",
        )
        for conversion in told.conversions
    ]


def _credit(told: Facts) -> list[str]:
    """One row per model: what each campaign earned of the deal."""
    earning = {credit["campaign"] for one in told.attributions for credit in one["credits"]}
    names = [campaign["name"] for campaign in told.campaigns if campaign["name"] in earning]
    default = told.deal["trackflow_attribution_model"]
    rows = [("", *names)]
    for attribution in told.attributions:
        model = attribution["attribution_model"]
        earned = _sums(attribution["credits"])
        rows.append((model + (" *" if model == default else ""), *(_money(earned[name]) for name in names)))
    return [
        f"Who gets the credit for {told.deal['name']} (* the model that campaigns earn by)",
        *_table(rows, numbers_from=1),
    ]


def _sums(credits: Iterable[Doc]) -> Counter[str]:
    earned: Counter[str] = Counter()
    for credit in credits:
        earned[credit["campaign"]] += credit["amount"]
    return earned


def _campaigns(told: Facts) -> list[str]:
    heads = ("", "Clicks", "Visitors", "Conversions", "Budget", "Revenue", "Cost/click", "ROI")
    rows = [
        (
            campaign["name"],
            f"{campaign['total_clicks']:,}",
            f"{campaign['unique_visitors']:,}",
            f"{campaign['conversions']:,g}",
            _money(campaign["budget"]),
            _money(campaign["revenue"]),
            _money(campaign["cost_per_click"]),
            f"{campaign['roi_percentage']:,.0f} %",
        )
        for campaign in told.campaigns
    ]
    return ["How the campaigns did", *_table([heads, *rows], numbers_from=1)]


def _ending(told: Facts) -> list[str]:
    return [
        f"See it as they do, at {told.url}/login with the password {plot.STAFF_PASSWORD}:",
        *_table((employee.email, employee.role) for employee in (plot.MANAGER, plot.SALESPERSON)),
    ]


# ---------------------------------------------------------------- words and columns


def _titles_of_links(told: Facts) -> dict[str, str]:
    return {link["name"]: link["title"] for link in told.links}


def _visitor(doc: Doc) -> str:
    """The end tells visitors apart, because ids begin with a time. Robots and the office leave no visitor."""
    visitor_id = doc.get("visitor_id")
    return f"v_...{visitor_id[-5:]}" if visitor_id else "-"


def _client(click: Doc) -> str:
    return click["browser"] if click["device_type"] == "Bot" else f"{click['browser']}, {click['os']}"


def _path(url: str) -> str:
    return urlsplit(url).path


def _time(moment: str) -> str:
    return moment[11:19]


def _money(amount: float) -> str:
    return f"{amount:,.2f}"


def _table(
    rows: Iterable[Sequence[str]], *, numbers_from: int | None = None, indent: str = _INDENT
) -> list[str]:
    """Columns as wide as their widest cell; those from ``numbers_from`` on are set flush right."""
    rows = [tuple(row) for row in rows]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return [indent + "  ".join(_cells(row, widths, numbers_from)).rstrip() for row in rows]


def _cells(row: Sequence[str], widths: Sequence[int], numbers_from: int | None) -> list[str]:
    return [
        cell.rjust(width) if numbers_from is not None and number >= numbers_from else cell.ljust(width)
        for number, (cell, width) in enumerate(zip(row, widths, strict=True))
    ]
