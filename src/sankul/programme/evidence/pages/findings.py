"""What plausibility rules found: lists, one finding with its answers, the ruling; and the rules themselves, for everybody."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from sankul.core import exports, formats
from sankul.core.actions import documents, work
from sankul.core.doors import Listing, Request, filtered, listing
from sankul.core.exports import Dataset, Field, Type
from sankul.core.rules.roles import require, verdict
from sankul.core.rules.verdicts import Forbidden, Refused
from sankul.core.ui import (
    Column,
    Confirm,
    Crumbs,
    Day,
    Entry,
    Link,
    Moment,
    Pages,
    State,
    Summary,
    Table,
    Tone,
    href_with,
)
from sankul.programme.evidence import tasks
from sankul.programme.evidence.actions import plausibility as actions
from sankul.programme.evidence.forms import AnswerForm, RulingForm
from sankul.programme.evidence.models import PlausibilityFinding
from sankul.programme.evidence.queries import plausibility as queries
from sankul.programme.evidence.rules import (
    ANSWER_PLAUSIBILITY,
    CHECK_PLAUSIBILITY,
    PENDING,
    PLAUSIBILITY,
    RULE_ON_PLAUSIBILITY,
    Doubt,
    Severity,
)
from sankul.programme.outcomes.rules import KINDS
from sankul.programme.registry.models import Programme
from sankul.programme.registry.queries import clusters

STATES = {
    Doubt.OPEN: Tone.ATTENTION,
    Doubt.ANSWERED: Tone.UNKNOWN,
    Doubt.UPHELD: Tone.PROBLEM,
    Doubt.DISMISSED: Tone.GOOD,
    Doubt.RESOLVED: Tone.GOOD,
}
SEVERITIES = {
    Severity.HIGH: Tone.PROBLEM,
    Severity.MEDIUM: Tone.ATTENTION,
    Severity.LOW: Tone.UNKNOWN,
}
WEIGHTS = {
    Severity.HIGH: gettext_lazy("high"),
    Severity.MEDIUM: gettext_lazy("medium"),
    Severity.LOW: gettext_lazy("low"),
}
FILTERS = {
    "state": "state", "rule": "rule", "severity": "severity", "cluster": "cluster__slug", "claim": "claim",
    "period": "period__label",
}  # fmt: skip
EXPORT = Dataset(
    "plausibility",
    gettext_lazy("Findings of the plausibility rules"),
    gettext_lazy("What rules found of claims, and what became of it, as far as you may see it."),
    (
        Field("number", Type.WHOLE, gettext_lazy("Number of the finding"), "pk"),
        Field("programme", Type.TEXT, gettext_lazy("Programme"), "programme__slug"),
        Field("is_demonstration", Type.TRUTH, gettext_lazy("Fictional"), "programme__is_demonstration"),
        Field("cluster", Type.TEXT, gettext_lazy("Cluster"), "cluster__slug"),
        Field("period", Type.TEXT, gettext_lazy("Period"), "period__label"),
        Field("claim", Type.TEXT, gettext_lazy("The cluster's reference of the claim"), "claim__reference"),
        Field("title", Type.TEXT, gettext_lazy("Title of the claim"), "claim__title"),
        Field("rule", Type.TEXT, gettext_lazy("Code of the rule")),
        Field("severity", Type.TEXT, gettext_lazy("How much it weighs")),
        Field("state", Type.TEXT, gettext_lazy("Where it is")),
        Field("found_on", Type.DATE, gettext_lazy("Day on which it was found"), "found_at__date"),
        Field("gone_on", Type.DATE, gettext_lazy("Day since which it is no longer so"), "gone_at__date"),
        Field("ruled_on", Type.DATE, gettext_lazy("Day of the ruling"), "ruled_at__date"),
        Field("consequence", Type.TEXT, gettext_lazy("What became of the claim")),
        Field("reason", Type.TEXT, gettext_lazy("Reason of the ruling")),
    ),
    queries.visible,
)  # fmt: skip
FILES = ("csv", "xlsx")


class Forms(NamedTuple):
    """The forms that a reader of a finding may fill in; None: not his to fill in, or not now."""

    answer: AnswerForm | None
    ruling: RulingForm | None


@require_safe
def findings(request: Request) -> HttpResponseBase:
    """Findings that one may see, with filters, ``?as=csv`` and ``?as=xlsx``; for everybody, counts of what is published."""
    rows = queries.visible(request.actor)
    if (form := request.GET.get("as")) in FILES:
        chosen = filtered(request, rows, FILTERS).order_by("pk")
        return exports.answer(EXPORT, EXPORT.of(chosen), str(form))
    may_see = queries.may_see_any(request.actor)
    page = listing(
        request,
        rows,
        search=("claim__title", "claim__reference"),
        sorts={"found": "found_at", "rule": "rule"},
        filters=FILTERS,
        default="-found",
    )
    context = {
        "may_see": may_see,
        "page": page,
        "table": _list(request, page) if may_see else None,
        "pages": Pages(
            request.GET, page=page.page, last=page.page + page.has_next, total=page.total
        ),
        "counts": _counts(),
        "states": Doubt.choices,
        "severities": Severity.choices,
        "rules": [(rule.code, rule.title) for rule in PLAUSIBILITY.values()],
        "clusters": clusters.visible(request.actor),
        "programmes": Programme.objects.order_by("name"),
        "runs": _runs(request),
        "csv_href": href_with(request.GET, **{"as": "csv", "page": None}),
        "xlsx_href": href_with(request.GET, **{"as": "xlsx", "page": None}),
        "is_demonstration": any(row.programme.is_demonstration for row in page.rows),
    }
    return render(request, "evidence/plausibility.html", context)


@require_safe
def rules(request: Request) -> HttpResponse:
    """Every rule with its parameters, its weight and why there is it."""
    told = [
        {
            "rule": rule,
            "severity": State(SEVERITIES[rule.severity], WEIGHTS[rule.severity]),
            "kinds": None
            if len(rule.kinds) == len(KINDS)
            else [KINDS[kind].title for kind in rule.kinds],
            "parameters": [(name, _parameter(value)) for name, value in rule.parameters.items()],
        }
        for rule in PLAUSIBILITY.values()
    ]
    return render(request, "evidence/plausibility_rules.html", {"rules": told, "crumbs": _crumbs()})


@require_safe
def finding(request: Request, number: int) -> HttpResponse:
    """One finding: what the rule says, the claims, the answers, the ruling, and the forms that are the reader's."""
    found = _found(request, number)
    return _page(request, found, _forms(request, found))


