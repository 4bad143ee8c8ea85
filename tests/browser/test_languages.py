"""TrackFlow in the languages that it speaks: nothing of its own is in English on the pages that people use daily."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import frappe
import pytest
from babel.messages.pofile import read_po

import trackflow
from tests.browser import helpers
from tests.site import crm_factory as crm
from tests.site import factory

PEOPLE = {"de": "greta.german@example.com", "fr": "fanny.french@example.com"}
PHONE = "Mozilla/5.0 (Linux; Android 14; Pixel 8) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Mobile Safari/537.36"
REPORTS = ("Campaign Performance", "Channel Overview", "Conversion Funnel")
NEW_VISITORS = {"de": "Neue Besucher", "fr": "Nouveaux visiteurs"}
PASSWORD_PAGE = {
    "de": ("Passwort erforderlich", "Das Passwort ist nicht richtig. Bitte versuchen Sie es erneut."),
    "fr": ("Mot de passe requis", "Ce n'est pas le bon mot de passe. Veuillez réessayer."),
}
NOT_FOUND = {"de": "Link nicht gefunden", "fr": "Lien introuvable"}
# What is to be read in the page now: texts, and what empty fields and symbols say.
WORDS = """() => {
    const words = [];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) {
        const owner = walker.currentNode.parentElement;
        if (owner.checkVisibility() && !owner.closest("script, style")) words.push(walker.currentNode.data);
    }
    for (const each of document.querySelectorAll("[placeholder], [title], [aria-label]"))
        if (each.checkVisibility()) words.push(each.placeholder, each.title, each.ariaLabel);
    return words.filter(Boolean).map((text) => text.trim());
}"""


def translated(language: str) -> dict[str, str]:
    """Return each English text that differs in ``language``, with its translation."""
    with (Path(trackflow.__file__).parent / "locale" / f"{language}.po").open("rb") as file:
        return {one.id: one.string for one in read_po(file) if one.id and one.id != one.string}


def english(page: Any, language: str) -> set[str]:
    """Return the texts of the page that TrackFlow has a translation for."""
    return set(page.evaluate(WORDS)) & set(translated(language))


def wait_for(page: Any, text: str | re.Pattern[str]) -> None:
    """Wait until a text stands somewhere on the page that is shown; pages that were left are hidden below it."""
    page.get_by_text(text, exact=True).locator("visible=true").first.wait_for()


def speak(user: str, language: str) -> None:
    frappe.db.set_value("User", user, "language", language)
    frappe.db.commit()
    frappe.clear_cache()
    frappe.translate.clear_cache()


@pytest.fixture(scope="module")
def link() -> Any:
    """A link that a phone and a robot have followed."""
    link = factory.make_link(campaign=factory.make_campaign(budget=100).name, title="Plakat 7")
    factory.put_clicks(link, [factory.new_visitor()], user_agent=PHONE)
    factory.put_clicks(link, [factory.new_visitor()], user_agent=factory.GOOGLEBOT)
    factory.drain()
    return link


@pytest.fixture(scope="module", params=PEOPLE)
def abroad(browser: Any, request: Any) -> Iterator[tuple[str, Any, list[str]]]:
    """A language, and the page of somebody who works in it."""
    user = helpers.make_user(PEOPLE[request.param], "Campaign Manager", "System Manager", "Sales User")
    speak(user, request.param)
    with helpers.desk_of(browser, user) as (page, errors):
        yield request.param, page, errors


def test_the_workspace_is_in_the_users_language(abroad, link, shot):
    language, page, errors = abroad
    errors.clear()
    helpers.go(page, "Workspaces", "TrackFlow")
    wait_for(page, NEW_VISITORS[language])
    helpers.settle(page)
    assert english(page, language) == set()
    shot(page, f"workspace-{language}")
    assert errors == []


@crm.needs_crm
def test_the_dashboard_is_in_the_users_language(abroad, link, shot):
    language, page, errors = abroad
    errors.clear()
    helpers.go(page, "trackflow-dashboard")
    page.locator(".tfd-cards").get_by_text(NEW_VISITORS[language]).first.wait_for()
    helpers.settle(page)
    assert english(page, language) == set()
    shot(page, f"dashboard-{language}", full_page=True)
    assert errors == []


def test_forms_are_in_the_users_language(abroad, link, shot):
    language, page, errors = abroad
    errors.clear()
    words = translated(language)
    for doctype, name in (("Tracked Link", link.name), ("Link Campaign", link.campaign)):
        helpers.open_form(page, doctype, name)
        wait_for(page, words["Clicks"])
        helpers.settle(page)
        assert english(page, language) == set(), doctype
        shot(page, f"{frappe.scrub(doctype)}-{language}", full_page=True)
    helpers.open_form(page, "TrackFlow Settings")
    helpers.settle(page)
    assert english(page, language) == set()
    assert errors == []


def test_a_links_panel_says_in_the_users_language_who_clicked(abroad, link):
    language, page, _errors = abroad
    words = translated(language)
    helpers.open_form(page, "Tracked Link", link.name)
    # "Mobile" is a word of the panel, the browser's name is none.
    wait_for(page, re.compile(f"^{words.get('Mobile', 'Mobile')}, .*Chrome"))
    wait_for(page, words["Human"])


def test_a_clicks_form_says_in_the_users_language_why_it_counts_or_not(abroad, link, shot):
    language, page, errors = abroad
    errors.clear()
    [robot] = [event for event in factory.events(link) if event.verdict == "bot"]
    helpers.open_form(page, "Click Event", robot.name)
    wait_for(page, translated(language)["robot: {0}"].format("Googlebot"))
    assert not page.get_by_text(robot.verdict_reason, exact=True).locator("visible=true").count()
    shot(page, f"click-event-{language}")
    assert errors == []


@pytest.mark.parametrize("name", REPORTS)
def test_reports_are_in_the_users_language(abroad, link, name, shot):
    language, page, errors = abroad
    errors.clear()
    helpers.open_report(page, name)
    wait_for(page, translated(language)[name])
    page.locator(".dt-header:visible").first.wait_for()
    helpers.settle(page)
    assert english(page, language) == set()
    shot(page, f"{frappe.scrub(name)}-{language}")
    assert errors == []


@pytest.mark.parametrize("language", PEOPLE)
def test_visitors_read_a_links_pages_in_their_browsers_language(browser, language, shot):
    link = factory.make_link(password_protected=1, new_password="open sesame")
    context = helpers.new_context(browser, locale=language)
    visitor = helpers.as_visitor(helpers.new_page(context, []))
    title, refusal = PASSWORD_PAGE[language]
    visitor.goto(f"/r/{link.short_code}")
    assert visitor.title() == title
    assert visitor.locator("html").get_attribute("lang") == language
    visitor.locator("input[type=password]").fill("wrong")
    visitor.keyboard.press("Enter")
    visitor.get_by_text(refusal).wait_for()
    shot(visitor, f"password-{language}")
    visitor.goto(f"/r/{factory.unique('nosuch')}")
    assert visitor.title() == NOT_FOUND[language]
    assert english(visitor, language) == set()
    context.close()
