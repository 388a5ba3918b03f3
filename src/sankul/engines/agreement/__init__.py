"""Agreement of raters: Krippendorff's alpha, Cohen's and Fleiss' kappa, intraclass correlations, many-facet Rasch.

Ratings are ``[units × raters]``, None or NaN where missing. Pure arithmetic on arrays.

>>> from sankul.engines import agreement
>>> agreement.krippendorff_alpha(ratings, "ordinal").value               # doctest: +SKIP
"""

from .alpha import Alpha, Bootstrap, krippendorff_alpha
from .icc import ICC, icc
from .kappa import Kappa, cohen_kappa, fleiss_kappa
from .problems import AgreementError
from .rasch import Facets, many_facet
from .words import Reading, read

__all__ = [
    "ICC",
    "AgreementError",
    "Alpha",
    "Bootstrap",
    "Facets",
    "Kappa",
    "Reading",
    "cohen_kappa",
    "fleiss_kappa",
    "icc",
    "krippendorff_alpha",
    "many_facet",
    "read",
]
