"""What the figures of a release count, as cells over those counted: what a reader could add up and take apart.

A count is a sum over units (requests, answers, children). Units that the same figures count are alike to a reader, and
make one atom. From the atoms follows which counts give away another, across groups, windows and measures.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, NamedTuple, TypeAlias

import numpy as np
import pandas as pd
from scipy import sparse

from sendanalysis.measures.figures import rows_counted
from sendanalysis.methods.periods import Window

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from sendanalysis.measures.figures import Measure, Tables
    from sendanalysis.methods.periods import Period

NUMBER, WHOLE, REST = "n", "of", "rest"
PEOPLE = ("child_id", "plan_id", "person_id")


class Cell(NamedTuple):
    """A count: the measure, the row of its figure, and whether it is the number, what it is out of, or the rest."""

    measure: str
    row: int
    part: str


@dataclass(frozen=True)
class Cells:
    """Counts over units.

    Attributes:
        cells: The counts, in the order of the matrix; the rest of a figure is what is not its number.
        matrix: Cells by units: how often a cell counts a unit.
        people: Children behind each cell where rows name them, else NaN.
    """

    cells: list[Cell]
    matrix: sparse.csr_array
    people: np.ndarray


class _Units(NamedTuple):
    """What a cell counts: the kind of unit, which of them, and how often."""

    kind: str
    ids: np.ndarray
    counts: np.ndarray


Way: TypeAlias = "Callable[[pd.DataFrame, pd.DataFrame], _Units]"


def cells_of(
    measures: Mapping[str, Measure], figures: Mapping[str, pd.DataFrame], tables: Tables, period: Period
) -> Cells:
    """The counts of some measures.

    A count that is no sum over the rows of its ledger, such as those invited to a survey, has a unit of its own.

    Args:
        measures: What is counted, by name; figures without one, such as those supplied by hand, have own units.
        figures: Figures as measured, by name.
        tables: Typed tables by name.
        period: Reporting month and data date.
    """
    found: dict[Cell, _Units] = {}
    people: list[float] = []
    for name, rows in figures.items():
        measure = measures.get(name)
        held = _rows_of(measure, rows, tables, period) if measure else []
        ways = _Ways(measure.needs[0], _unit_of([own for own, _ in held])) if measure else None
        numbers = _fitting(ways.numbers(), held, rows["n"]) if ways else None
        wholes = _fitting(ways.wholes(), held, rows["of"]) if ways else None
        for at, (n, of) in enumerate(zip(rows["n"], rows["of"], strict=True)):
            inner, outer = (way(*held[at]) if way else None for way in (numbers, wholes))
            own = _parts(Cell(name, at, NUMBER), (n, inner), (of, outer))
            found |= own
            people += [_people(held[at][0]) if held else np.nan] * len(own)
    return Cells(list(found), _matrix(list(found.values())), np.array(people, dtype="float64"))


def _rows_of(
    measure: Measure, figures: pd.DataFrame, tables: Tables, period: Period
) -> list[tuple[pd.DataFrame, pd.DataFrame]]:
    """The rows that each figure counts, and all rows of its window."""
    keys = [Window(row["window"], row["first_on"].date(), row["last_on"].date()) for row in figures.to_dict("records")]
    counted = rows_counted(measure, tables, list(dict.fromkeys(keys)), measure.ledger(tables, period.data_date))
    held = {(window, group): (rows, inside) for window, group, rows, inside in counted}
    return [held[key, group] for key, group in zip(keys, figures["group"], strict=True)]


def _unit_of(rows: Sequence[pd.DataFrame]) -> str:
    """The id that no two rows of a figure have, so that it names a unit in every measure; empty where the row does."""
    names = [name for name in rows[0].columns if name.endswith("_id")] if rows else []
    return next((name for name in names if all(own[name].is_unique for own in rows)), "")


def _people(rows: pd.DataFrame) -> float:
    named = next((name for name in PEOPLE if name in rows), "")
    return float(rows[named].nunique()) if named else np.nan


def _fitting(
    ways: Sequence[Way], rows: Sequence[tuple[pd.DataFrame, pd.DataFrame]], known: pd.Series[float]
) -> Way | None:
    """The way of counting that gives every known count; None where none does."""
    asked = [(held, count) for held, count in zip(rows, known, strict=True) if pd.notna(count)]
    return next((way for way in ways if all(way(*held).counts.sum() == count for held, count in asked)), None)


@dataclass(frozen=True)
class _Ways:
    """Ways of counting the rows of a figure.

    Attributes:
        table: Where the rows come from.
        unit: Id of a row; empty for its place.
    """

    table: str
    unit: str

    def numbers(self) -> list[Way]:
        """Rows met, all, not met; children whose rows of a month are all met; children."""
        marks: list[Callable[[pd.Series[bool]], pd.Series[bool]]] = [
            lambda met: met,
            lambda met: met | True,
            lambda met: ~met,
        ]
        rows = [lambda rows, _, mark=mark: self._rows(rows[mark(rows["met"].astype(bool))]) for mark in marks]
        return [
            *rows,
            *(partial(self._months, name=name, met=True) for name in PEOPLE),
            *(partial(self._people, name=name) for name in PEOPLE),
        ]

    def wholes(self) -> list[Way]:
        """The group's rows, the window's, the group's children by month."""
        return [
            lambda rows, _: self._rows(rows),
            lambda _, inside: self._rows(inside),
            *(partial(self._months, name=name, met=False) for name in PEOPLE),
        ]

    def _rows(self, rows: pd.DataFrame) -> _Units:
        ids = rows[self.unit] if self.unit else rows.index.to_series()
        return self._each(self.unit, ids.astype(str))

    def _months(self, rows: pd.DataFrame, _inside: pd.DataFrame, *, name: str, met: bool) -> _Units:
        if name not in rows:
            return self._each(name, pd.Series(dtype="str"))
        found = rows.groupby([name, rows["on"].dt.to_period("M")])["met"].all()
        found = found[found] if met else found
        return self._each(f"{name} by month", pd.Series([f"{one} {month}" for one, month in found.index], dtype="str"))

    def _people(self, rows: pd.DataFrame, _inside: pd.DataFrame, *, name: str) -> _Units:
        ids = rows[name].dropna().drop_duplicates() if name in rows else pd.Series(dtype="str")
        return self._each(name, ids.astype(str))

    def _each(self, kind: str, ids: pd.Series[str]) -> _Units:
        return _Units(f"{self.table} {kind}", ids.to_numpy(), np.ones(len(ids)))


