"""A notebook in real JupyterLab, driven in a browser with no network beyond this machine's own server."""

import csv
import os
import re
import shutil
import signal
import socket
import subprocess
import urllib.request
from functools import partial
from pathlib import Path

import nbformat
import pytest

from sendanalysis.display.describing import said
from sendanalysis.release import open_release

ROOT = Path(__file__).parents[2]
OWN = ROOT / "sendanalysis" / "publishing"  # where JupyterLab's settings stand
AREA = ROOT / "data" / "southend"
NOTEBOOK = "01_ehcp_quality.ipynb"
TOKEN = "of-this-test-alone"
LIGHT = 200_000  # bytes of a notebook saved with its outputs


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A copy of the notebooks, with the data in a folder above them."""
    place = tmp_path_factory.mktemp("project")
    shutil.copytree(ROOT / "notebooks", place / "notebooks", ignore=shutil.ignore_patterns(".*"))
    shutil.copytree(AREA, place / "data" / "southend")
    return place / "notebooks"


@pytest.fixture(scope="module")
def lab(folder, program, environment, until, hangs):
    """Address of a JupyterLab as `make lab` starts it, with nothing set up by anybody; it is ended in the end."""
    own = folder.parent / "jupyter"
    own.mkdir()
    names = ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR")
    places = {name: str(own / name.lower()) for name in names}
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = [f"--ServerApp.port={port}", "--ServerApp.port_retries=0", "--ServerApp.ip=127.0.0.1", "--no-browser"]
    options += [f"--IdentityProvider.token={TOKEN}", f"--ServerApp.root_dir={folder}", "--allow-root"]
    # Should this test be killed, nobody is left to end the server: it then ends itself.
    options += [
        f"--MappingKernelManager.cull_idle_timeout={hangs}",
        f"--ServerApp.shutdown_no_activity_timeout={hangs}",
    ]
    with (own / "log").open("w") as log:
        server = subprocess.Popen(
            [program("jupyter-lab"), *options],
            cwd=folder.parent,
            env=environment
            | places
            | {"JUPYTER_CONFIG_PATH": str(ROOT / "sendanalysis/publishing"), "JUPYTER_PREFER_ENV_PATH": "1"},
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        address = f"http://127.0.0.1:{port}"
        until(lambda: server.poll() is not None or answers(address))
        assert server.poll() is None, (own / "log").read_text("utf-8")[-2_000:]
        yield address
    finally:
        ended(server, hangs)


def answers(address):
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        direct.open(f"{address}/api?token={TOKEN}").close()
    except OSError:
        return False
    return True


def ended(server, hangs):
    """The server ends its kernels itself when it is told to stop; whatever is left of it then is ended for it."""
    for how in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(server.pid, how)
            server.wait(timeout=hangs)
        except (ProcessLookupError, subprocess.TimeoutExpired):
            continue


@pytest.fixture(scope="module")
def asked():
    """Addresses beyond the server that the page asked for, each refused; a good page leaves this empty."""
    return []


@pytest.fixture(scope="module")
def page(new_context, lab, asked):
    """JupyterLab with the notebook open and its kernel ready."""
    context = new_context(viewport={"width": 1400, "height": 1000})

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


@pytest.fixture(scope="module")
def until_seen(page, until):
    """`until` for what is seen in JupyterLab, which goes on with its own work in between."""
    return partial(until, wait=lambda seconds: page.wait_for_timeout(1_000 * seconds))


PROMPTS = "[...document.querySelectorAll('.jp-CodeCell .jp-InputPrompt')].map(prompt => prompt.textContent)"
ERRORS = "document.querySelectorAll('[data-mime-type=\"application/vnd.jupyter.error\"]').length"


@pytest.fixture(scope="module")
def run_all(page, folder, until_seen):
    """A function that does Run > Run All Cells and saves: the notebook as it was saved."""

    def run():
        before = page.evaluate(PROMPTS)[-1]
        page.get_by_role("menuitem", name="Run", exact=True).click()
        page.get_by_role("menuitem", name="Run All Cells", exact=True).click()

        def ended():  # after an error the cells that follow are not run
            prompts = page.evaluate(PROMPTS)
            return "[*]:" not in prompts and (prompts[-1] != before or page.evaluate(ERRORS))

        until_seen(ended)
        page.get_by_text("Python 3 (ipykernel) | Idle").wait_for()
        with page.expect_response(lambda answer: answer.request.method == "PUT" and NOTEBOOK in answer.url):
            page.keyboard.press("Control+s")
        return nbformat.read(folder / NOTEBOOK, as_version=4)

    return run


@pytest.fixture(scope="module")
def saved(run_all):
    """The notebook as JupyterLab saved it when all its cells had run."""
    return run_all()


def code_of(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def cell_with(page, words):
    return page.locator(".jp-CodeCell", has=page.locator(".jp-InputArea", has_text=words)).first


SAID = """cell => {
    const chart = [...cell.querySelectorAll('.vega-embed canvas')].at(-1)
    if (!chart) return {}
    chart.scrollIntoView({block: 'nearest'})
    const {left, top, right, bottom} = chart.getBoundingClientRect()
    const places = {}
    let last = ''
    for (let x = left; x < right; x += 11)
        for (let y = top; y < bottom; y += 11) {
            chart.dispatchEvent(new PointerEvent('pointermove', {clientX: x, clientY: y, bubbles: true}))
            const tooltip = document.querySelector('#vg-tooltip-element.visible')
            if (tooltip && tooltip.textContent !== last)
                places[tooltip.innerText.replace(/\\s+/g, ' ')] ??= [x, y]
            last = tooltip?.textContent ?? ''
        }
    return places
}"""  # a point is 18 pixels wide


@pytest.fixture(scope="module")
def tooltips(until_seen):
    """A function that gives what a cell's chart says, when it says another thing, and where the pointer is for it."""

    def told(cell, former=None):
        def of_a_chart_that_is_drawn():
            places = cell.evaluate(SAID)
            return places if len(places) > 1 and places.keys() != former else None

        return until_seen(of_a_chart_that_is_drawn)

    return told


