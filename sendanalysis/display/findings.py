"""Titles of charts and how to read them, worked out from the released tables they show."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from sendanalysis.display.tables import in_words as code_in_words
from sendanalysis.display.wording import PEOPLE, capital, listed, number, percent, plural
from sendanalysis.methods.periods import in_words
from sendanalysis.methods.rounding import half_up

if TYPE_CHECKING:
    from sendanalysis.release import Release

IMPROVING, WORSENING, ORDINARY = "special_cause_improvement", "special_cause_concern", "common_cause"
_TREND = {
    IMPROVING: "{what} has risen by more than chance explains",
    WORSENING: "{what} has fallen by more than chance explains",
    ORDINARY: "{what} moves from month to month no more than chance explains",
}
_ASSURANCE = {
    "consistent_fail": "The target of {target} lies above the expected range: without a change it will be missed every month.",
    "consistent_pass": "The target of {target} lies below the expected range: it is met every month.",
    "inconsistent": "The target of {target} lies within the expected range: meeting it in a month is down to chance.",
}


def trend(variation: pd.DataFrame, kpi_id: str, what: str) -> str:
    """Title of an SPC chart: what the last point says."""
    row = _row(variation, "kpi_id", kpi_id)
    return _TREND.get(str(row.get("variation")), "{what}: too few months to tell a change from chance").format(
        what=what
    )


def goals(release: Release, kpi_id: str) -> dict[str, Any]:
    """Baseline and targets of a KPI, as `charts.trend` takes them."""
    targets = [(goal.on, goal.value) for goal in release.targets(kpi_id)]
    return {"baseline": release.baseline(kpi_id), "targets": targets}


def trend_reading(variation: pd.DataFrame, kpi_id: str) -> str:
    """How to read an SPC chart: the range, the signal, and what it says of the target."""
    row = _row(variation, "kpi_id", kpi_id)
    points = int(row.get("points_n", 0))
    if str(row.get("variation")) not in _TREND:
        return f"Only {plural(points, 'month has', 'months have')} audits; limits are drawn from 13 on."
    text = (
        f"The line is the average of {points} months, {percent(row['mean_pct'])}; months inside the shaded range differ by "
        "chance alone. A month outside it, seven in a row on one side, seven rising or falling in a row, or two of three "
        "near a limit signal a real change (Making Data Count rules)."
    )
    assurance = _ASSURANCE.get(str(row.get("assurance")))
    if assurance and pd.notna(row.get("target_pct")):
        return text + " " + assurance.format(target=f"{row['target_pct']:g}%")
    return text


def weakest(rows: pd.DataFrame, label: str, value: str = "pct", noun: str = "") -> str:
    """Title of ranked bars: which is lowest."""
    known = rows.dropna(subset=[value])
    if known.empty:
        return "Nothing was recorded to rank"
    low = known.sort_values([value, label]).iloc[0]
    name = code_in_words(str(low[label]))
    return f"{noun} {name} is lowest, at {percent(low[value])}".strip()


def most_missed(questions: pd.DataFrame) -> str:
    """Which question fails most."""
    if questions.empty or not questions["no_n"].iloc[0]:
        return "No question was answered No."
    row = questions.iloc[0]
    return (
        f"Question {row['question_id']} of section {row['section']} was answered No most often: {number(row['no_n'])} of "
        f"{plural(row['answers_n'], 'answer')} (between {percent(row['lower_pct'])} and {percent(row['upper_pct'])})."
    )


def agreement(rows: pd.DataFrame) -> str:
    """What two audits of the same plans say of the auditors."""
    if rows.empty:
        return "No plan was audited by two auditors, so their agreement is not known."
    row = rows.iloc[0]
    return (
        f"In {plural(row['plans_n'], 'plan')} audited twice, {number(row['same_n'])} of {plural(row['pairs_n'], 'pair')} of "
        f"answers agree ({percent(row['same_pct'])}). Cohen's kappa is {half_up(row['kappa'], 2)} and Gwet's AC1 "
        f"{half_up(row['ac1'], 2)}; kappa falls where nearly all answers are Yes, AC1 does not."
    )


def reconciliation(rows: pd.DataFrame) -> str:
    """Which reading of the audits comes nearest to the published baseline."""
    found = rows[rows["verdict"].fillna("") != ""]
    if found.empty:
        return "The baseline months hold no audits that could be held against the published baseline."
    row = found.iloc[0]
    how = f"unit {row['unit']}, N/A {row['na_policy']}, social care {row['care_sections']}"
    distance = f"{half_up(row['largest_distance_points'])} points away at most"
    if "none near" in row["verdict"]:
        return f"No reading comes near the published baseline; the nearest ({how}) is {distance}."
    return f"The reading nearest to the published baseline is: {how}; it is {distance}."


def gap(rows: pd.DataFrame, kpi_id: str) -> str:
    """How far the figure is from its targets, in answers and audits."""
    own = rows[(rows["kpi_id"] == kpi_id) & (rows["gap_points"] > 0)]
    if own.empty:
        return "No target of this KPI is ahead of its figure."
    row = own.iloc[0]
    need = (
        f"{plural(row['plans_needed_n'], 'audit')} in a window"
        if pd.notna(row["plans_needed_n"])
        else "no number of audits"
    )
    return (
        f"To reach {row['target_pct']:g}% in this window {number(row['more_met_n'])} more answers would have to be met; "
        f"to tell a gap of {half_up(row['gap_points'])} points from chance takes about {need}."
    )


def backlog(release: Release) -> str:
    """Title of the burn-down."""
    row = release.autism_backlog.pace.iloc[-1]
    remaining = row["remaining_n"]
    if not remaining:
        return "Every child of the backlog has been assessed or has left the list"
    if row["weeks_left"] > 0:
        return f"{plural(remaining, 'child', 'children')} to assess, {half_up(row['needed_per_week'])} a week needed"
    return f"{plural(remaining, 'child', 'children')} were still to be assessed when the deadline had passed"


def backlog_reading(release: Release) -> str:
    """The pace that was needed and the pace there is."""
    backlog = release.autism_backlog
    row, found = backlog.pace.iloc[-1], backlog.forecast.iloc[0]
    now = f"In the last {number(row['recent_weeks_n'])} weeks {half_up(row['recent_per_week'])} children a week were assessed."
    if row["weeks_left"] > 0:
        now += f" {half_up(row['needed_per_week'])} a week are needed to meet {in_words(row['deadline'])}."
    if found["status"] == "forecast":
        return (
            f"{now} Resampling those weeks 2,000 times gives {in_words(found['median_on'])} as the middle clearing date, "
            f"and four in five fall between {in_words(found['earliest_on'])} and {in_words(found['latest_on'])}."
        )
    return f"{now} Forecast: {found['status']}."


def backlog_marks(release: Release) -> dict[str, Any]:
    """Deadlines and forecast of the burn-down, as `charts.burn_down` takes them."""
    backlog = release.autism_backlog
    found = backlog.forecast.iloc[0] if len(backlog.forecast) else {"status": ""}
    days = (found["earliest_on"], found["median_on"], found["latest_on"]) if found["status"] == "forecast" else None
    deadlines = [(day, in_words(pd.Timestamp(day).date())) for day in backlog.pace["deadline"]]
    return {"deadlines": deadlines, "forecast": days}


def queue(rows: pd.DataFrame) -> str:
    """Whether the whole list grows or shrinks, and what would bring it down."""
    if rows.empty or pd.isna(rows["load"].iloc[0]):
        return "Too little is recorded to say whether the list grows."
    row = rows.iloc[0]
    way = "grows" if row["load"] > 1 else "shrinks" if row["load"] < 1 else "keeps its size"
    words = (
        f"{half_up(row['demand_per_week'])} referrals a week join the list and {half_up(row['capacity_per_week'])} leave it: "
        f"a load of {half_up(row['load'], 2)}, so the list of {number(row['size_n'], '0')} {way}."
    )
    if pd.notna(row["clearance_weeks"]):
        return f"{words} At that pace it would be empty in {plural(round(row['clearance_weeks']), 'week')}."
    return f"{words} It has no clearance date on that pace."


def within_91(rows: pd.DataFrame) -> str:
    """The share that began within 91 days, for the latest twelve months."""
    known = rows.dropna(subset=["started_pct"])
    if known.empty:
        return "No referral's 91st day has come yet"
    row = known.iloc[-1]
    return f"{percent(row['started_pct'])} began within 91 days ({number(row['started_n'])} of {number(row['due_n'])} referrals)"


def wait_quantile(rows: pd.DataFrame, noun: str) -> str:
    """Median time in words, never infinity."""
    row = _row(rows, "quantile_pct", 50)
    if not row or pd.isna(row["days"]):
        return f"Half of {noun}: not reached"
    upper = "no upper limit yet" if pd.isna(row["upper_days"]) else f"to {number(row['upper_days'])}"
    return f"Half of {noun} within {plural(row['days'], 'day')} ({number(row['lower_days'])} {upper})"


def sectors(rows: pd.DataFrame) -> str:
    """What the change since the baseline amounts to, sector by sector."""
    words = {
        "rise": "{} rose by more than chance explains",
        "fall": "{} fell by more than chance explains",
        "could be chance": "chance alone could explain the change in {}",
    }
    headline = rows[rows["in_headline"].isin([True, "yes"])]
    told = [
        text.format(listed(list(headline[headline["change"] == change]["sector"])))
        for change, text in words.items()
        if (headline["change"] == change).any()
    ]
    return f"Against the baseline {'; '.join(told)}." if told else "No sector can be compared with a baseline yet."


def advice_trend(release: Release) -> str:
    """Whether the reporting month's advice stands out of the months before it."""
    rows = release.timeliness.trend
    rows = rows[rows["sector"] == "All partners"].dropna(subset=["on_time_pct"])
    if rows.empty:
        return "No advice has fallen due yet"
    row = rows.iloc[-1]
    said = f"{percent(row['on_time_pct'])} of the advice due in {row['month']:%B %Y} came on time"
    if row["on_time_pct"] > row["upper_limit_pct"] or row["on_time_pct"] < row["lower_limit_pct"]:
        return f"{said}, outside what chance explains"
    return f"{said}, no more than chance away from the average"


