"""Tables of claims that a cluster sends: what was found in them, and what became of them."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from sankul.core.models import tracked
from sankul.core.rules.roles import Scope, ScopeKind
from sankul.programme.outcomes.rules import KIND_CHOICES, KINDS, Kind
from sankul.programme.outcomes.rules.imports import ImportState
from sankul.programme.registry.models import Cluster


@tracked
class Import(models.Model):
    """A table of claims of one kind: checked line by line, then taken over as a whole or not at all.

    ``documents`` are the files sent along, as name to SHA-256. ``fresh`` lines become claims, ``same`` ones are there already.
    """

    cluster = models.ForeignKey(Cluster, models.PROTECT, related_name="imports")
    kind = models.CharField(_("kind"), max_length=40, choices=KIND_CHOICES)
    name = models.CharField(_("file name"), max_length=255)
    sha256 = models.CharField(max_length=64)
    size_bytes = models.BigIntegerField(_("size in bytes"))
    submits = models.BooleanField(_("submits the claims"), default=False)
    documents = models.JSONField(default=dict)
    state = models.CharField(
        _("state"), max_length=20, choices=ImportState.choices, default=ImportState.WAITING
    )
    rows = models.PositiveIntegerField(_("lines"), default=0)
    fresh = models.PositiveIntegerField(_("new claims"), default=0)
    same = models.PositiveIntegerField(_("there already"), default=0)
    problems = models.PositiveIntegerField(_("problems"), default=0)
    notes = models.JSONField(default=list)
    asked_at = models.DateTimeField(_("sent"))
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    checked_at = models.DateTimeField(_("checked"), null=True)
    applied_at = models.DateTimeField(_("taken over"), null=True)
    applied_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )

    class Meta:
        ordering = ["-asked_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(sha256__regex=r"^[0-9a-f]{64}$"), name="import_sha256_form"
            ),
            models.CheckConstraint(
                condition=~models.Q(state=ImportState.APPLIED) | models.Q(applied_at__isnull=False),
                name="import_applied_when",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def kind_of(self) -> Kind:
        """Everything that is fixed by the kind of claim."""
        return KINDS[self.kind]

    @property
    def scopes(self) -> tuple[Scope, ...]:
        """The scopes that enclose it, narrowest first; reads the cluster."""
        return (
            Scope(ScopeKind.CLUSTER, self.cluster_id),
            Scope(ScopeKind.PROGRAMME, self.cluster.programme_id),
        )

    @property
    def path(self) -> str:
        """Where the table lies in the document storage, for those who check it."""
        return f"imports/{self.sha256}"


class ImportProblem(models.Model):
    """What is wrong at one place of a table; line 0 is the table as a whole."""

    batch = models.ForeignKey(Import, models.CASCADE, related_name="found", db_index=False)
    line = models.PositiveIntegerField(_("line"))
    column = models.CharField(_("column"), max_length=250, blank=True)
    value = models.CharField(_("what stands there"), max_length=250, blank=True)
    wrong = models.TextField(_("what is wrong"))
    expected = models.TextField(_("what is expected"), blank=True)

    class Meta:
        ordering = ["line", "pk"]
        indexes = [models.Index(fields=["batch", "line"], name="import_problem_by_line")]

    def __str__(self) -> str:
        return f"{self.line} {self.column}: {self.wrong}"
