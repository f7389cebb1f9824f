"""Agreement of two raters."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sendanalysis.errors import MethodError
from sendanalysis.methods.agreement import agree

PAIRS = st.lists(st.tuples(st.sampled_from("YNA"), st.sampled_from("YNA")), min_size=1, max_size=30)


def test_kappa_and_ac1_by_hand_on_a_two_by_two_table():
    first = ["Yes"] * 25 + ["No"] * 25
    second = ["Yes"] * 20 + ["No"] * 5 + ["Yes"] * 10 + ["No"] * 15
    result = agree(first, second)
    assert (result.same, result.n, result.share) == (35, 50, 0.7)
    assert result.kappa == pytest.approx(0.4)
    assert result.ac1 == pytest.approx((0.7 - 2 * 0.55 * 0.45) / (1 - 2 * 0.55 * 0.45))


def test_ac1_stays_steady_where_nearly_all_answers_are_alike_and_kappa_does_not():
    result = agree(["Yes"] * 99 + ["No"], ["Yes"] * 98 + ["No", "Yes"])
    assert result.kappa < 0
    assert result.ac1 > 0.97


def test_kappa_is_undefined_when_both_gave_one_and_the_same_answer_throughout():
    result = agree(["Yes"] * 5, ["Yes"] * 5)
    assert math.isnan(result.kappa)
    assert result.ac1 == result.share == 1


@pytest.mark.parametrize(
    ("first", "second", "message"),
    [
        ([], [], "0 and 0 answers"),
        (["Yes"], [], "1 and 0"),
        (["Yes", "No"], ["Yes", None], "second: answer 2 is missing"),
    ],
)
def test_pairs_that_cannot_be_compared_are_named(first, second, message):
    with pytest.raises(MethodError, match=message):
        agree(first, second)


@given(PAIRS)
def test_it_does_not_matter_who_comes_first(pairs):
    first, second = zip(*pairs, strict=True)
    there, back = agree(first, second), agree(second, first)
    assert (there.same, there.n) == (back.same, back.n)
    assert there.kappa == pytest.approx(back.kappa, nan_ok=True)
    assert there.ac1 == pytest.approx(back.ac1)
    assert there.share == 1 or there.ac1 < 1
