"""Rules across the columns and rows of a table, by the table's name; `columns.csv` holds what each column must be."""

from __future__ import annotations

from functools import partial

import pandas as pd

from sendanalysis.inputs.contracts import Rule, load_contracts
from sendanalysis.inputs.plan import SIZED, WINDOW


def _not_before(later: str, *earlier: str) -> tuple[Rule, ...]:
    return tuple(
        Rule(
            later,
            partial(_precedes, later=later, first=first),
            f"is before {first} ({{{first}}})",
            "Correct whichever of the two dates is wrong.",
        )
        for first in earlier
    )


def _precedes(rows: pd.DataFrame, later: str, first: str) -> pd.Series:
    return rows[later] < rows[first]


def _same_within(key: str, *columns: str) -> tuple[Rule, ...]:
    return tuple(
        Rule(
            column,
            partial(_differs, key=key, column=column),
            f"differs from the other rows of {key} {{{key}}}",
            f"Give all rows of one {key} the same {column}, or the other rows an id of their own.",
        )
        for column in columns
    )


def _differs(rows: pd.DataFrame, key: str, column: str) -> pd.Series:
    cells = rows[column].astype("str").fillna("")
    usual = cells.copy()
    mixed = cells.groupby(rows[key]).transform("nunique") > 1
    if mixed.any():
        usual[mixed] = cells[mixed].groupby(rows[key][mixed]).transform(lambda part: part.mode().iloc[0])
    return rows[key].notna() & (usual != cells)


def _beside(column: str, other: str, remedy: str) -> Rule:
    """Two cells of which one is to be filled in."""
    both = f"stands beside {other} ({{{other}}})"
    return Rule(column, lambda rows: rows[column].notna() & rows[other].notna(), both, remedy)


def _without(column: str, other: str, remedy: str) -> Rule:
    """A cell that says nothing without another."""
    alone = f"stands without {other}"
    return Rule(column, lambda rows: rows[column].notna() & rows[other].isna(), alone, remedy)


def _over_100(rows: pd.DataFrame, column: str) -> pd.Series:
    return rows["unit"].eq("percent") & (rows[column] > 100)


def _log_rules(key: str, *columns: str) -> tuple[Rule, ...]:
    """Rules of a dated log: nothing is completed after it was recorded, and entries of one day agree."""
    after = Rule(
        "completed_on",
        lambda rows: rows["completed_on"] > rows["recorded_on"],
        "is after the day it was recorded ({recorded_on})",
        "Correct whichever of the two dates is wrong; what is expected goes into a forecast.",
    )
    agree = tuple(
        Rule(
            column,
            partial(_disagrees_on_a_day, key=key, column=column),
            f"disagrees with another entry of {key} {{{key}}} on {{recorded_on}}",
            "Keep the entry that holds.",
        )
        for column in columns
    )
    return (after, *agree) if "completed_on" in columns else agree


def _disagrees_on_a_day(rows: pd.DataFrame, key: str, column: str) -> pd.Series:
    return rows.groupby([key, "recorded_on"])[column].transform("nunique") > 1


def _outside_survey_year(rows: pd.DataFrame) -> pd.Series:
    start = pd.to_numeric(rows["survey_year"].str[:4], errors="coerce")
    september = pd.to_datetime(pd.DataFrame({"year": start, "month": 9, "day": 1}), errors="coerce")
    return ~rows["submitted_on"].between(september, september + pd.DateOffset(years=1), inclusive="left")


def _far_from_other_years(rows: pd.DataFrame) -> pd.Series:
    invited = rows["invited"].astype("float64")
    usual = invited.groupby(rows["category"]).transform("median")
    return (invited > 5 * usual) & (invited > 50)


def _published_pct_disagrees(rows: pd.DataFrame, points: float) -> pd.Series:
    within, issued, pct = (
        pd.to_numeric(rows[name], errors="coerce")
        for name in ("plans_issued_within_20_weeks", "plans_issued_den", "pc_plans_issued_within_20_weeks")
    )
    return (100 * within / issued.where(issued > 0) - pct).abs() > points


def _numbers(rows: pd.DataFrame, name: str) -> pd.Series:
    return pd.to_numeric(rows[name], errors="coerce")


