"""What a reader of protected figures could work out, by another path than that which hid them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from sendanalysis.errors import MethodError
from sendanalysis.measures.cells import GONE, NUMBER, REST, SINCE, WHOLE, Cell
from sendanalysis.measures.earlier import RESTATED
from sendanalysis.measures.families import padded
from sendanalysis.measures.scorecard import side_of
from sendanalysis.methods.disclosure_audit import Audit, Share, audit

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import numpy.typing as npt

    from sendanalysis.measures.families import Family, Reading
    from sendanalysis.measures.protection import ProtectedRelease

    Marks = npt.NDArray[np.bool_]

COLUMNS = ["table", "counts_n", "small_n", "hidden_n", "beyond_n", "recoverable_n", "known_n", "figures", "known"]
OF_IT = {
    REST: "what is left of its total",
    SINCE: "what came since the window before",
    GONE: "what is gone since the window before",
    RESTATED: "by how much it was restated",
}


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
        can be worked out), known_n (that could be whatever is hidden now), figures and known (both in words); a row for
        each table.

    Raises:
        MethodError: A figure shows something of a hidden count, or another count than its rule has it show.
    """
    rows = []
    for family in release.families:
        shown = {name: release.figures(name) for name in family.exact}
        ours = zip(family.held.cells, family.never_shown, strict=True)
        hidden = np.array([not never and shown[m][part].isna().loc[row] for (m, row, part), never in ours], dtype=bool)
        _refuse_told(family, shown, hidden)
        own, now, before = told_in(family, hidden, list(_colours(release, family)))
        names = ["; ".join(dict.fromkeys(_named(each, family) for each in told)) for told in (now, before)]
        counts = [own.cells_n, own.primary_n, own.hidden_n, own.beyond_n, len(now), len(before)]
        rows.append([family.table, *counts, *names])
    return pd.DataFrame(rows, columns=COLUMNS)


class Told(NamedTuple):
    """What readers can work out of a family.

    Attributes:
        own: What the audience can.
        now: Small counts that can be worked out: to whom each is small, and its cell.
        before: The same of those that could be though everything were hidden now.
    """

    own: Audit
    now: list[tuple[str, Cell]]
    before: list[tuple[str, Cell]]


def told_in(family: Family, hidden: Marks, colours: Sequence[Share] = ()) -> Told:
    """What can be worked out by those who read a family's figures with what they have already.

    Args:
        family: The figures, with all who read them.
        hidden: Which of its counts are hidden.
        colours: What today's colours tell of shares.
    """
    audits, now, before = [], list[tuple[str, Cell]](), list[tuple[str, Cell]]()
    for each in family.readings:
        audits.append(_audit_of(family, each, hidden, [*each.shares, *colours]))
        told = set(audits[-1].recoverable)
        known = told and told & set(_audit_of(family, each, ~family.never_shown, each.shares).recoverable)
        now += [(each.audience, each.held.cells[cell]) for cell in sorted(told - known)]
        before += [(each.audience, each.held.cells[cell]) for cell in sorted(known)]
    return Told(audits[0], now, before)


def _audit_of(family: Family, reading: Reading, hidden: Marks, shares: Sequence[Share]) -> Audit:
    return audit(
        reading.held.table,
        reading.held.sizes,
        padded(hidden, len(reading.held.cells)),
        reading.rule,
        guarded=reading.guarded,
        never_shown=reading.never_shown,
        shown_before=reading.before.table,
        before_ends=(reading.before.low, reading.before.high),
        shares=shares,
        shown_by=family.rule,
    )


def _named(told: tuple[str, Cell], family: Family) -> str:
    """A count in words: measure, group and window, what of it, and whose readers can tell where others can, too."""
    audience, (measure, row, part) = told
    figure = family.more[measure].loc[row]
    of_it = "".join(f", {words}" for end, words in OF_IT.items() if part.endswith(end))
    whose = f", by readers of what is for {audience}" if audience != family.readings[0].audience else ""
    return f"{measure}, {figure['group']}, {figure['window']} to {figure['last_on']:%Y-%m-%d}{of_it}{whose}"


def _refuse_told(family: Family, shown: dict[str, pd.DataFrame], hidden: Marks) -> None:
    """Figures that show more than their counts do."""
    counts = family.rule.rounded(family.held.table @ family.held.sizes)
    for cell, count, shut, never in zip(family.held.cells, counts, hidden, family.never_shown, strict=True):
        if never:
            continue
        row = shown[cell.measure].loc[cell.row]
        told = row[["value", "lower", "upper"]].notna().any() if shut else row[cell.part] != count
        if told:
            where = _named((family.readings[0].audience, cell), family)
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
        ends = side_of(vars(figure), figure.polarity)
        cells = [Cell(kpi.measure, rows.index[-1], part) for part in (NUMBER, WHOLE)] if len(rows) else []
        if ends and cells and set(cells) <= at.keys():
            yield Share(at[cells[0]], at[cells[1]], *ends)
