"""What readers have from earlier publications, and what a count of today tells them together with it.

A count that was shown before as it would be now can no longer be hidden. One that was shown otherwise has been
restated: the difference is a count of its own. Windows that were published and are in today's figures no longer are
counted again, so that what is left between them and today's, such as a year to date less that of last month, is
protected like any other count.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd
from scipy import sparse

from sendanalysis.inputs.area import PACKED
from sendanalysis.inputs.opening import frame_of
from sendanalysis.measures.cells import SHOWN, Cell, Cells, windows_of
from sendanalysis.measures.figures import count
from sendanalysis.methods.disclosure import Rule

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    import numpy.typing as npt

    from sendanalysis.measures.figures import Measure, Tables
    from sendanalysis.methods.periods import Period

    Numbers = npt.NDArray[np.float64]

KEY = ["group", "window", "first_on", "last_on"]
RESTATED = "restated"


@dataclass(frozen=True)
class Earlier:
    """An earlier publication: its figures as shown, and the rule of each measure's counts."""

    figures: Mapping[str, pd.DataFrame]
    rules: Mapping[str, Rule]


class Shown(NamedTuple):
    """A count that was shown before: its place among today's, the least and the most that it can have been."""

    place: int
    low: float
    high: float


class Before(NamedTuple):
    """Counts that readers have: over the atoms of today's, with the least and the most that each can be."""

    table: sparse.csr_array
    low: Numbers
    high: Numbers


def read_earlier(folders: Sequence[Path]) -> tuple[Earlier, ...]:
    """Earlier publications, from the folders of their releases."""
    held = [json.loads((folder / PACKED).read_text(encoding="utf-8")) for folder in folders]
    return tuple(
        Earlier(
            {name: frame_of(table) for name, table in each["figures"].items()},
            {name: Rule(**rule) for name, rule in each["rules"].items()},
        )
        for each in held
    )


def told_of(earlier: Sequence[Earlier], name: str) -> pd.DataFrame:
    """What earlier publications told of the counts of a measure.

    Returns:
        group, window, first_on, last_on, part (n or of), low, high (least and most that it can be; NaN where hidden).
    """
    found = [pd.DataFrame(columns=[*KEY, "part", "low", "high"])]
    for each in earlier:
        rows = each.figures.get(name)
        if rows is not None and name in each.rules and len(rows):
            for part in SHOWN:
                low, high = each.rules[name].behind(rows[part])
                found.append(rows[KEY].assign(part=part, low=low, high=high))
    return pd.concat(found[1:] or found, ignore_index=True).drop_duplicates(ignore_index=True)


def with_windows(
    figures: pd.DataFrame, told: pd.DataFrame, measure: Measure | None, tables: Tables, period: Period
) -> pd.DataFrame:
    """Figures as measured, followed by those of windows that were published before and are no longer among them."""
    if measure is None or told.empty:
        return figures
    keys = told[KEY].drop_duplicates().merge(figures[KEY], how="left", indicator=True)
    gone = keys.loc[keys["_merge"].eq("left_only"), KEY]
    later = gone["last_on"] > pd.Timestamp(period.data_date)
    found = [figures]
    for wanted, ledger in ((gone[~later], measure.ledger(tables, period.data_date)), (gone[later], None)):
        if len(wanted):
            again = count(measure, tables, list(dict.fromkeys(windows_of(wanted))), ledger)
            found.append(again.merge(wanted, on=KEY))
    return pd.concat(found, ignore_index=True) if len(gone) else figures


def joined(held: Cells, figures: Mapping[str, pd.DataFrame], told: Mapping[str, pd.DataFrame]) -> tuple[Cells, Before]:
    """Today's counts with the differences between them and those published before, and what readers have of both.

    Args:
        held: The counts of all figures.
        figures: The figures of each measure, those of windows published before included.
        told: What was published of each; see `told_of`.
    """
    at, counts = {cell: i for i, cell in enumerate(held.cells)}, held.table @ held.sizes
    same: list[Shown] = []
    other: list[Shown] = []
    for name, rows in ((name, rows[rows["low"].notna()]) for name, rows in told.items() if len(rows)):
        known = rows.merge(figures[name][KEY].reset_index(names="row"), on=KEY)
        for row, part, low, high in known[["row", "part", "low", "high"]].itertuples(index=False):
            place = at.get(Cell(name, row, part))
            if place is not None:
                (same if low <= counts[place] <= high else other).append(Shown(place, low, high))
    return _with_restated(held, counts, same, other)


def _with_restated(
    held: Cells,
    counts: Numbers,
    same: Sequence[Shown],
    other: Sequence[Shown],
) -> tuple[Cells, Before]:
    """With an atom for each count as it was published before it was restated, and a cell for the difference."""
    places = np.array([each.place for each in other], dtype=int)
    low, high = np.array([each[1:] for each in (*same, *other)], dtype=float).reshape(-1, 2).T
    then = np.clip(counts[places], low[len(same) :], high[len(same) :])  # the nearest that it can have been
    n, atoms = held.table.shape[0], len(held.sizes)
    table = sparse.hstack([held.table, sparse.csr_array((n, len(other)))]).tocsr()
    own = sparse.eye_array(len(other), format="csr")
    former = sparse.csr_array(sparse.hstack([sparse.csr_array((len(other), atoms)), own]))
    shown = table[np.array([each.place for each in same], dtype=int)]
    before = sparse.csr_array(sparse.vstack([shown, former]))
    differences = (table[places] - former).multiply(np.where(counts[places] > then, 1.0, -1.0)[:, None])
    cells = [held.cells[place]._replace(part=f"{held.cells[place].part} {RESTATED}") for place in places]
    return Cells(
        [*held.cells, *cells],
        sparse.csr_array(sparse.vstack([table, differences])),
        np.concatenate([held.sizes, then.astype(np.int64)]),
        np.concatenate([held.people, np.full(len(other), np.nan)]),
    ), Before(before, low, high)
