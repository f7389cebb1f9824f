"""What a mapping of an export says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True)
class Block:
    """One row that each row of the export gives: a question of an audit, an adviser of a case.

    Attributes:
        columns: Heading by column.
        constants: Text by column.
        keep_empty: Whether it is a row although all its cells are empty.
    """

    columns: Mapping[str, str]
    constants: Mapping[str, str]
    keep_empty: bool


@dataclass(frozen=True)
class TableMapping:
    """How the exports of one table are read.

    Attributes:
        table: The table.
        file: The mapping's own place in the area folder.
        files: Patterns of file names in the inbox.
        use: Which of several files: the newest, or all.
        sheets: Patterns of sheet names; empty for the only one.
        heading_rows: Rows that hold the headings; of several, the cells of a column are joined.
        separator: What stands between the cells of a CSV file.
        never_read: Headings that are known and left alone.
        pseudonyms: Columns that hold a pseudonym in place of the id exported.
        columns: Heading by column.
        constants: Text by column, the same in every row.
        generated: Template by column, of other columns and {row}, {file} and {n}.
        translations: The contract's value by the exported one (folded), by column.
        dates: How days are written, by column, as strptime has it; `all` for the others.
        leave_out: Patterns of cells by heading; rows with such a cell are left out.
        blocks: Rows that one row gives; empty where it gives one.
        lines: Line of each key and section in the mapping.
    """

    table: str
    file: str
    files: tuple[str, ...]
    use: str
    sheets: tuple[str, ...]
    heading_rows: tuple[int, ...]
    separator: str
    never_read: tuple[str, ...]
    pseudonyms: tuple[str, ...]
    columns: Mapping[str, str]
    constants: Mapping[str, str]
    generated: Mapping[str, str]
    translations: Mapping[str, Mapping[str, str]]
    dates: Mapping[str, tuple[str, ...]]
    leave_out: Mapping[str, tuple[str, ...]]
    blocks: tuple[Block, ...]
    lines: Mapping[str, int]

    @property
    def headings(self) -> dict[str, str]:
        """Every heading that is read, with the place in the mapping that names it."""
        named = {heading: f"columns.{column}" for column, heading in self.columns.items()}
        named |= {heading: "rows" for block in self.blocks for heading in block.columns.values()}
        return named | {heading: "leave_out" for heading in self.leave_out if heading not in named}

    def heading_of(self, column: str, block: int = 0) -> str:
        """The heading that a column comes from; the column's own name where it comes from none."""
        here = self.blocks[block].columns if self.blocks else {}
        return here.get(column) or self.columns.get(column) or column

    def at(self, place: str) -> str:
        """A place of the mapping in words, with its line where it has one."""
        line = self.lines.get(place) or self.lines.get(place.partition(".")[0])
        return f"{self.file} line {line}" if line else self.file
