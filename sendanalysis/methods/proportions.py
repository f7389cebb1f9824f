"""Shares and counts with what they leave uncertain."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd
import scipy

from sendanalysis.errors import MethodError

if TYPE_CHECKING:
    from collections.abc import Mapping


LEVEL = 0.95


@dataclass(frozen=True)
class Proportion:
    """A share that never travels without its numerator, denominator and interval.

    Attributes:
        events: Numerator: how many, or the sum of the shares that are averaged.
        n: Denominator: out of how many.
        value: events ÷ n, a fraction; NaN when n is 0, since none of none is no share.
        lower: Lower limit, a fraction; NaN where no interval can be given.
        upper: Upper limit, a fraction; NaN likewise.
    """

    events: float
    n: int
    value: float
    lower: float
    upper: float


@dataclass(frozen=True)
class CountChange:
    """Two counts over equal times, compared.

    Attributes:
        ratio: count ÷ baseline; NaN when the baseline is 0.
        lower: Lower limit of the ratio; NaN when both counts are 0.
        upper: Upper limit of the ratio; NaN when the baseline is 0 and it has none.
        p_value: Chance of counts at least this far apart if nothing had changed; 1 when both are 0.
    """

    ratio: float
    lower: float
    upper: float
    p_value: float


def wilson(events: float, n: float, *, level: float = LEVEL) -> Proportion:
    """A share of independent yes-or-no outcomes with Wilson's interval, without continuity correction (Wilson 1927).

    Args:
        events: Outcomes that count as yes, a whole number.
        n: All outcomes, a whole number.
        level: Confidence level.

    Returns:
        The share and its interval, all NaN when n is 0.

    Raises:
        MethodError: A count is missing, negative or not whole, events exceed n, or level is not between 0 and 1.

    >>> share = wilson(17, 20)
    >>> share.value, round(share.lower, 3), round(share.upper, 3)
    (0.85, 0.64, 0.948)
    """
    yes, size = _counts(events, n)
    _check_share("level", level)
    if size == 0:
        return Proportion(yes, 0, math.nan, math.nan, math.nan)
    # SciPy's own is a method of a test whose p-value, never asked for here, takes a thousand times as long.
    z, share = float(scipy.special.ndtri(0.5 + 0.5 * level)), yes / size
    whole = 2 * (size + z**2)
    middle, half = (2 * size * share + z**2) / whole, z / whole * math.sqrt(4 * size * share * (1 - share) + z**2)
    return Proportion(yes, size, share, middle - half if yes else 0.0, middle + half if yes < size else 1.0)


def pct(part: float, whole: float) -> float:
    """Per cent, 100 × part ÷ whole; NaN where the whole is nought."""
    return 100 * float(part) / float(whole) if whole else math.nan


def account(found: Mapping[str, int]) -> pd.DataFrame:
    """What became of the rows of a table.

    Args:
        found: Numbers of rows by what they are; the first is all rows read.

    Returns:
        what, rows_n, share_pct (of all rows read; NaN where there are none).

    >>> account({"rows read": 8, "no date, left out": 2})["share_pct"].tolist()
    [100.0, 25.0]
    """
    table = pd.Series(found, dtype="int64").rename_axis("what").reset_index(name="rows_n")
    return table.assign(share_pct=[pct(n, table["rows_n"].iloc[0]) for n in table["rows_n"]])


def poisson_interval(count: float) -> tuple[float, float]:
    """95% interval of the mean behind one count after Jeffreys: ½χ²(α/2; 2c+1), or 0 for none, and ½χ²(1−α/2; 2c+1).

    It holds the mean about 95 times in 100 where counts are small, too (Brown, Cai & DasGupta 2003); exact limits
    (Garwood 1936) are wider than they say, since a count moves in steps of one.

    Args:
        count: Whole number of independent events.

    Returns:
        Lower and upper limit.

    Raises:
        MethodError: The count is missing, negative or not whole.

    >>> [round(limit, 2) for limit in poisson_interval(6)]
    [2.5, 12.37]
    """
    seen, tail = _whole("count", count), (1 - LEVEL) / 2
    lower = float(scipy.special.gammaincinv(seen + 0.5, tail)) if seen else 0.0
    return lower, float(scipy.special.gammainccinv(seen + 0.5, tail))


def poisson_compare(count: float, baseline: float) -> CountChange:
    """Has a count changed by more than chance since a baseline counted over the same length of time?

    Given their sum, the count is binomial with p = ½ if nothing changed; the exact test and the Clopper–Pearson
    interval of p, turned into p/(1−p), are those of R's poisson.test (Przyborowski & Wilenski 1940).

    Args:
        count: Whole number of independent events now.
        baseline: Whole number of independent events then.

    Returns:
        The ratio, its 95% interval and the p-value.

    Raises:
        MethodError: A count is missing, negative or not whole.

    >>> change = poisson_compare(9, 6)
    >>> change.ratio, round(change.lower, 2), round(change.upper, 2), round(change.p_value, 2)
    (1.5, 0.48, 5.12, 0.61)
    """
    now, then = _whole("count", count), _whole("baseline", baseline)
    if now + then == 0:
        return CountChange(math.nan, math.nan, math.nan, 1.0)
    tail, p_value = (1 - LEVEL) / 2, min(1.0, 2 * float(scipy.special.bdtr(min(now, then), now + then, 0.5)))
    low = float(scipy.special.betaincinv(now, then + 1, tail)) if now else 0.0
    if not then:
        return CountChange(math.nan, low / (1 - low), math.nan, p_value)
    high = float(scipy.special.betaincinv(now + 1, then, 1 - tail))
    return CountChange(now / then, low / (1 - low), high / (1 - high), p_value)


def more_events_needed(events: float, n: float, target: float) -> int:
    """How many more of the same n would have had to be yes for the share to reach the target; 0 once it does.

    Args:
        events: Outcomes that count as yes, a whole number.
        n: All outcomes, a whole number.
        target: Share to be reached, a fraction.

    Returns:
        Number of outcomes.

    Raises:
        MethodError: A count is missing, negative or not whole, events exceed n, or target is not between 0 and 1.

    >>> more_events_needed(17, 20, 0.9)
    1
    """
    yes, size = _counts(events, n)
    _check_share("target", target, ends=True)
    # 0.07 · 100 is 7.000000000000001 in binary: without rounding an eighth event would be asked for.
    return max(0, math.ceil(round(target * size, 9)) - yes)


def n_needed_to_tell(events: float, n: float, target: float) -> int | None:
    """How many outcomes, at the share seen so far, would tell it from the target.

    Wilson's 95% interval leaves the target t out as soon as n > z²·t(1−t)/(p−t)². Outcomes in clusters need more.

    Args:
        events: Outcomes that count as yes, a whole number.
        n: All outcomes, a whole number.
        target: Share to be told from, a fraction.

    Returns:
        Number of outcomes in all; None when the share equals the target, or there is none, and no number would do.

    Raises:
        MethodError: A count is missing, negative or not whole, events exceed n, or target is not between 0 and 1.

    >>> n_needed_to_tell(17, 20, 0.9)
    139
    """
    share = wilson(events, n).value
    _check_share("target", target, ends=True)
    if math.isnan(share) or math.isclose(share, target):
        return None
    return math.floor(scipy.special.ndtri((1 - LEVEL) / 2) ** 2 * target * (1 - target) / (share - target) ** 2) + 1


def _whole(name: str, value: float) -> int:
    if not (math.isfinite(value) and value >= 0 and value == int(value)):
        raise MethodError(f"{name}: {value} is not a count. Give a whole number of 0 or more.")
    return int(value)


def _counts(events: float, n: float) -> tuple[int, int]:
    yes, size = _whole("events", events), _whole("n", n)
    if yes > size:
        raise MethodError(f"events: {yes} is more than n, {size}. Count events among the n.")
    return yes, size


def _check_share(name: str, value: float, *, ends: bool = False) -> None:
    if not (0 < value < 1 or (ends and value in {0, 1})):
        raise MethodError(f"{name}: {value} is not a share between 0 and 1. Write 95% as 0.95.")
