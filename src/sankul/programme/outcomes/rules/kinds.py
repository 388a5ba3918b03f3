"""The kinds of claims: each of one outcome, with one unit, and the facts that its evidence needs."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, NamedTuple

from django.utils.translation import gettext_lazy as _

from . import asked
from .facts import Fact, Rule

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


class Unit(StrEnum):
    """Units of claimed quantities."""

    COUNT = "count"
    INR = "INR"
    PEOPLE = "people"
    SCORE = "score"
    HOURS = "hours"

    @property
    def label(self) -> StrOrPromise:
        """The unit in words."""
        return UNIT_LABELS[self]


UNIT_LABELS: dict[Unit, StrOrPromise] = {
    Unit.COUNT: _("in number"),
    Unit.INR: _("rupees"),
    Unit.PEOPLE: _("people"),
    Unit.SCORE: _("on a scale from 1 to 5"),
    Unit.HOURS: _("hours"),
}


class Kind(NamedTuple):
    """A kind of claim: its code, the outcome (1 to 14) it belongs to, its title, and the unit of its quantity.

    ``facts`` are what its evidence says, ``rule`` what must hold between them; ``rests_on`` names the kinds of claims that such a
    claim can build on; ``link_suffices`` says that a web address alone is evidence, because the thing itself is there to be seen.
    """

    code: str
    outcome: int
    title: StrOrPromise
    unit: Unit
    ask: StrOrPromise
    facts: tuple[Fact, ...] = ()
    rests_on: tuple[str, ...] = ()
    link_suffices: bool = False
    rule: Rule | None = None

    def fact(self, code: str) -> Fact:
        """One of its facts. Raises KeyError if it has none of that code."""
        return {fact.code: fact for fact in self.facts}[code]


KINDS = {
    kind.code: kind
    for kind in (
        Kind("deployment", 1, _("Commercial deployment of a solution to a city's problem"), Unit.COUNT,
            _("deployments in use"), asked.DEPLOYMENT),
        Kind("deployment_users", 1, _("Users served by a deployed solution"), Unit.PEOPLE,
            _("people served in the period"), asked.DEPLOYMENT_USERS, rests_on=("deployment",)),
        Kind("sponsored_research", 2, _("Research sponsored by industry"), Unit.INR,
            _("value of the agreement in rupees"), asked.SPONSORED_RESEARCH),
        Kind("graduate_project", 2, _("Graduate project with industry"), Unit.COUNT,
            _("projects completed"), asked.GRADUATE_PROJECT),
        Kind("centre_of_excellence", 2, _("Joint centre of excellence"), Unit.COUNT,
            _("centres opened"), asked.CENTRE_OF_EXCELLENCE),
        Kind("academic_partnership", 2, _("Partnership between academic institutions"), Unit.COUNT,
            _("agreements with a joint output"), asked.ACADEMIC_PARTNERSHIP),
        Kind("international_output", 3, _("Joint outcome with an international partner"), Unit.COUNT,
            _("papers, products, courses or patents made together"), asked.INTERNATIONAL_OUTPUT),
        Kind("government_partnership", 4, _("Partnership with a local government or line ministry"), Unit.COUNT,
            _("agreements in force"), asked.GOVERNMENT_PARTNERSHIP),
        Kind("training_event", 5, _("Training, workshop or capacity building across institutions"), Unit.COUNT,
            _("events held"), asked.TRAINING_EVENT),
        Kind("training_attendance", 5, _("Attendance at training across institutions"), Unit.PEOPLE,
            _("people who attended"), asked.TRAINING_ATTENDANCE, rests_on=("training_event",)),
        Kind("facility_access", 6, _("Access to a shared facility by another institution"), Unit.HOURS,
            _("hours of use by an outside institution"), asked.FACILITY_ACCESS),
        Kind("entrepreneurship_programme", 7, _("Innovation or entrepreneurship programme for scientists"), Unit.PEOPLE,
            _("scientists who completed it"), asked.ENTREPRENEURSHIP_PROGRAMME),
        Kind("cohort", 7, _("Cohort of an accelerator or incubator"), Unit.COUNT,
            _("teams admitted"), asked.COHORT),
        Kind("outreach_item", 8, _("Science blog, video, podcast or outreach event"), Unit.COUNT,
            _("items published or held"), asked.OUTREACH_ITEM, link_suffices=True),
        Kind("patent", 9, _("Patent applied for or granted"), Unit.COUNT,
            _("patents of one family counted once"), asked.PATENT, rule=asked.patent_is_spelt_by_its_office),
        Kind("licence", 9, _("Licence of a patent, design or know-how"), Unit.COUNT,
            _("licences granted"), asked.LICENCE, rests_on=("patent",)),
        Kind("patent_commercialised", 9, _("Patent licensed and in commercial use"), Unit.COUNT,
            _("patents licensed"), asked.PATENT_COMMERCIALISED, rests_on=("licence", "patent")),
        Kind("royalty_receipt", 9, _("Royalty received on a patent"), Unit.INR,
            _("rupees received"), asked.ROYALTY_RECEIPT, rests_on=("licence",)),
        Kind("venture_supported", 10, _("Science-based venture supported"), Unit.COUNT,
            _("ventures"), asked.VENTURE_SUPPORTED),
        Kind("jobs_created", 10, _("Jobs created by supported ventures"), Unit.PEOPLE,
            _("jobs filled"), asked.JOBS_CREATED, rests_on=("venture_supported",)),
        Kind("regulatory_stage", 10, _("Clinical or regulatory stage reached by a venture"), Unit.COUNT,
            _("stages reached"), asked.REGULATORY_STAGE, rests_on=("venture_supported",)),
        Kind("ip_export_receipt", 11, _("Royalty, copyright or licence fee from abroad"), Unit.INR,
            _("rupees received"), asked.IP_EXPORT_RECEIPT, rests_on=("licence",)),
        Kind("rd_fdi", 11, _("Foreign direct investment into R&D"), Unit.INR,
            _("rupees received"), asked.RD_FDI),
        Kind("global_ranking", 11, _("Place in a global ranking"), Unit.COUNT,
            _("rankings that list the cluster, its city or a member"), asked.GLOBAL_RANKING, link_suffices=True,
            rule=asked.place_is_within_the_ranking),
        Kind("venture_revenue", 12, _("Revenue of supported ventures"), Unit.INR,
            _("rupees of audited revenue"), asked.VENTURE_REVENUE, rests_on=("venture_supported",)),
        Kind("venture_investment", 12, _("Investment raised by supported ventures"), Unit.INR,
            _("rupees received"), asked.VENTURE_INVESTMENT, rests_on=("venture_supported",)),
        Kind("local_content", 12, _("Product with local content in place of an import"), Unit.COUNT,
            _("products on the market"), asked.LOCAL_CONTENT, rule=asked.price_exceeds_its_taxes),
        Kind("feedback_score", 13, _("360-degree feedback on the ease of doing science"), Unit.SCORE,
            _("mean score of a stakeholder group, 1 to 5"), asked.FEEDBACK_SCORE),
        Kind("own_income", 14, _("Income other than the government's grant"), Unit.INR,
            _("rupees received"), asked.OWN_INCOME),
        Kind("operating_cost", 14, _("Operating cost"), Unit.INR,
            _("rupees spent"), asked.OPERATING_COST),
    )
}  # fmt: skip
KIND_CHOICES = [(kind.code, kind.title) for kind in KINDS.values()]

OUTCOMES: dict[int, StrOrPromise] = {
    1: _("Commercial deployment of solutions for city-specific problems"),
    2: _("Industry–academia partnerships"),
    3: _("International academic partnerships with joint outcomes"),
    4: _("Partnerships with local governments and line ministries"),
    5: _("Inter-institutional training and capacity building"),
    6: _("Ease of access to shared facilities"),
    7: _("Technology-innovation and entrepreneurship programmes for scientists"),
    8: _("Science blogs, videos, podcasts and outreach"),
    9: _("Patents commercialised and earning royalty"),
    10: _("Societal value through science-based entrepreneurship"),
    11: _("Global standing"),
    12: _("Growth and wealth"),
    13: _("360-degree feedback on the ease of doing science and technology"),
    14: _("Progress to financial self-sufficiency"),
}
"""The twelve indicative measurable outcomes of the programme, and two that its rules ask for (psa.gov.in/st-clusters)."""
