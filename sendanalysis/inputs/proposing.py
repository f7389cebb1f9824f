"""A mapping proposed from an export: what its headings and values are most like, and what is not known."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

import pandas as pd

from sendanalysis.errors import InputError
from sendanalysis.inputs.cells import all_sheets
from sendanalysis.inputs.contracts import Column, Contract, one_line
from sendanalysis.inputs.csv_cells import csv_rows
from sendanalysis.inputs.exports import JOINED, LOOKED_AT, Rows, headings_in
from sendanalysis.inputs.inbox import how_to_read
from sendanalysis.inputs.likeness import (
    CERTAIN,
    LEFT_OUT,
    LIKELY,
    Meanings,
    fit,
    formats_of,
    grades_of,
    is_private,
    known_words,
    likeness,
    likeness_to,
    meanings_of,
)
from sendanalysis.inputs.mapping_reader import SEPARATORS
from sendanalysis.inputs.proposal import Field, Proposal
from sendanalysis.inputs.reading import BOOKS, kind_of
from sendanalysis.inputs.writing import fits, folded

if TYPE_CHECKING:
    from pathlib import Path

Cells = dict[str, "pd.Series[str]"]
ACCEPTED = 0.28
_QUESTION = re.compile(r"[A-Z]{1,2}\d+[a-z]?\b")


def propose(path: Path, contract: Contract, sheet: str = "") -> Proposal:
    """Propose a mapping.

    Args:
        path: An export, .xlsx or .csv.
        contract: Of the table that it is to become.
        sheet: Sheet of the workbook; the one whose headings are most like the table's unless given.

    Raises:
        InputError: It cannot be read, has no such sheet, or holds no rows.
    """
    sheets, separator = _sheets(path)
    if sheet and sheet not in sheets:
        raise InputError(f"{path.name} has no sheet {sheet}. Sheets are: {', '.join(map(one_line, sheets))}.")
    found = {name: _heading_row(rows, contract) for name, rows in sheets.items() if not sheet or name == sheet}
    name = max(found, key=lambda each: found[each][1])
    rows, heading_rows = sheets[name], found[name][0]
    headings = headings_in(rows, heading_rows)
    body = [row for row in rows[heading_rows[-1] :] if any(cell.strip() for cell in row)]
    if not body:
        raise InputError(f"{path.name} has no rows under its headings. Export it again, with the rows of the month.")
    cells = {
        heading: pd.Series([row[at].strip() if at < len(row) else "" for row in body], dtype="str")
        for at, heading in enumerate(headings)
        if heading
    }
    groups = _groups(cells)
    placed = _assigned(contract, _pooled(cells, groups))
    leave_out = _left_out(contract, placed, cells)
    kept = pd.Series(data=True, index=range(len(body)))
    for heading, patterns in leave_out.items():
        kept &= ~cells[heading].map(lambda cell, these=patterns: fits(cell, these)).astype(bool)
    cells = {heading: values[kept] for heading, values in cells.items()}
    pooled = _pooled(cells, groups)
    fields = tuple(_field(column, *placed.get(column.name, ("", 0.0, 0.0)), pooled) for column in contract.columns)
    draft = Proposal(
        path=path,
        contract=contract,
        sheet=name,
        rows=rows,
        separator=separator,
        heading_rows=heading_rows,
        fields=fields,
        leave_out=leave_out,
        rows_n=int(kept.sum()),
        headings=tuple(cells),
    )
    draft = _with_groups(draft, groups) if groups else _with_questions(draft, cells)
    return _completed(draft, cells)


def _sheets(path: Path) -> tuple[dict[str, Rows], str]:
    """The rows of a file by sheet, and what separates its cells."""
    if not path.is_file():
        raise InputError(f"{path}: there is no such file. Name the export as it was saved.")
    if kind_of(path) in BOOKS:
        sheets = {name: sheet.rows for name, sheet in all_sheets(path).items()}
        if not sheets:
            raise InputError(f"{path.name} holds no cells. Export it again.")
        return sheets, "comma"
    if how_to_read(path):
        raise InputError(f"{path.name} is no file that can be read. {how_to_read(path)}.")
    read = {}
    for name, sign in SEPARATORS.items():
        try:
            read[name] = csv_rows(path, sign)
        except InputError as error:
            problem = error
    if not read:
        raise InputError(f"{path.name}: {problem}.")
    best = max(read, key=lambda name: sum(map(len, read[name][:LOOKED_AT])))
    return {"": read[best]}, best


def _heading_row(rows: Rows, contract: Contract) -> tuple[tuple[int, ...], tuple[float, int]]:
    """The row whose cells are most like the columns, with the one over it where its names occur again and again."""
    degrees = {}
    for number, row in enumerate(rows[:LOOKED_AT], 1):
        names = [name for name in headings_in(rows, (number,)) if name]
        likely = [max((likeness_to(name, column) for name in names), default=0) for column in contract.columns]
        degrees[number] = (sum(degree for degree in likely if degree >= LIKELY), sum(map(bool, row)))
    best = max(degrees, key=lambda number: degrees[number])
    names = [folded(cell) for cell in rows[best - 1] if cell]
    over = [cell for cell in rows[best - 2] if cell] if best > 1 else []
    return ((best - 1, best) if len(over) > 1 and len(set(names)) < len(names) else (best,)), degrees[best]


def _groups(cells: Cells) -> dict[str, dict[str, str]]:
    """Headings by what stands over them and their own name, where several groups have the same names."""
    groups: dict[str, dict[str, str]] = {}
    for heading in cells:
        over, joined, name = heading.rpartition(JOINED)
        if joined:
            groups.setdefault(over, {})[f"{JOINED}{name}"] = heading
    names = [name for each in groups.values() for name in each]
    return {over: each for over, each in groups.items() if any(names.count(name) > 1 for name in each)}


def _pooled(cells: Cells, groups: dict[str, dict[str, str]]) -> Cells:
    """Cells by heading; those of a group's headings under the part that the groups share."""
    grouped = {heading for parts in groups.values() for heading in parts.values()}
    pooled = {heading: values for heading, values in cells.items() if heading not in grouped}
    for part in dict.fromkeys(part for parts in groups.values() for part in parts):
        pooled[part] = pd.concat([cells[parts[part]] for parts in groups.values() if part in parts], ignore_index=True)
    return pooled


