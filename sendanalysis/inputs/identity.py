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
    *("undefined", "unk", "n/k", "tba", "xx", "xxx", "same", "as above", "ditto", "not set", "none given", "default"),
    *("empty", "void", "deleted", "withheld", "redacted", "anon", "anonymous", "no id", "no record", "\\n", "-1"),
}
_AROUND = "()[]<>{}"  # what stands around a word for no value: (null), <NA>
_NO_TEXT = re.compile(  # a formula, an error of Excel, a control character, a sign that could not be decoded
    r"\A=|\A#(REF!|VALUE!|NAME\?|DIV/0!|N/A|NUM!|NULL!|SPILL!|CALC!)\Z|[\x00-\x1f\x7f-\x9f\ufffd]", re.IGNORECASE
)
_NO_SIGN = re.compile(r"^[\W_]*$", re.MULTILINE)
_ZEROS = re.compile(r"(?<![0-9])0+(?=[0-9])|(?<=[0-9])\.0$", re.MULTILINE)
_LATIN = str.maketrans("авекмнорстухіјѕαβεζημικνορτυχ", "abekmhopctyxijsabezhmikvoptux")  # look alike
_NINES = dict.fromkeys(map(ord, "012345678"), "9")
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
    point. Of other texts that is a warning, and so is a single id that is made otherwise than all others: XYO12,
    XY-12, xy12 or N/K where they are XY11 and its like.

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
        odd = _no_texts(first) | _no_ids(first) if is_id else _no_texts(first)
        problem, remedy = (
            ("is no id", IDS) if is_id else ("is no text but a formula, an error or damaged", "Correct it.")
        )
        faults += [
            Fault(file, int(str(row)), column.name, value, problem, remedy)
            for row, value in (cells[cells.isin(first[odd])].items() if odd.any() else ())
        ]
        first = first[~odd]
        if len(set("\n".join(first.tolist()).translate(_NINES).split("\n"))) < 2:
            continue  # digits alone differ, and are as many in each, so that no two could be read as one
        read = pd.Series(as_people_read(first.tolist()), first.index, dtype="str")
        seen: dict[str, tuple[int, str]] = {}
        alike = read.duplicated(keep=False)
        for (row, value), as_read in zip(first[alike].items(), read[alike], strict=True):
            other, theirs = seen.setdefault(as_read, (int(str(row)), value))
            if theirs != value:
                problem = f"is '{one_line(theirs)}' of row {other} to a person, and would count as another"
                faults.append(Fault(file, int(str(row)), column.name, value, problem, ONE_WAY, warns=not is_id))
        faults += _of_another_make(first, column.name, file) if is_id else []
    return faults


def _of_another_make(ids: pd.Series[str], column: str, file: str) -> Iterator[Fault]:
    """A warning for each of the few ids that are made otherwise than all others of many: see `_makes`."""
    for made in _makes(ids.tolist()):
        usual, often = Counter(made).most_common(1)[0]
        if usual and len(ids) - often <= len(ids) // ONE_IN:
            like = one_line(ids.iloc[made.index(usual)])
            for place in [place for place, make in enumerate(made) if make != usual]:
                problem = f"is made otherwise than nearly all others, such as '{like}'"
                yield Fault(file, int(str(ids.index[place])), column, ids.iloc[place], problem, SEE, warns=True)
            return


def _makes(ids: Sequence[str]) -> Iterator[list[str]]:
    """How ids are made, in three ways: without their numbers, without their letters, and by the case of their letters.

    >>> [*_makes(["XY12/a", "XYO12", "12"])]
    [['XY9/a', 'XYO9', '9'], ['A9/a', 'A9', '9'], ['', 'capitals', 'capitals']]
    """
    named = re.sub("[0-9]+", "9", "\n".join(ids))
    yield named.split("\n")
    yield re.sub("[a-z]+", "a", re.sub("[A-Z]+", "A", named)).split("\n")
    yield ["capitals" if value == value.upper() else "small letters" if value == value.lower() else "" for value in ids]


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
    word = value.casefold()
    signs = not any(map(str.isalnum, as_a_person_reads(value)))
    return bool({word, word.strip(_AROUND)} & NO_IDS) or signs or bool(_NO_TEXT.search(value))


def _no_ids(values: pd.Series[str]) -> pd.Series[bool]:
    """Values that are no id, of which those that may be none are looked at one by one."""
    texts = values.tolist()
    likely = [not text.isascii() or text.casefold().strip(_AROUND) in NO_IDS for text in texts]
    if _NO_SIGN.search("\n".join(texts)):
        likely = [known or bool(_NO_SIGN.fullmatch(text)) for known, text in zip(likely, texts, strict=True)]
    return pd.Series(
        [known and is_no_id(text) for known, text in zip(likely, texts, strict=True)], values.index, dtype=bool
    )


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
    printed = {ord(sign): _as_printed(sign) for sign in set(plain) - {"\n"}}
    changed = {sign: read for sign, read in printed.items() if read != chr(sign)}
    return _ZEROS.sub("", plain.translate(changed) if changed else plain).split("\n")


def _as_printed(sign: str) -> str:
    """A sign as a person reads it in an id: dashes are one, digits of any script are digits, and marks do not print."""
    kind = unicodedata.category(sign)
    if kind == "Nd":
        return str(unicodedata.decimal(sign))
    return "" if sign.isspace() or kind in {"Cf", "Mn", "Me"} else "-" if kind == "Pd" else sign
