"""QR codes as a campaign manager gets them: in the link's style, in any size, on a sheet."""

from __future__ import annotations

import io
from pathlib import Path

import pypdfium2
import zxingcpp
from PIL import Image

from tests.browser import helpers
from tests.site import factory


def download(page, label):
    with page.expect_download() as waiting:
        page.locator(".modal.show").get_by_text(label, exact=True).click()
    return waiting.value


def content_of(download):
    return Path(download.path()).read_bytes()


def test_code_is_downloaded_in_any_size_and_mistakes_are_explained(manager, errors, shot):
    link = factory.make_link(qr_dark="#7a1f00")
    helpers.open_form(manager, "Tracked Link", link.name)
    manager.get_by_text("Other Size...", exact=True).click()
    dialog = helpers.dialog(manager)
    dialog.locator("input[data-fieldname=size]").wait_for()
    shot(manager, "qr-download")
    helpers.fill(manager, "size", "20")
    dialog.get_by_text("Download", exact=True).click()
    refusal = manager.get_by_text("The size is 20. Enter a number of pixels from 64 to 4096.").first
    refusal.wait_for()
    manager.wait_for_function("window.cur_dialog === frappe.msg_dialog")
    shot(manager, "qr-download-refused")
    # Not with Escape: it closes the dialog below as well.
    manager.evaluate("frappe.hide_msgprint()")
    manager.wait_for_function("window.cur_dialog && cur_dialog !== frappe.msg_dialog")
    refusal.wait_for(state="hidden")
    errors.clear()
    helpers.fill(manager, "size", "800")
    found = download(manager, "Download")
    assert found.suggested_filename == f"{link.short_code}.png"
    image = Image.open(io.BytesIO(content_of(found))).convert("RGB")
    assert image.size == (800, 800)
    assert zxingcpp.read_barcodes(image)[0].text == link.short_url
    assert errors == []


def test_code_takes_its_style_when_the_link_is_saved(manager, errors, shot):
    link = factory.make_link()
    helpers.open_form(manager, "Tracked Link", link.name)
    manager.evaluate(
        "cur_frm.get_field('qr_style_section'); cur_frm.fields_dict.qr_style_section.collapse(false)"
    )
    manager.evaluate("cur_frm.set_value('qr_dark', '#123c69')")
    helpers.save(manager)
    assert '"#123c69"' in helpers.value(manager, "qr_code")
    shot(manager, "qr-style", full_page=True)
    assert errors == []


def test_sheet_of_a_campaign_is_downloaded(manager, errors, shot):
    campaign = factory.make_campaign()
    links = [factory.make_link(campaign=campaign.name, title=f"Poster {i}") for i in range(5)]
    helpers.open_form(manager, "Link Campaign", campaign.name)
    helpers.button(manager, "QR Code Sheet").click()
    helpers.dialog(manager).get_by_text("All active links, with title and short URL").wait_for()
    shot(manager, "qr-sheet")
    found = download(manager, "Download PDF")
    assert found.suggested_filename == f"{campaign.campaign_id}.pdf"
    (sheet,) = pypdfium2.PdfDocument(content_of(found))
    codes = zxingcpp.read_barcodes(sheet.render(scale=3).to_pil().convert("RGB"))
    assert {code.text for code in codes} == {link.short_url for link in links}
    assert errors == []
