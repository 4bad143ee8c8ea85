"""Looks at a site from inside and works on it: `python -m tests.site.install_probe SITE ACTION`, in its sites folder.

A program of its own, because the apps of the site change between one look and the next. Prints JSON.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import frappe

CRM = ("CRM Lead", "CRM Deal", "CRM Organization")
OURS = sorted(
    json.loads(file.read_text())["name"]
    for file in (Path(__file__).parents[2] / "trackflow" / "trackflow" / "doctype").glob("*/*.json")
)
# What hangs on documents and DocTypes, by the field that names the DocType.
HANGING = {
    "Client Script": "dt",
    "Comment": "reference_doctype",
    "Communication": "reference_doctype",
    "Custom DocPerm": "parent",
    "Custom Field": "dt",
    "DocShare": "share_doctype",
    "Notification": "document_type",
    "Property Setter": "doc_type",
    "ToDo": "reference_type",
    "User Permission": "allow",
    "Version": "ref_doctype",
}
LEAD = {
    "first_name": "Grace",
    "last_name": "Hopper",
    "email": "grace@example.com",
    "favourite_colour": "navy",
}
EDITED_SCRIPT = "// edited by an administrator"


def snapshot() -> dict[str, Any]:
    """All that TrackFlow has on the site, with the times of change; and what is not TrackFlow's."""
    tables = set(frappe.db.get_tables(cached=False))
    return {
        "custom_fields": stamps("Custom Field", {"fieldname": ("like", "trackflow%")}),
        "labels": frappe.get_all("Custom Field", {"label": "How Often"}, pluck="name"),
        "columns": {dt: columns(dt) for dt in CRM if f"tab{dt}" in tables},
        "indexes": indexes(),
        "roles": stamps("Role", {"name": ("in", ["Campaign Manager", "TrackFlow Manager"])}),
        "holders": frappe.db.count("Has Role", {"role": ("in", ["Campaign Manager", "TrackFlow Manager"])}),
        "doctypes": stamps("DocType", {"name": ("in", OURS)}),
        "tables": sorted(tables & {f"tab{name}" for name in OURS}),
        "module": frappe.db.count("Module Def", {"app_name": "trackflow"}),
        "workspaces": stamps("Workspace", {"module": "TrackFlow"}),
        "charts": [
            name
            for doctype in ("Dashboard Chart", "Dashboard Chart Source", "Number Card", "Module Onboarding")
            for name in stamps(doctype, {"module": "TrackFlow"})
        ],
        "boards": stamps("Kanban Board", {"reference_doctype": ("in", OURS)}),
        "steps": stamps("Onboarding Step", {"name": ("like", "TrackFlow%")}),
        "models": stamps("Attribution Model") if "tabAttribution Model" in tables else {},
        "settings": settings(),
        "menu": menu() if "tabCRM Dropdown Item" in tables else [],
        "dashboard": dashboard() if "tabCRM Dashboard" in tables else [],
        "defaults": frappe.get_all("DefaultValue", {"defkey": ("like", "trackflow%")}, pluck="defkey"),
        "form_scripts": scripts() if "tabCRM Form Script" in tables else {},
        # Newer versions of Frappe give them random names.
        "jobs": stamps("Scheduled Job Type", {"method": ("like", "trackflow.%")}, key="method"),
        "logs": frappe.get_all("Logs To Clear", {"ref_doctype": ("in", OURS)}, pluck="ref_doctype"),
        "files": frappe.get_all("File", {"file_name": "of_a_link.txt"}, pluck="name"),
        "tags": frappe.get_all("Tag Link", {"document_type": ("in", OURS)}, pluck="tag"),
        "hanging": [
            doctype for doctype, field in HANGING.items() if frappe.db.exists(doctype, {field: ("in", OURS)})
        ],
        "property_setters": frappe.get_all(
            "Property Setter", {"doc_type": ("in", CRM)}, pluck="name", order_by="name asc"
        ),
        # Frappe has its own failures, its search index for one when two processes build it.
        "errors": frappe.get_all("Error Log", {"error": ("like", "%trackflow%")}, pluck="error"),
        "lead": the_lead() if "tabCRM Lead" in tables else None,
    }


def layout_of_dashboard() -> list[dict]:
    """The items of the dashboard of the CRM's own pages."""
    return json.loads(frappe.db.get_value("CRM Dashboard", "Manager Dashboard", "layout"))


