import datetime as dt
import math
import re
from html.parser import HTMLParser

import pandas as pd
import pytest
from markupsafe import Markup

from sendanalysis.display.fragments import STATUSES, TONES, plain
from sendanalysis.display.tables import (
    cell_text,
    heading,
    in_words,
    show_figures,
    show_table,
    status_chip,
)

HOSTILE = "<script>alert(\"1\")</script> & 'x' javascript:alert(1)"


class Cells(HTMLParser):
    """Every th and td of a table with its attributes and text, and every tag met."""

    def __init__(self, html):
        super().__init__()
        self.cells, self.tags, self.open = [], [], False
        self.feed(str(html))

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        if tag in ("th", "td"):
            self.cells.append((tag, dict(attrs), ""))
            self.open = True

    def handle_endtag(self, tag):
        if tag in ("th", "td"):
            self.open = False

    def handle_data(self, data):
        if self.open:
            tag, attrs, text = self.cells[-1]
            self.cells[-1] = (tag, attrs, text + data)


@pytest.fixture
def frame():
    return pd.DataFrame(
        {
            "sector": ["social_care", HOSTILE],
            "month": pd.to_datetime(["2021-12-01", "2021-11-01"]),
            "due_n": pd.array([1234, None], dtype="Int64"),
            "on_time_pct": [62.25, math.nan],
            "lower_pct": [58.04, math.nan],
            "upper_pct": [71.85, math.nan],
        }
    )


def test_a_table_has_one_header_row_with_scopes_and_a_row_header_in_every_row(frame):
    cells = Cells(show_table(frame, "On time").html).cells
    assert [a.get("scope") for tag, a, _ in cells if tag == "th"] == ["col"] * 5 + ["row"] * 2
    assert len(cells) == 5 * 3
    assert not any("colspan" in a or "rowspan" in a for _, a, _ in cells)


def test_no_cell_is_empty_and_the_reason_for_each_blank_is_explained_below(frame):
    table = show_table(frame, "On time", missing={"on_time_pct": "none due", "due_n": "not shown"})
    cells = Cells(table.html).cells
    assert all(text.strip() for _, _, text in cells)
    assert [text for _, _, text in cells[-3:]] == ["not shown", "none due", "not known"]
    hidden = "Not shown, since it would, by itself or beside what is shown, tell of few children"
    assert f"{hidden}." in table.html


def test_every_table_has_a_caption_and_a_named_region_that_the_keyboard_can_scroll(frame):
    html = show_table(frame, "On time").html
    assert "<caption>On time</caption>" in html
    assert 'class="scroll" role="group" aria-label="Table: On time"' in html
    assert html.count('<span class="cue" tabindex="0">') == 1


def test_hostile_text_in_cells_captions_headings_and_notes_is_only_text(frame):
    table = show_table(frame, HOSTILE, labels={"due_n": HOSTILE}, notes=[HOSTILE], missing=HOSTILE)
    assert "script" not in Cells(table.html).tags
    assert Cells(table.html).cells[-5][2] == HOSTILE


def test_interval_ends_become_one_cell_rounded_half_up(frame):
    cells = [text for _, _, text in Cells(show_table(frame, "On time").html).cells]
    assert cells[4] == "95% interval"
    assert cells[5:10] == ["Social care", "December\N{NO-BREAK SPACE}2021", "1,234", "62.3", "58.0 to 71.9"]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("on_time_pct", "On time (%)"),
        ("due_n", "Due"),
        ("wait_days", "Wait (days)"),
        ("change_points", "Change (points)"),
        ("ehcp_audits", "EHCP audits"),
        ("rows_n", "Rows"),
    ],
)
def test_a_heading_follows_from_the_name_of_its_column(name, words):
    assert heading(name) == words


@pytest.mark.parametrize(
    ("value", "name", "text"),
    [
        (0.25, "a_pct", "0.3"),
        (44.95, "a_pct", "45.0"),
        (-0.25, "change_points", "\N{MINUS SIGN}0.3"),
        (4.0, "change_points", "+4.0"),
        (1234567, "a_n", "1,234,567"),
        (dt.date(2021, 12, 1), "sent_on", "1 Dec 2021"),
        (pd.Timestamp("2021-12-31"), "month", "December 2021"),
        (True, "met", "Yes"),
        ("not shown", "status", "not shown"),
        (pd.NaT, "sent_on", "not known"),
        ("  ", "why", "not known"),
    ],
)
def test_a_value_is_written_by_its_type_and_its_column(value, name, text):
    assert cell_text(value, name) == text


