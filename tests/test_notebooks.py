"""The notebooks as an analyst has them: short, clean, and the same wherever and however often they are run."""

import ast
import csv
import json
import os
import re
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import nbformat
import papermill as stock
import pytest
from markupsafe import Markup

from sendanalysis.display.fragments import styled

ROOT = Path(__file__).parents[1]
AREA = ROOT / "data" / "southend"
MONTH = "2021-12"
NOTEBOOKS = sorted((ROOT / "notebooks").glob("[0-9][0-9]_*.ipynb"))
KPI = ROOT / "notebooks" / "kpi.ipynb"  # of every KPI that has no notebook of its own
SCORECARD = NOTEBOOKS[0]  # which a run tells of its edition
ALL = [*NOTEBOOKS, KPI]
SHIPPED = [path for path in NOTEBOOKS if path.stem != "08_plan_timeliness"]  # which needs a SEN2 return
KPI_PAGES = {"kpi_neu_satisfaction": "NEU_SATISFACTION", "kpi_balanced_system": "BALANCED_SYSTEM"}
PAGES = [*(path.stem for path in SHIPPED), *KPI_PAGES]
ALONE = ("00_scorecard", "03_survey_participation", "kpi_neu_satisfaction")  # run by themselves; all are run in a row
REFERENCE = ROOT / "tests" / "notebooks" / "reference_figures.ipynb"
PARAMETERS = [("area", ""), ("month", ""), ("audience", "internal"), ("data_date", ""), ("choices", "")]

each_notebook = pytest.mark.parametrize("path", ALL, ids=lambda path: path.stem)
each_with_extracts = pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)


def tagged(cell, tag):
    return tag in cell.metadata.get("tags", [])


def code_of(path):
    return [cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]


def prose_of(path):
    return [cell.source for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "markdown"]


def shown(cells):
    """What cells show, by their id: text and HTML, and what they print; what `explore` shows is for the analyst."""
    return {
        cell.id: [
            output.get("text")
            or {kind: output.data[kind] for kind in ("text/plain", "text/html") if kind in output.data}
            for output in cell.outputs
        ]
        for cell in cells
        if not tagged(cell, "explore") and cell.outputs
    }


@each_notebook
def test_a_notebook_is_short(path):
    cells = nbformat.read(path, as_version=4).cells
    assert len(cells) <= 25
    lines = {cell.id: len(cell.source.splitlines()) for cell in code_of(path)}
    assert {cell: number for cell, number in lines.items() if number > 10} == {}
    assert sum(lines.values()) <= 80


@each_notebook
def test_a_notebook_defines_nothing_and_catches_nothing(path):
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Try, ast.Lambda)
    nodes = [node for cell in code_of(path) for node in ast.walk(ast.parse(cell.source))]
    assert [ast.unparse(node) for node in nodes if isinstance(node, kinds[:4])] == []


@each_notebook
def test_the_first_code_cell_holds_the_parameters_each_with_type_and_help(path):
    first, *others = code_of(path)
    assert first.metadata == {"tags": ["parameters"]}
    assert not [cell.id for cell in others if tagged(cell, "parameters")]
    lines = ast.parse(first.source).body
    own = {KPI: [("kpi", "")], SCORECARD: [("edition", "")]}.get(path, [])
    assert [(line.target.id, ast.literal_eval(line.value)) for line in lines] == PARAMETERS + own
    assert {line.annotation.id for line in lines} == {"str"}
    assert all("  # " in line for line in first.source.splitlines())


def test_the_parameters_are_the_same_everywhere_and_papermill_itself_knows_every_one(program, environment):
    common = {code_of(path)[0].source for path in NOTEBOOKS if path != SCORECARD}
    assert len(common) == 1
    assert all(code_of(path)[0].source.startswith(*common) for path in (KPI, SCORECARD))
    command = [program("papermill"), "--help-notebook", NOTEBOOKS[1]]
    done = subprocess.run(command, env=environment, capture_output=True, encoding="utf-8", check=True)
    assert re.findall(r"^  (\w+): str", done.stdout, re.MULTILINE) == [name for name, _ in PARAMETERS]


