"""What readers can work out of months as published, by units found by measuring the rows of each child alone.

It shares nothing with what hid the counts but the measures themselves: a child's part in a count is what the measure
gives of that child's rows, so children of the same part in every count of every month are alike to a reader. In tables
where most children have many rows, each row stands by itself; see `whose`.

As a script: python benchmarks/children_alone.py data/southend partner 2021-10 2021-11 2021-12
"""

from __future__ import annotations

import sys
import tempfile
from concurrent.futures import ProcessPoolExecutor
from functools import lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from sendanalysis.measures.earlier import KEY, Earlier, read_earlier
from sendanalysis.measures.figures import measured
from sendanalysis.measures.kept import PEOPLE
from sendanalysis.methods.disclosure_audit import Share, audit
from sendanalysis.release import ProtectedRelease, Release, open_release, write_release

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    import numpy.typing as npt

    from sendanalysis.methods.disclosure_rule import Rule

    Numbers = npt.NDArray[np.float64]

CELL = ["measure", *KEY]
PARTS = ("n", "of")
CHUNKS = 16
opened = lru_cache(open_release)  # once a process
COLUMNS = ["table", "units_n", "counts_n", "apart_n", "small_n", "recoverable_n", "recoverable"]  # apart: no sums


def published(area: str, audience: str, months: Iterable[str], folder: Path) -> tuple[Earlier, ...]:
    """Months of an area as an audience is shown them, each protected in the light of those before."""
    folders: list[Path] = []
    for month in months:
        release = open_release(area, month, audience)
        if not isinstance(release, ProtectedRelease):
            raise TypeError(audience)
        release.after({audience: folders})
        write_release(folder / month, Path(area), release, "")
        folders.append(folder / month)
    return read_earlier(folders)


def tables_of(release: Release) -> dict[str, list[str]]:
    """The measures that count the rows of each table."""
    found: dict[str, list[str]] = {}
    for name, measure in release.measures.items():
        found.setdefault(measure.needs[0], []).append(name)
    return found


def figures_of(release: Release, names: Sequence[str]) -> pd.DataFrame:
    """The exact figures of some measures, one below the other."""
    return pd.concat([release.figures(name) for name in names], ignore_index=True)


def alone(area: str, month: str, table: str, names: Sequence[str], children: Sequence[Any]) -> list[Numbers]:
    """What each of some children adds to the numbers, and to what these are out of."""
    release = opened(area, month)
    order, rows = pd.MultiIndex.from_frame(figures_of(release, names)[CELL]), release.source_tables[table]
    theirs, found = whose(rows), []
    for child in children:
        own = {**release.source_tables, table: rows[theirs.isna() if pd.isna(child) else theirs.eq(child)]}
        counts = pd.concat([measured(release.measures[name], own, release.period) for name in names])
        held = counts.set_index(CELL)[list(PARTS)].reindex(order)
        found.append(np.nan_to_num(held.to_numpy(dtype="float64").T.ravel()))
    return found


def whose(rows: pd.DataFrame) -> pd.Series[Any]:
    """Whose each row is: that of people, else the first of ids; where most have many rows, each row stands by itself.

    Of children with many rows hardly two have the same part in all counts, and readers do not know which parts a child
    has: taken as units, such children would be told apart by what nobody knows.
    """
    ids = [name for name in rows.columns if name.endswith("_id")]
    own = rows[next((name for name in PEOPLE if name in ids), ids[0])]
    return own if own.value_counts().median() == 1 else pd.Series(range(len(rows)), rows.index)


