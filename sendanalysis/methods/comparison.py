"""Two shares compared: their difference with its interval, and the least that would tell one from the other."""

from __future__ import annotations

import math
from bisect import bisect_left

from sendanalysis.methods.proportions import pct, wilson


def difference(one: tuple[int, int], two: tuple[int, int]) -> tuple[float, float]:
    """Interval of p₁ − p₂ from the two Wilson intervals (Newcombe 1998, method 10), as fractions.

    Args:
        one: Events and n of the first share.
        two: Events and n of the second.

    Returns:
        Lower and upper limit of the difference at 95%.

    >>> [round(end, 3) for end in difference((56, 70), (48, 80))]
    [0.052, 0.334]
    """
    a, b = wilson(*one), wilson(*two)
    low = math.hypot(a.value - a.lower, b.upper - b.value)
    high = math.hypot(a.upper - a.value, b.value - b.lower)
    return a.value - b.value - low, a.value - b.value + high


def change(now: tuple[int, int], then: tuple[int, int]) -> str:
    """Whether a share has changed: rise, fall, could be chance, or not known where either has nothing to count.

    >>> change((90, 100), (50, 100)), change((5, 10), (6, 10)), change((0, 0), (6, 10))
    ('rise', 'could be chance', 'not known')
    """
    if not now[1] or not then[1]:
        return "not known"
    low, high = difference(now, then)
    return "rise" if low > 0 else "fall" if high < 0 else "could be chance"


def smallest_rise(n: int, then: tuple[int, int]) -> float:
    """Per cent: the least share of n that chance would not explain as a rise; NaN where even all of them could be.

    >>> smallest_rise(20, (10, 20))
    80.0
    """
    if not n or not then[1]:
        return math.nan
    above = then[0] * n // then[1] + 1
    least = bisect_left(range(above, n + 1), 1, key=lambda k: int(difference((k, n), then)[0] > 0)) + above
    return pct(least, n) if least <= n else math.nan
