"""Witnesses: atoms that give every shown count what is shown, and a small one at least the threshold.

`disclosure` says what they are for. Each is found by a linear program of the atoms nearest to the small count, which
moves the least cost of shown counts (Fischetti and Salazar 2000, JASA 95, 916-928, take all counts at once). A reader
knows that units are whole, so a witness in parts of units is none: then a program of whole numbers looks for another.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import scipy

if TYPE_CHECKING:
    import numpy.typing as npt

    Numbers = npt.NDArray[np.float64]
    Whole = npt.NDArray[np.int64]
    Marks = npt.NDArray[np.bool_]

NEAR = 48  # atoms first tried for a witness; four times as many follow where these are too few
TOLERANCE = 1e-6
FEW_MOVES = 1e-3  # what it costs to move a unit, so that few are moved, and mostly whole ones
PATIENCE: Any = {"node_limit": 100, "mip_rel_gap": 0.5}  # whole units not found then are taken not to be there
MOST_SOLVED = 200  # programs solved until no more counts are tried to be shown again


@dataclass
class Witnesses:
    """Distinct cells, which of them are shut, and the witnesses found.

    Attributes:
        rows: Cells by atoms, each row once.
        sizes: Units of each atom.
        low: Least that a reader takes a cell for that is shown.
        high: Most, likewise.
        small: Cells that must not be worked out.
        goal: What a witness of such a cell must reach.
        threshold: Below it no count is shown, so none of which the count is lower can be shown as another.
        least: What a reader knows every hidden count to reach.
        fixed: Cells that can no longer be hidden.
        seen: Cells that are shown where they are not hidden; the others stand nowhere.
        shut: Cells that are hidden.
        cost: What is lost when a cell is hidden; log(2 + count) unless set.
    """

    rows: scipy.sparse.csr_array
    sizes: Whole
    low: Numbers
    high: Numbers
    small: Marks
    goal: Numbers
    threshold: int
    least: int = field(init=False)
    fixed: Marks = field(init=False)
    seen: Marks = field(init=False)
    shut: Marks = field(init=False)
    cost: Numbers = field(init=False)
    found: list[Numbers] = field(default_factory=list, init=False)
    in_parts: Numbers | None = field(default=None, init=False)
    solved: int = field(default=0, init=False)

    def __post_init__(self) -> None:
        """Derives the counts, what is lost with each, and which atoms are linked."""
        self.counts = np.asarray(self.rows @ self.sizes, dtype=float)
        self.cost = np.log(2 + self.counts)
        self.low, self.high = (np.where(self.small, self.counts, limit) for limit in (self.low, self.high))
        self.columns = self.rows.tocsc()
        self.marks = abs(self.columns).sign().astype(float)
        self.signed = np.asarray((self.rows < 0).sum(axis=1)) > 0  # differences, of which nobody knows the way they go
        self.part = scipy.sparse.csgraph.connected_components(self.marks.T @ self.marks, directed=False)[1]

    def hide(self) -> None:
        """Shuts cells until every small one has a witness or is given away by fixed ones, then shows what it can."""
        asked = self.shut.copy()
        wanted = np.flatnonzero(self.small & ~self.fixed)
        for cell in wanted[np.argsort(self.counts[wanted], kind="stable")]:
            if not self.safe(cell, self.shut):
                values = self.witness(cell, self.shut, may_hide=True)
                if values is not None:
                    self.shut |= self.moved(values) & ~self.fixed
                    self.found.append(values)
        self.show_again(~asked)

    def show_again(self, spare: Marks) -> None:
        """Shows each spare cell again where every small one that has a witness keeps one."""
        kept = [cell for cell in np.flatnonzero(self.small) if self.safe(cell, self.shut)]
        extra = np.flatnonzero(self.shut & spare & self.seen)
        for candidate in extra[np.argsort(-self.cost[extra], kind="stable")]:
            if self.solved > MOST_SOLVED:
                return
            shut, found = self.shut.copy(), len(self.found)
            shut[candidate] = False
            for cell in kept:
                if not self.safe(cell, shut):
                    values = self.witness(cell, shut, may_hide=False)
                    if values is None:
                        del self.found[found:]
                        break
                    self.found.append(values)
            else:
                self.shut = shut

    def moved(self, values: Numbers) -> Marks:
        """Cells that would not be shown as they are."""
        return (values < self.low - TOLERANCE) | (values > self.high + TOLERANCE)

    def safe(self, cell: np.intp, shut: Marks) -> bool:
        """Whether a witness found already tells that a cell is safe."""
        return any(self.reached(v[cell], cell) and not (self.moved(v) & ~shut).any() for v in self.found)

    def reached(self, value: float, cell: np.intp) -> bool:
        """Whether a value is as large as that of a witness of a cell, a difference either way round."""
        return bool((abs(value) if self.signed[cell] else value) >= self.goal[cell])

    def witness(self, cell: np.intp, shut: Marks, *, may_hide: bool) -> Numbers | None:
        """Values of all cells under which one is no longer small, moving the least cost of shown cells.

        Where cells may be hidden and no witness in whole units is found, it is one in parts: then the cell is at least
        in no reader's equations.
        """
        near = self.near(cell, shut)
        take, self.in_parts = NEAR, None
        while True:
            values = self.solve(cell, near[:take], shut, may_hide=may_hide)
            if values is None and self.signed[cell]:
                values = self.solve(cell, near[:take], shut, may_hide=may_hide, fewer=True)
            if values is not None or take >= len(near):
                return self.in_parts if values is None and may_hide else values
            take *= 4

    def near(self, cell: np.intp, shut: Marks) -> Whole:
        """Atoms that a cell is linked to, those first that differ from one of its own in the fewest shown cells."""
        own = self.rows[[cell]].indices
        weighed = scipy.sparse.diags_array(np.where(shut, 0.0, self.cost)) @ self.marks
        total = np.asarray(weighed.sum(axis=0))
        apart = total[:, None] + total[own] - 2 * (self.marks.T @ weighed[:, own]).toarray()
        apart[own] = -1
        linked = np.flatnonzero(self.part == self.part[own[0]])
        return linked[np.argsort(apart.min(axis=1)[linked], kind="stable")]

    def solve(  # noqa: PLR0913  # where and how it looks
        self, cell: np.intp, atoms: Whole, shut: Marks, *, may_hide: bool, whole: bool = False, fewer: bool = False
    ) -> Numbers | None:
        """Moves of these atoms alone: min Σ cost·|move out of what is shown|, with the cell at its goal, up or down."""
        part = self.columns[:, atoms].tocsr()
        touched = np.flatnonzero(np.diff(part.indptr))
        part = part[touched]
        seen, counts = self.seen[touched], self.counts[touched]
        low = np.where(seen, np.minimum(self.least, counts), 0) - counts
        high = np.full(len(touched), np.inf)
        low[self.signed[touched]] = -np.inf
        if fewer:
            high[touched == cell] = -self.goal[cell] - self.counts[cell]
        else:
            low[touched == cell] = self.goal[cell] - self.counts[cell]
        fixed = ~shut[touched] & ((not may_hide) | self.fixed[touched] | (counts < self.threshold))
        down, up = self.low[touched] - counts, self.high[touched] - counts
        low[fixed], high[fixed] = down[fixed], up[fixed]
        loose = np.flatnonzero(~shut[touched] & ~fixed)
        n, k = len(atoms), len(loose)
        eye, none = scipy.sparse.eye_array(k), scipy.sparse.csr_array((len(touched), 2 * k))
        table = scipy.sparse.vstack(
            [scipy.sparse.hstack([part, -part, none]), scipy.sparse.hstack([part[loose], -part[loose], -eye, eye])]
        )
        ends = (np.r_[low, down[loose]], np.r_[high, up[loose]])
        weights = np.r_[np.full(2 * n, FEW_MOVES), np.tile(self.cost[touched[loose]], 2)]
        most = np.r_[np.full(n, np.inf), self.sizes[atoms].astype(float), np.full(2 * k, np.inf)]
        self.solved += 1
        limits = scipy.optimize.LinearConstraint(table, *ends)
        kinds = np.r_[np.full(2 * n, int(whole)), np.zeros(2 * k)]
        found = scipy.optimize.milp(
            weights, integrality=kinds, constraints=limits, bounds=scipy.optimize.Bounds(0, most), options=PATIENCE
        ).x
        if found is None:
            return None
        moves = found[:n] - found[n : 2 * n]
        values = np.asarray(self.counts + self.columns[:, atoms] @ moves)
        if np.allclose(moves, moves.round(), atol=TOLERANCE):
            return values.round()
        if self.in_parts is None:
            self.in_parts = np.where(np.isclose(values, values.round(), atol=TOLERANCE), values.round(), values)
        free = shut | self.moved(values) if may_hide else shut
        near = self.solve(cell, atoms, free, may_hide=False, whole=True, fewer=fewer) if not whole else None
        if near is not None or not may_hide:
            return near
        return self.solve(cell, atoms, shut, may_hide=True, whole=True, fewer=fewer)
