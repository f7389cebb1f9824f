"""A notebook in real JupyterLab, driven in a browser with no network beyond this machine's own server."""

import csv
import os
import re
import shutil
import signal
import socket
import subprocess
import time
import urllib.request
from pathlib import Path

import nbformat
import pytest

from sendanalysis.display.describing import said
from sendanalysis.release import open_release

ROOT = Path(__file__).parents[2]
AREA = ROOT / "data" / "southend"
NOTEBOOK = "01_ehcp_quality.ipynb"
TOKEN = "of-this-test-alone"
PATIENCE = 60_000  # milliseconds; a run takes about ten seconds on a machine that has nothing else to do
LIGHT = 200_000  # bytes of a notebook saved with its outputs


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A copy of the notebooks, with the data in a folder above them."""
    place = tmp_path_factory.mktemp("project")
    shutil.copytree(ROOT / "notebooks", place / "notebooks", ignore=shutil.ignore_patterns(".*"))
    shutil.copytree(AREA, place / "data" / "southend")
    return place / "notebooks"


@pytest.fixture(scope="module")
def lab(browser, folder, program, environment, tmp_path_factory):
    """Address of a JupyterLab as `make lab` starts it, with nothing set up by anybody; it is ended in the end."""
    own = tmp_path_factory.mktemp("jupyter")
    names = ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR")
    places = {name: str(own / name.lower()) for name in names}
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = [f"--ServerApp.port={port}", "--ServerApp.port_retries=0", "--ServerApp.ip=127.0.0.1", "--no-browser"]
    options += [f"--IdentityProvider.token={TOKEN}", f"--ServerApp.root_dir={folder}", "--allow-root"]
    # Should this test be killed, nobody is left to end the server: it then ends itself.
    options += ["--MappingKernelManager.cull_idle_timeout=30", "--MappingKernelManager.cull_interval=10"]
    options += ["--ServerApp.shutdown_no_activity_timeout=60"]
    with (own / "log").open("w") as log:
        server = subprocess.Popen(
            [program("jupyter-lab"), *options],
            cwd=folder.parent,
            env=environment | places | {"JUPYTER_CONFIG_PATH": str(ROOT / ".jupyter"), "JUPYTER_PREFER_ENV_PATH": "1"},
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        yield answering(f"http://127.0.0.1:{port}", server, own / "log")
    finally:
        ended(server)


def answering(address, server, log):
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    for _ in range(300):
        assert server.poll() is None, log.read_text("utf-8")[-2_000:]
        try:
            direct.open(f"{address}/api?token={TOKEN}", timeout=5).close()
        except OSError:
            time.sleep(0.2)
        else:
            return address
    pytest.fail(log.read_text("utf-8")[-2_000:])


def ended(server):
    """The server ends its kernels itself when it is told to stop; whatever is left of it then is ended for it."""
    for how in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(server.pid, how)
            server.wait(timeout=20)
        except (ProcessLookupError, subprocess.TimeoutExpired):
            continue


@pytest.fixture(scope="module")
def asked():
    """Addresses beyond the server that the page asked for, each refused; a good page leaves this empty."""
    return []


@pytest.fixture(scope="module")
def page(browser, lab, asked):
    """JupyterLab with the notebook open and its kernel ready."""
    context = browser.new_context(viewport={"width": 1400, "height": 1000})
    context.set_default_timeout(PATIENCE)

    def guard(route):
        if route.request.url.startswith((f"{lab}/", "data:", "blob:")):
            route.continue_()
        else:
            asked.append(route.request.url)
            route.abort()

    context.route("**/*", guard)
    opened = context.new_page()
    own = lab.replace("http:", "ws:") + "/"
    opened.on("websocket", lambda socket: None if socket.url.startswith(own) else asked.append(socket.url))
    opened.goto(f"{lab}/lab/tree/{NOTEBOOK}?token={TOKEN}")
    opened.get_by_text("Python 3 (ipykernel) | Idle").wait_for()
    yield opened
    context.close()


def run_all(page, folder):
    """Run > Run All Cells, save, and the notebook as it was saved."""
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
    page.get_by_text("Python 3 (ipykernel) | Busy").wait_for()
    page.get_by_text("Python 3 (ipykernel) | Idle").wait_for()
    page.wait_for_function("() => ![...document.querySelectorAll('.jp-InputPrompt')].some(p => p.innerText == '[*]:')")
    before = (folder / NOTEBOOK).stat().st_mtime_ns
    page.keyboard.press("Control+s")
    for _ in range(100):
        if (folder / NOTEBOOK).stat().st_mtime_ns != before:
            break
        page.wait_for_timeout(100)
    page.wait_for_timeout(300)
    return nbformat.read(folder / NOTEBOOK, as_version=4)


@pytest.fixture(scope="module")
def saved(page, folder):
    """The notebook as JupyterLab saved it when all its cells had run."""
    return run_all(page, folder)


def code_of(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def cell_with(page, words):
    return page.locator(".jp-CodeCell", has=page.locator(".jp-InputArea", has_text=words)).first


FIND = """(chart, words) => {
    const {left, top, right, bottom} = chart.getBoundingClientRect()
    const said = () => document.querySelector('#vg-tooltip-element.visible')?.innerText.replace(/\\s+/g, ' ') ?? ''
    for (let x = left; x < right; x += 11)
        for (let y = top; y < bottom; y += 11) {
            chart.dispatchEvent(new PointerEvent('pointermove', {clientX: x, clientY: y, bubbles: true}))
            if (said().includes(words)) return [x, y]
        }
}"""  # a point is 18 pixels wide


def found(page, cell, words):
    """Where in a cell's chart the pointer has to be for a tooltip to say these words."""
    chart = cell.locator(".vega-embed canvas")
    chart.scroll_into_view_if_needed()
    for _ in range(50):
        place = chart.evaluate(FIND, words)
        if place:
            return place
        page.wait_for_timeout(100)
    pytest.fail(f"no value of the chart is said to be {words}")


