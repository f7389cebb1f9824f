"""Two shares compared."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sendanalysis.methods.comparison import change, difference, smallest_rise

SHARES = st.integers(1, 60).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


def test_the_interval_of_a_difference_is_newcombes():
    low, high = difference((56, 70), (48, 80))  # Newcombe (1998), table II, row a: 0.0524 to 0.3339
    assert (low, high) == (pytest.approx(0.0524, abs=5e-5), pytest.approx(0.3339, abs=5e-5))


@given(SHARES, SHARES)
def test_turning_the_comparison_round_turns_the_interval_round(one, two):
    low, high = difference(one, two)
    assert difference(two, one) == (pytest.approx(-high), pytest.approx(-low))


def test_a_share_of_nothing_is_not_compared():
    assert change((0, 0), (6, 10)) == change((5, 10), (0, 0)) == "not known"


@pytest.mark.parametrize(
    ("now", "then", "word"),
    [((90, 100), (50, 100), "rise"), ((50, 100), (90, 100), "fall"), ((9, 10), (8, 10), "could be chance")],
)
def test_a_change_is_named_only_where_its_interval_leaves_nought_out(now, then, word):
    assert change(now, then) == word


@given(st.integers(1, 60), SHARES)
def test_the_smallest_rise_is_a_rise_and_one_less_is_none(n, then):
    least = smallest_rise(n, then)
    if math.isnan(least):
        assert change((n, n), then) != "rise"
        return
    k = round(least * n / 100)
    assert change((k, n), then) == "rise"
    assert k == 0 or change((k - 1, n), then) != "rise"
