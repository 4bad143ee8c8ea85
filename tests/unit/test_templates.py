"""Link templates: which are refused, and the URLs that they make."""

from urllib.parse import parse_qsl, unquote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trackflow.domain.template_values import Variable
from trackflow.domain.templates import fill, problems

PAGE = Variable("page")
URL = "https://example.com/{page}"


def reasons(url_template, *variables):
    return [refused.reason for refused in problems(url_template, variables)]


def url_of(url_template, *variables, **values):
    filled = fill(url_template, variables, values)
    assert not filled.errors, filled.errors
    return filled.url


def error_of(variable, value):
    filled = fill(f"https://example.com/?x={{{variable.name}}}", [variable], {variable.name: value})
    return filled.errors[variable.name].reason if filled.errors else filled.url.partition("=")[2]


# ---------------------------------------------------------------- templates


def test_a_template_whose_blanks_are_its_variables_is_right():
    assert (
        reasons(
            "https://{shop}.example.com/{page}?d={day}#{page}",
            PAGE,
            Variable("shop"),
            Variable("day", "Date"),
        )
        == []
    )


@pytest.mark.parametrize(
    ("url_template", "variables", "reason"),
    [
        ("https://example.com/{page}/{lang}", [PAGE], "variable_unknown"),
        (URL, [PAGE, Variable("lang")], "variable_unused"),
        (URL, [PAGE, Variable("PAGE")], "variable_twice"),
        (URL, [PAGE, Variable("a b")], "variable_name"),
        (URL, [PAGE, Variable("")], "variable_name"),
        ("https://example.com/{code}", [Variable("code")], "variable_reserved"),
        (URL, [Variable("page", "Colour")], "variable_kind"),
        ("https://example.com/{page", [PAGE], "template_braces"),
        ("https://example.com/{page}{}", [PAGE], "template_braces"),
        ("https://example.com/{page}{a b}", [PAGE], "template_braces"),
        ("{page}", [PAGE], "template_scheme"),
        ("{page}://example.com/", [PAGE], "template_scheme"),
        ("javascript:{page}", [PAGE], "template_scheme"),
        ("https://exa mple.com/{page}", [PAGE], "destination_unsafe"),
        ("https://me@example.com/{page}", [PAGE], "destination_credentials"),
    ],
)
def test_a_template_that_cannot_work_says_why(url_template, variables, reason):
    assert reason in reasons(url_template, *variables)


def test_all_problems_are_told_at_once():
    found = reasons("https://example.com/{a}", Variable("b"), Variable("c", "Number", rules={"min": "x"}))
    assert found == ["rule_not_number", "variable_unknown", "variable_unused", "variable_unused"]


@pytest.mark.parametrize("macro", ["click_id", "visitor_id", "campaign", "code"])
def test_what_the_redirect_fills_in_is_left_alone(macro):
    template = f"https://example.com/{{page}}?m={{{macro}}}"
    assert reasons(template, PAGE) == []
    assert url_of(template, PAGE, page="x") == f"https://example.com/x?m={{{macro}}}"


# ---------------------------------------------------------------- rules


@pytest.mark.parametrize(
    ("kind", "rules", "reason"),
    [
        ("Text", {"min": 1}, "rule_unknown"),
        ("Text", {"required": "yes"}, "rule_not_boolean"),
        ("Text", {"min_length": -1}, "rule_not_whole"),
        ("Text", {"max_length": True}, "rule_not_whole"),
        ("Text", {"min_length": 5, "max_length": 4}, "rule_range"),
        ("Text", {"pattern": "("}, "rule_pattern"),
        ("Text", {"pattern": "(a+)+"}, "rule_pattern"),
        ("Text", {"pattern": "((a|b)c)*"}, "rule_pattern"),
        ("Number", {"min": "3"}, "rule_not_number"),
        ("Number", {"min": 4, "max": 3}, "rule_range"),
        ("Number", {"format": "#,##0"}, "rule_number_format"),
        ("Date", {"max": "31.12.2025"}, "rule_not_date"),
        ("Date", {"min": "2025-12-31", "max": "2025-01-01"}, "rule_range"),
        ("Date", {"format": "%Y"}, "rule_date_format"),
        ("Choice", {}, "choices_missing"),
        ("Choice", {"choices": []}, "choices_missing"),
        ("Choice", {"choices": "a,b"}, "rule_choices"),
        ("Choice", {"choices": ["a", "a"]}, "rule_choices"),
        ("Choice", {"choices": ["a", 1]}, "rule_choices"),
    ],
)
def test_rules_that_make_no_sense_are_refused(kind, rules, reason):
    assert reasons("https://example.com/{v}", Variable("v", kind, rules=rules)) == [reason]


