import datetime as dt
import json
import math

import altair as alt
import numpy as np
import pandas as pd
import pytest
import vl_convert

from sendanalysis.display import charts, layout
from sendanalysis.display.fragments import status_chip
from sendanalysis.display.layers import spread, with_room

HOSTILE = '</svg><script>alert(1)</script> & "quoted" [a.b]'
WORDS = {"title": HOSTILE, "subtitle": "Share, 2021"}


def months(values):
    return pd.DataFrame({"first_on": pd.date_range("2021-01-01", periods=len(values), freq="MS"), "value": values})


def named(values):
    return pd.DataFrame({"group": [f"{HOSTILE} {'long ' * 20}{i % 2}" for i in range(len(values))], "value": values})


def layers_of(chart):
    return chart.to_dict()["layer"]


def every_chart(values):
    line, bars = months(values), named(values)
    bars = bars.assign(of=range(10, 10 + len(bars)), lower=40.0, upper=60.0)
    limits = {"lower_limit": 40.0, "upper_limit": 60.0, "centre": 50.0}
    days = {"time_days": range(len(line)), "day": line["first_on"], "remaining_n": line["value"]}
    states = {"month": line["first_on"], "status": HOSTILE, "n": line["value"]}
    return {
        "trend": charts.trend(line, baseline=50, targets=[(dt.date(2022, 1, 31), 87)], **WORDS),
        "lines": charts.lines(line.assign(group=HOSTILE), **WORDS),
        "survival": charts.survival(line.assign(**days), limit=(42, HOSTILE), **WORDS),
        "burn_down": charts.burn_down(line.assign(**days), deadlines=[(dt.date(2021, 9, 30), HOSTILE)], **WORDS),
        "funnel": charts.funnel(bars.assign(**limits), **WORDS),
        "ranked_bars": charts.ranked_bars(bars, target=(87, "Target"), **WORDS),
        "stacked_states": charts.stacked_states(line.assign(**states), **WORDS),
    }


@pytest.mark.parametrize("values", [[50.0], [50.0] * 5, [10.0, math.nan, 90.0, 20.5], [0.0, 0.0], [100.0, 100.0]])
def test_every_chart_draws_one_point_equal_values_gaps_and_hostile_names(values):
    for name, chart in every_chart(values).items():
        alt.LayerChart.validate(chart.to_dict())
        svg = vl_convert.vegalite_to_svg(chart.to_dict())
        assert "<script" not in svg, name
        assert "NaN" not in svg, name


def test_a_chart_that_altair_draws_is_the_one_that_a_briefing_draws():
    chart = every_chart([50.0, 60.0])["trend"]
    assert vl_convert.vegalite_to_svg(chart.as_altair().to_dict()) == vl_convert.vegalite_to_svg(chart.to_dict())


@pytest.mark.parametrize("values", [[], [math.nan, math.nan]])
def test_a_chart_without_a_known_value_is_none(values):
    assert set(every_chart([float(v) for v in values]).values()) == {None}


def test_a_chart_carries_no_column_that_it_does_not_draw():
    chart = charts.trend(months([81.0, 82.0]).assign(child_id="SECRET"), **WORDS)
    assert "SECRET" not in json.dumps(chart.to_dict())


def test_values_are_rounded_to_keep_the_page_small():
    assert "81.666667}" in json.dumps(charts.trend(months([81.666666666, 82.0]), **WORDS).to_dict())


def test_the_text_alternative_says_first_latest_lowest_highest_gaps_and_targets():
    frame = months([79.0, math.nan, 85.25, 84.0])
    said = charts.trend(
        frame, baseline=81, targets=[(dt.date(2021, 7, 31), 84), (dt.date(2022, 1, 31), 87)], **WORDS
    ).to_dict()["description"]
    assert "3 values from 79.0% (January 2021) to 84.0% (April 2021)" in said
    assert "highest 85.3% (March 2021). 1 not available." in said
    assert "Baseline 81%." in said
    assert "Target 87% by 31 January 2022. Before it: 84% by 31 July 2021." in said


def test_special_causes_get_a_shape_that_the_subtitle_explains():
    frame = months([79.0, 80.0, 90.0]).assign(point_type=["common_cause", None, "special_cause_improvement"])
    spec = charts.trend(frame, **WORDS).to_dict()
    assert "Diamonds: months better than chance explains." in spec["title"]["subtitle"]
    assert "Squares" not in json.dumps(spec)


