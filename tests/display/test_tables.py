import datetime as dt
import math
import re
from html.parser import HTMLParser

import pandas as pd
import pytest
from markupsafe import Markup

from sendanalysis.display.fragments import STATUSES, TONES, plain, sparkline
from sendanalysis.display.tables import cell_text, heading, in_words, show_table, status_chip, variation_icon

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
    table = show_table(frame, "On time", missing={"on_time_pct": "none due", "due_n": "[c]"})
    cells = Cells(table.html).cells
    assert all(text.strip() for _, _, text in cells)
    assert [text for _, _, text in cells[-3:]] == ["[c]", "none due", "[x]"]
    assert "[c] suppressed to protect confidentiality; [x] not available." in table.html


def test_every_table_has_a_caption_and_a_named_region_that_the_keyboard_can_scroll(frame):
    html = show_table(frame, "On time").html
    assert "<caption>On time</caption>" in html
    assert 'class="scroll" tabindex="0" role="region" aria-label="Table: On time"' in html


def test_hostile_text_in_cells_captions_headings_and_notes_is_only_text(frame):
    table = show_table(frame, HOSTILE, labels={"due_n": HOSTILE}, notes=[HOSTILE], missing=HOSTILE)
    assert "script" not in Cells(table.html).tags
    assert Cells(table.html).cells[-5][2] == HOSTILE


def test_interval_ends_become_one_cell_rounded_half_up(frame):
    cells = [text for _, _, text in Cells(show_table(frame, "On time").html).cells]
    assert cells[4] == "95% interval"
    assert cells[5:10] == ["Social care", "December 2021", "1,234", "62.3", "58.0 to 71.9"]


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
        ("[c]", "status", "[c]"),
        (pd.NaT, "sent_on", "[x]"),
        ("  ", "why", "[x]"),
    ],
)
def test_a_value_is_written_by_its_type_and_its_column(value, name, text):
    assert cell_text(value, name) == text


def test_a_column_of_mixed_whole_and_broken_numbers_keeps_one_number_of_decimals():
    html = show_table(pd.DataFrame({"who": ["a", "b"], "wait_days": [12.0, 12.5]}), "Waits").html
    assert ">12.0<" in html


def test_a_suppressed_count_is_shown_as_it_came_among_numbers():
    cells = Cells(show_table(pd.DataFrame({"who": ["a", "b"], "open_n": ["[c]", 12]}), "Open").html).cells
    assert [(a.get("class"), text) for tag, a, text in cells if tag == "td"] == [("n", "[c]"), ("n", "12")]


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


def test_icons_say_in_words_what_they_draw():
    words = plain(variation_icon("special_cause_concern", "inconsistent"))
    assert words == "Worsening, by more than chance Hit or miss: the target lies within ordinary variation"
    assert "neither for better nor worse" in plain(variation_icon("special_cause_neutral_low"))
    assert plain(variation_icon(None)) == "Too few months to tell a signal from chance"


def test_a_sparkline_has_a_text_alternative_and_leaves_gaps():
    line = sparkline([1, None, 3, 2.25])
    assert 'aria-label="From 1 to 2.3; lowest 1, highest 3"' in line
    assert line.count("M") == 2
    assert plain(sparkline([None, 1])) == "Too few points"


def test_markup_is_shown_as_it_is_and_codes_in_words():
    assert cell_text(Markup("<b>x</b>")) == Markup("<b>x</b>")
    assert in_words("Already written_so") == "Already written_so"
