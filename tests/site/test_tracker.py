"""What pages tell of themselves: recorded once, of whom it may be, and nothing of what should leave no trace."""

from __future__ import annotations

import re

import frappe
import pytest
from frappe.utils import now_datetime

from tests import harness
from tests.site import factory
from tests.site.factory import click, new_visitor
from tests.site.page_views import OWN, recorded, recorded_one, tell

pytestmark = pytest.mark.usefixtures("websites")
CONSENT = {"cookie_consent_required": 1}
ROBOT = {"User-Agent": factory.GOOGLEBOT}


def test_a_page_view_of_another_website_is_recorded_once(page):
    landing = f"{page}?utm_source=adverts&utm_medium=cpc&utm_campaign=tracked&secret=s3cret"
    response = tell(landing, title="Prices", referrer="https://search.example/find?q=me")
    assert response.status_code == 200
    visitor = response.json()["visitor"]
    event = recorded_one(page)
    assert event.page_url == f"{page}?utm_source=adverts&utm_medium=cpc&utm_campaign=tracked"
    assert (event.visitor, event.event_type) == (visitor, "Page View")
    assert event.referrer == "https://search.example/find"
    assert frappe.parse_json(event.event_data) == {"consent": "Not Required", "title": "Prices"}
    session = frappe.get_doc("Visitor Session", event.session)
    assert (session.source, session.medium, session.campaign) == ("adverts", "cpc", "tracked")
    seen = frappe.get_doc("Visitor", visitor)
    assert (seen.page_views, seen.session_count, seen.source) == (1, 1, "adverts")


def test_the_next_page_belongs_to_the_same_visit(page):
    visitor = tell(page).json()["visitor"]
    assert tell(f"{page}/next", visitor=visitor, referrer=page).json()["visitor"] == visitor
    first, second = recorded(page)
    assert first.session == second.session
    assert frappe.db.get_value("Visitor Session", first.session, ["page_views", "is_bounce"]) == (2, 0)


def test_a_page_of_one_of_our_websites_brings_nobody_to_another(page):
    with factory.settings(websites="shop.example\nblog.example"):
        tell(page, referrer="https://blog.example/post")
        assert frappe.db.get_value("Visitor Session", recorded_one(page).session, "source") == ""


def test_on_this_site_the_cookie_says_who_it_is_and_no_script_may_read_it():
    client, url = harness.http_client(), f"{OWN}/{factory.unique()}"
    response = tell(url, client)
    assert (response.status_code, response.content) == (204, b"")
    assert "HttpOnly" in response.headers["Set-Cookie"]
    visitor = client.cookies["trackflow_visitor"]
    tell(url, client)
    assert [event.visitor for event in recorded(url)] == [visitor, visitor]


def test_a_click_and_its_landing_page_on_this_site_are_one_visit():
    client, url = harness.http_client(), f"{OWN}/{factory.unique()}"
    link = factory.make_link(url, campaign=factory.make_campaign().name)
    target = click(link, client).headers["Location"]
    tell(target, client)
    event = recorded_one(url)
    assert (event.visitor, event.session) == (
        factory.event_of(link).visitor_id,
        factory.event_of(link).session,
    )


def test_an_id_that_a_link_hands_over_makes_the_page_the_clicks_visitors(page):
    link = factory.make_link(page, append_visitor_id=1)
    target = click(link).headers["Location"]
    handed_over = target.partition("tf_visitor=")[2]
    tell(page, visitor=handed_over)
    assert recorded_one(page).visitor == factory.event_of(link).visitor_id == handed_over


# ---------------------------------------------------------------- not recorded


@pytest.mark.parametrize(
    "headers",
    [
        ROBOT,
        {"User-Agent": ""},
        {"Sec-Purpose": "prefetch"},
        {"Cookie": "trackflow_opt_out=1"},
        {"X-Forwarded-For": "203.0.113.9"},
    ],
    ids=["robot", "no user agent", "prefetch", "opted out", "internal"],
)
def test_what_is_no_visitors_leaves_no_trace(headers):
    url = f"{OWN}/{factory.unique()}"
    ranges = {"exclude_internal_traffic": 1, "internal_ranges": ["203.0.113.0/24"]}
    with factory.settings(**ranges):
        response = tell(url, headers=headers)
    assert (response.status_code, response.content) == (204, b"")
    assert "trackflow_visitor" not in response.headers.get("Set-Cookie", "")
    assert recorded(url) == []


