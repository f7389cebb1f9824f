"""Opening an area for a run: one month, with the parameters that the run sets otherwise."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pandas as pd

from sendanalysis.errors import InputError
from sendanalysis.inputs.area import Area, Source, check_area
from sendanalysis.inputs.folder import PACKED, find_area
from sendanalysis.inputs.lacking import without_faulty, without_late
from sendanalysis.inputs.parameters import families
from sendanalysis.inputs.plan_checks import plan_faults
from sendanalysis.methods.periods import Period, in_words, month_end, reporting_period

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


def open_month(area: str | Path, given: dict[str, str], month: str, data_date: str) -> tuple[Area, Period]:
    """Open an area for one reporting month, with other parameters than its own.

    Args:
        area: The area folder.
        given: Parameters by `measure.name`, as typed.
        month: Reporting month, YYYY-MM; empty for the last one that the extracts cover fully.
        data_date: Another data date than the month's last day; empty for that.

    Returns:
        The area with those parameters, without the rows of tables that are missing, faulty or late, and the period.

    Raises:
        InputError: The area, a parameter, the month or the data date cannot be used.
    """
    folder = find_area(area, packed=True)
    if (folder / PACKED).is_file():
        return _from_pack(folder, given, month, data_date)
    opened = _with_values(without_faulty(*check_area(area), area), given)
    period = _period(opened, month, data_date)
    return without_late(opened, period), period


def frame_of(table: Mapping[str, Any]) -> pd.DataFrame:
    """A table as a pack writes it, by column the kind and the cells, as a DataFrame."""
    return pd.DataFrame({name: pd.Series(cells, dtype=kind) for name, (kind, cells) in table.items()})


def _from_pack(folder: Path, given: dict[str, str], month: str, data_date: str) -> tuple[Area, Period]:
    """The area of a pack: its plan and settings, and of every extract no row."""
    held: dict[str, Any] = json.loads((folder / PACKED).read_text(encoding="utf-8"))
    opened, _ = check_area(folder, packed=True)  # what a pack leaves out is no fault of it
    tables = {**opened.tables, **{name: frame_of(table) for name, table in held["plan"].items()}}
    # Where the area had rows stands an empty one, since some measures are there only where a table is filled.
    filled = {name: tables[name].reindex([0]) for name in held["with_rows"] if name in tables and tables[name].empty}
    sources = tuple(Source(**source) for source in held["sources"])
    opened = replace(opened, tables=tables | filled, sources=sources, lacking=held["lacking"], held=held)
    opened = _with_values(opened, read_choices(held["choices"]))
    own = {f"{item.name}.{key}": str(item.fields[key]) for item in opened.declared for key in item.settable}
    in_force = opened.settings.parameters.as_dict() | own
    asked = {"month": month, "data_date": data_date, **given}
    holds = {"month": held["month"], "data_date": held["data_date"], **in_force}
    for name, value in asked.items():
        if value and value != holds.get(name):
            raise InputError(
                f"{name}: this release holds the figures for {holds.get(name, 'no such parameter')} alone. "
                f"Those for {value} need the area's extracts: a run of their own, or a pack from the area."
            )
    return opened, reporting_period(held["month"], held["data_date"])


def _with_values(opened: Area, given: dict[str, str]) -> Area:
    """The area with parameters that a run sets otherwise."""
    own = {name: value for name, value in given.items() if name.partition(".")[0] not in families()}
    rest = {name: value for name, value in given.items() if name not in own}
    parameters = opened.settings.parameters.with_values(rest)
    declared = tuple(item.with_values(own) for item in opened.declared)
    known = {f"{item.name}.{key}" for item in opened.declared for key in item.settable}
    odd = [name for name in own if name not in known]
    if odd:
        names = [*parameters.as_dict(), *sorted(known)]
        raise InputError(f"{odd[0]}: no such parameter. Parameters are: {', '.join(names)}.")
    opened = replace(opened, settings=replace(opened.settings, parameters=parameters), declared=declared)
    faults = [fault for fault in plan_faults(opened.plan, opened.tables, declared, parameters) if not fault.warns]
    if given and faults:
        raise InputError("\n".join(map(str, faults)))
    return opened


def read_choices(text: str) -> dict[str, str]:
    """Parameters as typed in one line, `measure.name=value measure.name=value`.

    >>> read_choices("quality.unit=plan_all quality.care_sections=D,F")
    {'quality.unit': 'plan_all', 'quality.care_sections': 'D,F'}
    """
    pairs = [part.partition("=") for part in text.split()]
    bad = next((name for name, mark, _ in pairs if not mark), None)
    if bad:
        raise InputError(f"choices: '{bad}' has no value. Write name=value, such as quality.unit=plan_all.")
    return {name: value for name, _, value in pairs}


def _period(area: Area, month: str, data_date: str) -> Period:
    period = reporting_period(month or f"{area.last_month:%Y-%m}", data_date)
    first, last = area.record_days
    if not first.replace(day=1) <= period.month <= last:
        raise InputError(
            f"month: {period.key} is outside the data, which covers {first:%Y-%m} to {last:%Y-%m}. "
            "Name a month in it, or add newer extracts."
        )
    if not data_date and period.month > area.last_month:
        return replace(period, data_date=last)  # a month that has begun in the data and not ended in them
    if period.data_date > month_end(last):
        raise InputError(f"data_date: {data_date} is after the data, which ends on {in_words(last)}.")
    return period
