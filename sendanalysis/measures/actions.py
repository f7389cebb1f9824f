"""The plan's actions as they stood on any day, under the plan's own key.

Key: Blue completed (marked if late); Green on track; Amber 1 to `amber_days` days past due, or not yet due but forecast
late; Red more than that past due. An action due on the data date itself is not past due. An action in place and ongoing
stands apart, and one whose date is an estimate is provisional: past it the action is Amber and never Red. The status is
read against the due date agreed last, slippage against the first one.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pandas as pd

from sendanalysis.measures.registers import Register, counted, frame, progress, shares
from sendanalysis.methods.logs import YES_NO, Row, days_between, effects, records
from sendanalysis.methods.periods import month_end

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sendanalysis.inputs.parameters import Actions, Parameters
    from sendanalysis.measures.registers import Due
    from sendanalysis.methods.periods import Period

STATUSES = ("Blue", "Blue late", "Green", "Amber", "Red", "In place, ongoing", "Not rated")
WORDS = {"Completed": "Blue", "On track": "Green", "Potential slippage": "Amber", "Overdue": "Red"}
LATE = {"blue_marked": "Blue late", "blue": "Blue", "uncoloured": "Not rated"}
ONGOING = {"separate": "In place, ongoing", "blue": "Blue", "green": "Green"}
DUE_NEXT_DAYS = 30
OFFICER = "officer"
READINGS: dict[str, tuple[Any, ...]] = {
    "amber_basis": ("either", "elapsed", "forecast"),
    "amber_days": (7, 14, 28),
    "strict_red": (False, True),
    "tbc_policy": ("provisional", "unrated", "fixed"),
    "ongoing_policy": ("separate", "blue", "green"),
    "late_complete": ("blue_marked", "blue", "uncoloured"),
    "due_day": ("end", "first", "middle"),
}
OWNER_READINGS = {"owner_split": ("each", "first")}
COLUMNS = (
    "action_id action=action_clean owners due_as_printed=by_when_as_printed due_on due_now_on moves_n provisional "
    "status late completed_on reopened forecast_on days_past_due slippage_days expected_slippage_days reported_status "
    "differs evidence note"
)
SHARES = "status firm_n provisional_n actions_n of_n share_pct"


@dataclass(frozen=True)
class Tracker:
    """The actions at the data date, from log entries recorded on or before it.

    Provisional actions (due on an estimate) are counted beside the firm ones: firm_n + provisional_n = actions_n.

    Attributes:
        actions: One row an action, with what `Register.on` says and: owners, due_as_printed, provisional,
            expected_slippage_days (open ones: from the first due date to the forecast, else to the revised date).
        by_status: status, firm_n, provisional_n, actions_n, of_n, share_pct, with the zeros.
        by_owner: owner, owner_is (the role of an officer, or the name of a body that goes by a shorter one), actions_n,
            completed_n, late_n, past_due_n and one count a status (blue_n …). Joint actions stand under each owner
            (`owner_split`), so the rows do not add up.
        due_next: The rows of `actions` that are open and due from the data date to 30 days on, with days_left.
        red_and_amber: The rows of `actions` that are Red, then those that are Amber, the longest past due first.
        progress: month, as_at and the columns of `by_status`, at each month's end (the data date in the last).
        choices_effect: choice, in_force, other, effect, changed_n: what each other reading would change today.
        quality: what, rows_n, share_pct (of the log entries read).
    """

    actions: pd.DataFrame
    by_status: pd.DataFrame
    by_owner: pd.DataFrame
    due_next: pd.DataFrame
    red_and_amber: pd.DataFrame
    progress: pd.DataFrame
    choices_effect: pd.DataFrame
    quality: pd.DataFrame


def measure(tables: Mapping[str, pd.DataFrame], *, period: Period, parameters: Parameters) -> Tracker:
    """The state of the actions at the data date, and at the end of each month since `clock_start`.

    Args:
        tables: actions, action_updates and governance, as their contracts say.
        period: Reporting month and data date.
        parameters: Of the plan and its actions; what each other reading would change stands in `choices_effect`.
    """
    day, plan, log, choices = period.data_date, tables["actions"], tables["action_updates"], parameters.actions
    done, revised = ("Blue", "Completed"), "revised_due_on"
    register = Register(plan, log, "action_id", due=_due, rate=_rate, words=WORDS, done=done, revised=revised)
    now = register.on(day, choices)
    open_ = [row | {"days_left": days_between(day, row["due_now_on"])} for row in now if not row["completed_on"]]
    due = [row for row in open_ if row["days_left"] in range(DUE_NEXT_DAYS + 1)]
    urgent = [row for row in now if row["status"] in {"Red", "Amber"}]
    drawn = progress(parameters.plan.clock_start, period, lambda on: _shares(register.on(on, choices)))
    status = effects(READINGS, choices, lambda other: _rated(register.on(day, other)), "action")
    owner = effects(OWNER_READINGS, choices, lambda other: _owned(now, other.owner_split), "owner")
    return Tracker(
        actions=frame(now, COLUMNS),
        by_status=frame(_shares(now), SHARES),
        by_owner=_by_owner(now, choices.owner_split, _known_as(tables["governance"])),
        due_next=frame(sorted(due, key=lambda row: row["days_left"]), f"{COLUMNS} days_left"),
        red_and_amber=frame(sorted(urgent, key=lambda row: (row["status"] != "Red", -row["days_past_due"])), COLUMNS),
        progress=frame(drawn, f"month as_at {SHARES}"),
        choices_effect=pd.concat([status, owner], ignore_index=True),
        quality=register.quality(day),
    )


def _due(row: Row, choices: Actions) -> Due:
    first, kind = row["due_date_default"], row["due_kind"]
    if kind != "date":
        unrated = kind == "ongoing" or (kind == "tbc_estimate" and choices.tbc_policy == "unrated")
        month = None if unrated or not row["due_month"] else dt.date.fromisoformat(f"{row['due_month']}-01")
        days = {"first": month, "middle": month.replace(day=15), "end": month_end(month)} if month else {}
        first = days.get(choices.due_day)
    return first, row["revised_due_on"] or first


def _rate(row: Row, _: dt.date, choices: Actions) -> Row:
    estimate = row["due_kind"] == "tbc_estimate" and not row["revised_due_on"]
    expected = None if row["completed_on"] else row["forecast_on"] or row["revised_due_on"]
    provisional, status = estimate and choices.tbc_policy == "provisional", _status(row, choices)
    return {
        "status": "Amber" if provisional and status == "Red" else status,
        "owners": (row["owner_codes"] or "No owner named").replace(";", ", "),
        "provisional": YES_NO[provisional],
        "expected_slippage_days": days_between(row["due_on"], expected),
    }


def _status(row: Row, choices: Actions) -> str:
    if row["completed_on"]:
        return LATE[choices.late_complete] if row["late"] == "yes" else "Blue"
    if not row["due_now_on"]:
        return ONGOING[choices.ongoing_policy] if row["due_kind"] == "ongoing" else "Not rated"
    if row["days_past_due"]:
        slack = 0 if choices.strict_red or choices.amber_basis == "forecast" else choices.amber_days
        return "Amber" if row["days_past_due"] <= slack else "Red"
    forecast_late = row["forecast_on"] and row["forecast_on"] > row["due_now_on"]
    return "Amber" if forecast_late and choices.amber_basis != "elapsed" else "Green"


def _rated(state: Sequence[Row]) -> dict[str, str]:
    marks = {"yes": "provisional ", "no": ""}
    return {row["action_id"]: marks[row["provisional"]] + row["status"] for row in state}


def _shares(state: Sequence[Row]) -> list[Row]:
    firm = Counter(row["status"] for row in state if row["provisional"] == "no")
    split = [(row, firm[row["status"]]) for row in shares(state, STATUSES)]
    return [row | {"firm_n": n, "provisional_n": row["actions_n"] - n} for row, n in split]


def _owners(row: Row, split: str) -> list[str]:
    return str(row["owners"]).split(", ")[: None if split == "each" else 1]


def _owned(state: Sequence[Row], split: str) -> dict[str, str]:
    counts = Counter(owner for row in state for owner in _owners(row, split))
    return {owner: f"owner of {n}" for owner, n in counts.items()}


def _known_as(bodies: pd.DataFrame) -> dict[str, str]:
    """What stands behind initials and short names, as the plan says."""
    known: dict[str, str] = {}
    for row in records(bodies):
        others = {name.strip(): row["name_as_printed"] for name in (row["aliases"] or "").split(";")}
        known |= others | ({row["name_as_printed"]: row["role_or_rule"]} if row["kind"] == OFFICER else {})
    return known


def _by_owner(state: Sequence[Row], split: str, known: Mapping[str, str]) -> pd.DataFrame:
    each = []
    for row in state:
        done, past = row["completed_on"] is not None, bool(row["days_past_due"])
        counts = {"actions_n": 1, "completed_n": done, "late_n": row["late"] == "yes", "past_due_n": past}
        counts |= counted(row["status"], STATUSES)
        each += [{"owner": owner, "owner_is": known.get(owner) or "", **counts} for owner in _owners(row, split)]
    columns = ["owner owner_is actions_n completed_n late_n past_due_n", *counted("", STATUSES)]
    return frame(each, " ".join(columns)).groupby(["owner", "owner_is"]).sum().reset_index()
