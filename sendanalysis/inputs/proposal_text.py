"""A proposed mapping as the TOML that is kept, and as the screen that says what it is sure of and what not."""

from __future__ import annotations

import contextlib
import dataclasses
import json
import re
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from sendanalysis.errors import InputError
from sendanalysis.inputs.contracts import CONTRACTS, one_line
from sendanalysis.inputs.declared import read_declared
from sendanalysis.inputs.exports import JOINED, read_export
from sendanalysis.inputs.inbox import FOLDER as INBOX
from sendanalysis.inputs.inbox import MONTHS
from sendanalysis.inputs.likeness import names_people
from sendanalysis.inputs.mapping_reader import FOLDER, read_mapping
from sendanalysis.inputs.proposal import LOOK, SURE, UNKNOWN, Proposal
from sendanalysis.inputs.proposing import propose

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from sendanalysis.inputs.contracts import Contract

_MONTH = "|".join(f"{name}[a-z]*" for name in MONTHS)
MOST = 20  # values of a column that are listed


def map_export(area: Path, table: str, file: Path, sheet: str = "", *, replace: bool = False) -> list[str]:
    """Propose and write the mapping of an export; see `propose` and `write_proposal`.

    Raises:
        InputError: There is no such table, or nothing can be proposed or written.
    """
    listed = (*CONTRACTS, *read_declared(area, tuple(contract.name for contract in CONTRACTS))[0])
    known = {contract.name: contract for contract in listed if contract.folder != "published"}
    if table not in known:
        raise InputError(f"{one_line(table)}: there is no such table. Name one of: {', '.join(known)}.")
    return write_proposal(_as_elsewhere(propose(file, known[table], sheet), area, known), area, replace=replace)


def _as_elsewhere(proposal: Proposal, area: Path, known: Mapping[str, Contract]) -> Proposal:
    """With the ids as pseudonyms that another mapping of the area makes such, and what the others make of its ids."""
    elsewhere: dict[str, str] = {}
    hidden = list(proposal.pseudonyms)
    for path in sorted((area / FOLDER).glob("*.toml")):
        with contextlib.suppress(InputError, KeyError):  # one that is not finished says nothing yet
            other = read_mapping(path, known[path.stem])
            for name in (
                each.column.name for each in proposal.fields if each.heading and other.table != proposal.contract.name
            ):
                if name in other.pseudonyms:
                    hidden += [] if name in hidden else [name]
                    elsewhere[name] = f"as in {other.file}"
                elif name in other.columns and name in hidden:
                    elsewhere[name] = f"but not in {other.file}: let it be one in both, or in neither"
    return dataclasses.replace(proposal, pseudonyms=tuple(hidden), elsewhere=elsewhere)


def write_proposal(proposal: Proposal, area: Path, *, replace: bool = False) -> list[str]:
    """Write a proposed mapping into an area folder.

    Args:
        proposal: What to write.
        area: The area folder.
        replace: Whether a mapping that stands there may be replaced.

    Returns:
        The lines that tell what was proposed.

    Raises:
        InputError: The table has a mapping already.
    """
    target = area / FOLDER / f"{proposal.contract.name}.toml"
    if target.exists() and not replace:
        raise InputError(f"{FOLDER}/{target.name} exists. Change it by hand, or write it anew with --replace.")
    text = "\n".join(_toml(proposal)) + "\n"
    with tempfile.TemporaryDirectory() as folder:
        draft = Path(folder) / target.name
        draft.write_text(text, encoding="utf-8")
        try:
            preview = list(_preview(proposal, draft))
        except InputError as error:
            preview = [f"No rows can be shown yet: {error}"]
    target.parent.mkdir(exist_ok=True)
    target.write_text(text, encoding="utf-8", newline="\n")
    return [*_told(proposal), "", *preview, "", *_next(proposal, area, text)]


