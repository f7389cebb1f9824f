"""EHCP quality assurance: how many of the auditors' questions are met, on which reading, and by how much chance."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from sendanalysis.methods import spc
from sendanalysis.methods.checklists import (
    ANSWERS,
    NA_POLICIES,
    OVERALL,
    UNITS,
    care_readings,
    kpi_sections,
    latest_audits,
    share_met,
    tally,
)
from sendanalysis.methods.periods import month_end, months_between
from sendanalysis.methods.proportions import account, more_events_needed, n_needed_to_tell, pct, wilson

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping

    from sendanalysis.inputs.choices import Choices
    from sendanalysis.methods.periods import Period

HORIZONS = {"m3_target": 3, "m6_target": 6, "m12_target": 12}
LEFT_OUT = [
    "no date, left out",
    "after the data date, left out",
    "no plan named, left out",
    "draft, left out",
    "other type of plan, left out",
]
NO_OVERALL = "the overall question speaks of the whole plan, not of a section"
FIGURE = ["numerator", "denominator", "pct", "lower_pct", "upper_pct", "reason"]
COUNTS = ["plans_n", "yes_n", "no_n", "na_n", "blank_n", "yes_pct", "na_pct"]
COLUMNS = {
    "trend": [
        *("kpi_id", "month", "met_n", "answers_n", "pct", "lower_pct", "upper_pct", *COUNTS, "mean_pct", "median_pct"),
        *("lower_limit_pct", "upper_limit_pct", "limits_shown", "special_cause", "point_type"),
    ],
    "variation": ["kpi_id", "points_n", "mean_pct", "target_pct", "variation", "assurance"],
    "sections": ["section", *FIGURE[:-1], *COUNTS],
    "questions": ["rank", "section", "question_id", "no_n", "answers_n", "no_pct", "lower_pct", "upper_pct"],
    "gap": ["kpi_id", "horizon_months", "target_pct", "pct", "gap_points", "more_met_n", "plans_needed_n"],
}


@dataclass(frozen=True)
class Quality:
    """Counted audits only: final ones, one per plan and period, the latest (of two on a day the larger audit_id).

    A figure is numerator, denominator, pct, lower_pct, upper_pct and the reason where there is none. Its interval is
    Wilson's for plan_all and plan_overall, else a bootstrap of whole plans. Counts are plans_n (with an answer), yes_n,
    no_n, na_n, blank_n, yes_pct = Yes/(Yes + No), na_pct = N/A/(Yes + No + N/A): of answers, whatever the unit.

    Attributes:
        kpis: QA_ALL, QA_HEALTH, QA_CARE in the headline window: kpi_id, value, unit, numerator, denominator (plan_mean:
            sum of the plans' shares, plans), lower, upper, counts, reason.
        trend: Single months: kpi_id, month, met_n, answers_n (numerator and denominator by the unit), pct, interval,
            counts, mean_pct, median_pct, lower_limit_pct, upper_limit_pct, limits_shown, special_cause, point_type:
            XmR; limits, causes and types are empty below 13 audited months.
        variation: kpi_id, points_n, mean_pct, target_pct, variation, assurance (both empty below 13 audited months).
        units: kpi_id, unit, na_policy, in_headline, figure: all readings in the headline window.
        care_readings: sections, in_headline, figure: D, H1, H2 and D, F as printed.
        sections: section, numerator, denominator, pct, interval, counts.
        questions: rank, section, question_id, no_n, answers_n, no_pct, interval (Wilson: one answer a plan).
        gap: kpi_id, horizon_months, target_pct, pct, gap_points (target less figure), more_met_n (answers or plans that
            would have to turn from No), plans_needed_n (audits that would tell the figure from the target).
        quality: what, rows_n (answers), audits_n, share_pct (of the rows read).
    """

    kpis: pd.DataFrame
    trend: pd.DataFrame
    variation: pd.DataFrame
    units: pd.DataFrame
    care_readings: pd.DataFrame
    sections: pd.DataFrame
    questions: pd.DataFrame
    gap: pd.DataFrame
    quality: pd.DataFrame


def measure(
    audits: pd.DataFrame,
    *,
    period: Period,
    choices: Choices,
    plan_kpis: pd.DataFrame | None = None,
    targets: Mapping[str, float | None] | None = None,
) -> Quality:
    """Pool the counted audits: (Yes + N/A) ÷ (Yes + No + N/A), blanks left out, by the unit and N/A policy chosen.

    Args:
        audits: audit_id, plan_id, audited_on, plan_type, stage, auditor_id, section, question_id, answer.
        period: Reporting month; audits after its data date are not there yet.
        choices: qa_unit, na_policy, care_sections, plan_types, window.
        plan_kpis: kpi_id, m3_target, m6_target, m12_target, for the gap.
        targets: Target in per cent per KPI that the assurance is judged against.

    Returns:
        The figures; frames are empty where nothing was audited.
    """
    audits = audits.reset_index(drop=True)
    status = _status(audits, period, choices)
    final = audits[status.eq("final")]
    now = latest_audits(final, *period.window(choices.window))
    kpis = kpi_sections(choices.care_sections)
    headline = _kpis(now, kpis, choices)
    trend, variation = _trend(final, period, kpis, choices, targets or {})
    return Quality(
        kpis=headline,
        trend=trend,
        variation=variation,
        units=_units(now, kpis, choices),
        care_readings=_care(now, choices),
        sections=_sections(now, choices.na_policy),
        questions=_questions(now, choices.na_policy),
        gap=_gap(headline, choices.qa_unit, plan_kpis),
        quality=_account(audits, status, now, period.window(choices.window)),
    )


def _status(audits: pd.DataFrame, period: Period, choices: Choices) -> pd.Series[str]:
    reasons = [
        audits["audited_on"].isna(),
        audits["audited_on"] > pd.Timestamp(period.data_date),
        audits["plan_id"].isna(),
        audits["stage"].ne("final"),
        audits["plan_type"].ne(choices.plan_types) & (choices.plan_types != "all"),
    ]
    return pd.Series(np.select(reasons, LEFT_OUT, "final"), audits.index, dtype="str")


def _figure(counted: pd.DataFrame, sections: tuple[str, ...], unit: str, na_policy: str) -> dict[str, Any]:
    p = share_met(counted, sections, unit, na_policy)
    if p is None:
        return {**dict.fromkeys(FIGURE, math.nan), "reason": NO_OVERALL}
    values = (p.events, p.n, 100 * p.value, 100 * p.lower, 100 * p.upper, "" if p.n else "nothing answered")
    return dict(zip(FIGURE, values, strict=True))


def _counts(counted: pd.DataFrame, sections: tuple[str, ...]) -> dict[str, Any]:
    plans = tally(counted, sections)
    total = plans.sum()
    answers = int(total["yes_n"] + total["no_n"] + total["na_n"])
    return {
        "plans_n": int((plans.drop(columns="blank_n").sum(axis=1) > 0).sum()),
        **{name: int(total[name]) for name in ANSWERS.values()},
        "yes_pct": pct(total["yes_n"], total["yes_n"] + total["no_n"]),
        "na_pct": pct(total["na_n"], answers),
        "answers_n": answers,
    }


def _kpis(now: pd.DataFrame, kpis: Mapping[str, tuple[str, ...]], choices: Choices) -> pd.DataFrame:
    rows = []
    for kpi_id, sections in kpis.items():
        figure = _figure(now, sections, choices.qa_unit, choices.na_policy)
        row = {"kpi_id": kpi_id, "value": figure["pct"], "unit": "percent", "numerator": figure["numerator"]}
        row |= {"denominator": figure["denominator"], "lower": figure["lower_pct"], "upper": figure["upper_pct"]}
        rows.append(row | _counts(now, sections) | {"reason": figure["reason"]})
    return pd.DataFrame(rows)


def _trend(
    final: pd.DataFrame,
    period: Period,
    kpis: Mapping[str, tuple[str, ...]],
    choices: Choices,
    targets: Mapping[str, float | None],
) -> tuple[pd.DataFrame, pd.DataFrame]:
    months = months_between(final["audited_on"].min().date(), period.month) if len(final) else []
    counted = {month: latest_audits(final, month, min(month_end(month), period.end)) for month in months}
    points, summaries = [], []
    for kpi_id, sections in kpis.items() if months else ():
        rows = []
        for month, audits in counted.items():
            figure = _figure(audits, sections, choices.qa_unit, choices.na_policy)
            head = {"kpi_id": kpi_id, "month": pd.Timestamp(month), "met_n": figure["numerator"]}
            rows.append(head | figure | _counts(audits, sections) | {"answers_n": figure["denominator"]})
        table = pd.DataFrame(rows).set_index("month", drop=False)
        target = targets.get(kpi_id)
        chart, summary = _chart(table["pct"], kpi_id, None if target is None or math.isnan(target) else target)
        points.append(table.join(chart))
        summaries.append(summary)
    trend = pd.concat(points, ignore_index=True)[COLUMNS["trend"]] if points else pd.DataFrame(columns=COLUMNS["trend"])
    return trend, pd.DataFrame(summaries, columns=COLUMNS["variation"])


def _chart(pct: pd.Series[float], kpi_id: str, target: float | None) -> tuple[pd.DataFrame, dict[str, Any]]:
    points, summary = spc.xmr(pct, direction="increase", target=target)
    names = {"mean": "mean_pct", "median": "median_pct", "lower": "lower_limit_pct", "upper": "upper_limit_pct"}
    chart = points.rename(columns=names)[[*names.values(), "limits_shown", "special_cause", "point_type"]]
    hidden = ["lower_limit_pct", "upper_limit_pct", "special_cause", "point_type"]
    chart[hidden] = chart[hidden].where(chart["limits_shown"].astype(bool), None)
    variation, assurance = (summary.variation, summary.assurance) if summary.limits_shown else (None, None)
    row = (kpi_id, summary.n, points["mean"].iloc[-1], target, variation, assurance)
    return chart, dict(zip(COLUMNS["variation"], row, strict=True))


def _units(now: pd.DataFrame, kpis: Mapping[str, tuple[str, ...]], choices: Choices) -> pd.DataFrame:
    chosen = (choices.qa_unit, choices.na_policy)
    return pd.DataFrame(
        {"kpi_id": kpi_id, "unit": unit, "na_policy": policy, "in_headline": (unit, policy) == chosen}
        | _figure(now, sections, unit, policy)
        for kpi_id, sections in kpis.items()
        for unit in UNITS
        for policy in NA_POLICIES
    )


def _care(now: pd.DataFrame, choices: Choices) -> pd.DataFrame:
    return pd.DataFrame(
        {"sections": ", ".join(sections), "in_headline": sections == tuple(choices.care_sections)}
        | _figure(now, sections, choices.qa_unit, choices.na_policy)
        for sections in care_readings(choices.care_sections)
    )


def _sections(now: pd.DataFrame, na_policy: str) -> pd.DataFrame:
    names = sorted(set(now["section"]) - {OVERALL})
    rows = [{"section": name} | _figure(now, (name,), "answer", na_policy) | _counts(now, (name,)) for name in names]
    return pd.DataFrame(rows, columns=COLUMNS["sections"])


def _questions(now: pd.DataFrame, na_policy: str) -> pd.DataFrame:
    rows = []
    for (section, question), group in now[now["section"].ne(OVERALL)].groupby(["section", "question_id"]):
        no, counted = int(group["answer"].eq("No").sum()), ["Yes", "No", *(["N/A"] if na_policy == "success" else [])]
        p = wilson(no, int(group["answer"].isin(counted).sum()))
        rows.append((0, section, question, no, p.n, 100 * p.value, 100 * p.lower, 100 * p.upper))
    table = pd.DataFrame(rows, columns=COLUMNS["questions"])
    table = table.sort_values(["no_n", "question_id", "section"], ascending=[False, True, True], ignore_index=True)
    return table.assign(rank=table["no_n"].rank(method="min", ascending=False).astype("int64"))


def _gap(kpis: pd.DataFrame, unit: str, plan_kpis: pd.DataFrame | None) -> pd.DataFrame:
    plan = pd.DataFrame(columns=["kpi_id"]) if plan_kpis is None else plan_kpis
    printed = plan.set_index("kpi_id").reindex(columns=list(HORIZONS)).apply(pd.to_numeric, errors="coerce")
    rows = []
    known: list[Any] = list(kpis[kpis["kpi_id"].isin(printed.index)].itertuples())
    for kpi in known:
        for months, target in printed.loc[kpi.kpi_id].rename(HORIZONS).dropna().items():
            found = (math.nan, math.nan) if math.isnan(kpi.value) else _efforts(kpi, unit, target)
            rows.append((kpi.kpi_id, months, target, kpi.value, target - kpi.value, *found))
    return pd.DataFrame(rows, columns=COLUMNS["gap"])


def _efforts(kpi: Any, unit: str, target: float) -> tuple[float, float]:
    """How many more met would reach the target, and how many audits would have an interval that leaves it out."""
    share = target / 100
    if unit in ("plan_all", "plan_overall"):
        needed = n_needed_to_tell(kpi.numerator, kpi.denominator, share)
        return more_events_needed(kpi.numerator, kpi.denominator, share), math.nan if needed is None else needed
    # The interval of a bootstrap narrows with the root of the number of plans.
    half_width, gap = (kpi.upper - kpi.lower) / 2, target - kpi.value
    plans = math.ceil(kpi.plans_n * (half_width / gap) ** 2) if gap and half_width > 0 else math.nan
    return max(0, math.ceil(round(share * kpi.denominator - kpi.numerator, 9))), plans


def _account(
    audits: pd.DataFrame, status: pd.Series[str], now: pd.DataFrame, window: tuple[dt.date, dt.date]
) -> pd.DataFrame:
    final, first, last = status.eq("final"), pd.Timestamp(window[0]), pd.Timestamp(window[1])
    counted = audits["audit_id"].isin(now["audit_id"]) & final
    blank = counted & audits["answer"].isna()
    marks = {
        "rows read": pd.Series(data=True, index=audits.index),
        **{reason: status.eq(reason) for reason in LEFT_OUT},
        "before the headline window": final & (audits["audited_on"] < first),
        "after the headline window": final & (audits["audited_on"] > last),
        "repeat audit of a plan in the window, left out": final & audits["audited_on"].between(first, last) & ~counted,
        "counted in the headline": counted & ~blank,
        "blank answer in a counted audit, left out": blank,
    }
    table = account({what: int(mark.sum()) for what, mark in marks.items()})
    table.insert(2, "audits_n", [audits.loc[mark, "audit_id"].nunique() for mark in marks.values()])
    return table
