"""What the gallery shows: invented values, drawn by the code that stands here."""

import math
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from django import forms
from django.http import QueryDict

from sankul.core import charts, ui

NAMES = ("Aravalli", "Coromandel", "Deccan", "Brahmaputra", "Malwa", "Nilgiri", "Thar", "Sundarban")

FIGURES = """{% figure 62.43 places=1 href="#explanation" name="Score of Aravalli" %}
{% figure 62.43 places=1 href="#explanation" unit="points" low=58.1 high=66.2 coverage=0.83 as_of=day %}
{% figure 1234567 unit="litres a day" large=True %}"""
ABSENT = """{% figure None absent="missing" href="#explanation" %}
{% figure None absent="uncomputable" href="#explanation" %}
{% figure None absent="suppressed" %}
{% figure 0 href="#explanation" %}"""
MONEY = (
    """{% money amount %} sanctioned, {{ amount|inr_exact }} to the paisa, {{ spent|inr }} spent"""
)
DATES = """{% day day %} {% moment at %}"""
STATES = """{% state "good" "evidence complete" %}
{% state "attention" "due in 3 days" %}
{% state "problem" "refused" %}
{% state "unknown" "not ranked: evidence missing" %}"""
BARS = """{% score_bar 62.4 low=55 high=71 median=48 %}"""
BUTTONS = """<button class="button">Save and continue</button>
<a class="button button--quiet" href="#buttons">Download the table</a>
<button class="button button--danger">Withdraw the claim</button>
<button class="button" disabled>Publish</button>
<button class="button button--quiet button--small">Clear</button>"""
CONFIRM = """{% confirm "Withdraw claim 2041?" "It counts no longer; its history stays." "Withdraw" "#confirmation" %}"""
NOTICES = """{% notice "good" "The framework is approved and frozen." %}
{% notice "attention" "Two documents are older than three years." title="Evidence is old" %}
{% notice "problem" "Only the apex committee approves. Ask the programme office." title="Refused" %}
{% notice "unknown" "Nobody has looked at this claim yet." %}"""
FILTERS = """<form class="filters" role="search" aria-label="Filter the claims" data-apply>
<div class="field"><label for="f-q">Words</label><input id="f-q" name="q" type="search"></div>
<div class="field"><label for="f-c">Cluster</label>
<select id="f-c" name="cluster"><option>All</option><option>Aravalli</option></select></div>
<button class="button">Filter</button> <a href="#filter-bar">Clear</a>
</form>"""
CRUMBS = """{% crumbs way %}"""
HINDI = """<div lang="hi" class="stack">
<h4>संकुलों का मूल्यांकन</h4>
<p>प्रत्येक प्रकाशित अंक अपने साक्ष्य तक खोला जा सकता है और कोई भी उसकी पुनः गणना कर सकता है।</p>
<div class="row">{% state "good" "साक्ष्य पूर्ण" %} {% state "attention" "ध्यान आवश्यक" %}
{% figure 62.43 places=1 unit="अंक" href="#hindi" %}</div>
</div>"""


def values() -> dict[str, Any]:
    """What the templates above speak of."""
    return {
        "amount": Decimal("1240000.50"),
        "spent": Decimal(94970000),
        "day": date(2026, 11, 22),
        "at": datetime(2026, 11, 22, 13, 6, tzinfo=UTC),
        "form": wrong_form(),
        "way": [ui.Link("Home", "/"), ui.Link("Clusters", "#"), ui.Link("Aravalli", "#")],
    }


def tiles() -> ui.Tiles:
    score = ui.Figure(62.4, href="#explanation", places=1, low=58, high=66, large=True)
    money = ui.Figure(Decimal(94970000), text="₹ 9.5 crore", large=True)
    return ui.Tiles([
        ui.Tile("Score", score),
        ui.Tile("Rank", ui.Figure(3, href="#explanation", large=True), "of 7 ranked"),
        ui.Tile("Coverage", ui.Figure(83, unit="%", large=True), "50 of 60 indicators"),
        ui.Tile("Sanctioned", money, "since 2023"),
    ])  # fmt: skip


