"""Moments as the reader's clock shows them, which is how Desk shows the fields beside."""

from datetime import datetime
from zoneinfo import ZoneInfo

import frappe
from frappe.utils import format_datetime, get_datetime, get_system_timezone


def shown(at: datetime | str) -> str:
    """Return site time in the time zone and the format of the user."""
    site, reader = get_system_timezone(), frappe.get_cached_value("User", frappe.session.user, "time_zone")
    moment = get_datetime(at).replace(tzinfo=ZoneInfo(site)).astimezone(ZoneInfo(reader or site))
    return format_datetime(moment.replace(tzinfo=None))
