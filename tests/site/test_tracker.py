"""What pages tell of themselves: recorded once, of whom it may be, and nothing of what should leave no trace."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from ipaddress import ip_address
from urllib.parse import urlsplit

import frappe
import pytest
from frappe.utils import now_datetime

from tests import harness
from tests.site import factory
from tests.site.factory import click, new_visitor
from trackflow import event_queue, ingest, throttles, tracker
from trackflow.api import tracker as api
from trackflow.domain.page_views import PageView

METHOD = "/api/method/trackflow.api.tracker.page_view"
SHOP = "https://www.shop.example"
HOST = f"{harness.SITE}:{urlsplit(harness.URL).port}"
OWN = f"http://{HOST}"
CONSENT = {"cookie_consent_required": 1}
ROBOT = {"User-Agent": factory.GOOGLEBOT}

# Jobs in processes of their own that are killed, each before another one of its statements. They are given views that
# were held back until then, because the site's own workers would take them otherwise.
KILLED_WORKERS = """
import os, signal, sys, time
import frappe
from trackflow import event_queue

GIVE = "UPDATE `tabVisitor Event Queue` SET status = 'Pending' WHERE status = 'Held' AND page_url LIKE %s LIMIT 20"

def drain_until_killed(statements):
    frappe.init(sys.argv[1])
    frappe.connect()
    event_queue.BATCH = 15
    frappe.db.sql(GIVE, sys.argv[2] + "%")
    frappe.db.commit()
    execute, left = frappe.db.sql, [statements]

    def count(*args, **kwargs):
        left[0] -= 1
        if left[0] < 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return execute(*args, **kwargs)

    frappe.db.sql = count
    event_queue.drain(time.monotonic() + 20)

for statements in sys.argv[3:]:
    worker = os.fork()
    if not worker:
        drain_until_killed(int(statements))
        os._exit(0)
    print(os.WIFSIGNALED(os.waitpid(worker, 0)[1]), flush=True)
"""


@pytest.fixture(autouse=True)
def websites(site):
    # One address makes all requests of all tests.
    frappe.cache.delete_keys("trackflow:page_views:")
    with factory.settings(websites="shop.example", exclude_internal_traffic=0):
        yield


@pytest.fixture
def page():
    """The address of a page that nobody has seen."""
    return f"{SHOP}/{factory.unique()}"


def tell(url, client=None, headers=None, origin=None, **told):
    """What a page at ``url`` does when it is seen."""
    parts = urlsplit(url)
    headers = {"Origin": origin or f"{parts.scheme}://{parts.netloc}", **(headers or {})}
    client = client or harness.http_client()
    return client.request("POST", METHOD, data={"url": url, **told}, headers=headers)


def waiting(url):
    frappe.db.commit()
    return frappe.get_all(event_queue.DOCTYPE, {"page_url": ("like", f"{url}%")}, ["*"], order_by="name asc")


def recorded(url):
    """The page views of ``url``, once everything is drained."""
    ingest.drain()
    harness.wait_until(lambda: not waiting(url))
    return frappe.get_all("Visitor Event", {"page_url": ("like", f"{url}%")}, ["*"], order_by="name asc")


def recorded_one(url):
    (event,) = recorded(url)
    return event


def put(url, number=1, **fields):
    """Queue page views without the web server, held back from the site's own workers; return their names."""
    views = [factory.page_view(**({"visitor": new_visitor(), "url": url} | fields)) for _ in range(number)]
    for view in views:
        event_queue.put(view)
    queue = frappe.qb.DocType(event_queue.DOCTYPE)
    names = [view.name for view in views]
    frappe.qb.update(queue).set(queue.status, "Held").where(queue.name.isin(names)).run()
    frappe.db.after_commit.reset()
    frappe.db.commit()
    return names


def let_go(names, **values):
    queue = frappe.qb.DocType(event_queue.DOCTYPE)
    change = frappe.qb.update(queue).set(queue.status, "Pending")
    for name, value in values.items():
        change = change.set(queue[name], value)
    change.where(queue.name.isin(names)).run()
    frappe.db.commit()


# ---------------------------------------------------------------- recorded


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


