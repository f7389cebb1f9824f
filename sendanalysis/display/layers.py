"""The layers charts are made of, as plain Vega-Lite: marks, bands, steps, reference lines and labels at their ends."""

from __future__ import annotations

import datetime as dt
import math
from typing import TYPE_CHECKING, Any, TypeAlias

import pandas as pd

from sendanalysis.display import layout
from sendanalysis.display.chips import are_statuses
from sendanalysis.display.columns import capital, group_in_words
from sendanalysis.display.describing import describe, moment, said, wrapped
from sendanalysis.display.layout import INK, LILAC, LINE_HEIGHT, NAVY, ORANGE, PLUM, SERIES, TEAL, WASH
from sendanalysis.methods.rounding import half_up

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from sendanalysis.display.layout import Ends, Part

    Place: TypeAlias = Callable[[str], Part]
    Label: TypeAlias = tuple[float, str, str]
    Box: TypeAlias = tuple[float, float, float, float]

THIN: dict[str, Any] = {"color": NAVY, "strokeWidth": 1.5, "strokeDash": [2, 3]}
BOLD: dict[str, Any] = {"color": NAVY, "strokeWidth": 2.5}
TARGET: dict[str, Any] = {"color": PLUM, "strokeWidth": 2}
KINDS = {
    "special_cause_improvement": ("diamond", TEAL, "Diamonds: months better than chance explains."),
    "special_cause_concern": ("square", ORANGE, "Squares: months worse than chance explains."),
    "special_cause_neutral_high": ("triangle-up", LILAC, "Triangles up: months higher than chance explains."),
    "special_cause_neutral_low": ("triangle-down", LILAC, "Triangles down: months lower than chance explains."),
}


def drawn(frame: pd.DataFrame, when: str, value: str = "value", **others: str) -> pd.DataFrame:
    """The columns drawn, in order, to six decimals, under short names that no expression can hide in.

    Where the frame lacks one of the others, it is not drawn.
    """
    columns = {"when": when, "value": value, **{short: name for short, name in others.items() if name in frame}}
    data = pd.DataFrame({short: frame[name].array for short, name in columns.items()})
    for name in data.columns.difference(["when", "kind", "label", "group", "flag"]):
        data[name] = pd.to_numeric(data[name], errors="coerce").astype(float).map(lambda value: half_up(value, 6))
    if any(isinstance(when, dt.date) for when in data.when):
        data["when"] = pd.to_datetime(data.when).dt.tz_localize(None)
    return data.sort_values("when", kind="stable", ignore_index=True)


def has(data: pd.DataFrame, name: str) -> bool:
    """Whether a column is drawn and any of its values is known."""
    return name in data and bool(data[name].notna().any())


def rows(data: pd.DataFrame) -> Part:
    """A frame as Vega-Lite's inline data: days as text, missing values as null."""
    days = {str(name): data[name].dt.strftime("%Y-%m-%dT00:00:00Z") for name in data.select_dtypes("datetime")}
    known = data.assign(**days).astype(object)
    return {"values": known.where(known.notna(), None).to_dict("records")}


def mark(kind: str, encoding: Part, data: pd.DataFrame | None = None, **style: Any) -> Part:
    """One layer: a kind of mark in its style, at its encoding, over the chart's data unless it brings its own."""
    return ({} if data is None else {"data": rows(data)}) | {"mark": {"type": kind, **style}, "encoding": encoding}


def place(x: Part, ends: Ends, unit: str) -> Place:
    """Where a column is drawn: along x, and at its value between the ends of the value axis."""
    return lambda field: {"x": x, "y": layout.value_axis(field, ends, unit)}


def band(at: Place) -> Part:
    """The area from `lower` to `upper`."""
    return mark("area", at("lower") | {"y2": {"field": "upper"}}, color=WASH)


def level(value: float, at: Place) -> Part:
    """A horizontal line across the chart."""
    style = THIN | {"color": INK, "strokeDash": [7, 4]}
    return mark("rule", {"y": at("value")["y"]}, pd.DataFrame({"value": [value]}), **style)


