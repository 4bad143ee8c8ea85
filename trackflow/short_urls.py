"""Short URLs: on which host they are answered."""

import frappe
from frappe.utils import get_url

DOCTYPE = "Domain Configuration"


def short_url(code: str, domain: str | None = None) -> str:
    """Return the full short URL for ``code`` on ``domain``, else on the primary domain, else on this site."""
    return f"{base_url(domain)}/r/{code}"


def base_url(domain: str | None = None) -> str:
    """Return scheme and host of short URLs on ``domain``, the name of a Domain Configuration."""
    domain = domain or primary_domain()
    if not domain:
        return get_url().rstrip("/")
    known = _domains().get(domain)
    return f"{'https' if known and known.ssl_enabled else 'http'}://{domain}"


def primary_domain() -> str:
    """Return the host of new short URLs, "" for this site's own."""
    return next((domain.name for domain in _domains().values() if domain.is_primary), "")


def own_hosts() -> set[str]:
    """Return the host names under which short links are answered, without ports."""
    return {url.partition("://")[2].partition(":")[0].lower() for url in [base_url(), get_url()]} | {
        domain.partition(":")[0].lower() for domain in _domains()
    }


def forget() -> None:
    """Read the domains again when they are asked for next. Called by who changes one."""
    frappe.local.trackflow_domains = None


def _domains() -> dict[str, dict]:
    """Return all domains by name (which is the host), in order of names.

    They are read once in a transaction, because saving one link asks many times.
    """
    known = getattr(frappe.local, "trackflow_domains", None)
    if known is None:
        rows = frappe.get_all(DOCTYPE, fields=["name", "is_primary", "ssl_enabled"], order_by="name asc")
        known = frappe.local.trackflow_domains = {row.name: row for row in rows}
        frappe.db.after_commit.add(forget)
        frappe.db.after_rollback.add(forget)
    return known
