"""QR codes as a campaign manager gets them: in the link's style, in any size, on a sheet."""

from __future__ import annotations

import io
from pathlib import Path

import pypdfium2
import pytest
import zxingcpp
from PIL import Image

from tests.browser import helpers
from tests.site import factory


@pytest.fixture(scope="module")
def office(browser):
    user = helpers.make_user("quentin.codes@example.com", "Campaign Manager")
    with helpers.desk_of(browser, user) as desk:
        yield desk


@pytest.fixture
def page(office):
    office[1].clear()
    return office[0]


def download(page, label):
    with page.expect_download() as waiting:
        page.locator(".modal.show").get_by_text(label, exact=True).click()
    return waiting.value


def content_of(download):
    return Path(download.path()).read_bytes()


def test_code_is_downloaded_in_any_size_and_mistakes_are_explained(page, office, shot):
    link = factory.make_link(qr_dark="#7a1f00")
    helpers.open_form(page, "Tracked Link", link.name)
    page.get_by_text("Other Size...", exact=True).click()
    dialog = page.locator(".modal.show")
    dialog.locator("input[data-fieldname=size]").wait_for()
    page.wait_for_timeout(400)
    shot(page, "qr-download")
    helpers.fill(page, "size", "20")
    dialog.get_by_text("Download", exact=True).click()
    refusal = page.get_by_text("The size is 20. Enter a number of pixels from 64 to 4096.").first
    refusal.wait_for()
    page.wait_for_timeout(400)
    shot(page, "qr-download-refused")
    page.evaluate("frappe.hide_msgprint()")
    refusal.wait_for(state="hidden")
    page.wait_for_timeout(400)
    office[1].clear()
    helpers.fill(page, "size", "800")
    found = download(page, "Download")
    assert found.suggested_filename == f"{link.short_code}.png"
    image = Image.open(io.BytesIO(content_of(found))).convert("RGB")
    assert image.size == (800, 800)
    assert zxingcpp.read_barcodes(image)[0].text == link.short_url
    assert office[1] == []


def test_code_takes_its_style_when_the_link_is_saved(page, office, shot):
    link = factory.make_link()
    helpers.open_form(page, "Tracked Link", link.name)
    page.evaluate(
        "cur_frm.get_field('qr_style_section'); cur_frm.fields_dict.qr_style_section.collapse(false)"
    )
    page.evaluate("cur_frm.set_value('qr_dark', '#123c69')")
    helpers.save(page)
    assert '"#123c69"' in helpers.value(page, "qr_code")
    shot(page, "qr-style", full_page=True)
    assert office[1] == []


def test_sheet_of_a_campaign_is_downloaded(page, office, shot):
    campaign = factory.make_campaign()
    links = [factory.make_link(campaign=campaign.name, title=f"Poster {i}") for i in range(5)]
    helpers.open_form(page, "Link Campaign", campaign.name)
    helpers.button(page, "QR Code Sheet").click()
    page.locator(".modal.show").get_by_text("All active links, with title and short URL").wait_for()
    page.wait_for_timeout(400)
    shot(page, "qr-sheet")
    found = download(page, "Download PDF")
    assert found.suggested_filename == f"{campaign.campaign_id}.pdf"
    (sheet,) = pypdfium2.PdfDocument(content_of(found))
    codes = zxingcpp.read_barcodes(sheet.render(scale=3).to_pil().convert("RGB"))
    assert {code.text for code in codes} == {link.short_url for link in links}
    assert office[1] == []
