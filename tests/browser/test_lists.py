"""Lists of links and campaigns: many at once, the calendar, and the board."""

from __future__ import annotations

from typing import Any

import frappe
from frappe.utils import add_days, getdate

from tests.browser import helpers
from tests.site import factory


def tick(page: Any, *names: str) -> None:
    for name in names:
        page.locator(f".list-row-checkbox[data-name='{name}']:visible").first.check()


def act(page: Any, label: str) -> None:
    page.locator(".actions-btn-group:visible button").first.click()
    page.locator(".actions-btn-group .dropdown-item:visible").get_by_text(label, exact=True).click()


def drag(page: Any, bar: Any, *, days: int) -> None:
    """Move a bar of the calendar to the right."""
    bar.scroll_into_view_if_needed()
    box = bar.bounding_box()
    width = page.locator(".fc-bg td[data-date]:visible").first.bounding_box()["width"]
    x, y = box["x"] + width / 2, box["y"] + box["height"] / 2
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x + 10, y, steps=5)
    page.mouse.move(x + days * width, y, steps=10)
    page.mouse.up()


def choose_days(page: Any, first: int, last: int) -> None:
    """Drag over days of this month, at the upper edge, where no bar is."""
    cells = [f".fc-bg td[data-date='{getdate().replace(day=day)}']:visible" for day in (first, last)]
    # On a site with many campaigns the rows are high, and where they begin may be out of sight.
    page.locator(cells[0]).first.evaluate("cell => cell.scrollIntoView({ block: 'center' })")
    one, other = (page.locator(cell).first.bounding_box() for cell in cells)
    page.mouse.move(one["x"] + 20, one["y"] + 4)
    page.mouse.down()
    page.mouse.move(other["x"] + 20, other["y"] + 4, steps=10)
    page.mouse.up()


def _wednesday() -> Any:
    """The second one of the month, so that a few days from it are in the same row of the calendar."""
    first = getdate().replace(day=8)
    return add_days(first, (2 - first.weekday()) % 7)


def statuses(*docs: Any) -> list[str]:
    frappe.db.rollback()
    return [frappe.db.get_value(doc.doctype, doc.name, "status") for doc in docs]


def test_many_links_are_paused_and_moved(manager, errors, shot):
    campaign = factory.make_campaign()
    mark = factory.unique("Bulk")
    links = [factory.make_link(title=f"{mark} {number}") for number in range(3)]
    broken = links[2]
    frappe.db.set_value("Tracked Link", broken.name, "destination_url", "javascript:alert(1)")
    frappe.db.commit()
    helpers.open_list(manager, "Tracked Link", title=["like", f"{mark}%"])
    tick(manager, *(link.name for link in links))
    shot(manager, "list-links-ticked")
    act(manager, "Pause")
    message = helpers.dialog(manager)
    message.get_by_text("2 changed. 1 could not be changed:").wait_for()
    message.get_by_text(broken.title).wait_for()
    shot(manager, "list-links-not-all")
    helpers.close_dialog(manager)
    helpers.settle(manager)
    assert statuses(*links) == ["Paused", "Paused", "Active"]

    tick(manager, links[0].name, links[1].name)
    act(manager, "Move to Campaign")
    helpers.dialog(manager).locator("input[data-fieldname=campaign]").fill(campaign.name)
    helpers.settle(manager)
    manager.keyboard.press("Tab")
    helpers.settle(manager)
    helpers.dialog(manager).locator(".btn-primary:visible").click()
    manager.get_by_text("2 changed.").wait_for()
    frappe.db.rollback()
    moved = frappe.get_all("Tracked Link", {"campaign": campaign.name}, pluck="name")
    assert set(moved) == {links[0].name, links[1].name}

    helpers.settle(manager)
    tick(manager, links[0].name)
    act(manager, "QR Code Sheet")
    helpers.dialog(manager).wait_for()
    name, content = helpers.download(manager, "Download PDF")
    assert (name, content[:5]) == ("qr-codes.pdf", b"%PDF-")
    assert errors == []


def test_campaigns_are_closed_from_their_list(manager, errors, shot):
    mark = factory.unique("Close")
    campaigns = [factory.make_campaign(campaign_name=f"{mark}-{number}") for number in range(2)]
    helpers.open_list(manager, "Link Campaign", campaign_name=["like", f"{mark}%"])
    tick(manager, *(campaign.name for campaign in campaigns))
    act(manager, "Close")
    manager.get_by_text("2 changed.").wait_for()
    helpers.settle(manager)
    shot(manager, "list-campaigns")
    manager.get_by_text("Completed", exact=True).locator("visible=true").first.wait_for()
    assert statuses(*campaigns) == ["Completed", "Completed"]
    assert errors == []


def test_the_calendar_shows_campaigns_and_moves_them(manager, errors, shot):
    middle = _wednesday()
    campaign = factory.make_campaign(start_date=middle, end_date=add_days(middle, 2))
    helpers.go(manager, "List", "Link Campaign", "Calendar", "default")
    bar = manager.locator(".fc-event:visible").filter(has_text=campaign.name)
    bar.first.wait_for()
    shot(manager, "campaign-calendar")
    drag(manager, bar.first, days=1)
    helpers.settle(manager)
    frappe.db.rollback()
    dates = frappe.db.get_value("Link Campaign", campaign.name, ["start_date", "end_date"])
    assert dates == (add_days(middle, 1), add_days(middle, 3))
    choose_days(manager, 7, 9)
    helpers.wait_for_form(manager, "Link Campaign")
    days = [helpers.value(manager, field) for field in ("start_date", "end_date")]
    assert days == [str(getdate().replace(day=day)) for day in (7, 9)]
    assert errors == []


def test_the_board_moves_campaigns_between_statuses(manager, errors, shot):
    campaign = factory.make_campaign()
    helpers.go(manager, "List", "Link Campaign", "Kanban", "Campaigns by Status")
    card = manager.locator(f".kanban-card-wrapper[data-name='{campaign.name}']")
    card.wait_for()
    shot(manager, "campaign-board")
    columns = manager.locator(
        ".kanban-column[data-column-value]:visible .kanban-column-title"
    ).all_inner_texts()
    assert [title.strip() for title in columns] == ["Draft", "Active", "Paused", "Completed"]
    assert manager.locator(".kanban-column[data-column-value=Active]").locator(card).count() == 1
    assert errors == []


def test_short_url_is_copied_from_the_list(manager, errors):
    link = factory.make_link(title=factory.unique("Copied"))
    helpers.open_list(manager, "Tracked Link", title=["like", link.title])
    manager.context.grant_permissions(["clipboard-read", "clipboard-write"])
    helpers.button(manager, "Copy").click()
    manager.wait_for_function(
        "url => navigator.clipboard.readText().then(text => text === url)", arg=link.short_url
    )
    assert errors == []
