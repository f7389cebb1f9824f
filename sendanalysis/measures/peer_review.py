"""Peer review tracker: recommendations and their actions on any day, under the peer review's own key.

Key (never mixed with the plan's): Completed; On track, the deadline not yet reached; Delayed, the deadline has passed
or its owner judges that it will not be met; Not dated, a date awaits confirmation or hangs on something outside. A
deadline that has passed is Delayed whatever is reported; on the data date itself it has not passed. The status is read
against the revised deadline (`deadline_basis`), slippage always against the original one.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import pandas as pd

from sendanalysis.methods.logs import account, days_between, effects, month_points, state_of
from sendanalysis.methods.proportions import pct
from sendanalysis.methods.rounding import half_up_pct

if TYPE_CHECKING:
    import datetime as dt

    from sendanalysis.inputs.choices import Choices
    from sendanalysis.methods.periods import Period

STATUSES = ("Completed", "Completed late", "On track", "Delayed", "Not dated", "Not rated")
LATE = {"blue_marked": "Completed late", "blue": "Completed", "uncoloured": "Not rated"}
WORDS = {"completed": "Completed", "on_track": "On track", "delayed": "Delayed", "not_dated": "Not dated"}
SETS = ("all", "original", "subsequent")
YES_NO = {True: "yes", False: "no"}
READINGS = {
    "action_set": ("all", "original"),
    "deadline_basis": ("revised", "original"),
    "late_complete": ("blue_marked", "blue", "uncoloured"),
}


@dataclass(frozen=True)
class PeerReview:
    """The peer review at the data date: actions agreed and log entries recorded on or before it.

    Attributes:
        recommendations: recommendation_id, recommendation, met (yes, no), met_basis (judged met, all actions
            completed, blank), met_on, and of the actions of `action_set`: actions_n, original_n, subsequent_n,
            completed_n, on_track_n, delayed_n, not_dated_n.
        actions: action_id, recommendation_id, action, kind, added_on, original_deadline_on, revised_deadline_on,
            deadline_on (the one that gives the status), status, late (yes, no, blank), completed_on, reopened,
            slippage_days (from the original deadline to completion, or so far), moved_days (from the original to the
            revised deadline), reported_status, reported_on, differs (yes, no, blank), reason (why it has no date),
            note, in_headline.
        by_status: action_set (all, original, subsequent), status, actions_n, of_n, share_pct, in_headline; zeros too.
        progress: month, as_at and the columns of `by_status`, at each month's end (the data date in the last).
        published_check: reading (as printed, or one count changed by one so that every printed per cent fits), key,
            count_n, of_n, pct, printed_pct, gap_points, agrees (yes, no: rounded half up to a whole per cent).
        choices_effect: choice, in_force, other, effect, changed_n: what each other reading would change today.
        quality: what, rows_n, share_pct (of the log entries read).
    """

    recommendations: pd.DataFrame
    actions: pd.DataFrame
    by_status: pd.DataFrame
    progress: pd.DataFrame
    published_check: pd.DataFrame
    choices_effect: pd.DataFrame
    quality: pd.DataFrame


def measure(  # noqa: PLR0913  # one argument a table
    recommendations: pd.DataFrame,
    actions: pd.DataFrame,
    updates: pd.DataFrame,
    published: pd.DataFrame,
    *,
    period: Period,
    choices: Choices,
    first_month: dt.date,
) -> PeerReview:
    """The state of the peer review at the data date, and at the end of each month before.

    Args:
        recommendations: recommendation_id, recommendation, met_on.
        actions: action_id, recommendation_id, action, kind, added_on, original_deadline_on, undated_reason.
        updates: Their log: action_id, recorded_on, status, completed_on, revised_deadline_on, note.
        published: The counts and per cents as printed: key, count_as_printed, pct_as_printed.
        period: Reporting month and data date.
        choices: action_set, deadline_basis and late_complete are used.
        first_month: First month of progress over time.

    Returns:
        The peer review.
    """
    day = period.data_date
    now = state_at(actions, updates, day, choices)
    points = month_points(min(first_month, period.month), period.month, day)
    drawn = [(m, at, _shares(state_at(actions, updates, at, choices), choices)) for m, at in points]
    dated = [shares.assign(month=m, as_at=pd.Timestamp(at).as_unit("ns")) for m, at, shares in drawn]
    progress = pd.concat(dated, ignore_index=True)

    def state(name: str, value: Any) -> pd.Series[str]:
        found = state_at(actions, updates, day, replace(choices, **{name: value}))
        return found[found["in_headline"].eq("yes")].set_index("action_id")["status"].rename_axis("action")

    return PeerReview(
        recommendations=_rolled_up(recommendations, now[now["in_headline"].eq("yes")], pd.Timestamp(day)),
        actions=now,
        by_status=_shares(now, choices),
        progress=progress[["month", "as_at", *progress.columns.drop(["month", "as_at"])]],
        published_check=check_published(published),
        choices_effect=effects(READINGS, vars(choices), state),
        quality=account(updates, "action_id", actions["action_id"].tolist(), day),
    )


def state_at(actions: pd.DataFrame, log: pd.DataFrame, day: dt.date, choices: Choices) -> pd.DataFrame:
    """Every action agreed by a day as it stood then; the columns are those of `PeerReview.actions`."""
    now = pd.Timestamp(day)
    table = actions[actions["added_on"] <= now].set_index("action_id").sort_index(key=_in_order)
    log_says = state_of(log, table.index, day, done=("completed",), revised="revised_deadline_on")
    completed, revised, judged = (log_says[name] for name in ("completed_on", "revised_deadline_on", "status"))
    original = table["original_deadline_on"]
    deadline = original if choices.deadline_basis == "original" else revised.fillna(original)
    late, reported = completed > deadline, judged.map(WORDS)
    status = pd.Series("On track", table.index).mask(deadline.isna() | judged.eq("not_dated"), "Not dated")
    status = status.mask((deadline < now) | judged.eq("delayed"), "Delayed")
    status = status.mask(completed.notna(), "Completed").mask(late, LATE[choices.late_complete])
    same = status.replace({"Completed late": "Completed"}).eq(reported)
    found = {
        **{name: table[name] for name in ("recommendation_id", "action", "kind", "added_on", "original_deadline_on")},
        "revised_deadline_on": revised,
        "deadline_on": deadline,
        "status": status,
        "late": late.map(YES_NO).where(completed.notna() & deadline.notna(), ""),
        "completed_on": completed,
        "reopened": log_says["reopened"],
        "slippage_days": days_between(original, completed).fillna(days_between(original, now).clip(lower=0)),
        "moved_days": days_between(original, revised),
        "reported_status": reported,
        "reported_on": log_says["reported_on"],
        "differs": (~same).map(YES_NO).where(reported.notna() & status.ne("Not rated"), ""),
        "reason": table["undated_reason"].where(status.eq("Not dated")),
        "note": log_says["note"],
        "in_headline": (table["kind"].eq("original") | (choices.action_set == "all")).map(YES_NO),
    }
    return pd.DataFrame(found).reset_index()


def check_published(published: pd.DataFrame) -> pd.DataFrame:
    """The printed per cents beside those of the printed counts, and of any one count changed by one that fits.

    Args:
        published: key, count_as_printed, pct_as_printed.

    Returns:
        The columns of `PeerReview.published_check`. Counts that fit as printed are the only reading.
    """
    rows = published.dropna(subset=["count_as_printed", "pct_as_printed"])
    counts = {str(key): int(n) for key, n in zip(rows["key"], rows["count_as_printed"], strict=True)}
    printed = dict(zip(counts, rows["pct_as_printed"].astype(float), strict=True))
    readings = {"as printed": counts}
    if not _fits(counts, printed):
        for key, count in counts.items():
            others = {other: counts | {key: other} for other in (count - 1, count + 1) if other >= 0}
            fit = {f"{key} {n} instead of {count}": found for n, found in others.items() if _fits(found, printed)}
            readings |= fit
    table = [
        (reading, key, n, sum(found.values()), pct(n, sum(found.values())), printed[key])
        for reading, found in readings.items()
        for key, n in found.items()
    ]
    frame = pd.DataFrame(table, columns=["reading", "key", "count_n", "of_n", "pct", "printed_pct"])
    whole = [half_up_pct(n, of, 0) for n, of in zip(frame["count_n"], frame["of_n"], strict=True)]
    agrees = frame["printed_pct"].eq(pd.Series(whole, frame.index, dtype="float64")).map(YES_NO)
    return frame.assign(gap_points=frame["printed_pct"] - frame["pct"], agrees=agrees)


def _fits(counts: dict[str, int], printed: dict[str, float]) -> bool:
    return all(half_up_pct(n, sum(counts.values()), 0) == printed[key] for key, n in counts.items())


def _in_order(ids: pd.Index[Any]) -> pd.Index[Any]:
    """Ids so that action 2 comes before action 10."""
    return ids.astype("str").str.replace(r"\d+", lambda number: number.group().zfill(4), regex=True)


def _shares(state: pd.DataFrame, choices: Choices) -> pd.DataFrame:
    table = []
    for name in SETS:
        rows = state[state["kind"].eq(name) | (name == "all")]
        headline = YES_NO[name == choices.action_set]
        counts = rows["status"].value_counts().reindex(list(STATUSES), fill_value=0)
        table += [(name, status, n, len(rows), pct(n, len(rows)), headline) for status, n in counts.items()]
    return pd.DataFrame(table, columns=["action_set", "status", "actions_n", "of_n", "share_pct", "in_headline"])


def _rolled_up(recommendations: pd.DataFrame, state: pd.DataFrame, now: pd.Timestamp) -> pd.DataFrame:
    """The recorded judgement where there is one by the data date, else whether every action is completed."""
    table = recommendations.set_index("recommendation_id").sort_index(key=_in_order)
    counts = state[["recommendation_id", "completed_on"]].assign(
        actions_n=1,
        original_n=state["kind"].eq("original"),
        subsequent_n=state["kind"].eq("subsequent"),
        completed_n=state["completed_on"].notna(),
        **{f"{WORDS[key]}".lower().replace(" ", "_") + "_n": state["status"].eq(WORDS[key]) for key in list(WORDS)[1:]},
    )
    groups = counts.groupby("recommendation_id")
    counts = groups.sum(numeric_only=True).reindex(table.index, fill_value=0).astype("int64")
    judged = table["met_on"].where(table["met_on"] <= now)
    complete = (counts["completed_n"] == counts["actions_n"]) & (counts["actions_n"] > 0)
    rolled = groups["completed_on"].max().reindex(table.index).where(complete)
    basis = complete.map({True: "all actions completed", False: ""}).mask(judged.notna(), "judged met")
    met = pd.DataFrame({"recommendation": table["recommendation"], "met": basis.ne("").map(YES_NO), "met_basis": basis})
    return met.assign(met_on=judged.fillna(rolled)).join(counts).reset_index()
