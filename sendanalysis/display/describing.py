"""How a chart is said: values with their units, days and months, and a series in a sentence."""

from __future__ import annotations

import textwrap
from typing import Any

import pandas as pd

from sendanalysis.display.tables import cell_text, in_words


def wrapped(text: object, width: int = 18) -> str:
    """Text in lines of at most `width` characters."""
    return "\n".join(textwrap.wrap(str(text), width, break_on_hyphens=False)) or " "


def said(value: Any, unit: str = "%", *, exact: bool = False) -> str:
    """A value with its unit; `exact` keeps the plan's own decimals.

    >>> said(84.95), said(87, exact=True), said(1542.0, "")
    ('85.0%', '87%', '1,542')
    """
    text = str(cell_text(value, "value_pct" if unit == "%" and not exact else "value", "not available"))
    return text + unit if text[-1:].isdigit() else text


def moment(place: Any) -> str:
    """A first of the month as its month, any other day as a date, a number as a count of days.

    >>> moment(pd.Timestamp("2021-12-01")), moment(pd.Timestamp("2021-12-31")), moment(42.0)
    ('December 2021', '31 December 2021', 'day 42')
    """
    if isinstance(place, int | float):
        return f"day {said(place, '')}"
    return str(cell_text(pd.Timestamp(place), "month" if pd.Timestamp(place).day == 1 else "day"))


def describe(places: pd.Series[Any], values: pd.Series[Any], unit: str = "%", name: str = "") -> str:
    """A series in words: how many values, first and latest, lowest and highest, and how many are missing.

    Args:
        places: Dates, or days waited, in order.
        values: One value a place.
        unit: '%' or ''.
        name: Name of the series, where there are several.
    """
    places, values = places.reset_index(drop=True), values.reset_index(drop=True)
    known, start = values.dropna(), f"{in_words(name)}: " if name else ""
    if known.empty:
        return f"{start}no value is known."
    at = [f"{said(value, unit)} ({moment(place)})" for place, value in zip(places[known.index], known, strict=True)]
    if len(known) == 1:
        return f"{start}one value, {at[0]}."
    gaps = f" {len(values) - len(known)} not available." if len(known) < len(values) else ""
    least, most = at[int(known.argmin())], at[int(known.argmax())]
    return f"{start}{len(at)} values from {at[0]} to {at[-1]}; lowest {least}, highest {most}.{gaps}"
