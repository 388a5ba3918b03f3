"""What a person answered: read from what a browser sent, checked, and written as a ballot."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from .questionnaire import MAX_TEXT, Question, Section
from .words import DONT_KNOW, SCALE, SCORE_KINDS, QuestionKind

ONCE = 0
"""In place of a cluster, for what is asked once."""
MAX_TEXTS_BYTES = 12_000
"""All open answers of a ballot together, in UTF-8: they fit whatever the other answers are."""
Place = tuple[int, int]
"""Question and cluster (``ONCE`` where it is asked once)."""


@dataclass
class Answers:
    """Values by place: 1 to 5 or the number of a choice, 0 for "don't know"; texts by place; faults by field."""

    values: dict[Place, int] = field(default_factory=dict)
    texts: dict[Place, str] = field(default_factory=dict)
    faults: dict[str, str] = field(default_factory=dict)

    @property
    def is_empty(self) -> bool:
        """Whether nothing at all is answered."""
        return not self.values and not self.texts


def places(
    sections: Sequence[Section], cluster_ids: Sequence[int]
) -> Iterator[tuple[Question, int]]:
    """Every question of a person, with the cluster that it is about."""
    for one in sections:
        for about in cluster_ids if one.per_cluster else (ONCE,):
            for item in one.questions:
                yield item, about


def field_name(item: Question, about: int) -> str:
    """How a form calls the answer to a question about a cluster."""
    return f"a-{item.id}-{about}"


def read(
    sections: Sequence[Section], cluster_ids: Sequence[int], sent: Mapping[str, str]
) -> Answers:
    """The answers in what was sent; what cannot be one is told as a fault of its field and left out."""
    found = Answers()
    for item, about in places(sections, cluster_ids):
        name = field_name(item, about)
        text = sent.get(name, "").replace("\x00", "").strip()
        if not text:
            continue
        if item.kind == QuestionKind.TEXT:
            _take_text(found, name, (item.id, about), text)
        elif (value := _value(item, text)) is None:
            found.faults[name] = _("Choose one of the answers given.")
        else:
            found.values[item.id, about] = value
    if sum(len(text.encode()) for text in found.texts.values()) > MAX_TEXTS_BYTES:
        found.faults[""] = _("Your texts are too long together. Shorten them.")
    return found


def ballot(
    answers: Answers, *, group_id: int, cluster_ids: Sequence[int], receipt: str
) -> dict[str, Any]:
    """A ballot as it is sealed: group, clusters, values, texts and receipt; nothing of the person, no time."""
    return {
        "group": group_id,
        "clusters": sorted(cluster_ids),
        "values": [[*place, value] for place, value in sorted(answers.values.items())],
        "texts": [[*place, text] for place, text in sorted(answers.texts.items())],
        "receipt": receipt,
    }


def most(item: Question) -> int:
    """The highest number that can be answered."""
    return len(SCALE) if item.kind in SCORE_KINDS else len(item.labels)


def _value(item: Question, text: str) -> int | None:
    if not (text.isascii() and text.isdigit() and len(text) < 4):
        return None
    return int(text) if DONT_KNOW <= int(text) <= most(item) else None


def _take_text(found: Answers, name: str, place: Place, text: str) -> None:
    if len(text) > MAX_TEXT:
        found.faults[name] = _("Shorten this to %(most)d letters; it has %(now)d.") % {
            "most": MAX_TEXT,
            "now": len(text),
        }
    found.texts[place] = text[: 2 * MAX_TEXT]
