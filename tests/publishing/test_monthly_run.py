"""A real month from the command to the files on disk."""

import contextlib
import csv
import json
import math
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from sendanalysis import cli
from sendanalysis.publishing import pages

ROOT = Path(__file__).parents[2]
AREA = ROOT / "data" / "southend"
MONTH = "2021-12"
STEMS = sorted(path.stem for path in (ROOT / "notebooks").glob("0[0-7]_*.ipynb"))
KPI_PAGES = [
    "kpi_neu_satisfaction",
    "kpi_balanced_system",
]  # of KPIs without a notebook of their own, in the plan's order
PAGES = [*STEMS[:5], *KPI_PAGES, *STEMS[5:]]
MEASURES = ("quality", "autism", "neu_pathway", "survey", "advice", "actions", "milestones", "calendar", "commentary")
MEASURES += ("peer_review", "context")
IDS = ("child_id", "plan_id", "audit_id", "request_id", "response_id", "referral_id")
KEYS = {"area", "codes", "illustrative", "month", "data_date", "audience", "parameters", "choices", "extracts"}
KEYS |= {
    "disclosure",
    "known_rows",
    "files",
    "key",
    "notebooks",
    "ledger",
    "waivers",
    "pseudonyms",
    "left_out",
    "tables_set_aside",
    "versions",
    "git_commit",
    "git_changes",
    "briefings",
    "figures",
}
KILLED = """
import os, signal, sys
from sendanalysis import cli, terminal
terminal.Progress.report = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
cli.main(sys.argv[1:])
"""  # the command, killed as soon as its first notebook has ended
NUMBERS = ("value", "n", "of", "lower", "upper", "baseline", "target")


@pytest.fixture
def manifest(publication):
    return json.loads((publication / "manifest.json").read_text(encoding="utf-8"))


@pytest.fixture
def figures(manifest):
    return manifest["figures"]


