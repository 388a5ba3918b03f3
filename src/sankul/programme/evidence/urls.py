"""Addresses of verification."""

from django.urls import path

from sankul.programme.evidence.pages import (
    capacities,
    conflicts,
    desk,
    findings,
    lists,
    public,
    steps,
)

OF = "verification/<slug:programme>/<str:period>/"

urlpatterns = [
    path("verification/", public.verifications, name="verifications"),
    path("verification/queue/", desk.queue, name="queue"),
    path("verification/checks/<int:number>/", desk.check, name="check"),
    path("verification/checks/<int:number>/undo/", desk.undo, name="check-undo"),
    path("verification/checks/<int:number>/take/", desk.take, name="check-take"),
    path(
        "verification/conflicts/<int:number>/retract/", conflicts.retract, name="conflict-retract"
    ),
    path("verification/<slug:programme>/conflicts/", conflicts.conflicts, name="conflicts"),
    path(OF, public.verification, name="verification"),
    path(f"{OF}plan/", steps.plan, name="verification-plan"),
    path(f"{OF}announce/", steps.announce, name="verification-announce"),
    path(f"{OF}close/", steps.close, name="verification-close"),
    path(f"{OF}draw/", steps.draw, name="verification-draw"),
    path(f"{OF}begin/", steps.begin, name="verification-begin"),
    path(f"{OF}estimate/", steps.estimate, name="verification-estimate"),
    path(f"{OF}lock/", steps.lock, name="verification-lock"),
    path(f"{OF}sample/", lists.sample, name="verification-sample"),
    path(f"{OF}findings/", lists.findings, name="verification-findings"),
    path(f"{OF}totals/", lists.totals, name="verification-totals"),
    path("plausibility/", findings.findings, name="plausibility"),
    path("plausibility/rules/", findings.rules, name="plausibility-rules"),
    path("plausibility/<int:number>/", findings.finding, name="plausibility-finding"),
    path("plausibility/<int:number>/answer/", findings.answer, name="plausibility-answer"),
    path("plausibility/<int:number>/rule/", findings.rule_on, name="plausibility-rule"),
    path("plausibility/<slug:programme>/check/", findings.check, name="plausibility-check"),
    path("capacities/<int:number>/retract/", capacities.retract, name="capacity-retract"),
    path("capacities/<slug:programme>/", capacities.capacities, name="capacities"),
]
