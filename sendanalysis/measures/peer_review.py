"""The peer review's recommendations and their actions as they stood on any day, under the peer review's own key.

Key (never mixed with the plan's): Completed; On track, the deadline not yet reached; Delayed, the deadline has passed
or its owner judges that it will not be met; Not dated, a date awaits confirmation or hangs on something outside. A
deadline that has passed is Delayed whatever is reported; on the data date itself it has not passed. The status is read
against the revised deadline (`deadline_basis`), slippage always against the original one.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from sendanalysis.measures.registers import Register, frame, in_order, progress, shares
from sendanalysis.methods.logs import YES_NO, Row, days_between, effects, records
from sendanalysis.methods.proportions import pct
from sendanalysis.methods.rounding import half_up_pct

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping, Sequence

    from sendanalysis.inputs import parameters as given
    from sendanalysis.measures.registers import Due
    from sendanalysis.methods.periods import Period

STATUSES = ("Completed", "Completed late", "On track", "Delayed", "Not dated", "Not rated")
LATE = {"blue_marked": "Completed late", "blue": "Completed", "uncoloured": "Not rated"}
WORDS = {"completed": "Completed", "on_track": "On track", "delayed": "Delayed", "not_dated": "Not dated"}
COUNTED = ("original", "subsequent", "On track", "Delayed", "Not dated")
TABLES = ("recommendations", "actions", "updates", "published")
SETS = ("all", "original", "subsequent")
READINGS = {
    "action_set": ("all", "original"),
    "deadline_basis": ("revised", "original"),
    "late_complete": ("blue_marked", "blue", "uncoloured"),
}
ACTIONS = (
    "action_id recommendation_id action kind added_on original_deadline_on revised_deadline_on deadline_on=due_now_on "
    "status late completed_on reopened slippage_days moved_days reported_status differs reason note in_headline"
)
RECOMMENDATIONS = (
    "recommendation_id recommendation met met_basis met_on actions_n original_n subsequent_n completed_n on_track_n "
    "delayed_n not_dated_n"
)
SHARES = "action_set status actions_n of_n share_pct in_headline"


@dataclass(frozen=True)
class PeerReview:
    """The peer review at the data date: actions agreed and log entries recorded on or before it.

    Attributes:
        recommendations: recommendation_id, recommendation, met (yes, no), met_basis (judged met, all actions completed,
            blank), met_on, and of the actions of `action_set`: how many, of which kind and under which status (…_n).
        actions: One row an action, with what `Register.on` says and: kind, added_on, deadline_on (the one that gives
            the status), moved_days (from the original to the revised deadline), reason (why it has no date),
            in_headline (yes, no: is it of `action_set`).
        by_status: action_set (all, original, subsequent), status, actions_n, of_n, share_pct, in_headline; zeros too.
        progress: month, as_at and the columns of `by_status`, at each month's end (the data date in the last).
        published_check: reading (as printed, or one count changed by one so that every printed per cent fits), key,
            count_n, of_n, pct, printed_pct, agrees (yes, no: rounded half up to a whole per cent).
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


def measure(tables: Mapping[str, pd.DataFrame], *, period: Period, parameters: given.Parameters) -> PeerReview:
    """The state of the peer review at the data date, and at each month's end since its first action was agreed.

    Args:
        tables: peer_review_recommendations, peer_review_actions, peer_review_updates and peer_review_published, as
            their contracts say.
        period: Reporting month and data date.
        parameters: Those of the peer review are used.
    """
    recommendations, actions, log, published = (tables[f"peer_review_{name}"] for name in TABLES)
    day, done, revised, choices = period.data_date, ("completed",), "revised_deadline_on", parameters.peer_review
    register = Register(actions, log, "action_id", due=_due, rate=_rate, words=WORDS, done=done, revised=revised)

    def state(on: dt.date, read: given.PeerReview = choices) -> list[Row]:
        return [row for row in register.on(on, read) if row["added_on"] <= on]

    def headline(read: given.PeerReview) -> dict[str, str]:
        return {row["action_id"]: row["status"] for row in state(day, read) if row["in_headline"] == "yes"}

    now, first = state(day), actions["added_on"].min()
    drawn = progress(first.date() if len(actions) else period.month, period, lambda on: _shares(state(on), choices))
    return PeerReview(
        recommendations=_rolled_up(recommendations, now, day),
        actions=frame(now, ACTIONS),
        by_status=frame(_shares(now, choices), SHARES),
        progress=frame(drawn, f"month as_at {SHARES}"),
        published_check=check_published(published[~(published["published_on"] > pd.Timestamp(day))]),
        choices_effect=effects(READINGS, choices, headline, "action"),
        quality=register.quality(day),
    )


