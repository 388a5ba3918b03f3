"""The officer's and the evaluator's steps: plan, announce, close, draw, give out, estimate, lock."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from sankul.core import formats
from sankul.core.doors import Request
from sankul.core.rules.roles import Permission, require
from sankul.core.rules.verdicts import Refused, Verdict
from sankul.core.ui import Confirm
from sankul.programme.evidence.actions import checks, settling, verifications
from sankul.programme.evidence.forms import AnnounceForm, DesignForm, DrawForm
from sankul.programme.evidence.models import Verification
from sankul.programme.evidence.queries import progress
from sankul.programme.evidence.queries import verifications as queries
from sankul.programme.evidence.rules import (
    ESTIMATE,
    PLAN,
    Design,
    VerificationStage,
    why_not_begin,
    why_not_close,
    why_not_redesign,
    why_not_step,
)
from sankul.programme.outcomes.rules import LOCK_CLAIMS
from sankul.programme.registry.models import Period

from . import shown

asks = require_http_methods(["GET", "HEAD", "POST"])


@asks
def plan(request: Request, programme: str, period: str) -> HttpResponse:
    """The design, and before it is kept what it would take and tell; later the same, to change it."""
    rows = Period.objects.select_related("programme")
    chosen = get_object_or_404(rows, programme__slug=programme, label=period)
    require(request.actor, PLAN, *chosen.programme.scopes)
    found = Verification.objects.filter(period=chosen).first()
    if found is not None:
        why_not_redesign(found.stage).enforce()
    design = found.design if found is not None else Design()
    form = _design_form(request, design)
    if request.method == "POST" and form.is_valid() and _planned(request, form, chosen, found):
        return redirect("verification", programme, period)
    previewed = form.design if form.is_bound and form.is_valid() else design
    context = {
        "period": chosen,
        "form": form,
        "expected": queries.expected(chosen, previewed) if not form.errors else None,
        "design": previewed,
        "crumbs": shown.crumbs(found),
        "is_demonstration": chosen.programme.is_demonstration,
    }
    return render(request, "evidence/plan.html", context, status=422 if form.errors else 200)


def _design_form(request: Request, design: Design) -> DesignForm:
    data = request.POST or (request.GET if "precision" in request.GET else None)
    return DesignForm(data or None, initial=DesignForm.initial_of(design))


def _planned(
    request: Request, form: DesignForm, period: Period, found: Verification | None
) -> bool:
    def act() -> None:
        given: dict[str, Any] = {"actor": request.actor, "design": form.design, "at": request.at}
        if found is None:
            verifications.plan(period=period, **given)
        else:
            verifications.redesign(verification=found, **given)

    return _done(request, form, act, _("The design is kept."))


@asks
def announce(request: Request, programme: str, period: str) -> HttpResponse:
    """Name the public number that will be used, and the days."""
    found = _entered(request, programme, period, PLAN)
    initial = {"source": found.source, "closes_on": found.closes_on, "draws_on": found.draws_on}
    form = AnnounceForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        done = _done(
            request,
            form,
            lambda: verifications.announce(
                actor=request.actor, verification=found, at=request.at, **form.cleaned_data
            ),
            _("It is announced, for everybody to read."),
        )
        if done:
            return redirect("verification", programme, period)
    return _form(
        request,
        found,
        form,
        title=_("Announce the public number"),
        lede=_(
            "Name now which number will choose the claims, so that nobody, you included, can know or steer the sample."
        ),
        verb=_("Announce"),
    )


@asks
def draw(request: Request, programme: str, period: str) -> HttpResponse:
    """Enter the number and draw the sample."""
    found = _entered(request, programme, period, PLAN)
    form = DrawForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        number = form.cleaned_data["number"]
        done = _done(
            request,
            form,
            lambda: verifications.draw(
                actor=request.actor, verification=found, number=number, at=request.at
            ),
            _("The sample is drawn. Anybody can draw it again."),
        )
        if done:
            return redirect("verification", programme, period)
    lede = _("Announced: %(source)s. It appears on %(day)s.") % {
        "source": found.source,
        "day": formats.day(found.draws_on) if found.draws_on else "–",
    }
    return _form(
        request, found, form, title=_("Draw the sample"), lede=lede, verb=_("Draw the sample")
    )


@asks
def close(request: Request, programme: str, period: str) -> HttpResponse:
    """Close the claims, after asking."""
    found = _entered(request, programme, period, PLAN)

    def act() -> str:
        made = verifications.close(actor=request.actor, verification=found, at=request.at)
        return _("%s claims are closed and frozen.") % formats.number(made.claims or 0)

    today = timezone.localdate(request.at)
    why_not = why_not_close(stage=found.stage, closes_on=found.closes_on, today=today, claims=1)
    return _asked(
        request,
        found,
        why_not,
        act,
        _("Close the claims of %(period)s?"),
        _(
            "Clusters change nothing any more but what is returned to them. The list is frozen and its digest published."
        ),
        _("Close the claims"),
    )


@asks
def begin(request: Request, programme: str, period: str) -> HttpResponse:
    """Give the sample to the verifiers, after asking."""
    found = _entered(request, programme, period, PLAN)

    def act() -> str:
        left = checks.begin(actor=request.actor, verification=found, at=request.at)
        if not left:
            return _("Every claim has its verifiers.")
        return ngettext(
            "%d look is nobody's: all verifiers have a conflict with the claim. Grant the role to one more.",
            "%d looks are nobody's: all verifiers have a conflict with the claims. Grant the role to one more.",
            left,
        ) % left  # fmt: skip

    return _asked(
        request,
        found,
        why_not_begin(stage=found.stage, verifiers=2, is_doubled=False),
        act,
        _("Share the sample of %(period)s out among the verifiers?"),
        _("Evenly, and nobody gets a claim that he has a conflict with. Work begins at once."),
        _("Share it out"),
    )


@asks
def estimate(request: Request, programme: str, period: str) -> HttpResponse:
    """Settle the findings and estimate the totals, after asking; or say all that is missing."""
    found = _entered(request, programme, period, ESTIMATE)

    def act() -> str:
        settling.estimate(actor=request.actor, verification=found, at=request.at)
        return _("The findings are settled and the totals estimated.")

    return _asked(
        request,
        found,
        progress.why_not_estimated(found, request.at),
        act,
        _("Settle the findings of %(period)s?"),
        _(
            "Every finding becomes final and the claims are judged by it. Clusters see what was found of theirs, and why."
        ),
        _("Settle and estimate"),
    )


@asks
def lock(request: Request, programme: str, period: str) -> HttpResponse:
    """Lock the claims of the period, after asking."""
    found = _entered(request, programme, period, LOCK_CLAIMS)

    def act() -> str:
        verifications.lock(actor=request.actor, verification=found, at=request.at)
        return _("The claims are locked.")

    return _asked(
        request,
        found,
        why_not_step(found.stage, VerificationStage.ESTIMATED),
        act,
        _("Lock the claims of %(period)s for good?"),
        _("Nobody changes them any more, nor their credits and documents. This cannot be undone."),
        _("Lock the claims"),
        danger=True,
    )


def _entered(request: Request, programme: str, period: str, permission: Permission) -> Verification:
    found = shown.found_or_404(request, programme, period)
    require(request.actor, permission, *found.scopes)
    return found


def _done(request: Request, form: Form, act: Callable[[], Any], said: str) -> bool:
    """Whether it was done; a refusal becomes an error of the form."""
    try:
        act()
    except Refused as refusal:
        for line in refusal.reason.splitlines():
            form.add_error(None, line)
        return False
    messages.success(request, said)
    return True


def _form(request: Request, found: Verification, form: Form, **words: str) -> HttpResponse:
    context = shown.context(found, form=form, back=shown.address("verification", found), **words)
    return render(request, "evidence/form.html", context, status=422 if form.errors else 200)


def _asked(
    request: Request,
    found: Verification,
    why_not: Verdict,
    act: Callable[[], str],
    question: str,
    consequence: str,
    verb: str,
    *,
    danger: bool = False,
) -> HttpResponse:
    """Ask, then do. What is missing is said instead of asking."""
    back = shown.address("verification", found)
    if request.method == "POST":
        messages.success(request, act())
        return redirect(back)
    confirm = Confirm(question % {"period": found.period}, consequence, verb, back, danger=danger)
    context = shown.context(found, confirm=confirm, missing=why_not.reason.splitlines(), back=back)
    return render(request, "evidence/confirm.html", context)
