"""Ids that a person takes for the same, and words that stand where an id is missing: either makes a wrong count."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

from sendanalysis.inputs.contracts import Fault

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    import pandas as pd

    from sendanalysis.inputs.contracts import Contract

NO_IDS = {
    *("-", "--", "?", ".", "0", "00", "na", "n/a", "#n/a", "#ref!", "#value!", "nan", "nat", "nil", "none", "null"),
    *("tbc", "test", "unknown", "not known", "not recorded", "missing", "blank", "(blank)", "x", "n.a.", "n.k.", "nk"),
    *("not applicable", "not available", "pending", "to follow", "tbd", "none recorded", "error", "dummy"),
}
_LATIN = str.maketrans("авекмнорстухіјѕαβεικνορτυχ", "abekmhopctyxijsabeikvoptux")  # look alike
_QUOTES = dict.fromkeys(map(ord, "'’‘`´"))
ONE_WAY = "Write one id in one way."


def id_faults(text: pd.DataFrame, contract: Contract, file: str) -> list[Fault]:
    """Faults in the columns whose names end in _id.

    Two ids are the same to a person where they differ in capitals, spaces, marks that do not print, apostrophes,
    full-width signs, letters of another alphabet that look alike, or zeros in front of a number.

    Args:
        text: Cells as written, by row number.
        contract: Whose columns are read.
        file: File that a fault names.
    """
    faults = []
    for column in contract.columns:
        if column.kind == "text" and column.name.endswith("_id") and column.name in text:
            written = text.loc[text[column.name] != "", column.name]
            first = written.drop_duplicates()
            faults += [
                Fault(
                    file, int(str(row)), column.name, value, "is no id", "Write the id of the record, or its pseudonym."
                )
                for row, value in written[written.str.casefold().isin(NO_IDS)].items()
            ]
            seen: dict[str, tuple[int, str]] = {}
            for row, value in first.items():
                alike = as_a_person_reads(value)
                if alike in seen:
                    other, theirs = seen[alike]
                    problem = f"is '{theirs}' of row {other} to a person, and would count as another"
                    faults.append(Fault(file, int(str(row)), column.name, value, problem, ONE_WAY))
                seen.setdefault(alike, (int(str(row)), value))
    return faults


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
                    problem = f"is '{theirs}' of {other} row {first} to a person, and would count as another"
                    faults.append(Fault(file, line, column.name, value, problem, ONE_WAY))
    return faults


def as_a_person_reads(value: str) -> str:
    """An id as a person reads it."""
    plain = unicodedata.normalize("NFKC", value).casefold().translate(_QUOTES).translate(_LATIN)
    printed = "".join(sign for sign in plain if not sign.isspace() and unicodedata.category(sign) != "Cf")
    return re.sub(r"(?<![0-9])0+(?=[0-9])", "", printed)
