"""What each channel brought in a period.

Credits name their channel. For visits, visitors and leads it is worked out from their source, medium and campaign,
of which there are few combinations, by the rules of the same model. Rules on referrer or landing page say nothing
about a sum, so they take no part there.
"""

from collections import defaultdict
from datetime import datetime

import frappe
from frappe.query_builder.functions import Coalesce, Count

from trackflow.analytics import access, credit
from trackflow.analytics.conversions import LEAD
from trackflow.analytics.credit import Earned
from trackflow.analytics.periods import Period
from trackflow.analytics.questions import Question
from trackflow.attribution import models
from trackflow.domain.attribution.channels import Grouping
from trackflow.domain.touchpoints import Touch


def rows(question: Question) -> list[dict]:
    """Return a row for each channel that had anything, most won first."""
    grouping = models.grouping(frappe.get_cached_doc("Attribution Model", question.model))
    period = question.period
    counts = {
        "visitors": count("Visitor", "first_seen", ("source", "medium", "campaign"), period),
        "sessions": count("Visitor Session", "session_start", ("source", "medium", "campaign"), period),
        "leads": count(
            "Conversion",
            "conversion_date",
            ("source_source", "source_medium", "source_campaign"),
            period,
            conversion_type=LEAD,
        ),
    }
    found: dict[str, dict] = defaultdict(lambda: dict.fromkeys(counts, 0))
    for name, combinations in counts.items():
        for origin, number in combinations.items():
            found[_channel(grouping, origin)][name] += number
    for (channel, _link), earned in credit.earned(question.model, "channel", period, question.deals).items():
        found[channel] |= {"earned": earned}
    made = [_row(channel, numbers) for channel, numbers in found.items()]
    return sorted(made, key=lambda row: (-row["amount"], -row["sessions"], row["channel"]))


def count(
    doctype: str, time: str, columns: tuple[str, str, str], period: Period, **only: str
) -> dict[tuple, int]:
    """Return {(source, medium, campaign): how many} of the rows of ``doctype`` whose ``time`` is in the period.

    ``columns``: where source, medium and campaign stand. ``only``: fields and the values they must have.
    Those of campaigns of which the user is told, see ``access.told``.
    """
    table = frappe.qb.DocType(doctype)
    origin = [Coalesce(table[name], "") for name in columns]
    query = frappe.qb.from_(table).select(*origin, Count("*")).groupby(*origin)
    query = access.only(query, table[columns[2]])
    for fieldname, value in only.items():
        query = query.where(table[fieldname] == value)
    if period:
        query = query.where(period.of_times(table[time]))
    return {tuple(row[:-1]): row[-1] for row in query.run()}


def _channel(grouping: Grouping, origin: tuple[str, str, str]) -> str:
    source, medium, campaign = origin
    return grouping.channel_of(Touch("", datetime.min, source=source, medium=medium, campaign=campaign))


def _row(channel: str, numbers: dict) -> dict:
    earned = numbers.pop("earned", Earned())
    return {"channel": channel, **numbers, "deals": earned.share, "amount": earned.amount} | {
        "lead_rate": 100 * numbers["leads"] / numbers["visitors"] if numbers["visitors"] else None
    }
