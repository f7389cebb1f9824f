"""Cells that are safe to open in a spreadsheet: without text that runs as a formula."""

from __future__ import annotations

import re
from typing import Any

import pandas as pd

_FORMULA = re.compile(r"[=+\-@\t\r\n]")  # what a spreadsheet takes for the beginning of one
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")  # what no workbook can hold


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
