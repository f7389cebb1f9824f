"""The plan's milestones and risks as they stood on any day.

A milestone is a deliverable: done or not, with its date and evidence. It is due on the day that the plan names, or so
many months after `clock_start`; on that day itself it is not past due. A risk is open until closed; its age counts from
the end of the month it was recorded in, since the register prints months alone.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sendanalysis.measures.registers import Register, counted, frame
from sendanalysis.methods.logs import YES_NO, Row, days_between
from sendanalysis.methods.periods import add_months, month_end

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

    from sendanalysis.inputs.parameters import Parameters, Plan
    from sendanalysis.measures.registers import Due
    from sendanalysis.methods.periods import Period

STATUSES = ("Done", "Done late", "Not done", "Not yet due", "Not applicable")
SEVERITIES = ("High", "Moderate", "Low")
MILESTONES = (
    "milestone_id kpi_reference=kpi_reference_as_printed horizon_months milestone=milestone_clean due_on status "
    "completed_on days_late evidence evidenced note"
)
RISKS = (
    "risk_id risk recorded_on state=status severity age_days mitigation progress progress_on progress_recorded "
    "closed_on=completed_on"
)


@dataclass(frozen=True)
class Milestones:
    """Milestones and risks at the data date, from log entries recorded on or before it.

    Attributes:
        milestones: milestone_id, kpi_reference, horizon_months (blank where the plan names a day), milestone, due_on,
            status (one of `STATUSES`), completed_on, days_late (negative is early), evidence, evidenced (done, with
            evidence), note; the first due first.
        by_horizon: One row a day due: due_on, horizon_months, milestones_n, and one count a status (done_n …).
        risks: risk_id, risk, recorded_on (as read), state (open, closed), severity, age_days (to the day closed),
            mitigation, progress, progress_on, progress_recorded, closed_on; open before closed, the severest first.
    """

    milestones: pd.DataFrame
    by_horizon: pd.DataFrame
    risks: pd.DataFrame


def measure(tables: Mapping[str, pd.DataFrame], *, period: Period, parameters: Parameters) -> Milestones:
    """The state of milestones and risks at the data date.

    An entry of a milestone's log without completed_on takes its completion back; a severity given after a risk was
    closed re-opens it.

    Args:
        tables: milestones, risks, milestone_updates and risk_updates, as their contracts say.
        period: Reporting month and data date.
        parameters: The plan's clock start is used.
    """
    log, risks = tables["milestone_updates"], tables["risk_updates"]
    log = log.assign(status=log["completed_on"].isna().map({True: "taken back", False: None}))
    risks = risks.assign(progress_on=risks["recorded_on"].where(risks["progress"].notna()))
    risks = risks.rename(columns={"closed_on": "completed_on", "severity": "status"})
    recorded = tables["risks"][~(tables["risks"]["recorded_month"] > period.data_date.strftime("%Y-%m"))]
    milestones = Register(tables["milestones"], log, "milestone_id", due=_due, rate=_rate)
    now = milestones.on(period.data_date, parameters.plan)
    known = Register(recorded, risks, "risk_id", due=_recorded, rate=_rate_risk).on(period.data_date, parameters.plan)
    return Milestones(
        milestones=frame(sorted(now, key=lambda row: row["due_on"] or dt.date.max), MILESTONES),
        by_horizon=_by_horizon(now),
        risks=frame(sorted(known, key=_by_severity), RISKS),
    )


def _due(row: Row, choices: Plan) -> Due:
    months = row["horizon_months"]
    due = row["due_on"] or (None if months is None else add_months(choices.clock_start, int(months)))
    return due, due


def _rate(row: Row, *_: object) -> Row:
    done = "Done late" if row["late"] == "yes" else "Done"
    status = done if row["completed_on"] else "Not done" if row["days_past_due"] else "Not yet due"
    return {
        "status": "Not applicable" if row["milestone_clean"].strip().lower() == "n/a" else status,
        "days_late": days_between(row["due_on"], row["completed_on"]),
        "evidenced": YES_NO[bool(row["completed_on"] and row["evidence"])],
    }


def _recorded(row: Row, _: Plan) -> Due:
    month = row["recorded_month"]
    return (month_end(dt.date.fromisoformat(f"{month}-01")) if month else None), None


def _rate_risk(row: Row, *_: object) -> Row:
    age, progress = row["slippage_days"], row["progress"] or row["progress_following_action_as_printed"]
    return {
        "status": "closed" if row["completed_on"] else "open",
        "severity": row["status"] or row["severity_impact_as_printed"],
        "recorded_on": row["due_on"],
        "age_days": None if age is None else max(age, 0),
        "progress": progress,
        "progress_recorded": YES_NO[progress is not None],
    }


def _by_severity(risk: Row) -> tuple[bool, int]:
    ranks = dict(zip(SEVERITIES, range(len(SEVERITIES)), strict=True))
    return risk["status"] == "closed", ranks.get(risk["severity"], len(ranks))


def _by_horizon(state: Sequence[Row]) -> pd.DataFrame:
    by = ["due_on", "horizon_months"]
    each = [row | {"milestones_n": 1} | counted(row["status"], STATUSES) for row in state]
    columns = " ".join([*by, "milestones_n", *counted("", STATUSES)])
    return frame(each, columns).groupby(by, dropna=False).sum().reset_index()
