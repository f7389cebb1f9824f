import math

import pandas as pd
import pytest
import vl_convert

from sendanalysis.display import compared_phrases, national_phrases, panel_charts, row_charts
from sendanalysis.display.live import live
from sendanalysis.inputs.plan import Kpi
from sendanalysis.release import Figure

WORDS = {"title": "Made up", "subtitle": "Made up."}
GROUPS = pd.DataFrame(
    {"group": ["practitioner", "cyp", "all", "parent_carer"], "n": [130, 8, 378, 240], "baseline": [80, 6, 254, 168]}
    | {"target": [120.0, 9.0, 381.0, 252.0]}
)
OVERDUE = pd.DataFrame(
    {"group": ["all", "1–14 days · care", "1–14 days · health", "over 14 days · care", "over 14 days · health"]}
    | {"n": [9.0, 1.0, 2.0, 0.0, 6.0]}
)


def drawn(chart):
    assert "NaN" not in vl_convert.vegalite_to_svg(chart.to_dict())
    return chart.to_dict()


def test_groups_of_a_survey_stand_furthest_from_the_target_first_and_the_title_counts_those_there():
    rows = compared_phrases.to_target(GROUPS)
    assert rows[["group", "told"]].to_numpy().tolist() == [
        ["Young people", "8 of 9"],
        ["Parents and carers", "240 of 252"],
        ["Practitioners", "130 of 120"],
    ]
    title = "1 of 3 groups has reached the target; young people 8 of 9 and parents and carers 240 of 252"
    assert compared_phrases.targets_reached(rows) == title
    assert compared_phrases.targets_reached(rows.assign(n=300)) == "3 of 3 groups have reached the target"


def test_a_group_without_a_target_has_its_number_and_no_dot():
    rows = compared_phrases.to_target(GROUPS.assign(target=[120.0, math.nan, 381.0, 252.0]))
    names = {"of_target_pct": "value", "baseline_of_target_pct": "baseline"}
    frame = rows.drop(columns="baseline").rename(columns=names)
    said = drawn(row_charts.dots(frame, target=(100, "Target"), **WORDS))["description"]
    assert said.endswith("Practitioners 130 of 120, from 66.7%; Young people 8, from not available. Target 100%.")
    none = compared_phrases.to_target(GROUPS.assign(target=math.nan))
    assert compared_phrases.targets_reached(none) == "No group has a target"


def test_overdue_requests_stand_by_partner_with_most_first_and_the_title_adds_up():
    rows = compared_phrases.overdue(OVERDUE)
    assert rows[["group", "told"]].drop_duplicates().to_numpy().tolist() == [["health", "8"], ["care", "1"]]
    title = "9 requests are open and overdue, 6 by over 14 days; 8 are with health"
    assert compared_phrases.oldest(rows) == title
    spec = drawn(row_charts.split_bars(rows, **WORDS))
    assert spec["description"] == "Bars in parts. Health: over 14 days 6, 1–14 days 2. Care: 1–14 days 1."


def test_a_hidden_count_is_a_gap_and_nothing_overdue_is_no_chart():
    rows = compared_phrases.overdue(OVERDUE.assign(n=[math.nan, 1.0, math.nan, 0.0, 6.0]))
    assert rows["told"].iloc[0] == "6 or more"
    assert compared_phrases.oldest(rows) == "Requests open and overdue, some counts hidden"
    drawn(row_charts.split_bars(rows, **WORDS))
    none = compared_phrases.overdue(OVERDUE.assign(n=0.0))
    assert row_charts.split_bars(none, **WORDS) is None
    assert compared_phrases.oldest(none) == "No request is open and overdue"


def months(**values):
    frames = [
        pd.DataFrame(
            {"group": name, "first_on": pd.date_range("2022-01-01", periods=len(row), freq="MS"), "value": row}
        )
        for name, row in values.items()
    ]
    return pd.concat(frames)


def test_every_panel_has_its_own_baseline_and_a_gap_where_a_month_is_not_known():
    rows = months(health=[50.0, math.nan, 70.0], care=[10.0, 20.0, 30.0], other=[1.0, 2.0, 3.0])
    beside = {"health": (60.0, "Health: 70.0%"), "care": (None, "Care"), "unheard": (5.0, "Unheard")}
    spec = drawn(panel_charts.panels(rows, beside=beside, **WORDS))
    assert len(spec["layer"][0]["data"]["values"]) == 1
    points = spec["datasets"][spec["data"]["name"]]
    assert {point["group"] for point in points} == {"health", "care"}
    assert [point["place"] for point in points if point["group"] == "health"] == [2.0, None, 2.2]
    assert "Health: 2 values from 50.0% (January 2022) to 70.0% (March 2022)" in spec["description"]
    assert "Baseline of health 60.0%." in spec["description"]