def _due(row: Row, choices: given.PeerReview) -> Due:
    original = row["original_deadline_on"]
    return original, original if choices.deadline_basis == "original" else row["revised_deadline_on"] or original


def _rate(row: Row, _: dt.date, choices: given.PeerReview) -> Row:
    reported, dated = row["reported_status"], row["due_now_on"] and row["reported_status"] != "Not dated"
    status = "Delayed" if row["days_past_due"] or reported == "Delayed" else "On track" if dated else "Not dated"
    if row["completed_on"]:
        status = LATE[choices.late_complete] if row["late"] == "yes" else "Completed"
    return {
        "status": status,
        "moved_days": days_between(row["due_on"], row["revised_deadline_on"]),
        "reason": row["undated_reason"] if status == "Not dated" else None,
        "in_headline": YES_NO[row["kind"] == "original" or choices.action_set == "all"],
    }


def _shares(state: Sequence[Row], choices: given.PeerReview) -> list[Row]:
    return [
        {"action_set": name, "in_headline": YES_NO[name == choices.action_set], **row}
        for name in SETS
        for row in shares([action for action in state if name in {"all", action["kind"]}], STATUSES)
    ]


def _rolled_up(recommendations: pd.DataFrame, state: Sequence[Row], day: dt.date) -> pd.DataFrame:
    """The recorded judgement where there is one by the data date, else whether every action is completed."""
    rows, headline = [], [action for action in state if action["in_headline"] == "yes"]
    for row in in_order(recommendations, "recommendation_id"):
        own = [action for action in headline if action["recommendation_id"] == row["recommendation_id"]]
        completed = [action["completed_on"] for action in own if action["completed_on"]]
        judged = row["met_on"] if row["met_on"] and row["met_on"] <= day else None
        rolled = max(completed) if own and len(completed) == len(own) else None
        basis = "judged met" if judged else "all actions completed" if rolled else ""
        tally = Counter(word for action in own for word in (action["kind"], action["status"]))
        counts = {f"{word.lower().replace(' ', '_')}_n": tally[word] for word in COUNTED}
        counts |= {"actions_n": len(own), "completed_n": len(completed)}
        rows.append(row | counts | {"met": YES_NO[bool(basis)], "met_basis": basis, "met_on": judged or rolled})
    return frame(rows, RECOMMENDATIONS)


def check_published(published: pd.DataFrame) -> pd.DataFrame:
    """The printed per cents beside those of the printed counts, and of any one count changed by one that fits.

    Args:
        published: key, count_as_printed, pct_as_printed.

    Returns:
        The columns of `PeerReview.published_check`. Counts that fit as printed are the only reading.
    """
    rows = records(published.dropna(subset=["count_as_printed", "pct_as_printed"]))
    counts = {row["key"]: int(row["count_as_printed"]) for row in rows}
    printed = {row["key"]: float(row["pct_as_printed"]) for row in rows}
    readings = {"as printed": counts}
    if not _fits(counts, printed):
        near = [(key, n, n + step) for key, n in counts.items() for step in (-1, 1) if n + step >= 0]
        others = {f"{key.replace('_', ' ')} {other} instead of {n}": counts | {key: other} for key, n, other in near}
        readings |= {reading: found for reading, found in others.items() if _fits(found, printed)}
    checked = [
        {"reading": reading, "key": key, "count_n": n, "of_n": sum(found.values()), "printed_pct": printed[key]}
        | {"pct": pct(n, sum(found.values())), "agrees": YES_NO[_agrees(found, key, printed)]}
        for reading, found in readings.items()
        for key, n in found.items()
    ]
    return frame(checked, "reading key count_n of_n pct printed_pct agrees")


def _fits(counts: dict[str, int], printed: dict[str, float]) -> bool:
    return all(_agrees(counts, key, printed) for key in counts)


def _agrees(counts: dict[str, int], key: str, printed: dict[str, float]) -> bool:
    return half_up_pct(counts[key], sum(counts.values()), 0) == printed[key]
