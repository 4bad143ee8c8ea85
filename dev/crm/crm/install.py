"""The master data that a fresh Frappe CRM has."""

import json

import frappe

from crm.fcrm.doctype.crm_dashboard.crm_dashboard import create_default_manager_dashboard

LEAD_STATUSES = {
    "New": "gray",
    "Contacted": "orange",
    "Nurture": "blue",
    "Qualified": "green",
    "Unqualified": "red",
    "Junk": "purple",
}
DEAL_STATUSES = {
    "Qualification": "gray",
    "Demo/Making": "orange",
    "Proposal/Quotation": "blue",
    "Negotiation": "yellow",
    "Ready to Close": "purple",
    "Won": "green",
    "Lost": "red",
}
COMMUNICATION_STATUSES = ("Open", "Replied")
LEAD_SOURCES = (
    "Existing Customer",
    "Reference",
    "Advertisement",
    "Cold Calling",
    "Exhibition",
    "Supplier Reference",
    "Mass Mailing",
    "Customer's Vendor",
    "Campaign",
    "Walk In",
)
INDUSTRIES = ("Accounting", "Banking", "Consulting", "Education", "Manufacturing", "Software", "Technology")

# What the portal shows, by DocType and kind of layout: each section's label and fields.
LAYOUTS = {
    ("CRM Lead", "Side Panel"): {
        "Details": ["organization", "website", "territory", "industry", "job_title", "source", "lead_owner"],
        "Person": ["salutation", "first_name", "last_name", "email", "mobile_no"],
    },
    ("CRM Lead", "Data Fields"): {
        "Details": ["organization", "industry", "lead_owner", "website", "job_title", "territory", "source"],
        "Person": ["salutation", "email", "first_name", "mobile_no", "last_name"],
    },
    ("CRM Deal", "Side Panel"): {
        "Contacts": [],
        "Organization Details": [
            "organization",
            "website",
            "territory",
            "annual_revenue",
            "close_date",
            "probability",
            "next_step",
            "deal_owner",
        ],
    },
    ("CRM Deal", "Data Fields"): {
        "Details": [
            "organization",
            "annual_revenue",
            "next_step",
            "website",
            "close_date",
            "deal_owner",
            "territory",
            "probability",
        ],
    },
    ("CRM Organization", "Side Panel"): {
        "Details": ["organization_name", "website", "territory", "industry", "no_of_employees", "address"],
    },
}


def after_install(force: bool = False) -> None:
    """Insert what is missing; with `force` the layouts start afresh."""
    add_statuses("CRM Lead Status", "lead_status", LEAD_STATUSES)
    add_statuses("CRM Deal Status", "deal_status", DEAL_STATUSES)
    add_records("CRM Communication Status", "status", COMMUNICATION_STATUSES)
    add_records("CRM Lead Source", "source_name", LEAD_SOURCES)
    add_records("CRM Industry", "industry", INDUSTRIES)
    add_layouts(force)
    add_dropdown_items()
    create_default_manager_dashboard(force)


def add_statuses(doctype: str, fieldname: str, statuses: dict[str, str]) -> None:
    """Insert statuses in their order, each with its colour."""
    for position, (status, color) in enumerate(statuses.items(), start=1):
        _insert_once(doctype, status, {fieldname: status, "color": color, "position": position})


def add_records(doctype: str, fieldname: str, names: tuple[str, ...]) -> None:
    """Insert records that are nothing but a name."""
    for name in names:
        _insert_once(doctype, name, {fieldname: name})


def add_layouts(force: bool) -> None:
    """Insert the default layouts of the portal's panels."""
    for (doctype, kind), sections in LAYOUTS.items():
        name = f"{doctype}-{kind}"
        if force:
            frappe.delete_doc("CRM Fields Layout", name, ignore_missing=True)
        layout = json.dumps([_section(label, fields) for label, fields in sections.items()])
        _insert_once("CRM Fields Layout", name, {"dt": doctype, "type": kind, "layout": layout})


def add_dropdown_items() -> None:
    """Give an empty user menu the entries of all installed apps."""
    settings = frappe.get_single("FCRM Settings")
    if not settings.dropdown_items:
        settings.set("dropdown_items", frappe.get_hooks("standard_dropdown_items"))
        settings.save()


def _section(label: str, fields: list[str]) -> dict:
    slug = label.lower().replace(" ", "_").removesuffix("_details")
    section = {"label": label, "name": f"{slug}_section", "opened": True}
    if slug == "contacts":
        return {**section, "editable": False, "contacts": []}
    return {**section, "columns": [{"name": f"column_{slug}", "fields": fields}]}


def _insert_once(doctype: str, name: str, values: dict) -> None:
    if not frappe.db.exists(doctype, name):
        frappe.get_doc({"doctype": doctype, **values}).insert(ignore_permissions=True)
