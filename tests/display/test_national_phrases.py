import pandas as pd
import pytest

from sendanalysis.display import national_phrases
from sendanalysis.display.national_phrases import not_shown, over_time, side_by_side

COLUMNS = ["label", "unit", "period", "area_level", "group", "flag", "n", "of", "value", "rank", "ranked_n", "reason"]
ROWS = pd.DataFrame(
    [
        ("In time", "%", "2024", "la", "Ours", True, 8, 16, 50.0, 2, 3, ""),
        ("In time", "%", "2024", "country", "England", False, 900, 1000, 90.0, None, None, ""),
        ("In time", "%", "2024", "neighbour", "Near", False, 1, 4, 25.0, 3, 3, ""),
        ("In time", "%", "2024", "neighbour", "Next", False, 3, 4, 75.0, 1, 3, ""),
        ("In time", "%", "2024", "neighbour", "Silent", False, None, None, None, None, 3, "not available"),
        ("List", "children", "June 2023", "icb", "The Board", True, 1234, None, 1234.0, None, None, ""),
        ("List", "children", "June 2023", "region", "East", False, None, None, None, None, None, "not returned"),
    ],
    columns=COLUMNS,
)


def test_one_line_a_measure_says_what_stands_beside_it_and_why_nothing_does():
    first, second = side_by_side(ROWS).to_dict("records")
    assert first == {
        "label": "In time",
        "period": "2024",
        "own": "50.0% (8 of 16)",
        "region": "not published",
        "country": "90.0%",
        "neighbours": "50.0% (25.0% to 75.0%; 1 without a figure)",
        "rank": "2 of 3",
    }
    assert (second["own"], second["region"], second["neighbours"], second["rank"]) == (
        *("1,234", "not returned", "none", "none"),
    )


def test_a_boards_figure_is_not_shown_as_the_authoritys():
    assert side_by_side(ROWS)["label"].tolist() == ["In time", "List, The Board"]
    assert over_time(ROWS)["label"].tolist() == ["In time", "List, The Board"]


def test_what_is_not_shown_is_said_once_a_data_set_and_reason():
    sections = pd.DataFrame(
        [("A", "no file", "One"), ("B", "no file", "One"), ("C", "", "One"), ("D", "no file", "Two")],
        columns=["label", "reason", "source"],
    )
    assert not_shown(sections) == ["One (no file): A; B.", "Two (no file): D."]


def test_the_title_of_a_funnel_counts_those_outside_and_places_the_area_itself():
    rows = pd.DataFrame({"group": ["Here", "There", "Far"], "flag": [True, False, False], "value": [90.0, 50.0, 20.0]})
    rows = rows.assign(lower_limit=40.0, upper_limit=60.0)
    told = "2 of 3 areas are outside the limits of chance; Here is above them"
    assert national_phrases.outside(rows) == told
    assert national_phrases.outside(rows.tail(2)) == "1 of 2 areas is outside the limits of chance"
    within = "None of 3 areas is outside the limits of chance; Here is within them"
    assert national_phrases.outside(rows.assign(value=50.0)) == within
    assert national_phrases.outside(rows.assign(value=None)) == "No area has a figure"


def test_an_area_is_above_level_with_or_below_each_of_those_it_is_set_beside():
    rows = pd.DataFrame(
        {
            "year": 2021,
            "area_level": ["la", "region", "country"],
            "group": ["Here", "The Region", "England"],
            "value": [58.04, 58.0, 62.9],
        }
    )
    assert national_phrases.answer(rows, "Here", "31 March 2022") == (
        "Level with The Region, below England.",
        "In 2021, 58.0% of new EHC plans came within 20 weeks, against 58.0% in The Region and 62.9% in England.",
    )
    assert national_phrases.answer(rows.tail(2), "Here", "31 March 2022")[0] == "Not known."


@pytest.mark.parametrize(
    ("agrees", "words"),
    [
        (["yes", "yes", "no"], "2 of 3 published percentages are what the published counts give."),
        (["yes"], "1 of 1 published percentage is what the published counts give."),
        (["no"], "None of 1 published percentage is what the published counts give."),
        (["not known"], "No published percentage can be held against its counts."),
    ],
)
def test_it_is_said_whether_published_percentages_fit_their_counts(agrees, words):
    assert national_phrases.fits(pd.DataFrame({"agrees": agrees})) == words
