"""Every address of the site × every role × its own and others' records: what it answers, and that nothing opens by accident."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import get_resolver
from pytest_django.plugin import DjangoDbBlocker

from sankul.core.actions import work
from sankul.core.models import ApiToken, User
from sankul.core.rules.roles import PLATFORM, Permission, Role, Scope
from sankul.core.tests.makers import token
from sankul.programme.evaluation import rules as evaluating
from sankul.programme.evaluation.models import Objection, Round, Run, Seal
from sankul.programme.evaluation.rules import COMPUTE_RUN, PUBLISH_RUN, SEE_RUNS
from sankul.programme.evaluation.tests import makers as evaluation
from sankul.programme.evidence.rules import ESTIMATE, MANAGE_CONFLICTS, PLAN, VERIFY
from sankul.programme.feedback.models import Invitation, Question, Survey
from sankul.programme.feedback.rules import BUILD, CONDUCT, SEE_RESULTS, WATCH
from sankul.programme.feedback.tests import makers as feedback
from sankul.programme.indicators.models import Framework
from sankul.programme.indicators.rules import SEE_DRAFT_FRAMEWORKS
from sankul.programme.indicators.tests import makers as indicators
from sankul.programme.outcomes.models import Attachment, Claim, NilReturn
from sankul.programme.outcomes.rules import (
    DECLARE_NIL,
    LOCK_CLAIMS,
    RECORD_CLAIM,
    RECORD_FEEDBACK,
    SEE_CLAIMS,
)
from sankul.programme.outcomes.tests import makers as outcomes
from sankul.programme.panel import rules as panels
from sankul.programme.panel.models import Panel
from sankul.programme.panel.tests import makers as panel
from sankul.programme.portfolio.rules import (
    MEASURE_PROJECT,
    RECORD_PORTFOLIO,
    SEE_PORTFOLIO,
)
from sankul.programme.registry.models import (
    Body,
    Cluster,
    Meeting,
    Membership,
    Organisation,
    Programme,
)
from sankul.programme.registry.rules import (
    DECIDE,
    MANAGE_BODIES,
    MANAGE_MEMBERS,
    REGISTER,
    BodyKind,
)
from sankul.programme.registry.tests import makers
from sankul.programme.reports.rules import MAKE_REPORT
from sankul.site.health import SEE_METRICS

from . import round_records, seal_records
from .doors import AREAS
from .evidence_records import Verified, going_on
from .matrix import Answer, Door, agree, failed, filled, opened, routes, shut, walk
from .portfolio_records import Works, works

pytestmark = pytest.mark.django_db

ALIEN = "accounts/"
"""Addresses of the library that signs people in: each is met, none is in the table."""
MADE_BY_NINJA = ("api/openapi.json", "api/docs")


@dataclass(frozen=True)
class Place:
    """Records in one place: of the role's own cluster, of one beside it, or of another programme."""

    programme: Programme
    cluster: Cluster
    organisation: Organisation
    membership: Membership
    body: Body
    meeting: Meeting
    draft: Claim
    closed: Claim
    opened: Claim
    attachment: Attachment
    nil: NilReturn
    framework: Framework
    drafted: Framework
    published: Run
    computed: Run
    token: ApiToken
    survey: Survey
    released: Survey
    invitation: Invitation
    panel: Panel
    scored: Panel
    works: Works
    verified: Verified
    begun: Round
    ended: Round
    seal: Seal
    appeal: Objection


def _places() -> dict[str, Place]:
    own, beside = _programme()[:2]
    return {"own": own, "beside": beside, "elsewhere": _programme()[0]}


def _programme() -> list[Place]:
    period, clusters = evaluation.round_of_three()
    programme = period.programme
    earlier = makers.period(programme, 2024)
    published = evaluation.published(period, draws=0)
    computed = evaluation.computed(period, draws=0)
    drafted = indicators.draft(programme, indicators.SMALL.replace('"1"', '"2"'))
    body = programme.bodies.get()
    survey = feedback.draft(period=makers.period(programme, 2023), clusters=0)
    invitation = feedback.invitation(survey)
    released = feedback.released(clusters, period=makers.period(programme, 2022))
    convened = panel.jury(period=makers.period(programme, 2021)).panel
    judged = panel.jury(period=earlier)
    scored = panel.at_phase(panels.PanelStatus.RELEASED, judged).panel
    begun, ended = round_records.rounds(programme, published)
    seal = seal_records.seal(ended)
    places = []
    for cluster in clusters:
        claim = outcomes.draft(cluster)
        organisation = claim.credits.get().organisation
        council = makers.body(programme, cluster=cluster, kind=BodyKind.OFFICE, name="Office")
        places.append(
            Place(
                programme=programme,
                cluster=cluster,
                organisation=organisation,
                membership=makers.membership(cluster, organisation),
                body=council,
                meeting=body.meetings.get(),
                draft=claim,
                closed=outcomes.claim(cluster, organisation, on=date(2024, 5, 10)),
                opened=outcomes.claim(cluster, organisation, kind="training_event"),
                attachment=outcomes.attachment(claim),
                nil=outcomes.nil_return(cluster, earlier, "graduate_project"),
                framework=published.framework,
                drafted=drafted,
                published=published,
                computed=computed,
                token=token(),
                survey=survey,
                released=released,
                invitation=invitation,
                panel=convened,
                scored=scored,
                works=works(cluster),
                verified=going_on(outcomes.claim(cluster, organisation, on=date(2018, 5, 10))),
                begun=begun,
                ended=ended,
                seal=seal,
                appeal=round_records.appeal(ended, cluster),
            )
        )
    return places


