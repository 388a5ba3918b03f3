"""Copeland's rule: a unit's wins less its losses against every other unit, over weighted children.

Unit i beats j when the children in which i is ahead weigh more than those in which j is ahead;
children that either lacks do not count. The score is the number of units beaten less the number
that beat it. OECD/JRC, Handbook on Constructing Composite Indicators (2008), 6.5.3; Copeland (1951).
"""

from __future__ import annotations

import numpy as np

from .frame import Floats

EVEN = 1e-12  # weights that differ by no more than this share of the whole are even


def leads(x: Floats, weights: Floats) -> Floats:
    """Weight of the children in which unit i is ahead less that of j's, [units × units × children].

    ``x`` is [units × children], NaN where missing.
    """
    one, other = x[:, None, :], x[None, :, :]
    ahead = (one > other).astype(np.float64) - (one < other)  # a difference could overflow
    return np.asarray(ahead * weights)


def outranking(x: Floats, weights: Floats) -> Floats:
    """The share of weight in which unit i is ahead of j, [units × units]; even children count half.

    NaN on the diagonal and where two units have no child in common.
    """
    there = ~np.isnan(x)
    common = (there[:, None, :] & there[None, :, :]) @ weights
    net = leads(x, weights).sum(axis=-1)
    share = np.divide(common + net, 2 * common, out=np.full(net.shape, np.nan), where=common > 0)
    np.fill_diagonal(share, np.nan)
    return np.asarray(share)


def contributions(x: Floats, weights: Floats) -> Floats:
    """What each child adds to a unit's score, [units × children]; sums to the score.

    A win over j is ±1 = Σ leads / |Σ leads|, so a child adds its lead over that sum.
    """
    each = leads(x, weights)
    net = np.abs(each.sum(axis=-1))
    decided = net > EVEN * np.abs(weights).sum()
    parts = np.divide(each, net[..., None], out=np.zeros(each.shape), where=decided[..., None])
    return np.asarray(parts.sum(axis=1))


def scores(x: Floats, weights: Floats) -> Floats:
    """Wins less losses [… × units] of ``x[… × units × children]`` under ``weights[… × children]``.

    Handbook, table 25: 3, 5, 7 and 6 indicators put four countries in the orders abcd, acbd, bdca
    and cbda; c beats all, b beats a and d, d beats a.

    >>> orders = np.array([[3.0, 3, 0, 0], [2, 1, 3, 2], [1, 2, 1, 3], [0, 0, 2, 1]])
    >>> scores(orders, np.array([3.0, 5, 7, 6])).tolist()
    [-3.0, 1.0, 3.0, -1.0]
    """
    outer = np.broadcast_shapes(x.shape[:-2], weights.shape[:-1])
    x = np.broadcast_to(x, (*outer, *x.shape[-2:]))
    weights = np.broadcast_to(weights, (*outer, weights.shape[-1]))
    found: Floats = np.empty(x.shape[:-1])
    for place in np.ndindex(outer):
        net = leads(x[place], weights[place]).sum(axis=-1)
        even = np.abs(net) <= EVEN * weights[place].sum()
        found[place] = np.where(even, 0.0, np.sign(net)).sum(axis=1)
    return found
