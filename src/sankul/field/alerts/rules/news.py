"""Which news of alerts is told to whom, and how a message to a webhook is signed and tried again."""

from __future__ import annotations

import hashlib
import hmac
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from sankul.core.rules.roles import Role

from .words import Rung

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

ROLES: dict[str, tuple[Role, ...]] = {
    Rung.OPERATOR: (Role.OPERATOR,),
    Rung.CLUSTER: (Role.CLUSTER_STAFF, Role.CLUSTER_CEO),
    Rung.PROGRAMME: (Role.PROGRAMME_OFFICER,),
}
"""Who stands on each rung, in the scopes of the alert."""
SUBJECTS: dict[str, StrOrPromise] = {
    Rung.OPERATOR: _("Alert"),
    Rung.CLUSTER: _("Nobody has answered this alert"),
    Rung.PROGRAMME: _("An alert of a cluster is still unanswered"),
}
TOLD: dict[str, Rung] = {f"alert.told_{rung}": rung for rung in Rung}
"""Events that are letters."""
WEBHOOK_NEWS = (
    "alert.raised", "alert.began_again", "alert.acknowledged", "alert.action_begun", "alert.action_done", "alert.ended",
    "alert.closed",
)  # fmt: skip
"""Events that are sent to webhooks."""
WAITS = (
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=8),
)
"""After a message failed, it is tried again after so long; then given up."""
SIGNATURE_HEAD = "Sankul-Signature"


def signature(secret: str, body: str, at: datetime) -> str:
    """The head that signs a message: HMAC-SHA256 (RFC 2104) of the moment and the body, so that neither can be changed."""
    moment = int(at.timestamp())
    signed = hmac.new(secret.encode(), f"{moment}.{body}".encode(), hashlib.sha256)
    return f"t={moment},v1={signed.hexdigest()}"


def wait_after(tries: int) -> timedelta | None:
    """How long to wait after so many tries failed; None: it is given up."""
    return WAITS[tries - 1] if tries <= len(WAITS) else None
