"""What was measured of each KPI: its figure now, its baseline where a rule makes it, and how complete it is."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import pandas as pd

from sendanalysis.inputs.plan import RECORDED
from sendanalysis.measures.catalogue import completeness
from sendanalysis.measures.figures import first_day
from sendanalysis.methods.comparison import Estimate, change, count_change
from sendanalysis.methods.verdict import FELL, NOT_CLEARLY, Verdict, decide

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Mapping

    from sendanalysis.inputs.plan import Kpi
    from sendanalysis.measures.figures import Measure, Tables
    from sendanalysis.methods.periods import Period

    Figures = Callable[..., pd.DataFrame]

GROWING = ("to date", "school year")


@dataclass(frozen=True)
class Measured:
    """What was measured of a KPI: the figure now, and the baseline where the measure gives it.

    Attributes:
        value: The figure, in the KPI's unit, unrounded; None where there is none.
        n: What was counted.
        of: Out of how many; None for a count.
        lower: Lower end of the 95% interval.
        upper: Upper end of the 95% interval.
        first_on: First day the figure covers.
        last_on: Last day the figure covers.
        rating: The rating that its owner recorded, for a KPI that is one.
        baseline: Baseline, printed or made by a rule.
        baseline_n: What was counted in a baseline made by a rule.
        baseline_of: Out of how many.
        baseline_lower: Lower end of the 95% interval of a baseline made by a rule.
        baseline_upper: Upper end of it.
        baseline_last: Last day of a baseline made by a rule.
        complete: Per cent of the rows it rests on that could be used.
        census: Whether all there are were counted, so that the figure holds no chance.
        counting: Why a count is not whole: `growing`, such as one to date, which cannot have fallen yet; `part`, where
            the records do not reach back over the whole of its window. Empty for all else.
        lacking: Why a table that it needs is set aside; empty where none is.
    """

    value: float | None = None
    n: float | None = None
    of: float | None = None
    lower: float | None = None
    upper: float | None = None
    first_on: dt.date | None = None
    last_on: dt.date | None = None
    rating: str = ""
    baseline: float | None = None
    baseline_n: float | None = None
    baseline_of: float | None = None
    baseline_lower: float | None = None
    baseline_upper: float | None = None
    baseline_last: dt.date | None = None
    complete: float | None = None
    census: bool = False
    counting: str = ""
    lacking: str = ""


def measured_of(  # noqa: PLR0913, PLR0917  # what a figure is made of
    kpi: Kpi, figures: Figures, measures: Mapping[str, Measure], tables: Tables, period: Period, lacking: str = ""
) -> Measured:
    """What was measured of a KPI; its printed baseline alone where it has no measure.

    Args:
        kpi: The KPI.
        figures: Gives the released figures of a measure; see `Release.figures`.
        measures: The measures that the plan uses.
        tables: Typed tables by name.
        period: Reporting month and data date.
        lacking: Why its measure is not among them, where a table is set aside.
    """
    if kpi.measure == RECORDED:
        return _row(kpi, figures(RECORDED, group=kpi.kpi_id), None)
    if kpi.measure not in measures:
        return Measured(baseline=kpi.baseline, lacking=lacking)
    measure = measures[kpi.measure]
    now = figures(kpi.measure, group=kpi.group, window=kpi.window or measure.window)
    made = kpi.baseline_rule and kpi.baseline is None
    then = figures(kpi.measure, group=kpi.group, window="baseline") if made else None
    return replace(
        _row(kpi, now, then),
        complete=completeness(measure, kpi.group, tables, period),
        census=measure.census,
        counting=_counting(measure, kpi, now, tables, period),
    )


def _counting(measure: Measure, kpi: Kpi, figures: pd.DataFrame, tables: Tables, period: Period) -> str:
    """Whether a count is not whole: a span that is not over, or a window from before the first record."""
    window = kpi.window or measure.window
    if window in GROWING and measure.unit != "percent":
        over = measure.closes_on is not None and measure.closes_on <= period.data_date
        return "" if over else "growing"
    if not measure.adds_up or figures.empty:
        return ""
    begun = first_day(measure.ledger(tables, period.data_date), period).replace(day=1)
    return "part" if figures["first_on"].iloc[-1] < pd.Timestamp(begun) else ""


def verdict_of(figure: Measured, months: str, na_points: float = 0.0) -> Verdict:
    """What may be said of a KPI against its baseline.

    Args:
        figure: What was measured.
        months: What its control chart says of the months it covers; see `methods.verdict.months_say`.
        na_points: By how many points a change in N/A answers has moved it since the baseline.
    """
    above = 0 if figure.value is None or figure.baseline is None else _sign(figure.value - figure.baseline)
    untested = _untested(figure)
    if untested:
        return Verdict(why=untested, months=months, above=above)
    way, sized = _tested(figure)
    found = decide(way, months, sized=sized, above=above)
    if found.said == FELL and figure.counting == "growing":
        return replace(found, said=NOT_CLEARLY, why="counting")
    moved = (figure.value or 0.0) - (figure.baseline or 0.0)
    mostly_na = moved * na_points > 0 and abs(na_points) > abs(moved) / 2
    return replace(found, said=NOT_CLEARLY, why="na") if way and mostly_na else found


def _sign(number: float) -> int:
    return (number > 0) - (number < 0)


def _untested(figure: Measured) -> str:
    """Why there is nothing to test; empty where there is."""
    begun = figure.baseline_last is not None and figure.first_on is not None and figure.first_on <= figure.baseline_last
    reasons = {
        "no figure": figure.value is None,
        "no baseline": figure.baseline is None,
        "within baseline": begun,
        "part": figure.counting == "part",
        "census": figure.census,
        "no interval": figure.lower is None or figure.upper is None,
    }
    return next((why for why, holds in reasons.items() if holds), "")


def _tested(figure: Measured) -> tuple[int | None, bool]:
    """Which way the interval puts the figure to its baseline, and whether the baseline's own chance is in it."""
    now = Estimate(*(value or 0.0 for value in (figure.value, figure.lower, figure.upper)))
    then = figure.baseline or 0.0
    if figure.baseline_lower is not None and figure.baseline_upper is not None:
        return change(now, Estimate(then, figure.baseline_lower, figure.baseline_upper)), True
    if figure.of is None and figure.n == figure.value and then == round(then):
        return count_change(now.value, then), True  # a count is its own size
    return _sign(now.value - then) if not now.lower <= then <= now.upper else 0, False


def _row(kpi: Kpi, now: pd.DataFrame, then: pd.DataFrame | None) -> Measured:
    if now.empty:
        return Measured(baseline=kpi.baseline)
    row = now.iloc[-1]
    numbers: dict[str, Any] = {name: _known(row[name]) for name in ("value", "n", "of", "lower", "upper")}
    days: dict[str, Any] = {name: row[name].date() for name in ("first_on", "last_on")}
    found = Measured(**numbers, **days, baseline=kpi.baseline, rating=str(row.get("rating", "")))
    if then is None or then.empty:
        return found
    made = then.iloc[-1]
    return replace(
        found,
        baseline=_known(made["value"]),
        baseline_n=_known(made["n"]),
        baseline_of=_known(made["of"]),
        baseline_lower=_known(made["lower"]),
        baseline_upper=_known(made["upper"]),
        baseline_last=made["last_on"].date(),
    )


def _known(value: Any) -> float | None:
    return None if value is None or pd.isna(value) or math.isinf(value) else float(value)