@pytest.fixture(scope="module")
def drawn(tooltips, until_seen):
    """A function that gives the place of a value in a cell's chart as soon as it is drawn and says these words."""

    def placed(cell, words):
        return until_seen(lambda: [place for text, place in tooltips(cell).items() if words in text])[0]

    return placed


def place_of(words, places):
    """Where a value is of which these words are said."""
    said_so = [place for text, place in places.items() if words in text]
    assert said_so, f"no value is said to be {words}: {list(places)}"
    return said_so[0]


def test_make_lab_starts_with_the_settings_that_are_tried_here():
    recipe = re.search(r"^lab:.*\n\t(.*)$", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)[1]
    settings = 'JUPYTER_CONFIG_PATH="$(CURDIR)/sendanalysis/publishing" JUPYTER_PREFER_ENV_PATH=1'
    assert recipe.startswith(f"@umask 077; {settings} $(BIN)/jupyter lab ")
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


def test_a_chart_is_drawn_and_tells_the_value_that_is_pointed_at(page, saved, tooltips):
    months = open_release(AREA).figures("quality", group="all", window="month")
    row = months.set_index("first_on").loc["2021-12-01"]
    page.mouse.move(*place_of("When December 2021", tooltips(cell_with(page, "charts.trend("))))
    words = " ".join(page.locator("#vg-tooltip-element.visible").inner_text().split())
    assert f"Value {said(row['value'])}" in words
    assert f"Number {row['n']:.0f} Out of {row['of']:,.0f}" in words


def test_a_click_on_a_value_shows_its_row_alone_and_a_double_click_shows_all(page, saved, tooltips, until_seen):
    cell = cell_with(page, "charts.trend(")
    rows, place = cell.locator(".jp-OutputArea tbody tr"), place_of("When December 2020", tooltips(cell))
    every = rows.count()
    assert every > 12
    page.mouse.click(*place)
    until_seen(lambda: rows.count() != every)
    assert rows.count() == 1
    assert rows.inner_text().split("\t")[0] == "December 2020"
    page.mouse.dblclick(*place)
    until_seen(lambda: rows.count() != 1)
    assert rows.count() == every


def test_control_and_the_wheel_zoom_along_the_axis(page, saved, tooltips):
    cell = cell_with(page, "charts.trend(")
    ends = ["When May 2021", "When September 2021"]
    places = tooltips(cell)
    first, last = (place_of(words, places) for words in ends)
    page.mouse.move(*first)
    page.keyboard.down("Control")
    page.mouse.wheel(0, -700)
    page.keyboard.up("Control")
    places = tooltips(cell, former=places.keys())
    wider = [place_of(words, places) for words in ends]
    assert wider[1][0] - wider[0][0] > 1.5 * (last[0] - first[0])


