"""How long the parts of a monthly run take on this machine, and what is hidden beyond small counts.

Times are medians of several runs, after one that is not counted.
"""

from __future__ import annotations

import atexit
import shutil
import statistics
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from random_ledgers import loss_table

from sendanalysis.inputs.sample import write_sample
from sendanalysis.inputs.sample_sen2 import sample_cases, write_sen2
from sendanalysis.inputs.sen2 import read_sen2
from sendanalysis.methods import spc
from sendanalysis.publishing import monthly_run
from sendanalysis.release import open_release

if TYPE_CHECKING:
    from collections.abc import Callable

LEDGERS = 1_000
AREA = Path(__file__).parents[1] / "data" / "southend"


def thousand_series() -> None:
    """XmR limits and signals of 1,000 series of 36 points."""
    days = pd.date_range("2019-01-01", periods=36, freq="MS")
    values = np.random.default_rng(2021).normal(80, 5, (1000, 36))
    for row in values:
        spc.xmr(pd.Series(row, days))


def all_measures() -> None:
    """Every released table of one month, from the area folder."""
    open_release(AREA, "2022-03").tables()


def whole_run() -> None:
    """All briefings of one month, kernels and pages included."""
    with tempfile.TemporaryDirectory() as folder:
        monthly_run.publish(monthly_run.prepare(str(AREA), "2022-03", "internal", Path(folder)), lambda *_: None)


def sample() -> None:
    """The illustrative extracts."""
    with tempfile.TemporaryDirectory() as folder:
        area = Path(shutil.copytree(AREA, Path(folder) / "area"))  # the sample is made for the plan of an area
        write_sample(area, seed=2021)


@cache
def _return_of_a_large_authority() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="sendanalysis-bench-"))
    atexit.register(shutil.rmtree, folder)
    write_sen2(folder / "sen2", sample_cases(np.random.default_rng(2021), 10_000))
    return folder / "sen2"


def large_return() -> None:
    """A SEN2 return of 10,000 children, read from its nine Blade files."""
    read_sen2(_return_of_a_large_authority())


def every_authority() -> None:
    """153 SEN2 returns of 10,000 children each, side by side on all cores."""
    folder = _return_of_a_large_authority()
    with ProcessPoolExecutor() as pool:
        for _ in pool.map(_children_in, [folder] * 153):
            pass


def _children_in(folder: Path) -> int:
    tables, _, _ = read_sen2(folder)
    return len(tables["sen2_requests"])


def median_seconds(task: Callable[[], None], runs: int) -> float:
    """Median time of a task, after one run that is not counted where there are several."""
    if runs > 1:
        task()
    times = []
    for _ in range(runs):
        start = time.perf_counter()
        task()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


if __name__ == "__main__":
    tasks = (
        (thousand_series, 5),
        (all_measures, 5),
        (sample, 5),
        (large_return, 5),
        (every_authority, 1),
        (whole_run, 3),
    )
    for task, runs in tasks:
        print(f"{median_seconds(task, runs):7.2f} s  {task.__doc__}")
    print(f"\nHidden in {LEDGERS:,} random ledgers, published month after month:\n{loss_table(LEDGERS)}")
