"""Shares and counts against R, and what their intervals must always do."""

import math
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from sendanalysis.errors import MethodError
from sendanalysis.methods.proportions import (
    more_events_needed,
    n_needed_to_tell,
    poisson_compare,
    poisson_interval,
    wilson,
)

WILSON = pd.read_csv(Path(__file__).parent / "reference" / "wilson.csv")


@pytest.mark.parametrize("row", list(WILSON.itertuples()), ids=str)
def test_the_wilson_interval_is_that_of_prop_test(row):
    share = wilson(row.x, row.n, level=1 - row.alpha)
    expected = [row.p, row.wilson_lower, row.wilson_upper]
    np.testing.assert_allclose([share.value, share.lower, share.upper], expected, rtol=0, atol=1e-9)


@given(n=st.integers(1, 2_000), part=st.floats(0, 1), level=st.floats(0.5, 0.999))
def test_the_wilson_interval_is_that_of_scipy_to_the_last_bit(n, part, level):
    share = wilson(round(part * n), n, level=level)
    known = stats.binomtest(round(part * n), n).proportion_ci(level, method="wilson")
    assert (share.lower, share.upper) == (known.low, known.high)


def test_none_of_none_is_no_share():
    share = wilson(0, 0)
    assert share.n == 0
    assert math.isnan(share.value)
    assert math.isnan(share.lower)
    assert math.isnan(share.upper)


@settings(max_examples=60)
@given(st.integers(0, 60), st.integers(0, 60), st.floats(0, 1))
def test_the_numbers_needed_are_the_smallest_that_do(yes, no, target):
    n = yes + no
    missing = more_events_needed(yes, n, target)
    assert yes + missing >= target * n - 1e-6
    assert missing == 0 or yes + missing - 1 < target * n


@pytest.mark.parametrize(("events", "n", "target"), [(17, 20, 0.9), (3, 4, 0.9), (1, 4, 0.2), (4, 5, 0.9)])
def test_so_many_outcomes_and_not_one_fewer_tell_the_share_from_the_target(events, n, target):
    z, share, needed = stats.norm.isf(0.025), events / n, n_needed_to_tell(events, n, target)

    def told(size):
        centre, spread = share + z**2 / 2 / size, z * math.sqrt(share * (1 - share) / size + z**2 / 4 / size**2)
        return not (centre - spread) <= target * (1 + z**2 / size) <= (centre + spread)

    assert told(needed)
    assert not told(needed - 1)


def test_no_number_tells_a_share_from_itself():
    assert n_needed_to_tell(9, 10, 0.9) is None
    assert n_needed_to_tell(0, 0, 0.9) is None


def test_a_binary_fraction_asks_for_no_event_too_many():
    assert more_events_needed(0, 100, 0.07) == 7
    assert more_events_needed(19, 20, 0.9) == 0


def test_six_forms_and_nine_cannot_be_told_apart():
    change = poisson_compare(9, 6)
    assert change.lower < 1 < change.upper
    assert change.p_value == pytest.approx(2 * stats.binom.cdf(6, 15, 0.5))


def test_counts_of_none():
    assert poisson_interval(0) == (0, pytest.approx(stats.chi2.isf(0.025, 1) / 2))
    nothing, from_nothing = poisson_compare(0, 0), poisson_compare(8, 0)
    assert (nothing.p_value, math.isnan(nothing.ratio), math.isnan(nothing.lower)) == (1, True, True)
    assert from_nothing.p_value == pytest.approx(2 * 0.5**8)
    assert (math.isnan(from_nothing.ratio), from_nothing.lower > 1, math.isnan(from_nothing.upper)) == (
        True,
        True,
        True,
    )
    assert poisson_compare(0, 8).ratio == poisson_compare(0, 8).lower == 0


@given(st.integers(0, 200), st.integers(1, 200))
def test_two_counts_are_compared_as_by_the_exact_test_of_scipy(now, then):
    test, change = stats.binomtest(now, now + then), poisson_compare(now, then)
    low, high = test.proportion_ci(0.95)
    assert change.p_value == pytest.approx(test.pvalue)
    assert (change.lower, change.upper) == (pytest.approx(low / (1 - low)), pytest.approx(high / (1 - high)))


@given(st.integers(0, 200))
def test_the_interval_of_a_count_leaves_half_the_risk_on_either_side(count):
    lower, upper = poisson_interval(count)
    assert stats.gamma.sf(upper, count + 0.5) == pytest.approx(0.025)
    assert count == 0 or stats.gamma.cdf(lower, count + 0.5) == pytest.approx(0.025)


@pytest.mark.parametrize("size", [2, 3, 6, 20])
def test_the_interval_of_a_count_is_wrong_three_to_seven_times_in_a_hundred_where_counts_are_small(size):
    means, counts = np.linspace(0.5, 1.5, 101)[:, None] * size, np.arange(100)
    lower, upper = np.transpose([poisson_interval(count) for count in counts])
    wrong = (stats.poisson.pmf(counts, means) * ((means < lower) | (means > upper))).sum(axis=1).mean()
    assert 0.03 < wrong < 0.07


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: wilson(3, 2), "events: 3 is more than n, 2"),
        (lambda: wilson(-1, 2), "events: -1 is not a count"),
        (lambda: wilson(1.5, 2), "events: 1.5"),
        (lambda: wilson(1, math.nan), "n: nan"),
        (lambda: wilson(1, 2, level=95), "level: 95"),
        (lambda: poisson_interval(-1), "count: -1"),
        (lambda: poisson_compare(1, 2.5), "baseline: 2.5"),
        (lambda: more_events_needed(1, 2, 90), "target: 90"),
    ],
)
def test_what_is_no_count_or_share_is_named(call, message):
    with pytest.raises(MethodError, match=message):
        call()
