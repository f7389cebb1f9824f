"""What readers have from earlier publications, and what a count of today tells them together with it.

A count that was shown before as it would be now can no longer be hidden. One that was shown otherwise has been
restated: the difference is a count of its own. Windows that were published and are in today's figures no longer are
counted again, so that what is left between them and today's, such as a year to date less that of last month, is
protected like any other count.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd
import scipy

from sendanalysis.inputs.folder import PACKED
from sendanalysis.inputs.opening import frame_of
from sendanalysis.measures.cells import SHOWN, Cell, Cells
from sendanalysis.measures.figures import ALL, count
from sendanalysis.measures.kept import windows_of
from sendanalysis.measures.scorecard import side_of
from sendanalysis.methods.disclosure_rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    import numpy.typing as npt

    from sendanalysis.measures.figures import Measure, Tables
    from sendanalysis.methods.periods import Period

    Numbers = npt.NDArray[np.float64]

KEY = ["group", "window", "first_on", "last_on"]
RESTATED = "restated"


class Colour(NamedTuple):
    """What the colour of a KPI tells: its measure, the key of its figure, least and most that the share can be."""

    measure: str
    key: tuple[str, str, pd.Timestamp, pd.Timestamp]
    low_pct: float
    high_pct: float


@dataclass(frozen=True)
class Earlier:
    """An earlier publication: its month, figures as shown, the rule of each measure's counts, and its colours."""

    month: str
    figures: Mapping[str, pd.DataFrame]
    rules: Mapping[str, Rule]
    colours: tuple[Colour, ...] = ()


class Shown(NamedTuple):
    """A count that was shown before.

    Attributes:
        place: Its place among today's.
        low: The least that it can have been.
        high: The most.
        then: What it was, as far as is known, where it has been restated since; else NaN.
    """

    place: int
    low: float
    high: float
    then: float


class Before(NamedTuple):
    """Counts that readers have already.

    Attributes:
        table: The counts over the atoms of today's.
        low: The least that each can be, as far as readers know.
        high: The most.
        apart: How far each of today's counts is from what was shown exactly before; infinite for none.
    """

    table: scipy.sparse.csr_array
    low: Numbers
    high: Numbers
    apart: Numbers


def read_earlier(folders: Sequence[Path]) -> tuple[Earlier, ...]:
    """Earlier publications, from the folders of their releases."""
    held = [json.loads((folder / PACKED).read_text(encoding="utf-8")) for folder in folders]
    return tuple(_earlier(each) for each in held)


def _earlier(held: Mapping[str, Any]) -> Earlier:
    figures = {name: frame_of(table) for name, table in held["figures"].items()}
    rules = {name: Rule(**rule) for name, rule in held["rules"].items()}
    return Earlier(held["month"], figures, rules, tuple(_colours(held, figures)))


def _colours(held: Mapping[str, Any], figures: Mapping[str, pd.DataFrame]) -> Iterator[Colour]:
    """What the colours of a release as written tell of its shares."""
    told = ["kpi_id", "measure", "group", "unit", "polarity"]
    for kpi in frame_of(held["plan"]["kpis"])[told].fillna("").to_dict("records"):
        said, rows = held["kpis"].get(kpi["kpi_id"], {}), figures.get(kpi["measure"])
        ends = side_of(said, kpi["polarity"] or "higher") if said and kpi["unit"] in {"", "percent"} else None
        if rows is not None and ends:
            held_by = rows["group"].eq(kpi["group"] or ALL) & rows["first_on"].eq(said["first_on"])
            for key in rows.loc[held_by & rows["last_on"].eq(said["last_on"]), KEY].itertuples(index=False):
                yield Colour(kpi["measure"], tuple(key), *ends)


