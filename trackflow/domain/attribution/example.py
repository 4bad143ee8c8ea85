"""A made-up journey that shows what a model does: the same for all models, so that they can be compared."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from fractions import Fraction

from trackflow.domain.attribution.models import Milestones, Model
from trackflow.domain.attribution.rules import weights
from trackflow.domain.attribution.split import split
from trackflow.domain.touchpoints import Touch, journey

WON = datetime(2026, 6, 30, 12)
VALUE = Decimal(10_000)
# Days before the deal was won. The direct visit earns nothing, as is the rule; the first touch falls out of short windows.
LEAD_DAYS, DEAL_DAYS = 21, 9
_VISITS = (
    (60, "google", "cpc", "Summer Search"),
    (30, "newsletter", "email", "June Newsletter"),
    (22, "linkedin", "social", "Product Launch"),
    (14, "", "", ""),
    (10, "partner.example", "referral", ""),
    (3, "newsletter", "email", "Last Call"),
)


@dataclass(frozen=True)
class Line:
    """What a touch earned. days: before the win. channel: in the model's own eyes. weight: percent; amount: of VALUE."""

    days: int
    source: str
    medium: str
    campaign: str
    channel: str
    weight: float
    amount: float


def worked(model: Model, window_days: int) -> list[Line]:
    """Return what ``model`` gives each touch of the example; those before the window earn nothing.

    A data-driven model that knows none of the example's channels gives credit as it does for unknown ones. Raises
    Refused as ``weights`` does.
    """
    touches = [_touch(*visit) for visit in _VISITS]
    counted = journey(touches, WON, window_days)
    milestones = Milestones(_before(LEAD_DAYS), _before(DEAL_DAYS), WON)
    shares = weights(model, counted, WON, milestones)
    amounts = split(VALUE, shares, 2)
    earned = {
        touch.name: (share, amount) for touch, share, amount in zip(counted, shares, amounts, strict=True)
    }
    return [_line(model, touch, *earned.get(touch.name, (Fraction(0), Decimal(0)))) for touch in touches]


def _line(model: Model, touch: Touch, share: Fraction, amount: Decimal) -> Line:
    return Line(
        days=(WON - touch.at).days,
        source=touch.source,
        medium=touch.medium,
        campaign=touch.campaign,
        channel=model.grouping.channel_of(touch),
        weight=round(float(100 * share), 2),
        amount=float(amount),
    )


def _touch(days: int, source: str, medium: str, campaign: str) -> Touch:
    return Touch(f"{100 - days:03}", _before(days), source=source, medium=medium, campaign=campaign)


def _before(days: int) -> datetime:
    return WON - timedelta(days=days)
