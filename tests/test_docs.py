"""The documents against the code: commands, options, files, choices and printed examples, so that neither drifts."""

from __future__ import annotations

import argparse
import json
import re
import shutil
from pathlib import Path

import pytest

from sendanalysis import cli
from sendanalysis.inputs.area import CONTRACTS, check_area
from sendanalysis.inputs.parameters import explain_parameters

ROOT = Path(__file__).parents[1]
README, METHODS, DATA = (
    (ROOT / name).read_text("utf-8") for name in ("README.md", "notebooks/METHODS.md", "data/README.md")
)
DOCS = [
    *("README.md", "CHANGELOG.md", "data/README.md", "data/DICTIONARY.md", "data/southend/published/README.md"),
    *("notebooks/METHODS.md", "outputs/README.md", "tests/methods/reference/README.md"),
]
MADE_BY_A_RUN = {
    "index.html",
    "briefing.html",
    "briefing.pdf",
    "manifest.json",
    "failures.txt",
    "notebooks/",
    "tables/",
    *("METHODS.md", "summary.html", "annex.xlsx", "executed/", "release/", "tables/dictionary.csv"),  # of a pack
}
MADE_BY_A_READER = (
    "views.json",
    "mappings/",
    "inbox/",
    "data/mytown",
    "data/essex",
    "outputs/mytown",
    "outputs/<area>",
    "<area>",
)
ENDINGS = {"md", "csv", "toml", "ipynb", "py", "lock", "html", "pdf", "json", "txt", "png", "xlsx"}


def parsers():
    """The parser of each command, by name."""
    (commands,) = (a for a in cli._parser()._actions if isinstance(a, argparse._SubParsersAction))  # noqa: SLF001
    return commands.choices


def section_of(command):
    """README's section on a command."""
    return re.split(r"\n#{2,3} ", README.split(f"\n### `sendanalysis {command}`\n")[1])[0]


def table_options(text):
    """First words of the first column of a table of options, such as `--month`, `-p` and `AREA`."""
    return set(re.findall(r"^\| `(\S+?)(?: \S+)?` \|", text, re.MULTILINE))


def parser_options(parser):
    actions = [action for action in parser._actions if not isinstance(action, argparse._HelpAction)]  # noqa: SLF001
    return {action.option_strings[0] if action.option_strings else action.metavar for action in actions}


