"""The cells of a CSV file or of a sheet in an Excel workbook as text, before anything is known of what they mean."""

from __future__ import annotations

import csv
import datetime as dt
import io
from functools import cache
from typing import TYPE_CHECKING, Any
from zipfile import BadZipFile

from sendanalysis.errors import InputError

if TYPE_CHECKING:
    from pathlib import Path

    from openpyxl.workbook import Workbook


@cache
def sheet_names(book: Path) -> tuple[str, ...]:
    """Names of a workbook's sheets.

    Raises:
        InputError: It cannot be read as a workbook.
    """
    return tuple(_workbook(book).sheetnames)


def csv_rows(path: Path) -> list[list[str]]:
    """Rows of a CSV file; UTF-8 with or without a byte order mark, or Windows-1252.

    Raises:
        InputError: It is empty, no text, or its quotes do not match.
    """
    return text_rows(path.read_bytes())


def text_rows(data: bytes) -> list[list[str]]:
    """Rows of a CSV file from its bytes, as `csv_rows` reads them."""
    if not data.strip():
        raise InputError("the file is empty. Export it again, with its heading row")
    if data[:2] in (b"\xff\xfe", b"\xfe\xff") or b"\x00" in data[:4096]:
        raise InputError("the file is not readable text. Save it as 'CSV UTF-8 (comma delimited)'")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("cp1252", errors="replace")
    csv.field_size_limit(max(len(text), 131_072))
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        return list(reader)
    except csv.Error as error:
        raise InputError(f"quotes do not match near line {reader.line_num}. Export it again as CSV") from error


def _workbook(book: Path) -> Workbook:
    from openpyxl import load_workbook  # noqa: PLC0415  # half a second, and few areas keep a workbook

    try:
        return load_workbook(book, read_only=True, data_only=True)
    except (OSError, ValueError, KeyError, BadZipFile) as error:
        raise InputError(f"{book.name} is not an Excel workbook. Save it as .xlsx, or as CSV") from error


def sheet_rows(book: Path, sheet: str) -> list[list[str]]:
    """Rows of a sheet; days as YYYY-MM-DD, whole numbers without a point.

    Raises:
        InputError: It is empty, or the workbook cannot be read.
    """
    rows = _sheet(_workbook(book)[sheet])
    if not rows or not any(rows[0]):
        raise InputError(f"sheet {sheet} of {book.name} is empty. Fill in its heading row")
    return rows


def all_sheets(book: Path) -> dict[str, list[list[str]]]:
    """Rows of every sheet that is not empty, by its name.

    Raises:
        InputError: The workbook cannot be read.
    """
    sheets = {sheet.title: _sheet(sheet) for sheet in _workbook(book)}
    return {name: rows for name, rows in sheets.items() if rows}


def _sheet(cells: Any) -> list[list[str]]:
    cells.reset_dimensions()  # some programs write A1 as the extent of every sheet
    return [[_cell_text(value) for value in row] for row in cells.iter_rows(values_only=True)]


def _cell_text(value: object) -> str:
    """A cell of Excel as a CSV file would have it: days as YYYY-MM-DD, whole numbers without a point."""
    if value is None:
        return ""
    if isinstance(value, dt.datetime) and value.time() == dt.time():
        value = value.date()
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value)