def _of_programme(place: Place) -> tuple[Scope, ...]:
    return place.programme.scopes


def _of_draft(place: Place) -> dict[str, Any]:
    return {"number": place.draft.pk}


def _of_run(place: Place, **more: str) -> dict[str, Any]:
    run = place.published
    return {"programme": run.programme.slug, "period": run.period.label, **more}


def _unpublished(place: Place) -> str:
    return f"?run={place.computed.pk}"


def _runs(**more: Callable[[Place], str]) -> list[Door]:
    def fill(place: Place) -> dict[str, Any]:
        return _of_run(place, **{key: value(place) for key, value in more.items()})

    return [
        Door("published", fill),
        Door("computed", fill, _unpublished, needs=(SEE_RUNS,), on=_of_programme),
    ]


def _framework(name: str) -> Callable[[Place], dict[str, Any]]:
    def fill(place: Place) -> dict[str, Any]:
        found = getattr(place, name)
        return {"programme": place.programme.slug, "code": found.code, "version": found.version}

    return fill


def _frameworks() -> list[Door]:
    needs = (SEE_DRAFT_FRAMEWORKS,)
    return [
        Door("approved", _framework("framework")),
        Door("draft", _framework("drafted"), needs=needs, on=_of_programme),
    ]


def _claims() -> list[Door]:
    return [
        Door("submitted, period open", lambda p: {"number": p.opened.pk}),
        Door("submitted, period not open", lambda p: {"number": p.closed.pk}, needs=(SEE_CLAIMS,)),
        Door("draft", _of_draft, needs=(SEE_CLAIMS,)),
    ]


def _of_period(place: Place) -> dict[str, Any]:
    return _slug(place) | {"period": place.verified.verification.period.label}


def _of_look(place: Place) -> dict[str, Any]:
    return {"number": place.verified.look.pk}


def _step(permission: Permission) -> list[Door]:
    return [Door("going on", _of_period, needs=(permission,), on=_of_programme, changes=True)]


def _slug(place: Place) -> dict[str, Any]:
    return {"programme": place.programme.slug}


def _organisation(place: Place) -> dict[str, Any]:
    return {"slug": place.organisation.slug}


def _cluster(place: Place) -> dict[str, Any]:
    return {"programme": place.programme.slug, "slug": place.cluster.slug}


def _survey(
    name: str = "survey", **more: Callable[[Place], Any]
) -> Callable[[Place], dict[str, Any]]:
    def fill(place: Place) -> dict[str, Any]:
        number = getattr(place, name).pk
        return {"number": number, **{key: value(place) for key, value in more.items()}}

    return fill


def _question(place: Place) -> int:
    return Question.objects.filter(section__survey=place.survey).earliest("pk").pk


def _of_any_cluster(place: Place) -> tuple[Scope, ...]:
    clusters = place.programme.clusters.all()
    return (*place.programme.scopes, *(scope for one in clusters for scope in one.scopes))


def _results() -> list[Door]:
    return [
        Door("released", _survey("released"), needs=(SEE_RESULTS,), on=_of_any_cluster),
        Door("draft", _survey(), needs=(CONDUCT,), on=_of_programme),
    ]


def _panel(
    name: str = "panel", **more: Callable[[Place], Any]
) -> Callable[[Place], dict[str, Any]]:
    def fill(place: Place) -> dict[str, Any]:
        number = getattr(place, name).pk
        return {"number": number, **{key: value(place) for key, value in more.items()}}

    return fill


def _panel_score(place: Place) -> dict[str, Any]:
    return {"number": place.scored.results.filter(cluster=place.cluster).earliest("pk").pk}


def _seal(place: Place) -> dict[str, Any]:
    return {"number": place.seal.pk}


