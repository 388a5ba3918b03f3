"""Who is invited, with which links and letters. Personal data: no history is kept of it, and it is removed after counting."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from sankul.programme.feedback.rules import LetterState
from sankul.programme.registry.models import Cluster

from .surveys import Group, Survey


class Invitation(models.Model):
    """One person, for one group, about some clusters; and whether that person has answered, not when and not what."""

    survey = models.ForeignKey(Survey, models.CASCADE, related_name="invitations")
    group = models.ForeignKey(Group, models.PROTECT, related_name="invitations")
    name = models.CharField(_("name"), max_length=200)
    email = models.EmailField(_("e-mail address"))
    organisation = models.CharField(_("organisation"), max_length=250, blank=True)
    language = models.CharField(
        _("language"), max_length=5, choices=settings.LANGUAGES, default="en"
    )
    clusters = models.ManyToManyField(Cluster, related_name="+", verbose_name=_("clusters to rate"))
    is_answered = models.BooleanField(_("has answered"), default=False)

    class Meta:
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint("survey", Lower("email"), name="invitation_once_a_person")
        ]

    def __str__(self) -> str:
        return self.name


class Ticket(models.Model):
    """A link that was sent to somebody, known by the SHA-256 of its token alone. All links of a person end with one answer."""

    digest = models.CharField(primary_key=True, max_length=64)
    invitation = models.ForeignKey(Invitation, models.CASCADE, related_name="tickets")

    def __str__(self) -> str:
        return self.digest[:8]


class Letter(models.Model):
    """A letter to an invited person: the invitation (round 0) or a reminder. Each goes out at most once."""

    invitation = models.ForeignKey(Invitation, models.CASCADE, related_name="letters")
    round = models.PositiveSmallIntegerField(_("reminder"))
    state = models.CharField(
        _("state"), max_length=20, choices=LetterState.choices, default=LetterState.QUEUED
    )
    fault = models.CharField(_("what the mail server said"), max_length=300, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["invitation", "round"], name="letter_once_a_round")
        ]

    def __str__(self) -> str:
        return f"{self.invitation}, {self.round}"
