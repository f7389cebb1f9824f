"""The gate: every byte of what is to be published is scanned for what names a person and for the run's own records."""

from __future__ import annotations

import base64
import binascii
import html
import io
import json
import re
import unicodedata
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote
from zipfile import ZipFile

import pandas as pd

from sendanalysis.errors import InputError
from sendanalysis.inputs.identifiers import POSTCODES, birth_dates_in, identifiers_in, numbers_in
from sendanalysis.inputs.privacy import DAY, is_name

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from sendanalysis.inputs.contracts import Contract
    from sendanalysis.release import Release

PACKAGE = Path(__file__).parents[1]
FEW = 5  # rows that a value of a column that briefings print must have, below which it is scanned for
BORN = {"birth", "birthdate", "birthday", "born", "dob"}
PICTURES = "pictures or files whose text cannot be read"
_SEPARATORS = bytes(sign if chr(sign).isalnum() or sign > 127 else 32 for sign in range(256))
_INLINE = re.compile(r"</?(?:a|b|code|em|i|mark|small|span|strong|su[bp]|tspan|u|wbr)(?:\s[^<>]*)?/?>", re.IGNORECASE)
_TAG = re.compile(r"<[^<>]*>")
_ATTRIBUTE = re.compile(r"""=\s*(?:"([^"<>]*)"|'([^'<>]*)')""")
_PATH = re.compile(r"M[MLHVCSQTAZmlhvcsqtaz\d\s,.e-]+")
_EMBEDDED = re.compile(r"base64,([A-Za-z0-9+/=\s]{16,})")
_PDF_TEXT = re.compile(rb"\(((?:[^()\\]|\\.)*)\)")


@dataclass(frozen=True)
class Finding:
    """What was found in a file: its kind, and how many different values; never the values."""

    file: str
    kind: str
    n: int

    def __str__(self) -> str:
        return f"{self.file}: {self.kind}, {self.n}"


def refuse_findings(files: Iterable[tuple[str, bytes]], release: Release, audience: str) -> None:
    """Refuse a publication that holds what names a person or stands in the records it was made from.

    Args:
        files: Name and bytes of everything that is to be published.
        release: Its release, whose `area.toml` may waive findings.
        audience: Who is to read it.

    Raises:
        InputError: Something was found that is not waived; the message says what, where and how many, and no value.
    """
    waived = {waiver["finding"] for waiver in release.settings.waivers}
    found = [finding for finding in findings(files, release, audience) if str(finding) not in waived]
    if found:
        lines = "".join(f"\n  {finding}" for finding in found)
        raise InputError(
            f"what was to be published holds what may name a person, so nothing was published:{lines}\n"
            "Take it out of the notebook, the plan's texts or the extract. If it may be published, say so in area.toml: "
            'in [[disclosure.waivers]] write finding = "the line above", reason and role.'
        )


def files_in(folder: Path) -> Iterator[tuple[str, bytes]]:
    """Name and bytes of every file in a folder."""
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            yield path.relative_to(folder).as_posix(), path.read_bytes()


def findings(files: Iterable[tuple[str, bytes]], release: Release, audience: str) -> list[Finding]:
    """What names a person in files, and values of the run's own records.

    For every audience: identifiers by form and check digit, and values of the extracts' columns of ids. For others than
    the internal one: values of their other columns of text too, those of columns that briefings print in fewer than
    five rows, and pictures. A value is scanned for where it marks a record: letters with digits from four signs, six
    digits, five letters, names. What the plan, the area's settings or published tables say by themselves is none, and
    neither is a word of the package.

    Args:
        files: Name and bytes of each.
        release: Whose records are scanned for.
        audience: Who is to read them.
    """
    marks, _ = marks_of(release.source_tables, release.contracts, internal=audience == "internal")
    rows = _by_word(marks)
    texts = {name: _Text(name, data) for name, data in files}
    suspicious = bool(identifiers_in("\n".join(set().union(*(text.pieces for text in texts.values())))))
    found: dict[tuple[str, str], set[str]] = {}
    for name, text in texts.items():
        kinds = identifiers_in("\n".join(text.pieces)) if suspicious else {}
        kinds = {kind: {"".join(words_of(value)) for value in values} for kind, values in kinds.items()}
        for kind, values in numbers_in(text.tokens).items():
            kinds[kind] = kinds.get(kind, set()) | {value for value in values if text.has(value, kind)}
        kinds["dates of birth"] = birth_dates_in(text.plain) if text.tokens & BORN else set()
        kinds[PICTURES] = set() if audience == "internal" else text.unreadable
        for word in rows.keys() & text.tokens:
            for phrase in rows[word]:
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
    return [Finding(name, kind, len(values)) for (name, kind), values in found.items() if values]


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
        values = tables[contract.name][name].dropna().unique()
        if name in contract.shareable:
            values = [value for value in values if counts[name][value] < FEW]
        for value in values:
            words = " ".join(words_of(value))
            if _marks(value, words):
                marks.setdefault(words, f"values of {contract.name}.{name}")
            else:
                passed.add(words)
    return marks, len(passed)


def words_of(text: str) -> list[str]:
    """A text as it is compared: its runs of letters and digits without capitals and signs that do not print.

    >>> words_of("Zoë O’Hara, CH-0001")
    ['zoë', 'o', 'hara', 'ch', '0001']
    """
    return [word.decode() for word in _readable(text).casefold().encode().translate(_SEPARATORS).split()]


