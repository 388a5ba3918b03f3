"""The demonstration's accounts, whose password everybody knows."""

from datetime import datetime

from django.conf import settings
from django.db import transaction

from sankul.core.actions import accounts
from sankul.core.models import User

from . import demonstration


@transaction.atomic
def tend(at: datetime) -> None:
    """Open them where only this machine reaches the site, and close them everywhere else (``DEMONSTRATION_ACCOUNTS``)."""
    wanted: bool = settings.DEMONSTRATION_ACCOUNTS
    known = [email for email, _role, _can in demonstration.ACCOUNTS]
    for user in User.objects.filter(email__in=known, is_active=not wanted).order_by("pk"):
        turn = accounts.reopen if wanted else accounts.close
        turn(actor=None, user=user, at=at)
