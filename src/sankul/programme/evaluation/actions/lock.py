"""One evaluation of a period at a time."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection
from django.utils.translation import gettext as _

from sankul.core.rules.verdicts import Refused
from sankul.programme.registry.models import Period

SPACE = 0x52554E  # advisory locks of evaluation runs; the second key is the period


@contextmanager
def only_one(period: Period) -> Iterator[None]:
    """Hold the period for this evaluation, or raise Refused when another holds it.

    The lock belongs to the database session: when the process dies, the database lets go of it.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [SPACE, period.pk])
        (held,) = cursor.fetchone()
    if not held:
        raise Refused(
            _("Another evaluation of %(period)s is running now. Wait for it to finish.")
            % {"period": period}
        )
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [SPACE, period.pk])
