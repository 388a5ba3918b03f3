"""The claims that clusters make, kind by kind, and the law of a claim's life."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from django.db.models import TextChoices
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from sankul.core.rules.roles import Permission, Role
from sankul.core.rules.verdicts import ALLOWED, Verdict, refused

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


class Unit(StrEnum):
    """Units of claimed quantities."""

    COUNT = "count"
    INR = "INR"
    PEOPLE = "people"
    SCORE = "score"
    HOURS = "hours"

    @property
    def label(self) -> StrOrPromise:
        """The unit in words."""
        return UNIT_LABELS[self]


UNIT_LABELS: dict[Unit, StrOrPromise] = {
    Unit.COUNT: _("in number"),
    Unit.INR: _("rupees"),
    Unit.PEOPLE: _("people"),
    Unit.SCORE: _("on a scale from 1 to 5"),
    Unit.HOURS: _("hours"),
}


class Kind(NamedTuple):
    """A kind of claim: its code, the outcome (1 to 14) it belongs to, its title, and the unit of its quantity."""

    code: str
    outcome: int
    title: StrOrPromise
    unit: Unit
    ask: StrOrPromise


KINDS = {
    kind.code: kind
    for kind in (
        Kind("deployment", 1, _("Commercial deployment of a solution to a city's problem"), Unit.COUNT,
            _("deployments in use")),
        Kind("deployment_users", 1, _("Users served by a deployed solution"), Unit.PEOPLE,
            _("people served in the period")),
        Kind("sponsored_research", 2, _("Research sponsored by industry"), Unit.INR,
            _("value of the agreement in rupees")),
        Kind("graduate_project", 2, _("Graduate project with industry"), Unit.COUNT,
            _("projects completed")),
        Kind("centre_of_excellence", 2, _("Joint centre of excellence"), Unit.COUNT,
            _("centres opened")),
        Kind("international_output", 3, _("Joint outcome with an international partner"), Unit.COUNT,
            _("papers, products, courses or patents made together")),
        Kind("government_partnership", 4, _("Partnership with a local government or line ministry"), Unit.COUNT,
            _("agreements in force")),
        Kind("training_event", 5, _("Training, workshop or capacity building across institutions"), Unit.COUNT,
            _("events held")),
        Kind("training_attendance", 5, _("Attendance at training across institutions"), Unit.PEOPLE,
            _("people who attended")),
        Kind("facility_access", 6, _("Access to a shared facility by another institution"), Unit.HOURS,
            _("hours of use by an outside institution")),
        Kind("entrepreneurship_programme", 7, _("Innovation or entrepreneurship programme for scientists"), Unit.PEOPLE,
            _("scientists who completed it")),
        Kind("outreach_item", 8, _("Science blog, video, podcast or outreach event"), Unit.COUNT,
            _("items published or held")),
        Kind("patent_commercialised", 9, _("Patent licensed and in commercial use"), Unit.COUNT,
            _("patents licensed")),
        Kind("royalty_receipt", 9, _("Royalty received on a patent"), Unit.INR,
            _("rupees received")),
        Kind("venture_supported", 10, _("Science-based venture supported"), Unit.COUNT,
            _("ventures")),
        Kind("jobs_created", 10, _("Jobs created by supported ventures"), Unit.PEOPLE,
            _("jobs filled")),
        Kind("ip_export_receipt", 11, _("Royalty, copyright or licence fee from abroad"), Unit.INR,
            _("rupees received")),
        Kind("rd_fdi", 11, _("Foreign direct investment into R&D"), Unit.INR,
            _("rupees received")),
        Kind("venture_revenue", 12, _("Revenue of supported ventures"), Unit.INR,
            _("rupees of audited revenue")),
        Kind("venture_investment", 12, _("Investment raised by supported ventures"), Unit.INR,
            _("rupees received")),
        Kind("feedback_score", 13, _("360-degree feedback on the ease of doing science"), Unit.SCORE,
            _("mean score of a stakeholder group, 1 to 5")),
        Kind("own_income", 14, _("Income other than the government's grant"), Unit.INR,
            _("rupees received")),
        Kind("operating_cost", 14, _("Operating cost"), Unit.INR,
            _("rupees spent")),
    )
}  # fmt: skip
KIND_CHOICES = [(kind.code, kind.title) for kind in KINDS.values()]

OUTCOMES: dict[int, StrOrPromise] = {
    1: _("Commercial deployment of solutions for city-specific problems"),
    2: _("Industry–academia partnerships"),
    3: _("International academic partnerships with joint outcomes"),
    4: _("Partnerships with local governments and line ministries"),
    5: _("Inter-institutional training and capacity building"),
    6: _("Ease of access to shared facilities"),
    7: _("Technology-innovation and entrepreneurship programmes for scientists"),
    8: _("Science blogs, videos, podcasts and outreach"),
    9: _("Patents commercialised and earning royalty"),
    10: _("Societal value through science-based entrepreneurship"),
    11: _("Global standing"),
    12: _("Growth and wealth"),
    13: _("360-degree feedback on the ease of doing science and technology"),
    14: _("Progress to financial self-sufficiency"),
}
"""The twelve indicative measurable outcomes of the programme, and two that its rules ask for (psa.gov.in/st-clusters)."""


class ClaimStatus(TextChoices):
    """Where a claim is in its life."""

    DRAFT = "draft", pgettext_lazy("claim", "Draft")
    SUBMITTED = "submitted", pgettext_lazy("claim", "Submitted")
    WITHDRAWN = "withdrawn", pgettext_lazy("claim", "Withdrawn")


class CreditRole(TextChoices):
    """What a partner did for a joint result; the share of the credit goes with it."""

    LED = "led", _("Led")
    CONTRIBUTED = "contributed", _("Contributed")
    ENABLED = "enabled", _("Enabled")


ROLE_WEIGHT = {
    CreditRole.LED: Decimal(3),
    CreditRole.CONTRIBUTED: Decimal(2),
    CreditRole.ENABLED: Decimal(1),
}
"""Relative credit when no shares are agreed: fractional counting, so that one result is never counted twice."""

SEE_CLAIMS = Permission(
    "outcomes.see_claims",
    _("See a cluster's claims before they are public"),
    frozenset({Role.PROGRAMME_OFFICER, Role.EVALUATOR, Role.CLUSTER_CEO, Role.CLUSTER_STAFF}),
)
RECORD_CLAIM = Permission(
    "outcomes.record_claim",
    _("Record, submit and withdraw a cluster's claims"),
    frozenset({Role.CLUSTER_CEO, Role.CLUSTER_STAFF}),
)
RECORD_FEEDBACK = Permission(
    "outcomes.record_feedback",
    _("Record the 360-degree feedback on a cluster"),
    frozenset({Role.EVALUATOR}),
)
DECLARE_NIL = Permission(
    "outcomes.declare_nil",
    _("Declare that a cluster did nothing of a kind in a period"),
    frozenset({Role.CLUSTER_CEO}),
)


RECORDED_BY = {"feedback_score": RECORD_FEEDBACK}
"""Kinds that nobody may record about himself."""
SCORE_LOW, SCORE_HIGH = Decimal(1), Decimal(5)
WHOLE_UNITS = frozenset({Unit.COUNT, Unit.PEOPLE})
ATTACHABLE = frozenset({ClaimStatus.DRAFT, ClaimStatus.SUBMITTED})


def permission_to_record(kind: str) -> Permission:
    """Who records claims of a kind: the cluster itself, or the evaluator what others say of it."""
    return RECORDED_BY.get(kind, RECORD_CLAIM)


def default_shares(roles: Sequence[CreditRole]) -> list[Decimal]:
    """Shares by declared role, in the proportion of ``ROLE_WEIGHT``; their sum is exactly 1.

    Rounded down to six decimals, with the remainder given to the first. Raises ValueError for an empty list.
    """
    if not roles:
        raise ValueError("a result needs at least one credit")
    total = sum(ROLE_WEIGHT[role] for role in roles)
    unit = Decimal("0.000001")
    shares = [(ROLE_WEIGHT[role] / total // unit) * unit for role in roles]
    shares[0] += 1 - sum(shares)
    return shares


def why_not_kind(code: str) -> Verdict:
    """Whether there is such a kind of claim."""
    if code in KINDS:
        return ALLOWED
    return refused(
        _t("“%(code)s” is no kind of claim. The kinds are: %(kinds)s.")
        % {"code": code, "kinds": ", ".join(KINDS)}
    )


def why_not_quantity(kind: Kind, quantity: Decimal) -> Verdict:
    """Whether a quantity can be one of this kind: above 0, whole where things or people are counted, a score from 1 to 5."""
    if not quantity.is_finite() or quantity <= 0:
        return refused(
            _t("The quantity lies above 0. Where there was nothing, declare a nil return.")
        )
    if quantity >= Decimal(10) ** 14 or quantity != round(quantity, 4):
        return refused(_t("The quantity has at most 14 digits before the point and 4 after it."))
    if kind.unit in WHOLE_UNITS and quantity != quantity.to_integral_value():
        return refused(_t("The quantity is a whole number: %s.") % kind.ask)
    if kind.unit == Unit.SCORE and not SCORE_LOW <= quantity <= SCORE_HIGH:
        return refused(_t("The quantity is a mean score from 1 to 5."))
    return ALLOWED


def why_not_submit(*, status: str, on: date, programme_starts_on: date, today: date) -> Verdict:
    """Whether a claim may be submitted; a claim without a document may, but it does not count."""
    if status != ClaimStatus.DRAFT:
        return refused(_t("Only a draft can be submitted."))
    if on > today:
        return refused(_t("The date lies in the future: submit it when it has happened."))
    if on < programme_starts_on:
        return refused(
            _t("The date is before the programme began; what was there before is not its result.")
        )
    return ALLOWED


def why_not_revise(status: str) -> Verdict:
    """Whether a claim may be changed."""
    if status == ClaimStatus.DRAFT:
        return ALLOWED
    return refused(
        _t(
            "Only a draft can be changed. Withdraw this claim and record it again with its own reference."
        )
    )


def why_not_attach(status: str) -> Verdict:
    """Whether a document may be put behind a claim: evidence may come after the claim, not after its withdrawal."""
    if status in ATTACHABLE:
        return ALLOWED
    return refused(_t("This claim is withdrawn: it needs no document any more."))


def why_not_withdraw(status: str) -> Verdict:
    """Whether a claim may be withdrawn."""
    if status != ClaimStatus.WITHDRAWN:
        return ALLOWED
    return refused(_t("This claim is withdrawn already."))


def why_not_shares(shares: Sequence[Decimal]) -> Verdict:
    """Whether the shares of one result may stand: each in (0, 1] to six decimals, together no more than 1."""
    if not shares:
        return refused(_t("A result needs at least one partner to credit."))
    if any(not share.is_finite() or not 0 < share <= 1 for share in shares):
        return refused(_t("Each share lies above 0 and up to 1."))
    if any(share != round(share, 6) for share in shares):
        return refused(_t("A share has at most six decimals."))
    if sum(shares) > 1:
        return refused(_t("The shares of one result add up to more than 1."))
    return ALLOWED


def why_not_nil(*, kind: str, ends_on: date, today: date, claims: int) -> Verdict:
    """Whether a cluster may declare that it had nothing of a kind in a period, beside ``claims`` that stand."""
    if kind in RECORDED_BY:
        return refused(
            _t("Others record this kind, so a cluster cannot declare that there is none.")
        )
    if ends_on >= today:
        return refused(_t("The period is not over: declare it when nothing more can happen."))
    if claims:
        return refused(
            _t(
                "%d submitted claims of this kind credit the cluster in this period. Withdraw them first."
            )
            % claims
        )
    return ALLOWED
