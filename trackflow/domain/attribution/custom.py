"""Own rules of a Custom model, as its document has them in JSON.

    {"channels": {"Email": 2, "Direct": 0}, "otherwise": 1, "first": 1.5, "last": 3}

Every part can be left out. Weights are relative: a touch of weight 2 earns twice what one of weight 1 earns.
"""

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation

from trackflow.domain.attribution.channels import CHANNELS
from trackflow.domain.attribution.models import ONE, Custom
from trackflow.domain.errors import Refused

NAMES = ("channels", "otherwise", "first", "last")
LARGEST = 1_000_000


def parse(rules: object) -> Custom:
    """Return the rules that ``rules``, read from JSON, states. None and {} are the usual ones: all weigh the same.

    Raises Refused for anything that would have no effect or no meaning.
    """
    if not isinstance(rules, Mapping):
        if rules in (None, ""):
            return Custom()
        raise Refused("custom_rules_form", names=", ".join(NAMES))
    if unknown := set(rules) - set(NAMES):
        raise Refused("custom_rules_name", name=min(map(str, unknown)), names=", ".join(NAMES))
    return Custom(
        channels=_channels(rules.get("channels", {})),
        **{name: weight(rules[name], name) for name in NAMES[1:] if name in rules},
    )


def _channels(channels: object) -> dict[str, int]:
    if not isinstance(channels, Mapping):
        raise Refused("custom_rules_channels", channels=", ".join(CHANNELS))
    for name in channels:
        if name not in CHANNELS:
            raise Refused("custom_rules_channel", name=name, channels=", ".join(CHANNELS))
    return {name: weight(value, name) for name, value in channels.items()}


def weight(value: object, name: str) -> int:
    """Return a weight in millionths. ``name`` says in the refusal whose it is."""
    try:
        number = Decimal("nan" if isinstance(value, bool) else str(value))
    except InvalidOperation:
        number = Decimal("nan")
    if number.is_nan():
        raise Refused("weight_number", name=name, value=value)
    if not 0 <= number <= LARGEST:
        raise Refused("weight_range", name=name, value=value, largest=LARGEST)
    return round(number * ONE)
