"""What the commands say in the terminal."""

from __future__ import annotations

import os
import shutil
import sys
import textwrap
from typing import TYPE_CHECKING

from sendanalysis.errors import AnalysisError
from sendanalysis.inputs.fault_list import summed_up

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from sendanalysis.inputs.area import Source
    from sendanalysis.inputs.contracts import Fault
    from sendanalysis.publishing.result import Result

COLOURS = {"Green": "\033[32m", "Amber": "\033[33m", "Red": "\033[31m"}
RESET = "\033[0m"


class Progress:
    """A line for each notebook as it ends; on a terminal also how many are still running."""

    def __init__(self, total: int, *, quiet: bool) -> None:
        """Begin a run of so many notebooks; quiet says nothing."""
        self._total, self._done = total, 0
        self._quiet, self._live = quiet, sys.stdout.isatty()

    def report(self, name: str, seconds: float, problem: str) -> None:
        """Say that a notebook has ended, or did not have to run, and what went wrong in it, if anything."""
        self._done += 1
        if self._quiet:
            return
        words = f"failed, {problem}" if problem else "done" if seconds else "as it was"
        clear = "\r\033[K" if self._live else ""
        print(f"{clear}[{self._done}/{self._total}] {name} {words} ({seconds:.1f} s)")  # noqa: T201
        if self._live and self._done < self._total:
            print(f"running {self._total - self._done} more …", end="", flush=True)  # noqa: T201


def summarise_run(result: Result, area: str) -> None:
    """A small table of briefings, each with status, seconds, path and headline, and where to look."""
    width = shutil.get_terminal_size((120, 24)).columns
    coloured = sys.stdout.isatty() and "NO_COLOR" not in os.environ
    wide = max(len(row.status) for row in result.rows)
    print(f"\n{result.area}, {result.month}")  # noqa: T201
    for row in result.rows:
        status = f"{row.status or '-':<{wide}}"
        path = row.name if result.failed else result.place(f"{row.name}.html")
        tail = f" {row.seconds:>5.1f} s  {path}  "
        words = row.problem or row.headline
        words = textwrap.shorten(words, max(width - wide - len(tail), 30), placeholder=" …")
        code = COLOURS.get(row.status, "") if coloured else ""
        print(f"{code}{status}{RESET if code else ''}{tail}{words}")  # noqa: T201
    if result.failed:
        print(f"Nothing was published. Read {result.place('failures.txt')}")  # noqa: T201
        return
    if result.unchanged:
        print("Nothing has changed since this was published. To run every notebook again: --force")  # noqa: T201
    for page in result.others:
        print(f"{page.name}: {page.notice}")  # noqa: T201
    if result.others:
        print(f"See its faults: sendanalysis check {area} --only {result.others[0].name}")  # noqa: T201
    for warning in result.warnings:
        print(f"warning  {warning}")  # noqa: T201
    print(f"Open {result.place('index.html')}")  # noqa: T201


def report_area(area: str, found: Result | AnalysisError, done: int, total: int) -> None:
    """A line for each of several areas as it ends; what was wrong with one stands in full."""
    if isinstance(found, AnalysisError):
        print(f"[{done}/{total}] {area}: not published")  # noqa: T201
        print(f"sendanalysis: {area}: {found}", file=sys.stderr)  # noqa: T201
        return
    words = "has not changed" if found.unchanged else f"published: {found.place('index.html')}"
    if found.failed:
        words = f"not published. Read {found.place('failures.txt')}"
    print(f"[{done}/{total}] {area}, {found.month}: {words}")  # noqa: T201


def summarise_areas(total: int, failed: Sequence[str]) -> None:
    """How many of several areas are published, and which are not."""
    print(f"{total - len(failed)} of {total} areas published")  # noqa: T201
    if failed:
        print(f"Not published: {', '.join(sorted(failed))}")  # noqa: T201


def summarise_check(area: str, sources: Sequence[Source], faults: Sequence[Fault], to: Path | None) -> None:
    """Every fault, like ones summed up, then what was read from where, and how many errors and warnings there are."""
    lines = summed_up(faults)
    print("\n".join(lines), end="\n" if lines else "")  # noqa: T201
    if to:
        print(f"All {len(faults):,} stand in {to}.")  # noqa: T201
    elif len(lines) < len(faults):
        print(f"All {len(faults):,}, one a row: sendanalysis check {area} --to faults.csv")  # noqa: T201
    for source in filter(lambda each: each.table, sources):
        left = f"; {source.left_out:,} left out" if source.left_out else ""
        left += f"; {_count(source.older, 'older file')} not read" if source.older else ""
        print(f"read     {source.file} into {source.table}: {_count(source.rows, 'row')}{left}")  # noqa: T201
    empty = [source.file for source in sources if not source.rows]
    if empty:
        print(f"Without rows: {', '.join(empty)}")  # noqa: T201
    errors = sum(not fault.warns for fault in faults)
    rows = sum(source.rows for source in sources)
    print(  # noqa: T201
        f"{area}: {len(sources)} tables with {rows:,} rows; "
        f"{_count(errors, 'error')}, {_count(len(faults) - errors, 'warning')}."
        + (" Put the errors right before a run." if errors else "")
    )


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