def _round(name: str, **more: Callable[[Place], str]) -> Callable[[Place], dict[str, Any]]:
    """A round, by its period."""
    return lambda p: _slug(p) | {
        "period": getattr(p, name).period.label, **{key: at(p) for key, at in more.items()}}  # fmt: skip


def _appeal(place: Place) -> dict[str, Any]:
    return {"number": place.appeal.pk}


CLUSTER: dict[str, Callable[[Place], str]] = {"cluster": lambda p: p.cluster.slug}
VALUE = CLUSTER | {"indicator": lambda p: "items"}
RECORD = {"needs": (RECORD_CLAIM,), "changes": True}
ANY_SCOPE = {"on": lambda place: (), "changes": True}
BUILT = {"needs": (BUILD,), "on": _of_programme, "changes": True}
CONVENED = {"needs": (panels.CONVENE,), "on": _of_programme, "changes": True}
SCORED = {"needs": (panels.SEE_RESULTS,), "on": _of_any_cluster}
CONDUCTED = {"needs": (CONDUCT,), "on": _of_programme, "changes": True}


def _work(name: str) -> Callable[[Place], dict[str, Any]]:
    """A record of the portfolio, by its number."""
    return lambda place: {"number": getattr(place.works, name).pk}


def _project(name: str) -> Callable[[Place], dict[str, Any]]:
    """A project, by its code."""
    return lambda p: {"programme": p.programme.slug, "code": getattr(p.works, name).code}


def _seen(
    hidden: Callable[[Place], dict[str, Any]], shown: Callable[[Place], dict[str, Any]]
) -> list[Door]:
    return [Door("public", shown), Door("not public", hidden, needs=(SEE_PORTFOLIO,))]


KEEP = {"needs": (RECORD_PORTFOLIO,), "changes": True}
PROJECT = "projects/<slug:programme>/<slug:code>/"

