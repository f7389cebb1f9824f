"""The rows behind figures as measured, and the units that these rows stand for wherever measures count them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

import numpy as np
import pandas as pd

from sendanalysis.methods.periods import Window

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import numpy.typing as npt

    Ids = npt.NDArray[np.object_]
    Held: TypeAlias = "Sequence[tuple[Rows, Rows]]"

PEOPLE = ("child_id", "plan_id", "person_id")
TO_MONTH = "datetime64[M]"


class Rows(NamedTuple):
    """What is kept of rows: ids by the name of their column, their place under the empty name; met, and month."""

    ids: dict[str, Ids]
    met: npt.NDArray[np.bool_]
    months: Ids

    @classmethod
    def of(cls, rows: pd.DataFrame) -> Rows:
        """What is kept of a ledger's rows."""
        names = [name for name in rows.columns if name.endswith("_id")]
        ids = {name: rows[name].to_numpy(dtype="object") for name in names}
        months = rows["on"].to_numpy(TO_MONTH).astype("str").astype("object")
        return cls(ids | {"": rows.index.to_numpy(dtype="object")}, rows["met"].to_numpy(dtype="bool"), months)

    def where(self, met: npt.NDArray[np.bool_]) -> Rows:
        """Some of the rows."""
        return Rows({name: ids[met] for name, ids in self.ids.items()}, self.met[met], self.months[met])

    def people(self) -> float:
        """Children that the rows name; NaN where they name none."""
        named = next((name for name in PEOPLE if name in self.ids), "")
        return float(pd.Series(self.ids[named]).nunique()) if named else np.nan


class Kept:
    """The rows behind the figures of a measure, as `Measure.keep` is told them."""

    def __init__(self) -> None:
        """Nothing is kept yet."""
        self.rows: dict[tuple[Window, str], tuple[Rows, Rows]] = {}
        self._last: tuple[Any, Rows] | None = None

    def __call__(self, window: Window, group: str, rows: pd.DataFrame, inside: pd.DataFrame) -> None:
        """Keep what a figure counts; the rows of a window are kept once for all its groups."""
        if self._last is None or self._last[0] is not inside:
            self._last = inside, Rows.of(inside)
        self.rows[window, group] = Rows.of(rows), self._last[1]

    def behind(self, figures: pd.DataFrame) -> list[tuple[Rows, Rows]]:
        """The rows of each figure, and all rows of its window."""
        return [self.rows[key] for key in zip(windows_of(figures), figures["group"], strict=True)]


def windows_of(figures: pd.DataFrame) -> list[Window]:
    """The window of each figure."""
    days = (figures[name].dt.date for name in ("first_on", "last_on"))
    return [Window(*window) for window in zip(figures["window"], *days, strict=True)]


def units_of(held: Iterable[Held]) -> list[str]:
    """The ids that name one row each wherever they stand, so that all measures count the same units by the same id."""
    every = [own for rows in held for own, _ in rows]
    names = dict.fromkeys(name for own in every for name in own.ids if name)
    return [name for name in names if all(pd.Index(own.ids[name]).is_unique for own in every if name in own.ids)]


def linked(held: Mapping[str, Held], unit: str) -> dict[str, Held]:
    """Rows by child where some measures of a table name the child alone; else as they are, by the unit.

    Readers know that children are counted in both, so one who takes a child's rows for the child knows more, not less.
    """
    every = [rows for own in held.values() for pair in own for rows in pair]
    person = next((name for name in PEOPLE if any(name in rows.ids and unit not in rows.ids for rows in every)), "")

    def by_child(rows: Rows) -> Rows:
        own = pd.Series(rows.ids.get(unit, rows.ids[""]), dtype="object")
        children = pd.Series(rows.ids.get(person, own), dtype="object").fillna(own)  # a row may name none
        return rows._replace(ids=rows.ids | {unit: children.to_numpy(dtype="object")})

    return {name: [(by_child(a), by_child(b)) for a, b in own] if person else own for name, own in held.items()}
