"""What TrackFlow adds to Frappe CRM's own pages: an action on leads and deals that tells where they came
from. It shows what stands on the document, so whoever may read that may use it."""

import frappe

SCRIPTS = {"TrackFlow Lead": "CRM Lead", "TrackFlow Deal": "CRM Deal"}
_SCRIPT = """function setupForm({ doc, $dialog }) {
	if (!doc.trackflow_touch_count) return {}
	const told = [
		["Source", doc.trackflow_source],
		["Medium", doc.trackflow_medium],
		["Campaign", doc.trackflow_campaign],
		["First touch", (doc.trackflow_first_touch_date || "").slice(0, 16)],
		["Last touch", (doc.trackflow_last_touch_date || "").slice(0, 16)],
		["Touches", doc.trackflow_touch_count],
	]
	const message = told.filter(([, value]) => value).map(([label, value]) => `${label}: ${value}`).join(" \u00b7 ")
	return {
		actions: [
			{ label: "Where It Came From", onClick: () => $dialog({ title: "Where It Came From", message }) },
		],
	}
}
"""


def create() -> None:
    """Create the scripts that are missing; what an administrator changed stays as it is."""
    if not frappe.db.exists("DocType", "CRM Form Script"):
        return
    for name, doctype in SCRIPTS.items():
        if not frappe.db.exists("CRM Form Script", name):
            script = frappe.get_doc(
                doctype="CRM Form Script", name=name, dt=doctype, view="Form", enabled=1, script=_SCRIPT
            )
            # Runs during installation, where nobody is asked for rights.
            script.insert(ignore_permissions=True)


def delete() -> None:
    if frappe.db.exists("DocType", "CRM Form Script"):
        for name in SCRIPTS:
            # As above.
            frappe.delete_doc(
                "CRM Form Script", name, ignore_permissions=True, ignore_missing=True, force=True
            )
