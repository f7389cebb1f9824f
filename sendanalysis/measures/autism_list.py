"""The autism waiting list: does it grow, how long do children wait, and what would bring it down?

The list counts referrals: one comes on when it is accepted and goes off when it is assessed or closed. A transfer to
another provider does neither; see `autism_chains`.
"""

from __future__ import annotations

import math
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

import pandas as pd

from sendanalysis.measures.autism import EVENTS, referrals
from sendanalysis.measures.autism_chains import CARRIED, JOINED, chained
from sendanalysis.measures.estimates import events, present, share, units
from sendanalysis.measures.figures import Measure, Tables, is_in
from sendanalysis.methods.queues import clearance_weeks, queue_load, relief_capacity, target_queue_size
from sendanalysis.methods.survival import incidence_tables, wait_tables

if TYPE_CHECKING:
    import datetime as dt

    from sendanalysis.inputs.parameters import Autism
    from sendanalysis.measures.figures import Rows

QUALITY_STANDARD_DAYS = 91
"""NICE QS51, statement 1: assessment starts within three months of referral."""
QUEUE_WEEKS, TARGET_WAIT_WEEKS, RELIEF_WEEKS = 26, 13, 26
RATES = (
    *("demand_per_week", "capacity_per_week", "assessed_per_week", "load", "target_size_n"),
    *("relief_per_week", "clearance_weeks"),
)
OF_ALL, OF_STAYERS = "all who were referred", "those who stay on the list"
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
            as_known=True,
            statistic=share,
            unit="percent",
        ),
    )


def queue(tables: Tables, day: dt.date, chosen: Autism) -> pd.DataFrame:
    """Demand and capacity of the list over the weeks observed, 26 at most, and what would bring it down.

    Fewer weeks than 26 are observed where the first referral of the extract is younger. A change of provider is no
    capacity and no demand.

    Returns:
        One row: weeks, demand_per_week (additions), capacity_per_week (removals of both kinds), assessed_per_week, load
        (demand ÷ capacity: above 1 the list grows; NaN where none left), size_n, target_size_n (for a wait of 13
        weeks), relief_per_week (removals a week that bring it there in 26 weeks), clearance_weeks (NaN for a list that
        does not shrink). Rates are NaN where less than a week was observed.
    """
    rows = _listed(tables, day, chosen)
    first = referrals(tables, day)["referred_on"].min()
    weeks = 0.0 if pd.isna(first) else min(QUEUE_WEEKS, (pd.Timestamp(day) - first).days / 7)
    figures = {"weeks": weeks} | dict.fromkeys(RATES, math.nan) | {"size_n": int(rows["off_on"].isna().sum())}
    return pd.DataFrame([figures | (_rates(rows, day, weeks) if weeks >= 1 else {})]).astype(
        dict.fromkeys(("weeks", *RATES), "float64")
    )


def _rates(rows: pd.DataFrame, day: dt.date, weeks: float) -> dict[str, Any]:
    since = pd.Timestamp(day) - pd.Timedelta(weeks=weeks)
    removed = (rows["off_on"] > since) & rows["link"].ne(JOINED)
    demand, capacity = (int(which.sum()) / weeks for which in (rows["accepted_on"] > since, removed))
    size, load = int(rows["off_on"].isna().sum()), queue_load(demand, capacity)
    target = target_queue_size(demand, TARGET_WAIT_WEEKS)
    assessed = int((removed & rows["assessed"]).sum()) / weeks
    relief = relief_capacity(demand, size, target, RELIEF_WEEKS)
    found = (demand, capacity, assessed, load if math.isfinite(load) else math.nan, target, relief)
    return dict(zip(RATES, (*found, clearance_weeks(size, demand, capacity)), strict=True))


def waits(tables: Tables, day: dt.date) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Days from the first referral to the start of assessment, read in two ways.

    Of all who were referred: leaving unassessed is a second way for a wait to end (`cumulative_incidence`), so that
    those who left never begin. Of those who stay on the list: who left is counted for as long as he waited
    (`kaplan_meier`). Both count those still waiting up to the day, and a wait that a transfer carries on once. An
    assessment that was completed without a start date had started by then, so its completion ends the wait.

    Returns:
        The curves and their quantiles, by group; see `methods.survival.incidence_tables`.
    """
    rows = chained(referrals(tables, day), "started_on")
    rows = rows[rows["accepted_on"].notna() & rows["link"].eq("")]
    days = (rows["off_on"].fillna(pd.Timestamp(day)) - rows["referred_on"]).dt.days
    started, left = rows["assessed"], rows["off_on"].notna() & ~rows["assessed"]
    counts = ("referrals_n", "started_n")
    curve, quantiles = incidence_tables(days, started * 1 + left * 2, counts)
    others, other_quantiles = wait_tables(days, started, counts)
    return _in_groups(curve, others), _in_groups(quantiles, other_quantiles)


def _in_groups(of_all: pd.DataFrame, of_stayers: pd.DataFrame) -> pd.DataFrame:
    named = [table.assign(group=group) for table, group in ((of_all, OF_ALL), (of_stayers, OF_STAYERS))]
    found = pd.concat(named, ignore_index=True) if len(of_all) else named[0]
    return found[["group", *found.columns.drop("group")]]


def _listed(tables: Tables, day: dt.date, chosen: Autism) -> pd.DataFrame:
    """Waits that were on the list at some time by a day, with the day they came off and whether as assessed."""
    rows = chained(referrals(tables, day), EVENTS[chosen.event])
    held = rows["accepted_on"].notna() & rows["link"].ne(CARRIED)
    return rows[held & ~(rows["off_on"] < rows["accepted_on"])]


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
    """All referrals whose 91st day has come, whether accepted or not, and whether the assessment had begun by it.

    The days run from the first referral of a wait that a transfer carries on, which counts once.
    """
    rows = chained(referrals(tables, day), "started_on")
    rows = rows[rows["link"].eq("")]
    due = rows["referred_on"] + pd.Timedelta(days=QUALITY_STANDARD_DAYS)
    return rows.assign(on=due, counts=due <= pd.Timestamp(day), met=rows["started_on"] <= due, usable=True)
