"""Can the figure of EHCP quality be trusted? Its auditors, its coverage, its N/A answers and its published baseline."""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from sendanalysis.methods.agreement import agree
from sendanalysis.methods.checklists import (
    CARE,
    NA_POLICIES,
    UNITS,
    care_readings,
    kpi_sections,
    latest_audits,
    score,
    share_met,
    tally,
)
from sendanalysis.methods.periods import add_months, month_end
from sendanalysis.methods.proportions import account, pct

if TYPE_CHECKING:
    from sendanalysis.inputs.choices import Choices
    from sendanalysis.methods.periods import Period

KPIS = ("QA_ALL", "QA_HEALTH", "QA_CARE")
NEAR_POINTS = 2
BASELINE_MONTHS = 3
AUDITOR_MONTHS = 12
COLUMNS = {
    "auditors": ["auditor_id", "plans_n", "met_n", "answers_n", "pct", "lower_pct", "upper_pct", "difference_points"],
    "agreement": ["section", "question_id", "pairs_n", "plans_n", "same_n", "same_pct", "kappa", "ac1"],
    "coverage": ["calendar_year", "new_plans_audited_n", "plans_issued_n", "audited_pct", "reason"],
}


@dataclass(frozen=True)
class AuditChecks:
    """Final audits of the chosen plan types up to the data date.

    Baseline audits are those of the three whole months that end with the month of `clock_start`, one a plan.

    Attributes:
        auditors: Last twelve months, each auditor's latest audit of each plan, answers pooled: auditor_id, plans_n,
            met_n, answers_n, pct, lower_pct, upper_pct (whole plans resampled), difference_points (from all of them
            pooled). Auditors saw different plans, so a spread is a question and no finding.
        agreement: Plans with final audits by two auditors (the latest two, each at their latest): section, question_id
            ('all' in the first row), pairs_n (both answered), plans_n, same_n, same_pct, kappa, ac1. Empty when none.
        coverage: calendar_year, new_plans_audited_n, plans_issued_n (known once the year is over), audited_pct, reason.
        reconciliation: Every reading of the baseline audits: unit, na_policy, care_sections, per KPI its pct and
            distance_points from the published baseline (QA_ALL_pct, QA_ALL_distance_points …), plans_n,
            largest_distance_points (of the KPIs published, where the reading has them all), verdict ('nearest';
            'nearest, but none near' beyond 2 points; else empty).
        drift: Baseline audits and headline window: kpi_id, baseline_na_pct, baseline_yes_pct, baseline_answers_n,
            na_pct, yes_pct, answers_n, change_points (of the N/A share).
        quality: what, rows_n (answers, or plans where said), share_pct (of the rows read).
    """

    auditors: pd.DataFrame
    agreement: pd.DataFrame
    coverage: pd.DataFrame
    reconciliation: pd.DataFrame
    drift: pd.DataFrame
    quality: pd.DataFrame


def measure(
    audits: pd.DataFrame,
    *,
    period: Period,
    choices: Choices,
    plan_kpis: pd.DataFrame | None = None,
    plans_issued: pd.DataFrame | None = None,
) -> AuditChecks:
    """Hold the audits against each other, against the plans issued and against the published baseline.

    Args:
        audits: audit_id, plan_id, audited_on, plan_type, stage, auditor_id, section, question_id, answer.
        period: Audits after its data date are not there yet.
        choices: na_policy, care_sections, plan_types, window, clock_start.
        plan_kpis: kpi_id, baseline_value.
        plans_issued: calendar_year, plans_issued.

    Returns:
        The checks.
    """
    audits = audits.reset_index(drop=True)
    done = (
        audits["audited_on"].le(pd.Timestamp(period.data_date))
        & audits["stage"].eq("final")
        & audits["plan_id"].notna()
    )
    final = audits[done & (audits["plan_type"].eq(choices.plan_types) | (choices.plan_types == "all"))]
    first = add_months(choices.clock_start.replace(day=1), 1 - BASELINE_MONTHS)
    then = latest_audits(final, first, min(month_end(choices.clock_start), period.data_date))
    pairs, twice_n = _pairs(final)
    found = {
        "rows read": len(audits),
        "final answers up to the data date": len(final),
        "of these, auditor not named": int(final["auditor_id"].isna().sum()),
        "answers in baseline audits": len(then),
        "plans audited by two auditors (plans, not rows)": twice_n,
    }
    quality = account(found)
    return AuditChecks(
        auditors=_auditors(final, period, choices.na_policy),
        agreement=_agreement(pairs),
        coverage=_coverage(audits[done & audits["plan_type"].eq("new")], period, plans_issued),
        reconciliation=_reconcile(then, choices, plan_kpis),
        drift=_drift(then, latest_audits(final, *period.window(choices.window)), choices),
        quality=quality.assign(share_pct=quality["share_pct"].iloc[:-1]),
    )


