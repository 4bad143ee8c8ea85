"""Leads and deals while Redis is away: they are saved, and their credit comes when it is back."""

from __future__ import annotations

import frappe

from tests.site import crm_factory as crm
from tests.site.services import local_bench, stopped

pytestmark = [crm.needs_crm, local_bench]


def test_without_redis_deals_are_saved_and_credited_afterwards() -> None:
    from trackflow import credit

    campaign, link = crm.campaign_link()
    visitor = crm.visited(link)
    lead = crm.insert_lead(visitor)
    deal = crm.insert_deal(lead, value=100)
    with stopped("redis_cache", "redis_queue"):
        deal = crm.save(deal, wait=False, status="Won")
        assert deal.status == "Won"
        assert frappe.db.exists("Credit Request", {"reference_name": deal.name})
        assert [
            row.to_stage for row in crm.rows("Deal Stage Change", "change_date asc", deal_id=deal.name)
        ] == [
            "Qualification",
            "Won",
        ]
    frappe.db.set_value(
        "Credit Request",
        {"reference_name": deal.name},
        "requested_at",
        frappe.utils.add_to_date(None, minutes=-10, as_datetime=True),
    )
    frappe.db.commit()

    credit.catch_up()

    frappe.db.commit()
    assert frappe.db.get_value("Link Campaign", campaign.name, "revenue") == 100
    assert crm.shares_of(deal, "Last Touch") == {link.name: (100.0, 100.0)}
