import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_notebook

from sendanalysis.publishing import batch
from sendanalysis.publishing.batch import ENGINES, STOCK, Crew, Job

NEVER = 1_000_000  # seconds: a cell with this limit ends by itself or is killed
WAITING = """\
import os, signal
with open("writing", "w") as file:
    file.write(f"{os.getpid()} {os.getppid()}")
os.rename("writing", "pids")
while True:
    signal.pause()
"""  # says whose process it is, and never ends

KILLING = """\
import os, pathlib, signal
def parent(pid):
    return int(pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[1])
run = parent(os.getppid())
for process in pathlib.Path("/proc").glob("[0-9]*"):
    if parent(process.name) == run and b"sendanalysis.publishing.engine" in (process / "cmdline").read_bytes():
        os.kill(int(process.name), signal.SIGKILL)
"""  # kills the process that runs this notebook
forks = pytest.mark.skipif(not batch.CAN_FORK, reason="kernels are not forked here")


@pytest.fixture
def job(tmp_path):
    """A function that makes a job of one code cell."""

    def made(name, source):
        notebook = new_notebook(cells=[new_code_cell(source, id="it")])
        nbformat.write(notebook, tmp_path / f"{name}.ipynb")
        return Job(name, tmp_path / f"{name}.ipynb", tmp_path / f"{name}.out.ipynb")

    return made


def run_notebooks(jobs, *, folder=None, workers=1, engine="quick", **how):
    with Crew(folder, workers, engine) as crew:
        return crew.run(jobs, **how)


