"""Whether a plan fits itself and its data: KPIs, parents, measures, groups, targets and their days."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pandas as pd

from sendanalysis.inputs.contracts import PATTERNS, Fault
from sendanalysis.inputs.plan import ALL, BENCHMARKS, RECORDED, Kpi
from sendanalysis.inputs.rules import beside_faults
from sendanalysis.methods.periods import add_months

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator, Mapping

    from sendanalysis.inputs.declared import Declared
    from sendanalysis.inputs.parameters import Parameters

GROUPS = {  # groups of the built-in measures that a KPI may name; a test holds them to the measures
    "quality": ("all", "health", "care"),
    "advice": (
        *("all", "education", "educational_psychology", "health", "care"),
        *("parents_and_young_people", "other"),
    ),
    "autism": ("all",),
    "survey": ("all", "cyp", "practitioner", "parent_carer"),
}
SHARES = {"quality", "advice", "autism"}  # built-in measures whose figures are per cent; a survey counts forms
SEN2 = (  # measures of the SEN2 return that a KPI may name where the area has one
    *("sen2_in_time", "sen2_in_time_excl", "sen2_decision", "sen2_refusal", "sen2_review_decision", "sen2_phase"),
)
STANDING = ("cohort cleared", "stock on a day")  # kinds whose figures stand on a day
OWN_WINDOW = {"autism": ("day",), "survey": ("to date", "month")}
KPIS, TARGETS, SETTINGS, DECLARED = "kpis.csv", "targets.csv", "area.toml", "measures.toml"


def plan_faults(
    plan: tuple[Kpi, ...],
    tables: Mapping[str, pd.DataFrame],
    declared: tuple[Declared, ...],
    parameters: Parameters,
) -> list[Fault]:
    """Every place where a plan contradicts itself, its measures or its data, each with the remedy.

    Args:
        plan: The KPIs.
        tables: Typed tables by name.
        declared: Measures of the area's own.
        parameters: The parameters in force.
    """
    return [
        *_measures(plan, tables, declared),
        *_units(plan, tables, declared),
        *_parents(plan, tables),
        *_targets(plan, tables, parameters.plan.clock_start),
        *_survey_years(plan, tables, parameters),
        *_cohort(plan, tables, parameters),
        *_declared_cohorts(tables, declared),
        *beside_faults(tables, "recorded"),
    ]


def _rows(plan: tuple[Kpi, ...], tables: Mapping[str, pd.DataFrame]) -> Iterator[tuple[int, Kpi]]:
    """Each KPI with its row in kpis.csv; a row without an id is a fault of its own."""
    for (row, kpi_id), kpi in zip(tables["kpis"]["kpi_id"].items(), plan, strict=True):
        if pd.notna(kpi_id):
            yield int(str(row)), kpi


def _measures(plan: tuple[Kpi, ...], tables: Mapping[str, pd.DataFrame], declared: tuple[Declared, ...]) -> list[Fault]:
    groups = GROUPS | {item.name: (ALL, *item.groups) for item in declared}
    groups |= dict.fromkeys(SEN2, (ALL,)) if "sen2_requests" in tables else {}
    standing = [item for item in declared if item.kind in STANDING or item.fields.get("statistic") == "median"]
    windows = OWN_WINDOW | {item.name: ("day",) for item in standing}
    faults = []
    for row, kpi in _rows(plan, tables):
        if not kpi.measure or kpi.measure == RECORDED:
            faults += _ignored(kpi, row)
        elif kpi.measure not in groups:
            remedy = f"Write one of {', '.join([*groups, RECORDED])}, or declare it in measures.toml."
            faults.append(Fault(KPIS, row, "measure", kpi.measure, "is no measure", remedy))
        elif kpi.group not in groups[kpi.measure]:
            remedy = f"Write one of {', '.join(groups[kpi.measure])}."
            faults.append(Fault(KPIS, row, "group", kpi.group, f"is no group of {kpi.measure}", remedy))
        elif kpi.window and kpi.window not in windows.get(kpi.measure, (kpi.window,)):
            remedy = f"Leave it empty, or write {' or '.join(windows[kpi.measure])}."
            faults.append(Fault(KPIS, row, "window", kpi.window, f"does not go with {kpi.measure}", remedy))
    return faults


def _ignored(kpi: Kpi, row: int) -> list[Fault]:
    """A group or window of a KPI whose figures are recorded, or that has no measure."""
    given = {"group": kpi.group if kpi.group != ALL else "", "window": kpi.window}
    without = "is recorded" if kpi.measure else "has no measure"
    problem, remedy = f"would be ignored, since the KPI {without}", "Remove it, or name the measure it belongs to."
    return [Fault(KPIS, row, column, value, problem, remedy) for column, value in given.items() if value]


def _units(plan: tuple[Kpi, ...], tables: Mapping[str, pd.DataFrame], declared: tuple[Declared, ...]) -> list[Fault]:
    """KPIs whose unit is not that of their measure."""
    shares = SHARES | {*SEN2} | {item.name for item in declared if item.unit == "percent"}
    units = {item.name: item.unit for item in declared if item.unit in {"days", "weeks"}}
    others = {"survey", *(item.name for item in declared)} - shares
    faults = []
    for row, kpi in _rows(plan, tables):
        wanted = "percent" if kpi.measure in shares else units.get(kpi.measure, kpi.unit)
        if kpi.unit != wanted:
            faults.append(Fault(KPIS, row, "unit", kpi.unit, f"is not what {kpi.measure} gives", f"Write {wanted}."))
        elif kpi.measure in others and kpi.unit == "percent":
            remedy = "Write what it counts, in plural, such as participants; an empty cell means percent."
            faults.append(Fault(KPIS, row, "unit", kpi.unit, f"is not what {kpi.measure} gives", remedy))
    return faults


def _parents(plan: tuple[Kpi, ...], tables: Mapping[str, pd.DataFrame]) -> list[Fault]:
    parent = {kpi.kpi_id: kpi.parent for kpi in plan}
    summed = {kpi.kpi_id for kpi in plan if kpi.parts == "sum"} - set(parent.values())
    faults = []
    for row, kpi in _rows(plan, tables):
        seen, at = {kpi.kpi_id}, kpi.parent
        while at and at not in seen:
            seen.add(at)
            at = parent.get(at, "")
        if at == kpi.kpi_id:
            remedy = "Let one of them stand under no other: leave its parent_kpi_id empty."
            faults.append(Fault(KPIS, row, "parent_kpi_id", kpi.parent, "is a part of its own parts", remedy))
        if kpi.kpi_id in summed:
            remedy = f"Name {kpi.kpi_id} as parent_kpi_id of its parts, or leave parts empty."
            faults.append(Fault(KPIS, row, "parts", "sum", "adds up parts, and no KPI is a part of this one", remedy))
    return faults


def _targets(plan: tuple[Kpi, ...], tables: Mapping[str, pd.DataFrame], clock_start: dt.date) -> list[Fault]:
    by_id, faults = {kpi.kpi_id: kpi for kpi in plan}, []
    known = {tuple(pair) for pair in tables["benchmarks"][["kpi_id", "area_kind"]].itertuples(index=False)}
    seen: dict[tuple[str, dt.date], int] = {}
    for label, cells in tables["targets"].iterrows():
        kpi, row = by_id.get(str(cells["kpi_id"])), int(str(label))
        if kpi is None:
            continue
        given, months = pd.notna(cells["due_on"]), cells["months"]
        if given or pd.notna(months):
            due = cells["due_on"].date() if given else add_months(clock_start, int(months))
            column, text = ("due_on", f"{due}") if given else ("months", f"{months}")
            faults += _too_early(kpi, row, due, clock_start)
            first = seen.setdefault((kpi.kpi_id, due), row)
            if first != row:
                problem, remedy = f"names the same day ({due}) as row {first}", "Keep one row for each KPI and day."
                faults.append(Fault(TARGETS, row, column, text, problem, remedy))
        faults += _published(kpi, row, cells, known)
    return sorted([*faults, *beside_faults(tables, "targets")], key=lambda fault: fault.row or 0)


def _too_early(kpi: Kpi, row: int, due: dt.date, clock_start: dt.date) -> list[Fault]:
    begun = kpi.baseline_days[1] or kpi.baseline_days[0]
    remedy = "Correct whichever day is wrong."
    if begun and due < begun:
        problem = f"is before the end of its baseline ({begun})"
        return [Fault(TARGETS, row, "due_on", f"{due}", problem, f"{remedy} The baseline stands in kpis.csv.")]
    if due < clock_start:
        return [
            Fault(TARGETS, row, "due_on", f"{due}", f"is before the clock starts ({clock_start})", remedy, warns=True)
        ]
    return []


def _published(kpi: Kpi, row: int, cells: pd.Series, known: set[tuple[str, ...]]) -> list[Fault]:
    if cells["rule"] not in BENCHMARKS or (kpi.kpi_id, cells["rule"]) in known:
        return []
    remedy = f"Add a row with kpi_id {kpi.kpi_id} and area_kind {cells['rule']} to plan/benchmarks.csv."
    return [Fault(TARGETS, row, "rule", cells["rule"], "has no published figure to be held against", remedy)]


def _survey_years(plan: tuple[Kpi, ...], tables: Mapping[str, pd.DataFrame], parameters: Parameters) -> list[Fault]:
    if not any(kpi.measure == "survey" for kpi in plan):
        return []
    years, faults = sorted(set(tables["survey_responses"]["survey_year"].dropna())), []
    known, (pattern, odd, remedy) = ", ".join(years) or "none", PATTERNS["survey_year"]
    wanted = {name: getattr(parameters.survey, name) for name in ("target_year", "baseline_year")}
    for name, year in wanted.items():
        place, write = f"measures.survey.{name}", f"Write one that survey_responses.csv holds: {known}."
        if not year and name == "target_year":
            asked = f'Write target_year = "…" under [measures.survey]; survey_responses.csv holds {known}.'
            faults.append(Fault(SETTINGS, None, place, None, "it is not set", asked))
        elif year and not re.fullmatch(pattern, year):
            faults.append(Fault(SETTINGS, None, place, year, odd, remedy))
        elif year and years and year not in years:
            later = year > years[-1] and name == "target_year"  # which may be still to come
            faults.append(Fault(SETTINGS, None, place, year, "has no form", write, warns=later))
    return faults


def _cohort(plan: tuple[Kpi, ...], tables: Mapping[str, pd.DataFrame], parameters: Parameters) -> list[Fault]:
    if not any(kpi.measure == "autism" for kpi in plan):
        return []
    day, referred = parameters.autism.cohort_on, tables["autism_referrals"]["referred_on"].dropna()
    if day is None:
        remedy = "Write the day on which the children of the backlog were waiting, under [measures.autism]."
        return [Fault(SETTINGS, None, "measures.autism.cohort_on", None, "it is not set", remedy)]
    if len(referred) and pd.Timestamp(day) < referred.min():
        first = f"is before the first referral ({referred.min():%Y-%m-%d}), so nobody can have been waiting"
        remedy = "Correct the day, or add the older referrals to autism_referrals.csv."
        return [Fault(SETTINGS, None, "measures.autism.cohort_on", f"{day}", first, remedy)]
    return []


def _declared_cohorts(tables: Mapping[str, pd.DataFrame], declared: tuple[Declared, ...]) -> list[Fault]:
    faults = []
    for item in declared:
        begun = (
            tables[item.table][item.fields["start"]].dropna() if "cohort_on" in item.fields else pd.Series(dtype=str)
        )
        if len(begun) and pd.Timestamp(item.fields["cohort_on"]) < begun.min():
            problem = f"is before the first {item.fields['start']} of {item.table}.csv ({begun.min():%Y-%m-%d})"
            remedy = "Correct the day, or add the older rows."
            day = f"{item.fields['cohort_on']}"
            faults.append(Fault(DECLARED, None, f"measures.{item.name}.cohort_on", day, problem, remedy))
    return faults
