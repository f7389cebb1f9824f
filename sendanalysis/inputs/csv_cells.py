"""The cells of a CSV file as text, before anything is known of what they mean."""

from __future__ import annotations

import csv
import io
import os
import re
from collections import deque
from itertools import islice
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd

from sendanalysis.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    import numpy.typing as npt

_NO_TEXT = "the file is not readable text. Save it as 'CSV UTF-8 (comma delimited)'"
_CR = re.compile(rb"\r(?!\n)")
_WIDER = re.compile(r"saw (\d+)")
_BLOCK, _ROWS = 1 << 24, 1 << 17  # bytes in which quotes are looked at together, and rows that are read together
_MANY = 1 << 13  # different texts of a column in so many rows, above which it is read as a text a row
_TAIL = 1 << 16  # bytes in which the last two rows are looked for first


class Cells(NamedTuple):
    """A table as text: its first row, and all rows below it.

    Attributes:
        heading: The first row.
        body: All others, with a column for each cell of the widest, or more, numbered from nought; blank rows are
            there, too, and rows that are shorter have empty cells. Each column is a categorical, since few texts stand
            in many rows.
        ends: How many cells the last row but one and the last have as written.
    """

    heading: list[str]
    body: pd.DataFrame
    ends: tuple[int, int]

    @classmethod
    def of(cls, rows: list[list[str]]) -> Cells:
        """Rows of any length as a table."""
        width = max(map(len, rows))
        body = pd.DataFrame([row + [""] * (width - len(row)) for row in rows[1:]], columns=range(width), dtype="str")
        return cls(rows[0], body.astype("category"), _widths(rows))


def ends_its_line(path: Path) -> bool:
    """Whether the last line of a file has an end, as a file has none that was cut within its last row."""
    with path.open("rb") as opened:
        opened.seek(max(opened.seek(0, os.SEEK_END) - 1, 0))
        return opened.read() in {b"\n", b"\r", b""}


def csv_rows(path: Path, separator: str = ",") -> list[list[str]]:
    """Rows of a CSV file, as `csv_cells` reads them."""
    return text_rows(path.read_bytes(), separator)


def text_rows(data: bytes, separator: str = ",", most: int | None = None) -> list[list[str]]:
    """Rows of a CSV file from its bytes, as `csv_rows` gives them; at most the first `most` where that is given."""
    data = _in_utf8(data)
    rows = list(islice(_rows(data, separator), most))
    if most is None:
        _refuse_cut(data, len(rows), _widths(rows))
    return rows


def csv_cells(path: Path) -> Cells:
    """The cells of a CSV file, UTF-8 with or without a byte order mark, or Windows-1252.

    Raises:
        InputError: It is empty, no text, its quotes do not match, or it ends within its last row.
    """
    data = _in_utf8(path.read_bytes())
    near_end = max(len(data) - _TAIL, 0)
    if not well_quoted(data):
        near_end = 0
        deque(_rows(data), 0)  # for the line from which quotes do not match; one within a cell without any does no harm
    heading = next(_rows(data))
    body = _parsed(data, max(len(heading), 1)).iloc[1:].reset_index(drop=True)
    ends = _ends(data, near_end)
    _refuse_cut(data, 1 + len(body), ends)
    return Cells(heading, body, ends)


def _in_utf8(data: bytes) -> bytes:
    """The text in UTF-8, without a byte order mark; a carriage return alone ends a line, as it did on old computers."""
    if data[:2] in (b"\xff\xfe", b"\xfe\xff") or b"\x00" in data:
        raise InputError(_NO_TEXT)
    if not data.isascii():
        try:
            data.decode("utf-8")
        except UnicodeDecodeError:
            data = data.decode("cp1252", errors="replace").encode()
    while data.startswith(b"\xef\xbb\xbf"):
        data = data[3:]
    if not data or data.isspace():
        raise InputError("the file is empty. Export it again, with its heading row")
    return _CR.sub(b"\n", data) if b"\r" in data and _CR.search(data) else data


def _rows(data: bytes, separator: str = ",") -> Iterator[list[str]]:
    """Rows one by one; refused where quotes do not match."""
    csv.field_size_limit(max(len(data), 131_072))
    text = io.TextIOWrapper(io.BytesIO(data), "utf-8", newline="")
    reader, line = csv.reader(text, strict=True, delimiter=separator), 1
    try:
        for row in reader:
            yield row
            line = reader.line_num + 1
    except csv.Error as error:
        unclosed = "end of data" in str(error)
        said = f"from line {line} on, so the file seems cut off" if unclosed else f"near line {reader.line_num}"
        raise InputError(f"quotes do not match {said}. Export it again as CSV") from error


