"""How long an EHC plan takes, from the SEN2 return: decisions, plans issued, open cases, reviews and the caseload.

SEND Regulations 2014: decision to assess within six weeks (reg 5), refusal of a plan within 16 (reg 10), the plan
within 20 (reg 13), the decision after a review within four of the meeting (reg 20). A plan is issued on its assessment
outcome date: the start of the plan in force moves when it is amended. What is not known is never on time.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

import pandas as pd

from sendanalysis.measures.estimates import events, part, present, share
from sendanalysis.measures.figures import ALL, Measure, Tables, as_known, every_row, is_in
from sendanalysis.measures.waits import mean_days

if TYPE_CHECKING:
    import datetime as dt

    from sendanalysis.measures.figures import Rows

PLAN_DAYS, DECISION_DAYS, REFUSAL_DAYS, REVIEW_DAYS, YEAR_DAYS = 140, 42, 112, 28, 364
SOURCES = {
    "parents and young people": ("parent or young person",),
    "schools and colleges": ("school or college",),
    "health, social care and others": ("health", "social care", "other"),
}
GROUPS: dict[str, Rows] = {ALL: every_row} | {name: is_in("source", *of) for name, of in SOURCES.items()}
OUTCOMES = ("to assess", "not to assess", "awaited", "withdrawn", "historical")
AGES = {
    "up to 20 weeks": (0, PLAN_DAYS),
    "20 to 52 weeks": (PLAN_DAYS + 1, YEAR_DAYS),
    "more than 52 weeks": (YEAR_DAYS + 1, 1 << 20),
}
STANDING: dict[str, Any] = {"windows": (("day", False),), "standing": True}
DECIDED, NOT_OPEN = ["to assess", "not to assess"], ["withdrawn", "historical"]


def measures() -> tuple[Measure, ...]:
    """The measures of the return, each by request or by plan in force."""
    over = (("year", True), ("month", True))
    label, counted = "plans issued within 20 weeks", ("plan", "plans")
    base = Measure("sen2_in_time", label, counted, ("sen2_requests",), issued, GROUPS, over)
    return (*_of_requests(base), *_of_plans(base))


def _of_requests(base: Measure) -> tuple[Measure, ...]:
    return (
        base,
        replace(base, name="sen2_in_time_excl", label=f"{base.label}, exceptions left out", ledger=_unexcepted),
        replace(base, name="sen2_in_time_by_need", label=f"{base.label}, by need", ledger=_by_need, groups="need"),
        replace(base, name="sen2_weeks", label="mean weeks to issue", statistic=mean_days(7), unit="weeks"),
        replace(
            base,
            name="sen2_decision",
            label="decisions whether to assess within six weeks",
            counted=("decision", "decisions"),
            ledger=partial(_within, on="decided_on", column="decision", values=DECIDED, limit=DECISION_DAYS),
        ),
        replace(
            base,
            name="sen2_refusal",
            label="refusals of a plan within 16 weeks",
            counted=("refusal", "refusals"),
            ledger=partial(_within, on="outcome_on", column="outcome", values=["not issued"], limit=REFUSAL_DAYS),
        ),
        replace(
            base,
            name="sen2_open",
            label="cases still open, by weeks since the request",
            counted=("case", "cases"),
            ledger=_open,
            groups={ALL: every_row} | {name: partial(_aged, ends=ends) for name, ends in AGES.items()},
            statistic=present,
            unit="",
            census=True,
            **STANDING,
        ),
        replace(
            base,
            name="sen2_requests_made",
            label="requests for an assessment",
            counted=("request", "requests"),
            ledger=_requested,
            groups=GROUPS | {f"decision: {name}": is_in("decision", name) for name in OUTCOMES},
            statistic=events,
            unit="",
            adds_up=True,
        ),
    )


def _of_plans(base: Measure) -> tuple[Measure, ...]:
    caseload = replace(base, needs=("sen2_plans",), statistic=part, census=True, **STANDING)
    return (
        replace(
            base,
            name="sen2_review_decision",
            label="review decisions within four weeks of the meeting",
            counted=("review", "reviews"),
            needs=("sen2_plans",),
            ledger=_reviewed,
            groups={ALL: every_row},
        ),
        replace(
            base,
            name="sen2_phase",
            label="plans final by the day of the change of phase",
            needs=("sen2_plans",),
            ledger=_phase,
            groups={ALL: every_row},
        ),
        replace(
            base,
            name="sen2_overdue",
            label="plans without a review meeting for more than 12 months",
            needs=("sen2_plans",),
            ledger=_overdue,
            groups={ALL: every_row},
            census=True,
            statistic=share,
            **STANDING,
        ),
        replace(caseload, name="sen2_by_need", label="plans in force by main need", ledger=_caseload, groups="need"),
        replace(caseload, name="sen2_by_place", label="plans in force by placement", ledger=_placed, groups="place"),
    )


def until(tables: Tables, day: dt.date) -> pd.Timestamp:
    """The last day that the return knows of, on or before a day: its reference date where that comes first."""
    known = tables["sen2_return"]["reference_on"].dropna()
    return min(pd.Timestamp(day), known.max()) if len(known) else pd.Timestamp(day)


def known(tables: Tables, day: dt.date, name: str = "sen2_requests") -> pd.DataFrame:
    """The rows of a table as far as their dates are known by a day; undated: refused on no day named."""
    rows = tables[name]
    if name == "sen2_requests":
        refused = rows["decision"].isin(["not to assess"]) & rows["decided_on"].isna()
        refused |= rows["outcome"].isin(["not issued"]) & rows["outcome_on"].isna()
        rows = rows.assign(undated=refused)
    found: pd.DataFrame = as_known(rows, until(tables, day).date())
    return found


def _within(  # noqa: PLR0913  # what is decided, when and within how long
    tables: Tables, day: dt.date, *, on: str, column: str, values: list[str], limit: int
) -> pd.DataFrame:
    """What was decided on a day, met where it came so many days after the request; undated is no figure."""
    rows = known(tables, day)
    days = (rows[on] - rows["received_on"]).dt.days
    done = rows[column].isin(values) & rows[on].notna()
    return rows.assign(on=rows[on], days=days, met=days <= limit, counts=done & days.ge(0), usable=days.ge(0) | ~done)


def issued(tables: Tables, day: dt.date) -> pd.DataFrame:
    """One row a request; counts where its plan was issued by the day and both days are known.

    Returns:
        The columns of the requests with on (day of issue), days, met (within 20 weeks), counts and usable.
    """
    return _within(tables, day, on="outcome_on", column="outcome", values=["issued"], limit=PLAN_DAYS)


def _unexcepted(tables: Tables, day: dt.date) -> pd.DataFrame:
    """A plan with an exception is left out of both numbers, and so is one of which that is not known."""
    rows = issued(tables, day)
    plain = rows["exception"].isin(["no"])
    return rows.assign(counts=rows["counts"] & plain, usable=rows["usable"] & rows["exception"].notna())


def _first(rows: pd.DataFrame, column: str) -> pd.Series[str]:
    """What the main row of each request says."""
    main = rows[rows["rank"].isin(["1"])].drop_duplicates("request", keep="last")
    return main.set_index("request")[column]


def _needs(rows: pd.DataFrame, tables: Tables) -> pd.Series[str]:
    return rows["request"].map(_first(tables["sen2_needs"], "need")).astype("str").fillna("not recorded")


def _by_need(tables: Tables, day: dt.date) -> pd.DataFrame:
    rows = issued(tables, day)
    return rows.assign(need=_needs(rows, tables))


def _open(tables: Tables, day: dt.date) -> pd.DataFrame:
    """Requests without an end by the day; withdrawn, carried in and moved away are none."""
    rows, today = known(tables, day), until(tables, day)
    states = ends_of(rows)
    days = (today - rows["received_on"]).dt.days
    return rows.assign(on=rows["received_on"], days=days, met=False, counts=states.eq("open") & days.ge(0))


def ends_of(rows: pd.DataFrame) -> pd.Series[str]:
    """issued, refused, left or open, as far as the dates are known; who was refused on no day named has left."""
    left = rows["decision"].isin(NOT_OPEN) | rows["outcome"].isin(NOT_OPEN) | rows["exported"].isin(["yes"])
    left |= rows["undated"]
    state = pd.Series("open", rows.index, dtype="str")
    state = state.mask(rows["decision"].isin(["not to assess"]) & rows["decided_on"].notna(), "refused")
    state = state.mask(rows["outcome"].isin(["not issued"]) & rows["outcome_on"].notna(), "refused")
    state = state.mask(rows["outcome"].isin(["issued"]) & rows["outcome_on"].notna(), "issued")
    return state.mask(left & state.eq("open"), "left")


def _aged(rows: pd.DataFrame, ends: tuple[int, int]) -> pd.Series[bool]:
    return rows["days"].between(*ends)


def _requested(tables: Tables, day: dt.date) -> pd.DataFrame:
    rows = known(tables, day)
    return rows.assign(on=rows["received_on"], met=True, counts=rows["received_on"].notna())


def _reviewed(tables: Tables, day: dt.date) -> pd.DataFrame:
    """Reviews whose letter fell due by the day, by that day; a letter before the meeting answers an earlier one."""
    rows, today = known(tables, day, "sen2_plans"), until(tables, day)
    due = rows["meeting_on"] + pd.Timedelta(days=REVIEW_DAYS)
    letter = rows["letter_on"].where(rows["letter_on"] >= rows["meeting_on"])
    return rows.assign(on=due, met=letter <= due, counts=due <= today, usable=due.notna())


def _phase(tables: Tables, day: dt.date) -> pd.DataFrame:
    """Plans due for a change of phase by the day; not final by then is late."""
    rows, today = tables["sen2_plans"], until(tables, day)
    due, final = rows["phase_due_on"], rows["phase_final_on"]
    return rows.assign(on=due, met=final <= due, counts=due <= today, usable=due.notna())


def _in_force(tables: Tables, day: dt.date) -> pd.DataFrame:
    """The plans of the return that were issued by the day; of one carried in only that it is here is known."""
    own = tables["sen2_requests"].set_index("request")["outcome_on"]
    rows = tables["sen2_plans"]
    begun = rows["request"].map(own)
    today = until(tables, day)
    return rows.assign(begun=begun, on=begun.fillna(pd.Timestamp("2000-01-01")), counts=~(begun > today), met=True)


def _overdue(tables: Tables, day: dt.date) -> pd.DataFrame:
    """The last meeting by the day, or the issue where there was none, lies more than 12 months back."""
    rows, today = _in_force(tables, day), until(tables, day)
    last = rows["meeting_on"].where(rows["meeting_on"] <= today).fillna(rows["begun"])
    met = last + pd.DateOffset(months=12) < today
    return rows.assign(met=met, counts=rows["counts"] & last.notna(), usable=last.notna())


def _caseload(tables: Tables, day: dt.date) -> pd.DataFrame:
    rows = _in_force(tables, day)
    return rows.assign(need=_needs(rows, tables))


def _placed(tables: Tables, day: dt.date) -> pd.DataFrame:
    """By the main placement that has not ended."""
    rows, held = _in_force(tables, day), tables["sen2_placements"]
    held = held[held["left_on"].isna()]
    named = held["school"].eq("yes") | held["provider"].eq("yes")
    place = held["setting"].astype("object").where(held["setting"].notna(), "not recorded")
    place = place.mask(held["setting"].isna() & named, "named school or college")
    place = place.mask(held["unit"].isin(["yes"]), "SEN unit")
    place = place.mask(held["resourced"].isin(["yes"]), "resourced provision")
    found = rows["request"].map(_first(held.assign(place=place), "place"))
    return rows.assign(place=found.astype("str").fillna("not recorded"))
