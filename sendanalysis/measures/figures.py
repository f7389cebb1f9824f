"""Figures: every released number as one row of one shape, counted from a ledger by one function.

A measure declares what is counted: its ledger (one row a unit, with the day `on` which it falls, whether it `counts`,
whether it is `met`, and columns to group by), its groups, the windows it is counted over and the statistic that turns
rows into a figure. All else follows.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import pandas as pd

from sendanalysis.measures.estimates import Pooled, Statistic, share
from sendanalysis.methods.periods import Period, Window, windows
from sendanalysis.methods.texts import among, parts

if TYPE_CHECKING:
    import datetime as dt

COLUMNS = ["measure", "group", "window", "first_on", "last_on", "n", "of", "value", "lower", "upper", "state"]
KNOWN, NOTHING, NOT_KNOWN, HIDDEN = "known", "nothing counted", "not known", "suppressed"
ALL = "all"

Tables: TypeAlias = Mapping[str, pd.DataFrame]
Rows: TypeAlias = Callable[[pd.DataFrame], "pd.Series[bool]"]


def every_row(rows: pd.DataFrame) -> pd.Series[bool]:
    """The group of all rows."""
    return pd.Series(data=True, index=rows.index)


@dataclass(frozen=True)
class Measure:
    """What is counted.

    Attributes:
        name: Its name in every table.
        label: What the figure is, in words.
        counted: What is counted, as one and as many.
        needs: Tables it reads.
        ledger: Makes the ledger from the typed tables as known at the close of a day: on, counts, met, and columns to
            group by; `usable` where rows can be recorded so badly that they cannot be counted.
        groups: Rows of each group by its name, which may overlap; or a column each of whose values is a group.
        windows: Windows released, by name, with whether one is wanted for each month; the first is the measure's own.
        statistic: Turns the rows of a group, all rows of the window and the window into a figure.
        unit: percent, or what a value is in.
        once: Columns of whose values the latest row of a window counts alone, such as an audit of a plan, by `order`.
        order: Columns that say which row is the latest; the last of them names the rows that belong together.
        adds_up: Whether a longer window holds more, as a count does, so that windows of one length alone compare.
        standing: Whether a window takes in whatever began by its last day, each as it stood then.
        as_known: Whether each window is counted from the ledger as it was known at its end, as in a standing measure.
        census: Whether it counts all there are, such as the children of a cohort, so that chance has no part in it.
        closes_on: Day from which a count to date grows no more; None where it always may.
        keep: Told the rows of each figure as it is counted: window, group, its rows, and all rows of the window.
    """

    name: str
    label: str
    counted: tuple[str, str]
    needs: tuple[str, ...]
    ledger: Callable[[Tables, dt.date], pd.DataFrame]
    groups: Mapping[str, Rows] | str = field(default_factory=lambda: {ALL: every_row})
    windows: tuple[tuple[str, bool], ...] = (("month", True),)
    statistic: Statistic = field(default=share)
    unit: str = "percent"
    once: tuple[str, ...] = ()
    order: tuple[str, ...] = ("on",)
    standing: bool = False
    adds_up: bool = False
    as_known: bool = False
    census: bool = False
    closes_on: dt.date | None = None
    keep: Callable[[Window, str, pd.DataFrame, pd.DataFrame], None] | None = None

    @property
    def window(self) -> str:
        """The window of its headline."""
        return self.windows[0][0]

    @property
    def series(self) -> str:
        """The window whose figures follow each other month by month, without overlap where there is a choice."""
        each = [name for name, wanted in self.windows if wanted]
        if self.adds_up:
            return self.window
        if self.window in {"day", "to date"} & set(each):
            return self.window
        return "month" if "month" in each else each[0] if each else ""


def measured(measure: Measure, tables: Tables, period: Period) -> pd.DataFrame:
    """All figures of a measure for one reporting month: its groups, in its windows.

    Args:
        measure: What is counted.
        tables: Typed tables by name.
        period: Reporting month and data date.

    Returns:
        measure, group, window, first_on, last_on, n, of, value, lower, upper, state; one row a group and window.
    """
    ledger = measure.ledger(tables, period.data_date)
    first = first_day(ledger.assign(counts=True) if measure.standing else ledger, period)
    wanted = [found for name, each in measure.windows for found in windows(name, period, first, each=each)]
    return count(measure, tables, wanted, ledger)


def first_day(ledger: pd.DataFrame, period: Period) -> dt.date:
    """Day of the first row of a ledger that counts, or the reporting month where there is none."""
    first = ledger["on"][ledger["counts"]].min()
    return period.month if pd.isna(first) else first.date()


def count(measure: Measure, tables: Tables, wanted: list[Window], ledger: pd.DataFrame | None = None) -> pd.DataFrame:
    """The figures of a measure in the windows wanted; see `measured`.

    A row counts in the window that its day `on` falls in. In a standing measure a window takes in every row that began
    by its last day, in the ledger as it was known then.
    """
    table: list[tuple[Any, ...]] = []
    known = ledger if ledger is not None else measure.ledger(tables, max(found.last for found in wanted))
    then = measure.standing or measure.as_known
    learned = _learned(measure, known)
    runs = runs_of(measure, known) if measure.once and not then else None
    for window in wanted:
        inside = inside_window(measure, measure.ledger(tables, window.last) if then else known, window, runs)
        for group, rows in _grouped(measure, inside):
            statistic = learned[group](window.last) if group in learned else measure.statistic
            values = statistic(rows, inside, window)
            state = KNOWN if not math.isnan(values.value) else NOTHING if values.of == 0 or rows.empty else NOT_KNOWN
            table.append((measure.name, group, *window, *values, state))
            if measure.keep:
                measure.keep(window, group, rows, inside)
    return typed(table)


def typed(table: list[tuple[Any, ...]], *further: str) -> pd.DataFrame:
    """Figures as a table whose columns are of the same types with rows and without."""
    types = dict.fromkeys(COLUMNS[3:5], "datetime64[ns]") | dict.fromkeys(COLUMNS[5:10], "float64")
    return pd.DataFrame(table, columns=[*COLUMNS, *further]).astype(types)


def inside_window(
    measure: Measure, ledger: pd.DataFrame, window: Window, runs: pd.DataFrame | None = None
) -> pd.DataFrame:
    """The rows of a ledger that count in a window; where several are asked for, its `runs_of` are found but once."""
    held = ledger if not measure.once else runs_of(measure, ledger) if runs is None else runs
    days = held["on"].to_numpy(dtype="datetime64[ns]").view(np.int64)  # a missing one is less than any
    first, last = (pd.Timestamp(day).value for day in window[1:])
    inside = (days > np.iinfo(np.int64).min if measure.standing else days >= first) & (days <= last)
    if not measure.once:
        return ledger.take(np.flatnonzero(inside & ledger["counts"].to_numpy()))
    each, named = held[inside], measure.order[-1]
    latest = each.sort_values(list(measure.order)).drop_duplicates(list(measure.once), keep="last")
    kept = each[each[named].isin(latest[named])]
    lengths = kept["rows_n"].to_numpy()
    at = np.arange(lengths.sum()) + np.repeat(kept["start"].to_numpy() - lengths.cumsum() + lengths, lengths)
    return ledger.take(at[ledger["counts"].to_numpy()[at]])


def runs_of(measure: Measure, ledger: pd.DataFrame) -> pd.DataFrame:
    """Rows of a ledger that are alike in what says which is the latest, as one: its first of them, start and rows_n."""
    units = ledger[list(dict.fromkeys(["on", *measure.order, *measure.once]))]
    new = np.ones(len(units), dtype=bool)
    if len(units):
        held = [cells.to_numpy() if cells.dtype.kind == "M" else parts(cells)[0] for _, cells in units.items()]
        new[1:] = np.any([cells[1:] != cells[:-1] for cells in held], axis=0)
    start = np.flatnonzero(new)
    return units.take(start).assign(start=start, rows_n=np.diff(start, append=len(units)))


def _grouped(measure: Measure, inside: pd.DataFrame) -> list[tuple[str, pd.DataFrame]]:
    if isinstance(measure.groups, str):
        return [(str(name), rows) for name, rows in inside.groupby(measure.groups)]
    return [(name, inside[chosen(inside)]) for name, chosen in measure.groups.items()]


def _learned(measure: Measure, known: pd.DataFrame) -> dict[str, Callable[[dt.date], Statistic]]:
    """The statistic of each group at a day, where it rests on all rows of the group known then, in whatever window."""
    if not isinstance(measure.statistic, Pooled):
        return {}
    return {group: measure.statistic.learner(rows) for group, rows in _grouped(measure, known[known["counts"]])}


def is_in(column: str, *values: str) -> Rows:
    """Rows whose column holds one of some values."""
    return lambda rows: pd.Series(among(rows[column], values), rows.index)


def as_known(rows: pd.DataFrame, day: dt.date) -> pd.DataFrame:
    """Rows as far as their dates are known at the close of a day; those that begin after it are not there."""
    dates, today = list(rows.select_dtypes("datetime").columns), pd.Timestamp(day)
    if not dates:
        return rows
    begun = rows[~(rows[dates].min(axis=1) > today)]
    return begun.assign(**begun[dates].where(begun[dates] <= today))
