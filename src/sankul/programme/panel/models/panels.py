"""A panel, its members and rubrics, frozen once scoring begins, and its site visits."""

from __future__ import annotations

from typing import Self

import pgtrigger
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from sankul.core.models import Document
from sankul.core.rules.roles import Actor, Scope, ScopeKind, narrowed
from sankul.programme.panel.rules import (
    LEAST,
    MOST,
    SEE_RESULTS,
    SHARED,
    TITLES,
    WATCH,
    PanelStatus,
    Statistic,
)
from sankul.programme.registry.models import Cluster, Decision, Period, Programme


class PanelQuerySet(models.QuerySet["Panel"]):
    """Panels, narrowed."""

    def visible_to(self, actor: Actor) -> Self:
        """Panels that the actor may watch or belongs to, and released ones that the actor, or once open anybody, may."""
        inside = narrowed(actor, WATCH, programme="programme")
        if actor.user_id is not None:
            own = Member.objects.filter(user=actor.user_id).order_by()
            inside |= models.Q(pk__in=own.values("panel"))
        seen = narrowed(
            actor, SEE_RESULTS, programme="programme", cluster="programme__clusters"
        ) | models.Q(period__opened_at__isnull=False)
        released = models.Q(pk__in=Panel.objects.filter(seen).order_by().values("pk"))
        return self.filter(inside | (released & models.Q(status=PanelStatus.RELEASED)))


class Panel(models.Model):
    """The expert panel of a period: its scale from ``least`` to 5, its phase, and what it agreed on.

    ``rubric`` is the file of the frozen rubrics, approved by ``decision``; ``release`` the file of all scores by letter.
    ``agreement`` holds what was found of the independent scores, and of the final ones once closed.
    """

    programme = models.ForeignKey(Programme, models.PROTECT, related_name="panels")
    period = models.OneToOneField(Period, models.PROTECT, related_name="panel")
    status = models.CharField(
        _("status"), max_length=20, choices=PanelStatus.choices, default=PanelStatus.DRAFT
    )
    least = models.PositiveSmallIntegerField(
        _("lowest level of the scale"), choices=[(n, f"{n}–{MOST}") for n in LEAST], default=1
    )
    statistic = models.CharField(
        _("score of the panel"),
        max_length=10,
        choices=Statistic.choices,
        default=Statistic.MEAN,
    )
    decision = models.ForeignKey(Decision, models.PROTECT, null=True, related_name="+")
    rubric = models.ForeignKey(Document, models.PROTECT, null=True, related_name="+")
    release = models.ForeignKey(Document, models.PROTECT, null=True, related_name="+")
    agreement = models.JSONField(_("agreement of the members"), default=dict, blank=True)
    made_at = models.DateTimeField(_("made"))
    opened_at = models.DateTimeField(_("scoring began"), null=True)
    discussed_at = models.DateTimeField(_("discussion began"), null=True)
    closed_at = models.DateTimeField(_("closed"), null=True)
    released_at = models.DateTimeField(_("released"), null=True)

    objects = PanelQuerySet.as_manager()

    class Meta:
        ordering = ["-period__starts_on"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(status=PanelStatus.DRAFT)
                | models.Q(opened_at__isnull=False, rubric__isnull=False, decision__isnull=False),
                name="panel_scores_by_an_approved_rubric",
            ),
            models.CheckConstraint(
                condition=~models.Q(status=PanelStatus.RELEASED)
                | models.Q(released_at__isnull=False, release__isnull=False),
                name="panel_released_with_a_document",
            ),
            models.CheckConstraint(
                condition=models.Q(least__in=LEAST), name="panel_scale_from_0_or_1"
            ),
        ]
        triggers = [
            pgtrigger.Protect(
                name="frozen",
                operation=pgtrigger.UpdateOf(
                    "programme_id", "period_id", "least", "statistic", "rubric_id", "decision_id"
                ),
                condition=~pgtrigger.Q(old__status="draft"),
            ),
            pgtrigger.Protect(
                name="kept", operation=pgtrigger.Delete, condition=~pgtrigger.Q(old__status="draft")
            ),
            pgtrigger.Protect(
                name="release_frozen",
                operation=pgtrigger.UpdateOf("release_id", "released_at", "agreement"),
                condition=pgtrigger.Q(old__status="released"),
            ),
            pgtrigger.Trigger(
                name="only_moves_on",
                when=pgtrigger.Before,
                operation=pgtrigger.UpdateOf("status"),
                declare=[("phases", "text[]")],
                func="""
                    phases := ARRAY['draft','scoring','discussion','closed','released'];
                    IF array_position(phases, NEW.status::text) - array_position(phases, OLD.status::text)
                       NOT IN (0, 1)
                    THEN RAISE EXCEPTION 'panel % was % and cannot be %', OLD.id, OLD.status, NEW.status
                        USING ERRCODE = 'check_violation', CONSTRAINT = 'panel_only_moves_on';
                    END IF;
                    RETURN NEW;
                """,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.programme}, {self.period}"

    @property
    def scopes(self) -> tuple[Scope, ...]:
        """The programme's scope."""
        return (Scope(ScopeKind.PROGRAMME, self.programme_id),)

    @property
    def is_shared(self) -> bool:
        """Whether scores are more than their author's secret."""
        return self.status in SHARED


def _draft_only() -> pgtrigger.Trigger:
    return pgtrigger.Trigger(
        name="draft_only",
        when=pgtrigger.Before,
        operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
        declare=[("it", "record")],
        func="""
            IF TG_OP = 'DELETE' THEN it := OLD; ELSE it := NEW; END IF;
            IF EXISTS (SELECT 1 FROM panel_panel p WHERE p.id = it.panel_id AND p.status <> 'draft') THEN
                RAISE EXCEPTION 'rubrics are frozen since the scoring began'
                    USING ERRCODE = 'check_violation', CONSTRAINT = 'panel_frozen';
            END IF;
            RETURN it;
        """,
    )


class Rubric(models.Model):
    """What each level of a criterion means, from the lowest level of the panel's scale up."""

    panel = models.ForeignKey(Panel, models.CASCADE, related_name="rubrics")
    criterion = models.CharField(_("criterion"), max_length=40, choices=TITLES)
    levels = ArrayField(models.CharField(max_length=400), verbose_name=_("levels"))

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["panel", "criterion"], name="rubric_once_a_criterion")
        ]
        triggers = [_draft_only()]

    def __str__(self) -> str:
        return self.get_criterion_display()


