"""Ids that a person takes for the same, and words that stand where an id is missing: either makes a wrong count."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

from sendanalysis.inputs.contracts import Fault, one_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    import pandas as pd

    from sendanalysis.inputs.contracts import Contract

NO_IDS = {
    *("-", "--", "?", ".", "0", "00", "na", "n/a", "#n/a", "#ref!", "#value!", "nan", "nat", "nil", "none", "null"),
    *("tbc", "test", "unknown", "not known", "not recorded", "missing", "blank", "(blank)", "x", "n.a.", "n.k.", "nk"),
    *("not applicable", "not available", "pending", "to follow", "tbd", "none recorded", "error", "dummy"),
}
_EXCEL_ERROR = re.compile(r"#(REF!|VALUE!|NAME\?|DIV/0!|N/A|NUM!|NULL!|SPILL!|CALC!)", re.IGNORECASE)
_LATIN = str.maketrans("авекмнорстухіјѕαβεικνορτυχ", "abekmhopctyxijsabeikvoptux")  # look alike
_QUOTES = dict.fromkeys(map(ord, "'’‘`´"))
ONE_WAY = "Write it in one way."
IDS = "Write the id of the record, or its pseudonym."
GROUPS = 50  # a column of texts with more of them is prose
ONE_IN = 50  # ids, of which one may be in other capitals


def id_faults(text: pd.DataFrame, contract: Contract, file: str) -> list[Fault]:
    """Faults in the columns whose names end in _id, and in those of other texts by which rows are grouped.

    Two ids are the same to a person where they differ in capitals, spaces, marks that do not print, apostrophes,
    full-width signs, letters of another alphabet that look alike, or zeros in front of a number. Of other texts that is
    a warning, and so is a single id in other capitals than all others.

    Args:
        text: Cells as written, by row number.
        contract: Whose columns are read.
        file: File that a fault names.
    """
    faults = []
    for column in contract.columns:
        if column.kind != "text" or column.name not in text:
            continue
        written = text.loc[text[column.name] != "", column.name]
        first = written.drop_duplicates()
        is_id = column.name.endswith("_id")
        if not is_id and len(first) > GROUPS:
            continue
        odd = set(filter(is_no_id if is_id else _no_text, first))
        problem, remedy = (
            ("is no id", IDS) if is_id else ("is no text but a formula, an error or damaged", "Correct it.")
        )
        faults += [
            Fault(file, int(str(row)), column.name, value, problem, remedy)
            for row, value in written[written.isin(odd)].items()
        ]
        seen: dict[str, tuple[int, str]] = {}
        for row, value in first[~first.isin(odd)].items():
            other, theirs = seen.setdefault(as_a_person_reads(value), (int(str(row)), value))
            if theirs != value:
                problem = f"is '{one_line(theirs)}' of row {other} to a person, and would count as another"
                faults.append(Fault(file, int(str(row)), column.name, value, problem, ONE_WAY, warns=not is_id))
        faults += _in_other_case(first[~first.isin(odd)], column.name, file) if is_id else []
    return faults


def _in_other_case(ids: pd.Series[str], column: str, file: str) -> Iterator[Fault]:
    """A warning for each of the few ids that are not in capitals, or small letters, where all others of many are."""
    for name, same in (("capitals", str.isupper), ("small letters", str.islower)):
        odd = ids[~ids.map(same) & (ids.str.upper() != ids.str.lower())]
        if len(odd) <= len(ids) // ONE_IN:
            for row, value in odd.items():
                yield Fault(
                    file, int(str(row)), column, value, f"is not in {name} as all others are", ONE_WAY, warns=True
                )


def ids_across(tables: Mapping[str, pd.DataFrame], contracts: Iterable[Contract]) -> list[Fault]:
    """Ids of one column that stand in several extracts and are the same to a person alone; see `id_faults`."""
    seen: dict[tuple[str, str], tuple[str, int, str]] = {}
    faults = []
    for contract in contracts:
        for column in contract.columns:
            if contract.folder != "extracts" or column.kind != "text" or not column.name.endswith("_id"):
                continue
            for row, value in tables[contract.name][column.name].dropna().drop_duplicates().items():
                file, line = f"{contract.name}.csv", int(str(row))
                other, first, theirs = seen.setdefault((column.name, as_a_person_reads(value)), (file, line, value))
                if theirs != value and other != file:
                    problem = f"is '{one_line(theirs)}' of {other} row {first} to a person, and would count as another"
                    faults.append(Fault(file, line, column.name, value, problem, ONE_WAY))
    return faults


def is_no_id(value: str) -> bool:
    """Whether a cell holds nothing that could be an id: a word in its place, an error of Excel, no sign that prints."""
    return value.casefold() in NO_IDS or not as_a_person_reads(value) or _no_text(value)


def _no_text(value: str) -> bool:
    """Whether a cell holds a formula or an error of Excel, control characters, or marks of a wrong encoding."""
    return (
        value.startswith("=")
        or bool(_EXCEL_ERROR.fullmatch(value))
        or any(sign == "\ufffd" or unicodedata.category(sign) == "Cc" for sign in value)
    )


def as_a_person_reads(value: str) -> str:
    """An id as a person reads it."""
    plain = unicodedata.normalize("NFKC", value).casefold().translate(_QUOTES).translate(_LATIN)
    printed = "".join(sign for sign in plain if not sign.isspace() and unicodedata.category(sign) != "Cf")
    return re.sub(r"(?<![0-9])0+(?=[0-9])", "", printed)
