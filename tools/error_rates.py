"""How often each kind of statement is wrong where the truth is known: drawn many times, and counted.

`python tools/error_rates.py` prints the table that stands in notebooks/METHODS.md; `--write` puts it there. A further
kind of statement is a function from a number of draws to rows, named in `PARTS`.
"""  # noqa: INP001  # a script, in no package

from __future__ import annotations

import argparse
import datetime as dt
import math
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd

from sendanalysis.inputs.parameters import Autism
from sendanalysis.measures import autism_list, autism_outlook
from sendanalysis.measures.kpis import Measured, verdict_of
from sendanalysis.measures.waits import mean_days, median_days
from sendanalysis.methods.clusters import clustered, correlation, mean_of_shares
from sendanalysis.methods.comparison import difference
from sendanalysis.methods.periods import Window
from sendanalysis.methods.proportions import poisson_interval, wilson
from sendanalysis.methods.spc import xmr
from sendanalysis.methods.verdict import FELL, ROSE, months_say

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sendanalysis.methods.verdict import Verdict

METHODS = Path(__file__).parents[1] / "notebooks" / "METHODS.md"
BEGIN, END = "<!-- error rates: begin -->", "<!-- error rates: end -->"
DRAWS, SEED = 2000, 2021
PLANS, KNOWN, SHARES, ALIKE = (3, 8, 20, 60), (100, 0), (0.6, 0.8, 0.9, 0.97), (0.05, 0.2, 0.5)
DAY = Window("day", dt.date(2000, 1, 1), dt.date(2000, 1, 1))
MOVE, STALL = pd.Timestamp(2001, 12, 1), pd.Timestamp(2001, 12, 15)
WAITING = Autism(cohort_on=dt.date(2001, 6, 30))
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
        for sizes, of in (("10 to 40 answers each", "any"), ("5 to 40 answers, very unequal", "unequal")):
            for known in KNOWN:
                for alike in ALIKE:
                    for plans in PLANS:

                        def draw(rng: np.random.Generator) -> Drawn:
                            share, all_n = float(rng.choice(SHARES)), known or plans  # noqa: B023
                            n = rng.integers(10, 41, all_n) if of == "any" else np.resize([40, 5, 10, 20, 5], all_n)  # noqa: B023
                            own = rng.beta(share * (1 / alike - 1), (1 - share) * (1 / alike - 1), all_n)  # noqa: B023
                            met = rng.binomial(n, own)
                            found = estimate(met[:plans], n[:plans], correlation(met, n))  # noqa: B023
                            return share, found.lower, found.upper

                        size = f"{plans} plans of {known}" if known else f"{plans} plans, no others known"
                        yield missed(f"interval: {name}", f"{sizes}, correlation {alike}", size, draws, draw)


def shares(draws: int) -> Iterator[Row]:
    """Independent outcomes: Wilson's interval, and Newcombe's of a difference, over shares evenly from 0.05 to 0.95."""

    def one(rng: np.random.Generator, n: int) -> Drawn:
        share = rng.uniform(0.05, 0.95)
        found = wilson(int(rng.binomial(n, share)), n)
        return share, found.lower, found.upper

    def two(rng: np.random.Generator, n: int) -> Drawn:
        a, b = rng.uniform(0.05, 0.95, 2)
        return (a - b, *difference(*(wilson(int(rng.binomial(n, share)), n) for share in (a, b))))

    for name, draw in (("share", one), ("difference of two shares", two)):
        for n in (1, 2, 3, 5, 10, 20) if draw is one else (5, 10, 20):
            yield missed(f"interval: {name}", "any share", str(n), draws, lambda rng, n=n, draw=draw: draw(rng, n))


def counts(draws: int) -> Iterator[Row]:
    """Counts of independent events, whose mean is from half to one and a half times the size: Jeffreys' interval."""

    def draw(rng: np.random.Generator, size: int) -> Drawn:
        mean = size * rng.uniform(0.5, 1.5)
        return mean, *poisson_interval(int(rng.poisson(mean)))

    for size in (1, 3, 6, 20):
        yield missed("interval: count", "Poisson", f"about {size}", draws, lambda rng, size=size: draw(rng, size))


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


def said_of(shares_: np.ndarray, n: np.ndarray, rng: np.random.Generator, *, window: int, printed: int) -> Verdict:
    """The verdict on a share counted month by month, whose truth is known.

    Args:
        shares_: True share of each month.
        n: Units of each month.
        rng: Generator.
        window: Months of the headline.
        printed: Units that a printed baseline rests on, which nobody is told; 0 for one made of the first 3 months.
    """
    met, days = rng.binomial(n, shares_), pd.date_range("2000-01-31", periods=len(n), freq="ME")
    points, summary = xmr(pd.Series(100 * met / n, days))
    now = wilson(int(met[-window:].sum()), int(n[-window:].sum()))
    known: dict[str, Any] = {"first_on": days[-window].date().replace(day=1), "last_on": days[-1].date()}
    if printed:
        known["baseline"] = 100 * rng.binomial(printed, shares_[0]) / printed
    else:
        then = wilson(int(met[:3].sum()), int(n[:3].sum()))
        ends = {"baseline": then.value, "baseline_lower": then.lower, "baseline_upper": then.upper}
        known |= {name: 100 * end for name, end in ends.items()} | {"baseline_last": days[2].date()}
    figure = Measured(100 * now.value, now.events, now.n, 100 * now.lower, 100 * now.upper, **known)
    kinds = points["point_type"].iloc[-window:]
    return verdict_of(figure, months_say(kinds, "increase", limits_shown=summary.limits_shown))


