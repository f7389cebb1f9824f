"""A new area folder: its settings, and every table as headings with an example in a comment."""

from __future__ import annotations

import csv
import io
import json
import re
from typing import TYPE_CHECKING

from sendanalysis.errors import InputError
from sendanalysis.inputs.choices import explain_choices
from sendanalysis.inputs.rules import CONTRACTS

if TYPE_CHECKING:
    import datetime as dt
    from pathlib import Path

    from sendanalysis.inputs.contracts import Column

_EXAMPLES = {
    "date": "2022-01-31",
    "month": "2022-01",
    "integer": "3",
    "number": "81",
    "survey_year": "2021/22",
    "published": "120",
}


def write_area(folder: Path, *, name: str, code: str, clock_start: dt.date) -> list[Path]:
    """Write an area folder that `check` accepts and `run` briefs with "no data yet".

    Args:
        folder: The new folder; it must not exist, or be empty.
        name: Name of the local area.
        code: Its official code, such as E06000033.
        clock_start: Day from which the plan's 3, 6 and 12 months are counted.

    Returns:
        The files written.

    Raises:
        InputError: The folder holds something already, or the code is none.
    """
    if not re.fullmatch(r"E\d{8}", code):
        raise InputError(f"--code {code}: this is no code of a local authority. Write it as E and eight digits.")
    if not name.strip() or not name.isprintable():
        raise InputError("--name: it is empty or holds control characters. Write the name of the local area.")
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise InputError(f"{folder}: there is something already. Name a folder that does not exist yet.")
    folder.mkdir(parents=True, exist_ok=True)
    written = [folder / "area.toml"]
    written[0].write_text(_settings(name.strip(), code, clock_start), encoding="utf-8", newline="\n")
    for contract in CONTRACTS:
        path = folder / contract.folder / f"{contract.name}.csv"
        path.parent.mkdir(exist_ok=True)
        path.write_text(_headings(contract.columns), encoding="utf-8", newline="\n")
        written.append(path)
    return written


def _settings(name: str, code: str, clock_start: dt.date) -> str:
    choices = "\n".join(
        f"# {choice['name']} = {json.dumps(choice['default'])}  # {choice['ambiguity']}: {choice['meaning']}"
        + (f" ({choice['values']})" if choice["values"] else "")
        for choice in explain_choices()
        if choice["name"] != "clock_start"
    )
    return (
        f"name = {json.dumps(name, ensure_ascii=False)}\n"
        "# Write true where the extracts are made up; every page then says so.\n"
        "illustrative = false\n"
        "# The day from which the plan's 3, 6 and 12 months are counted.\n"
        f"clock_start = {clock_start.isoformat()}\n\n"
        f'[codes]\nla = "{code}"\ncountry = "E92000001"\n\n'
        f"[choices]\n# Take away the first # of a line to choose another reading of the plan.\n{choices}\n"
    )


def _headings(columns: tuple[Column, ...]) -> str:
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow([column.name for column in columns])
    example = [column.one_of[0] if column.one_of else _EXAMPLES.get(column.kind, column.meaning) for column in columns]
    rows.writerow([f"# example: {example[0]}", *example[1:]])
    return text.getvalue()
