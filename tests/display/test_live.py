import pandas as pd
import pytest
import vl_convert

from sendanalysis.display import charts
from sendanalysis.display.live import behind, hint, live, picked

WORDS = {"title": "A title that says what is seen", "subtitle": "Share, 2021. " * 15}
MONTHS = pd.DataFrame(
    {
        "group": "health",
        "first_on": pd.date_range("2021-01-01", periods=3, freq="MS"),
        "n": [81, 33, 341],
        "of": [100, 40, 400],
        "value": [81.0, 82.5, 85.25],
    }
)
WAITS = pd.DataFrame({"time_days": [1, 2, 3], "value": [81.0, 82.5, 85.25]})
LEFT = pd.DataFrame({"day": MONTHS["first_on"], "remaining_n": [81, 33, 341]})
STATES = pd.DataFrame(
    {"month": pd.Timestamp("2021-03-01"), "status": ["delayed", "on_track", "on_track"], "n": [81, 33, 341]}
)
AREAS = pd.DataFrame({"group": ["Leeds", "Kent", "Bury"], "of": [500, 2_882, 2_882], "value": [90.0, 41.0, 34.0]})
LIMITS = {"lower_limit": 50.0, "upper_limit": 60.0, "centre": 55.0}
CHARTS = {
    "trend": (charts.trend(MONTHS, baseline=50, **WORDS), MONTHS),
    "lines": (charts.lines(MONTHS, **WORDS), MONTHS),
    "survival": (charts.survival(WAITS, limit=(42, "42 days"), **WORDS), WAITS),
    "burn_down": (charts.burn_down(LEFT, **WORDS), LEFT),
    "funnel": (charts.funnel(AREAS.assign(**LIMITS), **WORDS), AREAS),
    "ranked_bars": (charts.ranked_bars(AREAS, **WORDS), AREAS),
    "stacked_states": (charts.stacked_states(STATES, **WORDS), STATES),
}


def rows_of(chart):
    spec = chart.to_dict()
    return spec["datasets"][spec["data"]["name"]]


@pytest.mark.parametrize("name", CHARTS)
def test_every_chart_can_be_live_and_stays_as_it_was(name):
    chart, frame = CHARTS[name]
    before = chart.to_dict()
    spec = live(chart, frame).to_dict()
    assert "NaN" not in vl_convert.vegalite_to_svg(spec)
    assert chart.to_dict() == before
    assert "params" not in before


@pytest.mark.parametrize("name", CHARTS)
def test_a_live_chart_shows_all_that_the_still_one_shows(name):
    chart, frame = CHARTS[name]
    spec, still = live(chart, frame).to_dict(), chart.to_dict()
    texts = [layer["mark"]["text"] for layer in still["layer"] if "text" in layer["mark"]]
    svg = vl_convert.vegalite_to_svg(spec)
    assert [text for text in texts for line in str(text).split("\n") if line not in svg] == []
    assert " ".join(spec["title"]["subtitle"]) == still["title"]["subtitle"].strip()


def test_an_axis_of_days_or_numbers_can_be_moved_and_names_stay_where_they_are():
    zooming = {name for name, (chart, frame) in CHARTS.items() if "Drag" in hint(live(chart, frame)).text}
    assert zooming == {"trend", "lines", "survival", "burn_down", "funnel"}


def test_a_tooltip_gives_a_percentage_with_its_counts():
    tip = rows_of(live(*CHARTS["trend"]))[2]
    assert (tip["When"], tip["Value"], tip["Number"], tip["Out of"]) == ("March 2021", "85.3%", "341", "400")


def test_a_tooltip_names_a_point_that_is_only_a_number_on_its_axis():
    tip = next(row for row in rows_of(live(*CHARTS["funnel"])) if row["value"] == 34)
    assert (tip["Group"], tip["Number"], tip["Value"]) == ("Bury", "2,882", "34.0%")


@pytest.mark.parametrize(
    ("name", "place", "found"),
    [("trend", {1}, [1]), ("trend", {0, 2}, [0, 2]), ("ranked_bars", {0}, [0]), ("stacked_states", {0}, [0])],
)
def test_what_is_picked_in_a_chart_is_found_in_its_table(name, place, found):
    chart, frame = CHARTS[name]
    assert picked(chart, frame, [{"row": row} for row in place]).index.tolist() == found


def test_a_table_without_that_place_is_shown_whole_and_so_is_one_when_nothing_is_picked():
    chart, frame = CHARTS["trend"]
    assert len(picked(chart, AREAS, [{"row": 1}])) == len(AREAS)
    assert len(picked(chart, frame, [])) == len(frame)


def test_a_group_that_the_table_does_not_know_is_left_out_of_the_search():
    found = behind(STATES, {"when": "Mar\n2021", "group": "all_other_states", "value": 3})
    assert found.tolist() == [True, True, True]
    assert behind(STATES, {"when": "Mar\n2021", "group": "delayed", "value": 3}).tolist() == [True, False, False]


def test_a_year_in_a_table_is_found_by_its_first_day():
    assert behind(pd.DataFrame({"year": [2020, 2021]}), {"when": "2021-01-01T00:00:00Z"}).tolist() == [False, True]
