"""Words of the indicators: statistics over measures, states of a framework, and who may approve one."""

from __future__ import annotations

from decimal import Decimal
from typing import NamedTuple

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from sankul.core.rules.roles import Permission, Role


class Statistic(TextChoices):
    """How the rows of a measure become one value for a cluster and a period."""

    SUM = "sum", _("sum of the credited quantities")
    COUNT = "count", _("number of credited records")
    MEAN = "mean", _("mean of the credited quantities")
    ORGANISATIONS = "distinct_organisations", _("number of different organisations credited")
    PER_MONTH = "per_month", _("sum of the credited quantities, per month of the period")


class FrameworkStatus(TextChoices):
    """A framework is drafted, then approved by the apex committee and frozen for good.

    An illustrative one is frozen too, but no committee approved it: it shows what the public record alone allows to say.
    """

    DRAFT = "draft", _("Draft")
    APPROVED = "approved", _("Approved")
    ILLUSTRATIVE = "illustrative", _("Illustrative: not approved by the apex committee")


class Tally(NamedTuple):
    """What a measure's rows say of one cluster and period: evidenced totals beside all that was submitted.

    ``void`` of the evidenced ``records`` have a quantity of 0, because they were rejected: they are known, to be nothing.
    """

    quantity: Decimal
    records: int
    organisations: int
    submitted: int
    is_nil: bool = False
    void: int = 0

    @property
    def counted(self) -> int:
        """Evidenced records that are something."""
        return self.records - self.void

    @property
    def coverage(self) -> Decimal | None:
        """Share of the submitted records that evidence supports; None when nothing was submitted."""
        if self.is_nil and not self.submitted:
            return Decimal(1)
        return Decimal(self.records) / self.submitted if self.submitted else None


SEE_FRAMEWORKS = Permission(
    "indicators.see_frameworks", _("See approved frameworks"), frozenset({Role.PUBLIC})
)
SEE_DRAFT_FRAMEWORKS = Permission(
    "indicators.see_draft_frameworks",
    _("See drafts of frameworks"),
    frozenset({Role.PROGRAMME_OFFICER, Role.APEX_MEMBER, Role.EVALUATOR}),
)
DRAFT_FRAMEWORK = Permission(
    "indicators.draft_framework", _("Draft a framework"), frozenset({Role.PROGRAMME_OFFICER})
)
APPROVE_FRAMEWORK = Permission(
    "indicators.approve_framework", _("Approve a framework"), frozenset({Role.APEX_MEMBER})
)


def value_of(tally: Tally | None, statistic: Statistic, *, months: int) -> Decimal | None:
    """The value of an indicator from a tally, or None where evidence is missing.

    Missing is not zero: zero comes only from a declaration of nothing, or from records that were all rejected. ``months`` is the
    length of the period.
    """
    if tally is None or (tally.records == 0 and not tally.is_nil):
        return None
    if tally.counted == 0:
        return None if statistic == Statistic.MEAN else Decimal(0)
    match statistic:
        case Statistic.SUM:
            return tally.quantity
        case Statistic.COUNT:
            return Decimal(tally.counted)
        case Statistic.MEAN:
            return tally.quantity / tally.counted
        case Statistic.ORGANISATIONS:
            return Decimal(tally.organisations)
        case Statistic.PER_MONTH:
            return tally.quantity / months
