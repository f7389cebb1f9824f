"""A figure in JupyterLab: the chart answers to the pointer, and its table shows the rows of what is picked.

A live chart has a tooltip for every value, zooms and moves along its axis, and lets values be picked. Nothing of this
is in a briefing.
"""

from __future__ import annotations

from dataclasses import dataclass
from numbers import Real
from typing import TYPE_CHECKING, Any

import pandas as pd
from markupsafe import Markup

from sendanalysis.display.columns import group_in_words, heading, is_count
from sendanalysis.display.describing import moment, said, wrapped, written
from sendanalysis.display.fragments import Fragment
from sendanalysis.display.layout import INK, Part
from sendanalysis.display.vega import Chart, interactive

if TYPE_CHECKING:
    from collections.abc import Callable

PICK, ROW, TOUCHED = "picked", "row", "touched"
TITLE = {"text": 80, "subtitle": 110}  # characters in a line that is no wider than the chart
HINT = (
    "Point at a value to read it. Click it to see its rows alone; Shift and a click adds one, a double click shows all."
)
ZOOM_HINT = " Drag to move along the axis, Ctrl and the wheel to zoom."


@dataclass(frozen=True, repr=False)
class LiveFigure(Fragment):
    """A figure in JupyterLab: the live chart above its table, the static figure for everything else.

    Attributes:
        chart: Chart to be drawn live.
        frame: Rows of its table.
        tabled: Makes the table of some of these rows.
    """

    chart: Chart
    frame: pd.DataFrame
    tabled: Callable[[pd.DataFrame], Fragment]

    def _ipython_display_(self) -> None:
        from IPython.display import display  # noqa: PLC0415  # needed, and sure to be there, in a notebook only

        alive = live(self.chart, self.frame)
        picture = interactive(alive)
        display(picture, hint(alive))  # type: ignore[no-untyped-call]
        table = display(self.tabled(self.frame), display_id=True)  # type: ignore[no-untyped-call]

        def follow(change: Any) -> None:
            table.update(self.tabled(picked(self.chart, self.frame, change.new.value)))

        picture.selections.observe(follow, PICK)


def hint(alive: Chart) -> Fragment:
    """What can be done with a live chart, in a sentence or two."""
    text = HINT + (ZOOM_HINT if len(alive.to_dict()["params"]) > 1 else "")
    return Fragment(Markup('<p class="marks">{}</p>').format(text), text)


def live(chart: Chart, frame: pd.DataFrame) -> Chart:
    """The chart with a tooltip for every value, values that can be picked, and an axis that can be moved and zoomed.

    Args:
        chart: Chart as a briefing draws it.
        frame: Its table, which tells the counts behind a value, and the name of one that is only a number.

    Returns:
        Another chart; the first stays as it is.
    """
    spec = chart.to_dict()
    rows = spec["datasets"][spec["data"]["name"]]
    base = _base(spec)
    tips = [_tip(row, base["encoding"], frame) for row in rows]
    spec["datasets"][spec["data"]["name"]] = [row | {ROW: at} | tips[at] for at, row in enumerate(rows)]
    named = list(dict.fromkeys(name for tip in tips for name in tip))
    spec["params"] = [{"name": PICK, "select": {"type": "point", "fields": [ROW]}, "views": [TOUCHED]}]
    if {"temporal", "quantitative"} >= {base["encoding"][axis].get("type") for axis in "xy"}:
        along = {"type": "interval", "encodings": ["x"], "zoom": "wheel![event.ctrlKey]"}
        spec["params"].append({"name": "zoom", "select": along, "bind": "scales", "views": [TOUCHED]})
        spec["layer"] = [_clipped(layer) for layer in spec["layer"]]
    spec["layer"].append(_touch(base, named))
    title, subtitle = (wrapped(spec["title"][part], most).split("\n") for part, most in TITLE.items())
    spec |= {"background": "white", "title": {"text": title, "subtitle": subtitle}}
    return Chart(spec)


def picked(chart: Chart, frame: pd.DataFrame, chosen: list[dict[str, Any]]) -> pd.DataFrame:
    """The rows of a table that stand behind the values picked in its chart; all of them when there are none.

    Args:
        chart: Chart as a briefing draws it.
        frame: Its table.
        chosen: What the live chart says is picked: a row of the chart's data each.
    """
    spec = chart.to_dict()
    rows = spec["datasets"][spec["data"]["name"]]
    found = [behind(frame, rows[int(item[ROW])]) for item in chosen]
    return frame[pd.concat(found, axis=1).any(axis=1)] if found else frame


