"""Waiting times when some are still waiting: leaving them out would make every wait look short."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd
import scipy

from sendanalysis.errors import MethodError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import numpy.typing as npt

TIE = 1e-9
QUANTILES_PCT = (50, 90)
CURVE = ["time_days", "at_risk", "value", "lower", "upper"]
QUANTILES = ("quantile_pct", "days", "lower_days", "upper_days", "reading")


class Wait(NamedTuple):
    """The time by which a share has finished waiting; NaN wherever it is not reached, never infinity.

    Attributes:
        days: First time at which the share is reached.
        lower: Lower limit of that time.
        upper: Upper limit of that time.
    """

    days: float
    lower: float
    upper: float


def kaplan_meier(durations: npt.ArrayLike, observed: npt.ArrayLike, *, level: float = 0.95) -> pd.DataFrame:
    """Share still waiting after each duration, those who have not finished counted for as long as they were seen.

    S(t) = Π (1 − events/at risk) over the times up to t (Kaplan & Meier 1958); variance by Greenwood, interval on the
    log-log scale. Who is censored at a time is still at risk at it.

    Args:
        durations: Time from start to finish, or to the last day seen, in any one unit, 0 or more.
        observed: True where the wait finished; False where it was still going on (right censoring).
        level: Confidence level.

    Returns:
        One row per distinct duration: time, at_risk, events, survival, lower, upper. The interval is NaN while nobody
        has finished and once nobody is left.

    Raises:
        MethodError: No duration, unequal lengths, a missing or negative duration, or observed other than true or false.

    >>> kaplan_meier([10, 20, 20, 30], [True, True, False, False])[["time", "at_risk", "events", "survival"]].values
    array([[10.  ,  4.  ,  1.  ,  0.75],
           [20.  ,  3.  ,  1.  ,  0.5 ],
           [30.  ,  1.  ,  0.  ,  0.5 ]])
    """
    days, marks = _checked(durations, observed, "observed", (0, 1), "true or false")
    if not 0 < level < 1:
        raise MethodError(f"level: {level} is not between 0 and 1. Write 95% as 0.95.")
    found = cumulative_incidence(days, marks, level=level)
    at_risk, events = found["at_risk"], found["events"]
    return found[["time", "at_risk", "events"]].assign(
        survival=((at_risk - events) / at_risk).cumprod(), lower=1 - found["upper"], upper=1 - found["lower"]
    )


def mean_limits(waits: npt.ArrayLike) -> tuple[float, float]:
    """95% limits of a mean wait: Student's, but the upper one Cox's for a log-normal mean where that is higher.

    Waits are skewed, and Student's limit alone misses a long mean (Zhou & Gao 1997). Half a unit is added for the
    logarithm of waits of nought.

    Args:
        waits: Two or more waits in any one unit, 0 or more.

    >>> [round(limit, 1) for limit in mean_limits([2, 4, 5, 7, 30])]
    [0.0, 43.5]
    """
    times = np.asarray(waits, dtype=float)
    n, log = times.size, np.log(times.clip(min=0) + 0.5)
    t, variance = float(scipy.special.stdtrit(n - 1, 0.975)), float(log.var(ddof=1))
    half = t * float(times.std(ddof=1)) / math.sqrt(n)
    cox = log.mean() + variance / 2 + t * math.sqrt(variance / n + variance**2 / (2 * (n - 1)))
    return max(0.0, float(times.mean()) - half), max(float(times.mean()) + half, math.exp(cox) - 0.5)


def wait_quantile(curve: pd.DataFrame, q: float) -> Wait:
    """Time by which a share q has finished waiting: q = 0.5 is the median, q = 0.92 the time 92 in 100 are done by.

    The first time at which S ≤ 1 − q; the limits are the same reading of the interval's lower and upper curve
    (Brookmeyer & Crowley 1982). Where S equals 1 − q exactly R takes the middle of the step, this function its start.

    Args:
        curve: What `kaplan_meier` returned; time, survival, lower and upper are read.
        q: Share finished, between 0 and 1.

    Returns:
        The time and its limits; NaN where not reached.

    Raises:
        MethodError: q is not between 0 and 1.

    >>> wait_quantile(kaplan_meier([10, 20, 20, 30], [True, True, False, False]), 0.5).days
    20.0
    """
    if not 0 < q < 1:
        raise MethodError(f"q: {q} is not between 0 and 1. Write the median as 0.5.")
    reached = [curve["time"][curve[name] <= 1 - q + TIE] for name in ("survival", "lower", "upper")]
    return Wait(*(float(times.iloc[0]) if len(times) else math.nan for times in reached))


def cumulative_incidence(durations: npt.ArrayLike, causes: npt.ArrayLike, *, level: float = 0.95) -> pd.DataFrame:
    """Share of all in whom one event has happened, where another, such as leaving, can happen in its place.

    I(t) = Σ S(u−) · events/at risk over the times u up to t, with S the share in whom neither has happened
    (Aalen & Johansen 1978). Variance by the delta method (Marubini & Valsecchi 1995, 10.12), interval on the scale
    log(−log(1 − I)); with no other event I is 1 less the Kaplan–Meier curve and the interval is that of `kaplan_meier`.

    Args:
        durations: Time from start to the first event, or to the last day seen, in any one unit, 0 or more.
        causes: 1 where the event asked for came first, 2 where another did, 0 where neither has come yet.
        level: Confidence level.

    Returns:
        One row per distinct duration: time, at_risk, events, others, incidence, lower, upper, other_incidence. The
        interval is NaN while nobody has had the event and once everybody has.

    Raises:
        MethodError: No duration, unequal lengths, a missing or negative duration, or a cause other than 0, 1 or 2.

    >>> cumulative_incidence([10, 20, 20, 30], [1, 2, 1, 0])[["time", "incidence", "other_incidence"]].values
    array([[10.  ,  0.25,  0.  ],
           [20.  ,  0.5 ,  0.25],
           [30.  ,  0.5 ,  0.25]])
    """
    days, which = _checked(durations, causes, "causes", (0, 1, 2), "0, 1 or 2")
    time = np.unique(days)
    place = np.searchsorted(time, days)
    events, others = (np.bincount(place[which == cause], minlength=time.size) for cause in (1, 2))
    at_risk = days.size - np.searchsorted(np.sort(days), time)
    free = np.cumprod(1 - (events + others) / at_risk)
    before = np.concatenate([[1.0], free[:-1]])
    incidence = np.cumsum(before * events / at_risk)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        spread = np.sqrt(_variance(incidence, before, events, others, at_risk))
        spread /= np.abs((1 - incidence) * np.log1p(-incidence))
        ends = [1 - (1 - incidence) ** np.exp(sign * scipy.special.ndtri((1 + level) / 2) * spread) for sign in (-1, 1)]
    some = (incidence > TIE) & (incidence < 1 - TIE)
    return pd.DataFrame(
        {
            "time": time,
            "at_risk": at_risk,
            "events": events,
            "others": others,
            "incidence": incidence,
            "lower": np.where(some, ends[0], math.nan),
            "upper": np.where(some, ends[1], math.nan),
            "other_incidence": np.cumsum(before * others / at_risk),
        }
    )


def _variance(
    incidence: npt.NDArray[np.float64],
    before: npt.NDArray[np.float64],
    events: npt.NDArray[np.int64],
    others: npt.NDArray[np.int64],
    at_risk: npt.NDArray[np.int64],
) -> npt.NDArray[np.float64]:
    """Variance of a cumulative incidence at each time: three sums over the times up to it, squares multiplied out."""
    ended = events + others
    hazard = np.where(ended < at_risk, ended / at_risk / np.maximum(at_risk - ended, 1), 0.0)  # Greenwood
    own = before**2 * events * (at_risk - events) / at_risk**3.0
    both = before * events / at_risk**2.0
    squared = incidence**2 * hazard.cumsum() - 2 * incidence * (incidence * hazard).cumsum()
    squared += (incidence**2 * hazard).cumsum()
    crossed = incidence * both.cumsum() - (incidence * both).cumsum()
    found: npt.NDArray[np.float64] = np.maximum(squared + own.cumsum() - 2 * crossed, 0.0)
    return found


def in_groups(
    tables: Callable[[pd.Series, pd.Series, tuple[str, str]], tuple[pd.DataFrame, pd.DataFrame]],
    durations: pd.Series,
    ends: pd.Series,
    groups: Mapping[str, pd.Series[bool]],
    counts: tuple[str, str],
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """`wait_tables` or `incidence_tables` of each group of the rows, with the group first."""
    found = {group: tables(durations[own], ends[own], counts) for group, own in groups.items()}
    curves, quantiles = (pd.concat({group: each[place] for group, each in found.items()}) for place in (0, 1))
    return _with_group(curves), _with_group(quantiles)


def _with_group(tables: pd.DataFrame) -> pd.DataFrame:
    return tables.droplevel(1).rename_axis("group").reset_index()


def wait_tables(
    durations: npt.ArrayLike, observed: npt.ArrayLike, counts: tuple[str, str]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The Kaplan–Meier curve and its quantiles as released tables; both are empty where there are no durations.

    Args:
        durations: Days, as for `kaplan_meier`.
        observed: As for `kaplan_meier`.
        counts: Columns of the number of durations and of those that finished.

    Returns:
        The curve: time_days, at_risk, value (per cent still waiting), lower, upper. The times by which 50 and
        90 in 100 are done: quantile_pct, days, lower_days, upper_days, reading (reached, not reached), and `counts`.
    """
    finished = np.asarray(observed, dtype=bool)
    return _released(kaplan_meier(durations, finished) if finished.size else None, counts, finished)


