"""The folder `published/` of an area: official files under any name, recognised by their headings and read in place."""

from __future__ import annotations

import re
from glob import escape
from typing import TYPE_CHECKING, NamedTuple
from zipfile import BadZipFile, ZipFile

import pandas as pd
from openpyxl.utils import range_boundaries

from sendanalysis.errors import InputError
from sendanalysis.inputs.cells import Sheet, all_sheets, refuse_flood
from sendanalysis.inputs.contracts import CONTRACTS, Contract, Fault, one_line
from sendanalysis.inputs.csv_cells import Cells, csv_rows, text_rows, well_quoted
from sendanalysis.inputs.official import COLUMNS, long_table, repeated, tidy
from sendanalysis.inputs.official_layouts import HEAD, community, declared, newest_names, plain_name, recognised
from sendanalysis.inputs.reading import BOOKS, PARQUET, check_rows, framed, is_comment, kind_of, no_rows

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

_READ = {".csv", PARQUET, ".zip", *BOOKS}
TIMELINESS, NEIGHBOURS, OFFICIAL = "timeliness_20_week", "statistical_neighbours", "official"
_NOTES = {".md", ".txt", ".pdf", ".docx"}  # what is read by people and stands beside the tables
_BY_OLD_CODE = {"tribunal", "lait"}  # files that name authorities by the department's code of three digits alone
_CONTRACTS = {contract.name: contract for contract in CONTRACTS if contract.folder == "published"}


class Published(NamedTuple):
    """What the folder holds: tables by name, each file that was read with its part and rows, and every fault."""

    tables: dict[str, pd.DataFrame]
    read: list[tuple[Path, str, int]]
    faults: list[Fault]


def read_published(folder: Path, name: str, codes: Mapping[str, str]) -> Published:
    """Read every CSV file, workbook and zip in the folder; warn of what else could hold figures.

    Args:
        folder: The area's `published/`; it may be absent.
        name: Name of the area.
        codes: Its official codes: la, old_la, and icb as the community waits name it.

    Returns:
        Tables by name: those with a contract, and `official`, the long table of every official figure.
    """
    reader = _Reader(name, codes)
    for path in sorted(folder.glob("*")) if folder.is_dir() else []:
        if kind_of(path) in _NOTES or path.name.startswith((".", "~$")):
            continue
        if path.is_dir() or kind_of(path) not in _READ:
            reader.faults.append(_not_read(path))
            continue
        try:
            sheets = all_sheets(path) if kind_of(path) in BOOKS else {}
            reader.take(path, {name: sheet.rows for name, sheet in sheets.items()} or _tables(path), sheets)
        except InputError as error:
            problem, _, remedy = str(error).partition(". ")
            reader.faults.append(Fault(path.name, None, "", None, problem, f"{remedy.rstrip('.')}."))
    return reader.published()


