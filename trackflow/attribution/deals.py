"""A deal's credit from beginning to end: its journey, what the touches earned, what it shows, its conversion."""

from collections.abc import Collection

import frappe

from trackflow import conversions, settings
from trackflow.attribution import campaign_figures, deal_credit, deal_journeys, shown_touches
from trackflow.attribution.deal_credit import ModelsFailed, Written
from trackflow.attribution.deal_journeys import DealJourney
from trackflow.attribution.requests import DEAL, LEAD
from trackflow.domain.touchpoints import Touch, journey
from trackflow.integrations.crm import stages, values
from trackflow.setup.custom_fields import fieldnames


def credit(deal: str, models: Collection[str] | None = None, reread: str = "") -> ModelsFailed | None:
    """Work out what each touch earned of ``deal`` under every active model, and note it on the deal.

    With ``models``, only these, and the campaigns' figures are left to who calls this. ``reread``: as
    ``deal_journeys.of`` takes it. Returns what went wrong with some of the models, once the others are written.
    """
    # Not locked: whoever saves the deal would wait. A change that comes meanwhile asks for its own turn.
    doc = frappe.db.get_value(DEAL, deal, "*", as_dict=True)
    if not doc:
        return None
    stages.complete(doc)
    way = deal_journeys.of(doc, reread)
    written = deal_credit.write(doc, way, models)
    shows_it = models is None or settings.default_model() in models
    shown = journey(way.touches, way.until, shown_touches.days()) if shows_it else []
    credited = shown_touches.credited_touch(shown, way.until) if shown else None
    if shows_it:
        _settle_conversion(doc, way, shown, credited, written)
    if models is None:
        campaign_figures.refresh(written.campaigns)
    if shows_it:
        # Last of all, since it locks the deal, and whoever saves it should not wait for the campaigns.
        _write_fields(doc, way, shown, credited)
    return (
        ModelsFailed("; ".join(f"{name}: {why}" for name, why in written.failed.items()))
        if written.failed
        else None
    )


def _settle_conversion(
    deal: dict, way: DealJourney, shown: list[Touch], credited: Touch | None, written: Written
) -> None:
    if way.is_won and credited:
        _record_won(deal, way, shown, credited, written)
    elif way.was_won:
        # It was opened again, lost after all, or nobody is left who led to it.
        conversions.revoke("Deal Won", (DEAL, deal.name))


def _write_fields(deal: dict, way: DealJourney, shown: list[Touch], credited: Touch | None) -> None:
    if credited:
        fields = shown_touches.values(shown, credited, way.until) | {
            "trackflow_attribution_model": settings.default_model(),
            "trackflow_first_touch_source": shown[0].source,
            "trackflow_last_touch_source": shown[-1].source,
            "trackflow_marketing_influenced": 1,
        }
        fields = shown_touches.keeping_first(DEAL, deal, fields)
    elif deal.trackflow_touch_count:
        fields = dict.fromkeys(set(fieldnames(DEAL)) - {"trackflow_visitor_id"})
        fields |= {"trackflow_touch_count": 0, "trackflow_marketing_influenced": 0}
    else:
        return
    frappe.db.set_value(DEAL, deal.name, fields, update_modified=False)


def _record_won(deal: dict, way: DealJourney, shown: list[Touch], credited: Touch, written: Written) -> None:
    came_as_lead = deal.get("lead") and conversions.is_recorded("Lead", (LEAD, deal.lead))
    conversions.record(
        "Deal Won",
        visitor_id=shown_touches.visitor(credited, shown),
        at=way.until,
        journey=shown,
        credited=credited,
        reference=(DEAL, deal.name),
        value=values.money_of(deal).value,
        shares=written.shares,
        is_counted=not came_as_lead,
        grouping=shown_touches.grouping(),
    )
