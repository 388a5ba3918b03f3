"""Addresses of the portfolio."""

from django.urls import path

from sankul.programme.portfolio.pages import (
    board,
    changes,
    deployments,
    lessons,
    problems,
    projects,
)

PROJECT = "projects/<slug:programme>/<slug:code>/"

urlpatterns = [
    path("portfolio/", board.board, name="board"),
    path("problems/", problems.problems, name="problems"),
    path("problems/new/", problems.problem_new, name="problem-new"),
    path("problems/<int:number>/", problems.problem, name="problem"),
    path("problems/<int:number>/edit/", problems.problem_edit, name="problem-edit"),
    path("problems/<int:number>/status/", problems.problem_status, name="problem-status"),
    path("problems/<int:number>/share/", problems.problem_share, name="problem-share"),
    path("projects/", projects.projects, name="projects"),
    path("projects/new/", changes.project_new, name="project-new"),
    path(PROJECT, projects.project, name="project"),
    path(f"{PROJECT}stage/", changes.project_stage, name="project-stage"),
    path(f"{PROJECT}share/", changes.project_share, name="project-share"),
    *(
        path(f"{PROJECT}{word}/", changes.view_of(word), name=f"project-{word}")
        for word in changes.CHANGES
    ),
    path("milestones/<int:number>/reach/", changes.milestone_reach, name="milestone-reach"),
    path("milestones/<int:number>/slip/", changes.milestone_postpone, name="milestone-postpone"),
    path("baselines/<int:number>/measure/", changes.baseline_measure, name="baseline-measure"),
    path("partners/<int:number>/release/", changes.partner_release, name="partner-release"),
    path("budget/<int:number>/strike/", changes.budget_strike, name="budget-strike"),
    path("deployments/", deployments.deployments, name="deployments"),
    path("deployments/<int:number>/", deployments.deployment, name="deployment"),
    path("deployments/<int:number>/edit/", deployments.deployment_edit, name="deployment-edit"),
    path("deployments/<int:number>/start/", deployments.deployment_start, name="deployment-start"),
    path("deployments/<int:number>/end/", deployments.deployment_end, name="deployment-end"),
    path("deployments/<int:number>/users/", deployments.deployment_users, name="deployment-users"),
    path("lessons/", lessons.lessons, name="lessons"),
    path("lessons/new/", lessons.lesson_new, name="lesson-new"),
    path("lessons/<int:number>/", lessons.lesson, name="lesson"),
    path("lessons/<int:number>/edit/", lessons.lesson_edit, name="lesson-edit"),
    path("lessons/<int:number>/credit/", lessons.lesson_credit, name="lesson-credit"),
    path("lessons/<int:number>/report/", lessons.lesson_report, name="lesson-report"),
    path("lessons/<int:number>/share/", lessons.lesson_share, name="lesson-share"),
    path("credits/<int:number>/uncredit/", lessons.lesson_uncredit, name="lesson-uncredit"),
]