def file_pattern(name: str) -> str:
    """The pattern of a file's name, whatever its month.

    >>> file_pattern("Requests 2022-03.xlsx"), file_pattern("QA tool Jan-Jun 2021.xlsx"), file_pattern("Sent.csv")
    ('Requests *.xlsx', 'QA tool *.xlsx', 'Sent.csv')
    """
    stem, dot, ending = name.rpartition(".")
    stem = re.sub(rf"\d+|(?<![a-z])({_MONTH})(?![a-z])", "*", stem.replace("[", "?"), flags=re.IGNORECASE)
    return re.sub(r"\*([\s_.-]*\*)+", "*", stem) + dot + ending


def _toml(proposal: Proposal) -> Iterator[str]:
    yield from _file(proposal)
    yield "\n[columns]"
    for each in proposal.fields:
        if each.heading in proposal.headings:
            look = "" if each.sure else "  # look at"
            yield f"{each.column.name} = {_quoted(each.heading)}{look}"
        elif each.state == UNKNOWN:
            yield f'# {each.column.name} = "?"  # {each.column.meaning}'
    yield from _section(
        "constants", {f.column.name: "" for f in proposal.fields if not f.heading and f.column.blank}, "look at"
    )
    yield from _section("generated", proposal.generated, "look at: no id is exported")
    yield from _values(proposal)
    yield from _section("dates", {f.column.name: list(f.dates) for f in proposal.fields if f.dates})
    yield from _grades(proposal)
    yield from _section("leave_out", {_quoted(name): texts for name, texts in proposal.leave_out.items()})
    for constants, columns in proposal.blocks:
        yield from ("\n[[rows]]", f"constants = {_inline(constants)}", f"columns = {_inline(columns)}")
        if proposal.keep_empty:
            yield "keep_empty = true"
    for heading in proposal.unplaced:
        yield f'\n# [[rows]]  # "?": what {_quoted(heading)} is'


def _file(proposal: Proposal) -> Iterator[str]:
    name = proposal.path.name
    yield f"# Proposed from {one_line(name)}. Look at the lines that end in a remark."
    fitting = sum(Path(other).match(file_pattern(name)) for other in proposal.path.parent.iterdir())
    several = f'  # look at: {fitting} files there fit; "all" if together they are the table' if fitting > 1 else ""
    yield f"files = {_quoted(file_pattern(name))}"
    yield f'use = "newest"{several}'
    if proposal.sheet:
        yield f"sheet = {_quoted(proposal.sheet)}"
    rows = proposal.heading_rows
    yield f"heading_row = {list(rows) if len(rows) > 1 else rows[0]}"
    if proposal.separator != "comma":
        yield f'separator = "{proposal.separator}"'
    for key in ("never_read", "pseudonyms"):
        if getattr(proposal, key):
            yield f"{key} = {_quoted(getattr(proposal, key))}"


def _values(proposal: Proposal) -> Iterator[str]:
    for each in proposal.fields:
        meant = each.meanings
        if meant.translated or meant.unknown:
            yield f"\n[values.{each.column.name}]"
        for theirs, ours in meant.translated.items():
            yield f"{_quoted(theirs)} = {_quoted(ours)}" + ("  # look at" if theirs in meant.likely else "")
        for theirs, rows_n in list(meant.unknown.items())[:MOST]:
            yield f'# {_quoted(theirs)} = "?"  # {rows_n} rows'


def _grades(proposal: Proposal) -> Iterator[str]:
    if proposal.grades:
        answer = next(name for _, columns in proposal.blocks for name in columns)
        yield f"\n[grades.{answer}]"
        yield f"scale = {_quoted([*proposal.grades['unmet'], *proposal.grades['met']])}"
        yield f"met = {_quoted(proposal.grades['met'])}  # look at: which grades count as met"
        if proposal.grades["beside"]:
            yield f"not_applicable = {_quoted(proposal.grades['beside'])}"