def test_a_series_break_is_drawn_and_said():
    spec = charts.trend(months([1.0, 2.0]), breaks=[(dt.date(2021, 2, 1), "New tool")], **WORDS).to_dict()
    assert "Series break at February 2021: New tool." in spec["description"]
    assert any(layer["mark"]["type"] == "rule" for layer in spec["layer"])


def test_bars_start_at_nought_and_two_of_one_name_stay_two():
    frame = pd.DataFrame({"group": ["a", "a"], "value": [80.0, 90.0]})
    spec = charts.ranked_bars(frame, **WORDS).to_dict()
    assert spec["layer"][0]["encoding"]["x"]["scale"]["domain"][0] == 0
    assert "A 90.0%; A (2) 80.0%" in spec["description"]


def test_more_than_four_states_are_drawn_as_three_and_the_rest_without_losing_a_count():
    frame = pd.DataFrame({"month": pd.Timestamp("2021-01-01"), "status": list("abcdef"), "n": [1, 2, 3, 4, 5, 6]})
    said = charts.stacked_states(frame, order=list("abcdef"), **WORDS).to_dict()["description"]
    assert said.endswith("January 2021: A 1, B 2, C 3, All other states 15.")


def test_at_most_four_lines_are_drawn():
    frame = pd.concat([months([1.0, 2.0]).assign(group=name) for name in "abcdef"])
    spec = charts.lines(frame, **WORDS).to_dict()
    assert spec["layer"][0]["encoding"]["color"]["scale"]["domain"] == list("abcd")


def test_a_survival_curve_starts_with_everybody_waiting_and_is_read_off_at_even_steps():
    curve = pd.DataFrame({"time_days": [5, 9, 15], "value": [60.0, 20.0, 10.0], "at_risk": [9, 4, 2]})
    spec = charts.survival(curve, **WORDS).to_dict()
    first = spec["datasets"][spec["data"]["name"]][0]
    assert (first["when"], first["value"]) == (0.0, 100.0)
    assert "60.0% after 7 days, 20.0% after 14 days." in spec["description"]
    assert charts.at_steps(curve)["at_risk"].tolist() == [9, 4]


def test_a_long_curve_is_read_off_a_dozen_times_at_most_and_each_group_to_its_own_end():
    long = pd.DataFrame({"time_days": range(1, 1001), "value": 50.0, "group": "a"})
    short = pd.DataFrame({"time_days": [10, 100], "value": [90.0, 80.0], "group": "b"})
    steps = charts.at_steps(pd.concat([long, short]))
    assert steps[steps["group"] == "a"]["time_days"].tolist() == list(range(91, 1001, 91))
    assert steps[steps["group"] == "b"]["value"].tolist() == [90.0]
    assert charts.at_steps(long.iloc[:0]).empty


def test_marks_are_told_from_white_and_their_labels_can_be_read(contrast):
    assert min(contrast(colour, "#FFFFFF") for colour in layout.PALETTE) >= 3
    assert min(contrast(colour, "#FFFFFF") for colour in layout.TEXT.values()) >= 4.5
    assert len({*map(str, layout.DASHES)}) == len({*layout.SHAPES}) == len(layout.SERIES) == 4


def test_labels_never_cover_each_other():
    heights = [20.0, 37.0, 20.0, 20.0]
    places = spread([300, 310, 305, 12], heights, 320)
    order = np.argsort(places)
    gaps = np.diff(np.array(places)[order]) - (np.array(heights)[order][1:] + np.array(heights)[order][:-1]) / 2
    assert gaps.min() >= -1e-9


@pytest.mark.parametrize("values", [[0, 0], [100, 100], [-5, 5], [99.9, 100], [3, 3]])
def test_an_axis_has_two_ends_that_hold_every_value(values):
    low, high = layout.axis_ends(values)
    assert low < high
    assert low <= min(values)
    assert max(values) <= high


def test_limits_and_an_average_that_are_not_known_are_left_out():
    frame = months([1.0, 2.0]).assign(lower_limit=math.nan, upper_limit=math.nan, mean=math.nan)
    said = charts.trend(frame, **WORDS).to_dict()["description"]
    assert "range" not in said
    assert "Average" not in said