class Member(models.Model):
    """An account on a panel; its letter is drawn when scoring begins, and stands for it wherever scores are shown."""

    panel = models.ForeignKey(Panel, models.CASCADE, related_name="members")
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="panels", verbose_name=_("member")
    )
    letter = models.CharField(_("letter"), max_length=1, blank=True)
    sent_at = models.DateTimeField(_("scores sent"), null=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["panel", "user"], name="panel_member_once"),
            models.UniqueConstraint(
                fields=["panel", "letter"],
                condition=~models.Q(letter=""),
                name="panel_letter_once",
            ),
        ]

    def __str__(self) -> str:
        return self.letter or str(self.user)


class Recusal(models.Model):
    """A member's own declaration of a conflict with a cluster; ties of the registry are computed besides."""

    member = models.ForeignKey(Member, models.CASCADE, related_name="recusals")
    cluster = models.ForeignKey(Cluster, models.PROTECT, related_name="+")
    reason = models.CharField(_("reason"), max_length=250)
    declared_at = models.DateTimeField(_("declared"))

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["member", "cluster"], name="recusal_once_a_cluster")
        ]

    def __str__(self) -> str:
        return f"{self.member}: {self.cluster}"


class VisitQuerySet(models.QuerySet["Visit"]):
    """Site visits, narrowed."""

    def visible_to(self, actor: Actor) -> Self:
        """Visits of panels that the actor watches or belongs to; once released those of clusters that one may see."""
        inside = narrowed(actor, WATCH, programme="panel__programme")
        if actor.user_id is not None:
            own = Member.objects.filter(user=actor.user_id).order_by()
            inside |= models.Q(panel__in=own.values("panel"))
        seen = narrowed(actor, SEE_RESULTS, programme="panel__programme", cluster="cluster")
        return self.filter(inside | (seen & models.Q(panel__status=PanelStatus.RELEASED)))


class Visit(models.Model):
    """What the panel saw at a cluster, with documents."""

    panel = models.ForeignKey(Panel, models.PROTECT, related_name="visits")
    cluster = models.ForeignKey(Cluster, models.PROTECT, related_name="+")
    on = models.DateField(_("day of the visit"))
    text = models.TextField(_("what was seen and heard"))
    written_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    written_at = models.DateTimeField(_("written"))
    documents = models.ManyToManyField(Document, through="VisitDocument", related_name="+")

    objects = VisitQuerySet.as_manager()

    class Meta:
        ordering = ["on", "pk"]
        triggers = [pgtrigger.Protect(name="kept", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self) -> str:
        return f"{self.cluster}, {self.on}"


class VisitDocument(models.Model):
    """A document of a site visit."""

    visit = models.ForeignKey(Visit, models.PROTECT, related_name="+")
    document = models.ForeignKey(Document, models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["visit", "document"], name="visit_document_once")
        ]

    def __str__(self) -> str:
        return str(self.document)
