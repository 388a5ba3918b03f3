"""Drafting and approving frameworks."""

from datetime import datetime
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from sankul.core.actions import events
from sankul.core.measures import MEASURES
from sankul.core.rules import canonical
from sankul.core.rules.roles import Actor, require
from sankul.core.rules.verdicts import Refused
from sankul.engines import composite
from sankul.programme.indicators.models import Framework, Indicator, Node
from sankul.programme.indicators.rules import (
    APPROVE_FRAMEWORK,
    DRAFT_FRAMEWORK,
    FrameworkStatus,
    Statistic,
)
from sankul.programme.registry.models import Decision, Programme


@transaction.atomic
def draft(*, actor: Actor | None, programme: Programme, source: str, at: datetime) -> Framework:
    """Record a framework file as a draft with its tree; ``actor`` None is the operator at the terminal.

    Raises Refused naming every key that is wrong and what is expected there (unknown measures and statistics included), or
    that this version exists with other content; the same content again returns the framework that is there.
    """
    if actor is not None:
        require(actor, DRAFT_FRAMEWORK, *programme.scopes)
    spec = _parsed(source)
    digest = canonical.sha256(source)
    known = programme.frameworks.filter(code=spec.id, version=spec.version).first()
    if known is not None:
        return _same(known, digest)
    framework = Framework(
        programme=programme,
        code=spec.id,
        version=spec.version,
        title=spec.title,
        source=source,
        sha256=digest,
        coverage_floor=_floor(spec),
        drafted_at=at,
    )
    framework.save()
    _plant(framework, spec)
    events.record(
        actor=actor,
        verb="framework.drafted",
        subject=framework,
        at=at,
        scopes=programme.scopes,
        data={"code": spec.id, "version": spec.version, "sha256": digest},
    )
    return framework


@transaction.atomic
def approve(
    *, actor: Actor | None, framework: Framework, decision: Decision, at: datetime
) -> Framework:
    """Approve a draft by a decision of the apex committee; from then on it is frozen.

    Raises Refused if it is approved already or the decision is not one of the programme's apex committee.
    """
    if actor is not None:
        require(actor, APPROVE_FRAMEWORK, *framework.scopes)
    framework = Framework.objects.select_for_update().get(pk=framework.pk)
    _require_draft(framework)
    body = decision.meeting.body
    if body.kind != "apex" or body.programme_id != framework.programme_id:
        raise Refused(_("A framework is approved by a decision of the programme's apex committee."))
    framework.status, framework.approved_at = FrameworkStatus.APPROVED, at
    framework.decision = decision
    framework.save(update_fields=["status", "approved_at", "decision"])
    events.record(
        actor=actor,
        verb="framework.approved",
        subject=framework,
        at=at,
        scopes=framework.scopes,
        data={"decision": decision.pk, "sha256": framework.sha256},
    )
    return framework


@transaction.atomic
def illustrate(*, framework: Framework, at: datetime) -> Framework:
    """Freeze a draft for illustration, for a programme whose committee approves nothing in Sankul; the operator's to do.

    Evaluations by it say on every page that no committee approved it. Raises Refused if it is not a draft.
    """
    framework = Framework.objects.select_for_update().get(pk=framework.pk)
    _require_draft(framework)
    framework.status = FrameworkStatus.ILLUSTRATIVE
    framework.save(update_fields=["status"])
    events.record(
        actor=None, verb="framework.illustrative", subject=framework, at=at, scopes=framework.scopes
    )
    return framework


def _require_draft(framework: Framework) -> None:
    if framework.status != FrameworkStatus.DRAFT:
        raise Refused(_("This version is frozen already. Draft a new version to change it."))


def _parsed(source: str) -> composite.Spec:
    try:
        spec = composite.parse(source)
    except composite.PackageError as error:
        raise Refused(str(error)) from error
    problems = [problem for item in spec.indicators for problem in _measure_problems(item)]
    if problems:
        raise Refused("\n".join(problems))
    return spec


def _measure_problems(item: composite.Indicator) -> list[str]:
    place = f"framework.toml: indicator {item.id}"
    problems = []
    if item.measure not in MEASURES:
        problems.append(
            _("%(place)s measure: %(name)r is not a measure; expected one of %(known)s")
            % {"place": place, "name": item.measure, "known": ", ".join(sorted(MEASURES))}
        )
    if item.statistic not in Statistic.values:
        problems.append(
            _("%(place)s statistic: %(name)r is not a statistic; expected one of %(known)s")
            % {"place": place, "name": item.statistic, "known": ", ".join(Statistic.values)}
        )
    if item.denominator and item.denominator not in MEASURES:
        problems.append(
            _("%(place)s denominator: %(name)r is not a measure")
            % {"place": place, "name": item.denominator}
        )
    return problems


def _same(known: Framework, digest: str) -> Framework:
    if known.sha256 == digest:
        return known
    raise Refused(
        _("%(framework)s exists with other content. Give the changed file a new version.")
        % {"framework": known}
    )


def _floor(spec: composite.Spec) -> Decimal:
    step = spec.step("screen")
    return Decimal(str(step.method.parameters["min_coverage"])) if step else Decimal(0)


def _plant(framework: Framework, spec: composite.Spec) -> None:
    nodes: dict[str, Node] = {}
    for node in reversed(spec.bottom_up):
        nodes[node.id] = Node.objects.create(
            framework=framework,
            code=node.id,
            title=node.title or node.id,
            description=node.description,
            parent=nodes[node.parent] if node.parent else None,
            weight=Decimal(str(node.weight)),
            position=spec.nodes.index(node),
        )
    Indicator.objects.bulk_create(
        _row(framework, nodes[item.parent], item, position)
        for position, item in enumerate(spec.indicators)
    )


def _row(framework: Framework, node: Node, item: composite.Indicator, position: int) -> Indicator:
    low, high = item.goalposts or (None, None)
    return Indicator(
        framework=framework,
        node=node,
        code=item.id,
        title=item.title or item.id,
        definition=item.definition,
        unit=item.unit,
        kind=item.kind or Indicator.Kind.OBJECTIVE,
        direction=item.direction,
        measure=item.measure,
        statistic=item.statistic,
        denominator=item.denominator or "",
        goalpost_low=None if low is None else Decimal(str(low)),
        goalpost_high=None if high is None else Decimal(str(high)),
        weight=Decimal(str(item.weight)),
        position=position,
    )
