"""One area folder: its settings, its plan, its extracts and the published figures beside them."""

from __future__ import annotations

import contextlib
import datetime as dt
import hashlib
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import pandas as pd

from sendanalysis.errors import InputError
from sendanalysis.inputs.completeness import without_rows
from sendanalysis.inputs.contracts import CONTRACTS, Contract, Fault
from sendanalysis.inputs.crossing import across_tables
from sendanalysis.inputs.csv_cells import ends_its_line
from sendanalysis.inputs.declared import Declared, read_declared
from sendanalysis.inputs.fault_list import summed_up
from sendanalysis.inputs.filling import filled
from sendanalysis.inputs.folder import find_area
from sendanalysis.inputs.inbox import Inbox
from sendanalysis.inputs.parameters import explain_parameters, families
from sendanalysis.inputs.plan import RECORDED, Kpi, read_plan
from sendanalysis.inputs.plan_checks import plan_faults
from sendanalysis.inputs.published import TIMELINESS, read_published
from sendanalysis.inputs.reading import BOOKS, PARQUET, TEXTS, kind_of, read_table, source_of
from sendanalysis.inputs.sen2 import CONTRACTS_SEN2, old_return, read_sen2
from sendanalysis.inputs.settings import Settings, read_settings
from sendanalysis.methods.periods import add_months, month_end

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from sendanalysis.inputs.pseudonyms import Key
    from sendanalysis.inputs.source_words import Mapped


@dataclass(frozen=True)
class Source:
    """A file that figures come from: its place in the area folder, its rows and its SHA-256.

    One of the inbox has also the table that it is read into, how many of its rows the mapping leaves out, and how many
    older files the mapping claims and does not read. An extract that is a text file has the number of its last row
    where no line end stands after that, and nought where one does.
    """

    file: str
    rows: int
    sha256: str
    table: str = ""
    left_out: int = 0
    older: int = 0
    unended: int | None = None

    @property
    def of_children(self) -> bool:
        """Whether its rows tell of children, so that their number is for the partnership alone."""
        return not self.file.startswith(("plan/", "published/"))


@dataclass(frozen=True)
class Area:
    """One local area as opened: settings, plan, tables by name as typed rows, where each came from, pseudonyms' key.

    `lacking` says why a table is set aside, by its name; see `inputs.lacking`. `held` is what a pack holds in place of
    extracts; empty for an area.
    """

    folder: Path
    settings: Settings
    contracts: tuple[Contract, ...]
    declared: tuple[Declared, ...]
    tables: Mapping[str, pd.DataFrame]
    sources: tuple[Source, ...]
    key: Key | None = None
    lacking: Mapping[str, str] = field(default_factory=dict)
    held: Mapping[str, Any] = field(default_factory=dict)

    @property
    def plan(self) -> tuple[Kpi, ...]:
        """The KPIs of the plan, in its order."""
        return read_plan(self.tables, self.settings.parameters.plan.clock_start)

    @property
    def record_days(self) -> tuple[dt.date, dt.date]:
        """First and last day any extract knows of, or the clock start where there is no record; see `extracts_to`."""
        columns = [
            self.tables[contract.name][column.name]
            for contract in self.contracts
            for column in contract.columns
            if contract.folder in {"extracts", "sen2"} and column.kind == "date" and column.name != "phase_due_on"
        ]
        days = [day.date() for dates in columns for day in (dates.min(), dates.max()) if pd.notna(day)]
        days = days or [self.settings.parameters.plan.clock_start]
        return min(days), self.settings.extracts_to or max(days)

    @property
    def last_month(self) -> dt.date:
        """Last month that the extracts cover fully.

        That is the month of `extracts_to` where `area.toml` names it and it is a month's end; otherwise the month of
        the last record in any extract, where that lies within three days of the month's end; else the month before.
        """
        first, last = self.record_days
        slack = dt.timedelta(days=0 if self.settings.extracts_to else 3)
        whole = last + slack >= month_end(last)
        return last.replace(day=1) if whole else max(add_months(last.replace(day=1), -1), first.replace(day=1))


def check_area(path: str | Path, *, packed: bool = False) -> tuple[Area, list[Fault]]:
    """Open an area folder and list every fault in it at once.

    Raises:
        InputError: There is no such area, or its `area.toml` or `measures.toml` cannot be used.
    """
    folder = find_area(path, packed=packed)
    settings = read_settings(folder / "area.toml")
    taken = (*families(), *(contract.name for contract in CONTRACTS), RECORDED)
    own, declared = read_declared(folder, taken)
    contracts = (*sorted(CONTRACTS, key=lambda contract: contract.folder != "plan"), *own)
    inbox = Inbox(folder, contracts)
    tables: dict[str, pd.DataFrame] = {}
    sources: list[Source] = []
    faults: list[Fault] = []
    mapped: list[Mapped] = []
    used: set[str] = set()
    published = read_published(folder / "published", settings.name, settings.codes)
    for contract in contracts:
        if contract.folder == "published":
            continue
        if contract.name in inbox.mappings:
            export = inbox.read(contract)
            mapped.append(export)
            rows, found, read = export.rows, export.faults + _in_both(folder, contract), _exports(export, folder)
        else:
            rows, found, read = _own_table(folder, contract, needed=contract.is_needed(used))
        tables[contract.name] = rows
        faults += _of_table(contract.name, found)
        sources += read
        used |= set(tables["kpis"]["measure"].dropna()) if contract.name == "kpis" else set()
    tables |= published.tables
    faults += _of_table(TIMELINESS, published.faults)
    sources += [_source(path, part, folder, rows) for path, part, rows in published.read]
    if settings.sen2:
        returned, found, files = read_sen2(folder / settings.sen2)
        tables, contracts = tables | returned, (*contracts, *CONTRACTS_SEN2)
        faults += _of_table("sen2_requests", found)
        sources += [_source(file, "", folder, len(returned["sen2_requests"])) for file in files]
    area = Area(folder, settings, contracts, declared, tables, tuple(sources), inbox.key)
    faults += _of_table("sen2_requests", old_return(tables, area.record_days[1], settings.sen2))
    bad = {fault.table for fault in faults if not fault.warns}
    aside = [c.name for c in contracts if c.name in bad and c.folder != "plan"]
    sound = tables | {name: tables[name].iloc[:0] for name in aside}
    faults += across_tables(tables, contracts, settings.extracts_to)
    faults += without_rows(tables, [c for c in contracts if c.name not in bad and c.is_needed(used)])
    faults += plan_faults(area.plan, sound, declared, settings.parameters)
    return area, [_in_full(fault, area, mapped) for fault in faults] + inbox.unclaimed()


