"""How a system's export becomes a table: a mapping, read from `mappings/<table>.toml` and checked against the contract.

A mapping is declarations alone: which file and sheet, which heading is which column, which value means which, how days
are written, what is left out. Nothing of it is an expression.
"""

from __future__ import annotations

import re
import string
from typing import TYPE_CHECKING, Any

from sendanalysis.errors import InputError
from sendanalysis.inputs.contracts import Column, Contract, one_line
from sendanalysis.inputs.mapping import Block, TableMapping
from sendanalysis.inputs.toml_reader import TomlReader
from sendanalysis.inputs.writing import date_format, folded

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

FOLDER, EXAMPLE = "mappings", "data/wexmoor/mappings/suspensions.toml"
USES = ("newest", "all")
SEPARATORS = {"comma": ",", "semicolon": ";", "tab": "\t", "bar": "|"}
SECTIONS = ("columns", "constants", "generated", "values", "grades", "dates", "leave_out")
_KNOWN = ("files", "use", "sheet", "heading_row", "separator", "never_read", "pseudonyms", *SECTIONS, "rows")


def read_mappings(folder: Path, contracts: tuple[Contract, ...]) -> dict[str, TableMapping]:
    """The mappings of an area folder, by table; none where it has no folder `mappings`.

    Args:
        folder: The area folder.
        contracts: Of the tables that can be mapped.

    Raises:
        InputError: A mapping names no such table, or something in it cannot be used; the message names the line.
    """
    known = {contract.name: contract for contract in contracts if contract.folder in {"extracts", "plan"}}
    found = {}
    for path in sorted((folder / FOLDER).glob("*.toml")):
        if path.stem not in known:
            tables = ", ".join(known)
            raise InputError(f"{FOLDER}/{path.name}: there is no table of this name. Name it as one of: {tables}.")
        found[path.stem] = read_mapping(path, known[path.stem])
    _refuse_half_hidden(found)
    return found


def read_mapping(path: Path, contract: Contract) -> TableMapping:
    """One mapping, checked against the contract of its table.

    Raises:
        InputError: Something in it cannot be used; the message names the line, what was found and the remedy.
    """
    return _Reader(path, contract).read()


def _refuse_half_hidden(mappings: Mapping[str, TableMapping]) -> None:
    """An id that is a pseudonym in one table and not in another would join nothing."""
    for name in sorted({name for mapping in mappings.values() for name in mapping.pseudonyms}):
        for mapping in mappings.values():
            if name in mapping.columns and name not in mapping.pseudonyms:
                other = next(each.file for each in mappings.values() if name in each.pseudonyms)
                raise InputError(
                    f"{mapping.file}, pseudonyms: {name} is a pseudonym in {other} and not here, so that records of "
                    f'one child would not be found together. Add "{name}" to pseudonyms in both, or in neither.'
                )


