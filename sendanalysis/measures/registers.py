"""Registers: what is to be done, with a dated log, drawn again as it stood on any day.

The plan's actions, its milestones, its risks and the actions of the peer review are one shape. Each has a key of its
own: the day an item is due, and the rules that rate it.
"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Any

import pandas as pd

from sendanalysis.methods.logs import YES_NO, Log, Row, days_between, records
from sendanalysis.methods.periods import month_end, months_between
from sendanalysis.methods.proportions import account, pct

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Mapping, Sequence

    from sendanalysis.methods.periods import Period

    Due = tuple[dt.date | None, dt.date | None]

KINDS = {"(_on|_from|_by|as_at|month)$": "datetime64[ns]", "_n$": "int64", "pct$": "float64", "days|_months$": "Int64"}


class Register:
    """A table of the plan, its log and its key."""

    def __init__(  # noqa: PLR0913  # what differs between registers
        self,
        table: pd.DataFrame,
        log: pd.DataFrame,
        name: str,
        *,
        due: Callable[[Row, Any], Due],
        rate: Callable[[Row, dt.date, Any], Row],
        words: Mapping[str, str] | None = None,
        done: Sequence[str] = (),
        revised: str = "",
    ) -> None:
        """Read table and log once.

        Args:
            table: Items, by id.
            log: Their entries; see `Log`, also for `done` and `revised`.
            name: Column of the id in both.
            due: From an item's row, the day it was due at first and the one in force.
            rate: From its row and a day, its status and what else the key gives.
            words: Words of status in the log, as the key says them; an owner's word is held against these alone.
            done: Words of status in the log that mean completed.
            revised: Column of the log with due dates agreed anew.
        """
        self._items, self._name = in_order(table, name), name
        self._entries, self._log = log, Log(log, name, done=done, revised=revised)
        self._due, self._rate, self._words = due, rate, words or {}

    def on(self, day: dt.date, choices: Any) -> list[Row]:
        """Every item as it stood on a day, in the order of ids.

        Returns:
            The columns of its table and what its log says (`Log.on`), with due_on (at first), due_now_on (in force),
            late (yes, no, blank while open), days_past_due (open ones), slippage_days (from due_on to completion, or so
            far), reported_status, what the key's `rate` gives, and differs (yes, no, blank where there is nothing to
            compare the status with).
        """
        return [self._row(item | self._log.on(item[self._name], day), day, choices) for item in self._items]

    def quality(self, day: dt.date) -> pd.DataFrame:
        """What became of the log's entries: what, rows_n, share_pct (of the entries read)."""
        log, known = self._entries, [item[self._name] for item in self._items]
        found = {
            "log entries read": len(log),
            "recorded after the data date, left out": int((~(log["recorded_on"] <= pd.Timestamp(day))).sum()),
            "of nothing in the plan, left out": int((~log[self._name].isin(known)).sum()),
            "completion dated after its entry": int((log["completed_on"] > log["recorded_on"]).sum()),
        }
        return account(found)

    def _row(self, row: Row, day: dt.date, choices: Any) -> Row:
        (first, due), done = self._due(row, choices), row["completed_on"]
        so_far, past_due = days_between(first, done or day), days_between(due, day)
        row |= {
            "due_on": first,
            "due_now_on": due,
            "late": YES_NO[done > due] if done and due else "",
            "days_past_due": None if done or past_due is None else max(past_due, 0),
            "slippage_days": so_far if done or so_far is None else max(so_far, 0),
            "reported_status": self._words.get(row["status"], row["status"]),
        }
        row |= self._rate(row, day, choices)
        status, reported = row["status"].removesuffix(" late"), row["reported_status"]
        compared = reported and status in self._words.values()
        return row | {"differs": YES_NO[status != reported] if compared else ""}


def in_order(table: pd.DataFrame, name: str) -> list[Row]:
    """Rows in the order of their ids: 2 comes before 10."""
    return sorted(records(table), key=lambda row: re.sub(r"\d+", lambda n: n.group().zfill(9), row[name]))


def frame(rows: Sequence[Row], columns: str) -> pd.DataFrame:
    """Rows as a table, with the same types when there is no row.

    Args:
        rows: Its rows.
        columns: Its columns, separated by spaces, or `name=key` where the rows have another name for it. The end of a
            name gives its type: `_on` a day, `_n` a count, `_pct` a per cent, `_days` days (maybe blank), else text.
    """
    names = {name: key or name for name, _, key in (part.partition("=") for part in columns.split())}
    table = pd.DataFrame([[row[key] for key in names.values()] for row in rows], columns=list(names))
    return table.astype({name: next((k for end, k in KINDS.items() if re.search(end, name)), "str") for name in names})


def counted(status: str, statuses: Sequence[str]) -> Row:
    """One under its status and nought under the others, to be summed by group.

    >>> counted("Done late", ["Done", "Done late"])
    {'done_n': 0, 'done_late_n': 1}
    """
    return {re.sub("[^a-z]+", "_", name.lower()) + "_n": int(name == status) for name in statuses}


def shares(rows: Sequence[Row], statuses: Sequence[str]) -> list[Row]:
    """Each status with actions_n, of_n and share_pct, with the zeros."""
    counts, of_n = Counter(row["status"] for row in rows), len(rows)
    return [{"status": s, "actions_n": counts[s], "of_n": of_n, "share_pct": pct(counts[s], of_n)} for s in statuses]


def progress(first: dt.date, period: Period, shares_on: Callable[[dt.date], list[Row]]) -> list[Row]:
    """The shares at each month's end, and at the data date in the reporting month: month, as_at and their columns."""
    months = months_between(min(first, period.month), period.month)
    points = [(month, period.data_date if month == period.month else month_end(month)) for month in months]
    return [{"month": month, "as_at": day, **row} for month, day in points for row in shares_on(day)]
