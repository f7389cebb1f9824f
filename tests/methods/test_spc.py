"""XmR and p charts against NHSRplotthedots and qicharts2, and where this project departs from them on purpose."""

import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sendanalysis.errors import MethodError
from sendanalysis.methods.spc import p_chart, xmr

REFERENCE = Path(__file__).parent / "reference"
SERIES = pd.read_csv(REFERENCE / "spc_series.csv", index_col="series_id")
POINTS = pd.read_csv(REFERENCE / "spc_points.csv", index_col="date", parse_dates=True)
PCHART = pd.read_csv(REFERENCE / "pchart.csv")
FLIPPED = {"special_cause_improvement": "special_cause_concern", "special_cause_concern": "special_cause_improvement"}
NOISE = [50.0, 53, 49, 51, 47, 52, 50, 48, 53, 49, 51, 50, 52, 48]


def series(*values):
    return pd.Series(values, pd.date_range("2020-01-01", periods=len(values), freq="MS"), dtype=float)


def reference_options(name):
    row = SERIES.loc[name]
    return {
        "direction": row.improvement_direction,
        "target": None if math.isnan(row.target) else row.target,
        "rebase": () if pd.isna(row.rebase_dates) else row.rebase_dates.split(";"),
        "fix_after": None if math.isnan(row.fix_after_n_points) else int(row.fix_after_n_points),
        "screen": bool(row.screen_outliers),
    }


@pytest.mark.parametrize("name", SERIES.index)
def test_every_reference_series_is_charted_as_by_nhsrplotthedots(name):
    expected, row = POINTS[POINTS.series_id == name], SERIES.loc[name]
    points, summary = xmr(expected.y, **reference_options(name))
    for ours, theirs in {"mean": "mean", "lower": "lpl", "upper": "upl"}.items():
        np.testing.assert_allclose(points[ours], expected[theirs], rtol=0, atol=1e-9)
    assert list(points.group) == list(expected.rebase_group)
    assert list(points.special_cause) == list(expected.special_cause_type)
    assert list(points.point_type) == list(expected.point_type)
    assert summary.variation == row.variation_type
    assert summary.assurance == (None if pd.isna(row.assurance_type) else row.assurance_type)
    assert (not points.limits_shown.all()) == row.short_group_warning


@pytest.mark.parametrize(("key", "expected"), list(PCHART.groupby(["series_id", "chart", "screened_mr"])))
def test_every_reference_p_chart_is_drawn_as_by_qicharts2(key, expected):
    chart = p_chart(expected.events, expected.n, prime=key[1] == "pp", screen=bool(key[2]))
    ours, theirs = chart[["value", "centre", "lower", "upper"]], expected[["y", "cl", "lcl", "ucl"]]
    np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-9)
    assert chart.index.equals(expected.index)


@pytest.mark.parametrize("value", [0.0, 0.1, 100.0, 1 / 3])
@pytest.mark.parametrize("screen", [True, False])
def test_departure_a_constant_series_has_limits_at_its_mean_and_is_common_cause(value, screen):
    points, summary = xmr(series(*[value] * 20), target=value, screen=screen)
    assert (points[["mean", "lower", "upper"]] == value).all(axis=None)
    assert set(points.point_type) == {"common_cause"}
    assert summary.assurance == "inconsistent"


def test_departure_screening_that_would_remove_every_step_but_zeros_is_not_done():
    y = series(*[10.0] * 12, *[15.0] * 3)
    pd.testing.assert_frame_equal(xmr(y).points, xmr(y, screen=False).points)
    assert xmr(y).points.upper.iloc[0] > xmr(y).points["mean"].iloc[0]


def test_departure_a_missing_value_is_a_gap_and_no_crash():
    y = series(*NOISE)
    y.iloc[[4, -1]] = np.nan
    points, summary = xmr(y, target=10)
    assert points["mean"].iloc[0] == pytest.approx(y.mean())
    assert points.special_cause.isna().tolist() == y.isna().tolist()
    assert points.point_type.isna().tolist() == y.isna().tolist()
    assert (summary.n, summary.variation, summary.assurance) == (12, "common_cause", "consistent_pass")
    assert not summary.limits_shown


