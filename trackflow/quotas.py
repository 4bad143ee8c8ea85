"""Max clicks: how many places of a limited link are taken, exactly, however many ask at once.

The only writer of Link Quota and Link Claim. A place is taken in the transaction that keeps the click, under the
lock of the link's own row, so that one is never without the other. Links without a limit never come here.
"""

from datetime import datetime

import frappe

from trackflow import click_queue, drain_job
from trackflow.domain.clicks import DUPLICATE_WINDOW, Click
from trackflow.domain.redirection import Place

# Makes the row where there is none, and locks it either way. Put together from constants alone, as all below.
_LOCK = (
    "INSERT INTO `tabLink Quota` (`name`, `tracked_link`, `used`, `owner`, `modified_by`, `creation`, `modified`)"
    " VALUES (%(link)s, %(link)s, 0, 'Guest', 'Guest', %(now)s, %(now)s) ON DUPLICATE KEY UPDATE `used` = `used`"
)
_STATE = (
    "SELECT `used`, EXISTS (SELECT 1 FROM `tabLink Claim` WHERE `tracked_link` = %(link)s"
    " AND `visitor_id` = %(visitor)s AND `claimed_at` > %(since)s) FROM `tabLink Quota` WHERE `name` = %(link)s"
)
_TAKE = "UPDATE `tabLink Quota` SET `used` = `used` + 1, `modified` = %(now)s WHERE `name` = %(link)s"
_CLAIM = (
    "INSERT INTO `tabLink Claim`"
    " (`name`, `tracked_link`, `visitor_id`, `claimed_at`, `owner`, `modified_by`, `creation`, `modified`)"
    " VALUES (%(name)s, %(link)s, %(visitor)s, %(now)s, 'Guest', 'Guest', %(now)s, %(now)s)"
)


def admit(link: str, place: Place, click: Click | None, name: str, now: datetime) -> bool:
    """Say whether a request goes through, and keep ``click`` (None: nothing is recorded) if it does.

    A person takes a place, unless the same one took one within the duplicate window. ``name`` is the
    request's, ``now`` naive site time. Raises if MariaDB is away: nobody could promise the limit then.
    """
    if not place.visitor_id:
        return _look(link, place, click)
    # A transaction of its own: what it reads after the lock must not be older than the lock.
    frappe.db.commit()
    try:
        admitted = _take(link, place, name, now)
        if admitted and click:
            click_queue.put_along(click)
        # A GET is rolled back by Frappe unless it commits; the claim and the click stand or fall together.
        frappe.db.commit()
    except Exception:
        frappe.db.rollback()
        raise
    if admitted and click:
        drain_job.wake()
    return admitted


def _look(link: str, place: Place, click: Click | None) -> bool:
    """Robots and the like take no place; where none is left they see what people see."""
    if used(link) >= place.limit:
        return False
    if click:
        click_queue.put(click)
    return True


def _take(link: str, place: Place, name: str, now: datetime) -> bool:
    values = {"link": link, "visitor": place.visitor_id, "limit": place.limit, "name": name}
    values |= {"now": now, "since": now - DUPLICATE_WINDOW}
    frappe.db.sql(_LOCK, values)
    ((taken, is_double_click),) = frappe.db.sql(_STATE, values)
    if is_double_click:
        return True
    if taken >= place.limit:
        return False
    frappe.db.sql(_TAKE, values)
    # Old claims stay until Frappe clears its logs: to delete them here would lock gaps that other links write to.
    frappe.db.sql(_CLAIM, values)
    return True


def used(link: str) -> int:
    """Return how many places of ``link`` are taken."""
    return frappe.db.get_value("Link Quota", link, "used") or 0


def begin(link: str, clicks_so_far: int) -> None:
    """Count from ``clicks_so_far`` on, because the link has just become a limited one."""
    if not frappe.db.exists("Link Quota", link):
        frappe.get_doc(doctype="Link Quota", tracked_link=link, used=clicks_so_far).db_insert()
    else:
        frappe.db.set_value("Link Quota", link, "used", clicks_so_far)


def forget(link: str) -> None:
    """Remove what is known of a link that is deleted."""
    frappe.db.delete("Link Quota", {"name": link})
    frappe.db.delete("Link Claim", {"tracked_link": link})
