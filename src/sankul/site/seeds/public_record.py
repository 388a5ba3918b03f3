"""The real programme, as the public record shows it: identities and facts with sources, no claims."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

from django.apps import apps
from django.db import IntegrityError, models, transaction
from django.db.models import ProtectedError

from sankul.core.actions import events
from sankul.core.models import Event
from sankul.core.rules import canonical
from sankul.programme.registry import models as registry
from sankul.programme.registry.models import Cluster, LegalEntity, Programme
from sankul.site.seeds import record_file
from sankul.site.seeds.record_file import Record, SeedError

FILE = Path(__file__).with_name("public-record.toml")
M = TypeVar("M", bound=models.Model)


def load(at: datetime, path: Path = FILE) -> Programme:
    """Take over the file in one transaction and return its programme; a file taken over already changes nothing.

    Rows the file holds are made or brought in step; rows that an earlier version of it held and this one does not are removed;
    what people recorded is left alone. One event ``seed.loaded`` carries the file's SHA-256 and the names of its rows.
    Raises SeedError, with nothing written, when the file is wrong, contradicts what is recorded, or drops a row that others cite.
    """
    record = record_file.read(path)
    digest = canonical.sha256(path.read_bytes())
    try:
        with transaction.atomic():
            return _take_over(record, digest, at)
    except (IntegrityError, ProtectedError) as error:
        raise SeedError(f"{path.name}: it contradicts what is recorded already: {error}") from error


def _take_over(record: Record, digest: str, at: datetime) -> Programme:
    programme = Programme.objects.select_for_update().filter(slug=record.programme.slug).first()
    before = _last_load(programme) if programme else {}
    if programme and before.get("sha256") == digest:
        return programme
    loading = _Loading(record)
    programme = loading.everything()
    _remove(before.get("holds", []), loading.held)
    events.record(
        actor=None,
        verb="seed.loaded",
        subject=programme,
        at=at,
        scopes=programme.scopes,
        data={"sha256": digest, "holds": loading.held},
    )
    return programme


def _last_load(programme: Programme) -> dict[str, Any]:
    loads = Event.objects.filter(verb="seed.loaded", subject=events.name(programme))
    last = loads.order_by("-seq").first()
    data: dict[str, Any] = json.loads(last.body)["data"] if last else {}
    return data


def _remove(before: list[str], now: list[str]) -> None:
    kept = set(now)
    for name in reversed([name for name in before if name not in kept]):
        model, _slash, key = name.partition("/")
        apps.get_model("registry", model)._default_manager.filter(pk=key).delete()


class _Loading:
    """One load: every row is put where it belongs, and its name remembered."""

    def __init__(self, record: Record) -> None:
        self.record = record
        self.held: list[str] = []
        self.entities: dict[str, LegalEntity] = {}
        self.organisations: dict[str, registry.Organisation] = {}

    def everything(self) -> Programme:
        wanted = self.record.programme
        programme = self.put(
            Programme,
            {"slug": wanted.slug},
            name=wanted.name,
            summary=wanted.summary,
            starts_on=wanted.starts_on,
            is_demonstration=False,
        )
        for period in self.record.periods:
            days = {"starts_on": period.starts_on, "ends_on": period.ends_on}
            self.put(registry.Period, {"programme": programme, "label": period.label}, **days)
        self.put_entities()
        self.put_organisations()
        self.put_about(programme, None, wanted)
        for cluster in self.record.clusters:
            self.put_cluster(programme, cluster)
        return programme

    def put_entities(self) -> None:
        for key, wanted in self.record.entities.items():
            entity = self.put(LegalEntity, {"name": wanted.name}, form=wanted.form)
            self.put_names("entity", entity, wanted.names)
            self.entities[key] = entity

    def put_organisations(self) -> None:
        for slug, wanted in self.record.organisations.items():
            known = wanted.ror and registry.Organisation.objects.filter(ror=wanted.ror).first()
            self.organisations[slug] = self.put(
                registry.Organisation,
                {"slug": known.slug if known else slug},
                name=wanted.name,
                kind=wanted.kind,
                city=wanted.city,
                ror=wanted.ror,
                is_demonstration=False,
            )

    def put_cluster(self, programme: Programme, wanted: record_file.Cluster) -> None:
        cluster = self.put(
            Cluster,
            {"programme": programme, "slug": wanted.slug},
            name=wanted.name,
            place=wanted.place,
            region=wanted.region,
            launched_on=wanted.launched_on,
            website=wanted.website,
        )
        areas = [
            self.put(registry.FocusArea, {"programme": programme, "name": area})
            for area in wanted.focus_areas
        ]
        cluster.focus_areas.set(areas)
        self.put_names("cluster", cluster, wanted.names)
        for steward in wanted.stewards:
            entity = self.entities[steward.entity]
            self.put_dated(registry.Stewardship, {"cluster": cluster, "entity": entity}, steward)
        for member in wanted.members:
            key = {"cluster": cluster, "organisation": self.organisations[member.organisation]}
            self.put_dated(registry.Membership, key, member, kind=member.kind)
        self.put_about(programme, cluster, wanted)

    def put_names(self, of: str, named: models.Model, wanted: list[record_file.Named]) -> None:
        for name in wanted:
            url = self.record.sources[name.source].url
            key = {of: named, "name": name.name, "kind": name.kind}
            self.put_dated(registry.Name, key, name, source_url=url)

    def put_about(
        self,
        programme: Programme,
        cluster: Cluster | None,
        wanted: record_file.Programme | record_file.Cluster,
    ) -> None:
        place = {"programme": programme, "cluster": cluster}
        for body in wanted.bodies:
            self.put(registry.Body, {**place, "name": body.name}, kind=body.kind)
        for fact in wanted.facts:
            source = self.record.sources[fact.source]
            self.put(
                registry.Fact,
                {**place, "topic": fact.topic, "statement": fact.statement},
                source_title=source.title,
                source_url=source.url,
                as_of_on=self.record.as_of(fact.source),
                is_unverified=fact.unverified,
            )

    def put_dated(
        self,
        model: type[M],
        key: dict[str, Any],
        wanted: record_file.Steward | record_file.Member | record_file.Named,
        **values: Any,
    ) -> M:
        return self.put(model, key, from_on=wanted.from_on, until_on=wanted.until_on, **values)

    def put(self, model: type[M], key: dict[str, Any], **values: Any) -> M:
        """The row of this key with these values, written only where it differs."""
        row = model._default_manager.filter(**key).order_by("pk").first()
        if row is None:
            row = model._default_manager.create(**key, **values)
        elif changed := [name for name, value in values.items() if getattr(row, name) != value]:
            for name in changed:
                setattr(row, name, values[name])
            row.save(update_fields=changed)
        self.held.append(events.name(row))
        return row
