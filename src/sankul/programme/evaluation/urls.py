"""Addresses of the evaluation's pages."""

from django.urls import path

from .pages import (
    certainty,
    decisions,
    figures,
    lineage,
    objections,
    office,
    ranking,
    rounds,
    sealing,
)

urlpatterns = [
    path("ranking/", ranking.rankings, name="rankings"),
    path("ranking/<slug:programme>/<str:period>/", ranking.ranking, name="ranking"),
    path(
        "ranking/<slug:programme>/<str:period>/<slug:cluster>/", figures.standing, name="standing"
    ),
    path(
        "ranking/<slug:programme>/<str:period>/<slug:cluster>/<str:indicator>/",
        figures.value,
        name="value",
    ),
    path(
        "ranking/<slug:programme>/<str:period>/<slug:cluster>/<str:indicator>/lineage/",
        lineage.value_lineage,
        name="value-lineage",
    ),
    path("lineage/claims/<int:number>/", lineage.claim_lineage, name="claim-lineage"),
    path("certainty/<slug:programme>/<str:period>/", certainty.sureness, name="certainty"),
    path("evaluation/<slug:programme>/", office.desk, name="desk"),
    path("evaluation/<slug:programme>/compute/", office.compute, name="compute"),
    path("evaluation/<slug:programme>/runs/<int:number>/publish/", office.publish, name="publish"),
    path("rounds/", rounds.rounds, name="rounds"),
    path("rounds/<slug:programme>/new/", rounds.open_, name="round-new"),
    path("rounds/<slug:programme>/rules/", decisions.rules, name="funding-rules"),
    path("rounds/<slug:programme>/rules/new/", decisions.approve, name="funding-rule-new"),
    path("rounds/<slug:programme>/<str:period>/", rounds.round_, name="round"),
    path("rounds/<slug:programme>/<str:period>/next/", rounds.move, name="round-move"),
    path(
        "rounds/<slug:programme>/<str:period>/deadlines/", rounds.deadlines, name="round-deadlines"
    ),
    path(
        "rounds/<slug:programme>/<str:period>/decisions/",
        decisions.decisions,
        name="round-decisions",
    ),
    path(
        "rounds/<slug:programme>/<str:period>/decisions/<slug:cluster>/",
        decisions.decide,
        name="round-decide",
    ),
    path("rounds/<slug:programme>/<str:period>/replies/", objections.objections, name="objections"),
    path(
        "rounds/<slug:programme>/<str:period>/replies/<slug:cluster>/new/",
        objections.new,
        name="objection-new",
    ),
    path("rounds/<slug:programme>/<str:period>/correct/", objections.correct, name="round-correct"),
    path("replies/<int:number>/", objections.objection, name="objection"),
    path("replies/<int:number>/rule/", objections.rule, name="objection-rule"),
    path("replies/<int:number>/carry-out/", objections.carry_out, name="objection-carry-out"),
    path("rounds/<slug:programme>/<str:period>/seal/", sealing.seals, name="seal"),
    path("rounds/<slug:programme>/<str:period>/seal/make/", sealing.make, name="seal-make"),
    path("seals/<int:number>/checkpoint.txt", sealing.checkpoint, name="seal-checkpoint"),
    path("seals/<int:number>/request.tsq", sealing.asking, name="seal-request"),
    path("seals/<int:number>/stamp/", sealing.stamp, name="seal-stamp"),
    path("seals/<int:number>/proof.json", sealing.proof, name="seal-proof"),
]
