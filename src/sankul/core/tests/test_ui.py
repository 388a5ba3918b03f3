from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django import forms
from django.http import QueryDict
from django.template import engines
from django.template.loader import render_to_string
from django.test import RequestFactory
from django.utils import translation

from sankul.core import ui
from sankul.core.pages import gallery, samples


def drawn(source, **context):
    return engines["django"].from_string("{% load ui %}" + source).render(context)


def test_a_figure_is_a_door_with_its_number_for_machines():
    assert drawn('{% figure 1234567 href="/why" unit="litres" name="Water" %}') == (
        '<a class="figure" href="/why"><span class="visually-hidden">Water: </span>'
        '<data value="1234567">12,34,567</data> <span class="figure__unit">litres</span></a>'
    )


def test_a_figure_tells_its_interval_coverage_and_day():
    figure = ui.Figure(62.4, low=58.1, high=66.2, coverage=0.83, as_of=date(2026, 11, 22))
    assert list(figure.notes()) == [
        "58.1 to 66.2",
        "83\N{NO-BREAK SPACE}% covered",
        "as of 22 Nov 2026",
    ]


def test_the_absences_and_zero_read_and_look_different():
    shown = {
        why: str(ui.Figure(None, absent=why)) for why in ("missing", "uncomputable", "suppressed")
    }
    assert "evidence missing" in shown["missing"]
    assert "not computable" in shown["uncomputable"]
    assert "suppressed (fewer than 5)" in shown["suppressed"]
    assert len({text.split('class="absent ')[1].split('"')[0] for text in shown.values()}) == 3
    assert str(ui.Figure(0)) == '<span class="figure"><data value="0">0</data></span>'


@pytest.mark.parametrize(("value", "absent"), [(None, ""), (3, "missing")])
def test_a_figure_has_either_a_value_or_a_reason(value, absent):
    with pytest.raises(ValueError, match="either a value or the reason"):
        ui.Figure(value, absent=absent)


def test_money_keeps_the_exact_amount():
    assert str(ui.Money(Decimal("1240000.50"))) == (
        '<data class="figure" value="1240000.50" title="₹\N{NO-BREAK SPACE}12,40,000.50">'
        "₹\N{NO-BREAK SPACE}12.4 lakh</data>"
    )
    assert "not recorded" in str(ui.Money(None))


def test_a_moment_keeps_utc_underneath():
    moment = ui.Moment(datetime(2026, 11, 22, 13, 6, tzinfo=UTC))
    assert str(moment) == (
        '<time class="nowrap" datetime="2026-11-22T13:06:00Z">22 Nov 2026, 18:36 IST</time>'
    )


@pytest.mark.parametrize("tone", list(ui.Tone))
def test_every_state_has_a_shape_and_a_word(tone):
    text = str(ui.State(tone))
    assert "<svg" in text
    assert str(ui.State(tone, "done")).endswith("</svg>done</span>")
    assert len({ui.icon(each) for each in ui.Tone}) == 4


def test_text_is_escaped_wherever_it_stands():
    bad = "<script>alert(1)</script>"
    parts = [
        ui.State("good", bad),
        ui.Notice("problem", bad, title=bad),
        ui.Link(bad, "/"),
        ui.Summary([ui.Entry(bad, bad)]),
        ui.Table(bad, [ui.Column("a", bad)], [{"a": bad}]),
        ui.Figure(1, unit=bad, name=bad, href='"><script>'),
    ]
    assert all("<script>" not in str(part) for part in parts)


class Claim(forms.Form):
    title = forms.CharField(label="What was done", help_text="One sentence.")
    note = forms.CharField(label="Note", required=False)
    role = forms.ChoiceField(label="Role", choices=[("led", "Led")], widget=forms.RadioSelect)


def test_a_field_is_tied_to_its_hint_and_its_error():
    field = str(ui.Field(Claim({})["title"]))
    assert 'aria-describedby="id_title-hint id_title-error"' in field
    assert 'aria-invalid="true"' in field
    assert 'id="id_title-hint">One sentence.' in field
    assert 'id="id_title-error"' in field
    assert '<label for="id_title">What was done</label>' in field


def test_only_a_field_that_may_stay_empty_says_optional():
    assert "(optional)" in str(ui.Field(Claim()["note"]))
    assert "(optional)" not in str(ui.Field(Claim()["title"]))


def test_a_group_of_choices_is_a_named_fieldset():
    group = str(ui.Field(Claim()["role"]))
    assert group.startswith('<fieldset class="field choices">')
    assert "<legend>Role</legend>" in group


def test_the_error_summary_links_each_error_to_its_field():
    summary = str(ui.Errors(Claim({})))
    assert '<a href="#id_title">What was done: This field is required.</a>' in summary
    assert '<a href="#id_role_0">Role: This field is required.</a>' in summary
    assert str(ui.Errors(Claim())) == ""


COLUMNS = [
    ui.Column("name", "Cluster", sort="name"),
    ui.Column("score", "Score", numeric=True, unit="points", sort="score", fold=True),
]


