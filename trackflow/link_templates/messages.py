"""The sentences for what is refused about link templates and the values for them."""

from trackflow.domain.errors import sentence as _


def sentences() -> dict[str, str]:
    """Return the sentence for each reason, with its blanks."""
    return _about_templates() | _about_rules() | _about_values()


def _about_templates() -> dict[str, str]:
    return {
        "variable_name": _(
            "The variable {variable} can't be called so. Begin with a letter and use letters, digits and _."
        ),
        "variable_reserved": _(
            "The name {variable} is taken: each click fills it in by itself. Give the variable another name."
        ),
        "variable_kind": _("The variable {variable} needs a type: {known}."),
        "variable_twice": _(
            "There are two variables called {variable}. Give one of them another name; capital letters make no"
            " difference."
        ),
        "variable_unknown": _(
            "The URL template uses {{{variable}}}, but there is no such variable. Add it to the table, or correct"
            " the name."
        ),
        "variable_unused": _(
            "The variable {variable} does not occur in the URL template. Write {{{variable}}} where its value"
            " goes, or remove it from the table."
        ),
        "template_braces": _(
            "The URL template has a brace that belongs to no variable. Write variables as {{name}}, and a brace"
            " that is meant as such as %7B or %7D."
        ),
        "template_scheme": _("The URL template must begin with http:// or https://."),
    }


def _about_rules() -> dict[str, str]:
    return {
        "rules_malformed": _(
            'Enter the validation rules of {variable} as names and values, for example {{"required": true}}.'
        ),
        "rule_unknown": _("{variable}: there is no rule {rule} for {kind}. Possible are {known}."),
        "rule_not_boolean": _("{variable}: the rule {rule} is either true or false."),
        "rule_not_whole": _("{variable}: the rule {rule} needs a whole number from 0 to 500."),
        "rule_not_number": _("{variable}: the rule {rule} needs a number, without quotation marks."),
        "rule_not_date": _("{variable}: the rule {rule} needs a date like 2025-01-31."),
        "rule_pattern": _(
            "{variable}: the pattern {value} can't be used. It must be a regular expression of at most 200"
            " characters in which no group that varies is repeated."
        ),
        "rule_choices": _(
            '{variable}: enter the choices as a list of different texts, for example ["red", "blue"].'
        ),
        "rule_number_format": _(
            "{variable}: the format {value} can't be used. Write 0 for whole numbers, 000 for at least three"
            " digits, 0.00 for two decimals."
        ),
        "rule_date_format": _(
            "{variable}: the format {value} can't be used. Put it together from YYYY, YY, MM, DD and - _ . /"
        ),
        "rule_range": _("{variable}: {low} ({least}) is larger than {high} ({most}). Change one of them."),
        "choices_missing": _(
            'The variable {variable} is a Choice without choices. Add the rule {{"choices": ["red", "blue"]}}.'
        ),
        "default_refused": _("The default value of {variable} breaks its own rules. {why}"),
    }


def _about_values() -> dict[str, str]:
    return {
        "value_missing": _("Enter a value for {variable}."),
        "value_too_short": _("{variable} needs at least {shortest} characters."),
        "value_too_long": _("{variable} may have at most {longest} characters."),
        "value_pattern": _("{variable}: {value} does not have the form {pattern}."),
        "value_not_number": _("{variable}: {value} is not a number. Enter it like 1200 or 12.50."),
        "value_decimals": _("{variable}: {value} may have at most {decimals} decimals."),
        "value_not_date": _("{variable}: {value} is not a date. Enter it like 2025-01-31."),
        "value_too_small": _("{variable}: {value} is too small or too early. The least is {least}."),
        "value_too_large": _("{variable}: {value} is too large or too late. The most is {most}."),
        "value_choice": _("{variable}: {value} is not possible. Choose one of {choices}."),
        "value_host": _(
            "{variable}: {value} can't be part of a host name. Use letters, digits, hyphens and dots."
        ),
        "values_malformed": _("Enter the values of the template as names and values."),
        "template_inactive": _("The link template {template} is not active. Choose another one."),
    }
