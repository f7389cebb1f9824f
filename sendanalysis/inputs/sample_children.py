"""Illustrative extracts that follow children through services, and the draws all illustrative extracts are made of.

Every draw is a whole number; rates are written in thousandths.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

import pandas as pd

from sendanalysis.methods.periods import month_end, months_between

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.random import Generator

T = TypeVar("T")

FIRST_DAY = dt.date(2020, 9, 1)  # the sample's own calendar: every area's sample covers these months
LAST_DAY = dt.date(2022, 3, 31)
CLEARING_DAYS = 215  # after the day of the cohort, for which the clinic takes on many children a week

ON_TIME = {  # thousandths on time in September 2020, and the rise in each month after
    "education_setting": (860, 0),
    "educational_psychology": (800, 1),
    "health": (600, 4),
    "social_care": (530, 5),
    "parent_or_young_person": (900, 0),
    "other": (700, 0),
}


def satisfaction(rng: Generator, blank: int, scores: str) -> str:
    """One of the scores, or nothing for `blank` forms in a thousand."""
    return "" if chance(rng, blank) else pick(rng, scores)


def chance(rng: Generator, thousandths: int) -> bool:
    """Whether something happens that does so `thousandths` times in a thousand."""
    return bool(rng.integers(1000) < thousandths)


def pick(rng: Generator, options: Sequence[T]) -> T:
    """One of the options, each as likely as the next."""
    return options[int(rng.integers(len(options)))]


def days(rng: Generator, month: dt.date, count: int) -> list[dt.date]:
    """Working days of a month in order, the last one always among them."""
    working = [day.date() for day in pd.date_range(month, month_end(month), freq="B")]
    return sorted([pick(rng, working) for _ in range(count - 1)] + working[-1:])


def later(rng: Generator, day: dt.date, low: int, high: int) -> dt.date:
    """A day from `low` to `high` days after another."""
    return day + dt.timedelta(int(rng.integers(low, high + 1)))


def recorded(day: dt.date | None) -> str:
    """The day as text, or empty where it lies after the last day the extracts know."""
    return day.isoformat() if day and day <= LAST_DAY else ""


def sample_advice_requests(rng: Generator) -> pd.DataFrame:
    """About 160 assessments a year, each with five to seven requests for advice.

    Returns:
        One row a request, with the columns of `advice_requests`.
    """
    rows: list[dict[str, str]] = []
    child = 0
    for month in months_between(FIRST_DAY, LAST_DAY):
        for day in days(rng, month, pick(rng, range(12, 16))):
            child += 1
            givers = [*list(ON_TIME)[:5], *(["health"] if chance(rng, 350) else []), *(["other"] * chance(rng, 250))]
            for giver in givers:
                sent = day if chance(rng, 850) else min(later(rng, day, 1, 4), LAST_DAY)
                rows += _requests(rng, f"CH{child:04}", giver, sent)
    rows.sort(key=lambda row: (row["sent_on"] or row["received_on"], row["child_id"]))
    ids = pd.DataFrame({"request_id": [f"REQ{number:04}" for number in range(1, len(rows) + 1)]})
    return ids.join(pd.DataFrame(rows))


def _requests(rng: Generator, child: str, giver: str, sent: dt.date) -> list[dict[str, str]]:
    received, returned, withdrawn = recorded(later(rng, sent, 0, 5)), "", ""
    fate = rng.integers(1000)
    excepted = fate >= 940
    again: list[dict[str, str]] = []
    if 40 <= fate < 85:
        day = later(rng, sent, 7, 80)
        withdrawn = recorded(day)
        resent = later(rng, day, 1, 4)
        if chance(rng, 500) and resent <= LAST_DAY:
            again = _requests(rng, child, giver, resent)
    elif fate >= 85:
        returned = recorded(_return_day(rng, giver, sent, -250 if excepted else 0))
    undated = received and chance(rng, 6)
    exceptions = ("exceptional_circumstances", "absence_4_weeks", "missed_appointment")
    row = {
        "child_id": child,
        "giver": giver,
        "sent_on": "" if undated else sent.isoformat(),
        "received_on": "" if not undated and chance(rng, 80) else received,
        "returned_on": returned,
        "withdrawn_on": withdrawn,
        "exception": pick(rng, exceptions) if excepted else "none",
        "existing_advice_sufficient": "yes" if fate < 40 else "no",
    }
    return [row, *again]


def _return_day(rng: Generator, giver: str, sent: dt.date, lift: int) -> dt.date:
    start, rise = ON_TIME[giver]
    months = 12 * (sent.year - FIRST_DAY.year) + sent.month - FIRST_DAY.month
    closed_schools = 120 if giver.startswith("education") and sent.month in (6, 7) else 0
    if chance(rng, start + rise * months + lift - closed_schools):
        return sent + dt.timedelta(42) if chance(rng, 100) else later(rng, sent, 16, 41)
    low, high = pick(rng, (*[(43, 63)] * 6, *[(64, 130)] * 3, (300, 900)))
    return later(rng, sent, low, high)


@dataclass
class _Referral:
    child_id: str
    age_band: str
    referred: dt.date
    source: str
    accepted: dt.date | None = None
    started: dt.date | None = None
    completed: dt.date | None = None
    outcome: dt.date | None = None
    closed: dt.date | None = None
    reason: str = ""
    held: bool = False  # by the family or for other care, and so passed over until the transfer

    def waits_on(self, day: dt.date) -> bool:
        return self.accepted is not None and self.accepted <= day and not self.started and not self.closed


def sample_autism_referrals(
    rng: Generator, neu_pathway: pd.DataFrame, cohort_on: dt.date | None, transfer_on: dt.date | None
) -> pd.DataFrame:
    """A list of children waiting on the day of the backlog, with what came before and after.

    Every week some children leave unassessed and the clinic takes children on, mostly those who wait longest.
    Where the list changed provider, some children are closed that week and referred anew.

    Args:
        rng: Source of draws.
        neu_pathway: The table of that name; its children who progressed are referred here.
        cohort_on: Day on which the children of the backlog are waiting; they are taken on faster from then.
        transfer_on: Day on which another provider takes the list over; None for never.

    Returns:
        One row a referral, with the columns of `autism_referrals`.
    """
    arrivals = [
        (day, "", pick(rng, ("community_paediatrics", "community_paediatrics", "school", "school", "gp", "other")))
        for month in months_between(dt.date(2019, 1, 1), LAST_DAY)
        for day in days(rng, month, 8 if dt.date(2020, 4, 1) <= month < FIRST_DAY else pick(rng, range(20, 23)))
    ]
    progressed = neu_pathway[neu_pathway["progressed_to_asd_on"] != ""]
    for child, day in zip(progressed["child_id"], progressed["progressed_to_asd_on"], strict=True):
        arrivals.append((dt.date.fromisoformat(day), child, "neu_pathway"))
    listed = [
        _refer(rng, child or f"CH{2000 + number}", pick(rng, ("0-4", "5-10", "5-10", "11-15", "16-25")), day, source)
        for number, (day, child, source) in enumerate(sorted(arrivals), 1)
    ]
    for week in pd.date_range("2019-03-05", LAST_DAY, freq="W-TUE"):
        _one_week(rng, listed, week.date(), cohort_on or LAST_DAY, transfer_on or dt.date.max)
    rows = sorted(listed, key=lambda referral: referral.referred)
    return _referral_rows(rows, transfer_on or dt.date.max)


def _refer(rng: Generator, child: str, age_band: str, day: dt.date, source: str) -> _Referral:
    referral = _Referral(child, age_band, day, source, held=chance(rng, 50))
    if chance(rng, 80):
        referral.closed, referral.reason = later(rng, day, 7, 40), "declined"
    else:
        referral.accepted = later(rng, day, 60, 200) if chance(rng, 50) else later(rng, day, 7, 45)
    return referral


def _one_week(rng: Generator, listed: list[_Referral], week: dt.date, cohort: dt.date, transfer: dt.date) -> None:
    for referral in [referral for referral in listed if referral.waits_on(week)]:
        again = dt.date.max
        if 0 <= (week - transfer).days < 7 and chance(rng, 250):
            referral.closed, referral.reason, again = week, "transferred", week
        elif chance(rng, 4):
            reasons = ("moved_away", "moved_away", "did_not_attend", "did_not_attend", "referral_error", "unknown")
            referral.closed, referral.reason = week, pick(rng, (*reasons, "declined"))
            again = later(rng, week, 30, 200) if chance(rng, 300) else again
        if again <= LAST_DAY:
            listed.append(_refer(rng, referral.child_id, referral.age_band, again, "other"))
            if referral.reason == "transferred":
                listed[-1].closed, listed[-1].reason, listed[-1].accepted = None, "", later(rng, week, 0, 13)
    ready = [item for item in listed if item.waits_on(week) and (not item.held or week > transfer)]
    queue = sorted(ready, key=lambda item: item.referred)
    for _ in range(min(_places(rng, week, cohort, transfer), len(queue))):
        picked = queue.pop(0 if chance(rng, 550) else int(rng.integers(len(queue))))
        picked.started = later(rng, week, 0, 2)
        picked.completed = later(rng, picked.started, 14, 63)
        picked.outcome = later(rng, picked.completed, 7, 28)
        if chance(rng, 850):
            picked.closed, picked.reason = later(rng, picked.outcome, 0, 14), "assessed"


def _places(rng: Generator, week: dt.date, cohort: dt.date, transfer: dt.date) -> int:
    """Children taken on in a week: few while clinics were closed, many once the backlog is to be cleared."""
    cleared = cohort + dt.timedelta(CLEARING_DAYS)
    until = ((dt.date(2020, 3, 17), 1300), (FIRST_DAY, 400), (cohort, 900), (cleared, 9200), (transfer, 5200))
    rate = next((rate for end, rate in until if week < end), 2500)
    return rate // 1000 + chance(rng, rate % 1000)


def _referral_rows(listed: list[_Referral], transfer: dt.date) -> pd.DataFrame:
    rows = []
    for number, item in enumerate(listed, 1):
        left = min(day for day in (item.closed, item.completed, dt.date.max) if day)
        dates = (item.referred, item.accepted, item.started, item.completed, item.outcome, item.closed)
        known = [recorded(day) for day in dates]
        reason = item.reason if known[-1] else ""
        provider = "Provider A" if left <= transfer else "Provider B"
        rows.append([f"REF{number:04}", item.child_id, item.age_band, *known, reason, item.source, provider])
    columns = "referral_id child_id age_band referred_on accepted_on assessment_started_on assessment_completed_on"
    columns += " outcome_given_on closed_on closure_reason source provider"
    return pd.DataFrame(rows, columns=columns.split())


def sample_neu_pathway(rng: Generator) -> pd.DataFrame:
    """About fifteen children a month from April 2021.

    Returns:
        One row a child, with the columns of `neu_pathway`.
    """
    entered = [
        day
        for month in months_between(dt.date(2021, 4, 1), LAST_DAY)
        for day in days(rng, month, pick(rng, range(13, 18)))
    ]
    rows = [
        (
            f"CH{8000 + number}",
            day,
            pick(rng, ("yes", "yes", "yes", "no", "no")),
            recorded(later(rng, day, 20, 120)) if chance(rng, 350) else "",
            satisfaction(rng, 450, "123344555"),
        )
        for number, day in enumerate(entered, 1)
    ]
    columns = ["child_id", "entered_on", "diverted_from_paediatrics", "progressed_to_asd_on", "satisfaction"]
    return pd.DataFrame(rows, columns=columns)
