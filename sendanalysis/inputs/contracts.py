"""What a table must look like, said in data, and what a fault in one looks like.

A contract is data: columns with their kind, unit, meaning and allowed values, a key, and rules across columns.
"""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from importlib import resources
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection

MARKERS = ("x", "z", "c", "*", "low", "u", "k", ":")
PATTERNS = {
    "date": (r"(19|20)[0-9]{2}-[0-9]{2}-[0-9]{2}", "is not a date", "Write it as YYYY-MM-DD."),
    "month": (r"(19|20)[0-9]{2}-(0[1-9]|1[0-2])", "is not a month", "Write it as YYYY-MM."),
    "integer": (r"-?[0-9]{1,15}", "is not a whole number", "Write digits only."),
    "number": (r"-?[0-9]{1,15}(\.[0-9]+)?", "is not a number", "Write digits with a full stop for decimals."),
    "survey_year": (r"20[0-9]{2}/[0-9]{2}", "is not a survey year", "Write it as 2019/20."),
    "published": (
        rf"[0-9]{{1,15}}(\.[0-9]+)?|{'|'.join(map(re.escape, MARKERS))}",
        "is neither a number nor a marker",
        f"Write a number or one of {' '.join(MARKERS)}.",
    ),
}


@dataclass(frozen=True)
class Column:
    """One column of a contract.

    Attributes:
        name: Heading in the file.
        kind: text, date, month, integer, number, survey_year, published (number or marker) or choice.
        meaning: What a reader must know to fill it in.
        unit: Unit of a number, such as `days` or `per cent`.
        one_of: Allowed values of a choice; capitals and surrounding spaces are read leniently.
        blank: Whether a cell may be empty.
        required: Whether the heading must be there.
        least: Smallest number allowed.
        most: Largest number allowed.
        refers: Table and column that must hold the value, such as `actions.action_id`.
    """

    name: str
    kind: str
    meaning: str
    unit: str = ""
    one_of: tuple[str, ...] = ()
    blank: bool = False
    required: bool = True
    least: float | None = None
    most: float | None = None
    refers: str = ""

    @property
    def range(self) -> str:
        """The numbers allowed, in words; empty where any is."""
        if self.least is None:
            return "" if self.most is None else f"{self.most:g} or less"
        return f"{self.least:g} or more" if self.most is None else f"{self.least:g} to {self.most:g}"

    @property
    def allowed(self) -> str:
        """What a cell may hold, in words."""
        return ", ".join(self.one_of) or self.range or (f"in {self.refers}" if self.refers else "any")


@dataclass(frozen=True)
class Rule:
    """A rule across the columns of one row, or across rows.

    Attributes:
        column: Column whose cell is named in the fault.
        broken: True for each row that breaks the rule, as pandas evaluates it over the columns.
        problem: What is wrong; names in braces are filled from the row.
        remedy: What to do.
        warns: Whether the figures stand all the same.
        beside: Table that the rows refer to, whose columns the rule knows as `its_…`; empty for none.
    """

    column: str
    broken: str
    problem: str
    remedy: str
    warns: bool = False
    beside: str = ""

    @property
    def in_general(self) -> str:
        """The problem without the cells of any one row."""
        return re.sub(r"[ ]?[(][{].*?[}][)]", "", self.problem)


@dataclass(frozen=True)
class Contract:
    """A table: its folder and name, what one row is, the columns that identify a row, and its rules.

    `required` is yes, no, or the measure whose KPIs need the table; `beside` are the rules that need another table too.
    `shareable` are the columns of text, ids among them, whose values briefings print since many rows share each.
    """

    folder: str
    name: str
    one_row: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    rules: tuple[Rule, ...] = ()
    required: str = "no"
    beside: tuple[Rule, ...] = ()
    shareable: tuple[str, ...] = ()

    def is_needed(self, measures: Collection[str]) -> bool:
        """Whether an area whose plan uses these measures must have the table."""
        return self.required == "yes" or self.required in measures


@dataclass(frozen=True)
class Fault:
    """One thing wrong with a table, with where, what and the remedy; `table` is empty for what belongs to none.

    >>> print(Fault("advice_requests.csv", 14, "returned_on", "31/02/2022", "is not a date", "Write it as YYYY-MM-DD."))
    advice_requests.csv row 14, returned_on: '31/02/2022' is not a date. Write it as YYYY-MM-DD.
    """

    file: str
    row: int | None
    column: str
    value: str | None
    problem: str
    remedy: str
    warns: bool = False
    record: str = ""
    table: str = ""

    def __str__(self) -> str:
        place = self.file + (f" row {self.row}" if self.row else "") + (f", {self.column}" if self.column else "")
        value = "" if self.value is None else f"'{one_line(self.value)}' "
        said = f"{place}: {value}{self.problem}. {self.remedy}"
        return "".join(sign if sign.isprintable() else " " for sign in said)


def one_line(value: str) -> str:
    """A cell's text on one line of a terminal: no control characters, at most 60 characters."""
    text = " ".join("".join(c if c.isprintable() else " " for c in value).split())
    return text if len(text) <= 60 else text[:57] + "…"


def _load_contracts() -> tuple[Contract, ...]:
    tables, columns, rules = (_rows(name) for name in ("tables", "columns", "rules"))
    return tuple(
        Contract(
            folder=table["folder"],
            name=table["table"],
            one_row=table["one_row"],
            key=_parts(table["key"]),
            required=table["required"],
            shareable=_parts(table["shareable"]),
            columns=tuple(_column(row) for row in columns if row["table"] == table["table"]),
            rules=tuple(_rule(row) for row in rules if row["table"] == table["table"] and not row["beside"]),
            beside=tuple(_rule(row) for row in rules if row["table"] == table["table"] and row["beside"]),
        )
        for table in tables
    )


def _rows(name: str) -> list[dict[str, str]]:
    file = resources.files(__package__).joinpath(f"{name}.csv")
    return list(csv.DictReader(file.read_text("utf-8").splitlines()))


def _rule(row: dict[str, str]) -> Rule:
    texts = {name: row[name] for name in ("column", "broken", "problem", "remedy", "beside")}
    return Rule(**texts, warns=row["warns"] == "yes")


def _column(row: dict[str, str]) -> Column:
    return Column(
        name=row["column"],
        kind=row["kind"],
        meaning=row["meaning"],
        unit=row["unit"],
        one_of=_parts(row["allowed"]),
        blank=row["blank"] == "yes",
        required=row["required"] == "yes",
        least=float(row["least"]) if row["least"] else None,
        most=float(row["most"]) if row["most"] else None,
        refers=row["refers"],
    )


def _parts(text: str) -> tuple[str, ...]:
    return tuple(text.split(";")) if text else ()


CONTRACTS = _load_contracts()
"""Every table of an area folder, with its rules: `tables.csv`, `columns.csv` and `rules.csv` beside this module."""
