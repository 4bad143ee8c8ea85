"""Short URLs: on which host they are answered."""

import frappe
from frappe.utils import get_url


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
