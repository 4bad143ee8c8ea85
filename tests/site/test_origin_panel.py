"""Where a lead, a deal and an organization came from, as their readers see it in Desk and in Frappe CRM."""

from __future__ import annotations

import html
import re
from datetime import timedelta, timezone
from typing import Any
from zoneinfo import ZoneInfo

import frappe
import pytest
from frappe.utils import fmt_money, get_system_timezone, now_datetime

from tests.site import crm_factory as crm
from tests.site import factory
from trackflow.api import attribution as api

pytestmark = crm.needs_crm
EVIL = "<b onmouseover=alert(1)>&\"'"


class Story:
    """A lead and an open and a won deal of one firm, each with touches of two campaigns."""

    def __init__(self) -> None:
        self.ads, self.ads_link = crm.campaign_link(source=factory.unique("adverts"), medium="cpc")
        self.news, self.news_link = crm.campaign_link(source=factory.unique("letter"), medium="email")
        self.firm = frappe.get_doc(
            doctype="CRM Organization", organization_name=factory.unique("Firm")
        ).insert()
        frappe.db.commit()
        visitor = crm.visited(self.ads_link, self.news_link)
        self.lead = crm.insert_lead(visitor, organization=self.firm.name)
        self.open = crm.insert_deal(self.lead, value=100, organization=self.firm.name)
        self.won = crm.insert_deal(self.lead, value=0.05, organization=self.firm.name)
        self.won = crm.save(self.won, status="Won")
        crm.visit(self.ads_link, visitor, at=now_datetime())
        factory.drain()

    @property
    def documents(self) -> list[Any]:
        return [self.lead, self.open, self.won, self.firm]


@pytest.fixture(scope="module")
def story() -> Story:
    return Story()


def shown(doc: Any) -> str:
    """The text of a document's panel."""
    answer = api.panel(doc.doctype, doc.name)
    inside = re.sub(r"<style>.*?</style>", "", answer["html"], flags=re.DOTALL)
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", inside)))


def as_user(user: str) -> None:
    frappe.set_user(user)
    frappe.clear_cache(user=user)


# ---------------------------------------------------------------- what is told


@pytest.mark.parametrize(("zone", "hours"), [("Asia/Tokyo", 9), ("America/Lima", -5)])
def test_moments_are_those_of_the_readers_clock(story: Story, zone: str, hours: int) -> None:
    site = ZoneInfo(get_system_timezone())
    utc = story.won.creation.replace(tzinfo=site).astimezone(timezone.utc).replace(tzinfo=None)
    before = frappe.db.get_value("User", "Administrator", "time_zone")
    try:
        factory.change(frappe.get_doc("User", "Administrator"), time_zone=zone)
        text = shown(story.won)
    finally:
        factory.change(frappe.get_doc("User", "Administrator"), time_zone=before)
    assert f"{utc + timedelta(hours=hours):%H:%M}" in text


def test_a_lead_tells_what_led_to_it_and_what_came_after(story: Story) -> None:
    told = api.lead(story.lead.name)
    assert [touch["link"] for touch in told["touches"]] == [
        story.ads_link.name, story.news_link.name, story.ads_link.name,
    ]  # fmt: skip
    assert [touch["counts"] for touch in told["touches"]] == [True, True, False]
    assert [touch["is_credited"] for touch in told["touches"]] == [False, True, False]
    assert (told["touches"][1]["source"], told["touches"][1]["channel"]) == (story.news.source, "Email")
    text = shown(story.lead)
    lead_created = text.index("The lead was created")
    assert text.index(story.news.name) < lead_created < text.rindex(story.ads.name)
    assert text.index("Source of this lead") < lead_created < text.index("After the lead")


def test_a_deal_shows_all_models_whose_sums_are_its_value(story: Story) -> None:
    for deal, value in ((story.open, 100), (story.won, 0.05)):
        told = api.deal(deal.name)
        answer = api.panel("CRM Deal", deal.name)["html"]
        giving = [model["model"] for model in told["models"] if model["credits"]]
        assert len(giving) > 5
        text = fmt_money(value, currency=told["currency"])
        foot = answer[answer.index("<tfoot>") :]
        assert foot.count(html.escape(text)) == len(giving)
        for model in giving:
            assert re.search(rf'<th scope="col"[^>]*>{re.escape(model)}', answer), model
    assert "This deal is open" in shown(story.open)
    assert "The deal was won" in shown(story.won)
    assert f"{story.news.source} / email" in shown(story.won)


def test_a_deal_that_is_being_worked_out_says_so(story: Story) -> None:
    from trackflow.attribution import requests

    assert api.panel("CRM Deal", story.open.name)["is_pending"] is False
    assert "Being recomputed" not in shown(story.open)
    requests.request(requests.DEAL, story.open.name)
    assert api.panel("CRM Deal", story.open.name)["is_pending"] is True
    assert "Being recomputed" in shown(story.open)
    frappe.db.rollback()


