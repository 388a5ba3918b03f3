"""How anybody draws the sample again: a few lines of plain Python, with what was published put in."""

from __future__ import annotations

import json
from collections.abc import Mapping

LINES = """\
import csv, hashlib, math

def sha(text): return hashlib.sha256(text.encode()).hexdigest()
with open({file}, "rb") as file: text = file.read()
claims, sample = list(csv.DictReader(text.decode().splitlines())), []
seed = sha({number} + "|" + {round_id} + "|" + hashlib.sha256(text).hexdigest())
for stratum, n in {counts}.items():
    rest = {{c["id"]: float(c["size"]) for c in claims if c["stratum"] == stratum}}
    while n and (large := [i for i in rest if n * rest[i] >= math.fsum(rest.values())]):
        sample, n = sample + large, n - len(large)
        rest = {{i: size for i, size in rest.items() if i not in large}}
    u = {{i: (int(sha(seed + "|" + i)[:13], 16) + 0.5) / 2**52 for i in rest}}
    p = {{i: n * size / math.fsum(rest.values()) for i, size in rest.items() if n}}
    sample += sorted(p, key=lambda i: (u[i] / (1 - u[i]) * ((1 - p[i]) / p[i]), i))[:n]
print(*sorted(sample), sep="\\n")
"""


def recipe(*, file: str, number: str, round_id: str, counts: Mapping[str, int]) -> str:
    """A program that prints the ids of the sample, one a line, from the published population file.

    It needs nothing but Python 3.8 or later: seed, chances and order are those of ``sankul.engines.sampling``.
    """
    return LINES.format(
        file=json.dumps(file),
        number=json.dumps(number),
        round_id=json.dumps(round_id),
        counts=json.dumps(dict(sorted(counts.items())), indent=4),
    )
