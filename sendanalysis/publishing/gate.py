"""The gate: every byte of what is to be published is scanned for what names a person and for the run's own records."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd

from sendanalysis.display.columns import label
from sendanalysis.errors import InputError
from sendanalysis.inputs.folder import INTERNAL
from sendanalysis.inputs.identifiers import birth_dates_in, identifiers_in, numbers_in
from sendanalysis.inputs.privacy import DAY, is_name
from sendanalysis.publishing.legible import Legible, words_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from sendanalysis.inputs.contracts import Contract
    from sendanalysis.release import Release

PACKAGE = Path(__file__).parents[1]
FEW = 5  # rows that a value of a column that briefings print must have, below which it is scanned for
BORN = {"birth", "birthdate", "birthday", "born", "dob"}
PICTURES = "pictures or files whose text cannot be read"
ROWS = "tables of rows, under headings of ids"
LINES = 12  # of findings on one screen
PIECE, WHOLE = 8, 15  # words that are looked for together; a text of as many is looked for in such pieces


@dataclass(frozen=True)
class Finding:
    """What was found in a file: its kind, and how many different values; never the values."""

    file: str
    kind: str
    n: int

    def __str__(self) -> str:
        return f"{self.file}: {self.kind}, {self.n}"


def refuse_findings(files: Iterable[tuple[str, bytes]], release: Release, audience: str) -> list[str]:
    """Refuse a publication that holds what names a person or stands in the records it was made from.

    Args:
        files: Name and bytes of everything that is to be published.
        release: Its release, whose `area.toml` may waive findings.
        audience: Who is to read it.

    Returns:
        A warning for each waiver of something that is not there any more.

    Raises:
        InputError: Something was found that is not waived; the message says what, where and how many, and no value.
    """
    held = dict(files)
    waived = {waiver["finding"] for waiver in release.settings.waivers}
    found = [str(finding) for finding in findings(held.items(), release, audience)]
    refused = [line for line in found if line not in waived]
    if refused:
        more = f"\n  … and {len(refused) - LINES} more" if len(refused) > LINES else ""
        lines = "".join(f"\n  {line}" for line in refused[:LINES]) + more
        raise InputError(
            f"what was to be published holds what may name a person, so nothing was published:{lines}\n"
            "Take it out of the notebook, the plan's texts or the extract. If it may be published, say so in area.toml "
            'under [[disclosure.waivers]]: finding = "the line above", reason and role.'
        )
    return [
        f"area.toml, disclosure.waivers: '{line}' is not found in what was published for {audience}. Take the waiver "
        "out, unless it is for another audience."
        for line in sorted(waived - {*found})
        if line.rpartition(": ")[0] in held
    ]


def files_in(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Name and bytes of every file in a folder."""
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            yield path.relative_to(folder).as_posix(), path.read_bytes()


def findings(files: Iterable[tuple[str, bytes]], release: Release, audience: str) -> list[Finding]:
    """What names a person in files, and values of the run's own records.

    For every audience: identifiers by form and check digit, values of the extracts' columns of ids, tables with a
    heading of such a column, and the folders of whoever runs it. For others than the internal one: values of their
    other columns of text too, those of columns that briefings print in fewer than five rows, and pictures. A value is
    scanned for where it marks a record: letters with digits from four signs, six digits, five letters (of an id:
    three), names; a long text in pieces of eight words. What the plan, the area's settings or published tables say by
    themselves is none, and neither is a word of the package.

    Args:
        files: Name and bytes of each.
        release: Whose records are scanned for.
        audience: Who is to read them.
    """
    marks, _ = marks_of(release.source_tables, release.contracts, internal=audience == INTERNAL)
    by_word, headings = _by_word(marks), _id_headings(release.contracts)
    texts = {name: Legible(name, data) for name, data in files}
    suspicious = bool(identifiers_in("\n".join(set().union(*(text.pieces for text in texts.values())))))
    found: dict[tuple[str, str], set[str]] = {}
    for name, text in texts.items():
        kinds = identifiers_in("\n".join(text.pieces)) if suspicious else {}
        kinds = {kind: {"".join(words_of(value)) for value in values} for kind, values in kinds.items()}
        for kind, values in numbers_in(text.tokens).items():
            kinds[kind] = kinds.get(kind, set()) | {value for value in values if text.has(value, kind)}
        kinds["dates of birth"] = birth_dates_in(f"{text.plain}\n{text.raw}") if text.tokens & BORN else set()
        kinds[ROWS] = text.headings & headings
        kinds["places of this machine"] = {place for place in _places() if place in text.raw}
        kinds[PICTURES] = set() if audience == INTERNAL else text.unreadable
        for word in by_word.keys() & text.tokens:
            for phrase in by_word[word]:
                if text.has(phrase, marks[phrase]):
                    kinds.setdefault(marks[phrase], set()).add(phrase)
        found |= {(name, kind): values for kind, values in kinds.items() if values}
    own = set(marks.values())
    if any(kind in own for _, kind in found):
        said = _said_anyway(release)
        found = {
            (name, kind): {value for value in values if kind not in own or not said(value)}
            for (name, kind), values in found.items()
        }
    return [Finding(_told(name, values), kind, len(values)) for (name, kind), values in found.items() if values]