@require_POST
def answer(request: Request, number: int) -> HttpResponse:
    """Send an answer, with a document."""
    found = _found(request, number)
    require(request.actor, ANSWER_PLAUSIBILITY, *found.scopes)
    form = AnswerForm(request.POST, request.FILES)
    if form.is_valid() and _answered(request, found, form):
        return redirect("plausibility-finding", number)
    return _page(request, found, _forms(request, found)._replace(answer=form), status=422)


@require_POST
def rule_on(request: Request, number: int) -> HttpResponse:
    """Rule on a finding."""
    found = _found(request, number)
    require(request.actor, RULE_ON_PLAUSIBILITY, *found.scopes)
    form = RulingForm(request.POST)
    if form.is_valid() and _ruled(request, found, form):
        return redirect("plausibility-finding", number)
    return _page(request, found, _forms(request, found)._replace(ruling=form), status=422)


@require_http_methods(["GET", "HEAD", "POST"])
def check(request: Request, programme: str) -> HttpResponse:
    """Run the rules over all claims of a programme in the background, after asking."""
    found = get_object_or_404(Programme, slug=programme)
    require(request.actor, CHECK_PLAUSIBILITY, *found.scopes)
    user = request.actor.user
    if request.method == "POST" and user is not None:
        with transaction.atomic():
            title = _("Plausibility rules")
            asked = work.ask(user=user, title=title, at=request.at, total=len(PLAUSIBILITY))
            tasks.check_plausibility_asked.defer(work_id=asked.pk, programme_id=found.pk)
        return redirect("work", asked.pk)
    confirm = Confirm(
        _("Run all rules over %s now?") % found.name,
        _(
            "They run every night anyway, and after every claim that is submitted. It takes up to some minutes."
        ),
        _("Run them"),
        reverse("plausibility"),
    )
    context = {"confirm": confirm, "crumbs": _crumbs(), "is_demonstration": found.is_demonstration}
    return render(request, "evidence/confirm.html", context)