def table() -> ui.Table:
    columns = [
        ui.Column("name", "Cluster", sort="name"),
        ui.Column("score", "Score", numeric=True, unit="0 to 100", sort="score"),
        ui.Column("bar", "Beside its peers", fold=True),
        ui.Column("grant", "Sanctioned", numeric=True, fold=True, sort="grant"),
        ui.Column("state", "Evidence"),
    ]
    known = ui.Figure(62.4, href="#explanation", places=1, low=58, high=66)
    missing = ui.Figure(None, href="#explanation", absent="missing")
    rows: list[dict[str, Any]] = [
        {"name": ui.Link("Aravalli", "#"), "score": known, "bar": ui.ScoreBar(62.4, 58, 66, 51),
         "grant": ui.Money(Decimal(94970000)), "state": ui.State("good", "complete")},
        {"name": ui.Link("Brahmaputra Valley", "#"), "score": missing, "bar": "",
         "grant": ui.Money(Decimal(1240000)), "state": ui.State("unknown", "missing")},
    ]  # fmt: skip
    return ui.Table("Clusters in 2025–26", columns, rows, QueryDict("sort=-score"),
                    note="Scores with their 90 % intervals.")  # fmt: skip


def empty_table() -> ui.Table:
    return ui.Table("Claims", [ui.Column("name", "Claim")], [],
                    empty="No claim yet. Cluster staff record what was done; it then counts here.")  # fmt: skip


def pages() -> ui.Pages:
    return ui.Pages(QueryDict("cluster=aravalli&page=4"), page=4, last=12, total=1180)


def summary() -> ui.Summary:
    return ui.Summary([
        ui.Entry("Legal entity", "Aravalli Science Foundation (Section 8 company)"),
        ui.Entry("Seed approved", ui.Day(date(2023, 8, 22))),
        ui.Entry("Chief executive", "Not recorded", ui.Link("Change", "#")),
    ])  # fmt: skip


def cards() -> ui.Cards:
    return ui.Cards([
        ui.Card("Aravalli", "#cards", "Jaipur · water, crafts", [ui.State("good", "evidence complete")]),
        ui.Card("Coromandel", "#cards", "Chennai · medtech", [ui.State("attention", "2 documents due")]),
        ui.Card("Thar", "#cards", "Jodhpur · solar, handloom", [ui.State("unknown", "not ranked")]),
    ], level=4)  # fmt: skip


def empty() -> ui.Empty:
    return ui.Empty("No evaluation yet", "A round freezes the records of a year and ranks on them.",
                    ui.Link("Read the method", "#"))  # fmt: skip


class ClaimForm(forms.Form):
    """A form with a field of each kind."""

    title = forms.CharField(
        label="What was done", help_text="One sentence that a stranger understands."
    )
    persons = forms.IntegerField(label="Persons trained", min_value=0)
    note = forms.CharField(label="Note", required=False, widget=forms.Textarea(attrs={"rows": 3}))
    role = forms.ChoiceField(
        label="Role of the cluster", widget=forms.RadioSelect,
        choices=[("led", "Led"), ("contributed", "Contributed"), ("enabled", "Enabled")],
        help_text="Credit is shared by role.",
    )  # fmt: skip
    true = forms.BooleanField(label="The document says so", help_text="Page and line if you can.")


FORM = """<form class="form" method="get" action="#form-with-errors">{% form form %}
<button class="button">Record the claim</button></form>"""


def wrong_form() -> ClaimForm:
    """A form sent with mistakes."""
    data = {
        "sample-title": "Two-day course on sensors",
        "sample-persons": "-3",
        "sample-role": "led",
    }
    return ClaimForm(data, prefix="sample")


def tasks() -> ui.Tasks:
    return ui.Tasks("To do today", [
        ui.Task("Attach the utilisation certificate", ui.State("problem", "overdue"), "#", "Due 15 Nov 2026"),
        ui.Task("Review three claims", ui.State("attention", "due in 3 days"), "#"),
        ui.Task("Confirm members", ui.State("good", "done")),
    ])  # fmt: skip


def steps() -> ui.Steps:
    return ui.Steps("Round 2025–26", [
        ui.Step("Framework approved", done=True, at=ui.Day(date(2026, 4, 2))),
        ui.Step("Records frozen", current=True, at=ui.Day(date(2026, 11, 1)), text="1,180 claims"),
        ui.Step("Ranking published"),
    ])  # fmt: skip


def progress() -> ui.Progress:
    return ui.Progress("Evaluation of 2025–26", 640, 1000, text="You can leave this page.")