def _is_id(contract: Contract, column: str) -> bool:
    return (column.endswith("_id") or column in contract.key) and column not in contract.shareable


def _marks(value: str, words: str) -> bool:
    letters, digits = (sum(map(kind, words)) for kind in (str.isalpha, str.isdigit))
    if DAY.fullmatch(value.strip()):
        return False
    if " " in words:
        return letters >= 6 or digits >= 6 or is_name(value)  # said in METHODS.md
    return letters >= 5 or digits >= 6 or bool(letters and digits and letters + digits >= 4)


class _Text:
    """A file as it is scanned: `tokens`, its runs of letters and digits; `pieces`, its texts between tags and in them."""

    def __init__(self, name: str, data: bytes) -> None:
        self.unreadable: set[str] = set()
        parts = [_readable(part) for part in (name, *self._texts(name, data))]
        self.raw = "\n".join(parts)
        stripped = (_TAG.sub("\n", _INLINE.sub("", part)) if "<" in part else part for part in parts)
        self.plain = "\n".join(stripped)
        attributes = {one or other for part in parts if "<" in part for one, other in _ATTRIBUTE.findall(part)}
        self.pieces = {*self.plain.split("\n"), *(text for text in attributes if not _PATH.fullmatch(text))}
        self._words = [part.casefold().encode().translate(_SEPARATORS) for part in (self.raw, self.plain)]
        self.tokens = {word.decode() for words in self._words for word in set(words.split())}

    def has(self, phrase: str, kind: str) -> bool:
        """Whether words stand here beside each other; a colour is none, nor are digits of a number with decimals."""
        words = phrase.split()
        if not self.tokens.issuperset(words):
            return False
        if len(words) > 1:
            return any(f" {phrase} ".encode() in b" " + b" ".join(held.split()) + b" " for held in self._words)
        in_capitals = kind == POSTCODES  # one without its space is written so, or it is something else
        word = re.compile(
            rf"(?<!#)(?<!\d\.){re.escape(phrase.upper() if in_capitals else phrase)}(?!\.\d)",
            re.NOFLAG if in_capitals else re.IGNORECASE,
        )
        return not phrase.isascii() or any(word.search(text) for text in (self.raw, self.plain))

    def _texts(self, name: str, data: bytes) -> Iterator[str]:
        if data.startswith(b"PK\x03\x04"):
            with ZipFile(io.BytesIO(data)) as held:
                yield held.comment.decode("utf-8", errors="replace")
                for member in held.infolist():
                    yield member.filename
                    yield from self._texts(member.filename, held.read(member))
        elif data.startswith(b"%PDF"):  # printed from a page that is scanned; its own texts say who printed it and when
            yield "\n".join(found.decode("latin-1") for found in _PDF_TEXT.findall(data))
        else:
            try:
                text = data.decode("utf-8-sig")
            except UnicodeDecodeError:
                self.unreadable.add(name)
                return
            if name.endswith((".ipynb", ".json")):
                text = "\n".join(_strings(json.loads(text)))
            yield text
            for found in _EMBEDDED.finditer(text) if "base64," in text else ():
                try:
                    yield from self._texts(f"{name} {found.start()}", base64.b64decode(found[1]))
                except binascii.Error:
                    self.unreadable.add(f"{name} {found.start()}")
            if re.search("%[0-9A-F]{2}", text):
                yield unquote(text)


def _strings(value: Any) -> Iterator[str]:
    """Every text and number in what JSON holds."""
    if isinstance(value, dict):
        for name, held in value.items():
            yield str(name)
            if name.startswith("image/") and isinstance(held, str) and "<" not in held:
                held = f"base64,{held}"  # noqa: PLW2901  # as notebooks hold pictures
            yield from _strings(held)
    elif isinstance(value, list):
        if all(isinstance(held, str) for held in value):
            yield "".join(value)  # the lines of a cell
        for held in value:
            yield from _strings(held)
    elif value is not None:
        yield str(value)


def _readable(text: str) -> str:
    """A text without entities and escapes, in the signs that a person takes it for; nothing that does not print."""
    if "&" in text:
        text = html.unescape(text)
    if "\\" in text:
        text = re.sub(r"\\u([0-9a-fA-F]{4})", lambda found: chr(int(found[1], 16)), text)
        text = re.sub(r"\\[nrt/\"']", " ", text)
    if text.isascii():
        return text
    text = unicodedata.normalize("NFKC", text)
    for sign in {sign for sign in set(text) if not sign.isascii() and not sign.isalnum()}:
        text = text.replace(sign, {"Cf": "", "Mn": "", "Pd": "-"}.get(unicodedata.category(sign), " "))
    return text


def _by_word(marks: Iterable[str]) -> dict[str, list[str]]:
    """Phrases by the word of theirs that is least like others: one with a digit, else the longest."""
    found: dict[str, list[str]] = {}
    for phrase in marks:
        word = max(phrase.split(), key=lambda each: (any(map(str.isdigit, each)), len(each)))
        found.setdefault(word, []).append(phrase)
    return found


def _said_anyway(release: Release) -> Any:
    """Whether words stand in the plan, the settings, the tables of others, or, where they hold no digit, the package."""
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