def test_make_lab_starts_with_the_settings_that_are_tried_here():
    recipe = re.search(r"^lab:.*\n\t(.*)$", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)[1]
    assert recipe.startswith('@JUPYTER_CONFIG_PATH="$(CURDIR)/.jupyter" JUPYTER_PREFER_ENV_PATH=1 $(BIN)/jupyter lab ')
    assert recipe.endswith("--ServerApp.root_dir=notebooks")


def test_all_cells_run_without_an_error_and_nothing_is_asked_of_the_network(saved, asked):
    cells = code_of(saved)
    assert [cell.id for cell in cells if not cell.execution_count] == []
    kinds = {output.output_type for cell in cells for output in cell.outputs}
    assert kinds <= {"display_data", "execute_result"}
    assert asked == []


def test_what_is_saved_is_light_and_holds_no_row_of_an_extract(saved, folder):
    text = (folder / NOTEBOOK).read_text(encoding="utf-8")
    assert sum(len(cell.outputs) for cell in code_of(saved)) > 10
    assert len(text) < LIGHT
    assert not re.search(r"AUDIT\d{4}", text)


def test_a_chart_is_drawn_and_tells_the_value_that_is_pointed_at(page, saved):
    row = open_release(AREA).ehcp_quality.trend.query("kpi_id == 'QA_ALL'").set_index("month").loc["2021-12-01"]
    page.mouse.move(*found(page, cell_with(page, "findings.trend("), "When December 2021"))
    words = " ".join(page.locator("#vg-tooltip-element.visible").inner_text().split())
    assert f"Value {said(row['pct'])}" in words
    assert f"Met {row['met_n']:.0f} Answers {row['answers_n']}" in words


def test_a_click_on_a_value_shows_its_row_alone_and_a_double_click_shows_all(page, saved):
    cell = cell_with(page, "findings.trend(")
    rows, place = cell.locator(".jp-OutputArea tbody tr"), found(page, cell, "When December 2020")
    every = rows.count()
    assert every > 12
    page.mouse.click(*place)
    rows.nth(1).wait_for(state="detached")
    assert rows.inner_text().split("\t")[0] == "December 2020"
    page.mouse.dblclick(*place)
    rows.nth(every - 1).wait_for()


def test_control_and_the_wheel_zoom_along_the_axis(page, saved):
    cell = cell_with(page, "findings.trend(")
    ends = ["When May 2021", "When September 2021"]
    first, last = (found(page, cell, words) for words in ends)
    page.mouse.move(*first)
    page.keyboard.down("Control")
    page.mouse.wheel(0, -700)
    page.keyboard.up("Control")
    page.wait_for_timeout(500)
    wider = [found(page, cell, words) for words in ends]
    assert wider[1][0] - wider[0][0] > 1.5 * (last[0] - first[0])


def test_explore_filters_by_section_and_auditor_and_drills_down_to_the_rows_of_a_month(page, saved):
    with (AREA / "extracts" / "ehcp_audits.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if (row["section"], row["auditor_id"]) == ("F", "AUD2")]
    behind = [row for row in rows if row["audited_on"].startswith("2020-11")]
    cell = cell_with(page, "explore(rows")
    cell.scroll_into_view_if_needed()
    cell.get_by_label("Section").select_option("F")
    cell.get_by_label("Auditor ID").select_option("AUD2")
    cell.get_by_text(f"{len(rows):,} of ").wait_for()
    page.mouse.click(*found(page, cell, f"When November 2020 Value {met_pct(behind)} Rows {len(behind)} "))
    cell.get_by_text(f"{len(behind)} rows", exact=True).wait_for()
    assert cell.locator("tbody tr").count() == len(behind)


def met_pct(rows):
    answers = [row["answer"] for row in rows if row["answer"]]
    return said(100 * sum(answer in {"Yes", "N/A"} for answer in answers) / len(answers))


def test_another_month_in_the_parameters_and_run_all_is_all_it_takes(page, saved, folder, asked):
    parameters = code_of(saved)[0].source
    editor = cell_with(page, "area: str").locator(".cm-content")
    editor.scroll_into_view_if_needed()
    editor.click()
    page.keyboard.press("Control+a")
    page.keyboard.insert_text(parameters.replace('month: str = ""', 'month: str = "2021-10"'))
    again = run_all(page, folder)
    assert {output.output_type for cell in code_of(again) for output in cell.outputs} <= {
        "display_data",
        "execute_result",
    }
    headline = cell_with(page, "show_headline(headlines")
    headline.get_by_text("August to October 2021", exact=True).wait_for()
    assert asked == []
