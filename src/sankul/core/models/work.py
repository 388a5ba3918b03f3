"""Long work that goes on in the background, and how far it is."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from .identity import User


class Work(models.Model):
    """One piece of background work that somebody asked for."""

    class State(models.TextChoices):
        """Where it is."""

        WAITING = "waiting", _("waiting")
        RUNNING = "running", _("running")
        DONE = "done", _("done")
        REFUSED = "refused", _("could not be done")

    title = models.CharField(_("work"), max_length=200)
    asked_by = models.ForeignKey(User, models.CASCADE, related_name="work")
    asked_at = models.DateTimeField(_("asked"))
    ended_at = models.DateTimeField(_("ended"), null=True)
    state = models.CharField(max_length=20, choices=State.choices, default=State.WAITING)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(null=True)
    message = models.TextField(blank=True)
    href = models.CharField(_("where the result is"), max_length=300, blank=True)

    class Meta:
        ordering = ["-asked_at"]

    def __str__(self) -> str:
        return self.title
