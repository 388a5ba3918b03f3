"""The database that migrations make is the one that the models mean."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.db import connection, models

pytestmark = pytest.mark.django_db
OURS = [
    model
    for model in apps.get_models(include_auto_created=True)
    if model._meta.managed and model.__module__.startswith("sankul.")
]


def test_every_table_has_the_columns_of_its_model() -> None:
    with connection.cursor() as cursor:
        for model in OURS:
            told = connection.introspection.get_table_description(cursor, model._meta.db_table)
            columns = {field.column for field in model._meta.local_concrete_fields}
            assert {one.name for one in told} == columns, model


def test_every_constraint_and_index_that_a_model_names_is_there() -> None:
    with connection.cursor() as cursor:
        for model in OURS:
            there = connection.introspection.get_constraints(cursor, model._meta.db_table)
            named: list[models.BaseConstraint | models.Index] = [
                *model._meta.constraints,
                *model._meta.indexes,
            ]
            assert {one.name for one in named} <= set(there), model


def test_foreign_keys_lead_to_the_tables_of_their_models() -> None:
    with connection.cursor() as cursor:
        for model in OURS:
            there = connection.introspection.get_relations(cursor, model._meta.db_table)
            for field in model._meta.local_concrete_fields:
                target = field.remote_field.model if field.remote_field else None
                if target is not None and getattr(field, "db_constraint", True):
                    assert there[field.column][1] == target._meta.db_table, field
