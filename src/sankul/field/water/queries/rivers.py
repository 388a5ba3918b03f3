"""Rivers by station and year."""

from __future__ import annotations

from django.db.models import QuerySet

from sankul.field.water.models import RiverImport, StationYear


def years() -> QuerySet[StationYear]:
    """All station-years, with their stations at hand; they are public."""
    return StationYear.objects.select_related("station")


def imports() -> QuerySet[RiverImport]:
    """Tables taken over, the newest first."""
    return RiverImport.objects.select_related("by")