def incidence_tables(
    durations: npt.ArrayLike, causes: npt.ArrayLike, counts: tuple[str, str]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The cumulative incidence in the tables of `wait_tables`: not done are those who left and those who wait.

    Args:
        durations: Days, as for `cumulative_incidence`.
        causes: As for `cumulative_incidence`.
        counts: As for `wait_tables`.

    Returns:
        As `wait_tables`; the quantiles with left_pct: per cent of all who had left by then, or by the last day seen
        where the time is not reached.
    """
    which = np.asarray(causes, dtype=int)
    found = cumulative_incidence(durations, which) if which.size else None
    curve = None
    if found is not None:
        not_done = {"survival": 1 - found["incidence"], "lower": 1 - found["upper"], "upper": 1 - found["lower"]}
        curve = found[["time", "at_risk"]].assign(**not_done)
    steps, table = _released(curve, counts, which == 1)
    last = table["days"].fillna(math.inf)
    left = [100 * found["other_incidence"][found["time"] <= day].iloc[-1] for day in last if found is not None]
    return steps, table.assign(left_pct=left)


def _released(
    curve: pd.DataFrame | None, counts: tuple[str, str], finished: npt.NDArray[np.bool_]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    columns = [*QUANTILES, *counts]
    if curve is None:
        return pd.DataFrame(columns=CURVE), pd.DataFrame(columns=columns)
    rows = []
    for share in QUANTILES_PCT:
        wait = wait_quantile(curve, share / 100)
        reading = "not reached" if math.isnan(wait.days) else "reached"
        rows.append((share, *wait, reading, finished.size, int(finished.sum())))
    table = curve[["time", "at_risk"]].join(curve[["survival", "lower", "upper"]] * 100)
    return table.set_axis(CURVE, axis=1), pd.DataFrame(rows, columns=columns)


def _checked(
    durations: npt.ArrayLike, flags: npt.ArrayLike, name: str, allowed: tuple[int, ...], words: str
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.int64]]:
    days, marks = np.asarray(durations, dtype=float), np.asarray(flags, dtype=float)
    if days.shape != marks.shape or not days.size:
        raise MethodError(f"durations, {name}: {days.size} and {marks.size} values. Give one of each per wait.")
    for of, values, wrong, rule in (
        ("durations", days, ~np.isfinite(days) | (days < 0), "a time of 0 or more"),
        (name, marks, ~np.isin(marks, allowed), words),
    ):
        if wrong.any():
            at = int(np.argmax(wrong))
            raise MethodError(f"{of}: {values[at]:g} at position {at + 1} is not {rule}.")
    return days, marks.astype(int)
