"""What `area.toml` says of a local area."""

from __future__ import annotations

import datetime as dt
import re
import tomllib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sendanalysis.errors import InputError
from sendanalysis.inputs.audiences import read_rules
from sendanalysis.inputs.contracts import one_line
from sendanalysis.inputs.parameters import Parameters, read_day

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from sendanalysis.methods.disclosure_rule import Rule

_SETTINGS = (
    "name",
    "codes",
    "illustrative",
    "clock_start",
    "plan_name",
    "extracts_to",
    "prose",
    "measures",
    "sen2",
    "disclosure",
)
_WAIVER = ("finding", "reason", "role")
_NINE = ("[ENSW][0-9]{8}", "a capital letter and eight digits, such as E06000001")
_OFFICIAL = {"la": _NINE, "region": _NINE, "country": _NINE, "old_la": ("[0-9]{3}", "three digits in quotes")}
_CODES = ("la", "old_la", "sub_icb", "icb", "nhs_region", "region", "country")


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
        disclosure: What other audiences than the internal one may see of counts; see `audiences.read_rules`.
        waivers: What the gate may let through: finding, reason and role of whoever answers for it.
    """

    name: str
    codes: Mapping[str, str]
    illustrative: bool
    plan_name: str
    extracts_to: dt.date | None
    prose: Mapping[str, str]
    parameters: Parameters
    sen2: str = ""
    disclosure: Mapping[str, Mapping[str, Rule]] = field(default_factory=dict)
    waivers: tuple[Mapping[str, str], ...] = ()


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
    if not name.strip() or not name.isprintable():
        problem = "it is empty" if not name.strip() else f"'{one_line(name)}' holds signs that do not print"
        raise InputError(f"{file.name}, name: {problem}. Write the name of the local area, in one line.")
    odd = [code for code in codes if code not in _CODES]
    if odd:
        raise InputError(f"{file.name}, codes.{odd[0]}: no such code. Codes are: {', '.join(_CODES)}.")
    for code, (pattern, wanted) in _OFFICIAL.items():
        if code in codes and not re.fullmatch(pattern, str(codes[code])):
            found = one_line(str(codes[code]))
            raise InputError(f"{file.name}, codes.{code}: '{found}' is no official code. Write {wanted}.")
    clock_start = {"plan.clock_start": _of(given, "clock_start", dt.date, file)}
    return Settings(
        name=name.strip(),
        codes={code: str(value) for code, value in codes.items()},
        illustrative=_of(given, "illustrative", bool, file),
        plan_name=_of(given, "plan_name", str, file, "Improvement plan"),
        extracts_to=_extracts_to(given, file),
        prose=_prose(given, file),
        parameters=Parameters().with_values(clock_start | _by_measure(given, file), f"{file.name}, "),
        sen2=_inside(_of(given, "sen2", str, file, ""), file),
        disclosure=read_rules(_of(given, "disclosure", dict, file, {}), file.name),
        waivers=_waivers(_of(given, "disclosure", dict, file, {}), file),
    )


def _extracts_to(given: Mapping[str, Any], file: Path) -> dt.date | None:
    if "extracts_to" not in given:
        return None
    return read_day(_of(given, "extracts_to", dt.date, file), f"{file.name}, extracts_to")


def _inside(place: str, file: Path) -> str:
    """A place in the area folder and not outside it."""
    if place and not (file.parent / place).resolve().is_relative_to(file.parent.resolve()):
        raise InputError(f"{file.name}, sen2: '{place}' is not in the area folder. Put the return in it.")
    return place


def _waivers(given: Mapping[str, Any], file: Path) -> tuple[dict[str, str], ...]:
    """What stands in [[disclosure.waivers]]."""
    found = given.get("waivers", [])
    for waiver in found if isinstance(found, list) else [found]:
        known = isinstance(waiver, dict) and {*waiver} == {*_WAIVER}
        if not known or not all(isinstance(text, str) and text.strip() for text in waiver.values()):
            problem = f"a waiver is not complete. Write {', '.join(_WAIVER)} in [[disclosure.waivers]], each in quotes."
            raise InputError(f"{file.name}, disclosure.waivers: {problem}")
    return tuple(found)


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
