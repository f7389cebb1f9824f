"""How often each kind of statement is wrong where the truth is known: drawn many times, and counted.

`python tools/error_rates.py` prints the table that stands in notebooks/METHODS.md; `--write` puts it there. A further
kind of statement is a function from a number of draws to rows, named in `PARTS`.
"""  # noqa: INP001  # a script, in no package

from __future__ import annotations

import argparse
import datetime as dt
import math
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from sendanalysis.measures.figures import mean_days, median_days
from sendanalysis.methods.comparison import difference
from sendanalysis.methods.periods import Window
from sendanalysis.methods.proportions import clustered, mean_of_shares, poisson_interval, wilson

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

METHODS = Path(__file__).parents[1] / "notebooks" / "METHODS.md"
BEGIN, END = "<!-- error rates: begin -->", "<!-- error rates: end -->"
DRAWS, SEED = 2000, 2021
PLANS, SHARES, ALIKE = (3, 5, 8, 12, 20, 60), (0.6, 0.8, 0.9, 0.97), (0.05, 0.2, 0.5)
DAY = Window("day", dt.date(2000, 1, 1), dt.date(2000, 1, 1))
Drawn = tuple[float, float, float]  # the truth, and the limits given


class Row(NamedTuple):
    """A kind of statement under one truth and size: how often it was made, and how often it was wrong."""

    statement: str
    truth: str
    size: str
    wrong: int
    of: int


def missed(statement: str, truth: str, size: str, draws: int, draw: Callable[[np.random.Generator], Drawn]) -> Row:
    """How many of the intervals given leave the truth out; the seed follows from the row's name alone."""
    rng = np.random.default_rng([SEED, *f"{statement}{truth}{size}".encode()])
    given = [found for found in (draw(rng) for _ in range(draws)) if not math.isnan(found[1] + found[2])]
    return Row(statement, truth, size, sum(not low <= true <= high for true, low, high in given), len(given))


def clusters(draws: int) -> Iterator[Row]:
    """Answers of plans: each plan's own share is beta, with a correlation of answers within a plan."""
    for name, estimate in (("pooled answers of plans", clustered), ("mean of plans' shares", mean_of_shares)):
        for sizes in ("10 to 40 answers each", "5 to 40 answers, very unequal"):
            for alike in ALIKE:
                for plans in PLANS:

                    def draw(rng: np.random.Generator) -> Drawn:
                        share = float(rng.choice(SHARES))
                        n = rng.integers(10, 41, plans) if "10" in sizes else np.resize([40, 5, 10, 20, 5], plans)  # noqa: B023
                        own = rng.beta(share * (1 / alike - 1), (1 - share) * (1 / alike - 1), plans)  # noqa: B023
                        found = estimate(rng.binomial(n, own), n)  # noqa: B023
                        return share, found.lower, found.upper

                    yield missed(f"interval: {name}", f"{sizes}, correlation {alike}", f"{plans} plans", draws, draw)


def shares(draws: int) -> Iterator[Row]:
    """Independent outcomes: Wilson's interval, and Newcombe's of a difference, over shares evenly from 0.05 to 0.95."""

    def one(rng: np.random.Generator, n: int) -> Drawn:
        share = rng.uniform(0.05, 0.95)
        found = wilson(int(rng.binomial(n, share)), n)
        return share, found.lower, found.upper

    def two(rng: np.random.Generator, n: int) -> Drawn:
        a, b = rng.uniform(0.05, 0.95, 2)
        return (a - b, *difference((int(rng.binomial(n, a)), n), (int(rng.binomial(n, b)), n)))

    for name, draw in (("share", one), ("difference of two shares", two)):
        for n in (1, 2, 3, 5, 10, 20) if draw is one else (5, 10, 20):
            yield missed(f"interval: {name}", "any share", str(n), draws, lambda rng, n=n, draw=draw: draw(rng, n))


def counts(draws: int) -> Iterator[Row]:
    """Counts of independent events: Garwood's interval."""
    for mean in (1, 3, 6, 20):
        yield missed(
            "interval: count",
            "Poisson",
            f"mean {mean}",
            draws,
            lambda rng, mean=mean: (mean, *poisson_interval(int(rng.poisson(mean)))),
        )


def waits(draws: int) -> Iterator[Row]:
    """Log-normal waits in whole days: the mean of those done, and the median where some are still under way."""

    def mean(rng: np.random.Generator, n: int, spread: float) -> Drawn:
        rows = pd.DataFrame({"days": np.round(np.exp(rng.normal(4, spread, n)))})
        return (math.exp(4 + spread**2 / 2), *mean_days(1)(rows, rows, DAY)[3:])

    def median(rng: np.random.Generator, n: int, spread: float) -> Drawn:
        done, seen = np.ceil(np.exp(rng.normal([[4], [4.6]], spread, (2, n))))
        rows = pd.DataFrame({"days": np.minimum(done, seen), "met": done <= seen})
        _, _, value, lower, upper = median_days(1)(rows, rows, DAY)
        open_end = math.nan if math.isnan(value) else math.inf  # a limit not reached leaves that side open
        return math.ceil(math.exp(4)), 0.0 if math.isnan(lower) else lower, open_end if math.isnan(upper) else upper

    for n in (5, 8, 12, 30):
        for spread in (0.5, 0.8, 1.0):
            truth = f"log-normal, spread {spread}"
            yield missed("interval: mean wait", truth, str(n), draws, lambda rng, n=n, s=spread: mean(rng, n, s))
    for n in (5, 10, 20):
        yield missed(
            "interval: median wait", "some under way", str(n), draws // 4, lambda rng, n=n: median(rng, n, 0.8)
        )


PARTS: tuple[Callable[[int], Iterator[Row]], ...] = (clusters, shares, counts, waits)


def rows(draws: int = DRAWS) -> list[Row]:
    """All rows, in the order of the table."""
    return [row for part in PARTS for row in part(draws)]


def table(found: list[Row]) -> str:
    """The rows as a Markdown table."""
    head = "| statement | truth | size | wrong | of | wrong, % |\n| --- | --- | --- | --- | --- | --- |\n"
    return head + "".join(f"| {' | '.join(map(str, row))} | {100 * row.wrong / row.of:.1f} |\n" for row in found)


def main() -> None:
    """Print the table, or write it into METHODS.md."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true", help="write the table into notebooks/METHODS.md")
    write, made = parser.parse_args().write, table(rows())
    if not write:
        print(made, end="")  # noqa: T201  # the command's answer
        return
    text = METHODS.read_text("utf-8")
    before, after = text.split(BEGIN)[0], text.split(END)[1]
    METHODS.write_text(f"{before}{BEGIN}\n{made}{END}{after}", "utf-8")


if __name__ == "__main__":
    main()