def _section(name: str, given: Mapping[str, object], remark: str = "") -> Iterator[str]:
    if given:
        yield f"\n[{name}]"
    for key, value in given.items():
        yield f"{key} = {_quoted(value)}" + (f"  # {remark}" if remark else "")


def _inline(given: Mapping[str, str]) -> str:
    return "{ " + ", ".join(f"{key} = {_quoted(value)}" for key, value in given.items()) + " }"


def _quoted(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)


def _told(proposal: Proposal) -> Iterator[str]:
    sheet = f", sheet {one_line(proposal.sheet)}" if proposal.sheet else ""
    rows = " and ".join(map(str, proposal.heading_rows))
    yield f"{one_line(proposal.path.name)}{sheet}: headings in row {rows}, {proposal.rows_n:,} rows"
    wide = max(len(each.column.name) for each in proposal.fields)
    for each in proposal.fields:
        notes = [("…" if each.heading.startswith(JOINED) else "") + one_line(each.heading)]
        notes = notes if each.heading else ["no heading" + ("; nothing in every row" if each.column.blank else "")]
        hidden = [f"as pseudonyms, {proposal.elsewhere.get(each.column.name, '')}".rstrip(", ")]
        notes += hidden if each.column.name in proposal.pseudonyms else []
        notes += [", ".join(each.dates)] if each.dates else []
        notes += [f"{len(each.meanings.translated)} values"] if each.meanings.translated else []
        yield f"{each.state:<8} {each.column.name:<{wide}}  {'; '.join(notes)}"
    for each in proposal.fields:
        for value, number in list(each.meanings.unknown.items())[:MOST]:
            yield f"{UNKNOWN:<8} {each.column.name:<{wide}}  '{one_line(value)}' in {number} rows means nothing known"
    for heading in proposal.unplaced:
        yield f"{UNKNOWN:<8} {'[[rows]]':<{wide}}  {one_line(heading)}"
    if proposal.grades:
        yield f"{LOOK:<8} {'[grades]':<{wide}}  met: {', '.join(proposal.grades['met'])}"
    for heading, patterns in proposal.leave_out.items():
        yield f"{SURE:<8} {'[leave_out]':<{wide}}  {one_line(heading)} is {' or '.join(patterns)}"
    yield f"Never read: {', '.join(map(one_line, proposal.never_read)) or 'none'}"


def _preview(proposal: Proposal, draft: Path) -> Iterator[str]:
    """The first rows as they would be read, without a cell that could name a person."""
    mapping = read_mapping(draft, proposal.contract)
    cells = read_export(mapping, proposal.contract, proposal.rows, proposal.path.name, None).cells
    for column in proposal.contract.columns:
        if column.name in proposal.pseudonyms or "{" in mapping.generated.get(column.name, ""):
            cells[column.name] = "(pseudonym)" if column.name in proposal.pseudonyms else "(made)"
        elif column.name.endswith("_id") and column.name in cells and names_people(cells[column.name].unique()):
            cells[column.name] = "(not shown)"
    yield f"The first of {len(cells):,} rows as they would be read:"
    names = [column.name for column in proposal.contract.columns if column.name in cells]
    shown = [names, *cells[names].head(3).to_numpy().tolist()]
    widths = [max(len(one_line(row[at])) for row in shown) for at in range(len(names))]
    for row in shown:
        yield "  ".join(f"{one_line(cell):<{width}}" for cell, width in zip(row, widths, strict=True)).rstrip()


def _next(proposal: Proposal, area: Path, text: str) -> Iterator[str]:
    todo = "Fill in what has a ?, and look at the rest." if '"?"' in text else "Look at it once."
    yield f"Written: {FOLDER}/{proposal.contract.name}.toml. {todo}"
    inbox = (area / INBOX).resolve()
    put = "" if proposal.path.resolve().is_relative_to(inbox) else f"put the file into {INBOX}/, then "
    yield f"Next: {put}sendanalysis check {area.as_posix()}"
