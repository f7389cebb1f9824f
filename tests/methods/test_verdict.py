"""What may be said of a change."""

import pytest

from sendanalysis.methods.verdict import decide, months_say

KINDS = ("common_cause", "special_cause_improvement", "common_cause")


@pytest.mark.parametrize(
    ("way", "months", "sized", "said", "why"),
    [
        (1, "higher", True, "rose", "interval and months"),
        (1, "ordinary", True, "rose", "interval"),
        (1, "", True, "rose", "interval"),
        (1, "lower", True, "not clearly", "months"),
        (1, "higher", False, "rose", "interval and months"),
        (1, "ordinary", False, "not clearly", "size"),
        (1, "too few months", False, "not clearly", "size"),
        (-1, "lower", False, "fell", "interval and months"),
        (-1, "ordinary", True, "fell", "interval"),
        (-1, "higher", True, "not clearly", "months"),
        (0, "higher", True, "not clearly", "chance"),
        (0, "ordinary", False, "not clearly", "chance"),
        (None, "higher", False, "not tested", "no interval"),
    ],
)
def test_a_change_is_said_where_interval_months_and_baseline_allow_it(way, months, sized, said, why):
    found = decide(way, months, sized=sized, above=way or 0)
    assert (found.said, found.why, found.months) == (said, why, months)


def test_what_the_months_say_does_not_depend_on_which_way_is_better():
    assert months_say(KINDS, "increase", limits_shown=True) == "higher"
    assert months_say(KINDS, "decrease", limits_shown=True) == "lower"
    assert months_say(["special_cause_concern"], "decrease", limits_shown=True) == "higher"
    assert months_say(["special_cause_neutral_low"], "neutral", limits_shown=True) == "lower"


def test_months_that_go_both_ways_or_neither_are_ordinary_and_too_few_say_nothing():
    both = ["special_cause_improvement", "special_cause_concern"]
    assert months_say(both, "increase", limits_shown=True) == "ordinary"
    assert months_say(["common_cause", None], "increase", limits_shown=True) == "ordinary"
    assert months_say(KINDS, "increase", limits_shown=False) == "too few months"
