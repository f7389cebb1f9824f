import re
from xml.etree import ElementTree as ET

import pandas as pd
import pytest

from sendanalysis.display import charts
from sendanalysis.display.figures import LiveFigure, headline, note, reading, show_chart

HOSTILE = '</svg><script>alert(1)</script> & "quoted"'


@pytest.fixture(autouse=True)
def outside_jupyterlab(monkeypatch):
    monkeypatch.delenv("JPY_SESSION_NAME", raising=False)


@pytest.fixture
def frame():
    return pd.DataFrame({"month": pd.date_range("2021-01-01", periods=3, freq="MS"), "pct": [81.0, 82.5, 85.25]})


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
    html = str(figure(frame).html) + str(figure(frame.assign(pct=[1, 2, 3])).html)
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
    assert charts.interactive(live.chart).spec["data"]


def test_in_jupyterlab_words_and_tables_bring_the_style_that_no_page_gives_them(monkeypatch):
    bare = note("The figure rose.")._repr_html_()
    monkeypatch.setenv("JPY_SESSION_NAME", "x.ipynb")
    styled = note("The figure rose.")._repr_html_()
    assert "<style>" not in bare
    assert re.sub("<style>.*?</style>", "", styled, flags=re.DOTALL) == f'<div class="sendanalysis">{bare}</div>'


def test_the_first_screen_holds_the_answer_the_facts_and_the_status():
    first = headline("Yes.", [("Now", "85.2%", "1,542 of 1,810"), ("How sure", "±2", "")], status="Amber")
    assert '<p class="answer">Yes.</p>' in first.html
    assert "<dt>Now</dt><dd>85.2%<small>1,542 of 1,810</small></dd>" in first.html
    assert repr(first) == "Yes.\nNow: 85.2% (1,542 of 1,810)\nHow sure: ±2\nAgainst the plan: Amber"


def test_words_from_data_are_escaped_in_every_piece():
    pieces = [headline(HOSTILE, [(HOSTILE, HOSTILE, HOSTILE)], status=HOSTILE), reading(HOSTILE), note(HOSTILE)]
    assert not [piece for piece in pieces if "<script" in piece.html]