@each_notebook
def test_a_notebook_opens_the_release_in_its_second_code_cell_and_shows_its_headline_first(path):
    _, imports, *others = code_of(path)
    call = "open_release(area, month, audience, data_date=data_date, choices=choices)"
    assert f"release = {call}" in imports.source.splitlines()
    showing = [cell for cell in (imports, *others) if isinstance(ast.parse(cell.source).body[-1], ast.Expr)]
    assert is_headline(ast.parse(showing[0].source).body[-1].value)


def headlines_of(path):
    return [node for cell in code_of(path) for node in ast.walk(ast.parse(cell.source)) if is_headline(node)]


def is_headline(node):
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "headline"


@each_notebook
def test_a_notebook_has_one_headline(path):
    assert len(headlines_of(path)) == 1


@each_notebook
def test_a_notebook_says_in_one_tag_of_its_first_cell_what_it_shows(path):
    first, *others = nbformat.read(path, as_version=4).cells
    assert len([tag for tag in first.metadata.get("tags", []) if tag.startswith("page-")]) == (path != KPI)
    assert not [cell.id for cell in others for tag in cell.metadata.get("tags", []) if tag.startswith("page-")]


@each_notebook
def test_a_notebook_has_one_title_and_skips_no_level(path):
    headings = [line for text in prose_of(path) for line in text.splitlines() if line.startswith("#")]
    levels = [len(line.split()[0]) for line in headings]
    assert (levels[0], levels.count(1)) == (1, 1)
    assert all(after - before <= 1 for before, after in pairwise(levels))
    assert headings[-1].startswith("## Data quality, method and sources")


@each_with_extracts
def test_a_notebook_has_one_cell_to_explore_which_stands_before_the_method(path):
    cells = nbformat.read(path, as_version=4).cells
    places = [place for place, cell in enumerate(cells) if tagged(cell, "explore")]
    assert len(places) == 1
    assert [cell.id for cell in cells[: places[0]] if cell.source.startswith("## Data quality")] == []


@each_notebook
def test_only_a_cell_to_explore_opens_an_extract(path):
    assert not [
        cell.id
        for cell in code_of(path)
        if re.search(r"\.extract\(|\bexplored?\(", cell.source) and not tagged(cell, "explore")
    ]


@each_notebook
def test_a_notebook_is_saved_without_outputs_and_with_an_id_of_its_own_for_every_cell(path):
    notebook = nbformat.read(path, as_version=4)
    nbformat.validate(notebook)
    assert [cell.id for cell in code_of(path) if cell.outputs or cell.execution_count] == []
    assert [cell.id for cell in notebook.cells] == [f"c{place:02}" for place, _ in enumerate(notebook.cells, 1)]
    assert {key for cell in notebook.cells for key in cell.metadata} <= {"tags"}
    assert set(notebook.metadata) == {"kernelspec", "language_info"}
    assert notebook.metadata.kernelspec.name == "python3"
    command = [sys.executable, "-m", "sendanalysis.publishing.cleaning"]
    done = subprocess.run(command, input=path.read_bytes(), capture_output=True, check=True)
    assert done.stdout.decode("utf-8") == path.read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def parameters(publication):
    """A function that gives the parameters with which a notebook was published: `parameters(path, kpi)`."""
    edition = json.loads((publication / "manifest.json").read_text("utf-8"))["parameters"][SCORECARD.stem]["edition"]

    def given(path, kpi=""):
        wanted = {"area": "data/southend", "month": MONTH} | ({"kpi": kpi} if kpi else {})
        return wanted | ({"edition": edition} if "edition: str" in code_of(path)[0].source else {})

    return given


@pytest.fixture(scope="session")
def command(once, program, environment, hangs, parameters):
    """A function that runs a notebook with the command `papermill`, from a folder: the executed notebook."""

    def executed(path, cwd, kpi="", **variables):
        def make(folder):
            words = [word for name, value in parameters(path, kpi).items() for word in ("-r", name, value)]
            done = subprocess.run(
                [
                    *(program("papermill"), path, folder / path.name, *words),
                    *("--no-progress-bar", "--start-timeout", str(hangs)),
                ],
                cwd=cwd,
                env=environment | variables,
                capture_output=True,
                encoding="utf-8",
                check=False,
            )
            assert done.returncode == 0, done.stderr[-2_000:]

        return once("-".join(["command", path.stem, kpi, cwd.name, *variables]), make) / path.name

    return executed