def test_a_gap_ends_a_trend_and_no_step_is_taken_across_it():
    rising = series(1, 2, 3, 4, np.nan, 5, 6, 7, 8)
    assert not xmr(rising).points.special_cause.str.contains("Trend", na=False).any()
    apart = xmr(series(1, 2, np.nan, 50, 51)).points
    assert apart.upper.iloc[0] - apart["mean"].iloc[0] == pytest.approx(2.66)


def test_a_series_of_gaps_alone_has_neither_variation_nor_assurance():
    summary = xmr(series(np.nan, np.nan), target=3).summary
    assert (summary.variation, summary.assurance, summary.n, summary.limits_shown) == (None, None, 0, False)


def test_departure_a_rebase_date_that_is_not_in_the_data_is_an_error():
    with pytest.raises(MethodError, match="rebase: 2020-01-15 is no date of the series"):
        xmr(series(*NOISE), rebase=["2020-01-15"])


def test_departure_fewer_than_thirteen_points_make_a_run_chart():
    short, enough = xmr(series(*NOISE[:12])), xmr(series(*NOISE[:13]))
    assert (short.summary.limits_shown, short.summary.median) == (False, 50.0)
    assert enough.summary.limits_shown
    assert short.points.upper.notna().all()
    changed = xmr(series(*NOISE[:12]), min_points=12)
    pd.testing.assert_frame_equal(
        short.points.drop(columns="limits_shown"), changed.points.drop(columns="limits_shown")
    )


def test_each_group_shows_limits_by_its_own_length_and_the_summary_speaks_of_the_last():
    points, summary = xmr(series(*NOISE, 80, 82), rebase="2021-03-01")
    assert points.limits_shown.tolist() == [True] * 14 + [False] * 2
    assert (summary.n, summary.group_n, summary.median, summary.limits_shown) == (16, 2, 81.0, False)
    assert points["mean"].iloc[-1] == 81


def test_a_group_of_one_point_has_a_mean_and_no_limits():
    last = xmr(series(*NOISE), rebase=["2021-02-01"], target=60).points.iloc[-1]
    assert (last["mean"], last.special_cause, math.isnan(last.upper)) == (48, "Common Cause", True)


def test_a_rebase_at_the_first_date_numbers_the_only_group_one_as_the_reference_does():
    assert set(xmr(series(*NOISE), rebase=["2020-01-01"]).points.group) == {1}


def test_a_point_in_two_trends_takes_the_sign_of_the_step_that_follows():
    falling, rising = [62, 60, 58, 56, 54, 52], [50, 52, 54, 56, 58, 60, 62]
    causes = xmr(series(*[40, 60] * 6, *falling, *rising), fix_after=12).points.special_cause
    assert set(causes.iloc[12:18]) == {"7 Point Trend (Decreasing)"}
    assert set(causes.iloc[18:]) == {"7 Point Trend (Increasing)"}


def test_two_of_three_counts_a_point_outside_the_limits_only_under_mdc():
    y = series(*[48.0, 52] * 6, 70.0, 58.0, 51.0)
    plain, mdc = (xmr(y, fix_after=12, rules=rules).points for rules in ("plotthedots", "mdc"))
    assert plain.special_cause.iloc[12:].tolist() == ["Above UCL", "Common Cause", "Common Cause"]
    assert mdc.special_cause.iloc[12:].tolist() == ["Above UCL", "2 in 3 Above CL", "Common Cause"]


def test_a_value_equal_to_the_mean_breaks_a_run_although_binary_fractions_blur_it():
    y = series(0.1, 0.2, 0.3, 0.1, 0.2, 0.3, 0.1, 0.2, 0.3)
    assert (xmr(y).points["mean"] == 0.2).all()


