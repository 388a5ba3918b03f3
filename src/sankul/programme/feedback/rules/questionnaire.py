"""What a survey asks, and whether it is complete enough to be opened."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _

from sankul.core.rules.verdicts import ALLOWED, Verdict, refused

from .words import SCALE, SCORE_KINDS, QuestionKind

HINDI = "hi"
MAX_TEXT = 1000
"""Letters of one open answer."""


@dataclass(frozen=True)
class Words:
    """A text in English and Hindi."""

    en: str
    hi: str = ""

    def in_language(self, language: str) -> str:
        """The text in a language, English where there is no other."""
        return (self.hi if language == HINDI else "") or self.en


@dataclass(frozen=True)
class Group:
    """A stakeholder group: its weight among the groups, and what share of it decides for two-group persons is its place."""

    id: int
    title: Words
    weight: Decimal


@dataclass(frozen=True)
class Question:
    """One question; ``groups`` are ids of those asked (empty: all); ``labels`` anchor the scale or are the choices."""

    id: int
    code: str
    kind: QuestionKind
    text: Words
    labels: tuple[Words, ...]
    groups: frozenset[int]
    is_scored: bool

    def is_asked_of(self, group_id: int) -> bool:
        """Whether this group is asked."""
        return not self.groups or group_id in self.groups


@dataclass(frozen=True)
class Section:
    """Questions under one heading, asked once or for each cluster that a person rates."""

    id: int
    title: Words
    per_cluster: bool
    questions: tuple[Question, ...]


@dataclass(frozen=True)
class Questionnaire:
    """Everything that a survey asks."""

    survey_id: int
    title: Words
    intro: Words
    has_hindi: bool
    groups: tuple[Group, ...]
    sections: tuple[Section, ...]

    def asked_of(self, group_id: int) -> tuple[Section, ...]:
        """The sections with the questions that a group is asked; those without any are left out."""
        narrowed = (
            Section(
                one.id,
                one.title,
                one.per_cluster,
                tuple(item for item in one.questions if item.is_asked_of(group_id)),
            )
            for one in self.sections
        )
        return tuple(one for one in narrowed if one.questions)

    @property
    def questions(self) -> tuple[Question, ...]:
        """All questions in order."""
        return tuple(item for one in self.sections for item in one.questions)

    @property
    def scored(self) -> tuple[Question, ...]:
        """The questions whose mean is a cluster's score."""
        return tuple(
            item
            for one in self.sections
            if one.per_cluster
            for item in one.questions
            if item.is_scored and item.kind == QuestionKind.LIKERT
        )


def problems(asked: Questionnaire) -> list[str]:
    """Everything that keeps a questionnaire from being opened, each in words that name the place; empty if it is complete."""
    found = [*_of_groups(asked), *_of_sections(asked)]
    for item in asked.questions:
        found += _of_question(item)
    if asked.has_hindi:
        found += [_("%s has no Hindi text.") % place for place in _without_hindi(asked)]
    return found


def why_not_complete(asked: Questionnaire) -> Verdict:
    """Whether a questionnaire can be opened, with every reason if not."""
    found = problems(asked)
    return refused(" ".join(found)) if found else ALLOWED


def _of_groups(asked: Questionnaire) -> Iterator[str]:
    if not asked.groups:
        yield _("There is no stakeholder group.")
    elif not any(group.weight for group in asked.groups):
        yield _("No stakeholder group has a weight above 0.")
    for group in asked.groups:
        if not any(item.is_asked_of(group.id) for item in asked.scored):
            yield _("“%s” is asked no question that counts towards a score.") % group.title.en


def _of_sections(asked: Questionnaire) -> Iterator[str]:
    if not asked.sections:
        yield _("There is no section.")
    for one in asked.sections:
        if not one.questions:
            yield _("The section “%s” has no question.") % one.title.en


def _of_question(item: Question) -> Iterator[str]:
    if item.kind in SCORE_KINDS and not _all_told(item.labels, len(SCALE)):
        yield _("Question %s: each of the five points of the scale needs its label.") % item.code
    if item.kind == QuestionKind.CHOICE and (
        len(item.labels) < 2 or not _all_told(item.labels, len(item.labels))
    ):
        yield _("Question %s: give two choices or more.") % item.code
    if not item.text.en:
        yield _("Question %s has no text.") % item.code


def _all_told(labels: Sequence[Words], wanted: int) -> bool:
    return len(labels) == wanted and all(label.en for label in labels)


def _without_hindi(asked: Questionnaire) -> Iterator[str]:
    if not asked.title.hi:
        yield _("The title of the survey")
    if asked.intro.en and not asked.intro.hi:
        yield _("The introduction")
    for group in asked.groups:
        if not group.title.hi:
            yield _("The group “%s”") % group.title.en
    for one in asked.sections:
        if not one.title.hi:
            yield _("The section “%s”") % one.title.en
        for item in one.questions:
            if not item.text.hi or not all(label.hi for label in item.labels):
                yield _("Question %s") % item.code