@pytest.mark.parametrize(
    "pattern", ["[a-z]+", "(ab|cd)", "(red|blue)-[0-9]{2}", r"\(x+\)+", "[(|+]+", "a{2,3}"]
)
def test_ordinary_patterns_are_possible(pattern):
    assert reasons(URL, Variable("page", rules={"pattern": pattern})) == []


@pytest.mark.parametrize(
    "variable",
    [
        Variable("v", "Text", "toolong", {"max_length": 3}),
        Variable("v", "Number", "ten"),
        Variable("v", "Date", "2025-02-30"),
        Variable("v", "Choice", "green", {"choices": ["red", "blue"]}),
    ],
)
def test_a_default_may_not_break_its_own_rule(variable):
    assert reasons("https://example.com/{v}", variable) == ["default_refused"]


# ---------------------------------------------------------------- values


@pytest.mark.parametrize(
    ("variable", "value", "expected"),
    [
        (Variable("v"), " a ", "a"),
        (Variable("v", default="d"), "", "d"),
        (Variable("v"), "", ""),
        (Variable("v", rules={"required": True}), " ", "value_missing"),
        (Variable("v", rules={"min_length": 2}), "a", "value_too_short"),
        (Variable("v", rules={"max_length": 2}), "abc", "value_too_long"),
        (Variable("v"), "x" * 501, "value_too_long"),
        (Variable("v", rules={"pattern": "[a-z]+"}), "abc1", "value_pattern"),
        (Variable("v", rules={"pattern": "[a-z]+"}), "abc", "abc"),
        (Variable("v", "Number"), "007.50", "7.50"),
        (Variable("v", "Number"), "-0", "0"),
        (Variable("v", "Number"), "1e5", "value_not_number"),
        (Variable("v", "Number"), "1,000", "value_not_number"),
        (Variable("v", "Number", rules={"min": 1}), "0.99", "value_too_small"),
        (Variable("v", "Number", rules={"max": 0.1}), "0.1", "0.1"),
        (Variable("v", "Number", rules={"max": 5}), "6", "value_too_large"),
        (Variable("v", "Number", rules={"format": "0"}), "1.5", "value_decimals"),
        (Variable("v", "Number", rules={"format": "000"}), "7", "007"),
        (Variable("v", "Number", rules={"format": "0.00"}), "-7.5", "-7.50"),
        (Variable("v", "Number", rules={"format": "0"}), "9" * 30, "9" * 30),
        (Variable("v", "Date"), "2025-01-31", "2025-01-31"),
        (Variable("v", "Date", rules={"format": "DD.MM.YY"}), "2025-01-31", "31.01.25"),
        (Variable("v", "Date"), "31.01.2025", "value_not_date"),
        (Variable("v", "Date", rules={"min": "2025-01-01"}), "2024-12-31", "value_too_small"),
        (Variable("v", "Date", rules={"max": "2025-01-01"}), "2025-01-02", "value_too_large"),
        (Variable("v", "Choice", rules={"choices": ["red", "blue"]}), "red", "red"),
        (Variable("v", "Choice", rules={"choices": ["red", "blue"]}), "Red", "value_choice"),
    ],
)  # fmt: skip
def test_values_are_held_to_type_and_rules(variable, value, expected):
    assert error_of(variable, value) == expected


def test_every_value_that_is_wrong_is_told_with_its_variable():
    variables = [Variable("a", "Number"), Variable("b", "Date"), Variable("c")]
    filled = fill("https://example.com/{a}/{b}/{c}", variables, {"a": "x", "b": "y", "c": "z"})
    assert filled.url == ""
    assert {name: refused.reason for name, refused in filled.errors.items()} == {
        "a": "value_not_number",
        "b": "value_not_date",
    }


def test_each_value_is_encoded_as_its_place_needs_it():
    url = url_of(
        "https://{v}.example.com/{p}?q={q}&r=1#{f}",
        Variable("v"), Variable("p"), Variable("q"), Variable("f"),
        v="shop", p="a b/c?d#e&ü", q="a/b c&d=e+f#g%", f="/to p",
    )  # fmt: skip
    assert (
        url == "https://shop.example.com/a%20b/c%3Fd%23e%26%C3%BC?q=a%2Fb%20c%26d%3De%2Bf%23g%25&r=1#/to%20p"
    )


