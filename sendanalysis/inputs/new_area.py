"""A new area folder: empty but for headings and examples, or begun from the plan of another area."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import re
from typing import TYPE_CHECKING, Any

import pandas as pd

from sendanalysis.errors import InputError
from sendanalysis.inputs.area import Area, open_area
from sendanalysis.inputs.contracts import CONTRACTS, PATTERNS, Column, Contract, one_line
from sendanalysis.inputs.declared import FILE
from sendanalysis.inputs.filling import filled
from sendanalysis.inputs.formulas import harmless
from sendanalysis.inputs.parameters import Parameters, explain_parameters, families
from sendanalysis.methods.periods import add_months, month_end

if TYPE_CHECKING:
    from pathlib import Path

PLAN = ("kpis", "targets", "milestones", "actions", "risks", "governance", "benchmarks")  # what describes a plan
DAY = re.compile(r"(?<![\w-])20\d{2}-\d{2}-\d{2}(?![\w-])")
_EXAMPLES = {
    "date": "2022-01-31",
    "month": "2022-01",
    "integer": "3",
    "number": "81",
    "survey_year": "2021/22",
    "published": "120",
}
_BY_COLUMN = {  # where the meaning of a column is no example of it, or the cell excludes another
    "kpis": {"parent_kpi_id": "", "measure": "recorded", "group": "", "window": "", "unit": "percent", "parts": ""},
    "targets": {"due_on": "", "value_to": "", "rule": ""},
    "milestones": {"due_on": ""},
    "governance": {"rhythm_as_printed": "half-termly", "date_iso": "2021-10"},
    "recorded": {"value": "", "rating": ""},
    "timeliness_20_week": {
        "plans_issued_within_20_weeks": "60",
        "plans_issued_20_weeks_ex": "60",
        "pc_plans_issued_within_20_weeks": "50",
        "PC_plans_issued_20_weeks_ex": "50",
    },
}


def write_area(folder: Path, *, name: str, code: str, clock_start: dt.date, like: Path | None = None) -> list[Path]:
    """Write an area folder that `check` accepts and `run` briefs with "no data yet".

    Args:
        folder: The new folder; it must not exist, or be empty.
        name: Name of the local area.
        code: Its official code, such as E06000033.
        clock_start: Day from which the plan's months are counted.
        like: An area to begin from. Its KPIs, targets, milestones, actions, risks, governance, benchmarks, measures,
            parameters and prose are copied, their days moved by the months between the two clock starts; its extracts,
            logs and comments are not.

    Returns:
        The files written.

    Raises:
        InputError: The folder holds something already, the code is none, or the other area has errors.
    """
    if not re.fullmatch(r"E[0-9]{8}", code):
        raise InputError(f"--code {code}: this is no code of a local authority. Write it as E and eight digits.")
    if not name.strip() or not name.isprintable():
        raise InputError("--name: it is empty or holds control characters. Write the name of the local area.")
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise InputError(f"{folder}: there is something already. Name a folder that does not exist yet.")
    example = open_area(like) if like else None
    if example:
        texts = _begun_from(example, clock_start)
    else:
        texts = {FILE: filled(FILE)} | {_file(contract): _headings(contract) for contract in CONTRACTS}
    texts["area.toml"] = _settings(name.strip(), code, clock_start, example)
    for file, text in texts.items():
        path = folder / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", newline="\n")
    return [folder / file for file in sorted(texts)]


def _file(contract: Contract) -> str:
    return f"{contract.folder}/{contract.name}.csv"


def _begun_from(example: Area, clock_start: dt.date) -> dict[str, str]:
    """Text of each table by its file, and of measures.toml: the plan copied, everything else as headings."""
    months, used = _months(example, clock_start), {kpi.measure for kpi in example.plan}
    there = {source.table or source.file.rpartition("/")[2].partition(".")[0] for source in example.sources}
    texts = {}
    for contract in example.contracts:
        rows = example.tables[contract.name]
        if contract.folder == "plan" and contract.name in PLAN and len(rows):
            texts[_file(contract)] = _copied(rows, contract, months)
        elif contract.folder != "extracts" or contract.is_needed(used) or contract.name in there:
            texts[_file(contract)] = _headings(contract)
    declared = example.folder / FILE
    text = declared.read_text("utf-8-sig") if declared.is_file() else filled(FILE)
    return texts | {FILE: DAY.sub(lambda found: _moved(found[0], months), text)}


def _months(example: Area, clock_start: dt.date) -> int:
    """Months from one clock start to the other."""
    theirs = example.settings.parameters.plan.clock_start
    return 12 * (clock_start.year - theirs.year) + clock_start.month - theirs.month


def _copied(rows: pd.DataFrame, contract: Contract, months: int) -> str:
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(column.name for column in contract.columns)
    for cells in rows.to_dict("records"):
        table.writerow(_cell(cells[column.name], column, months) for column in contract.columns)
    return text.getvalue()


def _cell(value: Any, column: Column, months: int) -> str:
    """A cell as it is written; days and months are moved, but not in a column that holds printed words."""
    if pd.isna(value):
        return ""
    if isinstance(value, float):
        return f"{value:.15g}"
    text = f"{value:%Y-%m-%d}" if isinstance(value, pd.Timestamp) else str(harmless(value))
    return text if column.name.endswith("_as_printed") else _moved(text, months)


def _moved(text: str, months: int) -> str:
    """A day or a month so many months later, the last day of a month as the last day; any other text as it is.

    >>> _moved("2023-02-28", 13), _moved("2023-03", -4), _moved("2022/23", 1)
    ('2024-03-31', '2022-11', '2022/23')
    """
    if "/" in text:
        return "/".join(_moved(part, months) for part in text.split("/"))
    if re.fullmatch(PATTERNS["month"][0], text):
        return _moved(f"{text}-01", months)[:7]
    if not DAY.fullmatch(text):
        return text
    day = dt.date.fromisoformat(text)
    moved = add_months(day, months)
    return (month_end(moved) if day == month_end(day) else moved).isoformat()


def _settings(name: str, code: str, clock_start: dt.date, example: Area | None) -> str:
    return filled(
        "area.toml",
        name=_toml(name),
        code=code,
        clock_start=clock_start.isoformat(),
        whose=one_line(example.settings.name) if example else "",
        months=_months(example, clock_start) if example else 0,
        prose=_prose(example) if example else "",
        parameters="".join(_family(family, example, clock_start) for family in families() if family != "plan"),
    )


def _prose(example: Area) -> str:
    ids = {kpi.kpi_id for kpi in example.plan}
    bare = re.compile(r"[\w-]+", re.ASCII)
    lines = {
        key: f"{key if bare.fullmatch(key) else _toml(key)} = {_toml(text)}\n"
        for key, text in example.settings.prose.items()
    }
    pages = "".join(line for key, line in lines.items() if key not in ids)
    kpis = "".join(line for key, line in lines.items() if key in ids)
    return f"{pages}\n[prose.kpis]\n{kpis}"


def _family(family: str, example: Area | None, clock_start: dt.date) -> str:
    """The parameters of one measure; those at their default stand there as comments."""
    usual = getattr(Parameters(), family)
    own = getattr(example.settings.parameters, family) if example else usual
    lines = [f"[measures.{family}]\n"]
    for found in explain_parameters():
        of, _, name = found["name"].partition(".")
        if of == family:
            value = getattr(own, name)
            mark = "# " if value == getattr(usual, name) else ""
            values = f" ({found['values']})" if found["values"] else ""
            text = _toml(dt.date(2022, 1, 31) if value is None else value)
            if example and mark == "":
                text = DAY.sub(lambda day: _moved(day[0], _months(example, clock_start)), text)
            lines.append(f"{mark}{name} = {text}  # {found['ambiguity']}: {found['meaning']}{values}\n")
    return "".join(lines) + "\n"


def _toml(value: Any) -> str:
    return value.isoformat() if isinstance(value, dt.date) else json.dumps(value, ensure_ascii=False)


def _headings(contract: Contract) -> str:
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(column.name for column in contract.columns)
    own = _BY_COLUMN.get(contract.name, {})
    example = [own.get(column.name, _example(column)) for column in contract.columns]
    rows.writerow([f"# example: {example[0]}", *example[1:]])
    return text.getvalue()


def _example(column: Column) -> str:
    return column.one_of[0] if column.one_of else _EXAMPLES.get(column.kind, column.meaning)
