"""What a visitor's request adds to the destination: query parameters and macros."""

from __future__ import annotations

from urllib.parse import unquote, urlsplit

import frappe
import pytest

from tests import harness
from tests.site import factory
from tests.site.factory import DESTINATION, make_link, unique
from trackflow import short_urls


def location(link, query="", client=None, **headers):
    """Where a visitor of the short URL with ``query`` is sent."""
    client = client or harness.http_client()
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    address = f"/r/{link.short_code}{query}"
    return client.request("GET", address, headers=named, allow_redirects=False).headers["Location"]


# ---------------------------------------------------------------- query


def test_a_query_stays_behind_unless_the_link_forwards_it():
    assert location(make_link(), "?ref=x") == DESTINATION


def test_a_forwarded_query_reaches_the_destination_as_the_browser_sent_it():
    link = make_link("https://x.example/a?b=1#part", forward_query=1)
    assert location(link, "?ref=a%20b+c&q=%C3%BC") == "https://x.example/a?b=1&ref=a%20b+c&q=%C3%BC#part"


def test_without_a_query_there_is_nothing_to_forward():
    link = make_link("https://x.example/a?b=%2f&&c", forward_query=1)
    assert location(link, "?") == location(link) == "https://x.example/a?b=%2f&&c"


@pytest.mark.parametrize(
    ("winner", "expected"),
    [("Link wins", "utm_source=mail&x=1"), ("Visitor wins", "utm_source=forged&x=1")],
)
def test_the_link_says_who_wins_where_both_have_a_parameter(winner, expected):
    link = make_link("https://x.example/", source="mail", forward_query=1, query_conflict=winner)
    assert urlsplit(location(link, "?utm_source=forged&x=1")).query == expected


def test_nobody_can_hand_on_a_visitor_id_that_is_not_theirs():
    link = make_link("https://x.example/", forward_query=1, query_conflict="Visitor wins")
    assert location(link, f"?tf_visitor={factory.new_visitor()}&a=1") == "https://x.example/?a=1"


def test_variants_get_the_query_too():
    link = make_link(forward_query=1)
    factory.make_variant(link, "only", "https://one.example/")
    assert location(link, "?a=1") == "https://one.example/?a=1"


def test_a_click_records_the_destination_with_what_was_forwarded():
    link = make_link(forward_query=1)
    location(link, "?a=1")
    assert factory.queued(link)[0].request_data["destination_url"] == f"{DESTINATION}?a=1"


# ---------------------------------------------------------------- macros


def test_each_click_fills_in_the_macros(http):
    campaign = factory.make_campaign()
    link = make_link(
        "https://x.example/{code}?click={click_id}&who={visitor_id}&c={campaign}#{code}",
        campaign=campaign.name,
    )
    address = urlsplit(location(link, client=http))
    (row,) = factory.queued(link)
    assert address.path == f"/{link.short_code}"
    assert address.query.startswith(f"click={row.name}&who={row.visitor_id}&c={campaign.campaign_id}")
    assert address.fragment == link.short_code
    assert factory.event_of(link).name == row.name


def test_a_visitor_who_has_not_agreed_is_not_named():
    link = make_link("https://x.example/?who={visitor_id}&code={code}")
    with factory.settings(cookie_consent_required=1):
        assert location(link) == f"https://x.example/?who=&code={link.short_code}"


def test_macros_work_in_additional_parameters_and_variants():
    link = make_link(additional_parameters='{"sub": "{code}"}')
    assert location(link) == f"{DESTINATION}?sub={link.short_code}"
    factory.make_variant(link, "only", "https://one.example/{code}")
    assert location(link) == f"https://one.example/{link.short_code}?sub={link.short_code}"


def test_braces_that_are_no_macro_stay_as_they_were_typed():
    # Newer releases of Werkzeug encode braces in a Location, as browsers do.
    assert unquote(location(make_link("https://x.example/{page}?a={}"))) == "https://x.example/{page}?a={}"


def test_what_a_visitor_sends_is_never_taken_for_a_macro():
    link = make_link("https://x.example/?code={code}", forward_query=1)
    sent = "?a=%7Bclick_id%7D"
    assert location(link, sent) == f"https://x.example/?code={link.short_code}&a=%7Bclick_id%7D"


def test_the_fallback_has_macros_too_but_no_click_to_name():
    link = make_link(status="Paused", fallback_url="https://x.example/{code}?c={click_id}")
    assert location(link) == f"https://x.example/{link.short_code}?c="


def test_a_macro_cannot_choose_the_host():
    with pytest.raises(frappe.ValidationError, match="Macros can stand behind the host only"):
        make_link("https://{campaign}.example/")


def test_a_macro_cannot_make_a_destination_a_short_link_of_ours():
    (host, *_) = sorted(short_urls.own_hosts())
    for path in ("/{campaign}/abc", "/x/{campaign}/r/abc", "/{visitor_id}r/abc"):
        with pytest.raises(frappe.ValidationError, match="is itself a short link on"):
            make_link(f"https://{host}{path}")
    assert make_link(f"https://{host}/landing/{{campaign}}", short_code=unique()).name