def test_nothing_is_recorded_while_tracking_is_off(page):
    with factory.settings(enable_tracking=0):
        assert tell(page).status_code == 204
    assert recorded(page) == []


def test_colleagues_are_no_visitors():
    url = f"{OWN}/{factory.unique()}"
    assert tell(url, harness.http_client().login()).status_code == 204
    assert recorded(url) == []


def test_customers_who_are_logged_in_are_visitors():
    """Frappe asks for their session's token, which the tracker finds in the page."""
    user = f"{factory.unique('portal')}@example.com"
    frappe.get_doc(
        doctype="User", email=user, first_name="Paula", user_type="Website User", new_password="Browse-the-Shop-5",
        send_welcome_email=0,
    ).insert()  # fmt: skip
    frappe.db.commit()
    client, url = harness.http_client().login(user, "Browse-the-Shop-5"), f"{OWN}/{factory.unique()}"
    token = re.search(r'csrf_token = "(\w*)"', client.get("/me").text)
    assert tell(url, client, csrf_token=token[1]).status_code == 204
    assert recorded_one(url).visitor == client.cookies["trackflow_visitor"]


# ---------------------------------------------------------------- consent


def test_without_consent_no_id_is_kept_where_it_is_required(page):
    own = f"{OWN}/{factory.unique()}"
    with factory.settings(**CONSENT):
        elsewhere, here = tell(page, visitor=new_visitor()), tell(own)
    assert elsewhere.json() == here.json() == {"asks": True}
    assert "trackflow_visitor" not in here.headers.get("Set-Cookie", "")
    assert frappe.parse_json(recorded_one(page).event_data)["consent"] == "Unknown"
    # One browser at one address, for a day.
    assert recorded_one(own).visitor == recorded_one(page).visitor


def test_with_consent_the_id_is_kept(page):
    visitor = new_visitor()
    with factory.settings(**CONSENT, cookie_expires_days=30):
        assert tell(page, visitor=visitor, consent="granted").json() == {"visitor": visitor, "days": 30}
    assert recorded_one(page).visitor == visitor


@pytest.mark.parametrize(
    "said", [{"headers": {"Sec-GPC": "1"}}, {"headers": {"DNT": "1"}}, {"says_no": "1"}], ids=str
)
@pytest.mark.parametrize("settings", [CONSENT, {"gdpr_compliance_enabled": 1}], ids=["asked", "gdpr"])
def test_browsers_that_ask_not_to_be_tracked_get_no_id(page, said, settings):
    with factory.settings(**settings):
        response = tell(page, **said)
    assert (response.status_code, response.content) == (204, b"")
    event = recorded_one(page)
    assert frappe.parse_json(event.event_data)["consent"] == "Denied"
    assert frappe.db.get_value("Visitor", event.visitor, "ip_address").endswith(".0")


def test_who_says_no_later_loses_the_id(page):
    assert tell(page, visitor=new_visitor(), consent="denied").json() == {"visitor": "", "days": 365}
    cookies = f"trackflow_visitor={new_visitor()}; trackflow_consent=denied"
    response = tell(f"{OWN}/{factory.unique()}", headers={"Cookie": cookies})
    assert "trackflow_visitor=;" in response.headers["Set-Cookie"]


def test_who_says_no_where_nobody_asks_is_known_for_a_day_by_a_secret_salt(page):
    """Also with a click: an unsalted hash could be worked out from an address."""
    from trackflow.domain.visitors import daily_visitor_id

    link = factory.make_link()
    tell(page, consent="denied")
    click(link, Cookie="trackflow_consent=denied")
    event = recorded_one(page)
    known = factory.event_of(link).visitor_id
    assert event.visitor == known
    for address in ("127.0.0.1", "None", ""):
        assert known != daily_visitor_id(now_datetime().date(), b"", address, factory.CHROME)