NOBODYS = [Door("nobody's", lambda place: {"number": 0}, changes=True)]
"""A record that there is not: nobody is told anything of it."""
DOORS: dict[str, list[Door]] = {
    "": [Door()],
    "method/": [Door()],
    "accessibility/": [Door()],
    "data/": [Door()],
    "data/<slug:slug>.<slug:form>": [Door(slug, lambda p, slug=slug: {"slug": slug, "form": "csv"})
        for slug in ("ranking", "values", "claims", "indicators", "clusters", "facts",
            "problems", "projects", "deployments", "lessons", "verified-totals", "verification-sample")],
    "dashboard/": [Door()],
    "account/tokens/": [Door(changes=True)],
    "account/tokens/<int:number>/revoke/": [
        Door("of somebody else", lambda p: {"number": p.token.pk}, changes=True)],
    "documents/<str:sha256>/": [
        Door("of a published run", lambda p: {"sha256": p.published.package_id}),
        Door("of a draft", lambda p: {"sha256": p.attachment.document_id}, needs=(SEE_CLAIMS,)),
    ],
    "work/<int:number>/": [Door("of somebody", lambda p: {"number": 1})],
    "clusters/": [Door()],
    "clusters/<slug:programme>/<slug:slug>/": [Door("", _cluster)],
    "organisations/": [Door()],
    "organisations/register/": [Door(needs=(REGISTER,), **ANY_SCOPE)],
    "organisations/<slug:slug>/": [Door("", _organisation)],
    "organisations/<slug:slug>/admit/": [Door("", _organisation, needs=(MANAGE_MEMBERS,), **ANY_SCOPE)],
    "memberships/<int:number>/end/": [
        Door("", lambda p: {"number": p.membership.pk}, needs=(MANAGE_MEMBERS,), changes=True)],
    "governance/<slug:programme>/": [Door("", _slug)],
    "bodies/<int:number>/hold/": [
        Door("of a cluster", lambda p: {"number": p.body.pk}, needs=(MANAGE_BODIES,), changes=True),
        Door("apex", lambda p: {"number": p.meeting.body_id}, needs=(MANAGE_BODIES,),
            on=_of_programme, changes=True),
    ],
    "meetings/<int:number>/decide/": [
        Door("apex", lambda p: {"number": p.meeting.pk}, needs=(DECIDE,), on=_of_programme, changes=True)],
    "portfolio/": [Door()],
    "problems/": [Door()],
    "problems/new/": [Door(needs=(RECORD_PORTFOLIO,), **ANY_SCOPE)],
    "problems/<int:number>/": _seen(_work("stated"), _work("shared")),
    "problems/<int:number>/edit/": [Door("public", _work("shared"), **KEEP), Door("not public", _work("stated"), **KEEP)],
    "problems/<int:number>/status/": [Door("public", _work("shared"), **KEEP)],
    "problems/<int:number>/share/": [Door("not public", _work("stated"), **KEEP)],
    "projects/": [Door()],
    "projects/new/": [Door(needs=(RECORD_PORTFOLIO,), **ANY_SCOPE)],
    PROJECT: _seen(_project("research"), _project("pilot")),
    f"{PROJECT}stage/": [Door("public", _project("pilot"), **KEEP), Door("not public", _project("research"), **KEEP)],
    f"{PROJECT}share/": [Door("not public", _project("research"), **KEEP)],
    **{f"{PROJECT}{word}/": [Door("not public", _project("research"), **KEEP)] for word in (
        "edit", "partner", "fund", "assess", "site", "milestone", "baseline", "deploy")},
    "milestones/<int:number>/reach/": [Door("not public", _work("milestone"), **KEEP)],
    "milestones/<int:number>/slip/": [Door("not public", _work("milestone"), **KEEP)],
    "baselines/<int:number>/measure/": [
        Door("not public", _work("baseline"), needs=(MEASURE_PROJECT,), changes=True)],
    "partners/<int:number>/release/": [Door("not public", _work("partner"), **KEEP)],
    "budget/<int:number>/strike/": [Door("not public", _work("line"), **KEEP)],
    "deployments/": [Door()],
    "deployments/<int:number>/": [Door("public", _work("deployment"))],
    **{f"deployments/<int:number>/{word}/": [Door("public", _work("deployment"), **KEEP)] for word in (
        "edit", "start", "end", "users")},
    "lessons/": [Door()],
    "lessons/new/": [Door(needs=(RECORD_PORTFOLIO,), **ANY_SCOPE)],
    "lessons/<int:number>/": _seen(_work("told"), _work("taught")),
    **{f"lessons/<int:number>/{word}/": [Door("not public", _work("told"), **KEEP)] for word in (
        "edit", "credit", "report", "share")},
    "credits/<int:number>/uncredit/": [Door("not public", _work("credit"), **KEEP)],
    "claims/": [Door()],
    "claims/new/": [Door(needs=(RECORD_CLAIM, RECORD_FEEDBACK), **ANY_SCOPE)],
    "claims/<int:number>/": _claims(),
    "claims/<int:number>/edit/": [Door("draft", _of_draft, **RECORD)],
    "claims/<int:number>/attach/": [Door("draft", _of_draft, **RECORD)],
    "claims/<int:number>/submit/": [Door("draft", _of_draft, **RECORD)],
    "claims/<int:number>/withdraw/": [Door("submitted", lambda p: {"number": p.opened.pk}, **RECORD)],
    "attachments/<int:number>/detach/": [Door("", lambda p: {"number": p.attachment.pk}, **RECORD)],
    "nil-returns/": [Door(needs=(DECLARE_NIL,), **ANY_SCOPE)],
    "nil-returns/<int:number>/retract/": [
        Door("", lambda p: {"number": p.nil.pk}, needs=(DECLARE_NIL,), changes=True)],
    "verification/": [Door()],
    "verification/queue/": [Door(needs=(VERIFY,), on=lambda place: ())],
    "verification/checks/<int:number>/": [Door("nobody's", _of_look, changes=True)],
    "verification/checks/<int:number>/undo/": [Door("nobody's", _of_look, changes=True)],
    "verification/checks/<int:number>/take/": [
        Door("nobody's", _of_look, needs=(VERIFY,), on=_of_programme, changes=True)],
    "verification/conflicts/<int:number>/retract/": [
        Door("of somebody", lambda p: {"number": p.verified.conflict.pk}, needs=(MANAGE_CONFLICTS,),
            on=_of_programme, changes=True)],
    "verification/<slug:programme>/conflicts/": [
        Door("", _slug, needs=(MANAGE_CONFLICTS, VERIFY), on=_of_programme, changes=True)],
    "verification/<slug:programme>/<str:period>/": [Door("going on", _of_period)],
    "verification/<slug:programme>/<str:period>/plan/": [
        Door("not planned", lambda p: _slug(p) | {"period": p.verified.unplanned.label},
            needs=(PLAN,), on=_of_programme, changes=True)],
    "verification/<slug:programme>/<str:period>/announce/": _step(PLAN),
    "verification/<slug:programme>/<str:period>/close/": _step(PLAN),
    "verification/<slug:programme>/<str:period>/draw/": _step(PLAN),
    "verification/<slug:programme>/<str:period>/begin/": _step(PLAN),
    "verification/<slug:programme>/<str:period>/estimate/": _step(ESTIMATE),
    "verification/<slug:programme>/<str:period>/lock/": _step(LOCK_CLAIMS),
    "verification/<slug:programme>/<str:period>/sample/": [Door("going on", _of_period)],
    "verification/<slug:programme>/<str:period>/findings/": [Door("going on", _of_period)],
    "verification/<slug:programme>/<str:period>/totals/": [Door("going on", _of_period)],
    "frameworks/<slug:programme>/<slug:code>/<str:version>/": _frameworks(),
    "answer/": [Door(changes=True)],
    "surveys/": [Door()],
    "surveys/new/<slug:programme>/": [Door("", _slug, **BUILT)],
    "surveys/<int:number>/": [
        Door("released", _survey("released"), needs=(SEE_RESULTS,), on=_of_any_cluster),
        Door("draft", _survey(), needs=(WATCH,), on=_of_programme),
    ],
    "surveys/<int:number>/settings/": [Door("draft", _survey(), **BUILT)],
    "surveys/<int:number>/questions/": [Door("draft", _survey(), needs=(WATCH,), on=_of_programme)],
    "surveys/<int:number>/preview/<slug:code>/": [
        Door("draft", _survey(code=lambda p: "scientists"), needs=(WATCH,), on=_of_programme)],
    "surveys/<int:number>/groups/new/": [Door("draft", _survey(), **BUILT)],
    "surveys/<int:number>/groups/<int:part>/": [
        Door("draft", _survey(part=lambda p: p.invitation.group_id), **BUILT)],
    "surveys/<int:number>/sections/new/": [Door("draft", _survey(), **BUILT)],
    "surveys/<int:number>/sections/<int:part>/": [
        Door("draft", _survey(part=lambda p: p.survey.sections.first().pk), **BUILT)],
    "surveys/<int:number>/sections/<int:part>/ask/": [
        Door("draft", _survey(part=lambda p: p.survey.sections.first().pk), **BUILT)],
    "surveys/<int:number>/questions/<int:part>/": [Door("draft", _survey(part=_question), **BUILT)],
    "surveys/<int:number>/drop/<str:kind>/<int:part>/": [
        Door("draft", _survey(part=_question, kind=lambda p: "question"), **BUILT)],
    "surveys/<int:number>/people/": [Door("draft", _survey(), needs=(BUILD,), on=_of_programme)],
    "surveys/<int:number>/people/invite/": [Door("draft", _survey(), **BUILT)],
    "surveys/<int:number>/people/upload/": [Door("draft", _survey(), **BUILT)],
    "surveys/<int:number>/people/<int:part>/out/": [
        Door("draft", _survey(part=lambda p: p.invitation.pk), **BUILT)],
    "surveys/<int:number>/letters/": [Door("draft", _survey(), **BUILT)],
    "surveys/<int:number>/key/": [Door("draft", _survey(), **CONDUCTED)],
    "surveys/<int:number>/open/": [Door("draft", _survey(), **CONDUCTED)],
    "surveys/<int:number>/extend/": [Door("draft", _survey(), **CONDUCTED)],
    "surveys/<int:number>/close/": [Door("draft", _survey(), **CONDUCTED)],
    "surveys/<int:number>/count/": [Door("draft", _survey(), **CONDUCTED)],
    "surveys/<int:number>/key-destroyed/": [Door("draft", _survey(), **CONDUCTED)],
    "surveys/<int:number>/texts/": [Door("draft", _survey(), **CONDUCTED)],
    "surveys/<int:number>/release/": [Door("draft", _survey(), **CONDUCTED)],
    "surveys/<int:number>/results/": _results(),
    "surveys/<int:number>/receipts/": [Door("released", _survey("released"))],
    "panels/": [Door()],
    "panels/new/<slug:programme>/": [Door("", _slug, **CONVENED)],
    "panels/scores/<int:number>/": [Door("released", _panel_score, needs=(panels.SEE_RESULTS,))],
    "panels/<int:number>/": [
        Door("released", _panel("scored"), **SCORED),
        Door("draft", _panel(), needs=(panels.WATCH,), on=_of_programme),
    ],
    "panels/<int:number>/rubrics/<slug:criterion>/": [
        Door("draft", _panel(criterion=lambda p: "learning"), **CONVENED)],
    "panels/<int:number>/members/": [Door("draft", _panel(), **CONVENED)],
    "panels/<int:number>/open/": [Door("draft", _panel(), **CONVENED)],
    "panels/<int:number>/step/<slug:step>/": [
        Door("draft", _panel(step=lambda p: "discuss"), needs=(panels.CONDUCT,), on=_of_programme,
            changes=True)],
    **{f"panels/<int:number>/{way}": [Door("of others", _panel(**CLUSTER), changes=True)] for way in (
        "sheet/<slug:cluster>/", "sheet/<slug:cluster>/recuse/", "visits/<slug:cluster>/")},
    "panels/<int:number>/send/": [Door("of others", _panel(), changes=True)],
    "panels/<int:number>/discussion/": [
        Door("released", _panel("scored"), needs=(panels.SEE_SCORES,), on=_of_programme)],
    "panels/<int:number>/discussion/<slug:cluster>/<slug:criterion>/": [
        Door("released", _panel("scored", **CLUSTER, criterion=lambda p: "learning"),
            needs=(panels.SEE_SCORES,), on=_of_programme, changes=True)],
    "panels/<int:number>/results/": [Door("released", _panel("scored"), **SCORED)],
    "ranking/": [Door()],
    "ranking/<slug:programme>/<str:period>/": _runs(),
    "ranking/<slug:programme>/<str:period>/<slug:cluster>/": _runs(**CLUSTER),
    "ranking/<slug:programme>/<str:period>/<slug:cluster>/<str:indicator>/": _runs(**VALUE),
    "certainty/<slug:programme>/<str:period>/": _runs(),
    "evaluation/<slug:programme>/": [Door("", _slug, needs=(SEE_RUNS,), on=_of_programme)],
    "evaluation/<slug:programme>/compute/": [
        Door("", _slug, needs=(COMPUTE_RUN,), on=_of_programme, changes=True,
            sent=lambda p: {"period": p.published.period.label})],
    "evaluation/<slug:programme>/runs/<int:number>/publish/": [
        Door("", lambda p: {"programme": p.programme.slug, "number": p.computed.pk},
            needs=(PUBLISH_RUN,), on=_of_programme, changes=True)],
    "rounds/": [Door()],
    "rounds/<slug:programme>/new/": [
        Door("", _slug, needs=(evaluating.CONDUCT,), on=_of_programme, changes=True)],
    "rounds/<slug:programme>/rules/": [Door("", _slug, needs=(SEE_RUNS,), on=_of_programme)],
    "rounds/<slug:programme>/rules/new/": [
        Door("", _slug, needs=(evaluating.DECIDE,), on=_of_programme, changes=True)],
    "rounds/<slug:programme>/<str:period>/": [
        Door("published", _round("ended")),
        Door("going on", _round("begun"), needs=(SEE_RUNS, evaluating.REPLY), on=_of_any_cluster)],
    "rounds/<slug:programme>/<str:period>/next/": [
        Door("going on", _round("begun"), needs=(evaluating.DECIDE,), on=_of_programme, changes=True),
        Door("published", _round("ended"), needs=(evaluating.CONDUCT,), on=_of_programme, changes=True)],
    "rounds/<slug:programme>/<str:period>/deadlines/": [
        Door("going on", _round("begun"), needs=(evaluating.CONDUCT,), on=_of_programme, changes=True)],
    "rounds/<slug:programme>/<str:period>/decisions/": [Door("published", _round("ended"))],
    "rounds/<slug:programme>/<str:period>/decisions/<slug:cluster>/": [
        Door("published", _round("ended", **CLUSTER), needs=(evaluating.DECIDE,), on=_of_programme,
            changes=True)],
    "rounds/<slug:programme>/<str:period>/replies/": [Door("published", _round("ended"))],
    "rounds/<slug:programme>/<str:period>/replies/<slug:cluster>/new/": [
        Door("published", _round("ended", **CLUSTER), needs=(evaluating.REPLY,), changes=True)],
    "rounds/<slug:programme>/<str:period>/correct/": [
        Door("published", _round("ended"), needs=(evaluating.DECIDE,), on=_of_programme, changes=True)],
    "rounds/<slug:programme>/<str:period>/seal/": [Door("published", _round("ended"))],
    "rounds/<slug:programme>/<str:period>/seal/make/": [
        Door("published", _round("ended"), needs=(evaluating.SEAL,), on=_of_programme, changes=True)],
    "seals/<int:number>/checkpoint.txt": [Door("published", _seal)],
    "seals/<int:number>/request.tsq": [Door("published", _seal)],
    "seals/<int:number>/stamp/": [
        Door("published", _seal, needs=(evaluating.SEAL,), on=_of_programme, changes=True)],
    "seals/<int:number>/proof.json": [Door("published", _seal, lambda p: "?record=run")],
    "replies/<int:number>/": [Door("appeal, open", _appeal, needs=(SEE_RUNS, evaluating.REPLY))],
    "replies/<int:number>/rule/": [
        Door("appeal, open", _appeal, needs=(evaluating.DECIDE,), changes=True)],
    "replies/<int:number>/carry-out/": [
        Door("appeal, open", _appeal, needs=(evaluating.MODERATE,), changes=True)],
    "api/rounds": [Door()],
    "api/rounds/<programme>/<period>": [Door("published", _round("ended"))],
    "api/": [],
    "api": [Door()],
    "api/openapi.json": [Door()],
    "api/docs": [Door()],
    "api/programmes": [Door()],
    "api/programmes/<slug>": [Door("", lambda p: {"slug": p.programme.slug})],
    "api/clusters": [Door()],
    "api/clusters/<programme>/<slug>": [Door("", _cluster)],
    "api/organisations": [Door()],
    "api/problems": [Door(changes=True)],
    "api/problems/<number>": _seen(_work("stated"), _work("shared")),
    "api/projects": [Door(changes=True)],
    "api/projects/<programme>/<code>": _seen(_project("research"), _project("pilot")),
    "api/projects/<programme>/<code>/conditions": [
        Door("public", _project("pilot"), needs=(SEE_PORTFOLIO,)),
        Door("not public", _project("research"), needs=(SEE_PORTFOLIO,))],
    "api/projects/<programme>/<code>/stage": [Door("not public", _project("research"), **KEEP)],
    "api/baselines/<number>/measurements": [
        Door("not public", _work("baseline"), needs=(MEASURE_PROJECT,), changes=True)],
    "api/deployments": [Door()],
    "api/deployments/<number>": [Door("public", _work("deployment"))],
    "api/deployments/<number>/users": [Door("public", _work("deployment"), **KEEP)],
    "api/lessons": [Door(changes=True)],
    "api/lessons/<number>": _seen(_work("told"), _work("taught")),
    "api/claims": [Door(changes=True)],
    "api/claims/<number>": _claims(),
    "api/claims/<number>/submit": [Door("draft", _of_draft, **RECORD)],
    "api/frameworks": [Door()],
    "api/frameworks/<programme>/<code>/<version>/indicators": _frameworks(),
    "api/measures": [Door()],
    "api/surveys": [Door()],
    "api/surveys/<number>/results": _results()[:1],
    "api/panels": [Door()],
    "api/panels/<number>/results": [Door("released", _panel("scored"), **SCORED)],
    "api/panels/<number>/scores": [Door("released", _panel("scored"), **SCORED)],
    "api/verifications": [Door()],
    "api/verifications/<programme>/<period>": [Door("going on", _of_period)],
    "api/verifications/<programme>/<period>/sample": [Door("going on", _of_period)],
    "api/verifications/<programme>/<period>/estimates": [Door("going on", _of_period)],
    "api/checks": [Door(needs=(VERIFY,), on=lambda place: ())],
    "api/checks/<number>": [Door("nobody's", _of_look)],
    "api/checks/<number>/take": [
        Door("nobody's", _of_look, needs=(VERIFY,), on=_of_programme, changes=True)],
    "api/checks/<number>/finding": [Door("nobody's", _of_look, changes=True)],
    "api/checks/<number>/undo": [Door("nobody's", _of_look, changes=True)],
    "plausibility/": [Door()],
    "plausibility/rules/": [Door()],
    "plausibility/<int:number>/": NOBODYS,
    "plausibility/<int:number>/answer/": NOBODYS,
    "plausibility/<int:number>/rule/": NOBODYS,
    "plausibility/<slug:programme>/check/": [Door("", _slug, changes=True)],
    "capacities/<slug:programme>/": [Door("", _slug, changes=True)],
    "capacities/<int:number>/retract/": NOBODYS,
    "api/plausibility/rules": [Door()],
    "api/plausibility/findings": [Door()],
    "api/plausibility/findings/<number>": NOBODYS,
    "api/plausibility/findings/<number>/answer": NOBODYS,
    "api/plausibility/findings/<number>/ruling": NOBODYS,
    "duties/": [Door()],
    "duties/of/<slug:programme>/": [Door("", _slug, changes=True)],
    "duties/<int:number>/end/": NOBODYS,
    "duties/<int:duty>/<int:cluster>/<str:starts_on>/": [
        Door("nobody's", lambda p: {"duty": 0, "cluster": p.cluster.pk, "starts_on": "2025-04-01"},
            changes=True)],
    "claims/import/": [Door(changes=True)],
    "claims/import/<int:number>/": NOBODYS,
    "claims/import/<int:number>/again/": NOBODYS,
    "claims/import/<int:number>/apply/": NOBODYS,
    "claims/import/<slug:kind>.<slug:form>": [
        Door("", lambda p: {"kind": "outreach_item", "form": "csv"})],
    "claims/<int:number>/amend/": [Door("draft", _of_draft, **RECORD)],
    "api/kinds": [Door()],
    "api/claims/import": [Door(changes=True)],
    "api/imports/<number>": NOBODYS,
    "api/imports/<number>/problems": NOBODYS,
    "api/claims/<number>/amend": [Door("draft", _of_draft, **RECORD)],
    "api/claims/<number>/withdraw": [Door("draft", _of_draft, **RECORD)],
    "api/claims/<number>/documents": [Door("draft", _of_draft, **RECORD)],
    "api/claims/<number>/links": [Door("draft", _of_draft, **RECORD)],
    "reports/": [Door()],
    "reports/<slug:programme>/<str:period>/make/": [
        Door("published", _of_run, needs=(MAKE_REPORT,), on=_of_programme, changes=True)],
    "reports/<slug:programme>/<str:period>/<slug:language>/": [
        Door("not made", lambda p: _of_run(p, language="en"))],
    "lineage/claims/<int:number>/": _claims(),
    "ranking/<slug:programme>/<str:period>/<slug:cluster>/<str:indicator>/lineage/": _runs(**VALUE),
    "api/evaluations": [Door()],
    "api/evaluations/<programme>/<period>": [Door("published", _of_run)],
    "api/evaluations/<programme>/<period>/certainty": [Door("published", _of_run)],
    "api/evaluations/<programme>/<period>/<cluster>/<indicator>": _runs(**VALUE)[:1],
    "ui/": [Door()],
    "i18n/setlang/": [Door(changes=True)],
    "favicon.ico": [Door()],
    "healthz": [Door()],
    "metrics": [Door(needs=(SEE_METRICS,), on=lambda place: (PLATFORM,))],
}  # fmt: skip


