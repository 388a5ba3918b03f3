"""Finding rows by words: whole words in any form, parts of the title, titles that sound alike."""

from __future__ import annotations

from typing import Any, TypeVar, cast

from django.contrib.postgres.search import SearchQuery, SearchRank
from django.db.models import FloatField, Model, Q, QuerySet, Value
from django.db.models.functions import Greatest

from sankul.programme.portfolio.models import Deployment, Lesson, Problem, Project
from sankul.programme.portfolio.models.lessons import TOLD
from sankul.programme.portfolio.models.search import LANGUAGE, words_of

M = TypeVar("M", bound=Model)
SEARCHED: dict[type[Model], tuple[str, ...]] = {
    Problem: ("title", "description"),
    Project: ("title", "summary"),
    Deployment: ("title", "place", "district", "state"),
    Lesson: ("title", *TOLD),
}
"""The texts that are searched, as they are indexed."""


def found(rows: QuerySet[M, M], text: str) -> QuerySet[M, M]:
    """The rows in which ``text`` is found, with ``rank`` (0 and up, more is nearer); all of them for an empty text.

    ``text`` is read as people write searches: words, "phrases", or, -not (PostgreSQL's ``websearch_to_tsquery``, English).
    """
    narrowed: Any = rows
    if not text:
        return cast("QuerySet[M, M]", narrowed.annotate(rank=Value(0.0, output_field=FloatField())))
    words = words_of(*SEARCHED[rows.model])
    query = SearchQuery(text, config=LANGUAGE, search_type="websearch")
    held = Q(words=query) | Q(title__icontains=text) | Q(title__trigram_word_similar=text)
    rank: Any = Greatest(SearchRank(words, query), Value(0.0))
    return cast("QuerySet[M, M]", narrowed.alias(words=words).filter(held).annotate(rank=rank))