@pytest.mark.parametrize("value", ["a/b", "evil.example/", "me@evil", "a b", "-a", ""])
def test_a_host_name_takes_only_what_host_names_are_made_of(value):
    filled = fill("https://{v}.example.com/", [Variable("v")], {"v": value})
    assert filled.errors["v"].reason == "value_host"


def test_a_url_that_gets_too_long_is_refused_as_a_whole():
    filled = fill("https://example.com/" + "{v}" * 10, [Variable("v")], {"v": "x" * 400})
    assert filled.errors[""].reason == "destination_too_long"


@given(st.text(max_size=200), st.text(max_size=200), st.text(max_size=200))
def test_whatever_the_values_are_the_url_keeps_its_shape(path, query, fragment):
    variables = [Variable("p"), Variable("q"), Variable("f")]
    values = {"p": path, "q": query, "f": fragment}
    filled = fill("https://example.com/{p}/end?q={q}&last=1#{f}", variables, values)
    if filled.errors:
        assert filled.errors[""].reason == "destination_too_long"
        return
    parts = urlsplit(filled.url)
    assert parts.hostname == "example.com"
    assert unquote(parts.path, errors="replace") == f"/{shown(path)}/end"
    assert parse_qsl(parts.query, keep_blank_values=True) == [("q", shown(query))] * bool(shown(query)) + [
        ("last", "1")
    ]
    assert unquote(parts.fragment) == shown(fragment)


def shown(text):
    return text.strip().encode("utf-8", "replace").decode()


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
RULE_NAMES = ["required", "min", "max", "min_length", "max_length", "pattern", "choices", "format", "x"]
variables = st.builds(
    Variable,
    st.text(max_size=5) | st.sampled_from(["a", "b", "code"]),
    st.sampled_from(["Text", "Number", "Date", "Choice", "?"]),
    st.text(max_size=12) | st.sampled_from(["1", "2025-01-01"]),
    st.dictionaries(st.sampled_from(RULE_NAMES), anything, max_size=3),
)
templates = st.text(max_size=30) | st.text("ab{}/?#:x ", max_size=20).map(
    lambda text: f"https://e.com/{text}"
)


@given(templates, st.lists(variables, max_size=3), st.text(max_size=30))
def test_rubbish_is_told_and_never_raises_and_what_has_no_problems_can_be_filled(
    template, given_variables, value
):
    if problems(template, given_variables):
        return
    filled = fill(template, given_variables, {variable.name: value for variable in given_variables})
    assert bool(filled.url) != bool(filled.errors)


# ---------------------------------------------------------------- blanks that stay empty


REF, TERM = Variable("ref"), Variable("term")


@pytest.mark.parametrize(
    ("url_template", "values", "url"),
    [
        ("/?ref={ref}", {}, "/"),
        ("/?ref={ref}#top", {}, "/#top"),
        ("/?a=1&ref={ref}&b=2", {}, "/?a=1&b=2"),
        ("/?ref={ref}&a=1", {"ref": "x"}, "/?ref=x&a=1"),
        ("/?q={ref}{term}", {"term": "x"}, "/?q=x"),
        ("/?q={ref}{term}", {}, "/"),
        ("/?q=to-{ref}", {}, "/?q=to-"),
        ("/?q={ref}&visit={click_id}", {}, "/?visit={click_id}"),
        ("/?plain=&{ref}=1", {"ref": "x"}, "/?plain=&x=1"),
        ("/{ref}?a=1", {}, "/?a=1"),
        ("/#?ref={ref}", {}, "/#?ref="),
    ],
)
def test_a_parameter_that_only_stands_for_what_was_left_empty_is_left_out(url_template, values, url):
    assert url_of(f"https://example.com{url_template}", REF, TERM, **values) == f"https://example.com{url}"


def test_a_default_stands_in_for_what_was_left_empty():
    assert url_of("https://example.com/?ref={ref}", Variable("ref", default="fair")).endswith("?ref=fair")


def test_what_must_be_filled_in_is_missed_and_not_left_out():
    required = Variable("ref", rules={"required": True})
    assert fill("https://example.com/?ref={ref}", [required], {}).errors
