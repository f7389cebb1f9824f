"""Waiting times when some are still waiting: leaving them out would make every wait look short."""

from __future__ import annotations

import math
import warnings
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd
from scipy import stats

from sendanalysis.errors import MethodError

if TYPE_CHECKING:
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
    days, finished = _checked(durations, observed)
    if not 0 < level < 1:
        raise MethodError(f"level: {level} is not between 0 and 1. Write 95% as 0.95.")
    curve: Any = stats.ecdf(stats.CensoredData.right_censored(days, ~finished)).sf
    with warnings.catch_warnings():
        # SciPy warns of the NaN that this function documents.
        warnings.filterwarnings("ignore", "The confidence interval is undefined", RuntimeWarning)
        interval = curve.confidence_interval(level, method="log-log")
    time = np.unique(days)
    return pd.DataFrame(
        {
            "time": time,
            "at_risk": days.size - np.searchsorted(np.sort(days), time),
            "events": np.bincount(np.searchsorted(time, days[finished]), minlength=time.size),
            "survival": curve.probabilities,
            "lower": interval.low.probabilities,
            "upper": interval.high.probabilities,
        }
    )


def wait_quantile(curve: pd.DataFrame, q: float) -> Wait:
    """Time by which a share q has finished waiting: q = 0.5 is the median, q = 0.92 the time 92 in 100 are done by.

    The first time at which S ≤ 1 − q; the limits are the same reading of the interval's lower and upper curve
    (Brookmeyer & Crowley 1982). Where S equals 1 − q exactly R takes the middle of the step, this function its start.

    Args:
        curve: What `kaplan_meier` returned.
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
        90 in 100 are done:
        quantile_pct, days, lower_days, upper_days, reading (reached, not reached), and `counts`.
    """
    columns = [*QUANTILES, *counts]
    finished = np.asarray(observed, dtype=bool)
    if not finished.size:
        return pd.DataFrame(columns=CURVE), pd.DataFrame(columns=columns)
    curve = kaplan_meier(durations, finished)
    rows = []
    for share in QUANTILES_PCT:
        wait = wait_quantile(curve, share / 100)
        reading = "not reached" if math.isnan(wait.days) else "reached"
        rows.append((share, *wait, reading, finished.size, int(finished.sum())))
    table = curve[["time", "at_risk"]].join(curve[["survival", "lower", "upper"]] * 100)
    return table.set_axis(CURVE, axis=1), pd.DataFrame(rows, columns=columns)


def _checked(
    durations: npt.ArrayLike, observed: npt.ArrayLike
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.bool_]]:
    days, flags = np.asarray(durations, dtype=float), np.asarray(observed, dtype=float)
    if days.shape != flags.shape or not days.size:
        raise MethodError(f"durations, observed: {days.size} and {flags.size} values. Give one of each per wait.")
    for name, values, wrong, rule in (
        ("durations", days, ~np.isfinite(days) | (days < 0), "a time of 0 or more"),
        ("observed", flags, (flags != 0) & (flags != 1), "true or false"),
    ):
        if wrong.any():
            at = int(np.argmax(wrong))
            raise MethodError(f"{name}: {values[at]:g} at position {at + 1} is not {rule}.")
    return days, flags.astype(bool)
