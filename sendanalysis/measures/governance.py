"""Governance: the reporting calendar that the printed rhythms give, what was held or missed, and what is due next.

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
from typing import TYPE_CHECKING, Any

import pandas as pd

from sendanalysis.methods.periods import add_months, month_end
from sendanalysis.methods.proportions import account

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sendanalysis.inputs.choices import Choices
    from sendanalysis.methods.periods import Period

Window = tuple[dt.date, dt.date]
RHYTHMS = {  # words → the rhythm's name; the first that fits is taken
    r"half[ -]?term": "half-termly",
    r"twice a year|six-monthly": "twice a year",
    r"quarter": "quarterly",
    r"monthly": "monthly",
    r"\beach\b": "each meeting",
    r"at \d+ months": "review",
}
MONTHS = {"twice a year": 6, "quarterly": 3, "monthly": 1}
ONCE = ("review", "once")
COLUMNS = ["gov_id", "body", "rhythm_as_printed", "rhythm", "due_from", "due_by", "held_on", "state", "days_late"]


@dataclass(frozen=True)
class Governance:
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


def measure(
    governance: pd.DataFrame, meetings: pd.DataFrame, term_dates: pd.DataFrame, *, period: Period, choices: Choices
) -> Governance:
    """The reporting calendar at the data date.

    Args:
        governance: gov_id, kind, name_as_printed, rhythm_as_printed, date_as_printed, date_iso; boards and rhythms are
            asked for, and dated events give the dates of the board whose name they begin with.
        meetings: gov_id, held_on.
        term_dates: first_on, last_on of each half term.
        period: Reporting month and data date.
        choices: clock_start and review_window_months are used.

    Returns:
        The calendar.
    """
    day = period.data_date
    calendar = _calendar(governance, meetings, term_dates, day, choices)
    due = calendar[calendar["state"].eq("due")].drop_duplicates("gov_id").drop(columns=["held_on", "days_late"])
    due = due.assign(days_left=(due["due_by"] - pd.Timestamp(day)).dt.days).sort_values(["due_by", "gov_id"])
    missed = calendar[calendar["state"].eq("missed")].sort_values(["due_by", "gov_id"], ascending=[False, True])
    return Governance(
        calendar=calendar,
        due_next=due.reset_index(drop=True),
        missed=missed.reset_index(drop=True),
        uncounted=_uncounted(_asked(governance), set(calendar["gov_id"])),
        quality=_account(meetings, calendar, term_dates, day),
    )


def _calendar(
    governance: pd.DataFrame, meetings: pd.DataFrame, term_dates: pd.DataFrame, day: dt.date, choices: Choices
) -> pd.DataFrame:
    table: list[tuple[Any, ...]] = []
    terms = sorted(zip(term_dates["first_on"].dt.date, term_dates["last_on"].dt.date, strict=True))
    events = governance[governance["kind"].eq("event")]
    for row in _asked(governance).to_dict("records"):
        own = meetings.loc[meetings["gov_id"].eq(row["gov_id"]), "held_on"].dropna().dt.date
        held = sorted(date for date in own if date <= day)
        named = events.loc[events["name_as_printed"].str.startswith(row["name_as_printed"]), "date_iso"]
        windows = _windows(row, terms, [*(_days_of(text)[0] for text in named.dropna()), *held], day, choices)
        begun = [window for window in windows if window[0] <= day]
        ahead = [window for window in windows if window[0] > day][:1]
        for first, last in begun + ahead:
            end = day if row["rhythm"] in ONCE else min(last, day)
            met = next((date for date in held if first <= date <= end), None)
            late = (met - last).days if met and met > last else None
            state = "held late" if late else "held" if met else "missed" if last < day else "due"
            named_as = (row["gov_id"], row["name_as_printed"], row["words"], row["rhythm"])
            table.append((*named_as, first, last, met, state, late))
    rows = pd.DataFrame(table, columns=COLUMNS).astype({"days_late": "Int64"})
    for name in ("due_from", "due_by", "held_on"):
        rows[name] = pd.to_datetime(rows[name]).astype("datetime64[ns]")
    return rows.sort_values(["gov_id", "due_from"]).reset_index(drop=True)


def _asked(governance: pd.DataFrame) -> pd.DataFrame:
    """Boards and rhythms with the words and the name of their rhythm; empty where none is known."""
    rows = governance[governance["kind"].isin(["board", "rhythm"])]
    words = rows["rhythm_as_printed"].fillna(rows["date_as_printed"]).fillna("")
    names = [
        next((name for pattern, name in RHYTHMS.items() if re.search(pattern, text.lower())), "") for text in words
    ]
    once = rows["rhythm_as_printed"].isna() & rows["date_iso"].notna()
    return rows.assign(words=words, rhythm=pd.Series(names, rows.index, dtype="str").mask(once, "once"))


def _windows(
    row: dict[Any, Any], terms: Sequence[Window], dates: Sequence[dt.date], day: dt.date, choices: Choices
) -> list[Window]:
    clock, rhythm = choices.clock_start, row["rhythm"]
    if rhythm == "review":
        return [(clock, add_months(clock, choices.review_window_months))]
    if rhythm == "once":
        return [_days_of(row["date_iso"])]
    if rhythm == "each meeting":
        return [(date, date) for date in sorted(set(dates)) if date >= clock]
    if rhythm == "half-termly":
        return [term for term in terms if term[0] >= clock]
    months = MONTHS.get(rhythm)
    if months is None:
        return []
    starts = [month.date() for month in pd.date_range(clock, add_months(day, 2 * months), freq="MS")]
    begins = [start for start in starts if (start.month - 4) % months == 0]
    return [(start, month_end(add_months(start, months - 1))) for start in begins]


def _days_of(text: str) -> Window:
    """First and last day of a printed date: a day, a month or two days with a stroke between."""
    first, _, last = text.partition("/")
    if len(first) == len("2021-11"):
        start = dt.date.fromisoformat(f"{first}-01")
        return start, month_end(start)
    return dt.date.fromisoformat(first), dt.date.fromisoformat(last or first)


def _uncounted(asked: pd.DataFrame, counted: set[str]) -> pd.DataFrame:
    rows = asked[~asked["gov_id"].isin(counted)].sort_values("gov_id")
    known = {"each meeting": "the dates of its meetings are not known", "half-termly": "the term dates are not known"}
    reason = rows["rhythm"].map(known).fillna("no rhythm that can be counted")
    columns = {"gov_id": rows["gov_id"], "body": rows["name_as_printed"], "rhythm_as_printed": rows["words"]}
    return pd.DataFrame({**columns, "reason": reason}).reset_index(drop=True)


def _account(meetings: pd.DataFrame, calendar: pd.DataFrame, term_dates: pd.DataFrame, day: dt.date) -> pd.DataFrame:
    held = meetings[meetings["held_on"] <= pd.Timestamp(day)]
    inside = held.reset_index().merge(calendar, on="gov_id")
    inside = inside[inside["held_on_x"].between(inside["due_from"], inside["due_by"])]
    found = {
        "meetings read": len(meetings),
        "held after the data date, left out": int((meetings["held_on"] > pd.Timestamp(day)).sum()),
        "in no period that is asked for": len(held) - inside["index"].nunique(),
        "half terms in the table that end after the data date": int((term_dates["last_on"] > pd.Timestamp(day)).sum()),
    }
    rows = account(found)
    return rows.assign(share_pct=rows["share_pct"].iloc[:3])