class _Reader:
    """Takes one file after the other."""

    def __init__(self, name: str, codes: Mapping[str, str]) -> None:
        self.name, self.codes, self.faults = name, codes, list[Fault]()
        self._read: list[tuple[Path, str, int]] = []
        self._long: list[pd.DataFrame] = []
        self._whole: list[pd.DataFrame] = []
        self._own: dict[str, list[pd.DataFrame]] = {key: [] for key in _CONTRACTS}
        self._unknown: list[tuple[Path, list[list[str]]]] = []

    def take(self, path: Path, tables: Mapping[str, list[list[str]]], sheets: Mapping[str, Sheet]) -> None:
        """Read what is recognised in a file; what is not is kept for later or warned of."""
        kinds = {part: recognised(rows) for part, rows in tables.items()}
        alone = len(tables) == 1 and kind_of(path) != ".zip"
        for part, sheet in sheets.items():
            if kinds[part][0]:
                self.faults += _hidden(f"{path.name} {part}", kinds[part][1] + 1, *sheet)
        waits = [rows for part, rows in tables.items() if kinds[part][0] == ("community",)]
        if waits:
            self._keep(path, "", *tidy(("community",), community(waits), path.name))
        for part, rows in tables.items():
            held, place = kinds[part]
            file = path.name if kind_of(path) == ".csv" else f"{path.name} {part}"
            if held and held != ("community",) and not _is_template(rows):
                self._keep(path, part, *long_table(held, rows, place, file))
            if "timeliness" in held or part in _CONTRACTS or _is_list(rows):
                contract = _CONTRACTS[
                    TIMELINESS if "timeliness" in held else part if part in _CONTRACTS else NEIGHBOURS
                ]
                self._check(path, part, contract, rows[place:], file, place)
            elif not held and alone:
                self._unknown.append((path, rows))
        if not alone and tables and not any(kind for kind, _ in kinds.values()) and not set(tables) & set(_CONTRACTS):
            self.faults.append(_unrecognised(path.name, list(tables)))

    def _keep(self, path: Path, part: str, rows: pd.DataFrame, faults: list[Fault]) -> None:
        self.faults += faults
        self._long.append(rows)
        self._read.append((path, part, rows["row"].nunique()))
        if all(fault.warns for fault in faults):
            self._whole.append(rows)

    def _check(  # noqa: PLR0913, PLR0917  # where the rows stand, for messages
        self, path: Path, part: str, contract: Contract, rows: list[list[str]], file: str, place: int
    ) -> None:
        if contract.name == NEIGHBOURS and not _is_list(rows) and len(rows[0]) > len(contract.columns):
            self._unknown.append((path, rows))
            return
        if contract.name == TIMELINESS:
            rows = [newest_names("timeliness", rows[0]), *rows[1:]]
        try:
            text = framed(Cells.of(rows), contract).astype("str")
        except InputError as error:
            problem, _, remedy = str(error).partition(". ")
            self.faults.append(Fault(file, None, "", None, problem, f"{remedy}."))
            return
        text.index += place
        if contract.name == TIMELINESS:  # files to 2024 hold totals alone, and no column that says so
            total = next(item for item in declared() if item.set == "timeliness")
            wordings = [wording.partition("=")[2] for wording in total.labels.split("|")]
            text = text if "breakdown" in text else text.assign(breakdown=wordings[0])
            text["breakdown"] = text["breakdown"].str.strip().replace(dict.fromkeys(wordings, wordings[0]))
        typed, faults = check_rows(text, contract, file)
        told = {(fault.file, fault.row) for fault in self.faults if not fault.warns}
        self.faults += [fault for fault in faults if (fault.file, fault.row) not in told]
        self._own[contract.name].append(typed)
        if contract.name == NEIGHBOURS or (path, part) not in [read[:2] for read in self._read]:
            self._read.append((path, part, len(typed)))

    def _absent(self, rows: pd.DataFrame) -> list[Fault]:
        """A fault where a file that is recognised holds no row of the area."""
        file, kind = (rows["file"].iloc[0], rows["set"].iloc[0]) if len(rows) else ("", "")
        if kind == "community":
            wanted, key, own = self.codes.get("icb", ""), "icb", rows.loc[rows["area_level"].eq("icb"), "area_code"]
        else:
            wanted, key, own = self.codes.get("la", ""), "la", rows.loc[rows["area_level"].eq("la"), "area_code"]
            if kind in _BY_OLD_CODE:  # asked for once every file is read, for the department's own give the code
                wanted, key = next(iter(self._old_codes()), ""), "old_la"
        if not file or wanted in set(own):
            return []
        if not wanted:
            some = ", ".join(sorted(set(own))[:3])
            return [
                Fault(
                    "area.toml",
                    None,
                    f"codes.{key}",
                    None,
                    f"it is missing, and {file} names areas by it",
                    f"Write one of the file's, such as {some}.",
                )
            ]
        problem = f"it holds no row for {self.name} ({wanted}), so nothing could be shown from it"
        return [
            Fault(file, None, "", None, problem, f"Check codes.{key} in area.toml, or download the file that has it.")
        ]

    def _old_codes(self) -> list[str]:
        """The area's code of three digits, as the department's own rows have it, else as `area.toml` does."""
        rows = pd.concat(self._long) if self._long else pd.DataFrame(columns=COLUMNS)
        own = rows[rows["area_code"].eq(self.codes.get("la", "")) & rows["old_code"].ne("")]
        return [*own["old_code"].unique(), *([self.codes["old_la"]] if self.codes.get("old_la") else [])]

    def published(self) -> Published:
        """Everything that was read, once all files are."""
        long = pd.concat(self._long, ignore_index=True) if self._long else pd.DataFrame(columns=COLUMNS)
        self.faults += [fault for rows in self._whole for fault in self._absent(rows)]
        for path, rows in self._unknown:
            neighbours = self._wide(long, rows)
            if neighbours:
                listed = [["rank", "area_name"], *([str(rank), name] for rank, name in enumerate(neighbours, 1))]
                self._check(path, path.stem, _CONTRACTS[NEIGHBOURS], listed, path.name, 0)
            else:
                self.faults.append(_unrecognised(path.name, rows[0]))
        if len(self._own[NEIGHBOURS]) > 1:
            self.faults.append(
                Fault(NEIGHBOURS, None, "", None, "the list of neighbours stands in two files", "Keep one.")
            )
        tables = {
            name: pd.concat(own, ignore_index=len(own) > 1) if own else no_rows(_CONTRACTS[name])
            for name, own in self._own.items()
        }
        own_code = long["old_code"].isin(self._old_codes()) & long["set"].isin(_BY_OLD_CODE)
        own_code |= long["area_code"].eq(self.codes.get("la", "")) | long["area_code"].eq(self.codes.get("icb", "-"))
        return Published({**tables, OFFICIAL: long.assign(own=own_code)}, self._read, self.faults + repeated(long))

    def _wide(self, long: pd.DataFrame, rows: list[list[str]]) -> list[str]:
        """The area's neighbours in a list with one column an authority, told by its names of authorities."""
        heads = [plain_name(cell) for cell in rows[0]]
        known = long[long["area_level"].eq("la")]
        own = known.loc[known["area_code"].eq(self.codes.get("la", "")), "group"]
        name = plain_name(own.iloc[-1] if len(own) else self.name)
        if name not in heads or len(heads) < 10:
            return []
        return [row[heads.index(name)].strip() for row in rows[1:] if "".join(row[heads.index(name) :][:1]).strip()]


