"""A CSV file read against its contract: the typed rows, and every fault at once."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Any

import pandas as pd

from sendanalysis.errors import InputError
from sendanalysis.inputs.contracts import PATTERNS, Column, Contract, Fault, one_line

if TYPE_CHECKING:
    from pathlib import Path


def read_table(path: Path, contract: Contract) -> tuple[pd.DataFrame, list[Fault]]:
    """Read a CSV file against its contract.

    Args:
        path: The file; UTF-8 with or without a byte order mark, or Windows-1252.
        contract: What it must look like.

    Returns:
        Typed rows (dates as Timestamps, numbers as numbers, text as text, blanks as missing; extra columns dropped)
        with the row number of a spreadsheet as index, and every fault. Cells at fault are missing in the rows.
    """
    if not path.is_file():
        if not contract.required:
            return _typed(_empty(contract), contract), []
        remedy = f"Put the table there, with the columns {', '.join(c.name for c in contract.columns if c.required)}."
        return _typed(_empty(contract), contract), [Fault(path.name, None, "", None, "the file is missing", remedy)]
    try:
        raw = _raw(path, contract)
    except InputError as error:
        problem, _, remedy = str(error).partition(". ")
        return _typed(_empty(contract), contract), [Fault(path.name, None, "", None, problem, remedy)]
    return check_rows(raw, contract, path.name)


def check_rows(raw: pd.DataFrame, contract: Contract, file: str) -> tuple[pd.DataFrame, list[Fault]]:
    """Type and check rows of text, whatever file they came from; see `read_table`."""
    missing = [c.name for c in contract.columns if c.required and c.name not in raw]
    faults = [
        Fault(file, 1, name, None, "the column is missing", "Add it, or restore its heading.") for name in missing
    ]
    given = raw.reindex(columns=[c.name for c in contract.columns], fill_value="")
    text = given.apply(lambda cells: cells.str.strip())
    for column in contract.columns:
        if column.name in raw:
            text[column.name], found = _check_column(text[column.name], column, file)
            faults += found
    rows = _typed(text, contract)
    if not missing:
        faults += _key_faults(text, contract, file) + _rule_faults(rows, text, contract, file)
    return rows, sorted(faults, key=lambda fault: (fault.row or 0, fault.column))


def _raw(path: Path, contract: Contract) -> pd.DataFrame:
    data = path.read_bytes()
    if not data.strip():
        raise InputError("the file is empty. Export it again, with its heading row")
    if data[:2] in (b"\xff\xfe", b"\xfe\xff") or b"\x00" in data[:4096]:
        raise InputError("the file is not readable text. Save it as 'CSV UTF-8 (comma delimited)'")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("cp1252", errors="replace")
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        rows = list(reader)
    except csv.Error as error:
        raise InputError(f"quotes do not match near line {reader.line_num}. Export it again as CSV") from error
    header = [name.strip() for name in rows[0]]
    _check_header(header, contract)
    wrong = next((n for n, row in enumerate(rows[1:], 2) if len(row) > len(header) and any(row[len(header) :])), None)
    if wrong:
        raise InputError(f"row {wrong} has more cells than the heading row. Put texts that hold a comma in quotes")
    width = len(header)
    body = [(row + [""] * width)[:width] for row in rows[1:]]
    frame = pd.DataFrame(body, columns=header, index=range(2, len(body) + 2), dtype="str")
    return frame[(frame != "").any(axis=1)] if len(frame) else frame


def _check_header(header: list[str], contract: Contract) -> None:
    if len(header) == 1 and len(contract.columns) > 1:
        for mark, name in ((";", "semicolons"), ("\t", "tabs")):
            if mark in header[0]:
                raise InputError(f"columns are separated by {name}. Save it as 'CSV UTF-8 (comma delimited)'")
    twice = sorted({name for name in header if name and header.count(name) > 1})
    if twice:
        raise InputError(f"the heading '{one_line(twice[0])}' stands there twice. Remove or rename one of the columns")


def _empty(contract: Contract) -> pd.DataFrame:
    return pd.DataFrame({c.name: pd.Series(dtype="str") for c in contract.columns})


def _check_column(cells: pd.Series, column: Column, file: str) -> tuple[pd.Series, list[Fault]]:
    filled = cells[cells != ""]
    if column.kind == "choice":
        by_fold = {value.casefold(): value for value in column.one_of}
        read = filled.str.casefold().map(by_fold)
        problem, remedy = "is not allowed", f"Write one of {', '.join(column.one_of)}."
    elif column.kind == "text":
        read, problem, remedy = filled, "", ""
    else:
        pattern, problem, remedy = PATTERNS[column.kind]
        read = filled.where(filled.str.fullmatch(pattern))
        if column.kind == "date":
            read = read.where(pd.to_datetime(read, format="%Y-%m-%d", errors="coerce").notna())
    faults = [Fault(file, row, column.name, filled[row], problem, remedy) for row in filled.index[read.isna()]]
    if not column.blank:
        blanks = cells.index[cells == ""]
        faults += [
            Fault(file, row, column.name, None, "the cell is empty", f"Fill in: {column.meaning}.") for row in blanks
        ]
    read, outside = _check_range(read, column, file)
    return cells.where(cells == "", read).where(cells.index.isin(read.dropna().index), ""), faults + outside


def _check_range(read: pd.Series, column: Column, file: str) -> tuple[pd.Series, list[Fault]]:
    if column.least is None and column.most is None:
        return read, []
    number = pd.to_numeric(read, errors="coerce")
    low = number < (column.least if column.least is not None else -float("inf"))
    high = number > (column.most if column.most is not None else float("inf"))
    allowed = f"{column.least:g} to {column.most:g}" if column.most is not None else f"{column.least:g} or more"
    remedy = f"Allowed is {allowed}."
    faults = [Fault(file, row, column.name, read[row], "is out of range", remedy) for row in read.index[low | high]]
    return read.mask(low | high), faults


def _typed(text: pd.DataFrame, contract: Contract) -> pd.DataFrame:
    typed: dict[str, pd.Series[Any]] = {}
    for column in contract.columns:
        cells = text[column.name].mask(text[column.name] == "")
        if column.kind == "date":
            typed[column.name] = pd.to_datetime(cells, format="%Y-%m-%d").astype("datetime64[ns]")
        elif column.kind == "integer":
            typed[column.name] = pd.to_numeric(cells).astype("Int64")
        elif column.kind == "number":
            typed[column.name] = pd.to_numeric(cells).astype("float64")
        else:
            typed[column.name] = cells
    return pd.DataFrame(typed, index=text.index)


def _key_faults(text: pd.DataFrame, contract: Contract, file: str) -> list[Fault]:
    if not contract.key:
        return []
    key = text[list(contract.key)]
    again = key.duplicated() & (key != "").all(axis=1)
    first = key[key.duplicated(keep=False)].drop_duplicates().apply(tuple, axis=1)
    first_row = {values: row for row, values in first.items()}
    name, remedy = " + ".join(contract.key), "Remove the repeated row, or give it an id of its own."
    return [
        Fault(file, row, name, " + ".join(values), f"stands in row {first_row[values]} already", remedy)
        for row, values in ((row, tuple(key.loc[row])) for row in key.index[again])
    ]


def _rule_faults(rows: pd.DataFrame, text: pd.DataFrame, contract: Contract, file: str) -> list[Fault]:
    faults = []
    for rule in contract.rules:
        broken = rule.broken(rows).fillna(value=False).astype(bool)
        for row in rows.index[broken]:
            cells = text.loc[row].to_dict()
            value = cells[rule.column] or None
            faults.append(Fault(file, row, rule.column, value, rule.problem.format(**cells), rule.remedy, rule.warns))
    return faults
