"""How like an export's headings and values are to those of a table: by words, by spelling, by the kind of value."""

from __future__ import annotations

import csv
import difflib
import re
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING

import pandas as pd

from sendanalysis.inputs.contracts import PATTERNS, Column, Contract
from sendanalysis.inputs.privacy import personal_faults
from sendanalysis.inputs.writing import DAY, SERIAL, date_format, days_of, folded

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

ANY, NEVER, LEFT_OUT, GRADE = "*", "*never", "*left out", "*grade"
LIKELY, CERTAIN, APART = 0.65, 0.85, 0.05
_FILLING = {
    "date",
    "day",
    "the",
    "of",
    "a",
    "an",
    "on",
    "by",
    "is",
    "was",
    "in",
    "to",
    "for",
    "or",
    "and",
    "s",
    "their",
}
_WRITTEN = (
    *("dd/mm/yyyy", "dd/mm/yyyy hh:mm", "dd/mm/yyyy hh:mm:ss", "dd/mm/yy", "dd/mm/yy hh:mm", "dd-mmm-yyyy"),
    *("dd-mmm-yy", "dd mmm yyyy", "dd mmm yy", "dd mmmm yyyy", "dd-mm-yyyy", "dd.mm.yyyy", "yyyy/mm/dd", SERIAL),
)
_TURNED = ("mm/dd/yyyy", "mm/dd/yyyy hh:mm", "mm/dd/yy")
_PERSON = Contract("", "", "", (Column("any_id", "text", ""),), ())


@dataclass(frozen=True)
class Meanings:
    """What exported values mean.

    Attributes:
        translated: The table's value by the exported one, where they differ.
        likely: Those of them that somebody should look at.
        unknown: Rows by the exported value that means nothing known.
    """

    translated: Mapping[str, str]
    likely: frozenset[str]
    unknown: Mapping[str, int]


@cache
def known_words() -> dict[tuple[str, str], tuple[str, ...]]:
    """Words by column and value, from `known_words.csv` beside this module; those of the column itself under ""."""
    text = resources.files(__package__).joinpath("known_words.csv").read_text("utf-8")
    return {(row["column"], row["value"]): tuple(row["words"].split(";")) for row in csv.DictReader(text.splitlines())}


def likeness(text: str, phrase: str) -> float:
    """From 0 to 1, how much a heading or value says what a phrase says.

    The share of the phrase's words in the text, less a part for what else the text says; or the likeness of spelling.

    >>> likeness("Date withdrawn", "withdrawn"), likeness("Advisor type", "adviser type") > 0.85
    (1.0, True)
    """
    said, meant = _words(text), _words(phrase)
    shared = len(said & meant)
    by_words = shared / max(len(meant), 1) * (0.6 + 0.4 * shared / max(len(said), 1))
    spelling = difflib.SequenceMatcher(None, folded(text), folded(phrase)).ratio()
    return max(by_words, spelling if spelling >= CERTAIN else 0)


def likeness_to(text: str, column: Column) -> float:
    """How like a heading is to a column: to its name, to words known for it, else to its meaning."""
    name = re.sub(r"_(on|id)$", "", column.name).replace("_", " ")
    words = known_words().get((column.name, ""))
    return max(likeness(text, phrase) for phrase in (name, column.name, *(words or (column.meaning,))))


def is_private(heading: str) -> bool:
    """Whether a heading speaks of what names a person, or of free text."""
    said = set(re.findall(r"[^\W_]+", folded(heading)))
    return bool(said & set(known_words()[NEVER, ""]))


def names_people(cells: Iterable[str]) -> bool:
    """Whether ids are names, NHS numbers or the like."""
    return bool(personal_faults(pd.DataFrame({"any_id": list(cells)}, dtype="str"), _PERSON, ""))


def formats_of(cells: pd.Series[str]) -> tuple[tuple[str, ...], float, bool]:
    """How days are written, the share of cells that these ways read, and whether another order reads them as well."""
    kinds = pd.Series(cells[cells != ""].unique(), dtype="str")
    best = max((_ways(kinds, ways) for ways in (_WRITTEN, (*_TURNED, *_WRITTEN[5:]))), key=lambda found: found[1])
    turned = any("/" in way for way in best[0]) and _ways(kinds, (*_TURNED, *_WRITTEN[5:]))[1] == best[1]
    return (*best, turned)


