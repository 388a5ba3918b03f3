"""What a seal stands for: everything that an evaluation was made of and gave, as files and records without a person in them.

One record a line, in an order and in bytes that depend on nothing but the content. What is published of a survey is the file that
its release fixed, so that nothing comes in here that disclosure control withholds. Texts that people wrote (titles, reasons) and
everything about accounts stay out; documents are known by their SHA-256.
"""

from __future__ import annotations

import csv
import io
import tempfile
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

from sankul.core.models import Document
from sankul.core.rules.verdicts import Refused
from sankul.engines import composite
from sankul.engines.seal import Bundle, seal
from sankul.programme.evaluation.models import Run
from sankul.programme.evidence.models import Sampled, Verification
from sankul.programme.feedback.models import Survey
from sankul.programme.feedback.rules import SurveyStatus
from sankul.programme.outcomes.models import Attachment, Credit
from sankul.programme.panel.models import Panel
from sankul.programme.panel.rules import PanelStatus

EVALUATION = "evaluation"
"""The folder of the result, as ``sankul verify`` recomputes it."""
Records = Iterator[tuple[str, dict[str, Any]]]


def bundle(run: Run) -> Bundle:
    """The bundle of a run, made anew from the database; equal records give an equal root.

    Everything is in memory: some hundred bytes for each claim. Raises Refused where the engine that is installed does not give
    again what the run holds.
    """
    return seal(files(run), sorted(records(run)), origin=origin(run))


def origin(run: Run) -> str:
    """What a checkpoint names: the programme, the period and the run."""
    return f"sankul/{run.programme.slug}/{run.period.label}/{run.pk}"


def files(run: Run) -> dict[str, bytes]:
    """The evaluation's package and its result, recomputed from it, by path."""
    with tempfile.TemporaryDirectory(prefix="sankul-") as place:
        package = _package(run, Path(place))
        result = composite.run(package.spec, package.frame)
        _check_same(run, result)
        spread = (
            composite.uncertainty(
                package.spec, package.frame, draws=run.draws, seed=run.seed, outranking=False
            )
            if run.draws
            else None
        )
        out = Path(place) / EVALUATION
        composite.write(package, result, spread, out)
        return {
            path.relative_to(place).as_posix(): path.read_bytes()
            for path in sorted(out.rglob("*"))
            if path.is_file()
        }


def records(run: Run) -> Records:
    """Every record of a run, by its name."""
    yield "run", _run(run)
    yield from _standings(run)
    yield from _values(run)
    yield from _claims(run)
    yield from _verification(run)
    yield from _feedback(run)
    yield from _panel(run)


def _package(run: Run, folder: Path) -> composite.Package:
    with run.package.open() as file, zipfile.ZipFile(file) as archive:
        archive.extractall(folder)
    return composite.read(folder / "package")


def _check_same(run: Run, result: composite.Result) -> None:
    for row in run.standings.select_related("cluster"):
        score = result.scores.at(row.cluster.slug, result.root)
        same = score is row.score is None or (
            score is not None and row.score is not None and abs(score - row.score) < 1e-9
        )
        if not same:
            raise Refused(
                f"{row.cluster}: the engine gives {score}, the run holds {row.score}. Compute the evaluation again."
            )


def _run(run: Run) -> dict[str, Any]:
    framework = run.framework
    return {
        "programme": run.programme.slug,
        "is_demonstration": run.programme.is_demonstration,
        "period": run.period.label,
        "starts_on": run.period.starts_on.isoformat(),
        "ends_on": run.period.ends_on.isoformat(),
        "framework": f"{framework.code}/{framework.version}",
        "framework_sha256": framework.sha256,
        "input_sha256": run.input_sha256,
        "records_sha256": run.records_id,
        "engine_version": run.engine_version,
        "draws": run.draws,
        "seed": run.seed,
    }


def _standings(run: Run) -> Records:
    fields = ("score", "score_low", "score_high", "rank", "rank_low", "rank_median", "rank_high", "coverage",
        "below", "not_ranked")  # fmt: skip
    for row in run.standings.order_by("pk").values("cluster__slug", *fields):
        slug = row.pop("cluster__slug")
        yield f"standing/{slug}", {"cluster": slug} | row


