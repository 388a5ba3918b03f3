"""Errors of feedback."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


class FeedbackError(ValueError):
    """Answers, tables or ratings that cannot be used; the message says which and why."""
