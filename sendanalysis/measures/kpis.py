"""What was measured of each KPI: its figure now, its baseline where a rule makes it, and how complete it is."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import pandas as pd

from sendanalysis.inputs.plan import RECORDED
from sendanalysis.measures.catalogue import completeness

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Mapping

    from sendanalysis.inputs.plan import Kpi
    from sendanalysis.measures.figures import Measure, Tables
    from sendanalysis.methods.periods import Period

    Figures = Callable[..., pd.DataFrame]


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
        baseline_last: Last day of a baseline made by a rule.
        complete: Per cent of the rows it rests on that could be used.
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
    baseline_last: dt.date | None = None
    complete: float | None = None


def measured_of(
    kpi: Kpi, figures: Figures, measures: Mapping[str, Measure], tables: Tables, period: Period
) -> Measured:
    """What was measured of a KPI; its printed baseline alone where it has no measure.

    Args:
        kpi: The KPI.
        figures: Gives the released figures of a measure; see `Release.figures`.
        measures: The measures that the plan uses.
        tables: Typed tables by name.
        period: Reporting month and data date.
    """
    if kpi.measure == RECORDED:
        return _row(kpi, figures(RECORDED, group=kpi.kpi_id), None)
    if kpi.measure not in measures:
        return Measured(baseline=kpi.baseline)
    measure = measures[kpi.measure]
    now = figures(kpi.measure, group=kpi.group, window=kpi.window or measure.window)
    made = kpi.baseline_rule and kpi.baseline is None
    then = figures(kpi.measure, group=kpi.group, window="baseline") if made else None
    return replace(_row(kpi, now, then), complete=completeness(measure, kpi.group, tables, period))


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
        baseline_last=made["last_on"].date(),
    )


def _known(value: Any) -> float | None:
    return None if value is None or pd.isna(value) or math.isinf(value) else float(value)
