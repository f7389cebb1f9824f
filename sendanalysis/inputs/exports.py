"""Rows of an export as its mapping has them: text under the table's columns, each with the place it came from."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from sendanalysis.inputs.contracts import Fault, one_line
from sendanalysis.inputs.mapping import Block
from sendanalysis.inputs.writing import days_of, fits, folded

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sendanalysis.inputs.contracts import Contract
    from sendanalysis.inputs.mapping import TableMapping
    from sendanalysis.inputs.pseudonyms import Key

Rows = list[list[str]]
JOINED = " / "
LOOKED_AT = 30  # rows in which headings that have moved are looked for
_SHOWN = 4


@dataclass(frozen=True)
class Export:
    """A sheet or file as read by a mapping.

    Attributes:
        cells: Text under the table's columns.
        written: The same cells as they were exported.
        origins: File, row and block of each row.
        rows: Rows of the export that were read.
        left_out: Rows of the export that were left out, those without any cell apart.
        faults: What is wrong with the export as a whole.
    """

    cells: pd.DataFrame
    written: pd.DataFrame
    origins: pd.DataFrame
    rows: int = 0
    left_out: int = 0
    faults: tuple[Fault, ...] = ()


def headings_in(rows: Rows, heading_rows: Sequence[int]) -> list[str]:
    """The headings of an export; those in several rows are joined, and a second of the same name is numbered.

    >>> headings_in([["", "Health", "", "Notes"], ["Case", "Sent", "Back", ""]], (1, 2))
    ['Case', 'Health / Sent', 'Health / Back', 'Notes']
    >>> headings_in([["Date", "Date"]], (1,))
    ['Date', 'Date (2)']
    """
    lines = [[" ".join(cell.split()) for cell in rows[number - 1]] for number in heading_rows if number <= len(rows)]
    width = max(map(len, lines), default=0)
    lines = [line + [""] * (width - len(line)) for line in lines]
    for line in lines[:-1]:
        for place in range(1, width):
            line[place] = line[place] or line[place - 1]  # a merged heading stands in its first cell alone
    names: list[str] = []
    for parts in zip(*lines, strict=True):
        lowest = parts[-1] or (parts[0] if len(parts) > 1 else "")
        name = JOINED.join(dict.fromkeys(filter(None, (*parts[:-1], lowest))))
        again = sum(other == name or other.startswith(f"{name} (") for other in names)
        names.append(f"{name} ({again + 1})" if name and again else name)
    return names


def read_export(mapping: TableMapping, contract: Contract, rows: Rows, file: str, key: Key | None) -> Export:
    """Read the rows of a sheet or file.

    Args:
        mapping: How it is read.
        contract: Of the table.
        rows: Its cells, from the first row on.
        file: File and sheet as faults name them.
        key: Of pseudonyms, where the mapping has some.
    """
    headings = headings_in(rows, mapping.heading_rows)
    places = {folded(name): place for place, name in reversed(list(enumerate(headings))) if name}
    faults = [*_gone(mapping, rows, headings, file), *_unread(mapping, headings, file)]
    if any(not fault.warns for fault in faults):
        return Export(pd.DataFrame(), pd.DataFrame(), pd.DataFrame(), faults=tuple(faults))
    start = mapping.heading_rows[-1]
    body = {number: row for number, row in enumerate(rows[start:], start + 1) if any(cell.strip() for cell in row)}
    faults += _too_wide(body, len(headings), file)
    read = pd.DataFrame(
        {
            heading: [row[place].strip() if place < len(row) else "" for row in body.values()]
            for heading in mapping.headings
            for place in [places[folded(heading)]]
        },
        index=list(body),
        dtype="str",
    )
    kept = read[~_left_out(read, mapping)]
    written, origins = _as_rows(kept, mapping, file)
    cells = _translated(written, mapping, contract)
    for name in mapping.pseudonyms:
        ids = pd.Series(cells[name].unique())
        hidden = ids.map(key.pseudonym) if key else ids
        faults += _alike(hidden, mapping.heading_of(name), file)
        cells[name] = written[name] = cells[name].map(dict(zip(ids, hidden, strict=True)))
    for name, template in mapping.generated.items():
        cells[name] = written[name] = _generated(template, cells, origins)
    return Export(cells, written, origins, len(kept), len(read) - len(kept), tuple(faults))


def _gone(mapping: TableMapping, rows: Rows, headings: list[str], file: str) -> list[Fault]:
    """A fault for each heading that the mapping reads and the export has not, or one when they stand in another row."""
    found = {folded(name): name for name in headings}
    gone = {heading: place for heading, place in mapping.headings.items() if folded(heading) not in found}
    row = mapping.heading_rows[-1]
    for shift in range(1 - mapping.heading_rows[0], LOOKED_AT if len(gone) > len(mapping.headings) / 2 else 0):
        moved = {folded(name) for name in headings_in(rows, [number + shift for number in mapping.heading_rows])}
        if shift and all(folded(heading) in moved for heading in mapping.headings):
            problem = f"holds no headings; they stand in row {row + shift}"
            return [Fault(file, row, "", None, problem, f"Correct heading_row in {mapping.at('heading_row')}.")]
    faults = []
    free = set(found) - {*map(folded, mapping.headings)}
    for heading, place in gone.items():
        near = difflib.get_close_matches(folded(heading), free, 1)
        instead = f" to '{one_line(found[near[0]])}'" if near else ""
        remedy = f"Change it{instead} in {mapping.at(place)}, or export the column again."
        faults.append(Fault(file, row, heading, None, "the heading is gone", remedy))
    return faults


def _unread(mapping: TableMapping, headings: list[str], file: str) -> list[Fault]:
    known = {*map(folded, mapping.headings), *map(folded, mapping.never_read), ""}
    new = [name for name in headings if folded(name) not in known]
    if not new:
        return []
    shown = ", ".join(map(one_line, new[:_SHOWN])) + (f" and {len(new) - _SHOWN} more" if len(new) > _SHOWN else "")
    remedy = f"Add what is not needed to never_read in {mapping.at('never_read')}, and the rest to its [columns]."
    return [Fault(file, mapping.heading_rows[-1], "", None, f"headings that are not read: {shown}", remedy, warns=True)]


def _too_wide(body: dict[int, list[str]], width: int, file: str) -> list[Fault]:
    wide = next((number for number, row in body.items() if any(row[width:])), None)
    remedy = "Put texts that hold a comma in quotes, or correct separator in the mapping."
    return [Fault(file, wide, "", None, "has more cells than the heading row", remedy)] if wide else []


def _left_out(read: pd.DataFrame, mapping: TableMapping) -> pd.Series[bool]:
    out = (read == "").all(axis=1)
    for heading, patterns in mapping.leave_out.items():
        out |= read[heading].map(lambda cell, these=patterns: fits(cell, these)).astype(bool)
    return out


def _as_rows(kept: pd.DataFrame, mapping: TableMapping, file: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The rows that each row of the export gives, in its order, and where they came from."""
    parts, origins = [], []
    for number, block in enumerate(mapping.blocks or (Block({}, {}, keep_empty=True),)):
        part = pd.DataFrame({name: kept[heading] for name, heading in {**mapping.columns, **block.columns}.items()})
        part = part if block.keep_empty else part[(part[list(block.columns)] != "").any(axis=1)]
        parts.append(part.assign(**mapping.constants, **block.constants))
        origins.append(pd.DataFrame({"file": file, "row": part.index, "block": number}))
    written, where = pd.concat(parts, ignore_index=True), pd.concat(origins, ignore_index=True)
    order = where.sort_values(["row", "block"], kind="stable").index
    where = where.loc[order].reset_index(drop=True)
    return written.loc[order].reset_index(drop=True).astype("str"), where


