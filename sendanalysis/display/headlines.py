"""The first screen of each briefing, worked out from the figures: no finding is typed by hand."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from sendanalysis.display.wording import (
    PEOPLE,
    against_baseline,
    against_target,
    amount,
    capital,
    listed,
    month_span,
    number,
    of,
    out_of,
    percent,
    plural,
)
from sendanalysis.methods.periods import in_words
from sendanalysis.methods.rounding import half_up

if TYPE_CHECKING:
    from collections.abc import Callable

    from sendanalysis.release import Figure, Release

SECTORS = {"ADVICE_EDUCATION": "Education", "ADVICE_HEALTH": "Health", "ADVICE_CARE": "Care"}
ILLUSTRATIVE = (
    "The figures come from a made-up sample, not from {area}'s records; "
    "baselines, targets and actions are the plan's, and national figures are the published ones."
)
DRIFT_POINTS = 2.0


@dataclass(frozen=True)
class Headline:
    """The first screen of a briefing.

    Attributes:
        answer: One to three sentences.
        facts: Label, value and a small note of each.
        status: Status under the plan, or empty where a page has none.
        reason: The rule that gave the status.
    """

    answer: str
    facts: tuple[tuple[str, str, str], ...] = ()
    status: str = ""
    reason: str = ""


def ehcp_quality(release: Release) -> Headline:
    """Are EHC plans getting better?"""
    figures, window = release.figures_of("ehcp_quality"), month_span(*release.period.window(release.choices.window))
    whole = figures["QA_ALL"]
    if whole.value is None:
        words = f"No final audit was recorded in {window}, so there is no figure."
        return Headline(words, (), whole.status, whole.reason)
    plans = release.ehcp_quality.kpis.set_index("kpi_id")["plans_n"]["QA_ALL"]
    answers = release.choices.qa_unit == "answer"
    counted = out_of(whole, "answers" if answers else "plans", f" in {plural(plans, 'plan')}" if answers else "")
    answer = f"{against_baseline(whole, 'quality', counted)} {against_target(whole)} {_na_drift(release)}"
    facts = (
        (window, percent(whole.value), f"{counted.partition(';')[0]}"),
        _how_sure(whole, "95% interval"),
        ("Baseline", amount(whole, whole.baseline), "of the plan's scorecard"),
    )
    return Headline(answer.strip(), facts, whole.status, whole.reason)


def timeliness(release: Release) -> Headline:
    """Do partners send their advice in time?"""
    figures, month = release.figures_of("timeliness"), release.period.label
    whole, found = figures["ADVICE"], release.timeliness.baseline_period.iloc[0]
    noun = "children" if release.choices.unit == "child" else "requests"
    if whole.value is None:
        return Headline(f"No request for advice fell due in {month}: none due.", (), whole.status, whole.reason)
    parts = [
        f"{name} {percent(figures[kpi].value, 'none due')}"
        + (
            f" ({number(figures[kpi].numerator)} of {number(figures[kpi].denominator)})"
            if figures[kpi].denominator
            else ""
        )
        for kpi, name in SECTORS.items()
    ]
    answer = (
        f"{percent(whole.value)} of the advice due in {month} came on time ({out_of(whole, noun)}): {listed(parts)}."
        f"{_advice_baseline(whole, found)}"
    )
    late = release.advice_requests.open_overdue["requests_n"].sum()
    facts = (
        (f"Due in {month}", percent(whole.value), f"{of(whole)} {noun}"),
        _how_sure(whole, "95% interval"),
        ("Open and overdue", number(late), f"on {in_words(release.period.data_date)}"),
    )
    return Headline(answer, facts, whole.status, whole.reason)


def waiting_list(release: Release) -> Headline:
    """Is the autism backlog cleared?"""
    figure = release.figures_of("autism_backlog")["ASD_BACKLOG"]
    if figure.value is None:
        words = "No child was recorded as waiting on 31 March 2021, so there is no backlog to clear."
        return Headline(words, (), figure.status, figure.reason)
    remaining, deadline = release.autism_backlog.pace["remaining_n"].iloc[0], release.choices.asd_deadline
    today = release.period.data_date
    verb = {"strict": "assessed", "net": "assessed, not counting valid removals", "any_exit": "assessed or have left"}
    late = f", and the deadline of {in_words(deadline)} has passed" if deadline < today and remaining else ""
    answer = (
        f"{number(figure.numerator)} of the {number(figure.denominator)} children who were waiting on 31 March 2021 have "
        f"been {verb[release.choices.clear_rule]} ({percent(figure.value)}). {plural(remaining, 'child', 'children')} "
        f"still {'has' if remaining == 1 else 'have'} to be assessed{late}. {capital(_outlook(release))}."
    )
    facts = (
        ("Assessed", percent(figure.value), f"{number(figure.numerator)} of {number(figure.denominator)} children"),
        ("Still to be assessed", number(remaining, "0"), f"on {in_words(today)}"),
        ("Deadline", in_words(deadline), "the action's due date"),
    )
    return Headline(answer, facts, figure.status, figure.reason)


def participation(release: Release) -> Headline:
    """Do more people take part than in 2019/20?"""
    rows = release.participation.categories.set_index("category")
    pooled = release.figures_of("participation")["POET"]
    parts = [f"{number(rows['forms_n'][key], '0')} {PEOPLE[key]}" for key in PEOPLE]
    targets = [key for key in PEOPLE if pd.notna(rows["target_n"][key])]
    reached = sum(bool(rows["forms_n"][key] >= rows["target_n"][key]) for key in targets)
    chance = [PEOPLE[key] for key in PEOPLE if rows["chance_explains"][key] == "yes"]
    answer = (
        f"{listed(parts)} sent in a form of the 2020/21 survey by {in_words(release.period.data_date)}; "
        f"{reached} of {len(targets)} targets {'is' if reached == 1 else 'are'} reached."
        + (f" For {listed(chance)} chance alone could explain the change since 2019/20." if chance else "")
    )
    facts = tuple(
        (
            capital(PEOPLE[key]),
            number(rows["forms_n"][key], "0"),
            f"{number(rows['baseline_n'][key])} in 2019/20, target {number(rows['target_n'][key])}",
        )
        for key in PEOPLE
    )
    return Headline(answer, facts, pooled.status, pooled.reason)


def context(release: Release) -> Headline:
    """How does the area compare?"""
    rows = release.context.areas
    rows = rows[(rows["exceptions"] == "included") & rows["pct"].notna()]
    own = rows[rows["area_level"] == "la"].sort_values("year")
    if own.empty:
        ended = in_words(release.period.data_date)
        return Headline(f"No published figure for {release.settings.name} covers a year that ended by {ended}.")
    last = own.iloc[-1]
    others = rows[(rows["year"] == last["year"]) & (rows["area_level"] != "la")].to_dict("records")
    beside = [f"{percent(row['pct'])} in {row['area_name']}" for row in others]
    answer = (
        f"In {last['year']}, {number(last['within_n'])} of {number(last['issued_n'])} new EHC plans in "
        f"{last['area_name']} were issued within 20 weeks: {percent(last['pct'])} (between "
        f"{percent(last['lower_pct'])} and {percent(last['upper_pct'])})"
        + (f", against {listed(beside)}." if beside else ".")
    )
    facts = tuple(
        (str(row["area_name"]), percent(row["pct"]), f"{number(row['within_n'])} of {number(row['issued_n'])} plans")
        for row in [last.to_dict(), *others]
    )
    return Headline(answer, facts)


def scorecard(release: Release) -> Headline:
    """How does the plan stand?"""
    figures = release.figures
    parts = {kpi for kpi in figures for other in figures if kpi.startswith(f"{other}_")}
    counts = pd.Series([figure.status for kpi, figure in figures.items() if kpi not in parts]).value_counts()
    colours = [f"{number(counts[status])} {status}" for status in ("Green", "Amber", "Red") if status in counts]
    words = {"No colour yet": "without a colour yet", "No data": "without data"}
    rest = [
        f"{number(count)} {words.get(str(status), 'not defined in the plan')}"
        for status, count in counts.items()
        if status not in ("Green", "Amber", "Red")
    ]
    rated = f"{listed(colours)}" if colours else "none has a colour"
    answer = f"Of the plan's {len(figures) - len(parts)} KPIs: {rated}" + (f"; {listed(rest)}." if rest else ".")
    facts = tuple((status, number(counts.get(status, 0), "0"), "KPIs") for status in ("Green", "Amber", "Red"))
    return Headline(answer, facts)


def tracker(release: Release) -> Headline:
    """Are the plan's actions done in time?"""
    counts = release.tracker.by_status.set_index("status")["actions_n"]
    if not counts.sum():
        return Headline("The plan names no action yet.", (), "No data")
    done, late = counts["Blue"] + counts["Blue late"], counts["Blue late"]
    milestones = release.register.by_horizon
    due = milestones[milestones["due_on"] <= pd.Timestamp(release.period.data_date)]
    reached = due["done_n"].sum() + due["done_late_n"].sum()
    wanted = reached + due["not_done_n"].sum()
    answer = (
        f"{number(done, '0')} of {plural(counts.sum(), 'action')} {'is' if done == 1 else 'are'} completed, "
        f"{number(late, '0')} of them late; {number(counts['Red'], '0')} {'is' if counts['Red'] == 1 else 'are'} Red and "
        f"{number(counts['Amber'], '0')} Amber. "
        + (
            f"{number(reached, '0')} of the {plural(wanted, 'milestone')} due so far are done."
            if wanted
            else "No milestone is due yet."
        )
    )
    facts = (
        ("Completed", number(done, "0"), f"of {plural(counts.sum(), 'action')}"),
        ("Red", number(counts["Red"], "0"), "more than 14 days past due"),
        ("Amber", number(counts["Amber"], "0"), "just past due, or forecast late"),
        ("Due in 30 days", number(len(release.tracker.due_next), "0"), f"from {in_words(release.period.data_date)}"),
    )
    return Headline(answer, facts)


