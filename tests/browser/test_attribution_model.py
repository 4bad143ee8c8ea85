"""A manager looks what a data-driven model found, lets it compute, and edits a model."""

from __future__ import annotations

import pytest

from tests.browser import helpers
from tests.site import crm_factory as crm
from tests.site import factory

pytestmark = crm.needs_crm
LEARNED = "Data-Driven Markov"


@pytest.fixture(scope="module")
def office(browser):
    user = helpers.make_user("mara.models@example.com", "TrackFlow Manager")
    with helpers.desk_of(browser, user) as desk:
        yield desk


@pytest.fixture
def closed_deals(site):
    """Six won and lost deals of three channels."""
    origins = (("google", "cpc"), ("news", "email"), ("partner", "affiliate"))
    search, mail, partner = (crm.campaign_link(source=source, medium=medium)[1] for source, medium in origins)
    for links, status in (
        ((search,), "Won"), ((search, mail), "Won"), ((mail,), "Lost"), ((partner, mail), "Lost"),
        ((partner, search), "Won"), ((mail, partner), "Lost"),
    ):  # fmt: skip
        crm.insert_deal(value=100, status=status, wait=False, trackflow_visitor_id=crm.visited(*links))
    crm.finish_jobs()


def test_a_model_without_enough_data_says_why_and_computes_when_asked(manager, errors, closed_deals, shot):
    import frappe

    model = frappe.get_doc("Attribution Model", LEARNED)
    factory.change(model, minimum_journeys=1_000_000)
    crm.finish_jobs()
    try:
        helpers.open_form(manager, "Attribution Model", LEARNED)
        manager.get_by_text("asks for at least 1000000").locator("visible=true").first.wait_for()
        shot(manager, "attribution-model-too-few")

        factory.change(model, minimum_journeys=5)
        crm.finish_jobs()
        helpers.open_form(manager, "Attribution Model", LEARNED)
        helpers.button(manager, "Compute Now").click()
        manager.get_by_text("Removal effect").locator("visible=true").first.wait_for(timeout=60_000)
        manager.locator("td", has_text="Paid Search").locator("visible=true").first.wait_for()
        helpers.settle(manager)
        shot(manager, "attribution-model-learned")
        assert errors == []
    finally:
        factory.change(model, minimum_journeys=100)
        crm.finish_jobs()


def test_weights_of_milestones_show_for_models_that_have_them(manager, errors, shot):
    helpers.open_form(manager, "Attribution Model", "Full Path")
    manager.get_by_text("Weight of the Touch before the Lead").locator("visible=true").first.wait_for()
    assert not manager.get_by_text("Order of the Chain").locator("visible=true").count()
    shot(manager, "attribution-model-full-path")
    assert errors == []
