"""The owner of a lead or deal gets it assigned and shared."""

import frappe
from frappe.desk.form.assign_to import add
from frappe.model.document import Document


def assign_agent(doc: Document, agent: str, ignore_permissions: bool = False) -> None:
    """Assign the document to the agent, unless that is so already; the user must be able to read it."""
    if agent not in doc.get_assigned_users():
        if not ignore_permissions:
            frappe.get_doc(doc.doctype, doc.name).check_permission()
        add({"assign_to": [agent], "doctype": doc.doctype, "name": doc.name})


def share_with_agent(doc: Document, agent: str) -> None:
    """Share the document with the agent and with nobody else."""
    shared = {"share_doctype": doc.doctype, "share_name": doc.name}
    users = frappe.get_all("DocShare", filters=shared, pluck="user", order_by="creation")
    for user in users:
        if user != agent:
            frappe.share.remove(doc.doctype, doc.name, user)
    if agent not in users:
        flags = {"ignore_share_permission": True}
        frappe.share.add_docshare(doc.doctype, doc.name, agent, write=1, flags=flags)
