"""Short domains: which one a link shows, and what holds under each."""

from __future__ import annotations

import frappe
import pytest

from tests import harness
from tests.site import factory
from tests.site.factory import DESTINATION, make_link, short_domain, unique
from trackflow import short_urls
from trackflow.domain.qr_styles import QrStyle
from trackflow.patches.v0_1 import domain_from_settings
from trackflow.qr import drawing as qr_drawing

HOME = "https://www.example.com/"
SORRY = "https://www.example.com/sorry"


def ask(host, path, client=None, **headers):
    """A request under ``host``. The site is named in a header, as nginx does it for a bench's other domains."""
    client = client or harness.http_client()
    # requests takes a Host header as it is; Frappe finds the site by the other one.
    return client.get(path, headers={"Host": host, "X-Frappe-Site-Name": harness.SITE, **headers})


# ---------------------------------------------------------------- which domain a link shows


def test_without_a_domain_short_urls_are_the_sites_own():
    if short_urls.primary_domain():
        pytest.skip("This site has a primary domain")
    link = make_link()
    assert link.domain is None
    assert link.short_url == f"{frappe.utils.get_url()}/r/{link.short_code}"


def test_new_links_take_the_primary_domain_and_keep_it():
    with short_domain(is_primary=1) as first:
        link = make_link()
        assert (link.domain, link.short_url) == (first.name, f"https://{first.name}/r/{link.short_code}")
        with short_domain(is_primary=1, ssl_enabled=0) as second:
            assert frappe.get_doc("Tracked Link", link.name).domain == first.name
            assert make_link().short_url.startswith(f"http://{second.name}/r/")


def test_a_link_may_choose_its_domain_and_its_qr_code_follows():
    with short_domain(is_primary=1), short_domain() as other:
        link = make_link()
        factory.change(link, domain=other.name)
        link.reload()
        assert link.short_url == f"https://{other.name}/r/{link.short_code}"
        assert link.qr_code == qr_drawing.svg(link.short_url, QrStyle())


def test_what_is_remembered_of_domains_ends_with_their_change_and_with_the_transaction():
    with short_domain(is_primary=1, ssl_enabled=1) as domain:
        assert short_urls.base_url() == f"https://{domain.name}"
        domain.reload()
        domain.ssl_enabled = 0
        domain.save()
        assert short_urls.base_url() == f"http://{domain.name}"
        frappe.db.rollback()
        assert short_urls.base_url() == f"https://{domain.name}"
    assert short_urls.primary_domain() != domain.name


def test_a_domain_that_links_show_is_not_deleted():
    with short_domain(is_primary=1), short_domain() as other:
        link = make_link(domain=other.name)
        with pytest.raises(frappe.LinkExistsError, match=link.name):
            frappe.delete_doc("Domain Configuration", other.name)


def primary():
    return frappe.get_all("Domain Configuration", {"is_primary": 1}, pluck="name", order_by="name asc")


def shown_in_settings():
    return frappe.db.get_single_value("TrackFlow Settings", "default_shortlink_domain")


def test_exactly_one_domain_is_primary_and_the_settings_show_it():
    with short_domain(is_primary=1) as first:
        assert (primary(), shown_in_settings()) == ([first.name], first.name)
        with short_domain() as second:
            assert primary() == [first.name]
            factory.change(second, is_primary=1)
            assert (primary(), shown_in_settings()) == ([second.name], second.name)
            with pytest.raises(frappe.ValidationError, match="Make another one primary instead"):
                factory.change(second, is_primary=0)
            with pytest.raises(frappe.ValidationError, match="Make another one primary first"):
                frappe.delete_doc("Domain Configuration", second.name)


def test_the_first_domain_is_the_primary_one():
    if primary():
        pytest.skip("This site has a primary domain")
    with short_domain() as domain:
        assert primary() == [domain.name]
    assert (primary(), shown_in_settings() or "") == ([], "")


def test_the_settings_can_not_say_otherwise():
    with short_domain(is_primary=1) as domain, factory.settings(default_shortlink_domain="x.example"):
        assert shown_in_settings() == domain.name


def test_a_domain_that_was_typed_into_the_settings_becomes_the_primary_one(site):
    if primary():
        pytest.skip("This site has a primary domain")
    frappe.db.set_single_value("TrackFlow Settings", "default_shortlink_domain", "old.example.com")
    for _twice in range(2):
        domain_from_settings.execute()
        assert (primary(), shown_in_settings()) == (["old.example.com"], "old.example.com")
    assert short_urls.short_url("abc") == "https://old.example.com/r/abc"


def test_a_link_is_found_under_every_domain_of_the_site():
    with short_domain() as one, short_domain() as two:
        link = make_link(domain=one.name)
        for host in (one.name, two.name, harness.SITE):
            assert ask(host, f"/r/{link.short_code}").headers["Location"] == DESTINATION


# ---------------------------------------------------------------- what holds under a domain


