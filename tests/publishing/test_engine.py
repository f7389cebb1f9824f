import json
import os
import subprocess
import sys

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from sendanalysis.display.page import PageContext
from sendanalysis.publishing.bounded import STARTS
from sendanalysis.publishing.engine import execute, to_html

PARAMETERS = """\
area: str = "data/southend"  # folder of the area
month = "2021-12"
window: int = 3  # months
level: float = 0.95
small: bool = False  # whether small numbers are shown
"""


@pytest.fixture
def notebook(tmp_path):
    """A function that writes a notebook with a title, the parameters above and the code cells given."""

    def written(*sources, name="01_quality.ipynb", **tags):
        cells = [
            new_markdown_cell("# Quality", id="title"),
            new_code_cell(PARAMETERS, id="parameters", metadata={"tags": ["parameters"]}),
        ]
        for number, source in enumerate(sources):
            tagged = {"tags": [tags[f"tag_{number}"]]} if f"tag_{number}" in tags else {}
            cells.append(new_code_cell(source, id=f"cell-{number}", metadata=tagged))
        kernelspec = {"display_name": "mine", "language": "python", "name": "my-own-kernel"}
        nbformat.write(new_notebook(cells=cells, metadata={"kernelspec": kernelspec}), tmp_path / name)
        return tmp_path / name

    return written


@pytest.fixture
def run(tmp_path, monkeypatch):
    """A function that runs one notebook: its failure, and where its output stands."""
    monkeypatch.chdir(tmp_path)

    def ran(path, **parameters):
        output = path.with_suffix(".out.ipynb")
        return execute(path, output, parameters), output

    return ran


def printed(path):
    cells = nbformat.read(path, as_version=4).cells
    return "".join(item.get("text", "") for cell in cells for item in cell.get("outputs", []))


def test_braces_in_a_path_are_no_placeholders(notebook, run, tmp_path):
    (tmp_path / "{month} {}").mkdir()
    path = notebook("print(area)", name="{month} {}/{x}.ipynb")
    failure, output = run(path)
    assert failure is None
    assert printed(output) == "data/southend\n"


def test_a_notebook_runs_with_its_parameters_and_in_the_folder_asked_for(notebook, run, tmp_path):
    path = notebook("import os; print(os.getcwd(), [area, month, window])")
    failure, output = run(path, area='C:\\new "x" £', month="2022-01")
    assert failure is None
    assert printed(output) == f"{tmp_path} ['C:\\\\new \"x\" £', '2022-01', 3]\n"


