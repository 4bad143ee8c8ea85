"""The sheet of a campaign's QR codes: which links are on it, and who gets it."""

from __future__ import annotations

import pypdfium2
import pytest
import zxingcpp

from tests import harness
from tests.site import crm_factory
from tests.site.factory import make_campaign, make_link


def log_in(*roles):
    client = harness.http_client()
    login = {"usr": crm_factory.a_user(*roles), "pwd": crm_factory.PASSWORD}
    assert client.post("/api/method/login", data=login).ok
    return client


def fetch(client, campaign, **values):
    return client.get(
        "/api/method/trackflow.api.campaigns.qr_sheet", params={"campaign": campaign.name} | values
    )


def pages(answer):
    """(size, codes) of each page."""
    assert answer.headers["Content-Type"].startswith("application/pdf"), answer.text[:300]
    return [
        (
            tuple(round(points) for points in page.get_size()),
            {code.text for code in zxingcpp.read_barcodes(page.render(scale=3).to_pil().convert("RGB"))},
        )
        for page in pypdfium2.PdfDocument(answer.content)
    ]


@pytest.fixture
def manager(site):
    return log_in("Campaign Manager")


def test_all_active_links_of_the_campaign_are_on_the_sheet(manager):
    campaign = make_campaign()
    active = [make_link(campaign=campaign.name, title=title) for title in ("B", "A", "夏のセール")]
    make_link(campaign=campaign.name, status="Paused")
    make_link(campaign=make_campaign().name)
    answer = fetch(manager, campaign)
    assert pages(answer) == [((595, 842), {link.short_url for link in active})]
    assert f"{campaign.campaign_id}.pdf" in answer.headers["Content-Disposition"]


def test_links_are_sorted_by_title_and_page_size_and_number_can_be_chosen(manager):
    campaign = make_campaign()
    links = {title: make_link(campaign=campaign.name, title=title) for title in ("C", "A", "B")}
    found = pages(fetch(manager, campaign, page_size="Letter", per_page=2))
    assert found == [
        ((612, 792), {links["A"].short_url, links["B"].short_url}),
        ((612, 792), {links["C"].short_url}),
    ]


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({}, "There are no links to print codes of"),
        ({"page_size": "A3"}, "Choose A4 or Letter, and 1, 2, 4, 6, 12, 20, 30 codes on a page."),
        ({"per_page": 5}, "Choose A4 or Letter"),
        ({"per_page": "many"}, "Choose A4 or Letter"),
    ],
)
def test_what_cannot_be_printed_is_explained(manager, values, sentence):
    answer = fetch(manager, make_campaign(), **values)
    assert answer.status_code == 417
    assert sentence in answer.json()["_server_messages"]


def test_too_many_links_are_refused(site, monkeypatch):
    from trackflow.qr import codes as qr_codes

    monkeypatch.setattr(qr_codes, "MOST_ON_A_SHEET", 1)
    campaign = make_campaign()
    for _ in range(2):
        make_link(campaign=campaign.name)
    with pytest.raises(Exception, match="has 1 codes at most"):
        qr_codes.sheet_of(campaign.name, "A4", 12)


def test_sheets_are_for_those_who_may_read_the_campaign(site, http):
    campaign = make_campaign()
    make_link(campaign=campaign.name)
    assert fetch(http, campaign).status_code == 403
    assert fetch(log_in("Blogger"), campaign).status_code == 403
