"""What can be saved as a tracked link, and what saving it brings about."""

from __future__ import annotations

from datetime import timedelta

import frappe
import pytest
from frappe.utils import now_datetime

from tests.site import factory
from tests.site.factory import DESTINATION, make_link, unique
from trackflow import short_urls

LONG = f"https://example.com/{'x' * 4980}"
REFUSED = {
    "": "Enter where the link goes to, for example https://example.com/page.",
    "javascript:alert(1)": r"javascript:alert\(1\) can't be used. It must begin with http:// or https://",
    "data:text/html,<script>x</script>": "can't be used. It must begin with http:// or https://",
    "ftp://example.com/file": "It must begin with http:// or https://",
    "bareword": "bareword can't be used. It must begin with http:// or https://",
    "www.example.com/page": "It must begin with http:// or https://",
    "//example.com": "It must begin with http:// or https://",
    "https:example.com": "It must begin with http:// or https://",
    "http://": "is not a complete address. Check the host name.",
    "https://exa mple.com": "contains a space, a backslash or a control character",
    "https://example.com\\@evil.example": "contains a space, a backslash or a control character",
    "https://example.com/a\nLocation: x": "contains a space, a backslash or a control character",
    "https://user:secret@example.com/": "contains a user name or password before the @",
    "https://user@example.com/": "contains a user name or password before the @",
    "https://example.com:99999/": "is not a complete address",
    LONG: "has 5000 characters. At most 2048 are possible",
}


def number_of_links():
    frappe.db.rollback()
    return frappe.db.count("Tracked Link")


@pytest.mark.parametrize("url", REFUSED, ids=lambda url: repr(url[:30]))
def test_a_destination_that_visitors_cannot_be_sent_to_is_refused_in_a_sentence(url):
    before = number_of_links()
    with pytest.raises(frappe.ValidationError, match=REFUSED[url]):
        make_link(url)
    assert number_of_links() == before


@pytest.mark.parametrize("path", ["/r/x", "/t/x", "/r", ":8000/r/x"])
def test_a_destination_that_is_a_short_link_of_this_site_is_refused(path):
    (host, *_) = sorted(short_urls.own_hosts())
    with pytest.raises(frappe.ValidationError, match="is itself a short link on"):
        make_link(f"https://{host.upper()}{path}")


def test_a_page_of_this_site_is_a_destination_like_any_other():
    (host, *_) = sorted(short_urls.own_hosts())
    assert make_link(f"https://{host}/reports").name


def test_a_destination_may_not_go_through_one_of_our_own_domains_either():
    domain = frappe.get_doc(doctype="Domain Configuration", domain=f"{unique('go')}.example").insert()
    with pytest.raises(frappe.ValidationError, match="is itself a short link on"):
        make_link(f"https://{domain.domain}/r/abc")


def test_the_fallback_is_checked_like_the_destination():
    with pytest.raises(frappe.ValidationError, match="must begin with http"):
        make_link(fallback_url="javascript:alert(1)")


def test_a_refused_change_leaves_the_link_as_it_was():
    link = make_link()
    with pytest.raises(frappe.ValidationError, match="must begin with http"):
        factory.change(link, destination_url="javascript:alert(1)")
    frappe.db.rollback()
    assert frappe.db.get_value("Tracked Link", link.name, "destination_url") == DESTINATION
    assert factory.click(link).headers["Location"] == DESTINATION


def test_what_was_typed_is_not_taken_for_html_in_the_sentence():
    with pytest.raises(frappe.ValidationError) as refused:
        make_link("<img src=x onerror=alert(1)>:x")
    assert "<img" not in str(refused.value)


def test_spaces_around_a_destination_are_forgiven():
    assert make_link(f"  {DESTINATION}\n").destination_url == DESTINATION


def test_a_link_cannot_expire_before_it_starts():
    now = now_datetime()
    with pytest.raises(frappe.ValidationError, match="expires before it starts"):
        make_link(start_date=now, expiry_date=now - timedelta(days=1))


@pytest.mark.parametrize("rubbish", ["{", "[]", '"text"', "3", '{"a": {"b": 1}}', '{"a": [1]}'])
def test_additional_parameters_are_names_with_values(rubbish):
    with pytest.raises(frappe.ValidationError, match="additional parameters as names and values"):
        make_link(additional_parameters=rubbish)


def test_a_link_takes_campaign_id_and_utm_from_its_campaign():
    campaign = factory.make_campaign(source="news", medium="email")
    link = make_link(campaign=campaign.name)
    assert link.campaign_id == campaign.campaign_id
    expected = f"{DESTINATION}?utm_source=news&utm_medium=email&utm_campaign={campaign.campaign_id}"
    assert link.target_url == expected


def test_a_link_without_campaign_or_utm_leads_exactly_where_it_says():
    assert make_link("https://example.com/?A=%2f&b").target_url == "https://example.com/?A=%2f&b"


def test_an_unknown_campaign_is_refused():
    with pytest.raises(frappe.LinkValidationError, match="no campaign"):
        make_link(campaign=unique("no campaign"))


def test_a_link_has_a_title_and_its_creator():
    link = make_link()
    assert (link.title, link.created_by, link.status) == (link.short_code, "Administrator", "Active")


