"""What several tests share: the command as it is installed, one real publication, and a browser without network."""

import os
import runpy
import shutil
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import settings

from sendanalysis import cli

settings.register_profile("house", deadline=None)  # how long an example takes says nothing of whether it is right
settings.load_profile("house")
ROOT = Path(__file__).parents[1]
MONTH = "2021-12"
OTHER_MONTH = "2024-03"  # of the other area, whose plan this project does not know
HANGS = 1_200  # seconds that nothing takes on any machine, however busy: only what hangs reaches them
NOT_TO_BE_READ = "whose-machine-it-was"  # user and home of every run, so that a page that names either is found out
LONGEST = (  # files that take minutes, so that no worker begins one when the others have nothing left
    *("test_notebooks.py", "test_agreement.py", "test_pages.py", "test_monthly_run.py", "test_batch.py"),
    *("test_jupyterlab.py", "test_axe.py", "test_areas.py", "test_share.py", "test_protection.py", "test_ledger.py"),
    *("test_cli.py", "test_access.py", "test_reuse.py", "test_store.py", "test_any_area.py", "test_lacking.py"),
)
CHROMIUMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def pytest_xdist_auto_num_workers():
    """One worker more than there are processors, since tests wait for browsers, kernels and each other."""
    return (os.cpu_count() or 1) + 1


def pytest_collection_modifyitems(items):
    """Put the longest files first, the others where they are."""
    items.sort(key=lambda item: LONGEST.index(item.path.name) if item.path.name in LONGEST else len(LONGEST))


def _chromium():
    named = os.environ.get("SENDANALYSIS_CHROMIUM", "")
    found = [path for path in map(shutil.which, (named, *CHROMIUMS)) if path]
    return found[0] if found else None


@pytest.fixture(scope="module")
def browser():
    """Chromium as installed on this machine; tests are skipped without one, except where a browser is required."""
    executable = _chromium()
    if not executable:
        reason = "no Chromium on PATH; install one or name it in SENDANALYSIS_CHROMIUM"
        required = any(os.environ.get(name) for name in ("SENDANALYSIS_REQUIRE_BROWSER", "CI"))
        (pytest.fail if required else pytest.skip)(reason)
    from playwright.sync_api import sync_playwright  # noqa: PLC0415  (tests of figures need no browser)

    with sync_playwright() as playwright:
        # Chromium's sandbox needs rights that containers lack; the pages opened here are our own.
        patience = {"timeout": 1_000 * HANGS}
        chromium = playwright.chromium.launch(executable_path=executable, args=["--no-sandbox"], **patience)
        yield chromium
        chromium.close()


@pytest.fixture(scope="module")
def new_context(browser):
    """A function that makes a context of the browser whose pages wait for as long as the machine needs."""

    def made(**options):
        context = browser.new_context(**options)
        context.set_default_timeout(1_000 * HANGS)
        return context

    return made


@pytest.fixture
def requests():
    """Addresses that pages asked for beyond their own file, each refused; a good page leaves this empty."""
    return []


@pytest.fixture
def open_page(new_context, requests):
    """A function that opens a file in a page without network: `open_page(path, width=400, color_scheme="dark")`."""
    contexts = []

    def guard(route):
        if route.request.url.startswith(("file:", "data:")):
            route.continue_()
        else:
            requests.append(route.request.url)
            route.abort()

    def opened(path, *, width=1280, height=900, **options):
        context = new_context(viewport={"width": width, "height": height}, **options)
        contexts.append(context)
        context.route("**/*", guard)
        page = context.new_page()
        page.goto(Path(path).resolve().as_uri())
        return page

    yield opened
    for context in contexts:
        context.close()


@pytest.fixture(scope="session")
def hangs():
    """Seconds for whatever insists on a limit; see HANGS."""
    return HANGS


@pytest.fixture(scope="session")
def until():
    """A function that waits for a condition, however long it takes, and gives what it gave: `until(file.exists)`."""

    def awaited(condition, wait=time.sleep):
        end = time.monotonic() + HANGS
        while not (found := condition()):
            assert time.monotonic() < end, f"{condition} has been waited for in vain for {HANGS} seconds"
            wait(0.05)
        return found

    return awaited


class NotMadeError(Exception):
    """What several tests share could not be made."""

    def __init__(self, name, *, first):
        super().__init__(f"{name} could not be made; one test tells why")
        self.first = first


