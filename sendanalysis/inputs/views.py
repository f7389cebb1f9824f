"""What Explore keeps in the area folder: views of rows by name in `views.json`, and workbooks in `internal`."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from sendanalysis.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

FILE = "views.json"
EXPORTS = "internal"  # folder of the workbooks that Explore writes, for their owner alone
_REMEDY = "Correct it, or remove the file: Explore writes a new one."


@dataclass(frozen=True)
class View:
    """What is asked of rows.

    Attributes:
        name: Its name.
        filters: By column the words that are wanted, or one comparison and what with, such as {"greater": "28"}.
        search: Words that must stand somewhere in a row.
        sort: Columns to sort by, each with `asc` or `desc`.
        by: Column that the chart counts by; empty for the page's own.
    """

    name: str
    filters: Mapping[str, Any] = field(default_factory=dict)
    search: str = ""
    sort: tuple[tuple[str, str], ...] = ()
    by: str = ""


def read_views(folder: Path, page: str, columns: Mapping[str, bool]) -> list[View]:
    """The views that were saved for a page.

    Args:
        folder: The area folder.
        page: What the page shows, such as `advice`.
        columns: Columns of its rows, and whether each is filtered by words of a list.

    Raises:
        InputError: The file is broken, or a view of this page asks for what there is not.
    """
    views = [_view(given, f"{FILE}, {page}, view {n}", columns) for n, given in enumerate(_of(folder, page), 1)]
    names = [view.name for view in views]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice:
        raise InputError(f"{FILE}, {page}: two views are called '{twice}'. Give one of them another name.")
    return views


def save_view(folder: Path, page: str, view: View) -> None:
    """Keep a view of a page, in place of the one of the same name.

    Raises:
        InputError: The file is broken, or cannot be written.
    """
    held = _held(folder)
    kept = [given for given in _of(folder, page) if not (isinstance(given, dict) and given.get("name") == view.name)]
    held[page] = [*kept, asdict(view)]
    part = folder / f".{FILE}.part"
    try:
        part.write_text(f"{json.dumps(held, indent=2, ensure_ascii=False)}\n", encoding="utf-8", newline="\n")
        part.replace(folder / FILE)
    except OSError as error:
        raise InputError(
            f"{FILE}: it cannot be written ({error.strerror}). Ask for the right to write there."
        ) from error


def _held(folder: Path) -> dict[str, Any]:
    try:
        held = json.loads((folder / FILE).read_text("utf-8-sig"))
    except FileNotFoundError:
        return {}
    except UnicodeDecodeError as error:
        raise InputError(f"{FILE}: it is not UTF-8. {_REMEDY}") from error
    except json.JSONDecodeError as error:
        raise InputError(f"{FILE} line {error.lineno}: this is not JSON: {error.msg}. {_REMEDY}") from error
    if not isinstance(held, dict):
        raise InputError(f"{FILE}: it holds no pages with their views. {_REMEDY}")
    return held


def _of(folder: Path, page: str) -> list[Any]:
    given = _held(folder).get(page, [])
    if not isinstance(given, list):
        raise InputError(f"{FILE}, {page}: this is no list of views. {_REMEDY}")
    return given


def _view(given: Any, place: str, columns: Mapping[str, bool]) -> View:
    if not isinstance(given, dict) or not isinstance(given.get("name"), str) or not given["name"].strip():
        raise InputError(f"{place}: it has no name. {_REMEDY}")
    odd = sorted(given.keys() - {"name", "filters", "search", "sort", "by"})
    if odd:
        raise InputError(f"{place}: '{odd[0]}' is no part of a view. {_REMEDY}")
    filters, search, sort, by = (given.get(key) or none for key, none in _NOTHING.items())
    shapes = {
        "filters": isinstance(filters, dict) and all(map(_is_filter, filters.values())),
        "search": isinstance(search, str),
        "sort": isinstance(sort, list) and all(map(_is_order, sort)),
        "by": isinstance(by, str),
    }
    wrong = next((key for key, right in shapes.items() if not right), None)
    if wrong:
        raise InputError(f"{place}: '{wrong}' is not written as Explore writes it. {_REMEDY}")
    named = [*filters, *(column for column, _ in sort), *filter(None, [by])]
    unknown = next((column for column in named if column not in columns), None)
    if unknown:
        raise InputError(f"{place}: there is no column '{unknown}'. Columns are: {', '.join(columns)}.")
    odd = [column for column, wanted in filters.items() if columns[column] != isinstance(wanted, list)]
    if odd:
        kind = 'a list of words, such as ["Yes"]' if columns[odd[0]] else 'one comparison, such as {"greater": "28"}'
        raise InputError(f"{place}: '{odd[0]}' is filtered by {kind}. {_REMEDY}")
    return View(given["name"], filters, search, tuple((column, way) for column, way in sort), by)


_NOTHING: dict[str, Any] = {"filters": {}, "search": "", "sort": [], "by": ""}


def _is_filter(given: Any) -> bool:
    if isinstance(given, dict):
        return len(given) == 1 and all(isinstance(text, str) for text in given.values())
    return isinstance(given, list) and all(isinstance(text, str) for text in given)


def _is_order(given: Any) -> bool:
    return isinstance(given, list) and len(given) == 2 and isinstance(given[0], str) and given[1] in {"asc", "desc"}
