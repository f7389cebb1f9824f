"""When will the autism backlog be cleared? What remained at each month's end, the pace of late, and where it leads."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from sendanalysis.measures.autism import STATES, assessed_on, cohorts, frozen_on, stated
from sendanalysis.methods.periods import month_end, months_between
from sendanalysis.methods.proportions import SEED

if TYPE_CHECKING:
    import datetime as dt

    import numpy.typing as npt

    from sendanalysis.inputs.parameters import Autism
    from sendanalysis.measures.figures import Tables

RECENT_WEEKS, HORIZON_WEEKS, DRAWS = 13, 520, 2000


def pace(tables: Tables, day: dt.date, chosen: Autism, deadlines: tuple[dt.date, ...]) -> pd.DataFrame:
    """What was assessed a week of late, and what each deadline needs.

    Returns:
        deadline, remaining_n (still to be assessed), weeks_left, needed_per_week (NaN once the deadline has passed),
        recent_weeks_n, recent_completions_n, recent_per_week.
    """
    frozen, _ = cohorts(tables, day, chosen)
    remaining, weekly = _remaining(stated(frozen, chosen)), _weekly(frozen, day, chosen)
    days = sorted(deadlines)
    weeks_left = [max(0.0, (end - day).days / 7) for end in days]
    table = pd.DataFrame(
        {"deadline": pd.DatetimeIndex(days).as_unit("ns"), "remaining_n": remaining, "weeks_left": weeks_left}
    )
    table["needed_per_week"] = [remaining / weeks if weeks else math.nan for weeks in weeks_left]
    recent = {"recent_weeks_n": len(weekly), "recent_completions_n": int(weekly.sum())}
    return table.assign(**recent, recent_per_week=float(weekly.mean()) if len(weekly) else math.nan)


def forecast(tables: Tables, day: dt.date, chosen: Autism) -> pd.DataFrame:
    """Draw weeks from the recent ones until nobody is left to be assessed; the same extract gives the same dates.

    Returns:
        One row: remaining_n, recent_per_week, status ('forecast', 'not on current pace', 'cleared', 'no cohort'),
        median_on, earliest_on, latest_on (80% band; NaT beyond ten years).
    """
    frozen, _ = cohorts(tables, day, chosen)
    children = stated(frozen, chosen)
    remaining, weekly = _remaining(children), _weekly(frozen, day, chosen)
    reached = [math.inf] * 3
    if remaining and weekly.any():
        done = np.random.default_rng(SEED).choice(weekly, size=(DRAWS, HORIZON_WEEKS)).cumsum(axis=1)
        weeks = np.where(done[:, -1] >= remaining, (done < remaining).sum(axis=1) + 1.0, math.inf)
        reached = np.quantile(weeks, [0.5, 0.1, 0.9], method="inverted_cdf").tolist()
    status = "forecast" if math.isfinite(reached[0]) else "not on current pace" if remaining else "cleared"
    days = [
        pd.Timestamp(day) + pd.Timedelta(weeks=w) if status == "forecast" and math.isfinite(w) else pd.NaT
        for w in reached
    ]
    dates = dict(zip(("median_on", "earliest_on", "latest_on"), days, strict=True))
    speed = float(weekly.mean()) if len(weekly) else math.nan
    return pd.DataFrame(
        [
            {
                "remaining_n": remaining,
                "recent_per_week": speed,
                "status": status if len(children) else "no cohort",
                **dates,
            }
        ]
    ).astype(dict.fromkeys(dates, "datetime64[ns]"))


def burn_down(states: pd.DataFrame, day: dt.date, chosen: Autism, deadlines: tuple[dt.date, ...]) -> pd.DataFrame:
    """What remained at each month's end, and the straight line to nought that each deadline asked for.

    Args:
        states: Figures of `autism_by_state`.
        day: Data date.
        chosen: The cohort's day.
        deadlines: Days by which the backlog was to be cleared.

    Returns:
        day (month ends, the data date, the deadlines), remaining_n, assessed_n, exits_n (NaN after the data date), and
        required_1_n, required_2_n … in the order of the deadlines.
    """
    known = states.assign(group=states["group"].map(STATES)).groupby(["last_on", "group"])["n"].sum().reset_index()
    known = known.pivot_table(index="last_on", columns="group", values="n")
    known = known.reindex(columns=["to be assessed", "assessed", "valid removal", "other exit"])
    start = frozen_on(chosen)
    last = max([day, *deadlines])
    ends = [pd.Timestamp(month_end(month)) for month in months_between(start.date(), last)]
    days = sorted({*ends, pd.Timestamp(day), *map(pd.Timestamp, deadlines)})
    table = known.reindex([found for found in days if start <= found <= max(pd.Timestamp(last), ends[-1])])
    whole = float(known.iloc[-1].sum()) if len(known) else math.nan
    found = pd.DataFrame(
        {
            "day": table.index,
            "remaining_n": table["to be assessed"].to_numpy(),
            "assessed_n": table["assessed"].to_numpy(),
            "exits_n": (table["valid removal"] + table["other exit"]).to_numpy(),
        }
    )
    for place, deadline in enumerate(sorted(deadlines), 1):
        span = max(1, (deadline - start.date()).days)
        found[f"required_{place}_n"] = whole * (1 - (found["day"] - start).dt.days / span).clip(lower=0)
    return found


def _remaining(children: pd.DataFrame) -> int:
    return int(children["group"].eq("to be assessed").sum())


def _weekly(rows: pd.DataFrame, day: dt.date, chosen: Autism) -> npt.NDArray[np.int64]:
    """Children first assessed in each of the last 13 whole weeks, or of those since the cohort's day."""
    weeks = min(RECENT_WEEKS, max(0, (day - chosen.cohort_on).days // 7)) if chosen.cohort_on else 0
    if not weeks or rows.empty:
        return np.zeros(weeks, dtype="int64")
    ago = (pd.Timestamp(day) - assessed_on(rows, chosen)).dt.days // 7
    return np.bincount(ago[ago < weeks].to_numpy(dtype="int64"), minlength=weeks)