def test_explore_filters_by_section_and_auditor_and_drills_down_to_the_rows_of_a_month(page, saved, drawn, until_seen):
    with (AREA / "extracts" / "ehcp_audits.csv").open(encoding="utf-8", newline="") as file:
        final = [row for row in csv.DictReader(file) if row["stage"] == "final"]
    rows = [row for row in final if (row["section"], row["auditor_id"]) == ("F", "AUD2")]
    behind = [row for row in rows if row["audited_on"].startswith("2020-11")]
    cell = cell_with(page, "explore(release")
    cell.scroll_into_view_if_needed()
    shown = cell.locator(".dt-info").last
    cell.get_by_role("button", name="All rows").click()
    until_seen(lambda: "filtered" not in shown.inner_text())
    for label, option in (("Count by", "Audited on"), ("Draw", "Share met")):
        cell.get_by_label(label).select_option(option)
    for column, word in (("Section", "F"), ("Auditor ID", "AUD2")):
        former = shown.inner_text()
        chosen_in(page, cell, column, word)
        until_seen(lambda former=former: shown.inner_text() != former)
    assert f" of {len(rows):,} rows (filtered from " in shown.inner_text()
    page.mouse.click(*drawn(cell, f"When November 2020 Value {met_pct(behind)} Rows {len(behind)} "))
    until_seen(lambda: f" of {len(behind):,} row" in shown.inner_text())
    days = column_of(cell, "Audited on")
    assert len(days) == min(len(behind), 10)
    assert {day[:7] for day in days} == {"2020-11"}


def chosen_in(page, cell, column, word):
    """Choose a word of a column in its list, as in a spreadsheet."""
    cell.locator(".dt-scroll-head th", has_text=column).locator(".dtcc-button_dropdown").click()
    page.locator(".dtcc-dropdown .dtcc-list .dtcc-button", has=page.get_by_text(word, exact=True)).click()
    page.keyboard.press("Escape")


def column_of(cell, heading):
    """What the grid shows in a column, row by row."""
    grid = cell.locator(".itables_anywidget").last
    headings = [words.strip() for words in grid.locator(".dt-scroll-head th").all_inner_texts()]
    return grid.locator(f".dt-scroll-body tbody tr td:nth-child({headings.index(heading) + 1})").all_inner_texts()


def met_pct(rows):
    answers = [row["answer"] for row in rows if row["answer"]]
    return said(100 * sum(answer in {"Yes", "N/A"} for answer in answers) / len(answers))


HIDDEN = """areas => areas.filter(area => area.clientHeight
    && !area.querySelector(".cue")?.checkVisibility({visibilityProperty: true})
    && (area.scrollHeight > area.clientHeight + 1 || area.scrollWidth > area.clientWidth + 1)
).map(area => area.innerText)"""


def test_nothing_that_is_shown_is_cut_off_without_a_word_and_no_frame_is_shown_raw(page, saved):
    shown = page.locator(".jp-OutputArea-output")
    assert shown.locator(".sendanalysis table").count() > 5
    assert shown.locator(".scroll").evaluate_all(HIDDEN) == []
    limits = "areas => areas.map(area => getComputedStyle(area).maxHeight)"
    assert set(shown.evaluate_all(limits)) == {"none"}
    assert page.locator("table.dataframe").count() == 0
    text = " ".join(cell.outputs[0].data.get("text/html", "") for cell in code_of(saved) if cell.outputs)
    assert not re.search(r"\b(NaN|NaT|None|nan)\b", text)


STANDS_OUT = """areas => areas.map(area => {
    const numbers = colour => colour.match(/[\\d.]+/g).map(Number)
    const paper = numbers(getComputedStyle(document.querySelector(".jp-Notebook")).backgroundColor)
    const [r, g, b, alpha = 1] = numbers(getComputedStyle(area).color)
    const ink = [r, g, b].map((c, at) => alpha * c + (1 - alpha) * paper[at])
    const light = colour => {
        const [red, green, blue] = colour.slice(0, 3).map(c => ((c / 255 + .055) / 1.055) ** 2.4)
        return .2126 * red + .7152 * green + .0722 * blue
    }
    const [high, low] = [light(ink), light(paper)].sort((one, other) => other - one)
    return (high + .05) / (low + .05)
})"""


@pytest.mark.parametrize("theme", ["JupyterLab Dark", "JupyterLab Light"])
def test_words_and_charts_follow_the_theme(page, saved, until_seen, theme):
    page.get_by_role("menuitem", name="Settings", exact=True).click()
    for words in ("Theme", theme):  # which have no role of their own
        page.locator(f'.lm-Menu-itemLabel:text-is("{words}")').click()
    until_seen(lambda: page.evaluate("document.body.dataset.jpThemeName") == theme)
    words = page.locator(".sendanalysis :is(p, th, td, dt, dd, small, caption):visible:not(.chip *)")
    assert words.count() > 50
    assert min(words.evaluate_all(STANDS_OUT)) >= 4.5
    chart = cell_with(page, "charts.trend(").locator(".vega-embed canvas")
    filtered = chart.evaluate("chart => getComputedStyle(chart).filter")
    assert (filtered != "none") == (theme == "JupyterLab Dark")