def _translated(written: pd.DataFrame, mapping: TableMapping, contract: Contract) -> pd.DataFrame:
    """Cells with the table's values and days in place of the exported ones; those that have none stay as they are."""
    cells = written.copy()
    for name, values in mapping.translations.items():
        if name in cells:
            cells[name] = cells[name].map({cell: values.get(folded(cell), cell) for cell in cells[name].unique()})
    for column in contract.columns:
        if column.kind == "date" and column.name in cells:
            formats = mapping.dates.get(column.name, mapping.dates.get("all", ()))
            cells[column.name] = days_of(cells[column.name], formats)
    return cells


def _alike(hidden: pd.Series[str], heading: str, file: str) -> Iterator[Fault]:
    twice = int(hidden.duplicated(keep=False).sum())
    if twice:
        problem = f"{twice} ids differ in capitals, spaces, zeros in front or the like alone, and are read as the same"
        yield Fault(file, None, heading, None, problem, "Write each id in one way if they are not.", warns=True)


def _generated(template: str, cells: pd.DataFrame, origins: pd.DataFrame) -> list[str]:
    stems = origins["file"].str.partition(" sheet ")[0].str.rpartition(".")[0]
    counted = origins.groupby(["file", "row"]).cumcount() + 1
    named = cells.assign(row=origins["row"], file=stems, n=counted)
    return [template.format_map({str(name): cell for name, cell in row.items()}) for row in named.to_dict("records")]
