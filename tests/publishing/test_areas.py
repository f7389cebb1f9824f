"""Many areas: side by side here, and on a real Dask cluster of this machine."""

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from distributed import Client

from sendanalysis import cli
from sendanalysis.errors import InputError
from sendanalysis.inputs.sample_areas import write_areas
from sendanalysis.publishing.areas import Order, make_area, make_areas
from sendanalysis.publishing.reuse import build

ROOT = Path(__file__).parents[2]
PAGE = "05_plan_tracker"
MONTH = "2020-12"  # of which there is less to measure
NAMES = ["area-001", "area-002", "area-003"]


@pytest.fixture(scope="module")
def areas(tmp_path_factory):
    """Three made-up areas."""
    return list(write_areas(tmp_path_factory.mktemp("areas"), len(NAMES), seed=1))


@pytest.fixture(scope="module")
def here(areas, tmp_path_factory, sendanalysis):
    """Their publications, made on this machine with one area that has no KPIs, and what the command said."""
    output = tmp_path_factory.mktemp("here")
    broken = Path(shutil.copytree(areas[0], tmp_path_factory.mktemp("broken") / "broken"))
    (broken / "plan" / "kpis.csv").unlink()
    return output, sendanalysis(*words([*areas, broken], output))


def words(areas, output):
    return ["run", "--month", MONTH, "--only", PAGE, "--output", str(output), *map(str, areas)]


def published(output):
    """Every file but those that list the areas, by its place."""
    files = [path for name in NAMES for path in (output / name / MONTH).rglob("*") if path.is_file()]
    return {path.relative_to(output): path.read_bytes() for path in files}


def test_one_that_cannot_be_made_stops_no_other_and_the_end_says_so(here):
    _, done = here
    assert done.returncode == 1
    assert "3 of 4 areas published\nNot published: " in done.stdout
    assert done.stdout.count(f", {MONTH}: published: ") == len(NAMES)
    assert "kpis.csv" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_list_of_areas_names_each(here):
    output, _ = here
    page = (output / "index.html").read_text(encoding="utf-8")
    assert all(f"Made-up area {number}" in page for number in (1, 2, 3))
    assert "made-up sample" in page


def test_an_area_by_itself_has_the_same_bytes(here, areas, tmp_path):
    output, _ = here
    assert cli.main(words(areas[:1], tmp_path)) == 0
    alone = {path: held for path, held in published(tmp_path).items() if path.parts[0] == NAMES[0]}
    assert alone == {path: held for path, held in published(output).items() if path.parts[0] == NAMES[0]}


def test_each_made_up_area_has_its_own_name_and_figures(here):
    output, _ = here
    held = [json.loads((output / name / MONTH / "manifest.json").read_text(encoding="utf-8")) for name in NAMES]
    assert [item["area"] for item in held] == ["Made-up area 1", "Made-up area 2", "Made-up area 3"]
    assert all(item["illustrative"] for item in held)
    assert len({item["figures"]["ADVICE"]["of"] for item in held}) > 1


@pytest.fixture
def cluster(tmp_path, until):
    """A function that starts a scheduler with so many workers, and gives its address and the workers."""
    started = []

    def start(*command, env=None):
        process = subprocess.Popen(command, cwd=tmp_path, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        started.append(process)
        return process

    def begun(workers, packages=ROOT):
        dask = [sys.executable, "-m", "dask"]
        told = tmp_path / "scheduler.json"
        start(*dask, "scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--scheduler-file", str(told))
        until(told.exists)
        address = until(lambda: json.loads(told.read_text(encoding="utf-8") or "{}").get("address"))
        env = {**os.environ, "PYTHONPATH": str(packages)}
        common = ["--nthreads", "1", "--no-nanny", "--no-dashboard", "--local-directory", str(tmp_path)]
        found = [start(*dask, "worker", address, *common, env=env) for _ in range(workers)]
        with Client(address, set_as_default=False) as client:
            until(lambda: len(client.scheduler_info()["workers"]) == workers)
        return address, found

    yield begun
    for process in started:
        process.kill()
        process.wait()


def test_a_cluster_makes_the_same_bytes_in_folders_and_on_a_store_though_a_worker_is_killed(
    cluster, here, areas, tmp_path
):
    address, workers = cluster(2)
    options = {"only": [PAGE], "parameters": {}, "single_file": False, "pdf": False, "strict": False, "reason": ""}
    output = tmp_path / "out"
    places = [(str(areas[0]), output), *((area.as_uri(), output.as_uri()) for area in areas[1:])]
    orders = [Order(place, MONTH, "internal", there, options) for place, there in places]
    made = make_areas(orders, address)
    first, found = next(made)
    assert not found.failed
    os.kill(workers[0].pid, signal.SIGKILL)
    found = {Path(order.area).name: result for order, result in made} | {Path(first.area).name: found}
    assert {name: result.failed for name, result in found.items()} == dict.fromkeys(NAMES, False)
    assert published(tmp_path / "out") == published(here[0])
    assert (tmp_path / "out" / "index.html").read_bytes() == (here[0] / "index.html").read_bytes()


def test_a_worker_with_other_code_is_refused_by_name(cluster, areas, tmp_path, capsys):
    other = tmp_path / "other"
    for name in ("sendanalysis", "notebooks"):
        shutil.copytree(ROOT / name, other / name, ignore=shutil.ignore_patterns("__pycache__"))
    with (other / "sendanalysis" / "errors.py").open("a", encoding="utf-8") as file:
        print("# another", file=file)
    address, _ = cluster(1, packages=other)
    assert cli.main([*words(areas, tmp_path / "out"), "--scheduler", address]) == 2
    told = capsys.readouterr().err
    assert "worker tcp://127.0.0.1" in told
    assert f"not {build()}. Install the same there." in told
    assert not (tmp_path / "out").exists()


def test_an_order_that_comes_to_other_code_is_refused(areas, tmp_path):
    order = Order(str(areas[0]), MONTH, "internal", tmp_path, build="sendanalysis 0 (00000000)")
    with pytest.raises(InputError, match="it came to a worker with"):
        make_area(order)


def test_a_scheduler_that_is_not_there_or_has_no_worker_is_named(cluster, areas, tmp_path, capsys):
    assert cli.main([*words(areas, tmp_path / "out"), "--scheduler", "tcp://127.0.0.1:9"]) == 2
    assert "tcp://127.0.0.1:9: no scheduler answers there" in capsys.readouterr().err
    address, _ = cluster(0)
    assert cli.main([*words(areas, tmp_path / "out"), "--scheduler", address]) == 2
    assert f"{address}: it has no worker. Start one: dask worker {address}" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_a_number_of_areas_that_is_none_is_refused(tmp_path, capsys):
    assert cli.main(["sample", str(tmp_path), "--areas", "-1"]) == 2
    assert "--areas -1: write a number from 1 to 999" in capsys.readouterr().err
