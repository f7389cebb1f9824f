"""The annex: the released tables as one Excel workbook, with real numbers, notes and a dictionary."""

from __future__ import annotations

import io
import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any
from zipfile import ZipFile

import pandas as pd
from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from sendanalysis.display.columns import COLUMNS, heading, is_count
from sendanalysis.display.tables import HIDES
from sendanalysis.publishing.archive import zipped
from sendanalysis.release import HIDDEN, NOT_SHOWN, WITHHELD

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from sendanalysis.release import Release

MARK = "[c]"
FIGURES = ("n", "of", "value", "lower", "upper")
DICTIONARY = ("Table", "Column", "Heading", "Unit", "Meaning")
_WIDEST, _BOLD, _NAMED_MOST = 60, Font(bold=True), 31  # letters of a sheet's name
_MODIFIED = re.compile(rb"(<dcterms:modified[^>]*>)[^<]*")


def annex(release: Release, notes: Sequence[str]) -> bytes:
    """The released tables as a workbook: a sheet of notes, a dictionary, and a sheet for each table.

    Numbers and days are cells of their kind, unrounded. A hidden figure is [c]; what is not known stays empty. No text
    runs as a formula.

    Args:
        release: The release.
        notes: What the first sheet says before it lists the tables.
    """
    tables, withheld = shown_and_withheld(release)
    book = Workbook()
    first = book.active
    first.title = "Notes"
    lines = [*notes, f"{MARK}: {HIDES}. An empty cell: not known, or not applicable.", ""]
    lines += ["Sheets:", *(f"{name[:_NAMED_MOST]}: {len(table):,} rows" for name, table in tables.items())]
    lines += ["", "Not shown to this audience:", *withheld] if withheld else []
    _write(first, [["Notes"], *([line] for line in lines)])
    _write(book.create_sheet("Dictionary"), [DICTIONARY, *dictionary_rows(tables)])
    for name, table in tables.items():
        sheet = book.create_sheet(name[:_NAMED_MOST])
        _write(sheet, [[heading(str(column)) for column in table], *_cells(table)], [str(column) for column in table])
    return _without_clock(book)


def shown_and_withheld(release: Release) -> tuple[dict[str, pd.DataFrame], list[str]]:
    """The released tables that the audience sees, and the names of those it does not."""
    tables = release.tables()
    withheld = [name for name, table in tables.items() if table.attrs.get(WITHHELD) == "rows"]
    return {name: table for name, table in tables.items() if name not in withheld}, withheld


def dictionary_rows(tables: Mapping[str, pd.DataFrame]) -> list[list[str]]:
    """Each column of each table: table, column, heading, unit, meaning."""
    rows = [(name, str(column)) for name, table in tables.items() for column in table]
    known = {column: COLUMNS[column] for _, column in rows if column in COLUMNS}
    return [
        [name, column, heading(column), *((known[column].unit, known[column].meaning) if column in known else ("", ""))]
        for name, column in rows
    ]


def _cells(table: pd.DataFrame) -> Iterable[Sequence[Any]]:
    """The rows of a table as values of Python, hidden figures marked."""
    state = table.get("state", pd.Series(dtype="str"))
    status = table.get("status", pd.Series(dtype="str"))
    hidden = state.eq(HIDDEN).reindex(table.index, fill_value=False)
    hidden |= status.eq(NOT_SHOWN).reindex(table.index, fill_value=False)
    found = {}
    for name, column in table.items():
        cells = column.astype("object").where(column.notna(), None)
        marked = hidden & column.isna() if name in FIGURES and column.notna().any() else hidden & False
        found[name] = cells.mask(marked, MARK)
    return zip(*found.values(), strict=True)


def _write(sheet: Any, rows: Iterable[Sequence[Any]], columns: Sequence[str] = ()) -> None:
    widths: dict[int, int] = {}
    for i, row in enumerate(rows, start=1):
        for j, value in enumerate(row, start=1):
            if value is None:
                continue
            cell = sheet.cell(i, j, _plain(value))
            if isinstance(value, str):
                cell.data_type, cell.quotePrefix = "s", True  # text, whatever it begins with
            elif isinstance(value, datetime):
                cell.number_format = "yyyy-mm-dd"
            elif columns and is_count(columns[j - 1]):
                cell.number_format = "#,##0"
            widths[j] = min(_WIDEST, max(widths.get(j, 8), len(str(value)[:_WIDEST]) + 2))
    for cell in sheet[1]:
        cell.font = _BOLD
    for j, width in widths.items():
        sheet.column_dimensions[get_column_letter(j)].width = width
    sheet.freeze_panes = "A2"


def _plain(value: Any) -> Any:
    if isinstance(value, pd.Timestamp):
        return value.to_pydatetime()
    return ILLEGAL_CHARACTERS_RE.sub("", value) if isinstance(value, str) else value


def _without_clock(book: Workbook) -> bytes:
    """A workbook as bytes that do not tell when it was written."""
    day = datetime(1980, 1, 1, tzinfo=UTC)
    book.properties.created, book.properties.creator = day.replace(tzinfo=None), "sendanalysis"
    held = io.BytesIO()
    book.save(held)
    with ZipFile(held) as file:
        members = {name: file.read(name) for name in file.namelist()}
    core = "docProps/core.xml"
    members[core] = _MODIFIED.sub(rf"\g<1>{day:%Y-%m-%dT%H:%M:%SZ}".encode(), members[core])
    return zipped(members, smaller=False)
