"""The cells of a CSV file as text, before anything is known of what they mean."""

from __future__ import annotations

import csv
import io
import re
from collections import deque
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import pandas as pd

from sendanalysis.errors import InputError

if TYPE_CHECKING:
    from pathlib import Path

    import numpy.typing as npt
_NO_TEXT = "the file is not readable text. Save it as 'CSV UTF-8 (comma delimited)'"
_CR = re.compile(rb"\r(?!\n)")
_WIDER = re.compile(r"saw (\d+)")
_BLOCK, _ROWS = 1 << 24, 1 << 17  # bytes in which quotes are looked at together, and rows that are read together


class Cells(NamedTuple):
    """A table as text: its first row, and all rows below it.

    `body` has a column for each cell of its widest row, or more, numbered from nought; blank rows are there, too, and
    rows that are shorter have empty cells. Each column is a categorical, since few texts stand in many rows.
    """

    heading: list[str]
    body: pd.DataFrame

    @classmethod
    def of(cls, rows: list[list[str]]) -> Cells:
        """Rows of any length as a table."""
        width = max(map(len, rows))
        body = pd.DataFrame([row + [""] * (width - len(row)) for row in rows[1:]], columns=range(width), dtype="str")
        return cls(rows[0], body.astype("category"))


def csv_rows(path: Path, separator: str = ",") -> list[list[str]]:
    """Rows of a CSV file, each up to its last cell that holds something; see `csv_cells`."""
    return text_rows(path.read_bytes(), separator)


def text_rows(data: bytes, separator: str = ",") -> list[list[str]]:
    """Rows of a CSV file from its bytes, as `csv_rows` gives them."""
    heading, body = _cells(data, separator)
    rows = body.astype("object").to_numpy().tolist()
    return [heading, *(row[: max((at for at, cell in enumerate(row, 1) if cell), default=0)] for row in rows)]


def csv_cells(path: Path) -> Cells:
    """The cells of a CSV file, UTF-8 with or without a byte order mark, or Windows-1252.

    Raises:
        InputError: It is empty, no text, its quotes do not match, or it ends within its last row.
    """
    return _cells(path.read_bytes(), ",")


def _cells(data: bytes, separator: str) -> Cells:
    if not data or data.isspace():
        raise InputError("the file is empty. Export it again, with its heading row")
    if data[:2] in (b"\xff\xfe", b"\xfe\xff") or b"\x00" in data:
        raise InputError(_NO_TEXT)
    data = _in_utf8(data)
    csv.field_size_limit(max(len(data), 131_072))
    if not _well_quoted(data, separator):
        _refuse_quotes(_reader(data, separator))
    heading = next(_reader(data, separator))
    body = _parsed(data, separator, max(len(heading), 1)).iloc[1:].reset_index(drop=True)
    _refuse_cut(data, separator, 1 + len(body))
    return Cells(heading, body)


def _in_utf8(data: bytes) -> bytes:
    """The text in UTF-8, without a byte order mark; a carriage return alone ends a line, as it did on old computers."""
    if not data.isascii():
        try:
            data.decode("utf-8")
        except UnicodeDecodeError:
            data = data.decode("cp1252", errors="replace").encode()
    while data.startswith(b"\xef\xbb\xbf"):
        data = data[3:]
    return _CR.sub(b"\n", data) if b"\r" in data and _CR.search(data) else data


def _reader(data: bytes, separator: str) -> Any:
    """Rows one by one, for the few that are looked at by themselves."""
    return csv.reader(io.TextIOWrapper(io.BytesIO(data), "utf-8", newline=""), strict=True, delimiter=separator)


def _well_quoted(data: bytes, separator: str) -> bool:
    """Whether every quote opens a cell, ends one, or is one of a pair within, so that no row needs to be looked at."""
    if b'"' not in data:
        return True
    signs, beside = np.frombuffer(data, dtype=np.uint8), np.zeros(256, dtype=bool)
    beside[list(f'"\r\n{separator}'.encode())] = True
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


def _refuse_quotes(reader: Any) -> None:
    """Read row by row, for the line from which quotes do not match; a quote within a cell without any does no harm."""
    line = 1
    try:
        for _ in reader:
            line = reader.line_num + 1
    except csv.Error as error:
        unclosed = "end of data" in str(error)
        said = f"from line {line} on, so the file seems cut off" if unclosed else f"near line {reader.line_num}"
        raise InputError(f"quotes do not match {said}. Export it again as CSV") from error


def _parsed(data: bytes, separator: str, width: int) -> pd.DataFrame:
    """Every row in so many columns, or in more where one is wider, which is found by reading."""
    while True:
        try:
            return _coded(data, separator, width)
        except pd.errors.ParserError as error:
            wider = _WIDER.search(str(error))
            if not wider:
                raise InputError(_NO_TEXT) from error
            width = max(2 * width, int(wider[1]))


def _coded(data: bytes, separator: str, width: int) -> pd.DataFrame:
    """Every row, some thousands at a time, so that no column stands in memory as a text a row.

    pandas can read categoricals itself, but takes texts that look like numbers for such, so that 007 becomes 7.
    """
    known: list[dict[str, int]] = [{} for _ in range(width)]
    codes: list[list[npt.NDArray[Any]]] = [[] for _ in range(width)]
    layout: dict[str, Any] = {"header": None, "names": range(width), "index_col": False, "skip_blank_lines": False}
    as_text: dict[str, Any] = {"dtype": "object", "na_filter": False, "low_memory": False}
    with pd.read_csv(io.BytesIO(data), sep=separator, chunksize=_ROWS, **layout, **as_text) as pieces:
        for piece in pieces:
            for place, texts in enumerate(known):
                here, held = pd.factorize(piece[place].to_numpy(dtype="object"))
                new = np.array([texts.setdefault(text, len(texts)) for text in held.tolist()], dtype=np.int32)
                codes[place].append(new[here].astype(np.min_scalar_type(-len(texts))))
    kinds = [pd.Index(list(texts), dtype="str") for texts in known]
    columns = [pd.Categorical.from_codes(np.concatenate(own), kinds[place]) for place, own in enumerate(codes)]
    return pd.DataFrame(dict(enumerate(columns)))


def _refuse_cut(data: bytes, separator: str, rows: int) -> None:
    """Refuse a file that ends within its last row."""
    if data.endswith(b"\n"):
        return
    tail = data[data.rfind(b"\n", 0, max(data.rfind(b"\n"), 0)) + 1 :]
    last = deque(_reader(data if b'"' in tail else tail, separator), 2)
    if 1 < len(last[-1]) < len(last[0]):
        found = f"row {rows} has {len(last[-1])} cells, the one before it {len(last[0])}, and no line end"
        raise InputError(f"the file seems cut off, since {found}. Export it again")
