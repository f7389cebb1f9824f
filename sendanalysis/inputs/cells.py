"""The cells of a sheet in an Excel workbook as text, before anything is known of what they mean."""

from __future__ import annotations

import datetime as dt
import re
import warnings
import zlib
from contextlib import contextmanager
from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING, Any
from xml.etree.ElementTree import ParseError
from zipfile import BadZipFile, ZipFile, ZipInfo

from sendanalysis.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from openpyxl.workbook import Workbook

_COMPOUND_FILE = b"\xd0\xcf\x11\xe0"  # of workbooks with a password, and of those before 2007
_UNREADABLE = (
    *(BadZipFile, OSError, ParseError, zlib.error, EOFError, NotImplementedError, RecursionError),
    *(AttributeError, IndexError, KeyError, TypeError, ValueError),
)
_NO_VALUE = re.compile(r'<c [^>]*?r="([A-Z]+[0-9]+)"[^>]*><f(?:/>|[^>]*>[^<]*</f>)(?:<v></v>|<v ?/>)?</c>')
_MERGED = re.compile(r'<mergeCell [^>]*?ref="([A-Z0-9:]+)"')

_UNPACKED, _ROWS, _CELLS = 1_000_000_000, 1_048_576, 50_000_000  # bytes of a file, rows and cells of a sheet
_MEMBERS, _DENSE, _RATIO = 10_000, 100_000_000, 200  # parts of a file; bytes from which they may not be packed denser
_DECLARATION = re.compile(rb"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)  # which no spreadsheet writes


@cache
def sheet_names(book: Path) -> tuple[str, ...]:
    """Names of a workbook's sheets.

    Raises:
        InputError: It cannot be read as a workbook.
    """
    with opened(book) as workbook:
        return tuple(workbook.sheetnames)


def sheet_rows(book: Path, sheet: str, merged_to: int = 0) -> list[list[str]]:
    """Rows of a sheet; days as YYYY-MM-DD, whole numbers without a point.

    Args:
        book: The workbook.
        sheet: Its sheet.
        merged_to: Last row in which cells may be merged: titles, and headings that stand over several columns.

    Raises:
        InputError: It is empty, the workbook cannot be read, or cells would read as blank that are not: of a formula
            whose value is not saved, or merged with others.
    """
    with opened(book) as workbook:
        found = workbook[sheet]
        if found not in workbook.worksheets:
            raise InputError(f"sheet {sheet} of {book.name} is a chart. Put the table on a sheet of cells")
        rows = _sheet(found, book)
        if not any(map(any, rows if merged_to else rows[:1])):
            raise InputError(f"sheet {sheet} of {book.name} is empty. Fill in its heading row")
        with ZipFile(book) as held:
            _refuse_hidden(held.read(found._worksheet_path).decode("utf-8", errors="replace"), sheet, book, merged_to)  # noqa: SLF001
    return rows


def all_sheets(book: Path) -> dict[str, list[list[str]]]:
    """Rows of every sheet that is not empty, by its name.

    Raises:
        InputError: The workbook cannot be read.
    """
    with opened(book) as workbook:
        sheets = {sheet.title: _sheet(sheet, book) for sheet in workbook.worksheets}
    return {name: rows for name, rows in sheets.items() if rows}


@contextmanager
def opened(book: Path) -> Iterator[Workbook]:
    """A workbook while its cells are read.

    Raises:
        InputError: It has a password, unpacks to more than memory holds, declares entities, or openpyxl can make
            nothing of it.
    """
    from openpyxl import load_workbook  # noqa: PLC0415  # half a second, and few areas keep a workbook

    try:
        with book.open("rb") as file, warnings.catch_warnings():
            if file.read(4) == _COMPOUND_FILE:
                raise InputError(
                    f"{book.name} has a password or is of an old kind. Save it as .xlsx without a password"
                )
            with ZipFile(file) as held:
                refuse_flood(held.infolist(), book)
                _refuse_entities(held, book)
            warnings.simplefilter("ignore")  # of styles and drawings, which hold nothing that is read
            yield load_workbook(file, read_only=True, data_only=True, keep_vba=False, keep_links=False)
    except _UNREADABLE as error:
        raise InputError(f"{book.name} is not an Excel workbook, or is damaged. Save it as .xlsx, or as CSV") from error


def refuse_flood(members: Sequence[ZipInfo], file: Path) -> None:
    """Refuse members of a packed file before they are unpacked, where they would fill the memory."""
    size, packed = sum(member.file_size for member in members), sum(member.compress_size for member in members)
    if size > _UNPACKED:
        raise InputError(
            f"{file.name} unpacks to {size:,} bytes, and {_UNPACKED:,} are the most that is read. Export fewer rows"
        )
    if len(members) > _MEMBERS or size > max(_DENSE, _RATIO * packed):
        found = f"holds {len(members):,} parts" if len(members) > _MEMBERS else f"unpacks to {size:,} bytes"
        raise InputError(
            f"{file.name}, of {packed:,} bytes, {found}, as no export does. Open it in Excel, and save its rows anew"
        )


def _refuse_entities(held: ZipFile, book: Path) -> None:
    for member in held.infolist():
        with held.open(member) as part:
            if member.filename.endswith((".xml", ".rels")) and _DECLARATION.search(part.read(4096)):
                raise InputError(
                    f"{book.name} declares a document type, as no spreadsheet does. Open it in Excel, and save it anew"
                )


def hidden_cells(book: Path) -> dict[str, tuple[list[str], list[str]]]:
    """Cells that read as blank and are not, by sheet: formulas without a saved value (B4), and merged ones (A2:A3)."""
    with opened(book) as workbook, ZipFile(book) as held:
        texts = {sheet.title: held.read(sheet._worksheet_path).decode() for sheet in workbook.worksheets}  # noqa: SLF001
    return {name: (_NO_VALUE.findall(text), _MERGED.findall(text)) for name, text in texts.items()}


def _sheet(cells: Any, book: Path) -> list[list[str]]:
    """Rows up to the last that holds something: Excel may keep a million empty ones below."""
    cells.reset_dimensions()  # some programs write A1 as the extent of every sheet
    rows: list[list[str]] = []
    blanks = held = 0
    for number, row in enumerate(cells.iter_rows(values_only=True), 1):
        held += len(row)
        if number > _ROWS or held > _CELLS:
            found = f"more than {_ROWS:,} rows" if number > _ROWS else f"more than {_CELLS:,} cells"
            raise InputError(f"sheet {cells.title} of {book.name} holds {found}. Export fewer rows")
        if all(value is None for value in row):
            blanks += 1
        else:
            rows += [[]] * blanks
            blanks = 0
            rows.append([cell_text(value) for value in row])
    return rows


def _refuse_hidden(xml: str, sheet: str, book: Path, merged_to: int) -> None:
    formula = _NO_VALUE.search(xml)
    if formula:
        raise InputError(
            f"sheet {sheet} of {book.name}, cell {formula[1]} holds a formula without a saved value. "
            "Open it in Excel and save it, or paste the values"
        )
    for merged in _MERGED.finditer(xml):
        if max(map(int, re.findall("[0-9]+", merged[1]))) > merged_to:
            raise InputError(f"sheet {sheet} of {book.name}: the cells {merged[1]} are merged. Unmerge and fill them")


def cell_text(value: object) -> str:
    """A cell of a workbook or Parquet file as a CSV file has it: days as YYYY-MM-DD, whole numbers without a point."""
    if value is None:
        return ""
    if isinstance(value, dt.datetime) and value.time() == dt.time():
        value = value.date()
    if isinstance(value, (float, Decimal)) and value % 1 == 0:
        value = int(value)
    return str(value)
