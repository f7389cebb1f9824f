"""Plan tracker: the plan's actions as they stood on any day, drawn again from their status log.

Key of the plan: Blue completed (marked if late); Green on track; Amber 1 to `amber_days` days past due, or not yet due
but forecast late; Red more than that past due. An action due on the data date itself is not past due. An action in
place and ongoing stands apart, and one whose date is an estimate is provisional. The status is read against the due
date agreed last, slippage against the first one.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import pandas as pd

from sendanalysis.methods.logs import account, days_between, effects, month_points, state_of

if TYPE_CHECKING:
    import datetime as dt

    from sendanalysis.inputs.choices import Choices
    from sendanalysis.methods.periods import Period

STATUSES = ("Blue", "Blue late", "Green", "Amber", "Red", "In place, ongoing", "Not rated")
COLOURS = {"Completed": "Blue", "On track": "Green", "Potential slippage": "Amber", "Overdue": "Red"}
DONE = ("Blue", "Completed")
LATE = {"blue_marked": "Blue late", "blue": "Blue", "uncoloured": "Not rated"}
ONGOING = {"separate": "In place, ongoing", "blue": "Blue", "green": "Green"}
YES_NO = {True: "yes", False: "no"}
DUE_NEXT_DAYS = 30
READINGS: dict[str, tuple[Any, ...]] = {
    "amber_basis": ("either", "elapsed", "forecast"),
    "amber_days": (7, 14, 28),
    "strict_red": (False, True),
    "tbc_policy": ("provisional", "unrated", "fixed"),
    "ongoing_policy": ("separate", "blue", "green"),
    "late_complete": ("blue_marked", "blue", "uncoloured"),
    "due_day": ("end", "first", "middle"),
    "owner_split": ("each", "first"),
}


@dataclass(frozen=True)
class Tracker:
    """The actions at the data date, from log entries recorded on or before it.

    Provisional actions (due on an estimate) are counted beside the firm ones: firm_n + provisional_n = actions_n.

    Attributes:
        actions: One row an action: action_id, action, owners, due_as_printed, due_kind, due_on (the first due date, as
            read), revised_due_on, due_now_on (the one in force), moves_n (due dates agreed anew), provisional, status,
            late (yes, no, blank while open), completed_on, reopened, forecast_on, days_past_due (open ones),
            slippage_days (from the first due date to completion, or so far), expected_slippage_days (open ones: to the
            forecast, else to the revised date), reported_status (the owner's, as a colour), reported_on, differs (yes,
            no, blank where there is nothing to compare), evidence, note (latest in the log), plan_note.
        by_status: status, firm_n, provisional_n, actions_n, of_n, share_pct, with the zeros.
        by_owner: owner, actions_n, completed_n, late_n, past_due_n and one count a status (blue_n …). Joint actions
            stand under each owner (`owner_split`), so the rows do not add up.
        due_next: The rows of `actions` that are open and due from the data date to 30 days on, with days_left.
        red_and_amber: The rows of `actions` that are Red, then those that are Amber, the longest past due first.
        progress: The counts of `by_status` at each month's end (the data date in the last): month, as_at, and those.
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


def measure(
    actions: pd.DataFrame, action_updates: pd.DataFrame, *, period: Period, choices: Choices, first_month: dt.date
) -> Tracker:
    """The state of the actions at the data date, and at the end of each month before.

    Args:
        actions: The plan's actions, as transcribed.
        action_updates: Their log: action_id, recorded_on, status, completed_on, forecast_on, revised_due_on, evidence,
            note.
        period: Reporting month and data date.
        choices: The key and the due dates are read as they say; see `READINGS`.
        first_month: First month of progress over time.

    Returns:
        The tracker.
    """
    day = period.data_date
    now = state_at(actions, action_updates, day, choices)
    points = month_points(min(first_month, period.month), period.month, day)
    drawn = [(m, at, _shares(state_at(actions, action_updates, at, choices))) for m, at in points]
    left = days_between(pd.Timestamp(day), now["due_now_on"])
    due = now.assign(days_left=left)[now["completed_on"].isna() & left.between(0, DUE_NEXT_DAYS).fillna(value=False)]
    urgent = now[now["status"].isin(["Red", "Amber"])]
    by = ["status", "days_past_due", "action_id"]
    return Tracker(
        actions=now,
        by_status=_shares(now),
        by_owner=_by_owner(now, choices.owner_split),
        due_next=due.sort_values(["due_now_on", "action_id"]).reset_index(drop=True),
        red_and_amber=urgent.sort_values(by, ascending=[False, False, True]).reset_index(drop=True),
        progress=pd.concat([_dated(shares, m, at) for m, at, shares in drawn], ignore_index=True),
        choices_effect=_effects(actions, action_updates, day, choices),
        quality=account(action_updates, "action_id", actions["action_id"].tolist(), day),
    )