def _values(run: Run) -> Records:
    fields = ("quantity", "records", "submitted", "is_nil", "value", "denominator", "normalised", "weight",
        "contribution")  # fmt: skip
    rows = run.values.order_by("pk").values("cluster__slug", "indicator", *fields)
    for row in rows.iterator(2000):
        slug = row.pop("cluster__slug")
        yield f"value/{slug}/{row['indicator']}", {"cluster": slug} | _plain(row)


def _claims(run: Run) -> Records:
    """Claims that count, each with its credits and the digests of its documents."""
    counted = Credit.objects.filter(
        counts=True,
        cluster__programme=run.programme_id,
        on__range=(run.period.starts_on, run.period.ends_on),
    ).order_by("claim", "cluster__slug", "organisation__slug")
    claim = ("claim__kind", "claim__reference", "claim__cluster__slug", "claim__on", "claim__quantity", "claim__status",
        "claim__verified_quantity")  # fmt: skip
    credit = ("cluster__slug", "organisation__slug", "role", "share", "quantity")
    proofs: dict[int, list[str]] = {}
    cited = Attachment.objects.filter(claim__in=counted.order_by().values("claim"))
    for number, digest in cited.order_by("document").values_list("claim", "document"):
        proofs.setdefault(number, []).append(digest)
    found: dict[int, dict[str, Any]] = {}
    for row in counted.values("claim", *claim, *credit).iterator(2000):
        told = _plain({name.removeprefix("claim__"): row[name] for name in claim})
        one = found.setdefault(
            row["claim"], told | {"documents": proofs.get(row["claim"], []), "credits": []}
        )
        one["credits"].append(_plain({name: row[name] for name in credit}))
    for number, one in found.items():
        yield f"claim/{number}", one


def _verification(run: Run) -> Records:
    """The draw, and what was found of each claim of the sample."""
    of = Verification.objects.filter(period=run.period_id).first()
    if of is None or not of.is_done:
        return
    yield (
        "verification",
        {
            "source": of.source,
            "number": of.number,
            "seed": of.seed,
            "population_sha256": of.population_id,
            "amounts_sha256": of.amounts_id,
            "claims": of.claims,
            "counts": of.counts,
        },
    )
    fields = ("claim", "cluster__slug", "kind", "quantity", "size", "probability", "is_doubled", "finding",
        "verified_quantity")  # fmt: skip
    settled = Sampled.objects.filter(verification=of).exclude(finding="")
    for row in settled.order_by("claim").values(*fields).iterator(2000):
        yield f"sampled/{row['claim']}", _plain(row)


def _feedback(run: Run) -> Records:
    """The released table of the survey, line by line."""
    survey = Survey.objects.filter(period=run.period_id, status=SurveyStatus.RELEASED).first()
    if survey is None or survey.release is None:
        return
    yield "survey", {"release_sha256": survey.release_id}
    for line in _lines(survey.release):
        told = {name: value for name, value in line.items() if value}
        yield f"feedback/{line['cluster']}/{line['group']}/{line['question']}", told


def _panel(run: Run) -> Records:
    """The panel's scores, and each member's by letter."""
    panel = Panel.objects.filter(period=run.period_id, status=PanelStatus.RELEASED).first()
    if panel is None or panel.release is None:
        return
    yield (
        "panel",
        {
            "least": panel.least,
            "statistic": panel.statistic,
            "rubric_sha256": panel.rubric_id,
            "release_sha256": panel.release_id,
        },
    )
    fields = ("cluster__slug", "criterion", "score", "adjusted", "members", "spread")
    for row in panel.results.order_by("pk").values(*fields):
        yield f"panel/{row['cluster__slug']}/{row['criterion']}", _plain(row)
    for line in _lines(panel.release):
        name = f"panel/{line['cluster']}/{line['criterion']}/{line['member']}"
        yield name, {"level": line["level"], "independent_level": line["independent_level"]}


def _lines(document: Document) -> Iterable[Mapping[str, str]]:
    with document.open() as file:
        text = file.read().decode()
    return csv.DictReader(io.StringIO(text))


def _plain(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row ready for JSON: decimals without trailing zeros, days as 2026-03-31, names without their path."""
    return {name.removesuffix("__slug"): _simple(value) for name, value in row.items()}


def _simple(value: Any) -> Any:
    if isinstance(value, Decimal):
        return format(value.normalize(), "f")
    return value.isoformat() if hasattr(value, "isoformat") else value