def open_area(path: str | Path) -> Area:
    """Open an area folder whose tables all keep their contracts.

    Raises:
        InputError: Something in it would make a figure wrong; the message lists the first ten faults.
    """
    area, faults = check_area(path)
    refuse_faults(faults, path)
    return area


def refuse_faults(faults: Sequence[Fault], path: str | Path) -> None:
    """Raise an InputError with the first ten lines of errors, if any."""
    lines = summed_up([fault for fault in faults if not fault.warns])
    if lines:
        more = f"\n… and {len(lines) - 10} more. See them all: sendanalysis check {path}" if len(lines) > 10 else ""
        raise InputError("\n".join(line.removeprefix("error").strip() for line in lines[:10]) + more)


def _of_table(table: str, faults: Sequence[Fault]) -> list[Fault]:
    """Faults found in reading a table; one of `area.toml` is the area's and no table's."""
    return [fault if fault.file == "area.toml" else replace(fault, table=table) for fault in faults]


def _in_full(fault: Fault, area: Area, mapped: list[Mapped]) -> Fault:
    """A fault with its table, the id of its record, and of a mapped table in the words of the export."""
    for table in (source.table for source in area.sources if source.table and source.file.casefold().endswith(PARQUET)):
        fault = replace(fault, problem=fault.problem.replace(f"{table}.csv", f"{table}{PARQUET}"))
        fault = replace(fault, file=table + PARQUET) if fault.file == f"{table}.csv" else fault
    known = {f"{each.name}{ending}": each for each in area.contracts for ending in (".csv", PARQUET, "")}
    contract = known.get(fault.file)
    for each in mapped:
        fault = replace(fault, problem=each.seen_from_elsewhere(fault.problem))
    found = next((each for each in mapped if each.contract is contract), None)
    if contract is None:
        return fault
    fault = replace(fault, table=contract.name)
    if found:
        return found.in_source_words(fault)
    rows, key = area.tables[contract.name], contract.key[:1]
    if fault.row is None or fault.row not in rows.index or not key or fault.column == key[0]:
        return fault
    value = rows[key[0]][fault.row]
    return fault if pd.isna(value) else replace(fault, record=str(value))


def _own_table(folder: Path, contract: Contract, *, needed: bool) -> tuple[pd.DataFrame, list[Fault], list[Source]]:
    """A table from its own file, its faults, and the file."""
    file = folder / contract.folder / f"{contract.name}.csv"
    rows, faults = read_table(file, contract, needed=needed)
    with contextlib.suppress(InputError):  # which `read_table` has listed as a fault
        source = source_of(file, contract)
        if source:
            read, last = _source(source, contract.name, folder, len(rows)), int(rows.index[-1]) if len(rows) else 1
            return rows, faults, [_with_end(read, folder, last) if contract.folder == "extracts" else read]
    return rows, faults, []


def _in_both(folder: Path, contract: Contract) -> list[Fault]:
    """A fault where a mapped table stands in its own folder as well, with rows."""
    rows, *_ = _own_table(folder, contract, needed=False)
    place, remedy = f"{contract.folder}/{contract.name}.csv", f"Take the file away, or mappings/{contract.name}.toml."
    return [Fault(place, None, "", None, "the table has a mapping as well", remedy)] if len(rows) else []


def _exports(mapped: Mapped, folder: Path) -> list[Source]:
    """The files of the inbox that a table was read from."""
    name, older = mapped.contract.name, mapped.older
    found = [(_source(piece.path, piece.sheet, folder, piece.export.rows), piece) for piece in mapped.pieces]
    return [
        replace(_with_end(source, folder, piece.last), table=name, left_out=piece.export.left_out, older=older)
        for source, piece in found
    ]


def _source(file: Path, part: str, folder: Path, rows: int) -> Source:
    with file.open("rb") as opened:
        digest = hashlib.file_digest(opened, "sha256").hexdigest()
    sheet = f"#{part}" if part and kind_of(file) in {*BOOKS, ".zip"} else ""
    return Source(file.relative_to(folder).as_posix() + sheet, rows, digest)


def _with_end(source: Source, folder: Path, last: int) -> Source:
    """A source with the number of its last row as `unended` has it."""
    file = folder / source.file
    if kind_of(file) not in TEXTS:
        return source
    return replace(source, unended=0 if ends_its_line(file) else last)


def data_dictionary() -> str:
    """Every table's contract and every choice, in Markdown: the text of `data/DICTIONARY.md`."""
    return filled("dictionary.md", contracts=(*CONTRACTS, *CONTRACTS_SEN2), parameters=explain_parameters())
