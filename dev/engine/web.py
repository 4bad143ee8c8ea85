"""What the web server serves: TrackFlow's entry to the engine, static files, and Frappe's names for two headers."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import criscostack.app as engine
from criscostack.middlewares import StaticDataMiddleware
from werkzeug.middleware.shared_data import SharedDataMiddleware

from trackflow import wsgi

Environ = dict[str, Any]
Application = Callable[[Environ, Callable[..., Any]], Iterable[bytes]]

_HEADERS = {
    "HTTP_X_FRAPPE_CSRF_TOKEN": "HTTP_X_CRISCO_CSRF_TOKEN",
    "HTTP_X_FRAPPE_SITE_NAME": "HTTP_X_CRISCO_SITE_NAME",
}


def with_frappe_headers(application: Application) -> Application:
    def translated(environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        for ours, theirs in _HEADERS.items():
            if ours in environ:
                environ.setdefault(theirs, environ[ours])
        return application(environ, start_response)

    return translated


def build() -> Application:
    """One instance has one site; so it answers under any host name."""
    engine._site = os.environ["TRACKFLOW_SITE"]
    sites = Path.cwd()
    served: Application = SharedDataMiddleware(wsgi.application, {"/assets": str(sites / "assets")})
    served = StaticDataMiddleware(served, {"/files": str(sites)})
    return with_frappe_headers(served)


application = build()
