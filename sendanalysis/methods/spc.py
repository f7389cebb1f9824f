"""Statistical process control: which movements of a monthly series deserve an explanation, and which are noise."""

from __future__ import annotations

import datetime as dt
import math
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd

from sendanalysis.errors import MethodError

if TYPE_CHECKING:
    from collections.abc import Iterable

    import numpy.typing as npt

    Numbers = npt.NDArray[np.float64]
    Flags = npt.NDArray[np.bool_]

LIMIT = 2.66
NEAR_LIMIT = 2 * (LIMIT / 3)
SCREEN = 3.267
RUN = 7
D2 = 1.128
RULES = ("plotthedots", "mdc")
# A signal code is an index here: 0 is common cause, and a negative code counts from the end.
UPWARD_CAUSES = ("Common Cause", "Above UCL", "7 Point Trend (Increasing)", "2 in 3 Above CL", "7 Points Above CL")
DOWNWARD_CAUSES = ("7 Points Below CL", "2 in 3 Below CL", "7 Point Trend (Decreasing)", "Below LCL")
CAUSES = UPWARD_CAUSES + DOWNWARD_CAUSES
POINT_TYPES = {
    "increase": ("common_cause", "special_cause_improvement", "special_cause_concern"),
    "decrease": ("common_cause", "special_cause_concern", "special_cause_improvement"),
    "neutral": ("common_cause", "special_cause_neutral_high", "special_cause_neutral_low"),
}


@dataclass(frozen=True)
class XmrSummary:
    """What an XmR chart says in a line.

    Attributes:
        variation: Point type of the last observed point; None when nothing was observed.
        assurance: consistent_pass, consistent_fail or inconsistent (hit or miss) against the last group's limits;
            None without a target, when neither direction is good, or when the last group has no value.
        n: Values observed in the series.
        group_n: Values observed in its last group.
        median: Median of the last group's values, the centre line of a run chart.
        limits_shown: Whether the last group has values enough for limits and icons; if not, draw a run chart.
    """

    variation: str | None
    assurance: str | None
    n: int
    group_n: int
    median: float
    limits_shown: bool


class Xmr(NamedTuple):
    """An XmR chart: its points, one row a date, and what they add up to."""

    points: pd.DataFrame
    summary: XmrSummary


def xmr(  # noqa: PLR0913  # one keyword for each choice the published method leaves open
    y: pd.Series[float],
    *,
    direction: str = "increase",
    target: float | None = None,
    rebase: Iterable[str | dt.date] = (),
    fix_after: int | None = None,
    screen: bool = True,
    rules: str = "plotthedots",
    min_points: int = 13,
) -> Xmr:
    """Tell signal from noise in one series, as NHS England's Making Data Count does.

    Limits m ± 2.66·A, near limits m ± (2/3)·2.66·A: m is the mean, A the mean absolute step between neighbours, taken
    anew without steps of 3.267·A or more (Nelson 1982). A point's special cause is the first that fits: outside a
    limit; in a trend of 7; one of two in three beyond a near limit; one of 7 on the same side of m.

    Args:
        y: Values of any one unit, indexed by date in any order. A missing value is a gap that ends runs and trends.
        direction: Which way is better: increase, decrease or neutral.
        target: Value the assurance is judged against, in the unit of y.
        rebase: Dates in y at which a new group starts; limits and runs never cross groups.
        fix_after: Take limits from the first so many values of each group, 12 or more.
        screen: Leave out extreme steps, unless no step but zeros would remain.
        rules: plotthedots, or mdc, where points outside the limits also count towards two in three.
        min_points: Values a group needs for its limits to be shown; computed they always are.

    Returns:
        Points, indexed like y and sorted: value, group, mean, lower, upper, near_lower, near_upper, median,
        limits_shown, special_cause, point_type (these two missing at a gap). And their summary.

    Raises:
        MethodError: A parameter, date or value that the method has no answer for, named in the text.

    >>> months = pd.date_range("2021-01-01", periods=14, freq="MS")
    >>> points, summary = xmr(pd.Series([50.0, 52, 49, 51, 50, 52, 49, 50, 51, 49, 50, 52, 51, 70], months), target=90)
    >>> points.special_cause.iloc[-1], summary.variation, summary.assurance
    ('Above UCL', 'special_cause_improvement', 'consistent_fail')
    """
    _check_options(direction, target, fix_after, rules)
    series, dates = _by_date(y)
    values = _finite(series)
    group = np.cumsum(_group_starts(dates, rebase))
    parts = [_chart_group(values[group == g], fix_after, screen, rules, min_points) for g in np.unique(group)]
    levels = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    seen, codes = ~np.isnan(values), levels.pop("code")
    cause, kind = _worded(codes, CAUSES, seen), _worded(np.sign(codes), POINT_TYPES[direction], seen)
    columns: dict[str, Any] = {"value": values, "group": group, **levels, "special_cause": cause, "point_type": kind}
    return Xmr(pd.DataFrame(columns, index=series.index), _summarise(columns, seen, direction, target))