def test_a_sector_that_is_hidden_is_not_said_to_have_no_baseline():
    hidden = Figure(kpi=Kpi("ANY", "Health", group="health", unit="percent"), status="Not shown")
    assert compared_phrases.beside_baselines([hidden]) == {"health": (None, "Health: not shown")}


def test_panels_of_nothing_known_are_none():
    assert panel_charts.panels(months(health=[math.nan]), beside={"health": (60.0, "Health")}, **WORDS) is None


@pytest.mark.parametrize(
    ("value", "title"),
    [
        (60.0, "1 of 1 sector is below the baseline, not clearly"),
        (95.0, "None of 1 sector is below the baseline"),
        (None, "No sector can be held against a baseline yet"),
        ("hidden", "How the sectors lie to their baselines is not shown"),
    ],
)
def test_the_title_of_panels_counts_the_sectors_below_their_baselines(value, title):
    figure = Figure(kpi=Kpi("ANY", "Health", unit="percent"), value=value, baseline=80.0)
    hidden = Figure(kpi=Kpi("ANY", "Health", unit="percent"), status="Not shown")
    assert compared_phrases.below_baseline([hidden if value == "hidden" else figure]) == title


YEARS = pd.DataFrame(
    {"group": ["Kent", "Leeds", "Bury", "South East", "England"], "area_level": ["la", "la", "la", "region", "country"]}
    | {"flag": [True, False, False, False, False], "value": [60.0, 90.0, math.nan, 50.0, 55.0], "year": 2021}
).assign(first_on=pd.Timestamp("2021-01-01"))


def test_an_area_is_drawn_among_its_neighbours_and_the_title_counts_the_years_above_its_country():
    both = pd.concat([YEARS.assign(year=2020, value=40.0, first_on=pd.Timestamp("2020-01-01")), YEARS])
    assert national_phrases.ahead(both) == "Kent was above England in 1 of 2 years"
    said = drawn(panel_charts.among(both, **WORDS))["description"]
    assert "Kent: 2 values from 40.0% (2020) to 60.0% (2021)" in said
    assert said.endswith("Neighbours in the latest year: 1, from 90.0% to 90.0%.")


def test_an_area_without_a_figure_is_drawn_among_none():
    nobody = YEARS.assign(value=YEARS["value"].where(~YEARS["flag"]))
    assert panel_charts.among(nobody, **WORDS) is None
    assert panel_charts.among(YEARS.head(0), **WORDS) is None
    assert national_phrases.ahead(nobody) == "No year can be compared"
    drawn(panel_charts.among(YEARS.head(1), **WORDS))


def test_every_new_kind_of_chart_can_be_live():
    questions = pd.DataFrame(
        {"group": ["a", "b"], "value": [10.0, 20.0], "told": ["10%", "20%"], "baseline": [5.0, 8.0]}
    )
    parts = compared_phrases.overdue(OVERDUE)
    whole = pd.DataFrame({"group": ["a", "b"], "n": [1, 2]})
    rows = months(health=[50.0, 60.0])
    kinds = [
        (row_charts.dots(questions, **WORDS), questions),
        (row_charts.split_bars(parts, **WORDS), parts),
        (row_charts.unfolded(whole, whole=("all", 3), **WORDS), whole),
        (panel_charts.panels(rows, beside={"health": (55.0, "Health")}, **WORDS), rows),
        (panel_charts.among(YEARS, **WORDS), YEARS),
    ]
    for chart, frame in kinds:
        drawn(live(chart, frame))


def test_half_of_the_advice_is_back_soonest_first_and_who_is_not_there_yet_is_named():
    rows = pd.DataFrame(
        {"group": ["all", "care", "health", "education"], "quantile_pct": 50, "days": [37.0, float("nan"), 38.0, 34.0]}
    )
    assert compared_phrases.half_back(rows) == (
        "Half is back within 34 days from education and 38 days from health; not yet from care"
    )
    assert compared_phrases.half_back(rows.head(2)) == "Time until advice is back"


def test_a_year_that_is_not_over_is_not_held_against_chance_and_says_so():
    rows = pd.DataFrame(
        [
            ("cyp", "2021/22", 6.0, 21.0, False, 250.0, "no"),
            ("practitioner", "2021/22", 80.0, 64.0, False, -20.0, "not known"),
        ],
        columns=["group", "survey_year", "baseline", "n", "over", "change_pct", "chance_explains"],
    )
    told = compared_phrases.later_years(rows, "2020/21")["chance_explains"]
    assert told.tolist() == ["no", "the year is not over"]
