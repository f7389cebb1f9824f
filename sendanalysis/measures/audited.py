"""Whether small counts can be worked out from the figures that an audience is shown, table by table."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from sendanalysis.inputs.audiences import strictest
from sendanalysis.inputs.plan import RECORDED
from sendanalysis.measures.cells import REST, cells_of
from sendanalysis.measures.figures import HIDDEN
from sendanalysis.methods.disclosure import merge_atoms
from sendanalysis.methods.disclosure_audit import audit

if TYPE_CHECKING:
    from sendanalysis.measures.cells import Cell
    from sendanalysis.measures.protection import ProtectedRelease

COLUMNS = ["table", "counts_n", "small_n", "hidden_n", "beyond_n", "recoverable_n"]


def audited(release: ProtectedRelease) -> pd.DataFrame:
    """What a reader of released figures could work out, by another path than that which hid them.

    Args:
        release: What the audience is shown.

    Returns:
        table (that the figures are counted from), counts_n, small_n (of them below the threshold of its rule, and the
        rests that stand nowhere), hidden_n, beyond_n (hidden although not small), recoverable_n (small ones that can be
        worked out), a row for each table.

    Raises:
        MethodError: The figures shown contradict each other.
    """
    exact = release.exact
    families: dict[str, list[str]] = {}
    for name in [*release.measures, *([RECORDED] if RECORDED in release.pages else [])]:
        if len(release.figures(name)):
            families.setdefault(exact.measures[name].needs[0] if name in exact.measures else name, []).append(name)
    found = []
    for table, names in families.items():
        figures, shown = ({name: made.figures(name) for name in names} for made in (exact, release))
        held = cells_of(exact.measures, figures, exact.source_tables, exact.period)
        if not held.cells:
            continue
        rule = strictest(map(release.rule, names))
        never = np.array([cell.part == REST for cell in held.cells], dtype=bool)
        shut = [cell.part != REST and _is_hidden(shown[cell.measure], cell) for cell in held.cells]
        cells, sizes, _ = merge_atoms(held.matrix)
        done = audit(cells, sizes, shut, rule, never_shown=never)
        found.append([table, done.cells_n, done.primary_n, done.hidden_n, done.beyond_n, len(done.recoverable)])
    return pd.DataFrame(found, columns=COLUMNS)


def _is_hidden(rows: pd.DataFrame, cell: Cell) -> bool:
    row = rows.loc[cell.row]
    return bool(row["state"] == HIDDEN and pd.isna(row[cell.part]))
