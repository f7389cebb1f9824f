"""Sentences that more than one briefing says, worked out from released figures: titles of charts and how to read them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from sendanalysis.display.describing import in_words as code_in_words
from sendanalysis.display.wording import amount, capital, listed, month_span, number, percent, plural
from sendanalysis.methods.comparison import smallest_rise
from sendanalysis.methods.rounding import half_up

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence

    from sendanalysis.methods.spc import XmrSummary
    from sendanalysis.release import Figure

IMPROVING, ORDINARY = "special_cause_improvement", "common_cause"
CLEARED = {
    "strict": "assessed",
    "net": "assessed, not counting valid removals",
    "any_exit": "assessed or have left",
}
_WAYS = {"higher": ("risen", "fallen"), "lower": ("fallen", "risen")}
_ASSURANCE = {
    "consistent_fail": "The target of {} lies outside the expected range: without a change it will be missed every month.",
    "consistent_pass": "The whole expected range is on the right side of the target of {}: it is met every month.",
    "inconsistent": "The target of {} lies within the expected range: meeting it in a month is down to chance.",
}


def goals(figure: Figure) -> dict[str, Any]:
    """Baseline and targets of a KPI, as `charts.trend` takes them."""
    if figure.kpi is None or figure.kpi.polarity == "band":
        return {"baseline": figure.baseline}
    targets = [
        (target.on, target.value) for target in figure.kpi.targets if target.value is not None and not target.rule
    ]
    return {"baseline": figure.baseline, "targets": targets}


def trend(summary: XmrSummary | None, what: str, polarity: str = "higher") -> str:
    """Title of a control chart: what its last point says."""
    if summary is None or not summary.limits_shown or summary.variation is None:
        return f"{capital(what)}: too few months to tell a change from chance"
    if summary.variation == ORDINARY:
        return f"{capital(what)} moves from month to month no more than chance explains"
    if polarity not in _WAYS:
        return f"{capital(what)} has changed by more than chance explains"
    better, worse = _WAYS[polarity]
    return f"{capital(what)} has {better if summary.variation == IMPROVING else worse} by more than chance explains"


def trend_reading(summary: XmrSummary | None, rows: pd.DataFrame, figure: Figure) -> str:
    """How to read a control chart: the range, the signal, and what it says of the target."""
    n = 0 if summary is None else summary.n
    if summary is None or not summary.limits_shown:
        return f"Only {plural(n, 'month has', 'months have')} a figure; limits are drawn from 13 on."
    text = (
        f"The line is the average of {n} months, {amount(figure, half_up(rows['mean'].iloc[-1]))}; months inside the "
        "shaded range differ by chance alone. A month outside it, seven in a row on one side, seven rising or falling in "
        "a row, or two of three near a limit signal a real change (Making Data Count rules)."
    )
    aim = figure.target if figure.target is not None else figure.next_target
    assurance = _ASSURANCE.get(str(summary.assurance))
    return f"{text} {assurance.format(amount(figure, aim))}" if assurance and aim is not None else text


def lowest(rows: pd.DataFrame, noun: str) -> str:
    """Title of ranked bars: which group is lowest."""
    known = rows.dropna(subset=["value"])
    if known.empty:
        return "Nothing was recorded to rank"
    low = known.sort_values(["value", "group"]).iloc[0]
    return f"{noun} {code_in_words(str(low['group']))} is lowest, at {percent(low['value'])}".strip()


def change(figures: Sequence[Figure]) -> str:
    """What the changes of some KPIs since their baselines amount to."""
    words = {
        "rise": "{} rose by more than chance explains",
        "fall": "{} fell by more than chance explains",
        "could be chance": "chance alone could explain the change in {}",
    }
    told = []
    for kind, text in words.items():
        names = [group(figure.kpi.group) for figure in figures if figure.kpi and figure.change == kind]
        told += [text.format(listed(names))] if names else []
    return f"Against the baseline {'; '.join(told)}." if told else "Nothing can be compared with a baseline yet."


def first_rise(figures: Sequence[Figure]) -> str:
    """What a rise takes at these numbers: the least figure of each KPI that chance would not explain."""
    told = []
    for figure in figures:
        if figure.kpi is None or not figure.of or not figure.baseline_of or figure.baseline_n is None:
            continue
        least = smallest_rise(int(figure.of), (int(figure.baseline_n), int(figure.baseline_of)))
        told.append(f"{group(figure.kpi.group)} {'no figure would' if pd.isna(least) else f'from {percent(least)}'}")
    return f"At these numbers a rise can be told from chance: {'; '.join(told)}." if told else ""


def effects(rows: pd.DataFrame) -> list[str]:
    """What each other reading would change, for those that would change anything."""
    told = [f"{capital(text)}." for text, n in zip(rows["effect"], rows["changed_n"], strict=True) if n]
    return told or ["No other reading would change anything."]


def group(name: str) -> str:
    """A group of a measure in words, as a sentence says it: the whole, health."""
    return "the whole" if name == "all" else code_in_words(name)


def made_baseline(figure: Figure, rows: pd.DataFrame) -> str:
    """How a share stands to the baseline that was made of the first months."""
    if figure.baseline is None or rows.empty:
        return "There is no baseline yet."
    span = f"{percent(figure.baseline)} in {month_span(rows['first_on'].min(), rows['last_on'].max())}"
    if figure.lower is not None and figure.upper is not None and not figure.lower <= figure.baseline <= figure.upper:
        return f"That is {'above' if (figure.value or 0) > figure.baseline else 'below'} the baseline, {span}."
    return f"Chance alone could explain the difference from the baseline, {span}."


def within_limits(rows: pd.DataFrame, what: str) -> str:
    """Whether the latest month of a share stands out of the months before it."""
    known = rows.dropna(subset=["value"])
    if known.empty:
        return f"Nothing of {what} has fallen due yet"
    row = known.iloc[-1]
    said = f"{percent(row['value'])} of {what} in {row['first_on']:%B %Y} came on time"
    if row["value"] > row["upper_limit"] or row["value"] < row["lower_limit"]:
        return f"{said}, outside what chance explains"
    return f"{said}, no more than chance away from the average"


def be(count: float) -> str:
    """Is or are, as the count asks for."""
    return "is" if count == 1 else "are"


def have(count: float) -> str:
    """Has or have, as the count asks for."""
    return "has" if count == 1 else "have"


def years(column: pd.Series[Any]) -> pd.Series[Any]:
    """Years as the first of their January, where a chart draws them."""
    return column.map(lambda year: f"{year}-01-01").astype("datetime64[ns]")


def milestones(rows: pd.DataFrame, day: dt.date) -> str:
    """How many of the milestones due so far are done."""
    due = rows[rows["due_on"] <= pd.Timestamp(day)]
    reached = due["done_n"].sum() + due["done_late_n"].sum()
    wanted = reached + due["not_done_n"].sum()
    if not wanted:
        return "No milestone is due yet."
    return f"{number(reached, '0')} of the {plural(wanted, 'milestone')} due so far {be(reached)} done."


def action_states(progress: pd.DataFrame) -> pd.DataFrame:
    """Actions by month in four states: month, status, n."""
    states = {
        "Blue": "Completed",
        "Blue late": "Completed",
        "Green": "On track",
        "Amber": "Amber or Red",
        "Red": "Amber or Red",
    }
    return _states(progress.assign(status=progress["status"].map(states).fillna("Ongoing or not rated")))


def review_states(progress: pd.DataFrame) -> pd.DataFrame:
    """The actions that the page's headline counts, by month and status; late completions are completions."""
    counted = progress[(progress["in_headline"] == "yes") & (progress["of_n"] > 0)]
    return _states(counted.assign(status=counted["status"].replace({"Completed late": "Completed"})))


def _states(rows: pd.DataFrame) -> pd.DataFrame:
    return rows.groupby(["month", "status"])["actions_n"].sum().rename("n").reset_index()


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


def rank(rows: pd.DataFrame) -> str:
    """Rank of the area among its statistical neighbours."""
    own = rows[rows["flag"].astype(bool)].dropna(subset=["rank"])
    if own.empty:
        return "No rank among the statistical neighbours can be given"
    row = own.iloc[0]
    return f"{row['group']} ranks {number(row['rank'])} of {number(row['ranked_n'])} with its statistical neighbours"
