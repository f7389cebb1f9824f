"""Milestones and risks of the plan as they stood on any day, drawn again from their logs.

A milestone is a deliverable: done or not, with its date and evidence, due 3, 6 or 12 months after `clock_start`. One
due on the data date itself is not yet past due. A risk is open until closed; its age counts from the end of the month
it was recorded in, since the register prints months alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from sendanalysis.methods.logs import account, days_between, recorded_by, state_of
from sendanalysis.methods.periods import add_months

if TYPE_CHECKING:
    import datetime as dt

    from sendanalysis.inputs.choices import Choices
    from sendanalysis.methods.periods import Period

STATES = ("Done", "Done late", "Not done", "Not yet due", "Not applicable")
SEVERITIES = ("High", "Moderate", "Low")
YES_NO = {True: "yes", False: "no"}


@dataclass(frozen=True)
class Register:
    """Milestones and risks at the data date, from log entries recorded on or before it.

    Attributes:
        milestones: milestone_id, kpi_reference, horizon_months, milestone, legible, due_on, status (Done, Done late,
            Not done, Not yet due, Not applicable), completed_on, days_late (negative is early), evidence, evidenced
            (done, with evidence), note, action_id.
        by_horizon: horizon_months, due_on, milestones_n, and one count a state: done_n, done_late_n, not_done_n,
            not_yet_due_n, not_applicable_n.
        risks: risk_id, risk, date_as_printed, recorded_on (as read), state (open, closed), severity_as_printed,
            severity, age_days (to the day closed), mitigation, progress, progress_on, progress_recorded, closed_on,
            note; open before closed, the severest first.
        quality: what, rows_n, share_pct (of the log entries read).
    """

    milestones: pd.DataFrame
    by_horizon: pd.DataFrame
    risks: pd.DataFrame
    quality: pd.DataFrame


def measure(  # noqa: PLR0913  # one argument a table
    milestones: pd.DataFrame,
    risks: pd.DataFrame,
    milestone_updates: pd.DataFrame,
    risk_updates: pd.DataFrame,
    *,
    period: Period,
    choices: Choices,
) -> Register:
    """The state of milestones and risks at the data date.

    Args:
        milestones: The plan's milestones, as transcribed.
        risks: The risk register, as transcribed.
        milestone_updates: Log: milestone_id, recorded_on, completed_on, evidence, note. An entry without
            completed_on takes an earlier completion back.
        risk_updates: Log: risk_id, recorded_on, severity, progress, closed_on. A severity given after a risk was
            closed re-opens it.
        period: Reporting month and data date.
        choices: clock_start is used.

    Returns:
        The register.
    """
    day = period.data_date
    now = milestones_at(milestones, milestone_updates, day, choices)
    logs = [milestone_updates.rename(columns={"milestone_id": "id"})]
    logs += [risk_updates.rename(columns={"risk_id": "id", "closed_on": "completed_on"})]
    return Register(
        milestones=now,
        by_horizon=_by_horizon(now),
        risks=risks_at(risks, risk_updates, day),
        quality=account(pd.concat(logs), "id", [*milestones["milestone_id"], *risks["risk_id"]], day),
    )


def milestones_at(milestones: pd.DataFrame, log: pd.DataFrame, day: dt.date, choices: Choices) -> pd.DataFrame:
    """Every milestone as it stood on a day; the columns are those of `Register.milestones`."""
    now = pd.Timestamp(day)
    table = milestones.sort_values(["horizon_months", "milestone_id"]).set_index("milestone_id")
    due = pd.to_datetime(table["horizon_months"].map(lambda months: add_months(choices.clock_start, int(months))))
    entries = log.assign(status=log["completed_on"].isna().map({True: "taken back", False: None}))
    log_says = state_of(entries, table.index, day)
    completed, evidence = log_says["completed_on"], log_says["evidence"]
    state = pd.Series("Not yet due", table.index).mask(due < now, "Not done")
    state = state.mask(completed.notna(), "Done").mask(completed > due, "Done late")
    found = {
        "kpi_reference": table["kpi_reference_as_printed"],
        "horizon_months": table["horizon_months"].astype("int64"),
        "milestone": table["milestone_clean"],
        "legible": table["legible"],
        "due_on": due.astype("datetime64[ns]"),
        "status": state.mask(table["milestone_clean"].str.strip().str.lower().eq("n/a"), "Not applicable"),
        "completed_on": completed,
        "days_late": days_between(due, completed),
        "evidence": evidence,
        "evidenced": (evidence.notna() & completed.notna()).map(YES_NO),
        "note": log_says["note"],
        "action_id": table["linked_action_id_inferred"],
    }
    return pd.DataFrame(found).reset_index()


def risks_at(risks: pd.DataFrame, log: pd.DataFrame, day: dt.date) -> pd.DataFrame:
    """Every risk recorded by a day; the columns are those of `Register.risks`."""
    now = pd.Timestamp(day)
    table = risks.set_index("risk_id").sort_index()
    month = pd.to_datetime(table["recorded_month"], format="%Y-%m").astype("datetime64[ns]")
    table = table.assign(recorded_on=month + pd.offsets.MonthEnd())[~(month > now)]
    entries = log.rename(columns={"closed_on": "completed_on", "severity": "status"})
    log_says = state_of(entries, table.index, day)
    closed, known = log_says["completed_on"], recorded_by(log[log["progress"].notna()], day)
    progress = log_says["progress"].fillna(table["progress_following_action_as_printed"])
    found = {
        "risk": table["risk"],
        "date_as_printed": table["date_as_printed"],
        "recorded_on": table["recorded_on"],
        "state": closed.isna().map({True: "open", False: "closed"}),
        "severity_as_printed": table["severity_impact_as_printed"],
        "severity": log_says["status"].fillna(table["severity_impact_as_printed"]),
        "age_days": days_between(table["recorded_on"], closed.fillna(now)).clip(lower=0),
        "mitigation": table["mitigation"],
        "progress": progress,
        "progress_on": known.groupby("risk_id")["recorded_on"].max().reindex(table.index),
        "progress_recorded": progress.notna().map(YES_NO),
        "closed_on": closed,
        "note": table["note"],
    }
    rank = {name: i for i, name in enumerate(SEVERITIES)}
    rows = pd.DataFrame(found).reset_index().assign(rank=lambda t: t["severity"].map(rank).fillna(len(rank)))
    rows = rows.sort_values(["state", "rank", "risk_id"], ascending=[False, True, True])
    return rows.drop(columns="rank").reset_index(drop=True)


def _by_horizon(state: pd.DataFrame) -> pd.DataFrame:
    counts = state[["horizon_months", "due_on"]].assign(milestones_n=1)
    for name in STATES:
        counts[name.lower().replace(" ", "_") + "_n"] = state["status"].eq(name).astype("int64")
    return counts.groupby(["horizon_months", "due_on"]).sum().reset_index()
