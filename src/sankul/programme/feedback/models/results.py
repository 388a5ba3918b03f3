"""What is left after counting: the protected table, turnout, digests of receipts, and texts that were moderated.

Nothing here says more about an answer than what is published: single answers are not stored at all.
"""

from __future__ import annotations

import pgtrigger
from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from sankul.programme.feedback.rules import CellState, CommentState
from sankul.programme.registry.models import Cluster

from .surveys import Group, Question, Survey

FIGURES = ("raters", "mean", "shrunken", "low", "high", "dont_know", "no_answer", "shares")
FROZEN = """
    IF TG_OP = 'DELETE' THEN it := OLD; ELSE it := NEW; END IF;
    IF EXISTS (SELECT 1 FROM feedback_survey s WHERE s.id = it.survey_id AND s.status = 'released') THEN
        RAISE EXCEPTION 'the results are released'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'results_frozen';
    END IF;
    RETURN it;
"""


def _frozen() -> pgtrigger.Trigger:
    return pgtrigger.Trigger(
        name="frozen",
        when=pgtrigger.Before,
        operation=pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete,
        declare=[("it", "record")],
        func=FROZEN,
    )


class Cell(models.Model):
    """One figure: what a group says of a cluster in answer to a question (None: the score, the mean over all questions).

    Without a group it is the weighted mean of the groups that are shown or, ``is_pooled``, the mean of everybody together.

    ``raters`` are those who gave a rating; ``mean`` of 1 to 5, ``shrunken`` towards the mean of all clusters with its interval
    ``low`` to ``high``; ``dont_know`` and ``no_answer`` are shares of those asked; ``shares`` those of each choice. All are
    empty where the figure is not shown, so that the database says no more than the page.
    """

    survey = models.ForeignKey(Survey, models.PROTECT, related_name="cells")
    cluster = models.ForeignKey(Cluster, models.PROTECT, related_name="+")
    group = models.ForeignKey(Group, models.PROTECT, null=True, related_name="+")
    question = models.ForeignKey(Question, models.PROTECT, null=True, related_name="+")
    is_pooled = models.BooleanField(_("everybody together"), default=False)
    state = models.CharField(_("state"), max_length=20, choices=CellState.choices)
    raters = models.PositiveIntegerField(_("raters"), null=True)
    mean = models.DecimalField(_("mean"), max_digits=6, decimal_places=4, null=True)
    shrunken = models.DecimalField(_("shrunken mean"), max_digits=6, decimal_places=4, null=True)
    low = models.DecimalField(_("lower end"), max_digits=6, decimal_places=4, null=True)
    high = models.DecimalField(_("upper end"), max_digits=6, decimal_places=4, null=True)
    dont_know = models.DecimalField(
        _("share of “don't know”"), max_digits=5, decimal_places=4, null=True
    )
    no_answer = models.DecimalField(
        _("share without an answer"), max_digits=5, decimal_places=4, null=True
    )
    shares = models.JSONField(_("share of each choice"), null=True)

    class Meta:
        ordering = [
            "cluster__name",
            "group__position",
            "question__section__position",
            "question__position",
            "is_pooled",
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(group=None) | models.Q(is_pooled=False),
                name="cell_pooled_or_of_a_group",
            ),
            models.UniqueConstraint(
                fields=["survey", "cluster", "group", "is_pooled", "question"],
                nulls_distinct=False,
                name="cell_once",
            ),
            models.CheckConstraint(
                condition=models.Q(state=CellState.SHOWN, raters__isnull=False)
                | (
                    ~models.Q(state=CellState.SHOWN)
                    & models.Q(**{f"{name}__isnull": True for name in FIGURES})
                ),
                name="cell_empty_unless_shown",
            ),
        ]
        triggers = [_frozen()]

    def __str__(self) -> str:
        return f"{self.cluster}, {self.group or 'all'}: {self.shrunken or self.state}"


class Turnout(models.Model):
    """How many of a group were invited and how many answered: kept when the invitations are gone."""

    survey = models.ForeignKey(Survey, models.PROTECT, related_name="turnouts")
    group = models.ForeignKey(Group, models.PROTECT, related_name="+")
    invited = models.PositiveIntegerField(_("invited"))
    answered = models.PositiveIntegerField(_("answered"))

    class Meta:
        ordering = ["group__position"]
        constraints = [models.UniqueConstraint(fields=["survey", "group"], name="turnout_once")]
        triggers = [_frozen()]

    def __str__(self) -> str:
        return f"{self.group}: {self.answered} of {self.invited}"


class Receipt(models.Model):
    """The SHA-256 of a receipt that was in a counted ballot: its holder finds it here, and it tells nothing else."""

    survey = models.ForeignKey(Survey, models.PROTECT, related_name="receipts")
    digest = models.CharField(max_length=64)

    class Meta:
        ordering = ["digest"]
        constraints = [models.UniqueConstraint(fields=["survey", "digest"], name="receipt_once")]
        triggers = [_frozen()]

    def __str__(self) -> str:
        return self.digest


class Comment(models.Model):
    """An open text, about a cluster and of a group only where both are large enough; the moderator decides before the release.

    Once decided, ``text`` is what is shown: the words that were taken out are nowhere.
    """

    survey = models.ForeignKey(Survey, models.PROTECT, related_name="comments")
    question = models.ForeignKey(Question, models.PROTECT, related_name="+")
    cluster = models.ForeignKey(Cluster, models.PROTECT, null=True, related_name="+")
    group = models.ForeignKey(Group, models.PROTECT, null=True, related_name="+")
    text = models.TextField(_("text"), blank=True)
    state = models.CharField(
        _("decision"), max_length=20, choices=CommentState.choices, default=CommentState.WAITING
    )
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        ordering = ["pk"]
        triggers = [_frozen()]

    def __str__(self) -> str:
        return self.text[:60]
