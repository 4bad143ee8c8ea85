"""The sentences for what is refused about attribution models and for what they can't learn from."""

from trackflow.domain.errors import sentence as _


def sentences() -> dict[str, str]:
    """Return the sentence for each reason, with its blanks."""
    return _about_channels() | _about_custom_rules() | _about_journeys()


def _about_channels() -> dict[str, str]:
    return {
        "channel_condition": _(
            "The condition {line} can't be understood. Write one of {fields}, then one of {operators}, then the value,"
            " for example: medium equals email"
        ),
        "channel_conditions": _("A rule can have up to {most} conditions. Make several rules of it."),
        "channel_value_long": _("The value of a condition can have up to {longest} characters."),
        "channel_pattern": _(
            "The pattern {pattern} can't be used ({problem}). Patterns are those of RE2, which knows no lookarounds and"
            " no references back."
        ),
        "weight_number": _("The weight of {name} is {value}. Enter a number."),
        "weight_range": _("The weight of {name} is {value}. Enter a number from 0 to {largest}."),
    }


def _about_custom_rules() -> dict[str, str]:
    return {
        "custom_rules_form": _(
            'The custom rules must be one object in JSON with any of these names: {names}. Example: {{"otherwise": 1}}'
        ),
        "custom_rules_name": _("The custom rules have the name {name}, which means nothing. Use {names}."),
        "custom_rules_channels": _(
            "In the custom rules, channels must be an object of channels and their weights. The channels are:"
            " {channels}."
        ),
        "custom_rules_channel": _(
            "The custom rules weigh {name}, which is no channel of the usual grouping. Those are: {channels}. Channels of"
            " your own have their weights in the channel rules."
        ),
    }


def _about_journeys() -> dict[str, str]:
    return {
        "journeys_few": _(
            "There are {journeys} won and lost deals with touches, and the model asks for at least {minimum}. It gives"
            " credit once there are as many."
        ),
        "journeys_none_won": _(
            "None of the {journeys} closed deals with touches was won, so nothing can be learned from them yet."
        ),
        "journeys_none_lost": _(
            "All of the {journeys} closed deals with touches were won. What wins a deal shows only beside deals that"
            " were lost; close lost deals as lost."
        ),
        "chain_nodes": _(
            "The chain has {nodes} states, and up to {most} are possible. Choose a lower order of the chain, or give"
            " credit to channels."
        ),
    }
