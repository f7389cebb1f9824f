"""The catalogue: every measure that an area's plan uses, by name, built in or declared in the area folder."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import pandas as pd

from sendanalysis.inputs.plan import BEFORE_PLAN, RECORDED
from sendanalysis.measures import advice, autism, autism_list, neu_pathway, quality, sen2, survey
from sendanalysis.measures.figures import ALL, Measure, Tables, count, first_day, inside_window, typed
from sendanalysis.measures.kinds import measure_of, windowed
from sendanalysis.methods.periods import Period, Window, add_months, month_end, windows
from sendanalysis.methods.proportions import pct

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sendanalysis.inputs.declared import Declared
    from sendanalysis.inputs.parameters import Parameters
    from sendanalysis.inputs.plan import Kpi

NEU = "neu_pathway"
BESIDE = {  # tables that a page shows beside those of its measure
    "autism": (NEU,),
    "sen2": ("sen2_requests", "sen2_plans"),
    "context": ("timeliness_20_week", "statistical_neighbours", "official"),
}


def measures_of(
    plan: tuple[Kpi, ...], parameters: Parameters, declared: tuple[Declared, ...], tables: Tables
) -> dict[str, Measure]:
    """The measures that a plan uses, with their further breakdowns, and the windows of their own that its KPIs ask for.

    Args:
        plan: The KPIs.
        parameters: The parameters in force.
        declared: Measures of the area's own.
        tables: Typed tables by name.

    Returns:
        Measures by name.
    """
    used = {kpi.measure for kpi in plan}
    found: list[Measure] = []
    made = {
        "quality": quality.measures(parameters.quality),
        "advice": advice.measures(parameters.advice),
        "autism": (*autism.measures(parameters.autism), *autism_list.measures(parameters.autism)),
        "survey": survey.measures(parameters.survey),
    }
    for name, measures in made.items():
        found += measures if name in used else ()
    found += sen2.measures() if "sen2_requests" in tables else ()
    found += neu_pathway.measures() if len(tables[NEU]) else ()
    found += [measure_of(item, tables) for item in declared]
    measures_by_name = {measure.name: measure for measure in found}
    for kpi in plan:
        if kpi.window and kpi.measure in measures_by_name:
            measures_by_name[kpi.measure] = windowed(measures_by_name[kpi.measure], kpi.window)
    return measures_by_name


def needed(what: str, measures: Mapping[str, Measure]) -> set[str]:
    """The tables without which a measure, or a page of what it shows, says nothing."""
    own = measures[what].needs if what in measures else ()
    return {*own, *BESIDE.get(what, ())}


def built_in_groups(parameters: Parameters) -> dict[str, tuple[str, ...]]:
    """Groups of the built-in measures that a KPI may name."""
    makers = (
        quality.measures(parameters.quality),
        advice.measures(parameters.advice),
        autism.measures(parameters.autism),
        survey.measures(parameters.survey),
    )
    return {found[0].name: tuple(found[0].groups) for found in makers}


def baseline_of(kpi: Kpi, whole: Kpi, measure: Measure, tables: Tables, period: Period) -> pd.DataFrame:
    """The baseline that a rule makes, as figures in the window `baseline`; none before its last day has passed.

    Args:
        kpi: The KPI.
        whole: The KPI it is a part of, or itself: the first months are whole calendar months after the one in which
            the first unit fell in the whole.
        measure: Its measure.
        tables: Typed tables by name.
        period: Reporting month and data date, with the plan's clock.
    """
    ledger = measure.ledger(tables, period.data_date) if kpi.baseline_rule else pd.DataFrame()
    window = baseline_window(kpi, whole, measure, ledger)
    if window is None or window.last > period.data_date:
        return typed([])
    found = count(measure, tables, [window], ledger)
    return found[found["group"] == kpi.group]


def baseline_window(kpi: Kpi, whole: Kpi, measure: Measure, ledger: pd.DataFrame) -> Window | None:
    """The window of a baseline that a rule makes; None where it has none, or nothing has fallen in yet."""
    first, last = kpi.baseline_days
    if kpi.baseline_rule in {"period", BEFORE_PLAN}:
        return Window("baseline", first, last) if first and last else None
    if not kpi.baseline_rule:
        return None
    chosen = ledger["counts"] if isinstance(measure.groups, str) else measure.groups[whole.group](ledger)
    days = ledger.loc[ledger["counts"] & chosen, "on"].dropna()
    if days.empty:
        return None
    start = add_months(days.min().date().replace(day=1), 1)
    return Window("baseline", start, month_end(add_months(start, 2 if "3" in kpi.baseline_rule else 0)))


def recorded(rows: pd.DataFrame, plan: tuple[Kpi, ...], period: Period) -> pd.DataFrame:
    """What owners supplied for months up to the reporting month, the entry recorded last by the data date counting.

    Args:
        rows: The table `recorded`.
        plan: The KPIs.
        period: Reporting month and data date.

    Returns:
        Figures of the measure `recorded`, the group being the kpi_id, with the column rating.
    """
    known = rows[(rows["recorded_on"] <= pd.Timestamp(period.data_date)) & (rows["month"] <= period.key)]
    known = known.sort_values(["month", "recorded_on", "value", "numerator", "rating"])
    known = known.drop_duplicates(["kpi_id", "month"], keep="last")
    asked = {kpi.kpi_id: kpi for kpi in plan if kpi.measure == RECORDED}
    table = []
    for row in known[known["kpi_id"].isin(list(asked))].to_dict("records"):
        first = pd.Timestamp(f"{row['month']}-01")
        n, of, value = row["numerator"], row["denominator"], row["value"]
        share = asked[row["kpi_id"]].unit == "percent"
        if pd.isna(value) and pd.notna(n):
            value = n if pd.isna(of) else pct(n, of) if share else n / of if of else math.nan
        rating = "" if pd.isna(row["rating"]) else str(row["rating"])
        end = pd.Timestamp(month_end(first.date()))
        state = "known" if pd.notna(value) or rating else "not known"
        table.append((RECORDED, row["kpi_id"], "month", first, end, n, of, value, math.nan, math.nan, state, rating))
    return typed(table, "rating")


def completeness(measure: Measure, group: str, tables: Tables, period: Period) -> float | None:
    """Per cent of what a figure rests on that could be used.

    The share usable among the rows of its window, times the share of all rows of its group that are not lost for want
    of a day. None where a ledger does not tell.
    """
    ledger = measure.ledger(tables, period.data_date)
    if "usable" not in ledger or isinstance(measure.groups, str):
        return None
    window = windows(measure.window, period, first_day(ledger, period), each=False)[-1]
    chosen = measure.groups.get(group, measure.groups[ALL])
    inside, rows = inside_window(measure, ledger.assign(counts=True), window), ledger[chosen(ledger)]
    inside = inside[chosen(inside)]
    lost = rows["on"].isna() & ~rows["usable"].astype(bool)
    return 100 * float(inside["usable"].astype(bool).mean()) * float(1 - lost.mean()) if len(inside) else None
