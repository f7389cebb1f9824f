"""Files that are safe to keep and to open: read by nobody but their owner, and without text that runs as a formula."""

from __future__ import annotations

import os
import re
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_FORMULA = re.compile(r"[=+\-@\t\r\n]")  # what a spreadsheet takes for the beginning of one
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")  # what no workbook can hold


@contextmanager
def for_owner_alone(*, wanted: bool = True) -> Iterator[None]:
    """Whatever this process, and those that it starts, make meanwhile is for their owner alone: 0600, folders 0700.

    Windows knows no such rights and keeps those of the folder.

    Args:
        wanted: Whether it is wanted at all.
    """
    former = os.umask(0o077)
    if not wanted:
        os.umask(former)
    try:
        yield
    finally:
        os.umask(former)


def make_for_owner_alone(path: Path) -> None:
    """Make a file that its owner alone may read, or take the right from others where it is there."""
    path.touch(mode=0o600)
    path.chmod(0o600)


def harmless(cell: Any) -> Any:
    """A cell in which no text runs as a formula of a spreadsheet; what is no text is left as it is.

    >>> harmless("=1+1"), harmless("-"), harmless("a-b"), harmless(-5)
    ("'=1+1", "'-", 'a-b', -5)
    """
    if not isinstance(cell, str):
        return cell
    cell = _CONTROL.sub(" ", cell)
    return f"'{cell}" if _FORMULA.match(cell) else cell


def without_formulas(table: pd.DataFrame) -> pd.DataFrame:
    """A table in which no heading and no cell of text runs as a formula; numbers and days are left as they are."""
    safe = table.rename(columns=harmless)
    for place, (_, cells) in enumerate(table.items()):
        if not (pd.api.types.is_numeric_dtype(cells) or pd.api.types.is_datetime64_any_dtype(cells)):
            safe.isetitem(place, list(map(harmless, cells)))
    return safe
