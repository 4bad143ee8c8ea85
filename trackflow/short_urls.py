"""Short URLs and their QR codes."""

import io

import frappe
import qrcode
from frappe.utils import get_url
from qrcode.image.svg import SvgPathImage

from trackflow import jobs

QR_PIXELS_PER_MODULE = 10
REDRAW_BATCH = 100


def short_url(code: str, domain: str | None = None) -> str:
    """Return the full short URL for ``code`` on ``domain``, else on the primary domain, else on this site."""
    return f"{base_url(domain)}/r/{code}"


def base_url(domain: str | None = None) -> str:
    """Return scheme and host of short URLs on ``domain``, the name of a Domain Configuration."""
    domain = domain or primary_domain()
    if not domain:
        return get_url().rstrip("/")
    ssl_enabled = frappe.db.get_value("Domain Configuration", domain, "ssl_enabled")
    return f"{'https' if ssl_enabled else 'http'}://{domain}"


def primary_domain() -> str:
    """Return the host of new short URLs, "" for this site's own."""
    found = frappe.get_all(
        "Domain Configuration", {"is_primary": 1}, pluck="name", order_by="name asc", limit=1
    )
    return found[0] if found else ""


def own_hosts() -> set[str]:
    """Return the host names under which short links are answered, without ports."""
    domains = frappe.get_all("Domain Configuration", pluck="domain")
    return {url.partition("://")[2].partition(":")[0].lower() for url in [base_url(), get_url()]} | {
        domain.partition(":")[0].lower() for domain in domains
    }


def qr_svg(url: str) -> str:
    """Return the QR code of ``url`` as an SVG document."""
    image = qrcode.make(url, image_factory=SvgPathImage, box_size=QR_PIXELS_PER_MODULE)
    return image.to_string(encoding="unicode")


def qr_png(url: str) -> bytes:
    """Return the QR code of ``url`` as a PNG, with the quiet zone of 4 modules that scanners need."""
    buffer = io.BytesIO()
    qrcode.make(url, box_size=QR_PIXELS_PER_MODULE).save(buffer, format="PNG")
    return buffer.getvalue()


def redraw_later() -> None:
    """Draw all stored QR codes again in the background, because the address in them is about to change."""
    jobs.enqueue_after_commit("trackflow.short_urls.redraw_qr_codes")


def redraw_qr_codes() -> None:
    """Background job: bring the QR codes of all links up to date with the domain of short URLs."""
    jobs.begin("trackflow.short_urls.redraw_qr_codes")
    fields = ["name", "short_code", "domain"]
    links = frappe.get_all("Tracked Link", fields=fields, order_by="name asc")
    bases = {domain: base_url(domain) for domain in {link.domain for link in links}}
    for start in range(0, len(links), REDRAW_BATCH):
        for link in links[start : start + REDRAW_BATCH]:
            qr_code = qr_svg(f"{bases[link.domain]}/r/{link.short_code}")
            frappe.db.set_value("Tracked Link", link.name, "qr_code", qr_code, update_modified=False)
        # Thousands of links would hold their locks, and with them the counting of clicks, for minutes.
        frappe.db.commit()
