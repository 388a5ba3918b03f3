"""What the site gives away of the portfolio: problems, projects, deployments and lessons that are public."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from sankul.core.exports import Dataset, Field, Type
from sankul.programme.portfolio.models import Deployment, Lesson, Problem, Project
from sankul.programme.portfolio.queries.deployments import with_users

FICTIONAL = _("whether the programme is the fictional demonstration")


def _whose(before: str = "") -> tuple[Field, ...]:
    return (
        Field("programme", Type.TEXT, _("short name of the programme"), f"{before}programme__slug"),
        Field("is_demonstration", Type.TRUTH, FICTIONAL, f"{before}programme__is_demonstration"),
        Field("cluster", Type.TEXT, _("cluster that states or leads it"), f"{before}cluster__slug"),
    )


PORTFOLIO = (
    Dataset(
        "problems",
        _("Problems of cities"),
        _("Problems that clusters state for the public bodies that own them."),
        (
            Field("id", Type.WHOLE, _("number of the problem")),
            *_whose(),
            Field("title", Type.TEXT, _("title")),
            Field("owner", Type.TEXT, _("public body that owns it"), "owner__name"),
            Field("sector", Type.TEXT, _("sector")),
            Field("since_on", Type.DATE, _("known since")),
            Field("status", Type.TEXT, _("open, worked_on, solved or set_aside")),
            Field("size_value", Type.DECIMAL, _("how big it is, in its unit")),
            Field("size_unit", Type.TEXT, _("unit of its size")),
            Field("size_on", Type.DATE, _("day of the figure")),
            Field("size_source", Type.TEXT, _("source of the figure")),
        ),
        lambda actor: Problem.objects.filter(shared_at__isnull=False),
    ),
    Dataset(
        "projects",
        _("Projects"),
        _("Projects from the pilot on, and those shared before."),
        (
            Field("code", Type.TEXT, _("code, once a programme")),
            *_whose(),
            Field("title", Type.TEXT, _("title")),
            Field("sector", Type.TEXT, _("sector")),
            Field("stage", Type.TEXT, _("stage, or how it ended")),
            Field("stage_on", Type.DATE, _("in this stage since")),
            Field("starts_on", Type.DATE, _("first day")),
            Field("ends_on", Type.DATE, _("last day")),
        ),
        lambda actor: Project.objects.filter(shared_at__isnull=False),
    ),
    Dataset(
        "deployments",
        _("Deployments"),
        _("Where solutions of public projects are planned, in use, or were."),
        (
            Field("id", Type.WHOLE, _("number of the deployment")),
            *_whose("project__"),
            Field("project", Type.TEXT, _("code of the project"), "project__code"),
            Field("title", Type.TEXT, _("title")),
            Field("place", Type.TEXT, _("place")),
            Field("district", Type.TEXT, _("district")),
            Field("state", Type.TEXT, _("state or territory")),
            Field("latitude", Type.DECIMAL, _("degrees north, WGS 84")),
            Field("longitude", Type.DECIMAL, _("degrees east, WGS 84")),
            Field("status", Type.TEXT, _("planned, in_use or ended")),
            Field("since_on", Type.DATE, _("in use since")),
            Field("until_on", Type.DATE, _("in use until")),
            Field("users", Type.WHOLE, _("users, as last counted; empty: not counted")),
            Field("users_on", Type.DATE, _("day of the count")),
        ),
        lambda actor: with_users(Deployment.objects.filter(project__shared_at__isnull=False)),
    ),
    Dataset(
        "lessons",
        _("Lessons of experiments"),
        _("What was expected, tried, seen and learned, as clusters shared it."),
        (
            Field("id", Type.WHOLE, _("number of the lesson")),
            *_whose(),
            Field("title", Type.TEXT, _("title")),
            Field("sector", Type.TEXT, _("sector")),
            Field("on", Type.DATE, _("when the experiment ended")),
            Field("hypothesis", Type.TEXT, _("what was expected")),
            Field("tried", Type.TEXT, _("what was tried")),
            Field("happened", Type.TEXT, _("what happened")),
            Field("why", Type.TEXT, _("why")),
            Field("learned", Type.TEXT, _("what was learned")),
            Field("instead", Type.TEXT, _("what to do instead")),
            Field("report", Type.TEXT, _("address of the report or data"), "report_url"),
        ),
        lambda actor: Lesson.objects.filter(shared_at__isnull=False),
    ),
)
"""The datasets of the portfolio."""
