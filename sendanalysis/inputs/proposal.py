"""What a proposed mapping holds, and how sure each part of it is."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sendanalysis.inputs.likeness import Meanings

if TYPE_CHECKING:
    from pathlib import Path

    from sendanalysis.inputs.contracts import Column, Contract
    from sendanalysis.inputs.exports import Rows

SURE, LOOK, UNKNOWN = "sure", "look at", "?"


@dataclass(frozen=True)
class Field:
    """A column of the table as proposed.

    Attributes:
        column: The column.
        heading: What it is read from; of a group of headings the part that they share; empty where nothing was found.
        sure: Whether the heading is the column's beyond doubt.
        meanings: What its values mean.
        dates: How its days are written.
        in_rows: Whether each row of the export gives several of it.
    """

    column: Column
    heading: str = ""
    sure: bool = False
    meanings: Meanings = field(default_factory=lambda: Meanings({}, frozenset(), {}))
    dates: tuple[str, ...] = ()
    in_rows: bool = False

    @property
    def state(self) -> str:
        """How sure the proposal is of it."""
        if not self.heading and not self.column.blank:
            return UNKNOWN
        return SURE if self.sure and not self.meanings.likely and not self.meanings.unknown else LOOK


@dataclass(frozen=True)
class Proposal:
    """A mapping as proposed; its parts are those of a mapping.

    Beside them: the parts of headings that mean nothing known, the rows and the headings of the export, and what other
    mappings make of its columns.
    """

    path: Path
    contract: Contract
    sheet: str
    rows: Rows
    separator: str
    heading_rows: tuple[int, ...]
    fields: tuple[Field, ...]
    leave_out: dict[str, list[str]]
    rows_n: int
    headings: tuple[str, ...]
    never_read: tuple[str, ...] = ()
    pseudonyms: tuple[str, ...] = ()
    generated: dict[str, str] = field(default_factory=dict)
    blocks: tuple[tuple[dict[str, str], dict[str, str]], ...] = ()
    unplaced: tuple[str, ...] = ()
    grades: dict[str, list[str]] = field(default_factory=dict)
    keep_empty: bool = False
    elsewhere: dict[str, str] = field(default_factory=dict)
