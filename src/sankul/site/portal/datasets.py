"""Open data: every public table with its dictionary, as CSV, JSON and Parquet."""

from __future__ import annotations

import polars as pl
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from sankul.core.doors import Request
from sankul.core.exports import DECIMAL, FORMATS, Dataset, Field, download
from sankul.programme.evaluation.models import Standing, Value
from sankul.programme.evaluation.queries import runs
from sankul.programme.indicators.models import Indicator
from sankul.programme.indicators.rules import FrameworkStatus
from sankul.programme.outcomes.models import Claim
from sankul.programme.outcomes.rules import ClaimStatus
from sankul.programme.registry.models import Cluster, Fact

PROGRAMME = Field("programme", pl.String, _("short name of the programme"), "programme__slug")
DEMONSTRATION = _("whether the programme is the fictional demonstration")


def _of_run(*, leading: str = "run__") -> tuple[Field, ...]:
    return (
        Field(
            "programme", pl.String, _("short name of the programme"), f"{leading}programme__slug"
        ),
        Field(
            "is_demonstration", pl.Boolean, DEMONSTRATION, f"{leading}programme__is_demonstration"
        ),
        Field("period", pl.String, _("reporting period"), f"{leading}period__label"),
        Field("cluster", pl.String, _("short name of the cluster"), "cluster__slug"),
    )


DATASETS = {
    dataset.slug: dataset
    for dataset in (
        Dataset(
            "ranking",
            _("Ranking"),
            _("Scores and ranks of every published evaluation, with their intervals."),
            (
                *_of_run(),
                Field("rank", pl.Int64, _("rank, 1 is best; empty when not ranked")),
                Field("rank_low", pl.Int64, _("rank at 5 % of the draws")),
                Field("rank_median", pl.Int64, _("rank at 50 % of the draws")),
                Field("rank_high", pl.Int64, _("rank at 95 % of the draws")),
                Field("score", pl.Float64, _("score, 0 to 100")),
                Field("score_low", pl.Float64, _("score at 5 % of the draws")),
                Field("score_high", pl.Float64, _("score at 95 % of the draws")),
                Field("coverage", pl.Float64, _("share of the indicators with a value, 0 to 1")),
                Field("not_ranked", pl.String, _("why it is not ranked")),
                Field("input_sha256", pl.String, _("digest of the frozen input"), "run__input_sha256"),
            ),
            lambda actor: Standing.objects.filter(run__in=runs.published(actor).order_by()),
        ),
        Dataset(
            "values",
            _("Indicator values"),
            _("Every indicator's value, coverage, weight and contribution in published evaluations."),
            (
                *_of_run(),
                Field("indicator", pl.String, _("code of the indicator in its framework")),
                Field("quantity", DECIMAL, _("evidenced quantity, in the unit of the measure")),
                Field("records", pl.Int64, _("records with evidence")),
                Field("submitted", pl.Int64, _("records submitted")),
                Field("is_nil", pl.Boolean, _("whether nothing was declared")),
                Field("value", pl.Float64, _("value before the denominator; empty: evidence missing")),
                Field("denominator", pl.Float64, _("what the value is divided by, if anything")),
                Field("normalised", pl.Float64, _("on the common scale, 0 to 100")),
                Field("weight", pl.Float64, _("share of the whole index, 0 to 1")),
                Field("contribution", pl.Float64, _("points in the score")),
            ),
            lambda actor: Value.objects.filter(run__in=runs.published(actor).order_by()),
        ),
        Dataset(
            "claims",
            _("Claims"),
            _("Submitted claims of periods open to the public."),
            (
                Field("id", pl.Int64, _("number of the claim")),
                PROGRAMME,
                Field("is_demonstration", pl.Boolean, DEMONSTRATION, "programme__is_demonstration"),
                Field("cluster", pl.String, _("cluster that claims"), "cluster__slug"),
                Field("kind", pl.String, _("kind of claim")),
                Field("title", pl.String, _("title")),
                Field("on", pl.Date, _("day of the result")),
                Field("quantity", DECIMAL, _("claimed quantity, in the unit of its kind")),
                Field("has_document", pl.Boolean, _("whether evidence is attached"), "is_evidenced"),
            ),
            lambda actor: Claim.objects.visible_to(actor).filter(status=ClaimStatus.SUBMITTED),
        ),
        Dataset(
            "indicators",
            _("Indicators"),
            _("Every indicator of approved frameworks."),
            (
                Field("programme", pl.String, _("short name of the programme"),
                      "framework__programme__slug"),
                Field("framework", pl.String, _("identifier of the framework"), "framework__code"),
                Field("version", pl.String, _("version of the framework"), "framework__version"),
                Field("code", pl.String, _("code of the indicator")),
                Field("title", pl.String, _("title")),
                Field("outcome", pl.String, _("outcome it belongs to"), "node__title"),
                Field("definition", pl.String, _("definition")),
                Field("unit", pl.String, _("unit")),
                Field("kind", pl.String, _("objective, subjective or survey")),
                Field("measure", pl.String, _("measure that is counted")),
                Field("statistic", pl.String, _("how it is counted")),
                Field("goalpost_low", DECIMAL, _("lower goalpost")),
                Field("goalpost_high", DECIMAL, _("upper goalpost")),
                Field("weight", DECIMAL, _("weight among its siblings")),
            ),
            lambda actor: Indicator.objects.filter(framework__status=FrameworkStatus.APPROVED),
        ),
        Dataset(
            "clusters",
            _("Clusters"),
            _("The clusters of every programme."),
            (
                PROGRAMME,
                Field("is_demonstration", pl.Boolean, DEMONSTRATION, "programme__is_demonstration"),
                Field("cluster", pl.String, _("short name"), "slug"),
                Field("name", pl.String, _("name")),
                Field("place", pl.String, _("city or region")),
                Field("launched_on", pl.Date, _("launched")),
            ),
            lambda actor: Cluster.objects.all(),
        ),
        Dataset(
            "facts",
            _("Facts of the public record"),
            _("Published statements about programmes and clusters, each with its source."),
            (
                PROGRAMME,
                Field("cluster", pl.String, _("short name of the cluster, if about one"), "cluster__slug"),
                Field("topic", pl.String, _("topic")),
                Field("statement", pl.String, _("statement")),
                Field("source", pl.String, _("source"), "source_title"),
                Field("address", pl.String, _("address of the source"), "source_url"),
                Field("as_of", pl.Date, _("day to which it applies, or on which it was read"), "as_of_on"),
                Field("is_unverified", pl.Boolean, _("whether it is not verified")),
            ),
            lambda actor: Fact.objects.all(),
        ),
    )
}  # fmt: skip


@require_safe
def index(request: Request) -> HttpResponse:
    """Every dataset with its dictionary and its downloads."""
    context = {"datasets": list(DATASETS.values()), "formats": FORMATS}
    return render(request, "front/data.html", context)


@require_safe
def file(request: Request, slug: str, form: str) -> HttpResponseBase:
    """A dataset as a file."""
    if slug not in DATASETS or form not in FORMATS:
        raise Http404
    return download(DATASETS[slug], request.actor, form)