def test_limits_around_a_mean_are_drawn_and_said():
    frame = months([1.0, 2.0]).assign(lower_limit=0.0, upper_limit=3.0, mean=1.5)
    said = charts.trend(frame, **WORDS).to_dict()["description"]
    assert "Expected range 0.0% to 3.0%." in said
    assert "Average 1.5%." in said


@pytest.mark.parametrize(("few", "words"), [([1.0, 2.0], ""), ([1.0, 2.0, 3.0], "Average of 3 months 2.0%.")])
def test_an_average_of_few_months_says_of_how_many_and_of_two_there_is_none(few, words):
    frame = months(few).assign(lower_limit=math.nan, upper_limit=math.nan, mean=sum(few) / len(few))
    said = charts.trend(frame, **WORDS).to_dict()["description"]
    assert words in said
    assert ("Average" in said) == bool(words)


def test_the_interval_of_a_figure_is_no_range_of_its_series():
    said = charts.trend(months([1.0, 2.0]).assign(lower=0.0, upper=3.0), **WORDS).to_dict()["description"]
    assert "range" not in said


def test_whiskers_and_bands_are_drawn_where_an_interval_is_known_alone():
    bars = pd.DataFrame({"group": ["a", "b"], "value": [80.0, 90.0], "lower": [70.0, math.nan], "upper": math.nan})
    curve = bars.assign(time_days=[1, 2])
    for upper, drawn in ((math.nan, 0), (95.0, 1)):
        kinds = [layer["mark"]["type"] for layer in layers_of(charts.ranked_bars(bars.assign(upper=upper), **WORDS))]
        assert kinds.count("rule") == 2 * drawn
        kinds = [layer["mark"]["type"] for layer in layers_of(charts.survival(curve.assign(upper=upper), **WORDS))]
        assert kinds.count("area") == drawn


def test_a_status_is_drawn_in_the_colour_and_the_shape_of_its_chip():
    frame = pd.DataFrame(
        {"month": pd.Timestamp("2021-01-01"), "status": ["Blue", "Green", "Amber", "Red", "x"], "n": 1}
    )
    bars, glyphs, *_ = layers_of(charts.stacked_states(frame, order=list(frame["status"]), **WORDS))
    scale = bars["encoding"]["color"]["scale"]
    chips = [str(status_chip(name)) for name in scale["domain"]]
    assert [ink in chip for ink, chip in zip(scale["range"], chips, strict=True)] == [True] * 5
    assert glyphs["encoding"]["shape"]["scale"]["range"][:4] == ["diamond", "circle", "triangle-up", "square"]
    assert glyphs["mark"]["color"] == "white"


def test_names_that_are_no_statuses_are_drawn_in_the_colours_of_series_without_shapes():
    frame = pd.DataFrame({"month": pd.Timestamp("2021-01-01"), "status": ["Kent", "Medway"], "n": 1})
    first, second, *_ = layers_of(charts.stacked_states(frame, **WORDS))
    assert first["encoding"]["color"]["scale"]["range"] == [layout.NAVY, layout.ORANGE]
    assert second["mark"]["type"] == "text"


def test_a_name_in_a_funnel_covers_no_point_and_no_other_name():
    points = pd.DataFrame({"when": [100.0, 130.0, 135.0, 900.0], "value": [50.0, 50.0, 51.0, 20.0]})
    named = points.assign(label=["A long name", "Second", "Third", "Far"])
    kept = with_room(named, points, (0.0, 100.0))
    assert kept["label"].tolist()[0] == "A long name"
    assert "Far" in kept["label"].tolist()
    up = layout.HEIGHT / 100
    assert abs(kept["value"].iloc[0] - 50.0) * up > 11
    assert kept["value"].iloc[-1] == 20.0


def test_the_group_looked_at_is_named_in_a_funnel_before_others_and_dark_among_them():
    frame = pd.DataFrame(
        {"group": [f"Area {i}" for i in range(9)], "of": 50, "value": 90.0, "flag": [*[False] * 8, True]}
    )
    chart = charts.funnel(frame.assign(centre=50.0, lower_limit=40.0, upper_limit=60.0), **WORDS)
    spec = chart.to_dict()
    names = [row["label"] for row in spec["layer"][-1]["data"]["values"]]
    assert names[0] == "Area 8"
    assert len(names) < 9
    colours = [layer["encoding"]["color"] for layer in spec["layer"] if layer["mark"]["type"] == "point"]
    assert [(colour["condition"]["value"], colour["value"]) for colour in colours] == [(layout.NAVY, layout.OTHERS)] * 2
    assert "Area 8 90.0%." in spec["description"]


