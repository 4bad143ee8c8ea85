"""Whoever looks at a deal's credit sees that it is about to change, and then the new figures."""

from __future__ import annotations

import pytest

from tests.browser import helpers
from tests.site import crm_factory as crm

pytestmark = crm.needs_crm


@pytest.fixture(scope="module")
def office(browser):
    user = helpers.make_user("cora.credit@example.com", "Campaign Manager")
    with helpers.desk_of(browser, user) as desk:
        yield desk


def test_a_deal_that_is_being_recomputed_says_so_until_it_is(office, site, shot):
    from trackflow import credit, jobs
    from trackflow.attribution import requests

    page, errors = office
    deal = crm.insert_deal(value=100, trackflow_visitor_id=crm.visited(crm.campaign_link()[1]))
    # The job finds somebody else at work on this deal.
    with jobs.alone(f"{requests.DEAL} {deal.name}"):
        crm.save(deal, wait=False, **{crm.value_field(): 250})

        helpers.open_list(page, "Deal Attribution")
        page.get_by_text("Being Recomputed").locator("visible=true").first.wait_for()
        helpers.settle(page)
        shot(page, "deal-attribution-pending-list")

        helpers.open_form(page, "Deal Attribution", f"{deal.name}-Last Touch")
        page.get_by_text("credit is being recomputed").locator("visible=true").first.wait_for()
        helpers.settle(page)
        shot(page, "deal-attribution-pending-form")
        assert helpers.value(page, "attribution_value") == 100
    credit.credit_deal(deal.name)

    page.wait_for_function("cur_frm.doc.attribution_value === 250")
    assert page.get_by_text("credit is being recomputed").locator("visible=true").count() == 0
    page.locator(".indicator-pill", has_text="Not Won").locator("visible=true").first.wait_for()
    assert page.get_by_text("Being Recomputed").locator("visible=true").count() == 0
    assert errors == []
