"""Asking for background work, and telling how far it is."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext as _

from sankul.core.models import User, Work
from sankul.core.rules.verdicts import Refused


def ask(*, user: User, title: str, at: datetime, total: int | None = None) -> Work:
    """Note that somebody asked for work; the caller defers the job in the same transaction."""
    return Work.objects.create(asked_by=user, title=title[:200], asked_at=at, total=total)


@contextmanager
def going_on(work_id: int) -> Iterator[tuple[Work, Callable[[int], None]]]:
    """Run the work: yields it with a function that adds to what is done; a refusal is its end, told in its message.

    So is a fault, which is raised on: whoever runs jobs may try the work again.
    """
    work = Work.objects.get(pk=work_id)
    work.state, work.done, work.message = Work.State.RUNNING, 0, ""
    work.save(update_fields=["state", "done", "message"])

    def advance(more: int) -> None:
        work.done += more
        Work.objects.filter(pk=work.pk).update(done=work.done)

    try:
        yield work, advance
        work.state = Work.State.DONE
    except Refused as refusal:
        work.state, work.message = Work.State.REFUSED, refusal.reason
    except BaseException:
        work.state = Work.State.REFUSED
        work.message = _("Something unexpected stopped this work. Ask for it again.")
        raise
    finally:
        work.ended_at = timezone.now()
        work.save(update_fields=["state", "message", "ended_at", "href"])
