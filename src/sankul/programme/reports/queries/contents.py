"""What a report tells: everything gathered once, in a fixed number of queries, whatever the number of clusters.

Contents are plain data (text, whole numbers, floats, decimals as text, days as ISO text), the same for the same records, and
hold no words besides the records' own: chapters put them into the reader's language.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal
from statistics import median
from typing import Any

from django.db.models import Count, F, Prefetch, Q, QuerySet, Sum, Window
from django.db.models.functions import Coalesce, RowNumber

from sankul.core.rules.roles import Actor
from sankul.programme.evaluation.models import Run, Seal, Standing, Value
from sankul.programme.indicators.models import Indicator, Node
from sankul.programme.outcomes.models import Attachment, Claim, Credit
from sankul.programme.outcomes.rules import ClaimStatus
from sankul.programme.portfolio.models import Deployment, Lesson, Project
from sankul.programme.portfolio.rules import DeploymentStatus
from sankul.programme.registry.models import Cluster, Stewardship
from sankul.programme.reports.rules import HIGHLIGHTS, JOINT

Data = dict[str, Any]
VERIFIED = (ClaimStatus.VERIFIED, ClaimStatus.PARTLY_VERIFIED)
INCOME, COST = "own_income", "operating_cost"


def contents(run: Run, at: datetime) -> Data:
    """Everything that the report on a published run tells, as the public may see it at that moment."""
    public = Actor(user=None, held=frozenset(), at=at)
    clusters = list(run.programme.clusters.order_by("name", "pk"))
    return {
        "programme": run.programme.name,
        "is_demonstration": run.programme.is_demonstration,
        "period": run.period.label,
        "starts_on": run.period.starts_on.isoformat(),
        "ends_on": run.period.ends_on.isoformat(),
        "method": _method(run),
        "glance": _glance(run, public),
        "weights": _weights(run),
        "clusters": _clusters(run, clusters, public),
    }


def _method(run: Run) -> Data:
    framework = run.framework
    decision = framework.decision
    return {
        "framework": framework.title,
        "version": framework.version,
        "approved_by": str(decision.reference) if decision else "",
        "engine": run.engine_version,
        "draws": run.draws,
        "seed": run.seed,
        "input_sha256": run.input_sha256,
        "package_sha256": run.package_id,
        "records_sha256": run.records_id or "",
        "seal": _seal(run),
    }


def _seal(run: Run) -> Data:
    """The checkpoint under which the run is sealed; nothing where it is not."""
    seal = Seal.objects.filter(run=run).first()
    return {"root": seal.merkle_root, "checkpoint": seal.checkpoint} if seal else {}


def _claims(run: Run) -> QuerySet[Claim]:
    return Claim.objects.filter(
        programme=run.programme_id, on__range=(run.period.starts_on, run.period.ends_on)
    ).order_by()


def _glance(run: Run, public: Actor) -> Data:
    standing = Q(status=ClaimStatus.SUBMITTED) | Q(status__in=VERIFIED)
    counted = _claims(run).aggregate(
        submitted=Count("pk", filter=standing | Q(status=ClaimStatus.REJECTED)),
        documented=Count("pk", filter=standing & Q(is_evidenced=True)),
        verified=Count("pk", filter=Q(status=ClaimStatus.VERIFIED)),
        partly=Count("pk", filter=Q(status=ClaimStatus.PARTLY_VERIFIED)),
        rejected=Count("pk", filter=Q(status=ClaimStatus.REJECTED)),
    )
    credited = _credits(run).filter(counts=True)
    organisations = credited.aggregate(number=Count("organisation", distinct=True))["number"]
    projects = Project.objects.visible_to(public).filter(programme=run.programme_id)
    in_use = Deployment.objects.visible_to(public).filter(
        project__programme=run.programme_id, status=DeploymentStatus.IN_USE
    )
    return counted | {
        "organisations": organisations,
        "joint": _joint_claims(run).count(),
        "projects": projects.count(),
        "deployments": in_use.count(),
        "lessons": _lessons(run, public).count(),
    }


def _credits(run: Run) -> QuerySet[Credit]:
    period = run.period
    return Credit.objects.filter(
        on__range=(period.starts_on, period.ends_on), cluster__programme=run.programme_id
    ).order_by()


def _weights(run: Run) -> list[Data]:
    """The groups right below the root, each with its share of the root's weight."""
    groups = list(_groups(run))
    total = sum((node.weight for node in groups), Decimal(0)) or Decimal(1)
    return [{"title": node.title, "share": float(node.weight / total)} for node in groups]


