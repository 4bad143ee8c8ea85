"""What people call links: their titles."""

from collections.abc import Iterable

import frappe


def of_links(names: Iterable[str]) -> dict[str, str]:
    """Return the title of each link, its short code if it has none; nothing for links that are gone."""
    wanted = sorted({name for name in names if name})
    if not wanted:
        return {}
    # Not get_list: who asks may see the figures of all links, see ``access``, or the deal that they led to.
    rows = frappe.get_all(
        "Tracked Link", {"name": ("in", wanted)}, ["name", "title", "short_code"], order_by="name asc"
    )
    return {row.name: row.title or row.short_code for row in rows}