def _told_once():
    """Of what could not be made for all tests one test tells, with the whole error; the others are skipped."""
    try:
        return (yield)
    except NotMadeError as error:
        if not error.first:
            pytest.skip(str(error))
        error.first = False  # pytest raises this very error again for every test of this worker
        raise


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup():
    return (yield from _told_once())


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call():
    return (yield from _told_once())


@pytest.fixture(scope="session")
def once(tmp_path_factory):
    """A function that has a folder filled once for all workers: `once("name", make)`, where `make(folder)` fills it."""
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base

    def made(name, make):
        folder, failed = shared / name, shared / f"{name}.failed"
        # Workers wait while one of them makes it. Should that one die, the system frees its lock and the next makes it.
        with closing(sqlite3.connect(shared / f"{name}.lock", timeout=HANGS, isolation_level=None)) as lock:
            lock.execute("BEGIN EXCLUSIVE")
            if failed.exists():
                raise NotMadeError(name, first=False)
            if not folder.exists():
                partial = tmp_path_factory.mktemp(name)
                try:
                    make(partial)
                except (Exception, pytest.fail.Exception) as error:
                    failed.touch()
                    raise NotMadeError(name, first=True) from error
                partial.rename(folder)
        return folder

    return made


@pytest.fixture
def refused(capsys):
    """A function that runs a command which must be refused: what it says."""

    def run(*words):
        assert cli.main([*map(str, words)]) == 2
        said = capsys.readouterr()
        assert said.out == ""
        assert "Traceback" not in said.err
        return said.err

    return run


@pytest.fixture(scope="session")
def environment(tmp_path_factory):
    """Surroundings of a person who has nothing set up, and none of what this test run itself was told."""
    home = tmp_path_factory.mktemp(NOT_TO_BE_READ)
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "JUPYTER", "JPY"))}
    return kept | {"HOME": str(home), "USER": NOT_TO_BE_READ, "LOGNAME": NOT_TO_BE_READ}


@pytest.fixture(scope="session")
def program():
    """A function that finds a program installed beside this Python: `program("sendanalysis")`."""
    return lambda name: shutil.which(name, path=str(Path(sys.executable).parent)) or pytest.fail(f"no {name} installed")


@pytest.fixture(scope="session")
def sendanalysis(program, environment):
    """A function that runs the installed command: `sendanalysis("check", area)`, from the project's folder."""

    def run(*words, cwd=ROOT, **variables):
        command = [program("sendanalysis"), *map(str, words)]
        environ = environment | variables
        return subprocess.run(command, cwd=cwd, env=environ, capture_output=True, encoding="utf-8", check=False)

    return run


@pytest.fixture(scope="session")
def publication(once, sendanalysis):
    """Folder of the sample area's briefings of December 2021, made by one real run; `terminal.txt` stands above it."""

    def make(folder):
        done = sendanalysis("run", "data/southend", "--month", MONTH, "--output", folder)
        assert (done.returncode, done.stderr) == (0, "")
        (folder / "terminal.txt").write_text(done.stdout, encoding="utf-8")

    return once("publication", make) / "southend" / MONTH


@pytest.fixture(scope="session")
def other_publication(once, sendanalysis):
    """Folder of the other area's briefings of March 2024, made by one real run; `terminal.txt` stands above it."""

    def make(folder):
        done = sendanalysis("run", "data/wexmoor", "--month", OTHER_MONTH, "--output", folder)
        assert (done.returncode, done.stderr) == (0, "")
        (folder / "terminal.txt").write_text(done.stdout, encoding="utf-8")

    return once("other_publication", make) / "wexmoor" / OTHER_MONTH


@pytest.fixture(scope="session")
def sen2_publication(once, sendanalysis):
    """The briefing of a made-up SEN2 return alone, for a copy of the sample area that names one."""

    def make(folder):
        area = Path(shutil.copytree(ROOT / "data" / "southend", folder / "area"))
        settings = area / "area.toml"
        settings.write_text(f'sen2 = "sen2"\n{settings.read_text(encoding="utf-8")}', encoding="utf-8")
        run = ["run", area, "--month", MONTH, "--only", "08_plan_timeliness", "--output", folder]
        for words in (["sample", area], run):
            done = sendanalysis(*words)
            assert (done.returncode, done.stderr) == (0, "")

    return once("sen2_publication", make) / "area" / MONTH


@pytest.fixture(scope="session")
def by_hand():
    """Functions that count the figures with nothing but the standard library; see by_hand.py."""
    return runpy.run_path(str(Path(__file__).with_name("by_hand.py")))
