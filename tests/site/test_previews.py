"""/r/<code>+ says where a short link leads, without going there."""

from __future__ import annotations

import pytest

from tests.site import factory
from tests.site.factory import make_link, unique


def preview(link, client, query=""):
    return client.get(f"/r/{link.short_code}+{query}")


def test_the_preview_says_where_the_link_leads_and_counts_nothing(http):
    link = make_link("https://shop.example.com/page?a=1&b=<2>", title="Secret title", content="button")
    response = preview(link, http)
    assert (response.status_code, response.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert "<strong>shop.example.com</strong>" in response.text
    assert "https://shop.example.com/page?a=1&amp;b=&lt;2&gt;&amp;utm_content=button" in response.text
    assert f'href="/r/{link.short_code}"' in response.text
    assert "Secret title" not in response.text
    assert response.headers["X-Robots-Tag"] == "noindex"
    assert '<meta name="robots" content="noindex">' in response.text
    assert "Set-Cookie" not in response.headers
    assert factory.queued(link) == []


def test_going_on_from_the_preview_takes_the_query_along(http):
    link = make_link()
    response = preview(link, http, '?x=1&y="><script>')
    assert f'href="/r/{link.short_code}?x=1' in response.text
    assert "<script>" not in response.text


def test_the_preview_works_under_t_as_well_and_with_an_encoded_plus(http):
    link = make_link()
    for path in (f"/t/{link.short_code}+", f"/r/{link.short_code}%2B", f"/%72/{link.short_code}+"):
        assert f'href="/r/{link.short_code}"' in http.get(path).text


@pytest.mark.parametrize("fields", [{"status": "Paused"}, {"expiry_date": "2020-01-01 00:00:00"}], ids=str)
def test_the_preview_of_a_closed_link_says_so_and_leads_nowhere(http, fields):
    link = make_link(fallback_url="https://shop.example.com/over", **fields)
    response = preview(link, http)
    assert response.status_code == 410
    assert "shop.example.com" not in response.text + str(response.headers)


def test_the_preview_of_a_limited_link_takes_no_place(http):
    link = make_link(max_clicks=1)
    for _ in range(2):
        assert preview(link, http).status_code == 200
    assert factory.click(link).status_code == 302
    assert preview(link, http).status_code == 410


def test_the_visitor_id_is_not_in_the_preview(http):
    link = make_link(append_visitor_id=1)
    factory.click(link, http)
    assert "tf_visitor" not in preview(link, http).text


def test_the_preview_of_an_unknown_code_is_not_found(http):
    for code in (f"{unique()}+", f"{make_link().short_code}++", "+"):
        assert http.get(f"/r/{code}").status_code == 404


def test_the_preview_of_a_link_with_variants_is_one_of_them(http):
    link = make_link()
    for name in "ab":
        factory.make_variant(link, name, f"https://{name}.example/", weight=50)
    # A visitor with a cookie sees the own variant.
    there = factory.click(link, http).headers["Location"]
    assert there.partition("://")[2].strip("/") in preview(link, http).text
