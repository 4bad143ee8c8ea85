"""The texts to translate: main.pot has those of the sources, and each language has those of main.pot."""

import re
from collections import Counter
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

from tests.unit import message_sources

LOCALE = message_sources.APP / "locale"
TEMPLATE = LOCALE / "main.pot"
LANGUAGES = sorted(LOCALE.glob("*.po"))
REMEDY = (
    "In a bench of Frappe 15 or 16 run: bench generate-pot-file --app trackflow && bench update-po-files --app trackflow."
    " Then translate what is new in trackflow/locale/*.po."
)
# What stands for something else, and what the browser reads.
_PLACEHOLDERS = re.compile(r"\{\w*\}|%\(\w+\)[sd]|%[sd]\b|[{}]|</?\w[^>]*>|&#?\w+;")
Key = tuple[str | None, str]


def catalog(path: Path) -> Catalog:
    with path.open("rb") as file:
        return read_po(file, abort_invalid=True)


def keys(of: Catalog) -> set[Key]:
    """Context and text of each message; the header is none."""
    return {(message.context, message.id) for message in of if message.id}


def placeholders(text: str) -> Counter[str]:
    return Counter(_PLACEHOLDERS.findall(text))


@pytest.fixture(params=LANGUAGES, ids=lambda path: path.stem)
def language(request: pytest.FixtureRequest) -> Catalog:
    return catalog(request.param)


def test_the_template_has_the_texts_of_the_sources_and_no_others():
    sources = message_sources.texts()
    template = {text for _context, text in keys(catalog(TEMPLATE))}
    missing = {text: place for text, place in sources.items() if text not in template}
    superfluous = template - set(sources)
    assert not missing, f"main.pot lacks texts of the sources. {REMEDY}"
    assert not superfluous, f"main.pot has texts that are in no source any more. {REMEDY}"


def test_german_and_french_are_there():
    assert {"de", "fr"} <= {path.stem for path in LANGUAGES}


def test_a_language_has_the_texts_of_the_template_and_no_others(language: Catalog):
    template = keys(catalog(TEMPLATE))
    assert not template - keys(language), f"Texts are missing in {language.locale}.po. {REMEDY}"
    assert not keys(language) - template, f"{language.locale}.po has texts that main.pot lacks. {REMEDY}"


def test_each_text_is_translated_for_sure(language: Catalog):
    unsure = [message.id for message in language if message.id and (not message.string or message.fuzzy)]
    assert not unsure, f"Empty or fuzzy in {language.locale}.po"


def test_translations_keep_placeholders_and_html(language: Catalog):
    changed = {
        message.id: message.string
        for message in language
        if message.id and placeholders(message.id) != placeholders(message.string)
    }
    assert not changed, f"Other placeholders than in English in {language.locale}.po"


def test_translations_keep_the_spaces_around_texts(language: Catalog):
    def ends(text: str) -> tuple[str, str]:
        return text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :]

    changed = [message.id for message in language if message.id and ends(message.id) != ends(message.string)]
    assert not changed, f"Other spaces at the ends than in English in {language.locale}.po"


@pytest.mark.parametrize("path", LANGUAGES, ids=lambda path: path.stem)
def test_a_catalogue_says_of_which_language_it_is(path: Path):
    assert str(catalog(path).locale) == path.stem
