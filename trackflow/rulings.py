"""The site's own rules applied to clicks: what the rules need is read here."""

from collections.abc import Sequence

from trackflow import history, settings
from trackflow.domain import rules
from trackflow.domain.clicks import Click


def apply(clicks: Sequence[Click]) -> list[Click]:
    """Return ``clicks`` with a ruling where the site's rules on robots have one."""
    current = settings.load_rules()
    suspects = rules.suspects(clicks, current)
    nearby = history.sightings(suspects) if suspects else []
    return rules.apply(clicks, current, nearby)
