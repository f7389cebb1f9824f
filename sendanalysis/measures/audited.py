"""What a reader of protected figures could work out, by another path than that which hid them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from sendanalysis.errors import MethodError
from sendanalysis.measures.cells import NUMBER, SHOWN, WHOLE, Cell
from sendanalysis.methods.disclosure_audit import Share, audit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sendanalysis.measures.protection import Family, ProtectedRelease
    from sendanalysis.measures.scorecard import Figure

COLUMNS = ["table", "counts_n", "small_n", "hidden_n", "beyond_n", "recoverable_n", "narrowest"]


def audited(release: ProtectedRelease) -> pd.DataFrame:
    """Whether small counts can be worked out from the figures that an audience is shown, table by table.

    What is hidden is read from the figures as shown. Colours count, too: they say on which side of its target a share
    is, and are those of the exact figures.

    Args:
        release: The figures shown.

    Returns:
        table (that the figures are counted from), counts_n, small_n (below the threshold, and the rests and growths
        that stand nowhere), hidden_n, beyond_n (hidden although not small), recoverable_n (small ones that can be
        worked out), narrowest (least width of the range of a small one); a row for each table.

    Raises:
        MethodError: A figure shows something of a hidden count, or another count than its rule has it show.
    """
    found = []
    for family in release.families:
        shown = {name: release.figures(name) for name in family.exact}
        hidden = np.array([_hidden(cell, shown) for cell in family.held.cells], dtype=bool)
        _refuse_told(family, shown, hidden)
        done = audit(
            family.held.table,
            family.held.sizes,
            hidden,
            family.rule,
            guarded=family.guarded,
            never_shown=family.never_shown,
            shares=list(_colours(release, family)),
        )
        counts = [done.cells_n, done.primary_n, done.hidden_n, done.beyond_n, len(done.recoverable), done.narrowest]
        found.append([family.table, *counts])
    return pd.DataFrame(found, columns=COLUMNS)


def _hidden(cell: Cell, shown: dict[str, pd.DataFrame]) -> bool:
    return cell.part in SHOWN and bool(shown[cell.measure][cell.part].isna().loc[cell.row])


def _refuse_told(family: Family, shown: dict[str, pd.DataFrame], hidden: np.ndarray) -> None:
    """Figures that show more than their counts do."""
    counts = family.rule.rounded(family.held.table @ family.held.sizes)
    for cell, count, shut in zip(family.held.cells, counts, hidden, strict=True):
        if cell.part not in SHOWN:
            continue
        row = shown[cell.measure].loc[cell.row]
        told = row[["value", "lower", "upper"]].notna().any() if shut else row[cell.part] != count
        if told:
            where = f"{cell.measure}, {row['group']}, {row['window']} to {row['last_on']:%Y-%m-%d}"
            raise MethodError(f"{where}: it shows more than its counts do. Hide its value with what it counts.")


def _colours(release: ProtectedRelease, family: Family) -> Iterator[Share]:
    """On which side of its target the share of each coloured KPI is."""
    at = {cell: i for i, cell in enumerate(family.held.cells)}
    for figure in release.kpis.values():
        kpi = figure.kpi
        if kpi is None or kpi.measure not in family.exact or kpi.unit != "percent":
            continue
        window = kpi.window or release.measures[kpi.measure].window if kpi.measure in release.measures else "month"
        rows = release.figures(kpi.measure)
        rows = rows[rows["group"].eq(kpi.group) & rows["window"].eq(window)]
        ends = _side(figure)
        cells = [Cell(kpi.measure, rows.index[-1], part) for part in (NUMBER, WHOLE)] if len(rows) else []
        if ends and cells and set(cells) <= at.keys():
            yield Share(at[cells[0]], at[cells[1]], *ends)


def _side(figure: Figure) -> tuple[float, float] | None:
    if figure.target is None or figure.target_to is not None or figure.by_parts:
        return None
    met = {"Green": True, "Amber": False, "Red": False}.get(figure.status)
    if met is None:
        return None
    return (figure.target, 100) if met == (figure.polarity != "lower") else (0, figure.target)
