"""Extracts that look old, cut or thinned beside others or last month's: warnings, since a quiet month may be one."""

from __future__ import annotations

import math
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

import pandas as pd

from sendanalysis.inputs.contracts import Fault

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Iterator, Mapping

    from sendanalysis.inputs.contracts import Contract

LATE_DAYS = 62
CUT_AT = {65_535, 65_536, 1_048_575, 1_048_576}  # rows that a sheet of Excel holds
MONTHS, LEAST_SHARE = 12, 0.5
NUMBERED, LOOKED_AT = 20, 1_000  # ids that must share a step to tell of it, and rows that are looked at
KEPT_SHARE, LOST = 0.9, 5  # rows of last month that must still be there, and how many may go
KNOWN_SHARE = 0.98  # of rows up to last month's data date, quarter by quarter, which hardly change afterwards


def incomplete(tables: Mapping[str, pd.DataFrame], contracts: tuple[Contract, ...]) -> list[Fault]:
    """Warnings of what may be missing.

    Stale: the last record lies more than 62 days before the newest of the other extracts, and more than twice as far as
    the table's records of its last year ever lay apart. Cut: as many rows as a sheet of Excel holds, or a round
    thousand. Thinned: fewer than half the usual rows in the newest whole month, by more than chance, where the usual is
    the median of the twelve months before; or ids whose numbers are all a step of 2 or more apart, as when every second
    row is lost.
    """
    keys = {contract.name: contract.key for contract in contracts}
    dated = {
        contract.name: days
        for contract in contracts
        if contract.folder == "extracts"
        for days in [_days(tables[contract.name])]
        if len(days)
    }
    if not dated:
        return []
    newest = max(days.index[-1] for days in dated.values())
    return [
        Fault(f"{name}.csv", None, "", None, problem, remedy, warns=True)
        for name, days in dated.items()
        for problem, remedy in (
            *_stale(days, newest),
            *_cut(len(tables[name])),
            *_thinned(days, newest),
            *_stepped(tables[name].head(LOOKED_AT), keys[name]),
        )
    ]


def without_rows(tables: Mapping[str, pd.DataFrame], needed: Iterable[Contract]) -> list[Fault]:
    """Warnings of extracts that a measure needs and that hold a heading alone, where others have rows."""
    wanted = [contract.name for contract in needed if contract.folder == "extracts"]
    empty = [name for name in wanted if tables[name].empty]
    problem, remedy = "it holds no row, and the plan has KPIs that are counted from it", "Export it again."
    return [
        Fault(f"{name}.csv", None, "", None, problem, remedy, warns=True) for name in empty if len(empty) < len(wanted)
    ]


def unended(now: Mapping[str, Any], then: Mapping[str, Any]) -> list[Fault]:
    """Warnings of text files without a line end after their last row, in which a text or number may be cut unseen.

    Many systems never write that line end. So it is missed where the table's file of the last publication had it, and
    where there was none, when that of another table has it now.

    Args:
        now: Each file with rows, hash and what `Source.unended` says, as the manifest has them.
        then: Likewise, of the last publication; empty where there is none.
    """
    ends = {file: bool(entry["unended"]) for file, entry in now.items() if "unended" in entry}
    found = []
    for file in (file for file, is_open in ends.items() if is_open):
        own = _tables_of(file, now[file]).keys()
        before = [e["unended"] for other, e in then.items() if "unended" in e and own & _tables_of(other, e).keys()]
        others = [is_open for other, is_open in ends.items() if other != file]
        if not all(before or others):
            where = "that of last month's briefings had one" if before else "other extracts have one"
            problem = f"no line end stands after this last row, and {where}, so its last value may be cut"
            remedy = "See whether the record is whole, or export it again."
            found.append(Fault(file, now[file]["unended"], "", None, problem, remedy, warns=True, table=min(own)))
    return found


