"""Frappe CRM's functions for the dashboard of its own pages, with TrackFlow's items. Their arguments are the CRM's."""

import frappe
from frappe.utils import get_first_day, get_last_day, getdate, nowdate

from trackflow.analytics import crm_dashboard
from trackflow.analytics.periods import Period
from trackflow.setup import crm_dashboard as layout

# Everybody else sees their own figures there.
MANAGERS = {"Sales Manager", "System Manager"}


@frappe.whitelist()
def get_dashboard(
    from_date: str | None = None, to_date: str | None = None, user: str | None = None
) -> list[dict]:
    """Return the CRM's answer with the data of TrackFlow's items, see ``analytics.crm_dashboard``.

    Without both days it is about whole months, by default the present one. Raises PermissionError as the CRM does.
    """
    given = {"from_date": from_date, "to_date": to_date, "user": user}
    items = layout.without_us("get_dashboard")(**{name: value for name, value in given.items() if value})
    if not (from_date and to_date):
        from_date, to_date = get_first_day(from_date or nowdate()), get_last_day(to_date or nowdate())
    owner = (user or "") if MANAGERS & set(frappe.get_roles()) else frappe.session.user
    # Not parsed as elsewhere: days the wrong way round are no error for the CRM.
    period = Period(getdate(from_date), getdate(to_date))
    return crm_dashboard.filled(items, crm_dashboard.Asked(period, owner))


@frappe.whitelist()
def reset_to_default() -> None:
    """Give the dashboard the CRM's default layout again, and TrackFlow's items.

    Raises PermissionError as the CRM does.
    """
    layout.without_us("reset_to_default")()
    layout.add_again()
