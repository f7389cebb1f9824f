"""A table read against its contract: the typed rows, and every fault at once.

What is wrong with a cell is asked once for each different text of its column, however many rows hold it.
"""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING, Any

import pandas as pd

from sendanalysis.errors import InputError
from sendanalysis.inputs.cells import sheet_names, sheet_rows
from sendanalysis.inputs.contracts import MARKERS, PATTERNS, Column, Contract, Fault, one_line
from sendanalysis.inputs.csv_cells import Cells, csv_cells
from sendanalysis.inputs.identity import id_faults
from sendanalysis.inputs.parquet import parquet_cells
from sendanalysis.inputs.privacy import personal_faults
from sendanalysis.inputs.rules import key_faults, rule_faults
from sendanalysis.methods.texts import blanked, coded, recoded

if TYPE_CHECKING:
    from pathlib import Path

PLACEHOLDERS = ("1899-12-30", "1899-12-31", "1900-01-01", "1900-01-02", "1970-01-01", "2099-12-31", "9999-12-31")
MISSING = "the file is missing"
PARQUET = ".parquet"
TEXTS = (".csv", ".txt", ".tsv")
BOOKS = (".xlsx", ".xlsm")
EMPTY = "Leave the cell empty where the day is not known or has not come."


def read_table(path: Path, contract: Contract, *, needed: bool = True) -> tuple[pd.DataFrame, list[Fault]]:
    """Read a table against its contract: a CSV or Parquet file, or a sheet of its name in an Excel workbook beside it.

    Args:
        path: The CSV file; UTF-8 with or without a byte order mark, or Windows-1252. Rows that begin
            with "# example" are comments. A Parquet file has the same name with its own suffix.
        contract: What it must look like.
        needed: Whether it is a fault when there is no such table.

    Returns:
        Typed rows (dates as Timestamps, numbers as numbers, text as text, of extracts as categoricals; blanks as
        missing; extra columns dropped) with the row number of a spreadsheet as index, and every fault. Cells at fault
        are missing in the rows.
    """
    place = path.name
    try:
        source = source_of(path, contract)
        if source:
            place = source.name if kind_of(source) == PARQUET else place
            file = f"{source.name} sheet {contract.name}" if kind_of(source) == ".xlsx" else source.name
            cells = _cells(source, contract)
            typed, faults = check_rows(framed(cells, contract), contract, file)
            return typed, faults + (_short(cells, file) if contract.folder == "extracts" else [])
    except InputError as error:
        problem, _, remedy = str(error).partition(". ")
        return no_rows(contract), [Fault(place, None, "", None, problem, f"{remedy}.")]
    if not needed:
        return no_rows(contract), []
    remedy = f"Put the table there, with the columns {', '.join(c.name for c in contract.columns if c.required)}."
    return no_rows(contract), [Fault(path.name, None, "", None, MISSING, remedy)]


def _cells(source: Path, contract: Contract) -> Cells:
    if kind_of(source) == ".csv":
        return csv_cells(source)
    return parquet_cells(source) if kind_of(source) == PARQUET else Cells.of(sheet_rows(source, contract.name))


def _short(cells: Cells, file: str) -> list[Fault]:
    """A warning of a last row with fewer cells than the one before it: those it lost may be left empty."""
    before, last = cells.ends
    if not 0 < last < before:
        return []
    problem = f"its last row has {last} cells, the one before it {before}, as in a file that was cut off"
    return [Fault(file, 1 + len(cells.body), "", None, problem, "See whether the record is whole.", warns=True)]


def kind_of(path: Path) -> str:
    """The ending of a file's name, whose capitals do not matter."""
    return path.suffix.casefold()


def source_of(path: Path, contract: Contract) -> Path | None:
    """The file a table is read from, or None.

    Raises:
        InputError: It stands in two files, or a workbook cannot be read.
    """
    beside = [file for file in sorted(path.parent.glob("*")) if file.is_file() and not file.name.startswith("~$")]
    found = [file for file in beside if kind_of(file) in {".csv", PARQUET} and file.stem.casefold() == path.stem]
    found += [file for file in beside if kind_of(file) == ".xlsx" and contract.name in sheet_names(file)]
    if len(found) > 1:
        raise InputError(f"the table also stands in {found[1].name}. Keep it in one place")
    return found[0] if found else None