def test_another_month_in_the_parameters_and_run_all_is_all_it_takes(page, saved, run_all, until_seen, asked):
    parameters = code_of(saved)[0].source
    editor = cell_with(page, "area: str").locator(".cm-content")
    editor.scroll_into_view_if_needed()
    editor.click()
    page.keyboard.press("Control+a")
    page.keyboard.insert_text(parameters.replace('month: str = ""', 'month: str = "2021-10"'))
    headline = cell_with(page, "headline(phrases")
    former = headline.inner_text()
    again = run_all()
    assert {output.output_type for cell in code_of(again) for output in cell.outputs} <= {
        "display_data",
        "execute_result",
    }
    until_seen(lambda: headline.inner_text() != former)
    assert headline.get_by_text("August to October 2021", exact=True).is_visible()
    assert asked == []


def test_a_wrong_parameter_gives_one_sentence_and_no_traceback(page, saved, run_all):
    editor = cell_with(page, "area: str").locator(".cm-content")
    editor.click()
    page.keyboard.press("Control+a")
    page.keyboard.insert_text(re.sub(r'month: str = "[\d-]*"', 'month: str = "2021-13"', code_of(saved)[0].source))
    outputs = [output for cell in code_of(run_all()) for output in cell.outputs if output.output_type == "error"]
    assert [output.traceback for output in outputs] == [
        ["month: '2021-13' is not a month. Write it as YYYY-MM, such as 2021-12."]
    ]


@pytest.fixture(scope="module")
def advice(page, lab, asked, until_seen):
    """The Explore section of the briefing on advice, its cells run, beside the notebook of the other tests."""
    opened = page.context.new_page()
    opened.goto(f"{lab}/lab/workspaces/advice/tree/04_partner_advice.ipynb?token={TOKEN}")
    opened.get_by_text("Python 3 (ipykernel) | Idle").wait_for()
    opened.get_by_role("menuitem", name="Run", exact=True).click()
    opened.get_by_role("menuitem", name="Run All Cells", exact=True).click()
    cell = cell_with(opened, "explore(release")
    until_seen(lambda: cell.locator(".dt-info").count())
    cell.locator(".dt-info").last.scroll_into_view_if_needed()
    yield cell
    opened.close()


def test_who_is_late_by_whom_and_since_when_is_answered_in_three_clicks(advice, drawn, until_seen):
    found = open_release(AREA).explored("advice").rows
    late = found[found["state"].eq("open and overdue") & found["sector"].isin(["education", "health", "care"])]
    health = late[late["giver"] == "health"].sort_values("due_on")
    shown = advice.locator(".dt-info").last

    advice.get_by_role("button", name="Open and overdue").click()  # who is late
    until_seen(lambda: f" of {len(late)} rows (filtered from {len(found):,}" in shown.inner_text())
    at = drawn(advice, f"Where Health Value {len(health)} ")

    advice.page.mouse.click(*at)  # by whom
    until_seen(lambda: shown.inner_text().endswith(f" of {len(health)} rows"))
    assert set(column_of(advice, "Giver")) == {"Health"}

    advice.locator(".dt-scroll-head th", has_text="Due").last.locator(".dtcc-button_order").click()  # since when
    days = [str(day.date()) for day in health["due_on"].head(10)]
    until_seen(lambda: column_of(advice, "Due") == days)
    assert column_of(advice, "Days overdue")[0] == str(health["days_overdue"].iloc[0])
    assert set(column_of(advice, "State")) == {"Open and overdue"}


def test_what_is_searched_for_is_saved_as_a_view_and_exported_for_the_analyst_alone(advice, folder, until_seen):
    shown, area = advice.locator(".dt-info").last, folder.parent / "data" / "southend"
    advice.get_by_role("button", name="All rows").click()
    until_seen(lambda: " of 1,443 rows" in shown.inner_text())
    advice.get_by_label("Search").fill("REQ013")
    until_seen(advice.get_by_text("10 of 1,443 rows.").count)
    advice.get_by_label("Save as").fill("Ten of them")
    advice.get_by_role("button", name="Save view").click()
    until_seen(advice.get_by_role("button", name="Ten of them").count)
    assert '"search": "REQ013"' in (area / "views.json").read_text("utf-8")
    advice.get_by_role("button", name="Export to Excel").click()
    until_seen(advice.get_by_text("10 rows are in ").count)
    book = area / "internal" / "advice_2022-03_1.xlsx"
    assert [oct(path.stat().st_mode & 0o777) for path in (book, book.parent)] == ["0o600", "0o700"]
    advice.get_by_role("button", name="In the headline", exact=True).click()
    until_seen(lambda: " of 68 rows" in shown.inner_text())
    advice.get_by_role("button", name="Ten of them").click()
    until_seen(lambda: " of 10 rows" in shown.inner_text())
