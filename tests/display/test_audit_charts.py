import math

import pandas as pd
import pytest
import vl_convert

from sendanalysis.display import audit_phrases, row_charts

WORDS = {"title": "Made up", "subtitle": "Made up."}
SECTIONS = pd.DataFrame(
    {"group": ["A", "F", "OTHER", "C"], "value": [90.0, 70.0, 80.0, math.nan], "n": [9, 7, 8, math.nan]}
    | {
        "state": "known",
        "of": [10, 10, 10, math.nan],
        "lower": [80.0, 60.0, 70.0, math.nan],
        "upper": [95.0, 79.0, 90.0, math.nan],
    }
)
QUESTIONS = pd.DataFrame(
    {
        "state": "known",
        "group": ["B · B1", "F · F2", "F · F3"],
        "n": [3, 5, 0],
        "of": [10, 10, 10],
        "value": [30.0, 50.0, 0.0],
    }
)


def described(chart):
    assert "NaN" not in vl_convert.vegalite_to_svg(chart.to_dict())
    return chart.to_dict()["description"]


def test_sections_stand_lowest_first_with_their_names_and_counts_beside_the_target():
    rows = audit_phrases.sections(SECTIONS)
    said = described(row_charts.dots(rows, target=(85, "Target"), **WORDS))
    first = "F · Special educational provision 70.0% (7 of 10); OTHER 80.0% (8 of 10); A · Views, interests"
    assert said.startswith(f"Dot plot: {first}")
    assert said.endswith("Target 85%.")


@pytest.mark.parametrize(
    ("goal", "title"),
    [
        (85.0, "2 of 3 sections are below the target, 1 clearly; lowest is F, special educational provision, at 70.0%"),
        (10.0, "None of 3 sections is below the target; lowest is F, special educational provision, at 70.0%"),
        (None, "Lowest is F, special educational provision, at 70.0%"),
    ],
)
def test_the_title_of_sections_counts_those_below_the_target_and_those_clearly_so(goal, title):
    assert audit_phrases.weakest(audit_phrases.sections(SECTIONS), goal) == title


def test_questions_stand_by_the_share_of_no_and_those_never_answered_no_are_left_out():
    rows = audit_phrases.questions(QUESTIONS)
    assert rows["group"].tolist() == ["F2 · Special educational provision", "B1 · Special educational needs"]
    assert audit_phrases.most_often_no(rows) == "F2, special educational provision: 5 of 10 answers are No"
    assert audit_phrases.most_often_no(rows.head(0)) == "No question was answered No"


def test_sections_and_questions_of_which_nothing_is_known_are_not_drawn():
    unknown = SECTIONS.assign(value=math.nan)
    assert row_charts.dots(audit_phrases.sections(unknown), **WORDS) is None
    assert row_charts.dots(audit_phrases.questions(QUESTIONS.head(0)), **WORDS) is None
    assert audit_phrases.weakest(audit_phrases.sections(unknown), 85.0) == "No section has a figure"


def test_answers_by_month_are_yes_na_and_no_and_a_month_not_known_is_left_out():
    months = pd.to_datetime(["2022-01-01", "2022-02-01"])
    yes = pd.DataFrame({"first_on": months, "n": [6, 7], "of": [8, 8]})
    na = pd.DataFrame({"first_on": months, "n": [1, math.nan]})
    rows = audit_phrases.by_answer(yes, na)
    assert rows[["status", "n"]].to_numpy().tolist() == [["Yes", 6], ["N/A", 1], ["No", 2]]
    assert audit_phrases.answered(rows) == "2 answers were No and 1 N/A in January 2022"
    assert audit_phrases.answered(rows.head(0)) == "There is no month to draw"
