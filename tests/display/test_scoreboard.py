"""The scorecard on one page: its icons, its small pictures, its rows and what it asks a board to decide."""

import json
import re
from dataclasses import replace
from types import SimpleNamespace

import pandas as pd
import pytest

from sendanalysis.display import board, icons, marks, moves, scoreboard
from sendanalysis.methods.spc import XmrSummary
from sendanalysis.release import Figure, Kpi, open_release


def summary(variation="common_cause", assurance=None, shown=True):
    return XmrSummary(variation, assurance, n=18, group_n=18, median=50.0, limits_shown=shown)


@pytest.mark.parametrize(
    ("variation", "polarity", "letter", "colour", "word"),
    [
        ("special_cause_improvement", "higher", "H", icons.BLUE, "Improving: higher"),
        ("special_cause_improvement", "lower", "L", icons.BLUE, "Improving: lower"),
        ("special_cause_concern", "higher", "L", icons.ORANGE, "Concern: lower"),
        ("special_cause_concern", "lower", "H", icons.ORANGE, "Concern: higher"),
        ("special_cause_neutral_high", "band", "H", icons.PURPLE, "Higher than chance"),
        ("special_cause_neutral_low", "band", "L", icons.PURPLE, "Lower than chance"),
        ("common_cause", "higher", "", icons.GREY, "Ordinary variation"),
    ],
)
def test_the_variation_icon_says_which_way_and_whether_that_is_better(variation, polarity, letter, colour, word):
    icon = icons.variation(summary(variation), polarity)
    assert (icon.letter, icon.colour) == (letter, colour)
    assert icon.words.startswith(word)
    drawn = icon.drawn(icons.words(icon, summary(variation)))
    assert f'role="img" aria-label="{icon.words} (18 months)"' in drawn
    assert f">{letter}</text>" in drawn


@pytest.mark.parametrize(
    ("assurance", "letter", "colour"),
    [("consistent_pass", "P", icons.BLUE), ("consistent_fail", "F", icons.ORANGE), ("inconsistent", "?", icons.GREY)],
)
def test_the_assurance_icon_holds_the_limits_against_the_target(assurance, letter, colour):
    icon = icons.assurance(summary(assurance=assurance))
    assert (icon.letter, icon.colour) == (letter, colour)
    assert icon.target


def test_without_thirteen_points_of_a_control_chart_there_is_no_icon_but_that_of_too_few():
    found = summary("special_cause_concern", "consistent_fail", shown=False)
    assert icons.variation(found, "higher") == icons.assurance(found) == icons.TOO_FEW
    assert "too few points" in icons.words(icons.TOO_FEW, found)


def test_without_a_control_chart_no_icon_speaks_of_points():
    assert icons.variation(None, "higher") == icons.assurance(None) == icons.NONE
    assert "points" not in icons.words(icons.NONE, None)


def test_without_a_target_there_is_no_assurance_and_the_icon_says_so():
    assert "no one target" in icons.assurance(summary()).words


def test_icons_and_their_key_have_contrast_and_no_two_look_alike(contrast):
    every = [*icons.VARIATIONS.values(), *icons.ASSURANCES.values(), icons.TOO_FEW]
    assert min(contrast(icon.colour, "#FFFFFF") for icon in every) >= 4.5
    assert len({icon.drawn() for icon in every}) == len(every)
    assert all(icon.words in icons.key().text for icon in every)


def figure(value, baseline=50.0, target=80.0, polarity="higher", **fields):
    return Figure(value, baseline=baseline, target=target, kpi=Kpi("K", "K", polarity=polarity), **fields)


def place(svg, width):
    """Where the upright line of a given width stands, which is that of baseline (1.2) or target (3)."""
    return float(re.search(rf'd="M([\d.]+) [\dV ]+" stroke="currentColor" stroke-width="{width}"', svg)[1])


@pytest.mark.parametrize(("polarity", "target"), [("higher", 80.0), ("lower", 20.0)])
def test_better_is_to_the_right_whichever_way_that_is(polarity, target):
    svg = marks.bullet(figure(60.0, target=target, polarity=polarity), "60")
    assert place(svg, "1.2") < place(svg, "3")


def test_an_end_of_the_interval_that_lies_beyond_the_bar_has_no_cap():
    near, far = (marks.bullet(figure(60.0, lower=lower, upper=70.0), "60") for lower in (55.0, 0.0))
    assert (near.count("8.5v7"), far.count("8.5v7")) == (2, 1)


def test_a_figure_without_baseline_and_target_has_no_bar():
    assert not marks.bullet(figure(60.0, baseline=None, target=None), "60")
    assert not marks.bullet(figure(None), "none")


def test_a_sparkline_leaves_gaps_and_is_nothing_without_a_value():
    line = marks.sparkline(pd.Series([1, None, 3, 2.25]), "1 to 2.25", lines=(1.0, None), limits=(0.5, 3.5))
    assert 'aria-label="1 to 2.25"' in line
    path = re.search(r'<path d="([^"]+)" stroke-width="1.5"', line)[1]
    assert (path.count("M"), path.count("L")) == (2, 1)
    assert not marks.sparkline(pd.Series([None, None]), "none")


def test_a_month_that_was_not_published_is_a_dot_and_no_status():
    svg = marks.months({"Feb": None, "Mar": "Red"}, "Feb not published; Mar Red")
    assert svg.count("<circle") == 1
    assert svg.count("<svg") == 2


@pytest.fixture(scope="module", params=[("data/southend", "2022-03"), ("data/wexmoor", "2024-03")])
def release(request):
    return open_release(*request.param)


