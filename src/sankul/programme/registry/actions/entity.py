"""Registering legal entities."""

from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _t

from sankul.core.actions import events
from sankul.core.rules.roles import Actor, require
from sankul.core.rules.verdicts import Refused
from sankul.programme.registry.models import LegalEntity
from sankul.programme.registry.rules import REGISTER, EntityForm


@transaction.atomic
def register(
    *,
    actor: Actor,
    name: str,
    form: EntityForm,
    at: datetime,
    registration: str = "",
    registered_on: date | None = None,
) -> LegalEntity:
    """Add a legal entity; ``registration`` is its number (a CIN for a company).

    Raises Refused when an entity has this name or this number.
    """
    require(actor, REGISTER, *actor.scopes(REGISTER))
    if LegalEntity.objects.filter(name__iexact=name).exists():
        raise Refused(_t("A legal entity with the name “%s” is registered already.") % name)
    if registration and LegalEntity.objects.filter(registration__iexact=registration).exists():
        raise Refused(_t("A legal entity has the number %s already.") % registration)
    entity = LegalEntity.objects.create(
        name=name, form=form, registration=registration, registered_on=registered_on
    )
    events.record(
        actor=actor,
        verb="entity.registered",
        subject=entity,
        at=at,
        data={"name": name, "form": str(form), "registration": registration},
    )
    return entity
