"""How long it takes until an edited model has credited all deals again."""

import secrets
import time
from datetime import timedelta

import frappe
from frappe.utils import now_datetime

from trackflow import click_queue, ingest
from trackflow.attribution import rebuild
from trackflow.domain.clicks import Click
from trackflow.domain.links import Utm
from trackflow.integrations import crm

DEALS = 1_000
TOUCHES = 5
BROWSER = (
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36"
)


def run() -> dict[str, float]:
    """Return deals and the seconds in which one process credits them under an edited model; {} without Frappe CRM."""
    if not crm.is_installed():
        return {}
    deals = _insert_deals(_visited())
    model = frappe.get_doc(
        doctype="Attribution Model",
        model_name=f"Benchmark {secrets.token_hex(4)}",
        model_type="Position Based",
    ).insert()
    try:
        started = time.perf_counter()
        # In this process, and not by the job that the commit asks for.
        frappe.db.after_commit.reset()
        rebuild.run()
        seconds = time.perf_counter() - started
        credited = frappe.db.count("Deal Attribution", {"attribution_model": model.name})
        if credited < len(deals):
            raise RuntimeError(f"{credited} of {len(deals)} deals were credited")
        return {"deals": frappe.db.count("CRM Deal"), "seconds": seconds}
    finally:
        _clean_up(deals, model.name)


def report() -> None:
    result = run()
    if result:
        print("Rebuild (a model was added or edited; one process)")
        print(
            f"  {result['deals']:.0f} deals in {result['seconds']:.1f} s,"
            f" {1000 * result['seconds'] / result['deals']:.1f} ms each"
        )


def _visited() -> str:
    """Return a visitor who followed a link on each of the last days."""
    visitor, now = f"v_{secrets.token_hex(16)}", now_datetime()
    link = frappe.get_doc(doctype="Tracked Link", destination_url="https://example.com/rebuild").insert()
    clicks = [
        Click(
            name=f"{time.time_ns() // 1000:014x}{secrets.token_hex(5)}",
            link=link.name,
            code=link.short_code,
            at=now - timedelta(days=days, hours=1),
            visitor_id=visitor,
            user_agent=BROWSER,
            destination_url=link.destination_url,
            utm=Utm(source=f"benchmark-{days}", medium="email"),
        )
        for days in range(TOUCHES)
    ]
    frappe.db.bulk_insert(
        "Click Queue", list(click_queue.COLUMNS), [click_queue.to_row(one) for one in clicks]
    )
    frappe.db.commit()
    ingest.drain(max_seconds=600)
    return visitor


def _insert_deals(visitor: str) -> list[str]:
    """Deals as they lie in the table, without what saving them one by one would cost."""
    now, names = now_datetime(), [f"BENCH-{secrets.token_hex(6)}" for _ in range(DEALS)]
    columns = ["name", "creation", "modified", "owner", "modified_by", "status", "trackflow_visitor_id"]
    columns.append("deal_value" if frappe.get_meta("CRM Deal").has_field("deal_value") else "annual_revenue")
    rows = [(name, now, now, "Administrator", "Administrator", "Won", visitor, 1000) for name in names]
    frappe.db.bulk_insert("CRM Deal", columns, rows)
    frappe.db.commit()
    return names


def _clean_up(deals: list[str], model: str) -> None:
    """Leave no deals behind, nor what they were credited with."""
    attributions = frappe.get_all("Deal Attribution", {"deal_id": ("in", deals)}, pluck="name")
    frappe.db.delete("Deal Attribution Credit", {"parent": ("in", attributions or [""])})
    for doctype in ("Deal Attribution", "Deal Link Association", "Deal Stage Change", "Deal Journey"):
        frappe.db.delete(doctype, {"deal_id": ("in", deals)})
    frappe.db.delete("CRM Deal", {"name": ("in", deals)})
    frappe.db.set_value("Attribution Model", model, "is_active", 0)
    frappe.delete_doc("Attribution Model", model, force=True)
    frappe.db.commit()
