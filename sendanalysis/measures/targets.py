"""The targets of a KPI on a day: each rule turned into a value, the one in force and those ahead."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

import pandas as pd

from sendanalysis.inputs.plan import BENCHMARKS, Target

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence

    from sendanalysis.inputs.parameters import Scorecard
    from sendanalysis.inputs.plan import Kpi


def resolved(kpi: Kpi, baseline: float | None, benchmarks: pd.DataFrame, day: dt.date) -> list[Target]:
    """The targets that judge, each rule turned into the value it gives; one that gives none keeps its rule alone.

    A milestone that is rated judges by its day alone.
    """
    kept = [target for target in kpi.targets if target.judges or kpi.unit == "rating"]
    return [replace(target, value=_value(kpi, target, baseline, benchmarks, day)) for target in kept]


def _value(kpi: Kpi, target: Target, baseline: float | None, benchmarks: pd.DataFrame, day: dt.date) -> float | None:
    if not target.rule:
        return target.value
    if target.rule in BENCHMARKS:
        own = benchmarks[benchmarks["kpi_id"].eq(kpi.kpi_id) & benchmarks["area_kind"].eq(target.rule)]
        known = own[own["published_on"] <= pd.Timestamp(min(day, target.on))].sort_values("published_on")
        return float(known["value"].iloc[-1]) if len(known) else None
    if target.rule == "any rise" or baseline is None:
        return None
    if target.rule == "half as many again":
        return float(math.ceil(1.5 * baseline))
    size = (target.value or 0.0) * (baseline / 100 if target.rule == "rise by per cent" else 1)
    return baseline - size if kpi.polarity == "lower" else baseline + size


def split(targets: Sequence[Target], day: dt.date) -> tuple[list[Target], list[Target]]:
    """The targets whose day has come, and those ahead."""
    return [target for target in targets if target.on <= day], [target for target in targets if target.on > day]


def in_force(reached: Sequence[Target], ahead: Sequence[Target], day: dt.date, chosen: Scorecard) -> Target | None:
    """The target that judges: that of the latest milestone reached, or a point of the line to the next one."""
    if chosen.trajectory == "step" or not ahead or not reached:
        return reached[-1] if reached else None
    start, end = reached[-1], ahead[0]
    if start.value is None or end.value is None:
        return start
    share = (day - start.on).days / (end.on - start.on).days
    value_to = start.value_to
    if value_to is not None and end.value_to is not None:
        value_to += share * (end.value_to - value_to)
    return replace(start, on=day, value=start.value + share * (end.value - start.value), value_to=value_to)
