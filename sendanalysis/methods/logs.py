"""Append-only logs: what was known on a day, drawn again from entries that are added and never changed.

An entry counts from its `recorded_on`. Of two entries of one day neither is the later: of two values the one that sorts
last is taken, and an entry that re-opens outweighs one that completes. So the order of rows never matters.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar

import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping, Sequence

    from _typeshed import DataclassInstance

    Choices = TypeVar("Choices", bound=DataclassInstance)

Row = dict[str, Any]
YES_NO = {True: "yes", False: "no"}
NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
NOT_COUNTED = "not counted"


def records(table: pd.DataFrame) -> list[Row]:
    """Rows as plain dicts, quick to go through one by one: days as dates, blanks as None.

    >>> records(pd.DataFrame({"id": ["A"], "due_on": pd.to_datetime(["2022-03-01"]), "note": [None]}))
    [{'id': 'A', 'due_on': datetime.date(2022, 3, 1), 'note': None}]
    """
    days = {str(name): table[name].dt.date for name in table.select_dtypes("datetime")}
    plain = table.assign(**days).astype("object")
    return [
        {str(name): value for name, value in row.items()} for row in plain.where(table.notna(), None).to_dict("records")
    ]


def days_between(start: dt.date | None, end: dt.date | None) -> int | None:
    """Whole days from one date to another, None where either is missing."""
    return (end - start).days if start and end else None


class Log:
    """The dated log of things that can be completed, read once to be asked for any day."""

    def __init__(self, entries: pd.DataFrame, key: str, *, done: Collection[str] = (), revised: str = "") -> None:
        """Take the entries in.

        Args:
            entries: The key, recorded_on, status, completed_on and others.
            key: Column that names what an entry is of.
            done: Words of status that mean completed.
            revised: Column of due dates agreed anew; one recorded after completion cannot make it on time and is left
                out.
        """
        self._done, self._revised = done, revised
        self._columns = [str(name) for name in entries if name not in {key, "recorded_on", "completed_on"}]
        self._entries: dict[str, list[Row]] = defaultdict(list)
        for entry in records(entries.dropna(subset=["recorded_on"])):
            self._entries[entry[key]].append(entry)

    def on(self, name: str, day: dt.date) -> Row:
        """What the log says of one thing on a day, from entries recorded by then.

        Returns:
            completed_on (None while open; a completion dated after the day is none yet), reopened (yes, no), moves_n
            (different revised dates), and the last known value of every other column of the log.
        """
        known = [entry for entry in self._entries.get(name, ()) if entry["recorded_on"] <= day]
        completed, reopened = completion(known, self._done)
        if completed and completed > day:
            completed = None
        agreed = [entry for entry in known if not (completed and entry["recorded_on"] > completed)]
        latest = {column: _last(agreed if column == self._revised else known, column) for column in self._columns}
        moved = {entry[self._revised] for entry in agreed} - {None} if self._revised else set()
        return {"completed_on": completed, "reopened": YES_NO[reopened], "moves_n": len(moved), **latest}


def completion(entries: Sequence[Row], done: Collection[str] = ()) -> tuple[dt.date | None, bool]:
    """When a thing was completed, as its entries tell it, and whether that was ever taken back.

    An entry with `completed_on` completes on that day; one whose status is a word of `done` completes on the day it was
    recorded, unless it was completed already. A later entry with any other status re-opens. One without a status
    changes nothing.

    Args:
        entries: recorded_on, status, completed_on.
        done: Words of status that mean completed.

    Returns:
        The day, None while open; and True once it was taken back.
    """

    def opens(entry: Row) -> bool:
        return entry["completed_on"] is None and entry["status"] is not None and entry["status"] not in done

    completed, reopened = None, False
    for entry in sorted(entries, key=lambda e: (e["recorded_on"], opens(e), e["completed_on"] or dt.date.max)):
        if opens(entry):
            completed, reopened = None, reopened or completed is not None
        elif entry["completed_on"]:
            completed = entry["completed_on"]
        elif entry["status"] in done:
            completed = completed or entry["recorded_on"]
    return completed, reopened


def _last(entries: Sequence[Row], column: str) -> Any:
    known = [(entry["recorded_on"], entry[column]) for entry in entries if entry[column] is not None]
    return max(known)[1] if known else None


def effects(
    readings: Mapping[str, Sequence[Any]], choices: Choices, statuses: Callable[[Choices], Mapping[str, str]], noun: str
) -> pd.DataFrame:
    """What each other reading of a text would change.

    Args:
        readings: Every reading of each choice, by the choice's name; none where only the one in force is known.
        choices: The readings in force, as a dataclass with an attribute for each choice.
        statuses: The statuses, by id, under choices.
        noun: What has a status, such as action.

    Returns:
        choice, in_force, other, effect (a sentence), changed_n. A choice with no other reading has one row.
    """
    rows, before = [], statuses(choices)
    for name, values in readings.items():
        now = getattr(choices, name)
        others = [value for value in values if value != now]
        if not others:
            rows.append((name, str(now), "", "no other reading is known", 0))
        for other in others:
            words, changed_n = _changes(before, statuses(replace(choices, **{name: other})), noun)
            rows.append((name, str(now), str(other), f"under {name}={other} {words}", changed_n))
    return pd.DataFrame(rows, columns=["choice", "in_force", "other", "effect", "changed_n"])


def _changes(before: Mapping[str, str], after: Mapping[str, str], noun: str) -> tuple[str, int]:
    old, new = ({name: side.get(name, NOT_COUNTED) for name in {*before, *after}} for side in (before, after))
    turned = Counter(status for name, status in new.items() if status != old[name])
    if not turned:
        return f"no {noun} would change", 0
    (status, n), *rest = sorted(turned.items(), key=lambda item: (-item[1], item[0]))
    words = [f"{_number(n)} {noun}{'' if n == 1 else 's'} would turn {status}"]
    words += [f"{_number(count)} {word}" for word, count in rest]
    return " and ".join(filter(None, (", ".join(words[:-1]), words[-1]))), turned.total()


def _number(count: int) -> str:
    return NUMBERS[count] if count < len(NUMBERS) else str(count)
