import pandas as pd

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
