"""Sessions of browsers in Django's own table, read by a statement that is planned once: every page asks it first."""

from __future__ import annotations

from typing import Any

from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.utils import timezone

from . import prepared

_DATA = "SELECT session_data FROM django_session WHERE session_key = %s AND expire_date > %s"


class SessionStore(DatabaseStore):
    """Named by the setting ``SESSION_ENGINE``; writes as its base does."""

    def load(self) -> dict[str, Any]:
        """What the session holds; nothing, and no key, where there is none or its time is over."""
        found = prepared.rows(_DATA, self.session_key, timezone.now())
        if not found:
            self._session_key = None
            return {}
        held: dict[str, Any] = self.decode(found[0][0])
        return held
