"""Removing the personal data of a survey when it is not needed any more."""

from datetime import datetime

from django.db import transaction

from sankul.programme.feedback.models import Survey

from .building import record


@transaction.atomic
def purge(*, survey: Survey, at: datetime) -> int:
    """Remove everybody invited to a counted survey with links and letters; how many answered of each group stays.

    Does nothing the second time. Returns how many people were removed.
    """
    survey = Survey.objects.select_for_update().get(pk=survey.pk)
    if survey.counted_at is None or survey.purged_at is not None:
        return 0
    removed = survey.invitations.count()
    survey.invitations.all().delete()
    survey.purged_at = at
    survey.save(update_fields=["purged_at"])
    record(None, "survey.purged", survey, at, people=removed)
    return removed
