"""What the clusters of the demonstration do: how often, how much, and what it is called, kind by kind."""

from __future__ import annotations

from typing import NamedTuple

from sankul.programme.outcomes.rules import CreditRole
from sankul.programme.registry.rules import OrganisationKind as Is

RESEARCH = (Is.ACADEMIA, Is.LABORATORY)
FIRMS = (Is.INDUSTRY, Is.MSME, Is.STARTUP)
GOVERNMENTS = (Is.LOCAL_GOVERNMENT, Is.STATE_GOVERNMENT, Is.MINISTRY)
ABROAD = (Is.INTERNATIONAL,)
ANYBODY = (*RESEARCH, *FIRMS)


class Pattern(NamedTuple):
    """A kind of claim in the demonstration.

    ``yearly`` is how many there are at level 1; quantities are lognormal around ``middle`` with ``spread`` (0: always
    ``middle``), rounded to ``step``. ``leads`` and ``partner`` say who is credited; a partner has ``role``.
    """

    register: str
    yearly: float
    titles: tuple[str, ...]
    middle: float = 1
    spread: float = 0
    step: int = 1
    leads: tuple[Is, ...] = RESEARCH
    partner: tuple[Is, ...] = ()
    role: CreditRole = CreditRole.CONTRIBUTED
    joint: bool = False


