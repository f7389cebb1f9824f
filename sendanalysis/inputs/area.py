"""One area folder: its settings, its plan, its extracts and the published figures beside them."""

from __future__ import annotations

import contextlib
import datetime as dt
import hashlib
import re
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sendanalysis.errors import InputError
from sendanalysis.inputs.contracts import CONTRACTS, Contract, Fault, one_line
from sendanalysis.inputs.crossing import across_tables
from sendanalysis.inputs.declared import Declared, read_declared
from sendanalysis.inputs.filling import filled
from sendanalysis.inputs.parameters import Parameters, explain_parameters, families
from sendanalysis.inputs.plan import RECORDED, Kpi, read_plan
from sendanalysis.inputs.plan_checks import plan_faults
from sendanalysis.inputs.published import read_published
from sendanalysis.inputs.reading import read_table, source_of
from sendanalysis.inputs.sen2 import CONTRACTS_SEN2, read_sen2
from sendanalysis.methods.periods import add_months, month_end

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

_SETTINGS = ("name", "codes", "illustrative", "clock_start", "plan_name", "extracts_to", "prose", "measures", "sen2")
_CODES = ("la", "old_la", "sub_icb", "icb", "nhs_region", "region", "country")


@dataclass(frozen=True)
class Source:
    """A file that figures come from: its place in the area folder, its rows and its SHA-256."""

    file: str
    rows: int
    sha256: str


@dataclass(frozen=True)
class Settings:
    """What `area.toml` says.

    Attributes:
        name: Name of the local area.
        codes: Official codes: la, old_la, sub_icb, region, country; icb and nhs_region by name.
        illustrative: Whether the extracts are a made-up sample.
        plan_name: Name of the plan.
        extracts_to: Last day the extracts cover, where it is recorded.
        prose: What a page says of itself, by the measure it shows or the kpi_id.
        parameters: Every parameter in force.
        sen2: File or folder of the SEN2 return in the area folder; empty for none.
    """

    name: str
    codes: Mapping[str, str]
    illustrative: bool
    plan_name: str
    extracts_to: dt.date | None
    prose: Mapping[str, str]
    parameters: Parameters
    sen2: str = ""


@dataclass(frozen=True)
class Area:
    """One local area as opened: settings, plan, tables by name as typed rows, and where each came from."""

    folder: Path
    settings: Settings
    contracts: tuple[Contract, ...]
    declared: tuple[Declared, ...]
    tables: Mapping[str, pd.DataFrame]
    sources: tuple[Source, ...]

    @property
    def plan(self) -> tuple[Kpi, ...]:
        """The KPIs of the plan, in its order."""
        return read_plan(self.tables, self.settings.parameters.plan.clock_start)

    @property
    def record_days(self) -> tuple[dt.date, dt.date]:
        """First and last day any extract knows of, or the clock start where there is no record; see `extracts_to`."""
        columns = [
            self.tables[contract.name][column.name].dropna()
            for contract in self.contracts
            for column in contract.columns
            if contract.folder in {"extracts", "sen2"} and column.kind == "date" and column.name != "phase_due_on"
        ]
        days = [day.date() for dates in columns if len(dates) for day in (dates.min(), dates.max())]
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


def find_area(path: str | Path) -> Path:
    """The area folder a path names, seen from here or any folder above; the first in `data` where it names none.

    Raises:
        InputError: No such folder, or it holds no `area.toml`.
    """
    here = Path.cwd()
    bases = (here, *here.parents)
    tried = [base / path for base in bases]
    if not str(path):
        tried = [toml.parent for base in bases for toml in sorted(base.glob("data/*/area.toml"))]
    folder = next((place for place in tried if (place / "area.toml").is_file()), None)
    if folder:
        return folder.resolve()
    if not any(place.is_dir() for place in tried):
        raise InputError(f"{path}: there is no such folder. Name an area folder, such as data/southend.")
    raise InputError(
        f"{path}: this is not an area folder, since it holds no area.toml. Name one such as data/southend."
    )


def check_area(path: str | Path) -> tuple[Area, list[Fault]]:
    """Open an area folder and list every fault in it at once.

    Raises:
        InputError: There is no such area, or its `area.toml` or `measures.toml` cannot be used.
    """
    folder = find_area(path)
    settings = read_settings(folder / "area.toml")
    taken = (*families(), *(contract.name for contract in CONTRACTS), RECORDED)
    own, declared = read_declared(folder, taken)
    contracts = (*sorted(CONTRACTS, key=lambda contract: contract.folder != "plan"), *own)
    tables: dict[str, pd.DataFrame] = {}
    sources: list[Source] = []
    faults: list[Fault] = []
    used: set[str] = set()
    published = read_published(folder / "published", settings.name, settings.codes)
    for contract in contracts:
        if contract.folder == "published":
            continue
        file = folder / contract.folder / f"{contract.name}.csv"
        tables[contract.name], found = read_table(file, contract, needed=contract.is_needed(used))
        faults += found
        used |= set(tables["kpis"]["measure"].dropna()) if contract.name == "kpis" else set()
        with contextlib.suppress(InputError):  # which `read_table` has listed as a fault
            source = source_of(file, contract)
            sources += [_source(source, contract.name, folder, len(tables[contract.name]))] if source else []
    tables |= published.tables
    faults += published.faults
    sources += [_source(path, part, folder, rows) for path, part, rows in published.read]
    if settings.sen2:
        returned, found, files = read_sen2(folder / settings.sen2)
        tables, faults, contracts = tables | returned, faults + found, (*contracts, *CONTRACTS_SEN2)
        sources += [_source(file, "", folder, len(returned["sen2_requests"])) for file in files]
    area = Area(folder, settings, contracts, declared, tables, tuple(sources))
    return area, faults + across_tables(tables, contracts, settings.extracts_to) + plan_faults(
        area.plan, tables, declared, settings.parameters
    )