def p_chart(events: npt.ArrayLike, n: npt.ArrayLike, *, prime: bool = True, screen: bool = False) -> pd.DataFrame:
    """Limits for a series of proportions whose denominators differ.

    p̄ = Σevents/Σn; σᵢ = √(p̄(1−p̄)/nᵢ); zᵢ = (pᵢ−p̄)/σᵢ; σ_z = mean|Δz|/1.128. Limits p̄ ± 3σᵢ, and for p′ p̄ ± 3σᵢσ_z,
    which allows for periods that differ by more than chance (Laney 2002).

    Args:
        events: Counts per period; a Series lends its index to the result.
        n: Denominators per period; a period with 0 is a gap.
        prime: Laney's p′; else the plain p chart.
        screen: Leave out |Δz| of 3.267 times their mean or more.

    Returns:
        value, centre, lower, upper per period, as fractions within [0, 1].

    Raises:
        MethodError: No periods, unequal lengths, a missing or negative count, or events above n.

    >>> p_chart([8, 9, 7], [10, 10, 10]).round(3).iloc[0].to_dict()
    {'value': 0.8, 'centre': 0.8, 'lower': 0.401, 'upper': 1.0}
    """
    y, size = _checked_counts(events, n)
    with np.errstate(divide="ignore", invalid="ignore"):
        value, centre = y / size, y.sum() / size.sum()
        sigma = np.sqrt(centre * (1 - centre) / size)
        z = (value - centre) / sigma
    spread = np.where(size > 0, 3 * sigma, np.nan)
    if prime and 0 < centre < 1:
        spread = spread * _average_range(z, screen=screen) / D2
    columns = {"value": value, "centre": centre, "lower": centre - spread, "upper": centre + spread}
    return pd.DataFrame(columns, index=events.index if isinstance(events, pd.Series) else None).clip(0, 1)


def _check_options(direction: str, target: float | None, fix_after: int | None, rules: str) -> None:
    for name, chosen, known in (("direction", direction, tuple(POINT_TYPES)), ("rules", rules, RULES)):
        if chosen not in known:
            raise MethodError(f"{name}: '{chosen}' is not known. Use one of {', '.join(known)}.")
    if target is not None and not math.isfinite(target):
        raise MethodError(f"target: {target} is not a number. Leave it None where there is no target.")
    if fix_after is not None and not fix_after >= 12:
        raise MethodError(f"fix_after: {fix_after} is too few. Limits need 12 points or more.")


def _by_date(y: pd.Series[float]) -> tuple[pd.Series[float], pd.DatetimeIndex]:
    if y.empty:
        raise MethodError("y: the series is empty. Give at least one value.")
    dates = _as_dates(y.index)
    if dates.hasnans:
        raise MethodError("y: its index has a missing date. Every value needs a date.")
    if not dates.is_unique:
        raise MethodError(f"y: date {dates[dates.duplicated()][0]:%Y-%m-%d} occurs twice. Give one value a date.")
    if dates.is_monotonic_increasing:
        return y, dates
    order = np.argsort(dates.to_numpy())
    return y.iloc[order], dates[order]


def _as_dates(index: pd.Index) -> pd.DatetimeIndex:
    if isinstance(index, pd.PeriodIndex):
        return index.to_timestamp()
    if index.inferred_type in {"datetime64", "datetime", "date", "string"}:
        with suppress(ValueError):
            return pd.DatetimeIndex(index)
    raise MethodError(f"y: its index begins with {index[0]!r} and is not all dates. Index the series by date.")


