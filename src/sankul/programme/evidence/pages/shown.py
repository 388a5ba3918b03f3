"""How verifications, quantities and findings are shown, on every page alike."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.http import Http404
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import pgettext_lazy

from sankul.core import formats
from sankul.core.doors import Request
from sankul.core.ui import Crumbs, Link, Money, State, Tone
from sankul.programme.evidence.models import Estimate, Verification
from sankul.programme.evidence.queries import verifications as queries
from sankul.programme.evidence.rules import Finding, VerificationStage
from sankul.programme.evidence.rules import State as Of
from sankul.programme.outcomes.rules import Unit

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

STAGE_TONES = {
    VerificationStage.PLANNED: Tone.UNKNOWN,
    VerificationStage.ANNOUNCED: Tone.ATTENTION,
    VerificationStage.CLOSED: Tone.ATTENTION,
    VerificationStage.DRAWN: Tone.ATTENTION,
    VerificationStage.VERIFYING: Tone.ATTENTION,
    VerificationStage.ESTIMATED: Tone.GOOD,
    VerificationStage.LOCKED: Tone.GOOD,
}
FINDING_TONES = {
    Finding.VERIFIED: Tone.GOOD,
    Finding.PARTLY: Tone.ATTENTION,
    Finding.REJECTED: Tone.PROBLEM,
    Finding.RETURNED: Tone.UNKNOWN,
}
FINDING_WORDS: dict[Finding, StrOrPromise] = {
    Finding.VERIFIED: pgettext_lazy("finding", "Verified"),
    Finding.PARTLY: pgettext_lazy("finding", "Partly verified"),
    Finding.REJECTED: pgettext_lazy("finding", "Rejected"),
    Finding.RETURNED: pgettext_lazy("finding", "Returned"),
}
STATE_TONES = {
    Of.OPEN: Tone.UNKNOWN,
    Of.DISPUTED: Tone.ATTENTION,
    Of.RETURNED: Tone.ATTENTION,
    Of.SETTLED: Tone.GOOD,
}


def found_or_404(request: Request, programme: str, period: str) -> Verification:
    """The verification of a period, if there is one that the reader may see."""
    try:
        return queries.find(request.actor, programme, period)
    except Verification.DoesNotExist:
        raise Http404 from None


def address(name: str, verification: Verification) -> str:
    """The address of a page of a verification."""
    return reverse(name, args=[verification.programme.slug, verification.period.label])


def crumbs(verification: Verification | None = None) -> Crumbs:
    """The way here."""
    links = [Link(_("Verification"), reverse("verifications"))]
    if verification is not None:
        links.append(Link(verification.period.label, address("verification", verification)))
    return Crumbs(links)


def stage(verification: Verification) -> State:
    """Where a verification is."""
    label = VerificationStage(verification.stage).label
    return State(STAGE_TONES[VerificationStage(verification.stage)], label)


def finding(word: str) -> State:
    """A finding as shape and word."""
    found = Finding(word)
    return State(FINDING_TONES[found], FINDING_WORDS[found])


def quantity(amount: Decimal | None, unit: Unit) -> Any:
    """A quantity in its unit: rupees in lakh and crore, other numbers plain."""
    if amount is None:
        return ""
    return Money(amount) if unit == Unit.INR else formats.number(amount)


def overstatement(one: Estimate | None) -> Any:
    """The share that does not stand, with its upper bound, or that nobody looked at what would tell it."""
    if one is None or one.overstatement is None:
        return format_html('<span class="muted">{}</span>', _("not estimated"))
    text = formats.percent(one.overstatement, 1)
    if one.overstatement_high is None:
        return text
    return _("%(share)s, at most %(most)s") % {
        "share": text,
        "most": formats.percent(one.overstatement_high, 1),
    }


def context(verification: Verification, **more: Any) -> dict[str, Any]:
    """What every page of a verification shows."""
    return {
        "verification": verification,
        "crumbs": crumbs(verification),
        "stage": stage(verification),
        "is_demonstration": verification.programme.is_demonstration,
        **more,
    }