def test_the_bar_of_the_area_is_dark_among_others_and_all_are_where_none_is_flagged():
    bars = pd.DataFrame({"group": ["a", "b"], "value": [80.0, 90.0], "flag": [True, False]})
    colour = layers_of(charts.ranked_bars(bars, **WORDS))[0]["encoding"]["color"]
    assert (colour["condition"]["value"], colour["value"]) == (layout.NAVY, layout.OTHERS)
    colour = layers_of(charts.ranked_bars(bars.assign(flag=False), **WORDS))[0]["encoding"]["color"]
    assert colour["value"] == layout.NAVY


def test_a_group_is_named_in_words_part_by_part():
    bars = pd.DataFrame({"group": ["cyp", "2020/21 · POET · parent_carer"], "value": [80.0, 90.0]})
    said = charts.ranked_bars(bars, **WORDS).to_dict()["description"]
    assert "2020/21 · POET · parents and carers 90.0%; Young people 80.0%" in said


# Machado, Oliveira and Fernandes (2009), full severity.
COLOUR_BLIND = {
    "protanopia": ((0.152, 1.053, -0.205), (0.115, 0.786, 0.099), (-0.004, -0.048, 1.052)),
    "deuteranopia": ((0.367, 0.861, -0.228), (0.280, 0.673, 0.047), (-0.012, 0.043, 0.969)),
    "tritanopia": ((1.256, -0.077, -0.179), (-0.078, 0.931, 0.148), (0.005, 0.691, 0.304)),
    "greyscale": ((0.213, 0.715, 0.072),) * 3,
}


@pytest.mark.parametrize("sight", COLOUR_BLIND)
def test_series_are_told_apart_by_colour_or_by_dash_and_shape_whatever_the_sight(sight):
    seen = [
        [
            sum(m * int(colour[i : i + 2], 16) for m, i in zip(row, (1, 3, 5), strict=True))
            for row in COLOUR_BLIND[sight]
        ]
        for colour in layout.SERIES
    ]
    for one in range(len(seen)):
        for other in range(one):
            apart = sum((a - b) ** 2 for a, b in zip(seen[one], seen[other], strict=True)) ** 0.5
            drawn = layout.DASHES[one] != layout.DASHES[other] and layout.SHAPES[one] != layout.SHAPES[other]
            assert apart > 60 or drawn


def test_a_step_curve_is_drawn_to_where_its_tail_begins_and_read_at_its_limit():
    days = [10.0, 42.0, 50.0, 120.0, 500.0]
    curve = pd.DataFrame({"group": "Health", "time_days": days, "value": [80.0, 40.0, 12.0, 4.0, 3.0]})
    assert charts.to_its_end(curve, 20)["time_days"].tolist() == [10.0, 42.0, 50.0]
    assert charts.to_its_end(curve, 60)["time_days"].max() == 120.0
    chart = charts.survival(charts.to_its_end(curve, 42), title="A", subtitle="B", limit=(42, "six weeks"))
    texts = [layer["mark"]["text"] for layer in chart.to_dict()["layer"] if isinstance(layer["mark"].get("text"), str)]
    assert {"six weeks", "40.0%"} <= set(texts)
    assert charts.to_its_end(curve.head(0), 42).empty


@pytest.mark.parametrize(
    ("days", "month"), [("MS", "utcFormat(datum.value,"), ("ME", "utcFormat(datum.value - 864e5,")]
)
def test_what_stood_at_the_end_of_a_month_is_over_the_name_of_that_month(days, month):
    frame = pd.DataFrame({"first_on": pd.date_range("2021-03-01", periods=3, freq=days), "value": [3.0, 2.0, 1.0]})
    drawn = charts.trend(frame, unit="", **WORDS).to_dict()["layer"]
    (axis,) = {json.dumps(part["encoding"]["x"]["axis"]) for part in drawn if "axis" in part["encoding"].get("x", {})}
    assert month in json.loads(axis)["labelExpr"]