def _finite(series: pd.Series[float]) -> Numbers:
    try:
        values = np.asarray(series.to_numpy(dtype=float, na_value=np.nan), dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise MethodError(f"y: {error}. Give numbers.") from error
    if np.isinf(values).any():
        raise MethodError(f"y: the value at {series.index[np.isinf(values)][0]} is infinite. Give a number, or a gap.")
    return values


def _group_starts(dates: pd.DatetimeIndex, rebase: Iterable[str | dt.date]) -> Flags:
    starts = np.zeros(len(dates), dtype=bool)
    for day in [rebase] if isinstance(rebase, str | dt.date) else rebase:
        try:
            starts[dates.get_loc(pd.Timestamp(day))] = True
        except (KeyError, ValueError) as error:
            raise MethodError(f"rebase: {day} is no date of the series. Name the new group's first date.") from error
    return starts


def _chart_group(y: Numbers, fix_after: int | None, screen: bool, rules: str, min_points: int) -> dict[str, Numbers]:
    seen = ~np.isnan(y)
    basis = y if fix_after is None else np.where(np.cumsum(seen) <= fix_after, y, np.nan)
    mean, step = _centre(basis), _average_range(basis, screen=screen)
    levels = {
        "mean": mean,
        "lower": mean - LIMIT * step,
        "upper": mean + LIMIT * step,
        "near_lower": mean - NEAR_LIMIT * step,
        "near_upper": mean + NEAR_LIMIT * step,
        "median": float(np.median(y[seen])) if seen.any() else math.nan,
        "limits_shown": bool(seen.sum() >= min_points),
    }
    return {name: np.full(y.size, level) for name, level in levels.items()} | {"code": _signals(y, levels, rules)}


def _centre(y: Numbers) -> float:
    seen = y[~np.isnan(y)]
    if not seen.size:
        return math.nan
    # A mean that is off by its last bit would put values equal to it on one side, and a flat series outside its limits.
    rough = seen.mean(dtype=np.longdouble)
    return float(rough + (seen - rough).mean(dtype=np.longdouble))


def _average_range(y: Numbers, *, screen: bool) -> float:
    ranges = np.abs(np.diff(y))
    average = _centre(ranges)
    kept = ranges[ranges < SCREEN * average]
    return _centre(kept) if screen and kept.any() else average


def _signals(y: Numbers, level: dict[str, float], rules: str) -> Numbers:
    side = np.nan_to_num(np.sign(y - level["mean"]))
    outside = (y > level["upper"]) | (y < level["lower"])
    beyond = (y > level["near_upper"]) | (y < level["near_lower"])
    near = beyond & ~outside
    crowded = (np.abs(_sums(side, 3)) == 3) & (_sums(beyond if rules == "mdc" else near, 3) >= 2)
    one_sided = np.abs(_sums(side, RUN)) == RUN
    heading, trend = _trends(y)
    cases = [outside, trend, near & _covered(crowded, 3), _covered(one_sided, RUN)]
    return np.select(cases, [side, 2 * heading, 3 * side, 4 * side], 0.0)


def _trends(y: Numbers) -> tuple[Numbers, Flags]:
    step = np.nan_to_num(np.sign(np.diff(y, append=np.nan)))
    trend = _covered(np.abs(_sums(step, RUN - 1)) == RUN - 1, RUN)
    ahead = trend & np.append(trend[1:], False)
    # As in the reference, a step of nought between two trends reads as falling.
    return np.where(np.where(ahead, step, np.roll(step, 1)) == 1, 1.0, -1.0), trend


def _sums(values: Numbers | Flags, width: int) -> Numbers:
    return np.convolve(values, np.ones(width))[width - 1 :]


def _covered(starts: Flags, width: int) -> Flags:
    return np.convolve(starts, np.ones(width))[: starts.size] > 0


def _worded(codes: Numbers, words: tuple[str, ...], seen: Flags) -> pd.api.extensions.ExtensionArray:
    said = [words[int(code)] if here else None for code, here in zip(codes, seen, strict=True)]
    return pd.array(said, dtype="str")


def _summarise(columns: dict[str, Any], seen: Flags, direction: str, target: float | None) -> XmrSummary:
    last = {name: column[-1] for name, column in columns.items()}
    return XmrSummary(
        variation=columns["point_type"][seen][-1] if seen.any() else None,
        assurance=_assure(last, direction, target),
        n=int(seen.sum()),
        group_n=int(seen[columns["group"] == last["group"]].sum()),
        median=float(last["median"]),
        limits_shown=bool(last["limits_shown"]),
    )


def _assure(last: dict[str, float], direction: str, target: float | None) -> str | None:
    if target is None or direction == "neutral" or math.isnan(last["mean"]):
        return None
    if last["lower"] <= target <= last["upper"] or math.isnan(last["lower"]):
        return "inconsistent"
    return "consistent_fail" if (target > last["upper"]) == (direction == "increase") else "consistent_pass"


def _checked_counts(events: npt.ArrayLike, n: npt.ArrayLike) -> tuple[Numbers, Numbers]:
    y, size = np.asarray(events, dtype=float), np.asarray(n, dtype=float)
    if y.shape != size.shape or not y.size:
        raise MethodError(f"events, n: {y.size} and {size.size} values. Give one of each per period, and at least one.")
    wrong = ~((y >= 0) & (y <= size) & np.isfinite(size))
    if wrong.any():
        at = int(np.argmax(wrong))
        raise MethodError(f"events, n: {y[at]:g} of {size[at]:g} in period {at + 1}. Give counts with 0 ≤ events ≤ n.")
    return y, size
