"""The series of a KPI: its figures month by month, and what a control chart makes of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from sendanalysis.inputs.plan import RECORDED
from sendanalysis.measures.figures import COLUMNS
from sendanalysis.methods.spc import XmrSummary, xmr
from sendanalysis.methods.verdict import months_say

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sendanalysis.inputs.plan import Kpi
    from sendanalysis.measures.figures import Measure
    from sendanalysis.measures.scorecard import Figure
    from sendanalysis.methods.periods import Period

    Figures = Callable[..., pd.DataFrame]

DIRECTIONS = {"higher": "increase", "lower": "decrease", "band": "neutral"}


def series_of(kpi: Kpi | None, figures: Figures, measures: Mapping[str, Measure]) -> pd.DataFrame:
    """A KPI month by month, in windows that do not overlap where its measure has such; empty for one without measure.

    Args:
        kpi: The KPI.
        figures: Gives the released figures of a measure.
        measures: The measures that the plan uses.
    """
    if kpi is None or not kpi.measure or kpi.measure not in {*measures, RECORDED}:
        return pd.DataFrame(columns=COLUMNS)
    if kpi.measure == RECORDED:
        return figures(RECORDED, group=kpi.kpi_id)
    measure = measures[kpi.measure]
    window = (kpi.window or measure.window) if measure.adds_up else measure.series
    rows = figures(kpi.measure, group=kpi.group, window=window)
    if not measure.adds_up or rows.empty or window == "to date":
        return rows
    begun = pd.Timestamp(rows["last_on"].min()).replace(day=1)  # a window from before it holds too little
    return rows[rows["first_on"] >= begun].reset_index(drop=True)


def control_of(figure: Figure, rows: pd.DataFrame, period: Period) -> tuple[pd.DataFrame, XmrSummary | None]:
    """The series of a KPI as a control chart (Making Data Count).

    Args:
        figure: The KPI with its target.
        rows: What `series_of` returned.
        period: Reporting month; one that is not over is no point.

    Returns:
        The series with mean, lower_limit, upper_limit and point_type (empty below 13 points), and what it says in a
        line; the series alone where its points share records, or nothing is known.
    """
    rows = rows if period.whole or "month" not in set(rows["window"]) else rows.iloc[:-1]
    if rows["value"].isna().all() or set(rows["window"]) != {"month"}:
        return rows, None
    aim = next((value for value in (figure.target, figure.next_target) if value is not None), None)
    values = rows.set_index("last_on")["value"]
    points, summary = xmr(values, direction=DIRECTIONS[figure.polarity], target=aim)
    points = points.set_axis(rows.index)
    names = {"lower": "lower_limit", "upper": "upper_limit", "point_type": "point_type"}
    limits = points[list(names)].where(points["limits_shown"].astype(bool), None).rename(columns=names)
    return rows.assign(mean=points["mean"]).join(limits), summary


def months_of(figure: Figure, rows: pd.DataFrame, summary: XmrSummary | None) -> str:
    """What the control chart says of the months a figure covers; see `methods.verdict.Verdict.months`.

    Args:
        figure: The KPI.
        rows: What `control_of` returned.
        summary: Likewise.
    """
    if summary is None or figure.first_on is None:
        return ""
    shown = summary.limits_shown
    kinds = rows.loc[rows["first_on"] >= pd.Timestamp(figure.first_on).replace(day=1), "point_type"] if shown else ()
    return months_say(kinds, DIRECTIONS[figure.polarity], limits_shown=shown)