# ---------------------------------------------------------------- refused


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "https://notshop.example"])
def test_pages_of_other_websites_are_turned_away(page, origin):
    response = tell(f"{origin}/{factory.unique()}", origin=origin)
    assert response.status_code == 403
    assert origin in response.text
    assert "Access-Control-Allow-Origin" not in response.headers
    assert api.status()["refused"]["origin"] == origin


def test_who_names_no_origin_is_turned_away(page):
    response = harness.http_client().post(METHOD, data={"url": page})
    assert response.status_code == 403


def test_only_a_known_website_may_read_the_answer(page):
    answer = tell(page).headers
    assert (answer["Access-Control-Allow-Origin"], answer["Vary"]) == (SHOP, "Origin")
    assert "Access-Control-Allow-Credentials" not in answer
    assert "Access-Control-Allow-Origin" not in tell(f"{OWN}/x").headers


def test_a_page_can_tell_of_no_other(page):
    response = tell("https://other.example/", origin=SHOP)
    assert response.status_code == 400
    assert "https://other.example/" in response.text
    assert response.headers["Content-Type"].startswith("text/plain")


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"", "application/x-www-form-urlencoded"),
        (b"\xff\xfe\x00&=&url", "application/x-www-form-urlencoded"),
        (b"url=" + b"%" * 10_000, "application/x-www-form-urlencoded"),
        (b"url[]=1&url=javascript:alert(1)", "application/x-www-form-urlencoded"),
        (b"rubbish", "text/plain;charset=UTF-8"),
        (b"--x\r\nnonsense", "multipart/form-data; boundary=x"),
        (b'{"url": ["a"], "title": {"b": 1}}', "application/json"),
        (b'{"url": 1}', "application/json"),
        (b"[]", "application/json"),
    ],
)
def test_rubbish_is_answered_clearly(body, content_type):
    headers = {"Origin": SHOP, "Content-Type": content_type}
    response = harness.http_client().request("POST", METHOD, data=body, headers=headers)
    assert 400 <= response.status_code < 500


def test_unbelievable_texts_are_cropped_and_harmless(page):
    texts = {
        "title": "<script>alert(1)</script>" * 100,
        "referrer": "javascript:alert(1)",
        "visitor": "v_' OR 1=1",
    }
    tell(f"{page}/{'ü' * 3000}", **texts)
    event = recorded_one(page)
    assert len(event.page_url) <= 2048
    assert len(frappe.parse_json(event.event_data)["title"]) <= 140
    assert event.referrer == ""


def test_a_get_tells_nothing(page):
    assert harness.http_client().get(f"{METHOD}?url={page}", headers={"Origin": SHOP}).status_code in (
        403,
        405,
    )
    assert waiting(page) == []


def test_too_many_from_one_address_are_turned_away_and_others_are_not(page):
    flooder, other = "198.51.100.7", "198.51.100.8"
    for _ in range(tracker.MAX_PER_MINUTE):
        throttles.count("page_views", ip_address(flooder), tracker.MINUTE)
    refused = tell(page, headers={"X-Forwarded-For": flooder})
    assert (refused.status_code, refused.headers["Retry-After"]) == (429, "60")
    assert tell(page, headers={"X-Forwarded-For": other}).status_code == 200
    assert len(recorded(page)) == 1


def test_frappes_own_permission_is_not_said_twice(monkeypatch):
    """Two headers of the same name are none to a browser."""
    monkeypatch.setitem(frappe.conf, "allow_cors", [SHOP])
    assert tracker._frappe_allows(SHOP)
    assert not tracker._frappe_allows("https://shop.example")
    monkeypatch.setitem(frappe.conf, "allow_cors", "*")
    assert tracker._frappe_allows("https://shop.example")


# ---------------------------------------------------------------- from the queue to the event


def test_a_view_is_not_lost_nor_doubled_when_workers_are_killed_anywhere(page):
    names = put(page, 12 * 20)
    killed = [str(statements) for statements in range(1, 23, 2)]
    outcome = subprocess.run(
        [sys.executable, "-c", KILLED_WORKERS, harness.SITE, page, *killed],
        capture_output=True, text=True, env=os.environ, timeout=120,
    )  # fmt: skip
    assert outcome.returncode == 0, outcome.stderr
    assert outcome.stdout.split().count("True") >= 5
    let_go(names)
    found = recorded(page)
    assert sorted(event.name for event in found) == sorted(names)
    visitors = {"name": ("in", [event.visitor for event in found])}
    assert set(frappe.get_all("Visitor", visitors, pluck="page_views")) == {1}


