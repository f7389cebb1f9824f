"""Sentences on how long EHC plans take, from the released figures of a SEN2 return."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sendanalysis.display.wording import HIDDEN_STATES, number, percent, plural
from sendanalysis.methods.periods import in_words
from sendanalysis.release import WITHHELD

if TYPE_CHECKING:
    import datetime as dt

    import pandas as pd

    from sendanalysis.methods.periods import Period


def answer(quantiles: pd.DataFrame) -> str:
    """The first words of an answer to “how long does it take?”.

    Args:
        quantiles: The table `sen2_wait_quantiles`; days are missing where fewer ever have a plan.
    """
    half = quantiles.query("group == 'all' and quantile_pct == 50")["days"]
    if half.notna().any():
        return f"Half within {plural(half.iloc[0], 'day')}."
    unknown = "Not shown." if WITHHELD in quantiles.attrs else "Not known."
    return "Fewer than half have a plan." if len(half) else unknown


def in_time(row: pd.Series[Any], known_on: dt.date, period: Period) -> str:
    """How many new plans of the year came in time, to the last day that the return knows of.

    Args:
        row: The figure of the year: n, of, value and state.
        known_on: That day.
        period: Reporting month and data date.
    """
    year, told = period.month.year, "no new plan was issued"
    if known_on.year < year:
        return f"The return ends on {in_words(known_on)} and knows nothing of {year}."
    if row["value"] == row["value"]:
        told = f"{percent(row['value'])} of new plans came within 20 weeks ({counted(row)})"
    elif row["state"] in HIDDEN_STATES:
        told = "how many new plans came within 20 weeks is not shown"
    if known_on < period.data_date:
        return f"From 1 January to {in_words(known_on)}, when the return ends, {told}."
    return f"Since January {year}, {told}."


def counted(row: pd.Series[Any]) -> str:
    """What a share was counted from: 8 of 12 plans; nothing where it is not shown."""
    return "" if row["state"] in HIDDEN_STATES else f"{number(row['n'], '0')} of {plural(row['of'], 'plan')}"


def latest(rows: pd.DataFrame) -> str:
    """Title of the two lines of plans issued in time, with and without exceptions, from the last month with a figure.

    Args:
        rows: group, first_on and value, exceptions included in the first group.
    """
    first, second = (part.dropna(subset=["value"]) for _, part in rows.groupby("group", sort=False))
    if first.empty:
        return "No month has a figure to show"
    row = first.iloc[-1]
    also = second.loc[second["first_on"] == row["first_on"], "value"]
    aside = f", and {percent(also.iloc[0])} with exceptions left out" if len(also) else ""
    return f"{percent(row['value'])} of the plans issued in {row['first_on']:%B %Y} came within 20 weeks{aside}"
