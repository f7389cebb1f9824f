"""The scorecard: each KPI of the plan beside its baseline and targets, with the colour that its key gives and why.

Key (the plan prints none; AMB23): Green at or above the target of the latest milestone reached; Amber below it but
above the baseline; Red at or below the baseline. Before the first milestone there is a next target and no colour.
Unrounded figures are compared. A KPI without baseline and target is not defined in the plan: no number, no colour.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import pandas as pd

from sendanalysis.methods.periods import add_months, in_words
from sendanalysis.methods.rounding import half_up

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence

    from sendanalysis.inputs.choices import Choices
    from sendanalysis.methods.periods import Period

Row = dict[Any, Any]
HORIZONS = (3, 6, 12)
NO_DATA = "No data"
NO_COLOUR = "No colour yet"
NOT_DEFINED = "Not defined in the plan"
NAMES = {
    "QA_ALL": "EHC plan quality, all sections",
    "QA_HEALTH": "EHC plan quality, health (C and G)",
    "QA_CARE": "EHC plan quality, social care",
    "ADVICE": "Advice on time, all partners",
    "ADVICE_EDUCATION": "Advice on time, Education",
    "ADVICE_HEALTH": "Advice on time, Health",
    "ADVICE_CARE": "Advice on time, Care",
    "POET": "Survey participants, all groups",
    "POET_CYP": "Survey participants, young people",
    "POET_PRACTITIONERS": "Survey participants, practitioners",
    "POET_PARENTS": "Survey participants, parents and carers",
    "NEU_SATISFACTION": "Satisfaction with the Neu pathway",
    "ASD_BACKLOG": "Autism backlog of 31 March 2021 assessed",
    "BALANCED_SYSTEM": "Balanced System approach to therapies",
}
_WORST_FIRST = ("Red", "Amber", NO_DATA, NO_COLOUR, "Green", NOT_DEFINED)


@dataclass(frozen=True)
class Target:
    """A value to be reached, and the day by which."""

    on: dt.date
    value: float


@dataclass(frozen=True)
class Figure:
    """One KPI in one month.

    Attributes:
        kpi_id: Id in kpis.csv.
        value: The figure, in `unit`, unrounded; None where there is none.
        unit: percent or participants.
        numerator: What was counted.
        denominator: Out of how many; None for a count.
        lower: Lower end of the 95% interval.
        upper: Upper end of the 95% interval.
        baseline: Where the plan started.
        target: Target in force: that of the latest milestone reached.
        target_on: Day of that milestone.
        next_target: Target of the next milestone.
        next_target_on: Day of the next milestone.
        status: Green, Amber, Red, or in words why there is no colour.
        reason: The rule that gave the status.
    """

    kpi_id: str
    value: float | None = None
    unit: str = "percent"
    numerator: float | None = None
    denominator: float | None = None
    lower: float | None = None
    upper: float | None = None
    baseline: float | None = None
    target: float | None = None
    target_on: dt.date | None = None
    next_target: float | None = None
    next_target_on: dt.date | None = None
    status: str = NO_DATA
    reason: str = ""


def measure(kpis: pd.DataFrame, measured: pd.DataFrame, *, period: Period, choices: Choices) -> dict[str, Figure]:
    """Every KPI of the plan with its figure, target and status.

    Args:
        kpis: The plan's table of KPIs.
        measured: One row a KPI that is measured: kpi_id, value, unit, numerator, denominator, lower, upper, and
            baseline where the measure itself sets it.
        period: Reporting month and data date.
        choices: trajectory, amber_floor, advice targets, poet_rule, asd_deadline and clock_start are used.

    Returns:
        Figures by kpi_id, in the order of the plan; those measured that the plan does not name follow.
    """
    extra = measured[~measured["kpi_id"].isin(kpis["kpi_id"])]
    kpis = pd.concat([kpis, extra[["kpi_id"]]], ignore_index=True)
    found = {str(row["kpi_id"]): row for row in measured.to_dict("records")}
    printed = {str(row["kpi_id"]): row for row in kpis.to_dict("records")}
    parts = {kpi_id: [name for name, row in printed.items() if row["parent_kpi_id"] == kpi_id] for kpi_id in printed}
    figures: dict[str, Figure] = {}
    for kpi_id, row in sorted(printed.items(), key=lambda item: bool(parts[item[0]])):
        current = found.get(kpi_id)
        figure = _figure(kpi_id, row, current)
        figures[kpi_id] = (
            _whole(figure, [figures[part] for part in parts[kpi_id]], choices, period)
            if parts[kpi_id]
            else _judge(figure, _targets(kpi_id, row, current, choices), period, choices)
        )
    return {kpi_id: figures[kpi_id] for kpi_id in printed}


def as_frame(figures: dict[str, Figure], kpis: pd.DataFrame) -> pd.DataFrame:
    """The figures as a table, one row a KPI: its short name, its words as printed, and every field of `Figure`."""
    printed = kpis.set_index("kpi_id")["kpi_as_printed"].fillna("").reindex(list(figures), fill_value="")
    names = {kpi_id: NAMES.get(kpi_id) or printed[kpi_id] or kpi_id for kpi_id in figures}
    rows = [{"kpi": names[key], "as_printed": printed[key]} | vars(figure) for key, figure in figures.items()]
    return pd.DataFrame(rows)


def target_steps(kpi: Row, choices: Choices) -> list[Target]:
    """The printed targets of a KPI with the days of their milestones."""
    return [
        Target(add_months(choices.clock_start, horizon), float(kpi[f"m{horizon}_target"]))
        for horizon in HORIZONS
        if pd.notna(kpi[f"m{horizon}_target"])
    ]


def _figure(kpi_id: str, kpi: Row, found: Row | None) -> Figure:
    baseline = _number(kpi["baseline_value"])
    if found is None:
        return Figure(kpi_id, unit=kpi["unit"] if pd.notna(kpi["unit"]) else "none", baseline=baseline)
    own = _number(found.get("baseline"))
    return Figure(
        kpi_id,
        value=_number(found["value"]),
        unit=found["unit"],
        numerator=_number(found["numerator"]),
        denominator=_number(found["denominator"]),
        lower=_number(found["lower"]),
        upper=_number(found["upper"]),
        baseline=baseline if own is None else own,
    )


def _targets(kpi_id: str, kpi: Row, found: Row | None, choices: Choices) -> list[Target]:
    if kpi_id == "ASD_BACKLOG":
        return [Target(choices.asd_deadline, 100.0)]
    if not kpi_id.startswith("ADVICE"):
        return target_steps(kpi, choices)
    baseline = _number((found or {}).get("baseline"))
    if choices.advice_target_kind == "any" or baseline is None:
        return []
    rise = choices.advice_target_value * (baseline / 100 if choices.advice_target_kind == "relative" else 1)
    return [Target(add_months(choices.clock_start, 3), baseline + rise)]


def _judge(figure: Figure, targets: Sequence[Target], period: Period, choices: Choices) -> Figure:
    any_rise = figure.kpi_id.startswith("ADVICE") and choices.advice_target_kind == "any"
    if not targets and figure.baseline is None and not figure.kpi_id.startswith("ADVICE"):
        return replace(figure, status=NOT_DEFINED, reason="the plan gives no baseline and no target")
    reached = [target for target in targets if target.on <= period.data_date]
    ahead = [target for target in targets if target.on > period.data_date]
    now = _target_now(reached, ahead, period, choices)
    figure = replace(
        figure,
        target=now.value if now else None,
        target_on=now.on if now else None,
        next_target=ahead[0].value if ahead else None,
        next_target_on=ahead[0].on if ahead else None,
    )
    if figure.value is None:
        return replace(figure, status=NO_DATA, reason="nothing was recorded to count")
    if any_rise:
        return _any_rise(figure, period, choices)
    if now is None:
        when = f"; the first falls on {in_words(ahead[0].on)}" if ahead else ""
        return replace(figure, status=NO_COLOUR, reason=f"no milestone has been reached{when}")
    return _coloured(figure, now, choices)


def _target_now(reached: Sequence[Target], ahead: Sequence[Target], period: Period, choices: Choices) -> Target | None:
    if choices.trajectory == "step" or not ahead or not reached:
        return reached[-1] if reached else None
    start = reached[-1]
    share = (period.data_date - start.on).days / (ahead[0].on - start.on).days
    return Target(period.data_date, start.value + share * (ahead[0].value - start.value))


def _any_rise(figure: Figure, period: Period, choices: Choices) -> Figure:
    if figure.baseline is None or figure.value is None:
        return replace(figure, status=NO_COLOUR, reason="its baseline is not known yet")
    if add_months(choices.clock_start, 3) > period.data_date:
        return replace(figure, status=NO_COLOUR, reason="no milestone has been reached")
    if figure.value > figure.baseline:
        return replace(
            figure, status="Amber", reason="above its baseline; the plan sets no size of rise, so none can be Green"
        )
    return replace(figure, status="Red", reason="at or below its baseline")


def _coloured(figure: Figure, now: Target, choices: Choices) -> Figure:
    value, floor = figure.value or 0.0, figure.baseline
    due = f"{half_up(now.value):g}" + ("%" if figure.unit == "percent" else "")
    if value >= now.value:
        return replace(figure, status="Green", reason=f"at or above the target of {due}")
    if choices.amber_floor == "points":
        amber, words = value >= now.value - choices.amber_points, f"than {choices.amber_points:g} below it"
        amber_words, red_words = f"no more {words}", f"more {words}"
    else:
        amber, amber_words, red_words = floor is None or value > floor, "above its baseline", "at or below its baseline"
    if amber:
        return replace(figure, status="Amber", reason=f"below the target of {due}, {amber_words}")
    return replace(figure, status="Red", reason=f"below the target of {due}, {red_words}")


def _whole(figure: Figure, parts: Sequence[Figure], choices: Choices, period: Period) -> Figure:
    if figure.kpi_id.startswith("POET"):
        figure = replace(
            figure,
            baseline=_sum(parts, "baseline"),
            target=_sum(parts, "target"),
            target_on=parts[0].target_on,
            next_target=_sum(parts, "next_target"),
            next_target_on=parts[0].next_target_on,
        )
        if choices.poet_rule == "pooled" and figure.target is not None and figure.value is not None:
            return _coloured(figure, Target(period.data_date, figure.target), choices)
    worst = min(parts, key=lambda part: _WORST_FIRST.index(part.status))
    return replace(
        figure,
        status=worst.status,
        reason=f"each part counts, and one is {worst.reason}"
        if worst.status in ("Red", "Amber")
        else f"of one part, {worst.reason}",
    )


def _sum(parts: Sequence[Figure], name: str) -> float | None:
    values = [getattr(part, name) for part in parts]
    return None if None in values else float(sum(values))


def _number(value: Any) -> float | None:
    return None if value is None or pd.isna(value) or math.isinf(value) else float(value)
