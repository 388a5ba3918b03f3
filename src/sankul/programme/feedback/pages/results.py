"""Released results, and the list of receipts."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from sankul.core import formats
from sankul.core.doors import Request, asked
from sankul.core.rules.roles import require
from sankul.core.ui import (
    Absence,
    Column,
    Crumbs,
    Figure,
    Link,
    Notice,
    Table,
    Tone,
)
from sankul.programme.feedback.models import Cell, Group, Question, Survey
from sankul.programme.feedback.queries import results as queries
from sankul.programme.feedback.queries import surveys
from sankul.programme.feedback.rules import (
    CONDUCT,
    SEE_RESULTS,
    CellState,
    QuestionKind,
    SurveyStatus,
    sealing,
)
from sankul.programme.registry.models import Cluster

from .surveys import rates_table, survey_context

ABSENT = {
    CellState.SMALL: Absence.SUPPRESSED,
    CellState.COMPLEMENTARY: Absence.SUPPRESSED,
    CellState.NONE: Absence.MISSING,
}


@require_safe
def results(request: Request, number: int) -> HttpResponse:
    """Results of the clusters that one may see; of one (``?cluster=``) question by question, with texts."""
    survey = get_object_or_404(surveys.visible(request.actor), pk=number)
    if survey.status != SurveyStatus.RELEASED:
        require(request.actor, CONDUCT, *survey.scopes)
    clusters = list(queries.clusters_seen(request.actor, survey))
    if not clusters:
        require(request.actor, SEE_RESULTS, *survey.scopes)
    chosen = next((one for one in clusters if one.slug == asked(request, "cluster")), None)
    if chosen is None and len(clusters) == 1:
        chosen = clusters[0]
    groups = list(survey.groups.all())
    context = survey_context(request.actor, survey) | {
        "notice": _notice(survey),
        "clusters": clusters,
        "chosen": chosen,
        "scores": _scores(survey, clusters, groups),
        "detail": _detail(survey, chosen, groups) if chosen else None,
        "choices": _choices(survey, chosen, groups) if chosen else None,
        "comments": queries.comments(survey, [chosen]) if chosen else (),
        "rates": rates_table(survey, public=True),
        "severity": survey.severity,
        "levels": _levels(survey, clusters),
        "may_release": survey.status == SurveyStatus.COUNTED,
        "sees_all": queries.may_see_all(request.actor, survey),
    }
    return render(request, "feedback/results.html", context)


@require_safe
def receipts(request: Request, number: int) -> HttpResponse:
    """Whether a receipt (``?receipt=``) is in the count, and the list of all: SHA-256 digests, sorted."""
    survey = get_object_or_404(
        Survey.objects.select_related("programme", "period"),
        pk=number,
        status=SurveyStatus.RELEASED,
    )
    receipt = asked(request, "receipt")[:100]
    digest = sealing.receipt_digest(receipt)
    context = {
        "survey": survey,
        "receipt": receipt,
        "digest": digest,
        "is_counted": survey.receipts.filter(digest=digest).exists(),
        "digests": survey.receipts.values_list("digest", flat=True),
        "crumbs": Crumbs([Link(_("Surveys"), reverse("surveys"))]),
        "is_demonstration": survey.programme.is_demonstration,
    }
    return render(request, "feedback/receipts.html", context)


def _notice(survey: Survey) -> Notice | None:
    if survey.status == SurveyStatus.RELEASED:
        return None
    return Notice(
        Tone.ATTENTION,
        _("Only the evaluator sees this page before the release."),
        title=_("Not released"),
    )


def _scores(survey: Survey, clusters: list[Cluster], groups: list[Group]) -> Table:
    """One row a cluster: the overall score and the score of each group."""
    columns = [
        Column("cluster", _("Cluster")),
        Column("all", _("All groups"), numeric=True),
        *(Column(group.code, group.title_en, numeric=True, fold=True) for group in groups),
    ]
    rows = [
        {"cluster": Link(one.cluster.name, f"?cluster={one.cluster.slug}")}
        | {"all": _overall(one, None)}
        | {group.code: _figure(one.at(group, None)) for group in groups}
        for one in queries.by_cluster(survey, clusters)
    ]
    note = _(
        "Scores from 1 to 5, means of the questions, each drawn towards the mean of all clusters as far "
        "as few answers leave it uncertain, with nine-in-ten intervals; means end at 1.2 and 4.8. All "
        "groups: the weighted mean of the groups that are shown or, where none is large enough, the mean "
        "of everybody together."
    )
    return Table(_("Scores"), columns, rows, note=note)


def _detail(survey: Survey, cluster: Cluster, groups: list[Group]) -> Table:
    """One row a question of the scale, with the figure of each group."""
    (found,) = queries.by_cluster(survey, [cluster])
    columns = [
        Column("question", _("Question")),
        Column("all", _("All groups"), numeric=True),
        *(Column(group.code, group.title_en, numeric=True, fold=True) for group in groups),
    ]
    rows = [
        {"question": question.text_en, "all": _overall(found, question)}
        | {group.code: _figure(found.at(group, question)) for group in groups}
        for question in _asked(survey, QuestionKind.LIKERT)
    ]
    return Table(_("Question by question: %s") % cluster, columns, rows)


def _levels(survey: Survey, clusters: list[Cluster]) -> Table | None:
    """Levels of clusters adjusted for the severity of their raters, where that can be told."""
    found = survey.severity.get("levels", {})
    columns = [
        Column("cluster", _("Cluster")),
        Column("level", _("Adjusted for severity"), numeric=True),
        Column("error", _("Standard error"), numeric=True),
    ]
    rows = [
        {"cluster": one.name}
        | {
            name: formats.number(value, 1)
            for name, value in zip(("level", "error"), found[one.slug], strict=True)
        }
        for one in clusters
        if one.slug in found
    ]
    return Table(_("Levels adjusted for severe and mild raters"), columns, rows) if rows else None


def _choices(survey: Survey, cluster: Cluster, groups: list[Group]) -> list[Table]:
    """One table a question with choices: the share of each, by group."""
    (found,) = queries.by_cluster(survey, [cluster])
    tables = []
    for question in _asked(survey, QuestionKind.CHOICE):
        columns = [
            Column("choice", _("Answer")),
            *(Column(group.code, group.title_en, numeric=True, unit="%") for group in groups),
        ]
        rows: list[dict[str, Any]] = [
            {"choice": label}
            | {group.code: _choice_share(found.at(group, question), place) for group in groups}
            for place, label in enumerate(question.labels_en)
        ]
        tables.append(Table(question.text_en, columns, rows))
    return tables


def _asked(survey: Survey, kind: QuestionKind) -> list[Question]:
    rows = Question.objects.filter(section__survey=survey, section__per_cluster=True, kind=kind)
    return list(rows.order_by("section__position", "position", "pk"))


def _choice_share(cell: Cell | None, place: int) -> Any:
    if cell is None:
        return "–"
    if cell.state != CellState.SHOWN or not cell.shares:
        return Figure(None, absent=ABSENT.get(CellState(cell.state), Absence.SUPPRESSED))
    return formats.number(100 * cell.shares[place], 0)


def _overall(found: queries.OfCluster, question: Question | None) -> Any:
    """The weighted figure of the groups shown or, where none is, that of everybody together."""
    everybody = found.at(None, question, pooled=True)
    if everybody is not None and everybody.state == CellState.SHOWN:
        return format_html(
            '{}<span class="figure__note">{}</span>', _figure(everybody), _("everybody together")
        )
    return _figure(found.at(None, question))


def _figure(cell: Cell | None) -> Any:
    """A figure with its interval and the number of raters, or why there is none; a dash where the question was not asked."""
    if cell is None:
        return "–"
    if cell.state != CellState.SHOWN:
        return Figure(None, absent=ABSENT[CellState(cell.state)])
    value = cell.shrunken if cell.shrunken is not None else cell.mean
    return Figure(
        value,
        places=2,
        low=cell.low,
        high=cell.high,
        unit=_("of %d") % (cell.raters or 0) if cell.raters else "",
    )