def check_rows(raw: pd.DataFrame, contract: Contract, file: str) -> tuple[pd.DataFrame, list[Fault]]:
    """Type and check rows of text, whatever file they came from; see `read_table`."""
    missing = [c.name for c in contract.columns if c.required and c.name not in raw]
    faults = [
        Fault(file, 1, name, None, "the column is missing", "Add it, or restore its heading.") for name in missing
    ]
    if contract.folder == "plan":
        known = ", ".join(column.name for column in contract.columns)
        remedy = f"Rename or remove it; columns are: {known}."
        odd = [name for name in raw if name not in {column.name for column in contract.columns}]
        faults += [
            Fault(file, 1, str(name), None, "the plan knows no such column, so it would be ignored", remedy)
            for name in odd
        ]
    given = raw.reindex(columns=[c.name for c in contract.columns], fill_value="")
    text = pd.DataFrame({name: _stripped(given[name]) for name in given}, index=given.index)
    personal = personal_faults(text, contract, file) if contract.folder == "extracts" else []
    hidden = {fault.column for fault in personal}
    for name in hidden:  # so that no other fault repeats a value
        text[name] = recoded(text[name], [""] * len(text[name].cat.categories))
    for column in contract.columns:
        if column.name in raw and column.name not in hidden:
            text[column.name], found = _check_column(text[column.name], column, file)
            faults += found
    rows = _typed(text, contract)
    if not missing:
        faulty = {fault.row for fault in faults}  # a rule has nothing to say of a row whose cells could not be read
        rules = rule_faults(rows, text, contract.rules, file)
        faults += id_faults(text, contract, file) if contract.folder == "extracts" else []
        faults += key_faults(text, contract, file) + [fault for fault in rules if fault.row not in faulty]
    return rows, personal + sorted(faults, key=lambda fault: (fault.row or 0, fault.column))


def framed(cells: Cells, contract: Contract) -> pd.DataFrame:
    """Rows of text under the headings of a contract, by row number of a spreadsheet."""
    header, body = _headings(cells.heading, contract), cells.body
    width = len(header)
    body = body.set_axis(range(2, len(body) + 2))
    if len(body) and width:
        comments = [text for text in body[0].cat.categories.tolist() if "#" in text and is_comment([text])]
        body = body[~body[0].isin(comments)] if comments else body
    wrong = _filled(body.iloc[:, width:])
    if wrong.any():
        raise InputError(
            f"row {wrong.idxmax()} has more cells than the heading row. Put texts that hold a comma in quotes"
        )
    frame = body.reindex(columns=range(width), fill_value="").set_axis(header, axis="columns")
    frame = frame.loc[:, [bool(name) for name in header]]  # Excel leaves columns without a heading behind
    filled = _filled(frame)
    return frame if filled.all() else frame[filled]


def _filled(cells: pd.DataFrame) -> pd.Series[bool]:
    """Rows in which a cell holds something."""
    filled = pd.Series(data=False, index=cells.index)
    for place in range(cells.shape[1]):
        filled |= cells.iloc[:, place].ne("")
    return filled


def _stripped(cells: pd.Series[Any]) -> pd.Series[Any]:
    """Cells as codes, without spaces around them."""
    known = cells.astype("category")
    return recoded(known, [text.strip() for text in known.cat.categories.tolist()])


def _headings(row: list[str], contract: Contract) -> list[str]:
    """Headings as the contract writes them: `Request ID` is read as request_id."""
    known = {column.name for column in contract.columns}
    typed = [name.strip() for name in row]
    named = {name.casefold(): name for name in known - set(typed)}
    header = [name if name in known else named.get(re.sub(r"[\s_-]+", "_", name).casefold(), name) for name in typed]
    _check_header(header, contract)
    if not known & set(header):
        found = ", ".join(one_line(name) for name in typed[:4])
        raise InputError(f"its first row holds none of the headings ({found}). Take away what stands above them")
    return header


