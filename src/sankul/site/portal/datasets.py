"""Open data: every public table with its dictionary, as CSV, JSON and Parquet."""

from __future__ import annotations

from django.db.models import TextField
from django.db.models.functions import Cast
from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from sankul.core.doors import Request
from sankul.core.exports import FORMATS, Dataset, Field, Type, download
from sankul.programme.evaluation.models import Standing, Value
from sankul.programme.evaluation.queries import runs
from sankul.programme.indicators.models import Indicator
from sankul.programme.indicators.rules import FrameworkStatus
from sankul.programme.outcomes.models import Claim
from sankul.programme.outcomes.rules import STANDING
from sankul.programme.registry.models import Cluster, Fact
from sankul.site.portal.evidence import VERIFICATION
from sankul.site.portal.facilities import FACILITIES
from sankul.site.portal.portfolio import PORTFOLIO
from sankul.site.portal.streams import FIELD
from sankul.site.portal.water import WATER

PROGRAMME = Field("programme", Type.TEXT, _("short name of the programme"), "programme__slug")
DEMONSTRATION = _("whether the programme is the fictional demonstration")


def _of_run(*, leading: str = "run__") -> tuple[Field, ...]:
    return (
        Field(
            "programme", Type.TEXT, _("short name of the programme"), f"{leading}programme__slug"
        ),
        Field(
            "is_demonstration", Type.TRUTH, DEMONSTRATION, f"{leading}programme__is_demonstration"
        ),
        Field("period", Type.TEXT, _("reporting period"), f"{leading}period__label"),
        Field("cluster", Type.TEXT, _("short name of the cluster"), "cluster__slug"),
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
                Field("rank", Type.WHOLE, _("rank, 1 is best; empty when not ranked")),
                Field("rank_low", Type.WHOLE, _("rank, percentile 5 of the draws")),
                Field("rank_median", Type.WHOLE, _("rank, percentile 50 of the draws")),
                Field("rank_high", Type.WHOLE, _("rank, percentile 95 of the draws")),
                Field("score", Type.NUMBER, _("score, 0 to 100")),
                Field("score_low", Type.NUMBER, _("score, percentile 5 of the draws")),
                Field("score_high", Type.NUMBER, _("score, percentile 95 of the draws")),
                Field("coverage", Type.NUMBER, _("share of the indicators with a value, 0 to 1")),
                Field("not_ranked", Type.TEXT, _("why it is not ranked")),
                Field("input_sha256", Type.TEXT, _("digest of the frozen input"), "run__input_sha256"),
            ),
            lambda actor: Standing.objects.filter(run__in=runs.published(actor).order_by()),
        ),
        Dataset(
            "values",
            _("Indicator values"),
            _("Every indicator's value, coverage, weight and contribution in published evaluations."),
            (
                *_of_run(),
                Field("indicator", Type.TEXT, _("code of the indicator in its framework")),
                Field("quantity", Type.DECIMAL, _("evidenced quantity, in the unit of the measure")),
                Field("records", Type.WHOLE, _("records with evidence")),
                Field("submitted", Type.WHOLE, _("records submitted")),
                Field("is_nil", Type.TRUTH, _("whether nothing was declared")),
                Field("value", Type.NUMBER, _("value before the denominator; empty: evidence missing")),
                Field("denominator", Type.NUMBER, _("what the value is divided by, if anything")),
                Field("normalised", Type.NUMBER, _("on the common scale, 0 to 100")),
                Field("weight", Type.NUMBER, _("share of the whole index, 0 to 1")),
                Field("contribution", Type.NUMBER, _("points in the score")),
            ),
            lambda actor: Value.objects.filter(run__in=runs.published(actor).order_by()),
        ),
        Dataset(
            "claims",
            _("Claims"),
            _("Claims that stand in periods open to the public, with what verification found of each."),
            (
                Field("id", Type.WHOLE, _("number of the claim")),
                PROGRAMME,
                Field("is_demonstration", Type.TRUTH, DEMONSTRATION, "programme__is_demonstration"),
                Field("cluster", Type.TEXT, _("cluster that claims"), "cluster__slug"),
                Field("kind", Type.TEXT, _("kind of claim")),
                Field("title", Type.TEXT, _("title")),
                Field("on", Type.DATE, _("day of the result")),
                Field("quantity", Type.DECIMAL, _("claimed quantity, in the unit of its kind")),
                Field("has_document", Type.TRUTH, _("whether evidence is attached"), "is_evidenced"),
                Field("status", Type.TEXT,
                      _("submitted: nobody verified it yet; verified, partly_verified or rejected: somebody did")),
                Field("verified_quantity", Type.DECIMAL,
                      _("what verification found to be so; empty: nobody verified it yet")),
                Field("facts", Type.TEXT, _("what the evidence says, as its kind asks (JSON)"), "facts_text"),
            ),
            lambda actor: Claim.objects.visible_to(actor).filter(status__in=STANDING).annotate(
                facts_text=Cast("facts", TextField())
            ),
        ),
        Dataset(
            "indicators",
            _("Indicators"),
            _("Every indicator of approved frameworks."),
            (
                Field("programme", Type.TEXT, _("short name of the programme"),
                      "framework__programme__slug"),
                Field("framework", Type.TEXT, _("identifier of the framework"), "framework__code"),
                Field("version", Type.TEXT, _("version of the framework"), "framework__version"),
                Field("code", Type.TEXT, _("code of the indicator")),
                Field("title", Type.TEXT, _("title")),
                Field("outcome", Type.TEXT, _("outcome it belongs to"), "node__title"),
                Field("definition", Type.TEXT, _("definition")),
                Field("unit", Type.TEXT, _("unit")),
                Field("kind", Type.TEXT, _("objective, subjective or survey")),
                Field("measure", Type.TEXT, _("measure that is counted")),
                Field("statistic", Type.TEXT, _("how it is counted")),
                Field("goalpost_low", Type.DECIMAL, _("lower goalpost")),
                Field("goalpost_high", Type.DECIMAL, _("upper goalpost")),
                Field("weight", Type.DECIMAL, _("weight among its siblings")),
            ),
            lambda actor: Indicator.objects.filter(framework__status=FrameworkStatus.APPROVED),
        ),
        Dataset(
            "clusters",
            _("Clusters"),
            _("The clusters of every programme."),
            (
                PROGRAMME,
                Field("is_demonstration", Type.TRUTH, DEMONSTRATION, "programme__is_demonstration"),
                Field("cluster", Type.TEXT, _("short name"), "slug"),
                Field("name", Type.TEXT, _("name")),
                Field("place", Type.TEXT, _("city or region")),
                Field("launched_on", Type.DATE, _("launched")),
            ),
            lambda actor: Cluster.objects.all(),
        ),
        Dataset(
            "facts",
            _("Facts of the public record"),
            _("Published statements about programmes and clusters, each with its source."),
            (
                PROGRAMME,
                Field("cluster", Type.TEXT, _("short name of the cluster, if about one"), "cluster__slug"),
                Field("topic", Type.TEXT, _("topic")),
                Field("statement", Type.TEXT, _("statement")),
                Field("source", Type.TEXT, _("source"), "source_title"),
                Field("address", Type.TEXT, _("address of the source"), "source_url"),
                Field("as_of", Type.DATE, _("day to which it applies, or on which it was read"), "as_of_on"),
                Field("is_unverified", Type.TRUTH, _("whether it is not verified")),
            ),
            lambda actor: Fact.objects.all(),
        ),
        *VERIFICATION,
        *PORTFOLIO,
        *FACILITIES,
        *FIELD,
        *WATER,
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