def _groups(run: Run) -> QuerySet[Node]:
    return run.framework.nodes.filter(parent__isnull=False, parent__parent=None)


def _clusters(run: Run, clusters: list[Cluster], public: Actor) -> list[Data]:
    standings = {row.cluster_id: row for row in run.standings.all()}
    groups = list(_groups(run))
    scores = {
        (row.cluster_id, row.node): row.score
        for row in run.node_scores.filter(node__in=[node.code for node in groups])
    }
    indicators = list(run.framework.indicators.order_by("position"))
    values: dict[int, dict[str, Value]] = defaultdict(dict)
    for value in run.values.all():
        values[value.cluster_id][value.indicator] = value
    peers = _peers(values.values())
    entities = _entities(run)
    highlights, joint, finance = _highlights(run), _joint(run), _finance(run)
    projects, lessons = _projects(run, public), _shared(run, public)
    told = []
    for cluster in clusters:
        own = values[cluster.pk]
        told.append(
            {
                "name": cluster.name,
                "slug": cluster.slug,
                "place": cluster.place,
                "entity": entities.get(cluster.pk, ""),
                "standing": _standing(standings.get(cluster.pk)),
                "groups": [
                    {"title": node.title, "score": scores.get((cluster.pk, node.code))}
                    for node in groups
                ],
                "profile": [_beside(item, own.get(item.code), peers) for item in indicators],
                "highlights": _most(highlights[cluster.pk], own, indicators),
                "finance": finance.get(cluster.pk, {}),
                "joint": joint[cluster.pk],
                "projects": projects[cluster.pk],
                "lessons": lessons[cluster.pk],
            }
        )
    return told


def _standing(row: Standing | None) -> Data:
    names = ("rank", "rank_low", "rank_high", "score", "score_low", "score_high", "coverage")
    told: Data = {name: getattr(row, name, None) for name in names}
    return told | {"not_ranked": row.not_ranked if row else ""}


def _entities(run: Run) -> dict[int, str]:
    """The legal entity that ran each cluster at the end of the period."""
    rows = Stewardship.objects.on(run.period.ends_on).filter(cluster__programme=run.programme_id)
    return dict(rows.values_list("cluster_id", "entity__name"))


def _peers(values: Iterable[dict[str, Value]]) -> dict[str, tuple[float, float, float]]:
    """Median, least and greatest score of the clusters by indicator, on the common scale."""
    columns: dict[str, list[float]] = defaultdict(list)
    for row in values:
        for code, value in row.items():
            if value.normalised is not None:
                columns[code].append(value.normalised)
    return {code: (median(column), min(column), max(column)) for code, column in columns.items()}


def _beside(
    item: Indicator, value: Value | None, peers: dict[str, tuple[float, float, float]]
) -> Data:
    middle, low, high = peers.get(item.code, (None, None, None))
    return {
        "title": item.title,
        "unit": item.unit,
        "value": value.value if value else None,
        "score": value.normalised if value else None,
        "median": middle,
        "low": low,
        "high": high,
    }


def _highlights(run: Run) -> dict[int, list[Data]]:
    """The largest verified result of each kind of each cluster, with its documents."""
    place = Window(
        RowNumber(),
        partition_by=[F("cluster"), F("kind")],
        order_by=[F("verified_quantity").desc(), F("pk").asc()],
    )
    first = _claims(run).filter(status__in=VERIFIED, is_evidenced=True)
    rows = (
        first.annotate(place=place)
        .filter(place=1)
        .prefetch_related(
            Prefetch("attachments", Attachment.objects.select_related("document").order_by("pk"))
        )
    )
    found: dict[int, list[Data]] = defaultdict(list)
    for claim in rows:
        found[claim.cluster_id].append(_highlight(claim))
    return found


