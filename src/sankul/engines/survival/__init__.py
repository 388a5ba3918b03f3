"""How long things take when some are not over yet: the Kaplan–Meier estimate of waiting times.

A wait that has not ended when the account is drawn up is known to last at least so long ("censored"). Leaving it out, or taking
it as ended, would make silence look fast. See ``waiting``.
"""

from .curve import Quantile, Waiting, waiting

__all__ = ["Quantile", "Waiting", "waiting"]