def _places() -> set[str]:
    return {f"{place}{os.sep}" for place in (Path.home(), PACKAGE.parent) if len(place.parts) > 1}


def _told(name: str, values: set[str]) -> str:
    """The name of a file, or that there is a file of such a name, where it holds what was found in it."""
    words = f" {' '.join(words_of(name))} "
    return "a file with such a name" if any(f" {' '.join(words_of(value))} " in words for value in values) else name


def marks_of(
    tables: Mapping[str, pd.DataFrame], contracts: Iterable[Contract], *, internal: bool
) -> tuple[dict[str, str], int]:
    """Values of the records that are scanned for, as `words_of` has them, with their column; how many are passed over.

    Args:
        tables: Typed tables by name.
        contracts: Of the tables.
        internal: Whether columns of ids alone are meant.
    """
    wanted = [
        (contract, column.name)
        for contract in contracts
        if contract.folder in {"extracts", "sen2"}
        for column in contract.columns
        if column.kind == "text" and (not internal or _is_id(contract, column.name))
    ]
    rows = {name: pd.concat([tables[c.name][own] for c, own in wanted if own == name]) for _, name in wanted}
    counts = {name: cells.value_counts() for name, cells in rows.items()}
    marks: dict[str, str] = {}
    passed = set()
    for contract, name in wanted:
        values = list(tables[contract.name][name].dropna().unique())
        if name in contract.shareable:
            values = [value for value in values if counts[name][value] < FEW]
        for value in values:
            words = words_of(value)
            if not _marks(value, " ".join(words), is_id=_is_id(contract, name)):
                passed.add(value)
            for piece in _pieces(words) if value not in passed else ():
                marks.setdefault(piece, f"values of {contract.name}.{name}")
    return marks, len(passed)


def _pieces(words: list[str]) -> list[str]:
    """A text as it is looked for: whole, or where it is long in pieces, since a table shows but its beginning."""
    step = PIECE if len(words) >= WHOLE else max(len(words), 1)
    return [" ".join(words[at : at + step]) for at in range(0, len(words), step) if at == 0 or len(words) - at >= step]


def _id_headings(contracts: Iterable[Contract]) -> set[str]:
    """How a table of rows heads its columns of ids."""
    names = {
        column.name
        for contract in contracts
        if contract.folder in {"extracts", "sen2"}
        for column in contract.columns
        if column.name.endswith("_id") and _is_id(contract, column.name)
    }
    return {heading.casefold() for name in names for heading in (name, label(name))}


def _is_id(contract: Contract, column: str) -> bool:
    return (column.endswith("_id") or column in contract.key) and column not in contract.shareable


def _marks(value: str, words: str, *, is_id: bool) -> bool:
    letters, digits = (sum(map(kind, words)) for kind in (str.isalpha, str.isdigit))
    if DAY.fullmatch(value.strip()):
        return False
    if " " in words:
        return letters >= 6 or digits >= 6 or is_name(value)  # said in METHODS.md
    return letters >= (3 if is_id else 5) or digits >= 6 or bool(letters and digits and letters + digits >= 4)


def _by_word(marks: Iterable[str]) -> dict[str, list[str]]:
    """Phrases by the word of theirs that is least like others: one with a digit, else the longest."""
    found: dict[str, list[str]] = {}
    for phrase in marks:
        word = max(phrase.split(), key=lambda each: (any(map(str.isdigit, each)), len(each)))
        found.setdefault(word, []).append(phrase)
    return found


def _said_anyway(release: Release) -> Any:
    """Whether words stand in the plan, the settings, tables of others or, where they hold no digit, the package."""
    cells = [
        text
        for contract in release.contracts
        if contract.folder in {"plan", "published"}
        for _, column in release.source_tables[contract.name].select_dtypes(["str", "object"]).items()
        for text in column.dropna().astype("str").unique()
    ]
    declared = [repr(each) for each in (release.settings, release.declared, release.contracts)]
    own = " ".join(words_of("\n".join([*cells, *declared])))
    package = " ".join(
        word
        for path in sorted(PACKAGE.rglob("*"))
        if path.suffix in {".py", ".j2", ".csv", ".css", ".js"}
        for word in words_of(path.read_text("utf-8"))
    )
    texts = f" {own} ", f" {package} "
    return lambda words: f" {words} " in texts[0] or (words.replace(" ", "").isalpha() and f" {words} " in texts[1])
