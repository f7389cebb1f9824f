"""The autism backlog: of the children who waited on the plan's day, how many have been assessed?

The cohort is a frozen list of children, not the current waiting list. A transfer or any other closure assesses nobody.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from sendanalysis.measures.estimates import part
from sendanalysis.measures.figures import Measure, Tables, as_known, every_row, is_in
from sendanalysis.measures.remembering import remembered
from sendanalysis.methods.proportions import account

if TYPE_CHECKING:
    import datetime as dt

    from sendanalysis.inputs.parameters import Autism

EVENTS = {"start": "assessment_started_on", "complete": "assessment_completed_on", "outcome": "outcome_given_on"}
ASSESSED, WAITING, TRANSFERRED = "assessed", "still waiting", "transferred, still to be assessed"
NO_DATE = "closed as assessed, no date"
STATES = {  # what each state means for the three readings
    ASSESSED: "assessed",
    WAITING: "to be assessed",
    TRANSFERRED: "to be assessed",
    "declined": "valid removal",
    "moved away": "valid removal",
    "referral error": "valid removal",
    "did not attend": "other exit",
    NO_DATE: "other exit",
    "reason unknown": "other exit",
}
REASONS = {"transferred": TRANSFERRED, "declined": "declined", "moved_away": "moved away"}
REASONS |= {"referral_error": "referral error", "did_not_attend": "did not attend", "assessed": NO_DATE}
RULES = ("strict", "net", "any_exit")
FROZEN, LATE_FOUND = "frozen_cohort", "late_found"


def measures(chosen: Autism) -> tuple[Measure, ...]:
    """What is counted of the backlog: its children under each rule, where they are, and those found late.

    strict = assessed ÷ cohort; net = assessed ÷ (cohort − declined, moved away, referral error); any exit = (cohort −
    still waiting − transferred) ÷ cohort.
    """
    base = Measure(
        name="autism",
        label="children of the backlog assessed",
        counted=("child", "children"),
        needs=("autism_referrals",),
        ledger=partial(_by_rule, chosen=chosen, rules=(chosen.clear_rule,)),
        windows=(("day", True),),
        standing=True,
        census=True,
    )
    once = (("day", False),)
    return (
        base,
        replace(
            base,
            name="autism_by_rule",
            groups={rule: is_in("rule", rule) for rule in RULES},
            windows=once,
            ledger=partial(_by_rule, chosen=chosen, rules=RULES),
        ),
        replace(
            base,
            name="autism_by_state",
            ledger=partial(cohort, chosen=chosen),
            groups={state: is_in("state", state) for state in STATES},
            statistic=part,
        ),
        replace(
            base,
            name="autism_late_found",
            ledger=partial(_with_late_found, chosen=chosen),
            groups={FROZEN: is_in("found", FROZEN), LATE_FOUND: is_in("found", LATE_FOUND), "both": every_row},
            windows=once,
        ),
    )


def cohort(tables: Tables, day: dt.date, *, chosen: Autism) -> pd.DataFrame:
    """One row a child of the cohort as it stood at the close of a day; none before the cohort's day.

    A child has one state, the first that holds: assessed (in any referral that was not over by the cohort's day), still
    waiting (any accepted referral open), else the reason of the last closure of an accepted referral, of which a
    transfer leaves the child to be assessed.

    Returns:
        child_id, state, group (assessed, to be assessed, valid removal, other exit), on (the cohort's day), counts, met
        (assessed), usable (not closed as assessed without a date).
    """
    frozen, _ = cohorts(tables, day, chosen)
    return stated(frozen, chosen)


def cohorts(tables: Tables, day: dt.date, chosen: Autism) -> tuple[pd.DataFrame, pd.DataFrame]:
    """All referrals of the cohort's children as known at a day, and all of those found late.

    Late-found: referred on or before the cohort's day and accepted only after it.
    """
    rows = referrals(tables, day)
    if chosen.cohort_on is None or day < chosen.cohort_on:
        return rows.iloc[:0], rows.iloc[:0]
    frozen, waiting = frozen_on(chosen), rows[~_over_by(rows, chosen)]
    mine = set(waiting["child_id"][waiting["accepted_on"] <= frozen])
    accepted_late = (waiting["referred_on"] <= frozen) & (waiting["accepted_on"] > frozen)
    late = set(waiting["child_id"][accepted_late]) - mine
    return rows[rows["child_id"].isin(mine)], rows[rows["child_id"].isin(late)]


def accounts(tables: Tables, day: dt.date, chosen: Autism) -> pd.DataFrame:
    """What became of the rows read: what, rows_n, share_pct (of the rows read, or of the cohort for children)."""
    rows, (mine, _) = referrals(tables, day), cohorts(tables, day, chosen)
    completed, states = rows["assessment_completed_on"], stated(mine, chosen)["state"]
    again = mine["referred_on"] > frozen_on(chosen)
    found = {
        "rows read": len(tables["autism_referrals"]),
        "referred after the data date, left out": len(tables["autism_referrals"]) - len(rows),
        "not accepted by the data date, in no cohort": int(rows["accepted_on"].isna().sum()),
        "assessment completed with no start date": int(
            (completed.notna() & rows["assessment_started_on"].isna()).sum()
        ),
        "assessment completed after the closure, counted as assessed": int((completed > rows["closed_on"]).sum()),
    }
    children = {
        "children of the cohort": len(states),
        "children referred again after the cohort date, counted once": mine["child_id"][again].nunique(),
        f"children {NO_DATE}, not counted as assessed": int((states == NO_DATE).sum()),
    }
    return pd.concat([account(found), account(children)], ignore_index=True)


def referrals(tables: Tables, day: dt.date) -> pd.DataFrame:
    """Referrals made by a day, as known then, with the day each assessment had started by."""
    return _referrals(tables["autism_referrals"], day)


@remembered
def _referrals(rows: pd.DataFrame, day: dt.date) -> pd.DataFrame:
    known = as_known(rows[rows["referred_on"] <= pd.Timestamp(day)], day)
    reason = known["closure_reason"].astype("str").fillna("unknown").where(known["closed_on"].notna())
    return known.assign(
        closure_reason=reason, started_on=known["assessment_started_on"].fillna(known["assessment_completed_on"])
    )


def frozen_on(chosen: Autism) -> pd.Timestamp:
    """The cohort's day; before all others where the area names none, so that nobody is in the cohort."""
    return pd.Timestamp(chosen.cohort_on) if chosen.cohort_on else pd.Timestamp.min


def _over_by(rows: pd.DataFrame, chosen: Autism) -> pd.Series[bool]:
    frozen = frozen_on(chosen)
    return (rows["assessment_completed_on"] <= frozen) | (rows["closed_on"] <= frozen)


def assessed_on(rows: pd.DataFrame, chosen: Autism) -> pd.Series[Any]:
    """Day each assessed child was first assessed; an assessment finished by the cohort's day is another wait's."""
    frozen, on = frozen_on(chosen), rows[EVENTS[chosen.event]]
    earlier = rows["assessment_completed_on"] <= frozen
    counts = on.notna() & ~earlier & ((on > frozen) | ~_over_by(rows, chosen))
    return on[counts].groupby(rows["child_id"][counts]).min()


def _states(rows: pd.DataFrame, chosen: Autism) -> pd.Series[str]:
    """State of each child, by child."""
    accepted = rows["accepted_on"].notna()
    closed = rows[accepted & (rows["closed_on"] > frozen_on(chosen))].sort_values(["closed_on", "referral_id"])
    open_now = rows["closed_on"].isna() & accepted & ~_over_by(rows, chosen)
    children = pd.Index(sorted(set(rows["child_id"])), dtype="str")
    last_reason = closed.groupby("child_id")["closure_reason"].last().reindex(children)
    held = [
        children.isin(assessed_on(rows, chosen).index),
        children.isin(rows["child_id"][open_now & rows[EVENTS[chosen.event]].isna()]),
    ]
    others = last_reason.map(REASONS).fillna("reason unknown").to_numpy(dtype="object")
    return pd.Series(np.select(held, [ASSESSED, WAITING], default=others), index=children, dtype="str")


def stated(rows: pd.DataFrame, chosen: Autism) -> pd.DataFrame:
    """One row a child of some referrals, with its state; see `cohort`."""
    states = _states(rows, chosen) if len(rows) else pd.Series(dtype="str")
    table = pd.DataFrame({"child_id": states.index, "state": states.to_numpy()}).astype("str")
    on = frozen_on(chosen)
    return table.assign(
        group=table["state"].map(STATES),
        on=on,
        counts=True,
        met=table["state"].eq(ASSESSED),
        usable=table["state"].ne(NO_DATE),
    )


def _by_rule(tables: Tables, day: dt.date, *, chosen: Autism, rules: tuple[str, ...]) -> pd.DataFrame:
    """The cohort once a rule: what each rule counts as cleared, and whom it leaves out."""
    children = cohort(tables, day, chosen=chosen)
    return pd.concat([_ruled(children, rule) for rule in rules], ignore_index=True)


def _ruled(children: pd.DataFrame, rule: str) -> pd.DataFrame:
    group = children["group"]
    met = group.ne("to be assessed") if rule == "any_exit" else group.eq("assessed")
    counts = group.ne("valid removal") if rule == "net" else group.notna()
    return children.assign(rule=rule, met=met, counts=counts)


def _with_late_found(tables: Tables, day: dt.date, *, chosen: Autism) -> pd.DataFrame:
    found = zip((FROZEN, LATE_FOUND), cohorts(tables, day, chosen), strict=True)
    parts = [_ruled(stated(rows, chosen), chosen.clear_rule).assign(found=name) for name, rows in found]
    return pd.concat(parts, ignore_index=True)
