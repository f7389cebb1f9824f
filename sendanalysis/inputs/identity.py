"""Ids that a person takes for the same, and words that stand where an id is missing: either makes a wrong count."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
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
    *("undefined", "unk", "n/k", "tba", "xx", "xxx", "same", "as above", "ditto", "not set", "none given", "default"),
    *("empty", "void", "deleted", "withheld", "redacted", "anon", "anonymous", "no id", "no record", "\\n", "-1"),
}
_AROUND = "()[]<>{}"  # what stands around a word for no value: (null), <NA>
_EXCEL_ERROR = re.compile(r"#(REF!|VALUE!|NAME\?|DIV/0!|N/A|NUM!|NULL!|SPILL!|CALC!)", re.IGNORECASE)
_LATIN = str.maketrans("авекмнорстухіјѕαβεζημικνορτυχ", "abekmhopctyxijsabezhmikvoptux")  # look alike
_QUOTES = dict.fromkeys(map(ord, "'’‘`´"))
ONE_WAY = "Write it in one way."
IDS = "Write the id of the record, or its pseudonym."
GROUPS = 50  # a column of texts with more of them is prose
ONE_IN = 50  # ids, of which one may be made otherwise
SEE = "See whether it is an id, and write it in one way."


def id_faults(text: pd.DataFrame, contract: Contract, file: str) -> list[Fault]:
    """Faults in the columns whose names end in _id, and in those of other texts by which rows are grouped.

    Two ids are the same to a person where they differ in capitals, spaces, marks that do not print, apostrophes,
    full-width signs, letters of another alphabet that look alike, dashes, or zeros in front of a number or after its
    point. Of other texts that is a warning, and so is a single id that is made otherwise than all others: CHO012,
    CH-0012, ch0012 or N/K where they are CH0011 and its like.

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
        faults += _of_another_make(first[~first.isin(odd)], column.name, file) if is_id else []
    return faults


def _of_another_make(ids: pd.Series[str], column: str, file: str) -> Iterator[Fault]:
    """A warning for each of the few ids that are made otherwise than all others of many: see `_makes`."""
    for made in zip(*map(_makes, ids), strict=True):
        usual = Counter(made).most_common(1)[0][0]
        odd = [place for place, make in enumerate(made) if make != usual]
        if usual and len(odd) <= len(ids) // ONE_IN:
            for place in odd:
                problem = f"is made otherwise than nearly all others, such as '{one_line(ids.iloc[made.index(usual)])}'"
                yield Fault(file, int(str(ids.index[place])), column, ids.iloc[place], problem, SEE, warns=True)
            return


def _makes(value: str) -> tuple[str, str, str]:
    """How an id is made, in three ways: without its numbers, without its letters, and by the case of its letters.

    >>> _makes("CH0012/a"), _makes("CHO12"), _makes("12")
    (('CH9/a', 'A9/a', ''), ('CHO9', 'A9', 'capitals'), ('9', '9', 'capitals'))
    """
    named = re.sub("[0-9]+", "9", value)
    case = "capitals" if value == value.upper() else "small letters" if value == value.lower() else ""
    return named, re.sub("[a-z]+", "a", re.sub("[A-Z]+", "A", named)), case


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
    word = value.casefold()
    signs = not any(map(str.isalnum, as_a_person_reads(value)))
    return bool({word, word.strip(_AROUND)} & NO_IDS) or signs or _no_text(value)


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
    kinds = [(sign, unicodedata.category(sign)) for sign in plain if not sign.isspace()]
    printed = "".join(_as_printed(sign, kind) for sign, kind in kinds)
    return re.sub(r"(?<![0-9])0+(?=[0-9])|(?<=[0-9])\.0$", "", printed)


def _as_printed(sign: str, kind: str) -> str:
    """A sign as a person reads it in an id: dashes are one, digits of any script are digits, and marks do not print."""
    if kind == "Nd":
        return str(unicodedata.decimal(sign))
    return "" if kind in {"Cf", "Mn", "Me"} else "-" if kind == "Pd" else sign