@pytest.fixture(scope="session")
def papermill(once, environment, hangs, parameters):
    """A function that runs a notebook with plain papermill and a kernel of its own: the executed notebook.

    It is the call that the command makes, with no help of the package, and saves the command's own start.
    """

    def executed(path, kpi=""):
        def make(folder):
            with pytest.MonkeyPatch.context() as patch:
                for name in os.environ.keys() - environment.keys():
                    patch.delenv(name)
                for name, value in environment.items():
                    patch.setenv(name, value)
                given = parameters(path, kpi)
                quietly = {"progress_bar": False, "start_timeout": hangs}
                stock.execute_notebook(path, folder / path.name, given, cwd=ROOT, **quietly)

        return once(f"papermill-{path.stem}-{kpi}", make) / path.name

    return executed


@pytest.fixture(scope="session")
def in_their_folder(command, tmp_path_factory):
    """A function that gives a notebook's code cells, of all notebooks run one after the other where they stand."""
    kpi = next(iter(KPI_PAGES.values()))
    together = nbformat.read(NOTEBOOKS[0], as_version=4)
    together.cells = []
    for path in (*SHIPPED, KPI):
        for cell in nbformat.read(path, as_version=4).cells:
            if path != NOTEBOOKS[0] and tagged(cell, "parameters"):
                continue  # of the first notebook, whose parameters are those of all
            cell.id = f"{path.stem}-{cell.id}"
            together.cells.append(cell)
    whole = tmp_path_factory.mktemp("together") / "together.ipynb"
    nbformat.write(together, whole)

    def cells_of(path):
        begins = f"{path.stem}-"
        executed = [cell for cell in code_of(command(whole, ROOT / "notebooks", kpi)) if cell.id.startswith(begins)]
        for cell in executed:
            cell.id = cell.id.removeprefix(begins)
        return executed

    return cells_of


def assert_shown_as_published(executed, published):
    assert shown(executed) == shown(published)
    assert shown(executed)
    assert not [cell.id for cell in executed for output in cell.outputs if output.get("name") == "stderr"]


def notebook_of(page):
    return KPI if page in KPI_PAGES else ROOT / "notebooks" / f"{page}.ipynb"


@pytest.mark.parametrize("page", ALONE)
def test_plain_papermill_shows_what_was_published(papermill, publication, page):
    executed = papermill(notebook_of(page), KPI_PAGES.get(page, ""))
    assert_shown_as_published(code_of(executed), code_of(publication / "notebooks" / f"{page}.ipynb"))


@pytest.mark.parametrize("page", PAGES[:-1])  # of the KPIs one
def test_plain_papermill_in_the_notebooks_folder_shows_the_same(in_their_folder, publication, page):
    published = code_of(publication / "notebooks" / f"{page}.ipynb")
    assert_shown_as_published(in_their_folder(notebook_of(page)), published)


@each_with_extracts
def test_cells_to_explore_run_and_show_something(in_their_folder, path):
    explored = [cell for cell in in_their_folder(path) if tagged(cell, "explore")]
    assert explored
    assert [cell.id for cell in explored if not cell.outputs] == []
    assert {output.output_type for cell in explored for output in cell.outputs} <= {"execute_result", "display_data"}


def test_in_jupyterlab_charts_are_live_and_the_words_and_tables_stay(command, publication):
    path = next(path for path in NOTEBOOKS if path.stem == "01_ehcp_quality")
    executed = command(path, ROOT / "notebooks", JPY_SESSION_NAME="notebooks/01_ehcp_quality.ipynb")
    live = [cell for cell in code_of(executed) if not tagged(cell, "explore")]
    outputs = [output.data for cell in live for output in cell.outputs]
    widgets = [data for data in outputs if "application/vnd.jupyter.widget-view+json" in data]
    assert len(widgets) == sum("show_chart(" in cell.source for cell in live)
    assert not [data for data in outputs if "application/javascript" in data or "<script" in data.get("text/html", "")]
    published = shown(code_of(publication / "notebooks" / path.name))
    charts = {cell.id for cell in live if "show_chart(" in cell.source}
    styles = {cell: [in_style(output) for output in seen] for cell, seen in published.items()}
    assert {cell: seen for cell, seen in shown(live).items() if cell not in charts} == {
        cell: seen for cell, seen in styles.items() if cell not in charts
    }