def is_comment(row: list[str]) -> bool:
    """Whether a row is an example that a template shows."""
    return bool(row) and row[0].lstrip().casefold().startswith("# example")


def _check_header(header: list[str], contract: Contract) -> None:
    if len(header) == 1 and len(contract.columns) > 1:
        for mark, name in ((";", "semicolons"), ("\t", "tabs")):
            if mark in header[0]:
                raise InputError(f"columns are separated by {name}. Save it as 'CSV UTF-8 (comma delimited)'")
    twice = sorted({name for name in header if name and header.count(name) > 1})
    if twice:
        raise InputError(f"the heading '{one_line(twice[0])}' stands there twice. Remove or rename one of the columns")


def no_rows(contract: Contract) -> pd.DataFrame:
    """A table of this contract without rows."""
    return _typed(pd.DataFrame({c.name: coded(pd.Series(dtype="str")) for c in contract.columns}), contract)


def _check_column(cells: pd.Series[Any], column: Column, file: str) -> tuple[pd.Series[Any], list[Fault]]:
    """Cells as the contract writes them, empty where they are at fault, and the faults."""
    texts = cells.cat.categories.tolist()
    if column.kind == "text" and (column.blank or "" not in texts):
        return cells, []
    looked = {text: _look(text, column) for text in texts}
    wrong = cells[cells.isin([text for text, (_, problem, _) in looked.items() if problem])]
    faults = [
        Fault(file, int(str(row)), column.name, value or None, *looked[value][1:]) for row, value in wrong.items()
    ]
    return recoded(cells, [read for read, *_ in looked.values()]), faults


def _look(value: str, column: Column) -> tuple[str, str, str]:
    """A cell as the contract writes it, or else empty with what is wrong and the remedy."""
    if not value:
        return ("", "", "") if column.blank else ("", "the cell is empty", f"Fill in: {column.meaning}.")
    if column.kind == "text":
        return value, "", ""
    if column.kind == "choice":
        read = next((one for one in column.one_of if one.casefold() == value.casefold()), "")
        return (read, "", "") if read else ("", "is not allowed", f"Write one of {', '.join(column.one_of)}.")
    pattern, problem, remedy = PATTERNS[column.kind]
    if value in PLACEHOLDERS and column.kind == "date":
        problem, remedy = "stands for no day", EMPTY
    elif not re.fullmatch(pattern, value):
        pass
    elif not _exists(value, column.kind):
        problem, remedy = "does not exist", "Check the date."
    elif _outside(value, column):
        problem, remedy = "is out of range", f"Allowed is {column.range}."
    else:
        return value, "", ""
    return "", problem, remedy


def _exists(written: str, kind: str) -> bool:
    """Whether a rightly written date is a day of the calendar, and a survey year two years that follow each other."""
    if kind == "survey_year":
        return (int(written[2:4]) + 1) % 100 == int(written[5:7])
    try:
        return kind != "date" or bool(dt.date.fromisoformat(written))
    except ValueError:
        return False


def _outside(written: str, column: Column) -> bool:
    """Whether a number is smaller or larger than the column allows; a marker in place of one is neither."""
    if not column.range or written in MARKERS:
        return False
    low = column.least is not None and float(written) < column.least
    return low or (column.most is not None and float(written) > column.most)


def _typed(text: pd.DataFrame, contract: Contract) -> pd.DataFrame:
    typed: dict[str, Any] = {}
    for column in contract.columns:
        cells = blanked(text[column.name])
        texts = cells.cat.categories.to_series()
        if column.kind == "date":
            read: pd.Series[Any] = pd.to_datetime(texts, format="%Y-%m-%d").astype("datetime64[ns]")
        elif column.kind == "integer":
            read = pd.to_numeric(texts).astype("Int64")
        elif column.kind == "number":
            read = pd.to_numeric(texts).astype("float64")
        else:
            typed[column.name] = cells if contract.folder == "extracts" else cells.astype("str")
            continue
        typed[column.name] = pd.api.extensions.take(read.array, cells.cat.codes.to_numpy(), allow_fill=True)
    return pd.DataFrame(typed, index=text.index)
