"""The weekly e-mail, as each user orders it."""

import frappe

from trackflow import digest


@frappe.whitelist(methods=["GET"])
def is_subscribed() -> bool:
    """Say whether the current user gets the weekly digest."""
    return digest.is_subscribed()


@frappe.whitelist(methods=["POST"])
def subscribe() -> None:
    """Order the weekly digest for the current user. Raises as ``digest.subscribe`` does."""
    digest.subscribe()


@frappe.whitelist(methods=["POST"])
def unsubscribe() -> None:
    """End the weekly digest of the current user."""
    digest.unsubscribe()
