"""Released tables as accessible HTML: tables of figures, and any other table by the names of its columns."""

from __future__ import annotations

import re
from collections.abc import Mapping
from numbers import Real
from typing import TYPE_CHECKING, Any, NamedTuple

import pandas as pd
from markupsafe import Markup, escape

from sendanalysis.display.columns import capital, days_in_words, group_in_words, heading, is_scaled, label, with_unit
from sendanalysis.display.columns import unit as unit_of
from sendanalysis.display.describing import UNKNOWN, in_words, written
from sendanalysis.display.fragments import Fragment, plain, scrolling, status_chip
from sendanalysis.display.wording import NOT_SHOWN
from sendanalysis.release import HIDDEN, WITHHELD

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import TypeAlias

    Cell: TypeAlias = Callable[[Mapping[Any, Any]], str | Markup]

__all__ = ["cell_text", "heading", "in_words", "show_figures", "show_table", "status_chip", "written"]

HIDES = f"{NOT_SHOWN}, since it would, by itself or beside what is shown, tell of few children"
STATES = {"known": "none", "nothing counted": "none", HIDDEN: NOT_SHOWN}  # what a cell without a figure says of it
STATUS_COLUMNS = {"status", "rag", "rating"}
DATE = re.compile(r"(?:\d{1,2} )?[A-Z][a-z]+ \d{4}")
NOTHING = "There is nothing to show."
KEPT_BACK = "Not shown to readers outside the partnership, since it tells of few children or of single rows."


class _Column(NamedTuple):
    """One column as shown: its name in the frame, heading, whether it is numeric, and its cell in a row."""

    name: str
    heading: str
    numeric: bool
    cell: Cell


def show_table(  # noqa: PLR0913  # every keyword is a thing a reader may want otherwise
    frame: pd.DataFrame,
    caption: str,
    *,
    notes: Sequence[str] | Mapping[str, str] = (),
    missing: str | Mapping[str, str] = UNKNOWN,
    row_header: str = "",
    labels: Mapping[str, str] | None = None,
    bars: Sequence[str] = (),
    empty: str = NOTHING,
) -> Fragment:
    """A released table as HTML that a screen reader can walk: one header row, a caption, no merged or empty cell.

    Headings come from `columns.csv`. A column's name says how its values are written: `_pct` a percentage with one
    decimal, `month` a month, `status`, `rag` or `rating` a status chip.
    Neighbouring `lower_pct` and `upper_pct` (or `lower` and `upper`) become one 95% interval. Text is escaped; a code
    such as `social_care` is written in words; a Markup value (a sparkline, say) is shown as it is.

    Args:
        frame: Released table, one row a row.
        caption: What the table shows, for whom and when.
        notes: Notes under the table: a list marks the caption, a mapping marks the headings of its columns.
        missing: What a blank says, for all columns or by column, in words such as 'none due'.
        row_header: Column that names the row; the first one unless given. It is shown first.
        labels: Headings by column, where the name does not say enough.
        bars: Percentage columns with a bar behind the number.
        empty: Sentence shown when the frame has no rows.

    Returns:
        The table, scrollable on a small screen, followed by a legend of its markers and its notes.
    """
    if frame.empty:
        return _nothing(caption, KEPT_BACK if frame.attrs.get(WITHHELD) == "rows" else empty)
    missing = NOT_SHOWN if WITHHELD in frame.attrs else missing
    row_header = row_header or str(frame.columns[0])
    frame = frame[[row_header, *(name for name in frame.columns if name != row_header)]]
    return _table(_columns(frame, missing, labels or {}), frame, caption, notes, bars)


