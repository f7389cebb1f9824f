"""How values are written and a chart is said: numbers, days and codes in words, and a series in a sentence."""

from __future__ import annotations

import datetime as dt
import re
import textwrap
from numbers import Real
from typing import Any

import pandas as pd

from sendanalysis.methods.rounding import half_up

ACRONYMS = {word.lower(): word for word in ("APP", "ASD", "CYP", "EHC", "EHCP", "GP", "ID", "KPI", "NHS", "QA", "SEND")}
ACRONYMS |= {word.lower(): word for word in ("EHCPs", "Neu", "DfE", "SENDCo")}
ACRONYMS |= {"na": "N/A"}
CODE = re.compile(r"[a-z]+(?:_[a-z0-9]+)*")


def in_words(code: str) -> str:
    """A code of lower-case letters and underscores in words; other text is left as it is.

    >>> in_words("educational_psychology"), in_words("gp"), in_words("GP letters"), in_words("ehcp_audits")
    ('Educational psychology', 'GP', 'GP letters', 'EHCP audits')
    """
    if not CODE.fullmatch(code):
        return code
    first, *rest = code.split("_")
    return " ".join([ACRONYMS.get(first, first.capitalize()), *(ACRONYMS.get(word, word) for word in rest)])


SIGNED = ("change", "difference")  # columns whose numbers have their sign, be it plus or minus
UNKNOWN = "not known"  # what a cell without a value says, unless its column has better words
AS_TYPED = {"choice", "in_force", "default", "values"}  # columns of what is typed after -p, shown as it is typed


def written(value: Any, name: str = "", blank: str = UNKNOWN, decimals: int | None = None) -> str:
    """One value as it is printed, by its type and by the name of its column.

    Args:
        value: Number, date, truth value or text.
        name: Column; `_pct`, `_points` and `month` change how a value is written.
        blank: What stands in for a missing or empty value.
        decimals: Digits after the point; by default one for percentages, points and broken numbers, none for whole.

    Returns:
        Text yet to be escaped.

    >>> written(62.25, "on_time_pct"), written(12345, "due_n"), written(pd.Timestamp("2021-12-01"), "month")
    ('62.3', '12,345', 'December 2021')
    """
    if name in AS_TYPED and isinstance(value, str) and value:
        return value
    if value is None or (pd.api.types.is_scalar(value) and pd.isna(value)) or not str(value).strip():
        return blank
    if isinstance(value, dt.date):
        return f"{value:%B %Y}" if name.endswith("month") else f"{value.day} {value:%b %Y}"
    if pd.api.types.is_bool(value):
        return "Yes" if value else "No"
    return _number(float(value), name, decimals) if isinstance(value, Real) else in_words(str(value))


def _number(value: float, name: str, decimals: int | None) -> str:
    if decimals is None:
        decimals = 0 if value.is_integer() and not name.endswith(("pct", "points")) else 1
    signed = "+" if name.startswith(SIGNED) else ""
    return f"{half_up(value, decimals):{signed},.{decimals}f}".replace("-", "\N{MINUS SIGN}")


_WIDTHS = (  # in parts of the size of letters, as in Liberation Sans; the others are at most 0.56
    ("fijlrt.,:;'|!()[]/- \N{MIDDLE DOT}I", 0.34),
    ("ABCDEFGHJKLNOPQRSTUVXYZ&", 0.78),
    ("mwMW%@…—", 1.0),
)


def wrapped(text: object, width: int = 18) -> str:
    """Text in lines of at most `width` characters."""
    return "\n".join(textwrap.wrap(str(text), width, break_on_hyphens=False)) or " "


def fitting(text: str, pixels: float, size: float = 14) -> str:
    """A text, or its first words, within so many pixels; each letter is taken for the widest of its kind.

    >>> fitting("A milestone of the plan", 200), fitting("A milestone of the plan", 100)
    ('A milestone of the plan', 'A milestone…')
    """
    used, last = 0.0, 0
    wide = [size * next((part for letters, part in _WIDTHS if letter in letters), 0.56) for letter in text]
    if sum(wide) <= pixels:
        return text
    for place, letter in enumerate(text):
        if used + size > pixels:
            break
        last, used = (place if letter == " " else last), used + wide[place]
    return f"{text[: last or place]}…"


def said(value: Any, unit: str = "%", *, exact: bool = False) -> str:
    """A value with its unit; `exact` keeps the plan's own decimals.

    >>> said(84.95), said(87, exact=True), said(1542.0, "")
    ('85.0%', '87%', '1,542')
    """
    text = written(value, "value_pct" if unit == "%" and not exact else "value", "not available")
    return text + unit if text[-1:].isdigit() else text


def moment(place: Any) -> str:
    """A first of the month as its month, any other day as a date, a number as a count of days.

    >>> moment(pd.Timestamp("2021-12-01")), moment(pd.Timestamp("2021-12-31")), moment(42.0)
    ('December 2021', '31 December 2021', 'day 42')
    """
    if isinstance(place, int | float):
        return f"day {said(place, '')}"
    day = pd.Timestamp(place)
    return f"{day:%B %Y}" if day.day == 1 else f"{day.day} {day:%B %Y}"


def sooner(goals: pd.DataFrame, unit: str) -> list[str]:
    """The targets before the last one, which a chart draws as steps and names nowhere.

    Args:
        goals: when and goal of each, in order.
        unit: '%' or ''.
    """
    told = [f"{said(goal.goal, unit, exact=True)} by {moment(goal.when)}" for goal in goals.iloc[:-1].itertuples()]
    return [f"Before it: {', '.join(told)}."] if told else []


def describe(places: pd.Series[Any], values: pd.Series[Any], unit: str = "%", name: str = "") -> str:
    """A series in words: how many values, first and latest, lowest and highest, and how many are missing.

    Args:
        places: Dates, days waited, or what stands for them in words, in order.
        values: One value a place.
        unit: '%' or ''.
        name: Name of the series, where there are several.
    """
    places, values = places.reset_index(drop=True), values.reset_index(drop=True)
    known, start = values.dropna(), f"{in_words(name)}: " if name else ""
    if known.empty:
        return f"{start}no value is known."
    named = [place if isinstance(place, str) else moment(place) for place in places[known.index]]
    at = [f"{said(value, unit)} ({place})" for place, value in zip(named, known, strict=True)]
    if len(known) == 1:
        return f"{start}one value, {at[0]}."
    gaps = f" {len(values) - len(known)} not available." if len(known) < len(values) else ""
    least, most = at[int(known.argmin())], at[int(known.argmax())]
    return f"{start}{len(at)} values from {at[0]} to {at[-1]}; lowest {least}, highest {most}.{gaps}"
