"""Inviting people, all of a list or none."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils.translation import gettext as _

from sankul.core.rules.roles import Actor, require
from sankul.core.rules.verdicts import Refused
from sankul.programme.feedback.models import Invitation, Survey
from sankul.programme.feedback.queries.invitations import roster
from sankul.programme.feedback.rules import (
    BUILD,
    Invited,
    all_faults,
    merged,
    why_not_invite,
    why_not_quota,
)

from .building import record


@transaction.atomic
def invite(
    *, actor: Actor | None, survey: Survey, people: Sequence[Invited], at: datetime
) -> tuple[int, int]:
    """Invite people; who is invited already rates the clusters of both. Returns how many were added and how many changed.

    Raises Refused with every fault and its line: no address, no cluster, two groups where the survey wants one, a quota
    passed, somebody who has answered. Nobody is invited then.
    """
    survey = held(actor, survey)
    why_not_invite(survey.status).enforce()
    known = roster(survey)
    wanted, faults = _merged(survey, known, people)
    faults += _over_quota(survey, known | wanted)
    answered = set(survey.invitations.filter(is_answered=True).values_list("email", flat=True)) & {
        one.email for one in wanted.values()
    }
    faults += [_("%s has answered already.") % email for email in sorted(answered)]
    if faults:
        raise Refused(all_faults(faults))
    added = sum(1 for key in wanted if key not in known)
    _write(survey, wanted)
    record(actor, "survey.invited", survey, at, added=added, changed=len(wanted) - added)
    return added, len(wanted) - added


@transaction.atomic
def uninvite(*, actor: Actor | None, invitation: Invitation, at: datetime) -> None:
    """Take somebody out; the links that were sent stop working. Raises Refused when that person has answered."""
    survey = held(actor, invitation.survey)
    why_not_invite(survey.status).enforce()
    if Invitation.objects.select_for_update().get(pk=invitation.pk).is_answered:
        raise Refused(
            _("This person has answered: the answer is in the count and nobody can find it.")
        )
    number = invitation.pk
    invitation.delete()
    record(actor, "survey.uninvited", survey, at, invitation=number)


def held(actor: Actor | None, survey: Survey) -> Survey:
    """The survey as it is now, held until the commit against other invitations (not against answers)."""
    if actor is not None:
        require(actor, BUILD, *survey.scopes)
    rows = Survey.objects.select_related("programme", "period")
    return rows.select_for_update(of=("self",), no_key=True).get(pk=survey.pk)


def _merged(
    survey: Survey, known: dict[str, Invited], people: Sequence[Invited]
) -> tuple[dict[str, Invited], list[str]]:
    """Who is new or changed, and what is wrong."""
    order = list(survey.groups.values_list("pk", flat=True))
    wanted: dict[str, Invited] = {}
    faults = []
    for one in people:
        if fault := _fault(one):
            faults.append(_at_line(one, fault))
            continue
        key = one.email.lower()
        before = wanted.get(key) or known.get(key)
        if before is None:
            wanted[key] = one
            continue
        wanted[key], answer = merged(before, one, order=order, rule=survey.two_groups)
        if not answer:
            faults.append(_at_line(one, answer.reason))
    return {key: one for key, one in wanted.items() if one != known.get(key)}, faults


def _fault(one: Invited) -> str:
    try:
        validate_email(one.email)
    except ValidationError:
        return _("“%s” is no e-mail address.") % one.email
    if not one.name:
        return _("%s has no name.") % one.email
    if not one.cluster_ids:
        return _("%s has no cluster to rate.") % one.email
    return ""


def _at_line(one: Invited, fault: str) -> str:
    return _("Line %(line)d: %(fault)s") % {"line": one.line, "fault": fault} if one.line else fault


def _over_quota(survey: Survey, everybody: dict[str, Invited]) -> list[str]:
    counts: dict[int, int] = {}
    for one in everybody.values():
        counts[one.group_id] = counts.get(one.group_id, 0) + 1
    verdicts = (
        why_not_quota(group.title_en, counts.get(group.pk, 0), group.quota)
        for group in survey.groups.all()
    )
    return [verdict.reason for verdict in verdicts if not verdict]


def _write(survey: Survey, wanted: dict[str, Invited]) -> None:
    held = {row.email.lower(): row for row in survey.invitations.all()}
    rows = {}
    for key, one in wanted.items():
        row = held.get(key) or Invitation(survey=survey, email=one.email)
        row.name, row.organisation, row.language = one.name, one.organisation, one.language
        row.group_id = one.group_id
        rows[key] = row
    Invitation.objects.bulk_create([row for row in rows.values() if row.pk is None])
    old = [row for key, row in rows.items() if key in held]
    Invitation.objects.bulk_update(old, ["name", "organisation", "language", "group"])
    pairs = Invitation.clusters.through
    pairs.objects.bulk_create(
        [
            pairs(invitation_id=rows[key].pk, cluster_id=cluster)
            for key, one in wanted.items()
            for cluster in sorted(one.cluster_ids)
        ],
        ignore_conflicts=True,
    )
