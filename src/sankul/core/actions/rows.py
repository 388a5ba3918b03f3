"""Rows checked as a whole before they are written: what is wrong is told all at once, field by field."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.db.models import Model
from django.utils.text import capfirst

from sankul.core.actions.constraints import refusing
from sankul.core.rules.verdicts import Refused

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

BY_THE_SYSTEM = ("recorded_by", "changed_by", "opened_by")


def write(row: Model, *, reasons: Mapping[str, StrOrPromise] | None = None) -> None:
    """Save a row whose fields hold what they may: choices, lengths, nothing empty that is asked for.

    Raises Refused with every fault, or with the reason given for the constraint that the database found broken.
    """
    try:
        row.clean_fields(exclude=BY_THE_SYSTEM)
    except ValidationError as error:
        raise Refused(_told(row, error)) from None
    with refusing(reasons or {}):
        row.save()


def _told(row: Model, error: ValidationError) -> str:
    faults = (
        f"{capfirst(str(row._meta.get_field(name).verbose_name))}: {' '.join(messages)}"  # type: ignore[union-attr]
        for name, messages in error.message_dict.items()
    )
    return " ".join(faults)