def test_a_table_has_caption_heads_and_row_headings():
    table = str(ui.Table("Clusters", COLUMNS, [{"name": "Aravalli", "score": 62}]))
    assert "<caption>Clusters</caption>" in table
    assert (
        '<th scope="col" class="num fold">Score <span class="table__unit">points</span></th>'
        in table
    )
    assert (
        '<th scope="row">Aravalli<dl class="folded"><div><dt>Score (points)</dt><dd>62</dd></div></dl></th>'
        in table
    )
    assert 'role="region" aria-label="Clusters" tabindex="0"' in table


def test_heads_sort_through_the_address_and_keep_its_other_parts():
    table = ui.Table(
        "Clusters", COLUMNS, [{"name": "A", "score": 1}], QueryDict("q=dam&sort=score&page=3")
    )
    name, score = table.heads()
    assert (name.href, name.direction) == ("?q=dam&sort=name", "")
    assert (score.href, score.direction) == ("?q=dam&sort=-score", "ascending")
    first = next(iter(ui.Table("C", COLUMNS[1:], [{"score": 1}], QueryDict("")).heads()))
    assert first.href == "?sort=-score"


@pytest.mark.parametrize(
    ("asked", "given"), [("sort=-score", "-score"), ("sort=password", "name"), ("", "name")]
)
def test_only_an_order_that_a_column_offers_is_taken(asked, given):
    assert ui.order(QueryDict(asked), COLUMNS, "name") == given


def test_an_empty_table_teaches():
    assert "Nobody has claimed anything yet." in str(
        ui.Table("Claims", COLUMNS, [], empty="Nobody has claimed anything yet.")
    )


def test_pages_show_the_ends_and_the_neighbours():
    pages = ui.Pages(QueryDict("q=a&page=4"), page=4, last=9)
    assert [number for number, _ in pages.links()] == [1, None, 3, 4, 5, None, 9]
    assert pages.next_href == "?q=a&page=5"
    assert ui.Pages(QueryDict(""), page=1, last=1).next_href == ""
    assert ui.Pages(QueryDict("q=a"), after="k9").next_href == "?q=a&after=k9"


def test_a_score_bar_says_in_words_what_it_draws():
    bar = ui.ScoreBar(62.4, 55, 71, median=48)
    assert bar.words() == "score 62.4, between 55.0 and 71.0, median of peers 48.0"
    assert 'cx="62.4%"' in str(bar)
    assert 'x="55.0%" y="5" width="16.0%"' in str(bar)
    assert 'cx="100%"' in str(ui.ScoreBar(140))


def test_progress_asks_again_only_while_it_has_somewhere_to_ask():
    assert 'hx-get="/run/7" hx-trigger="every 2s"' in str(ui.Progress("Run", 1, 3, poll="/run/7"))
    assert "hx-get" not in str(ui.Progress("Run", 3, 3))


@pytest.mark.parametrize(
    "example", [each for part in gallery.SECTIONS for each in part], ids=lambda e: e.slug
)
def test_every_part_of_the_gallery_draws_without_inline_style_or_script(example):
    text = str(example.drawn())
    assert text.strip()
    assert " style=" not in text
    assert "<script" not in text
    assert " on" + "click=" not in text


def test_the_page_marks_the_demonstration_and_only_it():
    assert "A fictional programme" in render_to_string("base.html", {"is_demonstration": True})
    assert "A fictional programme" not in render_to_string("base.html")


@pytest.mark.parametrize("name", ["400.html", "403.html", "404.html", "409.html"])
def test_a_refusal_shows_its_reason(name):
    assert "Ask the programme office." in render_to_string(
        name, {"reason": "Ask the programme office."}
    )


def test_the_last_error_page_needs_neither_request_nor_database_nor_manifest():
    page = engines["django"].get_template("500.html")
    assert "{%" not in page.template.source
    assert "Something went wrong" in page.render()


def test_a_navigation_item_leads_only_where_the_site_has_a_page():
    request = RequestFactory().get("/")
    assert drawn('{% nav_item "no-such-page" "Nowhere" %}', request=request) == ""


def test_the_gallery_pictures_have_different_keys():
    keys = [chart.key for chart in samples.pictures()]
    assert len(keys) == len(set(keys)) == 11


def test_the_navigation_marks_where_one_is_and_speaks_the_readers_language():
    request = RequestFactory().get("/facilities/some-institution/")
    html = drawn('{% navigation "main" %}', request=request)
    assert html.count("aria-current") == 1
    assert '<li><a href="/facilities/" aria-current="page">Facilities</a></li>' in html
    assert "Dashboard" not in html
    with translation.override("hi"):
        assert '<li><a href="/">मुखपृष्ठ</a></li>' in drawn('{% navigation "main" %}', request=request)
    home = RequestFactory().get("/")
    assert '<a href="/" aria-current="page">Home</a>' in drawn(
        '{% navigation "main" %}', request=home
    )


@pytest.mark.urls("sankul.core.tests.urls")
def test_the_navigation_leaves_out_what_the_site_has_no_page_for():
    request = RequestFactory().get("/")
    assert "/facilities/" not in drawn('{% navigation "main" %}', request=request)
