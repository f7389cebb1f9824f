"""Made-up ledgers, published month after month with late and withdrawn records, and what a reader could work out."""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from sendanalysis.inputs.audiences import SHIPPED, WIDER
from sendanalysis.measures.audited import Told, told_in
from sendanalysis.measures.earlier import Earlier, told_of, with_windows
from sendanalysis.measures.estimates import events, share, unmet
from sendanalysis.measures.families import Readers, family_of, masked, told_to
from sendanalysis.measures.figures import ALL, Measure, every_row, is_in, measured
from sendanalysis.measures.kept import Kept
from sendanalysis.methods.periods import reporting_period

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator, Sequence

    from sendanalysis.measures.figures import Tables

CHUNK = 10  # ledgers that one process works through at a time
MONTHS = ("2021-03", "2021-04")
ORDERS = (("partner",), ("public",), ("public", "partner"))  # to whom each month is published, and in which order
GROUPS = {ALL: every_row, "north": is_in("side", "north")}


@dataclass(frozen=True)
class Published:
    """One publication: to whom, its figures as shown, and what readers can work out of it."""

    audience: str
    shown: Earlier
    told: Told


def ledger_of(rng: np.random.Generator) -> pd.DataFrame:
    """A ledger: each row with the day it falls on, may be done, is entered late or is withdrawn again."""
    n = int(rng.integers(10, 120))
    on = pd.Timestamp("2021-02-01") + pd.to_timedelta(rng.integers(0, 89, n), "D")
    day = pd.to_timedelta(1, "D")
    return pd.DataFrame(
        {
            "case_id": [f"C{i}" for i in range(n)],
            "on": on,
            "counts": True,
            "side": rng.choice(["north", "south"], n, p=[0.3, 0.7]),
            "done_on": on + rng.integers(1, 200, n) * day,
            "good": rng.random(n) < rng.uniform(0.1, 0.95),
            "entered_on": on + np.where(rng.random(n) < 0.06, rng.integers(10, 90, n), 0) * day,
            "withdrawn_on": on + np.where(rng.random(n) < 0.03, rng.integers(10, 90, n), 900) * day,
        }
    )


def _known(tables: Tables, day: dt.date) -> pd.DataFrame:
    rows = tables["cases"]
    return rows[rows["on"] <= pd.Timestamp(day)]


def good_ones(tables: Tables, day: dt.date) -> pd.DataFrame:
    """The cases, met where they are good."""
    rows = _known(tables, day)
    return rows.assign(met=rows["good"])


def done_ones(tables: Tables, day: dt.date) -> pd.DataFrame:
    """The cases, met where they are done by a day."""
    rows = _known(tables, day)
    return rows.assign(met=rows["done_on"] <= pd.Timestamp(day))


def measures() -> dict[str, Measure]:
    """A share by month, a year to date as it stands, and what is left of a cohort by month."""
    common = {"label": "cases", "counted": ("case", "cases"), "needs": ("cases",), "groups": GROUPS}
    found = [
        Measure("rated", ledger=good_ones, windows=(("month", True),), statistic=share, **common),
        Measure("so_far", ledger=good_ones, windows=(("year", False),), statistic=events, **common),
        Measure("left", ledger=done_ones, windows=(("day", False),), statistic=unmet, standing=True, **common),
    ]
    return {measure.name: replace(measure, keep=Kept()) for measure in found}


def publications(rows: pd.DataFrame, audiences: Sequence[str], months: Sequence[str] = MONTHS) -> Iterator[Published]:
    """The publications of one ledger, month after month, each for some audiences in turn."""
    done: list[Published] = []
    for month in months:
        period = reporting_period(month)
        end = pd.Timestamp(period.data_date)
        tables = {"cases": rows[(rows["entered_on"] <= end) & (rows["withdrawn_on"] > end)]}
        for audience in audiences:
            own = measures()
            kept = {name: measure.keep for name, measure in own.items()}
            readers = [
                Readers(name, SHIPPED[name], {measure: told_of(had, measure) for measure in own})
                for name in (audience, *(each for each, wider in WIDER.items() if audience in wider))
                for had in [[each.shown for each in done if each.audience in {name, *WIDER[name]}]]
                if name in {audience, *(each.audience for each in done)}
            ]
            told = {name: told_to(readers, name) for name in own}
            exact = {name: measured(measure, tables, period) for name, measure in own.items()}
            more = {name: with_windows(exact[name], told[name], own[name], tables, period) for name in own}
            dear = {name: pd.Series(1.0, figures.index) for name, figures in more.items()}
            family = family_of("cases", exact, more, kept, readers, dear)
            shown = Earlier(month, masked(family), dict.fromkeys(own, family.rule))
            done.append(Published(audience, shown, told_in(family, family.hidden & ~family.never_shown)))
            yield done[-1]


def losses(seeds: range) -> pd.DataFrame:
    """Ledgers of some seeds: what is recoverable, what earlier publications gave away, and what is hidden beyond.

    Returns:
        audience, seed, small_n, counts_n, hidden_n, beyond_n, recoverable_n, known_n; a row for each publication.
    """
    rows = []
    for seed in seeds:
        ledger = ledger_of(np.random.default_rng(seed))
        for each in publications(ledger, ORDERS[seed % len(ORDERS)]):
            audit, now, before = each.told
            counts = [audit.primary_n, audit.cells_n, audit.hidden_n, audit.beyond_n, len(now), len(before)]
            rows.append([each.audience, seed, *counts])
    columns = ["audience", "seed", "small_n", "counts_n", "hidden_n", "beyond_n", "recoverable_n", "known_n"]
    return pd.DataFrame(rows, columns=columns)


def loss_table(ledgers: int) -> str:
    """What is lost over so many ledgers, side by side on all cores: a line an audience.

    Lost is what is hidden beyond the small counts, in per cent of all counts that could be shown.
    """
    with ProcessPoolExecutor() as pool:
        each = [range(first, min(first + CHUNK, ledgers)) for first in range(0, ledgers, CHUNK)]
        found = pd.concat(pool.map(losses, each))
    lost = (100 * found["beyond_n"] / found["counts_n"]).groupby(found["audience"]).agg(["median", "max"]).round(1)
    summed = found.groupby("audience")[["small_n", "beyond_n", "recoverable_n", "known_n"]].sum()
    times = found.groupby("audience").size().rename("publications_n")
    names = {"median": "lost_pct_median", "max": "lost_pct_worst"}
    return pd.concat([times, summed, lost.rename(columns=names)], axis=1).to_string()
