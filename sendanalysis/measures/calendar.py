"""The reporting calendar that the printed rhythms give, what was held or missed, and what is due next.

A rhythm is read from its words. Only whole periods that begin on or after `clock_start` are asked for: a half term of
the table of term dates; a quarter from April; for twice a year, a half year from April; a calendar month. A body that
reports "at each" meeting is due on its dates printed in the plan. A review "at 6 months" is due `review_window_months`
after the clock start, and a date printed alone is due once. A period is missed when it ended before the data date with
no meeting recorded in it.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from sendanalysis.inputs.plan import RHYTHMS
from sendanalysis.measures.registers import frame
from sendanalysis.methods.logs import Row, records
from sendanalysis.methods.periods import add_months, month_end, months_between
from sendanalysis.methods.proportions import account

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sendanalysis.inputs.parameters import Parameters
    from sendanalysis.methods.periods import Period

Window = tuple[dt.date, dt.date]
MONTHS = {"twice a year": 6, "quarterly": 3, "monthly": 1}
ONCE = ("review", "once")
UNKNOWN = {
    "each meeting": "the dates of its meetings are not known",
    "half-termly": "the term dates are not known",
}
COLUMNS = "gov_id body rhythm_as_printed rhythm due_from due_by held_on state days_late"
DUE_NEXT = "gov_id body rhythm_as_printed rhythm due_from due_by state days_left"
UNCOUNTED = "gov_id body rhythm_as_printed reason"


@dataclass(frozen=True)
class Calendar:
    """The reporting calendar at the data date, from meetings held on or before it.

    Attributes:
        calendar: gov_id, body, rhythm_as_printed, rhythm (half-termly, twice a year, quarterly, monthly, each meeting,
            review, once), due_from, due_by, held_on (the first meeting in the period), state (held, held late, missed,
            due), days_late (once due: days after due_by). Each period begun, and the next one of each body.
        due_next: The rows of `calendar` still due, the first of each body, with days_left.
        missed: The rows that were missed, the latest first.
        uncounted: gov_id, body, rhythm_as_printed, reason: bodies whose rhythm cannot be counted.
        quality: what, rows_n, share_pct (of the meetings read).
    """

    calendar: pd.DataFrame
    due_next: pd.DataFrame
    missed: pd.DataFrame
    uncounted: pd.DataFrame
    quality: pd.DataFrame


def measure(tables: Mapping[str, pd.DataFrame], *, period: Period, parameters: Parameters) -> Calendar:
    """The reporting calendar at the data date.

    Args:
        tables: governance, of which boards and rhythms are asked for and dated events give the dates of the board whose
            name they begin with; meetings; and term_dates, as their contracts say.
        period: Reporting month and data date.
        parameters: The plan's clock start and the calendar's review_window_months are used.
    """
    governance, meetings, term_dates = (tables[name] for name in ("governance", "meetings", "term_dates"))
    day, plan = period.data_date, sorted(records(governance), key=lambda row: row["gov_id"])
    terms = sorted((term["first_on"], term["last_on"]) for term in records(term_dates))
    events = [row for row in plan if row["kind"] == "event" and row["date_iso"]]
    asked, rows = [_asked(row) for row in plan if row["kind"] in {"board", "rhythm"}], []
    for body in asked:
        printed = [_days_of(row["date_iso"])[0] for row in events if row["name_as_printed"].startswith(body["body"])]
        own = meetings[meetings["gov_id"].eq(body["gov_id"]) & (meetings["held_on"] <= pd.Timestamp(day))]
        held = sorted(own["held_on"].dt.date)
        windows = _windows(body, terms, [*printed, *held], day, parameters)
        rows += [body | _state(window, held, day, once=body["rhythm"] in ONCE) for window in windows]
    due = [row | {"days_left": (row["due_by"] - day).days} for row in rows if row["state"] == "due"]
    first = {row["gov_id"]: row for row in reversed(due)}.values()
    missed = [row for row in rows if row["state"] == "missed"]
    counted = {row["gov_id"] for row in rows}
    return Calendar(
        calendar=frame(rows, COLUMNS),
        due_next=frame(sorted(first, key=lambda row: (row["due_by"], row["gov_id"])), DUE_NEXT),
        missed=frame(sorted(missed, key=lambda row: row["due_by"], reverse=True), COLUMNS),
        uncounted=frame([row for row in asked if row["gov_id"] not in counted], UNCOUNTED),
        quality=_account(meetings, rows, term_dates, day),
    )


def _asked(row: Row) -> Row:
    """A board or a rhythm of the plan with the words and the name of its rhythm; empty where none is known."""
    words = row["rhythm_as_printed"] or row["date_as_printed"] or ""
    known = (name for pattern, name in RHYTHMS.items() if re.search(pattern, words.lower()))
    rhythm = "once" if row["date_iso"] and not row["rhythm_as_printed"] else next(known, "")
    reason = UNKNOWN.get(rhythm, "no rhythm that can be counted")
    named = {"gov_id": row["gov_id"], "body": row["name_as_printed"], "rhythm_as_printed": words, "rhythm": rhythm}
    return named | {"reason": reason, "date_iso": row["date_iso"]}


def _state(window: Window, held: Sequence[dt.date], day: dt.date, *, once: bool) -> Row:
    """Whether a meeting was held in a period; a review, or what is due once, may be held after it."""
    first, last = window
    end = day if once else min(last, day)
    met = next((date for date in held if first <= date <= end), None)
    late = (met - last).days if met and met > last else None
    state = "held late" if late else "held" if met else "missed" if last < day else "due"
    return {"due_from": first, "due_by": last, "held_on": met, "state": state, "days_late": late}


def _windows(
    body: Row, terms: Sequence[Window], dates: Sequence[dt.date], day: dt.date, parameters: Parameters
) -> list[Window]:
    """The periods asked of a body, in order: each that has begun, and the next one."""
    clock, rhythm, windows = parameters.plan.clock_start, body["rhythm"], []
    if rhythm == "review":
        windows = [(clock, add_months(clock, parameters.calendar.review_window_months))]
    elif rhythm == "once":
        windows = [_days_of(body["date_iso"])]
    elif rhythm == "each meeting":
        windows = [(date, date) for date in sorted(set(dates)) if date >= clock]
    elif rhythm == "half-termly":
        windows = [term for term in terms if term[0] >= clock]
    elif months := MONTHS.get(rhythm):
        starts = [start for start in months_between(clock, add_months(day, 2 * months)) if start >= clock]
        begins = [start for start in starts if (start.month - 4) % months == 0]
        windows = [(start, month_end(add_months(start, months - 1))) for start in begins]
    return [window for window in windows if window[0] <= day] + [window for window in windows if window[0] > day][:1]


def _days_of(text: str) -> Window:
    """First and last day of a printed date: a day, a month or two days with a stroke between."""
    first, _, last = text.partition("/")
    if len(first) == len("2021-11"):
        start = dt.date.fromisoformat(f"{first}-01")
        return start, month_end(start)
    return dt.date.fromisoformat(first), dt.date.fromisoformat(last or first)


def _account(meetings: pd.DataFrame, rows: Sequence[Row], term_dates: pd.DataFrame, day: dt.date) -> pd.DataFrame:
    known = meetings[meetings["held_on"] <= pd.Timestamp(day)]
    spans = [(row["gov_id"], row["due_from"], row["due_by"]) for row in rows]
    outside = [
        held
        for held in zip(known["gov_id"], known["held_on"].dt.date, strict=True)
        if not any(held[0] == body and first <= held[1] <= last for body, first, last in spans)
    ]
    found = {
        "meetings read": len(meetings),
        "held after the data date, left out": int((meetings["held_on"] > pd.Timestamp(day)).sum()),
        "in no period that is asked for": len(outside),
        "half terms in the table that end after the data date": int((term_dates["last_on"] > pd.Timestamp(day)).sum()),
    }
    table = account(found)
    return table.assign(share_pct=table["share_pct"].iloc[:3])