def test_the_headers_of_a_domain_are_on_all_its_answers_and_on_no_others():
    headers = [
        {"header_name": " Referrer-Policy ", "header_value": "no-referrer"},
        {"header_name": "x-robots-tag", "header_value": "noindex, nofollow"},
    ]
    with short_domain(headers=headers, root_redirect=HOME) as domain:
        code = make_link(domain=domain.name).short_code
        paused = make_link(status="Paused").short_code
        for path in (f"/r/{code}", f"/r/{code}+", f"/r/{paused}", f"/r/{unique()}", "/"):
            answer = ask(domain.name, path)
            assert answer.headers["Referrer-Policy"] == "no-referrer", path
            assert answer.headers["X-Robots-Tag"] == "noindex, nofollow", path
            assert answer.headers["Cache-Control"] == "no-store, private", path
        elsewhere = ask(harness.SITE, f"/r/{code}")
        assert "Referrer-Policy" not in elsewhere.headers
        assert elsewhere.headers["X-Robots-Tag"] == "noindex"


def test_the_root_of_a_domain_leads_where_it_says_and_only_there():
    with short_domain(root_redirect=HOME) as domain, short_domain() as plain:
        answer = ask(domain.name, "/")
        assert (answer.status_code, answer.headers["Location"]) == (302, HOME)
        assert ask(f"{domain.name}:8443", "/?x=1").headers["Location"] == HOME
        for host, path in ((harness.SITE, "/"), (plain.name, "/"), (domain.name, "/login")):
            assert ask(host, path).headers.get("Location") != HOME


def test_unknown_codes_lead_where_the_domain_says():
    with short_domain(not_found_redirect=SORRY) as domain:
        for code in (unique(), "no such thing", "%0d%0a", "x" * 99, f"{unique()}+"):
            answer = ask(domain.name, f"/r/{code}")
            assert (answer.status_code, answer.headers["Location"]) == (302, SORRY)
        assert ask(harness.SITE, f"/r/{unique()}").status_code == 404
        paused = make_link(status="Paused").short_code
        assert ask(domain.name, f"/r/{paused}").status_code == 410, "a closed link is no unknown one"


def test_the_css_of_a_domain_is_on_its_pages_only():
    css = "main { border-top: 4px solid #e4572e } @media (width < 600px) { h1 { color: red } }"
    with short_domain(custom_css=css) as domain:
        code = unique()
        assert css in ask(domain.name, f"/r/{code}").text
        assert css not in ask(harness.SITE, f"/r/{code}").text
        factory.change(domain, custom_css="")
        assert css not in ask(domain.name, f"/r/{code}").text


def test_a_domain_may_append_the_visitor_id_for_all_its_links():
    with short_domain(tracking_settings='{"append_visitor_id": true}') as domain:
        link = make_link()
        there = ask(domain.name, f"/r/{link.short_code}").headers["Location"]
        assert there.startswith(f"{DESTINATION}?tf_visitor=v_")
        assert ask(harness.SITE, f"/r/{link.short_code}").headers["Location"] == DESTINATION


def test_a_changed_domain_works_at_once():
    with short_domain(root_redirect=HOME) as domain:
        assert ask(domain.name, "/").headers["Location"] == HOME
        factory.change(domain, root_redirect=SORRY)
        assert ask(domain.name, "/").headers["Location"] == SORRY
    assert ask(domain.name, "/").headers.get("Location") not in (HOME, SORRY)


# ---------------------------------------------------------------- what is refused


@pytest.mark.parametrize(
    "typed",
    ["http://x.example", "x.example/path", "-x.example", "x..example", "ex ample.com", "x.example:abc"],
)
def test_a_domain_that_is_none_is_refused_in_a_sentence(typed):
    with pytest.raises(frappe.ValidationError, match=r"is no domain. Enter it like go.example.com"):
        frappe.get_doc(doctype="Domain Configuration", domain=typed).insert()


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"headers": [{"header_name": "Set-Cookie", "header_value": "a=b"}]}, "is set by TrackFlow"),
        ({"headers": [{"header_name": "location", "header_value": "/"}]}, "is set by TrackFlow"),
        ({"headers": [{"header_name": "X Y", "header_value": "1"}]}, "is no header name"),
        ({"headers": [{"header_name": "X-Y:", "header_value": "1"}]}, "is no header name"),
        (
            {"headers": [{"header_name": "X-Y", "header_value": "1\r\nSet-Cookie: a=b"}]},
            "needs a value in one",
        ),
        ({"headers": [{"header_name": n, "header_value": "1"} for n in ("X-Y", "x-y")]}, "is there twice"),
        ({"custom_css": "p{}</style><script>alert(1)</script>"}, "contains HTML"),
        ({"custom_css": "@IMPORT url(https://x.example/)"}, "@import"),
        ({"tracking_settings": '{"append_visitor": true}'}, "append_visitor_id"),
        ({"tracking_settings": '{"append_visitor_id": "yes"}'}, "append_visitor_id"),
        ({"tracking_settings": "[1]"}, "append_visitor_id"),
        ({"root_redirect": "javascript:alert(1)"}, "must begin with http"),
        ({"domain": "root.example", "root_redirect": "https://root.example/"}, "leads to itself"),
        ({"domain": "nf.example", "not_found_redirect": "https://nf.example/r/x"}, "is itself a short link"),
    ],
    ids=str,
)
def test_what_would_break_answers_is_refused_in_a_sentence(fields, sentence):
    values = {"domain": f"{unique('d')}.example"} | fields
    with pytest.raises(frappe.ValidationError, match=sentence):
        frappe.get_doc(doctype="Domain Configuration", **values).insert()
