"""A run makes again what has changed, and nothing else."""

import json
import shutil
from pathlib import Path

import pytest

from sendanalysis import cli
from sendanalysis.errors import InputError
from sendanalysis.publishing.batch import Crew
from sendanalysis.publishing.monthly_run import prepare, publish
from sendanalysis.release import RUN, open_release

SOUTHEND = Path(__file__).parents[2] / "data" / "southend"
SURVEY, TRACKER = "03_survey_participation", "05_plan_tracker"
PAGES = (SURVEY, TRACKER)
MONTH = "2022-03"


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """An area with two of its pages published."""
    place = tmp_path_factory.mktemp("reuse")
    shutil.copytree(SOUTHEND, place / "southend")
    assert run(place) == 0
    return place


@pytest.fixture
def place(made, tmp_path):
    """A copy of that area and its publication."""
    return Path(shutil.copytree(made, tmp_path / "copy"))


def run(place, *more):
    only = [word for page in PAGES for word in ("--only", page)]
    return cli.main(["run", str(place / "southend"), "--month", MONTH, *only, "--output", str(place / "out"), *more])


def result(place, capsys, *more):
    capsys.readouterr()
    assert run(place, "--json", *more) == 0
    (found,) = json.loads(capsys.readouterr().out)
    return found


def ran(found):
    return {item["name"] for item in found["notebooks"] if item["seconds"] > 0}


def published(place):
    folder = place / "out" / "southend" / MONTH
    return {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def lose_an_answer(place):
    path = place / "southend" / "extracts" / "survey_responses.csv"
    path.write_text("\n".join(path.read_text(encoding="utf-8").splitlines()[:-1]) + "\n", encoding="utf-8")


def test_where_nothing_changed_nothing_is_made(place, capsys):
    before = published(place)
    assert run(place) == 0
    assert "Nothing has changed since this was published" in capsys.readouterr().out
    found = result(place, capsys)
    assert (found["unchanged"], found["published"], ran(found)) == (True, True, set())
    assert published(place) == before


def test_what_explore_keeps_in_the_area_folder_changes_nothing(place, capsys):
    (place / "southend" / "views.json").write_text('{"advice": [{"name": "Mine"}]}', "utf-8")
    (place / "southend" / "internal").mkdir()
    (place / "southend" / "internal" / "advice_2022-03_1.xlsx").write_bytes(b"rows")
    assert result(place, capsys)["unchanged"]


@pytest.mark.parametrize("engine", ["quick", "stock"])
def test_force_runs_every_notebook_and_makes_the_same_bytes_by_either_engine(place, capsys, engine):
    before = published(place)
    found = result(place, capsys, "--force", "--engine", engine)
    assert (found["unchanged"], ran(found)) == (False, set(PAGES))
    assert published(place) == before


def test_a_changed_extract_runs_the_notebooks_alone_whose_figures_changed(place, capsys):
    before = published(place)
    lose_an_answer(place)
    found = result(place, capsys)
    assert ran(found) == {SURVEY}
    after = published(place)
    executed = {page: Path("notebooks", f"{page}.ipynb") for page in PAGES}
    assert [after[path] == before[path] for path in executed.values()] == [False, True]
    assert result(place, capsys)["unchanged"]


def test_what_it_keeps_is_what_it_would_have_made(place, capsys):
    lose_an_answer(place)
    result(place, capsys)
    kept = published(place)
    result(place, capsys, "--force")
    assert published(place) == kept


@pytest.mark.parametrize("file", ["05_plan_tracker.html", "notebooks/05_plan_tracker.ipynb", "tables/actions.csv"])
def test_a_publication_that_somebody_changed_is_made_again(place, capsys, file):
    before = published(place)
    changed = place / "out" / "southend" / MONTH / file
    changed.write_text(changed.read_text(encoding="utf-8").replace("action", "acti0n"), encoding="utf-8")
    found = result(place, capsys)
    assert ran(found) == ({TRACKER} if file.endswith(".ipynb") else set())
    assert published(place) == before


@pytest.mark.parametrize("more", [("-p", "advice.limit_days=30"), ("--single-file",)])
def test_another_choice_is_another_run(place, capsys, more):
    assert not result(place, capsys, *more)["unchanged"]


def test_a_page_says_what_of_the_release_it_opened(made):
    held = json.loads(published(made)[Path("manifest.json")])["notebooks"]
    assert set(held) == set(PAGES)
    assert "figures/survey" in held[SURVEY]["opened"]
    assert "tables/actions" in held[TRACKER]["opened"]
    assert not [name for name in held[TRACKER]["opened"] if name.startswith("figures/")]


def test_a_run_reads_the_extracts_once_and_its_notebooks_none(place):
    request = prepare(str(place / "southend"), MONTH, "internal", place / "later", only=PAGES)
    shutil.rmtree(place / "southend" / "extracts")
    with Crew(request.folder) as crew:
        found = publish(request, crew, lambda *_: None)
    assert not found.failed
    assert [path.name for path in (found.folder / "release").iterdir() if path.suffix == ".csv"] == []


def test_a_notebook_of_a_run_cannot_open_another_area_or_reading(place, monkeypatch):
    release = place / "out" / "southend" / MONTH / "release"
    monkeypatch.setenv(RUN, json.dumps({"area": str((place / "southend").resolve()), "release": str(release)}))
    assert open_release(place / "southend", MONTH).extract("survey_responses").empty
    for words, area, more in (
        ("so it cannot open", SOUTHEND, {}),
        ("month: this release holds the figures for 2022-03 alone", place / "southend", {"month": "2022-02"}),
        ("advice.limit_days: this release", place / "southend", {"choices": "advice.limit_days=30"}),
    ):
        with pytest.raises(InputError, match=words):
            open_release(area, **more)


def test_one_area_that_cannot_be_made_stops_no_other(place, capsys):
    other = place / "other"
    shutil.copytree(place / "southend", other)
    (other / "plan" / "kpis.csv").unlink()
    words = ["run", str(other), str(place / "southend"), "--month", MONTH, "--only", SURVEY, "--only", TRACKER]
    assert cli.main([*words, "--output", str(place / "out")]) == 1
    told = capsys.readouterr()
    assert "kpis.csv" in told.err
    assert "1 of 2 areas published" in told.out
