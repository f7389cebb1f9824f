"""Released tables as accessible HTML: headings, units and missing values by convention of the column's name."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from numbers import Real
from typing import TYPE_CHECKING, Any

import pandas as pd
from markupsafe import Markup, escape

from sendanalysis.display.describing import in_words, written
from sendanalysis.display.fragments import Fragment, plain, status_chip, variation_icon

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

__all__ = ["cell_text", "heading", "in_words", "show_table", "status_chip", "variation_icon", "written"]

MARKERS = {
    "[c]": "suppressed to protect confidentiality",
    "[x]": "not available",
    "[z]": "not applicable",
}
UNITS = {"pct": "%", "days": "days", "weeks": "weeks", "months": "months", "years": "years", "points": "points"}
HEADINGS = {
    "n": "Number",
    "rag": "Status",
    "rows_n": "Rows",
    "value": "Figure",
    "what": "What",
    "why": "Why",
    "kpi_id": "KPI",
    "median": "Median",
}
STATUS_COLUMNS = {"status", "rag"}


@dataclass(frozen=True)
class _Column:
    """One column as shown: its name in the frame, heading, whether it is numeric, and what stands in for a blank."""

    name: str
    heading: str
    numeric: bool
    blank: str
    cell: Callable[[Mapping[Any, Any]], str | Markup]


def show_table(  # noqa: PLR0913  # every keyword is a thing a reader may want otherwise
    frame: pd.DataFrame,
    caption: str,
    *,
    notes: Sequence[str] | Mapping[str, str] = (),
    missing: str | Mapping[str, str] = "[x]",
    row_header: str = "",
    labels: Mapping[str, str] | None = None,
    bars: Sequence[str] = (),
    empty: str = "There is nothing to show.",
) -> Fragment:
    """A released table as HTML that a screen reader can walk: one header row, a caption, no merged or empty cell.

    A column's name says what it holds: `_pct` a percentage with one decimal, `_n` a count, `_days` a time, `_on` a
    day, `month` a month, `status` or `rag` a status chip, `variation` (with `assurance`) an SPC icon. Neighbouring
    `lower_pct` and `upper_pct` (or `lower` and `upper`) become one 95% interval. Text is escaped; a code such as
    `social_care` is written in words; a Markup value (a sparkline, say) is shown as it is.

    Args:
        frame: Released table, one row a row.
        caption: What the table shows, for whom and when.
        notes: Notes under the table: a list marks the caption, a mapping marks the headings of its columns.
        missing: What a blank says, for all columns or by column: [x], [z], [c] or words such as 'none due'.
        row_header: Column that names the row; the first one unless given. It is shown first.
        labels: Headings by column, where the name does not say enough.
        bars: Percentage columns with a bar behind the number.
        empty: Sentence shown when the frame has no rows.

    Returns:
        The table, scrollable on a small screen, followed by a legend of its markers and its notes.
    """
    if frame.empty:
        html = Markup('<p class="nothing"><strong>{}</strong> {}</p>').format(f"{caption}.", empty)
        return Fragment(html, f"{caption}. {empty}")
    row_header = row_header or str(frame.columns[0])
    frame = frame[[row_header, *(name for name in frame.columns if name != row_header)]]
    columns = _columns(frame, missing, labels or {})
    marks, texts = _marks(notes, columns)
    rows = [[column.cell(row) for column in columns] for row in frame.to_dict("records")]
    head = Markup("").join(_th(column, marks.get(column.name, "")) for column in columns)
    body = Markup("").join(_tr(row, columns, bars) for row in rows)
    html = Markup(
        '<div class="table"><div class="scroll" tabindex="0" role="region" aria-label="{}">'
        "<table><caption>{}{}</caption><thead><tr>{}</tr></thead><tbody>{}</tbody></table></div>{}</div>"
    ).format(f"Table: {caption}", caption, _mark(marks.get("", "")), head, body, _legend(rows, texts))
    lines = [[column.heading for column in columns], *([_as_text(cell) for cell in row] for row in rows)]
    return Fragment(html, "\n".join([caption, *(" | ".join(line) for line in lines)]))


def heading(name: str) -> str:
    """The heading that a column's name implies.

    >>> [heading(name) for name in ("on_time_pct", "due_n", "wait_days", "returned_on", "kpi_id")]
    ['On time (%)', 'Due', 'Wait (days)', 'Returned on', 'KPI']
    """
    if name in HEADINGS:
        return HEADINGS[name]
    stem, _, unit = name.rpartition("_")
    if unit in UNITS:
        return f"{in_words(stem or 'value')} ({UNITS[unit]})"
    return in_words(stem if unit == "n" else name)


def cell_text(value: Any, name: str = "", blank: str = "[x]", decimals: int | None = None) -> str | Markup:
    """One value as a cell shows it: as `written` says, a status as a chip, Markup as it is."""
    if isinstance(value, Markup):
        return value
    text = written(value, name, blank, decimals)
    if name not in STATUS_COLUMNS or text in {"[c]", "[z]"} or (text == blank and blank not in MARKERS):
        return text
    return status_chip(None if text == blank else value)


def _columns(frame: pd.DataFrame, missing: str | Mapping[str, str], labels: Mapping[str, str]) -> list[_Column]:
    """The columns shown, in order, with interval ends merged and the assurance drawn with its variation."""
    names = [str(name) for name in frame.columns]
    columns = []
    for name in names:
        lower = re.sub(r"^upper(?=_pct$|$)", "lower", name)
        if (lower != name and lower in names) or (name == "assurance" and "variation" in names):
            continue
        blank = missing if isinstance(missing, str) else missing.get(name, "[x]")
        upper = re.sub(r"^lower(?=_pct$|$)", "upper", name)
        interval = upper != name and upper in names
        text = labels.get(name) or ("95% interval" if interval else heading(name))
        numeric = interval or (_is_numeric(frame[name]) and not _is_year(name))
        cell = _interval(name, upper, blank) if interval else _single(frame[name], blank)
        columns.append(_Column(name, text, numeric, blank, _variation if name == "variation" else cell))
    return columns


def _is_year(name: str) -> bool:
    return name.rpartition("_")[2] == "year"


def _known(values: pd.Series[Any]) -> list[Any]:
    return [value for value in values.dropna() if value not in MARKERS and str(value).strip()]


def _is_numeric(values: pd.Series[Any]) -> bool:
    known = _known(values)
    if not known:
        return str(values.name).rpartition("_")[2] in {*UNITS, "n"}
    return all(isinstance(value, Real) and not pd.api.types.is_bool(value) for value in known)


def _single(values: pd.Series[Any], blank: str) -> Callable[[Mapping[Any, Any]], str | Markup]:
    name = str(values.name)
    if _is_year(name):
        return lambda row: str(row[name])
    whole = _is_numeric(values) and all(float(value).is_integer() for value in _known(values))
    decimals = 0 if whole and not name.endswith(("pct", "points")) else 1
    return lambda row: cell_text(row[name], name, blank, decimals)


def _interval(lower: str, upper: str, blank: str) -> Callable[[Mapping[Any, Any]], str | Markup]:
    def cell(row: Mapping[Any, Any]) -> str:
        ends = [str(cell_text(row[name], "ends_pct", blank)) for name in (lower, upper)]
        return next((end for end in ends if end == blank or end in MARKERS), " to ".join(ends))

    return cell


def _variation(row: Mapping[Any, Any]) -> Markup:
    return variation_icon(row["variation"], row.get("assurance"))


def _marks(notes: Sequence[str] | Mapping[str, str], columns: list[_Column]) -> tuple[dict[str, str], list[str]]:
    """Marks by column ('' is the caption) and the texts they stand for, numbered in the order they are met."""
    if not isinstance(notes, Mapping):
        return {"": " ".join(f"[note {i}]" for i in range(1, len(notes) + 1))}, list(notes)
    shown = [column.name for column in columns if column.name in notes]
    return {name: f"[note {i}]" for i, name in enumerate(shown, 1)}, [notes[name] for name in shown]


def _th(column: _Column, mark: str) -> Markup:
    kind = Markup(' class="n"') if column.numeric else ""
    return Markup('<th scope="col"{}>{}{}</th>').format(kind, column.heading, _mark(mark))


def _mark(mark: str) -> Markup:
    return Markup(' <span class="mark">{}</span>').format(mark) if mark else Markup()


def _tr(row: list[str | Markup], columns: list[_Column], bars: Sequence[str]) -> Markup:
    name = row[0] if isinstance(row[0], Markup) or " " not in row[0] else row[0][:1].upper() + row[0][1:]
    cells = [Markup('<th scope="row">{}</th>').format(name)]
    for text, column in zip(row[1:], columns[1:], strict=True):
        kind = ' class="n"' if column.numeric else ""
        if column.name in bars and re.fullmatch(r"\d+(\.\d+)?", text):
            kind = f' class="n bar" style="--share:{min(float(text), 100)}"'
        cells.append(Markup("<td{}>{}</td>").format(Markup(kind), text))  # noqa: S704  # made of constants and a number
    return Markup("<tr>{}</tr>").format(Markup("").join(cells))


def _legend(rows: list[list[str | Markup]], notes: list[str]) -> Markup:
    used = [f"{mark} {meaning}" for mark, meaning in MARKERS.items() if any(mark in row for row in rows)]
    lines = [f"[note {i}] {text}" for i, text in enumerate(notes, 1)] + (["; ".join(used) + "."] if used else [])
    return Markup("").join(Markup('<p class="marks">{}</p>').format(line) for line in lines)


def _as_text(cell: str | Markup) -> str:
    return plain(cell) if isinstance(cell, Markup) else str(escape(cell).unescape())