def steps(goals: pd.DataFrame, last: pd.Timestamp, at: Part) -> list[Part]:
    """The target as steps that run on to the last point, over the dotted straight line between milestones."""
    end = goals.tail(1).assign(when=max(last, goals.when.max()))
    return [
        mark("line", at, goals, color=PLUM, strokeWidth=1.5, strokeDash=[1, 4]),
        mark("line", at, pd.concat([goals, end]), **TARGET, interpolate="step-after"),
        mark("tick", at, goals, color=PLUM, thickness=3, height=12),
    ]


def judged_by(  # the parts of one chart
    data: pd.DataFrame, goals: pd.DataFrame, baseline: float | None, at: Place, unit: str
) -> tuple[list[Part], list[Label]]:
    """Layers and labels of what a series is judged against: its range and average, its baseline, its targets."""
    layers: list[Part] = []
    labels: list[Label] = []
    known = {name: data[name].dropna().iloc[-1] for name in data.columns if data[name].notna().any()}
    if "upper" in known and "lower" in known:
        layers.append(band(at))
        ends = f"{said(known['lower'], unit)} to {said(known['upper'], unit)}"
        labels.append((known["upper"], f"Expected range {ends}", INK))
    months = int(data["value"].notna().sum())
    if "mean" in known and ("upper" in known or months > 2):  # of two there is no average
        layers.append(mark("line", at("mean"), **THIN))
        few = "" if "upper" in known else f" of {months} months"
        labels.append((known["mean"], f"Average{few} {said(known['mean'], unit)}", INK))
    if baseline is not None:
        layers.append(level(baseline, at))
        labels.append((baseline, f"Baseline {said(baseline, unit, exact=True)}", INK))
    for goal in goals.tail(1).itertuples():
        layers += steps(goals, data.when.max(), at("goal"))
        day = moment(goal.when).replace(" ", "\N{NO-BREAK SPACE}")
        labels.append((float(str(goal.goal)), f"Target {said(goal.goal, unit, exact=True)} by {day}", PLUM))
    return layers, labels


def dotted(at: Part, kinds: Sequence[str] = ()) -> list[Part]:
    """A line with a dot for every value, and another shape for every kind of special cause."""
    if not kinds:
        return [mark("line", at, **BOLD), mark("point", at, color=NAVY, size=55)]
    shapes, colours, _ = zip(*(KINDS[kind] for kind in kinds), strict=True)
    ways = {"shape": ["circle", *shapes], "color": [NAVY, *colours], "size": [55, *(150 for _ in kinds)]}
    told = {name: by_group(["common_cause", *kinds], way) | {"field": "kind"} for name, way in ways.items()}
    return [mark("line", at, **BOLD), mark("point", at | told, stroke=NAVY, strokeWidth=1)]


def value_label(last: Any, words: str, at: Place, *, left: bool = False) -> list[Part]:
    """The last value beside its own point, where the chart runs on beyond it; left of it where room is short."""
    data = pd.DataFrame({"when": [last.when], "value": [last.value]})
    style = {"align": "right", "dx": -9} if left else {"align": "left", "dx": 9}
    return on_white(at("value"), data, NAVY, text=words, dy=-11, **style)


def on_white(at: Part, data: pd.DataFrame, ink: str | None, **style: Any) -> list[Part]:
    """Bold words that can be read over a line."""
    halo, style = {"color": "white", "stroke": "white", "strokeWidth": 4}, style | {"fontWeight": "bold"}
    return [mark("text", at, data, **style, **halo), mark("text", at, data, **style, color=ink)]


def grouped(data: pd.DataFrame) -> pd.DataFrame:
    """The known values of the first four groups by name; one nameless group when there is none."""
    named = (data if "group" in data else data.assign(group="")).dropna(subset=["value", "group"])
    return named[named.group.isin(sorted(named.group.unique())[:4])].reset_index(drop=True)


def stacked(data: pd.DataFrame, order: Sequence[str]) -> tuple[pd.DataFrame, list[str]]:
    """Counts by place and state with the rank of each state, those after the third as one if more than four."""
    states = [name for name in order or sorted(data.group.unique()) if name in set(data.group)]
    kept = states if len(states) <= 4 or are_statuses(states) else [*states[:3], "all_other_states"]
    summed = data.assign(group=data.group.where(data.group.isin(kept), kept[-1]))
    summed = summed.groupby(["when", "group"], as_index=False)[["value"]].sum()
    summed["rank"] = summed.group.map(kept.index)
    return summed.sort_values(["when", "rank"], ignore_index=True), kept


