"""Custom models: weights by channel rule and channel, and what data-driven models do with what they found."""

from fractions import Fraction

import pytest

from trackflow.domain.attribution import Model, weights
from trackflow.domain.attribution.channels import ChannelRule, Grouping, parse_conditions
from trackflow.domain.attribution.custom import parse
from trackflow.domain.attribution.models import CAMPAIGN, ONE, Custom
from trackflow.domain.errors import Refused

from .builders import after, touch

END = after(days=9)
SEARCH = touch("search", source="google", medium="cpc", campaign="A")
MAIL = touch("mail", after(days=1), source="news", medium="email", campaign="B")
MAIL_2 = touch("mail 2", after(days=2), source="news", medium="email", campaign="A")
PARTNER = touch("partner", after(days=3), source="acme", medium="partner", campaign="C")
JOURNEY = [SEARCH, MAIL, MAIL_2, PARTNER]


def custom(rules: object = None, *channel_rules: ChannelRule) -> Model:
    return Model("Custom", grouping=Grouping(channel_rules), custom=parse(rules))


def partners(weight: int) -> ChannelRule:
    return ChannelRule("Partners", parse_conditions("medium equals partner"), weight * ONE)


def test_a_touch_weighs_what_its_rule_says_and_others_one():
    assert weights(custom(None, partners(3)), JOURNEY, END) == [Fraction(n, 6) for n in (1, 1, 1, 3)]


def test_channels_and_otherwise_weigh_what_no_rule_takes():
    model = custom({"channels": {"Email": 0.5, "Paid Search": 0}, "otherwise": 7}, partners(2))
    assert weights(model, JOURNEY, END) == [0, Fraction(1, 6), Fraction(1, 6), Fraction(4, 6)]


def test_first_and_last_are_multiplied():
    model = custom({"first": 2, "last": 0.5})
    assert weights(model, JOURNEY, END) == [Fraction(n, 9) for n in (4, 2, 2, 1)]
    assert weights(custom({"first": 2, "last": 0.5}), [MAIL], END) == [1]


def test_if_nothing_weighs_anything_all_weigh_the_same():
    assert weights(custom({"otherwise": 0}), JOURNEY, END) == [Fraction(1, 4)] * 4


def test_decimals_are_taken_as_they_are_written():
    assert parse({"otherwise": 0.1, "channels": {"Email": "0.3"}}) == Custom(
        channels={"Email": 300_000}, otherwise=100_000
    )


@pytest.mark.parametrize(
    ("rules", "reason"),
    [
        ([], "custom_rules_form"),
        ("text", "custom_rules_form"),
        (7, "custom_rules_form"),
        ({"weights": {}}, "custom_rules_name"),
        ({"channels": ["Email"]}, "custom_rules_channels"),
        ({"channels": {"Telegram": 1}}, "custom_rules_channel"),
        ({"channels": {"Email": "much"}}, "weight_number"),
        ({"otherwise": None}, "weight_number"),
        ({"first": True}, "weight_number"),
        ({"first": "nan"}, "weight_number"),
        ({"last": -1}, "weight_range"),
        ({"last": "inf"}, "weight_range"),
        ({"last": 1e9}, "weight_range"),
    ],
)
def test_custom_rules_without_meaning_are_refused(rules, reason):
    with pytest.raises(Refused) as refusal:
        parse(rules)
    assert refusal.value.reason == reason


EFFECTS = {"Paid Search": Fraction(3, 10), "Email": Fraction(1, 10), "Display": Fraction(6, 10)}
data_driven = pytest.mark.parametrize("model_type", ["Data-Driven Markov", "Data-Driven Shapley"])


@data_driven
def test_the_channels_of_a_journey_share_by_their_effects_and_their_touches_share_equally(model_type):
    """Paid Search 3/4; Email 1/4, for two touches; the partner's channel was not seen when effects were found."""
    model = Model(model_type, effects=EFFECTS)
    assert weights(model, JOURNEY, END) == [Fraction(3, 4), Fraction(1, 8), Fraction(1, 8), 0]


@data_driven
def test_campaigns_share_where_the_model_gives_credit_to_them(model_type):
    model = Model(model_type, states=CAMPAIGN, effects={"A": Fraction(1, 2), "B": Fraction(1, 2)})
    assert weights(model, JOURNEY, END) == [Fraction(1, 4), Fraction(1, 2), Fraction(1, 4), 0]


@data_driven
def test_where_nothing_has_an_effect_all_weigh_the_same(model_type):
    model = Model(model_type, effects={"Display": Fraction(1)})
    assert weights(model, JOURNEY, END) == [Fraction(1, 4)] * 4