def state_at(actions: pd.DataFrame, log: pd.DataFrame, day: dt.date, choices: Choices) -> pd.DataFrame:
    """Every action as it stood on a day; the columns are those of `Tracker.actions`."""
    now, table = pd.Timestamp(day), actions.set_index("action_id").sort_index()
    log_says = state_of(log, table.index, day, done=DONE, revised="revised_due_on")
    completed, revised, forecast = (log_says[name] for name in ("completed_on", "revised_due_on", "forecast_on"))
    first, open_ = _first_due(table, choices), completed.isna()
    due = revised.fillna(first)
    estimate = table["due_kind"].eq("tbc_estimate") & revised.isna() & (choices.tbc_policy == "provisional")
    found = pd.DataFrame(
        {
            "action": table["action_clean"],
            "owners": table["owner_codes"].fillna("No owner named").str.replace(";", ", "),
            "due_as_printed": table["by_when_as_printed"],
            "due_kind": table["due_kind"],
            "due_on": first,
            "revised_due_on": revised,
            "due_now_on": due,
            "moves_n": log_says["moves_n"],
            "provisional": estimate.map(YES_NO),
            "status": "",
            "late": (completed > due).map(YES_NO).where(~open_ & due.notna(), ""),
            "completed_on": completed,
            "reopened": log_says["reopened"],
            "forecast_on": forecast,
            "days_past_due": days_between(due.where(open_), now).clip(lower=0),
            "slippage_days": days_between(first, completed).fillna(days_between(first, now).clip(lower=0)),
            "expected_slippage_days": days_between(first, forecast.fillna(revised).where(open_)),
            "reported_status": log_says["status"].replace(COLOURS),
            "reported_on": log_says["reported_on"],
            "differs": "",
            "evidence": log_says["evidence"],
            "note": log_says["note"],
            "plan_note": table["note"],
        }
    )
    found["status"] = pd.Series([_status(row, now, choices) for row in found.to_dict("records")], table.index, "str")
    colour, reported = found["status"].replace({"Blue late": "Blue"}), found["reported_status"]
    compared = reported.notna() & colour.isin(COLOURS.values())
    found["differs"] = (colour != reported).map(YES_NO).where(compared, "")
    return found.reset_index()


def _status(row: dict[Any, Any], now: pd.Timestamp, choices: Choices) -> str:
    due = row["due_now_on"]
    if pd.notna(row["completed_on"]):
        return LATE[choices.late_complete] if row["late"] == "yes" else "Blue"
    if pd.isna(due):
        return ONGOING[choices.ongoing_policy] if row["due_kind"] == "ongoing" else "Not rated"
    past = (now - due).days
    if past > 0:
        slack = 0 if choices.strict_red or choices.amber_basis == "forecast" else choices.amber_days
        return "Amber" if past <= slack else "Red"
    return "Amber" if choices.amber_basis != "elapsed" and row["forecast_on"] > due else "Green"


def _first_due(table: pd.DataFrame, choices: Choices) -> pd.Series[Any]:
    month = pd.to_datetime(table["due_month"], format="%Y-%m").astype("datetime64[ns]")
    days = {"first": month, "middle": month + pd.Timedelta(days=14), "end": month + pd.offsets.MonthEnd()}
    due = days[choices.due_day].mask(table["due_kind"].eq("date"), table["due_date_default"])
    unrated = table["due_kind"].eq("tbc_estimate") & (choices.tbc_policy == "unrated")
    return due.mask(unrated | table["due_kind"].eq("ongoing"))


def _shares(state: pd.DataFrame) -> pd.DataFrame:
    counts = pd.crosstab(state["status"], state["provisional"])
    counts = counts.reindex(index=list(STATUSES), columns=["no", "yes"], fill_value=0)
    counts = counts.set_axis(["firm_n", "provisional_n"], axis=1).rename_axis("status").reset_index()
    counts = counts.assign(actions_n=counts["firm_n"] + counts["provisional_n"], of_n=len(state))
    return counts.assign(share_pct=100 * counts["actions_n"] / len(state) if len(state) else math.nan)


def _dated(shares: pd.DataFrame, month: pd.Timestamp, as_at: dt.date) -> pd.DataFrame:
    shares.insert(0, "month", month)
    shares.insert(1, "as_at", pd.Timestamp(as_at).as_unit("ns"))
    return shares


def _by_owner(state: pd.DataFrame, split: str) -> pd.DataFrame:
    owners = state["owners"].str.split(", ")
    done, past = state["completed_on"].notna(), state["days_past_due"].fillna(0) > 0
    each = state.assign(actions_n=1, completed_n=done, late_n=state["late"].eq("yes"), past_due_n=past)
    for status in STATUSES:
        each[status.lower().replace(",", "").replace(" ", "_") + "_n"] = state["status"].eq(status)
    each = each.assign(owner=owners if split == "each" else owners.str[:1]).explode("owner")
    counts = [str(name) for name in each if str(name).endswith("_n") and name != "moves_n"]
    return each.groupby("owner")[counts].sum().astype("int64").reset_index()


def _effects(actions: pd.DataFrame, log: pd.DataFrame, day: dt.date, choices: Choices) -> pd.DataFrame:
    def state(name: str, value: Any) -> pd.Series[str]:
        found = state_at(actions, log, day, replace(choices, **{name: value})).set_index("action_id")
        if name == "owner_split":
            counts = _by_owner(found, value).set_index("owner")["actions_n"]
            return counts.map(lambda n: f"owner of {n}")
        status = found["status"].where(found["provisional"].eq("no"), "provisional " + found["status"])
        return status.rename_axis("action")

    return effects(READINGS, vars(choices), state)
