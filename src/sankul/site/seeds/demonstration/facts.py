"""What the evidence of each claim of the story says, and which claim it rests on.

Told from the claim's own reference, so that the same facts come out everywhere. Identifiers are of ranges that nobody is given
(DOI prefix 10.5555, names ending in .example, offices that do not exist), or left out.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import date, timedelta
from random import Random
from typing import Any

from sankul.programme.outcomes.rules import KINDS, ClaimStatus, Fact, FactType

from .cast import bodies
from .catalogue import ANYBODY, FOCUS
from .story import SEED, Entry

Facts = dict[str, Any]
Told = Callable[[Entry, Random], Facts]
TOPICS = tuple(topic for topics in FOCUS.values() for topic in topics)
COUNTRIES = ("NP", "JP", "DE", "KE", "BR", "SG")
LANGUAGES = ("en", "hi", "ta", "te", "mr", "bn")
MEDIA = {"Blog": "blog", "Video": "video", "Podcast": "podcast"}


def facts_of(entry: Entry) -> Facts:
    """The facts of a claim: its choices and numbers at random, what matters to the story as the story says it."""
    random = Random(f"{SEED}/{entry.reference}")  # noqa: S311  a story, no secret
    said = {
        fact.code: _said(fact, entry, random)
        for fact in KINDS[entry.kind].facts
        if fact.required and fact.type != FactType.TABLE
    }
    tell = TELL.get(entry.kind)
    return said | (tell(entry, random) if tell else {})


def attendance(entry: Entry) -> list[tuple[str, int]]:
    """How many came from which institution."""
    own = [one for one in bodies() if one.kind in ANYBODY and one.belongs_to(entry.city)]
    people, places = int(entry.quantity), len(own)
    shares = (
        (body.name, people * (number + 1) // places - people * number // places)
        for number, body in enumerate(own)
    )
    return [(name, share) for name, share in shares if share]


def bases(entries: Iterable[Entry]) -> dict[str, str]:
    """By reference, the reference of the claim that a claim rests on: of its cluster and about the same thing, no younger."""
    known: dict[tuple[str, str, str], list[Entry]] = defaultdict(list)
    listed = list(entries)
    for entry in listed:
        if entry.status == ClaimStatus.SUBMITTED:
            known[entry.city, entry.kind, _topic(entry)].append(entry)
    found = {}
    for entry in listed:
        for kind in KINDS[entry.kind].rests_on:
            fitting = known.get((entry.city, kind, _topic(entry)), ()) if _topic(entry) else ()
            before = [one for one in fitting if one.on <= entry.on]
            if before:
                found[entry.reference] = max(
                    before, key=lambda one: (one.on, one.reference)
                ).reference
                break
    return found


def _topic(entry: Entry) -> str:
    return next((topic for topic in TOPICS if topic in entry.title), "")


def _said(fact: Fact, entry: Entry, random: Random) -> Any:
    match fact.type:
        case FactType.CHOICE:
            return random.choice([code for code, _title in fact.choices])
        case FactType.DATE:
            return entry.on.isoformat()
        case FactType.WHOLE:
            return random.randint(2, 60)
        case FactType.DECIMAL:
            return str(random.choice((2, 3, 6, 12, 18)))
        case FactType.COUNTRY:
            return random.choice(COUNTRIES)
        case FactType.LANGUAGE:
            return random.choice(LANGUAGES)
        case FactType.URL:
            return f"https://{entry.city}.example/{entry.kind}/{_number(entry)}"
        case FactType.IDENTIFIER:
            return f"DEMO-{entry.on.year}-{_serial(entry)}"
        case FactType.ORGANISATIONS:
            return list(dict.fromkeys(share.body for share in entry.credits))
    return _text(fact, entry)


def _text(fact: Fact, entry: Entry) -> str:
    if fact.code in ("venture", "product", "solution", "replaces"):
        return f"{(_topic(entry) or entry.title).capitalize()} {_number(entry) % 9 + 1}"
    if fact.code in ("agreement", "receipt", "licence", "account"):
        return f"DEMO/{entry.city[:3].upper()}/{entry.on.year}/{_serial(entry)}"
    return f"Fictional {str(fact.title).lower()}"


def _number(entry: Entry) -> int:
    return int(entry.reference.rsplit("/", 1)[1])


def _serial(entry: Entry) -> str:
    return f"{sum(entry.city.encode()):04d}{_number(entry):04d}"


def _day(entry: Entry, days: int) -> str:
    return (entry.on + timedelta(days=days)).isoformat()


def _partner(entry: Entry) -> str:
    slug = entry.credits[-1].body
    return next(body.name for body in bodies() if body.slug == slug)


def _users(entry: Entry, random: Random) -> Facts:
    return {"from_on": _day(entry, -90), "until_on": entry.on.isoformat()}


def _output(entry: Entry, random: Random) -> Facts:
    words = {"Paper": "paper", "Course": "course", "Prototype": "product", "Joint": "data"}
    output = words.get(entry.title.split()[0], "course")
    doi = {"doi": f"10.5555/{entry.city}.{_serial(entry)}"} if output == "paper" else {}
    return {"output": output, **doi}


def _event(entry: Entry, random: Random) -> Facts:
    own = [one.name for one in bodies() if one.kind in ANYBODY and one.belongs_to(entry.city)]
    came = random.sample(own, k=min(len(own), random.randint(2, 4)))
    rows = [{"institution": name, "people": random.randint(6, 30)} for name in came]
    return {"institutions": rows}


def _attendance(entry: Entry, random: Random) -> Facts:
    rows = [
        {"institution": name, "people": people, "women": round(people * random.uniform(0.2, 0.6))}
        for name, people in attendance(entry)
    ]
    return {"attendance": rows}


def _facility(entry: Entry, random: Random) -> Facts:
    fee = {"fee_inr": str(int(entry.quantity) * 250)}
    return {"facility": entry.title.split(" by ")[0].removeprefix("Use of the "), **fee}


def _cohort(entry: Entry, random: Random) -> Facts:
    teams = [
        {"team": f"Team {number}", "stage": random.choice(("idea", "prototype", "revenue"))}
        for number in range(1, int(entry.quantity) + 1)
    ]
    return {"programme": entry.title, "ends_on": _day(entry, 180), "teams": teams}


def _outreach(entry: Entry, random: Random) -> Facts:
    medium = MEDIA.get(entry.title.split()[0], "event")
    seen = {"url": f"https://{entry.city}.example/media/{_serial(entry)}"}
    reach = {"reach": random.randint(40, 9000), "reach_source": "The site's own count"}
    return {"medium": medium, **(seen if medium != "event" else {}), **reach}


def _patent(entry: Entry, random: Random) -> Facts:
    history = [
        {"status": "filed", "on": _day(entry, -700)},
        {"status": "published", "on": _day(entry, -150)},
    ]
    if random.random() < 0.4:
        history.append({"status": "granted", "on": entry.on.isoformat()})
    return {"office": "other", "history": history}


def _licence(entry: Entry, random: Random) -> Facts:
    return {
        "licensee": _partner(entry),
        "royalty_percent": str(random.choice((2, 3, 5))),
        "starts_on": entry.on.isoformat(),
        "ends_on": _day(entry, 5 * 365),
    }


def _stage(entry: Entry, random: Random) -> Facts:
    stage = random.choice(("preclinical", "test_licence", "manufacturing_licence"))
    if stage == "preclinical":
        return {"stage": stage}
    return {
        "stage": stage,
        "device_class": random.choice("ABC"),
        "licence": f"DEMO-MD-{_serial(entry)}",
    }


def _ranking(entry: Entry, random: Random) -> Facts:
    places = random.choice((100, 200, 500))
    return {"year": entry.on.year, "place": random.randint(20, places), "places": places}


def _revenue(entry: Entry, random: Random) -> Facts:
    year = entry.on.year - (entry.on < date(entry.on.year, 4, 1))
    return {"fiscal_year": f"{year}-{(year + 1) % 100:02d}"}


def _local(entry: Entry, random: Random) -> Facts:
    net = random.choice((800, 2500, 12_000, 90_000))
    imported = round(net * random.choice((0.1, 0.35, 0.6, 0.85)))
    source = {"input": "Electronic parts", "how": "imported", "country": random.choice(COUNTRIES)}
    return {
        "price_inr": str(round(net * 1.18)),
        "indirect_taxes_inr": str(round(net * 1.18) - net),
        "inputs": [
            {**source, "cost_inr": str(imported), "customs_duty_inr": str(round(imported * 0.1))}
        ],
        "standard": "A fictional standard",
        "standard_met": random.choice(("yes", "tested", "no")),
        "supply_chain": [
            {"stage": "Materials", "where": random.choice(("india", "abroad"))},
            {"stage": "Components", "where": random.choice(("region", "abroad"))},
            {"stage": "Assembly", "where": "region"},
            {"stage": "Testing", "where": random.choice(("region", "missing"))},
        ],
    }


def _feedback(entry: Entry, random: Random) -> Facts:
    groups = ("scientists", "industry", "universities", "others")
    named = next(group for group in groups if group in entry.title)
    return {"group": named, "respondents": random.randint(12, 40)}


TELL: dict[str, Told] = {
    "deployment_users": _users,
    "academic_partnership": _output,
    "international_output": _output,
    "training_event": _event,
    "training_attendance": _attendance,
    "facility_access": _facility,
    "cohort": _cohort,
    "outreach_item": _outreach,
    "patent": _patent,
    "licence": _licence,
    "regulatory_stage": _stage,
    "global_ranking": _ranking,
    "venture_revenue": _revenue,
    "local_content": _local,
    "feedback_score": _feedback,
}
"""Kinds whose facts follow from the claim; the others say what their types allow."""
