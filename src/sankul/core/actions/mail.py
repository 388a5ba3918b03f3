"""Mail to people, in their language, as plain text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.utils.translation import override

from sankul.core.models import User


def send(*, user: User, template: str, context: Mapping[str, Any]) -> None:
    """Send what ``<template>.txt`` says; its first line is the subject.

    The template knows ``address``, where the site is. Nothing in it is escaped: it is no HTML. Raises what the mail server says
    where it takes nothing (OSError, smtplib.SMTPException).
    """
    with override(user.language or settings.LANGUAGE_CODE):
        text = render_to_string(
            f"{template}.txt", {**context, "user": user, "address": settings.SITE_ADDRESS}
        )
    subject, _newline, body = text.strip().partition("\n")
    EmailMessage(
        subject=" ".join(subject.split())[:200],
        body=body.strip() + "\n",
        to=[user.email],
        headers={"Auto-Submitted": "auto-generated"},  # RFC 3834: no answering machine answers
    ).send()
