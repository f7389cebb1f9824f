"""Faults for a person: on one screen with like ones summed up, or all of them in a file, one a row."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sendanalysis.errors import InputError
from sendanalysis.inputs.rights import make_for_owner_alone

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from sendanalysis.inputs.contracts import Fault

SHOWN = 5  # of faults that need the same remedy in the same column
HEADINGS = ("kind", "file", "row", "record_id", "column", "value", "problem", "remedy")


def summed_up(faults: Sequence[Fault]) -> list[str]:
    """One line for each value and problem, with its number of rows; of many in one column the first five.

    >>> from sendanalysis.inputs.contracts import Fault
    >>> same = [Fault("a.csv", row, "giver", "GP", "is not allowed", "Write health.") for row in (2, 5, 9)]
    >>> summed_up(same)
    ["error    a.csv, giver: 'GP' is not allowed, in 3 rows from row 2 on. Write health."]
    """
    alike: dict[tuple[object, ...], list[Fault]] = {}
    for fault in faults:
        alike.setdefault((*_place(fault), fault.value, fault.problem), []).append(fault)
    places: dict[tuple[str, str, str, bool], list[list[Fault]]] = {}
    for group in alike.values():
        places.setdefault(_place(group[0]), []).append(group)
    lines = []
    for (file, column, *_), groups in places.items():
        same = sorted(groups, key=len, reverse=True)
        lines += [_line(group) for group in same[:SHOWN]]
        rest = sum(map(len, same[SHOWN:]))
        if rest:
            lines.append(f"         … and {rest:,} more such cells in {file}{f', {column}' if column else ''}")
    return lines


def write_faults(path: Path, faults: Sequence[Fault]) -> None:
    """Write every fault as a row, with the id of its record: the table's first key column; for the owner alone.

    Raises:
        InputError: The name ends in neither .csv nor .xlsx, or the file cannot be written.
    """
    import pandas as pd  # noqa: PLC0415  # what is said on the screen does without it

    from sendanalysis.inputs.formulas import without_formulas  # noqa: PLC0415  # as pandas

    if path.suffix.casefold() not in {".csv", ".xlsx"}:
        raise InputError(f"--to {path}: faults are written as .csv or .xlsx. Name such a file.")
    rows = [
        (
            *("warning" if fault.warns else "error", fault.file, fault.row or "", fault.record, fault.column),
            *(fault.value or "", fault.problem, fault.remedy),
        )
        for fault in faults
    ]
    safe = without_formulas(pd.DataFrame(rows, columns=HEADINGS))
    try:
        make_for_owner_alone(path)
        if path.suffix.casefold() == ".xlsx":
            safe.to_excel(path, index=False)
        else:
            safe.to_csv(path, index=False, encoding="utf-8-sig", lineterminator="\r\n")
    except OSError as error:
        raise InputError(f"--to {path}: it cannot be written ({error.strerror}). Name another file.") from error


def _place(fault: Fault) -> tuple[str, str, str, bool]:
    return fault.file, fault.column, fault.remedy, fault.warns


def _line(group: list[Fault]) -> str:
    fault = group[0]
    kind = "warning  " if fault.warns else "error    "
    if len(group) == 1:
        return f"{kind}{fault}"
    one = type(fault)(fault.file, None, fault.column, fault.value, fault.problem, "", fault.warns)
    return f"{kind}{str(one).rstrip('. ')}, in {len(group):,} rows from row {fault.row} on. {fault.remedy}"
