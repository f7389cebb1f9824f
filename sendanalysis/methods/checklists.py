"""Checklists: from the answers Yes, No and N/A that auditors give about plans to shares of what is met."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from sendanalysis.methods.proportions import Proportion, clustered, mean_of_shares, wilson

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Collection

OVERALL = "overall"
HEALTH, CARE, CARE_AS_PRINTED = ("C", "G"), ("D", "H1", "H2"), ("D", "F")
UNITS, NA_POLICIES = ("answer", "plan_mean", "plan_all", "plan_overall"), ("success", "exclude")
ANSWERS = {"Yes": "yes_n", "No": "no_n", "N/A": "na_n", "blank": "blank_n"}


def latest_audits(answers: pd.DataFrame, first: dt.date, last: dt.date) -> pd.DataFrame:
    """Answers of one audit a plan: the latest of those days, and of two on one day the larger audit_id.

    Args:
        answers: plan_id, audit_id, audited_on; one row an answer.
        first: First day that counts.
        last: Last day that counts.

    Returns:
        The rows of the audits kept.
    """
    inside = answers[answers["audited_on"].between(pd.Timestamp(first), pd.Timestamp(last))]
    latest = inside.sort_values(["audited_on", "audit_id"]).drop_duplicates("plan_id", keep="last")
    return inside[inside["audit_id"].isin(latest["audit_id"])]


def tally(answers: pd.DataFrame, sections: Collection[str] = ()) -> pd.DataFrame:
    """Count each plan's answers.

    Args:
        answers: plan_id, section, answer (Yes, No, N/A or missing).
        sections: Sections to count; none named means all but the summary question of section `overall`.

    Returns:
        yes_n, no_n, na_n, blank_n, indexed by plan_id.
    """
    inside = answers[answers["section"].isin(sections) if sections else answers["section"].ne(OVERALL)]
    table = pd.crosstab(inside["plan_id"], inside["answer"].fillna("blank"))
    return table.reindex(columns=list(ANSWERS), fill_value=0).rename(columns=ANSWERS)


def kpi_sections(care: Collection[str]) -> dict[str, tuple[str, ...]]:
    """The sections that each quality KPI counts, none named meaning all; `care` are those of social care."""
    return {"QA_ALL": (), "QA_HEALTH": HEALTH, "QA_CARE": tuple(care)}


def care_readings(care: Collection[str]) -> list[tuple[str, ...]]:
    """Every reading of the sections of social care: D, H1, H2, then D, F as printed, and `care` where it is another."""
    return list(dict.fromkeys([CARE, CARE_AS_PRINTED, tuple(care)]))


def share_met(answers: pd.DataFrame, sections: Collection[str], unit: str, na_policy: str) -> Proportion | None:
    """The share met in some sections; see `tally` and `score`. None for plan_overall, which speaks of no section."""
    if unit == "plan_overall" and sections:
        return None
    return score(tally(answers, (OVERALL,) if unit == "plan_overall" else sections), unit, na_policy)


def score(plans: pd.DataFrame, unit: str = "answer", na_policy: str = "success") -> Proportion:
    """Share met, (Yes + N/A) ÷ (Yes + No + N/A), or Yes ÷ (Yes + No) where N/A is excluded; blanks never count.

    Args:
        plans: One row a plan, as `tally` returns it.
        unit: answer pools the answers and plan_mean averages the plans' shares, both with an interval that resamples
            whole plans; otherwise a plan is met when each of its answers is, with Wilson's interval.
        na_policy: success or exclude.

    Returns:
        Numerator, denominator, share and interval as fractions; plans without an answer that counts are left out.

    >>> plans = pd.DataFrame({"yes_n": [3, 1], "no_n": [0, 1], "na_n": [1, 0], "blank_n": [0, 2]})
    >>> [(score(plans, unit).events, score(plans, unit).n) for unit in ("answer", "plan_mean", "plan_all")]
    [(5.0, 6), (1.5, 2), (1, 2)]
    """
    met = plans["yes_n"] + (plans["na_n"] if na_policy == "success" else 0)
    n = met + plans["no_n"]
    if unit == "answer":
        return clustered(met, n)
    if unit == "plan_mean":
        return mean_of_shares(met, n)
    return wilson(int(((met == n) & (n > 0)).sum()), int((n > 0).sum()))