def wrong_ways(rows: pd.DataFrame) -> str:
    """How far the two usual wrong ways are off."""
    known = rows.dropna(subset=["difference_points"])
    if known.empty:
        return "There is nothing to compare in this month."
    row = known.sort_values("difference_points", key=abs).iloc[-1]
    return f"The largest error is {half_up(abs(row['difference_points']))} points ({row['sector']}, {row['way']})."


def survey(categories: pd.DataFrame) -> str:
    """What the exact comparison with 2019/20 allows to be said, category by category."""
    told = []
    for row in categories[categories["category"].isin(list(PEOPLE))].to_dict("records"):
        moved = f"{number(row['baseline_n'], '0')} to {number(row['forms_n'], '0')} {PEOPLE[row['category']]}"
        if row["chance_explains"] == "yes":
            told.append(f"{moved}: chance alone could explain it")
        elif row["chance_explains"] == "no":
            told.append(f"{moved}: more than chance explains")
    return capital("; ".join(told)) + "." if told else "The survey year is not over, so it is not compared yet."


def action_states(progress: pd.DataFrame) -> pd.DataFrame:
    """Actions by month in four states: month, state, actions_n."""
    states = {
        "Blue": "completed",
        "Blue late": "completed",
        "Green": "on track",
        "Amber": "Amber or Red",
        "Red": "Amber or Red",
    }
    named = progress.assign(state=progress["status"].map(states).fillna("ongoing or not rated"))
    return named.groupby(["month", "state"])["actions_n"].sum().reset_index()


