"""The cookie that says which visitor a browser is, on answers of this site."""

from datetime import timedelta

import frappe
from werkzeug.wrappers import Response

from trackflow.domain.visits import VISITOR_COOKIE


def keep(response: Response, visitor_id: str, days: int) -> None:
    """Let the browser keep ``visitor_id`` for ``days`` from now on."""
    response.set_cookie(
        VISITOR_COOKIE,
        visitor_id,
        max_age=int(timedelta(days=days).total_seconds()),
        httponly=True,
        secure=frappe.request.is_secure,
        samesite="Lax",
    )


def forget(response: Response) -> None:
    """Let the browser forget which visitor it is."""
    response.delete_cookie(VISITOR_COOKIE, httponly=True, secure=frappe.request.is_secure, samesite="Lax")
