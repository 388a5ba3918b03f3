"""Putting documents and links behind a claim, and taking them away."""

from __future__ import annotations

from datetime import datetime
from typing import IO

from django.db import transaction
from django.utils.translation import gettext as _t

from sankul.core.actions import documents
from sankul.core.rules.roles import Actor
from sankul.core.rules.verdicts import Refused
from sankul.programme.outcomes.models import Attachment, Claim
from sankul.programme.outcomes.queries.holds import why_not_touched
from sankul.programme.outcomes.rules import STANDING, link, why_not_attach, why_not_revise

from .desk import held, record


@transaction.atomic
def attach(
    *, actor: Actor, claim: Claim, file: IO[bytes], name: str, proves: str = "", at: datetime
) -> Attachment:
    """Keep a document and put it behind a claim, saying what it proves; the same document twice is one.

    Raises Refused for a claim that takes no evidence now, and for a file that is not kept (``core.actions.documents.keep``).
    """
    claim = _open(actor, claim)
    document = documents.keep(actor=actor, file=file, name=name, at=at)
    attachment, made = Attachment.objects.get_or_create(
        claim=claim, document=document, defaults={"proves": _told(proves)}
    )
    if made:
        record(actor, "claim.document_attached", claim, at, document=document.sha256)
    return attachment


@transaction.atomic
def attach_link(
    *, actor: Actor, claim: Claim, url: str, proves: str = "", at: datetime
) -> Attachment:
    """Put a web address behind a claim; the same address twice is one.

    It is evidence by itself only where the kind says so (``Kind.link_suffices``). Raises Refused as ``attach`` does, and for what
    is no address of the web.
    """
    claim = _open(actor, claim)
    try:
        address = link(url)
    except ValueError as error:
        raise Refused(_t("“%(url)s”: %(why)s.") % {"url": url[:200], "why": error}) from None
    attachment, made = Attachment.objects.get_or_create(
        claim=claim,
        url=address,
        defaults={"proves": _told(proves), "suffices": claim.kind_of.link_suffices},
    )
    if made:
        record(actor, "claim.link_attached", claim, at, url=address)
    return attachment


@transaction.atomic
def detach(*, actor: Actor, attachment: Attachment, at: datetime) -> None:
    """Take a document or a link from a draft; a document itself is kept. Raises Refused once the claim is submitted."""
    claim = held(actor, attachment.claim)
    why_not_revise(claim.status).enforce()
    verb = "claim.document_detached" if attachment.document_id else "claim.link_detached"
    attachment.delete()
    data = {"document": attachment.document_id, "url": attachment.url}
    record(actor, verb, claim, at, **{key: value for key, value in data.items() if value})


def _open(actor: Actor, claim: Claim) -> Claim:
    claim = held(actor, claim)
    why_not_attach(claim.status).enforce()
    if claim.status in STANDING:
        why_not_touched(claim).enforce()
    return claim


def _told(proves: str) -> str:
    return proves.strip()[:250]