def peer_review(release: Release) -> Headline:
    """Are the peer review's recommendations carried out?"""
    rows = release.peer_review.by_status
    counts = rows[rows["in_headline"] == "yes"].set_index("status")["actions_n"]
    if not counts.sum():
        return Headline("No action of the peer review had been agreed by the data date.", (), "No data")
    met = (release.peer_review.recommendations["met"] == "yes").sum()
    done = counts["Completed"] + counts["Completed late"]
    total = len(release.peer_review.recommendations)
    answer = (
        f"{number(done, '0')} of {plural(counts.sum(), 'action')} {'is' if done == 1 else 'are'} completed, "
        f"{number(counts['On track'], '0')} on track, {number(counts['Delayed'], '0')} delayed and "
        f"{number(counts['Not dated'], '0')} not dated; {number(met, '0')} of {plural(total, 'recommendation')} "
        f"{'is' if met == 1 else 'are'} met."
    )
    cards = {"Completed": done, **{name: counts[name] for name in ("On track", "Delayed", "Not dated")}}
    return Headline(
        answer, tuple((name, number(n, "0"), f"of {number(counts.sum())} actions") for name, n in cards.items())
    )


def _how_sure(figure: Figure, words: str) -> tuple[str, str, str]:
    if figure.lower is None or figure.upper is None:
        return ("How sure", "not known", "too few to say")
    return ("How sure", f"{half_up(figure.lower)} to {half_up(figure.upper)}%", words)