def test_a_column_of_mixed_whole_and_broken_numbers_keeps_one_number_of_decimals():
    html = show_table(pd.DataFrame({"who": ["a", "b"], "wait_days": [12.0, 12.5]}), "Waits").html
    assert ">12.0<" in html


def test_a_count_that_is_not_shown_says_so_among_numbers():
    cells = Cells(show_table(pd.DataFrame({"who": ["a", "b"], "open_n": ["not shown", 12]}), "Open").html).cells
    assert [(a.get("class"), text) for tag, a, text in cells if tag == "td"] == [("n", "not shown"), ("n", "12")]


def test_notes_of_columns_are_numbered_in_the_order_of_the_columns(frame):
    table = show_table(frame, "On time", notes={"on_time_pct": "second", "due_n": "first"})
    assert re.findall(r"\[note \d\] (\w+)</p>", table.html) == ["first", "second"]
    assert 'Due <span class="mark">[note 1]</span>' in table.html


def test_an_empty_frame_is_said_in_a_sentence_and_draws_no_table():
    fragment = show_table(pd.DataFrame(columns=["a"]), "Overdue", empty="None is overdue.")
    assert "<table" not in fragment.html
    assert repr(fragment) == "Overdue. None is overdue."


def test_the_text_of_a_table_holds_its_figures_and_no_address(frame):
    assert "Social care | December 2021 | 1,234 | 62.3 | 58.0 to 71.9" in repr(show_table(frame, "On time"))
    assert "0x" not in repr(show_table(frame, "On time"))


@pytest.mark.parametrize("status", [*STATUSES, "Something else"])
def test_a_status_is_a_word_beside_a_hidden_shape(status):
    chip = status_chip(status)
    assert plain(chip).strip()
    assert 'aria-hidden="true"' in chip


def test_each_rag_colour_has_a_shape_of_its_own():
    assert len({STATUSES[name][1] for name in ("green", "amber", "red", "blue", "no colour yet", "no data")}) == 6


def test_words_on_chips_have_contrast(contrast):
    assert min(contrast(ink, tint) for ink, tint in TONES.values()) >= 4.5


def test_a_hostile_status_is_only_text():
    assert "<script" not in status_chip(HOSTILE)


FIGURE = {"measure": "advice", "window": "month", "n": 46.0, "of": 68.0, "value": 67.647, "lower": 55.8, "upper": 77.6}
MONTH = {"first_on": pd.Timestamp("2022-03-01"), "last_on": pd.Timestamp("2022-03-31")}
NOTHING = {"n": 0.0, "of": 0.0, "value": math.nan, "lower": math.nan, "upper": math.nan, "state": "nothing counted"}
UNKNOWN = dict.fromkeys(("n", "of", "value", "lower", "upper"), math.nan) | {"state": "not known"}


def figures(*rows, **others):
    usual = {"group": "all", "state": "known", **FIGURE, **MONTH}
    return pd.DataFrame([usual | others | row for row in rows or ({},)])


def lines(rows, **how):
    return [line.split(" | ") for line in repr(show_figures(rows, "Advice", **how)).split("\n")[1:]]


def test_figures_are_shown_with_number_denominator_unit_and_interval():
    found = lines(figures({"group": "educational_psychology"}))
    assert found == [
        ["Sector", "Number", "Out of (requests)", "Share (%)", "95% interval"],
        ["Educational psychology", "46", "68", "67.6", "55.8 to 77.6"],
    ]


def test_a_figure_that_is_not_there_says_why_in_words():
    found = lines(figures({}, NOTHING, UNKNOWN, {**UNKNOWN, "state": "suppressed"}))
    assert found[2:] == [
        ["All", "0", "0", "none", "none"],
        ["All", *["not known"] * 4],
        ["All", *["not shown"] * 4],
    ]
    alone = lines(figures(UNKNOWN), unit="", counted=("place", "places"))
    assert alone == [["Sector", "Places"], ["All", "not known"]]
    assert lines(figures(NOTHING))[1] == ["All", "0", "0", "none"]


