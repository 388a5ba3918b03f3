"""Who holds what comes through the SensorThings API, and who may change it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _t

from sankul.core.rules.roles import PLATFORM, Actor, Scope, ScopeKind, require
from sankul.core.rules.verdicts import Forbidden, Refused
from sankul.field.streams.models import Thing
from sankul.field.streams.queries.sta.sources import SOURCES, Source
from sankul.field.streams.rules import RECORD_STREAMS
from sankul.field.streams.rules.odata import Unreadable
from sankul.field.streams.rules.odata.resources import Unknown
from sankul.programme.registry.models import Cluster, Organisation

PUBLIC = "@sankul.public"
"""The annotation that opens an entity to everybody, or closes it."""


@dataclass(frozen=True)
class Holder:
    """The scope that an entity belongs to, and whether everybody may see it."""

    cluster: Cluster | None = None
    organisation: Organisation | None = None
    is_public: bool = False
    scopes: tuple[Scope, ...] = field(default=())

    @property
    def fields(self) -> dict[str, Any]:
        """The columns that say so."""
        return {
            "cluster": self.cluster,
            "organisation": self.organisation,
            "is_public": self.is_public,
        }


def holder_for(actor: Actor, *, is_public: bool | None, under: Thing | None = None) -> Holder:
    """The scope in which the actor makes an entity: that of the thing it belongs to, or else the one in which the actor records.

    Raises Forbidden without the right, and Refused where the actor records in several scopes.
    """
    if under is not None:
        require(actor, RECORD_STREAMS, *under.scopes)
        public = under.is_public if is_public is None else is_public
        return Holder(under.cluster, under.organisation, public, under.scopes)
    scopes = actor.scopes(RECORD_STREAMS)
    require(actor, RECORD_STREAMS, *scopes)
    if PLATFORM in scopes:
        return Holder(is_public=is_public is not False, scopes=(PLATFORM,))
    if len(scopes) > 1:
        raise Refused(
            _t("Your roles cover several scopes. Use a token that is narrowed to one of them.")
        )
    (scope,) = scopes
    if scope.kind == ScopeKind.CLUSTER:
        cluster = Cluster.objects.get(pk=scope.id)
        return Holder(cluster=cluster, is_public=bool(is_public), scopes=cluster.scopes)
    organisation = Organisation.objects.get(pk=scope.id)
    return Holder(organisation=organisation, is_public=bool(is_public), scopes=organisation.scopes)


def to_change(name: str, key: int, actor: Actor) -> Any:
    """The entity, locked. Raises Unknown where the actor may not see it, Forbidden where it may not be changed."""
    source = SOURCES[name]
    manager: Any = source.model._default_manager
    found = manager.changeable_by(actor).select_for_update(of=("self",)).filter(pk=key).first()
    if found is None:
        _tell_why_not(source, key, actor)
    return found


def to_link(name: str, key: int, actor: Actor, place: str) -> Any:
    """The entity that something is to be linked to. Raises Unreadable where the actor may not see it."""
    found = SOURCES[name].visible_to(actor).filter(pk=key).first()
    if found is None:
        raise Unreadable(place, f"a {name} that exists; there is no {key}")
    return found


def thing_of(name: str, entity: Any) -> Thing | None:
    """The thing by whose rights an entity is changed; None for what has rights of its own."""
    if name == "Thing":
        return entity if isinstance(entity, Thing) else None
    return entity.thing if SOURCES[name].thing else None


def scopes_of(name: str, entity: Any) -> tuple[Scope, ...]:
    """The scopes of an entity: of the thing it belongs to, or its own."""
    scopes: tuple[Scope, ...] = (thing_of(name, entity) or entity).scopes
    return scopes


def require_thing(thing: Thing, actor: Actor) -> None:
    """Raise Forbidden unless the actor records in the scope of a thing."""
    require(actor, RECORD_STREAMS, *thing.scopes)


def _tell_why_not(source: Source, key: int, actor: Actor) -> None:
    seen = source.visible_to(actor).filter(pk=key).first()
    if seen is None:
        raise Unknown(str(key))
    holder = thing_of(source.entity.name, seen) or seen
    require(actor, RECORD_STREAMS, *holder.scopes)
    raise Forbidden(_t("Your roles do not cover this."))
