"""The rules of `rules.csv`: across the columns of a table, or of a table and the one that its rows refer to.

`broken` is what pandas evaluates over the rows: true for each row that breaks the rule. The columns of the other table
are called `its_…`. And the one rule of every table: no key stands in two rows.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from sendanalysis.inputs.contracts import CONTRACTS, Contract, Fault, Rule, one_line
from sendanalysis.inputs.plan import BENCHMARKS, RHYTHMS, SIZED, WINDOW, Kpi
from sendanalysis.methods.texts import parts

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

DEFAULTS = {"unit": Kpi.unit, "polarity": Kpi.polarity}  # what an empty cell of a KPI means


def rule_faults(rows: pd.DataFrame, text: pd.DataFrame, rules: Iterable[Rule], file: str) -> list[Fault]:
    """Every cell that breaks a rule.

    Args:
        rows: Typed rows.
        text: The same rows as written, from which problems take their words; an empty cell is an empty text.
        rules: Rules of the table.
        file: File that a fault names.
    """
    faults = []
    for rule in rules if len(rows) else ():
        broken = pd.Series(rows.eval(rule.broken, local_dict=KNOWN)).fillna(value=False).astype(bool)
        for row, cells in text[broken].to_dict("index").items() if broken.any() else ():
            problem = rule.problem.format(**{str(name): one_line(str(cell)) for name, cell in cells.items()})
            value = cells[rule.column] or None
            faults.append(Fault(file, int(str(row)), rule.column, value, problem, rule.remedy, rule.warns))
    return faults


def beside_faults(tables: Mapping[str, pd.DataFrame], name: str) -> list[Fault]:
    """Faults of a table that show beside the table its rows refer to, row by row."""
    contract = next(contract for contract in CONTRACTS if contract.name == name)
    faults: list[Fault] = []
    for other in dict.fromkeys(rule.beside for rule in contract.beside):
        rules = [rule for rule in contract.beside if rule.beside == other]
        key = next(column.name for column in contract.columns if column.refers.startswith(f"{other}."))
        theirs = tables[other].drop_duplicates(key, keep="last").fillna(DEFAULTS)
        rows = tables[name].join(theirs.set_index(key).add_prefix("its_"), on=key)
        rows = rows[rows[key].isin(theirs[key])]
        faults += rule_faults(rows, rows.apply(_as_written), rules, f"{name}.csv")
    return sorted(faults, key=lambda fault: fault.row or 0)


def key_faults(text: pd.DataFrame, contract: Contract, file: str) -> list[Fault]:
    """Faults of the rows whose ids stand in an earlier row already."""
    if not contract.key:
        return []
    key = text[list(contract.key)]
    if _all_differ(key):
        return []
    held = key[key.duplicated(keep=False)].astype("object")
    held = held[(held != "").all(axis=1)]
    values = [tuple(row) for row in held.to_numpy()]
    first = {value: row for row, value in reversed(list(zip(held.index, values, strict=True)))}
    name, remedy = " + ".join(contract.key), "Remove the repeated row, or give it an id of its own."
    return [
        Fault(file, int(row), name, " + ".join(value), f"stands in row {first[value]} already", remedy)
        for row, value in zip(held.index, values, strict=True)
        if first[value] != row
    ]


def _all_differ(key: pd.DataFrame) -> bool:
    """Whether no two rows hold the same texts, told from their codes as one number a row."""
    number, kinds = np.zeros(len(key), dtype=np.int64), 1
    for name in key:
        codes, texts = parts(key[name])
        number, kinds = number * len(texts) + codes, kinds * len(texts)
    number.sort()
    return kinds < np.iinfo(np.int64).max and bool((number[1:] != number[:-1]).all())


def _as_written(cells: pd.Series[Any]) -> pd.Series[str]:
    """Typed cells as text: days as YYYY-MM-DD, numbers without needless decimals, nothing as an empty text."""
    dated, number = cells.dtype.kind == "M", pd.api.types.is_numeric_dtype(cells)
    form = "{:%Y-%m-%d}" if dated else "{:g}" if number else "{}"
    return cells.astype("object").map(form.format, na_action="ignore").where(cells.notna(), "")


def _differs(key: pd.Series, cells: pd.Series) -> pd.Series:
    """Cells that differ from what most rows of their key hold."""
    (keys, names), (codes, texts) = parts(key), parts(cells)
    held = np.full(len(names) + 1, -1)
    held[keys] = codes  # of rows with one key, the last
    mixed = np.unique(keys[(keys >= 0) & (held[keys] != codes)])
    differs = pd.Series(data=False, index=key.index)
    if len(mixed):
        some = np.isin(keys, mixed)
        named = pd.Series(np.append(texts, "")[codes[some]], key.index[some]).astype("str")
        usual = named.groupby(keys[some]).transform(lambda part: part.mode().iloc[0])
        differs[some] = usual != named
    return differs


def _disagrees(key: pd.Series, recorded_on: pd.Series, cells: pd.Series) -> pd.Series:
    return cells.groupby([key, recorded_on]).transform("nunique") > 1


def _outside_survey_year(year: pd.Series, submitted_on: pd.Series) -> pd.Series:
    start = pd.to_numeric(year.str[:4], errors="coerce")
    september = pd.to_datetime(pd.DataFrame({"year": start, "month": 9, "day": 1}), errors="coerce")
    return ~submitted_on.between(september, september + pd.DateOffset(years=1), inclusive="left")


def _far_from_usual(category: pd.Series, invited: pd.Series) -> pd.Series:
    number = invited.astype("float64")
    return (number > 5 * number.groupby(category).transform("median")) & (number > 50)


def _overlaps(first_on: pd.Series, last_on: pd.Series) -> pd.Series:
    """Spans that begin before one that began no later has ended."""
    order = first_on.sort_values(kind="stable").index
    return first_on <= last_on.loc[order].cummax().shift().reindex(first_on.index)


def _number(cells: pd.Series) -> pd.Series:
    """Published cells as numbers; a marker is none."""
    return pd.to_numeric(cells, errors="coerce")


def _read_as_days(cells: pd.Series) -> pd.Series:
    """Texts that are a day, a month, or two days with a stroke between."""
    cells = cells.astype("str").fillna("")
    written = cells.str.fullmatch(r"[0-9]{4}-[0-9]{2}(-[0-9]{2}(/[0-9]{4}-[0-9]{2}-[0-9]{2})?)?")
    parts = cells.where(written, "").str.split("/").explode()
    days = pd.to_datetime(parts.str[:7] + parts.str[7:].replace("", "-01"), format="%Y-%m-%d", errors="coerce")
    return written & days.notna().groupby(level=0).all()


def _points_apart(part: pd.Series, whole: pd.Series, pct: pd.Series) -> pd.Series:
    """Points between a published percentage and the counts published beside it."""
    issued = _number(whole)
    return (100 * _number(part) / issued.where(issued > 0) - _number(pct)).abs()


KNOWN = {  # what `broken` may name after an @
    "benchmarks": BENCHMARKS,
    "differs": _differs,
    "disagrees": _disagrees,
    "far_from_usual": _far_from_usual,
    "number": _number,
    "overlaps": _overlaps,
    "outside_survey_year": _outside_survey_year,
    "points_apart": _points_apart,
    "read_as_days": _read_as_days,
    "rhythm": "|".join(RHYTHMS),
    "sized": SIZED,
    "window": WINDOW.pattern,
}