def in_style(output):
    """An output as JupyterLab is given it: its HTML brings the style that the page has in a briefing."""
    return output | {"text/html": str(styled(Markup(output["text/html"])))} if "text/html" in output else output


@pytest.fixture
def nbval(program, environment, tmp_path, hangs):
    """A function that holds a notebook's saved outputs against those of a new run: exit code and what was said."""
    (tmp_path / "data").symlink_to(ROOT / "data")  # nbval runs a notebook where it stands
    found = [str(REFERENCE.parent), *filter(None, [environment.get("PYTHONPATH")])]

    def compared(notebook):
        nbformat.write(notebook, tmp_path / "notebook.ipynb")
        words = ["--nbval", "-p", "no:cacheprovider", "-c", ROOT / "pyproject.toml", "--rootdir", tmp_path]
        words += ["-p", "patience", "--nbval-kernel-startup-timeout", str(hangs)]
        done = subprocess.run(
            [program("pytest"), *words, tmp_path / "notebook.ipynb"],
            cwd=tmp_path,
            env=environment | {"PYTHONPATH": os.pathsep.join(found)},
            capture_output=True,
            encoding="utf-8",
            check=False,
        )
        return done.returncode, done.stdout + done.stderr

    return compared


def saved_figures():
    """The figures saved in the reference notebook by month, as text by KPI."""
    texts = {cell.id: "".join(output.text for output in cell.outputs) for cell in code_of(REFERENCE)}
    return {
        cell.removeprefix("month-"): {row["kpi_id"]: row for row in csv.DictReader(text.splitlines())}
        for cell, text in texts.items()
        if text
    }


def test_the_reference_figures_are_those_of_today(nbval):
    code, said = nbval(nbformat.read(REFERENCE, as_version=4))
    assert code == 0, said
    assert "4 passed" in said


def test_the_reference_figures_hold_every_kpi_of_three_months_so_that_nothing_is_compared_with_nothing():
    with (AREA / "plan" / "kpis.csv").open(encoding="utf-8", newline="") as file:
        kpis = {row["kpi_id"] for row in csv.DictReader(file)}
    figures = saved_figures()
    assert set(figures) == {"2021-10", "2021-12", "2022-03"}
    assert {frozenset(rows) for rows in figures.values()} == {frozenset(kpis)}


@pytest.mark.parametrize("month", ["2021-10", "2021-12", "2022-03"])
def test_the_reference_figures_are_those_that_counting_by_hand_gives(by_hand, month):
    for kpi, (numerator, denominator) in by_hand["figures"](AREA, month).items():
        row = saved_figures()[month][kpi]
        value = 100 * numerator / denominator if denominator else numerator
        assert (row["n"], row["value"]) == (f"{numerator:.6f}", f"{value:.6f}"), kpi
        assert row["of"] == (f"{denominator:.6f}" if denominator else "-"), kpi


def test_one_digit_changed_in_a_saved_figure_is_noticed(nbval):
    notebook = nbformat.read(REFERENCE, as_version=4)
    notebook.cells = [cell for cell in notebook.cells if cell.id in {"functions", "month-2021-12"}]
    (output,) = notebook.cells[-1].outputs
    line = next(line for line in output.text.splitlines() if line.startswith("QA_HEALTH,"))
    digit = line.index(".") + 6
    other = line[:digit] + str((int(line[digit]) + 1) % 10) + line[digit + 1 :]
    output.text = output.text.replace(line, other)
    code, said = nbval(notebook)
    assert code == 1, said
    assert "1 failed, 1 passed" in said
    assert "Cell outputs differ" in said
    assert other.split(",")[1] in said


def test_a_briefings_notebook_that_is_run_twice_compares_equal(papermill, nbval):
    executed = papermill(next(path for path in NOTEBOOKS if path.stem == "03_survey_participation"))
    assert sum(len(cell.outputs) for cell in code_of(executed)) > 5
    code, said = nbval(nbformat.read(executed, as_version=4))
    assert code == 0, said
    assert f"{len(code_of(executed))} passed" in said
