"""A survey and its questionnaire, frozen once it is opened."""

from __future__ import annotations

from typing import Self

import pgtrigger
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from sankul.core.models import Document
from sankul.core.rules.roles import Actor, Scope, ScopeKind, narrowed
from sankul.programme.feedback.rules import (
    PURGE_AFTER_DAYS,
    SEE_RESULTS,
    THRESHOLD,
    WATCH,
    QuestionKind,
    SurveyStatus,
    TwoGroups,
)
from sankul.programme.registry.models import Period, Programme

DRAFT_ONLY = ("programme_id", "period_id", "title_en", "title_hi", "intro_en", "intro_hi", "has_hindi",
    "threshold", "two_groups", "purge_after_days", "public_key", "contact")  # fmt: skip


class SurveyQuerySet(models.QuerySet["Survey"]):
    """Surveys, narrowed."""

    def visible_to(self, actor: Actor) -> Self:
        """Surveys that the actor may watch, and released ones where the actor or, the period being open, anybody may."""
        watched = narrowed(actor, WATCH, programme="programme")
        seen = narrowed(
            actor, SEE_RESULTS, programme="programme", cluster="programme__clusters"
        ) | models.Q(period__opened_at__isnull=False)
        released = models.Q(pk__in=Survey.objects.filter(seen).values("pk"))  # a join would double
        return self.filter(watched | (released & models.Q(status=SurveyStatus.RELEASED)))


class Survey(models.Model):
    """The 360-degree survey of a period.

    ``public_key`` (X25519, 32 bytes) seals the ballots; its private half is kept by the evaluator alone and is never here.
    """

    programme = models.ForeignKey(Programme, models.PROTECT, related_name="surveys")
    period = models.OneToOneField(Period, models.PROTECT, related_name="survey")
    status = models.CharField(
        _("status"), max_length=20, choices=SurveyStatus.choices, default=SurveyStatus.DRAFT
    )
    title_en = models.CharField(_("title"), max_length=200)
    title_hi = models.CharField(_("title in Hindi"), max_length=200, blank=True)
    intro_en = models.TextField(_("introduction"), blank=True)
    intro_hi = models.TextField(_("introduction in Hindi"), blank=True)
    has_hindi = models.BooleanField(_("asked in Hindi too"), default=True)
    threshold = models.PositiveSmallIntegerField(
        _("fewest answers behind a published figure"),
        default=THRESHOLD,
        validators=[MinValueValidator(3), MaxValueValidator(50)],
    )
    two_groups = models.CharField(
        _("who belongs to two groups"),
        max_length=20,
        choices=TwoGroups.choices,
        default=TwoGroups.PRIORITY,
    )
    purge_after_days = models.PositiveSmallIntegerField(
        _("days after counting until names and addresses are removed"),
        default=PURGE_AFTER_DAYS,
        validators=[MaxValueValidator(366)],
    )
    closes_on = models.DateField(_("last day to answer"))
    contact = models.EmailField(_("address for questions of respondents"))
    public_key = models.BinaryField(_("key that seals the ballots"), max_length=32, null=True)
    made_at = models.DateTimeField(_("made"))
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    opened_at = models.DateTimeField(_("opened"), null=True, blank=True)
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True)
    counted_at = models.DateTimeField(_("counted"), null=True, blank=True)
    key_destroyed_at = models.DateTimeField(_("key declared destroyed"), null=True, blank=True)
    released_at = models.DateTimeField(_("released"), null=True, blank=True)
    purged_at = models.DateTimeField(_("names and addresses removed"), null=True, blank=True)
    severity = models.JSONField(_("what was found of raters' severity"), default=dict, blank=True)
    release = models.ForeignKey(Document, models.PROTECT, null=True, related_name="+")

    objects = SurveyQuerySet.as_manager()

    class Meta:
        ordering = ["-period__starts_on"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(threshold__gte=3), name="survey_threshold_protects"
            ),
            models.CheckConstraint(
                condition=models.Q(status=SurveyStatus.DRAFT)
                | models.Q(opened_at__isnull=False, public_key__isnull=False),
                name="survey_opened_with_a_key",
            ),
            models.CheckConstraint(
                condition=~models.Q(status=SurveyStatus.RELEASED)
                | models.Q(released_at__isnull=False, release__isnull=False),
                name="survey_released_with_a_document",
            ),
        ]
        triggers = [
            pgtrigger.Protect(
                name="questions_frozen",
                operation=pgtrigger.UpdateOf(*DRAFT_ONLY),
                condition=~pgtrigger.Q(old__status="draft"),
            ),
            pgtrigger.Protect(
                name="kept",
                operation=pgtrigger.Delete,
                condition=~pgtrigger.Q(old__status="draft"),
            ),
            pgtrigger.Protect(
                name="release_frozen",
                operation=pgtrigger.UpdateOf(
                    "status", "release_id", "released_at", "counted_at", "severity"
                ),
                condition=pgtrigger.Q(old__status="released"),
            ),
            pgtrigger.Trigger(
                name="only_moves_on",
                when=pgtrigger.Before,
                operation=pgtrigger.UpdateOf("status"),
                func="""
                    IF array_position(ARRAY['draft','open','closed','counted','released'], NEW.status::text)
                       < array_position(ARRAY['draft','open','closed','counted','released'], OLD.status::text)
                    THEN RAISE EXCEPTION 'survey % was % and cannot be % again', OLD.id, OLD.status, NEW.status
                        USING ERRCODE = 'check_violation', CONSTRAINT = 'survey_only_moves_on';
                    END IF;
                    RETURN NEW;
                """,
            ),
        ]

    def __str__(self) -> str:
        return self.title_en

    @property
    def scopes(self) -> tuple[Scope, ...]:
        """The programme's scope."""
        return (Scope(ScopeKind.PROGRAMME, self.programme_id),)


