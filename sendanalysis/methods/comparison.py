"""Two figures compared: their difference with its interval, and the least share that would tell one from the other."""

from __future__ import annotations

import math
from bisect import bisect_left
from typing import NamedTuple, TypeAlias

from sendanalysis.methods.proportions import Proportion, pct, poisson_compare, wilson

CHANCE = 0.05
MARGIN = 1.07  # by which a change has to clear its interval: the interval of a difference is wrong a little too often


class Estimate(NamedTuple):
    """A value with its 95% interval; NaN where there is none."""

    value: float
    lower: float
    upper: float


Known: TypeAlias = Estimate | Proportion


def difference(one: Known, two: Known) -> tuple[float, float]:
    """Interval of the first value less the second, from their own intervals.

    The distance of each value to the end of its interval that faces the other is squared and added (MOVER; Zou & Donner
    2008); with two Wilson intervals that is Newcombe's method 10 (1998).

    Args:
        one: Value and 95% interval of the first.
        two: Of the second, independent of it.

    Returns:
        Lower and upper limit of the difference at 95%, in the unit of the values; NaN where one has no interval.

    >>> [round(end, 3) for end in difference(wilson(56, 70), wilson(48, 80))]
    [0.052, 0.334]
    """
    low = math.hypot(one.value - one.lower, two.upper - two.value)
    high = math.hypot(one.upper - one.value, two.value - two.lower)
    return one.value - two.value - low, one.value - two.value + high


def change(now: Known, then: Known) -> int | None:
    """Whether a figure is above another (1), below it (-1) or no further from it than chance explains (0).

    None where either has no interval, since nothing can be told then. The difference has to clear its interval by 7%,
    which keeps “rose” and “fell” together wrong at most once in twenty times (METHODS.md, error rates).

    >>> change(wilson(90, 100), wilson(50, 100)), change(wilson(5, 10), wilson(6, 10))
    (1, 0)
    """
    low, high = difference(now, then)
    middle = now.value - then.value
    low, high = (middle + MARGIN * (end - middle) for end in (low, high))
    return None if math.isnan(low + high) else 1 if low > 0 else -1 if high < 0 else 0


def count_change(now: float, then: float) -> int:
    """The same of two counts over equal times, by the exact test that compares Poisson counts at 5%.

    >>> count_change(9, 6), count_change(40, 12)
    (0, 1)
    """
    if poisson_compare(now, then).p_value >= CHANCE:
        return 0
    return 1 if now > then else -1


def smallest_rise(n: int, then: tuple[int, int]) -> float:
    """Per cent: the least share of n that chance would not explain as a rise; NaN where even all of them could be.

    >>> smallest_rise(20, (10, 20))
    85.0
    """
    if not n or not then[1]:
        return math.nan
    before, above = wilson(*then), then[0] * n // then[1] + 1
    least = bisect_left(range(above, n + 1), 1, key=lambda k: int(change(wilson(k, n), before) == 1)) + above
    return pct(least, n) if least <= n else math.nan
