"""Identifiers that facts cite, told right from wrong by their check digits or their published form.

Each scheme turns what people paste (an address, small letters, spaces) into one spelling, or into "" where it is none.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from django.utils.translation import gettext_lazy as _

from sankul.programme.registry.rules.identifiers import orcid, ror

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


class Scheme(NamedTuple):
    """A kind of identifier: what it is called, one as an example, and how to spell it."""

    title: StrOrPromise
    example: str
    spell: Callable[[str], str]


def doi(text: str) -> str:
    """A DOI name in small letters, given bare or as an address (ISO 26324; DOI Handbook, 2.2: names ignore case)."""
    bare = re.sub(r"^(https?://(dx\.)?doi\.org/|doi:\s*)", "", text.strip().lower())
    return bare if re.fullmatch(r"10\.\d{4,9}(\.\d+)*/\S{1,200}", bare) else ""


def patent_in(text: str) -> str:
    """An Indian application number: 12 digits since 2016 (year, office 1 to 4, sort, serial), before that 1234/CHE/2010.

    Source: Indian Patent Office, public notice of 29 December 2015 on the numbering of applications.
    """
    bare = re.sub(r"\s+", "", text).upper()
    if re.fullmatch(r"(20[1-9]\d)[1-4]\d\d{6}", bare):
        return bare
    old = re.fullmatch(r"(\d{1,5})/(DEL|MUM|CHE|KOL|DELNP|MUMNP|CHENP|KOLNP)/(\d{4})", bare)
    return bare if old else ""


def patent(text: str) -> str:
    """A patent number of any office: letters, digits and the signs / . - , between them (WIPO ST.6 and ST.13)."""
    bare = re.sub(r"\s+", "", text).upper()
    digits = sum(sign.isdigit() for sign in bare)
    return bare if digits >= 4 and re.fullmatch(r"[A-Z0-9][A-Z0-9/.,-]{3,28}[A-Z0-9]", bare) else ""


def ctri(text: str) -> str:
    """A number of the Clinical Trials Registry – India: CTRI/2021/05/033456 (ctri.nic.in; three-digit months until 2010)."""
    bare = re.sub(r"\s+", "", text).upper()
    return bare if re.fullmatch(r"CTRI/20\d\d/(0[1-9]|1[0-2]|\d{3})/\d{6}", bare) else ""


def isin(text: str) -> str:
    """An international securities identification number with its check digit right (ISO 6166: Luhn, letters as 10 to 35)."""
    bare = re.sub(r"[\s-]+", "", text).upper()
    if not re.fullmatch(r"[A-Z]{2}[A-Z0-9]{9}\d", bare):
        return ""
    digits = "".join(str(int(sign, 36)) for sign in bare)
    doubled = (int(sign) * (1 + place % 2) for place, sign in enumerate(reversed(digits)))
    return bare if sum(value // 10 + value % 10 for value in doubled) % 10 == 0 else ""


def cin(text: str) -> str:
    """A corporate identification number of 21 signs (Companies (Registration Offices and Fees) Rules 2014)."""
    bare = re.sub(r"\s+", "", text).upper()
    return bare if re.fullmatch(r"[LU]\d{5}[A-Z]{2}(18|19|20)\d\d[A-Z]{3}\d{6}", bare) else ""


def udyam(text: str) -> str:
    """An Udyam registration of an MSME: UDYAM-MH-26-0012345 (notification S.O. 2119(E) of 26 June 2020)."""
    bare = re.sub(r"\s+", "", text).upper()
    return bare if re.fullmatch(r"UDYAM-[A-Z]{2}-\d{2}-\d{7}", bare) else ""


SCHEMES = {
    "ror": Scheme(_("ROR id"), "04dese585", ror),
    "orcid": Scheme(_("ORCID iD"), "0000-0002-1825-0097", orcid),
    "doi": Scheme(_("DOI"), "10.5555/12345678", doi),
    "patent_in": Scheme(_("Indian patent application number"), "201841012345", patent_in),
    "patent": Scheme(_("patent number"), "US10000000B2", patent),
    "ctri": Scheme(_("CTRI number"), "CTRI/2021/05/033456", ctri),
    "isin": Scheme(_("ISIN"), "US0378331005", isin),
    "cin": Scheme(_("corporate identification number"), "U74999MH2020NPL123456", cin),
    "udyam": Scheme(_("Udyam registration number"), "UDYAM-MH-26-0012345", udyam),
}
"""Every scheme by its code."""