def _frozen(survey: str) -> pgtrigger.Trigger:
    """Part of a questionnaire changes only while its survey is a draft; ``survey`` finds that of a row called ``it``."""
    return pgtrigger.Trigger(
        name="frozen",
        when=pgtrigger.Before,
        operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
        declare=[("it", "record"), ("status", "text")],
        func=f"""
            IF TG_OP = 'DELETE' THEN it := OLD; ELSE it := NEW; END IF;
            {survey}
            IF status <> 'draft' THEN
                RAISE EXCEPTION 'the questionnaire is frozen since the survey was opened'
                    USING ERRCODE = 'check_violation', CONSTRAINT = 'questionnaire_frozen';
            END IF;
            RETURN it;
        """,
    )


OF_SURVEY = "SELECT s.status INTO status FROM feedback_survey s WHERE s.id = it.survey_id;"
OF_SECTION = """SELECT s.status INTO status FROM feedback_survey s
            JOIN feedback_section c ON c.survey_id = s.id WHERE c.id = it.section_id;"""


class Group(models.Model):
    """A stakeholder group of a survey; ``position`` is its priority for persons who belong to two."""

    survey = models.ForeignKey(Survey, models.CASCADE, related_name="groups")
    code = models.SlugField(_("short name"), max_length=40)
    title_en = models.CharField(_("name"), max_length=120)
    title_hi = models.CharField(_("name in Hindi"), max_length=120, blank=True)
    weight = models.DecimalField(
        _("weight"), max_digits=7, decimal_places=4, default=1, validators=[MinValueValidator(0)]
    )
    target = models.PositiveIntegerField(_("answers wanted"), default=30)
    quota = models.PositiveIntegerField(_("most that may be invited"), null=True, blank=True)
    position = models.PositiveSmallIntegerField(_("place"))

    class Meta:
        ordering = ["survey", "position", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["survey", "code"], name="group_code_once_a_survey"),
            models.CheckConstraint(
                condition=models.Q(weight__gte=0), name="group_weight_not_negative"
            ),
        ]
        triggers = [_frozen(OF_SURVEY)]

    def __str__(self) -> str:
        return self.title_en


class Section(models.Model):
    """Questions under one heading."""

    survey = models.ForeignKey(Survey, models.CASCADE, related_name="sections")
    title_en = models.CharField(_("heading"), max_length=200)
    title_hi = models.CharField(_("heading in Hindi"), max_length=200, blank=True)
    per_cluster = models.BooleanField(_("asked for each cluster"), default=True)
    position = models.PositiveSmallIntegerField(_("place"))

    class Meta:
        ordering = ["survey", "position", "pk"]
        triggers = [_frozen(OF_SURVEY)]

    def __str__(self) -> str:
        return self.title_en


class Question(models.Model):
    """One question; asked of the groups named, of all where none is."""

    section = models.ForeignKey(Section, models.CASCADE, related_name="questions")
    code = models.SlugField(_("short name"), max_length=40)
    kind = models.CharField(_("kind of answer"), max_length=20, choices=QuestionKind.choices)
    text_en = models.TextField(_("question"))
    text_hi = models.TextField(_("question in Hindi"), blank=True)
    labels_en = ArrayField(
        models.CharField(max_length=120), verbose_name=_("labels"), default=list, blank=True
    )
    labels_hi = ArrayField(
        models.CharField(max_length=120),
        verbose_name=_("labels in Hindi"),
        default=list,
        blank=True,
    )
    groups = ArrayField(
        models.CharField(max_length=40), verbose_name=_("asked of"), default=list, blank=True
    )
    is_scored = models.BooleanField(_("counts towards the score"), default=True)
    position = models.PositiveSmallIntegerField(_("place"))

    class Meta:
        ordering = ["section__position", "position", "pk"]
        triggers = [_frozen(OF_SECTION)]

    def __str__(self) -> str:
        return self.text_en