REGISTERS = {
    "city": "Deployments and agreements with governments",
    "partners": "Partnerships with industry and abroad",
    "training": "Training and attendance",
    "facilities": "Use of shared facilities",
    "outreach": "Science communication",
    "enterprise": "Ventures, patents and licences",
    "accounts": "Audited accounts, by quarter",
    "feedback": "360-degree feedback by the evaluator",
}
AUDIENCES = (
    "college teachers", "young scientists", "small firms", "city engineers", "school pupils", "technicians",
    "women founders", "health workers", "farmers", "doctoral students",
)  # fmt: skip
MEDIA = ("Blog", "Video", "Podcast", "Public lecture", "Exhibition", "Open laboratory day")
INSTRUMENTS = (
    "electron microscope", "mass spectrometer", "wind tunnel", "clean room", "sequencing platform", "tensile rig",
    "anechoic chamber", "computing cluster", "greenhouse", "pilot plant",
)  # fmt: skip
GROUPS = ("scientists", "industry", "universities", "governments and others")
FOCUS = {
    "Advanced materials": (
        "recycled aluminium alloys",
        "coatings against corrosion",
        "printed batteries",
    ),
    "Agriculture": (
        "soil moisture advice",
        "storage of vegetables without power",
        "seed purity by image",
    ),
    "Crafts": ("natural dyes with steady shades", "looms with counters", "lacquer without lead"),
    "Education": (
        "science kits for village schools",
        "laboratory lessons in two languages",
        "teacher fellowships",
    ),
    "Energy": ("micro-hydro controllers", "second life of batteries", "solar cold rooms"),
    "Forests": ("early warning of forest fires", "bamboo composites", "counting birds by sound"),
    "Health": ("point-of-care anaemia tests", "low-cost ventilator valves", "tele-dermatology"),
    "Mobility": (
        "conversion of delivery carts to batteries",
        "bus arrival forecasts",
        "safe crossings near schools",
    ),
    "Oceans": (
        "seaweed processing",
        "drift forecasts for small boats",
        "hull paint without biocides",
    ),
    "One Health": ("surveillance of dog bites", "sewage monitoring of viruses", "residues in milk"),
    "Start-ups": (
        "instruments for street vendors",
        "repair of electronics",
        "voice services for shops",
    ),
    "Water": (
        "leak detection in old mains",
        "nitrate in shared wells",
        "reuse of water in hostels",
    ),
}
PATTERNS = {
    "deployment": Pattern("city", 6, ("Commercial deployment of {topic} in {place}",), leads=ANYBODY),
    "deployment_users": Pattern(
        "city", 10, ("People served by {topic} in {place}",), middle=4800, spread=0.6, step=10, leads=ANYBODY
    ),
    "government_partnership": Pattern(
        "city", 6, ("Agreement with {partner} on {topic}",), partner=GOVERNMENTS, role=CreditRole.ENABLED
    ),
    "sponsored_research": Pattern(
        "partners", 10, ("Research on {topic} sponsored by {partner}",), middle=2_800_000, spread=0.7,
        step=10_000, partner=FIRMS, joint=True,
    ),
    "graduate_project": Pattern(
        "partners", 33, ("Graduate project on {topic} with {partner}",), partner=FIRMS, joint=True
    ),
    "centre_of_excellence": Pattern("partners", 2, ("Joint centre for {topic} with {partner}",), partner=FIRMS),
    "international_output": Pattern(
        "partners", 15, ("Paper on {topic} with {partner}", "Course on {topic} with {partner}",
                         "Prototype for {topic} with {partner}"), partner=ABROAD, joint=True,
    ),
    "training_event": Pattern(
        "training", 52, ("Workshop on {topic} for {audience}", "Short course on {topic} for {audience}"),
        leads=ANYBODY, joint=True,
    ),
    "training_attendance": Pattern(
        "training", 52, ("Attendance at the workshop on {topic} for {audience}",), middle=58, spread=0.45,
        leads=ANYBODY, joint=True,
    ),
    "facility_access": Pattern(
        "facilities", 80, ("Use of the {instrument} at {lead} by {partner}",), middle=38, spread=0.6,
        partner=ANYBODY, joint=True,
    ),
    "outreach_item": Pattern("outreach", 66, ("{medium} on {topic} for {audience}",), leads=ANYBODY, joint=True),
    "entrepreneurship_programme": Pattern(
        "enterprise", 8, ("Founder programme for scientists: {topic}",), middle=13, spread=0.3, joint=True
    ),
    "patent_commercialised": Pattern("enterprise", 5, ("Patent on {topic} licensed and in use",)),
    "royalty_receipt": Pattern(
        "enterprise", 8, ("Royalty on the patent for {topic}",), middle=550_000, spread=0.6, step=1000
    ),
    "venture_supported": Pattern("enterprise", 21, ("Venture for {topic} supported",), leads=ANYBODY),
    "jobs_created": Pattern(
        "enterprise", 20, ("Jobs filled at the venture for {topic}",), middle=11, spread=0.6, leads=ANYBODY
    ),
    "ip_export_receipt": Pattern(
        "enterprise", 4, ("Licence fee from abroad for {topic}",), middle=850_000, spread=0.6, step=1000
    ),
    "rd_fdi": Pattern(
        "enterprise", 2, ("Foreign investment into research on {topic}",), middle=24_000_000, spread=0.5,
        step=100_000,
    ),
    "venture_revenue": Pattern(
        "enterprise", 14, ("Audited revenue of the venture for {topic}",), middle=12_000_000, spread=0.7,
        step=10_000, leads=ANYBODY,
    ),
    "venture_investment": Pattern(
        "enterprise", 8, ("Investment raised by the venture for {topic}",), middle=16_000_000, spread=0.6,
        step=100_000, leads=ANYBODY,
    ),
    "feedback_score": Pattern("feedback", 4, ("Feedback of {group} on the ease of doing science",)),
    "academic_partnership": Pattern(
        "partners", 4, ("Agreement with {partner} on a joint course in {topic}",
                        "Joint data set on {topic} with {partner}"), partner=RESEARCH, joint=True,
    ),
    "cohort": Pattern("enterprise", 3, ("Accelerator cohort: {topic}",), middle=8, spread=0.3),
    "patent": Pattern("enterprise", 9, ("Patent application: {topic}",)),
    "licence": Pattern("enterprise", 4, ("Licence to {partner}: {topic}",), partner=FIRMS, role=CreditRole.ENABLED),
    "regulatory_stage": Pattern("enterprise", 3, ("Regulatory stage of the product for {topic}",), leads=ANYBODY),
    "global_ranking": Pattern("outreach", 2, ("{place} in a fictional ranking of cities: {topic}",)),
    "local_content": Pattern("enterprise", 4, ("Product made here in place of an import: {topic}",), leads=ANYBODY),
    "own_income": Pattern("accounts", 4, ("Own income, quarter {quarter}",)),
    "operating_cost": Pattern("accounts", 4, ("Operating cost, quarter {quarter}",)),
}  # fmt: skip
