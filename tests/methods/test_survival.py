"""Waiting times against R's survival package."""

import math
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from sendanalysis.errors import MethodError
from sendanalysis.methods.survival import (
    cumulative_incidence,
    incidence_tables,
    kaplan_meier,
    wait_quantile,
    wait_tables,
)

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
def test_the_curve_and_its_interval_are_those_of_scipy(waits):
    days, finished = (np.array(column) for column in zip(*waits, strict=True))
    curve = kaplan_meier(days, finished)
    known = stats.ecdf(stats.CensoredData.right_censored(days, ~finished)).sf
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "The confidence interval is undefined", RuntimeWarning)
        ends = known.confidence_interval(0.95, method="log-log")
    np.testing.assert_allclose(curve.survival, known.probabilities, rtol=0, atol=1e-12)
    np.testing.assert_allclose(curve.lower, ends.low.probabilities, rtol=0, atol=1e-9)
    np.testing.assert_allclose(curve.upper, ends.high.probabilities, rtol=0, atol=1e-9)
    assert curve.events.sum() == finished.sum()
    known = curve.dropna()
    assert ((known.lower <= known.survival) & (known.survival <= known.upper)).all()


def test_the_cumulative_incidence_worked_by_hand_leaves_those_who_left_in_the_whole():
    # Of ten, 2 begin at 10, 3 leave at 20, 1 begins and 1 is still waiting at 30, 2 begin and 1 leaves at 40.
    days, causes = [10] * 2 + [20] * 3 + [30] * 2 + [40] * 3, [1, 1, 2, 2, 2, 1, 0, 1, 1, 2]
    found = cumulative_incidence(days, causes)
    assert found.time.tolist() == [10, 20, 30, 40]
    assert found.at_risk.tolist() == [10, 8, 5, 3]
    np.testing.assert_allclose(found.incidence, [0.2, 0.2, 0.2 + 0.5 / 5, 0.3 + 0.4 * 2 / 3])
    np.testing.assert_allclose(found.other_incidence, [0, 8 / 10 * 3 / 8, 0.3, 0.3 + 0.4 / 3])
    assert not (kaplan_meier(days, [cause == 1 for cause in causes]).survival[3] > 0.34)  # who left is no whole of it


def test_the_variance_of_the_cumulative_incidence_is_that_of_the_formula_summed_term_by_term():
    rng = np.random.default_rng(5)
    days, causes = rng.integers(0, 12, 60), rng.integers(0, 3, 60)
    found = cumulative_incidence(days, causes)
    free = np.concatenate([[1], np.cumprod(1 - (found.events + found.others) / found.at_risk)])
    for last, row in enumerate(found.itertuples()):
        total = 0.0
        if not row.events:
            continue
        for at, one in enumerate(found.itertuples()):
            if at <= last:
                ended, n, before, gap = one.events + one.others, one.at_risk, free[at], row.incidence - one.incidence
                total += gap**2 * ended / (n * (n - ended)) if ended < n else 0
                total += before**2 * one.events * (n - one.events) / n**3 - 2 * gap * before * one.events / n**2
        scale = (1 - row.incidence) * -math.log(1 - row.incidence)
        ends = [1 - (1 - row.incidence) ** math.exp(z * math.sqrt(total) / scale) for z in (-1.959964, 1.959964)]
        np.testing.assert_allclose([row.lower, row.upper], ends, atol=1e-7)


def test_where_nobody_leaves_the_incidence_and_its_interval_are_those_of_kaplan_and_meier():
    for _, waits in COHORTS:
        one, other = (made(waits.duration_days, waits.event) for made in (kaplan_meier, cumulative_incidence))
        np.testing.assert_allclose(other.incidence, 1 - one.survival, atol=1e-12)
        known = one.lower.notna()
        np.testing.assert_allclose(other.lower[known], 1 - one.upper[known], atol=1e-9)
        np.testing.assert_allclose(other.upper[known], 1 - one.lower[known], atol=1e-9)


def test_on_simulated_children_who_begin_or_leave_the_incidence_and_its_interval_hold():
    # Hazards 0.02 and 0.01 a day: of all, two in three begin in the end, and 2/3 (1 - exp(-0.03 t)) within t days.
    rng, truth, held = np.random.default_rng(11), 2 / 3 * (1 - math.exp(-0.9)), []
    for _ in range(300):
        days = rng.exponential(1 / 0.03, 150)
        causes, seen = np.where(rng.random(150) < 2 / 3, 1, 2), rng.uniform(0, 120, 150)
        found = cumulative_incidence(np.minimum(days, seen), np.where(days < seen, causes, 0))
        row = found[found.time <= 30].iloc[-1]
        held.append((row.lower <= truth <= row.upper, row.incidence))
    assert 0.92 <= np.mean([one for one, _ in held]) <= 0.98
    assert np.mean([value for _, value in held]) == pytest.approx(truth, abs=0.01)


def test_a_share_that_can_never_begin_is_not_reached_and_never_infinity():
    curve, table = incidence_tables([10, 20, 30, 40], [1, 1, 2, 2], ("referrals_n", "started_n"))
    assert table[["quantile_pct", "reading", "referrals_n", "started_n"]].to_numpy().tolist() == [
        [50, "reached", 4, 2],
        [90, "not reached", 4, 2],
    ]
    assert table["days"].iloc[0] == 20
    assert table["left_pct"].tolist() == [0, 50]
    assert not np.isinf(table.select_dtypes("number")).any(axis=None)
    assert curve["value"].tolist() == [75, 50, 50, 50]
    assert incidence_tables([], [], ("a", "b"))[1].empty


def test_a_cause_that_is_none_of_three_is_named():
    with pytest.raises(MethodError, match="causes: 3 at position 2 is not 0, 1 or 2"):
        cumulative_incidence([1, 2], [1, 3])
