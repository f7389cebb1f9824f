"""The directions of the house: tables in on the left, briefings out on the right, and nothing runs back.

No area's plan stands in it: what a plan says is data.
"""

from __future__ import annotations

import ast
import csv
import json
import re
import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "sendanalysis"
AREAS = [ROOT / "data" / name for name in ("southend", "wexmoor")]
ROOMS = ("methods", "inputs", "measures", "release", "display", "publishing", "terminal", "cli")
MAY_IMPORT = {
    "errors": set(),
    "methods": {"errors"},
    "inputs": {"errors", "methods"},
    "measures": {"errors", "methods", "inputs"},
    "release": {"errors", "methods", "inputs", "measures"},
    "display": {"errors", "methods", "release"},
    "publishing": {"errors", "methods", "inputs", "release", "display"},
    "terminal": {"errors", "inputs", "publishing"},
    "cli": {"errors", "inputs", "release", "display", "publishing", "terminal"},
}
# Within these rooms a module may import the ones named before it; in every other room siblings do not know each other.
ORDER = {
    "inputs": [
        *(
            "filling",
            "contracts",
            "parameters",
            "toml_reader",
            "declared",
            "plan",
            "rules",
            "plan_checks",
            "cells",
            "csv_cells",
            "parquet",
            "identity",
            "identifiers",
            "privacy",
            "reading",
            "writing",
            "mapping",
            "mapping_reader",
            "pseudonyms",
            "exports",
            "source_words",
            "inbox",
            *("likeness", "proposal", "proposing", "proposal_text"),
            *("formulas", "rights"),
            "folder",
            "fault_list",
            "audiences",
            "settings",
            "views",
        ),
        *(
            "official_layouts",
            "official",
            "published",
            "completeness",
            "crossing",
            "sen2_layouts",
            "sen2",
            "area",
            "lacking",
            "opening",
        ),
        *("new_area", "sample_children", "sample_sen2", "sample", "sample_areas"),
    ],
    "measures": [
        *(
            "estimates",
            "figures",
            "waits",
            "remembering",
            "kinds",
            "quality",
            "quality_checks",
            "advice",
            "autism",
            "autism_chains",
            "autism_list",
            "autism_outlook",
            "survey",
        ),
        *(
            "sen2",
            "sen2_waits",
            "neu_pathway",
            "registers",
            "actions",
            "milestones",
            "calendar",
            "peer_review",
            "commentary",
            "context",
            "national",
        ),
        *("catalogue", "kpis", "targets", "scorecard", "series", "tables"),
        *("kept", "cells", "explored", "released", "held", "earlier", "families", "protection", "audited"),
    ],
    "display": [
        *(
            "layout",
            "drawing",
            "vega",
            "describing",
            "columns",
            "fragments",
            "chips",
            "icons",
            "marks",
            "wording",
            "tables",
            "layers",
            "charts",
            "row_charts",
            "panel_charts",
            "live",
            "grid",
            "explore",
        ),
        *(
            "phrases",
            "sen2_phrases",
            "waiting_phrases",
            "plan_phrases",
            "compared_phrases",
            "national_phrases",
            "audit_phrases",
            "kpi_phrases",
            "keys",
            "readings",
            "board",
            "moves",
            "scoreboard",
            "changes",
            "history",
        ),
        *("page", "summary", "show"),
    ],
    "publishing": [
        *(
            "batch",
            "kernels",
            "place",
            "cleaning",
            *("bounded", "registered", "engine"),
            "months",
            "reuse",
            "record",
            "shelf",
            "ledger",
            "handout",
            "pages",
            "safety",
            "refusals",
            "making",
            "legible",
            "gate",
            "edition",
            "result",
            "monthly_run",
            *("store", "borrowed"),
            "areas",
            *("archive", "wheel", "annex", "pack", "unpack"),
        ),
    ],
    "methods": [
        "proportions",
        "clusters",
        "comparison",
        "witnesses",
        "disclosure_rule",
        "disclosure",
        "disclosure_audit",
    ],
}
ONLY_IN = {
    "altair": {"display/vega.py"},
    "fsspec": {"publishing/store.py"},
    "itables": {"display/grid.py"},
    "papermill": {"publishing/bounded.py", "publishing/engine.py"},
    "nbconvert": {"publishing/engine.py"},
}
MODULES = sorted(path.relative_to(PACKAGE) for path in PACKAGE.rglob("*.py") if path.name != "__init__.py")
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
MOST_LINES, MOST_OF_A_FUNCTION = 300, 60
TEXTS = sorted(path for path in PACKAGE.rglob("*") if path.suffix in {".py", ".csv", ".j2", ".css"}) + NOTEBOOKS
EXAMPLES = r"(data|outputs)/(southend|wexmoor)"
SAMPLE = {"sample.py", "sample_children.py", "sample_sen2.py"}  # what makes the sample knows the sample's own days
PLACES = ("southend", "wexmoor", "essex")
DAYS = (
    *("2021-03-31", "31 March 2021", "2021-07-31", "31 July 2021", "2021-09-30", "30 September 2021"),
    *("2021-10-31", "31 October 2021", "2022-03-01", "1 March 2022"),
)


