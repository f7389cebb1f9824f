"""Sentences on any KPI."""

import pandas as pd
import pytest

from sendanalysis.display import board, kpi_phrases
from sendanalysis.release import open_release


@pytest.fixture(scope="module")
def wexmoor():
    return open_release("data/wexmoor", "2024-03")


def chart_words(release, kpi_id):
    figure = release.kpi(kpi_id)
    rows, summary = release.control(kpi_id)
    found = kpi_phrases.title(figure, rows), kpi_phrases.chart_reading(figure, summary, rows)
    return rows, " ".join(found)


@pytest.mark.parametrize("kpi_id", ["SUSPENSIONS", "TRAINED"])
def test_a_figure_that_adds_up_is_drawn_in_windows_of_the_kpis_own_length(wexmoor, kpi_id):
    rows, words = chart_words(wexmoor, kpi_id)
    assert set(rows["window"]) == {"12 months"}
    assert rows["value"].iloc[-1] == wexmoor.kpi(kpi_id).value
    assert "expected range" not in words
    assert "no limits of chance" in words
    assert "lower_limit" not in rows


def test_a_window_that_began_before_the_first_record_is_not_drawn(wexmoor):
    rows, _ = chart_words(wexmoor, "TRAINED")
    first = wexmoor.figures("training_places", group="all", window="month")["first_on"].min()
    assert rows["first_on"].min() >= first


def test_a_share_is_drawn_month_by_month_with_its_limits(wexmoor):
    rows, words = chart_words(wexmoor, "NEW_PLANS_20W")
    assert set(rows["window"]) == {"month"}
    assert rows["lower_limit"].notna().all()
    assert "average of" in words


def test_a_rating_is_not_said_to_have_months_of_figures(wexmoor):
    rows, words = chart_words(wexmoor, "OUTREACH")
    assert "Only 0" not in words
    said = kpi_phrases.not_drawn(wexmoor.kpi("OUTREACH"), rows)
    assert "rated or recorded as done, and not counted" in said
    assert "Green for July 2023 and September 2023; Amber for November 2023; Red for January 2024" in said


def test_what_is_recorded_as_done_says_so_month_by_month(wexmoor):
    rows, _ = chart_words(wexmoor, "SOCIAL_CARE_POST")
    said = kpi_phrases.not_drawn(wexmoor.kpi("SOCIAL_CARE_POST"), rows)
    assert said.endswith("As recorded: not done for June 2023; done for October 2023.")
    assert kpi_phrases.not_drawn(wexmoor.kpi("TRAINED"), rows) == "There are no data to draw yet."


def test_a_milestone_so_far_from_the_baseline_is_said_in_words(wexmoor):
    assert list(board.steps(wexmoor.kpi("REVIEW_4W"))["target"]) == ["any rise", "10 points above the baseline"]


def test_an_answer_says_no_direction_that_its_interval_does_not_bear(wexmoor):
    for kpi_id, figure in wexmoor.kpis.items():
        said = kpi_phrases.told(figure, wexmoor.counted(kpi_id))
        if figure.lower is None or figure.baseline is None or figure.upper is None:
            assert "up from" not in said
            assert "down from" not in said
        elif figure.lower <= figure.baseline <= figure.upper:
            assert "chance alone" in said
        else:
            assert ("up from" in said) == (figure.verdict.said == "rose")
            assert figure.verdict.said != "rose" or figure.value > figure.baseline


def test_nothing_recorded_has_its_sentence():
    empty = pd.DataFrame(columns=["value", "window", "mean"])
    release = open_release("data/wexmoor", "2024-03")
    figure = release.kpi("ADULTHOOD")
    assert kpi_phrases.title(figure, empty) == "Preparation for adult life: no figure"
    assert (
        kpi_phrases.told(figure, ("", ""))
        == "The plan gives no baseline and no target for “Preparation for adult life”."
    )


def test_a_kpi_whose_targets_are_those_of_its_parts_names_the_sums_where_it_has_no_milestone_of_its_own(wexmoor):
    said = kpi_phrases.without_milestones(wexmoor.kpi("TRAINED"))
    assert said == "Its targets are the sums of its parts': 180 by 31 January 2024, 240 by 31 July 2024."
    assert kpi_phrases.without_milestones(wexmoor.kpi("ADULTHOOD")) == "The plan sets no target."


def test_what_is_counted_is_not_said_twice():
    wexmoor = open_release("data/wexmoor", "2024-01")
    figure, counted = wexmoor.kpi("REVIEWS_OVERDUE"), wexmoor.counted("REVIEWS_OVERDUE")
    assert kpi_phrases.told(figure, counted).startswith("It stands at 437 reviews (of 999; 31 January 2024)")
    assert kpi_phrases.subtitle(figure, counted, wexmoor.series("REVIEWS_OVERDUE")) == "Reviews, at each month's end."
    assert kpi_phrases.facts(figure, counted)[1] == ("Baseline", "1,000 reviews", "as printed")
    rated = wexmoor.kpi("FAMILY_RATING")
    assert kpi_phrases.facts(rated, wexmoor.counted("FAMILY_RATING"))[-1] == ("Baseline", "8%", "summer term 2022")


def test_a_column_of_milestones_that_says_nothing_of_its_own_is_left_out():
    wexmoor = open_release("data/wexmoor", "2024-01")
    assert [*board.steps(wexmoor.kpi("OUTREACH"))] == ["due_on", "text_as_printed"]
    assert [*board.steps(wexmoor.kpi("FAMILY_RATING"))] == ["due_on", "target"]
    assert [*board.steps(wexmoor.kpi("REVIEWS_OVERDUE"))] == ["due_on", "target", "text_as_printed"]