def behind(frame: pd.DataFrame, drawn: Part) -> pd.Series[bool]:
    """Which rows of a table hold the place and the group of a value that is drawn, as far as the table tells.

    Where the place is a number, which may repeat, they hold the value too.

    >>> table = pd.DataFrame({"month": pd.to_datetime(["2021-11-01", "2021-12-01"]), "sector": ["health", "care"]})
    >>> behind(table, {"when": "2021-12-01T00:00:00Z", "group": "care", "value": 90.0}).tolist()
    [False, True]
    """
    names = ["when", "group", "value"] if isinstance(drawn["when"], Real) else ["when", "group"]
    held = pd.Series(data=True, index=frame.index)
    for wanted in (drawn[name] for name in names if drawn.get(name) not in {None, ""}):
        narrower = held & frame.map(_is_same, wanted=wanted).any(axis=1)
        held = narrower if narrower.any() else held
    return held


def _is_same(cell: Any, wanted: Any) -> bool:
    if isinstance(wanted, Real):
        return isinstance(cell, Real) and abs(float(cell) - float(wanted)) < 1e-6
    text = " ".join(wanted.split())
    if isinstance(cell, pd.Timestamp):
        return text in {f"{cell:%Y-%m-%dT00:00:00Z}", f"{cell:%b %Y}"}
    return {str(cell), group_in_words(cell)} & {text, text.removesuffix("-01-01T00:00:00Z")} != set()


def _base(spec: Part) -> Part:
    """The layer whose marks are pointed at: the bars or points of the chart's own data, or else its line."""
    own = [layer for layer in spec["layer"] if "data" not in layer]
    marks = [layer for layer in own if layer["mark"]["type"] in {"bar", "point"}]
    return dict((marks or [layer for layer in own if layer["mark"]["type"] == "line"])[-1])


def _touch(base: Part, named: list[str]) -> Part:
    """A layer on top that is not seen until it is picked: a ring round each point, or a frame round each bar."""
    bars = base["mark"]["type"] == "bar"
    kept = {"x", "x2", "y", "color", "order"} if bars else {"x", "y"}
    encoding = {name: value for name, value in base["encoding"].items() if name in kept}
    encoding["tooltip"] = [{"field": name, "type": "nominal"} for name in named]
    encoding["opacity"] = {"condition": {"param": PICK, "empty": False, "value": 1}, "value": 0}
    mark = base["mark"] if bars else {"type": "point", "size": 260, "color": "transparent"}
    style = {"stroke": INK, "strokeWidth": 3, "cursor": "pointer"}
    return {"name": TOUCHED, "mark": {**mark, **style}, "encoding": encoding}


def _clipped(layer: Part) -> Part:
    """The layer kept within the axes when they are moved, unless it stands beside them; names turn to where room is."""
    place, mark = layer["encoding"].get("x"), {**layer["mark"]}
    mark["clip"] = place is None or "field" in place
    if "field" in layer["encoding"].get("text", {}) and "field" in (place or {"field": ""}):
        late = f"scale('x', datum.{place['field']}) > 0.8 * width" if place else "false"
        mark |= {"align": {"expr": f"{late} ? 'right' : 'left'"}, "dx": {"expr": f"{late} ? -10 : 10"}}
    return {**layer, "mark": mark}


def _tip(row: Part, encoding: Part, frame: pd.DataFrame) -> dict[str, str]:
    """What is said of a value when it is pointed at, each under its heading; the counts are those of its table."""
    when, unit = row["when"], "%" if "'%'" in str(encoding) else ""
    found = frame[behind(frame, row)]
    table = {str(name): value for name, value in found.iloc[0].items()} if len(found) == 1 else {}
    tip: dict[str, str] = {}
    if isinstance(when, Real):
        named = "group" if "group" in frame else str(frame.columns[0])
        tip = {heading(named): group_in_words(table[named])} if isinstance(table.get(named), str) else {}
        tip[(encoding["x"].get("axis") or {}).get("title") or "Number"] = said(when, "")
    else:
        dated = encoding["x"].get("type") == "temporal" and encoding["x"]["field"] == "when"
        tip["When" if dated else "Where"] = moment(when) if dated else " ".join(str(when).split())
    if row.get("group"):
        tip["Group"] = group_in_words(row["group"])
    tip["Value"] = said(row["value"], unit)
    if row.get("lower") is not None and row.get("upper") is not None:
        tip["Range"] = f"{said(row['lower'], unit)} to {said(row['upper'], unit)}"
    return tip | {heading(name): written(table[name], name) for name in table if is_count(name)}