def known_rows(
    tables: Mapping[str, pd.DataFrame], contracts: Iterable[Contract], upto: dt.date | str
) -> dict[str, dict[str, int]]:
    """How many rows of each extract began in each quarter, such as 2021Q4, up to a day: for the partnership alone.

    A table without a date, or without a row by that day, is not there.
    """
    names = [contract.name for contract in contracts if contract.folder == "extracts"]
    return {name: counts for name in names for counts in [_by_quarter(tables[name], upto)] if counts}


def lost_rows(now: Mapping[str, Any], then: Mapping[str, Any], tables: Mapping[str, pd.DataFrame]) -> list[Fault]:
    """Warnings of extracts that have lost rows which an earlier publication knew, as where some are left out at random.

    Rows that began by its data date are counted again, quarter by quarter, so that later ones hide no loss; the quarter
    in which the table now begins and those before are left out, since an export may cover its last years alone. Lost is
    what a quarter has fewer, if together it is more than 2 in 100, and more than five rows or half of them.

    Args:
        now: Each file with rows and hash, as the manifest has them.
        then: The manifest of that publication.
        tables: Typed rows by table.
    """
    files, day, found = _by_table(now), then["data_date"], []
    for name, known in then.get("known_rows", {}).items():
        held = _by_quarter(tables[name], day) if name in files else {}
        past = {quarter: count for quarter, count in known.items() if held and quarter > min(held)}
        lost, known_n = sum(max(n - held.get(quarter, 0), 0) for quarter, n in past.items()), sum(past.values())
        if lost > min(LOST, known_n // 2) and lost > (1 - KNOWN_SHARE) * known_n:
            first = pd.Period(min(past)).start_time
            problem = (
                f"{lost:,} of the {known_n:,} rows from {first:%Y-%m-%d} to {day} that it had for the briefings of "
                f"{then['month']} are no longer there"
            )
            remedy = "See whether the export leaves records out, and export it again if so."
            found.append(Fault(files[name][0], None, "", None, problem, remedy, warns=True, table=name))
    return found


def unlike_last_month(
    now: Mapping[str, Any], then: Mapping[str, Any], tables: Mapping[str, pd.DataFrame]
) -> list[Fault]:
    """Warnings of extracts that look old, cut or thinned beside those of the last publication; see also `lost_rows`.

    Old: none of the table's files is new, and its last record lies in an earlier month than the newest of all, and
    further before it than its records of a year ever lay apart; so a table of few or no days may stay as it was.
    Cut: more than a tenth of the rows are gone, and more than five.

    Args:
        now: Each file with rows and hash, as the manifest has them.
        then: The manifest of that publication.
        tables: Typed rows by table.
    """
    held, before, month = _by_table(now), _by_table(then["extracts"]), then["month"]
    lost = lost_rows(now, then, tables)
    told = {fault.table for fault in lost}
    dated = {name: days for name in held for days in [_days(tables[name])] if len(days)}
    newest = max((days.index[-1] for days in dated.values()), default=pd.Timestamp.min)
    found = []
    for name in sorted(held.keys() & before.keys()):
        (file, rows, hashes), (_, past, known), days = held[name], before[name], dated.get(name)
        if days is not None and hashes <= known:
            last, (late, usual) = days.index[-1], _lateness(days, newest)
            if late > usual and last.to_period("M") < newest.to_period("M"):
                problem = f"it is the file of {month} again, with {rows:,} rows to {last:%Y-%m-%d}, {late} days before"
                found.append((name, file, f"{problem} the newest of all extracts", "Export it again."))
        if rows < KEPT_SHARE * past and past - rows > LOST and name not in told:
            problem = f"it has {rows:,} rows, where that of {month} had {past:,}"
            found.append((name, file, problem, "Export it again, if rows are missing."))
    return lost + [
        Fault(file, None, "", None, problem, remedy, warns=True, table=name) for name, file, problem, remedy in found
    ]


def _by_table(files: Mapping[str, Any]) -> dict[str, tuple[str, int, set[str]]]:
    """Of each table that is exported: its file or one of them, its rows, and the hashes of its files."""
    found: dict[str, tuple[str, int, set[str]]] = {}
    for file, entry in files.items():
        for table, part in _tables_of(file, entry).items():
            _, rows, hashes = found.get(table, ("", 0, set()))
            found[table] = file, rows + part["rows"], hashes | {entry["sha256"]}
    return found


def _tables_of(file: str, entry: Mapping[str, Any]) -> Mapping[str, Any]:
    """The tables that an extract is read into, each with its rows."""
    path, _, sheet = file.partition("#")
    own = {sheet or PurePosixPath(path).stem: entry} if path.startswith("extracts/") else {}
    read: Mapping[str, Any] = entry.get("read_into", own)
    return read


def _days(rows: pd.DataFrame) -> pd.Series[int]:
    """How many rows began on each day, in order: that of the first date column."""
    days = rows.select_dtypes("datetime")
    return days.iloc[:, 0].value_counts().sort_index() if len(days.columns) else pd.Series(dtype="int64")


def _by_quarter(rows: pd.DataFrame, upto: dt.date | str) -> dict[str, int]:
    days = _days(rows)
    days = days[days.index <= pd.Timestamp(upto)] if len(days) else days
    quarters = days.groupby(days.index.map(lambda day: f"{day.year}Q{day.quarter}")).sum()
    return {str(quarter): int(count) for quarter, count in quarters.items()}


def _lateness(days: pd.Series[int], newest: pd.Timestamp) -> tuple[int, float]:
    """Days from the last record to the newest of all, and the most between two of its last year; NaN where none are."""
    last, held = days.index[-1], days.index.to_series()
    within = held[held > last - pd.Timedelta(days=366)]
    all_on_one = len(within) == 1 and days.iloc[-1] > 1
    return (newest - last).days, 0.0 if all_on_one else within.diff().max() / pd.Timedelta(days=1)


def _stale(days: pd.Series[int], newest: pd.Timestamp) -> Iterator[tuple[str, str]]:
    late, usual = _lateness(days, newest)
    if late > LATE_DAYS and late > 2 * usual:
        last = f"its last record is of {days.index[-1]:%Y-%m-%d}"
        yield f"{last}, {late} days before the newest of the other extracts", "Export it again, if it is an old one."


def _cut(rows: int) -> Iterator[tuple[str, str]]:
    if rows in CUT_AT or (rows >= 1_000 and rows % 1_000 == 0):
        yield f"it holds {rows:,} rows, as a file does that was cut", "See whether the export has a limit of rows."


def _thinned(days: pd.Series[int], newest: pd.Timestamp) -> Iterator[tuple[str, str]]:
    months = pd.period_range(end=newest.to_period("M") - 1, periods=MONTHS + 1, freq="M")
    counts = days.groupby(pd.DatetimeIndex(days.index).to_period("M")).sum().reindex(months, fill_value=0)
    usual, last = float(counts.iloc[:-1].median()), int(counts.iloc[-1])
    if last < LEAST_SHARE * usual and last < usual - 4 * usual**0.5:
        problem = f"it has {last:,} rows of {months[-1]}, where {usual:,.0f} a month are usual"
        yield problem, "Export it again, if rows are missing."


def _stepped(rows: pd.DataFrame, key: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    for name in (name for name in key if name in rows.columns and name.endswith("_id")):
        parts = pd.Series(rows[name].unique()).astype("str").str.extract(r"^(.*?)([0-9]{1,15})$")
        if len(parts) < NUMBERED or parts.isna().any(axis=None) or set(parts[0]) != {parts.iloc[0, 0]}:
            continue
        step = math.gcd(*parts[1].astype("int64").diff().iloc[1:].astype("int64"))
        if step > 1:
            problem = f"the numbers of {name} are all a multiple of {step} apart, as when not every row was exported"
            yield problem, "See whether rows are missing."
