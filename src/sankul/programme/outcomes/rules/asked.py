"""What the evidence of each kind of claim says: its facts, and what must hold between them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from .facts import Fact, FactType, Problem
from .identifiers import SCHEMES
from .local_content import INCLUSIONS

DATE, WHOLE, DECIMAL, MONEY = FactType.DATE, FactType.WHOLE, FactType.DECIMAL, FactType.MONEY
PERCENT, CHOICE, URL, COUNTRY = FactType.PERCENT, FactType.CHOICE, FactType.URL, FactType.COUNTRY
IDENTIFIER, TABLE, LANGUAGE = FactType.IDENTIFIER, FactType.TABLE, FactType.LANGUAGE
ORGANISATIONS, LONG_TEXT = FactType.ORGANISATIONS, FactType.LONG_TEXT

AGREEMENT = Fact("agreement", _("Agreement"), ask=_("Its number or name, as on the signed paper"))
STARTS_ON = Fact("starts_on", _("In force from"), DATE, required=False)
ENDS_ON = Fact("ends_on", _("In force until"), DATE, required=False)
VALUE = Fact("value_inr", _("Value of the agreement"), MONEY, required=False, unit=_("rupees"))
JOINT_OUTPUTS = (
    ("paper", _("Paper")),
    ("product", _("Product or prototype")),
    ("course", _("Course")),
    ("patent", _("Patent")),
    ("data", _("Data set or software")),
)
DOI = Fact(
    "doi", _("DOI"), IDENTIFIER, required=False, of="doi", needed_when=("output", ("paper",))
)
SEEN_AT = Fact("url", _("Where it can be seen"), URL, required=False)
VENTURE = Fact("venture", _("Venture"), ask=_("Its registered name"))
RECEIPT = Fact(
    "receipt", _("Receipt"), ask=_("Number of the bank's advice or of the invoice that was paid")
)
PAYER = Fact("payer", _("Paid by"))

DEPLOYMENT = (
    Fact("solution", _("Solution"), ask=_("What is in use")),
    Fact("place", _("Where"), ask=_("Ward, road, campus or city")),
    Fact("in_use_since", _("In use since"), DATE),
    Fact("payer", _("Who pays for its running"), CHOICE, choices=(
        ("city", _("A city body or other government")),
        ("users", _("Those who use it")),
        ("industry", _("A company")),
        ("grant", _("A grant")),
        ("nobody", _("Nobody yet")),
    )),
    Fact("contract", _("Contract or work order"), required=False, ask=_("Its number")),
)  # fmt: skip
DEPLOYMENT_USERS = (
    Fact("from_on", _("Counted from"), DATE),
    Fact("until_on", _("Counted until"), DATE),
    Fact("method", _("How they were counted"), CHOICE, choices=(
        ("log", _("From the system's own log")),
        ("operator", _("From the operator's register")),
        ("survey", _("By a survey")),
        ("estimate", _("By an estimate")),
    )),
)  # fmt: skip
SPONSORED_RESEARCH = (
    AGREEMENT,
    STARTS_ON,
    ENDS_ON,
    Fact("joint_output", _("Joint output so far"), CHOICE, required=False, choices=JOINT_OUTPUTS),
)
GRADUATE_PROJECT = (
    Fact("degree", _("Degree"), CHOICE, choices=(
        ("bachelor", _("Bachelor")),
        ("master", _("Master")),
        ("doctorate", _("Doctorate")),
    )),
    Fact("students", _("Students"), WHOLE, unit=_("people")),
    Fact("report", _("Report or thesis"), required=False, ask=_("Its title or number")),
)  # fmt: skip
CENTRE_OF_EXCELLENCE = (
    AGREEMENT,
    Fact("place", _("Where")),
    Fact("committed_inr", _("Committed by industry"), MONEY, required=False, unit=_("rupees")),
)
ACADEMIC_PARTNERSHIP = (
    AGREEMENT,
    Fact("partners", _("Institutions that signed"), ORGANISATIONS),
    STARTS_ON,
    ENDS_ON,
    VALUE,
    Fact("output", _("Joint output"), CHOICE, choices=JOINT_OUTPUTS),
    DOI,
    SEEN_AT,
)
INTERNATIONAL_OUTPUT = (
    Fact("country", _("Country of the partner"), COUNTRY),
    Fact("output", _("Joint output"), CHOICE, choices=JOINT_OUTPUTS),
    DOI,
    SEEN_AT,
)
GOVERNMENT_PARTNERSHIP = (
    AGREEMENT,
    Fact("level", _("Level of government"), CHOICE, choices=(
        ("local", _("City or district")),
        ("state", _("State")),
        ("union", _("Union ministry or department")),
    )),
    STARTS_ON,
    ENDS_ON,
    VALUE,
)  # fmt: skip
INSTITUTION = Fact("institution", _("Institution"))
TRAINING_EVENT = (
    Fact("mode", _("How it was held"), CHOICE, choices=(
        ("in_person", _("In person")),
        ("online", _("Online")),
        ("both", _("Both")),
    )),
    Fact("hours", _("Length"), DECIMAL, unit=_("hours")),
    Fact("institutions", _("Institutions that took part"), TABLE, of=(
        INSTITUTION,
        Fact("people", _("People"), WHOLE, required=False, unit=_("people")),
    )),
)  # fmt: skip
TRAINING_ATTENDANCE = (
    Fact("attendance", _("Attendance by institution"), TABLE, of=(
        INSTITUTION,
        Fact("people", _("People"), WHOLE, unit=_("people")),
        Fact("women", _("Women among them"), WHOLE, required=False, unit=_("people")),
    )),
)  # fmt: skip
FACILITY_ACCESS = (
    Fact("facility", _("Facility"), ask=_("The laboratory or centre")),
    Fact("instrument", _("Instrument"), required=False),
    Fact(
        "booking",
        _("Booking"),
        required=False,
        ask=_("Its number in the booking system, such as I-STEM"),
    ),
    Fact("fee_inr", _("User fee"), MONEY, required=False, unit=_("rupees")),
)
ENTREPRENEURSHIP_PROGRAMME = (
    Fact("programme", _("Programme"), ask=_("Its name and edition")),
    Fact("hours", _("Length"), DECIMAL, unit=_("hours")),
    Fact("women", _("Women among those who completed it"), WHOLE, required=False, unit=_("people")),
)
COHORT = (
    Fact("programme", _("Programme"), ask=_("Its name and edition")),
    Fact("starts_on", _("Begins on"), DATE),
    Fact("ends_on", _("Ends on"), DATE, required=False),
    Fact("teams", _("Teams"), TABLE, of=(
        Fact("team", _("Team or venture")),
        Fact("sector", _("Sector"), required=False),
        Fact("stage", _("Stage"), CHOICE, required=False, choices=(
            ("idea", _("Idea")),
            ("prototype", _("Prototype")),
            ("revenue", _("Revenue")),
        )),
    )),
)  # fmt: skip
OUTREACH_ITEM = (
    Fact("medium", _("Medium"), CHOICE, choices=(
        ("blog", _("Blog or article")),
        ("video", _("Video")),
        ("podcast", _("Podcast")),
        ("press", _("Press, radio or television")),
        ("event", _("Lecture, exhibition or open day")),
    )),
    Fact("language", _("Language"), LANGUAGE, ask=_("Its code, as in hi, ta or en")),
    Fact("url", _("Where it can be seen"), URL, required=False,
         needed_when=("medium", ("blog", "video", "podcast"))),
    Fact("reach", _("Reach"), WHOLE, required=False, ask=_("How many read, saw, heard or came"),
         unit=_("people")),
    Fact("reach_source", _("Who counted the reach"), required=False, needed_when=("reach", ())),
)  # fmt: skip
OFFICES = (
    ("IN", _("India")),
    ("WO", _("International (PCT)")),
    ("EP", _("Europe")),
    ("US", _("United States")),
    ("other", _("Another office")),
)
PATENT_STATES = (
    ("filed", _("Filed")),
    ("published", _("Published")),
    ("examined", _("Examined")),
    ("opposed", _("Opposed")),
    ("granted", _("Granted")),
    ("refused", _("Refused")),
    ("lapsed", _("Lapsed")),
)
PATENT = (
    Fact("office", _("Patent office"), CHOICE, choices=OFFICES),
    Fact("application_number", _("Application number"), IDENTIFIER, of="patent"),
    Fact("grant_number", _("Grant number"), IDENTIFIER, required=False, of="patent"),
    Fact("history", _("Status history"), TABLE, of=(
        Fact("status", _("Status"), CHOICE, choices=PATENT_STATES),
        Fact("on", _("Since"), DATE),
    )),
    Fact("assignees", _("Assignees"), ORGANISATIONS),
)  # fmt: skip
LICENCE = (
    AGREEMENT,
    Fact("licensee", _("Licensee")),
    Fact("exclusivity", _("Exclusivity"), CHOICE, choices=(
        ("exclusive", _("Exclusive")),
        ("sole", _("Sole: the owner may use it too")),
        ("non_exclusive", _("Non-exclusive")),
    )),
    Fact("country", _("Country"), COUNTRY, required=False, ask=_("Where the licensee may use it, if one country")),
    Fact("royalty_percent", _("Royalty"), PERCENT, required=False, unit="%"),
    Fact("upfront_inr", _("Fee at signing"), MONEY, required=False, unit=_("rupees")),
    STARTS_ON,
    ENDS_ON,
)  # fmt: skip
PATENT_COMMERCIALISED = (
    Fact("patent_number", _("Patent"), IDENTIFIER, of="patent", ask=_("Its grant or application number")),
    Fact("product", _("Product or process that uses it")),
    Fact("in_use_since", _("In use since"), DATE),
)  # fmt: skip
ROYALTY_RECEIPT = (
    PAYER,
    RECEIPT,
    Fact("from_on", _("For use from"), DATE, required=False),
    Fact("until_on", _("For use until"), DATE, required=False),
    Fact("tax_withheld_inr", _("Tax withheld"), MONEY, required=False, unit=_("rupees")),
)
VENTURE_SUPPORTED = (
    VENTURE,
    Fact("form", _("Form"), CHOICE, choices=(
        ("startup", _("Start-up")),
        ("msme", _("Micro, small or medium enterprise")),
        ("other", _("Another form")),
    )),
    Fact("stage", _("Stage"), CHOICE, choices=(
        ("idea", _("Idea")),
        ("prototype", _("Prototype")),
        ("pilot", _("Pilot")),
        ("revenue", _("Revenue")),
        ("growth", _("Growth")),
    )),
    Fact("support", _("Support"), CHOICE, choices=(
        ("incubation", _("Incubation")),
        ("funding", _("Funding")),
        ("facility", _("Use of facilities")),
        ("mentoring", _("Mentoring")),
    )),
    Fact("cin", _("Corporate identification number"), IDENTIFIER, required=False, of="cin"),
    Fact("udyam", _("Udyam registration"), IDENTIFIER, required=False, of="udyam"),
)  # fmt: skip
JOBS_CREATED = (
    VENTURE,
    Fact("source", _("Where the number comes from"), CHOICE, choices=(
        ("provident_fund", _("Provident fund returns")),
        ("payroll", _("Payroll")),
        ("declaration", _("The venture's declaration")),
    )),
    Fact("women", _("Women among them"), WHOLE, required=False, unit=_("people")),
)  # fmt: skip
TRIALS = ("phase_1", "phase_2", "phase_3", "phase_4")
LICENSED = ("test_licence", "manufacturing_licence")
REGULATORY_STAGE = (
    VENTURE,
    Fact("product", _("Product")),
    Fact("stage", _("Stage reached"), CHOICE, choices=(
        ("preclinical", _("Preclinical study completed")),
        ("phase_1", _("Clinical trial, phase I")),
        ("phase_2", _("Clinical trial, phase II")),
        ("phase_3", _("Clinical trial, phase III, or pivotal study of a device")),
        ("phase_4", _("Clinical trial, phase IV")),
        ("test_licence", _("CDSCO test licence")),
        ("manufacturing_licence", _("CDSCO manufacturing licence")),
    )),
    Fact("ctri", _("CTRI number"), IDENTIFIER, required=False, of="ctri", needed_when=("stage", TRIALS)),
    Fact("device_class", _("Class of the medical device"), CHOICE, required=False,
         needed_when=("stage", LICENSED), ask=_("Medical Devices Rules 2017: A is the lowest risk, D the highest"),
         choices=(("A", "A"), ("B", "B"), ("C", "C"), ("D", "D"))),
    Fact("licence", _("Licence number"), required=False, needed_when=("stage", LICENSED)),
)  # fmt: skip
IP_EXPORT_RECEIPT = (
    PAYER,
    Fact("country", _("Country of the payer"), COUNTRY),
    RECEIPT,
)
RD_FDI = (
    Fact("investor", _("Investor")),
    Fact("country", _("Country of the investor"), COUNTRY),
    Fact(
        "filing",
        _("Filing with the Reserve Bank"),
        required=False,
        ask=_("Number of the form FC-GPR"),
    ),
)
GLOBAL_RANKING = (
    Fact("ranking", _("Ranking"), ask=_("Its name and edition")),
    Fact("publisher", _("Published by")),
    Fact("year", _("Year"), WHOLE),
    Fact(
        "subject",
        _("What is ranked there"),
        ask=_("The city, the cluster or a member, and in which field"),
    ),
    Fact("place", _("Place"), WHOLE),
    Fact("places", _("Out of"), WHOLE, required=False),
    Fact("url", _("Where it can be seen"), URL),
)
VENTURE_REVENUE = (
    VENTURE,
    Fact("fiscal_year", _("Fiscal year"), ask=_("As in 2025-26")),
    Fact("auditor", _("Audited by"), ask=_("The firm, with its registration number")),
)
VENTURE_INVESTMENT = (
    VENTURE,
    Fact("investor", _("Kind of investor"), CHOICE, choices=(
        ("angel", _("Angel investor")),
        ("fund", _("Venture fund")),
        ("strategic", _("Company")),
        ("public", _("Public fund")),
    )),
    Fact("round", _("Round"), required=False, ask=_("As in seed or series A")),
    Fact("isin", _("ISIN of the security"), IDENTIFIER, required=False, of="isin"),
)  # fmt: skip
LOCAL_CONTENT = (
    Fact("product", _("Product")),
    Fact("replaces", _("Import that it replaces"), required=False),
    Fact("price_inr", _("Price of one"), MONEY, unit=_("rupees"), ask=_("With taxes")),
    Fact("indirect_taxes_inr", _("Domestic indirect taxes in it"), MONEY, unit=_("rupees"),
         ask=_("Goods and services tax, net of credit")),
    Fact("inputs", _("Inputs from abroad in one"), TABLE, required=False, of=(
        Fact("input", _("Input")),
        Fact("how", _("How it came"), CHOICE, choices=INCLUSIONS),
        Fact("country", _("Country"), COUNTRY, required=False),
        Fact("cost_inr", _("Cost"), MONEY, unit=_("rupees")),
        Fact("customs_duty_inr", _("Customs duty"), MONEY, required=False, unit=_("rupees")),
    )),
    Fact("standard", _("Quality standard"), required=False, ask=_("As in IS 13450 or ISO 13485")),
    Fact("standard_met", _("Is it met?"), CHOICE, required=False, needed_when=("standard", ()), choices=(
        ("yes", _("Yes, certified")),
        ("tested", _("Tested, not certified")),
        ("no", _("Not yet")),
    )),
    Fact("supply_chain", _("Stages of the supply chain"), TABLE, of=(
        Fact("stage", _("Stage"), ask=_("Material, component, assembly, testing …")),
        Fact("where", _("Where it is done"), CHOICE, choices=(
            ("region", _("In the region")),
            ("india", _("Elsewhere in India")),
            ("abroad", _("Abroad")),
            ("missing", _("Nowhere yet")),
        )),
    )),
)  # fmt: skip
FEEDBACK_SCORE = (
    Fact("group", _("Stakeholder group"), CHOICE, choices=(
        ("scientists", _("Scientists")),
        ("industry", _("Industry")),
        ("universities", _("Universities")),
        ("others", _("Governments and others")),
    )),
    Fact("respondents", _("Answers"), WHOLE, unit=_("people")),
)  # fmt: skip
OWN_INCOME = (
    Fact("source", _("Source"), CHOICE, choices=(
        ("fees", _("User and service fees")),
        ("research", _("Sponsored research and consultancy")),
        ("membership", _("Membership")),
        ("intellectual_property", _("Royalties and licences")),
        ("gifts", _("Gifts and corporate social responsibility")),
        ("several", _("Several, as in the accounts")),
    )),
    Fact("account", _("Account"), ask=_("Line and page of the audited accounts")),
)  # fmt: skip
OPERATING_COST = (Fact("account", _("Account"), ask=_("Line and page of the audited accounts")),)


def patent_is_spelt_by_its_office(facts: Mapping[str, Any]) -> Iterator[Problem]:
    """An application in India has a number that the Indian office gives."""
    number = facts.get("application_number", "")
    scheme = SCHEMES["patent_in"]
    if facts.get("office") == "IN" and number and not scheme.spell(number):
        told = _t("the Indian office gives numbers as in %s") % scheme.example
        yield Problem(("application_number",), str(PATENT[1].title), told)


def place_is_within_the_ranking(facts: Mapping[str, Any]) -> Iterator[Problem]:
    """No place is 0, or beyond the last."""
    place = facts.get("place", 1)
    if not 1 <= place <= facts.get("places", place):
        told = _t("a place from 1 to the number of places is expected")
        yield Problem(("place",), str(GLOBAL_RANKING[4].title), told)


def price_exceeds_its_taxes(facts: Mapping[str, Any]) -> Iterator[Problem]:
    """What is left of a price after its taxes lies above zero."""
    if {"price_inr", "indirect_taxes_inr"} <= facts.keys():
        left = Decimal(facts["price_inr"]) - Decimal(facts["indirect_taxes_inr"])
        if left <= 0:
            told = _t("the taxes are less than the price")
            yield Problem(("indirect_taxes_inr",), str(LOCAL_CONTENT[3].title), told)