def table_of(told: Sequence[queries.Told], caption: str) -> Table:
    """Findings of one claim, for the pages that show it."""
    columns = [
        Column("rule", _("Rule")),
        Column("text", _("What it says"), fold=True),
        Column("state", _("State"), fold=True),
    ]
    rows = [
        {
            "rule": Link(one.title, _href(one.finding)),
            "text": one.text,
            "state": _state(one.finding),
        }
        for one in told
    ]
    return Table(
        caption, columns, rows, empty=_("No rule finds anything of it."), hide_caption=True
    )


def _found(request: Request, number: int) -> PlausibilityFinding:
    found = queries.detailed(request.actor).filter(pk=number).first()
    if found is None:
        raise Http404
    return found


def _forms(request: Request, found: PlausibilityFinding) -> Forms:
    if found.state not in PENDING:
        return Forms(None, None)
    may_answer = verdict(request.actor, ANSWER_PLAUSIBILITY, *found.scopes)
    may_rule = verdict(request.actor, RULE_ON_PLAUSIBILITY, *found.scopes)
    return Forms(AnswerForm() if may_answer else None, RulingForm() if may_rule else None)


def _answered(request: Request, found: PlausibilityFinding, form: AnswerForm) -> bool:
    file, given = form.cleaned_data["document"], []
    try:
        if file is not None:
            given = [documents.keep(actor=request.actor, file=file, name=file.name, at=request.at)]
        actions.answer(
            actor=request.actor, finding=found, text=form.cleaned_data["text"], documents=given, at=request.at
        )  # fmt: skip
    except Forbidden:
        raise
    except Refused as refusal:
        form.add_error(None, refusal.reason)
        return False
    messages.success(request, _("Your answer is kept. An evaluator will rule on it."))
    return True


def _ruled(request: Request, found: PlausibilityFinding, form: RulingForm) -> bool:
    ruling = form.cleaned_data["ruling"]
    given: Any = {
        "actor": request.actor, "finding": found, "reason": form.cleaned_data["reason"], "at": request.at,
    }  # fmt: skip
    try:
        if ruling == Doubt.DISMISSED:
            actions.dismiss(**given)
        else:
            actions.uphold(consequence=ruling, **given)
    except Forbidden:
        raise
    except Refused as refusal:
        form.add_error(None, refusal.reason)
        return False
    messages.success(request, _("The ruling is kept. The cluster reads it with its reason."))
    return True


def _page(
    request: Request, found: PlausibilityFinding, forms: Forms, status: int = 200
) -> HttpResponse:
    told = queries.told(request.actor, [found])[0]
    context = {
        "finding": found,
        "told": told,
        "rule": found.rule_of,
        "state": _state(found),
        "summary": _summary(found),
        "others": [Link(it.title, reverse("claim", args=[it.pk])) for it in told.others],
        "versions": _versions(queries.versions(request.actor, found)) if found.gone_at else None,
        "answers": found.answers.all(),
        "forms": forms,
        "crumbs": _crumbs(),
        "is_demonstration": found.programme.is_demonstration,
    }
    return render(request, "evidence/plausibility_finding.html", context, status=status)


