"""Extracts that look stale, cut or thinned beside the others: warnings, since a quiet month may be one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from sendanalysis.inputs.contracts import Fault

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sendanalysis.inputs.contracts import Contract

LATE_DAYS = 62
CUT_AT = {65_535, 65_536, 1_048_575, 1_048_576}  # rows that a sheet of Excel holds
MONTHS, LEAST_SHARE = 12, 0.5


def incomplete(tables: Mapping[str, pd.DataFrame], contracts: tuple[Contract, ...]) -> list[Fault]:
    """Warnings of what may be missing.

    Stale: the last record lies more than 62 days before the newest of the other extracts, and more than twice as far as
    the table's records of its last year ever lay apart. Cut: as many rows as a sheet of Excel holds, or a round
    thousand. Thinned: fewer than half the usual rows in the newest whole month, by more than chance, where the usual is
    the median of the twelve months before.
    """
    dated = {
        contract.name: days
        for contract in contracts
        if contract.folder == "extracts"
        for days in [_days(tables[contract.name], contract)]
        if len(days)
    }
    if not dated:
        return []
    newest = max(days.iloc[-1] for days in dated.values())
    return [
        Fault(f"{name}.csv", None, "", None, problem, remedy, warns=True)
        for name, days in dated.items()
        for problem, remedy in (*_stale(days, newest), *_cut(len(tables[name])), *_thinned(days, newest))
    ]


def _days(rows: pd.DataFrame, contract: Contract) -> pd.Series[pd.Timestamp]:
    """The day on which each row began, in order: that of the first date column."""
    first = next((column.name for column in contract.columns if column.kind == "date"), None)
    return rows[first].dropna().sort_values() if first else pd.Series(dtype="datetime64[ns]")


def _stale(days: pd.Series[pd.Timestamp], newest: pd.Timestamp) -> Iterator[tuple[str, str]]:
    last = days.iloc[-1]
    late = (newest - last).days
    usual = days[days > last - pd.Timedelta(days=366)].diff().max()
    if late > LATE_DAYS and pd.notna(usual) and late > 2 * usual.days:
        problem = f"its last record is of {last:%Y-%m-%d}, {late} days before the newest of the other extracts"
        yield problem, "Export it again, if it is an old one."


def _cut(rows: int) -> Iterator[tuple[str, str]]:
    if rows in CUT_AT or (rows >= 1_000 and rows % 1_000 == 0):
        yield f"it holds {rows:,} rows, as a file does that was cut", "See whether the export has a limit of rows."


def _thinned(days: pd.Series[pd.Timestamp], newest: pd.Timestamp) -> Iterator[tuple[str, str]]:
    months = pd.period_range(end=newest.to_period("M") - 1, periods=MONTHS + 1, freq="M")
    counts = days.dt.to_period("M").value_counts().reindex(months, fill_value=0)
    usual, last = float(counts.iloc[:-1].median()), int(counts.iloc[-1])
    if last < LEAST_SHARE * usual and last < usual - 4 * usual**0.5:
        problem = f"it has {last:,} rows of {months[-1]}, where {usual:,.0f} a month are usual"
        yield problem, "Export it again, if rows are missing."