class _Reader(TomlReader):
    """Reads one mapping."""

    def __init__(self, path: Path, contract: Contract) -> None:
        super().__init__(path, EXAMPLE)
        self._file, self._contract = f"{FOLDER}/{path.name}", contract
        self._columns = {column.name: column for column in contract.columns}

    def read(self) -> TableMapping:
        self.known("", self.given, _KNOWN)
        columns, constants, generated = (self.of_columns(name, self.given.get(name, {})) for name in SECTIONS[:3])
        blocks = tuple(self.block(number, given) for number, given in enumerate(self.given.get("rows", [])))
        leave_out = self.table_of("leave_out", self.given.get("leave_out", {}), 'write "heading" = ["pattern"].')
        mapping = TableMapping(
            table=self._contract.name,
            file=self._file,
            files=self.patterns("files", self.given.get("files")),
            use=self.word("use", self.given.get("use", "newest"), USES),
            sheets=self.patterns("sheet", self.given["sheet"]) if "sheet" in self.given else (),
            heading_rows=self.heading_rows(self.given.get("heading_row", 1)),
            separator=SEPARATORS[self.word("separator", self.given.get("separator", "comma"), SEPARATORS)],
            never_read=self.listed("never_read"),
            pseudonyms=tuple(self.text_column("pseudonyms", name) for name in self.listed("pseudonyms")),
            columns=columns,
            constants=constants,
            generated={name: self.template(name, text) for name, text in generated.items()},
            translations=self.all_values(),
            dates={name: self.dates(name, given) for name, given in self.given.get("dates", {}).items()},
            leave_out={heading: self.cells(f"leave_out.{heading}", given) for heading, given in leave_out.items()},
            blocks=blocks,
            lines=self.lines,
        )
        self.refuse_gaps(mapping)
        return mapping

    def refuse_gaps(self, mapping: TableMapping) -> None:
        """Every column comes from one place, and no heading is both read and never read."""
        blocks = [set(block.columns) | set(block.constants) for block in mapping.blocks]
        ways = [set(mapping.columns), set(mapping.constants), set(mapping.generated), *blocks[:1]]
        for name, column in self._columns.items():
            given = sum(name in way for way in ways)
            if given > 1:
                self.fail(f"columns.{name}", "it is given in two ways. Keep one of them.")
            if not given and column.required:
                empty = f', or {name} = "" under [constants] where nobody records it' if column.blank else ""
                self.fail("columns", f'nothing gives {name}. Add {name} = "its heading" here{empty}.')
        for number, block in enumerate(blocks[1:], 2):
            if block != blocks[0]:
                odd = ", ".join(sorted(block ^ blocks[0]))
                self.fail("rows", f"the first and the {number}. do not give the same columns ({odd}).")
        both = next((heading for heading in mapping.never_read if heading in mapping.headings), None)
        if both:
            self.fail("never_read", f"'{one_line(both)}' is read all the same. Take it out of one of the two.")

    def of_columns(self, place: str, given: Any, *, empty: bool = True) -> dict[str, str]:
        found = self.table_of(place, given, 'write it as a section of column = "text".')
        for name, text in found.items():
            self.column(f"{place}.{name}", name)
            if not isinstance(text, str) or not (text.strip() or (empty and "constants" in place)):
                self.fail(f"{place}.{name}", f"'{one_line(str(text))}' is not text in quotes.")
        return {name: text.strip() for name, text in found.items()}

    def column(self, place: str, name: str) -> Column:
        if name not in self._columns:
            self.fail(place, f"{self._contract.name} has no such column. Columns are: {', '.join(self._columns)}.")
        return self._columns[name]

    def text_column(self, place: str, name: str) -> str:
        if self.column(place, name).kind != "text":
            self.fail(place, f"{name} holds no ids, so it can hold no pseudonym. Take it out.")
        return name

    def listed(self, place: str) -> tuple[str, ...]:
        return self.texts(place, self.given[place]) if self.given.get(place) else ()

    def patterns(self, place: str, given: Any) -> tuple[str, ...]:
        return self.texts(place, given) if isinstance(given, list) else (self.text(place, given),)

    def cells(self, place: str, given: Any) -> tuple[str, ...]:
        """Patterns of cells, among which the empty text is one."""
        listed = given if isinstance(given, list) else [given]
        if not all(isinstance(text, str) for text in listed):
            self.fail(place, 'write a list of texts with * for anything, such as ["Total*", ""].')
        return tuple(map(folded, listed))

    def heading_rows(self, given: Any) -> tuple[int, ...]:
        rows = given if isinstance(given, list) else [given]
        if not rows or any(type(row) is not int or not 0 < row <= 100 for row in rows) or rows != sorted(set(rows)):
            self.fail("heading_row", f"'{given}' is no row. Write its number, or several in order, such as [3, 4].")
        return tuple(rows)

    def block(self, number: int, given: Any) -> Block:
        place = "rows"
        remedy = "write each as [[rows]] with columns = {…} and constants = {…}."
        self.known(f"{place}.{number + 1}", self.table_of(place, given, remedy), ("columns", "constants", "keep_empty"))
        keep = given.get("keep_empty", False)
        if not isinstance(keep, bool):
            self.fail(place, f"keep_empty of the {number + 1}. is not true or false, without quotes.")
        columns, constants = (self.of_columns(f"{place}.{name}", given.get(name, {})) for name in SECTIONS[:2])
        return Block(columns or self.fail(place, f"the {number + 1}. has no columns. {remedy}"), constants, keep)

    def all_values(self) -> dict[str, dict[str, str]]:
        named = {
            name: self.table_of(name, self.given.get(name, {}), f"write [{name}.<column>].")
            for name in ("values", "grades")
        }
        found = {name: self.values(f"values.{name}", name, given) for name, given in named["values"].items()}
        for name, given in named["grades"].items():
            found[name] = found.get(name, {}) | self.grades(f"grades.{name}", name, given)
        return found

    def values(self, place: str, name: str, given: Any) -> dict[str, str]:
        column = self.column(place, name)
        remedy = 'write each as "as exported" = "as the table has it".'
        for theirs, ours in self.table_of(place, given, remedy).items():
            if not isinstance(ours, str):
                self.fail(place, remedy)
            if ours and column.one_of and ours.casefold() not in map(str.casefold, column.one_of):
                allowed = ", ".join(column.one_of)
                self.fail(place, f"'{one_line(theirs)}' = '{one_line(ours)}' is not allowed. Write one of {allowed}.")
        return {folded(theirs): ours for theirs, ours in given.items()}

    def grades(self, place: str, name: str, given: Any) -> dict[str, str]:
        """A scale and which of its grades are met, as answers."""
        self.known(place, self.table_of(place, given, "write it as a section."), ("scale", "met", "not_applicable"))
        words = {value.casefold(): value for value in self.column(place, name).one_of}
        if not {"yes", "no"} <= set(words):
            self.fail(place, f"{name} is not answered by Yes and No, so no grade of it is met.")
        scale, met = (self.texts(f"{place}.{key}", given.get(key)) for key in ("scale", "met"))
        odd = set(met) - set(scale)
        if odd:
            self.fail(f"{place}.met", f"'{one_line(min(odd))}' is no grade of the scale: {', '.join(scale)}.")
        beside = self.texts(f"{place}.not_applicable", given["not_applicable"]) if "not_applicable" in given else ()
        answers = {folded(grade): words["yes" if grade in met else "no"] for grade in scale}
        return answers | {folded(grade): words.get("n/a", "") for grade in beside}

    def dates(self, name: str, given: Any) -> tuple[str, ...]:
        place = f"dates.{name}"
        if name != "all" and self.column(place, name).kind != "date":
            self.fail(place, f"{name} holds no days. Take it out.")
        written = self.patterns(place, given)
        for text in written:
            if not date_format(text):
                self.fail(place, f"'{one_line(text)}' is no way of writing a day. Write it as dd/mm/yyyy or the like.")
        formats = tuple(map(date_format, written))
        firsts = {form[1] for form in formats if re.match("%[dm].%[dm]", form)}
        if len(firsts) > 1:
            self.fail(place, "one has the day first and one the month, so 04/05 could be either. Keep one of the two.")
        return formats

    def template(self, name: str, text: str) -> str:
        place, known = f"generated.{name}", {*self._columns, "row", "file", "n"} - {name}
        try:
            named = [field for _, field, *_ in string.Formatter().parse(text) if field is not None]
        except ValueError:
            named = [""]
        odd = next((field for field in named if field not in known), None)
        if odd is not None or not named:
            self.fail(
                place, f"'{one_line(text)}' names nothing known in braces. Known are: {', '.join(sorted(known))}."
            )
        return text
