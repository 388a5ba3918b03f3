"""Registration numbers (GSTIN) told right from wrong by their own check character."""

from __future__ import annotations

import re

from .law import LAW

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_FORM = re.compile(r"[0-9]{2}[A-Z]{5}[0-9]{4}[A-Z][0-9A-Z]{3}")
"""State code, permanent account number (Income-tax Rules, rule 114), entity number, one reserved, check character."""


def check_character(first: str) -> str:
    """The character that ends a registration number, from the fourteen before it.

    Base 36 with weights 1 and 2 in turn, quotient and remainder of each product by 36 added up (the Luhn formula mod N).
    """
    total = 0
    for place, character in enumerate(first):
        product = ALPHABET.index(character) * (1 + place % 2)
        total += product // 36 + product % 36
    return ALPHABET[-total % 36]


def gstin(text: str) -> str:
    """A registration number in capitals if its form, state and check character are right; else ""."""
    bare = re.sub(r"[\s-]", "", text).upper()
    if not _FORM.fullmatch(bare) or bare[:2] not in LAW.states:
        return ""
    return bare if check_character(bare[:14]) == bare[14] else ""