RULES: dict[str, tuple[Rule, ...]] = {
    "ehcp_audits": (
        Rule(
            "plan_id",
            lambda rows: rows["plan_id"].str.casefold().isin(["unknown", "n/a", "none", "tbc", "?", "-"]),
            "is an unknown plan",
            "Write the pseudonym of the plan that was audited.",
        ),
        *_same_within("audit_id", "plan_id", "audited_on", "plan_type", "stage", "auditor_id"),
    ),
    "autism_referrals": (
        *_not_before("accepted_on", "referred_on"),
        *_not_before("assessment_started_on", "referred_on"),
        *_not_before("assessment_completed_on", "assessment_started_on", "referred_on"),
        *_not_before("outcome_given_on", "assessment_completed_on"),
        *_not_before("closed_on", "referred_on"),
        Rule(
            "closure_reason",
            lambda rows: rows["closed_on"].notna() & rows["closure_reason"].isna(),
            "is empty although the referral was closed on {closed_on}",
            "Write the reason, or unknown.",
        ),
        Rule(
            "closed_on",
            lambda rows: rows["closed_on"].isna() & rows["closure_reason"].notna(),
            "is empty although a closure_reason ({closure_reason}) is given",
            "Write the day, or remove the reason.",
        ),
        Rule(
            "closure_reason",
            lambda rows: rows["closure_reason"].eq("assessed") & rows["assessment_completed_on"].isna(),
            "has no assessment_completed_on, so the child is not counted as assessed",
            "Write the day the assessment was completed.",
            warns=True,
        ),
    ),
    "survey_responses": (
        Rule(
            "submitted_on",
            _outside_survey_year,
            "lies outside survey year {survey_year} (September to August)",
            "Check the year; the figure uses survey_year as recorded.",
            warns=True,
        ),
    ),
    "survey_invitations": (
        Rule(
            "invited",
            _far_from_other_years,
            "is more than five times the usual number for {category}",
            "Check for a digit too many.",
            warns=True,
        ),
    ),
    "advice_requests": (
        *_not_before("received_on", "sent_on"),
        *_not_before("returned_on", "sent_on", "received_on"),
        *_not_before("withdrawn_on", "sent_on"),
        Rule(
            "sent_on",
            lambda rows: rows["sent_on"].isna(),
            "is empty, so the request cannot be dated and is outside every figure",
            "Write the day it was sent.",
            warns=True,
        ),
    ),
    "neu_pathway": _not_before("progressed_to_asd_on", "entered_on"),
    "kpis": (
        Rule(
            "parent_kpi_id",
            lambda rows: rows["parent_kpi_id"].notna() & ~rows["parent_kpi_id"].isin(rows["kpi_id"]),
            "is not a kpi_id of this table",
            "Name the printed row.",
        ),
        Rule(
            "baseline_value",
            partial(_over_100, column="baseline_value"),
            "is more than 100 per cent",
            "Write 84 for 84%.",
        ),
        Rule(
            "baseline_rule",
            lambda rows: (
                rows["baseline_rule"].eq("period") & (rows["baseline_from"].isna() | rows["baseline_to"].isna())
            ),
            "names no period",
            "Write the first and the last day into baseline_from and baseline_to.",
        ),
        Rule(
            "window",
            lambda rows: rows["window"].notna() & ~rows["window"].fillna("").str.fullmatch(WINDOW.pattern),
            "is no window",
            "Write month, 3 months (or another number), school year, to date or day, or leave it empty.",
        ),
        *_not_before("baseline_to", "baseline_from"),
    ),
    "targets": (
        _beside("due_on", "months", "Keep the day or the months after the clock start, not both."),
        Rule(
            "due_on",
            lambda rows: rows["due_on"].isna() & rows["months"].isna() & (rows["value"].notna() | rows["rule"].notna()),
            "is empty, and so is months",
            "Write the day, or the months after the clock start.",
        ),
        Rule(
            "value",
            lambda rows: rows["rule"].isin(SIZED) & rows["value"].isna(),
            "is empty although the rule '{rule}' needs a size",
            "Write the points, or the per cent of the baseline.",
        ),
        _without("value_to", "value", "Write the lower end into value."),
        Rule(
            "value_to",
            lambda rows: rows["value_to"] < rows["value"],
            "is less than value ({value})",
            "Write the lower end into value and the upper end into value_to.",
        ),
    ),
    "recorded": (
        Rule(
            "value",
            lambda rows: rows[["value", "numerator", "rating"]].notna().sum(axis=1).ne(1),
            "is not the one thing recorded",
            "Fill in a value, or numerator and denominator, or a rating: one of them.",
        ),
        _without("denominator", "numerator", "Fill in both, or neither."),
    ),
    "milestones": (
        Rule(
            "due_on",
            lambda rows: rows["due_on"].isna() & rows["horizon_months"].isna(),
            "is empty, and so is horizon_months, so the milestone has no due day",
            "Write one of the two: the day, or the months after the clock start.",
        ),
        _beside("due_on", "horizon_months", "Keep the day or the months after the clock start, not both."),
    ),
    "actions": (
        Rule(
            "due_month",
            lambda rows: rows["due_kind"].isin(["month", "tbc_estimate"]) & rows["due_month"].isna(),
            "is empty although the action has a due date",
            "Write YYYY-MM, or due_kind ongoing.",
        ),
    ),
    "action_updates": _log_rules("action_id", "status", "completed_on", "revised_due_on", "forecast_on"),
    "milestone_updates": _log_rules("milestone_id", "completed_on"),
    "risk_updates": _log_rules("risk_id", "severity", "closed_on"),
    "peer_review_actions": (
        *_not_before("original_deadline_on", "added_on"),
        Rule(
            "undated_reason",
            lambda rows: rows["original_deadline_on"].isna() & rows["undated_reason"].isna(),
            "is empty although the action has no deadline",
            "Write what it waits for.",
            warns=True,
        ),
    ),
    "peer_review_updates": _log_rules("action_id", "status", "completed_on", "revised_deadline_on"),
    "timeliness_20_week": (
        Rule(
            "plans_issued_within_20_weeks",
            lambda rows: _numbers(rows, "plans_issued_within_20_weeks") > _numbers(rows, "plans_issued_den"),
            "is more than the plans issued ({plans_issued_den})",
            "Take the row from the publisher's file again.",
        ),
        Rule(
            "pc_plans_issued_within_20_weeks",
            lambda rows: _numbers(rows, "pc_plans_issued_within_20_weeks") > 100,
            "is more than 100 per cent",
            "Take the row from the publisher's file again.",
        ),
        *(
            Rule(
                "pc_plans_issued_within_20_weeks",
                partial(_published_pct_disagrees, points=points),
                f"is more than {points} points from {{plans_issued_within_20_weeks}} of {{plans_issued_den}}",
                "Take the row from the publisher's file again; the page shows both.",
                warns=points < 1,
            )
            for points in (0.1, 1)
        ),
    ),
}

CONTRACTS = load_contracts(RULES)
"""Every table of an area folder, with its rules."""
