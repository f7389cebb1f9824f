"""What of a month's last publication still stands: all of it where nothing that it rests on changed, else single pages.

A page stands as long as its notebook, its parameters, what it opened of the release, this package and its libraries are
the same. What each page opened is kept in the manifest.
"""

from __future__ import annotations

import hashlib
import json
import platform
from functools import cache
from importlib import metadata
from typing import TYPE_CHECKING, Any

from sendanalysis.inputs.folder import ROOT
from sendanalysis.inputs.pseudonyms import key_place
from sendanalysis.inputs.views import EXPORTS, FILE
from sendanalysis.publishing.months import MANIFEST, manifest_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

NOTEBOOKS = "notebooks"
LIBRARIES = ("altair", "nbconvert", "numpy", "pandas", "papermill", "scipy", "vl-convert-python")


def versions() -> dict[str, str]:
    """Versions of this package, of Python and of the libraries that figures and pages are made with."""
    named = {name: metadata.version(name) for name in LIBRARIES}
    return {"sendanalysis": metadata.version("sendanalysis"), "python": platform.python_version(), **named}


def build() -> str:
    """This package's version and a short hash of its code and libraries; where it is the same, so are the figures."""
    return f"sendanalysis {metadata.version('sendanalysis')} ({_code()[:8]})"


def key_of_run(area: Path, asked: Mapping[str, object]) -> str:
    """What a publication rests on beside earlier ones: the area's files, notebooks, code, and what was asked for.

    Args:
        area: The area folder.
        asked: Options of the run by name.
    """
    key = key_place(area)
    secret = [hashlib.sha256(key.read_bytes()).hexdigest()] if key.is_file() else []
    notebooks = _digests(ROOT, (ROOT / "notebooks").glob("*.ipynb"))
    own = [path for path in _within(area) if path.relative_to(area).parts[0] not in {FILE, EXPORTS}]  # of no page
    return _key([dict(asked), _code(), notebooks, secret, _digests(area, own)])


def with_earlier(key: str, published: Path, earlier: Iterable[str]) -> str:
    """What a publication rests on, with the earlier months that its pages tell of."""
    return _key([key, [_digest(published / month / MANIFEST) for month in earlier]])


def key_of_page(
    notebook: Path, parameters: Mapping[str, object], opened: Iterable[str], parts: Mapping[str, str]
) -> str:
    """What a page rests on.

    Args:
        notebook: The notebook that makes it.
        parameters: Values of its parameters cell.
        opened: Names of the parts of the release that it opened.
        parts: Hash of each part of the release; see `measures.held.digests`.
    """
    held = {name: parts.get(name, "") for name in ("plan", *sorted(opened))}
    return _key([_digest(notebook), dict(parameters), held, _code()])


def kept_of(
    publication: Path | None, name: str, notebook: Path, parameters: Mapping[str, object], parts: Mapping[str, str]
) -> dict[str, Any] | None:
    """What a page of a publication rests on, where its notebook would come out again as it stands there; else None.

    Args:
        publication: The publication; None keeps nothing.
        name: Name of the page.
        notebook: The notebook that makes it.
        parameters: Values of its parameters cell.
        parts: Hash of each part of the release that it would open.
    """
    held = (manifest_of(publication) or {}) if publication else {}
    rests_on: dict[str, Any] | None = held.get(NOTEBOOKS, {}).get(name)
    executed = f"{NOTEBOOKS}/{name}.ipynb"
    if not rests_on or not publication or not (publication / executed).is_file():
        return None
    same = rests_on["key"] == key_of_page(notebook, parameters, rests_on["opened"], parts)
    return rests_on if same and _digest(publication / executed) == held["files"][executed] else None


def files_of(publication: Path) -> dict[str, str]:
    """Hash of every file of a publication but its manifest."""
    return _digests(publication, (path for path in _within(publication) if path.name != MANIFEST))


@cache
def _code() -> str:
    code = (path for path in _within(ROOT / "sendanalysis") if "__pycache__" not in path.parts)
    return _key([versions(), _digests(ROOT, code)])


def _within(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def _digests(base: Path, paths: Iterable[Path]) -> dict[str, str]:
    return {path.relative_to(base).as_posix(): _digest(path) for path in sorted(paths)}


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _key(what: object) -> str:
    return hashlib.sha256(json.dumps(what, sort_keys=True, default=str).encode()).hexdigest()
