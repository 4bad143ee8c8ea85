"""Who may see figures that are added up over deals, links and visitors, and of which campaigns and links."""

from collections.abc import Mapping

import frappe
from frappe import _
from frappe.desk.reportview import build_match_conditions
from frappe.query_builder.functions import Coalesce
from frappe.utils.caching import request_cache

from trackflow.analytics.periods import both

# Filters that name a record, and its DocType.
NAMED = {"campaign": "Link Campaign", "tracked_link": "Tracked Link"}


def may_see_sums() -> bool:
    """Say whether the user may make reports on attributions, as TrackFlow's roles may.

    A salesperson without one of these roles sees the attribution of a deal that they may read, and no sums: they
    would tell what deals of others are worth.
    """
    return bool(frappe.has_permission("Deal Attribution", "report"))


def check() -> None:
    """Raise PermissionError unless the user may see sums."""
    if not may_see_sums():
        frappe.throw(
            _("You may not see what campaigns earned. Ask an administrator for the role Campaign Manager."),
            frappe.PermissionError,
        )


def check_named(filters: Mapping[str, object]) -> None:
    """Raise PermissionError where ``filters`` name a campaign or a link that the user may not read.

    What is the name of none, such as a campaign that somebody else's page was tagged with, may be asked for.
    """
    for fieldname, doctype in NAMED.items():
        name = filters.get(fieldname)
        if name and frappe.db.exists(doctype, name):
            frappe.get_doc(doctype, name).check_permission("read")


def limits(doctype: str) -> list[str] | None:
    """Return the only records of a DocType that the user may read; None where there are no limits.

    There are none either for a user without any right to the DocType: whether that user is told sums at all is asked
    elsewhere.
    """
    return _limits_of(frappe.session.user, doctype)


@request_cache
def _limits_of(user: str, doctype: str) -> list[str] | None:
    """``limits`` of ``user``, who is the one in session: for a dozen queries of one dashboard asked for once."""
    if not (frappe.has_permission(doctype, "read") and build_match_conditions(doctype)):
        return None
    return frappe.get_list(doctype, pluck="name", order_by="name asc", limit_page_length=0)


def told(campaign: "frappe.qb.Field", link: "frappe.qb.Field | None" = None) -> "frappe.qb.Criterion | None":
    """Return the condition for rows with a campaign, and a link, of which the user is told; None if of all.

    Rows without any are for everybody, unless User Permissions are strict: as Frappe has it in lists.
    """
    blank = [] if frappe.get_system_settings("apply_strict_user_permissions") else [""]
    condition = None
    for column, doctype in ((campaign, NAMED["campaign"]), (link, NAMED["tracked_link"])):
        names = None if column is None else limits(doctype)
        if names is not None:
            condition = both(condition, Coalesce(column, "").isin([*blank, *names] or [None]))
    return condition


def only(
    query: "frappe.qb.Query", campaign: "frappe.qb.Field", link: "frappe.qb.Field | None" = None
) -> "frappe.qb.Query":
    """Limit ``query`` to what ``told`` says."""
    condition = told(campaign, link)
    return query.where(condition) if condition else query