def effects(rows: pd.DataFrame) -> list[str]:
    """What each other choice would change, for those that would change anything."""
    told = [f"{capital(text)}." for text, n in zip(rows["effect"], rows["changed_n"], strict=True) if n]
    return told or ["No other choice would change anything."]


def published_check(rows: pd.DataFrame) -> str:
    """Whether the printed percentages fit the printed counts, in both readings and without blame."""
    if rows.empty:
        return "Nothing had been published by the data date."
    told = []
    for reading, part in rows.groupby("reading", sort=False):
        fits = (part["agrees"] == "yes").sum()
        told.append(
            f"{capital(str(reading))} ({number(part['of_n'].iloc[0])} actions), {fits} of {len(part)} percentages fit."
        )
    return " ".join(told) + " The report cannot say which reading was meant."


def neighbours(rows: pd.DataFrame) -> str:
    """Rank among the statistical neighbours."""
    own = rows[(rows["exceptions"] == "included") & rows["is_area"].astype(bool)].dropna(subset=["rank"])
    if own.empty:
        return "No rank among the statistical neighbours can be given"
    row = own.iloc[0]
    return (
        f"{row['area_name']} ranks {number(row['rank'])} of {number(row['ranked_n'])} with its statistical neighbours"
    )


def _row(rows: pd.DataFrame, name: str, value: object) -> dict[Any, Any]:
    found = rows[rows[name] == value]
    return found.iloc[0].to_dict() if len(found) else {}
