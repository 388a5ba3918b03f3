"""The words of quality control: flags, and the tests that give them."""

from __future__ import annotations

from enum import IntEnum


class Flag(IntEnum):
    """The primary flags of QARTOD (IOOS, Manual for the Use of Real-Time Oceanographic Data Quality
    Control Flags, version 1.2, 2020), which are those of IOC's GTSPP scheme.
    """

    PASS = 1
    NOT_EVALUATED = 2
    SUSPECT = 3
    FAIL = 4
    MISSING = 9


class Test(IntEnum):
    """The tests, in the order in which they are made. NONE: no test found anything.

    From FAR on they are those of ``detect``: far from everything else in the series; beyond its
    range between two leaps; a level that is left again, or the leap to a new one; among values found.
    """

    __test__ = False  # not one of pytest's

    NONE = 0
    GROSS_RANGE = 1
    CLIMATOLOGY = 2
    SPIKE = 3
    RATE_OF_CHANGE = 4
    FLAT_LINE = 5
    ATTENUATED = 6
    GAP = 7
    LOCATION = 8
    NEIGHBOURS = 9
    FAR = 10
    OUTAGE = 11
    LEVEL_SHIFT = 12
    AMONG = 13
