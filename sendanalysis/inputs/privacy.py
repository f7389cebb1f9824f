"""Privacy at the door: what names a child or a colleague is refused in any column that is read, ids included.

A fault says which column and how many rows, and never a value.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import pandas as pd

from sendanalysis.inputs.contracts import Fault
from sendanalysis.inputs.identifiers import (
    EMAIL,
    NHS,
    NHS_NUMBERS,
    POSTCODE,
    POSTCODES,
    UNSPACED_POSTCODE,
    UPNS,
    is_nhs_number,
    is_upn,
)
from sendanalysis.methods.texts import parts

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sendanalysis.inputs.contracts import Contract

REMEDY = "Leave the column out of the export, or put a pseudonym in its place."
DAYS, NAMES = "dates, such as birth dates", "names"
MANY = 10  # different values that make a doubt a finding
ROLES = {"adviser", "auditor", "clinic", "doctor", "head", "lead", "manager", "nurse", "officer", "school", "team"}
DAY = re.compile(
    r"(\d{4}-\d\d?-\d\d?|\d{1,2}[/.-]\d{1,2}[/.-](19|20)?\d\d|\d{1,2} [A-Za-z]{3,9} (19|20)?\d\d)([ T][\d:.]+)?"
)
_YEAR, _MONTH, _DATE = "(19|20)[0-9]{2}", "(0[1-9]|1[0-2])", "(0[1-9]|[12][0-9]|3[01])"
_NAME = re.compile(r"[^\W\d_]+(['’-][^\W\d_]+)*,?( [^\W\d_]\.?)?( [^\W\d_]+(['’-][^\W\d_]+)*)+")


def personal_faults(text: pd.DataFrame, contract: Contract, file: str) -> list[Fault]:
    """One fault a column and kind of thing that names a person.

    E-mail addresses, postcodes, UPNs and NHS numbers are found by their shape and check digits, birth dates as days
    where no day belongs, names in columns of ids. Ten digits are no NHS number where fewer than half of the column's
    ten-digit numbers have its check digit, as one in eleven has by chance. Names in other columns, postcodes without
    a space and eight digits that are a day could be something else, and count where ten different values are such,
    and at least half of all.

    Args:
        text: Cells as written.
        contract: Whose columns are read.
        file: File that a fault names.
    """
    return [
        Fault(file, None, column.name, None, f"holds {what} in {rows} {'row' if rows == 1 else 'rows'}", REMEDY)
        for column in contract.columns
        if column.name in text
        for what, rows in _found(
            text[column.name], dated=column.kind in {"date", "month"}, ids=column.name.endswith("_id")
        )
    ]


def _found(cells: pd.Series, *, dated: bool, ids: bool) -> Iterator[tuple[str, int]]:
    codes, texts = parts(cells)
    rows = np.bincount(codes, minlength=len(texts))
    held_by_some = (rows > 0) & (texts != "")
    values, rows = pd.Series(texts[held_by_some], dtype="str"), rows[held_by_some]
    together = "\n".join(["", *values.tolist()])
    if not together.isascii():
        values = values.str.normalize("NFKC").str.strip()
        together = "\n".join(["", *values.tolist()])
    for what, (sign, holds) in _MARKS.items():
        if (what == DAYS and dated) or (what == NAMES and not ids) or not sign.search(together):
            continue
        held = values.map(holds).astype(bool)
        if what == NHS_NUMBERS and held.sum() < values.str.fullmatch(NHS).sum() / 2:
            continue
        if held.any():
            yield what, int(rows[held].sum())
    for what, (sign, holds) in _MAYBE.items():
        if (what == DAYS and dated) or (what == NAMES and ids) or not sign.search(together):
            continue
        held = values.map(holds).astype(bool)
        if held.sum() >= max(MANY, len(values) / 2):
            yield what, int(rows[held].sum())


def _is_day(value: str) -> bool:
    """Eight digits that are a day of the last hundred years or so, with the year or the day first."""
    return bool(re.fullmatch(f"{_YEAR}{_MONTH}{_DATE}|{_DATE}{_MONTH}{_YEAR}", value))


def is_name(value: str) -> bool:
    """Whether a text is two words or more with capitals, none of them a role."""
    words = value.split()
    return (
        bool(_NAME.fullmatch(value))
        and all(word[0].isupper() for word in words)
        and not ROLES & {*map(str.casefold, words)}
    )


def _line(pattern: str) -> re.Pattern[str]:
    return re.compile(f"\n(?:{pattern})$", re.MULTILINE)


_Mark: TypeAlias = "tuple[re.Pattern[str], Callable[[str], object]]"
# What tells such a value, after a sign of it: one search for that in all values together is enough where none is such.
_MARKS: dict[str, _Mark] = {
    "e-mail addresses": (re.compile("@"), EMAIL.search),
    POSTCODES: (re.compile(r" [0-9]\w\w"), POSTCODE.search),
    UPNS: (re.compile(r"\d{11}"), is_upn),
    NHS_NUMBERS: (_line(NHS.pattern), is_nhs_number),
    DAYS: (_line(DAY.pattern), DAY.fullmatch),
    NAMES: (re.compile(" "), is_name),
}
_MAYBE: dict[str, _Mark] = {
    POSTCODES: (_line(f"(?i:{UNSPACED_POSTCODE.pattern})"), UNSPACED_POSTCODE.fullmatch),
    DAYS: (_line(r"\d{8}"), _is_day),
    NAMES: (re.compile(" "), is_name),
}
