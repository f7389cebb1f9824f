"""Sentences that more than one briefing says, worked out from released figures: titles of charts and how to read them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from sendanalysis.display.columns import PEOPLE
from sendanalysis.display.describing import in_words as code_in_words
from sendanalysis.display.wording import HIDDEN_STATES, amount, capital, listed, number, percent, plural, without
from sendanalysis.methods.comparison import smallest_rise
from sendanalysis.methods.periods import in_words as day_in_words
from sendanalysis.methods.rounding import half_up
from sendanalysis.methods.verdict import FELL, NOT_CLEARLY, ORDINARY, ROSE, TOO_FEW
from sendanalysis.release import HIDDEN

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence

    from sendanalysis.methods.spc import XmrSummary
    from sendanalysis.release import Figure

CLEARED = {
    "strict": "assessed",
    "net": "assessed, not counting valid removals",
    "any_exit": "assessed or have left",
}
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


def steps(figure: Figure) -> str:
    """The targets that a chart draws as steps and labels no more than the last of; nothing where there is but one."""
    aims = [(day, value) for day, value in goals(figure).get("targets", []) if figure.kpi]
    told = [f"{amount(figure, value)} by {day_in_words(day)}" for day, value in aims]
    return f"The steps of the target: {listed(told)}." if len(told) > 1 else ""


def trend(figure: Figure, rows: pd.DataFrame, what: str) -> str:
    """Title of a control chart: what its KPI's verdict and its months allow to be said."""
    verdict = figure.verdict
    if without(figure, ""):
        return f"{capital(what)}: {'month by month' if rows['value'].notna().any() else without(figure)}"
    if verdict.said in {ROSE, FELL}:
        return f"{capital(what)}: {'up' if verdict.said == ROSE else 'down'} since the baseline, by more than chance explains"
    if verdict.months in {"", TOO_FEW}:
        return f"{capital(what)}: too few months to tell a change from chance"
    if verdict.months != ORDINARY:
        since = ", not clearly changed since the baseline" if figure.baseline is not None else ""
        return f"{capital(what)}: {verdict.months} of late than chance explains{since}"
    special = rows["point_type"].astype("str").str.startswith("special").sum() if "point_type" in rows else 0
    if special:
        stood = (
            "one earlier month stands out, the latest does not"
            if special == 1
            else "earlier months stand out, the latest do not"
        )
        return f"{capital(what)}: {stood}"
    return f"{capital(what)}: no more movement from month to month than chance explains"


def yes_or_no(figure: Figure) -> str:
    """The first words of an answer to “is it getting better?”: Yes, No, Not clearly, or that it is not known."""
    better = figure.verdict.said == (FELL if figure.polarity == "lower" else ROSE)
    known = {NOT_CLEARLY: "Not clearly.", ROSE: "Yes." if better else "No.", FELL: "Yes." if better else "No."}
    return known.get(figure.verdict.said, f"{capital(without(figure, 'not known'))}.")


def yes_for(n: float, of: float, noun: str = "", *, enough: bool | None = True) -> str:
    """The first words of an answer to “are they?”: Yes where all are, No where none is, else for how many.

    Where those are not enough, for how many not; where that is not known, neither yes nor no.

    >>> yes_for(2, 15), yes_for(3, 3), yes_for(46, 68, enough=False), yes_for(46, 68, enough=None)
    ('Yes, for 2 of 15.', 'Yes.', 'No, not for 22 of 68.', 'For 46 of 68.')
    """
    if n in {0, of}:
        return "Yes." if n == of else "No."
    said = {True: "Yes, for", False: "No, not for", None: "For"}[enough]
    return f"{said} {number(of - n if enough is False else n)} of {number(of)}{noun}."


def trend_reading(summary: XmrSummary | None, rows: pd.DataFrame, figure: Figure) -> str:
    """How to read a control chart: the range, the signal, and what it says of the target."""
    n = 0 if summary is None else summary.n
    if summary is None or not summary.limits_shown:
        none = "No month is shown" if of_shown(rows) else "No month has a figure yet"
        few = f"Only {plural(n, 'month has', 'months have')} a figure" if n else none
        return f"{few}; limits are drawn from 13 on."
    text = (
        f"The line is the average of {n} months, {amount(figure, half_up(rows['mean'].iloc[-1]))}; months inside the "
        "shaded range differ by chance alone. A month outside it, seven in a row on one side, seven rising or falling in "
        "a row, or two of three near a limit signal a real change (Making Data Count rules)."
    )
    aim = figure.target if figure.target is not None else figure.next_target
    assurance = _ASSURANCE.get(str(summary.assurance)) if figure.verdict.months == ORDINARY else ""
    return f"{text} {assurance.format(amount(figure, aim))}" if assurance and aim is not None else text


def of_shown(rows: pd.DataFrame) -> str:
    """Words that keep a ranking true where some of what it ranks is hidden."""
    return " of those shown" if "state" in rows and rows["state"].eq(HIDDEN).any() else ""


def change(figures: Sequence[Figure]) -> str:
    """What the changes of some KPIs since their baselines amount to."""
    words = {
        ROSE: "{} rose by more than chance explains",
        FELL: "{} fell by more than chance explains",
        NOT_CLEARLY: "{} did not clearly change",
    }
    told = []
    for kind, text in words.items():
        names = [group(figure.kpi.group) for figure in figures if figure.kpi and figure.verdict.said == kind]
        told += [text.format(listed(names))] if names else []
    if not told and any(figure.status in HIDDEN_STATES for figure in figures):
        return "What has changed since the baseline is not shown."
    return f"Since the baseline {'; '.join(told)}." if told else "Nothing can be compared with a baseline yet."


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


