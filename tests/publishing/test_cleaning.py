"""Whatever opens notebooks keeps what they show out of git, and leaves the reference with its outputs alone."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).parents[2]
NOTEBOOK = "notebooks/03_survey_participation.ipynb"
REFERENCE = "tests/notebooks/reference_figures.ipynb"


@pytest.fixture
def unpacked(tmp_path, environment):
    """A function that runs a command in a copy of the project's notebooks, in which nothing has been set up."""
    for name in ("Makefile", ".gitattributes", NOTEBOOK, REFERENCE):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / name, tmp_path / name)
    python = tmp_path / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n', encoding="utf-8")
    python.chmod(0o755)
    for name in ("jupyter", "sendanalysis"):
        (python.parent / name).symlink_to("/bin/true")
    (tmp_path / ".venv" / ".installed").touch()
    for name in ("pyproject.toml", "requirements.lock"):
        (tmp_path / name).touch()
        os.utime(tmp_path / name, (0, 0))

    def run(*words):
        done = subprocess.run(words, cwd=tmp_path, env=environment, capture_output=True, encoding="utf-8", check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run


@pytest.fixture(params=["hooks", "lab", "briefing"])
def clone(unpacked, request):
    """The same in a clone, in which one of the targets that set the filter up was given."""
    unpacked("git", "init", "--quiet")
    unpacked("make", request.param)
    return unpacked


def saved_by_jupyterlab(path):
    """The notebook as JupyterLab saves it after a run: outputs, counts, versions and the state of headings."""
    notebook = nbformat.read(path, as_version=4)
    notebook.metadata.language_info.version = "3.11.2"
    notebook.metadata["widgets"] = {"state": {"row": "CH0001"}}
    for count, cell in enumerate(notebook.cells, 1):
        if cell.cell_type == "code":
            cell.execution_count = count
            cell.outputs = [nbformat.v4.new_output("stream", text="CH0001")]
        else:
            cell.metadata["jp-MarkdownHeadingCollapsed"] = True
    nbformat.write(notebook, path)


def test_a_notebook_that_was_run_and_saved_is_taken_by_git_as_it_was(clone, tmp_path):
    before = (tmp_path / NOTEBOOK).read_text(encoding="utf-8")
    clone("git", "add", "notebooks")
    saved_by_jupyterlab(tmp_path / NOTEBOOK)
    assert "CH0001" in (tmp_path / NOTEBOOK).read_text(encoding="utf-8")
    clone("git", "add", "notebooks")
    assert clone("git", "show", f":{NOTEBOOK}") == before


def test_git_puts_a_notebook_back_as_it_was(clone, tmp_path):
    before = (tmp_path / NOTEBOOK).read_text(encoding="utf-8")
    clone("git", "add", "notebooks")
    (tmp_path / NOTEBOOK).unlink()
    clone("git", "checkout", "--", "notebooks")
    assert (tmp_path / NOTEBOOK).read_text(encoding="utf-8") == before


def test_a_change_to_a_cell_is_still_seen(clone, tmp_path):
    clone("git", "add", "notebooks")
    text = (tmp_path / NOTEBOOK).read_text(encoding="utf-8")
    (tmp_path / NOTEBOOK).write_text(
        text.replace('month: str = \\"\\"', 'month: str = \\"2021-10\\"'), encoding="utf-8"
    )
    assert len([line for line in clone("git", "diff").splitlines() if line.startswith("+ ")]) == 1


def test_a_notebook_of_ones_own_is_taken_without_its_rows_wherever_it_is(clone, tmp_path):
    for place in ("notebooks/mine", "elsewhere"):
        (tmp_path / place).mkdir()
        shutil.copyfile(tmp_path / NOTEBOOK, tmp_path / place / "own.ipynb")
        saved_by_jupyterlab(tmp_path / place / "own.ipynb")
        clone("git", "add", place)
        assert "CH0001" not in clone("git", "show", f":{place}/own.ipynb")


def test_a_copy_that_is_no_clone_is_left_alone_with_the_repository_around_it(unpacked, tmp_path):
    (tmp_path / "inner").mkdir()
    for name in ("Makefile", ".venv", "pyproject.toml", "requirements.lock"):
        shutil.move(tmp_path / name, tmp_path / "inner" / name)
    unpacked("git", "init", "--quiet")
    assert unpacked("make", "-C", "inner", "--no-print-directory", "lab") == ""
    assert "filter" not in (tmp_path / ".git" / "config").read_text(encoding="utf-8")


def test_the_reference_keeps_its_outputs(clone, tmp_path):
    clone("git", "add", "tests")
    assert clone("git", "show", f":{REFERENCE}") == (tmp_path / REFERENCE).read_text(encoding="utf-8")