def test_the_executed_notebook_has_the_same_bytes_each_time_and_nothing_of_the_machine(notebook, run):
    path = notebook(
        "import sys, warnings; print(area); warnings.warn('here'); print('away', file=sys.stderr); {1: area}"
    )
    first = run(path, area="data/x")[1].read_bytes()
    assert run(path, area="data/x")[1].read_bytes() == first
    content = json.loads(first)
    assert content["metadata"] == {
        "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    }
    assert [cell["id"] for cell in content["cells"]] == ["title", "parameters", "injected-parameters", "cell-0"]
    assert [cell["metadata"] for cell in content["cells"]] == [
        {},
        {"tags": ["parameters"]},
        {"tags": ["injected-parameters"]},
        {},
    ]
    assert [item["output_type"] for item in content["cells"][3]["outputs"]] == ["stream", "execute_result"]


def test_explore_cells_are_kept_but_neither_run_nor_published_with_what_an_analyst_saved_in_them(notebook, run):
    path = notebook("print('told')", "print('children')", tag_1="explore")
    saved = nbformat.read(path, as_version=4)
    saved.cells[3].outputs = [nbformat.v4.new_output("stream", text="a child's row")]
    nbformat.write(saved, path)
    failure, output = run(path)
    assert failure is None
    assert printed(output) == "told\n"
    assert nbformat.read(output, as_version=4).cells[-1].source == "print('children')"


@pytest.mark.parametrize(
    ("source", "error", "message"),
    [
        ("raise KeyError('nope')", "KeyError", "KeyError: 'nope'"),
        ("raise ValueError('\\x1b[31mred\\x1b[0m')", "ValueError", "ValueError: red"),
        ("import sys; sys.exit(0)", "SystemExit", "SystemExit: the cell ended the notebook before its last cell"),
        ("import sys; sys.exit(3)", "SystemExit", "SystemExit: 3"),
        ("import os; os._exit(1)", "DeadKernelError", "the notebook's Python ended by itself in this cell"),
    ],
)
def test_a_cell_that_fails_is_named_and_nothing_is_written(notebook, run, source, error, message):
    failure, output = run(notebook("1", source, "2"), month="2021-12")
    assert (failure.cell, failure.source, failure.error, failure.message) == (4, source, error, message)
    assert not output.exists()


def test_a_notebook_that_never_stops_to_print_is_ended_with_its_kernel(notebook, tmp_path):
    source = "import os\nprint(os.getpid(), flush=True)\nwhile True: print('x' * 10_000)"
    pid = tmp_path / "pid"
    path = notebook("1", f"open({str(pid)!r}, 'w').write(str(__import__('os').getpid()))", source)
    failure = execute(path, tmp_path / "out.ipynb", {"month": "2021-12"}, most=200_000)
    assert (failure.error, failure.message) == ("TooMuchShown", "the notebook showed more than 200,000 signs")
    assert failure.source == source
    assert not (tmp_path / "out.ipynb").exists()
    with pytest.raises(ProcessLookupError):
        os.kill(int(pid.read_text()), 0)


@pytest.fixture
def ends_at_once(tmp_path, monkeypatch):
    """A function that has kernels end as they start, so many of them; beside them it is told how many have started."""
    profile = tmp_path / "ipython" / "profile_default" / "startup"
    profile.mkdir(parents=True)
    monkeypatch.setenv("IPYTHONDIR", str(tmp_path / "ipython"))
    started = tmp_path / "started"
    started.touch()

    def first(count):
        source = (
            f"import os\nwith open({str(started)!r}, 'a+') as file:\n"
            f"    file.write('1')\n    file.seek(0)\n    if len(file.read()) <= {count}:\n"
            "        file.flush()\n        os._exit(1)\n"
        )
        (profile / "00-ends.py").write_text(source, encoding="utf-8")
        return started

    return first


def test_a_kernel_that_ends_as_it_starts_is_started_again(notebook, run, ends_at_once):
    started = ends_at_once(STARTS - 1)
    failure, output = run(notebook("print('told')"))
    assert failure is None
    assert printed(output) == "told\n"
    assert len(started.read_text()) == STARTS


def test_kernels_that_all_end_as_they_start_are_a_failure(notebook, run, ends_at_once):
    started = ends_at_once(1_000)
    with pytest.raises(RuntimeError, match="Kernel died before replying"):
        run(notebook("1"))
    assert len(started.read_text()) == STARTS


def test_the_cell_is_counted_as_the_notebook_stands_without_parameters_too(notebook, run):
    failure, _ = run(notebook("1", "raise ValueError\n2\n3\n4\n5\n6"))
    assert failure.cell == 4
    assert failure.source == "raise ValueError\n2\n3\n4\n5"


def test_an_error_that_a_cell_announces_is_a_failure_of_that_cell(notebook, run):
    failure, output = run(notebook("1 / 0", "2", tag_0="raises-exception"))
    assert (failure.cell, failure.error) == (3, "ZeroDivisionError")
    assert not output.exists()


def test_a_page_is_made_from_the_template_and_is_the_same_each_time(notebook, run):
    drawing = "from IPython.display import HTML; HTML('<svg viewBox=\"0 0 1 1\"></svg>')"
    _, output = run(notebook("print('told')", drawing, "print('not told')", tag_2="explore"))
    context = PageContext("Southend", "December 2021", "31 December 2021")
    page = to_html(output, context)
    assert "told" in page
    assert "not told" not in page
    assert '<svg viewBox="0 0 1 1">' in page  # nbconvert's own last step would write it in lower case
    assert to_html(output, context) == page


def test_text_from_data_is_escaped_in_every_part_of_the_page(notebook, run):
    _, output = run(notebook("print('<script>1</script>')"))
    attack = "<script>2</script>"
    page = to_html(output, PageContext(attack, attack, attack, attack, attack, footer={attack: attack}))
    assert "<script" not in page
    assert page.count("&lt;script&gt;") > 6


def test_papermill_finds_the_engine_by_its_name_and_it_shows_what_papermills_own_does(notebook, tmp_path, program):
    path = notebook("import sys; print(area, sys.argv[0][-20:])\n{'a': 1}")
    for engine in ("sendanalysis", "nbclient"):
        words = [program("papermill"), "--engine", engine, "-k", "python3", path, f"{engine}.ipynb", "-p", "area", "x"]
        subprocess.run(words, cwd=tmp_path, check=True, capture_output=True)
    named, stock = (
        nbformat.read(tmp_path / f"{engine}.ipynb", as_version=4) for engine in ("sendanalysis", "nbclient")
    )
    assert [cell.get("outputs") for cell in named.cells] == [cell.get("outputs") for cell in stock.cells]
    assert printed(tmp_path / "sendanalysis.ipynb") == "x pykernel_launcher.py\n"


@pytest.mark.parametrize("first", ["papermill", "sendanalysis.publishing.engine", "sendanalysis.publishing.bounded"])
def test_whatever_is_imported_first_the_engine_in_the_registry_is_this_one(first):
    code = (
        f"import {first}; from papermill.engines import papermill_engines as known;"
        "from sendanalysis.publishing.bounded import BoundedEngine as own;"
        "print(known.get_engine('sendanalysis').execute_managed_notebook == own.execute_managed_notebook)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, encoding="utf-8", check=True)
    assert done.stdout == "True\n"
