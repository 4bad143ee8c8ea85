"""What campaign managers are told without asking: ends, budgets, pages that are gone, unusual days."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import frappe
import pytest
from frappe.utils import escape_html, get_url_to_form, getdate, nowdate

from tests.site import factory
from tests.site.factory import make_campaign, make_link
from trackflow import anomalies, destination_checks, digest

TODAY = getdate(nowdate())


@pytest.fixture
def owner(site) -> str:
    name = f"{factory.unique('owner')}@example.com"
    user = frappe.get_doc(doctype="User", email=name, first_name="Olga", send_welcome_email=0)
    user.append("roles", {"role": "Campaign Manager"})
    user.insert()
    frappe.db.commit()
    return name


def told(doc) -> list[str]:
    """What the notifications about ``doc`` say, as their readers see them."""
    frappe.db.commit()
    filters = {"document_type": doc.doctype, "document_name": doc.name}
    return frappe.get_all("Notification Log", filters, pluck="subject", order_by="creation asc")


def value(doc, fieldname):
    frappe.db.commit()
    return frappe.db.get_value(doc.doctype, doc.name, fieldname)


# ---------------------------------------------------------------- budgets and dates


def test_the_owner_is_told_at_80_percent_of_the_budget_and_when_it_is_used_up(owner, wait_until):
    campaign = make_campaign(budget=1000, owner_user=owner)
    factory.change(campaign, amount_spent=500)
    assert value(campaign, "budget_state") == "Within Budget"
    factory.change(campaign, amount_spent=800)
    wait_until(lambda: told(campaign) == [f"Budget of {campaign.name}: 80 % Used"])
    factory.change(campaign, amount_spent=900)
    factory.change(campaign, amount_spent=1000.01)
    wait_until(lambda: told(campaign)[1:] == [f"Budget of {campaign.name}: Used Up"])
    readers = frappe.get_all("Notification Log", {"document_name": campaign.name}, pluck="for_user")
    assert set(readers) == {owner}


def test_what_was_spent_makes_the_ratios_and_the_budget_only_until_then(site):
    campaign = make_campaign(budget=100)
    frappe.db.set_value("Link Campaign", campaign.name, {"total_clicks": 10, "revenue": 300})
    factory.change(campaign, amount_spent=0)
    assert value(campaign, ["cost_per_click", "roi_percentage"]) == (10, 200)
    factory.change(campaign, amount_spent=50)
    assert value(campaign, ["cost_per_click", "roi_percentage"]) == (5, 500)


def test_the_owner_is_told_three_days_before_the_end(owner, wait_until):
    soon, later = (make_campaign(end_date=TODAY + timedelta(days=days), owner_user=owner) for days in (3, 4))
    frappe.get_attr("frappe.email.doctype.notification.notification.trigger_daily_alerts")()
    wait_until(lambda: any("ends on" in text for text in told(soon)))
    assert told(later) == []


def test_what_is_told_leads_to_the_campaign_also_in_a_mail(owner, wait_until):
    """A copy of the Notification with the channel Email sends the same text."""
    campaign = make_campaign(campaign_name=factory.unique("Fruits & more"), budget=100, owner_user=owner)
    factory.change(campaign, amount_spent=80)
    wait_until(lambda: told(campaign))
    text = frappe.db.get_value("Notification Log", {"document_name": campaign.name}, "email_content")
    assert f'<a href="{escape_html(get_url_to_form(campaign.doctype, campaign.name))}">' in text
    assert f">{escape_html(campaign.name)}</a>" in text


# ---------------------------------------------------------------- destinations


class Pages(BaseHTTPRequestHandler):
    """Answers with the status that the first part of the path names; /head/404/get/200 tells the two apart."""

    asked: list[tuple[str, str]] = []

    def _answer(self) -> None:
        self.asked.append((self.command, self.path))
        parts = self.path.strip("/").split("/")
        self.send_response(int(parts[1] if self.command == "HEAD" else parts[3]))
        self.end_headers()

    do_HEAD = do_GET = _answer

    def log_message(self, *args: object) -> None:
        """Say nothing."""


@pytest.fixture
def pages(site) -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Pages)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    frappe.conf.trackflow_check_private_destinations = 1
    Pages.asked.clear()
    yield f"http://127.0.0.1:{server.server_port}"
    frappe.conf.trackflow_check_private_destinations = 0
    server.shutdown()


def check(link) -> str:
    fields = ["name", "destination_url", "destination_state"]
    destination_checks.check(frappe.get_all("Tracked Link", {"name": link.name}, fields))
    return frappe.db.get_value("Tracked Link", link.name, "destination_state")


def test_a_page_that_was_not_found_twice_is_reported_once_to_who_made_the_link(pages, owner, wait_until):
    link = make_link(f"{pages}/head/404/get/404")
    frappe.db.set_value("Tracked Link", link.name, "created_by", owner)
    assert [check(link) for _ in range(3)] == ["Not Found Once", "Not Found", "Not Found"]
    wait_until(lambda: told(link) == [f"The destination of {link.title} was not found"])
    assert value(link, "destination_checked_on")
    factory.change(link, title="A form that was open meanwhile")
    assert value(link, "destination_state") == "Not Found"
    factory.change(link, destination_url=f"{pages}/head/200/get/200")
    assert not value(link, "destination_state")


def test_a_server_that_does_not_know_head_is_asked_as_a_browser_asks(pages):
    assert check(make_link(f"{pages}/head/404/get/200")) == "Reachable"
    assert [method for method, _path in Pages.asked] == ["HEAD", "GET"]


def test_the_same_address_of_many_links_is_asked_for_once(pages):
    links = [make_link(f"{pages}/head/200/get/200") for _ in range(3)]
    names = ("in", [link.name for link in links])
    fields = ["name", "destination_url", "destination_state"]
    destination_checks.check(frappe.get_all("Tracked Link", {"name": names}, fields))
    assert len(Pages.asked) == 1
    assert frappe.db.count("Tracked Link", {"name": names, "destination_state": "Reachable"}) == 3


def test_addresses_inside_the_own_network_are_never_asked(pages):
    frappe.conf.trackflow_check_private_destinations = 0
    assert not check(make_link(f"{pages}/head/404/get/404"))
    assert not check(make_link(pages.replace("127.0.0.1", "localhost") + "/head/404/get/404"))
    assert Pages.asked == []


def test_nothing_is_asked_unless_the_settings_say_so(pages):
    make_link(f"{pages}/head/200/get/200")
    with factory.settings(check_destinations=0):
        destination_checks.run()
    assert Pages.asked == []


# ---------------------------------------------------------------- unusual days


def test_an_unusual_day_is_told_to_the_owner_once_and_stands_in_the_timeline(owner, wait_until):
    campaign = make_campaign(owner_user=owner)
    frappe.db.set_value("Link Campaign", campaign.name, "creation", TODAY - timedelta(days=40))
    link = make_link(campaign=campaign.name)
    for back in range(1, 30):
        _day(link, TODAY - timedelta(days=back), 400 if back == 1 else 100)
    frappe.db.commit()
    anomalies.run()
    anomalies.run()
    wait_until(lambda: told(campaign) == [f"{campaign.name} had an unusual number of clicks"])
    filters = {"reference_name": campaign.name, "comment_type": "Info"}
    (comment,) = frappe.get_all("Comment", filters, pluck="content")
    assert comment.startswith("had 400 clicks by people on") and comment.endswith("than the usual 100 a day")
    assert value(campaign, "last_unusual_day") == TODAY - timedelta(days=1)


def _day(link, day, clicks: int) -> None:
    values = {
        "date": day,
        "tracked_link": link.name,
        "campaign": link.campaign,
        "variant": "",
        "clicks": clicks,
    }
    frappe.get_doc(doctype="Click Daily Total", name=factory.unique("day"), **values).db_insert()


# ---------------------------------------------------------------- the weekly digest


@pytest.fixture
def as_user(owner) -> Iterator[str]:
    frappe.set_user(owner)
    yield owner
    frappe.set_user("Administrator")


def test_a_manager_orders_the_weekly_digest_once_and_ends_it(as_user):
    digest.subscribe()
    digest.subscribe()
    (name,) = frappe.get_all("Auto Email Report", {"user": as_user}, pluck="name")
    order = frappe.get_doc("Auto Email Report", name)
    assert (order.email_to, order.frequency, order.day_of_week) == (as_user, "Weekly", "Monday")
    digest.unsubscribe()
    assert not digest.is_subscribed()


def test_the_digest_holds_last_weeks_clicks_of_the_campaigns_that_its_reader_may_see(owner):
    seen, hidden = make_campaign(), make_campaign()
    for campaign in (seen, hidden):
        _day(make_link(campaign=campaign.name), TODAY - timedelta(days=2), 4321)
        _day(make_link(campaign=campaign.name), TODAY - timedelta(days=9), 5000)
    frappe.get_doc(doctype="User Permission", user=owner, allow="Link Campaign", for_value=seen.name).insert()
    frappe.set_user(owner)
    digest.subscribe()
    frappe.set_user("Administrator")
    name = frappe.db.get_value("Auto Email Report", {"user": owner})
    mail = frappe.get_doc("Auto Email Report", name).get_report_content()
    assert seen.name in mail and "4321" in mail.replace(",", "") and "9321" not in mail.replace(",", "")
    assert hidden.name not in mail


def test_who_may_not_open_the_report_gets_no_digest(site):
    frappe.set_user("Guest")
    with pytest.raises(frappe.PermissionError, match="You may not open the report"):
        digest.subscribe()
    frappe.set_user("Administrator")