def test_an_organization_adds_up_what_campaigns_earned_of_its_deals(story: Story) -> None:
    told = api.organization(story.firm.name)
    assert told["score"] > 0
    assert told["last_campaign"] == crm.fresh(story.firm).trackflow_last_campaign != ""
    assert {row["deal"]: row["outcome"] for row in told["deals"]} == {
        story.open.name: "",
        story.won.name: "Won",
    }
    by_hand = {story.open.name: crm.credits_of(story.open, told["default_model"])}
    by_hand[story.won.name] = crm.credits_of(story.won, told["default_model"])
    for row in told["campaigns"]:
        for field, deal in (("open", story.open), ("won", story.won)):
            earned = sum(one.amount for one in by_hand[deal.name] if one.campaign == row["campaign"])
            assert row[field] == pytest.approx(earned), (row, field)
    assert sum(row["won"] for row in told["campaigns"]) == pytest.approx(0.05)
    assert sum(row["open"] for row in told["campaigns"]) == pytest.approx(100)
    assert story.open.name in shown(story.firm)


def test_without_touches_the_panels_say_so() -> None:
    lead, deal = crm.insert_lead(), crm.insert_deal(value=12)
    firm = frappe.get_doc(doctype="CRM Organization", organization_name=factory.unique("Firm")).insert()
    assert "Nothing is known" in shown(lead)
    assert "Nothing is known" in shown(deal)
    assert "no deals of this organization" in shown(firm)


def test_what_visitors_and_managers_wrote_is_escaped() -> None:
    campaign = factory.make_campaign()
    link = factory.make_link(
        campaign=campaign.name, title="Poster " + EVIL, source="s" + EVIL, term=EVIL, content=EVIL
    )
    firm = frappe.get_doc(doctype="CRM Organization", organization_name=factory.unique("Firm")).insert()
    frappe.db.commit()
    visitor = factory.new_visitor()
    crm.visit(link, visitor, variant="v" + EVIL)
    factory.drain()
    lead = crm.insert_lead(visitor, organization=firm.name)
    deal = crm.insert_deal(lead, organization=firm.name)
    frappe.db.set_value("CRM Organization", firm.name, "trackflow_last_campaign", EVIL)
    for doc in (lead, deal, firm):
        answer = api.panel(doc.doctype, doc.name)["html"]
        assert EVIL not in answer and "<b onmouseover" not in answer
        assert "&lt;b onmouseover" in answer


# ---------------------------------------------------------------- who may


def test_a_salesperson_sees_it_and_no_link_to_what_may_not_be_opened(story: Story, http: Any) -> None:
    http.login(crm.a_user("Sales User"), crm.PASSWORD)
    for doc in story.documents:
        answer = http.get(
            "/api/method/trackflow.api.attribution.panel", params={"doctype": doc.doctype, "name": doc.name}
        )
        assert answer.ok, answer.text
        seen = answer.json()["message"]["html"]
        assert story.news.name in seen
        assert "/link-campaign/" not in seen and "/tracked-link/" not in seen
        for private in ("Mozilla", story.lead.trackflow_visitor_id):
            assert private not in seen
    as_user("Administrator")
    assert "/link-campaign/" in api.panel("CRM Deal", story.won.name)["html"]


@pytest.mark.parametrize("role", ["Campaign Manager", "Blogger"])
def test_who_may_not_read_the_document_is_told_nothing(story: Story, role: str) -> None:
    as_user(crm.a_user(role))
    for doc in (story.open, story.won, story.firm):
        with pytest.raises(frappe.PermissionError):
            api.panel(doc.doctype, doc.name)
    with pytest.raises(frappe.PermissionError):
        api.organization(story.firm.name)


def test_a_lead_that_every_account_may_read_is_told_to_those_who_work_here_alone(
    story: Story, http: Any
) -> None:
    http.login(crm.make_user(user_type="Website User"), crm.PASSWORD)
    asked = {"doctype": "CRM Lead", "name": story.lead.name}
    answer = http.get("/api/method/trackflow.api.attribution.panel", params=asked)
    assert answer.status_code == 403
    assert story.news.name not in answer.text
    assert (
        http.get("/api/method/trackflow.api.attribution.lead", params={"lead": story.lead.name}).status_code
        == 403
    )


def test_an_organization_tells_nothing_of_deals_that_its_reader_may_not_read(story: Story) -> None:
    user = crm.a_user("Sales User")
    allowed = frappe.get_doc(
        doctype="User Permission", user=user, allow="CRM Deal", for_value=story.won.name
    ).insert()
    frappe.db.commit()
    try:
        as_user(user)
        told = api.organization(story.firm.name)
        assert [row["deal"] for row in told["deals"]] == [story.won.name]
        assert sum(row["open"] for row in told["campaigns"]) == 0
        with pytest.raises(frappe.PermissionError):
            api.panel("CRM Deal", story.open.name)
    finally:
        frappe.set_user("Administrator")
        allowed.delete()
        frappe.db.commit()
        frappe.clear_cache(user=user)


def test_guests_and_other_doctypes_are_refused(story: Story, http: Any) -> None:
    address = "/api/method/trackflow.api.attribution.panel"
    asked = {"doctype": "CRM Deal", "name": story.won.name}
    assert http.get(address, params=asked).status_code == 403
    with pytest.raises(frappe.ValidationError):
        api.panel("User", "Administrator")
    with pytest.raises(frappe.DoesNotExistError):
        api.panel("CRM Deal", factory.unique("DEAL"))
