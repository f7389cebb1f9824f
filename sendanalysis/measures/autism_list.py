"""The autism waiting list: does it grow, how long do children wait, and what would bring it down?

The list counts referrals: one comes on when it is accepted and goes off when it is assessed or closed.
"""

from __future__ import annotations

import math
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

import pandas as pd

from sendanalysis.measures.autism import EVENTS, referrals
from sendanalysis.measures.figures import Measure, Tables, events, is_in, present, share, units
from sendanalysis.methods.queues import clearance_weeks, queue_load, relief_capacity, target_queue_size
from sendanalysis.methods.survival import wait_tables

if TYPE_CHECKING:
    import datetime as dt

    from sendanalysis.inputs.parameters import Autism
    from sendanalysis.measures.figures import Rows

QUALITY_STANDARD_DAYS = 91
"""NICE QS51, statement 1: assessment starts within three months of referral."""
QUEUE_WEEKS, TARGET_WAIT_WEEKS, RELIEF_WEEKS = 26, 13, 26
WAIT_BANDS = {"0–13 weeks": 91, "over 13 to 26 weeks": 182, "over 26 to 52 weeks": 364, "over 52 weeks": math.inf}


def measures(chosen: Autism) -> tuple[Measure, ...]:
    """What is counted of the list: its size, who comes on and goes off, for how long, who began within 91 days."""
    list_size = Measure(
        name="autism_list",
        label="referrals on the waiting list",
        counted=("referral", "referrals"),
        ledger=partial(_on_list, chosen=chosen),
        statistic=present,
        unit="",
        needs=("autism_referrals",),
        windows=(("day", True),),
        standing=True,
    )
    once = (("day", False),)
    monthly: dict[str, Any] = {"windows": (("month", True),), "standing": False, "statistic": events}
    bands: dict[str, Rows] = {band: is_in("band", band) for band in WAIT_BANDS}
    return (
        list_size,
        replace(
            list_size,
            name="autism_list_children",
            label="children on the waiting list",
            counted=("child", "children"),
            statistic=units("child_id"),
        ),
        replace(list_size, name="autism_by_length", groups=bands, windows=once),
        replace(
            list_size,
            name="autism_added",
            label="referrals that came on the list",
            ledger=partial(_added, chosen=chosen),
            **monthly,
        ),
        replace(
            list_size,
            name="autism_removed",
            label="referrals that left the list",
            ledger=partial(_removed, chosen=chosen),
            groups={"assessed": lambda rows: rows["assessed"], "otherwise": lambda rows: ~rows["assessed"]},
            **monthly,
        ),
        replace(
            list_size,
            name="autism_within_91",
            label="referrals whose assessment began within 91 days",
            ledger=_within_standard,
            windows=(("12 months", True),),
            standing=False,
            statistic=share,
            unit="percent",
        ),
    )


def queue(tables: Tables, day: dt.date, chosen: Autism) -> pd.DataFrame:
    """Demand and capacity of the list over the last 26 weeks, and what would bring it down.

    Returns:
        One row: weeks, demand_per_week (additions), capacity_per_week (removals of both kinds), assessed_per_week, load
        (demand ÷ capacity: above 1 the list grows), size_n, target_size_n (for a wait of 13 weeks), relief_per_week
        (removals a week that bring it there in 26 weeks), clearance_weeks (NaN for a list that does not shrink).
    """
    rows = _listed(tables, day, chosen)
    since = pd.Timestamp(day) - pd.Timedelta(weeks=QUEUE_WEEKS)
    removed = rows["off_on"] > since
    demand = int((rows["accepted_on"] > since).sum()) / QUEUE_WEEKS
    capacity, size = int(removed.sum()) / QUEUE_WEEKS, int(rows["off_on"].isna().sum())
    target = target_queue_size(demand, TARGET_WAIT_WEEKS)
    figures = {
        "weeks": QUEUE_WEEKS,
        "demand_per_week": demand,
        "capacity_per_week": capacity,
        "assessed_per_week": int((removed & rows["assessed"]).sum()) / QUEUE_WEEKS,
        "load": queue_load(demand, capacity),
        "size_n": size,
        "target_size_n": target,
        "relief_per_week": relief_capacity(demand, size, target, RELIEF_WEEKS),
        "clearance_weeks": clearance_weeks(size, demand, capacity),
    }
    return pd.DataFrame([figures]).astype({"clearance_weeks": "float64"})


def waits(tables: Tables, day: dt.date) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Days from referral to the start of assessment: still waiting count up to the day, closed unstarted until then.

    An assessment that was completed without a start date had started by then, so its completion ends the wait.

    Returns:
        The Kaplan–Meier curve and its quantiles; see `methods.survival.wait_tables`.
    """
    rows = referrals(tables, day)
    rows = rows[rows["accepted_on"].notna()]
    started = rows["started_on"].notna() & ~(rows["closed_on"] < rows["started_on"])
    end = rows["started_on"].where(started, rows["closed_on"].fillna(pd.Timestamp(day)))
    return wait_tables((end - rows["referred_on"]).dt.days, started, ("referrals_n", "started_n"))


def _listed(tables: Tables, day: dt.date, chosen: Autism) -> pd.DataFrame:
    """Referrals that were on the list at some time by a day, with the day they came off and whether as assessed."""
    rows, event = referrals(tables, day), EVENTS[chosen.event]
    off = rows[[event, "closed_on"]].min(axis=1)
    rows = rows.assign(off_on=off, assessed=rows[event].eq(off))
    return rows[rows["accepted_on"].notna() & ~(rows["off_on"] < rows["accepted_on"])]


def _on_list(tables: Tables, day: dt.date, *, chosen: Autism) -> pd.DataFrame:
    rows = _listed(tables, day, chosen)
    waited = (pd.Timestamp(day) - rows["referred_on"]).dt.days
    band = pd.cut(waited, [-1, *WAIT_BANDS.values()], labels=list(WAIT_BANDS)).astype("str")
    return rows.assign(on=rows["accepted_on"], counts=rows["off_on"].isna(), met=False, band=band, usable=True)


def _added(tables: Tables, day: dt.date, *, chosen: Autism) -> pd.DataFrame:
    return _listed(tables, day, chosen).assign(on=lambda rows: rows["accepted_on"], counts=True, met=True)


def _removed(tables: Tables, day: dt.date, *, chosen: Autism) -> pd.DataFrame:
    return _listed(tables, day, chosen).assign(on=lambda rows: rows["off_on"], counts=True, met=True)


def _within_standard(tables: Tables, day: dt.date) -> pd.DataFrame:
    """All referrals whose 91st day has come, whether accepted or not, and whether the assessment had begun by it."""
    rows = referrals(tables, day)
    due = rows["referred_on"] + pd.Timedelta(days=QUALITY_STANDARD_DAYS)
    return rows.assign(on=due, counts=due <= pd.Timestamp(day), met=rows["started_on"] <= due, usable=True)