@pytest.fixture(scope="module")
def answers(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> list[Answer]:
    with django_db_blocker.unblock(), transaction.atomic():
        found = list(walk(DOORS, _places()))
        transaction.set_rollback(True)
    return found


def test_every_address_of_the_site_is_listed() -> None:
    met = {route for route in routes(get_resolver().url_patterns) if not route.startswith(ALIEN)}
    assert met == set(DOORS).union(*(area.DOORS for area in AREAS.values()))


def test_no_address_fails(answers: list[Answer]) -> None:
    assert failed(answers) == []


def test_nothing_opens_to_somebody_whose_roles_do_not_cover_it(answers: list[Answer]) -> None:
    assert opened(answers) == []


def test_everything_opens_to_those_whose_roles_cover_it(answers: list[Answer]) -> None:
    assert shut(answers) == []


def test_every_address_answers_as_in_the_table(answers: list[Answer]) -> None:
    agree("page_matrix.csv", answers)


def test_addresses_that_change_nothing_are_only_read(client: Client) -> None:
    client.force_login(makers.user_with(Role.PROGRAMME_OFFICER))
    place = _programme()[0]
    for route, doors in DOORS.items():
        for door in doors:
            if not door.changes and route not in MADE_BY_NINJA:
                address = filled(route, door.fill(place) if door.fill else {})
                assert client.post(address).status_code in (302, 404, 405), address


def test_work_is_shown_to_its_asker_alone(client: Client) -> None:
    asker = makers.user()
    asked = work.ask(user=asker, title="Evaluation", at=makers.AT)
    client.force_login(makers.user_with(Role.PROGRAMME_OFFICER))
    assert client.get(f"/work/{asked.pk}/").status_code == 404
    client.force_login(asker)
    assert client.get(f"/work/{asked.pk}/").status_code == 200


@pytest.mark.parametrize("signed_in", [False, True])
def test_no_address_of_signing_in_fails(client: Client, signed_in: bool) -> None:
    client.raise_request_exception = False
    if signed_in:
        client.force_login(makers.user_with(Role.PROGRAMME_OFFICER))
    values = {"key": "a", "uidb36": "1", "pk": "1", "provider_id": "none"}
    alien = [route for route in routes(get_resolver().url_patterns) if route.startswith(ALIEN)]
    assert len(alien) > 20
    for route in alien:
        plain = re.sub(r"\(\?P(<\w+>)[^)]*\)", r"\1", route).replace("^", "").replace("$", "")
        address = filled(plain, values)
        for method in ("get", "post"):
            with transaction.atomic():
                assert getattr(client, method)(address).status_code < 500, address
                transaction.set_rollback(True)


def test_nobody_makes_an_account_by_signing_up(client: Client) -> None:
    page = client.get("/accounts/signup/")
    assert "closed" in page.content.decode().lower()
    given = {
        "email": "a@example.org",
        "password1": "long-enough-2026",
        "password2": "long-enough-2026",
    }
    client.post("/accounts/signup/", given)
    assert not User.objects.filter(email="a@example.org").exists()