def test_the_numbers_of_figures_stand_to_the_right_as_numbers_do():
    cells = Cells(show_figures(figures({}, UNKNOWN), "Advice").html).cells
    assert [a.get("class") for tag, a, _ in cells if tag == "td"] == ["n"] * 8


@pytest.mark.parametrize(
    ("unit", "row", "head", "cells"),
    [
        ("", {"of": math.nan, "value": 46.0}, ["Requests"], ["46"]),
        ("requests", {"value": 46.0}, ["Number", "Out of (requests)"], ["46", "68"]),
        ("weeks", {"of": math.nan, "value": 30.0}, ["Requests", "Weeks"], ["46", "30.0"]),
        ("per 1,000", {"value": 14.25}, ["Requests", "Out of", "Per 1,000"], ["46", "68", "14.3"]),
        (
            "percent",
            {"n": 68.0, "value": 68.0, "of": 100.0},
            ["Number", "Out of (requests)", "Share (%)"],
            ["68", "100", "68.0"],
        ),
        ("percent", {"n": 46.3}, ["Out of (requests)", "Share (%)"], ["68", "67.6"]),
    ],
)
def test_each_unit_has_its_decimals_and_a_figure_that_is_the_number_stands_once(unit, row, head, cells):
    found = lines(figures(row, lower=math.nan, upper=math.nan), unit=unit)
    assert found == [["Sector", *head], ["All", *cells]]


@pytest.mark.parametrize(
    ("window", "first", "last", "head", "words"),
    [
        ("month", "2022-03-01", "2022-03-15", "Month", "March 2022"),
        ("day", "2022-03-31", "2022-03-31", "Day", "31 Mar 2022"),
        ("3 months", "2022-01-01", "2022-03-31", "Period", "January to March 2022"),
        ("to date", "2020-11-05", "2022-03-31", "Period", "November 2020 to March 2022"),
    ],
)
def test_the_days_that_a_figure_covers_are_in_words(window, first, last, head, words):
    days = {"window": window, "first_on": pd.Timestamp(first), "last_on": pd.Timestamp(last)}
    assert [line[1] for line in lines(figures(days), when=True)] == [head, words]
    assert [line[0] for line in lines(figures(days), group="")] == [head, words]


def test_a_baseline_stands_beside_its_figures_for_all_or_by_group():
    rows = figures({}, {"group": "health"})
    assert [line[-1] for line in lines(rows, baseline=81)] == ["Baseline (%)", "81.0", "81.0"]
    assert [line[-1] for line in lines(rows, baseline={"health": 79.25, "all": None})][1:] == ["none", "79.3"]


def test_a_rating_stands_where_there_is_no_number():
    rated = {**UNKNOWN, "state": "known"}
    found = lines(figures({**rated, "rating": "Amber"}, {**rated, "rating": ""}))
    assert found == [["Sector", "Rating"], ["All", "Amber"], ["All", "none"]]


def test_figures_that_are_none_are_said_in_a_sentence_and_hostile_text_is_only_text():
    assert (
        repr(show_figures(figures().iloc[:0], "Advice", empty="None was asked for.")) == "Advice. None was asked for."
    )
    table = show_figures(
        figures({"group": HOSTILE, "state": HOSTILE, **UNKNOWN}), HOSTILE, group=HOSTILE, notes=[HOSTILE]
    )
    assert "script" not in Cells(table.html).tags


def test_a_note_marks_the_heading_of_its_column_in_figures_as_well():
    assert 'Number <span class="mark">[note 1]</span>' in show_figures(figures(), "Advice", notes={"n": "Back."}).html


def test_markup_is_shown_as_it_is_and_codes_in_words():
    assert cell_text(Markup("<b>x</b>")) == Markup("<b>x</b>")
    assert in_words("Already written_so") == "Already written_so"


def test_people_and_what_else_is_counted_are_whole_numbers():
    shown = show_table(pd.DataFrame({"day": ["one", "two"], "required_1_n": [282.0, 235.8]}), "Required").text
    assert shown.splitlines()[-2:] == ["One | 282", "Two | 236"]
