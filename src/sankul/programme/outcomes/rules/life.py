"""The law of a claim's life: what may happen to it when, and why not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple

from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from sankul.core.rules.verdicts import ALLOWED, Verdict, refused

from .facts import missing
from .kinds import KINDS, Kind, Unit
from .rights import RECORDED_BY
from .words import AMENDABLE, ATTACHABLE, JUDGED, STANDING, ClaimStatus

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

SCORE_LOW, SCORE_HIGH = Decimal(1), Decimal(5)
WHOLE_UNITS = frozenset({Unit.COUNT, Unit.PEOPLE})


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


class Wanting(NamedTuple):
    """Something that a draft does not say yet: the field of its form, and what it is called."""

    field: str
    title: StrOrPromise


def wanting(
    kind: Kind, *, quantity: Decimal | None, partners: int, facts: Mapping[str, Any]
) -> list[Wanting]:
    """What a draft must say before it is submitted, in the order in which its form asks."""
    found = [] if quantity is not None else [Wanting("quantity", _("Quantity"))]
    found += [Wanting(f"fact-{fact.code}", fact.title) for fact in missing(kind.facts, facts)]
    return found if partners else [*found, Wanting("partners", _("A partner to credit"))]


def why_not_rest(
    kind: Kind, on_kind: str, *, status: str, is_own: bool, same_programme: bool
) -> Verdict:
    """Whether a claim of ``kind`` may rest on another: of a fitting kind and programme, the cluster's own or one that stands."""
    if on_kind not in kind.rests_on:
        kinds = ", ".join(str(KINDS[code].title) for code in kind.rests_on) or _t("nothing")
        return refused(_t("“%(kind)s” rests on: %(kinds)s.") % {"kind": kind.title, "kinds": kinds})
    if not same_programme:
        return refused(_t("The claim that it rests on belongs to another programme."))
    if status == ClaimStatus.WITHDRAWN or not (is_own or status in STANDING):
        return refused(_t("The claim that it rests on does not stand."))
    return ALLOWED


def why_not_project(*, same_programme: bool, is_deployment_of_it: bool) -> Verdict:
    """Whether a claim may name a project, and a deployment of it."""
    if not same_programme:
        return refused(_t("The project belongs to another programme."))
    if not is_deployment_of_it:
        return refused(_t("The deployment belongs to another project."))
    return ALLOWED


def why_not_submit(
    *, status: str, on: date, programme_starts_on: date, today: date, missing: Sequence[str] = ()
) -> Verdict:
    """Whether a claim may be submitted; a claim without evidence may, but it does not count.

    ``missing`` names what its kind asks for and the draft does not say yet.
    """
    if status != ClaimStatus.DRAFT:
        return refused(_t("Only a draft can be submitted."))
    if missing:
        return refused(_t("Still missing: %s.") % ", ".join(missing))
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
    if status in AMENDABLE:
        return refused(_t("Only a draft can be changed. Amend this claim: it becomes one again."))
    return refused(
        _t(
            "Only a draft can be changed. Withdraw this claim and record it again with its own reference."
        )
    )


def why_not_attach(status: str) -> Verdict:
    """Whether evidence may be put behind a claim: it may come after the claim, not after its withdrawal or a judgement."""
    if status in ATTACHABLE:
        return ALLOWED
    if status in AMENDABLE:
        return refused(_t("This claim was judged as it is. Amend it first."))
    return refused(_t("This claim is withdrawn: it needs no document any more."))


def why_not_withdraw(status: str) -> Verdict:
    """Whether a claim may be withdrawn."""
    if status == ClaimStatus.WITHDRAWN:
        return refused(_t("This claim is withdrawn already."))
    if status == ClaimStatus.REJECTED:
        return refused(
            _t("This claim was rejected, and that stays on record. Amend it if it can be proved.")
        )
    return ALLOWED


def why_not_amend(status: str, reason: str) -> Verdict:
    """Whether a claim that was judged or returned may go back to its cluster to be changed, for a reason."""
    if status not in AMENDABLE:
        return refused(_t("Only a claim that was returned or judged is amended."))
    if status in JUDGED and not reason.strip():
        return refused(_t("Say why it is changed after it was judged."))
    return ALLOWED


def why_not_return(status: str, reason: str) -> Verdict:
    """Whether a claim may be given back to its cluster with a reason."""
    if status not in STANDING:
        return refused(_t("Only a claim that stands can be returned."))
    if not reason.strip():
        return refused(_t("Say what is wrong with it, so that the cluster can put it right."))
    return ALLOWED


def why_not_judge(
    kind: Kind, *, status: str, to: str, claimed: Decimal, quantity: Decimal | None, reason: str
) -> Verdict:
    """Whether a claim in ``status`` may be judged as ``to``, with the verified quantity where it is only partly so."""
    if status not in STANDING:
        return refused(_t("Only a claim that stands can be judged."))
    if to not in JUDGED:
        return refused(_t("A claim is verified, partly verified or rejected."))
    if to != ClaimStatus.VERIFIED and not reason.strip():
        return refused(_t("Give the reason: the cluster and the committee will read it."))
    if to == ClaimStatus.PARTLY_VERIFIED:
        return _why_not_partly(kind, claimed, quantity)
    if quantity not in (None, claimed if to == ClaimStatus.VERIFIED else 0):
        return refused(_t("A quantity is given only where a part is verified."))
    return ALLOWED


def _why_not_partly(kind: Kind, claimed: Decimal, quantity: Decimal | None) -> Verdict:
    if quantity is None:
        return refused(_t("Give the quantity that is verified."))
    fits = why_not_quantity(kind, quantity)
    if fits and quantity >= claimed:
        return refused(
            _t(
                "The verified part lies below what was claimed. All of it: verified. None: rejected."
            )
        )
    return fits


def why_not_change(locked_at: datetime | None) -> Verdict:
    """Whether anything of a claim may change any more."""
    if locked_at is None:
        return ALLOWED
    return refused(_t("The claims of this period are locked: what was evaluated stays as it was."))


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
