"""What the form of a tracked link shows: where it would lead, who has clicked lately, and its variants."""

import frappe
from frappe import _

from trackflow import links, messages, short_urls
from trackflow.analytics.audience import LATEST, PARTS, told
from trackflow.domain.clicks import Verdict
from trackflow.domain.destinations import ascii_url, check_destination
from trackflow.domain.errors import Refused
from trackflow.panels import days

DAYS = 30
CLICKS = 10


def preview(values: dict) -> dict[str, str]:
    """Return the ``url`` that visitors would be sent to by a link as it stands in a form, or the ``problem``.

    ``values``: fields of Tracked Link. What each click fills in stays as it is. The problem is HTML.
    """
    if not values.get("destination_url"):
        return {"url": "", "problem": ""}
    try:
        return {"url": _target_url(values), "problem": ""}
    except Refused as refused:
        return {"url": "", "problem": messages.explain(refused)}
    except (AttributeError, ValueError):
        problem = _('Enter the additional parameters as names and values, for example {"ref": "spring"}.')
        return {"url": "", "problem": problem}


def overview(link: str) -> dict:
    """Return ``{"days", "counted", "parts", "clicks", "variants"}`` of a link, for those who may read clicks.

    days: the last 30, oldest first. parts: by country, device and referrer, of the last human clicks, which are
    ``counted``. clicks: the last ten of every verdict. Raises PermissionError.
    """
    counted, parts = _parts(link)
    return {
        "days": days.of("tracked_link", link, DAYS),
        "counted": counted,
        "parts": parts,
        "clicks": _last_clicks(link),
        "variants": variants(link),
    }


def variants(link: str) -> list[dict]:
    """Return the variants of a link, with the ``share`` of visitors (0 to 1) that each gets."""
    rows = frappe.get_list(
        "Campaign Link Variant",
        filters={"tracked_link": link},
        fields=["name", "variant_name", "destination_url", "weight", "active", "clicks", "conversions"],
        order_by="variant_name asc",
        limit_page_length=0,
    )
    total = sum(row.weight for row in rows if row.active)
    return [row | {"share": row.weight / total if row.active and total else 0} for row in rows]


def _target_url(values: dict) -> str:
    destination = check_destination(values["destination_url"], short_urls.own_hosts())
    campaign = _campaign(values.get("campaign"))
    return ascii_url(links.target_url_of({**values, "destination_url": destination}, campaign))


def _campaign(name: str | None) -> dict | None:
    """What a campaign sends along may be seen by whoever may see the campaign."""
    if not name or not frappe.has_permission("Link Campaign", "read", name):
        return None
    return frappe.db.get_value("Link Campaign", name, ["campaign_id", "source", "medium"], as_dict=True)


def _parts(link: str) -> tuple[int, dict[str, list]]:
    """Names of clicks begin with their time, so the index on the link has the latest at its end."""
    event = frappe.qb.DocType("Click Event")
    query = frappe.qb.from_(event).select(event.verdict, *(event[name] for name in PARTS))
    query = query.where(event.tracked_link == link).orderby(event.name, order=frappe.qb.desc).limit(LATEST)
    rows = [row for row in query.run(as_dict=True) if row.verdict == Verdict.HUMAN.value]
    return len(rows), told(rows)


def _last_clicks(link: str) -> list[dict]:
    rows = frappe.get_list(
        "Click Event",
        filters={"tracked_link": link},
        fields=[
            "name",
            "click_timestamp",
            "verdict",
            "verdict_reason",
            "country",
            "device_type",
            "browser",
            "variant",
        ],
        order_by="name desc",
        limit_page_length=CLICKS,
    )
    for row in rows:
        row.verdict_reason = messages.verdict_reason(row.verdict_reason)
    return sorted(rows, key=lambda row: row.click_timestamp, reverse=True)
