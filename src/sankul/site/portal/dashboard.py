"""The signed-in home: what to do today, what changed since the last visit, how it goes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta

from django.contrib.auth.views import redirect_to_login
from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from sankul.core.doors import Request
from sankul.core.formats import day, number, percent
from sankul.core.models import Event, User, Work
from sankul.core.queries import events
from sankul.core.rules.roles import Actor, Role, Scope, ScopeKind
from sankul.core.ui import Figure, Moment, State, Step, Steps, Task, Tasks, Tile, Tiles, Tone
from sankul.programme.evaluation.models import Run
from sankul.programme.evaluation.pages.ranking import address
from sankul.programme.evaluation.queries import runs
from sankul.programme.evaluation.rules import COMPUTE_RUN, PUBLISH_RUN, RunStatus
from sankul.programme.indicators.models import Framework
from sankul.programme.indicators.rules import APPROVE_FRAMEWORK, FrameworkStatus
from sankul.programme.outcomes.models import Claim
from sankul.programme.outcomes.queries import duties
from sankul.programme.outcomes.rules import RECORD_CLAIM, ClaimStatus
from sankul.programme.outcomes.rules.duties import DueState
from sankul.programme.portfolio.pages.parts import milestone_state, project_href
from sankul.programme.portfolio.queries import progress
from sankul.programme.registry.models import Cluster, Organisation, Programme
from sankul.site.portal import alerts, bookings, evidence, panel, rounds

EVENTS_SHOWN = 12
DUTIES_SHOWN = 3
MILESTONES_SHOWN, MILESTONES_AHEAD = 5, timedelta(30)
Place = Programme | Cluster | Organisation


@require_safe
def dashboard(request: Request) -> HttpResponse:
    """One page for every role, made of what the roles in force allow."""
    actor, user = request.actor, request.actor.user
    if user is None:
        return redirect_to_login(request.get_full_path())
    since = user.seen_at or request.at - timedelta(30)
    changed = list(events.visible(actor).filter(at__gte=since)[:EVENTS_SHOWN])
    places = [(held, place_of(held.scope)) for held in sorted(actor.held)]
    context = {
        "roles": places,
        "is_demonstration": any(_is_demonstration(place) for _held, place in places),
        "tasks": Tasks(_("What to do today"), list(_tasks(actor))),
        "ways": [*bookings.ways(actor), *alerts.ways(actor)],
        "changed": Steps(
            _("What changed since you were here"), [_step(event) for event in changed]
        ),
        "since": since,
        "tiles": Tiles(
            list(_tiles(actor, [it for _held, it in places if isinstance(it, Cluster)]))
        ),
        "work": Work.objects.filter(asked_by=user)[:5],
    }
    response = render(request, "front/dashboard.html", context)
    User.objects.filter(pk=user.pk).update(seen_at=request.at)
    return response


def place_of(scope: Scope) -> Place | None:
    """The programme, cluster or organisation of a scope, whose text is its name; None for the platform."""
    match scope.kind:
        case ScopeKind.PROGRAMME:
            return Programme.objects.filter(pk=scope.id).first()
        case ScopeKind.CLUSTER:
            return Cluster.objects.select_related("programme").filter(pk=scope.id).first()
        case ScopeKind.ORGANISATION:
            return Organisation.objects.filter(pk=scope.id).first()
    return None


def _is_demonstration(place: Place | None) -> bool:
    if isinstance(place, Cluster):
        return place.programme.is_demonstration
    return place is not None and place.is_demonstration


def _tasks(actor: Actor) -> Iterator[Task]:
    yield from _cluster_tasks(actor)
    yield from evidence.tasks(actor)
    yield from panel.tasks(actor)
    yield from rounds.tasks(actor)
    yield from bookings.tasks(actor)
    yield from alerts.tasks(actor)
    yield from _milestone_tasks(actor)
    yield from _programme_tasks(actor)


def _cluster_tasks(actor: Actor) -> Iterator[Task]:
    clusters = [s.id for s in actor.scopes(RECORD_CLAIM) if s.kind == ScopeKind.CLUSTER]
    if not clusters:
        return
    own = Claim.objects.filter(cluster__in=clusters).order_by()
    kept = own.filter(status__in=[ClaimStatus.DRAFT, ClaimStatus.RETURNED]).aggregate(
        drafts=Count("pk", filter=Q(status=ClaimStatus.DRAFT)),
        returned=Count("pk", filter=Q(status=ClaimStatus.RETURNED)),
    )
    bare = own.filter(status=ClaimStatus.SUBMITTED, is_evidenced=False)[:1001].count()
    yield from _duty_tasks(actor)
    yield Task(_("Record a result"), State(Tone.UNKNOWN, _("any time")), reverse("claim-new"))
    if drafts := kept["drafts"]:
        yield Task(
            _("Submit your drafts"),
            State(Tone.ATTENTION, _("%s waiting") % number(drafts)),
            f"{reverse('claims')}?status=draft",
        )
    if bare:
        yield Task(
            _("Attach the document that proves a result"),
            State(Tone.PROBLEM, _("%s do not count") % number(bare)),
            f"{reverse('claims')}?status=submitted&evidence=missing",
            _("A submitted result without a document is not counted."),
        )
    if returned := kept["returned"]:
        yield Task(
            _("Send better evidence"),
            State(Tone.PROBLEM, _("%s returned") % number(returned)),
            f"{reverse('claims')}?status=returned",
            _("Verifiers could not prove these. What does not come back in time does not count."),
        )


def _milestone_tasks(actor: Actor) -> Iterator[Task]:
    today = timezone.localdate(actor.at)
    for row in progress.due(actor, today + MILESTONES_AHEAD)[:MILESTONES_SHOWN]:
        yield Task(
            _("Milestone of %(day)s: %(title)s")
            % {"day": day(row.expected_on), "title": row.title},
            milestone_state(row, today),
            project_href(row.project),
            row.project.title,
        )


def _duty_tasks(actor: Actor) -> Iterator[Task]:
    """Returns that wait, the overdue first: the most urgent by name, the others by their number."""
    found = duties.what_is_due(duties.own(actor), actor.at)
    waiting = [one for one in found if one.state in (DueState.OVERDUE, DueState.DUE)]
    for one in waiting[:DUTIES_SHOWN]:
        late = one.state == DueState.OVERDUE
        state = (
            State(Tone.PROBLEM, _("overdue since %s") % day(one.due_on))
            if late
            else State(Tone.ATTENTION, _("due on %s") % day(one.due_on))
        )
        key = [one.duty.pk, one.cluster.pk, one.span.starts_on.isoformat()]
        hint = f"{day(one.span.starts_on)} – {day(one.span.ends_on)}"
        yield Task(one.duty.title, state, reverse("duty-return", args=key), hint)
    if len(waiting) > DUTIES_SHOWN:
        more = len(waiting) - DUTIES_SHOWN
        state = State(Tone.ATTENTION, _("%s more") % number(more))
        yield Task(_("Other returns that wait"), state, reverse("duties"))


def _programme_tasks(actor: Actor) -> Iterator[Task]:
    publish = {s.id for s in actor.scopes(PUBLISH_RUN)}
    for run in Run.objects.filter(programme__in=publish, status=RunStatus.COMPUTED).select_related(
        "programme", "period"
    )[:5]:
        yield Task(
            _("Decide on the evaluation of %(period)s") % {"period": run.period},
            State(Tone.ATTENTION, _("computed, not published")),
            address("ranking", run),
        )
    approve = {s.id for s in actor.scopes(APPROVE_FRAMEWORK)}
    for framework in Framework.objects.filter(
        programme__in=approve, status=FrameworkStatus.DRAFT
    ).select_related("programme")[:5]:
        yield Task(
            _("Read and approve: %s") % framework,
            State(Tone.ATTENTION, _("draft")),
            reverse(
                "framework", args=[framework.programme.slug, framework.code, framework.version]
            ),
        )
    compute = {s.id for s in actor.scopes(COMPUTE_RUN) | actor.scopes(PUBLISH_RUN)}
    for programme in Programme.objects.filter(pk__in=compute):
        yield Task(
            _("Evaluations of %s") % programme,
            State(Tone.UNKNOWN, _("any time")),
            reverse("desk", args=[programme.slug]),
        )


def _tiles(actor: Actor, clusters: Sequence[Cluster]) -> Iterator[Tile]:
    for cluster in sorted(set(clusters), key=str)[:5]:
        found = runs.latest(actor, cluster)
        if found is None:
            continue
        href = address("standing", found.run, cluster.slug)
        shown = Figure(found.rank, href=href) if found.rank else _("not ranked")
        note = _("%(period)s · evidence for %(coverage)s of the indicators") % {
            "period": found.run.period,
            "coverage": percent(found.coverage),
        }
        yield Tile(_("Rank of %s") % cluster, shown, note)
    if any(held.role in (Role.PROGRAMME_OFFICER, Role.APEX_MEMBER) for held in actor.held):
        latest = runs.published(actor).first()
        if latest is not None:
            ranked = latest.standings.filter(rank__isnull=False).count()
            href = address("ranking", latest)
            yield Tile(_("Clusters ranked"), Figure(ranked, href=href), str(latest.period))
            missing = latest.standings.filter(rank__isnull=True).count()
            note = _("for want of evidence")
            yield Tile(_("Clusters not ranked"), Figure(missing, href=href), note)


def _step(event: Event) -> Step:
    label = f"{event.verb.replace('.', ' ')} · {event.subject.replace('/', ' ')}"
    return Step(label, done=True, at=Moment(event.at), text=str(event.actor or _("the system")))