def _assigned(contract: Contract, cells: Cells) -> dict[str, tuple[str, float, float]]:
    """Heading, likeness and fit by column, the likeliest pair first."""
    pairs = []
    for column in contract.columns:
        hidden = _is_hidden(column)
        for heading, values in cells.items():
            words = likeness_to(heading, column)
            if words < 0.5 or (is_private(heading) and not (hidden and words == 1)):
                continue
            fits = fit(values, column, is_key=contract.key == (column.name,))
            pairs.append(
                (words * fits * (0.3 if is_private(heading) and fits == 1 else 1), column.name, heading, words, fits)
            )
    found: dict[str, tuple[str, float, float]] = {}
    for degree, name, heading, words, fits in sorted(pairs, key=lambda pair: -pair[0]):
        if degree >= ACCEPTED and name not in found and heading not in {taken for taken, *_ in found.values()}:
            found[name] = heading, words, fits
    return found


def _field(column: Column, heading: str, words: float, fits: float, cells: Cells) -> Field:
    if not heading:
        return Field(column)
    values = cells[heading]
    dates, _, turned = formats_of(values) if column.kind == "date" else ((), 0, False)
    sure = words >= CERTAIN and fits >= 0.9 and not turned
    in_rows = heading.startswith(JOINED)
    return Field(column, heading, sure, meanings_of(values, column), dates, in_rows)


def _left_out(contract: Contract, placed: dict[str, tuple[str, float, float]], cells: Cells) -> dict[str, list[str]]:
    """Totals, footers and test records, looked for where ids stand, so that no word of a note takes a row away."""
    ids = [column.name for column in contract.columns if column.kind == "text" and column.name.endswith("_id")]
    headings = [placed[name][0] for name in (*ids, *contract.key) if name in placed and placed[name][0] in cells]
    found: dict[str, list[str]] = {}
    for heading in dict.fromkeys(headings[:2]):
        first = cells[heading].unique()
        patterns = [each for each in known_words()[LEFT_OUT, ""] if any(fits(cell, [each]) for cell in first)]
        if patterns:
            found[heading] = patterns
    return found