def files(folder):
    """Bytes of every file in a folder by its place there."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def folders(place):
    return sorted(path.name for path in place.iterdir() if path.is_dir())


def rows_of(path):
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_a_publication_holds_an_index_ten_briefings_their_notebooks_all_tables_and_a_manifest(publication):
    assert (len(STEMS), len(PAGES)) == (8, 10)
    names = {"index.html", "manifest.json", *(f"{page}.html" for page in PAGES)}
    assert {path.name for path in publication.iterdir()} == {*names, "notebooks", "release", "tables"}
    assert {path.stem for path in (publication / "notebooks").iterdir()} == set(PAGES)
    tables = {path.stem for path in (publication / "tables").iterdir()}
    assert "scorecard" in tables
    assert {name for name in MEASURES for table in tables if table.startswith(f"{name}_") or table == name} == set(
        MEASURES
    )


PLAN = rows_of(AREA / "plan" / "kpis.csv")


def test_every_table_is_a_csv_with_a_header_and_as_many_cells_in_every_row(publication):
    for path in (publication / "tables").iterdir():
        with path.open(encoding="utf-8", newline="") as file:
            header, *rows = csv.reader(file)
        assert all(header), path.name
        assert {len(row) for row in rows} <= {len(header)}, path.name


def test_no_file_is_too_large_for_an_email(publication):
    assert {name: len(content) for name, content in files(publication).items() if len(content) >= 600_000} == {}


def test_the_manifest_says_how_to_make_the_publication_again(manifest):
    assert set(manifest) == KEYS
    assert (manifest["month"], manifest["data_date"], manifest["audience"]) == (MONTH, "2021-12-31", "internal")
    assert list(manifest["parameters"]) == PAGES
    assert [manifest["parameters"][page].get("kpi") for page in KPI_PAGES] == ["NEU_SATISFACTION", "BALANCED_SYSTEM"]
    assert [item["href"].removesuffix(".html") for item in manifest["briefings"]] == PAGES
    tables = {path.relative_to(AREA).as_posix() for path in AREA.rglob("*.csv")}
    assert set(manifest["extracts"]) == tables


def test_every_kpi_of_the_plan_stands_under_figures_with_all_that_belongs_to_it(figures):
    assert set(figures) == {row["kpi_id"] for row in rows_of(AREA / "plan" / "kpis.csv")}
    for kpi, figure in figures.items():
        assert {*NUMBERS, "unit", "status"} <= set(figure), kpi
        assert figure["status"], kpi
        if figure["value"] is not None:
            assert figure["lower"] <= figure["value"] <= figure["upper"], kpi


def test_a_percentage_is_its_numerator_over_its_denominator(figures):
    percents = {kpi: found for kpi, found in figures.items() if found["unit"] == "percent" and found["of"] is not None}
    assert len(percents) == 8
    for kpi, figure in percents.items():
        assert figure["value"] == pytest.approx(100 * figure["n"] / figure["of"], abs=1e-12), kpi


def test_a_kpi_that_the_plan_does_not_define_has_no_number(figures):
    undefined = {kpi for kpi, figure in figures.items() if figure["status"] == "Not defined in the plan"}
    assert undefined == {"NEU_SATISFACTION", "BALANCED_SYSTEM"}
    assert {figures[kpi][name] for kpi in undefined for name in NUMBERS} == {None}


def test_the_figures_are_those_that_counting_by_hand_gives(figures, by_hand):
    counted = by_hand["figures"](AREA, MONTH)
    known = {kpi: figure for kpi, figure in figures.items() if figure["value"] is not None}
    assert {kpi: (figure["n"], figure["of"]) for kpi, figure in known.items()} == counted


def test_baselines_and_targets_are_the_printed_ones_and_that_of_advice_is_counted(figures, by_hand):
    advice = {kpi: 100 * on_time / due for kpi, (on_time, due) in by_hand["advice_baselines"](AREA).items()}
    reached = [
        row for row in rows_of(AREA / "plan" / "targets.csv") if row["months"] == "3" or row["due_on"] <= "2021-12"
    ]
    printed = {row["kpi_id"]: row for row in reached if row["months"] in ("", "3")}
    baselines = {row["kpi_id"]: float(row["baseline_value"]) for row in PLAN if row["baseline_value"]}
    assert len(baselines) == 7
    for kpi, baseline in baselines.items():
        aim = printed[kpi]
        assert aim["value"] or aim["rule"] == "half as many again"
        assert figures[kpi]["baseline"] == baseline
        assert figures[kpi]["target"] == (float(aim["value"]) if aim["value"] else math.ceil(1.5 * baseline))
    assert {kpi: figures[kpi]["baseline"] for kpi in advice} == pytest.approx(advice)


def test_the_scorecard_table_says_what_the_manifest_says(publication, figures):
    table = {row["kpi_id"]: row for row in rows_of(publication / "tables" / "scorecard.csv")}
    assert set(table) == set(figures)
    for kpi, figure in figures.items():
        assert table[kpi]["status"] == figure["status"]
        for name in NUMBERS:
            written = float(table[kpi][name]) if table[kpi][name] else None
            assert written == (figure[name] if figure[name] is None else pytest.approx(figure[name])), (kpi, name)


def test_nothing_published_names_a_person_or_a_request(publication):
    known = {
        row[name]
        for path in (AREA / "extracts").glob("*.csv")
        for row in rows_of(path)
        for name in IDS
        if row.get(name)
    }
    assert len(known) > 3_000
    for name, content in files(publication).items():
        assert known.isdisjoint(re.findall(r"[A-Z]+[0-9]+", content.decode())), name
        assert not re.search(rf"\b({'|'.join(IDS)})\b", "" if name.endswith(".ipynb") else content.decode()), name


def test_nothing_published_names_the_machine_or_the_person_at_it(publication, environment):
    words = [str(ROOT), str(publication.parents[2]), environment["USER"], "/tmp/", "/home/", "/Users/", "site-packages"]
    for name, content in files(publication).items():
        assert [word for word in words if word in content.decode()] == [], name


def test_the_terminal_tells_of_each_notebook_and_where_to_look(publication):
    said = (publication.parents[1] / "terminal.txt").read_text(encoding="utf-8")
    assert all(re.search(rf"^\[[0-9]+/10\] {page} done \([0-9.]+ s\)$", said, re.MULTILINE) for page in PAGES)
    assert re.search(r"^Open .*/southend/2021-12/index\.html$", said, re.MULTILINE)


@pytest.fixture(scope="module")
def second(publication, once, environment, sendanalysis):
    """A copy of the publication over which a run was killed half way, then published anew by somebody elsewhere."""

    def make(folder):
        target = Path(shutil.copytree(publication, folder / "southend" / MONTH))
        words = ["run", "data/southend", "--month", MONTH, "--output", str(folder), "--force"]
        killed = subprocess.run(
            [sys.executable, "-c", KILLED, *words], cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, check=False
        )
        assert killed.returncode == -signal.SIGKILL
        assert list(target.parent.glob(".*/notebooks/*.ipynb"))
        (folder / "killed.json").write_text(json.dumps(files(target) == files(publication)))
        elsewhere = {"TZ": "Pacific/Auckland", "LC_ALL": "C", "PYTHONHASHSEED": "7", "COLUMNS": "40"}
        done = sendanalysis(*words, cwd=ROOT / "notebooks", **elsewhere)
        (folder / "done.json").write_text(json.dumps([done.returncode, done.stderr]))

    return once("second", make)


def test_a_run_killed_half_way_leaves_the_last_publication_whole(second):
    assert json.loads((second / "killed.json").read_text()) is True


def test_a_run_after_a_killed_one_succeeds(second):
    assert json.loads((second / "done.json").read_text()) == [0, ""]
    assert [name for name in folders(second / "southend") if not name.startswith(".")] == [MONTH]


def test_two_runs_give_the_same_bytes_in_another_time_zone_language_and_folder(publication, second):
    before, after = files(publication), files(second / "southend" / MONTH)
    assert before.keys() == after.keys()
    assert [name for name in before if before[name] != after[name]] == []


def test_two_runs_at_once_both_succeed_and_the_result_is_whole(program, environment, tmp_path, publication):
    only = ("--only", "06_peer_review", "--only", "07_national_context")
    command = [program("sendanalysis"), "run", "data/southend", "--month", MONTH, "--output", str(tmp_path), *only]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.PIPE, "encoding": "utf-8"}
    runs = [subprocess.Popen(command, cwd=ROOT, env=environment, **quiet) for _ in range(2)]
    errors = [run.communicate()[1] for run in runs]
    assert ([run.returncode for run in runs], errors) == ([0, 0], ["", ""])
    target = tmp_path / "southend" / MONTH
    assert folders(target.parent) == [MONTH]
    made, whole = files(target), files(publication)
    assert {name for name in made if name.endswith((".html", ".ipynb"))} == {
        "index.html",
        *(
            f"{folder}{stem}{ending}"
            for stem in only[1::2]
            for folder, ending in (("", ".html"), ("notebooks/", ".ipynb"))
        ),
    }
    same = [name for name in made if name.startswith(("notebooks/", "tables/"))]
    assert [name for name in same if made[name] != whole[name]] == []


@pytest.fixture
def failed(tmp_path, monkeypatch, publication, capsys):
    """A run of three notebooks, one of which fails: exit code, folder, whether it is as it was, and what was said."""
    notebooks = Path(shutil.copytree(ROOT / "notebooks", tmp_path / "notebooks"))
    broken = nbformat.read(notebooks / "05_plan_tracker.ipynb", as_version=4)
    broken.cells[3].source = "release.no_such_table"
    nbformat.write(broken, notebooks / "05_plan_tracker.ipynb")
    target = Path(shutil.copytree(publication, tmp_path / "out" / "southend" / MONTH))
    three = ("03_survey_participation", "05_plan_tracker", "06_peer_review")
    for page in set(PAGES) - set(three):
        (target / "notebooks" / f"{page}.ipynb").unlink()
        (target / f"{page}.html").unlink()
    before = files(target)
    monkeypatch.setattr(pages, "NOTEBOOKS", notebooks)
    monkeypatch.chdir(ROOT)
    only = [word for page in three for word in ("--only", page)]
    code = cli.main(["run", "data/southend", "--month", MONTH, "--output", str(tmp_path / "out"), *only])
    return code, target, files(target) == before, capsys.readouterr()


def test_a_failing_notebook_publishes_nothing_names_its_cell_and_stops_no_other(failed):
    code, target, unchanged, said = failed
    assert code == 1
    assert unchanged
    assert folders(target.parent) == [MONTH, f"{MONTH}.failed"]
    account = (target.parent / f"{MONTH}.failed" / "failures.txt").read_text(encoding="utf-8")
    assert "05_plan_tracker: failed in cell 4\n  AttributeError: " in account
    assert "    release.no_such_table" in account
    assert "03_survey_participation: ran to its end" in account
    assert "06_peer_review: ran to its end" in account
    machine = json.loads((target.parent / f"{MONTH}.failed" / "failures.json").read_text(encoding="utf-8"))
    assert [(item["notebook"], item["cell"], item["error"]) for item in machine] == [
        ("05_plan_tracker", 4, "AttributeError")
    ]
    assert "failures.txt" in said.out
    assert "Traceback" not in said.out + said.err + account


@pytest.fixture
def small_disk(tmp_path):
    """A disk of eight megabytes."""
    place = tmp_path / "disk"
    place.mkdir()
    if (
        shutil.which("mount") is None
        or subprocess.run(
            ["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", str(place)], capture_output=True, check=False
        ).returncode
    ):
        pytest.skip("no disk can be mounted here")
    yield place
    subprocess.run(["umount", str(place)], check=True)


def test_a_full_disk_is_one_line_and_the_last_publication_stays_whole(sendanalysis, publication, small_disk):
    words = ["run", "data/southend", "--month", MONTH, "--only", "06_peer_review", "--output", small_disk]
    shutil.copytree(publication, small_disk / "southend" / MONTH)
    for page in set(PAGES) - {"06_peer_review"}:  # a run of one page takes no other away
        (small_disk / "southend" / MONTH / "notebooks" / f"{page}.ipynb").unlink()
        (small_disk / "southend" / MONTH / f"{page}.html").unlink()
    before = files(small_disk / "southend" / MONTH)
    with (small_disk / "filler").open("wb", buffering=0) as filler, contextlib.suppress(OSError):
        while True:
            filler.write(bytes(4096))
    done = sendanalysis(*words, "--force")
    assert done.returncode == 1
    assert [line for line in done.stderr.splitlines() if "the disk is full" in line] == done.stderr.splitlines()
    assert files(small_disk / "southend" / MONTH) == before