def tabs() -> ui.Tabs:
    return ui.Tabs("Views of Aravalli", [
        ui.Link("Profile", "#tabs", current=True), ui.Link("Indicators", "#tabs"), ui.Link("Records", "#tabs"),
    ])  # fmt: skip


def explanation() -> ui.Explanation:
    return ui.Explanation("How the score of Training came about", [
        ui.Formula("Counted", ui.Figure(42, unit="events", href="#explanation"), note="42 records of 2025–26"),
        ui.Formula("Per month", ui.Figure(3.5, places=2), "events ÷ 12", {"events": 42}),
        ui.Formula("Scaled", ui.Figure(58.3, places=1), "100 × (x − low) ÷ (high − low)",
                   {"x": 3.5, "low": 0, "high": 6}),
    ])  # fmt: skip


SOURCE = "Invented for this gallery, as of 22 Nov 2026"


def intervals() -> charts.Chart:
    """The chart of ``intervals_picture``."""
    ranked = [charts.Ranked(name, place, max(1, place - 0.6), min(7, place + 2))
              for place, name in enumerate(NAMES[:7], 1)]  # fmt: skip
    return charts.rank_intervals(
        [*ranked, charts.Ranked("Sundarban", None)],
        title="Ranks of 2025–26",
        finding="Aravalli leads in nearly every draw; those in the middle cannot be told apart.",
        source=SOURCE,
        demonstration=True,
    )


def intervals_picture() -> charts.Picture:
    return charts.Picture(intervals(), level=4)


def acceptability() -> charts.Chart:
    """The chart of ``acceptability_picture``."""
    weights = {
        name: [math.exp(-((rank - place) ** 2) / (1 + place / 3)) for rank in range(len(NAMES))]
        for place, name in enumerate(NAMES)
    }
    shares = {name: [each / sum(row) for each in row] for name, row in weights.items()}
    return charts.rank_acceptability(
        shares,
        title="How often each cluster took each rank",
        finding="No cluster below third place was ever first.",
        source=SOURCE,
        demonstration=True,
    )


def acceptability_picture() -> charts.Picture:
    return charts.Picture(acceptability(), level=4)


def contributions() -> charts.Chart:
    """The chart of ``contributions_picture``."""
    parts = {"Commercial deployment of solutions for city-specific problems": 14.2, "Industry–academia partnerships": 9.1,
             "Shared facilities": 6.6, "Outreach": -1.4}  # fmt: skip
    return charts.contributions(
        [charts.Contribution(*part) for part in parts.items()],
        title="What makes up the score of Aravalli",
        finding="Deployments carry half of it.",
        source=SOURCE,
        demonstration=True,
    )


def contributions_picture() -> charts.Picture:
    return charts.Picture(contributions(), level=4)


def strengths() -> charts.Chart:
    """The chart of ``strengths_picture``."""
    scores = [("Commercial deployment", 78, 51, 20, 92), ("Training events per month", 35, 55, 30, 80),
              ("Shared facilities", 60, 60, 45, 71), ("Patents earning royalty", None, 20, 0, 40)]  # fmt: skip
    return charts.strengths(
        [charts.Strength(*one) for one in scores],
        unit_name="Aravalli",
        title="Strengths and areas to improve",
        finding="Strong in deployment, behind its peers in training.",
        source=SOURCE,
        demonstration=True,
    )


def strengths_picture() -> charts.Picture:
    return charts.Picture(strengths(), level=4)


def slopes() -> charts.Chart:
    """The chart of ``slopes_picture``."""
    changes = [charts.Change(name, 60 - 4 * place, 58 - 3 * place + (9 if place == 3 else 0))
               for place, name in enumerate(NAMES)]  # fmt: skip
    return charts.slopes(
        changes,
        before="2023–24",
        after="2025–26",
        highlight=["Brahmaputra"],
        title="Scores two years apart",
        finding="Brahmaputra rose from fourth to second.",
        source=SOURCE,
        demonstration=True,
    )


def slopes_picture() -> charts.Picture:
    return charts.Picture(slopes(), level=4)


