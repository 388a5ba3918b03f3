"""The gallery at ``/ui/``: every part of the interface, live, with the very code that drew it."""

import inspect
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template import engines
from django.utils.text import slugify
from django.views.decorators.http import require_safe

from sankul.core import charts
from sankul.core.pages import samples


@dataclass(frozen=True)
class Example:
    """A part: its name, when to use it, and what draws it (a template or a function of samples)."""

    name: str
    when: str
    draws: str | Callable[[], Any]

    @property
    def slug(self) -> str:
        """Its anchor on the page."""
        return slugify(self.name)

    @property
    def code(self) -> str:
        """The code that drew it, as it stands."""
        return self.draws if isinstance(self.draws, str) else inspect.getsource(self.draws)

    def drawn(self) -> Any:
        """The part itself."""
        if isinstance(self.draws, str):
            template = engines["django"].from_string("{% load i18n ui %}" + self.draws)
            return template.render(samples.values())
        return self.draws()


@dataclass(frozen=True)
class Section:
    """Parts that belong together."""

    name: str
    examples: tuple[Example, ...]

    @property
    def slug(self) -> str:
        """Its anchor on the page."""
        return slugify(self.name)

    def __iter__(self) -> Iterator[Example]:
        return iter(self.examples)


SECTIONS = (
    Section("Figures", (
        Example("Figure", "Every published number. A dotted line says that it opens.",
                samples.FIGURES),
        Example("Absent figure", "Three reasons for no figure, and zero, which is a figure. A reason "
                "opens its explanation too.", samples.ABSENT),
        Example("Money", "Rupees in lakh and crore; the exact amount on pointing and in exports. In "
                "running text use the filter.", samples.MONEY),
        Example("Date and time", "Days as 22 Nov 2026; moments in the site's zone, UTC underneath.",
                samples.DATES),
        Example("State", "Where a thing stands. Shape and word carry it; the colour only helps.",
                samples.STATES),
        Example("Tiles", "A few numbers at a glance at the top of a page.", samples.tiles),
        Example("Score bar", "A score, its interval and the peers' median within a table or tile.",
                samples.BARS),
    )),
    Section("Lists and tables", (
        Example("Table", "Rows to compare. Columns marked fold stand under the row's heading on a "
                "narrow page; heads sort through the address.", samples.table),
        Example("Empty table", "Say what would stand here and how it comes about.",
                samples.empty_table),
        Example("Filter bar", "A GET form above a list. The / key goes to its first text field.",
                samples.FILTERS),
        Example("Pages", "Below a list that has more than one page; keyset or counted.",
                samples.pages),
        Example("Summary list", "Facts about one thing.", samples.summary),
        Example("Cards", "Several things to choose from.", samples.cards),
        Example("Empty place", "Nothing here yet: teach what will be.", samples.empty),
    )),
    Section("Forms", (
        Example("Form with errors", "The summary links to each field; each error stands by its field.",
                samples.FORM),
        Example("Buttons", "One main action a page; what destroys is outlined and asks again.",
                samples.BUTTONS),
        Example("Confirmation", "Before what cannot be undone, on a page of its own.",
                samples.CONFIRM),
    )),
    Section("Telling", (
        Example("Notice", "A message set apart; live=True has it announced.", samples.NOTICES),
        Example("Tasks", "What is left to do, with states.", samples.tasks),
        Example("Steps and history", "A process, or what happened when.", samples.steps),
        Example("Progress", "Long work that can be left and found again; asks again by itself.",
                samples.progress),
        Example("Tabs", "Views of one thing, each with its address.", samples.tabs),
        Example("Breadcrumbs", "The way here.", samples.CRUMBS),
        Example("Hindi", "Every text must fit in Hindi.", samples.HINDI),
    )),
    Section("Evidence", (
        Example("Explanation", "How a figure came about, step by step.", samples.explanation),
        Example("Rank intervals", "Ranks with their uncertainty.", samples.intervals_picture),
        Example("Rank acceptability", "How often each rank was taken.", samples.acceptability_picture),
        Example("Score intervals", "Scores with their uncertainty, and a threshold.", samples.scores_picture),
        Example("Probabilities", "How likely each unit is to meet a fate.", samples.probabilities_picture),
        Example("Sensitivity", "Which assumption moves the ranks.", samples.sensitivity_picture),
        Example("Weights", "The tree of an index.", samples.weights_picture),
        Example("Contributions", "What a score is made of.", samples.contributions_picture),
        Example("Composition", "What several scores are made of.", samples.composition_picture),
        Example("Correlations", "Which indicators say the same.", samples.correlations_picture),
        Example("Strengths", "One unit beside its peers.", samples.strengths_picture),
        Example("Slopes", "Change between two years.", samples.slopes_picture),
    )),
)  # fmt: skip


@require_safe
def gallery(request: HttpRequest) -> HttpResponse:
    """The gallery; its pictures answer for their downloads."""
    if answered := charts.answer(request, samples.pictures()):
        return answered
    palette = charts.palette("light")
    tokens = [(f"series-{n}", palette[f"series-{n}"]) for n in range(1, 7)]
    tokens += [(f"heat-{n}", palette[f"heat-{n}"]) for n in range(1, 7)]
    context = {"sections": SECTIONS, "tokens": tokens}
    return render(request, "core/gallery.html", context)