def _summary(found: PlausibilityFinding) -> Summary:
    entries = [
        Entry(_("Claim"), Link(found.claim.title, reverse("claim", args=[found.claim_id]))),
        Entry(_("Reference"), found.claim.reference),
        Entry(_("Cluster"), found.cluster.name),
        Entry(_("State"), _state(found)),
        Entry(
            _("Weight"), State(SEVERITIES[Severity(found.severity)], Severity(found.severity).label)
        ),
        Entry(_("Found"), Moment(found.found_at)),
    ]
    if found.gone_at is not None:
        entries.append(Entry(_("No longer so since"), Moment(found.gone_at)))
    if found.ruled_at is not None:
        entries.append(Entry(_("Ruled"), Moment(found.ruled_at)))
        entries.append(Entry(_("By"), found.ruled_by.name if found.ruled_by else "–"))
        entries.append(Entry(_("Reason"), found.reason))
    if found.consequence:
        entries.append(Entry(_("Consequence"), found.get_consequence_display()))
    return Summary(entries)


def _versions(rows: Sequence[queries.Version]) -> Table:
    columns = [
        Column("claim", _("Claim")),
        Column("found", _("Version in which it was found"), fold=True),
        Column("gone", _("Version in which it no longer was"), fold=True),
    ]
    lines = [
        {
            "claim": Link(row.claim.title, reverse("claim", args=[row.claim.pk])),
            "found": Moment(row.found),
            "gone": Moment(row.gone) if row.changed else _("the same: something else changed"),
        }
        for row in rows
    ]
    return Table(_("Versions"), columns, lines, hide_caption=True)


def _list(request: Request, page: Listing) -> Table:
    columns = [
        Column("rule", _("Rule"), sort="rule"),
        Column("claim", _("Claim"), fold=True),
        Column("text", _("What it says"), fold=True),
        Column("cluster", _("Cluster"), fold=True),
        Column("severity", _("Weight"), fold=True),
        Column("state", _("State")),
        Column("found", _("Found"), fold=True, sort="found"),
    ]
    rows = [_line(one) for one in queries.told(request.actor, page.rows)]
    empty = (
        _("No finding fits. Take a filter away.")
        if page.is_narrowed
        else _("No rule found anything.")
    )
    return Table(_("Findings"), columns, rows, request.GET, empty=empty, hide_caption=True)


def _line(told: queries.Told) -> Mapping[str, Any]:
    found = told.finding
    severity = Severity(found.severity)
    return {
        "rule": Link(told.title, _href(found)),
        "claim": Link(found.claim.title, reverse("claim", args=[found.claim_id])),
        "text": told.text,
        "cluster": found.cluster.name,
        "severity": State(SEVERITIES[severity], WEIGHTS[severity]),
        "state": _state(found),
        "found": Day(found.found_at),
    }


def _counts() -> Table:
    columns = [
        Column("cluster", _("Cluster")),
        Column("period", _("Period")),
        *(Column(str(state), state.label, numeric=True, fold=True) for state in Doubt),
    ]
    rows = [
        {"cluster": row.cluster, "period": row.period}
        | {str(state): formats.number(row.states.get(state, 0)) for state in Doubt}
        for row in queries.published()
    ]
    empty = _("No period with findings is open to the public yet.")
    return Table(_("Findings in published periods"), columns, rows, empty=empty, hide_caption=True)


def _runs(request: Request) -> list[Any]:
    """Where the reader may run the rules, each with the last time that they ran."""
    if not request.actor.scopes(CHECK_PLAUSIBILITY):
        return []
    found = []
    for programme in Programme.objects.order_by("name"):
        if verdict(request.actor, CHECK_PLAUSIBILITY, *programme.scopes):
            last = queries.last_checked(programme)
            href = reverse("plausibility-check", args=[programme.slug])
            text = _("last run: %s") % formats.moment(last.at) if last else _("never run")
            found.append(format_html("{} ({})", Link(programme.name, href), text))
    return found


def _parameter(value: Any) -> str:
    if isinstance(value, Mapping):
        return " · ".join(f"{key}: {' / '.join(filter(None, each))}" for key, each in value.items())
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def _state(found: PlausibilityFinding) -> State:
    state = Doubt(found.state)
    return State(STATES[state], state.label)


def _href(found: PlausibilityFinding) -> str:
    return reverse("plausibility-finding", args=[found.pk])


def _crumbs() -> Crumbs:
    return Crumbs([Link(_("Plausibility"), reverse("plausibility"))])
