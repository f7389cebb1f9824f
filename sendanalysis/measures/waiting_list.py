"""The whole autism waiting list: does it grow, how long do children wait, and what would bring it down?

It counts referrals, not children: one referral comes on when it is accepted and goes off when it is assessed or closed.
"""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from sendanalysis.errors import MethodError
from sendanalysis.methods.periods import add_months, month_end, months_between
from sendanalysis.methods.proportions import account, wilson_pct
from sendanalysis.methods.queues import clearance_weeks, queue_load, relief_capacity, target_queue_size
from sendanalysis.methods.survival import wait_tables

if TYPE_CHECKING:
    from sendanalysis.inputs.choices import Choices
    from sendanalysis.methods.periods import Period

EVENTS = {"start": "assessment_started_on", "complete": "assessment_completed_on", "outcome": "outcome_given_on"}
DATES = ["referred_on", "accepted_on", *EVENTS.values(), "closed_on"]
QUALITY_STANDARD_DAYS = 91
"""NICE QS51, statement 1: assessment starts within three months of referral."""
QUEUE_WEEKS, TARGET_WAIT_WEEKS, RELIEF_WEEKS = 26, 13, 26
WAIT_BANDS = {"0–13 weeks": 91, "over 13 to 26 weeks": 182, "over 26 to 52 weeks": 364, "over 52 weeks": math.inf}


@dataclass(frozen=True)
class WaitingList:
    """Referrals on the list: accepted, and neither assessed (by `event`) nor closed, that day included.

    Attributes:
        list_size: month, additions_n, removals_assessed_n, removals_other_n, size_n and children_n at the month's end
            (or the data date), series_break (a change of provider lies in the month).
        queue: weeks, demand_per_week (additions), capacity_per_week (removals of both kinds), assessed_per_week, load
            (demand ÷ capacity: above 1 the list grows), size_n, target_wait_weeks, target_size_n, relief_per_week
            (removals a week that bring the list to its target size in relief_weeks), relief_weeks, clearance_weeks (NaN
            for a list that does not shrink).
        waits: time_days, at_risk_n, waiting_pct, lower_pct, upper_pct: days from referral to the start of assessment
            (Kaplan–Meier), accepted referrals; still waiting censored at the data date, closed unstarted at closure.
        wait_quantiles: quantile_pct, days, lower_days, upper_days, reading ('reached', 'not reached'), referrals_n,
            started_n.
        within_91: month, started_n, due_n, started_pct, lower_pct, upper_pct: of all referrals whose 91st day fell in
            the twelve months that end with the month, those started by it.
        waiting_by_length: band, referrals_n: waiters of the list by days since referral.
        quality: what, rows_n, share_pct (of the rows read).
    """

    list_size: pd.DataFrame
    queue: pd.DataFrame
    waits: pd.DataFrame
    wait_quantiles: pd.DataFrame
    within_91: pd.DataFrame
    waiting_by_length: pd.DataFrame
    quality: pd.DataFrame


def measure(referrals: pd.DataFrame, *, period: Period, choices: Choices) -> WaitingList:
    """Count who comes on and goes off the list, and how long the wait is for all, not only for those seen.

    An assessment that was completed without a start date had started by then, so its completion ends the wait.

    Args:
        referrals: child_id, referred_on, accepted_on, assessment_started_on, assessment_completed_on,
            outcome_given_on, closed_on.
        period: Reporting month and data date.
        choices: `event` (the date that takes a referral off the list as assessed), `series_breaks`.

    Returns:
        The figures.

    Raises:
        MethodError: A series break is not a date.
    """
    today = pd.Timestamp(period.data_date)
    rows = _known_at(referrals, today, EVENTS[choices.event])
    on_list = rows[rows["accepted_on"].notna() & ~(rows["off_on"] < rows["accepted_on"])]
    waits, quantiles = _waits(rows[rows["accepted_on"].notna()], today)
    return WaitingList(
        list_size=_list_size(on_list, period, choices.series_breaks),
        queue=_queue(on_list, today),
        waits=waits,
        wait_quantiles=quantiles,
        within_91=_within_standard(rows, period),
        waiting_by_length=_by_length(on_list[on_list["off_on"].isna()], today),
        quality=_account(referrals, rows, on_list),
    )


def _known_at(referrals: pd.DataFrame, today: pd.Timestamp, event: str) -> pd.DataFrame:
    rows = referrals[referrals["referred_on"] <= today]
    dates = rows[DATES].where(rows[DATES] <= today)
    started = dates["assessment_started_on"].fillna(dates["assessment_completed_on"])
    off = dates[[event, "closed_on"]].min(axis=1)
    return dates.assign(child_id=rows["child_id"], started_on=started, off_on=off, assessed=dates[event].eq(off))