def meanings_of(cells: pd.Series[str], column: Column) -> Meanings:
    """What the values of a column mean; values that are the table's own need no meaning."""
    cells = cells if column.kind != "date" else cells[:0]
    own = {value.casefold() for value in column.one_of}
    options = _options(column)
    values, likely, unknown = {}, set(), {}
    for value, rows in cells[cells != ""].value_counts(sort=False).items():
        text = str(value)
        if folded(text) in own or (column.kind in PATTERNS and re.fullmatch(PATTERNS[column.kind][0], text)):
            continue
        meant, degree = _meaning(text, column, options)
        if meant:
            values[text] = meant
            likely |= {text} if degree < CERTAIN else set()
        elif column.kind != "text":
            unknown[text] = int(rows)
    return Meanings(values, frozenset(likely), unknown)


def grades_of(cells: Iterable[str]) -> dict[str, list[str]]:
    """Answers as grades: those met, those not, and those beside the scale; empty where one is no known grade."""
    found: dict[str, list[str]] = {"met": [], "unmet": [], "beside": []}
    for cell in dict.fromkeys(filter(None, cells)):
        kind = next((kind for kind in found if folded(cell) in known_words()[GRADE, kind]), None)
        if kind is None:
            return {}
        found[kind].append(cell)
    return found if found["met"] and found["unmet"] else {}


def fit(cells: pd.Series[str], column: Column, *, is_key: bool) -> float:
    """The share of cells that a column of this kind can hold; a half where there is no cell."""
    filled = cells[cells != ""]
    if filled.empty:
        return 0.5
    if column.kind == "date":
        return formats_of(filled)[1]
    if column.kind in {"choice", *PATTERNS}:
        return 1 - sum(meanings_of(filled, column).unknown.values()) / len(filled)
    if column.name.endswith("_id"):
        if (is_key and filled.nunique() < 0.98 * len(filled)) or formats_of(filled)[1] > 0.5:
            return 0
        return 0.3 if names_people(filled.unique()) else 1
    return 0 if formats_of(filled)[1] > 0.5 else 1


def _words(text: str) -> set[str]:
    """The beginnings of the words of a text, so that `referral` and `referred` are one."""
    words = re.findall(r"[^\W_]+", folded(text))
    return {word[:5] for word in words if word not in _FILLING} or set(words)


def _options(column: Column) -> dict[str, tuple[str, ...]]:
    """Phrases by value of a column, the column's own and those of any."""
    words = known_words()
    values = column.one_of or tuple(value for name, value in words if name == column.name and value)
    keys = {value: value.casefold() for value in values}
    return {
        value: (value.replace("_", " "), *words.get((column.name, key), ()), *words.get((ANY, key), ()))
        for value, key in keys.items()
    }


def _meaning(text: str, column: Column, options: Mapping[str, tuple[str, ...]]) -> tuple[str, float]:
    """The value that an exported one means and how sure that is; empty where two are as likely, or none."""
    degrees = sorted(((max(likeness(text, each) for each in said), value) for value, said in options.items()))[-2:]
    degree, best = degrees[-1] if degrees else (0.0, "")
    others = degrees[0][0] if len(degrees) > 1 else 0.0
    by_words = best if degree >= LIKELY and degree - others >= APART else ""
    number = re.match(r"(\d+)\s*[^\d\s.,/]", text) if column.kind == "integer" else None
    if not number:
        return by_words, degree
    within = (column.least or 0) <= int(number[1]) <= (column.most or float("inf"))
    agreed = not by_words or by_words == number[1]
    return (number[1], 1.0) if within and agreed else ("", 0.0)


def _ways(kinds: pd.Series[str], ways: Iterable[str]) -> tuple[tuple[str, ...], float]:
    left, used = kinds[~days_of(kinds, ()).str.fullmatch(DAY)], []
    for way in ways:
        read = days_of(left, (date_format(way),)).str.fullmatch(DAY)
        if read.any():
            used.append(way)
            left = left[~read]
    return tuple(used), 1 - len(left) / max(len(kinds), 1)
