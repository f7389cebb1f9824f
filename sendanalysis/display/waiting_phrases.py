"""Sentences of a backlog and of a waiting list: who has been seen, who left, at what pace, and how long they wait."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from sendanalysis.display.phrases import CLEARED, be, have, of_shown
from sendanalysis.display.wording import (
    capital,
    listed,
    month_span,
    number,
    percent,
    plural,
    sentence,
    without,
)
from sendanalysis.methods.periods import in_words
from sendanalysis.methods.rounding import half_up
from sendanalysis.release import WITHHELD

if TYPE_CHECKING:
    import datetime as dt

    from sendanalysis.release import Figure

ASSESSED, WAITING, TRANSFERRED = "assessed", "still waiting", "transferred, still to be assessed"
RULES = {"strict": "Assessed", "net": "Assessed, of those not removed", "any_exit": "Assessed or left"}
IN_WORDS = {50: "half", 90: "nine in ten"}


def answer(figure: Figure, states: pd.DataFrame, rule: str, cohort_on: dt.date, day: dt.date) -> tuple[str, str]:
    """Whether the backlog is cleared, and how many are assessed and still to be.

    Args:
        figure: The KPI of the backlog.
        states: Figures of the backlog by state at one day: group, n.
        rule: What counts as cleared.
        cohort_on: Day of the backlog.
        day: Data date.
    """
    if figure.n is None and without(figure, ""):
        return "Not shown.", f"How much of the backlog is cleared is {figure.reason}."
    if not figure.of or figure.n is None:
        return "Not known.", no_backlog(cohort_on, day)
    left = to_be_assessed(states)
    still = "" if pd.isna(left) or not figure.n else f"and {number(left)} {be(left or 1)} still to be assessed"
    return "Yes." if figure.n == figure.of else "No.", sentence(cleared(figure, rule), still)


def no_backlog(cohort_on: dt.date, day: dt.date) -> str:
    """Why there is no backlog to clear: its day has not come, or nobody was waiting on it."""
    if day < cohort_on:
        return f"The backlog is counted from {in_words(cohort_on)} on, which is after the data date."
    return f"No child was recorded as waiting on {in_words(cohort_on)}, so there is no backlog to clear."


def cleared(figure: Figure, rule: str) -> str:
    """How many of the backlog the rule in force counts as cleared."""
    n, done = figure.n or 0, CLEARED[rule]
    if figure.of == 1:
        return f"The one child of the backlog has {'' if n else 'not '}been {done}"
    some = f"{number(n) if n else 'Not one'} of the {number(figure.of)} children"
    return f"{some} {have(n) if n else 'has'} been {done}" + (f" ({percent(figure.value)})" if n else "")


def exits(states: pd.DataFrame) -> str:
    """How many left without an assessment, by reason; a transfer is no exit.

    Args:
        states: Figures of the backlog by state at one day: group, n.
    """
    if states["n"].isna().any():
        return ""
    known = states[~states["group"].isin([ASSESSED, WAITING, TRANSFERRED]) & (states["n"] > 0)]
    if known.empty:
        return "Nobody left the list without an assessment." if states["n"].sum() else ""
    ranked = known.sort_values(["n", "group"], ascending=[False, True])
    reasons = [f"{number(n)} {group}" for group, n in zip(ranked["group"], ranked["n"], strict=True)]
    many = known["n"].sum()
    return f"{plural(many, 'child', 'children')} left the list without a dated assessment ({', '.join(reasons)})."


def to_be_assessed(states: pd.DataFrame) -> float:
    """Children of the backlog who are still to be assessed; not known where a part of them is hidden."""
    return float(states.loc[states["group"].isin([WAITING, TRANSFERRED]), "n"].sum(skipna=False))


def remaining(paces: pd.DataFrame, states: pd.DataFrame) -> str:
    """How many are still to be assessed, those between two providers apart, and the deadline once it has passed."""
    row, moved = paces.iloc[-1], states.loc[states["group"].eq(TRANSFERRED), "n"].sum()
    left = to_be_assessed(states)
    if pd.isna(left) or not states["n"].sum():
        return ""
    if not left:
        return "No child is still to be assessed."
    words = f"{plural(left, 'child', 'children')} still {have(left)} to be assessed"
    if moved:
        words += f", {number(moved)} of them transferred and not yet accepted by another provider"
    if row["weeks_left"] == 0:
        words += f"; the deadline was {in_words(row['deadline'])}"
    return f"{words}."


def pace(paces: pd.DataFrame) -> str:
    """The pace of late and the pace needed; where nobody was assessed for four weeks, since when."""
    row = paces.iloc[-1]
    if not row["cohort_n"] or not row["remaining_n"] or pd.isna(row["remaining_n"]):
        return ""
    need = ""
    if row["weeks_left"] > 0:
        need = f" {_rate(row['needed_per_week'])} a week are needed to meet {in_words(row['deadline'])}."
    if pd.isna(row["last_assessed_on"]):
        return f"No child of the backlog has been assessed yet.{need}"
    if row["idle"] == "yes":
        return f"No child of the backlog has been assessed since {in_words(row['last_assessed_on'])}.{need}"
    weeks = row["recent_weeks_n"]
    if not weeks:
        return need.strip()
    span = "week" if weeks == 1 else f"{number(weeks)} weeks"
    many = plural(row["recent_completions_n"], "child was", "children were")
    return f"In the last {span} {many} assessed, {_rate(row['recent_per_week'])} a week.{need}"


def record(rows: pd.DataFrame) -> str:
    """How the paces of earlier months, carried forward, compare with what came."""
    if rows.empty:
        return "" if WITHHELD in rows.attrs else "No earlier month's pace can be held against what came yet."
    gap = (rows["expected_n"] - rows["came_n"]).round()
    parts = [f"too {way} in {many}" for way, many in (("high", (gap > 0).sum()), ("low", (gap < 0).sum())) if many]
    worst = rows.to_dict("records")[int(gap.abs().to_numpy().argmax())]
    text = (
        f"Carried forward 13 weeks, the pace was {listed(parts) or 'right in all'} of "
        f"{plural(len(rows), 'earlier month')}"
    )
    if not parts:
        return f"{text}."
    out = f"it gave {number(worst['expected_n'], '0')} children and {number(worst['came_n'], '0')} were assessed"
    return f"{text}; furthest out at {in_words(worst['as_at'])}, when {out}."


def burn_down(paces: pd.DataFrame) -> str:
    """Title of a burn-down: what is left and the pace it needs, or what was left on the day the deadline passed."""
    row = paces.iloc[-1]
    left, then = row["remaining_n"], row["remaining_then_n"]
    if pd.isna(left) or not row["cohort_n"]:
        return "Children of the backlog still to be assessed" if pd.isna(left) else "There is no backlog to draw"
    if not left:
        return "No child of the backlog is still to be assessed"
    if row["weeks_left"] > 0:
        return f"{plural(left, 'child', 'children')} to assess, {_rate(row['needed_per_week'])} a week needed"
    if pd.isna(then):
        return f"{plural(left, 'child', 'children')} still to be assessed"
    if then == left:
        return f"{plural(left, 'child', 'children')} to assess, as many as when the deadline passed"
    was = f"{plural(then, 'child was', 'children were')} still to be assessed when the deadline passed"
    return f"{was}, {number(left)} now"


def deadlines(paces: pd.DataFrame) -> list[tuple[Any, str]]:
    """Deadlines of a burn-down with their labels, as `charts.burn_down` takes them."""
    return [(day, in_words(day)) for day in paces["deadline"].dropna()]


def queue(rows: pd.DataFrame) -> str:
    """Whether more joined a list than left it in the weeks observed, and how many are on it."""
    if WITHHELD in rows.attrs:
        return ""
    if rows.empty or pd.isna(rows["demand_per_week"].iloc[0]):
        return "Less than a week of referrals is recorded: too little to say whether the list grows."
    row = rows.iloc[0]
    joined, left, size = row["demand_per_week"], row["capacity_per_week"], row["size_n"]
    there = f"{plural(size, 'referral')} {be(size)} on it." if size else "Nobody is on it."
    weeks = number(int(row["weeks"]))
    span = f"In the last {'week' if weeks == '1' else f'{weeks} weeks'}"
    if not joined and not left:
        return f"{span} nobody joined the list or left it. {there}"
    if not left:
        return f"{span} {_rate(joined)} referrals a week joined the list and none left it. {there}"
    if not joined:
        return f"{span} no referral joined the list and {_rate(left)} a week left it. {there}"
    way = "as many joined as left" if joined == left else f"{'more' if joined > left else 'fewer'} joined than left"
    rates = f"{_rate(joined)} referrals a week joined the list and {_rate(left)} left it"
    return f"{span} {rates}: {way}. {there}"


def _rate(per_week: float) -> str:
    return f"{half_up(per_week)}" if half_up(per_week) else "fewer than 0.1"


def waited(rows: pd.DataFrame, group: str, quantile_pct: int = 50, *, title: bool = False) -> str:
    """By when a share of one group had begun, never infinity; with those who had left by then where that is known.

    Args:
        rows: group, quantile_pct, days, lower_days, upper_days, left_pct.
        group: The group, in words that follow "Of".
        quantile_pct: 50 or 90.
        title: Whether it is to be short: without the interval and those who left.
    """
    found = rows[rows["group"].eq(group) & rows["quantile_pct"].eq(quantile_pct)] if len(rows) else rows
    if found.empty:
        return "" if WITHHELD in rows.attrs else "No wait is recorded"
    row, share = found.iloc[0], IN_WORDS[quantile_pct]
    seen, left = pd.notna(row["days"]), row["left_pct"] if pd.notna(row["left_pct"]) else 0
    words = f"Of {group}, {'' if seen else 'fewer than '}{share} had begun "
    words += f"within {plural(row['days'], 'day')}" if seen else "by the longest wait seen"
    if title:
        return words
    ends = _ends(row["lower_days"], row["upper_days"]) if seen else ""
    return f"{words}{ends}{f'; {percent(left)} had left the list by then' if left else ''}."


def _ends(lower: float, upper: float) -> str:
    if pd.isna(lower) and pd.isna(upper):
        return ""
    if pd.isna(upper):
        return f" ({number(lower)} or more)"
    return f" (up to {number(upper)})" if pd.isna(lower) else f" ({number(lower)} to {number(upper)})"


def became(states: pd.DataFrame) -> pd.DataFrame:
    """What became of a backlog, as `row_charts.unfolded` draws it: assessed, still waiting, then left, by size.

    Args:
        states: Figures of the backlog by state at one day: group, n.
    """
    first = [ASSESSED, WAITING, TRANSFERRED]
    ranks = states["group"].map({state: k for k, state in enumerate(first)}).fillna(len(first))
    order = pd.DataFrame({"rank": ranks, "n": -states["n"].where(ranks == len(first), 0)})
    return states.loc[order.sort_values(["rank", "n"], kind="stable").index]


def what_became(states: pd.DataFrame) -> str:
    """Title of that bar: how many were assessed, how many are still to be, how many left without."""
    if states["n"].sum(skipna=False) == 0:
        return "There is no backlog to draw"
    sizes = states.set_index("group")["n"].astype("float64")
    done, waiting = sizes.get(ASSESSED, 0.0), sizes.reindex([WAITING, TRANSFERRED]).sum()
    gone = sizes.sum() - done - waiting
    if sizes.isna().any():
        return "What became of the children of the backlog"
    total = plural(sizes.sum(), "child", "children")
    told = [f"{number(waiting)} {be(waiting or 1)} still to be assessed"] if waiting else []
    told += [f"{number(gone)} left without a dated assessment"] if gone else []
    first = f"{number(done, 'None')} of {total} {have(done) if done else 'has'} been assessed"
    return f"{first}, {listed(told)}" if told else first


def longest(rows: pd.DataFrame) -> str:
    """Title of waits by length: how many are in the longest band in which there is anybody.

    Args:
        rows: Figures by length of wait, shortest first: group, n.
    """
    known = rows[rows["n"] > 0]
    if rows["n"].isna().any():
        return "Referrals that wait, by length of wait"
    if known.empty:
        return "Nobody is recorded as waiting"
    last = known.iloc[-1]
    many = f"{number(last['n'])} of {plural(rows['n'].sum(), 'referral')}"
    return f"{many} {have(last['n'])} waited {last['group']}"


def list_size(rows: pd.DataFrame) -> str:
    """Title of the list's size: how many are on it, and how many were a year before.

    Args:
        rows: Figures at months' ends: n.
    """
    if rows.empty or pd.isna(rows["n"].iloc[-1]):
        return "The waiting list at the end of each month"
    now, before = rows["n"].iloc[-1], rows["n"].iloc[-13] if len(rows) > 12 else float("nan")
    told = f"{capital(plural(now, 'referral'))} {be(now)} on the list"
    return told if pd.isna(before) else f"{told}; a year before it was {number(before)}"


def within(rows: pd.DataFrame) -> str:
    """Title of the assessments begun within 91 days: the latest share, with its counts.

    Args:
        rows: Figures by month: first_on, last_on, n, of, value.
    """
    known = rows.dropna(subset=["value"])
    if len(known):
        last = known.iloc[-1]
        days = month_span(last["first_on"], last["last_on"])
        counted = f"{number(last['n'])} of {number(last['of'])} referrals, {days}"
        return f"{percent(last['value'])} began within 91 days ({counted})"
    return "No share can be shown" if of_shown(rows) else "No referral's 91st day has come yet"
