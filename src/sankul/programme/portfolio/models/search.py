"""What several tables share: how they are found by words, and what keeps real and fictional apart."""

from __future__ import annotations

import pgtrigger
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.contrib.postgres.search import SearchVector
from django.db import models
from django.db.models.expressions import CombinedExpression
from django.db.models.functions import Upper

LANGUAGE = "english"


def words_of(title: str, *texts: str) -> CombinedExpression:
    """The words of a row as PostgreSQL's full text search sees them, those of the title weighing more."""
    return SearchVector(title, weight="A", config=LANGUAGE) + SearchVector(
        *texts, weight="B", config=LANGUAGE
    )


def found_by(table: str, title: str, *texts: str) -> list[models.Index]:
    """Indexes for words anywhere (``words_of``), for parts of the title, and for titles that sound alike."""
    return [
        GinIndex(words_of(title, *texts), name=f"{table}_words"),
        GinIndex(OpClass(Upper(title), "gin_trgm_ops"), name=f"{table}_title_part"),
        GinIndex(OpClass(models.F(title), "gin_trgm_ops"), name=f"{table}_title_like"),
    ]


def real_with_real(table: str, column: str, programme: str) -> pgtrigger.Trigger:
    """Refuse a fictional organisation in ``column`` beside a real programme, and the reverse; ``programme`` is SQL."""
    return pgtrigger.Trigger(
        name=f"real_with_real_{column.removesuffix('_id')}",
        when=pgtrigger.Before,
        operation=pgtrigger.Insert | pgtrigger.UpdateOf(column),
        func=f"""
            IF (SELECT o.is_demonstration FROM registry_organisation o WHERE o.id = NEW.{column})
               <> (SELECT p.is_demonstration FROM registry_programme p WHERE p.id = {programme})
            THEN RAISE EXCEPTION 'organisation % or the programme is fictional, the other real', NEW.{column}
                USING ERRCODE = 'check_violation', CONSTRAINT = '{table}_real_with_real';
            END IF;
            RETURN NEW;
        """,
    )
