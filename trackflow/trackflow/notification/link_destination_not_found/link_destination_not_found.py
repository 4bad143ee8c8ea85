import frappe


def get_context(context: "frappe._dict") -> None:
    """Nothing but the document is needed; Frappe asks for this function."""
