"""Waiting times against R's survival package."""

import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sendanalysis.errors import MethodError
from sendanalysis.methods.survival import kaplan_meier, wait_quantile, wait_tables

REFERENCE = Path(__file__).parent / "reference"
COHORTS = pd.read_csv(REFERENCE / "km_cohorts.csv").groupby("cohort")
CURVES = {name: kaplan_meier(waits.duration_days, waits.event) for name, waits in COHORTS}
AT_TIMES = pd.read_csv(REFERENCE / "km_at_times.csv")
QUANTILES = pd.read_csv(REFERENCE / "km_quantiles.csv")


@pytest.mark.parametrize("row", list(AT_TIMES.itertuples()), ids=str)
def test_the_share_still_waiting_is_that_of_r(row):
    curve = CURVES[row.cohort]
    assert curve.at_risk[curve.time >= row.time].to_numpy().max(initial=0) == row.n_risk
    start = {"survival": 1.0, "lower": math.nan, "upper": math.nan}
    here = curve[curve.time <= row.time][list(start)].iloc[-1] if curve.time[0] <= row.time else pd.Series(start)
    np.testing.assert_allclose(here, [row.still_waiting, row.lower, row.upper], rtol=0, atol=1e-9)


@pytest.mark.parametrize("row", list(QUANTILES.itertuples()), ids=str)
def test_the_wait_by_which_a_share_is_done_is_that_of_r(row):
    np.testing.assert_allclose(wait_quantile(CURVES[row.cohort], row.wait_quantile), [row.days, row.lower, row.upper])


def test_a_median_that_is_not_reached_is_missing_and_not_infinite():
    median = wait_quantile(kaplan_meier([5, 9, 12], [True, False, False]), 0.5)
    assert math.isnan(median.days)
    assert (median.lower, math.isnan(median.upper)) == (5, True)


def test_departure_where_the_curve_equals_the_level_exactly_the_first_time_counts():
    curve = kaplan_meier(range(1, 11), [True] * 10)
    assert [wait_quantile(curve, q).days for q in (0.1, 0.3, 0.5, 0.7, 0.9)] == [1, 3, 5, 7, 9]


def test_the_interval_is_undefined_before_anybody_has_finished_and_once_everybody_has():
    curve = kaplan_meier([1, 2, 3], [False, True, True])
    assert curve.lower.isna().tolist() == curve.upper.isna().tolist() == [True, False, True]
    assert curve.survival.tolist() == [1, 0.5, 0]


def test_who_is_censored_on_a_day_is_still_at_risk_on_it():
    curve = kaplan_meier([7, 7], [True, False])
    assert (curve.at_risk[0], curve.events[0], curve.survival[0]) == (2, 1, 0.5)


@pytest.mark.parametrize(
    ("durations", "observed", "message"),
    [
        ([], [], "0 and 0 values"),
        ([1], [True, False], "1 and 2 values"),
        ([3, -1], [True, True], "durations: -1 at position 2"),
        ([math.nan], [True], "durations: nan"),
        ([1], [2], "observed: 2 at position 1"),
    ],
)
def test_a_wait_that_cannot_be_is_named(durations, observed, message):
    with pytest.raises(MethodError, match=message):
        kaplan_meier(durations, observed)


def test_levels_and_shares_outside_their_range_are_refused():
    with pytest.raises(MethodError):
        wait_quantile(kaplan_meier([1], [True]), 1)
    with pytest.raises(MethodError, match="level: 95"):
        kaplan_meier([1], [True], level=95)


def test_nobody_waiting_gives_empty_tables_with_their_columns():
    curve, quantiles = wait_tables([], [], ("referrals_n", "started_n"))
    assert (len(curve), len(quantiles)) == (0, 0)
    assert curve.columns.tolist() == ["time_days", "at_risk", "value", "lower", "upper"]


@settings(max_examples=60)
@given(st.lists(st.tuples(st.integers(0, 30), st.booleans()), min_size=1, max_size=30))
def test_the_curve_is_the_product_of_the_shares_that_stay(waits):
    curve = kaplan_meier(*zip(*waits, strict=True))
    np.testing.assert_allclose(curve.survival, (1 - curve.events / curve.at_risk).cumprod(), rtol=0, atol=1e-12)
    assert curve.events.sum() == sum(done for _, done in waits)
    known = curve.dropna()
    assert ((known.lower <= known.survival) & (known.survival <= known.upper)).all()
