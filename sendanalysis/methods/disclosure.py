"""Which counts a reader may see, so that no small one can be worked out from the others.

Every count is a sum of atoms: atom j holds the units that are counted in the same cells, and cell i counts it C[i, j]
times. A reader knows C and every shown cell, and no atom. A hidden count p is safe if atoms x >= 0 exist that give
every shown cell what is shown and p at least the threshold: since p itself is below it, the reader cannot tell which
holds. Such an x is its witness. A reader who knows that a nought is always shown takes every hidden count for at least
1, so a witness has it so, and whole units, since the reader knows that these are whole.

Sources: Cox (1980), JASA 75, 377-385 (complementary suppression, and linear programming as the intruder's tool);
Fischetti and Salazar (2000), JASA 95, 916-928 (linked tables, least loss); Langsrud (2024), Privacy in Statistical
Databases, LNCS 14915 (any set of cells as sums of the finest ones); Government Statistical Service, guidance on
disclosure control for tables from administrative sources. One mark stands for every hidden count, small or not:
the safety above is lost where a reader can tell the two apart.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import scipy

from sendanalysis.errors import MethodError
from sendanalysis.methods.witnesses import Witnesses

if TYPE_CHECKING:
    import numpy.typing as npt

    from sendanalysis.methods.disclosure_rule import Rule

    Numbers = npt.NDArray[np.float64]
    Whole = npt.NDArray[np.int64]
    Marks = npt.NDArray[np.bool_]


def small(counts: npt.ArrayLike, rule: Rule) -> Marks:
    """Which counts the rule itself hides.

    >>> from sendanalysis.methods.disclosure_rule import Rule
    >>> small([0, 1, 4, 5], Rule(5)).tolist()
    [False, True, True, False]
    """
    counts = np.asarray(counts)
    return np.asarray((counts < rule.threshold) & (counts >= rule.least) & (rule.threshold > 1))


def merge_atoms(cells: Any, units: npt.ArrayLike | None = None) -> tuple[scipy.sparse.csr_array, Whole, Whole]:
    """Units that are counted in the same cells, as one atom.

    Args:
        cells: Cells by units: how often a unit counts in a cell.
        units: How many each unit stands for; one if not given.

    Returns:
        Cells by atoms, the number of units of each atom, and the atom of each unit. Units counted nowhere are an atom,
        too.
    """
    columns, atom = _distinct(_table(cells).T.tocsr())
    weights = None if units is None else np.asarray(units, dtype=float)
    sizes = np.bincount(atom, weights, minlength=columns.shape[0])
    return columns.T.tocsr(), sizes.round().astype(np.int64), atom


def protect(  # noqa: PLR0913 - each says another thing of the cells
    cells: Any,
    atoms: npt.ArrayLike,
    rule: Rule,
    *,
    hidden: npt.ArrayLike | None = None,
    guarded: npt.ArrayLike | None = None,
    never_shown: npt.ArrayLike | None = None,
    shown_before: Any = None,
    before_ends: tuple[npt.ArrayLike, npt.ArrayLike] | None = None,
    cost: npt.ArrayLike | None = None,
    shown_by: Rule | None = None,
) -> Marks:
    """Which cells are hidden: the small ones, and as few others as it takes that none of these can be worked out.

    A small cell without a witness gets the one that moves the least cost of shown cells, and the cells it moves are
    hidden; at last each cell hidden beyond the small ones is shown again, dearest first, where every small cell keeps a
    witness. Cells that count the same atoms are one and are hidden together.

    Args:
        cells: Cells by atoms: how often an atom counts in a cell, whole; below 0 where it is taken off.
        atoms: Units of each atom.
        rule: What the audience may see.
        hidden: Cells hidden already, and so to stay.
        guarded: Cells to hide although they are not small, such as those of few children, so that no reader can tell
            them to within the threshold.
        never_shown: Cells that stand nowhere and are not to be worked out when they are small, such as complements.
        shown_before: Cells by atoms that readers have from earlier publications, and so can no longer be hidden.
        before_ends: The least and the most that each of these can be as it was shown; as the rule has it if not given.
        cost: What is lost when a cell is hidden; log(2 + count) if not given.
        shown_by: What the counts are shown by, where it is another rule than the one that says which are small.

    Returns:
        Whether each cell is hidden. A small cell that earlier publications give away is hidden here, and the audit
        names it.

    Raises:
        MethodError: Tables that do not fit each other, or counts below 0.
    """
    table, sizes = _table(cells), np.asarray(atoms, dtype=np.int64)
    before = table[:0] if shown_before is None else _table(shown_before)
    _refuse(table, before, sizes)
    counts, n = table @ sizes, table.shape[0]
    never = np.zeros(n, bool) if never_shown is None else np.asarray(never_shown, bool)
    guard = np.zeros(n, bool) if guarded is None else np.asarray(guarded, bool)
    primary = small(counts, rule) | guard
    shut: Marks = np.asarray(primary | never, bool)
    shut[~never] |= False if hidden is None else np.asarray(hidden, bool)[~never]
    if not rule.secondary or not primary.any():
        return shut
    weights = None if cost is None else np.asarray(cost, dtype=float)
    rules = rule, shown_by or rule
    ends = before_ends or rules[1].behind(np.asarray(before @ sizes))
    search, now = _search(table, sizes, rules, before, ends, guard, never, shut, weights)
    search.hide()
    return np.asarray(shut | search.shut[now])


def _search(  # noqa: PLR0913, PLR0917 - what `protect` was told
    table: scipy.sparse.csr_array,
    sizes: Whole,
    rules: tuple[Rule, Rule],
    before: scipy.sparse.csr_array,
    ends: tuple[npt.ArrayLike, npt.ArrayLike],
    guard: Marks,
    never: Marks,
    shut: Marks,
    cost: Numbers | None,
) -> tuple[Witnesses, Whole]:
    """The search over distinct cells, and which of them each cell of the table is."""
    n, (rule, shown_by) = table.shape[0], rules
    by_rule = shown_by.behind(np.asarray(before @ sizes))
    low, high = (np.asarray(end, dtype=float) for end in ends)
    alike = (low == by_rule[0]) & (high == by_rule[1])
    rows, kind = _distinct(scipy.sparse.vstack([table, before[alike]]).tocsr())
    k, now = rows.shape[0], kind[:n]
    values, guard = rows @ sizes, _any(now[guard], k)
    goal = np.where(guard, values + rule.threshold, rule.threshold).astype(float)
    primary = small(values, rule) | guard
    fixed = _any(kind[n:], k)
    seen = _any(now[~never], k) | fixed
    closed = (_any(now[shut & ~never], k) | primary | ~seen) & ~fixed
    loss = np.log(2 + values)
    if cost is not None:
        loss = np.zeros(k)
        np.maximum.at(loss, now, cost)
    more = before[~alike]  # shown otherwise than the rule has it, so each stays a count of its own
    own = np.ones(more.shape[0], bool)
    least, most = shown_by.behind(values)
    search = Witnesses(
        scipy.sparse.vstack([rows, more]).tocsr(),
        sizes,
        low=np.r_[least, low[~alike]],
        high=np.r_[most, high[~alike]],
        small=np.r_[primary, ~own],
        goal=np.r_[goal, np.zeros(len(own))],
        threshold=rule.threshold,
    )
    search.least, search.fixed, search.seen = shown_by.least, np.r_[fixed, own], np.r_[seen, own]
    search.shut, search.cost = np.r_[closed, ~own], np.r_[loss, np.zeros(len(own))]
    return search, now


def _refuse(table: scipy.sparse.csr_array, before: scipy.sparse.csr_array, sizes: Whole) -> None:
    if table.shape[1] != len(sizes) or before.shape[1] != len(sizes):
        raise MethodError(f"atoms: {len(sizes)} sizes for {table.shape[1]} and {before.shape[1]} columns of cells.")
    if (table @ sizes < 0).any() or (sizes < 0).any():
        raise MethodError("cells: a count is below 0. Count whole units.")


def _table(cells: Any) -> scipy.sparse.csr_array:
    """Cells as a sparse table of whole numbers, in one order."""
    table = scipy.sparse.csr_array(cells, dtype=np.int64)
    table.sum_duplicates()
    table.eliminate_zeros()
    return table


def _distinct(table: scipy.sparse.csr_array) -> tuple[scipy.sparse.csr_array, Whole]:
    """Rows that differ, and which of them each row is."""
    ends = zip(table.indptr, table.indptr[1:], strict=False)
    keys = [(table.indices[a:b].tobytes(), table.data[a:b].tobytes()) for a, b in ends]
    order = {key: i for i, key in enumerate(dict.fromkeys(keys))}
    which = np.array([order[key] for key in keys], dtype=np.int64)
    first = np.unique(which, return_index=True)[1]
    return table[first], which


def _any(which: Whole, n: int) -> Marks:
    """Whether each of n kinds is among those given."""
    return np.bincount(which, minlength=n) > 0