def show_figures(  # noqa: PLR0913  # as above
    rows: pd.DataFrame,
    caption: str,
    *,
    unit: str = "percent",
    counted: tuple[str, str] = ("request", "requests"),
    group: str = "Sector",
    when: bool = False,
    notes: Sequence[str] | Mapping[str, str] = (),
    empty: str = NOTHING,
    baseline: float | Mapping[str, float | None] | None = None,
) -> Fragment:
    """Figures as a table: how many, out of how many, the figure with its interval, or why there is none.

    A column in which no row has anything is left out, and so is a figure that is the number itself.

    Args:
        rows: Released figures: group, window, first_on, last_on, n, of, value, lower, upper, state; a rating shows.
        caption: What the table shows, for whom and when.
        unit: percent, or what a figure is in, such as weeks or 'per 1,000'; empty, or what is counted, for counts.
        counted: What is counted, as one and as many.
        group: Heading of the groups; empty leaves them out, where there is but one.
        when: Whether the days that each figure covers are shown.
        notes: As in `show_table`; columns are group, window, n, of, value, lower, baseline, rating.
        empty: Sentence shown when there are no rows.
        baseline: What the figures were before, for every group or by group.

    Returns:
        As `show_table`.
    """
    if rows.empty:
        return _nothing(caption, empty)
    rows = rows.assign(n=rows["n"].where(rows["n"] % 1 == 0))  # a mean of shares is no number of anything
    columns = [_Column("group", group, False, lambda row: group_in_words(row["group"]))] if group else []
    columns += [_covered(rows)] if when or not group else []
    rated = "rating" in rows and bool(rows["rating"].fillna("").ne("").any())
    columns += [] if rated and rows["value"].isna().all() else _figures(rows, unit, counted[1])
    if baseline is not None:
        own = baseline if isinstance(baseline, Mapping) else dict.fromkeys(rows["group"], baseline)
        rows = rows.assign(baseline=rows["group"].map(own).astype("float64"))
        columns.append(_number("baseline", rows, with_unit(label("baseline"), unit), unit))
    if rated:
        columns.append(_Column("rating", label("rating"), False, _rating))
    return _table(columns, rows, caption, notes, ())


def cell_text(value: Any, name: str = "", blank: str = UNKNOWN, decimals: int | None = None) -> str | Markup:
    """One value as a cell shows it: as `written` says, a status as a chip, Markup as it is."""
    if isinstance(value, Markup):
        return value
    text = written(value, name, blank, decimals)
    if name not in STATUS_COLUMNS or text == NOT_SHOWN or (text == blank and blank != UNKNOWN):
        return text
    return status_chip(None if text == blank else value)


def _why(row: Mapping[Any, Any]) -> str:
    state = str(row.get("state", UNKNOWN))
    return STATES.get(state, state)


def _figures(rows: pd.DataFrame, unit: str, many: str) -> list[_Column]:
    """Number, out of how many, figure and interval, as far as any row has them; a figure that is the number once."""
    both = rows.dropna(subset=["n", "value"])
    alone = not is_scaled(unit) and bool((both["n"] == both["value"]).all())
    share = bool(rows["of"].notna().any()) and not unit.startswith("per ")  # a rate is per people, not of its events
    columns = []
    if alone or rows["n"].notna().any():
        columns.append(_number("value" if alone else "n", rows, label("n") if share else capital(many)))
    if rows["of"].notna().any():
        columns.append(_number("of", rows, with_unit(label("of"), many if share else "")))
    if not alone:
        head = heading("share_pct") if unit == "percent" else capital(unit) or label("value")
        columns.append(_number("value", rows, head, unit))
    if rows[["lower", "upper"]].notna().all(axis=1).any():
        columns.append(_Column("lower", "95% interval", True, _ends))
    return columns


def _number(name: str, rows: pd.DataFrame, head: str, unit: str = "") -> _Column:
    """Numbers, of which a missing one says why; on a scale they have one decimal, as counts none."""
    decimals = 1 if is_scaled(unit) or (rows[name].dropna() % 1).any() else 0
    return _Column(name, head, True, lambda row: written(row[name], "value", _why(row), decimals))


def _ends(row: Mapping[Any, Any]) -> str | Markup:
    return _interval("lower", "upper", _why(row) if pd.isna(row["value"]) else UNKNOWN)(row)


def _rating(row: Mapping[Any, Any]) -> str | Markup:
    return cell_text(row["rating"], "rating", "none")


def _covered(rows: pd.DataFrame) -> _Column:
    """The days that each figure covers, headed by what they are."""
    names = [*rows["window"].unique(), ""][:2]
    head = {"month": "Month", "day": "Day"}.get(names[0], "Period") if not names[1] else "Period"
    return _Column("window", head, False, lambda row: days_in_words(row["window"], row["first_on"], row["last_on"]))


def _nothing(caption: str, sentence: str) -> Fragment:
    html = Markup('<p class="nothing"><strong>{}</strong> {}</p>').format(f"{caption}.", sentence)
    return Fragment(html, f"{caption}. {sentence}")