def be(count: float) -> str:
    """Is or are, as the count asks for."""
    return "is" if count == 1 else "are"


def have(count: float) -> str:
    """Has or have, as the count asks for."""
    return "has" if count == 1 else "have"


def years(column: pd.Series[Any]) -> pd.Series[Any]:
    """Years as the first of their January, where a chart draws them."""
    return column.map(lambda year: f"{year}-01-01").astype("datetime64[ns]")


def milestones(rows: pd.DataFrame, day: dt.date) -> tuple[str, str, str]:
    """The fact of how many of the milestones due so far are reached."""
    due = rows[rows["due_on"] <= pd.Timestamp(day)]
    reached = due["done_n"].sum() + due["done_late_n"].sum()
    wanted = reached + due["not_done_n"].sum()
    return (
        "Milestones",
        f"{number(reached, '0')} of {number(wanted)}" if wanted else "none due",
        "reached, of those due",
    )


def action_states(progress: pd.DataFrame) -> pd.DataFrame:
    """Actions by month in five states: month, status, n."""
    states = {"Blue": "Completed", "Blue late": "Completed", "Green": "On track", "Amber": "Amber", "Red": "Red"}
    return _states(progress.assign(status=progress["status"].map(states).fillna("Ongoing or not rated")))


def starred(rows: pd.DataFrame) -> pd.DataFrame:
    """Actions with a star at the status of those whose due date is an estimate."""
    return rows.assign(status=rows["status"] + rows["provisional"].map({"yes": "*", "no": ""}))


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


def more_took_part(rows: pd.DataFrame, baseline_year: str, survey_year: str, day: dt.date) -> tuple[str, str]:
    """Whether more people take part than in the year of the baseline: in how many groups, and in which.

    Args:
        rows: The survey year in `survey_compared`, by group.
        baseline_year: Name of the year of the baseline.
        survey_year: Its own name.
        day: Data date.
    """
    shown, goals = rows.dropna(subset=["n"]), rows["target"].notna().sum()
    if shown.empty:
        return "Not shown.", f"How many sent in a form of {survey_year} is not shown."
    tested, hidden = shown["chance_explains"], len(rows) - len(shown)
    more, chance = shown.index[tested.eq("no") & (shown["n"] > shown["baseline"])], shown.index[tested.eq("yes")]
    first = yes_for(len(more), len(shown), " groups")
    told = f"more {_people(more)} took part in {survey_year} than in {baseline_year}"
    if not len(more) and len(chance):
        first, told = (
            "Not clearly.",
            f"for {_people(chance)} chance alone could explain the change since {baseline_year}",
        )
    elif not len(more):
        first = "No." if tested.eq("no").any() else "Not known." if rows["over"].all() else "Not yet."
        told = f"{plural(shown['n'].sum(), 'form')} of {survey_year} had come in by {day_in_words(day)}"
    met, known = rows["met"].eq("yes").sum(), " known to be" if hidden else ""
    reached = f"{number(met)} of {plural(goals, 'target')} {be(met or 1)}{known} reached"
    return for_those_shown(first, len(shown), hidden, "group"), f"{capital(told)}; {reached}."


def for_those_shown(first: str, shown_n: int, hidden_n: int, noun: str) -> str:
    """The first words of an answer that hold for what can be shown alone, where something is hidden.

    >>> for_those_shown("Yes.", 3, 2, "group"), for_those_shown("Yes.", 3, 0, "group")
    ('Yes, for the 3 groups that can be shown; 2 are hidden.', 'Yes.')
    >>> for_those_shown("Yes, for 1 of 2 groups.", 2, 1, "group")
    'Yes, for 1 of 2 groups that can be shown; 1 is hidden.'
    """
    if not hidden_n:
        return first
    those = f"for the {noun if shown_n == 1 else plural(shown_n, noun)}"
    whom = "" if " of " in first else f", not {those}" if first == "No." else f", {those}"
    return f"{first.removesuffix('.')}{whom} that can be shown; {number(hidden_n)} {be(hidden_n)} hidden."


def came_in(rows: pd.DataFrame) -> str:
    """Title of the forms as they came in: from whom most are, and when the latest came.

    Args:
        rows: Counts to the end of each month by group: group, last_on, n.
    """
    by_day = rows.set_index(["last_on", "group"])["n"].unstack()  # noqa: PD010  # a count a cell, nothing to sum
    if by_day.empty or rows.loc[rows["last_on"] == rows["last_on"].max(), "n"].isna().any():
        return "Forms as they came in, some counts not shown" if len(by_day) else "No form has come in yet"
    last, grew = by_day.iloc[-1], by_day.fillna(0).diff().fillna(by_day).gt(0).any(axis=1)
    if not last.sum():
        return "No form has come in yet"
    month = f"{by_day.index[grew][-1]:%B %Y}"
    when = f"the latest came in {month}" if grew.iloc[-1] else f"none has come since {month}"
    return f"Most forms are from {PEOPLE[str(last.idxmax())]}, {number(last.max())}; {when}"


def _people(groups: pd.Index[Any]) -> str:
    names = [PEOPLE[group] for group in groups]
    if len(names) > 1 and " and " in names[-1]:  # practitioners, and parents and carers
        return f"{', '.join(names[:-1])}, and {names[-1]}"
    return listed(names)


def rank(rows: pd.DataFrame) -> str:
    """Rank of the area among its statistical neighbours."""
    own = rows[rows["flag"].astype(bool)].dropna(subset=["rank"])
    if own.empty:
        return "No rank among the statistical neighbours can be given"
    row = own.iloc[0]
    return f"{row['group']} ranks {number(row['rank'])} of {number(row['ranked_n'])} with its statistical neighbours"