def well_quoted(data: bytes) -> bool:
    """Whether every quote opens a cell, ends one, or is one of a pair within, so that no row needs to be looked at."""
    if b'"' not in data:
        return True
    signs, beside = np.frombuffer(data, dtype=np.uint8), np.zeros(256, dtype=bool)
    beside[list(b'"\r\n,')] = True
    seen = 0
    for start in range(0, len(signs), _BLOCK):
        at = np.flatnonzero(signs[start : start + _BLOCK] == ord('"')) + start
        opens = (np.arange(len(at)) + seen) % 2 == 0
        outer = np.where(opens, at - 1, at + 1)
        within = (outer >= 0) & (outer < len(signs))
        if not beside[signs[outer[within]]].all():
            return False
        seen += len(at)
    return seen % 2 == 0


def _parsed(data: bytes, width: int) -> pd.DataFrame:
    """Every row in so many columns, or in more where one is wider, which is found by reading."""
    while True:
        try:
            return _coded(data, width)
        except pd.errors.ParserError as error:
            wider = _WIDER.search(str(error))
            if not wider:
                raise InputError(_NO_TEXT) from error
            width = max(2 * width, int(wider[1]))


def _coded(data: bytes, width: int, one_by_one: frozenset[int] = frozenset()) -> pd.DataFrame:
    """Every row, some thousands at a time, so that no column stands in memory as a text a row.

    pandas reads categoricals itself. But where all texts of a column look like numbers it takes them for such, so that
    007 becomes 7, and where texts are many it is slow: such columns are read as a text a row, from the start.
    """
    known: list[dict[str, int]] = [{} for _ in range(width)]
    codes: list[list[npt.NDArray[Any]]] = [[] for _ in range(width)]
    kinds = {place: "object" if place in one_by_one else "category" for place in range(width)}
    layout: dict[str, Any] = {"header": None, "names": range(width), "index_col": False, "skip_blank_lines": False}
    as_text: dict[str, Any] = {"dtype": kinds, "na_filter": False, "low_memory": False}
    with pd.read_csv(io.BytesIO(data), chunksize=_ROWS, **layout, **as_text) as pieces:
        for piece in pieces:
            unfit = {place for place in kinds if place not in one_by_one and not _fits(piece[place].cat.categories)}
            if unfit:
                return _coded(data, width, one_by_one | unfit)
            for place, texts in enumerate(known):
                column = piece[place]
                here, held = pd.factorize(column) if place in one_by_one else (column.cat.codes, column.cat.categories)
                new = np.array([texts.setdefault(text, len(texts)) for text in held.tolist()], dtype=np.int32)
                codes[place].append(new[here].astype(np.min_scalar_type(-len(texts))))
    names = [pd.Index(list(texts), dtype="str") for texts in known]
    columns = [pd.Categorical.from_codes(np.concatenate(own), names[place]) for place, own in enumerate(codes)]
    return pd.DataFrame(dict(enumerate(columns)))


def _fits(texts: pd.Index[Any]) -> bool:
    """Whether what pandas holds for the texts of a column is text, and little."""
    return pd.api.types.is_string_dtype(texts) and len(texts) <= _MANY


def _ends(data: bytes, near_end: int) -> tuple[int, int]:
    """The widths of the last two rows, read from a line before a place in well quoted text, or from its start."""
    start = data.rfind(b"\n", 0, near_end) + 1
    if start and data.count(b'"', 0, start) % 2:
        start = 0  # the line stands within a cell
    rows = deque(_rows(data[start:]), 2)
    return _widths(rows) if len(rows) > 1 or not start else _ends(data, 0)


def _widths(rows: Sequence[list[str]]) -> tuple[int, int]:
    """How many cells the last row but one and the last have; of a row alone both are its own."""
    return len(rows[max(len(rows) - 2, 0)]), len(rows[-1])


def _refuse_cut(data: bytes, rows: int, ends: tuple[int, int]) -> None:
    """Refuse a file that ends within its last row."""
    before, last = ends
    if not data.endswith(b"\n") and 1 < last < before:
        found = f"row {rows} has {last} cells, the one before it {before}, and no line end"
        raise InputError(f"the file seems cut off, since {found}. Export it again")