def alive(pid):
    """Whether a process is still at work: one that ended and waits to be collected is not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


@pytest.fixture
def ended(until):
    """A function that waits until the processes are gone whose ids a notebook wrote down."""

    def awaited(pids):
        known = [int(pid) for pid in pids.read_text(encoding="utf-8").split()]
        assert len(known) == 2
        return until(lambda: not any(map(alive, known)))

    return awaited


def test_no_jobs_have_no_outcomes():
    assert run_notebooks([]) == []


def test_one_failure_stops_no_other_and_outcomes_come_in_the_order_of_the_jobs(job):
    jobs = [job("slow", "import time; time.sleep(1)"), job("bad", "1 / 0"), *(job(f"good{n}", "1") for n in range(3))]
    seen = []
    outcomes = run_notebooks(jobs, workers=2, on_done=seen.append)
    assert [outcome.name for outcome in outcomes] == [item.name for item in jobs]
    assert [outcome.name for outcome in outcomes if outcome.failure] == ["bad"]
    assert [outcome.output.exists() for outcome in outcomes] == [True, False, True, True, True]
    assert outcomes[0].seconds >= 1
    assert sorted(seen, key=outcomes.index) == outcomes


def test_notebooks_run_at_the_same_time(job, tmp_path, hangs):
    meet = "import time, pathlib\npathlib.Path('{0}').touch()\nwhile not pathlib.Path('{1}').exists(): time.sleep(0.01)"
    jobs = [job("a", meet.format("a", "b")), job("b", meet.format("b", "a"))]
    outcomes = run_notebooks(jobs, workers=2, folder=tmp_path, cell_seconds=hangs)
    assert [outcome.failure for outcome in outcomes] == [None, None]


def test_a_cell_that_never_ends_is_stopped_and_told_of(job):
    [outcome] = run_notebooks([job("endless", "while True: pass")], cell_seconds=1)
    assert outcome.failure.message == "the cell had not ended after 1 seconds"
    assert outcome.failure.cell == 1


@pytest.mark.skipif(not Path("/proc").exists(), reason="looks processes up in /proc")
def test_a_process_that_is_killed_fails_its_notebook_and_the_next_one_runs(job):
    outcomes = run_notebooks([job("killed", KILLING), job("next", "1")], workers=1)
    assert "ended by itself" in outcomes[0].failure.message
    assert outcomes[1].failure is None


@forks
def test_without_the_process_that_forks_kernels_the_next_notebook_runs_all_the_same(job):
    killing = "import os, signal; os.kill(os.getppid(), signal.SIGKILL)"
    *_, last = run_notebooks([job("killed", killing), job("next", "import os; print(os.getppid())")], workers=1)
    assert last.failure is None
    assert int(nbformat.read(last.output, as_version=4).cells[0].outputs[0].text) > 0


@forks
def test_what_a_notebook_has_started_ends_with_it(job, tmp_path, until):
    started = "import subprocess; print(subprocess.Popen(['sleep', '1000000']).pid)"
    [outcome] = run_notebooks([job("it", started)])
    child = int(nbformat.read(outcome.output, as_version=4).cells[0].outputs[0].text)
    assert until(lambda: not alive(child))


@forks
def test_a_notebook_of_a_run_has_its_charts_drawn_by_the_process_that_draws_for_all(job):
    drawn = "from sendanalysis.display import drawing; print(drawing.svg({'mark': 'bar', 'data': {'values': []}})[:4])"
    [outcome] = run_notebooks([job("it", f"{drawn}\nimport sys; print('vl_convert' in sys.modules)")])
    assert nbformat.read(outcome.output, as_version=4).cells[0].outputs[0].text == "<svg\nFalse\n"


@forks
def test_forked_kernels_and_new_ones_give_the_same_bytes(job, tmp_path, monkeypatch):
    told = "import os, sys\nimport pandas as pd\nprint(sys.argv[0][-20:], sys.path[0], os.getcwd(), os.getenv('HOME'))"
    shown = f"{told}\npd.DataFrame({{'a': [hash('text')]}})"
    [forked] = run_notebooks([job("forked", shown)], folder=tmp_path)
    monkeypatch.setattr(batch, "CAN_FORK", False)
    [new] = run_notebooks([job("new", shown)], folder=tmp_path)
    assert forked.output.read_bytes() == new.output.read_bytes()


def test_papermills_own_engine_shows_the_same_and_keeps_to_the_same_time(job, tmp_path):
    shown = "import sys; print(sys.argv[0][-20:])\n{'a': 1}"
    quick, stock = (run_notebooks([job(engine, shown)], folder=tmp_path, engine=engine)[0] for engine in ENGINES)
    assert (quick.failure, stock.failure) == (None, None)
    assert quick.output.read_bytes() == stock.output.read_bytes()
    [failed] = run_notebooks([job("failing", "1 / 0")], engine=STOCK)
    assert (failed.failure.cell, failed.failure.error) == (1, "ZeroDivisionError")
    [endless] = run_notebooks([job("endless", "while True: pass")], engine=STOCK, cell_seconds=1)
    assert endless.failure.error == "CellTimeoutError"


def test_a_file_that_is_no_notebook_is_a_failure(tmp_path):
    (tmp_path / "x.ipynb").write_text("no notebook", encoding="utf-8")
    [outcome] = run_notebooks([Job("x", tmp_path / "x.ipynb", tmp_path / "out.ipynb")])
    assert outcome.failure.cell == 0
    assert "does not appear to be JSON" in outcome.failure.message


def test_a_notebook_runs_in_the_folder_asked_for_as_if_nobody_had_started_it_from_jupyterlab(
    job, tmp_path, monkeypatch
):
    monkeypatch.setenv("JPY_SESSION_NAME", "00_scorecard.ipynb")
    monkeypatch.setenv("PYTHONHASHSEED", "7")
    told = "import os; print(os.getcwd(), os.environ.get('JPY_SESSION_NAME'), os.environ['PYTHONHASHSEED'])"
    [outcome] = run_notebooks([job("it", told)], folder=tmp_path)
    assert nbformat.read(outcome.output, as_version=4).cells[0].outputs[0].text == f"{tmp_path} None 0\n"


def test_nothing_a_notebook_or_its_kernel_says_reaches_the_terminal(job, capfd):
    noise = (
        "import os, sys, warnings; print(1); warnings.warn('w'); os.system('echo out; echo err >&2'); os.write(2, b'x')"
    )
    [outcome] = run_notebooks([job("noisy", noise)])
    assert outcome.failure is None
    assert capfd.readouterr() == ("", "")


@pytest.mark.skipif(not Path("/proc").exists(), reason="looks processes up in /proc")
def test_an_error_in_the_calling_process_ends_those_at_work(job, tmp_path, ended):
    def interrupt(_):
        raise KeyboardInterrupt

    jobs = [
        job("waiting", WAITING),
        job("first", "import os, time\nwhile not os.path.exists('pids'): time.sleep(0.01)"),
    ]
    with pytest.raises(KeyboardInterrupt):
        run_notebooks(jobs, workers=2, folder=tmp_path, cell_seconds=NEVER, on_done=interrupt)
    assert ended(tmp_path / "pids")


@pytest.mark.skipif(not Path("/proc").exists(), reason="looks processes up in /proc")
def test_a_run_that_is_killed_leaves_no_process_at_work(job, tmp_path, until, ended):
    waiting = job("waiting", WAITING)
    code = (
        "import sys; from pathlib import Path; from sendanalysis.publishing.batch import Crew, Job;"
        f"print(Crew().run([Job('it', Path(sys.argv[1]), Path(sys.argv[2]))], cell_seconds={NEVER}))"
    )
    command = [sys.executable, "-c", code, waiting.notebook, waiting.output]
    pids, said = tmp_path / "pids", tmp_path / "said"
    with tempfile.TemporaryDirectory(prefix="killed-") as left, said.open("w") as out:
        run = subprocess.Popen(command, cwd=tmp_path, env={**os.environ, "TMPDIR": left}, stdout=out)
        until(lambda: pids.exists() or run.poll() is not None)
        assert run.poll() is None, said.read_text()
        os.kill(run.pid, signal.SIGKILL)
        run.wait()
        assert ended(pids)


@pytest.mark.skipif(os.name != "posix", reason="there are no sockets with paths")
def test_a_folder_for_temporary_files_with_too_long_a_path_for_sockets_stops_no_run(job, tmp_path, monkeypatch):
    place = tmp_path / ("long" * 30)
    place.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(place))
    [outcome] = run_notebooks([job("it", "print(get_ipython().kernel.parent.transport)")])
    assert outcome.failure is None
    assert nbformat.read(outcome.output, as_version=4).cells[0].outputs[0].text == "ipc\n"