def by_group(names: Sequence[str], ways: Sequence[Any]) -> Part:
    """Encoding that tells series apart by colour, dash or shape; labels say which is which, so there is no legend."""
    scale = {"domain": list(names), "range": list(ways[: len(names)])}
    return {"field": "group", "type": "nominal", "scale": scale, "legend": None}


def series(data: pd.DataFrame, at: Place, unit: str, **style: Any) -> tuple[list[Part], list[Label], list[str]]:
    """Layers, end labels and words of several lines, told apart by colour, dash and (on straight lines) shape."""
    names = sorted(data.group.unique())
    coloured = at("value") | {"color": by_group(names, SERIES)}
    layers = [mark("line", coloured | {"strokeDash": by_group(names, layout.DASHES)}, strokeWidth=2.5, **style)]
    if not style:
        layers.append(mark("point", coloured | {"shape": by_group(names, layout.SHAPES)}, size=60))
    labels: list[Label] = []
    words: list[str] = []
    for colour, (name, part) in zip(SERIES, data.groupby("group"), strict=False):
        end, value = part.when.iloc[-1], said(part.value.iloc[-1], unit)
        dated = f", {moment(end)}" if not style and end < data.when.max() else ""  # a line that ends before the others
        labels.append((part.value.iloc[-1], capital(f"{group_in_words(name)} {value}{dated}".strip()), colour))
        words.append(describe(part.when, part.value, unit, group_in_words(name)))
    return layers, labels, words


def spread(centres: Sequence[float], heights: Sequence[float], space: float) -> list[float]:
    """Move labels apart as little as it takes for none to cover another; all in pixels from the top.

    >>> spread([10, 12, 100], [20, 20, 20], 110)
    [10.0, 30.0, 100.0]
    """
    order = sorted(range(len(centres)), key=lambda i: (centres[i], i))
    placed, edge = [float(centre) for centre in centres], -math.inf
    for i in order:
        placed[i] = max(placed[i], edge + heights[i] / 2)
        edge = placed[i] + heights[i] / 2
    edge = space + LINE_HEIGHT / 2
    for i in reversed(order):
        placed[i] = min(placed[i], edge - heights[i] / 2)
        edge = placed[i] - heights[i] / 2
    return placed


def end_labels(labels: Sequence[Label], ends: Ends, light: Sequence[str] = ()) -> list[Part]:
    """Value, words and colour of each label, put beside its value at the right edge; `light` colours are not bold."""
    words = [wrapped(label) for _, label, _ in labels]
    centres = [layout.HEIGHT * (ends[1] - value) / (ends[1] - ends[0]) for value, _, _ in labels]
    places = spread(centres, [LINE_HEIGHT * (1 + word.count("\n")) + 3 for word in words], layout.HEIGHT)
    layers: list[Part] = []
    for word, middle, (_, _, colour) in zip(words, places, labels, strict=True):
        at = {"x": {"value": "width"}, "y": {"value": middle - LINE_HEIGHT * word.count("\n") / 2}}
        style = {"color": layout.TEXT.get(colour, colour), "fontWeight": "normal" if colour in light else "bold"}
        layers.append(mark("text", at, pd.DataFrame([{}]), text=word, align="left", baseline="middle", dx=10, **style))
    return layers


def marked_places(places: Sequence[tuple[Any, str]], drawn: Iterable[Any], x: Part) -> list[Part]:
    """Vertical lines with their labels on top (series breaks, deadlines, a limit of days), on the side with room."""
    marked = [(at if isinstance(at, int | float) else pd.Timestamp(at), label) for at, label in places]
    known = sorted([*pd.Series(list(drawn)).dropna(), *(at for at, _ in marked)])
    layers = []
    for i, (at, label) in enumerate(marked):
        late, data = at > known[0] + (known[-1] - known[0]) * 0.6, pd.DataFrame({"when": [at]})
        top, down = {"x": x, "y": {"value": 2 + i * (LINE_HEIGHT + 4)}}, {"y2": {"value": "height"}}
        layers.append(mark("rule", top | down, data, color=INK, strokeDash=[5, 3], strokeWidth=1.5))
        words: dict[str, Any] = {"text": wrapped(label, 40), "color": INK, "baseline": "top", "dx": -6 if late else 6}
        layers.append(mark("text", top, data, align="right" if late else "left", **words))
    return layers


