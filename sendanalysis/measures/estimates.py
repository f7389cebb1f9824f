"""Statistics: each turns the rows of a group in a window into a figure with its interval."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

import numpy as np
import pandas as pd

from sendanalysis.methods.clusters import clustered, correlation, mean_of_shares
from sendanalysis.methods.periods import Window
from sendanalysis.methods.proportions import pct, poisson_interval, wilson
from sendanalysis.methods.texts import parts

if TYPE_CHECKING:
    import datetime as dt

    import numpy.typing as npt


class Values(NamedTuple):
    """What a statistic gives: numerator, denominator, value and interval, each NaN where there is none."""

    n: float
    of: float
    value: float
    lower: float = math.nan
    upper: float = math.nan


Statistic: TypeAlias = Callable[[pd.DataFrame, pd.DataFrame, Window], Values]


def share(rows: pd.DataFrame, _inside: pd.DataFrame, _window: Window) -> Values:
    """Rows that are met, of all, in per cent with Wilson's interval."""
    return _in_per_cent(wilson(int(rows["met"].sum()), len(rows)))


def plain(rows: pd.DataFrame, _inside: pd.DataFrame, _window: Window) -> Values:
    """Rows that are met, of all, in per cent, without an interval: context beside a figure that has one."""
    return Values(n := int(rows["met"].sum()), len(rows), pct(n, len(rows)))


def share_of(column: str) -> Statistic:
    """Units that a column names, each met when all its rows of a month are, in per cent with Wilson's interval.

    A unit counts once a calendar month in which it has a row, so that a month and a longer window are like with like.
    """

    def statistic(rows: pd.DataFrame, _inside: pd.DataFrame, _window: Window) -> Values:
        named = rows[rows[column].notna()]
        months = named["on"].to_numpy(dtype="datetime64[M]").astype(np.int64)
        codes, texts = parts(named[column])
        met, n = _by_unit(pd.factorize(months * len(texts) + codes)[0], named)
        return _in_per_cent(wilson(int((met == n).sum()), len(n)))

    return statistic


def _by_unit(codes: npt.NDArray[Any], rows: pd.DataFrame) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
    """How many rows of each unit are met, and how many it has; those of units without a code are left out."""
    known = codes >= 0
    met = np.bincount(codes[known], rows["met"].to_numpy(dtype="float64")[known])
    return met.astype(np.float64), np.bincount(codes[known]).astype(np.float64)


@dataclass(frozen=True)
class Pooled:
    """Rows that are met, of all, where the rows of one unit move together; see `clustered` for the interval.

    Attributes:
        column: What names the unit, such as a plan.
        mean: Whether the units' own shares are averaged instead.
        known: How much rows of one unit move together; told by the rows of the figure alone, if not given.
    """

    column: str
    mean: bool = False
    known: float | None = None

    def learner(self, rows: pd.DataFrame) -> Callable[[dt.date], Statistic]:
        """The same at each day, told by the rows that fell by then how much those of one unit and day move together."""
        named = rows[rows[self.column].notna()]
        codes, texts = parts(named[self.column])
        days, many = named["on"].to_numpy(dtype="datetime64[D]").astype(np.int64), max(1, len(texts))
        units_, keys = pd.factorize(days * many + codes)
        met, n = _by_unit(units_, named)
        fell = (keys // many).astype("datetime64[D]")
        return lambda day: replace(
            self, known=correlation(met[fell <= np.datetime64(day)], n[fell <= np.datetime64(day)])
        )

    def __call__(self, rows: pd.DataFrame, _inside: pd.DataFrame, _window: Window) -> Values:
        """The figure of a group and window."""
        found = mean_of_shares if self.mean else clustered
        return _in_per_cent(found(*_by_unit(parts(rows[self.column])[0], rows), known=self.known))


def events(rows: pd.DataFrame, _inside: pd.DataFrame, _window: Window) -> Values:
    """How many there were, with the Poisson interval of a count of independent events."""
    return Values(len(rows), math.nan, len(rows), *poisson_interval(len(rows)))


def present(rows: pd.DataFrame, _inside: pd.DataFrame, _window: Window) -> Values:
    """How many there are; a census of what is there has no interval."""
    return Values(len(rows), math.nan, len(rows))


def units(column: str) -> Statistic:
    """How many different units a column names, without an interval."""

    def statistic(rows: pd.DataFrame, _inside: pd.DataFrame, _window: Window) -> Values:
        n = rows[column].nunique()
        return Values(n, math.nan, n)

    return statistic


def unmet(rows: pd.DataFrame, _inside: pd.DataFrame, _window: Window) -> Values:
    """How many are not met yet, of all."""
    return Values(n := int((~rows["met"].astype(bool)).sum()), len(rows), n if len(rows) else math.nan)


def part(rows: pd.DataFrame, inside: pd.DataFrame, _window: Window) -> Values:
    """How many belong to a group, of all, in per cent; a census has no interval."""
    return Values(len(rows), len(inside), pct(len(rows), len(inside)))


def rate(population: Callable[[dt.date], float], per: float) -> Statistic:
    """Events per so many people, with the Poisson interval; NaN while the population is not known."""

    def statistic(rows: pd.DataFrame, _inside: pd.DataFrame, window: Window) -> Values:
        people, n = population(window.last), len(rows)
        factor = per / people if people > 0 else math.nan
        return Values(n, people, n * factor, *(factor * end for end in poisson_interval(n)))

    return statistic


def _in_per_cent(found: Any) -> Values:
    return Values(found.events, found.n, 100 * found.value, 100 * found.lower, 100 * found.upper)
