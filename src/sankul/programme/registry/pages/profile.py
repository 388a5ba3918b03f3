"""The profile of a cluster: who it is and was, who belongs to it, and what the public record says."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.http import Http404
from django.urls import reverse
from django.utils.translation import gettext as _

from sankul.core.rules.roles import Actor, verdict
from sankul.core.ui import Column, Crumbs, Day, Entry, Link, Summary, Table
from sankul.programme.registry.models import Dated, Membership
from sankul.programme.registry.queries import clusters
from sankul.programme.registry.queries.clusters import Profile
from sankul.programme.registry.rules import MANAGE_MEMBERS


def cluster_context(actor: Actor, programme_slug: str, cluster_slug: str) -> dict[str, Any]:
    """What ``registry/cluster.html`` shows of a cluster; a page may add ``standing``, its evaluation as safe HTML.

    Raises Http404 where there is no such cluster.
    """
    known = clusters.visible(actor)
    cluster = known.filter(programme__slug=programme_slug, slug=cluster_slug).first()
    if cluster is None:
        raise Http404(_("There is no such cluster."))
    profile = clusters.profile(actor, cluster)
    may_end = verdict(actor, MANAGE_MEMBERS, *cluster.scopes).allowed
    return {
        "cluster": cluster,
        "programme": cluster.programme,
        "is_demonstration": cluster.programme.is_demonstration,
        "profile": profile,
        "crumbs": Crumbs([Link(_("Clusters"), reverse("clusters"))]),
        "identity": _identity(profile),
        "names": _names(profile),
        "entities": _entities(profile),
        "members": _members(_("Members"), profile.members, may_end=may_end),
        "former_members": _members(_("Former members"), profile.former_members, may_end=False),
        "people": _people(profile),
        "topics": profile.by_topic(),
    }


def _identity(profile: Profile) -> Summary:
    cluster, entity = profile.cluster, profile.entity
    entries = [
        Entry(_("Short name"), ", ".join(name.name for name in profile.short_names)),
        Entry(_("City or region"), cluster.place),
        Entry(_("States and territories"), cluster.region),
        Entry(_("Launched"), Day(cluster.launched_on)),
        Entry(_("Run by"), entity.name if entity else _("not recorded")),
        Entry(_("Legal form"), entity.get_form_display() if entity else ""),
        Entry(_("Focus areas"), ", ".join(area.name for area in profile.focus_areas)),
        Entry(_("Website"), Link(cluster.website, cluster.website) if cluster.website else ""),
    ]
    return Summary([entry for entry in entries if entry.value != ""])


def day_columns(rows: Sequence[Dated]) -> list[Column]:
    """The columns of the first and the last day, the latter only where one is set."""
    columns = [Column("from", _("From"), fold=True), Column("until", _("Until"), fold=True)]
    return columns if any(row.until_on for row in rows) else columns[:1]


def days(row: Dated) -> dict[str, Any]:
    """The cells of the days: an empty last day is open."""
    return {"from": Day(row.from_on), "until": Day(row.until_on) if row.until_on else ""}


def _names(profile: Profile) -> Table:
    columns = [
        Column("name", _("Name")),
        Column("kind", _("Kind")),
        Column("of", _("Name of"), fold=True),
        *day_columns(profile.names),
        Column("source", _("Source"), fold=True),
    ]
    rows = [
        {
            "name": row.name,
            "kind": row.get_kind_display(),
            "of": row.entity.name if row.entity else _("the cluster"),
            "source": Link(_("open"), row.source_url) if row.source_url else "",
            **days(row),
        }
        for row in profile.names
    ]
    return Table(_("Names through time"), columns, rows, hide_caption=True)


def _entities(profile: Profile) -> Table:
    columns = [
        Column("name", _("Legal entity")),
        Column("form", _("Legal form")),
        *day_columns(profile.stewardships),
    ]
    rows = [
        {"name": row.entity.name, "form": row.entity.get_form_display(), **days(row)}
        for row in profile.stewardships
    ]
    empty = _("The public record does not say which legal entity runs it.")
    return Table(_("Legal entities through time"), columns, rows, empty=empty, hide_caption=True)


def _members(caption: str, memberships: Sequence[Membership], *, may_end: bool) -> Table:
    columns = [
        Column("name", _("Organisation")),
        Column("as", _("Belongs as")),
        Column("kind", _("Kind"), fold=True),
        *day_columns(memberships),
        *([Column("end", _("Change"))] if may_end else []),
    ]
    rows = [
        {
            "name": Link(
                row.organisation.name, reverse("organisation", args=[row.organisation.slug])
            ),
            "as": row.get_kind_display(),
            "kind": row.organisation.get_kind_display(),
            "end": Link(_("End"), reverse("membership-end", args=[row.pk])) if may_end else "",
            **days(row),
        }
        for row in memberships
    ]
    empty = _("No member is recorded. The cluster's office admits organisations.")
    return Table(caption, columns, rows, empty=empty, hide_caption=True)


def _people(profile: Profile) -> Table:
    columns = [
        Column("name", _("Person")),
        Column("title", _("Post")),
        *day_columns(profile.people),
    ]
    rows = [{"name": row.person.name, "title": row.title, **days(row)} for row in profile.people]
    return Table(_("People"), columns, rows, hide_caption=True)
