"""Measures that an area declares itself, in `measures.toml`: tables of its own, and what is counted in them.

A measure is a kind with the columns it reads and its groups by plain equality, never an expression. Everything that is
named is checked here, so that nothing of the file is passed over in silence.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from sendanalysis.errors import InputError
from sendanalysis.inputs.contracts import Column, Contract, one_line
from sendanalysis.inputs.parameters import FIRST_DAY, LAST_DAY, MOST, read_day
from sendanalysis.inputs.toml_reader import TomlReader

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

Values = dict[str, tuple[str, ...]]
Columns = dict[str, Column]
FILE = "measures.toml"
COLUMN_KINDS = ("text", "date", "month", "integer", "number", "choice")
COLUMN_FIELDS = ("kind", "meaning", "unit", "one_of", "blank", "required", "least", "most")
NUMBERS = ("integer", "number")
COMPARED = ("text", "choice", "month", "integer")  # kinds whose cells can be said to equal a value
OF_FIGURES = ("on", "met", "counts", "usable", "days")  # columns that a figure makes of its own
DATE, DAYS, DAY, NUMBER, VALUES, POPULATION = "date", "days", "day", "number", "values", "population"
KINDS: dict[str, dict[str, str]] = {  # each kind's fields; a stroke: one of the two; a question mark: may be left out
    "share on time": {"start": DATE, "done": DATE, "limit_days|due": f"{DAYS}|{DATE}", "stopped?": DATE},
    "share": {"on": DATE, "met": VALUES},
    "count": {"on": DATE},
    "cohort cleared": {"cohort_on": DAY, "start": DATE, "done": DATE, "left?": DATE, "figure?": "share|remaining"},
    "stock on a day": {"start": DATE, "done": DATE},
    "time to event": {"start": DATE, "done": DATE, "statistic?": "mean|median", "unit?": "days|weeks"},
    "rate per population": {"on": DATE, "population": POPULATION, "per": NUMBER},
}
SETTABLE = ("limit_days", "cohort_on", "figure", "statistic", "unit", "per")
COMMON = ("kind", "label", "counted", "table", "leave_out", "groups")


@dataclass(frozen=True)
class Declared:
    """One measure of an area's own.

    Attributes:
        name: Its name, as kpis.csv gives it.
        kind: One of `KINDS`.
        label: What is measured, in words.
        counted: What is counted, as one and as many.
        table: Table it counts.
        fields: The kind's own fields: columns by role, days, numbers.
        leave_out: Rows outside every figure: values by column.
        groups: Rows of each group: values by column; `all` is not among them.
    """

    name: str
    kind: str
    label: str
    counted: tuple[str, str]
    table: str
    fields: Mapping[str, Any]
    leave_out: Values = field(default_factory=dict)
    groups: Mapping[str, Values] = field(default_factory=dict)

    @property
    def unit(self) -> str:
        """Unit of its figures: percent, days, weeks, or empty where it counts."""
        if self.kind == "time to event":
            return str(self.fields.get("unit", "days"))
        share = self.kind == "cohort cleared" and self.fields.get("figure", "share") == "share"
        return "percent" if share or self.kind in {"share", "share on time"} else ""

    @property
    def settable(self) -> tuple[str, ...]:
        """Fields that a run may set otherwise: days, numbers and words, not columns."""
        return tuple(name for name in SETTABLE if name in self.fields)

    def with_values(self, values: Mapping[str, str]) -> Declared:
        """The same measure with some of its fields set, by `measure.name`, read as the field's kind.

        Raises:
            InputError: A value that the field cannot take.
        """
        found, asked = dict(self.fields), dict(_asked(self.kind))
        for name in self.settable:
            text = values.get(f"{self.name}.{name}")
            if text is not None:
                found[name] = _read(f"{self.name}.{name}", text, self.fields[name], asked[name])
        return replace(self, fields=found)


def _asked(kind: str) -> Iterator[tuple[str, str]]:
    """Every field that a kind knows, with what it is."""
    for key, what in KINDS[kind].items():
        either = "|" in key
        yield from zip(key.split("|"), what.split("|"), strict=True) if either else [(key.rstrip("?"), what)]


def _read(name: str, text: str, given: Any, what: str) -> Any:
    if isinstance(given, str):
        if text not in what.split("|"):
            raise InputError(f"{name}: '{text}' is not one of {', '.join(what.split('|'))}.")
        return text
    try:
        if isinstance(given, dt.date):
            return read_day(dt.date.fromisoformat(text), name)
        number = type(given)(text)
    except ValueError as error:
        raise InputError(f"{name}: '{text}' cannot be read as {given} is. Write a value of that kind.") from error
    if not 0 < number <= max(MOST, given):
        raise InputError(f"{name}: {text} is not allowed. Allowed is 1 to {max(MOST, given):,}.")
    return number


def read_declared(folder: Path, built_in: tuple[str, ...]) -> tuple[tuple[Contract, ...], tuple[Declared, ...]]:
    """The tables and measures that an area declares itself; none where it has no `measures.toml`.

    Args:
        folder: The area folder.
        built_in: Names of tables and measures that are taken.

    Returns:
        Contracts of its tables, and its measures.

    Raises:
        InputError: Something in the file cannot be used; the message names line, what was found and what is expected.
    """
    path = folder / FILE
    if not path.is_file():
        return (), ()
    return _Reader(path).read(built_in)


class _Reader(TomlReader):
    """Reads `measures.toml`."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, "data/wexmoor/measures.toml")
        self._tables: dict[str, Contract] = {}

    def read(self, taken: tuple[str, ...]) -> tuple[tuple[Contract, ...], tuple[Declared, ...]]:
        self.known("", self.given, ("tables", "measures"))
        sections = {name: self.section(name, self.given.get(name, {})) for name in ("tables", "measures")}
        for kind, named in sections.items():
            for name in named:
                if name in taken:
                    self.fail(f"{kind}.{name}", "it is the name of a built-in table or measure. Choose another name.")
        for name, found in sections["tables"].items():
            self._tables[name] = self.table(f"tables.{name}", name, found)
        measures = [self.measure(f"measures.{name}", name, found) for name, found in sections["measures"].items()]
        return tuple(self._tables.values()), tuple(measures)

    def table(self, place: str, name: str, given: dict[str, Any]) -> Contract:
        self.known(place, given, ("one_row", "key", "shareable", "columns"))
        remedy = f"it has no columns. Declare each under [{place}.columns]."
        columns = self.table_of(f"{place}.columns", given.get("columns"), remedy) or self.fail(place, remedy)
        read = tuple(self.column(f"{place}.columns.{column}", column, found) for column, found in columns.items())
        named = {end: self.texts(f"{place}.{end}", given[end]) for end in ("key", "shareable") if end in given}
        for end, listed in named.items():
            for column in listed:
                self.column_named(f"{place}.{end}", column, {found.name: found for found in read})
        one_row = self.text(f"{place}.one_row", given.get("one_row", "one record"))
        key, shareable = named.get("key", ()), named.get("shareable", ())
        return Contract("extracts", name, one_row, read, key, required="yes", shareable=shareable)

    def column(self, place: str, name: str, given: Any) -> Column:
        self.known(place, self.table_of(place, given, 'write it as { kind = "…", meaning = "…" }.'), COLUMN_FIELDS)
        kind = self.word(f"{place}.kind", given.get("kind", ""), COLUMN_KINDS)
        if (kind == "choice") != ("one_of" in given):
            self.fail(f"{place}.one_of", 'a choice, and nothing else, names its values: one_of = ["…", "…"].')
        for flag in ("blank", "required"):
            if not isinstance(given.get(flag, False), bool):
                self.fail(f"{place}.{flag}", f"'{one_line(str(given[flag]))}' is not true or false, without quotes.")
        for end in ("least", "most"):
            if end in given and (type(given[end]) not in {int, float} or kind not in NUMBERS):
                self.fail(f"{place}.{end}", "write a number, and for a column of kind integer or number alone.")
        least, most = given.get("least"), given.get("most")
        if least is not None and most is not None and least > most:
            self.fail(f"{place}.least", f"{least} is more than most ({most}). Correct whichever of the two is wrong.")
        return Column(
            name=name,
            kind=kind,
            meaning=self.text(f"{place}.meaning", given.get("meaning", name)),
            unit=self.text(f"{place}.unit", given["unit"]) if "unit" in given else "",
            one_of=self.texts(f"{place}.one_of", given["one_of"]) if "one_of" in given else (),
            blank=given.get("blank", False),
            required=given.get("required", True),
            least=least,
            most=most,
        )

    def measure(self, place: str, name: str, given: dict[str, Any]) -> Declared:
        kind = self.word(f"{place}.kind", given.get("kind", ""), list(KINDS))
        asked = dict(_asked(kind))
        self.known(place, given, (*COMMON, *asked))
        for key in KINDS[kind]:
            parts = key.split("|")
            if not key.endswith("?") and sum(part in given for part in parts) != 1:
                one = f"either {parts[0]} or {parts[-1]}, one of them" if len(parts) > 1 else key
                self.fail(place, f"a measure of kind '{kind}' needs {one}. Add it, or choose another kind.")
        known = list(self._tables) or ["none is declared"]
        table = self._tables[self.word(f"{place}.table", given.get("table", ""), known)]
        columns = {column.name: column for column in table.columns}
        counted = self.texts(f"{place}.counted", given.get("counted", ["row", "rows"]))
        if len(counted) != 2:
            self.fail(f"{place}.counted", 'write what is counted as one and as many, such as ["review", "reviews"].')
        return Declared(
            name=name,
            kind=kind,
            label=self.text(f"{place}.label", given.get("label", name.replace("_", " "))),
            counted=(counted[0], counted[1]),
            table=table.name,
            fields={
                key: self.value(f"{place}.{key}", given[key], asked[key], columns) for key in asked if key in given
            },
            leave_out=self.values(f"{place}.leave_out", given["leave_out"], columns) if "leave_out" in given else {},
            groups=self.groups(f"{place}.groups", given.get("groups", {}), columns),
        )

    def groups(self, place: str, given: Any, columns: Columns) -> dict[str, Values]:
        found = {}
        for name, values in self.section(place, given).items():
            if name == "all":
                self.fail(f"{place}.all", "every measure has this group already. Remove it, or choose another name.")
            found[name] = self.values(f"{place}.{name}", values, columns)
            if set(found[name]) & set(OF_FIGURES):
                self.fail(f"{place}.{name}", f"figures use the names {', '.join(OF_FIGURES)}. Export it under another.")
        return found

    def value(self, place: str, given: Any, what: str, columns: Columns) -> Any:
        checks = {
            DATE: self.date_column,
            DAYS: self.days,
            DAY: self.day,
            NUMBER: self.above_nought,
            VALUES: self.values,
            POPULATION: self.population,
        }
        return checks[what](place, given, columns) if what in checks else self.word(place, given, what.split("|"))

    def days(self, place: str, given: Any, _: Columns) -> int:
        if type(given) is not int or not 0 < given <= MOST:
            self.fail(place, f"'{one_line(str(given))}' is not a number of days from 1 to {MOST}, without quotes.")
        return given

    def day(self, place: str, given: Any, _: Columns) -> dt.date:
        if type(given) is not dt.date or not FIRST_DAY <= given <= LAST_DAY:
            remedy = f"Write one from {FIRST_DAY} to {LAST_DAY}, without quotes, such as 2023-01-31."
            self.fail(place, f"'{one_line(str(given))}' is not a day. {remedy}")
        return given

    def above_nought(self, place: str, given: Any, _: Columns) -> float:
        if type(given) not in {int, float} or not 0 < given < float("inf"):
            self.fail(place, f"'{one_line(str(given))}' is not a number above nought, without quotes.")
        return float(given) if isinstance(given, float) else int(given)

    def column_named(self, place: str, given: Any, columns: Columns, kinds: tuple[str, ...] = COLUMN_KINDS) -> str:
        fitting = [name for name, column in columns.items() if column.kind in kinds]
        if given not in fitting:
            what = (
                "no column of its table" if kinds == COLUMN_KINDS else f"no column of its table that holds {kinds[0]}s"
            )
            self.fail(place, f"'{one_line(str(given))}' is {what}. Those are: {', '.join(fitting) or 'none'}.")
        return str(given)

    def date_column(self, place: str, given: Any, columns: Columns) -> str:
        return self.column_named(place, given, columns, (DATE,))

    def values(self, place: str, given: Any, columns: Columns) -> Values:
        found: Values = {}
        remedy = 'write it as { column = ["value"] }.'
        for name, values in (self.table_of(place, given, remedy) or self.fail(place, remedy)).items():
            column = columns[self.column_named(place, name, columns)]
            if column.kind not in COMPARED:
                self.fail(place, f"{name} is of kind {column.kind}. Compare a column of kind {', '.join(COMPARED)}.")
            listed = values if isinstance(values, list) else [values]
            whole = column.kind == "integer" and all(type(value) is int for value in listed)
            found[name] = self.texts(f"{place}.{name}", [str(value) for value in listed] if whole else listed)
            odd = [value for value in found[name] if column.one_of and value not in column.one_of]
            if odd:
                self.fail(place, f"'{odd[0]}' is no value of {name}. Values are: {', '.join(column.one_of)}.")
        return found

    def population(self, place: str, given: Any, _: Columns) -> dict[str, str]:
        if not isinstance(given, dict) or set(given) != {"table", "column", "on"}:
            self.fail(place, 'write it as { table = "…", column = "…", on = "…" }.')
        table = self._tables[self.word(f"{place}.table", given["table"], list(self._tables))]
        columns = {column.name: column for column in table.columns}
        column = self.column_named(f"{place}.column", given["column"], columns, NUMBERS)
        return {"table": table.name, "column": column, "on": self.date_column(f"{place}.on", given["on"], columns)}
