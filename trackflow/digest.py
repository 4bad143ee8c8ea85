"""The weekly e-mail with a user's campaigns: an Auto Email Report of Frappe's, for that user alone."""

import frappe
from frappe import _

REPORT, DOCTYPE = "Campaign Performance", "Auto Email Report"


def is_subscribed() -> bool:
    """Say whether the current user gets the digest."""
    return bool(_names(frappe.session.user))


def subscribe() -> None:
    """Send the current user, on Mondays, the campaigns of the last seven days as that user may see them.

    Raises PermissionError for those who may not open the report, ValidationError for who has no e-mail address.
    """
    if not frappe.get_doc("Report", REPORT).is_permitted():
        frappe.throw(_("You may not open the report {0}.").format(_(REPORT)), frappe.PermissionError)
    if not is_subscribed():
        _subscription(frappe.session.user).insert(ignore_permissions=True)


def unsubscribe() -> None:
    """End the current user's digest; nothing happens where there is none."""
    for name in _names(frappe.session.user):
        # It is the user's own, though only administrators may open the list of all.
        frappe.delete_doc(DOCTYPE, name, ignore_permissions=True)


def delete_all() -> None:
    """Remove every Auto Email Report of a report of ours: without the report it fails each time."""
    reports = frappe.get_all("Report", {"module": "TrackFlow"}, pluck="name")
    for name in frappe.get_all(DOCTYPE, {"report": ("in", reports)}, pluck="name"):
        # As above: whoever uninstalls an app may do so.
        frappe.delete_doc(DOCTYPE, name, ignore_permissions=True, force=True)


def _names(user: str) -> list[str]:
    return frappe.get_all(DOCTYPE, {"report": REPORT, "user": user, "enabled": 1}, pluck="name")


def _subscription(user: str) -> "frappe.model.document.Document":
    address = frappe.db.get_value("User", user, "email")
    if not address:
        frappe.throw(_("Enter an e-mail address in your profile first."))
    return frappe.get_doc(
        doctype=DOCTYPE,
        report=REPORT,
        report_type="Script Report",
        user=user,
        email_to=address,
        enabled=1,
        send_if_data=1,
        frequency="Weekly",
        day_of_week="Monday",
        format="HTML",
        from_date_field="from_date",
        to_date_field="to_date",
        dynamic_date_period="Weekly",
        filters=frappe.as_json({"deals": "won"}),
        no_of_rows=100,
        description=_("Your campaigns in the last seven days."),
    )