def counts_of(
    area: str, table: str, names: Sequence[str], edition: Earlier, spread: Callable[..., Iterable[Any]] = map
) -> tuple[pd.DataFrame, Numbers]:
    """The counts of one edition, the children measured one by one or, by the `map` of a pool, side by side.

    Returns:
        measure, group, window, first_on, last_on, part, low, high (what readers are told of it), adds_up (whether it is
        the sum of what its children give); and for each what every child gives.
    """
    release = opened(area, edition.month)
    exact, children = figures_of(release, names), whose(release.source_tables[table]).unique()
    chunks = [children[first::CHUNKS] for first in range(CHUNKS)]
    each = list(spread(partial(alone, area, edition.month, table, names), chunks))
    parts = np.zeros((len(PARTS) * len(exact), len(children)))
    for first, own in enumerate(each):
        parts[:, first::CHUNKS] = np.reshape(own, (-1, len(parts))).T
    figures = pd.concat([edition.figures[name] for name in names]).assign(stands=True)
    shown = exact[CELL].merge(figures, how="left", on=CELL)
    cells, rule = (
        pd.concat([exact[CELL].assign(part=part) for part in PARTS], ignore_index=True),
        edition.rules[names[0]],
    )
    told, whole = (np.concatenate([rows[part].to_numpy("float64") for part in PARTS]) for rows in (shown, exact))
    low, high = rule.behind(np.nan_to_num(told))
    hidden = np.isnan(told)
    least = np.where(np.tile(shown["stands"].eq(True), len(PARTS)), rule.least, 0)  # of what stands nowhere, none
    ends = {"low": np.where(hidden, least, low), "high": np.where(hidden, np.inf, high)}
    known = ~np.isnan(whole)
    return cells.assign(**ends, adds_up=np.isclose(parts.sum(axis=1), whole) & known)[known], parts[known]


def judged(
    table: str, found: Sequence[tuple[pd.DataFrame, Numbers]], editions: Sequence[Earlier], rule: Rule
) -> list[object]:
    """What can be worked out of the counts of one table by readers who have all its editions; see `COLUMNS`."""
    cells = pd.concat([rows for rows, _ in found], keys=range(len(found)), names=["edition", None]).reset_index(
        "edition"
    )
    held, parts = cells["adds_up"].to_numpy(), np.vstack([own for _, own in found])
    cells, parts = cells[held].reset_index(drop=True), parts[held]
    wide = cells.assign(at=cells.index).pivot_table("at", ["edition", *CELL], "part")
    pairs = wide.reindex(columns=PARTS).dropna().astype(int)
    rests = parts[pairs["of"]] - parts[pairs["n"]]
    pairs, rests = pairs[(rests >= 0).all(axis=1)], rests[(rests >= 0).all(axis=1)]
    atoms, of_atom = np.unique(np.vstack([parts, rests]), axis=1, return_inverse=True)
    free, told = np.ones(len(atoms), dtype=bool), (cells["low"] > 0) | np.isfinite(cells["high"])
    result = audit(
        atoms,
        np.bincount(of_atom.ravel()),
        ~free,
        rule,
        never_shown=free,
        shown_before=atoms[: len(cells)][told],
        before_ends=(cells["low"][told], cells["high"][told]),
        shares=list(_shares(cells, editions)),
    )
    words = [f"{row.measure}, {row.group}, {row.window} to {row.last_on:%Y-%m-%d}" for row in cells.itertuples()]
    words += [f"{words[n]}, rest" for n in pairs["n"]]
    named = "; ".join(dict.fromkeys(words[i] for i in result.recoverable))
    counts = [parts.shape[1], len(words), int((~held).sum()), result.primary_n, len(result.recoverable)]
    return [table, *counts, named]


def _shares(cells: pd.DataFrame, editions: Sequence[Earlier]) -> Iterator[Share]:
    """What the colours of editions tell of shares."""
    for number, edition in enumerate(editions):
        for measure, key, low, high in edition.colours:
            rows = cells[cells["edition"].eq(number) & cells[CELL].eq([measure, *key]).all(axis=1)]
            at = dict(zip(rows["part"], rows.index, strict=True))
            if set(PARTS) <= at.keys():
                yield Share(at["n"], at["of"], low, high)


def children_alone(area: str, audience: str, months: Sequence[str]) -> pd.DataFrame:
    """What readers of an audience can work out of months as published; a row a table, see `COLUMNS`."""
    with tempfile.TemporaryDirectory() as folder:
        editions = published(area, audience, months, Path(folder))
    tables, rows = tables_of(open_release(area, months[-1])).items(), []
    with ProcessPoolExecutor() as pool:
        for table, names in tables:
            found = [counts_of(area, table, names, edition, pool.map) for edition in editions]
            rows.append(judged(table, found, editions, editions[-1].rules[names[0]]))
    return pd.DataFrame(rows, columns=COLUMNS)


if __name__ == "__main__":
    print(children_alone(sys.argv[1], sys.argv[2], sys.argv[3:]).to_string(index=False))
