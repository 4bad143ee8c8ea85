"""QR codes of links: as each link wants them, stored and as files, also after the domain has changed."""

from __future__ import annotations

import base64
import io

import frappe
import pytest
import zxingcpp
from PIL import Image

from tests import harness
from tests.site import crm_factory, factory
from tests.site.factory import change, make_link
from trackflow.qr import codes as qr_codes


@pytest.fixture
def other_domain(site):
    with factory.short_domain(ssl_enabled=1) as domain:
        yield domain


@pytest.fixture
def manager(site):
    """An HTTP client that is logged in as a campaign manager."""
    client = harness.http_client()
    login = {"usr": crm_factory.a_user("Campaign Manager"), "pwd": crm_factory.PASSWORD}
    assert client.post("/api/method/login", data=login).ok
    return client


def upload(content=None, owner="Administrator", name="", **fields):
    """A picture among the files of the site; returns its address."""
    buffer = io.BytesIO()
    Image.new("RGB", (80, 80), "#0055aa").save(buffer, "PNG")
    frappe.set_user(owner)
    name = name or f"{factory.unique('logo')}.png"
    file = frappe.get_doc(doctype="File", file_name=name, content=content or buffer.getvalue(), **fields)
    file.insert(ignore_permissions=True)
    frappe.set_user("Administrator")
    frappe.db.commit()
    return file.file_url


def stored(link):
    frappe.db.commit()
    return frappe.db.get_value("Tracked Link", link.name, "qr_code")


def fetch(client, link, **values):
    return client.get("/api/method/trackflow.api.links.qr_code", params={"link": link.name} | values)


def read(png):
    (found,) = zxingcpp.read_barcodes(Image.open(io.BytesIO(png)).convert("RGB"))
    return found.text


# ---------------------------------------------------------------- stored with the link


def test_a_new_link_has_a_code_of_its_own(site):
    one, other = make_link(), make_link()
    assert stored(one).startswith("<svg")
    assert stored(one) != stored(other)


def test_the_stored_code_follows_the_style(site):
    link = make_link()
    change(link, qr_dark="#003366", qr_margin=1)
    assert '"#003366"' in stored(link)
    change(link, qr_dark="", qr_margin=4)
    assert stored(link) == link.qr_code


def test_a_logo_is_stored_in_the_code_and_goes_with_the_file_it_came_from(site):
    link = make_link(qr_logo=upload())
    assert "data:image/png;base64," in stored(link)
    change(link, qr_logo="")
    assert "data:image/png" not in stored(link)


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"qr_dark": "#ffcc00"}, "#ffcc00 on #ffffff has a contrast of 1.5, and scanners need 4.0"),
        ({"qr_dark": "#ffffff", "qr_light": "#000000"}, "Swap the colours"),
        ({"qr_margin": 50}, "The margin is 50. Enter a number from 0 to 20"),
        ({"qr_logo": "/files/nothing-of-this-name.png"}, "not among the files of this site"),
        ({"qr_logo": "http://127.0.0.1:1/logo.png"}, "not among the files of this site"),
    ],
)
def test_what_cannot_be_scanned_is_refused_with_a_sentence(site, fields, sentence):
    with pytest.raises(frappe.ValidationError, match=sentence):
        make_link(**fields)


def test_a_file_that_is_no_picture_is_refused(site):
    with pytest.raises(frappe.ValidationError, match="The logo can't be read"):
        make_link(qr_logo=upload(b"no picture at all", name=f"{factory.unique()}.txt"))


def test_nobody_gets_at_private_files_of_others_through_a_logo(site):
    secret = upload(is_private=1)
    frappe.set_user(crm_factory.a_user("Campaign Manager"))
    with pytest.raises(frappe.PermissionError):
        make_link(qr_logo=secret)


def test_stored_codes_follow_the_domain_and_keep_their_style(site, other_domain):
    links = [
        make_link(domain=other_domain.name),
        make_link(domain=other_domain.name, qr_dark="#004400", qr_logo=upload()),
    ]
    before = [stored(link) for link in links]
    change(other_domain, ssl_enabled=0)
    qr_codes.redraw()
    frappe.db.commit()
    for link, old in zip(links, before, strict=True):
        fresh = frappe.get_doc("Tracked Link", link.name)
        assert fresh.short_url.startswith(f"http://{other_domain.name}/r/")
        assert fresh.qr_code == qr_codes.stored_svg(fresh)
        assert ("#004400" in fresh.qr_code, "base64" in fresh.qr_code) == ("#004400" in old, "base64" in old)


def test_a_logo_that_was_deleted_does_not_keep_an_old_address_alive(site, other_domain):
    link = make_link(qr_logo=upload())
    frappe.db.delete("File", {"file_url": link.qr_logo})
    qr_codes.redraw()
    assert "base64" not in stored(link)


# ---------------------------------------------------------------- as files


def test_a_png_of_any_size_leads_to_the_short_url(manager):
    link = make_link(qr_dark="#330000", qr_logo=upload())
    for size in (300, 1024):
        answer = fetch(manager, link, size=size)
        # Some releases of Werkzeug put the name in quotes.
        assert answer.headers["Content-Disposition"].replace('"', "").endswith(f"={link.short_code}.png")
        assert Image.open(io.BytesIO(answer.content)).size == (size, size)
        assert read(answer.content) == link.short_url


def test_an_svg_is_the_stored_one_unless_a_size_is_asked_for(manager):
    link = make_link()
    assert fetch(manager, link, file_format="svg").text == stored(link)
    assert 'width="777"' in fetch(manager, link, file_format="svg", size=777).text


def test_a_file_can_look_otherwise_than_the_link(manager):
    link = make_link()
    answer = fetch(
        manager, link, file_format="svg", dark="#112233", light="#eeeeff", margin=0, error_correction="H"
    )
    assert '"#112233"' in answer.text and '"#eeeeff"' in answer.text
    assert stored(link) == link.qr_code


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"size": 5}, "The size is 5. Enter a number of pixels from 64 to 4096."),
        ({"size": "huge"}, "The size is huge."),
        ({"file_format": "bmp"}, "QR codes come as png or svg."),
        ({"dark": "#eeeeee"}, "has a contrast of 1.1"),
        ({"margin": 20, "size": 64}, "The code does not fit into 64 pixels. Take "),
        ({"error_correction": "Z"}, "Z is no error correction"),
    ],
)
def test_what_cannot_be_drawn_is_explained(manager, values, sentence):
    answer = fetch(manager, make_link(), **values)
    assert answer.status_code == 417
    assert sentence in answer.json()["_server_messages"]


def test_codes_are_for_those_who_may_read_the_link(site, http):
    link = make_link()
    assert fetch(http, link).status_code == 403
    stranger = harness.http_client()
    stranger.post(
        "/api/method/login", data={"usr": crm_factory.a_user("Blogger"), "pwd": crm_factory.PASSWORD}
    )
    assert fetch(stranger, link).status_code == 403


def test_the_logo_in_the_code_is_the_picture_that_was_uploaded(site):
    code = make_link(qr_logo=upload()).qr_code
    data = code.split("base64,")[1].split('"')[0]
    assert Image.open(io.BytesIO(base64.b64decode(data))).convert("RGB").getpixel((9, 9)) == (0, 0x55, 0xAA)
