"""The rules in force in words: what each key, count and colour means under the parameters of a run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sendanalysis.display.wording import plural

if TYPE_CHECKING:
    from sendanalysis.release import Release

_UNITS = {
    "answer": "Answers are pooled over all plans; the interval allows for the answers of one plan moving together.",
    "plan_mean": "Each plan's own share is taken and averaged, so that a short plan weighs as much as a long one.",
    "plan_all": "A plan counts as met when every answer in it is; the interval is Wilson's.",
    "plan_overall": "A plan counts as met when its summary question is; the interval is Wilson's.",
}


def of_kpis(release: Release) -> list[str]:
    """How a KPI gets its colour."""
    chosen = release.parameters.scorecard
    between = (
        "Between two milestones the target is the straight line from one to the next."
        if chosen.trajectory == "linear"
        else "The target in force is that of the latest milestone reached."
    )
    floor = f"{chosen.amber_points:g} points"
    amber, red = {
        "points": (f"short of it by no more than {floor}", f"short of it by more than {floor}"),
        "baseline": ("short of it but better than the baseline", "no better than the baseline"),
    }[chosen.amber_floor]
    return [
        f"Green: at or beyond the target. Amber: {amber}. Red: {red}.",
        f"{between} Before the first milestone there is a next target and no colour. Unrounded figures are compared.",
        "A KPI without measure, baseline and target has no number and no colour.",
    ]


def of_actions(release: Release) -> list[str]:
    """How an action gets its colour."""
    chosen = release.parameters.actions
    days = 0 if chosen.strict_red or chosen.amber_basis == "forecast" else chosen.amber_days
    amber = [f"up to {plural(days, 'day')} past due"] if days else []
    amber += ["not yet due but forecast late"] if chosen.amber_basis != "elapsed" else []
    late = {
        "blue_marked": "marked if late",
        "blue": "late or not",
        "uncoloured": "in time; one completed late has no colour",
    }
    ongoing = {"separate": "stands apart", "blue": "is Blue", "green": "is Green"}[chosen.ongoing_policy]
    estimate = {
        "provisional": "An estimated date gets a star; past it an action is Amber, never Red",
        "fixed": "An estimated date counts like any other",
        "unrated": "An estimated date is no date",
    }[chosen.tbc_policy]
    amber_words = f" Amber: {' or '.join(amber)}." if amber else ""
    red = f"more than {plural(days, 'day')}" if days else "a day or more"
    month = {"end": "last day", "first": "first day", "middle": "15th"}[chosen.due_day]
    return [
        f"Blue: completed, {late[chosen.late_complete]}. Green: on track.{amber_words} Red: {red} past due.",
        f"A month alone means its {month}. “In place, ongoing” {ongoing}. {estimate}.",
    ]


def of_quality(release: Release) -> list[str]:
    """How a KPI on audits is counted."""
    chosen = release.parameters.quality
    formula = "(Yes + N/A) ÷ (Yes + No + N/A)" if chosen.na_policy == "success" else "Yes ÷ (Yes + No), N/A left out"
    alone = chosen.unit == "plan_overall"
    questions = "the summary question alone" if alone else "all sections but the summary question"
    which = "one per plan and period: the latest, and of two on one day the one with the larger id"
    return [
        f"Final audits count, {which}. Drafts never count, and blanks are left out.",
        f"{formula} over {questions}. {_UNITS[chosen.unit]}",
    ]


def of_advice(release: Release) -> list[str]:
    """How a KPI on partners' advice is counted."""
    chosen = release.parameters.advice
    start = {"sent": "it was sent", "received": "its giver received it"}[chosen.start_field]
    child = " A child counts once a month in which something was due, on time when all of it was."
    left_out = " Requests with a permitted exception are left out." if chosen.exceptions == "exclude" else ""
    return [
        f"A request falls due {plural(chosen.limit_days, 'day')} after {start}. Due and not back by the data date is a "
        f"failure; not yet due is outside; withdrawn on or after the due date is a failure.{left_out}"
        + (child if chosen.unit == "child" else ""),
        "Parents' and young people's views and other advice stay out of the headline.",
    ]
