"""Scores of members, how they changed, what was said about them, and what was released."""

from __future__ import annotations

from typing import Self

import pgtrigger
from django.db import models
from django.utils.translation import gettext_lazy as _

from sankul.core.models import Document
from sankul.core.rules.roles import Actor, narrowed
from sankul.programme.panel.rules import (
    MOST,
    SEE_RESULTS,
    SEE_SCORES,
    SHARED,
    TITLES,
    PanelStatus,
)
from sankul.programme.registry.models import Cluster, Organisation

from .panels import Member, Panel


class ScoreQuerySet(models.QuerySet["Score"]):
    """Scores, narrowed."""

    def visible_to(self, actor: Actor) -> Self:
        """One's own; once the discussion has begun those of one's panel; released ones of clusters whose results one may see.

        Before the discussion nobody sees another's, whatever the role.
        """
        shared = narrowed(actor, SEE_SCORES, programme="member__panel__programme")
        own = models.Q(pk__in=[])
        if actor.user_id is not None:
            own = models.Q(member__user=actor.user_id)
            beside = Member.objects.filter(user=actor.user_id).order_by()
            shared |= models.Q(member__panel__in=beside.values("panel"))
        seen = narrowed(
            actor, SEE_RESULTS, programme="member__panel__programme", cluster="cluster"
        ) | models.Q(member__panel__period__opened_at__isnull=False)
        return self.filter(
            own
            | (shared & models.Q(member__panel__status__in=sorted(SHARED)))
            | (seen & models.Q(member__panel__status=PanelStatus.RELEASED))
        )


class Score(models.Model):
    """What a member gives a cluster on a criterion, and why; without a level it is a draft, or struck by a conflict."""

    member = models.ForeignKey(Member, models.CASCADE, related_name="scores")
    cluster = models.ForeignKey(Cluster, models.PROTECT, related_name="+")
    criterion = models.CharField(_("criterion"), max_length=40, choices=TITLES)
    level = models.PositiveSmallIntegerField(_("level"), null=True)
    reason = models.TextField(_("reason"), blank=True)

    objects = ScoreQuerySet.as_manager()

    class Meta:
        ordering = ["cluster__name", "criterion", "member__letter"]
        constraints = [
            models.UniqueConstraint(
                fields=["member", "cluster", "criterion"], name="score_once_a_criterion"
            ),
            models.CheckConstraint(
                condition=models.Q(level=None) | models.Q(level__lte=MOST),
                name="score_on_the_scale",
            ),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="while_scored",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
                declare=[("it", "record"), ("phase", "text"), ("sent", "timestamptz")],
                func="""
                    IF TG_OP = 'DELETE' THEN it := OLD; ELSE it := NEW; END IF;
                    SELECT p.status, m.sent_at INTO phase, sent FROM panel_member m
                        JOIN panel_panel p ON p.id = m.panel_id WHERE m.id = it.member_id;
                    IF phase = 'scoring' AND sent IS NULL THEN RETURN it; END IF;
                    IF phase IN ('scoring', 'discussion') AND TG_OP = 'UPDATE' AND (
                        NEW.member_id, NEW.cluster_id, NEW.criterion, NEW.reason) = (
                        OLD.member_id, OLD.cluster_id, OLD.criterion, OLD.reason) AND EXISTS (
                        SELECT 1 FROM panel_change c WHERE c.score_id = OLD.id
                            AND c.before = OLD.level AND c.after IS NOT DISTINCT FROM NEW.level)
                        THEN RETURN it;
                    END IF;
                    RAISE EXCEPTION 'a sent score changes only with a reason, while the panel discusses'
                        USING ERRCODE = 'check_violation', CONSTRAINT = 'score_changed_with_a_reason';
                """,
            )
        ]

    def __str__(self) -> str:
        return f"{self.cluster}, {self.get_criterion_display()}"


class Change(models.Model):
    """A score that was changed after it was sent, and why; ``after`` is None where a conflict struck it."""

    score = models.ForeignKey(Score, models.PROTECT, related_name="changes")
    before = models.PositiveSmallIntegerField(_("before"))
    after = models.PositiveSmallIntegerField(_("after"), null=True)
    reason = models.TextField(_("reason"))
    at = models.DateTimeField(_("changed"))

    class Meta:
        ordering = ["at", "pk"]
        constraints = [
            models.CheckConstraint(condition=~models.Q(reason=""), name="change_with_a_reason")
        ]
        triggers = [pgtrigger.Protect(name="kept", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.score}: {self.before} → {self.after}"


class Remark(models.Model):
    """Something a member said in the discussion of a cluster's criterion."""

    member = models.ForeignKey(Member, models.PROTECT, related_name="remarks")
    cluster = models.ForeignKey(Cluster, models.PROTECT, related_name="+")
    criterion = models.CharField(_("criterion"), max_length=40, choices=TITLES)
    text = models.TextField(_("comment"))
    at = models.DateTimeField(_("said"))

    class Meta:
        ordering = ["at", "pk"]
        triggers = [pgtrigger.Protect(name="kept", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return self.text[:60]


class ResultQuerySet(models.QuerySet["Result"]):
    """Released scores of panels, narrowed."""

    def visible_to(self, actor: Actor) -> Self:
        """Those of clusters whose results the actor may see, and all of an open period."""
        seen = narrowed(actor, SEE_RESULTS, programme="panel__programme", cluster="cluster")
        return self.filter(seen | models.Q(panel__period__opened_at__isnull=False))


class Result(models.Model):
    """The panel's score of a cluster on a criterion, with the number of members, their spread, and the cluster's file.

    ``adjusted`` is the level with the severity of each member taken out, where all members can be compared.
    """

    panel = models.ForeignKey(Panel, models.PROTECT, related_name="results")
    cluster = models.ForeignKey(Cluster, models.PROTECT, related_name="+")
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="+")
    criterion = models.CharField(_("criterion"), max_length=40, choices=TITLES)
    title = models.CharField(_("title"), max_length=200)
    on = models.DateField(_("day"))
    score = models.DecimalField(_("score"), max_digits=6, decimal_places=4)
    adjusted = models.DecimalField(
        _("adjusted for severity"), max_digits=6, decimal_places=4, null=True
    )
    members = models.PositiveSmallIntegerField(_("members"))
    spread = models.PositiveSmallIntegerField(_("levels between highest and lowest"))
    document = models.ForeignKey(Document, models.PROTECT, related_name="+")

    objects = ResultQuerySet.as_manager()

    class Meta:
        ordering = ["cluster__name", "criterion"]
        constraints = [
            models.UniqueConstraint(fields=["panel", "cluster", "criterion"], name="result_once")
        ]
        triggers = [pgtrigger.Protect(name="kept", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return self.title
