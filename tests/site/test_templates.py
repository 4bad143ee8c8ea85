"""Link templates: what can be saved, and the links that are made of them."""

from __future__ import annotations

import json

import frappe
import pytest

from tests.site import factory
from tests.site.factory import click, make_link, unique

PAGE = {"variable_name": "page"}
SIZE = {"variable_name": "size", "variable_type": "Choice", "validation_rules": '{"choices": ["s", "m"]}'}


def make_template(url_template="https://example.com/{page}", variables=(PAGE,), **fields):
    template = frappe.get_doc(
        doctype="Link Template",
        template_name=unique("Template"),
        url_template=url_template,
        variables=list(variables),
        **fields,
    ).insert()
    frappe.db.commit()
    return template


def from_template(template, values, **fields):
    link = frappe.get_doc(
        doctype="Tracked Link", link_template=template.name, template_values=json.dumps(values), **fields
    ).insert()
    frappe.db.commit()
    return link


@pytest.mark.parametrize(
    ("url_template", "variables", "sentence"),
    [
        ("https://example.com/{page}/{lang}", [PAGE], r"The URL template uses \{lang\}, but there is no such variable"),
        ("https://example.com/", [PAGE], "The variable page does not occur in the URL template"),
        ("https://example.com/{size}", [{**SIZE, "validation_rules": None}], "is a Choice without choices"),
        ("https://example.com/{size}", [{**SIZE, "default_value": "xl"}], "default value of size breaks its own rules"),
        ("https://example.com/{page}", [{**PAGE, "validation_rules": "[1]"}], "validation rules of page as names"),
        ("https://example.com/{code}", [{"variable_name": "code"}], "The name code is taken"),
        ("ftp://example.com/{page}", [PAGE], "must begin with http"),
    ],
)  # fmt: skip
def test_a_template_that_cannot_work_is_refused_in_a_sentence(url_template, variables, sentence):
    with pytest.raises(frappe.ValidationError, match=sentence):
        make_template(url_template, variables)


def test_a_link_takes_its_destination_from_the_template_and_remembers_it():
    template = make_template("https://example.com/{page}?size={size}", [PAGE, SIZE])
    link = from_template(template, {"page": "new shoes", "size": "m"})
    assert link.destination_url == "https://example.com/new%20shoes?size=m"
    assert (link.link_template, json.loads(link.template_values)) == (
        template.name,
        {"page": "new shoes", "size": "m"},
    )
    assert click(link).headers["Location"] == link.destination_url


def test_a_value_that_breaks_a_rule_makes_no_link():
    template = make_template("https://example.com/{size}", [SIZE])
    with pytest.raises(frappe.ValidationError, match=r"xl is not possible. Choose one of s, m"):
        from_template(template, {"size": "xl"})


def test_no_links_are_made_from_an_inactive_template():
    with pytest.raises(frappe.ValidationError, match="is not active"):
        from_template(make_template(is_active=0), {"page": "x"})


def test_utm_parameters_come_from_the_link_before_the_campaign_before_the_template():
    utm = "utm_source=tpl&utm_medium=tpl&utm_term=tpl"
    template = make_template(f"https://example.com/{{page}}?{utm}")
    campaign = factory.make_campaign(source="news", medium="email")
    link = from_template(template, {"page": "x"}, campaign=campaign.name, medium="sms")
    query = dict(pair.split("=") for pair in link.target_url.partition("?")[2].split("&"))
    assert query == {
        "utm_source": "news",
        "utm_medium": "sms",
        "utm_term": "tpl",
        "utm_campaign": campaign.campaign_id,
    }


def test_changing_a_template_leaves_its_links_alone():
    template = make_template()
    link = from_template(template, {"page": "x"})
    factory.change(template, url_template="https://other.example/{page}")
    factory.change(link, title="Later")
    assert frappe.db.get_value("Tracked Link", link.name, "destination_url") == "https://example.com/x"


def test_values_of_a_link_without_a_template_are_not_kept():
    assert not make_link(template_values='{"a": 1}').template_values


# ---------------------------------------------------------------- preview


def preview(client, url_template, variables, values):
    data = {
        "url_template": url_template,
        "variables": json.dumps(variables),
        "values": values if isinstance(values, str) else json.dumps(values),
    }
    return client.post("/api/method/trackflow.api.templates.preview", data=data)


def test_the_preview_shows_the_url_or_what_is_wrong_with_values_and_template(http):
    http.login()
    url, rows = "https://example.com/{page}?size={size}", [PAGE, SIZE]
    answer = preview(http, url, rows, {"page": "a b", "size": "s"}).json()["message"]
    assert answer == {"url": "https://example.com/a%20b?size=s", "errors": {}, "problems": []}
    answer = preview(http, url, rows, {"page": "a b", "size": "<xl>"}).json()["message"]
    assert answer["errors"] == {"size": "size: &lt;xl&gt; is not possible. Choose one of s, m."}
    answer = preview(http, url, [PAGE], {}).json()["message"]
    assert "there is no such variable" in answer["problems"][0]
    answer = preview(http, url, rows, "[1]").json()["message"]
    assert answer["errors"] == {"": "Enter the values of the template as names and values."}


def test_the_preview_is_not_for_guests(http):
    assert preview(http, "https://example.com/{page}", [PAGE], {}).status_code == 403