def imports_of(module: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse((PACKAGE / module).read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def room_of(module: Path) -> str:
    return module.parts[0].removesuffix(".py")


@pytest.mark.parametrize("module", MODULES, ids=str)
def test_a_room_imports_only_rooms_to_its_left(module):
    room = room_of(module)
    rooms = {name.split(".")[1] for name in imports_of(module) if name.startswith("sendanalysis.")}
    assert rooms - {room} <= MAY_IMPORT[room]


@pytest.mark.parametrize("module", [m for m in MODULES if len(m.parts) > 1], ids=str)
def test_siblings_do_not_import_each_other_but_in_the_order_named(module):
    room = module.parts[0]
    names = [m.stem for m in MODULES if m.parts[0] == room]
    siblings = {name.split(".")[2] for name in imports_of(module) if name.startswith(f"sendanalysis.{room}.")} & set(
        names
    )
    order = ORDER.get(room, [])
    allowed = set(order[: order.index(module.stem)]) if module.stem in order else set()
    assert siblings <= allowed


@pytest.mark.parametrize("room", ORDER)
def test_the_order_of_a_room_names_modules_that_there_are(room):
    assert [name for name in ORDER[room] if not (PACKAGE / room / f"{name}.py").is_file()] == []


@pytest.mark.parametrize("library", ONLY_IN)
def test_a_library_of_one_room_is_imported_there_alone(library):
    users = {m.as_posix() for m in MODULES if any(name.split(".")[0] == library for name in imports_of(m))}
    assert users == ONLY_IN[library]


@pytest.mark.parametrize(
    ("module", "slow"),
    [
        ("publishing.monthly_run", "altair lark scipy.stats"),
        ("publishing.engine", "altair lark scipy sendanalysis.release"),
    ],
)
def test_a_process_loads_no_library_that_is_slow_to_load_and_of_no_use_to_it(module, slow):
    words = f"import sys, sendanalysis.{module}; print(*(name for name in {slow.split()} if name in sys.modules))"
    done = subprocess.run([sys.executable, "-c", words], cwd=ROOT, capture_output=True, encoding="utf-8", check=True)
    assert done.stdout.split() == []


@pytest.mark.parametrize("module", MODULES, ids=str)
def test_a_file_is_read_in_one_go(module):
    assert len((PACKAGE / module).read_text(encoding="utf-8").splitlines()) <= MOST_LINES


@pytest.mark.parametrize("module", MODULES, ids=str)
def test_a_function_fits_on_a_screen(module):
    nodes = ast.walk(ast.parse((PACKAGE / module).read_text(encoding="utf-8")))
    functions = [node for node in nodes if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))]
    lines = {node.name: (node.end_lineno or 0) - node.lineno + 1 for node in functions}
    assert {name: number for name, number in lines.items() if number > MOST_OF_A_FUNCTION} == {}


def rows_of(area: Path, table: str) -> list[dict[str, str]]:
    with (area / "plan" / f"{table}.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def kpi_ids() -> set[str]:
    return {row["kpi_id"] for area in AREAS for row in rows_of(area, "kpis")}


def bodies() -> set[str]:
    """Boards, organisations and officers of the plans as printed, and what else they are called there."""
    kinds = {"board", "organisation", "officer", "adviser"}
    rows = [row for area in AREAS for row in rows_of(area, "governance") if row["kind"] in kinds]
    names = {name.strip() for row in rows for name in (row["name_as_printed"], *row["aliases"].split(";"))}
    return {name for name in names if len(name) > 4}


def text_of(path: Path) -> str:
    """All that a file says, but for the examples that name the folder of an area."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".ipynb":
        text = "\n\n".join("".join(cell["source"]) for cell in json.loads(text)["cells"])
    return re.sub(EXAMPLES, "", text)


def without_examples(text: str) -> str:
    """Source without its doctests, and without the days and years that stand for a format."""
    kept, in_doctest = [], False
    for line in text.splitlines():
        in_doctest = line.lstrip().startswith(">>>") or (in_doctest and line.strip() not in {"", '"""'})
        kept += [] if in_doctest else [line]
    return re.sub(r"such as \S+|Write it as \S+|\"survey_year\": \"\S+\"", "", "\n".join(kept))


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_no_kpi_of_an_area_is_known_to_the_code(path):
    tools = {"POET"} if path.name == "sample.py" else set()  # a survey tool of many areas, whose forms a sample holds
    assert set(re.findall(r"\w+", text_of(path))) & kpi_ids() <= tools


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_no_body_and_no_officer_of_an_area_is_known_to_the_code(path):
    text = text_of(path)
    assert [name for name in sorted(bodies()) if re.search(rf"\b{re.escape(name)}\b", text)] == []


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_no_area_is_known_to_the_code(path):
    text = text_of(path)
    if path.name == "cli.py":  # examples of its help
        text = re.sub(r"^_[A-Z]+_EXAMPLE = .*$", "", text, flags=re.MULTILINE)
    assert [line.strip() for line in text.splitlines() if any(name in line.lower() for name in PLACES)] == []


@pytest.mark.parametrize(
    "path", [path for path in TEXTS if path.name not in SAMPLE], ids=lambda path: path.relative_to(ROOT).as_posix()
)
def test_no_day_and_no_survey_year_of_a_plan_is_known_to_the_code(path):
    text = without_examples(text_of(path))
    assert re.findall(r"\b20\d\d/\d\d\b", text) == []
    assert [day for day in DAYS if re.search(rf"\b{day}\b", text)] == []
    dates = [tuple(map(int, day.split("-"))) for day in DAYS if "-" in day]
    called = [tuple(map(int, call)) for call in re.findall(r"date\((\d+), (\d+), (\d+)\)", text)]
    assert set(called) & set(dates) == set()


def test_the_walls_are_looked_at_with_eyes_that_see():
    assert {"QA_ALL", "REVIEW_4W", "POET_CYP"} <= kpi_ids()
    assert {"People Scrutiny Committee", "Wexmoor Voices"} <= bodies()
    assert without_examples('a\n>>> f("2021-07-31")\n1\n\nb, such as 2019/20') == "a\n\nb, "
    assert all(ROOMS.index(left) < ROOMS.index(right) for left, right in pairwise(ROOMS))
