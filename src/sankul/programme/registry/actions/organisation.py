"""Registering organisations, each once."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from sankul.core.actions import events
from sankul.core.actions.constraints import refusing
from sankul.core.rules.roles import Actor, require
from sankul.core.rules.verdicts import Refused
from sankul.programme.registry.models import Organisation
from sankul.programme.registry.queries.organisations import free_slug, near
from sankul.programme.registry.rules import REGISTER, OrganisationKind, identifiers


class Duplicate(Refused):
    """The organisation seems to be registered already; ``found`` are those that it may be."""

    def __init__(self, reason: str, found: list[Organisation]) -> None:
        super().__init__(reason)
        self.found = found


@transaction.atomic
def register(
    *,
    actor: Actor,
    name: str,
    kind: OrganisationKind,
    at: datetime,
    ror: str = "",
    city: str = "",
    country: str = "IN",
    is_distinct: bool = False,
    is_demonstration: bool = False,
) -> Organisation:
    """Add an organisation. ``ror`` is a ROR id, bare or as an address; ``country`` a code of ISO 3166-1 (two letters).

    Raises Refused when the ROR id's check digits are wrong, and Duplicate when an organisation has this ROR id, or a name so near
    that it may be the same: ``is_distinct`` says that it is another one (the ROR id is never taken twice).
    """
    require(actor, REGISTER, *actor.scopes(REGISTER))
    known = identifiers.ror(ror)
    if ror and not known:
        raise Refused(_t("“%s” is not a ROR id: copy it from ror.org, as in 04dese585.") % ror)
    _refuse_duplicates(name, known, is_distinct=is_distinct)
    with refusing({"registry_organisation_ror_key": _("Another organisation has this ROR id.")}):
        organisation = Organisation.objects.create(
            slug=free_slug(name),
            name=name,
            kind=kind,
            ror=known or None,
            city=city,
            country=country,
            is_demonstration=is_demonstration,
        )
    events.record(
        actor=actor,
        verb="organisation.registered",
        subject=organisation,
        at=at,
        scopes=organisation.scopes,
        data={"name": name, "kind": str(kind), "ror": known, "city": city, "country": country},
    )
    return organisation


def _refuse_duplicates(name: str, ror: str, *, is_distinct: bool) -> None:
    same = list(Organisation.objects.filter(ror=ror)) if ror else []
    if same:
        raise Duplicate(_t("“%s” has this ROR id already.") % same[0].name, same)
    alike = [] if is_distinct else near(name)
    if alike:
        names = ", ".join(f"“{organisation.name}”" for organisation in alike)
        raise Duplicate(
            _t("It may be registered already as %s. If it is another one, say so.") % names, alike
        )
