"""Words and law of an evaluation: the states of a run, and who may compute, see and publish one."""

from __future__ import annotations

from django.db.models import TextChoices
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from sankul.core.rules.roles import Permission, Role
from sankul.core.rules.verdicts import ALLOWED, Verdict, refused


class RunStatus(TextChoices):
    """A run is computed, then published; publishing a newer one of the same period retires it."""

    COMPUTED = "computed", _("Computed, not published")
    PUBLISHED = "published", _("Published")
    RETIRED = "retired", _("Replaced by a later run")


class WhyNotTurned(TextChoices):
    """Why there is no smallest change of weights that turns a decision."""

    UNREACHABLE = "unreachable", _("No weights turn it")
    MISSING = "missing", _("No exact answer: values are missing")
    NOT_LINEAR = "not_linear", _("No exact answer: the method is not a weighted mean")


SEE_RUNS = Permission(
    "evaluation.see_runs",
    _("See evaluations before they are published"),
    frozenset({Role.PROGRAMME_OFFICER, Role.APEX_MEMBER, Role.EVALUATOR}),
)
COMPUTE_RUN = Permission(
    "evaluation.compute",
    _("Compute an evaluation"),
    frozenset({Role.PROGRAMME_OFFICER, Role.EVALUATOR}),
)
PUBLISH_RUN = Permission(
    "evaluation.publish", _("Publish an evaluation"), frozenset({Role.APEX_MEMBER})
)


def why_not_publish(*, status: str, records_changed: bool) -> Verdict:
    """Whether a run may be published."""
    if status != RunStatus.COMPUTED:
        return refused(_t("Only a computed run that is not yet published can be published."))
    if records_changed:
        return refused(
            _t("Records have changed since this run was computed. Compute it again, then publish.")
        )
    return ALLOWED
