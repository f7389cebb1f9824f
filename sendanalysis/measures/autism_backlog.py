"""The autism backlog: of the children waiting to be assessed on 31 March 2021, how many have been?

The cohort is a frozen list of children, not the current waiting list. A transfer or any other closure assesses nobody.
"""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from sendanalysis.methods.periods import month_end, months_between
from sendanalysis.methods.proportions import SEED, account, pct, wilson_pct

if TYPE_CHECKING:
    import numpy.typing as npt

    from sendanalysis.inputs.choices import Choices
    from sendanalysis.methods.periods import Period

COHORT_DATE = dt.date(2021, 3, 31)
"""The plan's day: "All pupils who were awaiting an autism assessment as at 31/3/21"."""
SIX_MONTHS = dt.date(2021, 9, 30)
"""The plan's "will be cleared within 6 months", counted from `COHORT_DATE`."""
EVENTS = {"start": "assessment_started_on", "complete": "assessment_completed_on", "outcome": "outcome_given_on"}
ASSESSED, WAITING, TRANSFERRED = "assessed", "still waiting", "transferred, still to be assessed"
NO_DATE = "closed as assessed, no date"
GROUPS = {  # what each state means for the three figures
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
RECENT_WEEKS = 13
HORIZON_WEEKS = 520
DRAWS = 2000
DATES = ["referred_on", "accepted_on", *EVENTS.values(), "closed_on"]


@dataclass(frozen=True)
class AutismBacklog:
    """Children of the cohort: a referral accepted on or before 31 March 2021, neither completed nor closed by then.

    Everything is as at the data date; before the cohort date there is no figure and the tables are empty.

    Attributes:
        kpis: ASD_BACKLOG: kpi_id, value, unit, numerator, denominator, lower, upper, baseline (0 of the cohort), by
            `clear_rule`.
        figures: rule (strict, net, any_exit), in_headline, cleared_n, of_n, cleared_pct, lower_pct, upper_pct.
        exits: state, group (assessed, to be assessed, valid removal, other exit), children_n, children_pct.
        burn_down: day (month ends from the cohort date, the data date, the deadlines), remaining_n (still to be
            assessed, transferred included; NaN after the data date), assessed_n, waiting_n, transferred_n, exits_n,
            required_six_months_n, required_deadline_n (straight lines to 30 September 2021 and to `asd_deadline`).
        pace: deadline, remaining_n, weeks_left, needed_per_week (NaN once the deadline has passed), recent_weeks_n,
            recent_completions_n, recent_per_week.
        forecast: remaining_n, recent_per_week, status ('forecast', 'not on current pace', 'cleared', 'no cohort'),
            median_on, earliest_on, latest_on (80% band; NaT beyond ten years).
        late_found: group (frozen cohort, late-found, both), children_n, cleared_n, of_n, cleared_pct, lower_pct,
            upper_pct by `clear_rule`. Late-found: referred on or before the cohort date and accepted only after it.
        quality: what, rows_n, share_pct (of the rows read, or of the cohort where it says children).
    """

    kpis: pd.DataFrame
    figures: pd.DataFrame
    exits: pd.DataFrame
    burn_down: pd.DataFrame
    pace: pd.DataFrame
    forecast: pd.DataFrame
    late_found: pd.DataFrame
    quality: pd.DataFrame


def measure(referrals: pd.DataFrame, *, period: Period, choices: Choices) -> AutismBacklog:
    """Follow the frozen cohort to the data date.

    strict = assessed ÷ cohort; net = assessed ÷ (cohort − declined, moved away, referral error); any exit = (cohort −
    still waiting − transferred) ÷ cohort. A child has one state, the first that holds: assessed (in any referral that
    was not over by the cohort date), still waiting (any accepted referral open), else the reason of the last
    closure, of which a transfer leaves the child to be assessed.

    Args:
        referrals: referral_id, child_id, referred_on, accepted_on, assessment_started_on, assessment_completed_on,
            outcome_given_on, closed_on, closure_reason.
        period: Its data date is the last day known.
        choices: `event` (the date that counts as assessed; it never moves the cohort), `clear_rule`, `asd_deadline`.

    Returns:
        The figures.
    """
    today = pd.Timestamp(period.data_date)
    rows = _known_at(referrals[referrals["referred_on"] <= today], today)
    cohort, late = _cohorts(rows) if period.data_date >= COHORT_DATE else (rows.iloc[:0], rows.iloc[:0])
    states = _states(cohort, today, choices.event)
    figures = pd.DataFrame(
        [{"rule": rule, "in_headline": rule == choices.clear_rule, **_figure(states, rule)} for rule in RULES]
    )
    remaining = int(states.map(GROUPS).eq("to be assessed").sum())
    weekly = _weekly_completions(cohort, period.data_date, choices.event)
    return AutismBacklog(
        kpis=_kpis(figures, known=period.data_date >= COHORT_DATE),
        figures=figures,
        exits=_exits(states),
        burn_down=_burn_down(cohort, period.data_date, choices),
        pace=_pace(remaining, weekly, period.data_date, choices.asd_deadline),
        forecast=_forecast(remaining, len(states), weekly, today),
        late_found=_late_found(states, _states(late, today, choices.event), choices.clear_rule),
        quality=_account(referrals, rows, cohort, states),
    )


def _known_at(rows: pd.DataFrame, day: pd.Timestamp) -> pd.DataFrame:
    dates = rows[DATES].where(rows[DATES] <= day)
    reason = rows["closure_reason"].fillna("unknown").where(dates["closed_on"].notna())
    return rows[["referral_id", "child_id"]].join(dates).assign(closure_reason=reason)


def _over_by_cohort_date(rows: pd.DataFrame) -> pd.Series[bool]:
    frozen = pd.Timestamp(COHORT_DATE)
    return (rows["assessment_completed_on"] <= frozen) | (rows["closed_on"] <= frozen)


def _cohorts(rows: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """All referrals of the cohort's children, and all of the late-found children's."""
    frozen, waiting = pd.Timestamp(COHORT_DATE), rows[~_over_by_cohort_date(rows)]
    cohort = set(waiting["child_id"][waiting["accepted_on"] <= frozen])
    accepted_late = (waiting["referred_on"] <= frozen) & (waiting["accepted_on"] > frozen)
    late = set(waiting["child_id"][accepted_late]) - cohort
    return rows[rows["child_id"].isin(cohort)], rows[rows["child_id"].isin(late)]


def _assessed_on(rows: pd.DataFrame, event: str) -> pd.Series:
    """Day each assessed child was first assessed; an assessment finished by the cohort date is another wait's."""
    frozen, on = pd.Timestamp(COHORT_DATE), rows[EVENTS[event]]
    earlier = rows["assessment_completed_on"] <= frozen
    counts = on.notna() & ~earlier & ((on > frozen) | ~_over_by_cohort_date(rows))
    return on[counts].groupby(rows["child_id"][counts]).min()


def _states(referrals: pd.DataFrame, day: pd.Timestamp, event: str) -> pd.Series[str]:
    """State of each child at the close of a day, indexed by child."""
    rows = _known_at(referrals, day)
    closed = rows[rows["closed_on"] > pd.Timestamp(COHORT_DATE)].sort_values(["closed_on", "referral_id"])
    open_now = rows["closed_on"].isna() & rows["accepted_on"].notna() & ~_over_by_cohort_date(rows)
    children = pd.Index(sorted(set(rows["child_id"])), dtype="str")
    last_reason = closed.groupby("child_id")["closure_reason"].last().reindex(children)
    held = [
        children.isin(_assessed_on(rows, event).index),
        children.isin(rows["child_id"][open_now & rows[EVENTS[event]].isna()]),
    ]
    others = last_reason.map(REASONS).fillna("reason unknown").to_numpy(dtype="object")
    return pd.Series(np.select(held, [ASSESSED, WAITING], default=others), index=children, dtype="str")


def _figure(states: pd.Series[str], rule: str) -> dict[str, float]:
    size = states.map(GROUPS).value_counts().reindex(sorted(set(GROUPS.values())), fill_value=0)
    of = len(states) - (int(size["valid removal"]) if rule == "net" else 0)
    cleared = len(states) - int(size["to be assessed"]) if rule == "any_exit" else int(size["assessed"])
    return {"cleared_n": cleared, "of_n": of, **wilson_pct(cleared, of, "cleared_pct")}


def _kpis(figures: pd.DataFrame, *, known: bool) -> pd.DataFrame:
    row = figures[figures["in_headline"]].iloc[0]
    figure = {
        "value": row["cleared_pct"],
        "unit": "percent",
        "numerator": float(row["cleared_n"]) if known else math.nan,
        "denominator": float(row["of_n"]) if known else math.nan,
        "lower": row["lower_pct"],
        "upper": row["upper_pct"],
        "baseline": pct(0, figures["of_n"].iloc[0]),
    }
    return pd.DataFrame([{"kpi_id": "ASD_BACKLOG", **figure}])


def _exits(states: pd.Series[str]) -> pd.DataFrame:
    table = pd.DataFrame({"state": list(GROUPS), "group": list(GROUPS.values())})
    table["children_n"] = states.value_counts().reindex(list(GROUPS), fill_value=0).to_numpy()
    return table.assign(children_pct=[pct(n, len(states)) for n in table["children_n"]])


def _burn_down(cohort: pd.DataFrame, data_date: dt.date, choices: Choices) -> pd.DataFrame:
    deadlines = {"required_six_months_n": SIX_MONTHS, "required_deadline_n": choices.asd_deadline}
    ends = [month_end(month) for month in months_between(COHORT_DATE, max(data_date, *deadlines.values()))]
    days = sorted({*ends, data_date, *deadlines.values()}) if data_date >= COHORT_DATE else []
    table = []
    for day in (day for day in days if day >= COHORT_DATE):
        row: dict[str, float] = {}
        if day <= data_date:
            size = _exits(_states(cohort, pd.Timestamp(day), choices.event)).set_index("state")["children_n"]
            row = {"assessed_n": size[ASSESSED], "waiting_n": size[WAITING], "transferred_n": size[TRANSFERRED]}
            row["remaining_n"] = row["waiting_n"] + row["transferred_n"]
            row["exits_n"] = size.sum() - row["remaining_n"] - row["assessed_n"]
        children = cohort["child_id"].nunique()
        table.append({"day": day} | row | {name: children * _share_left(day, by) for name, by in deadlines.items()})
    counts = ["remaining_n", "assessed_n", "waiting_n", "transferred_n", "exits_n"]
    types = {"day": "datetime64[ns]"} | dict.fromkeys([*counts, *deadlines], "float64")
    return pd.DataFrame(table, columns=list(types)).astype(types)


def _share_left(day: dt.date, deadline: dt.date) -> float:
    return max(0.0, 1 - (day - COHORT_DATE).days / max(1, (deadline - COHORT_DATE).days))


def _weekly_completions(cohort: pd.DataFrame, data_date: dt.date, event: str) -> npt.NDArray[np.int64]:
    """Children first assessed in each of the last 13 whole weeks, or in those there have been since the cohort date."""
    weeks = min(RECENT_WEEKS, max(0, (data_date - COHORT_DATE).days // 7))
    ago = (pd.Timestamp(data_date) - _assessed_on(cohort, event)).dt.days // 7
    return np.bincount(ago[ago < weeks].to_numpy(dtype="int64"), minlength=weeks)


def _pace(remaining: int, weekly: npt.NDArray[np.int64], data_date: dt.date, deadline: dt.date) -> pd.DataFrame:
    days = sorted({SIX_MONTHS, deadline})
    weeks_left = [max(0.0, (day - data_date).days / 7) for day in days]
    table = pd.DataFrame(
        {"deadline": pd.DatetimeIndex(days).as_unit("ns"), "remaining_n": remaining, "weeks_left": weeks_left}
    )
    table["needed_per_week"] = [remaining / weeks if weeks else math.nan for weeks in weeks_left]
    recent = {"recent_weeks_n": len(weekly), "recent_completions_n": int(weekly.sum())}
    return table.assign(**recent, recent_per_week=float(weekly.mean()) if len(weekly) else math.nan)


def _forecast(remaining: int, children: int, weekly: npt.NDArray[np.int64], today: pd.Timestamp) -> pd.DataFrame:
    """Draw weeks from the recent ones until nobody is left to be assessed; the same extract gives the same dates."""
    reached = [math.inf] * 3
    if remaining and weekly.any():
        done = np.random.default_rng(SEED).choice(weekly, size=(DRAWS, HORIZON_WEEKS)).cumsum(axis=1)
        weeks = np.where(done[:, -1] >= remaining, (done < remaining).sum(axis=1) + 1.0, math.inf)
        reached = np.quantile(weeks, [0.5, 0.1, 0.9], method="inverted_cdf").tolist()
    status = "forecast" if math.isfinite(reached[0]) else "not on current pace" if remaining else "cleared"
    days = [today + pd.Timedelta(weeks=w) if status == "forecast" and math.isfinite(w) else pd.NaT for w in reached]
    dates = dict(zip(("median_on", "earliest_on", "latest_on"), days, strict=True))
    pace = float(weekly.mean()) if len(weekly) else math.nan
    return pd.DataFrame(
        [{"remaining_n": remaining, "recent_per_week": pace, "status": status if children else "no cohort", **dates}]
    ).astype(dict.fromkeys(dates, "datetime64[ns]"))


def _late_found(cohort: pd.Series[str], late: pd.Series[str], rule: str) -> pd.DataFrame:
    groups = {"frozen cohort": cohort, "late-found": late, "both": pd.concat([cohort, late])}
    return pd.DataFrame(
        [{"group": name, "children_n": len(states), **_figure(states, rule)} for name, states in groups.items()]
    )


def _account(referrals: pd.DataFrame, rows: pd.DataFrame, cohort: pd.DataFrame, states: pd.Series[str]) -> pd.DataFrame:
    completed, again = rows["assessment_completed_on"], cohort["referred_on"] > pd.Timestamp(COHORT_DATE)
    found = {
        "rows read": len(referrals),
        "referred after the data date, left out": len(referrals) - len(rows),
        "not accepted by the data date, in no cohort": int(rows["accepted_on"].isna().sum()),
        "assessment completed with no start date": int((completed.notna() & rows[EVENTS["start"]].isna()).sum()),
        "assessment completed after the closure, counted as assessed": int((completed > rows["closed_on"]).sum()),
    }
    children = {
        "children of the cohort": len(states),
        "children referred again after the cohort date, counted once": cohort["child_id"][again].nunique(),
        f"children {NO_DATE}, not counted as assessed": int((states == NO_DATE).sum()),
    }
    return pd.concat([account(found), account(children)], ignore_index=True)
