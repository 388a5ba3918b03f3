"""Taking an answer: the ballot and the mark of who has answered, both or neither."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import pgtrigger
from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from sankul.core.rules.verdicts import Refused
from sankul.programme.feedback.models import Ballot, Invitation, Survey
from sankul.programme.feedback.queries.invitations import found_by
from sankul.programme.feedback.rules import Answers, ballot, sealing, why_not_answer

BALLOTS = Ballot._meta.db_table


class LinkRefused(Refused):
    """A link that takes no answer, whatever the reason: to guess, to come too late and to come twice get the same words."""


def no_link() -> LinkRefused:
    """The one refusal of every link."""
    return LinkRefused(
        _(
            "This link takes no answer. If you have answered already, your answer is counted, once. "
            "If not, the survey may be over, or the link is not complete."
        )
    )


@transaction.atomic
def answer(*, token: str, answers: Answers, cluster_ids: Sequence[int], at: datetime) -> str:
    """Seal the answers and take them; returns the receipt, which is known to nobody else.

    The mark that this person has answered is written in the same transaction: killed at any moment, there are both or there is
    neither, and then the link still works. Nothing is recorded in the event log, and no time anywhere. Raises ``LinkRefused`` in
    the same words for an unknown, used or late link, and Refused when the texts are too long.
    """
    invitation = found_by(sealing.digest(token))
    if invitation is None:
        raise no_link()
    survey = _shared(invitation.survey_id)
    invitation = Invitation.objects.select_for_update().filter(pk=invitation.pk).first()
    if invitation is None or invitation.is_answered or not takes_answers(survey, at):
        raise no_link()
    receipt = sealing.new_receipt()
    content = ballot(
        answers, group_id=invitation.group_id, cluster_ids=cluster_ids, receipt=receipt
    )
    box = sealing.sealed(content, bytes(survey.public_key or b""), survey.pk)
    Ballot.objects.create(survey=survey, box=box)
    invitation.is_answered = True
    invitation.save(update_fields=["is_answered"])
    return receipt


def takes_answers(survey: Survey, at: datetime) -> bool:
    """Whether the survey takes answers now."""
    today = timezone.localdate(at)
    return bool(why_not_answer(status=survey.status, closes_on=survey.closes_on, today=today))


def mix(*, leave_out: Survey | None = None) -> int:
    """Write all ballots anew in random order, as one transaction's rows, without those of one survey; returns how many there are.

    Until then a ballot stands where it was written, with the number of the transaction that marked its person. Nobody can read
    it, but who has both would know whose it is. The table gets a new file; ``gen_random_uuid`` draws from the server's strong
    generator.
    """
    with (
        transaction.atomic(),
        pgtrigger.ignore("feedback.Ballot:while_open"),
        connection.cursor() as cursor,
    ):
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(f"LOCK TABLE {BALLOTS} IN ACCESS EXCLUSIVE MODE")
        cursor.execute(
            f"CREATE TEMPORARY TABLE mixed ON COMMIT DROP AS SELECT * FROM {BALLOTS} WHERE survey_id <> %s",
            [leave_out.pk if leave_out else 0],
        )
        cursor.execute(f"TRUNCATE {BALLOTS}")
        cursor.execute(
            f"INSERT INTO {BALLOTS} (id, survey_id, box) "
            "SELECT gen_random_uuid(), survey_id, box FROM mixed ORDER BY gen_random_uuid()"
        )
        written: int = cursor.rowcount
        cursor.execute("DROP TABLE mixed")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
    return written


def _shared(survey_id: int) -> Survey:
    """The survey, which cannot be closed before this transaction ends; others answer meanwhile."""
    table = Survey._meta.db_table
    (survey,) = Survey.objects.raw(f"SELECT * FROM {table} WHERE id = %s FOR SHARE", [survey_id])
    return survey
