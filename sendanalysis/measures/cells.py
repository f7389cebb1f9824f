"""What the figures of a release count, as cells over those counted: what a reader could add up and take apart.

A count is a sum over units (requests, answers, children). Units that the same figures count are alike to a reader, and
make one atom. From the atoms follows which counts give away another, across groups, windows and measures.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

import numpy as np
import pandas as pd
import scipy

from sendanalysis.measures.kept import PEOPLE, linked, units_of, windows_of
from sendanalysis.methods.disclosure import merge_atoms

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    import numpy.typing as npt

    from sendanalysis.measures.kept import Held, Ids, Kept, Rows

    Numbers = npt.NDArray[np.float64]

NUMBER, WHOLE, REST, SINCE, GONE = "n", "of", "rest", "since", "gone"
SHOWN = (NUMBER, WHOLE)  # the other parts stand in no table


class Cell(NamedTuple):
    """A count: the measure, the row of its figure, and what of it: number, what it is out of, rest, growth, loss."""

    measure: str
    row: int
    part: str


@dataclass(frozen=True)
class Cells:
    """Counts over atoms.

    Attributes:
        cells: The counts, in the order of the table; the rest of a figure is what is not its number, its growth what is
            not in the window before, where that lies within it, and what is gone the same the other way round.
        table: Cells by atoms: how often a cell counts one.
        sizes: Units of each atom.
        people: Children behind each cell where rows name them, else NaN.
    """

    cells: list[Cell]
    table: scipy.sparse.csr_array
    sizes: npt.NDArray[np.int64]
    people: Numbers


class _Units(NamedTuple):
    """What a cell counts: kind and ids of units with how many each stands for, and the children behind them."""

    parts: tuple[tuple[str, Ids, Numbers], ...]
    people: float = np.nan


Way: TypeAlias = "Callable[[Rows, Rows], tuple[str, Rows, Ids]]"


def cells_of(kept: Mapping[str, Kept], figures: Mapping[str, pd.DataFrame]) -> Cells:
    """The counts of some figures.

    A count that is no sum over the rows of its ledger, such as those invited to a survey, has units of its own; where
    another measure counts as many in the same group and window, it has the units of that one, which is safe: a reader
    who takes them for the same knows more, not less.

    Args:
        kept: The rows behind the figures of each measure; figures without, such as those supplied by hand, have units
            of their own.
        figures: Figures as measured, by name, each row with an index of its own.
    """
    found: dict[Cell, _Units] = {}
    known: dict[tuple[Any, ...], _Units] = {}
    held: dict[str, Held] = {name: kept[name].behind(rows) if name in kept else [] for name, rows in figures.items()}
    units = units_of(held.values())
    held = linked(held, units[0]) if units else held
    ways = {name: _ways_of(held[name], rows, units) for name, rows in figures.items()}
    for name in sorted(figures, key=lambda name: ways[name][0] is None):
        for index, inner, outer in _counted(figures[name], held[name], *ways[name], known, name):
            found |= {Cell(name, index, NUMBER): inner} if inner else {}
            found |= {Cell(name, index, WHOLE): outer} if outer else {}
    table, sizes = _table(list(found.values()))
    rows = {cell: table[[at]] for at, cell in enumerate(found)}
    further = {cell: row for cell, row in _between(rows, figures) if row.nnz and row.data.min() >= 0}
    people = [own.people for own in found.values()] + [np.nan] * len(further)
    merged, atoms, _ = merge_atoms(scipy.sparse.vstack([table, *further.values()]) if further else table, sizes)
    return Cells([*found, *further], merged, atoms, np.array(people, dtype="float64"))


def _ways_of(held: Held, figures: pd.DataFrame, units: Sequence[str]) -> tuple[Way | None, Way | None]:
    """How the numbers of a measure count their rows, and how what these are out of does; None where no way fits."""
    if not held:
        return None, None
    unit = next((name for name in units if name in held[0][0].ids), "")
    number = _fitting(_numbers(unit), held, figures["n"])
    return number, _fitting(_wholes(unit), held, figures["of"]) if figures["of"].notna().any() else None


def _fitting(ways: Sequence[Way], held: Held, known: pd.Series[float]) -> Way | None:
    """The way of counting that gives every known count; None where none does."""
    asked = [(own, count) for own, count in zip(held, known, strict=True) if pd.notna(count)]
    return next((way for way in ways if all(len(way(*own)[2]) == count for own, count in asked)), None)


def _numbers(unit: str) -> list[Way]:
    """Rows met, all, not met; children whose rows of a month are all met; children."""
    met: list[Callable[[Rows], Rows]] = [lambda rows: rows.where(rows.met), lambda rows: rows]
    met += [lambda rows: rows.where(~rows.met)]
    return [
        *(lambda rows, _, chosen=chosen: (unit, chosen(rows), chosen(rows).ids[unit]) for chosen in met),
        *(partial(_months, name=name, unit=unit, met=True) for name in PEOPLE),
        *(partial(_people, name=name) for name in PEOPLE),
    ]


def _wholes(unit: str) -> list[Way]:
    """The group's rows, the window's, the group's children by month."""
    return [
        lambda rows, _: (unit, rows, rows.ids[unit]),
        lambda _, inside: (unit, inside, inside.ids[unit]),
        *(partial(_months, name=name, unit=unit, met=False) for name in PEOPLE),
    ]


