"""Visits, leads and deals for the tests of what TrackFlow does in a CRM. All is committed, as in factory.

What is saved here is credited by a real background job: `finish_jobs` waits for it.
"""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta, timezone
from functools import cache
from typing import Any

import frappe
import pytest
from frappe.utils import now_datetime
from frappe.utils.background_jobs import get_redis_conn

from tests import harness
from tests.site import factory

FIELDS_OF_TRACKFLOW = (
    "trackflow_visitor_id", "trackflow_source", "trackflow_medium", "trackflow_campaign",
    "trackflow_first_touch_date", "trackflow_last_touch_date", "trackflow_touch_count",
)  # fmt: skip
PASSWORD = "Correct-Horse-7-Battery"
_NOT_OURS = re.compile(rb"scheduled_job|:dependen")
_DONE = {b"finished", b"failed", b"stopped", b"canceled"}
_STARTED = datetime.now(timezone.utc).isoformat()


def crm_is_installed() -> bool:
    return bool(frappe.db.exists("DocType", "CRM Lead"))


needs_crm = pytest.mark.skipif(
    not (harness.SITE and crm_is_installed()), reason="Frappe CRM is not installed on this site"
)


# ---------------------------------------------------------------- visits


def visit(
    link: Any, visitor: str, *, ago: timedelta = timedelta(minutes=5), at: Any = None, **known: Any
) -> str:
    """Let a visitor follow a link some time ago, as the redirect would note it; return the event's name.

    ``known``: fields of the Click, such as variant or referrer.
    """
    from trackflow import links

    known.setdefault("utm", links.load(link.short_code).utm)
    (name,) = factory.put_clicks(link, [visitor], at=at or now_datetime() - ago, **known)
    return name


def visited(*links: Any, visitor: str | None = None) -> str:
    """A visitor who followed these links, a day between one and the next, the last one an hour ago."""
    visitor = visitor or factory.new_visitor()
    for days, link in enumerate(reversed(links)):
        visit(link, visitor, ago=timedelta(days=days, hours=1))
    factory.drain()
    return visitor


def campaign_link(**campaign: Any) -> tuple[Any, Any]:
    """A campaign and a link of it."""
    made = factory.make_campaign(**campaign)
    return made, factory.make_link(campaign=made.name)


def direct_link() -> Any:
    """A link that says nothing about where somebody comes from."""
    return factory.make_link()


# ---------------------------------------------------------------- leads


def email() -> str:
    return f"{secrets.token_hex(6)}@example.com"


def person(**fields: Any) -> dict[str, Any]:
    return {"first_name": "Ada", "last_name": factory.unique("L"), "email": email()} | fields


def insert_lead(visitor: str | None = None, **fields: Any) -> Any:
    """A lead as a program inserts it that knows the visitor; its jobs have been done."""
    lead = frappe.get_doc(doctype="CRM Lead", **person(trackflow_visitor_id=visitor, **fields)).insert()
    frappe.db.commit()
    finish_jobs()
    return fresh(lead)


def make_source(name: str) -> str:
    if not frappe.db.exists("CRM Lead Source", name):
        frappe.get_doc(doctype="CRM Lead Source", source_name=name).insert()
        frappe.db.commit()
    return name


def make_web_form(*fields: str) -> str:
    """A published form that makes leads, for anybody."""
    fields = fields or ("first_name", "last_name", "email", "source")
    form = frappe.get_doc(
        doctype="Web Form",
        title=factory.unique("Contact us"),
        route=factory.unique("contact"),
        doc_type="CRM Lead",
        module="TrackFlow",
        published=1,
        web_form_fields=[{"fieldname": name, "fieldtype": "Data", "label": name} for name in fields],
    ).insert()
    frappe.db.commit()
    return form.name


