"""Append-only logs: what was known on a day, drawn again from entries that are added and never changed.

An entry counts from its `recorded_on`. Of two entries of one day neither is the later: of two values the one that sorts
last is taken, and an entry that re-opens outweighs one that completes. So the order of rows never matters.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import pandas as pd

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Callable, Collection, Mapping, Sequence

NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
NOT_COUNTED = "not counted"


def days_between(start: Any, end: Any) -> pd.Series[Any]:
    """Whole days from one date to another, missing where either is."""
    days: pd.Series[Any] = (end - start).dt.days
    return days.astype("Int64")


def recorded_by(log: pd.DataFrame, day: dt.date) -> pd.DataFrame:
    """Entries recorded on or before a day."""
    return log[log["recorded_on"] <= pd.Timestamp(day)]


def last_known(log: pd.DataFrame, key: str, column: str) -> pd.Series[Any]:
    """The last value of a column that is not blank, by key.

    >>> log = pd.DataFrame({"id": ["A", "A"], "recorded_on": ["2022-01-31", "2022-01-02"], "due": [None, "2022-03-01"]})
    >>> last_known(log, "id", "due").to_dict()
    {'A': '2022-03-01'}
    """
    return log.dropna(subset=[column]).sort_values(["recorded_on", column]).groupby(key)[column].last()


def completions(log: pd.DataFrame, key: str, done: Collection[str] = ()) -> pd.DataFrame:
    """When each was completed, as the entries tell it.

    An entry with `completed_on` completes on that day; one whose status is a word of `done` completes on the day it was
    recorded, unless it was completed already. A later entry with any other status re-opens. One without a status
    changes nothing.

    Args:
        log: The key, recorded_on, status, completed_on.
        key: Column that names what was completed.
        done: Words of status that mean completed.

    Returns:
        By key: completed_on (NaT while open), reopened (True once it was taken back).
    """
    undated, finished = log["completed_on"].isna(), log["status"].isin(list(done))
    entries = log.assign(opens=undated & log["status"].notna() & ~finished)
    entries = entries[~undated | finished | entries["opens"]].sort_values(["recorded_on", "opens", "completed_on"])
    state: dict[Any, pd.Timestamp] = {}
    names = list(dict.fromkeys(entries[key]))
    reopened = dict.fromkeys(names, False)
    columns = (entries[name] for name in (key, "recorded_on", "completed_on", "opens"))
    for name, recorded, completed, opens in zip(*columns, strict=True):
        if opens:
            reopened[name] |= state.pop(name, None) is not None
        elif pd.notna(completed):
            state[name] = completed
        else:
            state.setdefault(name, recorded)
    days = pd.to_datetime(pd.Series([state.get(name) for name in names], index=names, dtype="object"))
    flags = pd.Series(reopened, index=names, dtype="bool")
    return pd.DataFrame({"completed_on": days.astype("datetime64[ns]"), "reopened": flags})


def state_of(
    log: pd.DataFrame, ids: pd.Index[Any], day: dt.date, *, done: Collection[str] = (), revised: str = ""
) -> pd.DataFrame:
    """What the log says of each id on a day: completed, re-opened, and the last known value of every other column.

    Args:
        log: A column named as `ids` is, recorded_on, status, completed_on and others; later entries are left out.
        ids: What is followed, with the name of its column.
        day: Last day that counts; a completion dated after it is none yet.
        done: Words of status that mean completed.
        revised: Column of due dates agreed anew; one recorded after completion cannot make it on time and is left out.

    Returns:
        By id: completed_on, reopened (yes, no), reported_on (of the last status), moves_n (different revised dates),
        and the log's other columns.
    """
    key, known = str(ids.name), recorded_by(log, day)
    finished = completions(known, key, done).reindex(ids)
    completed = finished["completed_on"].where(finished["completed_on"] <= pd.Timestamp(day))
    agreed = known[~(known["recorded_on"].to_numpy() > completed.reindex(known[key]).to_numpy())]
    others = [name for name in log.columns if name not in {key, "recorded_on", "completed_on"}]
    latest = {name: last_known(agreed if name == revised else known, key, name).reindex(ids) for name in others}
    reported = known[known["status"].notna()].groupby(key)["recorded_on"].max().reindex(ids)
    moves = agreed.groupby(key)[revised or key].nunique().reindex(ids, fill_value=0)
    reopened = finished["reopened"].eq(other=True).map({True: "yes", False: "no"})
    own = {"completed_on": completed, "reopened": reopened, "reported_on": reported, "moves_n": moves}
    return pd.DataFrame(own | latest)


def account(log: pd.DataFrame, key: str, ids: Collection[str], day: dt.date) -> pd.DataFrame:
    """What became of a log's entries: what, rows_n, share_pct (of the entries read)."""
    found = {
        "log entries read": len(log),
        "recorded after the data date, left out": len(log) - len(recorded_by(log, day)),
        "of nothing in the plan, left out": int((~log[key].isin(list(ids))).sum()),
        "completion dated after its entry": int((log["completed_on"] > log["recorded_on"]).sum()),
    }
    table = pd.DataFrame({"what": list(found), "rows_n": list(found.values())})
    return table.assign(share_pct=100 * table["rows_n"] / len(log) if len(log) else math.nan)