def _na_drift(release: Release) -> str:
    """A rise in N/A moves the printed measure by itself, so it is said beside it."""
    rows = release.audit_checks.drift
    row = rows[rows["kpi_id"] == "QA_ALL"].to_dict("records")[0] if len(rows) else {}
    if not row or pd.isna(row["change_points"]) or abs(row["change_points"]) < DRIFT_POINTS:
        return ""
    moved = "rose" if row["change_points"] > 0 else "fell"
    return (
        f"N/A answers {moved} from {percent(row['baseline_na_pct'])} to {percent(row['na_pct'])} meanwhile; "
        f"without them, Yes moved from {percent(row['baseline_yes_pct'])} to {percent(row['yes_pct'])}."
    )


def _advice_baseline(whole: Figure, found: pd.Series) -> str:
    if whole.baseline is None:
        return " There is no baseline yet."
    span = f"{percent(whole.baseline)} in {month_span(found['first_month'], found['last_month'])}"
    if whole.lower is not None and whole.upper is not None and not whole.lower <= whole.baseline <= whole.upper:
        return f" That is {'above' if (whole.value or 0) > whole.baseline else 'below'} the baseline, {span}."
    return f" Chance alone could explain the difference from the baseline, {span}."


def _outlook(release: Release) -> str:
    found = release.autism_backlog.forecast.iloc[0]
    if found["status"] == "forecast":
        return (
            f"at the recent pace they will have been by {in_words(found['median_on'])} "
            f"(80% of resampled futures: {in_words(found['earliest_on'])} to {in_words(found['latest_on'])})"
        )
    if found["status"] == "cleared":
        return "the backlog is cleared"
    return "on the current pace it will not clear"


HEADLINES: dict[str, Callable[[Release], Headline]] = {
    "00_scorecard": scorecard,
    "01_ehcp_quality": ehcp_quality,
    "02_autism_waiting_list": waiting_list,
    "03_survey_participation": participation,
    "04_partner_advice": timeliness,
    "05_plan_tracker": tracker,
    "06_peer_review": peer_review,
    "07_national_context": context,
}
