"""Rounding half up."""

import math
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sendanalysis.methods.rounding import half_up, half_up_pct


@pytest.mark.parametrize(
    ("value", "decimals", "wanted"),
    [
        (0.05, 1, 0.1),
        (0.15, 1, 0.2),
        (2.675, 2, 2.68),
        (-2.25, 1, -2.3),
        (99.95, 1, 100.0),
        (7, 0, 7.0),
        (1e-9, 1, 0.0),
    ],
)
def test_a_tie_goes_away_from_nought(value, decimals, wanted):
    assert half_up(value, decimals) == wanted


def test_a_missing_number_stays_missing_and_minus_nought_becomes_nought():
    assert math.isnan(half_up(math.nan))
    assert math.copysign(1, half_up(-0.01)) == 1


def test_no_percentage_is_made_of_nothing_or_of_a_missing_count():
    assert all(math.isnan(half_up_pct(*counts)) for counts in ((0, 0), (3, 0), (math.nan, 4), (3, math.nan)))


@given(st.integers(0, 100_000), st.integers(1, 100_000), st.integers(0, 2))
def test_a_percentage_of_counts_is_exact(numerator, denominator, decimals):
    scale = 10**decimals
    exact = math.floor(Fraction(100 * numerator * scale, denominator) + Fraction(1, 2))
    assert half_up_pct(numerator, denominator, decimals) == float(Fraction(exact, scale))
