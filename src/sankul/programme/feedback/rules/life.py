"""The life of a survey: draft, open, closed, counted, released."""

from __future__ import annotations

from datetime import date

from django.utils.translation import gettext as _

from sankul.core.rules.verdicts import ALLOWED, Verdict, refused

from .words import CommentState, SurveyStatus


def why_not_change(status: str) -> Verdict:
    """Whether questions, groups and settings may be changed."""
    if status == SurveyStatus.DRAFT:
        return ALLOWED
    return refused(
        _("The survey was opened: everybody is asked the same, so nothing can be changed any more.")
    )


def why_not_invite(status: str) -> Verdict:
    """Whether more people may be invited: until it is closed."""
    if status in (SurveyStatus.DRAFT, SurveyStatus.OPEN):
        return ALLOWED
    return refused(_("The survey is closed: nobody can be invited any more."))


def why_not_open(
    *, status: str, problems: list[str], invited: int, has_key: bool, closes_on: date, today: date
) -> Verdict:
    """Whether a survey may be opened, with everything that is missing."""
    if status != SurveyStatus.DRAFT:
        return refused(_("The survey was opened already."))
    missing = list(problems)
    if not invited:
        missing.append(_("Nobody is invited."))
    if not has_key:
        missing.append(_("The evaluator has not made the key yet."))
    if closes_on < today:
        missing.append(_("The last day to answer has passed."))
    return refused(" ".join(missing)) if missing else ALLOWED


def why_not_answer(*, status: str, closes_on: date, today: date) -> Verdict:
    """Whether answers are taken."""
    if status == SurveyStatus.OPEN and today <= closes_on:
        return ALLOWED
    return refused(_("The survey takes no answers now."))


def why_not_write(status: str) -> Verdict:
    """Whether invitations and reminders may be sent."""
    if status == SurveyStatus.OPEN:
        return ALLOWED
    return refused(_("Letters are sent while the survey is open."))


def why_not_close(status: str) -> Verdict:
    """Whether a survey may be closed."""
    if status == SurveyStatus.OPEN:
        return ALLOWED
    return refused(_("Only an open survey can be closed."))


def why_not_count(status: str) -> Verdict:
    """Whether the ballots may be opened: once, after closing."""
    if status == SurveyStatus.CLOSED:
        return ALLOWED
    if status in (SurveyStatus.DRAFT, SurveyStatus.OPEN):
        return refused(_("Ballots are opened after the survey is closed."))
    return refused(_("The ballots were counted already, and are destroyed."))


def why_not_moderate(*, status: str, state: str) -> Verdict:
    """Whether a text may be decided on: before the release, once, because what is taken out is gone."""
    if status != SurveyStatus.COUNTED:
        return refused(_("Texts are moderated after counting and before the release."))
    if state != CommentState.WAITING:
        return refused(_("This text is decided on already."))
    return ALLOWED


def why_not_release(*, status: str, waiting: int) -> Verdict:
    """Whether the results may be released: once, when every text is decided on."""
    if status == SurveyStatus.RELEASED:
        return refused(_("The results are released already. There is one release a survey."))
    if status != SurveyStatus.COUNTED:
        return refused(_("There are no results before the ballots are counted."))
    if waiting:
        return refused(_("%d texts wait for the moderator's decision.") % waiting)
    return ALLOWED
