"""360-degree feedback: scores from groups of respondents, what may be shown, who can be compared.

``score`` units by shrunk group means, ``withhold`` figures from which single answers would follow,
check ``links`` between raters before their ``severity`` is adjusted for. Pure arithmetic on arrays.
"""

from .disclosure import (
    Answers,
    Exposure,
    Pattern,
    exposures,
    mean_ranges,
    ranges,
    withhold,
)
from .linking import Links, NotLinkedError, Ratings, Severity, links, severity
from .problems import FeedbackError
from .responses import Responses
from .scores import Scores, score
from .shrinkage import Shrunk, shrink
from .sums import Sums, sets, table

__all__ = [
    "Answers",
    "Exposure",
    "FeedbackError",
    "Links",
    "NotLinkedError",
    "Pattern",
    "Ratings",
    "Responses",
    "Scores",
    "Severity",
    "Shrunk",
    "Sums",
    "exposures",
    "links",
    "mean_ranges",
    "ranges",
    "score",
    "sets",
    "severity",
    "shrink",
    "table",
    "withhold",
]