def _auditors(final: pd.DataFrame, period: Period, na_policy: str) -> pd.DataFrame:
    first, last = period.window(AUDITOR_MONTHS)
    named = final.dropna(subset="auditor_id").groupby("auditor_id")
    latest = {str(auditor): latest_audits(rows, first, last) for auditor, rows in named}
    tallies = {auditor: tally(rows) for auditor, rows in latest.items() if len(rows)}
    shares = {auditor: score(plans, "answer", na_policy) for auditor, plans in tallies.items()}
    n = sum(p.n for p in shares.values())
    pooled = sum(p.events for p in shares.values()) / n if n else math.nan
    rows = [
        (name, len(tallies[name]), p.events, p.n, 100 * p.value, 100 * p.lower, 100 * p.upper, 100 * (p.value - pooled))
        for name, p in shares.items()
    ]
    return pd.DataFrame(rows, columns=COLUMNS["auditors"])


def _pairs(final: pd.DataFrame) -> tuple[pd.DataFrame, int]:
    """Both answers to each question of the plans that two auditors judged, with the number of such plans."""
    order = ["audited_on", "audit_id"]
    each = final.dropna(subset="auditor_id").sort_values(order).drop_duplicates(["plan_id", "auditor_id"], keep="last")
    two = each.groupby("plan_id").tail(2)
    place = two.groupby("plan_id").cumcount()
    answered = final.dropna(subset="answer")[["audit_id", "plan_id", "section", "question_id", "answer"]]
    one, other = (answered[answered["audit_id"].isin(two.loc[place.eq(side), "audit_id"])] for side in (0, 1))
    pairs = one.merge(other, on=["plan_id", "section", "question_id"], suffixes=("_first", "_second"))
    return pairs, int(place.eq(1).sum())


def _agreement(pairs: pd.DataFrame) -> pd.DataFrame:
    groups: list[tuple[Any, pd.DataFrame]] = [(("all", "all"), pairs), *pairs.groupby(["section", "question_id"])]
    rows = []
    for names, group in groups if len(pairs) else ():
        found = agree(group["answer_first"], group["answer_second"])
        plans_n = group["plan_id"].nunique()
        rows.append((*names, found.n, plans_n, found.same, 100 * found.share, found.kappa, found.ac1))
    return pd.DataFrame(rows, columns=COLUMNS["agreement"])


def _coverage(new: pd.DataFrame, period: Period, plans_issued: pd.DataFrame | None) -> pd.DataFrame:
    audited = new.groupby(new["audited_on"].dt.year)["plan_id"].nunique()
    issued: dict[int, float] = {}
    if plans_issued is not None:
        count = pd.to_numeric(plans_issued["plans_issued"], errors="coerce").astype(float)
        issued = dict(zip(plans_issued["calendar_year"].astype(int), count, strict=True))
    rows = []
    for year in sorted(set(audited.index)):
        over = dt.date(year, 12, 31) <= period.data_date
        plans, reason = issued.get(year, math.nan) if over else math.nan, "" if over else "the year is not over"
        if over and not plans > 0:
            reason = "plans issued not known"
        done = int(audited[year])
        rows.append((year, done, plans, 100 * done / plans if plans > 0 else math.nan, reason))
    return pd.DataFrame(rows, columns=COLUMNS["coverage"])


def _reconcile(then: pd.DataFrame, choices: Choices, plan_kpis: pd.DataFrame | None) -> pd.DataFrame:
    published = pd.Series(math.nan, index=list(KPIS))
    if plan_kpis is not None:
        known = plan_kpis.set_index("kpi_id")["baseline_value"].reindex(list(KPIS))
        published = pd.to_numeric(known, errors="coerce").astype(float)
    rows = []
    for care in care_readings(choices.care_sections):
        for unit in UNITS:
            for policy in NA_POLICIES:
                if unit == "plan_overall" and care != CARE:  # it speaks of no section, so it has one reading only
                    continue
                row: dict[str, Any] = {"unit": unit, "na_policy": policy, "care_sections": ", ".join(care)}
                for kpi_id, sections in kpi_sections(care).items():
                    share = share_met(then, sections, unit, policy)
                    row[f"{kpi_id}_pct"] = 100 * share.value if share else math.nan
                    row[f"{kpi_id}_distance_points"] = row[f"{kpi_id}_pct"] - published[kpi_id]
                rows.append(row)
    table = pd.DataFrame(rows)
    compared = [f"{kpi_id}_distance_points" for kpi_id in KPIS if not math.isnan(published[kpi_id])]
    largest = table[compared].abs().max(axis=1, skipna=False) if compared else pd.Series(math.nan, table.index)
    nearest = largest.eq(largest.min())
    word = "nearest" if largest.min() <= NEAR_POINTS else "nearest, but none near"
    verdict = nearest.map({True: word, False: ""})
    return table.assign(plans_n=then["plan_id"].nunique(), largest_distance_points=largest, verdict=verdict)


def _drift(then: pd.DataFrame, now: pd.DataFrame, choices: Choices) -> pd.DataFrame:
    rows = []
    for kpi_id, sections in kpi_sections(choices.care_sections).items():
        row: dict[str, Any] = {"kpi_id": kpi_id}
        for prefix, audits in (("baseline_", then), ("", now)):
            total = tally(audits, sections).sum()
            decided = total["yes_n"] + total["no_n"]
            answers = decided + total["na_n"]
            row[f"{prefix}na_pct"] = pct(total["na_n"], answers)
            row[f"{prefix}yes_pct"] = pct(total["yes_n"], decided)
            row[f"{prefix}answers_n"] = int(answers)
        rows.append(row | {"change_points": row["na_pct"] - row["baseline_na_pct"]})
    return pd.DataFrame(rows)
