"""Two figures compared."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sendanalysis.methods.comparison import change, count_change, difference, smallest_rise
from sendanalysis.methods.proportions import wilson

SHARES = st.integers(1, 60).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


def test_the_interval_of_a_difference_of_shares_is_newcombes():
    low, high = difference(wilson(56, 70), wilson(48, 80))  # Newcombe (1998), table II, row a: 0.0524 to 0.3339
    assert (low, high) == (pytest.approx(0.0524, abs=5e-5), pytest.approx(0.3339, abs=5e-5))


@given(SHARES, SHARES)
def test_turning_the_comparison_round_turns_the_interval_round(one, two):
    low, high = difference(wilson(*one), wilson(*two))
    assert difference(wilson(*two), wilson(*one)) == (pytest.approx(-high), pytest.approx(-low))


def test_a_share_of_nothing_is_not_compared():
    nothing, some = wilson(0, 0), wilson(6, 10)
    assert change(nothing, some) is change(some, nothing) is None


@pytest.mark.parametrize(
    ("now", "then", "way"),
    [((90, 100), (50, 100), 1), ((50, 100), (90, 100), -1), ((9, 10), (8, 10), 0)],
)
def test_a_change_has_a_way_only_where_its_interval_leaves_nought_out(now, then, way):
    assert change(wilson(*now), wilson(*then)) == way


def test_counts_over_equal_times_are_compared_by_the_exact_test():
    # 30 of 42 events in the later half: twice the binomial tail is 0.008; 8 of 14: 0.79.
    assert (count_change(30, 12), count_change(12, 30), count_change(8, 6), count_change(0, 0)) == (1, -1, 0, 0)


@given(st.integers(1, 60), SHARES)
def test_the_smallest_rise_is_a_rise_and_one_less_is_none(n, then):
    least, before = smallest_rise(n, then), wilson(*then)
    if math.isnan(least):
        assert change(wilson(n, n), before) != 1
        return
    k = round(least * n / 100)
    assert change(wilson(k, n), before) == 1
    assert k == 0 or change(wilson(k - 1, n), before) != 1
