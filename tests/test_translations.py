"""The Hindi texts: compiled in step with their source, whole, and shown."""

import ast
import gettext
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import translation

FOLDER = Path(settings.LOCALE_PATHS[0]) / "hi" / "LC_MESSAGES"
PLACEHOLDER = re.compile(r"%\(\w+\)[rs]|%s|%%")
FIELD = re.compile(
    r'^(msgctxt|msgid|msgid_plural|msgstr(?:\[\d\])?) ((?:"[^\n]*"\n?)+)', re.MULTILINE
)


@pytest.fixture(autouse=True)
def _language_of_this_test_alone() -> Iterator[None]:
    """A request switches the language of its thread, and the next test runs in the same one."""
    with translation.override(translation.get_language()):
        yield


def source() -> dict[str, tuple[str, ...]]:
    """Translations of the .po file by key, as gettext stores them: context, then text; plurals by number."""
    found: dict[str, tuple[str, ...]] = {}
    for block in (FOLDER / "django.po").read_text("utf-8").split("\n\n"):
        fields = {
            name: "".join(ast.literal_eval(line) for line in lines.strip().splitlines())
            for name, lines in FIELD.findall(block)
        }
        told = tuple(text for name, text in fields.items() if name.startswith("msgstr"))
        if fields.get("msgid") and all(told) and "#, fuzzy" not in block:
            context = f"{fields['msgctxt']}\x04" if "msgctxt" in fields else ""
            found[context + fields["msgid"]] = told
    return found


def compiled() -> dict[str, tuple[str, ...]]:
    """Translations of the .mo file in the same form."""
    with (FOLDER / "django.mo").open("rb") as file:
        catalogue = gettext.GNUTranslations(file)._catalog  # type: ignore[attr-defined]
    found: dict[str, dict[int, str]] = {}
    for key, text in catalogue.items():
        name, number = key if isinstance(key, tuple) else (key, 0)
        found.setdefault(name, {})[number] = text
    return {name: tuple(found[name][n] for n in sorted(found[name])) for name in found if name}


def test_the_compiled_texts_are_those_of_the_source() -> None:
    assert compiled() == source(), "run: make messages"


def test_no_translation_loses_or_adds_a_place_for_a_value() -> None:
    wrong = {
        key: told
        for key, texts in source().items()
        for told in texts
        if sorted(PLACEHOLDER.findall(told)) != sorted(PLACEHOLDER.findall(key))
    }
    assert wrong == {}


@pytest.mark.django_db
def test_home_speaks_hindi_to_a_reader_of_hindi(client: Client) -> None:
    page = client.get(reverse("home"), headers={"accept-language": "hi"}).content.decode()
    assert '<html lang="hi">' in page
    for word in ("मुखपृष्ठ", "क्लस्टर", "रैंकिंग", "पद्धति", "मुक्त डेटा"):
        assert f">{word}</a>" in page


@pytest.mark.django_db
def test_the_language_is_switched_from_the_header_and_kept(client: Client) -> None:
    home = reverse("home")
    assert '<button name="language" value="hi" lang="hi">' in client.get(home).content.decode()
    answer = client.post(reverse("set_language"), {"language": "hi", "next": home})
    assert (answer.status_code, answer.headers["Location"]) == (302, home)
    assert '<html lang="hi">' in client.get(home).content.decode()
