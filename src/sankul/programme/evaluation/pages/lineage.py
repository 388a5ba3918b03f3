"""Where a figure comes from, and what a claim went into."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpResponseBase, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.html import format_html_join
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from sankul.core.doors import Request
from sankul.core.formats import day, number, percent
from sankul.core.ui import Column, Crumbs, Entry, Link, Pages, State, Summary, Table, Tone
from sankul.programme.evaluation.models import Value
from sankul.programme.evaluation.queries import lineage as queries
from sankul.programme.evaluation.queries.lineage import Chain, Moved, Source
from sankul.programme.evaluation.queries.provenance import prov
from sankul.programme.evidence.rules import Finding
from sankul.programme.indicators.models import Indicator
from sankul.programme.indicators.rules import Statistic
from sankul.programme.outcomes.models import Claim
from sankul.programme.registry.models import Cluster

from .figures import crumbs, figure
from .ranking import address, found_part

TONES = {
    Finding.VERIFIED: Tone.GOOD,
    Finding.PARTLY: Tone.ATTENTION,
    Finding.REJECTED: Tone.PROBLEM,
    Finding.RETURNED: Tone.UNKNOWN,
}


@require_safe
def value_lineage(
    request: Request, programme: str, period: str, cluster: str, indicator: str
) -> HttpResponseBase:
    """A value down to claims, findings and documents, as it was frozen; ``?as=prov`` gives it as W3C PROV-JSON."""
    run, is_part = found_part(request, programme, period, cluster)
    found = get_object_or_404(Cluster, programme=run.programme_id, slug=cluster)
    try:
        chain = queries.down(request.actor, run, found, indicator, _page(request))
    except (Value.DoesNotExist, Indicator.DoesNotExist):
        raise Http404(_("The framework has no such indicator.")) from None
    if request.GET.get("as") == "prov":
        name = f"{cluster}-{period}-{indicator}.prov.json"
        disposition = {"Content-Disposition": f'attachment; filename="{name}"'}
        return JsonResponse(prov(chain), headers=disposition, json_dumps_params={"indent": 1})
    context = {
        "chain": chain,
        "is_demonstration": run.programme.is_demonstration,
        "crumbs": crumbs(run, found, is_part=is_part),
        "summary": _summary(chain),
        "sources": _sources(chain),
        "pages": Pages(request.GET, page=chain.page, last=chain.last, total=chain.total),
        "value_href": address("value", run, cluster, indicator),
    }
    return render(request, "evaluation/value_lineage.html", context)


@require_safe
def claim_lineage(request: Request, number: int) -> HttpResponseBase:
    """Every figure that a claim moved, in every evaluation that the reader may see."""
    seen = Claim.objects.visible_to(request.actor).select_related("programme", "cluster")
    claim = get_object_or_404(seen, pk=number)
    moved = queries.up(request.actor, claim)
    context = {
        "claim": claim,
        "is_demonstration": claim.programme.is_demonstration,
        "crumbs": Crumbs(
            [
                Link(_("Claims"), reverse("claims")),
                Link(claim.title, reverse("claim", args=[number])),
            ]
        ),
        "moved": _moved(moved),
    }
    return render(request, "evaluation/claim_lineage.html", context)


def _page(request: Request) -> int:
    asked = request.GET.get("page", "1")
    return max(1, int(asked)) if asked.isascii() and asked.isdigit() and len(asked) < 9 else 1


def _summary(chain: Chain) -> Summary:
    run, item = chain.run, chain.indicator
    files = [(run.package, _("package")), (run.records, _("frozen records"))]
    links = [
        Link(f"{label} {document.sha256[:12]}…", reverse("document", args=[document.sha256]))
        for document, label in files
        if document is not None
    ]
    return Summary(
        [
            Entry(_("Value"), figure(item, chain.value)),
            Entry(_("Computed as"), Statistic(item.statistic).label),
            Entry(_("By the framework"), f"{run.framework.title} {run.framework.version}"),
            Entry(_("Evaluation"), _("%(day)s, engine %(version)s") % {
                "day": day(run.computed_at), "version": run.engine_version}),
            Entry(_("Frozen input"), format_html_join(" · ", "{}", ((link,) for link in links))),
            Entry(_("Records behind it"), number(chain.total)),
        ]
    )  # fmt: skip


def _sources(chain: Chain) -> Table:
    columns = [
        Column("record", _("Claim")),
        Column("on", _("Date"), fold=True),
        Column("quantity", _("Credited"), numeric=True),
        Column("finding", _("What verification found")),
        Column("documents", _("Documents")),
    ]
    rows = [_source_line(source) for source in chain.sources]
    return Table(
        _("The records behind it, largest first"),
        columns,
        rows,
        note=_("As they were when the evaluation was computed."),
        empty=_("No record stands behind it."),
    )


def _source_line(source: Source) -> dict[str, Any]:
    claim = source.claim
    links = [
        Link(document.name, reverse("document", args=[document.sha256]))
        for document in source.documents
    ]
    return {
        "record": Link(claim.title, reverse("claim", args=[claim.pk])) if claim else source.record,
        "on": day(source.on),
        "quantity": number(source.quantity),
        "finding": _finding(source),
        "documents": format_html_join(", ", "{}", ((link,) for link in links))
        or _("no document: not counted"),
    }


def _finding(source: Source) -> Any:
    sampled = source.sampled
    if sampled is None or not sampled.finding:
        return State(Tone.UNKNOWN, _("not in the sample"))
    return State(TONES[Finding(sampled.finding)], sampled.get_finding_display())


def _moved(moved: list[Moved]) -> Table:
    columns = [
        Column("figure", _("Figure")),
        Column("cluster", _("Cluster"), fold=True),
        Column("run", _("Evaluation")),
        Column("quantity", _("Credited"), numeric=True),
        Column("share", _("Share of the figure"), numeric=True),
        Column("points", _("Points of the score that rest on it"), numeric=True),
    ]
    rows = [_moved_line(one) for one in moved]
    empty = _(
        "No evaluation that you may see counted this claim. A claim counts once it is submitted with a document "
        "and an evaluation of its period is computed."
    )
    return Table(_("Figures that this claim moved"), columns, rows, empty=empty)


def _moved_line(one: Moved) -> dict[str, Any]:
    run = one.run
    href = address("value-lineage", run, one.cluster.slug, one.indicator.code)
    title = one.indicator.title
    named = (
        _("%(figure)s (as its denominator)") % {"figure": title} if one.is_denominator else title
    )
    return {
        "figure": Link(named, href),
        "cluster": one.cluster.name,
        "run": f"{run.period}, {run.get_status_display()}",
        "quantity": number(one.quantity),
        "share": "–" if one.share is None else percent(one.share, 1),
        "points": "–" if one.points is None else number(one.points, 2),
    }