def _months(rows: Rows, _inside: Rows, *, name: str, unit: str, met: bool) -> tuple[str, Rows, Ids]:
    """Children by month; where each has one row, the rows, since who counts the ones counts the others."""
    if name not in rows.ids:
        return name, rows, np.array([], dtype="object")
    ids = pd.Series(rows.ids[name].astype("str").astype("object") + " " + rows.months)
    kept = ~ids.isin(set(ids[~rows.met]) if met else set())
    if ids.is_unique:
        return unit, rows, rows.ids[unit][kept]
    return f"{name} by month", rows, ids[kept].unique().astype("object")


def _people(rows: Rows, _inside: Rows, *, name: str) -> tuple[str, Rows, Ids]:
    ids = pd.Series(rows.ids.get(name, []), dtype="object").dropna().unique()
    return name, rows, ids.astype("object")


def _counted(  # noqa: PLR0913, PLR0917  # what a figure is counted from
    figures: pd.DataFrame,
    kept: Held,
    number: Way | None,
    whole: Way | None,
    known: dict[tuple[Any, ...], _Units],
    name: str,
) -> Iterator[tuple[int, _Units | None, _Units | None]]:
    """Row, and what its number and what that is out of count; None for what is not known or is no count."""
    held: Sequence[tuple[Rows, Rows] | None] = kept or [None] * len(figures)
    n, of = figures["n"], figures["of"]
    share = np.isclose(figures["value"], 100 * n / of) | figures["value"].isna() | ~(of > 0)
    parted = (of >= n) & (not kept or bool(share.all()))
    for index, window, group, own in zip(figures.index, windows_of(figures), figures["group"], held, strict=True):
        key = (window.name, window.last, group, n[index])  # two that count to a day may count from different ones
        inner = _units(number(*own)) if own and number else known.get(key) if kept else None
        inner = inner or _Units((_alone(name, index, NUMBER, n[index]),))
        outer = _units(whole(*own)) if own and whole else None
        if number and pd.notna(n[index]):
            known.setdefault(key, inner)
        if outer is None or outer.parts[0][0] != inner.parts[0][0]:
            rest = _alone(name, index, REST, of[index] - np.nan_to_num(n[index]))
            outer = _Units((*inner.parts, rest)) if parted[index] else None
        yield index, inner if pd.notna(n[index]) else None, outer if pd.notna(of[index]) else None


def _units(found: tuple[str, Rows, Ids]) -> _Units:
    kind, rows, ids = found
    return _Units(((kind, ids, np.ones(len(ids))),), rows.people())


def _alone(name: str, index: int, part: str, count: float) -> tuple[str, Ids, Numbers]:
    """As many units as a count tells, which no other figure counts."""
    return (
        "",
        np.array([f"{name} {index} {part}"], dtype="object"),
        np.array([round(np.nan_to_num(count))], dtype=float),
    )


def _table(counted: Sequence[_Units]) -> tuple[scipy.sparse.csr_array, Numbers]:
    """Cells by units, and how many each unit stands for."""
    parts = [(at, *part) for at, own in enumerate(counted) for part in own.parts]
    columns, sizes, first = [np.zeros(0, dtype=np.int64)] * len(parts), [np.zeros(0)], 0
    for kind in dict.fromkeys(part[1] for part in parts):
        own = [at for at, part in enumerate(parts) if part[1] == kind]
        codes, ids = pd.factorize(np.concatenate([parts[at][2] for at in own]))
        each = np.zeros(len(ids))
        each[codes] = np.concatenate([parts[at][3] for at in own])
        ends = np.cumsum([0, *(len(parts[at][2]) for at in own)])
        for at, begin, end in zip(own, ends, ends[1:], strict=False):
            columns[at] = first + codes[begin:end]
        sizes, first = [*sizes, each], first + len(ids)
    rows = np.repeat([part[0] for part in parts], [len(part[2]) for part in parts])
    table = scipy.sparse.csr_array(
        (np.ones(len(rows)), (rows, np.concatenate([np.zeros(0, dtype=np.int64), *columns]))),
        shape=(len(counted), first),
    )
    return table, np.concatenate(sizes)


def _between(
    rows: Mapping[Cell, scipy.sparse.csr_array], figures: Mapping[str, pd.DataFrame]
) -> Iterator[tuple[Cell, scipy.sparse.csr_array]]:
    """What is left of each whole, and what came to each window, or went, since the one of its name before."""
    for cell, whole in rows.items():
        number = cell._replace(part=NUMBER)
        if cell.part == WHOLE and number in rows:
            yield cell._replace(part=REST), _less(whole, rows[number])
    for name, table in figures.items():
        for _, own in table.sort_values("last_on").groupby(["group", "window"], sort=False):
            for part in SHOWN:
                cells = [Cell(name, index, part) for index in own.index]
                for before, after in pairwise(cell for cell in cells if cell in rows):
                    growth = _less(rows[after], rows[before])
                    yield after._replace(part=f"{part} {SINCE}"), growth
                    yield after._replace(part=f"{part} {GONE}"), -growth


def _less(more: scipy.sparse.csr_array, fewer: scipy.sparse.csr_array) -> scipy.sparse.csr_array:
    left = scipy.sparse.csr_array(more - fewer)
    left.eliminate_zeros()
    return left
