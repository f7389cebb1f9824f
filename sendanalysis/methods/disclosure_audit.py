"""What a reader can work out of hidden counts, by another path than that which hid them.

From every shown cell, taken as an equation or, where it is rounded, as an interval, from rounded percentages and from
the fact that no atom is negative, linear programming gives the least and the most that a hidden count can be (Cox 1980,
JASA 75, 377-385). Nothing of the choice of hidden cells is read here: no witness, no neighbourhood, no distinct cells.
Atoms that shown cells give away are put in first; what is left falls into parts that share no shown cell, and one
program then bounds one count of each part at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd
import scipy

from sendanalysis.errors import MethodError
from sendanalysis.methods.disclosure import small

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy.typing as npt

    from sendanalysis.methods.disclosure_rule import Rule

    Numbers = npt.NDArray[np.float64]

SLACK = 1e-6  # counts are whole, so a bound within it of a whole number is that number
ENDLESS = 1e6  # units of one atom that no limit holds
CONTRADICTION = "values: shown counts contradict each other. Count them from one ledger."


class Share(NamedTuple):
    """A percentage that readers see, of one cell in another, as the interval that its rounding leaves."""

    cell: int
    of: int
    low_pct: float
    high_pct: float


@dataclass(frozen=True)
class Audit:
    """What a reader could work out.

    Attributes:
        cells_n: Cells that are shown or may be.
        primary_n: Small cells, those included that stand nowhere.
        hidden_n: Cells hidden that would else be shown.
        beyond_n: Those of them that are not small themselves.
        recoverable: Small cells whose range does not hold a value below the threshold and one at or above it.
    """

    cells_n: int
    primary_n: int
    hidden_n: int
    beyond_n: int
    recoverable: tuple[int, ...]


def bounds(  # noqa: PLR0913 - each says another thing of the cells
    cells: Any,
    values: npt.ArrayLike,
    which: npt.ArrayLike,
    rule: Rule,
    *,
    never_shown: npt.ArrayLike | None = None,
    ends: tuple[npt.ArrayLike, npt.ArrayLike] | None = None,
    shares: Sequence[Share] = (),
) -> pd.DataFrame:
    """The least and the most that counts can be, as a reader of the shown ones can tell.

    Args:
        cells: Cells by atoms: how often an atom counts in a cell.
        values: What is shown of each cell, NaN where it is hidden.
        which: Cells to bound.
        rule: What the audience may see, and so what a shown count can stand for and a hidden one must be.
        never_shown: Cells that stand nowhere, so that nothing follows from their not being shown.
        ends: The least and the most that the last cells can be, which another rule showed; as the rule has it if not
            given.
        shares: Percentages that are shown.

    Returns:
        cell, lower, upper (infinite where nothing limits it), both whole.

    Raises:
        MethodError: What is shown contradicts itself.
    """
    table, asked = scipy.sparse.csr_array(cells, dtype=float), np.asarray(which, dtype=int)
    lower, upper = _reader_of(table, values, rule, never_shown, ends, shares).range_of(table[asked])
    return pd.DataFrame({"cell": asked, "lower": np.ceil(lower - SLACK), "upper": np.floor(upper + SLACK)})


def _reader_of(  # noqa: PLR0913, PLR0917 - what `bounds` was told
    table: scipy.sparse.csr_array,
    values: npt.ArrayLike,
    rule: Rule,
    never_shown: npt.ArrayLike | None,
    ends: tuple[npt.ArrayLike, npt.ArrayLike] | None,
    shares: Sequence[Share],
) -> _Reader:
    """What follows from the cells that are shown."""
    shown = np.asarray(values, dtype=float)
    never = np.zeros(len(shown), bool) if never_shown is None else np.asarray(never_shown, bool)
    hidden, counts = np.isnan(shown), np.nan_to_num(shown)
    known = small(counts, rule)  # one that is shown all the same
    low, high = (np.where(known, counts, end) for end in rule.behind(counts))
    low, high = np.where(hidden, np.where(never, 0, rule.least), low), np.where(hidden, np.inf, high)
    if ends is not None:
        first = len(low) - len(np.asarray(ends[0]))
        low[first:], high[first:] = ends
    told, ratio = (low > 0) | np.isfinite(high), _ratios(table, shares)
    return _Reader(
        scipy.sparse.vstack([table[np.flatnonzero(told)], ratio]).tocsr(),
        np.r_[low[told], np.zeros(ratio.shape[0])],
        np.r_[high[told], np.full(ratio.shape[0], np.inf)],
    )


def audit(  # noqa: PLR0913 - each says another thing of the cells
    cells: Any,
    atoms: npt.ArrayLike,
    hidden: npt.ArrayLike,
    rule: Rule,
    *,
    guarded: npt.ArrayLike | None = None,
    never_shown: npt.ArrayLike | None = None,
    shown_before: Any = None,
    before_ends: tuple[npt.ArrayLike, npt.ArrayLike] | None = None,
    shares: Sequence[Share] = (),
    shown_by: Rule | None = None,
) -> Audit:
    """Whether any small cell can be worked out from what is shown now and was shown before.

    A small cell is safe where its range holds both a value below the threshold and one at or above it; so it is wider
    than a point, and no group is exposed as small by a range of nothing but small values. A difference whose sign a
    reader does not know is safe, too, where it can be as large the other way round.

    Args:
        cells: Cells by atoms, as for `protect`.
        atoms: Units of each atom.
        hidden: Which cells are hidden.
        rule: What the audience may see.
        guarded: Cells hidden although they are not small: safe where their range is as wide as the threshold.
        never_shown: Cells that stand nowhere.
        shown_before: Cells by atoms that readers have from earlier publications.
        before_ends: The least and the most that each of these can be as it was shown; as the rule has it if not given.
        shares: Percentages that are shown.
        shown_by: What the counts are shown by, where it is another rule than the one that says which are small.
    """
    told = shown_by or rule
    table, sizes = scipy.sparse.csr_array(cells, dtype=float), np.asarray(atoms, dtype=float)
    n = table.shape[0]
    never = np.zeros(n, bool) if never_shown is None else np.asarray(never_shown, bool)
    shut = np.asarray(hidden, bool) | never
    if shown_before is not None:
        table = scipy.sparse.vstack([table, scipy.sparse.csr_array(shown_before, dtype=float)]).tocsr()
    counts = table @ sizes
    values, free = counts.copy(), counts < told.least  # none that is hidden reaches the least then
    values[:n][shut], free[:n] = np.nan, free[:n] | never
    guard = np.zeros(n, bool) if guarded is None else np.asarray(guarded, bool)
    primary = small(counts, rule)[:n]
    reader = _reader_of(table, values, told, free, before_ends, shares)
    asked = np.flatnonzero(primary & ~guard)
    safe = reader.reaches(table[asked], rule.threshold)
    safe[~safe] = reader.reaches(-table[asked[~safe]], rule.threshold)  # nobody knows which way a difference goes
    lower, upper = reader.range_of(table[np.flatnonzero(guard)])
    wide = np.floor(upper + SLACK) - np.ceil(lower - SLACK) >= rule.threshold
    return Audit(
        cells_n=int((~never).sum()),
        primary_n=int(primary.sum()),
        hidden_n=int((shut & ~never).sum()),
        beyond_n=int((shut & ~never & ~primary).sum()),
        recoverable=tuple(np.sort(np.r_[asked[~safe], np.flatnonzero(guard)[~wide]]).tolist()),
    )


def _ratios(table: scipy.sparse.csr_array, shares: Sequence[Share]) -> scipy.sparse.csr_array:
    """Rows that are at least 0: 100·cell − low·of, and high·of − 100·cell."""
    if not shares:
        return scipy.sparse.csr_array((0, table.shape[1]))
    part, whole = (np.array(column, dtype=int) for column in zip(*[share[:2] for share in shares], strict=True))
    low, high = (np.array(column, dtype=float) for column in zip(*[share[2:] for share in shares], strict=True))
    a, b = 100 * table[part], table[whole]
    least, most = scipy.sparse.diags_array(low) @ b, scipy.sparse.diags_array(high) @ b
    return scipy.sparse.csr_array(scipy.sparse.vstack([a - least, most - a]))


class _Reader:
    """Equations and intervals about atoms that are not negative: low <= rows·x <= high."""

    def __init__(self, rows: scipy.sparse.csr_array, low: Numbers, high: Numbers) -> None:
        self.rows, self.low, self.high = rows, low, high
        self.known = np.full(rows.shape[1], np.nan)
        self._put_in()
        self.free = np.flatnonzero(np.isnan(self.known))
        left, done = rows[:, self.free].tocsr(), rows @ np.nan_to_num(self.known)
        if ((np.diff(left.indptr) == 0) & ((done < low - SLACK) | (done > high + SLACK))).any():
            raise MethodError(CONTRADICTION)
        live = np.flatnonzero(np.diff(left.indptr))
        self.left, self.ends = left[live], ((low - done)[live], (high - done)[live])

    def _put_in(self) -> None:
        """Atoms given away: alone in an equation, or in one that leaves nothing for any of its atoms."""
        exact = np.flatnonzero((self.low == self.high) & ((self.rows < 0).sum(axis=1) == 0))
        rows, total = self.rows[exact], self.low[exact]
        while True:
            open_ = np.isnan(self.known).astype(float)
            rest = total - rows @ np.nan_to_num(self.known)
            count = abs(rows).sign() @ open_
            told = np.flatnonzero((count == 1) | ((count > 0) & (abs(rest) < SLACK)))
            if not len(told):
                return
            atoms = rows[told].tocoo()
            new = open_[atoms.col] > 0
            self.known[atoms.col[new]] = (rest[told][atoms.row] / atoms.data)[new]
            if (self.known < -SLACK).any():
                raise MethodError(CONTRADICTION)

    def range_of(self, cells: scipy.sparse.csr_array) -> tuple[Numbers, Numbers]:
        """Least and most of each row of cells, one of each part that shares no shown cell at a time."""
        lower = cells @ np.nan_to_num(self.known)
        upper, left = lower.copy(), cells[:, self.free].tocsr()
        queue = self._queue(left)
        while queue:
            turn = [rows.pop() for rows in queue]
            queue = [rows for rows in queue if rows]
            asked = scipy.sparse.csr_array(left[turn])
            goal = np.asarray(asked.sum(axis=0), dtype=float)
            lower[turn] += asked.dot(self._least(goal))
            upper[turn] += asked.dot(self._least(-goal))
        return lower, np.where(upper >= ENDLESS - SLACK, np.inf, upper)

    def reaches(self, cells: scipy.sparse.csr_array, goal: float) -> npt.NDArray[np.bool_]:
        """Whether each row of cells can be as large as a goal; what is found for one often tells of others."""
        done, left = cells @ np.nan_to_num(self.known), cells[:, self.free].tocsr()
        found: npt.NDArray[np.bool_] = np.asarray(done >= goal - SLACK)
        queue = self._queue(left)
        while queue := [rows for rows in ([i for i in rows if not found[i]] for rows in queue) if rows]:
            turn = [rows.pop() for rows in queue]
            atoms = self._least(-np.asarray(left[turn].sum(axis=0), dtype=float))
            found |= done + left @ atoms >= goal - SLACK
        return found

    def _queue(self, left: scipy.sparse.csr_array) -> list[list[int]]:
        """Rows of cells that are not known, those of each part that shares no shown cell together."""
        linked = abs(scipy.sparse.vstack([self.left, left]))
        part = scipy.sparse.csgraph.connected_components(linked.T @ linked, directed=False)[1]
        queue: dict[int, list[int]] = {}
        for i in np.flatnonzero(np.diff(left.indptr)):
            queue.setdefault(int(part[left[[i]].indices[0]]), []).append(int(i))
        return list(queue.values())

    def _least(self, goal: Numbers) -> Numbers:
        """Free atoms at which the goal is least."""
        limits = scipy.optimize.LinearConstraint(self.left, *self.ends)
        result = scipy.optimize.milp(goal, constraints=limits, bounds=scipy.optimize.Bounds(0, ENDLESS))
        if result.x is None:
            raise MethodError(CONTRADICTION)
        return np.asarray(result.x)