def _highlight(claim: Claim) -> Data:
    return {
        "claim": claim.pk,
        "kind": claim.kind,
        "title": claim.title,
        "reference": claim.reference,
        "on": claim.on.isoformat(),
        "quantity": _plain(claim.verified_quantity),
        "claimed": _plain(claim.quantity),
        "is_partly": claim.status == ClaimStatus.PARTLY_VERIFIED,
        "evidence": [_proof(row) for row in claim.attachments.all()],
    }


def _proof(row: Attachment) -> Data:
    document = row.document
    return {
        "name": document.name if document else row.url,
        "sha256": document.sha256 if document else "",
        "proves": row.proves,
    }


def _most(
    highlights: list[Data], values: dict[str, Value], indicators: list[Indicator]
) -> list[Data]:
    """The highlights whose kinds moved the cluster's score most, first."""
    moved: dict[str, float] = defaultdict(float)
    for item in indicators:
        value = values.get(item.code)
        if value is not None:
            moved[item.measure] += value.contribution or 0.0
    ordered = sorted(highlights, key=lambda one: (-moved[one["kind"]], one["kind"]))
    return ordered[:HIGHLIGHTS]


def _joint_claims(run: Run) -> QuerySet[Claim]:
    """Verified results that credit more than one cluster."""
    verified = _claims(run).filter(status__in=VERIFIED)
    several = verified.annotate(clusters=Count("credits__cluster", distinct=True))
    return several.filter(clusters__gt=1)


def _joint(run: Run) -> dict[int, list[Data]]:
    """The latest joint results of each credited cluster, with the other clusters' names."""
    rows = Credit.objects.filter(claim__in=_joint_claims(run).values("pk")).order_by(
        "-claim__on", "claim_id", "cluster__name"
    )
    partners: dict[tuple[int, str, str], dict[int, str]] = defaultdict(dict)
    for claim, title, on, cluster, name in rows.values_list(
        "claim_id", "claim__title", "claim__on", "cluster_id", "cluster__name"
    ):
        partners[claim, title, on.isoformat()][cluster] = name
    found: dict[int, list[Data]] = defaultdict(list)
    for (claim, title, day), names in partners.items():
        for cluster in names:
            if len(found[cluster]) < JOINT:
                others = [name for pk, name in names.items() if pk != cluster]
                found[cluster].append({"claim": claim, "title": title, "on": day, "with": others})
    return found


def _finance(run: Run) -> dict[int, Data]:
    """Own income and operating cost of each cluster in rupees, as far as evidence supports them."""
    rows = (
        _credits(run)
        .filter(kind__in=(INCOME, COST), counts=True)
        .values("cluster_id", "kind")
        .annotate(inr=Coalesce(Sum("quantity"), Decimal(0)))
    )
    found: dict[int, Data] = defaultdict(dict)
    for row in rows:
        found[row["cluster_id"]][row["kind"]] = _plain(row["inr"])
    return found


def _projects(run: Run, public: Actor) -> dict[int, Data]:
    """Projects of each cluster that the public may see, by stage."""
    seen = Project.objects.visible_to(public).filter(programme=run.programme_id)
    counted = seen.order_by().values("cluster_id", "stage").annotate(number=Count("pk"))
    found: dict[int, Data] = defaultdict(dict)
    for row in counted:
        found[row["cluster_id"]][row["stage"]] = row["number"]
    return found


def _lessons(run: Run, public: Actor) -> QuerySet[Lesson]:
    period = run.period
    return Lesson.objects.visible_to(public).filter(
        programme=run.programme_id,
        shared_at__isnull=False,
        on__range=(period.starts_on, period.ends_on),
    )


def _shared(run: Run, public: Actor) -> dict[int, list[Data]]:
    """Lessons from experiments that failed, told by each cluster."""
    found: dict[int, list[Data]] = defaultdict(list)
    for lesson in _lessons(run, public).order_by("-on", "pk"):
        told = {"title": lesson.title, "learned": lesson.learned, "on": lesson.on.isoformat()}
        found[lesson.cluster_id].append(told)
    return found


def _plain(value: Decimal | None) -> str | None:
    return None if value is None else format(value.normalize(), "f")
