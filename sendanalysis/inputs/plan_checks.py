"""Whether a plan fits itself and its data: KPIs, parents, measures, groups, targets and their days."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pandas as pd

from sendanalysis.inputs.contracts import PATTERNS, Fault
from sendanalysis.inputs.plan import ALL, BENCHMARKS, RECORDED, SIZED, Kpi
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
STANDING = ("cohort cleared", "stock on a day")  # kinds whose figures stand on a day
OWN_WINDOW = {"autism": ("day",), "survey": ("to date", "month")}
KPIS, TARGETS, RECORDS, SETTINGS, DECLARED = "kpis.csv", "targets.csv", "recorded.csv", "area.toml", "measures.toml"


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
        *_recorded(plan, tables),
    ]


def _rows(tables: Mapping[str, pd.DataFrame]) -> Iterator[tuple[int, str]]:
    for row, kpi_id in tables["kpis"]["kpi_id"].dropna().items():
        yield int(str(row)), str(kpi_id)


def _measures(plan: tuple[Kpi, ...], tables: Mapping[str, pd.DataFrame], declared: tuple[Declared, ...]) -> list[Fault]:
    groups = GROUPS | {item.name: (ALL, *item.groups) for item in declared}
    standing = [item for item in declared if item.kind in STANDING or item.fields.get("statistic") == "median"]
    windows = OWN_WINDOW | {item.name: ("day",) for item in standing}
    by_id, faults = {kpi.kpi_id: kpi for kpi in plan}, []
    for row, kpi_id in _rows(tables):
        kpi = by_id[kpi_id]
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
    shares, by_id = SHARES | {item.name for item in declared if item.unit == "percent"}, {k.kpi_id: k for k in plan}
    units = {item.name: item.unit for item in declared if item.unit in {"days", "weeks"}}
    others = {"survey", *(item.name for item in declared)} - shares
    faults = []
    for row, kpi_id in _rows(tables):
        kpi = by_id[kpi_id]
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
    for row, kpi_id in _rows(tables):
        seen, at = {kpi_id}, parent[kpi_id]
        while at and at not in seen:
            seen.add(at)
            at = parent.get(at, "")
        if at == kpi_id:
            remedy = "Let one of them stand under no other: leave its parent_kpi_id empty."
            faults.append(Fault(KPIS, row, "parent_kpi_id", parent[kpi_id], "is a part of its own parts", remedy))
        if kpi_id in summed:
            remedy = f"Name {kpi_id} as parent_kpi_id of its parts, or leave parts empty."
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
        faults += [*_rule(kpi, row, cells, known), *_value(kpi, row, cells)]
    return faults


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


def _rule(kpi: Kpi, row: int, cells: pd.Series, known: set[tuple[str, ...]]) -> Iterator[Fault]:
    rule = "" if pd.isna(cells["rule"]) else str(cells["rule"])
    if not rule:
        return
    if kpi.polarity == "band":
        remedy = "Write value and value_to, or another polarity in kpis.csv."
        yield Fault(TARGETS, row, "rule", rule, f"does not go with the polarity of {kpi.kpi_id}, a band", remedy)
    if rule not in SIZED and pd.notna(cells["value"]):
        problem = f"would be ignored beside the rule '{rule}'"
        yield Fault(TARGETS, row, "value", f"{cells['value']:g}", problem, "Keep the value or the rule, not both.")
    if rule in BENCHMARKS:
        if (kpi.kpi_id, rule) not in known:
            remedy = f"Add a row with kpi_id {kpi.kpi_id} and area_kind {rule} to plan/benchmarks.csv."
            yield Fault(TARGETS, row, "rule", rule, "has no published figure to be held against", remedy)
    elif kpi.baseline is None and not kpi.baseline_rule and kpi.parts != "sum":
        remedy = "Write baseline_value or baseline_rule in kpis.csv, or the target as a value."
        yield Fault(TARGETS, row, "rule", rule, f"needs a baseline, and {kpi.kpi_id} has none", remedy)


def _value(kpi: Kpi, row: int, cells: pd.Series) -> Iterator[Fault]:
    value, upper, band = cells["value"], cells["value_to"], kpi.polarity == "band"
    if kpi.unit == "percent" and pd.isna(cells["rule"]):
        for column in ("value", "value_to"):
            if cells[column] > 100:
                yield Fault(
                    TARGETS, row, column, f"{cells[column]:g}", "is more than 100 per cent", "Write 84 for 84%."
                )
    if band and pd.notna(value) and pd.isna(upper):
        remedy = "Write the upper end of the range, or another polarity in kpis.csv."
        yield Fault(TARGETS, row, "value_to", None, "the cell is empty although the KPI keeps a band", remedy)
    if not band and pd.notna(upper):
        remedy = "Remove it, or write band as the polarity of the KPI in kpis.csv."
        yield Fault(
            TARGETS, row, "value_to", f"{upper:g}", f"would be ignored, since {kpi.kpi_id} keeps no band", remedy
        )


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


def _recorded(plan: tuple[Kpi, ...], tables: Mapping[str, pd.DataFrame]) -> list[Fault]:
    by_id, faults = {kpi.kpi_id: kpi for kpi in plan}, []
    for label, cells in tables["recorded"].iterrows():
        row, kpi_id = int(str(label)), str(cells["kpi_id"])
        kpi = by_id.get(kpi_id)
        if kpi and kpi.measure != RECORDED:
            what = f"has the measure {kpi.measure}" if kpi.measure else "has no measure"
            remedy = "Write recorded as its measure in kpis.csv, or remove the row."
            faults.append(Fault(RECORDS, row, "kpi_id", kpi_id, f"{what}, so this row would be ignored", remedy))
        elif kpi:
            faults += _record(kpi, row, cells)
    return faults


def _record(kpi: Kpi, row: int, cells: pd.Series) -> Iterator[Fault]:
    """What the unit of a KPI asks of the row: a rating, or a figure; of a percentage both counts, and at most 100."""
    if kpi.unit == "rating" and pd.isna(cells["rating"]):
        remedy = "Write Green, Amber, Red, Blue, yes or no, or another unit in kpis.csv."
        yield Fault(
            RECORDS, row, "rating", None, f"the cell is empty although the unit of {kpi.kpi_id} is rating", remedy
        )
    if kpi.unit != "rating" and pd.notna(cells["rating"]):
        problem, remedy = f"is no figure in {kpi.unit}", "Write a figure, or rating as the unit of the KPI in kpis.csv."
        yield Fault(RECORDS, row, "rating", str(cells["rating"]), problem, remedy)
    if kpi.unit == "percent":
        if pd.notna(cells["numerator"]) and pd.isna(cells["denominator"]):
            remedy = "Write out of how many, or the percentage as value."
            yield Fault(RECORDS, row, "denominator", None, "the cell is empty beside a numerator", remedy)
        if cells["numerator"] > cells["denominator"]:
            problem = f"is more than the denominator ({cells['denominator']:g})"
            remedy = "Correct whichever of the two is wrong."
            yield Fault(RECORDS, row, "numerator", f"{cells['numerator']:g}", problem, remedy)
        if cells["value"] > 100:
            yield Fault(RECORDS, row, "value", f"{cells['value']:g}", "is more than 100 per cent", "Write 84 for 84%.")
