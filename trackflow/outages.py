"""Errors that pass by themselves, because MariaDB or Redis is away or overloaded, told from mistakes of ours."""

import frappe
from redis.exceptions import RedisError

# What MariaDB's client says without a connection (2002 to 2055), and the server that refuses, is full, being stopped,
# switched to reading only, or out of time or room. Other operational errors (a column that is missing) are mistakes.
_PASSING = frozenset({
    2002, 2003, 2005, 2006, 2013, 2026, 2055,
    1021, 1037, 1040, 1041, 1053, 1114, 1129, 1159, 1161, 1203, 1226, 1290, 1836, 1927, 1969,
})  # fmt: skip
_QUERY_ERRORS = (frappe.QueryDeadlockError, frappe.QueryTimeoutError, frappe.InReadOnlyMode)


def is_outage(error: BaseException) -> bool:
    """Say whether ``error`` comes of MariaDB or Redis being away or overloaded, so that it pays to try again."""
    if isinstance(error, (RedisError, *_QUERY_ERRORS)):
        return True
    # By the names that PEP 249 fixes: Frappe 16 works with either of two drivers.
    kinds = {kind.__name__ for kind in type(error).__mro__}
    code = error.args[0] if error.args else None
    return "InterfaceError" in kinds or ("OperationalError" in kinds and code in _PASSING)


def note(title: str) -> None:
    """Record the error that is being handled in the Error Log and the site's log file, whatever was begun before."""
    frappe.logger("trackflow").exception(title)
    try:
        frappe.db.rollback()
        # Without the variables that Frappe would add: a password may be among them.
        frappe.log_error(title, frappe.get_traceback())
        # A GET is rolled back by Frappe unless it commits.
        frappe.db.commit()
    except Exception:
        frappe.logger("trackflow").exception("The Error Log did not take an error")
