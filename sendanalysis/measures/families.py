"""The counts of one table of extracts, protected together from all who read them, now and from earlier publications."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from sendanalysis.measures.cells import NUMBER, SHOWN, WHOLE, Cell, Cells, cells_of
from sendanalysis.measures.earlier import KEY, Before, Colour, joined
from sendanalysis.measures.figures import HIDDEN
from sendanalysis.methods.disclosure import protect
from sendanalysis.methods.disclosure_audit import Share
from sendanalysis.methods.proportions import wilson

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    import numpy.typing as npt

    from sendanalysis.measures.kept import Kept
    from sendanalysis.methods.disclosure_rule import Rule

    Marks = npt.NDArray[np.bool_]
    Numbers = npt.NDArray[np.float64]


class Readers(NamedTuple):
    """Who reads figures, and what they have already.

    Attributes:
        audience: Whose readers they are.
        rule: Which counts are small to them.
        told: What was published to them before, by measure; see `earlier.told_of`.
        colours: The colours of KPIs in these publications.
    """

    audience: str
    rule: Rule
    told: Mapping[str, pd.DataFrame]
    colours: Sequence[Colour] = ()


def told_to(readers: Sequence[Readers], name: str) -> pd.DataFrame:
    """What was published of a measure to any of some readers."""
    told = [each.told[name] for each in readers]
    return pd.concat([rows for rows in told if len(rows)] or told[:1], ignore_index=True)


@dataclass(frozen=True)
class Reading:
    """The counts of a family as some readers can put them together.

    Attributes:
        audience: Whose readers they are.
        rule: Which counts are small to them.
        held: The counts of the family, followed by the differences between them and what was shown before.
        guarded: Cells of few children, which are hidden although they are not small.
        never_shown: Cells that stand nowhere now.
        before: What they have of the same from earlier publications.
        shares: What the colours of these tell of shares.
    """

    audience: str
    rule: Rule
    held: Cells
    guarded: Marks
    never_shown: Marks
    before: Before
    shares: tuple[Share, ...]


@dataclass(frozen=True)
class Family:
    """The figures of one table of extracts, which are protected together.

    Attributes:
        table: Where the rows come from.
        rule: What the audience may see: the strictest rule of the measures.
        exact: Figures as measured, by measure.
        more: The same, followed by those of windows published before.
        held: What these count.
        never_shown: Cells that stand nowhere now.
        hidden: Cells that are hidden, those that stand nowhere included.
        readings: What its audience can put together, and after it others who read what this audience reads.
    """

    table: str
    rule: Rule
    exact: Mapping[str, pd.DataFrame]
    more: Mapping[str, pd.DataFrame]
    held: Cells
    never_shown: Marks
    hidden: Marks
    readings: tuple[Reading, ...]


def family_of(  # noqa: PLR0913, PLR0917  # what the counts of a table are made of
    table: str,
    exact: Mapping[str, pd.DataFrame],
    more: Mapping[str, pd.DataFrame],
    kept: Mapping[str, Kept],
    readers: Sequence[Readers],
    dear: Mapping[str, pd.Series[float]],
) -> Family:
    """Figures of one table, with what is hidden of them.

    What one audience reads may tell another, which has publications of its own, of a count that is small to it. So
    the counts are protected from each of them in turn, and what is hidden from one is hidden.

    Args:
        table: Where their rows come from.
        exact: Figures as measured, by measure.
        more: The same, followed by those of windows published before; see `earlier.with_windows`.
        kept: The rows behind them.
        readers: The audience, whose rule the figures are shown by, then others who read the same.
        dear: How dear each of `more` is to readers.
    """
    held, rule = cells_of(kept, more), readers[0].rule
    ours = [cell.part in SHOWN and cell.row < len(exact[cell.measure]) for cell in held.cells]
    readings, n = tuple(_reading(held, more, np.array(ours, dtype=bool), each) for each in readers), len(held.cells)
    hidden = np.zeros(n, dtype=bool)
    for each in readings:
        counts = each.held.table @ each.held.sizes
        dearness = np.array([dear[cell.measure].loc[cell.row] for cell in each.held.cells], dtype=float)
        near = each.before.apart < rule.threshold if each is readings[0] else np.zeros(len(counts), dtype=bool)
        hidden |= protect(
            each.held.table,
            each.held.sizes,
            each.rule,
            hidden=near | padded(hidden, len(near)),
            guarded=each.guarded,
            never_shown=each.never_shown,
            shown_before=each.before.table,
            before_ends=(each.before.low, each.before.high),
            cost=np.log(2 + counts) * dearness,
            shown_by=rule,
        )[:n]
    return Family(table, rule, exact, more, held, readings[0].never_shown[:n], hidden, readings)


def _reading(held: Cells, more: Mapping[str, pd.DataFrame], ours: Marks, readers: Readers) -> Reading:
    own, before = joined(held, more, readers.told)
    never, counts = ~padded(ours, len(own.cells)), own.table @ own.sizes
    least = readers.rule.threshold
    few = ~never & (own.people > 0) & (own.people < least) & (counts >= least)
    shares = tuple(_shares(readers.colours, own, counts, more))
    return Reading(readers.audience, readers.rule, own, few, never, before, shares)


def _shares(
    colours: Sequence[Colour], held: Cells, counts: Numbers, more: Mapping[str, pd.DataFrame]
) -> Iterator[Share]:
    """What colours tell of today's counts; one that they do not hold told of others, restated since."""
    at = {cell: i for i, cell in enumerate(held.cells)}
    for colour in (colour for colour in colours if colour.measure in more):
        rows = more[colour.measure]
        for row in rows.index[rows[KEY].eq(list(colour.key)).all(axis=1)]:
            n, of = (at.get(Cell(colour.measure, row, part)) for part in (NUMBER, WHOLE))
            if n is None or of is None:
                continue
            if colour.low_pct * counts[of] <= 100 * counts[n] <= colour.high_pct * counts[of]:
                yield Share(n, of, colour.low_pct, colour.high_pct)