def scores() -> charts.Chart:
    """The chart of ``scores_picture``."""
    scored = [charts.Scored(name, 66 - 6 * place, 62 - 6.5 * place, 70 - 5 * place)
              for place, name in enumerate(NAMES)]  # fmt: skip
    return charts.score_intervals(
        scored,
        threshold=40,
        title="Scores and the threshold",
        finding="Nilgiri stands just above 40 and Thar below it; five are surely above.",
        source=SOURCE,
        demonstration=True,
    )


def scores_picture() -> charts.Picture:
    return charts.Picture(scores(), level=4)


def probabilities() -> charts.Chart:
    """The chart of ``probabilities_picture``."""
    likely = [
        ("Malwa", 0.004, 0.003, 0.005),
        ("Nilgiri", 0.22, 0.212, 0.228),
        ("Thar", 0.995, 0.993, 0.996),
    ]
    return charts.probabilities(
        [charts.Likely(*one) for one in likely],
        axis="Probability of a score below 40",
        title="How likely each is to be below the threshold",
        finding="Thar is below in nearly every draw; for Nilgiri it depends on the assumptions.",
        source=SOURCE,
        demonstration=True,
    )


def probabilities_picture() -> charts.Picture:
    return charts.Picture(probabilities(), level=4)


def sensitivity() -> charts.Chart:
    """The chart of ``sensitivity_picture``."""
    factors = [
        charts.Factor("Which indicator is left out", (0.32, 0.27, 0.36), (0.79, 0.74, 0.84)),
        charts.Factor("Weights", (0.19, 0.15, 0.23), (0.59, 0.56, 0.63)),
        charts.Factor(
            "How indicators are brought together", (0.01, -0.01, 0.03), (0.14, 0.12, 0.16)
        ),
    ]
    return charts.sensitivity(
        factors,
        title="Which assumption moves the ranks",
        finding="Leaving out one indicator moves ranks most.",
        source=SOURCE,
        demonstration=True,
    )


def sensitivity_picture() -> charts.Picture:
    return charts.Picture(sensitivity(), level=4)


def weights() -> charts.Chart:
    """The chart of ``weights_picture``."""
    tree = {
        "Solutions": {"Solutions deployed commercially": 0.2, "People served by them": 0.1},
        "Shared ecosystem": {
            "Training events": 0.2,
            "Shared facilities": 0.2,
            "Science communication": 0.05,
        },
        "Self-sufficiency": {"Own income against operating cost": 0.25},
    }
    groups = (
        charts.Branch(
            group, sum(below.values()), tuple(charts.Branch(*one) for one in below.items())
        )
        for group, below in tree.items()
    )
    return charts.weights(
        charts.Branch("Index", 1, tuple(groups)),
        title="What counts for how much",
        finding="The shared ecosystem weighs most: 45 % of the index.",
        source=SOURCE,
        demonstration=True,
    )


def weights_picture() -> charts.Picture:
    return charts.Picture(weights(), level=4)


def correlations() -> charts.Chart:
    """The chart of ``correlations_picture``."""
    names = ["Deployments", "Training", "Shared facilities", "Patents", "Own income"]
    pairs = [
        charts.Correlation(one, other, round(math.cos(3.1 * i + 1.7 * j), 2), 8)
        for i, one in enumerate(names)
        for j, other in enumerate(names)
        if i < j
    ]
    return charts.correlations(
        names,
        pairs,
        title="Which indicators say the same",
        finding="With eight clusters a correlation proves little.",
        source=SOURCE,
        demonstration=True,
    )


def correlations_picture() -> charts.Picture:
    return charts.Picture(correlations(), level=4)


def composition() -> charts.Chart:
    """The chart of ``composition_picture``."""
    points = {
        name: {
            "Solutions": 18 - place,
            "Shared ecosystem": 30 - 3 * place,
            "Self-sufficiency": 12 - place,
        }
        for place, name in enumerate(NAMES[:6])
    }
    return charts.composition(
        points,
        title="What the scores are made of",
        finding="The shared ecosystem gives every cluster most of its points.",
        source=SOURCE,
        demonstration=True,
    )


def composition_picture() -> charts.Picture:
    return charts.Picture(composition(), level=4)


def pictures() -> list[charts.Chart]:
    """Every chart on the page."""
    return [
        intervals(), acceptability(), scores(), probabilities(), sensitivity(), weights(),
        contributions(), composition(), correlations(), strengths(), slopes(),
    ]  # fmt: skip
