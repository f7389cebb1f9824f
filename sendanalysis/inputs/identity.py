"""Ids that a person takes for the same, and words that stand where an id is missing: either makes a wrong count."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from typing import TYPE_CHECKING

import pandas as pd

from sendanalysis.inputs.contracts import Fault, one_line
from sendanalysis.methods.texts import firsts

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from sendanalysis.inputs.contracts import Contract

NO_IDS = {
    *("-", "--", "?", ".", "0", "00", "na", "n/a", "#n/a", "#ref!", "#value!", "nan", "nat", "nil", "none", "null"),
    *("tbc", "test", "unknown", "not known", "not recorded", "missing", "blank", "(blank)", "x", "n.a.", "n.k.", "nk"),
    *("not applicable", "not available", "pending", "to follow", "tbd", "none recorded", "error", "dummy"),
}
_NO_TEXT = re.compile(  # a formula, an error of Excel, a control character, a sign that could not be decoded
    r"\A=|\A#(REF!|VALUE!|NAME\?|DIV/0!|N/A|NUM!|NULL!|SPILL!|CALC!)\Z|[\x00-\x1f\x7f-\x9f\ufffd]", re.IGNORECASE
)
_ZEROS = re.compile(r"(?<![0-9])0+(?=[0-9])")
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
        cells = text[column.name]
        first = firsts(cells)
        first = first[first != ""]
        is_id = column.name.endswith("_id")
        if not is_id and len(first) > GROUPS:
            continue
        read = pd.Series(as_people_read(first.tolist()), first.index, dtype="str")
        odd = _no_texts(first) | (is_id & (read.eq("") | _words_for_none(first, read)))
        problem, remedy = (
            ("is no id", IDS) if is_id else ("is no text but a formula, an error or damaged", "Correct it.")
        )
        faults += [
            Fault(file, int(str(row)), column.name, value, problem, remedy)
            for row, value in (cells[cells.isin(first[odd])].items() if odd.any() else ())
        ]
        first, read = first[~odd], read[~odd]
        seen: dict[str, tuple[int, str]] = {}
        alike = read.duplicated(keep=False)
        for (row, value), as_read in zip(first[alike].items(), read[alike], strict=True):
            other, theirs = seen.setdefault(as_read, (int(str(row)), value))
            if theirs != value:
                problem = f"is '{one_line(theirs)}' of row {other} to a person, and would count as another"
                faults.append(Fault(file, int(str(row)), column.name, value, problem, ONE_WAY, warns=not is_id))
        faults += _in_other_case(first, column.name, file) if is_id else []
    return faults


def _in_other_case(ids: pd.Series[str], column: str, file: str) -> Iterator[Fault]:
    """A warning for each of the few ids that are not in capitals, or small letters, where all others of many are."""
    together = "".join(ids.tolist())
    if together.isascii() and together in {together.upper(), together.lower()}:
        return
    for name, same in (("capitals", str.isupper), ("small letters", str.islower)):
        odd = ids[~ids.map(same).astype(bool) & (ids.str.upper() != ids.str.lower())]
        if len(odd) <= len(ids) // ONE_IN:
            for row, value in odd.items():
                yield Fault(
                    file, int(str(row)), column, value, f"is not in {name} as all others are", ONE_WAY, warns=True
                )


def ids_across(tables: Mapping[str, pd.DataFrame], contracts: Iterable[Contract]) -> list[Fault]:
    """Ids of one column that stand in several extracts and are the same to a person alone; see `id_faults`."""
    columns = [
        (contract.name, column.name)
        for contract in contracts
        for column in contract.columns
        if contract.folder == "extracts" and column.kind == "text" and column.name.endswith("_id")
    ]
    often = Counter(name for _, name in columns)
    parts = [_ids_of(tables[table][name], f"{table}.csv", name) for table, name in columns if often[name] > 1]
    ids = pd.concat([part for part in parts if len(part)]) if any(map(len, parts)) else pd.DataFrame()
    if ids.empty:
        return []
    first = ids.drop_duplicates(["column", "read"])
    both = ids.merge(first, on=["column", "read"], suffixes=("", "_first"))
    wrong = both[(both["value"] != both["value_first"]) & (both["file"] != both["file_first"])]
    return [
        Fault(
            *(found["file"], found["row"], found["column"], found["value"]),
            f"is '{one_line(found['value_first'])}' of {found['file_first']} row {found['row_first']} to a person, "
            "and would count as another",
            ONE_WAY,
        )
        for found in wrong.to_dict("records")
    ]


def _ids_of(cells: pd.Series[str], file: str, column: str) -> pd.DataFrame:
    """Each id of a column, where it stands first, and as a person reads it."""
    first = firsts(cells)
    found = {"file": file, "row": first.index, "column": column, "value": first, "read": as_people_read(first.tolist())}
    return pd.DataFrame(found)


def is_no_id(value: str) -> bool:
    """Whether a cell holds nothing that could be an id: a word in its place, an error of Excel, no sign that prints."""
    return value.casefold() in NO_IDS or not as_a_person_reads(value) or bool(_NO_TEXT.search(value))


def _words_for_none(values: pd.Series[str], read: pd.Series[str]) -> pd.Series[bool]:
    """Values that say there is no id."""
    likely = read.isin(as_people_read(sorted(NO_IDS)))
    return likely & values.where(likely, "").str.casefold().isin(NO_IDS) if likely.any() else likely


def _no_texts(values: pd.Series[str]) -> pd.Series[bool]:
    """Values that are a formula or an error of Excel, or hold control characters or marks of a wrong encoding."""
    together = "".join(values.tolist())
    if together.isprintable() and not any(sign in together for sign in "=#\ufffd"):
        return pd.Series(data=False, index=values.index)
    return values.map(_NO_TEXT.search).notna()


def as_a_person_reads(value: str) -> str:
    """An id as a person reads it."""
    return as_people_read([value])[0]


def as_people_read(values: Sequence[str]) -> list[str]:
    """Ids as a person reads them, all in one text with an id a line."""
    if not values:
        return []
    text = "\n".join(values)
    if text.count("\n") >= len(values):
        text = "\n".join(value.replace("\n", " ") for value in values)
    plain = unicodedata.normalize("NFKC", text).casefold().translate(_QUOTES)
    plain = plain if plain.isascii() else plain.translate(_LATIN)
    signs = set(plain) - {"\n"}
    unseen = {ord(sign): None for sign in signs if sign.isspace() or unicodedata.category(sign) == "Cf"}
    return _ZEROS.sub("", plain.translate(unseen) if unseen else plain).split("\n")
