"""What a reader of protected figures could work out, by another path than that which hid them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from sendanalysis.errors import MethodError
from sendanalysis.measures.cells import NUMBER, WHOLE, Cell
from sendanalysis.methods.disclosure_audit import Audit, Share, audit

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import numpy.typing as npt

    from sendanalysis.measures.protection import Family, ProtectedRelease
    from sendanalysis.measures.scorecard import Figure

COLUMNS = ["table", "counts_n", "small_n", "hidden_n", "beyond_n", "recoverable_n", "known_n", "figures"]


def audited(release: ProtectedRelease) -> pd.DataFrame:
    """Whether small counts can be worked out from the figures that an audience is shown, table by table.

    What is hidden is read from the figures as shown. Colours count, too: they say on which side of its target a share
    is, and are those of the exact figures.

    Earlier publications that its readers have count as well. What could be worked out though every figure were hidden
    now is no fault of the release, since what was published cannot be taken back: it is counted apart.

    Args:
        release: The figures shown.

    Returns:
        table (that the figures are counted from), counts_n, small_n (below the threshold, and the rests, growths and
        differences that stand nowhere), hidden_n, beyond_n (hidden although not small), recoverable_n (small ones that
        can be worked out), known_n (that could be whatever is hidden now), figures (the recoverable ones in words); a
        row for each table.

    Raises:
        MethodError: A figure shows something of a hidden count, or another count than its rule has it show.
    """
    found = []
    for family in release.families:
        shown = {name: release.figures(name) for name in family.exact}
        ours = zip(family.held.cells, family.never_shown, strict=True)
        hidden = np.array([not never and shown[m][part].isna().loc[row] for (m, row, part), never in ours], dtype=bool)
        _refuse_told(family, shown, hidden)
        done = audit_of(family, hidden, list(_colours(release, family)))
        known = set(audit_of(family, ~family.never_shown).recoverable) if done.recoverable else set()
        told = [cell for cell in done.recoverable if cell not in known]
        names = "; ".join(dict.fromkeys(_named(family.held.cells[cell], shown) for cell in told))
        counts = [done.cells_n, done.primary_n, done.hidden_n, done.beyond_n, len(told), len(known)]
        found.append([family.table, *counts, names])
    return pd.DataFrame(found, columns=COLUMNS)


def audit_of(family: Family, hidden: npt.NDArray[np.bool_], shares: Sequence[Share] = ()) -> Audit:
    """What a reader of some figures, and of those that earlier publications showed, can work out; see `audit`."""
    return audit(
        family.held.table,
        family.held.sizes,
        hidden,
        family.rule,
        guarded=family.guarded,
        never_shown=family.never_shown,
        shown_before=family.before.table,
        before_ends=(family.before.low, family.before.high),
        shares=shares,
    )


def _named(cell: Cell, shown: dict[str, pd.DataFrame]) -> str:
    """A count in words: measure, group and window."""
    rows = shown[cell.measure]
    if cell.row >= len(rows):
        return f"{cell.measure}, a window published before"
    row = rows.loc[cell.row]
    return f"{cell.measure}, {row['group']}, {row['window']} to {row['last_on']:%Y-%m-%d}"


def _refuse_told(family: Family, shown: dict[str, pd.DataFrame], hidden: np.ndarray) -> None:
    """Figures that show more than their counts do."""
    counts = family.rule.rounded(family.held.table @ family.held.sizes)
    for cell, count, shut, never in zip(family.held.cells, counts, hidden, family.never_shown, strict=True):
        if never:
            continue
        row = shown[cell.measure].loc[cell.row]
        told = row[["value", "lower", "upper"]].notna().any() if shut else row[cell.part] != count
        if told:
            raise MethodError(
                f"{_named(cell, shown)}: it shows more than its counts do. Hide its value with what it counts."
            )


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