def test_a_copy_of_a_link_has_a_code_of_its_own_and_counts_from_nothing():
    link = make_link()
    factory.click(link)
    factory.drain()
    copy = frappe.copy_doc(frappe.get_doc("Tracked Link", link.name), ignore_no_copy=False).insert()
    assert copy.short_code != link.short_code
    assert (copy.click_count, copy.unique_visitor_count, copy.last_click) == (0, 0, None)
    assert copy.short_code in copy.short_url


# ---------------------------------------------------------------- QR codes


def test_a_link_has_its_qr_code_and_a_new_one_with_a_new_code():
    link = make_link()
    assert "<svg" in link.qr_code
    factory.change(link, short_code=unique())
    assert frappe.db.get_value("Tracked Link", link.name, "qr_code") != link.qr_code


@pytest.mark.parametrize(("kind", "start"), [("png", b"\x89PNG\r\n"), ("svg", b"<?xml")])
def test_the_qr_code_can_be_downloaded(http, kind, start):
    link = make_link()
    address = f"/api/method/trackflow.api.links.qr_code?link={link.name}&file_format={kind}"
    response = http.login().get(address)
    assert response.status_code == 200
    assert response.content.startswith(start) or b"<svg" in response.content[:200]
    assert f"{link.short_code}.{kind}" in response.headers["Content-Disposition"]


def test_guests_get_no_qr_code(http):
    address = f"/api/method/trackflow.api.links.qr_code?link={make_link().name}"
    assert http.get(address).status_code == 403


# ---------------------------------------------------------------- variants


def test_a_variants_destination_is_checked_like_a_links():
    with pytest.raises(frappe.ValidationError, match="must begin with http"):
        factory.make_variant(make_link(), "A", "javascript:alert(1)")


@pytest.mark.parametrize("weight", [-1, 101])
def test_a_variants_weight_is_a_number_from_0_to_100(weight):
    with pytest.raises(
        frappe.ValidationError, match=f"The weight is {weight}. Enter a number from 0 to 100."
    ):
        factory.make_variant(make_link(), "A", DESTINATION, weight=weight)


def test_a_link_has_each_variant_name_once():
    link = make_link()
    factory.make_variant(link, "A", DESTINATION)
    with pytest.raises(frappe.UniqueValidationError, match="has a variant A already"):
        factory.make_variant(link, "A", DESTINATION)


def test_the_active_variants_of_a_link_cannot_all_weigh_nothing():
    link = make_link()
    with pytest.raises(
        frappe.ValidationError, match="All active variants of this link would have the weight 0"
    ):
        factory.make_variant(link, "A", DESTINATION, weight=0)
    frappe.db.rollback()
    first = factory.make_variant(link, "A", DESTINATION, weight=10)
    factory.make_variant(link, "B", DESTINATION, weight=0)
    for change in ({"weight": 0}, {"active": 0}):
        with pytest.raises(frappe.ValidationError, match="Give at least one a weight"):
            factory.change(first, **change)
        frappe.db.rollback()
    with pytest.raises(frappe.ValidationError, match="switch the others off first"):
        frappe.delete_doc("Campaign Link Variant", first.name)


def test_variants_without_weight_may_be_kept_switched_off():
    link = make_link()
    variants = [factory.make_variant(link, name, DESTINATION, weight=0, active=0) for name in "AB"]
    factory.change(variants[0], active=1, weight=1)
    factory.change(variants[0], active=0)
    for variant in variants:
        frappe.delete_doc("Campaign Link Variant", variant.name)


# ---------------------------------------------------------------- loops


@pytest.mark.parametrize("field", ["fallback_url", "fallback_url_expired", "ios_url"])
def test_no_address_of_a_link_may_be_a_short_link_of_ours(field):
    (host, *_) = sorted(short_urls.own_hosts())
    with pytest.raises(frappe.ValidationError, match="is itself a short link on"):
        make_link(**{field: f"https://{host}/r/abc"})


def test_neither_may_a_variants():
    (host, *_) = sorted(short_urls.own_hosts())
    with pytest.raises(frappe.ValidationError, match="is itself a short link on"):
        factory.make_variant(make_link(), "A", f"https://{host}/t/abc")


def new_domain(host):
    return frappe.get_doc(doctype="Domain Configuration", domain=host).insert()


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_domain_is_no_short_domain_while_links_lead_to_its_short_links(scheme):
    host = f"{unique('go')}.example"
    short, page = f"{scheme}://{host}/r/abc", f"{scheme}://{host}/about"
    rule = {"device": "Mobile", "destination_url": short}
    for link in (make_link(short), make_link(fallback_url_paused=short), make_link(targeting_rules=[rule])):
        with pytest.raises(frappe.ValidationError, match=f"round in circles.*{link.name}"):
            new_domain(host)
        frappe.db.rollback()
        factory.change(link, destination_url=page, fallback_url_paused=page, targeting_rules=[])
    variant = factory.make_variant(make_link(), "A", short)
    with pytest.raises(frappe.ValidationError, match=f"round in circles.*{variant.tracked_link}"):
        new_domain(host)
    frappe.db.rollback()
    factory.change(variant, destination_url=page)
    assert new_domain(host).name
    frappe.db.rollback()
