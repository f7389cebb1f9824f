"""Reporting months and data dates: which day a figure may know, and which month it speaks of."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from typing import NamedTuple

import pandas as pd

from sendanalysis.errors import MethodError


@dataclass(frozen=True)
class Period:
    """One reporting month and the day up to which its figures know anything.

    Attributes:
        month: First day of the reporting month.
        data_date: Last day whose records count: the month's last day unless another was asked for.

    >>> period = reporting_period("2021-12")
    >>> period.label, period.data_date.isoformat()
    ('December 2021', '2021-12-31')
    >>> period.window(3)[0].isoformat()
    '2021-10-01'
    """

    month: dt.date
    data_date: dt.date

    @property
    def label(self) -> str:
        """The month in words: December 2021."""
        return f"{self.month:%B %Y}"

    @property
    def key(self) -> str:
        """The month as it is typed: 2021-12."""
        return f"{self.month:%Y-%m}"

    @property
    def whole(self) -> bool:
        """Whether the data reach the end of the month; a part of a month is no point among whole ones."""
        return self.data_date >= month_end(self.month)

    @property
    def end(self) -> dt.date:
        """The last day of the month or the data date, whichever comes first."""
        return min(month_end(self.month), self.data_date)

    def window(self, months: int) -> tuple[dt.date, dt.date]:
        """First and last day of the reporting month and the `months - 1` before it."""
        return add_months(self.month, 1 - months), self.end


class Window(NamedTuple):
    """The days that one figure covers: a name such as `month` or `3 months`, and the first and last of them."""

    name: str
    first: dt.date
    last: dt.date


def windows(name: str, period: Period, first: dt.date, *, each: bool = True) -> list[Window]:
    """One window a month, from the month of the first record to the reporting month, or the last of them alone.

    Args:
        name: `month`; `3 months` or another number: those that end with the month; `school year`: from 1 September;
            `year`: from 1 January;
            `to date`: from the first record; `day`: as at the month's last day.
        period: Reporting month; the last window ends on the data date where that comes first.
        first: Day of the first record.
        each: Whether a window is wanted for every month.

    Returns:
        The windows in order.

    >>> [str(found.first) for found in windows("3 months", reporting_period("2021-12"), dt.date(2021, 11, 3))]
    ['2021-09-01', '2021-10-01']
    """
    months = months_between(min(first, period.month), period.month) if each else [period.month]
    ends = [min(month_end(month), period.data_date) for month in months]
    return [Window(name, _first_day(name, month, end, first), end) for month, end in zip(months, ends, strict=True)]


def _first_day(name: str, month: dt.date, end: dt.date, first: dt.date) -> dt.date:
    if name == "day":
        return end
    if name == "to date":
        return min(first, end)
    if name == "school year":
        return dt.date(month.year - (month.month < 9), 9, 1)
    if name == "year":
        return dt.date(month.year, 1, 1)
    return add_months(month, 1 - (1 if name == "month" else int(name.partition(" ")[0])))


def reporting_period(month: str, data_date: str = "") -> Period:
    """Read a reporting month, with the data date on its last day unless another is named.

    Args:
        month: YYYY-MM.
        data_date: YYYY-MM-DD, or empty for the last day of the month.

    Returns:
        The period.

    Raises:
        MethodError: The month or day does not exist, or the data date lies before the month.
    """
    if not re.fullmatch(r"[0-9]{4}-(0[1-9]|1[0-2])", str(month)):
        raise MethodError(f"month: '{month}' is not a month. Write it as YYYY-MM, such as 2021-12.")
    first = dt.date(int(month[:4]), int(month[5:]), 1)
    if not data_date:
        return Period(first, month_end(first))
    try:
        day = dt.date.fromisoformat(data_date)
    except ValueError as error:
        raise MethodError(f"data_date: '{data_date}' is not a date. Write it as YYYY-MM-DD.") from error
    if day < first:
        raise MethodError(f"data_date: {data_date} lies before the reporting month {month}. Name a day in it or after.")
    return Period(first, day)


def month_end(day: dt.date) -> dt.date:
    """Last day of the month that `day` lies in.

    >>> month_end(dt.date(2024, 2, 3)).isoformat()
    '2024-02-29'
    """
    return add_months(day.replace(day=1), 1) - dt.timedelta(days=1)


def add_months(day: dt.date, months: int) -> dt.date:
    """The same day `months` later, or the last day of that month where it has no such day.

    >>> add_months(dt.date(2021, 7, 31), 3).isoformat(), add_months(dt.date(2021, 11, 30), 3).isoformat()
    ('2021-10-31', '2022-02-28')
    """
    return (pd.Timestamp(day) + pd.DateOffset(months=months)).date()


def months_between(first: dt.date, last: dt.date) -> list[dt.date]:
    """First days of all months from the one of `first` to the one of `last`.

    >>> [f"{m:%Y-%m}" for m in months_between(dt.date(2021, 11, 5), dt.date(2022, 1, 31))]
    ['2021-11', '2021-12', '2022-01']
    """
    return [day.date() for day in pd.date_range(first.replace(day=1), last, freq="MS")]


def in_words(day: dt.date) -> str:
    """A day as prose writes it.

    >>> in_words(dt.date(2021, 10, 3))
    '3 October 2021'
    """
    return f"{day.day} {day:%B %Y}"