def read_at(data: pd.DataFrame, limit: float, x: Part, ends: Ends) -> list[Part]:
    """The value of each step curve at a marked place, beside its line and below the line's own label."""
    found = data[data.when <= limit].groupby("group").tail(1).sort_values("value", ascending=False)
    down = layout.HEIGHT * (ends[1] - found.value) / (ends[1] - ends[0])
    places = spread(list(down.clip(lower=1.8 * LINE_HEIGHT)), [LINE_HEIGHT] * len(down), layout.HEIGHT)
    inks = dict(zip(sorted(data.group.unique()), (layout.TEXT.get(ink, ink) for ink in SERIES), strict=False))
    here, style = pd.DataFrame({"when": [limit]}), {"align": "left", "baseline": "middle", "dx": 6}
    return [
        part
        for middle, (group, value) in zip(places, zip(found.group, found.value, strict=True), strict=True)
        for part in on_white({"x": x, "y": {"value": middle}}, here, inks[group], text=said(value), **style)
    ]


def named_bars(data: pd.DataFrame, x: Part, whiskers: bool) -> tuple[list[Part], int]:
    """Bars with their names above them and their values at the right, and the height that each row takes."""
    step = 32 + LINE_HEIGHT * (1 + int(data.when.str.count("\n").max()))
    y = {"y": {"field": "when", "type": "nominal", "sort": None, "axis": None}}
    among = "flag" in data and bool(data["flag"].any())
    colour = {"condition": {"test": "datum.flag", "value": NAVY}, "value": layout.OTHERS if among else NAVY}
    drop = step / 2 - 16
    layers = [mark("bar", y | {"x": x, "color": colour}, height=16, yOffset=drop)]
    for shade, width in (("white", 5), (INK, 2)) if whiskers else ():
        whisker = y | {"x": x | {"field": "lower"}, "x2": {"field": "upper"}}
        layers.append(mark("rule", whisker, color=shade, strokeWidth=width, yOffset=drop))
    name = y | {"x": {"value": 0}, "text": {"field": "when"}}
    for more, part in data.groupby(data.when.str.count("\n")):
        top = drop - 11 - LINE_HEIGHT * int(str(more))
        layers.append(mark("text", name, part[["when"]], align="left", baseline="bottom", dy=top, color=INK))
    value = y | {"x": {"value": "width"}, "text": {"field": "said"}}
    return [*layers, mark("text", value, align="left", dx=10, dy=drop + 1, color=INK, fontWeight="bold")], step


def goal_line(value: float, label: str, x: Part) -> list[Part]:
    """A vertical target line with its label above the chart."""
    data, top = pd.DataFrame({"value": [value]}), {"x": x, "y": {"value": 0}}
    words = mark("text", top, data, text=label, align="center", baseline="bottom", dy=-4, color=PLUM)
    return [mark("rule", {"x": x}, data, **TARGET), words]


def with_room(named: pd.DataFrame, every: pd.DataFrame, ends: Ends) -> pd.DataFrame:
    """Points with their names where these cover neither a point nor each other, if need be a line lower or higher.

    Args:
        named: Points with a label, those first that are to have their name first.
        every: All points drawn.
        ends: Ends of the value axis.

    Returns:
        Those whose names have room, at the value where the name stands.
    """
    along = layout.PLOT_WIDTH / max(every.when.max() - every.when.min(), 1e-9)
    up = layout.HEIGHT / (ends[1] - ends[0])
    taken = [
        (x * along - 6, x * along + 6, y * up - 6, y * up + 6) for x, y in zip(every.when, every.value, strict=True)
    ]
    kept, places = [], []
    for point in named.itertuples():
        lines = str(point.label).split("\n")
        left, middle = float(str(point.when)) * along + 10, float(str(point.value)) * up
        for shift in (0, -14, 14, -18, 18):
            low = middle + shift - 5 - LINE_HEIGHT * (len(lines) - 1)
            box = (left, left + 7.5 * max(map(len, lines)), low, middle + shift + 5)
            if not any(_overlap(box, other) for other in taken):
                taken.append(box)
                kept.append(point.Index)
                places.append((middle + shift) / up)
                break
    return named.loc[kept].assign(value=places)


def _overlap(one: Box, other: Box) -> bool:
    return one[0] < other[1] and other[0] < one[1] and one[2] < other[3] and other[2] < one[3]
