"""Broken constraints of the database, turned into refusals."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING

from django.db import IntegrityError, transaction

from sankul.core.rules.verdicts import Refused

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


@contextmanager
def refusing(reasons: Mapping[str, StrOrPromise]) -> Iterator[None]:
    """Write in a savepoint; where a constraint named in ``reasons`` is broken, raise Refused with its reason.

    Two writers at once are so decided by the database. Any other broken constraint passes as it is.
    """
    try:
        with transaction.atomic():
            yield
    except IntegrityError as error:
        diagnostics = getattr(error.__cause__, "diag", None)
        reason = reasons.get(getattr(diagnostics, "constraint_name", None) or "")
        if reason is None:
            raise
        raise Refused(str(reason)) from None
