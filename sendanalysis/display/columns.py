"""The columns of all released tables: what each is called, its unit, its role and its meaning, in `columns.csv`."""

from __future__ import annotations

import csv
from importlib.resources import files
from typing import TYPE_CHECKING, NamedTuple

from sendanalysis.display.describing import in_words, written

if TYPE_CHECKING:
    import datetime as dt

UNITS = {"pct": "%", "days": "days", "weeks": "weeks", "months": "months", "years": "years", "points": "points"}
ROLES = ("key", "count", "derived", "reason", "text")
PEOPLE = {"cyp": "young people", "practitioner": "practitioners", "parent_carer": "parents and carers"}


class Column(NamedTuple):
    """One column.

    Attributes:
        name: Its name in the tables.
        label: Its heading without the unit.
        unit: Its unit; empty for plain numbers, words and dates, and where the measure gives it.
        role: key (says which row it is), count (how many), derived (follows from other columns), reason (why a figure
            is missing or as it is), text (as recorded: words, days and choices).
        meaning: What it holds.
    """

    name: str
    label: str
    unit: str
    role: str
    meaning: str


def _read() -> dict[str, Column]:
    lines = files("sendanalysis.display").joinpath("columns.csv").read_text("utf-8").splitlines()
    return {row[0]: Column(*row) for row in list(csv.reader(lines))[1:]}


COLUMNS = _read()


def label(name: str) -> str:
    """What a column is called; a column of no released table by its name: the words of it without its unit.

    >>> label("actions_n"), label("remaining_n"), label("wait_days"), label("auditor_id")
    ('Actions', 'Remaining', 'Wait', 'Auditor ID')
    """
    if name in COLUMNS:
        return COLUMNS[name].label
    stem, _, ending = name.rpartition("_")
    return in_words(stem or "value" if ending in UNITS else stem if ending == "n" and stem else name)


def unit(name: str) -> str:
    """The unit of a column, by its name where it is one of no released table; empty for none.

    >>> unit("share_pct"), unit("wait_days"), unit("actions_n")
    ('%', 'days', '')
    """
    return COLUMNS[name].unit if name in COLUMNS else UNITS.get(name.rpartition("_")[2], "")


def heading(name: str) -> str:
    """What a column is headed: its label with its unit.

    >>> [heading(name) for name in ("on_time_pct", "due_n", "wait_days", "returned_on", "kpi_id")]
    ['On time (%)', 'Due', 'Wait (days)', 'Returned on', 'KPI']
    """
    return with_unit(label(name), unit(name))


def is_count(name: str) -> bool:
    """Whether a column says how many there are.

    >>> is_count("of"), is_count("open_n"), is_count("value")
    (True, True, False)
    """
    return COLUMNS[name].role == "count" if name in COLUMNS else name.endswith("_n")


def with_unit(words: str, unit: str) -> str:
    """Words with a unit in brackets, if there is one.

    >>> with_unit("Baseline", "percent"), with_unit("Baseline", "")
    ('Baseline (%)', 'Baseline')
    """
    sign = "%" if unit == "percent" else unit
    return f"{words} ({sign})" if sign else words


def is_scaled(unit: str) -> bool:
    """Whether figures in a unit are measured on a scale, and so are no counts.

    >>> is_scaled("percent"), is_scaled("per 1,000"), is_scaled("weeks"), is_scaled("places")
    (True, True, True, False)
    """
    return unit in {"percent", *UNITS.values()} or unit.startswith("per ")


def capital(text: str) -> str:
    """Text with a capital first letter and the rest as it is."""
    return text[:1].upper() + text[1:]


def days_in_words(window: str, first: dt.date, last: dt.date) -> str:
    """The days that a figure covers: a day, a month, or from month to month.

    >>> import datetime as dt
    >>> days_in_words("3 months", dt.date(2021, 10, 1), dt.date(2021, 12, 31))
    'October to December 2021'
    """
    if window == "day":
        return written(last, "day")
    if (first.year, first.month) == (last.year, last.month):
        return written(last, "month")
    return f"{first:%B}{'' if first.year == last.year else f' {first.year}'} to {written(last, 'month')}"


def group_in_words(group: object) -> str:
    """The name of a group in words, part by part.

    >>> [group_in_words(name) for name in ("educational_psychology", "2020/21 · New survey · cyp", "cyp", "C")]
    ['Educational psychology', '2020/21 · New survey · young people', 'Young people', 'C']
    """
    first, *rest = str(group).split(" · ")
    words = capital(PEOPLE.get(first, "")) or in_words(first)
    return " · ".join([words, *(PEOPLE.get(part) or in_words(part) for part in rest)])
