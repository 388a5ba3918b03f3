"""Moderating open texts before anybody else reads them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from sankul.core.rules.roles import Actor
from sankul.core.rules.verdicts import Refused
from sankul.programme.feedback.models import Comment
from sankul.programme.feedback.rules import REDACTED, CommentState, why_not_moderate

from .building import record
from .running import held


@transaction.atomic
def decide(
    *,
    actor: Actor,
    comment: Comment,
    decision: str,
    words: Sequence[str] = (),
    reason: str = "",
    at: datetime,
) -> Comment:
    """Keep a text, take ``words`` out of it, or withhold it; what is taken out is gone for good.

    Raises Refused without a reason where something is taken out, for words that are not in the text, and the second time.
    """
    survey = held(actor, comment.survey)
    comment = Comment.objects.select_for_update().get(pk=comment.pk)
    why_not_moderate(status=survey.status, state=comment.state).enforce()
    state = CommentState(decision)
    if state != CommentState.KEPT and not reason.strip():
        raise Refused(_("Give the reason why it is not shown as it was written."))
    if state == CommentState.REDACTED:
        comment.text = _without(comment.text, words)
    if state == CommentState.WITHHELD:
        comment.text = ""
    comment.state, comment.reason, comment.decided_by = state, reason.strip(), actor.user
    comment.save()
    record(actor, "survey.text_decided", survey, at, comment=comment.pk, decision=state)
    return comment


def _without(text: str, words: Sequence[str]) -> str:
    """The text with the words blackened, whatever their case. Raises Refused naming those that are not in it."""
    if not words:
        raise Refused(_("Name the words to take out."))
    for word in sorted(words, key=len, reverse=True):
        text, found = re.subn(re.escape(word), REDACTED, text, flags=re.IGNORECASE)
        if not found:
            raise Refused(_("“%s” is not in the text.") % word)
    return text