def _list_size(rows: pd.DataFrame, period: Period, breaks: tuple[str, ...]) -> pd.DataFrame:
    marks = {_as_day(text).replace(day=1) for text in breaks}
    first = rows["accepted_on"].min().date() if len(rows) else period.month
    table = []
    for month in months_between(min(first, period.month), period.month):
        start, end = pd.Timestamp(month), pd.Timestamp(min(month_end(month), period.data_date))
        off = rows["off_on"].between(start, end)
        waiting = rows[(rows["accepted_on"] <= end) & ~(rows["off_on"] <= end)]
        table.append(
            {
                "month": start.as_unit("ns"),
                "additions_n": int(rows["accepted_on"].between(start, end).sum()),
                "removals_assessed_n": int((off & rows["assessed"]).sum()),
                "removals_other_n": int((off & ~rows["assessed"]).sum()),
                "size_n": len(waiting),
                "children_n": waiting["child_id"].nunique(),
                "series_break": month in marks,
            }
        )
    return pd.DataFrame(table)


def _as_day(text: str) -> dt.date:
    try:
        return dt.date.fromisoformat(text)
    except ValueError as error:
        raise MethodError(f"series_breaks: '{text}' is not a date. Write it as YYYY-MM-DD.") from error


def _queue(rows: pd.DataFrame, today: pd.Timestamp) -> pd.DataFrame:
    since = today - pd.Timedelta(weeks=QUEUE_WEEKS)
    removed = rows["off_on"] > since
    demand = int((rows["accepted_on"] > since).sum()) / QUEUE_WEEKS
    capacity, size = int(removed.sum()) / QUEUE_WEEKS, int(rows["off_on"].isna().sum())
    target = target_queue_size(demand, TARGET_WAIT_WEEKS)
    figures = {
        "weeks": QUEUE_WEEKS,
        "demand_per_week": demand,
        "capacity_per_week": capacity,
        "assessed_per_week": int((removed & rows["assessed"]).sum()) / QUEUE_WEEKS,
        "load": queue_load(demand, capacity),
        "size_n": size,
        "target_wait_weeks": TARGET_WAIT_WEEKS,
        "target_size_n": target,
        "relief_per_week": relief_capacity(demand, size, target, RELIEF_WEEKS),
        "relief_weeks": RELIEF_WEEKS,
        "clearance_weeks": clearance_weeks(size, demand, capacity),
    }
    return pd.DataFrame([figures]).astype({"clearance_weeks": "float64"})


def _waits(rows: pd.DataFrame, today: pd.Timestamp) -> tuple[pd.DataFrame, pd.DataFrame]:
    started = rows["started_on"].notna() & ~(rows["closed_on"] < rows["started_on"])
    end = rows["started_on"].where(started, rows["closed_on"].fillna(today))
    days = (end - rows["referred_on"]).dt.days
    return wait_tables(days, started, "waiting_pct", ("referrals_n", "started_n"))


def _within_standard(rows: pd.DataFrame, period: Period) -> pd.DataFrame:
    due = rows["referred_on"] + pd.Timedelta(days=QUALITY_STANDARD_DAYS)
    met, table = rows["started_on"] <= due, []
    first = min(due.min().date(), period.month) if len(rows) else period.month
    for month in months_between(first, period.month):
        start, end = add_months(month, -11), min(month_end(month), period.data_date)
        chosen = due.between(pd.Timestamp(start), pd.Timestamp(end))
        started, of = int((met & chosen).sum()), int(chosen.sum())
        row = {"month": pd.Timestamp(month).as_unit("ns"), "started_n": started, "due_n": of}
        table.append(row | wilson_pct(started, of, "started_pct"))
    return pd.DataFrame(table)


def _by_length(waiting: pd.DataFrame, today: pd.Timestamp) -> pd.DataFrame:
    edges = [-1, *WAIT_BANDS.values()]
    band = pd.cut((today - waiting["referred_on"]).dt.days, edges, labels=list(WAIT_BANDS))
    counts = band.value_counts().reindex(list(WAIT_BANDS)).to_numpy(dtype=np.int64)
    return pd.DataFrame({"band": list(WAIT_BANDS), "referrals_n": counts})


def _account(referrals: pd.DataFrame, rows: pd.DataFrame, on_list: pd.DataFrame) -> pd.DataFrame:
    accepted = rows["accepted_on"].notna()
    unstarted = rows["assessment_started_on"].isna() & rows["assessment_completed_on"].notna()
    found = {
        "rows read": len(referrals),
        "referred after the data date, left out": len(referrals) - len(rows),
        "not accepted by the data date, not on the list": int((~accepted).sum()),
        "assessed or closed before it was accepted, never on the list": int(accepted.sum()) - len(on_list),
        "on the list at some time": len(on_list),
        "start of assessment blank, taken from its completion": int(unstarted.sum()),
        "started after the closure, wait ends at the closure": int((rows["started_on"] > rows["closed_on"]).sum()),
    }
    return account(found)
