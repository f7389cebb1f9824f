"""What a person or a program could read in a file that is to be published, whatever its kind."""

from __future__ import annotations

import base64
import binascii
import contextlib
import csv
import html
import io
import json
import re
import unicodedata
import zlib
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote
from zipfile import BadZipFile, ZipFile

from sendanalysis.inputs.identifiers import POSTCODES

if TYPE_CHECKING:
    from collections.abc import Iterator

_SEPARATORS = bytes(sign if chr(sign).isalnum() or sign > 127 else 32 for sign in range(256))
_INLINE = re.compile(r"</?(?:a|b|code|em|i|mark|small|span|strong|su[bp]|tspan|u|wbr)(?:\s[^<>]*)?/?>", re.IGNORECASE)
_TAG = re.compile(r"<[^<>]*>")
_ATTRIBUTE = re.compile(r"""=\s*(?:"([^"<>]*)"|'([^'<>]*)')""")
_EMBEDDED = re.compile(r"base64,([A-Za-z0-9+/=\s]{16,})")
_PDF_STREAM = re.compile(rb"stream\r?\n(.*?)endstream", re.DOTALL)
_PDF_DRAWN = re.compile(rb"/Image\b|/Length[123]\b|/ICCBased")  # pictures and fonts, whose bytes may look like words
_PDF_SHOWN = re.compile(rb"\[([^\[\]]*)\]\s*TJ")
_PDF_TEXT = re.compile(rb"\(((?:[^()\\]|\\.)*)\)", re.DOTALL)
_PDF_ESCAPE = re.compile(rb"\\([0-7]{1,3}|.)", re.DOTALL)
_ABOUT = 2_000  # bytes before a stream among which its description stands
_OCTAL = frozenset(b"%d" % digit for digit in range(8))
_DRAWN = re.compile(r"""(?<=\sd=")M[MLHVCSQTAZmlhvcsqtaz\d\s,.e-]+(?=")""")  # a line, in which L101 is no id
_COLOUR_OR_DIGITS = re.compile(r"\d+|[\da-f]{3,4}|[\da-f]{6}|[\da-f]{8}")
_HEADING = re.compile(r"<th\b[^>]*>\s*([^<>]{1,80}?)\s*</th>", re.IGNORECASE)