def send_form(client: Any, form: str, page: str = "", **fields: Any) -> Any:
    """Fill in the form and send it, as its page does; returns the lead when all jobs are done."""
    answer = client.post(
        "/api/method/frappe.website.doctype.web_form.web_form.accept",
        data={"web_form": form, "data": json.dumps(person(web_form_name=form, doctype="CRM Lead", **fields))},
        headers={"Referer": page or f"{harness.URL}/contact"} | elsewhere(),
    )
    assert answer.ok, answer.text[:500]
    finish_jobs()
    return frappe.get_doc("CRM Lead", answer.json()["message"]["name"])


def post(client: Any, doctype: str, **values: Any) -> Any:
    """Insert a document over the REST API; returns it when all jobs are done."""
    answer = client.post(f"/api/resource/{doctype}", json=values)
    assert answer.ok, answer.text[:500]
    finish_jobs()
    return frappe.get_doc(doctype, answer.json()["data"]["name"])


def elsewhere() -> dict[str, str]:
    """Another address for each request: forms take only a few a minute from one."""
    return {"X-Forwarded-For": ".".join(str(secrets.randbelow(200) + 20) for _ in range(4))}


def make_user(*roles: str, user_type: str = "System User") -> str:
    """Somebody with just these roles, who logs in with PASSWORD."""
    if "System Manager" not in roles and not has_system_manager():
        # Frappe makes the first user of a site one, whatever was asked for.
        make_user("System Manager")
    user = frappe.get_doc(
        doctype="User",
        email=email(),
        first_name="Sam",
        user_type=user_type,
        send_welcome_email=0,
        new_password=PASSWORD,
        roles=[{"role": role} for role in roles],
    ).insert()
    frappe.db.commit()
    return user.name


@cache
def a_user(*roles: str) -> str:
    """Somebody with just these roles, whom other tests share: a site lets only 60 users be made in an hour."""
    return make_user(*roles)


def has_system_manager() -> bool:
    others = {"role": "System Manager", "parenttype": "User", "parent": ("!=", "Administrator")}
    return bool(frappe.db.exists("Has Role", others))


# ---------------------------------------------------------------- deals


def value_field() -> str:
    """What a deal is worth stands elsewhere in newer versions."""
    return "deal_value" if frappe.get_meta("CRM Deal").has_field("deal_value") else "annual_revenue"


def insert_deal(lead: Any = None, value: float = 1000, *, wait: bool = True, **fields: Any) -> Any:
    values = {"status": "Qualification", value_field(): value, "lead": lead and lead.name} | fields
    deal = frappe.get_doc(doctype="CRM Deal", **reasoned("CRM Deal", values)).insert()
    frappe.db.commit()
    if wait:
        finish_jobs()
    return fresh(deal)


def make_contact(*addresses: str, **fields: Any) -> str:
    """A contact with these email addresses, the first of which is its primary one."""
    emails = [{"email_id": address, "is_primary": int(not place)} for place, address in enumerate(addresses)]
    values = {"first_name": "Ada", "last_name": factory.unique("C"), "email_ids": emails} | fields
    contact = frappe.get_doc(doctype="Contact", **values).insert()
    frappe.db.commit()
    return contact.name


def convert(lead: Any) -> Any:
    """Make a deal of the lead as the portal's button does."""
    convert_to_deal = frappe.get_attr("crm.fcrm.doctype.crm_lead.crm_lead.convert_to_deal")
    name = convert_to_deal(lead.name)
    frappe.db.commit()
    finish_jobs()
    return frappe.get_doc("CRM Deal", name)


def save(doc: Any, *, wait: bool = True, **values: Any) -> Any:
    """Change a document as a form does; returns it when all jobs are done, unless nobody cares about them."""
    frappe.db.commit()
    factory.change(doc, **reasoned(doc.doctype, values))
    if wait:
        finish_jobs()
    return fresh(doc)