def open_area(path: str | Path) -> Area:
    """Open an area folder whose tables all keep their contracts.

    Raises:
        InputError: Something in it would make a figure wrong; the message lists the first ten faults.
    """
    area, faults = check_area(path)
    errors = [str(fault) for fault in faults if not fault.warns]
    if errors:
        more = f"\n… and {len(errors) - 10} more. See them all: sendanalysis check {path}" if len(errors) > 10 else ""
        raise InputError("\n".join(errors[:10]) + more)
    return area


def read_settings(file: Path) -> Settings:
    """Read an `area.toml`.

    Raises:
        InputError: It is not TOML, or a setting is missing, unknown or of the wrong type.
    """
    try:
        given: dict[str, Any] = tomllib.loads(file.read_text("utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise InputError(f"{file.name}: this is not TOML: {error}. Compare it with data/southend/area.toml.") from error
    unknown = [name for name in given if name not in _SETTINGS]
    if unknown:
        raise InputError(f"{file.name}, {unknown[0]}: no such setting. Settings are: {', '.join(_SETTINGS)}.")
    name, codes = _of(given, "name", str, file), _of(given, "codes", dict, file)
    if not name.strip():
        raise InputError(f"{file.name}, name: it is empty. Write the name of the local area.")
    odd = [code for code in codes if code not in _CODES]
    if odd:
        raise InputError(f"{file.name}, codes.{odd[0]}: no such code. Codes are: {', '.join(_CODES)}.")
    for code in ("la", "region", "country"):
        if code in codes and not re.fullmatch("[ENSW][0-9]{8}", str(codes[code])):
            raise InputError(
                f"{file.name}, codes.{code}: '{one_line(str(codes[code]))}' is no official code. "
                "Write a capital letter and eight digits, such as E06000001."
            )
    clock_start = {"plan.clock_start": _of(given, "clock_start", dt.date, file)}
    return Settings(
        name=name.strip(),
        codes={code: str(value) for code, value in codes.items()},
        illustrative=_of(given, "illustrative", bool, file),
        plan_name=_of(given, "plan_name", str, file, "Improvement plan"),
        extracts_to=_of(given, "extracts_to", dt.date, file, dt.date.min) if "extracts_to" in given else None,
        prose=_prose(given, file),
        parameters=Parameters().with_values(clock_start | _by_measure(given, file), f"{file.name}, "),
        sen2=_inside(_of(given, "sen2", str, file, ""), file),
    )


def _inside(place: str, file: Path) -> str:
    """A place in the area folder and not outside it."""
    if place and not (file.parent / place).resolve().is_relative_to(file.parent.resolve()):
        raise InputError(f"{file.name}, sen2: '{place}' is not in the area folder. Put the return in it.")
    return place


def _by_measure(given: Mapping[str, Any], file: Path) -> dict[str, Any]:
    """The parameters under [measures.<measure>], by `measure.name`."""
    sections = _of(given, "measures", dict, file, {})
    for name, section in sections.items():
        if not isinstance(section, dict):
            raise InputError(f"{file.name}, measures.{name}: write it in a section of its own, [measures.<measure>].")
    return {f"{name}.{key}": value for name, section in sections.items() for key, value in section.items()}


def _prose(given: Mapping[str, Any], file: Path) -> dict[str, str]:
    """What pages say of themselves; texts of KPIs stand under [prose.kpis]."""
    found = dict(_of(given, "prose", dict, file, {}))
    kpis = found.pop("kpis", {})
    texts = found | (kpis if isinstance(kpis, dict) else {"kpis": kpis})
    for name, text in texts.items():
        if not isinstance(text, str):
            raise InputError(f"{file.name}, prose.{name}: '{text}' is not text in quotes.")
    return texts


def _of(given: Mapping[str, Any], name: str, kind: type, file: Path, default: Any = None) -> Any:
    value = given.get(name, default)
    if value is None:
        raise InputError(f"{file.name}, {name}: it is missing. Compare it with data/southend/area.toml.")
    if not isinstance(value, kind) or (kind is dt.date and isinstance(value, dt.datetime)):
        words = {
            str: "text in quotes",
            bool: "true or false",
            dict: "a section of its own",
            dt.date: "a date (2024-01-31)",
        }
        raise InputError(f"{file.name}, {name}: '{value}' is not {words[kind]}.")
    return value


def _source(file: Path, table: str, folder: Path, rows: int) -> Source:
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    sheet = f"#{table}" if table and file.suffix in {".xlsx", ".zip"} else ""
    return Source(file.relative_to(folder).as_posix() + sheet, rows, digest)


def data_dictionary() -> str:
    """Every table's contract and every choice, in Markdown: the text of `data/DICTIONARY.md`."""
    return filled("dictionary.md", contracts=(*CONTRACTS, *CONTRACTS_SEN2), parameters=explain_parameters())