@pytest.mark.parametrize(
    ("direction", "target", "assurance"),
    [
        ("increase", 90, "consistent_fail"),
        ("increase", 10, "consistent_pass"),
        ("increase", 50, "inconsistent"),
        ("decrease", 90, "consistent_pass"),
        ("decrease", 10, "consistent_fail"),
        ("neutral", 90, None),
        ("increase", None, None),
    ],
)
def test_assurance_asks_on_which_side_of_the_limits_the_target_lies(direction, target, assurance):
    assert xmr(series(*NOISE), direction=direction, target=target).summary.assurance == assurance


def test_a_target_on_a_limit_is_hit_or_miss():
    upper = xmr(series(*NOISE)).points.upper.iloc[0]
    assert xmr(series(*NOISE), target=upper).summary.assurance == "inconsistent"


@pytest.mark.parametrize("index", [["2020-01-01", "2020-02-01"], pd.period_range("2020-01", periods=2, freq="M")])
def test_days_written_as_text_and_months_are_dates_too(index):
    assert xmr(pd.Series([1.0, 2.0], index)).points.index.tolist() == list(index)


@pytest.mark.parametrize(
    ("y", "options", "message"),
    [
        (series(), {}, "y: the series is empty"),
        (pd.Series([1.0, 2.0]), {}, "y: its index begins with 0 and is not all dates"),
        (pd.Series([1.0], ["Q1"]), {}, "y: its index begins with 'Q1'"),
        (pd.Series([1.0], pd.DatetimeIndex([None])), {}, "missing date"),
        (pd.Series([1.0, 2], pd.to_datetime(["2020-03-01"] * 2)), {}, "2020-03-01 occurs twice"),
        (series(1, np.inf), {}, "2020-02-01 .*is infinite"),
        (pd.Series(["a"], pd.to_datetime(["2020-03-01"])), {}, "Give numbers"),
        (series(1), {"direction": "up"}, "direction: 'up' is not known. Use one of increase, decrease, neutral"),
        (series(1), {"rules": "nelson"}, "rules: 'nelson'"),
        (series(1), {"target": math.nan}, "target: nan"),
        (series(1), {"fix_after": 11}, "fix_after: 11"),
        (series(1), {"rebase": ["spring"]}, "rebase: spring"),
    ],
)
def test_what_cannot_be_charted_is_named_with_its_reason(y, options, message):
    with pytest.raises(MethodError, match=message):
        xmr(y, **options)


VALUES = st.lists(st.integers(-9, 9).map(float) | st.just(math.nan), min_size=1, max_size=40)


@settings(max_examples=60)
@given(VALUES, st.randoms(use_true_random=False))
def test_the_order_of_the_rows_does_not_matter(values, random):
    y = series(*values)
    order = random.sample(range(len(y)), len(y))
    pd.testing.assert_frame_equal(xmr(y.iloc[order]).points, xmr(y).points, check_freq=False)


@settings(max_examples=60)
@given(VALUES)
def test_turning_the_good_direction_round_turns_improvement_into_concern(values):
    up, down = (xmr(series(*values), direction=direction).points.point_type for direction in ("increase", "decrease"))
    assert up.replace(FLIPPED).equals(down)


@settings(max_examples=60)
@given(VALUES, st.integers(1, 39))
def test_a_group_is_charted_as_if_it_stood_alone(values, start):
    y = series(*values)
    start = min(start, len(y) - 1)
    points, alone = xmr(y, rebase=[y.index[start]]).points.iloc[start:], xmr(y.iloc[start:]).points
    pd.testing.assert_frame_equal(points.drop(columns="group"), alone.drop(columns="group"), check_freq=False)


def test_a_p_chart_at_a_hundred_per_cent_has_its_limits_there_and_a_month_without_cases_is_a_gap():
    chart = p_chart([5, 0, 8], [5, 0, 8])
    assert chart.loc[[0, 2], ["value", "centre", "lower", "upper"]].eq(1).all(axis=None)
    assert chart.loc[1, ["value", "lower", "upper"]].isna().all()


@pytest.mark.parametrize(("events", "n"), [([], []), ([1], [1, 2]), ([3], [2]), ([-1], [2]), ([math.nan], [2])])
def test_a_p_chart_refuses_what_is_no_count(events, n):
    with pytest.raises(MethodError, match="events, n: "):
        p_chart(events, n)