def _parts(at: Cell, number: tuple[float, _Units | None], whole: tuple[float, _Units | None]) -> dict[Cell, _Units]:
    """The cells of a figure: its number, what that is out of, and the rest, as far as they are known."""
    (n, inner), (of, outer) = number, whole
    if inner is None or (outer is not None and inner.kind != outer.kind):
        inner = _alone(f"{at.measure} {at.row}", {NUMBER: n})
        outer = _alone(f"{at.measure} {at.row}", {NUMBER: n, REST: of - n})
    found = {at: inner} if pd.notna(n) else {}
    if outer is None or pd.isna(of):
        return found
    left = ~np.isin(outer.ids, inner.ids)
    rest = _Units(outer.kind, outer.ids[left], outer.counts[left])
    return found | {at._replace(part=WHOLE): outer, at._replace(part=REST): rest}


def _alone(kind: str, counts: Mapping[str, float]) -> _Units:
    """Units that no other figure counts, one for each part of a figure."""
    sizes = [0 if pd.isna(count) else round(count) for count in counts.values()]
    return _Units(kind, np.array(list(counts)), np.array(sizes, dtype="float64"))


def _matrix(counted: Sequence[_Units]) -> sparse.csr_array:
    kinds = np.concatenate([np.repeat(units.kind, len(units.ids)) for units in counted] or [np.array([], dtype="str")])
    ids = np.concatenate([units.ids.astype("str") for units in counted] or [np.array([], dtype="str")])
    counts = np.concatenate([units.counts for units in counted] or [np.array([])])
    at = np.repeat(np.arange(len(counted)), [len(units.ids) for units in counted])
    column, known = pd.MultiIndex.from_arrays([kinds, ids]).factorize()
    return sparse.csr_array((counts, (at, column)), shape=(len(counted), len(known)))
