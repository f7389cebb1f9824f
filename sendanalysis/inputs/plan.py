"""The plan as data: each KPI with its words, its measure, its baseline and its dated targets."""

from __future__ import annotations

import datetime as dt
import math
import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import pandas as pd

from sendanalysis.methods.periods import add_months

if TYPE_CHECKING:
    from collections.abc import Mapping

RECORDED = "recorded"
ALL = "all"
BENCHMARKS = ("england", "region", "neighbours")
BEFORE_PLAN = "12 months before the plan"
RHYTHMS = {  # words → the rhythm's name; the first that fits is taken
    r"half[ -]?term": "half-termly",
    r"twice a year|six-monthly": "twice a year",
    r"quarter": "quarterly",
    r"monthly": "monthly",
    r"\beach\b": "each meeting",
    r"at \d+ months": "review",
}
SIZED = ("rise by points", "rise by per cent")
WINDOW = re.compile(r"month|[1-9]\d? months|school year|to date|day")


@dataclass(frozen=True)
class Target:
    """One milestone of a KPI: a value, or a rule that gives one, by a day.

    Attributes:
        on: Day by which it is to be reached.
        value: The value, in the KPI's unit; with a rule, its size.
        value_to: Upper end of the range, for a KPI that is to keep within one.
        rule: The rule, or empty.
        text: The cell as printed.
    """

    on: dt.date
    value: float | None = None
    value_to: float | None = None
    rule: str = ""
    text: str = ""

    @property
    def judges(self) -> bool:
        """Whether it says what is to be reached; words alone give no colour."""
        return self.value is not None or bool(self.rule)


@dataclass(frozen=True)
class Kpi:
    """One KPI of the plan, or a part of one.

    Attributes:
        kpi_id: Id in kpis.csv.
        name: Its short name.
        as_printed: Its words in the plan.
        heading: The heading it stands under.
        parent: KPI it is a part of; empty for none.
        measure: Measure that gives its figure; `recorded`; or empty, when the plan does not say.
        group: Group of that measure.
        window: What a figure covers; empty: as the measure does.
        unit: percent, or what is counted.
        polarity: higher, lower or band.
        baseline: The printed baseline.
        baseline_as_printed: Its words.
        baseline_rule: How a baseline that is not printed is made; empty for none.
        baseline_days: First and last day of the baseline, where they are known.
        parts: Whether `each` of its parts is judged or their `sum`; empty: its own targets where it has any, else each.
        owner: Role or body that answers for it.
        note: What a reader must know.
        targets: Its milestones in order of their days.
    """

    kpi_id: str
    name: str
    as_printed: str = ""
    heading: str = ""
    parent: str = ""
    measure: str = ""
    group: str = ALL
    window: str = ""
    unit: str = "percent"
    polarity: str = "higher"
    baseline: float | None = None
    baseline_as_printed: str = ""
    baseline_rule: str = ""
    baseline_days: tuple[dt.date | None, dt.date | None] = (None, None)
    parts: str = ""
    owner: str = ""
    note: str = ""
    targets: tuple[Target, ...] = ()

    @property
    def defined(self) -> bool:
        """Whether the plan says what is measured, from where or to where."""
        judged = any(target.judges for target in self.targets)
        return bool(self.measure or self.baseline is not None or self.baseline_rule or judged)


def read_plan(tables: Mapping[str, pd.DataFrame], clock_start: dt.date) -> tuple[Kpi, ...]:
    """The KPIs of a plan, in its order.

    Args:
        tables: kpis and targets, typed.
        clock_start: Day from which the months of a target are counted.

    Returns:
        The KPIs with their targets.
    """
    targets: dict[str, list[Target]] = {}
    for row in tables["targets"].to_dict("records"):
        if pd.notna(row["due_on"]) or pd.notna(row["months"]):
            targets.setdefault(str(row["kpi_id"]), []).append(_target(row, clock_start))
    rows = tables["kpis"].to_dict("records")
    found = [_kpi(row, tuple(sorted(targets.get(str(row["kpi_id"]), []), key=lambda t: t.on))) for row in rows]
    return tuple(_before_plan(kpi, clock_start) for kpi in found)


def parts_of(plan: tuple[Kpi, ...], kpi_id: str) -> tuple[Kpi, ...]:
    """The KPIs that are parts of one, in the plan's order."""
    return tuple(kpi for kpi in plan if kpi.parent == kpi_id)


def roots(plan: tuple[Kpi, ...]) -> tuple[Kpi, ...]:
    """The KPIs that are no part of another, which is what a plan is said to have."""
    return tuple(kpi for kpi in plan if not kpi.parent)


def parts_first(plan: tuple[Kpi, ...]) -> list[Kpi]:
    """The KPIs in an order in which each part stands before its whole."""
    by_id = {kpi.kpi_id: kpi for kpi in plan}

    def depth(kpi: Kpi, steps: int = 0) -> int:
        above = by_id.get(kpi.parent)
        return steps if above is None or steps > len(plan) else depth(above, steps + 1)

    return sorted(plan, key=depth, reverse=True)


def whole_of(plan: tuple[Kpi, ...], kpi: Kpi) -> Kpi:
    """The KPI that one is a part of, however deep, as far as it has the same measure; itself where it is no part."""
    by_id, seen = {other.kpi_id: other for other in plan}, {kpi.kpi_id}
    while kpi.parent in by_id and kpi.parent not in seen and by_id[kpi.parent].measure == kpi.measure:
        kpi = by_id[kpi.parent]
        seen.add(kpi.kpi_id)
    return kpi


def _before_plan(kpi: Kpi, clock_start: dt.date) -> Kpi:
    """The KPI with the days of a baseline that covers the twelve whole months before the plan's clock starts."""
    if kpi.baseline_rule != BEFORE_PLAN:
        return kpi
    after = (clock_start + dt.timedelta(days=1)).replace(day=1)
    return replace(kpi, baseline_days=(add_months(after, -12), after - dt.timedelta(days=1)))


def _target(row: dict[Any, Any], clock_start: dt.date) -> Target:
    on = row["due_on"].date() if pd.notna(row["due_on"]) else add_months(clock_start, int(row["months"]))
    return Target(
        on, _number(row["value"]), _number(row["value_to"]), _text(row["rule"]), _text(row["text_as_printed"])
    )


def _kpi(row: dict[Any, Any], targets: tuple[Target, ...]) -> Kpi:
    return Kpi(
        kpi_id=str(row["kpi_id"]),
        name=_text(row["name"]) or str(row["kpi_id"]),
        as_printed=_text(row["kpi_as_printed"]),
        heading=_text(row["heading_as_printed"]),
        parent=_text(row["parent_kpi_id"]),
        measure=_text(row["measure"]),
        group=_text(row["group"]) or ALL,
        window=_text(row["window"]),
        unit=_text(row["unit"]) or "percent",
        polarity=_text(row["polarity"]) or "higher",
        baseline=_number(row["baseline_value"]),
        baseline_as_printed=_text(row["baseline_as_printed"]),
        baseline_rule=_text(row["baseline_rule"]),
        baseline_days=(_day(row["baseline_from"]), _day(row["baseline_to"])),
        parts=_text(row["parts"]),
        owner=_text(row["owner"]),
        note=_text(row["note"]),
        targets=targets,
    )


def _text(value: Any) -> str:
    return "" if pd.isna(value) else str(value).strip()


def _number(value: Any) -> float | None:
    return None if pd.isna(value) or math.isinf(value) else float(value)


def _day(value: Any) -> dt.date | None:
    return None if pd.isna(value) else value.date()