def verdicts(draws: int) -> Iterator[Row]:
    """“Rose” and “fell” where nothing changed, and the wrong way of the two where something did."""
    truths = {
        "no change": lambda months: np.full(months, 0.7),
        "a step up of 15 points": lambda months: np.where(np.arange(months) < months // 2, 0.7, 0.85),
        "a drift of 15 points": lambda months: np.linspace(0.7, 0.85, months),
    }
    for baseline, printed in (("made of 3 months", 0), ("printed, of 50 units", 50), ("printed, of 500 units", 500)):
        for truth, true in truths.items():
            for months, units in ((9, 20), (24, 20), (24, 70), (36, 400)):
                name, size = f"verdict: rose or fell, baseline {baseline}", f"{months} months of {units}"
                rng = np.random.default_rng([SEED, *f"{name}{truth}{size}".encode()])
                wrong, often = 0, draws if truth == "no change" else draws // 4
                for _ in range(often):
                    window = int(rng.choice([1, 3]))
                    found = said_of(true(months), rng.poisson(units, months) + 1, rng, window=window, printed=printed)
                    wrong += found.said == FELL or (found.said == ROSE and truth == "no change")
                yield Row(name, truth, size, int(wrong), often)


def interval_alone(draws: int) -> Iterator[Row]:
    """What the verdict does not do: judge by an interval that leaves out the chance in a printed baseline."""
    for units in (70, 210, 1200):
        rng, wrong = np.random.default_rng([SEED, units]), 0
        for _ in range(draws):
            now = wilson(int(rng.binomial(units, 0.7)), units)
            wrong += not now.lower <= rng.binomial(50, 0.7) / 50 <= now.upper
        sentence = "not used: interval alone, baseline printed, of 50 units"
        yield Row(sentence, "no change", f"{units} units", wrong, draws)


def lists(draws: int) -> Iterator[Row]:
    """Sentences of a waiting list: its rates at a change of provider, and its pace once nobody is assessed any more."""
    day, few = dt.date(2002, 1, 31), max(1, draws // 40)
    rng, moved_wrong, idle_wrong = np.random.default_rng(SEED), 0, 0
    for _ in range(few):
        steady = _referrals(rng, day)
        one, other = (autism_list.queue({"autism_referrals": rows}, day, WAITING) for rows in (steady, _moved(steady)))
        moved_wrong += not one.equals(other)
        stalled = steady.assign(assessment_completed_on=steady["assessment_completed_on"].where(lambda on: on < STALL))
        idle_wrong += autism_outlook.pace({"autism_referrals": stalled}, day, WAITING, (day,))["idle"].iloc[0] != "yes"
    yield Row("list: its load, size and rates", "a change of provider", "200 referrals", moved_wrong, few)
    yield Row("list: nobody assessed since a day", "a stalled backlog", "200 referrals", idle_wrong, few)


def _referrals(rng: np.random.Generator, day: dt.date) -> pd.DataFrame:
    """A steady list: referrals over two years, each assessed after a wait of its own, as far as that is by the day."""
    came = pd.Series(pd.Timestamp(day) - pd.to_timedelta(rng.integers(0, 730, 200), unit="D")).astype("datetime64[ns]")
    done = came + pd.to_timedelta(rng.exponential(200, 200).round() + 1, unit="D")
    blank = pd.Series(pd.NaT, came.index, dtype="datetime64[ns]")
    return pd.DataFrame(
        {
            "referral_id": [f"R{place:03}" for place in came.index],
            "child_id": [f"C{place:03}" for place in came.index],
            "referred_on": came,
            "accepted_on": came,
            "assessment_started_on": blank,
            "assessment_completed_on": done.where(done <= pd.Timestamp(day)),
            "outcome_given_on": blank,
            "closed_on": blank,
            "closure_reason": pd.Series(pd.NA, came.index, dtype="str"),
        }
    )


def _moved(rows: pd.DataFrame) -> pd.DataFrame:
    """The same list, all who waited handed to another provider on a day and accepted there on the next."""
    waiting = rows["referred_on"].lt(MOVE) & ~(rows["assessment_completed_on"] <= MOVE)
    left = rows[waiting].assign(closed_on=MOVE, closure_reason="transferred", assessment_completed_on=pd.NaT)
    next_day = MOVE + pd.Timedelta(days=1)
    again = rows[waiting].assign(referral_id=rows["referral_id"] + "B", referred_on=next_day, accepted_on=next_day)
    again = again.assign(assessment_completed_on=again["assessment_completed_on"].clip(lower=next_day))
    return pd.concat([rows[~waiting], left, again], ignore_index=True).astype(rows.dtypes)


PARTS: tuple[Callable[[int], Iterator[Row]], ...] = (clusters, shares, counts, waits, verdicts, interval_alone, lists)


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
