"""Likeness of texts: which pairs out of very many can be alike at all, so that only those are compared piece by piece.

>>> from sankul.engines import likeness
>>> likeness.close_pairs(place, pieces, mark, window=3, likeness=0.85, most=1000)    # doctest: +SKIP
"""

from .pairs import BITS, TooManyPairs, close_pairs, mark_of

__all__ = ["BITS", "TooManyPairs", "close_pairs", "mark_of"]