def padded(marks: Marks, n: int) -> Marks:
    """Marks of the counts of a family for those of a reading, of which the further ones have none."""
    return np.concatenate([marks, np.zeros(n - len(marks), dtype=bool)])


def masked(family: Family) -> dict[str, pd.DataFrame]:
    """Figures with what is hidden left blank, and all else rounded as the rule says."""
    marks = pd.DataFrame(family.held.cells, columns=["measure", "row", "part"]).assign(hidden=family.hidden)
    return {name: _masked(rows, marks[marks["measure"] == name], family.rule) for name, rows in family.exact.items()}


def _masked(rows: pd.DataFrame, marks: pd.DataFrame, rule: Rule) -> pd.DataFrame:
    """Figures with what their rule hides left blank, and all else rounded as it says."""
    counts = {part: marks[marks["part"] == part].set_index("row")["hidden"] for part in SHOWN}
    hidden = {part: rows.index.isin(own.index[own]) for part, own in counts.items()}
    counted = pd.Series(rows.index.isin(counts[WHOLE].index), rows.index)
    rows = _rounded(rows, rule, counted) if rule.round_to > 1 else rows.copy()
    gone = hidden[NUMBER] | hidden[WHOLE]
    rows.loc[hidden[NUMBER], "n"] = np.nan
    rows.loc[hidden[WHOLE], "of"] = np.nan
    rows.loc[gone, ["value", "lower", "upper"]] = np.nan
    return rows.assign(state=rows["state"].mask(gone, HIDDEN))


def _rounded(rows: pd.DataFrame, rule: Rule, counted: pd.Series[bool]) -> pd.DataFrame:
    """Figures of rounded counts.

    Shares, counts and rates are those of the rounded counts; a mean or median stands to the nearest whole unit. The
    interval of a share (Wilson) holds that of every pair of counts that round to those shown, the true ones among them.
    No other interval is shown.
    """
    n, of = rows["n"], rows["of"]
    shown_n, shown_of = (pd.Series(rule.rounded(count), rows.index).where(count.notna()) for count in (n, of))
    share = counted & of.gt(0) & np.isclose(rows["value"], 100 * n / of)
    grows = ~share & n.gt(0) & (np.isclose(rows["value"], n) | (of.notna() & ~counted))  # a count, or a rate of people
    found = rows.assign(n=shown_n, of=shown_of.where(counted, of), lower=np.nan, upper=np.nan)
    found["value"] = rows["value"].round().mask(grows, rows["value"] / n * shown_n)
    found.loc[share, "value"] = 100 * shown_n / shown_of
    (least_n, most_n), (least_of, most_of) = rule.behind(n.fillna(0)), rule.behind(of.fillna(0))
    kept = (share & shown_of.gt(0) & rows["lower"].notna()).to_numpy()
    ends = [
        (100 * wilson(low, whole).lower, 100 * wilson(min(high, part), part).upper)
        for low, high, part, whole in np.column_stack([least_n, most_n, least_of, most_of])[kept].astype(int).tolist()
    ]
    found.loc[kept, ["lower", "upper"]] = np.reshape(ends, (-1, 2))
    return found