def test_a_view_that_is_there_already_is_not_written_again(page):
    (name,) = put(page)
    row = frappe.db.get_value(event_queue.DOCTYPE, name, ["*"], as_dict=True)
    let_go([name])
    visitor = recorded_one(page).visitor
    again = PageView(name, visitor, row.timestamp, row.page_url, user_agent=factory.CHROME)
    event_queue.put(again)
    frappe.db.commit()
    assert len(recorded(page)) == 1
    assert frappe.db.get_value("Visitor", visitor, "page_views") == 1


def test_a_row_that_cannot_be_processed_holds_up_none_of_the_others_and_can_be_tried_again(page):
    names = put(page, 5)
    frappe.db.set_value(event_queue.DOCTYPE, names[2], "consent", "Perhaps")
    frappe.db.commit()
    let_go(names)
    ingest.drain()
    harness.wait_until(lambda: len(waiting(page)) == 1)
    (failed,) = waiting(page)
    assert (failed.name, failed.status) == (names[2], "Failed")
    assert "Perhaps" in failed.error_message
    frappe.db.set_value(event_queue.DOCTYPE, failed.name, "consent", "Granted")
    assert api.retry(["no such view", failed.name]) == 1
    frappe.db.commit()
    assert len(recorded(page)) == 5


def test_nobody_without_the_right_has_page_views_tried_again(new_client):
    assert new_client().post("/api/method/trackflow.api.tracker.retry", json={}).status_code == 403


def test_failed_rows_go_after_some_days(page):
    names = put(page, 2)
    frappe.db.sql("UPDATE `tabVisitor Event Queue` SET status = 'Failed' WHERE name IN %s", (names,))
    frappe.db.set_value(event_queue.DOCTYPE, names[0], "timestamp", frappe.utils.add_days(now_datetime(), -8))
    frappe.db.commit()
    frappe.get_doc(doctype=event_queue.DOCTYPE).clear_old_logs(7)
    assert [row.name for row in waiting(page)] == [names[1]]
    frappe.db.delete(event_queue.DOCTYPE, {"name": names[1]})
    frappe.db.commit()


# ---------------------------------------------------------------- the settings


def test_settings_take_host_names_alone():
    with factory.settings(websites="https://Blog.example/post\nwww.shop.example") as doc:
        assert doc.websites == "blog.example\nwww.shop.example"
    with (
        pytest.raises(frappe.ValidationError, match="shop example"),
        factory.settings(websites="shop example"),
    ):
        pass


def test_status_tells_of_the_last_page_view(page):
    tell(page)
    frappe.db.commit()
    told = api.status()
    assert told["last"]["page_url"] == page
    assert told["last"]["seconds"] < 60
    recorded(page)
    assert api.status()["last"]["page_url"] == page


def test_snippet_leads_to_the_script():
    with factory.short_domain(is_primary=1, ssl_enabled=1) as domain:
        snippet = api.status()["snippet"]
    assert snippet.startswith(
        f'<script async defer src="https://{domain.name}/assets/trackflow/js/tracker.js?v='
    )
    path = snippet.partition(domain.name)[2].partition('"')[0]
    script = harness.http_client().get(path)
    assert script.status_code == 200
    assert "trackflow.api.tracker.page_view" in script.text
    assert len(script.content) < 6_000


def test_only_who_may_read_the_settings_asks_for_the_status(new_client):
    assert new_client().get("/api/method/trackflow.api.tracker.status").status_code == 403


def test_pages_of_this_site_carry_the_tracker_where_the_settings_say_so(new_client):
    def carries(path):
        return "/assets/trackflow/js/tracker.js?v=" in new_client().get(path).text

    assert not carries("/login")
    with factory.settings(track_own_pages=1):
        assert carries("/login")
    assert not carries("/login")
