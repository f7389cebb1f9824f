"""Privacy at the door: what names a child or a colleague is refused in any column that is read, ids included.

A fault says which column and how many rows, and never a value.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

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
    rows = cells[cells != ""].value_counts()
    values = pd.Series(rows.index, dtype="str").str.normalize("NFKC").str.strip()
    for what, holds in _MARKS.items():
        if (what == DAYS and dated) or (what == NAMES and not ids):
            continue
        held = values.map(holds).astype(bool)
        if what == NHS_NUMBERS and held.sum() < values.str.fullmatch(NHS).sum() / 2:
            continue
        if held.any():
            yield what, int(rows[held.to_numpy()].sum())
    for what, holds in _MAYBE.items():
        held = values.map(holds).astype(bool)
        if held.sum() >= max(MANY, len(values) / 2) and not (dated and what == DAYS) and not (ids and what == NAMES):
            yield what, int(rows[held.to_numpy()].sum())


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


_MARKS: dict[str, Callable[[str], object]] = {
    "e-mail addresses": EMAIL.search,
    POSTCODES: POSTCODE.search,
    UPNS: is_upn,
    NHS_NUMBERS: is_nhs_number,
    DAYS: DAY.fullmatch,
    NAMES: is_name,
}
_MAYBE: dict[str, Callable[[str], object]] = {POSTCODES: UNSPACED_POSTCODE.fullmatch, DAYS: _is_day, NAMES: is_name}
