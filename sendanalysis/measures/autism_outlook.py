"""Is the autism backlog being cleared? What remained, month by month, the pace of late, and what such paces led to."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from sendanalysis.measures.autism import STATES, assessed_on, cohorts, frozen_on, stated
from sendanalysis.methods.periods import month_end, months_between

if TYPE_CHECKING:
    import datetime as dt

    import numpy.typing as npt

    from sendanalysis.inputs.parameters import Autism
    from sendanalysis.measures.figures import Tables

RECENT_WEEKS, AHEAD_WEEKS, LEAST_WEEKS, IDLE_DAYS = 13, 13, 4, 28


def pace(tables: Tables, day: dt.date, chosen: Autism, deadlines: tuple[dt.date, ...]) -> pd.DataFrame:
    """What was assessed a week of late, what each deadline needs, and since when nobody was assessed.

    No clearing date follows from the pace: in back-tests no way of projecting it held (METHODS.md).

    Returns:
        One row a deadline, one without a deadline where there is none: deadline, cohort_n, remaining_n (still to be
        assessed), remaining_then_n (of them when the deadline passed; NaN before it), weeks_left, needed_per_week (NaN
        once the deadline has passed), recent_weeks_n, recent_completions_n, recent_per_week, last_assessed_on,
        idle (yes where nobody was assessed in the last four weeks, though somebody is still to be).
    """
    frozen, _ = cohorts(tables, day, chosen)
    children, weekly, assessed = stated(frozen, chosen), _weekly(frozen, day, chosen), assessed_on(frozen, chosen)
    remaining, last = _remaining(children), assessed.max() if len(assessed) else pd.NaT
    idle = remaining > 0 and not last > pd.Timestamp(day) - pd.Timedelta(days=IDLE_DAYS)
    days: list[Any] = [pd.Timestamp(end) for end in sorted(deadlines)] or [pd.NaT]
    weeks_left = [max(0.0, (end - pd.Timestamp(day)).days / 7) if pd.notna(end) else math.nan for end in days]
    then = [
        _remaining(stated(cohorts(tables, end.date(), chosen)[0], chosen)) if end <= pd.Timestamp(day) else math.nan
        for end in days
    ]
    return pd.DataFrame(
        {
            "deadline": pd.DatetimeIndex(days).as_unit("ns"),
            "cohort_n": len(children),
            "remaining_n": remaining,
            "remaining_then_n": pd.Series(then, dtype="float64"),
            "weeks_left": weeks_left,
            "needed_per_week": [remaining / weeks if weeks > 0 else math.nan for weeks in weeks_left],
            "recent_weeks_n": len(weekly),
            "recent_completions_n": int(weekly.sum()),
            "recent_per_week": float(weekly.mean()) if len(weekly) else math.nan,
            "last_assessed_on": pd.DatetimeIndex([last] * len(days)).as_unit("ns"),
            "idle": "yes" if idle else "no",
        }
    )


def record(tables: Tables, day: dt.date, chosen: Autism) -> pd.DataFrame:
    """What the pace of each earlier month's end, carried forward 13 weeks, would have said, and what came.

    Each month's end is taken as it was known then. Months with fewer than four weeks to take a pace from, and those
    whose 13 weeks are not over, are left out.

    Returns:
        as_at, remaining_n, recent_per_week, until_on, expected_n (pace × 13, and no more than were left), came_n
        (children assessed in those weeks).
    """
    columns = ["as_at", "remaining_n", "recent_per_week", "until_on", "expected_n", "came_n"]
    assessed, rows = assessed_on(cohorts(tables, day, chosen)[0], chosen), []
    for month in months_between(chosen.cohort_on, day) if chosen.cohort_on and chosen.cohort_on <= day else ():
        end = pd.Timestamp(month_end(month))
        until = end + pd.Timedelta(weeks=AHEAD_WEEKS)
        frozen, _ = cohorts(tables, end.date(), chosen)
        weekly, remaining = _weekly(frozen, end.date(), chosen), _remaining(stated(frozen, chosen))
        if until <= pd.Timestamp(day) and len(weekly) >= LEAST_WEEKS and remaining:
            speed = float(weekly.mean())
            came = int(((assessed > end) & (assessed <= until)).sum())
            rows.append((end, remaining, speed, until, min(float(remaining), speed * AHEAD_WEEKS), came))
    found = pd.DataFrame(rows, columns=columns)
    return found.astype(dict.fromkeys(("as_at", "until_on"), "datetime64[ns]"))


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
    known = (
        states.assign(group=states["group"].map(STATES))
        .groupby(["last_on", "group"])["n"]
        .sum(skipna=False)
        .reset_index()
    )
    known = known.pivot_table(index="last_on", columns="group", values="n")
    known = known.reindex(columns=["to be assessed", "assessed", "valid removal", "other exit"])
    start = frozen_on(chosen)
    last = max([day, *deadlines])
    ends = [pd.Timestamp(month_end(month)) for month in months_between(start.date(), last)]
    days = sorted({*ends, pd.Timestamp(day), *map(pd.Timestamp, deadlines)})
    table = known.reindex([found for found in days if start <= found <= max(pd.Timestamp(last), ends[-1])])
    whole = float(states["of"].max())
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
