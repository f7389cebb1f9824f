"""How long the parts of a monthly run take on this machine, and what is hidden beyond small counts.

Times are medians of several runs, after one that is not counted.
"""

from __future__ import annotations

import atexit
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from large_extracts import report
from random_ledgers import loss_table

from sendanalysis.inputs.sample import write_sample
from sendanalysis.inputs.sample_areas import write_areas
from sendanalysis.inputs.sample_sen2 import sample_cases, write_sen2
from sendanalysis.inputs.sen2 import read_sen2
from sendanalysis.methods import spc
from sendanalysis.release import open_release

if TYPE_CHECKING:
    from collections.abc import Callable

LEDGERS, ANSWERS = 1_000, 1_000_000
ROOT = Path(__file__).parents[1]
AREA, NOTEBOOKS, QUIET = ROOT / "data" / "southend", ROOT / "notebooks", subprocess.DEVNULL
PLAIN = """
import sys, nbformat
from IPython.core.interactiveshell import InteractiveShell
for path in sys.argv[2:]:
    shell = InteractiveShell()
    for cell in nbformat.read(path, as_version=4).cells:
        if cell.cell_type == "code" and "explore" not in cell.metadata.get("tags", []):
            shell.run_cell(cell.source)
            if "parameters" in cell.metadata.get("tags", []):
                shell.push({"area": sys.argv[1], "month": "2022-03"})
"""


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
    """All briefings of one month by the command, from a cold start to published pages."""
    with tempfile.TemporaryDirectory() as folder:
        _command("sendanalysis", "run", str(AREA), "--month", "2022-03", "--output", folder)


def sample() -> None:
    """The illustrative extracts."""
    with tempfile.TemporaryDirectory() as folder:
        area = Path(shutil.copytree(AREA, Path(folder) / "area"))  # the sample is made for the plan of an area
        write_sample(area, seed=2021)


def stock_commands() -> None:
    """The same notebooks by the commands papermill and jupyter nbconvert, one after another."""
    area, output = _published()
    for notebook in sorted(NOTEBOOKS.glob("0[0-7]*.ipynb")):
        executed = output.parent / notebook.name
        given = ["-p", "area", str(area), "-p", "month", "2022-03"]
        _command("papermill", str(notebook), str(executed), *given)
        _command("jupyter", "nbconvert", "--to", "html", str(executed))


def plain_script() -> None:
    """Their cells in one process, one notebook after another: the same tables, words and charts, and no page."""
    area, _ = _published()
    _command("python", "-c", PLAIN, str(area), *map(str, sorted(NOTEBOOKS.glob("0[0-7]*.ipynb"))))


def nothing_changed() -> None:
    """The command run once more, where nothing has changed."""
    area, output = _published()
    _command("sendanalysis", "run", str(area), "--month", "2022-03", "--output", str(output))


def one_extract_changed() -> None:
    """The command run after one answer of the survey came or went."""
    area, output = _published()
    path = area / "extracts" / "survey_responses.csv"
    lines = path.read_text(encoding="utf-8").splitlines()
    whole = (AREA / "extracts" / path.name).read_text(encoding="utf-8").splitlines()
    path.write_text("\n".join(whole[:-1] if lines == whole else whole) + "\n", encoding="utf-8")
    _command("sendanalysis", "run", str(area), "--month", "2022-03", "--output", str(output))


def ten_areas() -> None:
    """Ten made-up areas, from nothing to their pages."""
    with tempfile.TemporaryDirectory() as folder:
        _command("sendanalysis", "run", *map(str, _areas(10)), "--output", folder)


def twenty_areas() -> None:
    """Twenty of them, which is to take twice as long."""
    with tempfile.TemporaryDirectory() as folder:
        _command("sendanalysis", "run", *map(str, _areas(20)), "--output", folder)


def _command(*words: str) -> None:
    subprocess.run(  # noqa: S603  # commands of this environment
        [str(Path(sys.executable).with_name(words[0])), *words[1:]], cwd=ROOT, check=True, stdout=QUIET, stderr=QUIET
    )


@cache
def _published() -> tuple[Path, Path]:
    """A copy of the area, and the folder of its publications."""
    folder = Path(tempfile.mkdtemp(prefix="sendanalysis-bench-"))
    atexit.register(shutil.rmtree, folder)
    area = Path(shutil.copytree(AREA, folder / "southend"))
    _command("sendanalysis", "run", str(area), "--month", "2022-03", "--output", str(folder / "outputs"))
    return area, folder / "outputs"


@cache
def _areas(count: int) -> list[Path]:
    folder = Path(tempfile.mkdtemp(prefix="sendanalysis-bench-"))
    atexit.register(shutil.rmtree, folder)
    return list(write_areas(folder, count, seed=1))


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
        (plain_script, 3),
        (stock_commands, 1),
        (nothing_changed, 3),
        (one_extract_changed, 3),
        (ten_areas, 1),
        (twenty_areas, 1),
    )
    took: dict[Callable[[], None], float] = {}
    for task, runs in tasks:
        took[task] = median_seconds(task, runs)
        print(f"{took[task]:7.2f} s  {task.__doc__}", flush=True)
    for name, task in (("stock commands", stock_commands), ("the plain script", plain_script)):
        print(f"{took[whole_run] / took[task]:7.2f}    All briefings of one month, of the time of {name}.")
    print(f"{took[twenty_areas] / 2 / took[ten_areas]:7.2f}    An area of twenty, of the time of one of ten.")
    peak = max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    print(f"{peak / 1024:7.0f} MB  Peak memory of the largest process of all these.")
    print(report(ANSWERS))
    print(f"\nHidden in {LEDGERS:,} random ledgers, published month after month:\n{loss_table(LEDGERS)}")
