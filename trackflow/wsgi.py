"""An entry for the web server with which short links work even while neither MariaDB nor Redis does.

``gunicorn trackflow.wsgi:application`` in the place of ``frappe.app:application``. Frappe can't begin a request
without both: it does not even learn which apps there are, and so no hook is called. Requests for short links that
fail in Frappe before TrackFlow has answered are answered here, by the same function that the hook calls. All others
pass through untouched.
"""

from collections.abc import Callable, Iterable
from typing import Any

import frappe
from frappe import app as frappe_app
from frappe.utils import get_site_name
from werkzeug.wrappers import Request, Response

from trackflow import redirect
from trackflow.domain.destinations import SHORT_PREFIXES

Environ = dict[str, Any]
Body = Iterable[bytes]


def application(environ: Environ, start_response: Callable[..., Any]) -> Body:
    """The WSGI application: Frappe's, but for short links that it fails to answer."""
    if not environ.get("PATH_INFO", "").startswith(SHORT_PREFIXES):
        return frappe_app.application(environ, start_response)
    held: list[tuple] = []
    try:
        body = frappe_app.application(environ, lambda *begun: held.append(begun))
    except Exception:
        return _without_frappe(environ)(environ, start_response)
    if _is_failure(environ, held[-1][0]):
        _close(body)
        return _without_frappe(environ)(environ, start_response)
    start_response(*held[-1])
    return body


def _is_failure(environ: Environ, status: str) -> bool:
    """Below these paths nobody but TrackFlow has anything to say, but that there is no such site, or too many requests.

    Not by the status alone: Frappe's page on an error says 200 if MariaDB has come back by then.
    """
    return redirect.ANSWERED not in environ and not status.startswith(("3", "4"))


def _close(body: Body) -> None:
    if close := getattr(body, "close", None):
        close()


def _without_frappe(environ: Environ) -> Response:
    """Answer with no session, user or hook of another app. Everything that is done needs none of them."""
    # Frappe's own, which may have read what was posted.
    request = environ.get("werkzeug.request") or Request(environ)
    frappe.destroy()
    try:
        # Before the request is known, because Frappe then looks for apps in a file and not in MariaDB.
        frappe.init(_site(request), sites_path=frappe_app._sites_path, force=True)
        frappe.connect(set_admin_as_user=False)
        frappe.local.request = request
        return redirect.unavailable() if frappe.conf.maintenance_mode else redirect.respond(request.path)
    finally:
        frappe.destroy()


def _site(request: Request) -> str:
    """Choose the site as ``frappe.app`` does."""
    return frappe_app._site or request.headers.get("X-Frappe-Site-Name") or get_site_name(request.host)
