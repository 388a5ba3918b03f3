"""Tables that several pages show."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from sankul.core.ui import Column, Day, Figure, Link
from sankul.programme.portfolio.models import Deployment, Project

from .parts import deployment_state, project_href


def project_columns() -> list[Column]:
    """The columns of projects."""
    return [
        Column("title", _("Project"), sort="title"),
        Column("cluster", _("Led by"), fold=True),
        Column("sector", _("Sector"), sort="sector", fold=True),
        Column("stage", _("Stage"), sort="stage"),
        Column("since", _("Since"), sort="since", fold=True),
    ]


def project_line(row: Project) -> Mapping[str, Any]:
    """A project as a row; its cluster and programme are at hand."""
    return {
        "title": Link(row.title, project_href(row)),
        "cluster": row.cluster.name,
        "sector": row.get_sector_display(),
        "stage": row.get_stage_display(),
        "since": Day(row.stage_on),
    }


def deployment_columns() -> list[Column]:
    """The columns of deployments."""
    return [
        Column("title", _("Deployment"), sort="title"),
        Column("place", _("Place"), sort="place", fold=True),
        Column("since", _("In use since"), sort="since", fold=True),
        Column("pays", _("Who pays"), fold=True),
        Column("users", _("Users"), numeric=True, sort="users"),
        Column("status", _("Status"), fold=True),
    ]


def deployment_line(row: Any) -> Mapping[str, Any]:
    """A deployment as a row, with the last count of its users (``queries.deployments.with_users``)."""
    href = reverse("deployment", args=[row.pk])
    return {
        "title": Link(row.title, href),
        "place": place(row),
        "since": Day(row.since_on) if row.since_on else "",
        "pays": row.paid_by.name if row.paid_by else row.payment,
        "users": (
            _("not counted")
            if row.users is None
            else Figure(row.users, href=href, as_of=row.users_on)
        ),
        "status": deployment_state(row),
    }


def place(row: Deployment) -> str:
    """Where a deployment is, in words."""
    return ", ".join(part for part in (row.place, row.district, row.state) if part)
