"""Form fields made from declared facts. They only ask: what is fit to be kept is decided by ``rules.facts`` alone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from sankul.programme.outcomes.rules import Fact, FactType
from sankul.programme.outcomes.rules.facts import COUNTRIES, LONG_MAX, TEXT_MAX, URL_MAX
from sankul.programme.outcomes.rules.identifiers import SCHEMES

PREFIX = "fact-"
LANGUAGES = {
    "en": "English", "hi": "हिन्दी", "as": "অসমীয়া", "bn": "বাংলা", "brx": "बर’", "doi": "डोगरी", "gu": "ગુજરાતી",
    "kn": "ಕನ್ನಡ", "kok": "कोंकणी", "ks": "कॉशुर", "mai": "मैथिली", "ml": "മലയാളം", "mni": "মৈতৈলোন্", "mr": "मराठी",
    "ne": "नेपाली", "or": "ଓଡ଼ିଆ", "pa": "ਪੰਜਾਬੀ", "sa": "संस्कृतम्", "sat": "ᱥᱟᱱᱛᱟᱲᱤ", "sd": "سنڌي", "ta": "தமிழ்",
    "te": "తెలుగు", "ur": "اردو",
}  # fmt: skip
"""English and the languages of the Eighth Schedule, to pick from; any other code can be typed."""
MOST = {FactType.LONG_TEXT: LONG_MAX, FactType.URL: URL_MAX, FactType.ORGANISATIONS: LONG_MAX}
PLAIN: dict[FactType, dict[str, Any]] = {
    FactType.DATE: {"type": "date"},
    FactType.WHOLE: {"inputmode": "numeric"},
    FactType.DECIMAL: {"inputmode": "decimal"},
    FactType.MONEY: {"inputmode": "decimal"},
    FactType.PERCENT: {"inputmode": "decimal"},
    FactType.URL: {"type": "url"},
    FactType.LANGUAGE: {"list": "languages"},
}


def field_of(fact: Fact) -> forms.Field:
    """The field that asks for a fact. A draft may leave it empty; only what is never needed says that it is optional."""
    field = _choice(fact) or forms.CharField(
        required=False, max_length=MOST.get(fact.type, TEXT_MAX), widget=_widget(fact)
    )
    field.label, field.help_text = _label(fact), _hint(fact)
    field.needed_later = fact.required  # type: ignore[attr-defined]
    return field


def shown(fact: Fact, value: Any) -> Any:
    """A fact of the database as its field shows it."""
    return "\n".join(value) if fact.type == FactType.ORGANISATIONS else str(value)


def lines(text: str) -> list[str]:
    """The lines of a text that say something."""
    return [line.strip() for line in text.splitlines() if line.strip()]


def _choice(fact: Fact) -> forms.Field | None:
    choices: Iterable[tuple[str, Any]] = fact.choices
    if fact.type == FactType.COUNTRY:
        choices = sorted(COUNTRIES.items(), key=lambda country: country[1])
    elif fact.type != FactType.CHOICE:
        return None
    return forms.ChoiceField(choices=[("", "—"), *choices], required=False)


def _widget(fact: Fact) -> forms.Widget:
    if fact.type in (FactType.LONG_TEXT, FactType.ORGANISATIONS):
        return forms.Textarea(attrs={"rows": 3})
    return forms.TextInput(attrs=PLAIN.get(fact.type, {}))


def _label(fact: Fact) -> str:
    """The title, with the unit where it does not say it itself."""
    is_said = str(fact.unit).casefold() == str(fact.title).casefold()
    return f"{fact.title} ({fact.unit})" if fact.unit and not is_said else str(fact.title)


def _hint(fact: Fact) -> str:
    hints: Sequence[Any] = [fact.ask] if fact.ask else []
    if fact.type == FactType.IDENTIFIER:
        hints = [*hints, _t("As in %s") % SCHEMES[fact.scheme].example]
    if fact.type == FactType.ORGANISATIONS:
        hints = [*hints, _("One name a line, as in the list of organisations")]
    return " · ".join(str(hint) for hint in hints)
