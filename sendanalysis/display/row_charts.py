"""Charts with a row for each thing: its name above, its marks on the row, and its words at the right end.

As in `charts`, each function takes released rows, a `title` and a `subtitle`, and returns a chart, or None where
nothing is known. A status has the colour and the shape of its chip, so that it is told from another in grey print too.
"""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Any

import pandas as pd

from sendanalysis.display import chips, layers, layout
from sendanalysis.display.charts import finished
from sendanalysis.display.columns import group_in_words
from sendanalysis.display.describing import moment
from sendanalysis.display.layout import INK, LINE_HEIGHT, PLUM

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable

    from sendanalysis.display.charts import Chart
    from sendanalysis.display.layout import Part

LONGEST = 90  # characters of a name above its row; the table has it whole
STEP, DROP = 27 + LINE_HEIGHT, 9  # height of a row, and how far below its middle the marks are


def gantt(rows: pd.DataFrame, *, title: str, subtitle: str, today: dt.date) -> Chart | None:
    """Actions or milestones in time, in the order given: when due, and when done or, as yet not done, today.

    Args:
        rows: group (its name), status as on its chip, due_on as first set, due_now_on as last moved, completed_on,
            days_late (past the date now due, at completion or today, where it was or is late), told (words at the
            end of the row).
        title: What is seen.
        subtitle: What the rows are; how to read the marks is added.
        today: The data date, drawn as a line.
    """
    days, day = ["due_on", "due_now_on", "completed_on"], pd.Timestamp(today)
    if rows[days].isna().all(axis=None):
        return None
    data = pd.DataFrame({"when": _names(rows["group"]), "value": rows["days_late"].astype("float64").array})
    data = data.assign(group=rows["status"].array, told=rows["told"].array)
    data = data.assign(**{name: pd.to_datetime(rows[name]).array for name in days})
    data["at"] = data["completed_on"].fillna(day)
    known = data[["due_on", "due_now_on", "at"]]
    data = data.assign(first=known.min(axis=1), last=known.max(axis=1)).drop(columns="completed_on")
    axis = layout.time_axis([*data["first"], *data["last"]]) | {"scale": {"type": "utc", "padding": 24}}
    at = {name: {"x": axis | {"field": name}} for name in ("first", "due_on", "due_now_on", "at")}
    status = _chips(data["group"])
    late = data.loc[data["value"] > 0, ["when", "group", "due_now_on", "at"]]
    parts = [
        _mark("rule", at["first"] | {"x2": {"field": "last"}}, color=INK),
        _mark("rule", at["due_now_on"] | {"x2": {"field": "at"}, "color": status["color"]}, late, strokeWidth=8),
        _mark("tick", at["due_on"], color=INK, thickness=1.5, height=13),
        _mark("tick", at["due_now_on"], color=INK, thickness=4, height=13),
        *_line(day, f"Today, {moment(day)}", axis),
        _mark("point", at["at"] | status, size=170, stroke="white", strokeWidth=1.5),
        *_words(data),
    ]
    key = "Thin upright: due as printed. Thick upright: due as it stands. Shape: done, or not done by today. Bar: late."
    open_late = data[(data["value"] > 0) & rows["completed_on"].isna().to_numpy()]
    told = [f"{row.when}: {row.told}, due {moment(row.due_now_on)}." for row in open_late.itertuples()]
    counts = data["group"].value_counts(sort=False)
    words = "; ".join(f"{status} {n}" for status, n in counts.items())
    last = f"Line at {moment(day)}, the data date."
    alternative = ("Gantt chart, worst first.", *(told or ["Nothing is open past its date."]), f"{words}.", last)
    return finished(data, parts, title, f"{subtitle} {key}", *alternative, height={"step": STEP})


def _names(groups: Iterable[object]) -> list[str]:
    """Names short enough for a row, no two of them the same."""
    short = pd.Series(
        [textwrap.shorten(group_in_words(group), LONGEST, placeholder="…") for group in groups], dtype=str
    )
    repeats = short.groupby(short).cumcount()
    return [name + (f" ({k + 1})" if k else "") for name, k in zip(short, repeats, strict=True)]


def _mark(kind: str, encoding: Part, data: pd.DataFrame | None = None, **style: Any) -> Part:
    """A mark on each row, under its name."""
    y = {"y": {"field": "when", "type": "nominal", "sort": None, "axis": None}}
    return layers.mark(kind, y | encoding, data, **{"yOffset": DROP} | style)


def _words(data: pd.DataFrame) -> list[Part]:
    """The name of each row above it, as far as there is room, and its words at its right end."""
    room = {"expr": f"width + {10 + 7 * int(data['told'].str.len().max())}"}
    name = {"x": {"value": 0}, "text": {"field": "when"}}
    told = {"x": {"value": "width"}, "text": {"field": "told"}}
    above: Any = {"align": "left", "baseline": "bottom", "limit": room, "yOffset": DROP - 11}
    return [
        _mark("text", name, **above, color="white", stroke="white", strokeWidth=4),  # no line runs through a name
        _mark("text", name, **above, color=INK),
        _mark("text", told, align="left", baseline="middle", dx=10, color=INK, fontWeight="bold"),
    ]


def _line(at: object, label: str, x: Part) -> list[Part]:
    """An upright line with its label above the chart."""
    data, top = pd.DataFrame({"when": [at]}), {"x": x, "y": {"value": 0}}
    words = layers.mark("text", top, data, text=label, align="center", baseline="bottom", dy=-4, color=PLUM)
    return [layers.mark("rule", {"x": x}, data, **layers.TARGET, strokeDash=[6, 3]), words]


def _chips(statuses: pd.Series[Any]) -> Part:
    """Encoding of a status by the colour and the shape of its chip."""
    names = list(dict.fromkeys(statuses))
    inks, shapes = chips.drawn_as(names)
    return {"color": layers.by_group(names, inks), "shape": layers.by_group(names, shapes)}
