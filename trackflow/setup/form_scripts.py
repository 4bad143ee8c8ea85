"""What TrackFlow adds to Frappe CRM's own pages: an action on leads and deals that shows the visitor."""

import frappe

SCRIPTS = {"TrackFlow Lead": "CRM Lead", "TrackFlow Deal": "CRM Deal"}
_SCRIPT = """function setupForm({ doc }) {
	if (!doc.trackflow_visitor_id) return {}
	return {
		actions: [
			{
				label: "Show Visitor in TrackFlow",
				onClick: () => window.open("/app/visitor/" + doc.trackflow_visitor_id, "_blank"),
			},
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
