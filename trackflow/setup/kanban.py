"""The board of campaigns by their status. Boards belong to no module, so that Frappe neither brings nor takes them along."""

import frappe

# Only marks: Frappe translates the board's name when it shows it.
from trackflow.domain.errors import sentence as _

BOARD, NAME, CAMPAIGN = "Kanban Board", _("Campaigns by Status"), "Link Campaign"
COLUMNS = {"Draft": "Gray", "Active": "Green", "Paused": "Orange", "Completed": "Blue"}
FIELDS = ("end_date", "total_clicks", "revenue")


def create() -> None:
    """Create the board. Called once: an administrator who deletes it does not want it."""
    if frappe.db.exists(BOARD, NAME):
        return
    columns = [{"column_name": status, "indicator": colour} for status, colour in COLUMNS.items()]
    board = frappe.get_doc(
        doctype=BOARD,
        kanban_board_name=NAME,
        reference_doctype=CAMPAIGN,
        field_name="status",
        fields=frappe.as_json(FIELDS),
        show_labels=1,
        columns=columns,
    )
    # Runs during installation, where nobody is asked for rights.
    board.insert(ignore_permissions=True)


def delete(doctypes: list[str]) -> None:
    """Delete all boards of ``doctypes``, ours and those that people have made."""
    for board in frappe.get_all(BOARD, {"reference_doctype": ("in", doctypes)}, pluck="name"):
        # As above.
        frappe.delete_doc(BOARD, board, ignore_permissions=True, force=True)