def dashboard() -> list[str]:
    return [item["name"] for item in layout_of_dashboard()]


def stamps(doctype: str, filters: dict | None = None, key: str = "name") -> dict[str, str]:
    rows = frappe.get_all(doctype, filters or {}, [key, "modified"], order_by="name asc")
    return {row[key]: str(row.modified) for row in rows}


def columns(doctype: str) -> list[str]:
    found = frappe.db.sql("SHOW COLUMNS FROM `tab" + doctype + "`", pluck=True)
    return sorted(name for name in found if name.startswith("trackflow"))


def indexes() -> list[str]:
    """TrackFlow's on tables of others."""
    query = "SELECT DISTINCT index_name FROM information_schema.statistics WHERE table_schema = DATABASE() AND index_name LIKE %s"
    return sorted(frappe.db.sql(query, "trackflow%", pluck=True))


def settings() -> dict[str, Any]:
    """All but what a worker strikes out at some time, if there is a worker."""
    return {
        key: value
        for key, value in frappe.db.get_singles_dict("TrackFlow Settings").items()
        if key != "pending_change"
    }


def menu() -> list[tuple]:
    """The entries of the CRM's user menu."""
    fields = ["name1", "label", "is_standard", "hidden"]
    rows = frappe.get_all("CRM Dropdown Item", fields=fields, order_by="idx asc")
    return [tuple(row[field] for field in fields) for row in rows]


def scripts() -> dict[str, str]:
    return {
        row.name: row.script
        for row in frappe.get_all("CRM Form Script", {"name": ("like", "TrackFlow%")}, ["name", "script"])
    }


def the_lead() -> dict[str, Any] | None:
    if not frappe.db.has_column("CRM Lead", "favourite_colour"):
        return None
    return frappe.db.get_value("CRM Lead", {"email": LEAD["email"]}, [*LEAD, "status"], as_dict=True)


# ---------------------------------------------------------------- work


def use() -> dict[str, Any]:
    """Make a link, follow it, and see what comes of it."""
    from tests.site import factory

    campaign = factory.make_campaign()
    link = factory.make_link(campaign=campaign.name)
    answer = request(f"/r/{link.short_code}")
    factory.drain()
    return {
        "status": answer.status_code,
        "location": answer.headers["Location"],
        "verdicts": [event.verdict for event in factory.events(link)],
        "counters": factory.counters(campaign),
        "catch_up": frappe.get_attr("trackflow.credit.catch_up")(),
        "learned": learned(),
    }


def checklist() -> dict[str, list[str]]:
    """What the checklist says when somebody loads Desk."""
    for hook in frappe.get_hooks("extend_bootinfo", app_name="trackflow"):
        frappe.get_attr(hook)(bootinfo=frappe._dict())
    return {
        field: frappe.get_all(
            "Onboarding Step", {"name": ("like", "TrackFlow:%"), field: 1}, pluck="name", order_by="name asc"
        )
        for field in ("is_complete", "is_skipped")
    }


def learned() -> str:
    """What the job of a new model says that has no deals to learn from."""
    model = "Data-Driven Markov"
    frappe.get_attr("trackflow.attribution.data_driven.compute")(model)
    return frappe.db.get_value("Attribution Model", model, "findings_message")


def request(path: str) -> Any:
    """Answer a request as the web server would at its very beginning: with the hooks of the installed apps."""
    from werkzeug.exceptions import HTTPException
    from werkzeug.test import EnvironBuilder
    from werkzeug.wrappers import Request

    from tests import harness

    frappe.local.request = Request(
        EnvironBuilder(path, headers={"User-Agent": harness.USER_AGENT}).get_environ()
    )
    try:
        for hook in frappe.get_hooks("before_request"):
            if hook.startswith("trackflow."):
                frappe.get_attr(hook)()
    except HTTPException as answered:
        return answered.get_response()
    finally:
        del frappe.local.request
    raise AssertionError("no hook answered")


def credited_lead() -> dict[str, Any]:
    """What a visitor's lead says once its credit is worked out."""
    from tests.site import crm_factory as crm
    from trackflow import credit

    _campaign, link = crm.campaign_link()
    lead = frappe.get_doc(doctype="CRM Lead", **crm.person(trackflow_visitor_id=crm.visited(link))).insert()
    frappe.db.commit()
    credit.credit_lead(lead.name)
    return {key: str(value) for key, value in crm.tracked(crm.fresh(lead)).items()}


