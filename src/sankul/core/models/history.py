"""Row history: every version of a row, written by database triggers."""

from typing import TypeVar

import pghistory
from django.db import models

M = TypeVar("M", bound=type[models.Model])


def tracked(model: M) -> M:
    """Class decorator: keep every inserted, changed and deleted version of the model's rows in ``<Model>Event``."""
    trackers = (pghistory.InsertEvent(), pghistory.UpdateEvent(), pghistory.DeleteEvent())
    tracked_model: M = pghistory.track(*trackers)(model)
    return tracked_model