def _table(
    columns: list[_Column],
    frame: pd.DataFrame,
    caption: str,
    notes: Sequence[str] | Mapping[str, str],
    bars: Sequence[str],
) -> Fragment:
    marks, texts = _marks(notes, columns)
    rows = [[column.cell(row) for column in columns] for row in frame.to_dict("records")]
    head = Markup("").join(_th(column, marks.get(column.name, "")) for column in columns)
    body = Markup("").join(_tr(row, columns, bars) for row in rows)
    table = Markup("<table><caption>{}{}</caption><thead><tr>{}</tr></thead><tbody>{}</tbody></table>").format(
        caption, _mark(marks.get("", "")), head, body
    )
    html = Markup('<div class="table">{}{}</div>').format(scrolling(f"Table: {caption}", table), _legend(rows, texts))
    lines = [[column.heading for column in columns], *([_as_text(cell) for cell in row] for row in rows)]
    return Fragment(html, "\n".join([caption, *(" | ".join(line) for line in lines)]))


def _columns(frame: pd.DataFrame, missing: str | Mapping[str, str], labels: Mapping[str, str]) -> list[_Column]:
    """The columns shown, in order, with interval ends merged."""
    names = [str(name) for name in frame.columns]
    columns = []
    for name in names:
        lower = re.sub(r"^upper(?=_pct$|$)", "lower", name)
        if lower != name and lower in names:
            continue
        blank = missing if isinstance(missing, str) else missing.get(name, UNKNOWN)
        upper = re.sub(r"^lower(?=_pct$|$)", "upper", name)
        interval = upper != name and upper in names
        text = labels.get(name) or ("95% interval" if interval else heading(name))
        numeric = interval or (_is_numeric(frame[name]) and not _is_year(name))
        cell = _interval(name, upper, blank) if interval else _single(frame[name], blank)
        columns.append(_Column(name, text, numeric, cell))
    return columns


def _is_year(name: str) -> bool:
    return name.rpartition("_")[2] == "year"


def _known(values: pd.Series[Any]) -> list[Any]:
    return [value for value in values.dropna() if value != NOT_SHOWN and str(value).strip()]


def _is_numeric(values: pd.Series[Any]) -> bool:
    known = _known(values)
    if not known:
        return bool(unit_of(str(values.name))) or str(values.name).endswith("_n")
    return all(isinstance(value, Real) and not pd.api.types.is_bool(value) for value in known)


def _single(values: pd.Series[Any], blank: str) -> Callable[[Mapping[Any, Any]], str | Markup]:
    name = str(values.name)
    if _is_year(name):
        return lambda row: str(row[name])
    whole = _is_numeric(values) and all(float(value).is_integer() for value in _known(values))
    people = name.endswith("_n")  # or other things that are counted, however a line between two of them is drawn
    decimals = 0 if people or (whole and unit_of(name) not in {"%", "points"}) else 1
    return lambda row: cell_text(row[name], name, blank, decimals)


def _interval(lower: str, upper: str, blank: str) -> Callable[[Mapping[Any, Any]], str | Markup]:
    def cell(row: Mapping[Any, Any]) -> str:
        ends = [str(cell_text(row[name], "ends_pct", blank)) for name in (lower, upper)]
        return next((end for end in ends if end in {blank, NOT_SHOWN}), " to ".join(ends))

    return cell


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
        whole = text.replace(" ", "\N{NO-BREAK SPACE}") if DATE.fullmatch(text) else text
        cells.append(Markup("<td{}>{}</td>").format(Markup(kind), whole))  # noqa: S704  # made of constants and a number
    return Markup("<tr>{}</tr>").format(Markup("").join(cells))


def _legend(rows: list[list[str | Markup]], notes: list[str]) -> Markup:
    lines = [f"[note {i}] {text}" for i, text in enumerate(notes, 1)]
    lines += [f"{capital(HIDES)}."] if any(NOT_SHOWN in row for row in rows) else []
    return Markup("").join(Markup('<p class="marks">{}</p>').format(line) for line in lines)


def _as_text(cell: str | Markup) -> str:
    return plain(cell) if isinstance(cell, Markup) else str(escape(cell).unescape())