def fenced(kind, text=README):
    return re.findall(rf"^```{kind}\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


def links(text):
    return [target for target in re.findall(r"\]\(([^)\s]+)\)", text) if not target.startswith("http")]


def named_files(text):
    """Paths in backticks that end like a file or a folder."""
    names = re.findall(r"`([\w./<>…\\-]+)`", text)
    return [name for name in names if name.rsplit(".", 1)[-1] in ENDINGS or name.endswith("/")]


def test_readme_has_a_section_for_every_command_and_for_no_other():
    assert set(re.findall(r"^### `sendanalysis ([\w-]+)`", README, re.MULTILINE)) == set(parsers())


@pytest.mark.parametrize("command", sorted(parsers()))
def test_the_section_on_a_command_lists_its_options_and_no_other(command):
    assert table_options(section_of(command)) == parser_options(parsers()[command])


@pytest.mark.parametrize("command", sorted(parsers()))
def test_the_section_on_a_command_holds_an_example_that_the_parser_takes(command):
    line = re.search(rf"`sendanalysis ({command}\b[^`>]*)", section_of(command))
    words = [word.strip('"') for word in line[1].split()]
    assert cli._parser().parse_args(words).command  # noqa: SLF001


def test_every_command_line_in_the_documents_names_a_command_and_options_that_exist():
    known = {name: parser_options(parser) for name, parser in parsers().items()}
    lines = re.findall(r"sendanalysis ((?:run|check|sample|new-area)\b[^`\n]*)", README + DATA)
    assert len(lines) > 10
    for line in lines:
        name, *words = line.split()
        assert {word for word in words if re.fullmatch(r"--?[a-z][a-z-]*", word)} <= known[name] | {"-h"}, line
    used = set(re.findall(r"`sendanalysis ([a-z-]+)", README + DATA + METHODS))
    assert used <= set(known)


def test_every_notebook_stands_in_readme_and_every_one_named_there_exists():
    there = {path.name for path in (ROOT / "notebooks").glob("*.ipynb")}
    assert set(re.findall(r"`notebooks/(\w+\.ipynb)`", README)) == there


def test_readme_gives_each_notebook_its_own_title():
    for path in (ROOT / "notebooks").glob("*.ipynb"):
        title = re.search(r'"# (.+?)(?:\\n)?"', path.read_text("utf-8"))[1]
        assert f"| `notebooks/{path.name}` | {title} |" in README


@pytest.mark.parametrize("doc", DOCS)
def test_every_link_leads_to_a_file_and_a_heading(doc):
    for link in links((ROOT / doc).read_text("utf-8")):
        place, _, anchor = link.partition("#")
        target = (ROOT / doc).parent / place if place else ROOT / doc
        assert target.exists(), link
        headings = re.findall(r"^#+ (.+)$", target.read_text("utf-8"), re.MULTILINE) if anchor else []
        assert not anchor or anchor in {re.sub(r"[^\w -]", "", h.lower()).replace(" ", "-") for h in headings}, link


@pytest.mark.parametrize("doc", ["README.md", "data/README.md", "notebooks/METHODS.md"])
def test_every_file_that_a_document_names_exists(doc):
    area = ROOT / "data" / "southend"
    other = ROOT / "data" / "wexmoor"
    places = [ROOT, (ROOT / doc).parent, ROOT / "data", ROOT / "sendanalysis", area, other, other / "plan"]
    places += [area / room for room in ("extracts", "plan", "published")]
    for name in named_files((ROOT / doc).read_text("utf-8")):
        made = name in MADE_BY_A_RUN or name.startswith(MADE_BY_A_READER)
        pattern = "…" in name or re.fullmatch(r"\.\w+", name) or name.endswith("_scorecard.html")
        briefing = (ROOT / "notebooks" / name).with_suffix(".ipynb")
        assert made or pattern or briefing.exists() or any((place / name).exists() for place in places), name


@pytest.mark.parametrize("choice", explain_parameters(), ids=lambda choice: choice["name"])
def test_every_choice_is_argued_under_its_number_and_explained_with_its_default(choice):
    default = f"`{choice['default']}`" if choice["default"] else "none"
    section = METHODS.split(f"\n### {choice['ambiguity']}: ")[1].split("\n### ")[0]
    row = re.search(rf"^\| `{choice['name']}` \| {re.escape(default)} \| (.+) \|$", section, re.MULTILINE)
    assert row
    assert not choice["values"] or set(row[1].split(", ")) == set(choice["values"].split(", "))
    explained = re.search(rf"^\| `{choice['name']}` \| {re.escape(default)} \| (.+) \|$", DATA, re.MULTILINE)
    assert explained
    assert all(f"`{value}`" in explained[0] for value in choice["values"].split(", ") if value)


def test_no_choice_is_explained_that_does_not_exist():
    known = {choice["name"] for choice in explain_parameters()}
    argued = METHODS.split("## Readings that can be changed")[1].split("\n## ")[0]
    assert set(re.findall(r"^\| `([\w.]+)` \|", argued, re.MULTILINE)) == known
    assert (
        set(re.findall(r"^\| `([\w.]+)` \|", DATA.split("## Parameters")[1].split("\n## ")[0], re.MULTILINE)) == known
    )


def test_no_ambiguity_is_both_open_and_fixed():
    fixed = METHODS.split("## Readings that are fixed")[1].split("\n## ")[0]
    assert not set(re.findall(r"AMB\d\d", fixed)) & {choice["ambiguity"] for choice in explain_parameters()}


def test_every_source_that_is_cited_is_listed_and_none_is_listed_in_vain():
    text, listed = METHODS.split("\n## Sources")
    keys = set(re.findall(r"^\| ([A-Z][A-Z0-9_]+) \|", listed, re.MULTILINE))
    assert keys - {"TERMS"} == set(re.findall(r"\[([A-Z][A-Z0-9_]+)\](?!\()", text)) - {"REG"}


def test_every_table_stands_in_the_readme_of_the_data_with_whether_it_must_exist():
    for contract in CONTRACTS:
        always = contract.required in {"yes", "no"}
        needed = contract.required if always else f"where a KPI uses `{contract.required}`"
        row = rf"\| `{contract.folder}/{contract.name}\.csv` \| .+ \| {needed} \|"
        assert re.search(row, DATA), contract.name


def test_every_target_of_make_that_is_named_exists_and_the_main_ones_are_named():
    makefile = (ROOT / "Makefile").read_text("utf-8")
    there = set(re.findall(r"^([a-z]+):.*## ", makefile, re.MULTILINE))
    named = set(re.findall(r"(?:`|^|^\$ )make ([a-z]+)", README, re.MULTILINE))
    assert named <= there
    assert there - {"help"} <= named
    for line in re.findall(r"^\.venv/bin/(ruff .+|mypy|pytest .+)$", README, re.MULTILINE):
        assert all(f"$(BIN)/{part.removeprefix('.venv/bin/')}" in makefile for part in line.split(" && "))


def test_the_messy_export_gives_the_faults_that_readme_prints(tmp_path):
    (export,), (printed,) = fenced("csv"), fenced("text")
    area = shutil.copytree(ROOT / "data" / "southend", tmp_path / "southend")
    (area / "extracts" / "advice_requests.csv").write_text(export, encoding="utf-8")
    faults = [fault for fault in check_area(area)[1] if fault.file == "advice_requests.csv"]
    assert [f"{'warning' if fault.warns else 'error  '}  {fault}" for fault in faults] == printed.splitlines()


def test_the_run_that_readme_prints_gives_the_sentences_that_the_briefings_give(once, sendanalysis):
    def make(folder):
        assert sendanalysis("run", "data/southend", "--output", folder).returncode == 0

    (manifest,) = once("latest", make).glob("southend/*/manifest.json")
    briefings = json.loads(manifest.read_text(encoding="utf-8"))["briefings"]
    printed = re.findall(r"^(.+?) +[\d.]+ s  \S+/(\w+)\.html  (.+) …$", README, re.MULTILINE)
    assert [f"{name}.html" for _, name, _ in printed] == [item["href"] for item in briefings]
    for (status, _, beginning), item in zip(printed, briefings, strict=True):
        assert (item["status"] or "-", item["headline"][: len(beginning)]) == (status, beginning)


def test_exit_codes_are_those_of_the_errors():
    from sendanalysis.errors import InputError, RunError  # noqa: PLC0415

    codes = set(re.findall(r"^\| (\d+) \|", README.split("### Exit codes")[1].split("\n## ")[0], re.MULTILINE))
    assert codes == {"0", str(RunError.exit_code), str(InputError.exit_code), "130"}


def test_papermill_is_told_parameters_that_every_notebook_takes():
    (line,) = re.findall(r"^\.venv/bin/papermill (.+)$", README, re.MULTILINE)
    cell = (ROOT / line.split()[0]).read_text("utf-8")
    assert all(f"{name}: str =" in cell for name in re.findall(r"-r (\w+) ", line))


@pytest.mark.parametrize("doc", DOCS)
def test_no_document_names_a_package_host_or_a_place_on_some_machine(doc):
    text = (ROOT / doc).read_text("utf-8")
    assert not re.search(r"pypi|pythonhosted|index-url|/simple\b|anaconda\.org|rdrr\.io|npmjs", text, re.IGNORECASE)
    assert not re.search(r"(?<![\w.])/(?:home|root|Users|tmp|work|mnt|srv|opt)/|[A-Z]:\\", text)


def test_the_changelog_begins_with_the_version_of_the_project():
    version = re.search(r'^version = "(.+)"', (ROOT / "pyproject.toml").read_text("utf-8"), re.MULTILINE)[1]
    newest = re.search(r"^## \[(\d.*?)\] - \d{4}-\d\d-\d\d$", (ROOT / "CHANGELOG.md").read_text("utf-8"), re.MULTILINE)
    assert newest[1] == version


def test_the_picture_in_readme_is_small():
    assert (ROOT / "docs" / "briefing.png").stat().st_size <= 250_000
