"""A TOML file of an area: read, and each thing wrong in it told with its line, what was found and the remedy."""

from __future__ import annotations

import re
import tomllib
from typing import TYPE_CHECKING, Any, NoReturn

from sendanalysis.errors import InputError
from sendanalysis.inputs.contracts import one_line

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from pathlib import Path

NAME = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
HEADING = re.compile(r"\s*\[+([^\[\]]+)\]+\s*(#.*)?")
KEY = re.compile(r"""\s*("[^"]*"|'[^']*'|[\w.\"' -]+?)\s*=""")


class TomlReader:
    """One TOML file; places in it are dotted names, such as `measures.review_decisions.start`.

    Raises:
        InputError: It is not TOML; the message names the line.
    """

    def __init__(self, path: Path, example: str) -> None:
        """Read a file; the example is one that a reader may compare it with."""
        self._file = path.name
        try:
            text = path.read_text("utf-8-sig")
            self.given: dict[str, Any] = tomllib.loads(text)
        except UnicodeDecodeError as error:
            raise InputError(f"{self._file}: it is not UTF-8. Save it as UTF-8 text.") from error
        except (tomllib.TOMLDecodeError, RecursionError) as error:
            found = re.search(r"at line (\d+)", str(error))
            line = f" line {found[1]}" if found else ""
            remedy = f"Put texts into quotes and close every bracket; compare it with {example}."
            raise InputError(f"{self._file}{line}: this is not TOML: {error}. {remedy}") from error
        self.lines = _lines(text)
        """Line of each section and key, by its dotted name."""

    def fail(self, place: str, problem: str) -> NoReturn:
        """Raise an error that names the line of a place, or of the nearest thing around it that has one.

        Raises:
            InputError: Always.
        """
        parts = _bare(place).split(".")
        around = [".".join(parts[:n]) for n in range(len(parts), 0, -1)]
        lines = (
            min((line for at, line in self.lines.items() if at == name or at.startswith(f"{name}.")), default=0)
            for name in around
        )
        raise InputError(f"{self._file} line {next(filter(None, lines), 1)}, {one_line(place)}: {problem}")

    def known(self, place: str, given: Mapping[str, Any], names: tuple[str, ...]) -> None:
        """Fail where something is given that is not among the names."""
        for name in given:
            if name not in names:
                problem = f"it is nothing that can stand here. Known are: {', '.join(names)}."
                self.fail(f"{place}.{name}".strip("."), problem)

    def section(self, place: str, given: Any) -> dict[str, Any]:
        """Sections under names, such as [tables.<name>]."""
        for name, found in self.table_of(place, given, f"write each in a section, [{place}.<name>].").items():
            if not NAME.fullmatch(name):
                self.fail(f"{place}.{name}", "write a name in lower-case letters, digits and single underscores.")
            self.table_of(f"{place}.{name}", found, f"it is no section. Write it as [{place}.{name}].")
        return dict(given)

    def table_of(self, place: str, given: Any, remedy: str) -> dict[str, Any]:
        """A section or an inline table."""
        return given if isinstance(given, dict) else self.fail(place, remedy)

    def text(self, place: str, given: Any) -> str:
        """A text that is not empty."""
        if not isinstance(given, str) or not given.strip():
            self.fail(place, f"'{one_line(str(given))}' is not text in quotes.")
        return given.strip()

    def texts(self, place: str, given: Any) -> tuple[str, ...]:
        """A list of texts that is not empty."""
        if not isinstance(given, list) or not given:
            self.fail(place, f'\'{one_line(str(given))}\' is no list of texts. Write it as ["…", "…"].')
        return tuple(self.text(place, value) for value in given)

    def word(self, place: str, given: Any, one_of: Collection[str]) -> str:
        """One of the words."""
        if not isinstance(given, str) or given not in one_of:
            self.fail(place, f"'{one_line(str(given))}' is not known. Write one of: {', '.join(one_of)}.")
        return given


def _lines(text: str) -> dict[str, int]:
    """The line of each section and key, by its dotted name."""
    found: dict[str, int] = {}
    section = ""
    for number, line in enumerate(text.split("\n"), 1):
        heading, key = HEADING.fullmatch(line.rstrip("\r")), KEY.match(line)
        if heading:
            section = _bare(heading[1])
            found.setdefault(section, number)
        elif key:
            found.setdefault(".".join(filter(None, (section, _bare(key[1])))), number)
    return found


def _bare(name: str) -> str:
    return re.sub(r"[\"'\s]", "", name)
