"""Actions, milestones and recommendations as their charts draw them, with the titles that say what is seen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from sendanalysis.display.phrases import be, have
from sendanalysis.display.wording import capital, number, plural

if TYPE_CHECKING:
    import datetime as dt

WORST_FIRST = ("Red", "Not done", "Amber", "Not rated", "Green", "Not yet due", "In place, ongoing")


def in_time(rows: pd.DataFrame, day: dt.date) -> pd.DataFrame:
    """Actions or milestones as `row_charts.gantt` draws them, worst first: those late and open, then open, then done.

    An action has its number in front, a milestone what it is for behind; one that is not applicable is left out.

    Args:
        rows: The table `actions`, or `milestones`.
        day: The data date.

    Returns:
        The columns of the table with group, due_on, due_now_on, days_late (missing where it is not late) and told.
    """
    rows = rows[rows["status"] != "Not applicable"]
    due = rows["due_now_on"] if "due_now_on" in rows else rows["due_on"]
    at = rows["completed_on"].fillna(pd.Timestamp(day))
    past = (at - due).dt.days
    late = past.where(past > 0).astype("float64")
    first, second = ("action_id", "action") if "action" in rows else ("milestone", "kpi_reference")
    named = rows[first] + rows[second].map(lambda text: f" \N{MIDDLE DOT} {text}", na_action="ignore").fillna("")
    star = rows["provisional"].map({"yes": "*", "no": ""}) if "provisional" in rows else ""
    status = rows["status"] + star
    told = status + pd.Series(["" if pd.isna(days) else f", {plural(days, 'day')}" for days in late], index=late.index)
    found = rows.assign(group=named, due_now_on=due, status=status, days_late=late, told=told)
    ranks = {name: rank for rank, name in enumerate(WORST_FIRST)}
    order = pd.DataFrame({"rank": rows["status"].map(ranks).fillna(len(ranks)), "days": -late.fillna(0), "due": due})
    return found.loc[order.sort_values(["rank", "days", "due"], kind="stable").index].reset_index(drop=True)


def past_their_date(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows with the days by which each is late, and none where it is not: nothing is late by nought."""
    late = rows.columns.intersection(["days_past_due", "slippage_days"])
    return rows.assign(**{name: rows[name].where(rows[name] > 0) for name in late})


def who_is_who(owners: pd.DataFrame) -> str:
    """Who the owners of actions are that the plan names by initials or a short name; nothing where it names none so.

    Args:
        owners: The table `actions_by_owner`.
    """
    named = owners[owners["owner_is"] != ""]
    told = [f"{owner}: {role}" for owner, role in zip(named["owner"], named["owner_is"], strict=True)]
    return f"{'; '.join(told)}." if told else ""


def answer(actions: pd.DataFrame, counts: pd.Series[Any]) -> tuple[str, str]:
    """Whether the actions are done in time, and how many are completed and coloured.

    Args:
        actions: The table `actions`.
        counts: How many there are of each status.
    """
    done, late = actions["completed_on"].notna().sum(), (actions["late"] == "yes").sum()
    past, total = (actions["days_past_due"] > 0).sum(), len(actions)
    if not total:
        return "Not known.", "The plan names no action yet."
    first = "None is due yet." if not done + past else "No." if done == late else "Not all." if late + past else "Yes."
    red, amber = counts["Red"], counts["Amber"]
    told = f"{capital(number(done))} of {plural(total, 'action')} {be(done or 1)} completed"
    return first, f"{told}, {number(red)} {be(red or 1)} Red and {number(amber)} {be(amber or 1)} Amber."


def most_late(rows: pd.DataFrame, noun: str) -> str:
    """Title of a Gantt chart: how many are open past their date, and the longest of them.

    Args:
        rows: As `in_time` gives them.
        noun: What a row is.
    """
    open_late = rows[rows["days_late"].notna() & rows["completed_on"].isna()]
    if rows.empty or open_late.empty:
        return f"No {noun} is open past its date"
    many, longest = len(open_late), plural(open_late["days_late"].max(), "day")
    if many == 1:
        return f"1 of {plural(len(rows), noun)} is open past its date, by {longest}"
    return f"{many} of {plural(len(rows), noun)} are open past their date, the longest by {longest}"


def completed(progress: pd.DataFrame, noun: str) -> str:
    """Title of the statuses by month: how many are completed, and how many were three months before.

    Args:
        progress: month, status, n.
        noun: What is counted.
    """
    if progress.empty:
        return f"No {noun} is recorded"
    months = progress["month"].drop_duplicates().sort_values()
    done = progress[progress["status"] == "Completed"].groupby("month")["n"].sum().reindex(months, fill_value=0)
    total = progress.loc[progress["month"] == months.iloc[-1], "n"].sum()
    told = f"{number(done.iloc[-1], 'None')} of {plural(total, noun)} {be(done.iloc[-1] or 1)} completed"
    then = done[done.index <= months.iloc[-1] - pd.DateOffset(months=3)]
    return f"{told}; three months before it was {number(then.iloc[-1])}" if len(then) else told


PARTS = {"completed_n": "Completed", "on_track_n": "On track", "not_dated_n": "Not dated", "delayed_n": "Delayed"}


def carried_out(rows: pd.DataFrame) -> pd.DataFrame:
    """Recommendations with their actions by status, as `row_charts.split_bars` draws them, least carried out first.

    Args:
        rows: The table `peer_review_recommendations`.

    Returns:
        A row a recommendation and status: group, part, n, told.
    """
    share = (rows["completed_n"] / rows["actions_n"]).fillna(0)
    order = pd.DataFrame({"met": rows["met"] == "yes", "late": -rows["delayed_n"], "share": share})
    rows = rows.loc[order.sort_values(["met", "late", "share"], kind="stable").index]
    told = [
        f"{'Met, ' if met == 'yes' else ''}{number(n, '0')} of {number(of, '0')}"
        for met, n, of in zip(rows["met"], rows["completed_n"], rows["actions_n"], strict=True)
    ]
    rows = rows.assign(group=rows["recommendation"].fillna(rows["recommendation_id"]), told=told)
    long = rows.melt(["group", "told"], list(PARTS), "part", "n")
    return long.assign(part=long["part"].map(PARTS))


def recommendations_met(rows: pd.DataFrame) -> str:
    """Title of the recommendations' bars: how many are met, and how many have an action that is delayed."""
    if rows.empty:
        return "No recommendation is recorded"
    met, late = int((rows["met"] == "yes").sum()), int((rows["delayed_n"] > 0).sum())
    told = f"{number(met, 'None')} of {plural(len(rows), 'recommendation')} {be(met or 1)} met"
    return f"{told}, {number(late)} {have(late) if late else 'has'} a delayed action"