class Legible:
    """A file as it is scanned.

    Attributes:
        tokens: Its runs of letters and digits.
        pieces: Its texts between tags and in attributes.
        plain: Those between tags, one a line.
        headings: Those of its tables.
        unreadable: Names of what in it is a picture, or is packed or written so that no text can be had.
    """

    def __init__(self, name: str, data: bytes) -> None:
        """Read a file.

        Args:
            name: Its name, which says what it is and is scanned as well.
            data: Its bytes.
        """
        self.unreadable: set[str] = set()
        self.headings: set[str] = set()
        parts = [_DRAWN.sub("", _readable(part)) for part in (name, *self._texts(name, data))]
        self.raw = "\n".join(parts)
        stripped = (_TAG.sub("\n", _INLINE.sub("", part)) if "<" in part else part for part in parts)
        self.plain = "\n".join(stripped)
        attributes = {one or other for part in parts if "<" in part for one, other in _ATTRIBUTE.findall(part)}
        self.pieces = {*self.plain.split("\n"), *attributes}
        self.headings |= {found.casefold() for part in parts for found in _HEADING.findall(part)}
        words = [part.casefold().encode().translate(_SEPARATORS).split() for part in (self.raw, self.plain)]
        self._lines = [b" " + b" ".join(held) + b" " for held in words]
        self.tokens = {word.decode() for word in set().union(*words)}

    def has(self, phrase: str, kind: str) -> bool:
        """Whether words stand here beside each other; a colour is none, nor are digits of a number with decimals."""
        words = phrase.split()
        if not self.tokens.issuperset(words):
            return False
        if len(words) > 1:
            return any(f" {phrase} ".encode() in line for line in self._lines)
        in_capitals = kind == POSTCODES  # one without its space is written so, or it is something else
        if not in_capitals and not _COLOUR_OR_DIGITS.fullmatch(phrase):
            return True
        written = re.escape(phrase.upper() if in_capitals else phrase)
        flags = re.NOFLAG if in_capitals else re.IGNORECASE
        word = re.compile(rf"(?<!#)(?<!\d\.){written}(?!\.(?!0+(?!\d))\d)", flags)
        return any(word.search(text) for text in (self.raw, self.plain))

    def _texts(self, name: str, data: bytes) -> Iterator[str]:
        if data.startswith(b"PK\x03\x04"):
            try:
                with ZipFile(io.BytesIO(data)) as held:
                    yield held.comment.decode("utf-8", errors="replace")
                    for member in held.infolist():
                        yield member.filename
                        yield from self._texts(member.filename, held.read(member))
            except (BadZipFile, RuntimeError, NotImplementedError, zlib.error, EOFError):  # damaged, or with a password
                self.unreadable.add(name)
        elif data.startswith(b"%PDF"):  # printed from a page that is scanned; its own texts say who printed it and when
            yield from _pdf_texts(data)
        else:
            try:
                text = data.decode("utf-16" if data[:2] in {b"\xff\xfe", b"\xfe\xff"} else "utf-8-sig")
            except UnicodeDecodeError:
                self.unreadable.add(name)
                return
            yield from self._of_text(name, text)

    def _of_text(self, name: str, text: str) -> Iterator[str]:
        if name.endswith((".ipynb", ".json")):
            with contextlib.suppress(ValueError):
                text = "\n".join(_strings(json.loads(text)))
        if name.endswith(".csv"):
            with contextlib.suppress(csv.Error):  # a cell beyond any that was written here
                rows = list(csv.reader(io.StringIO(text)))
                self.headings |= {cell.strip().casefold() for cell in rows[0]} if rows else set()
                yield "\n".join(cell for row in rows for cell in row)
        yield text
        for found in _EMBEDDED.finditer(text) if "base64," in text else ():
            try:
                yield from self._texts(f"{name} {found.start()}", base64.b64decode(found[1]))
            except binascii.Error:
                self.unreadable.add(f"{name} {found.start()}")
        if re.search("%[0-9A-Fa-f]{2}", text):
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


def _pdf_texts(data: bytes) -> Iterator[str]:
    """What a PDF holds as text: of its description, and of its pages where their letters are not numbered anew."""
    for part in (_PDF_STREAM.sub(b"", data), *_pdf_streams(data)):
        together = _PDF_SHOWN.sub(lambda found: b"(" + b"".join(_PDF_TEXT.findall(found[1])) + b")", part)
        for text in _PDF_TEXT.findall(together):
            raw = _PDF_ESCAPE.sub(lambda f: bytes([int(f[1], 8) & 255]) if f[1][:1] in _OCTAL else f[1], text)
            yield raw.decode("utf-16" if raw.startswith((b"\xfe\xff", b"\xff\xfe")) else "latin-1", errors="replace")


def _pdf_streams(data: bytes) -> Iterator[bytes]:
    """The streams of a PDF, unpacked where they are packed; not those that its own words call a picture or a font."""
    for found in _PDF_STREAM.finditer(data):
        about = data[max(found.start() - _ABOUT, 0) : found.start()].rpartition(b"obj")[2]
        if not _PDF_DRAWN.search(about):
            try:
                yield zlib.decompress(found[1])
            except zlib.error:
                yield found[1]


def words_of(text: str) -> list[str]:
    """A text as it is compared: its runs of letters and digits without capitals and signs that do not print.

    >>> words_of("Zoë O’Hara, CH-0001")
    ['zoë', 'o', 'hara', 'ch', '0001']
    """
    return [word.decode() for word in _readable(text).casefold().encode().translate(_SEPARATORS).split()]