def _tables(path: Path) -> dict[str, list[list[str]]]:
    """The tables in a file by name: a CSV or parquet file's own, the CSV files in a zip; none in an empty workbook."""
    if kind_of(path) == ".csv":
        return {path.stem: csv_rows(path)}
    if kind_of(path) == PARQUET:
        return {path.stem: _parquet_rows(path)}
    if kind_of(path) in BOOKS:
        return {}
    try:
        with ZipFile(path) as held:
            tables = [member for member in held.infolist() if member.filename.casefold().endswith(".csv")]
            refuse_flood(tables, path)
            members = {member.filename: _known(held.read(member), member.filename) for member in tables}
            names = held.namelist()
    except (BadZipFile, NotImplementedError, RuntimeError, OSError) as error:
        raise InputError(f"{path.name} is not a zip that can be read. Download it again") from error
    return {name: rows for name, rows in members.items() if rows} or {name: [[""]] for name in names}


def _known(data: bytes, member: str) -> list[list[str]]:
    """Rows of a CSV file in a zip; none where its first ones are of no table that is known.

    Raises:
        InputError: It is no text or its quotes do not match, whatever table it is of; the message names the member.
    """
    try:
        known = recognised(text_rows(data, most=HEAD))[0]
        return text_rows(data) if known or not well_quoted(data) else []
    except InputError as error:
        problem = str(error).partition(". ")[0]
        remedy = "Download it again, or unpack the tables that are needed"
        raise InputError(f"{one_line(member)} in it: {problem}. {remedy}") from error


def _hidden(file: str, heading: int, rows: list[list[str]], formulas: list[str], merged: list[str]) -> list[Fault]:
    """Faults of cells below the heading row that read as blank and are not; titles and notes may be merged."""
    problem, remedy = "holds a formula without a saved value", "Open it in Excel and save it, or paste the values."
    cells = [(int(re.sub("[A-Z]", "", cell)), cell) for cell in formulas]
    faults = [Fault(file, row, "", cell, problem, remedy) for row, cell in cells if row > heading]
    for cells_merged in merged:
        left, top, right, bottom = range_boundaries(cells_merged)
        beside = [cell for row in rows[top - 1 : bottom] for cell in (*row[: left - 1], *row[right:])]
        if top > heading and any(beside):
            problem, remedy = "are merged, so all but the first read as blank", "Unmerge and fill them."
            faults.append(Fault(file, top, "", cells_merged, problem, remedy))
    return faults


def _parquet_rows(path: Path) -> list[list[str]]:
    """A parquet file's headings, and its rows of the measures that are known, as text."""
    import duckdb  # noqa: PLC0415  # few areas keep such a file

    known = [item.labels.partition("=")[2] for item in declared() if item.set == "lait"]
    try:
        with duckdb.connect(config={"autoinstall_known_extensions": False}) as held:
            table = held.read_parquet(escape(str(path)), file_row_number=True)
            if "Short Desc" in table.columns:
                table = table.filter(duckdb.ColumnExpression("Short Desc").isin(*map(duckdb.ConstantExpression, known)))
            rows = table.fetchall() if "Short Desc" in table.columns else []
            return [table.columns, *(["" if cell is None else str(cell) for cell in row] for row in rows)]
    except duckdb.Error as error:
        raise InputError(f"{path.name} is not a parquet file that can be read. Download it again") from error


def _is_template(rows: list[list[str]]) -> bool:
    """Whether a file holds no more than a heading and an example."""
    body = [row for row in rows[1:] if any(row)]
    return bool(body) and all(is_comment(row) for row in body)


def _is_list(rows: list[list[str]]) -> bool:
    return {"rank", "area_name"} <= {cell.strip().casefold() for cell in rows[0]}


def _not_read(path: Path) -> Fault:
    problem, remedy = "it is a folder, and files in it are not read", "Put the files themselves into published/."
    if not path.is_dir():
        problem = "it is no kind of file that is read, so nothing is shown from it"
        remedy = "Save it as .xlsx or .csv, or take it away."
    return Fault(one_line(path.name), None, "", None, problem, remedy, warns=True)


def _unrecognised(file: str, headings: list[str]) -> Fault:
    shown = ", ".join(one_line(name) for name in headings[:4])
    remedy = "Files that are known are listed in data/README.md; take others away."
    return Fault(file, 1, "", None, f"it is not a file that is known ({shown}), so it is not read", remedy, warns=True)
