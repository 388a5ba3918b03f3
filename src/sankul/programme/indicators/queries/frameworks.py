"""Frameworks, read."""

from importlib.resources import files

from django.db.models import F

from sankul.core.rules.roles import Actor
from sankul.programme.indicators.models import Framework
from sankul.programme.indicators.rules import FrameworkStatus
from sankul.programme.registry.models import Programme


def default_source() -> str:
    """The default framework file that comes with Sankul (TOML)."""
    return (
        files("sankul.programme.indicators")
        .joinpath("frameworks/default-1.toml")
        .read_text("utf-8")
    )


def in_force(programme: Programme) -> Framework | None:
    """The framework that the programme approved last; an illustrative one where it approved none."""
    frozen = programme.frameworks.exclude(status=FrameworkStatus.DRAFT)
    return frozen.order_by(F("approved_at").desc(nulls_last=True), "-drafted_at").first()


def find(actor: Actor, programme: Programme, code: str, version: str) -> Framework:
    """One framework with its tree. Raises Framework.DoesNotExist if there is none to see."""
    visible = Framework.objects.visible_to(actor).filter(programme=programme)
    return visible.prefetch_related("nodes", "indicators").get(code=code, version=version)
