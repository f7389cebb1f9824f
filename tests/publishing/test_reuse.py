"""A run makes again what has changed, and nothing else."""

import json
import shutil
from pathlib import Path

import pytest

from sendanalysis import cli
from sendanalysis.errors import InputError
from sendanalysis.publishing.areas import unchanged
from sendanalysis.publishing.batch import Crew
from sendanalysis.publishing.monthly_run import prepare, publish
from sendanalysis.publishing.reuse import key_of_run
from sendanalysis.release import RUN, open_release

DATA, AREA = Path(__file__).parents[2] / "data", "wexmoor"
SURVEY, TRACKER = "kpi_family_rating", "05_plan_tracker"
PAGES = (SURVEY, TRACKER)
MONTH = "2022-06"
ASKED = {"only": list(PAGES), "parameters": {}, "month": MONTH, "audience": "internal", "reason": ""}
ASKED |= dict.fromkeys(("single_file", "pdf", "strict"), False)  # as the command asks that makes it


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """An area with two of its pages published."""
    place = tmp_path_factory.mktemp("reuse")
    shutil.copytree(DATA / AREA, place / AREA)
    assert run(place) == 0
    return place


@pytest.fixture
def place(made, tmp_path):
    """A copy of that area and its publication."""
    return Path(shutil.copytree(made, tmp_path / "copy"))


def run(place, *more):
    only = [word for page in PAGES for word in ("--only", page)]
    return cli.main(["run", str(place / AREA), "--month", MONTH, *only, "--output", str(place / "out"), *more])


def result(place, capsys, *more):
    capsys.readouterr()
    assert run(place, "--json", *more) == 0
    (found,) = json.loads(capsys.readouterr().out)
    return found


def ran(found):
    return {item["name"] for item in found["notebooks"] if item["seconds"] > 0}


def published(place):
    folder = place / "out" / AREA / MONTH
    return {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def lose_an_answer(place):
    path = place / AREA / "extracts" / "family_survey.csv"
    heading, _, *kept = path.read_text(encoding="utf-8").splitlines(keepends=True)
    path.write_text("".join([heading, *kept]), encoding="utf-8")


def test_where_nothing_changed_nothing_is_made(place, capsys):
    before = published(place)
    assert run(place) == 0
    assert "Nothing has changed since this was published" in capsys.readouterr().out
    found = result(place, capsys)
    assert (found["unchanged"], found["published"], ran(found)) == (True, True, set())
    assert published(place) == before


def test_what_explore_keeps_in_the_area_folder_changes_nothing(place, capsys):
    (place / AREA / "views.json").write_text('{"advice": [{"name": "Mine"}]}', "utf-8")
    (place / AREA / "internal").mkdir()
    (place / AREA / "internal" / "advice_2022-03_1.xlsx").write_bytes(b"rows")
    assert result(place, capsys)["unchanged"]


@pytest.mark.parametrize("engine", ["quick", "stock"])
def test_force_runs_every_notebook_and_makes_the_same_bytes_by_either_engine(place, capsys, engine):
    before = published(place)
    found = result(place, capsys, "--force", "--engine", engine)
    assert (found["unchanged"], ran(found)) == (False, set(PAGES))
    assert published(place) == before


def test_a_changed_extract_runs_the_notebooks_alone_whose_figures_changed_and_keeps_what_would_come_again(
    place, capsys
):
    before = published(place)
    lose_an_answer(place)
    found = result(place, capsys)
    assert ran(found) == {SURVEY}
    after = published(place)
    executed = {page: Path("notebooks", f"{page}.ipynb") for page in PAGES}
    assert [after[path] == before[path] for path in executed.values()] == [False, True]
    assert result(place, capsys)["unchanged"]
    result(place, capsys, "--force")
    assert published(place) == after


@pytest.mark.parametrize(
    ("files", "again"),
    [(["05_plan_tracker.html", "tables/actions.csv"], set()), (["notebooks/05_plan_tracker.ipynb"], {TRACKER})],
)
def test_a_publication_that_somebody_changed_is_made_again(place, capsys, files, again):
    before = published(place)
    for file in files:
        changed = place / "out" / AREA / MONTH / file
        changed.write_text(changed.read_text(encoding="utf-8").replace("action", "acti0n"), encoding="utf-8")
    assert ran(result(place, capsys)) == again
    assert published(place) == before


def test_one_changed_byte_of_a_publication_is_seen(place):
    area, out = place / AREA, place / "out" / AREA
    for file in ("05_plan_tracker.html", "tables/actions.csv", "notebooks/05_plan_tracker.ipynb"):
        changed = out / MONTH / file
        whole = changed.read_bytes()
        changed.write_bytes(whole.replace(b"action", b"acti0n", 1))
        assert unchanged(out, key_of_run(area, ASKED)) is None
        changed.write_bytes(whole)
    assert unchanged(out, key_of_run(area, ASKED)) is not None


@pytest.mark.parametrize(
    "more",
    [
        {"parameters": {"advice.limit_days": "30"}},
        {"single_file": True},
        {"only": [SURVEY]},
        {"strict": True},
        {"audience": "partner"},
    ],
    ids=str,
)
def test_another_choice_is_another_run(made, more):
    area, out = made / AREA, made / "out" / AREA
    assert unchanged(out, key_of_run(area, ASKED)) is not None
    assert unchanged(out, key_of_run(area, ASKED | more)) is None


def test_a_page_says_what_of_the_release_it_opened(made):
    held = json.loads(published(made)[Path("manifest.json")])["notebooks"]
    assert set(held) == set(PAGES)
    assert "figures/family_rating" in held[SURVEY]["opened"]
    assert "tables/actions" in held[TRACKER]["opened"]
    assert not [name for name in held[TRACKER]["opened"] if name.startswith("figures/")]


def test_a_run_reads_the_extracts_once_and_its_notebooks_none(place):
    request = prepare(str(place / AREA), MONTH, "internal", place / "later", only=PAGES)
    shutil.rmtree(place / AREA / "extracts")
    with Crew(request.folder) as crew:
        found = publish(request, crew, lambda *_: None)
    assert not found.failed
    assert [path.name for path in (found.folder / "release").iterdir() if path.suffix == ".csv"] == []


def test_a_notebook_of_a_run_cannot_open_another_area_or_reading(place, monkeypatch):
    release = place / "out" / AREA / MONTH / "release"
    monkeypatch.setenv(RUN, json.dumps({"area": str((place / AREA).resolve()), "release": str(release)}))
    assert open_release(place / AREA, MONTH).extract("family_survey").empty
    for words, area, more in (
        ("so it cannot open", DATA / "southend", {}),
        ("month: this release holds the figures for 2022-06 alone", place / AREA, {"month": "2022-05"}),
        ("advice.limit_days: this release", place / AREA, {"choices": "advice.limit_days=30"}),
    ):
        with pytest.raises(InputError, match=words):
            open_release(area, **more)