def told_of(earlier: Sequence[Earlier], name: str) -> pd.DataFrame:
    """What earlier publications told of the counts of a measure.

    Returns:
        group, window, first_on, last_on, part (n or of), low, high (least and most that it can be; NaN where hidden),
        month (last one in which that was told).
    """
    found = [pd.DataFrame(columns=[*KEY, "part", "low", "high", "month"])]
    for each in earlier:
        rows = each.figures.get(name)
        if rows is not None and name in each.rules and len(rows):
            for part in SHOWN:
                low, high = each.rules[name].behind(rows[part])
                found.append(rows[KEY].assign(part=part, low=low, high=high, month=each.month))
    told = pd.concat(found[1:] or found, ignore_index=True).sort_values("month", kind="stable")
    return told.drop_duplicates([*KEY, "part", "low", "high"], keep="last", ignore_index=True)


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
    told_at: dict[int, list[tuple[float, float, str]]] = {}
    for name, rows in ((name, rows[rows["low"].notna()]) for name, rows in told.items() if len(rows)):
        known = rows.merge(figures[name][KEY].reset_index(names="row"), on=KEY)
        for row, part, *limits in known[["row", "part", "low", "high", "month"]].itertuples(index=False):
            place = at.get(Cell(name, row, part))
            if place is not None:
                told_at.setdefault(place, []).append(tuple(limits))
    shown = [Shown(place, *each) for place, found in told_at.items() for each in _versions(counts[place], found)]
    return _with_restated(held, counts, shown)


def _versions(now: float, told: Sequence[tuple[float, float, str]]) -> list[tuple[float, float, float]]:
    """For all that was told of a count the limits, and of which count they speak: today's (NaN), or the one it was.

    Where limits do not hold today's count, it was another then, and so it was in earlier months whose limits hold that.
    """
    then = [np.nan if low <= now <= high else float(np.clip(now, low, high)) for low, high, _ in told]
    former = [(count, month) for count, (*_, month) in zip(then, told, strict=True) if not np.isnan(count)]
    return [
        (low, high, next((was for was, until in former if low <= was <= high and month <= until), np.nan))
        for low, high, month in told
    ]


def _with_restated(held: Cells, counts: Numbers, shown: Sequence[Shown]) -> tuple[Cells, Before]:
    """With an atom for each count as it was before it was restated, and a cell for the difference."""
    others = list(dict.fromkeys((each.place, each.then) for each in shown if not np.isnan(each.then)))
    places = np.array([place for place, _ in others], dtype=int)
    then = np.array([count for _, count in others], dtype=float)
    n, atoms = held.table.shape[0], len(held.sizes)
    table = scipy.sparse.hstack([held.table, scipy.sparse.csr_array((n, len(others)))]).tocsr()
    own = scipy.sparse.eye_array(len(others), format="csr")
    former = scipy.sparse.csr_array(scipy.sparse.hstack([scipy.sparse.csr_array((len(others), atoms)), own]))
    differences = (table[places] - former).multiply(np.where(counts[places] > then, 1.0, -1.0)[:, None])
    every = scipy.sparse.csr_array(scipy.sparse.vstack([table, former]))
    rows = [each.place if np.isnan(each.then) else n + others.index((each.place, each.then)) for each in shown]
    before = every[np.array(rows, dtype=int)]
    exact = {(each.place, each.then) for each in shown if each.low == each.high}
    apart = np.full(n + len(others), np.inf)
    for place, was in exact & {*others}:
        apart[place] = min(apart[place], abs(counts[place] - was))
    low, high = np.array([[each.low, each.high] for each in shown], dtype=float).reshape(-1, 2).T
    cells = [held.cells[place]._replace(part=f"{held.cells[place].part} {RESTATED}") for place in places]
    return Cells(
        [*held.cells, *cells],
        scipy.sparse.csr_array(scipy.sparse.vstack([table, differences])),
        np.concatenate([held.sizes, then.astype(np.int64)]),
        np.concatenate([held.people, np.full(len(others), np.nan)]),
    ), Before(before, low, high, apart)