def test_the_headline_and_its_tally_count_what_the_rows_show(release):
    rows = {kpi.name: line for kpi in release.plan for line in [row_of(release, kpi.name)]}
    for chip, count, _ in board.tally(release):
        status = chip.striptags()
        assert int(count) == sum(rows[kpi.name].split(" | ")[1] == status for kpi in release.roots), status
    assert sum(int(count) for _, count, _ in board.tally(release)) == len(release.roots)
    green = sum(rows[kpi.name].split(" | ")[1] == "Green" for kpi in release.roots)
    assert board.answer(release)[0].startswith(f"On target: {green or 'none'} of")


def row_of(release, name, edition=""):
    return next(
        line for line in scoreboard.scorecard(release, edition).text.splitlines() if line.startswith(f"{name} | ")
    )


def test_every_kpi_has_a_row_and_a_part_is_marked_as_one(release):
    html = scoreboard.scorecard(release).html
    assert html.count('<th scope="row"') == len(release.plan)
    assert html.count('class="part-of"') == sum(bool(kpi.parent) for kpi in release.plan)
    assert '<td role="cell" data-label="Now"></td>' not in html


def test_status_value_and_page_of_a_kpi_come_from_the_edition_and_are_escaped(release):
    kpi, before = release.roots[0], pd.Period(release.period.key, "M") - 1
    edition = json.dumps(
        {
            "pages": {kpi.kpi_id: 'x".html'},
            "earlier": {str(before): {kpi.kpi_id: ["<b>Green", 10.0]}},
        }
    )
    row = row_of(release, kpi.name, edition)
    assert f"{before:%b %Y} <b>Green" in row
    assert "not published" in row
    html = scoreboard.scorecard(release, edition).html
    assert "<b>Green" not in html
    assert f'<a href="x&#34;.html">{kpi.name}</a>' in html


def test_a_change_is_against_the_same_window_a_month_before_else_against_what_was_published():
    release = open_release("data/southend", "2022-03")
    assert moves.move(release, "ADVICE_EDUCATION", "") == "\N{MINUS SIGN}21.7 points"
    assert moves.move(release, "POET", "") == "no change"
    assert not moves.move(release, "QA_ALL", "")
    published = json.dumps({"earlier": {"2022-02": {"QA_ALL": ["Amber", 83.0]}}})
    assert moves.move(release, "QA_ALL", published) == "+1.1 points"


def test_why_no_change_is_said_is_said():
    release = open_release("data/southend", "2022-03")
    told = {"2022-02": {"QA_ALL": ["Amber", None], "QA_CARE": ["Not shown", None]}}
    published = json.dumps({"earlier": told})
    assert moves.unmoved(release, "QA_ALL", "") == "no briefing"
    assert moves.unmoved(release, "QA_ALL", published) == "no figure then"
    assert moves.unmoved(release, "QA_CARE", published) == "not shown then"
    assert moves.unmoved(release, "BALANCED_SYSTEM", published) == "no figure"
    assert row_of(release, "EHC plan quality, all sections", "").endswith("| no briefing")
    other = open_release("data/wexmoor", "2024-03")
    assert moves.unmoved(other, "OUTREACH", "") == "a rating"
    between = open_release("data/wexmoor", "2024-01")  # the figure is that of the quarter's last month
    published = json.dumps({"earlier": {"2023-12": {"HEALTH_CHECKS": ["Amber", 56.4]}}})
    assert moves.unmoved(between, "HEALTH_CHECKS", published) == "no new figure"
    assert not moves.move(between, "HEALTH_CHECKS", published)


def test_a_baseline_that_is_not_there_says_why():
    release = open_release("data/wexmoor", "2024-01", "partner")
    hidden, none = release.kpi("REVIEW_4W_SECONDARY"), release.kpi("OUTREACH")
    assert (hidden.baseline, hidden.status) == (None, "Green")
    assert board.no_baseline(release, hidden) == "not shown"
    assert board.no_baseline(release, none) == "no baseline"
    early = open_release("data/wexmoor", "2023-03")
    assert board.no_baseline(early, early.kpi("REVIEW_4W")) == "not made yet"


def test_what_needs_a_decision_is_red_first_with_reason_owner_and_move_in_five_lines_at_most(release):
    lines = scoreboard.decisions(release).text.splitlines()
    assert 1 <= len(lines) <= scoreboard.LINES
    red = [kpi for kpi in release.plan if release.kpis[kpi.kpi_id].status == "Red" and not release.parts(kpi.kpi_id)]
    for kpi, line in zip(red, lines, strict=False):
        assert line.startswith(f"Red {kpi.name}: {release.kpis[kpi.kpi_id].reason}. Now ")
        assert (f"Owner: {kpi.owner}." if kpi.owner else "names no owner") in line


def test_more_red_kpis_than_there_is_room_for_share_the_last_line(monkeypatch):
    release = open_release("data/wexmoor", "2024-03")
    red = {kpi_id: replace(found, status="Red") for kpi_id, found in release.kpis.items()}
    monkeypatch.setitem(vars(release), "kpis", red)
    lines = scoreboard.decisions(release).text.splitlines()
    assert len(lines) == scoreboard.LINES
    assert any(re.match(r"\d+ more are Red: ", line) for line in lines)


def test_what_is_not_shown_is_counted_neither_as_on_target_nor_as_off_it():
    statuses = {"A": "Green", "B": "Amber", "C": "Not shown"}
    plan = {kpi_id: SimpleNamespace(kpi_id=kpi_id, status=status) for kpi_id, status in statuses.items()}
    release = SimpleNamespace(roots=list(plan.values()), kpis=plan, kpi=plan.get)
    assert board.answer(release) == ["On target: 1 of the 2 KPIs shown.", "None of them is Red."]
    plan["C"].status = "Red"
    assert board.answer(release) == ["On target: 1 of the plan's 3 KPIs.", "1 is Red and needs a decision."]
