"""Campaigns made from others: with new links of the same kind, with new codes and nothing counted."""

import frappe
from frappe import _
from frappe.model.document import Document
from frappe.utils import add_days

from trackflow import link_passwords, settings

# More links than this take longer than somebody waits for a page.
MANY = 100


def duplicate(source: str, campaign_name: str, campaign_id: str = "", shift_days: int = 0) -> dict:
    """Make a campaign of that name (and id, "" for one made of the name) like ``source``, and copy its links.

    Variants and targeting rules come along, archived links don't. All dates are put off by ``shift_days``.
    Many links are copied in the background. Returns ``{"campaign", "links", "in_background"}``: the new
    campaign's name and how many links it gets. Raises PermissionError without the rights to read and to create.
    """
    original = frappe.get_doc("Link Campaign", source)
    original.check_permission("read")
    links = _links_of(source)
    if links and not settings.generates_codes():
        frappe.throw(_("The copies need new codes. Turn on Auto Generate Short Codes in TrackFlow Settings."))
    campaign = frappe.copy_doc(original, ignore_no_copy=False)
    # Where it stands follows from its dates.
    campaign.update({"campaign_name": campaign_name, "campaign_id": campaign_id, "status": "Active"})
    _shift(campaign, shift_days)
    campaign.insert()
    in_background = len(links) > MANY
    _copy(links, campaign.name, shift_days, in_background)
    return {"campaign": campaign.name, "links": len(links), "in_background": in_background}


def copy_links(links: list[str], campaign: str, shift_days: int) -> None:
    """Background job: copy ``links`` into ``campaign``, all of them or none; the campaign's timeline says if none."""
    try:
        for number, link in enumerate(links, start=1):
            _copy_link(link, campaign, shift_days)
            frappe.publish_progress(
                100 * number / len(links), title=_("Copying links"), doctype="Link Campaign", docname=campaign
            )
    except Exception as error:
        frappe.db.rollback()
        frappe.log_error(f"TrackFlow: the links of campaign {campaign} could not be copied")
        text = _("The links could not be copied: {0}").format(error)
        frappe.get_doc("Link Campaign", campaign).add_comment("Comment", text)


def duplicate_link(source: str) -> str:
    """Make a link like ``source``, in the same campaign and with its variants; return its name.

    Raises PermissionError without the rights to read it and to create links.
    """
    original = frappe.get_doc("Tracked Link", source)
    original.check_permission("read")
    return _copy_link(source, original.campaign, 0, status="Active")


def _links_of(campaign: str) -> list[str]:
    filters = {"campaign": campaign, "status": ("!=", "Archived")}
    return frappe.get_list(
        "Tracked Link", filters, pluck="name", order_by="creation asc, name asc", limit_page_length=0
    )


def _copy(links: list[str], campaign: str, shift_days: int, in_background: bool) -> None:
    if not in_background:
        for link in links:
            _copy_link(link, campaign, shift_days)
        return
    frappe.has_permission("Tracked Link", "create", throw=True)
    frappe.enqueue(
        "trackflow.campaign_copies.copy_links",
        queue="long",
        timeout=3600,
        enqueue_after_commit=True,
        links=links,
        campaign=campaign,
        shift_days=shift_days,
    )


def _copy_link(source: str, campaign: str, shift_days: int, **changes: str) -> str:
    original = frappe.get_doc("Tracked Link", source)
    link = frappe.copy_doc(original, ignore_no_copy=False)
    link.campaign = campaign
    if original.title == original.short_code:
        link.title = ""
    if original.paused_by_campaign:
        link.status = "Active"
    link.update(changes)
    _shift(link, shift_days)
    name = frappe.generate_hash(length=10)
    if original.password_protected:
        link_passwords.copy(source, name)
    link.insert(set_name=name)
    _copy_variants(source, link.name)
    return link.name


def _copy_variants(source: str, link: str) -> None:
    names = frappe.get_list(
        "Campaign Link Variant",
        {"tracked_link": source},
        pluck="name",
        order_by="name asc",
        limit_page_length=0,
    )
    for name in names:
        variant = frappe.copy_doc(frappe.get_doc("Campaign Link Variant", name), ignore_no_copy=False)
        variant.tracked_link = link
        variant.insert()


def _shift(doc: Document, days: int) -> None:
    """Put off all dates of a copy and of the rows of its tables."""
    for row in [doc, *doc.get_all_children()]:
        for field in row.meta.get("fields", {"fieldtype": ("in", ("Date", "Datetime")), "no_copy": 0}):
            if days and row.get(field.fieldname):
                row.set(field.fieldname, add_days(row.get(field.fieldname), days))
