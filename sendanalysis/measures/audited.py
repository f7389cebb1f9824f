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
    from sendanalysis.measures.released import Release

COLUMNS = ["table", "counts_n", "small_n", "hidden_n", "beyond_n", "recoverable_n"]


def audited(exact: Release, shown: Release) -> pd.DataFrame:
    """What a reader of released figures could work out, by another path than that which hid them.

    Args:
        exact: The release of the same month and choices with exact figures.
        shown: What the audience is shown.

    Returns:
        table (that the figures are counted from), counts_n, small_n (of them below the threshold of its rule, and the
        rests that stand nowhere), hidden_n, beyond_n (hidden although not small), recoverable_n (small ones that can be
        worked out), a row for each table.

    Raises:
        MethodError: The figures shown contradict each other.
    """
    rules = exact.settings.disclosure[shown.audience]
    families: dict[str, list[str]] = {}
    for name in [*shown.measures, *([RECORDED] if RECORDED in shown.pages else [])]:
        if len(shown.figures(name)):
            families.setdefault(exact.measures[name].needs[0] if name in exact.measures else name, []).append(name)
    found = []
    for table, names in families.items():
        figures = {name: exact.figures(name) for name in names}
        held = cells_of(exact.measures, figures, exact.source_tables, exact.period)
        if not held.cells:
            continue
        rule = strictest(rules.get(needed, rules[""]) for name in names for needed in ("", *exact.needs(name)))
        never = np.array([cell.part == REST for cell in held.cells], dtype=bool)
        gone = {name: shown.figures(name) for name in names}
        gone = {name: rows.isna().mul(rows["state"].eq(HIDDEN), axis=0).to_dict("list") for name, rows in gone.items()}
        shut = [cell.part != REST and gone[cell.measure][cell.part][cell.row] for cell in held.cells]
        cells, sizes, _ = merge_atoms(held.matrix)
        done = audit(cells, sizes, shut, rule, never_shown=never)
        found.append([table, done.cells_n, done.primary_n, done.hidden_n, done.beyond_n, len(done.recoverable)])
    return pd.DataFrame(found, columns=COLUMNS)

