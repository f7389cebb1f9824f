"""Opening an area for a run: one month, with the parameters that the run sets otherwise."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from sendanalysis.errors import InputError
from sendanalysis.inputs.area import Area, check_area
from sendanalysis.inputs.lacking import without_faulty, without_late
from sendanalysis.inputs.parameters import families
from sendanalysis.inputs.plan_checks import plan_faults
from sendanalysis.methods.periods import Period, in_words, month_end, reporting_period

if TYPE_CHECKING:
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
    opened = without_faulty(*check_area(area), area)
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
    period = _period(opened, month, data_date)
    return without_late(opened, period), period


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
