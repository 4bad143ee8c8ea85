"""What a report refuses must not change the report."""

import functools
import threading
from collections.abc import Callable
from typing import ParamSpec, TypeVar

import frappe

Arguments, Answer = ParamSpec("Arguments"), TypeVar("Answer")


def answered_at_once(execute: Callable[Arguments, Answer]) -> Callable[Arguments, Answer]:
    """Keep a report as it is when ``execute`` raises an error, such as one that refuses its filters.

    Frappe starts a watch with every run that makes a report which takes 15 seconds a prepared one, for everybody and for
    good, and stops it only after an answer: an error would let it run out.
    """

    @functools.wraps(execute)
    def wrapper(*args: Arguments.args, **kwargs: Arguments.kwargs) -> Answer:
        try:
            return execute(*args, **kwargs)
        except Exception:
            _stop_watches(execute.__module__.rpartition(".")[2])
            raise

    return wrapper


def _stop_watches(scrubbed: str) -> None:
    """Those of somebody else's run of this report may be among them: it stays as it is once more."""
    for thread in threading.enumerate():
        if isinstance(thread, threading.Timer) and _is_watch(thread, scrubbed):
            thread.cancel()


def _is_watch(timer: threading.Timer, scrubbed: str) -> bool:
    watched = timer.kwargs.get("report")
    return (
        bool(watched) and frappe.scrub(watched) == scrubbed and timer.kwargs.get("site") == frappe.local.site
    )
