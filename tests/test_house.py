"""The directions of the house: tables in on the left, briefings out on the right, and nothing runs back."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[1] / "sendanalysis"
ROOMS = ("methods", "inputs", "measures", "release", "display", "publishing", "cli")
MAY_IMPORT = {
    "errors": set(),
    "methods": {"errors"},
    "inputs": {"errors", "methods"},
    "measures": {"errors", "methods", "inputs"},
    "release": {"errors", "methods", "inputs", "measures"},
    "display": {"errors", "methods", "release"},
    "publishing": {"errors", "methods", "inputs", "release", "display"},
    "cli": {"errors", "inputs", "release", "display", "publishing"},
}
# Within these rooms a module may import the ones named before it; in every other room siblings do not know each other.
ORDER = {
    "inputs": ["contracts", "choices", "reading", "rules", "crossing", "area", "new_area", "sample_children", "sample"],
    "display": [
        "layout",
        "describing",
        "fragments",
        "tables",
        "layers",
        "charts",
        "live",
        "wording",
        "headlines",
        "findings",
        "board",
        "changes",
        "figures",
        "explore",
        "page",
    ],
    "publishing": ["place", "batch", "cleaning", "engine", "record", "shelf", "handout", "edition", "monthly_run"],
    "methods": ["proportions", "checklists"],
}
ONLY_IN = {"altair": "display/charts.py", "papermill": "publishing/engine.py", "nbconvert": "publishing/engine.py"}
MODULES = sorted(path.relative_to(PACKAGE) for path in PACKAGE.rglob("*.py") if path.name != "__init__.py")


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


@pytest.mark.parametrize("library", ONLY_IN)
def test_a_library_of_one_room_is_imported_there_alone(library):
    users = {m.as_posix() for m in MODULES if any(name.split(".")[0] == library for name in imports_of(m))}
    assert users == {ONLY_IN[library]}
