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
    scores = [("Commercial deployment", 78, 51), ("Training events per month", 35, 55),
              ("Shared facilities", 60, 60), ("Patents earning royalty", None, 20)]  # fmt: skip
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


def pictures() -> list[charts.Chart]:
    """Every chart on the page."""
    return [intervals(), acceptability(), contributions(), strengths(), slopes()]
