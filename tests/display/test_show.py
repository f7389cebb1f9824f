import re
from xml.etree import ElementTree as ET

import pandas as pd
import pytest

from sendanalysis.display import charts, vega
from sendanalysis.display.page import HEADLINE
from sendanalysis.display.show import LiveFigure, about, headline, note, reading, show_chart
from sendanalysis.release import Figure, open_release

HOSTILE = '</svg><script>alert(1)</script> & "quoted"'


@pytest.fixture(autouse=True)
def outside_jupyterlab(monkeypatch):
    monkeypatch.delenv("JPY_SESSION_NAME", raising=False)


@pytest.fixture
def frame():
    return pd.DataFrame({"first_on": pd.date_range("2021-01-01", periods=3, freq="MS"), "value": [81.0, 82.5, 85.25]})


def figure(frame, title="Quality rises"):
    return show_chart(charts.trend(frame, title=title, subtitle="Share, 2021"), frame, "By month")


def drawings(html):
    return [ET.fromstring(svg) for svg in re.findall(r"<svg.*?</svg>", str(html), re.DOTALL)]


def test_the_headline_is_text_outside_the_drawing_and_the_data_stand_below(frame):
    html = figure(frame).html
    assert "<figcaption><strong>Quality rises</strong><span>Share, 2021</span></figcaption>" in html
    assert "Quality rises</text>" not in html
    assert "<details><summary>Data for this chart</summary>" in html
    assert "<caption>By month</caption>" in html


def test_a_drawing_has_one_role_and_one_computed_text_alternative(frame):
    for svg in drawings(figure(frame).html):
        assert svg.attrib["role"] == "img"
        assert svg.attrib["aria-label"].startswith("Quality rises. Line chart. 3 values from 81.0%")
        inside = [name for element in svg.iter() for name in element.attrib if element is not svg]
        assert not [name for name in inside if name == "role" or name.startswith("aria")]


def test_only_one_of_the_two_widths_is_shown_even_without_the_style_sheet(frame):
    html = figure(frame).html
    assert html.count("<svg") == 2
    assert '<div class="narrow" hidden>' in html


def test_ids_differ_between_charts_and_between_widths_and_every_reference_holds(frame):
    html = str(figure(frame).html) + str(figure(frame.assign(value=[1, 2, 3])).html)
    ids = re.findall(r'\bid="([^"]+)"', html)
    assert len(ids) == len(set(ids))
    assert set(re.findall(r"url\(#([^)]+)\)", html)) <= set(ids)


def test_the_same_rows_give_the_same_bytes(frame):
    assert str(figure(frame).html) == str(figure(frame).html)
    assert repr(figure(frame)) == repr(figure(frame))
    assert "0x" not in repr(figure(frame))


def test_hostile_headlines_are_only_text(frame):
    assert "<script" not in figure(frame, HOSTILE).html


def test_a_missing_chart_is_said_in_words(frame):
    empty = show_chart(None, frame, "By month", title="Forms", nothing="No form came in.")
    assert "<svg" not in empty.html
    assert repr(empty) == "Forms. No form came in."


def test_in_jupyterlab_the_chart_is_live_and_its_table_stays(frame, monkeypatch):
    monkeypatch.setenv("JPY_SESSION_NAME", "x.ipynb")
    live = figure(frame)
    assert isinstance(live, LiveFigure)
    assert "<table>" in live.tabled(live.frame).html
    assert vega.interactive(live.chart).spec["data"]


def test_in_jupyterlab_words_and_tables_bring_the_style_that_no_page_gives_them(monkeypatch):
    bare = note("The figure rose.")._repr_html_()
    monkeypatch.setenv("JPY_SESSION_NAME", "x.ipynb")
    styled = note("The figure rose.")._repr_html_()
    assert "<style>" not in bare
    assert re.sub("<style>.*?</style>", "", styled, flags=re.DOTALL) == f'<div class="sendanalysis">{bare}</div>'


def test_the_first_screen_holds_the_answer_the_facts_and_the_status():
    facts = [("Now", "85.2%", "1,542 of 1,810"), ("How sure", "±2", "")]
    first = headline("Yes.", "", " It is. ", facts=facts, kpi=Figure(status="Amber", reason="below its target"))
    assert '<p class="answer">Yes. It is.</p>' in first.html
    assert "<dt>Now</dt><dd>85.2%<small>1,542 of 1,810</small></dd>" in first.html
    told = ["Yes. It is.", "Now: 85.2% (1,542 of 1,810)", "How sure: ±2", "Against the plan: Amber (below its target)"]
    assert repr(first).splitlines() == told


def test_index_and_terminal_are_told_the_headline_in_a_form_of_its_own():
    own = headline("Yes.", kpi=Figure(status="Amber"), title="Reviews")._repr_mimebundle_()
    assert own == {HEADLINE: {"answer": "Yes.", "status": "Amber", "title": "Reviews"}}
    assert headline("Yes.")._repr_mimebundle_() == {HEADLINE: {"answer": "Yes.", "status": ""}}
    assert "<dl" not in headline("Yes.").html


def test_a_page_shows_what_the_area_says_of_it_or_nothing():
    release = open_release("data/wexmoor", "2024-03")
    assert about(release, "OUTREACH").text.startswith("For the Delivery Group.")
    assert '<p class="standfirst">For the Delivery Group.' in about(release, "OUTREACH").html
    assert (about(release, "nothing").html, about(release, "nothing").text) == ("", "")


def test_words_from_data_are_escaped_in_every_piece():
    hostile = Figure(status=HOSTILE, reason=HOSTILE)
    pieces = [headline(HOSTILE, facts=[(HOSTILE, HOSTILE, HOSTILE)], kpi=hostile), reading(HOSTILE), note(HOSTILE)]
    pieces += [reading(HOSTILE, HOSTILE, HOSTILE, title=HOSTILE)]
    assert not [piece for piece in pieces if "<script" in piece.html]