def month_points(first: dt.date, month: dt.date, data_date: dt.date) -> list[tuple[pd.Timestamp, dt.date]]:
    """Each month with the day its picture is drawn at: its last day, and for the last month the data date.

    >>> import datetime as dt
    >>> [f"{as_at}" for _, as_at in month_points(dt.date(2022, 1, 9), dt.date(2022, 2, 1), dt.date(2022, 2, 15))]
    ['2022-01-31', '2022-02-15']
    """
    months = pd.date_range(first.replace(day=1), month, freq="MS").as_unit("ns")[:-1]
    ends = [(start, (start + pd.offsets.MonthEnd()).date()) for start in months]
    return [*ends, (pd.Timestamp(month).as_unit("ns"), data_date)]


def effects(
    readings: Mapping[str, Sequence[Any]], in_force: Mapping[str, Any], state: Callable[[str, Any], pd.Series[str]]
) -> pd.DataFrame:
    """What each other reading of a text would change.

    Args:
        readings: Every reading of each choice, by the choice's name; none where only the one in force is known.
        in_force: The reading in force, by name.
        state: The statuses, by id, under a choice and a reading; the name of its index says what is counted.

    Returns:
        choice, in_force, other, effect (a sentence), changed_n. A choice with no other reading has one row.
    """
    rows: list[tuple[str, str, str, str, int]] = []
    for name, values in readings.items():
        now, others = in_force[name], [value for value in values if value != in_force[name]]
        before = state(name, now)
        if not others:
            rows.append((name, str(now), "", "no other reading is known", 0))
        for other in others:
            words, changed_n = _changes(before, state(name, other))
            rows.append((name, str(now), str(other), f"under {name}={other} {words}", changed_n))
    return pd.DataFrame(rows, columns=["choice", "in_force", "other", "effect", "changed_n"])


def _changes(before: pd.Series[str], after: pd.Series[str]) -> tuple[str, int]:
    ids = before.index.union(after.index)
    old, new = before.reindex(ids, fill_value=NOT_COUNTED), after.reindex(ids, fill_value=NOT_COUNTED)
    turned, noun = new[old != new].value_counts(), str(before.index.name)
    if turned.empty:
        return f"no {noun} would change", 0
    found = sorted(turned.items(), key=lambda item: (-item[1], str(item[0])))
    (status, n), more = found[0], [f"{_number(count)} {word}" for word, count in found[1:]]
    words = [f"{_number(n)} {noun}{'' if n == 1 else 's'} would turn {status}", *more]
    return " and ".join(filter(None, (", ".join(words[:-1]), words[-1]))), int(turned.sum())


def _number(count: int) -> str:
    return NUMBERS[count] if count < len(NUMBERS) else str(count)
