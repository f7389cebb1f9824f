"""A table as read from the inbox, and its faults in the words of the export."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import pandas as pd

from sendanalysis.inputs.contracts import PATTERNS, Contract, Fault
from sendanalysis.inputs.privacy import REMEDY

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from sendanalysis.inputs.exports import Export
    from sendanalysis.inputs.mapping import TableMapping


@dataclass(frozen=True)
class Piece:
    """A file or sheet that a table was read from: its path, its sheet (empty for none), what was read, its last row."""

    path: Path
    sheet: str
    export: Export
    last: int


@dataclass(frozen=True)
class Mapped:
    """A table as read from the inbox.

    Attributes:
        mapping: How it was read.
        contract: Of the table.
        rows: Typed rows, numbered over all files.
        faults: Every fault, in the table's words.
        pieces: Where the rows come from.
        older: How many files the mapping claims and does not read, since it takes the newest.
    """

    mapping: TableMapping
    contract: Contract
    rows: pd.DataFrame
    faults: list[Fault]
    pieces: tuple[Piece, ...]
    older: int = 0

    @cached_property
    def origins(self) -> dict[int, tuple[str, int, int]]:
        """File, row and block of each row."""
        return {
            row: (file, at, block)
            for row, file, at, block in joined(p.export.origins for p in self.pieces).itertuples()
        }

    @cached_property
    def written(self) -> dict[str, dict[int, str]]:
        """Cells as they were exported, by column and row."""
        cells = joined(piece.export.written for piece in self.pieces)
        return {str(name): dict(zip(cells.index, cells[name], strict=True)) for name in cells}

    def in_source_words(self, fault: Fault) -> Fault:
        """A fault with file, sheet, row, heading and value as exported, and what in the mapping to change."""
        if fault.file != f"{self.contract.name}.csv":
            return fault
        if fault.row not in self.origins:
            labels = list(dict.fromkeys(label(piece.path, piece.sheet) for piece in self.pieces))
            place = labels[0] if len(labels) == 1 else self.mapping.file
            return replace(fault, file=place, column=self.mapping.heading_of(fault.column), remedy=self._remedy(fault))
        file, row, block = self.origins[fault.row]
        columns, key = fault.column.split(" + "), self.contract.key[:1]
        exported = [self.written[name][fault.row] for name in columns if name in self.written]
        return replace(
            fault,
            file=file,
            row=row,
            column=" + ".join(self.mapping.heading_of(name, block) for name in columns),
            value=None if fault.value is None or not exported else " + ".join(exported),
            problem=self._reworded(fault.problem, file, block),
            remedy=self._remedy(fault, block),
            record="".join(self.written[name][fault.row] for name in key if name in self.written),
        )

    def seen_from_elsewhere(self, text: str) -> str:
        """The text of another table's fault, with rows of this one as those of the file they came from."""
        at = rf"\b{self.contract.name}\.csv row (\d+)\b"
        return re.sub(
            at, lambda found: self._other_row(int(found[1]), "") if int(found[1]) in self.origins else found[0], text
        )

    def _reworded(self, text: str, here: str, block: int) -> str:
        """Columns as headings, and row numbers as those of the file."""
        names = "|".join(sorted((c.name for c in self.contract.columns if "_" in c.name), key=len, reverse=True))
        text = (
            re.sub(rf"\b({names})\b", lambda found: f"'{self.mapping.heading_of(found[0], block)}'", text)
            if names
            else text
        )
        return re.sub(r"(?<!\.csv )\brow (\d+)\b", lambda found: self._other_row(int(found[1]), here), text)

    def _other_row(self, row: int, here: str) -> str:
        file, number, _ = self.origins.get(row, (here, row, 0))
        return f"row {number}" + ("" if file == here else f" of {file}")

    def _remedy(self, fault: Fault, block: int = 0) -> str:
        column = next((each for each in self.contract.columns if each.name == fault.column), None)
        if column and fault.problem == "is not allowed":
            section = "grades" if f"grades.{column.name}" in self.mapping.lines else "values"
            return f"Add it under [{section}.{column.name}] in {self.mapping.file}, as one of {column.allowed}."
        if column and column.kind == "date" and fault.problem == PATTERNS["date"][1]:
            return f"Add how it is written under [dates] in {self.mapping.at('dates')}."
        if column and fault.remedy == REMEDY:
            return f'Add "{column.name}" to pseudonyms in {self.mapping.at("pseudonyms")}, or read another heading.'
        return self._reworded(fault.remedy, fault.file, block)


def joined(parts: Iterable[pd.DataFrame]) -> pd.DataFrame:
    """Rows of several exports under one another, numbered from 1."""
    listed = list(parts)
    frame = pd.concat(listed, ignore_index=True) if listed else pd.DataFrame()
    frame.index += 1
    return frame


def label(path: Path, sheet: str) -> str:
    """A file and its sheet as faults name them."""
    return f"{path.name} sheet {sheet}" if sheet else path.name
