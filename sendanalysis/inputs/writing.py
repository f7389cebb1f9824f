"""How exports write days and values, and what a table has in their place."""

from __future__ import annotations

import re
import unicodedata
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

SERIAL = "serial"  # days since 1899-12-30, as a spreadsheet numbers them
_PARTS = {"yyyy": "%Y", "yy": "%y", "mmmm": "%B", "mmm": "%b", "mm": "%m", "m": "%m", "dd": "%d", "d": "%d"}
_PARTS |= {"hh": "%H", "mi": "%M", "ss": "%S"}
DAY = r"\d{4}-\d\d-\d\d"
_ISO = DAY + r"(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?Z?)?"


def folded(text: str) -> str:
    """A value as two writings of it are compared: without capitals and further spaces.

    >>> folded(" Health –  Comm Paeds")
    'health – comm paeds'
    """
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def fits(text: str, patterns: Iterable[str]) -> bool:
    """Whether a text is one of some patterns with * for anything, both as `folded` has them.

    >>> fits("Total: 1,443", ["total*", ""]), fits("Requests", ["advice *"])
    (True, False)
    """
    return any(fnmatchcase(folded(text), folded(pattern)) for pattern in patterns)


def date_format(text: str) -> str:
    """A way of writing days, such as dd/mm/yyyy or dd-mmm-yy hh:mm, as strptime has it; empty where it is none.

    >>> date_format("dd/mm/yyyy"), date_format("d mmm yy hh:mm:ss"), date_format("yyyy/mm"), date_format("serial")
    ('%d/%m/%Y', '%d %b %y %H:%M:%S', '', 'serial')
    """
    if text == SERIAL:
        return SERIAL
    parts = re.findall(r"[a-z]+|[^a-z]+", re.sub(r"(?<=h[:.])mm", "mi", text.casefold()))
    written = "".join(_PARTS.get(part, part.upper()) for part in parts)
    named = re.sub("%[bB]", "%m", written.replace("%y", "%Y"))
    known = all(part in _PARTS or part == "t" for part in parts if part.isalpha())
    return written if known and all(named.count(part) == 1 for part in ("%d", "%m", "%Y")) else ""


def days_of(cells: pd.Series[str], formats: Sequence[str]) -> pd.Series[str]:
    """Cells as YYYY-MM-DD where they are a day, by the first format that fits; others as they are.

    A time is dropped, since a table holds days. What a workbook holds as a date is read whatever the formats.

    Args:
        cells: As exported.
        formats: As `date_format` gives them.
    """
    iso = cells.str.fullmatch(_ISO)
    read = cells.where(~iso, cells.str[:10])
    left = ~iso & (cells != "")
    for form in formats:
        if form == SERIAL:
            numbers = pd.to_numeric(cells[left].where(cells[left].str.fullmatch(r"[1-9]\d{4}(\.\d+)?")))
            days = pd.to_datetime(numbers // 1, unit="D", origin="1899-12-30")
        else:
            days = pd.to_datetime(cells[left], format=form, errors="coerce")
        found = days.dropna()
        read[found.index] = found.dt.strftime("%Y-%m-%d")
        left[found.index] = False
    return read
