"""Other readings of a plan in words: what each choice that differs from the default means for what is counted."""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING

from sendanalysis.methods.periods import in_words

if TYPE_CHECKING:
    from collections.abc import Mapping

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
OF_VALUES = {
    "scorecard.trajectory": {"linear": "between two milestones the target is the straight line from one to the next"},
    "scorecard.amber_floor": {"points": "Amber ends a number of points short of the target, not at the baseline"},
    "quality.unit": {
        "plan_mean": "each plan's own share of answers is averaged",
        "plan_all": "a plan counts as met when every answer in it is",
        "plan_overall": "a plan counts as met when its summary question is",
    },
    "quality.na_policy": {"exclude": "answers that are N/A are left out"},
    "quality.plan_types": {"new": "new plans alone count", "amended": "amended plans alone count"},
    "advice.start_field": {"received": "the time for advice runs from the day its giver received the request"},
    "advice.unit": {"child": "children are counted, not requests"},
    "advice.exceptions": {"exclude": "requests with a permitted exception are left out"},
    "autism.clear_rule": {
        "net": "children who were rightly removed from the list do not count in the backlog",
        "any_exit": "a child who has left the list for any reason counts as cleared",
    },
    "autism.event": {
        "start": "a child counts as assessed from the day the assessment began",
        "outcome": "a child counts as assessed from the day the family had the outcome",
    },
    "actions.due_day": {
        "first": "a due date that names a month alone is its first day",
        "middle": "a due date that names a month alone is its 15th",
    },
    "actions.tbc_policy": {
        "unrated": "an action whose date is an estimate has no colour",
        "fixed": "a date that is an estimate counts like any other",
    },
    "actions.ongoing_policy": {
        "blue": "an action in place and ongoing is Blue",
        "green": "an action in place and ongoing is Green",
    },
    "actions.amber_basis": {
        "elapsed": "an action is Amber by the days that it is past due alone",
        "forecast": "an action is Amber by its forecast alone",
    },
    "actions.strict_red": {"True": "an action is Red from the day after its due date"},
    "actions.late_complete": {
        "blue": "an action completed late is Blue like any other",
        "uncoloured": "an action completed late has no colour",
    },
    "actions.owner_split": {"first": "a joint action counts under its first owner alone"},
    "peer_review.deadline_basis": {"original": "an action of the peer review is late by its original deadline"},
    "peer_review.action_set": {"original": "the original actions of the peer review alone count"},
    "peer_review.late_complete": {
        "blue": "an action of the peer review completed late is completed like any other",
        "uncoloured": "an action of the peer review completed late has no status",
    },
}
OF_SIZES = {
    "scorecard.amber_points": "Amber reaches {} points below the target, where it ends by points",
    "quality.care_sections": "social care is read in the sections {}",
    "quality.window": "the headline covers {} months of audits",
    "advice.limit_days": "advice is due after {} days",
    "actions.amber_days": "an action is Amber until {} days past due",
    "calendar.review_window_months": "the plan is reviewed after {} months",
    "autism.cohort_on": "the backlog is that of {}",
    "autism.promised_on": "the plan names {} as another day by which it is cleared",
    "autism.series_breaks": "the waiting list changed provider on {}",
    "survey.baseline_year": "the survey's baseline is the year {}",
    "survey.target_year": "the survey's targets are held against the year {}",
}


def other(choices: Mapping[str, str], default: Mapping[str, str]) -> str:
    """The choices that differ from the default, each in words and as it is typed after -p.

    >>> other({"quality.unit": "plan_all", "quality.window": "3"}, {"quality.unit": "answer", "quality.window": "3"})
    'a plan counts as met when every answer in it is (quality.unit = plan_all)'
    """
    changed = {name: value for name, value in choices.items() if value != default.get(name, value)}
    return "; ".join(f"{_said(name, value)} ({name} = {value})" for name, value in changed.items())


def _said(name: str, value: str) -> str:
    if name in OF_VALUES:
        return OF_VALUES[name][value]
    told = _DAY.sub(lambda day: in_words(dt.date.fromisoformat(day[0])), value.replace(",", ", "))
    return OF_SIZES[name].format(told)