def reasoned(doctype: str, values: dict) -> dict:
    """Newer versions of the CRM want to know why something is lost, and more about other reasons."""
    if values.get("status") != "Lost" or not frappe.get_meta(doctype).has_field("lost_reason"):
        return values
    return values | {"lost_reason": frappe.db.get_value("CRM Lost Reason", {"name": ("!=", "Other")})}


def close(deal: Any, at: datetime, status: str = "Won") -> Any:
    """Close a deal at a time of the past, and credit it as if that had been noted then."""
    from trackflow import credit

    save(deal, status=status)
    noted = {"deal_id": deal.name, "to_stage": status}
    frappe.db.set_value("Deal Stage Change", noted, "change_date", at, update_modified=False)
    # What was written down at the close of today would stay.
    frappe.db.delete("Deal Journey", {"deal_id": deal.name})
    frappe.db.commit()
    credit.credit_deal(deal.name)
    return fresh(deal)


def fresh(doc: Any) -> Any:
    frappe.db.commit()
    return frappe.get_doc(doc.doctype, doc.name)


# ---------------------------------------------------------------- what came of it


@contextmanager
def counted_statements() -> Iterator[list[str]]:
    """What is sent to the database meanwhile."""
    seen: list[str] = []
    sql = frappe.db.sql

    def noted(query: Any, *args: Any, **kwargs: Any) -> Any:
        seen.append(str(query))
        return sql(query, *args, **kwargs)

    frappe.db.sql = noted
    try:
        yield seen
    finally:
        del frappe.db.sql


def tracked(doc: Any) -> dict[str, Any]:
    """TrackFlow's fields of a lead or deal."""
    return {name: doc.get(name) for name in FIELDS_OF_TRACKFLOW}


def rows(doctype: str, order_by: str = "creation asc, name asc", **filters: Any) -> list[Any]:
    """The records of a DocType as they stand."""
    frappe.db.commit()
    return frappe.get_all(doctype, filters, ["*"], order_by=order_by)


def conversions_of(doc: Any) -> list[Any]:
    return rows("Conversion", reference_doctype=doc.doctype, reference_name=doc.name)


def models_with_credit() -> list[str]:
    """The active models but for data-driven ones that have found nothing to go by."""
    from trackflow.attribution import models as attribution_models

    frappe.db.commit()
    return [name for name in attribution_models.active() if attribution_models.load(name)]


def credits_of(deal: Any, model: str) -> list[Any]:
    """The credit rows of a deal under a model, in the order of the touches."""
    frappe.db.commit()
    attribution = frappe.db.get_value("Deal Attribution", {"deal_id": deal.name, "attribution_model": model})
    assert attribution, f"{deal.name} has no attribution under {model}"
    return frappe.get_all("Deal Attribution Credit", {"parent": attribution}, ["*"], order_by="idx asc")


def shares_of(deal: Any, model: str) -> dict[str, tuple[float, float]]:
    """{link: (weight in percent, amount)} of a deal under a model."""
    return {row.tracked_link: (row.weight, row.amount) for row in credits_of(deal, model)}


def finish_jobs(timeout: float = 120) -> None:
    """Return when the workers have done everything that was asked of them since these tests began."""
    harness.wait_until(_nothing_under_way, timeout=timeout, pause=0.05)


def _nothing_under_way() -> bool:
    connection = get_redis_conn()
    keys = _jobs(connection)
    pipe = connection.pipeline(transaction=False)
    for key in sorted(keys):
        pipe.hmget(key, "status", "created_at")
    # A job's record is there before its place in the queue, and until after its end.
    jobs = [job for job in pipe.execute() if job[1] and job[1].decode()[:19] >= _STARTED[:19]]
    # One that went on during the first look may have asked for another one before it ended.
    return all(status in _DONE for status, _created_at in jobs) and _jobs(connection) <= keys


def _jobs(connection: Any) -> set[bytes]:
    return {key for key in connection.scan_iter(b"rq:job:*", count=1000) if not _NOT_OURS.search(key)}