def _with_groups(draft: Proposal, groups: dict[str, dict[str, str]]) -> Proposal:
    """A row for each group of headings, named by a choice that is not found elsewhere."""
    inner = {each.column.name: each.heading for each in draft.fields if each.in_rows}
    free = [each.column for each in draft.fields if each.column.kind == "choice" and not each.heading]
    over = pd.Series(list(groups), dtype="str")
    named = {column: {**{v: v.casefold() for v in over}, **meanings_of(over, column).translated} for column in free}
    label = max(free, key=lambda column: sum(v in column.one_of for v in named[column].values()), default=None)
    if label is None or not inner:
        return replace(draft, unplaced=tuple(groups))
    blocks, unplaced = [], []
    for group, parts in groups.items():
        value = named[label][group]
        if value not in label.one_of:
            unplaced.append(group)
            continue
        gone = {name: "" for name, part in inner.items() if part not in parts}
        blocks.append(
            ({label.name: value, **gone}, {name: parts[part] for name, part in inner.items() if part in parts})
        )
    fields = [
        replace(each, heading=f"{len(blocks)} groups of headings", sure=True) if each.column is label else each
        for each in draft.fields
    ]
    return replace(draft, fields=tuple(fields), blocks=tuple(blocks), unplaced=tuple(unplaced))


def _with_questions(draft: Proposal, cells: Cells) -> Proposal:
    """A row for each heading that holds answers, where the table has one row an answer."""
    labels = [each.column for each in draft.fields if each.column.name in draft.contract.key[1:] and not each.heading]
    answers = [each.column for each in draft.fields if each.column.kind == "choice" and not each.heading]
    answer = next((column for column in answers if column not in labels), None)
    taken = {each.heading for each in draft.fields}
    asked: list[str] = []
    grades: dict[str, list[str]] = {}
    for heading, values in cells.items():
        filled = values[values != ""]
        if answer and labels and heading not in taken and len(filled) and not is_private(heading):
            graded = grades_of(filled)
            if graded or fit(filled, answer, is_key=False) >= 0.9:
                asked.append(heading)
                grades = {
                    kind: [*dict.fromkeys(grades.get(kind, []) + listed)] for kind, listed in graded.items()
                } or grades
    if answer is None or len(asked) < 3:
        return draft
    blocks, unplaced = [], []
    for heading in asked:
        code = _QUESTION.match(heading)
        named = {column.name: _label(column, code[0] if code else heading) for column in labels}
        if all(named.values()):
            blocks.append((named, {answer.name: heading}))
        else:
            unplaced.append(heading)
    pooled = pd.concat([cells[heading] for heading in asked])
    meant = Meanings({}, frozenset(), {}) if grades else meanings_of(pooled, answer)
    said = f"{len(blocks)} headings"
    fields = [
        replace(
            each,
            heading=said,
            sure=not grades,
            meanings=meant if each.column is answer else each.meanings,
            in_rows=True,
        )
        if each.column is answer or each.column in labels
        else each
        for each in draft.fields
    ]
    return replace(
        draft, fields=tuple(fields), blocks=tuple(blocks), unplaced=tuple(unplaced), grades=grades, keep_empty=True
    )


def _label(column: Column, code: str) -> str:
    """What a label column says of a question: its code, or the value with which that begins."""
    if column.kind != "choice":
        return folded(code).replace(" ", "_") if not _QUESTION.match(code) else code
    starts = [value for value in column.one_of if folded(code).startswith(value.casefold())]
    words = [value for value in column.one_of if len(value) > 2 and likeness(code, value) >= LIKELY]
    return max(starts if _QUESTION.match(code) else words, key=len, default="")


def _completed(draft: Proposal, cells: Cells) -> Proposal:
    """With ids made where none is exported, pseudonyms, and everything else never to be read."""
    plain = {each.column.name: each.heading for each in draft.fields if each.heading in cells}
    read = {*plain.values(), *(heading for _, columns in draft.blocks for heading in columns.values())}
    pseudonyms = tuple(name for name in plain if _is_hidden(next(c for c in draft.contract.columns if c.name == name)))
    generated = {}
    key = next((each for each in draft.fields if draft.contract.key == (each.column.name,)), None)
    if key and not key.heading:
        parts = [
            each.column.name for each in draft.fields if not each.column.blank and each.heading and each is not key
        ]
        alone = [cells[plain[name]] for name in parts if name in plain]
        twice = not alone or bool(pd.concat(alone, axis=1).duplicated().any())
        generated = {key.column.name: "-".join(f"{{{name}}}" for name in [*parts, *["row"] * twice])}
    fields = [replace(each, heading="made") if each.column.name in generated else each for each in draft.fields]
    never = tuple(heading for heading in cells if heading not in read and not heading.startswith(draft.unplaced))
    return replace(draft, fields=tuple(fields), pseudonyms=pseudonyms, generated=generated, never_read=never)


def _is_hidden(column: Column) -> bool:
    """Whether a column holds ids of people, or of what could find them."""
    return column.kind == "text" and column.name.endswith("_id") and "pseudonym" in column.meaning