def edit() -> None:
    """What an administrator and other apps make of the site, and what must outlive TrackFlow."""
    from frappe.custom.doctype.custom_field.custom_field import create_custom_field
    from frappe.custom.doctype.property_setter.property_setter import make_property_setter

    from tests.site import crm_factory as crm

    create_custom_field("CRM Lead", {"fieldname": "favourite_colour", "fieldtype": "Data", "label": "Colour"})
    make_property_setter("CRM Lead", "job_title", "label", "Position", "Data")
    make_property_setter("CRM Lead", "trackflow_source", "hidden", 1, "Check")
    frappe.get_doc(doctype="CRM Lead", **LEAD).insert()
    change("Custom Field", "CRM Lead-trackflow_touch_count", label="How Often")
    change("CRM Form Script", "TrackFlow Lead", script=EDITED_SCRIPT, enabled=0)
    change(
        "CRM Dropdown Item",
        frappe.db.get_value("CRM Dropdown Item", {"name1": "trackflow"}),
        label="Adverts",
        hidden=1,
    )
    if frappe.db.exists("DocType", "CRM Dashboard"):
        layout = [item for item in layout_of_dashboard() if item["name"] != "trackflow_clicks"]
        change("CRM Dashboard", "Manager Dashboard", layout=json.dumps(layout))
    change("Attribution Model", "Linear", description="Ours", is_active=0)
    change("TrackFlow Settings", "TrackFlow Settings", attribution_window_days=45, enable_tracking=0)
    change(
        "TrackFlow Settings", "TrackFlow Settings", enable_tracking=1, default_attribution_model="First Touch"
    )
    crm.make_user("Campaign Manager")
    hang_on_a_link()


def hang_on_a_link() -> None:
    """A tag, a file as an administrator attaches it, and all that people and administrators add."""
    from frappe.custom.doctype.custom_field.custom_field import create_custom_field
    from frappe.custom.doctype.property_setter.property_setter import make_property_setter
    from frappe.permissions import add_permission

    from tests.site import crm_factory as crm
    from tests.site import factory

    link = factory.make_link()
    link.add_tag("of a link")
    link.add_comment("Comment", "Is this still in print?")
    about = {"reference_doctype": link.doctype, "reference_name": link.name}
    frappe.get_doc(doctype="Communication", content="hello", subject="hello", **about).insert()
    todo = {"reference_type": link.doctype, "reference_name": link.name}
    frappe.get_doc(doctype="ToDo", description="look", **todo).insert()
    user = crm.make_user("Sales User")
    frappe.share.add(link.doctype, link.name, user)
    frappe.get_doc(doctype="User Permission", user=user, allow=link.doctype, for_value=link.name).insert()
    link.title = factory.unique("changed")
    link.save()
    create_custom_field(link.doctype, {"fieldname": "printed_by", "fieldtype": "Data", "label": "Printed By"})
    make_property_setter(link.doctype, "title", "label", "Headline", "Data")
    add_permission(link.doctype, "Sales Manager")
    frappe.get_doc(doctype="Client Script", name="Of a link", dt=link.doctype, script="// ours").insert()
    copy_a_notification()
    frappe.get_doc(
        doctype="File",
        file_name="of_a_link.txt",
        content="hello",
        attached_to_doctype=link.doctype,
        attached_to_name=link.name,
    ).insert()


def copy_a_notification() -> None:
    """As the handbook says for those who want mails. Left behind, it would stop the daily alerts of all apps."""
    copy = frappe.copy_doc(frappe.get_doc("Notification", "Campaign Ends Soon"))
    copy.update({"name": "Campaign Ends Soon by Mail", "is_standard": 0, "module": None, "channel": "Email"})
    copy.insert()


def change(doctype: str, name: str, **values: Any) -> None:
    doc = frappe.get_doc(doctype, name)
    doc.update(values)
    doc.save()


def connect(site: str) -> None:
    frappe.init(site)
    frappe.connect()
    frappe.set_user("Administrator")


def main(site: str, *actions: str) -> None:
    connect(site)
    frappe.flags.mute_emails = True
    results = {}
    for action in actions:
        results[action] = globals()[action]()
        frappe.db.commit()
    frappe.destroy()
    print(json.dumps(results, default=str))


if __name__ == "__main__":
    main(*sys.argv[1:])
