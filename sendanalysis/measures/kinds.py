"""Kinds: the measures that an area declares over tables of its own, each made of the columns it names."""

from __future__ import annotations

import math
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

import pandas as pd

from sendanalysis.measures.estimates import events, present, rate, share, unmet
from sendanalysis.measures.figures import ALL, Measure, Tables, as_known, every_row
from sendanalysis.measures.waits import mean_days, median_days

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping

    from sendanalysis.inputs.declared import Declared, Values
    from sendanalysis.measures.estimates import Statistic

DAYS_IN = {"days": 1, "weeks": 7}


def measure_of(declared: Declared, tables: Tables) -> Measure:
    """The measure that a declaration stands for.

    Args:
        declared: Kind, table, columns and groups.
        tables: Typed tables; a rate per population reads its population there.

    Returns:
        What is counted, with the windows and the statistic of its kind.
    """
    given, kind = declared.fields, declared.kind
    base = Measure(
        name=declared.name,
        label=declared.label,
        counted=declared.counted,
        needs=(declared.table,),
        ledger=partial(_LEDGERS[kind], declared=declared),
        groups={ALL: every_row} | {name: partial(_equal, values=values) for name, values in declared.groups.items()},
    )
    day_by_day, over_a_year = (("day", True),), (("12 months", True), ("month", True))
    if kind == "cohort cleared":
        left = given.get("figure") == "remaining"
        statistic = unmet if left else share
        unit = "" if left else "percent"
        return replace(base, standing=True, windows=day_by_day, statistic=statistic, unit=unit, census=True)
    if kind == "stock on a day":
        return replace(base, standing=True, windows=day_by_day, statistic=present, unit="", census=True)
    if kind == "count":
        return replace(
            base,
            windows=(("month", True), ("to date", True), ("school year", True)),
            statistic=events,
            unit="",
            adds_up=True,
        )
    if kind == "rate per population":
        found = rate(partial(_population, tables[given["population"]["table"]], given["population"]), given["per"])
        needs = (declared.table, given["population"]["table"])
        unit = f"per {given['per']:,}"
        return replace(base, needs=needs, windows=over_a_year, statistic=found, unit=unit, adds_up=True)
    if kind == "time to event":
        return replace(base, **_time(given))
    return base


def windowed(measure: Measure, window: str) -> Measure:
    """The measure with a window that a KPI asks for, first among those it releases."""
    others = [found for found in measure.windows if found[0] != window]
    return replace(measure, windows=((window, True), *others)) if window else measure


def _time(given: Mapping[str, Any]) -> dict[str, Any]:
    unit = given.get("unit", "days")
    median = given.get("statistic") == "median"
    statistic: Statistic = (median_days if median else mean_days)(DAYS_IN[unit])
    windows = (("day", True),) if median else (("month", True),)
    return {"statistic": statistic, "unit": unit, "standing": median, "windows": windows}


def _equal(rows: pd.DataFrame, values: Values) -> pd.Series[bool]:
    held = pd.Series(data=True, index=rows.index)
    for column, allowed in values.items():
        held &= rows[column].astype("str").isin(allowed)
    return held


def _rows(tables: Tables, day: dt.date, declared: Declared) -> pd.DataFrame:
    """The rows of the table as known at the close of a day, without those that are left out of every figure."""
    rows = as_known(tables[declared.table], day)
    return rows[~_equal(rows, declared.leave_out)] if declared.leave_out else rows


def _on_time(tables: Tables, day: dt.date, *, declared: Declared) -> pd.DataFrame:
    """Due in the window and on or before the day; stopped before it was due is outside; not done by then is missed."""
    rows, given, today = _rows(tables, day, declared), declared.fields, pd.Timestamp(day)
    due = _due(tables, rows, given, declared.table)
    stopped = rows[given["stopped"]] < due if "stopped" in given else pd.Series(data=False, index=rows.index)
    counts = due.le(today) & ~stopped
    return rows.assign(on=due, met=rows[given["done"]] <= due, counts=counts)


def _due(tables: Tables, rows: pd.DataFrame, given: Mapping[str, Any], table: str) -> pd.Series[Any]:
    """A due date may lie in the future, so it is read from the table itself and not as known at a day."""
    if "due" in given:
        due: pd.Series[Any] = tables[table][given["due"]].reindex(rows.index)
    else:
        due = rows[given["start"]] + pd.Timedelta(days=given["limit_days"])
    return due


def _share(tables: Tables, day: dt.date, *, declared: Declared) -> pd.DataFrame:
    rows, given = _rows(tables, day, declared), declared.fields
    filled = rows[list(given["met"])].notna().all(axis=1)
    return rows.assign(
        on=rows[given["on"]], met=_equal(rows, given["met"]), counts=filled, usable=filled | rows[given["on"]].isna()
    )


def _count(tables: Tables, day: dt.date, *, declared: Declared) -> pd.DataFrame:
    rows = _rows(tables, day, declared)
    on = rows[declared.fields["on"]]
    return rows.assign(on=on, met=True, counts=on.notna())


def _cohort(tables: Tables, day: dt.date, *, declared: Declared) -> pd.DataFrame:
    """Those started and neither done nor gone by the cohort's day, whatever became of them since.

    Who has left since is not done; where it is asked how many remain, neither remains.
    """
    rows, given = _rows(tables, day, declared), declared.fields
    frozen = pd.Timestamp(given["cohort_on"])
    over = rows[given["done"]] <= frozen
    if "left" in given:
        over |= rows[given["left"]] <= frozen
    counts, met = rows[given["start"]].le(frozen) & ~over, rows[given["done"]].notna()
    if given.get("figure") == "remaining" and "left" in given:
        met |= rows[given["left"]].notna()
    return rows.assign(on=frozen, met=met, counts=counts)


def _stock(tables: Tables, day: dt.date, *, declared: Declared) -> pd.DataFrame:
    rows, given = _rows(tables, day, declared), declared.fields
    begun, over = rows[given["start"]], rows[given["done"]].notna()
    return rows.assign(on=begun, met=over, counts=begun.notna() & ~over)


def _time_to(tables: Tables, day: dt.date, *, declared: Declared) -> pd.DataFrame:
    """Days from start to done; for a median those under way count with their time so far, else they are not there."""
    rows, given = _rows(tables, day, declared), declared.fields
    start, done = rows[given["start"]], rows[given["done"]]
    median = given.get("statistic") == "median"
    end = done.fillna(pd.Timestamp(day)) if median else done
    days = (end - start).dt.days
    return rows.assign(on=start if median else done, met=done.notna(), days=days, counts=days >= 0)


def _population(table: pd.DataFrame, given: Mapping[str, str], day: dt.date) -> float:
    """The population known last by a day: all rows of the latest day on or before it."""
    known = table[table[given["on"]] <= pd.Timestamp(day)]
    latest = known[known[given["on"]].eq(known[given["on"]].max())]
    return float(latest[given["column"]].sum()) if len(latest) else math.nan


_LEDGERS = {
    "share on time": _on_time,
    "share": _share,
    "count": _count,
    "cohort cleared": _cohort,
    "stock on a day": _stock,
    "time to event": _time_to,
    "rate per population": _count,
}
