"""The month's exports in `inbox/`: which mapping claims which file, their rows as tables, faults in their own words.

Nothing in the inbox is ever changed.
"""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING

from sendanalysis.errors import InputError
from sendanalysis.inputs.cells import sheet_names, sheet_rows
from sendanalysis.inputs.contracts import Contract, Fault, one_line
from sendanalysis.inputs.csv_cells import csv_rows
from sendanalysis.inputs.exports import Rows, read_export
from sendanalysis.inputs.mapping_reader import read_mappings
from sendanalysis.inputs.pseudonyms import key_of
from sendanalysis.inputs.reading import BOOKS, TEXTS, check_rows, kind_of, no_rows
from sendanalysis.inputs.source_words import Mapped, Piece, joined, label
from sendanalysis.inputs.writing import fits

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from sendanalysis.inputs.mapping import TableMapping

FOLDER = "inbox"
NO_EXPORT = f"fits no file in {FOLDER}"
_MAKE_ONE = 'Make one with sendanalysis map AREA TABLE "{file}"'
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_NO_EXPORTS = re.compile(r"\.|~\$|thumbs\.db$|desktop\.ini$|readme", re.IGNORECASE)
_DAYS = (
    r"(?P<y>20\d\d)[-_. ]?(?P<m>0[1-9]|1[0-2])([-_. ]?(?P<d>[0-3]\d))?(?!\d)",
    r"(?<!\d)(?P<d>[0-3]\d)[-_. ]?(?P<m>0[1-9]|1[0-2])[-_. ]?(?P<y>20\d\d)",
    rf"(?P<name>{'|'.join(MONTHS)})[a-z]*[-_. ]*(?P<y>20\d\d)",
)


class Inbox:
    """The inbox of an area folder and the mappings that read it."""

    def __init__(self, area: Path, contracts: tuple[Contract, ...]) -> None:
        """Look at what is there.

        Args:
            area: The area folder.
            contracts: Of its tables.

        Raises:
            InputError: A mapping or the key of pseudonyms cannot be used.
        """
        self._area = area
        self.mappings = read_mappings(area, contracts)
        hidden = any(mapping.pseudonyms for mapping in self.mappings.values())
        self.key = key_of(area) if hidden else None
        found = sorted(path for path in (area / FOLDER).rglob("*") if path.is_file())
        self.files = [path for path in found if not _NO_EXPORTS.match(path.name)]

    def read(self, contract: Contract) -> Mapped:
        """A table from the files that its mapping claims, with every fault; no rows where a file cannot be used."""
        mapping = self.mappings[contract.name]
        pieces: list[Piece] = []
        faults: list[Fault] = []
        try:
            for path in _chosen(mapping, self.claimed(mapping)):
                for sheet, rows in _sheets(mapping, path):
                    export = read_export(mapping, contract, rows, label(path, sheet), self.key)
                    pieces.append(Piece(path, sheet, export, len(rows)))
                    faults += export.faults
        except InputError as error:
            problem, _, remedy = str(error).partition(". ")
            faults.append(Fault(mapping.file, None, "", None, problem, f"{remedy.rstrip('.')}."))
        if any(not fault.warns for fault in faults):
            return Mapped(mapping, contract, no_rows(contract), faults, ())
        raw = joined(piece.export.cells for piece in pieces)
        typed, found = check_rows(raw, contract, f"{contract.name}.csv")
        older = len(self.claimed(mapping)) - len({piece.path for piece in pieces})
        return Mapped(mapping, contract, typed, faults + found, tuple(pieces), older)

    def claimed(self, mapping: TableMapping) -> list[Path]:
        """The files whose names fit a mapping's patterns, whatever their capitals."""
        return [path for path in self.files if fits(path.name, mapping.files)]

    def unclaimed(self) -> list[Fault]:
        """A warning for each file that no mapping claims."""
        known = {path for mapping in self.mappings.values() for path in self.claimed(mapping)}
        problem = "no mapping claims this file, so it is not read"
        return [
            Fault(f"{FOLDER}/{path.name}", None, "", None, problem, f"{what}, or take the file away.", warns=True)
            for path in self.files
            if path not in known
            for what in [how_to_read(path) or _MAKE_ONE.format(file=path.name)]
        ]


def how_to_read(path: Path) -> str:
    """What makes an export readable that is neither a text nor a workbook; empty where it is one."""
    kind = kind_of(path)
    remedy = "Unpack it" if kind == ".zip" else "Save it as .xlsx or .csv"
    return "" if kind in {*TEXTS, *BOOKS} else remedy


def _chosen(mapping: TableMapping, found: list[Path]) -> list[Path]:
    """The files that are read of those claimed: all, or the newest by the day in its name, else by its last change."""
    if not found:
        patterns = " or ".join(f"'{one_line(pattern)}'" for pattern in mapping.files)
        remedy = f"Put the export into {FOLDER}, or correct files in {mapping.at('files')}"
        raise InputError(f"{patterns} {NO_EXPORT}. {remedy}")
    if mapping.use == "all" or len(found) == 1:
        return found
    days = [_day_in(path.name) for path in found]
    ages: list[Callable[[Path], object]] = [lambda path: _day_in(path.name), lambda path: path.stat().st_mtime]
    for age in ages[0 if all(days) else 1 :]:
        best = max(map(age, found))  # type: ignore[type-var]
        newest = [path for path in found if age(path) == best]
        if len(newest) == 1:
            return newest
    names = ", ".join(one_line(path.name) for path in found)
    raise InputError(
        f"which file is the newest cannot be told: {names}. "
        f'Write the day into their names, keep one, or write use = "all" in {mapping.at("use")}'
    )


def _day_in(name: str) -> dt.date | None:
    """The day or month in a file's name; the first of a month that has no day."""
    for pattern in _DAYS:
        for found in re.finditer(pattern, name.casefold()):
            parts = found.groupdict()
            month = int(parts.get("m") or MONTHS.index(parts["name"]) + 1)
            try:
                return dt.date(int(parts["y"]), month, int(parts.get("d") or 1))
            except ValueError:
                continue
    return None


def _sheets(mapping: TableMapping, path: Path) -> Iterator[tuple[str, Rows]]:
    """The rows of a file, or of each sheet of a workbook that the mapping names."""
    if kind_of(path) in TEXTS:
        try:
            yield "", csv_rows(path, mapping.separator)
        except InputError as error:
            raise InputError(f"{path.name}: {error}") from error
        return
    if how_to_read(path):
        raise InputError(f"{one_line(path.name)} is no file that can be read. {how_to_read(path)}")
    names = sheet_names(path)
    wanted = mapping.sheets or ("*",) * (len(names) == 1)
    found = [name for name in names if fits(name, wanted)]
    if not found:
        asked = f"no sheet {' or '.join(map(one_line, wanted))}" if wanted else "several sheets"
        listed = ", ".join(map(one_line, names))
        raise InputError(f"{path.name} has {asked}. Correct sheet in {mapping.at('sheet')}; sheets are: {listed}")
    for name in found:
        yield name, sheet_rows(path, name, merged_to=mapping.heading_rows[-1])
