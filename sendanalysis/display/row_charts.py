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
from sendanalysis.display.columns import capital, group_in_words
from sendanalysis.display.describing import fitting, moment, said
from sendanalysis.display.layout import INK, LINE_HEIGHT, NAVY, ORANGE, PLUM

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Sequence

    from sendanalysis.display.layout import Part
    from sendanalysis.display.vega import Chart

NARROWEST = 28  # digits that the longest bar has room for on a phone
LONGEST = 90  # characters of a name above its row; the table has it whole
PADDING = 16  # pixels at the sides of a chart
SHADES = (NAVY, "#2073BC", "#6BACE6", "#C2DBF0")  # of parts in their order, told apart in grey print
PARTS = (NAVY, ORANGE, PLUM)  # of the first parts of a whole; the others are grey
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
    axis["axis"]["labelBound"] = True  # there are no names beside the chart for a label to reach under
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


def split_bars(rows: pd.DataFrame, *, title: str, subtitle: str, order: Sequence[str] = ()) -> Chart | None:
    """A bar a row in the order given, split into parts: statuses as on their chips, other parts from dark to pale.

    Args:
        rows: group, part, n (a missing one leaves a gap), told (words at the end of the row).
        title: What is seen.
        subtitle: What is counted; which part looks how is added.
        order: The parts from left to right; as they come unless given.
    """
    order = order or list(rows["part"].unique())
    known = rows[rows["n"].notna() & rows["part"].isin(order)]
    parts = [part for part in order if known.loc[known["part"] == part, "n"].sum() > 0]
    if not parts:
        return None
    groups = list(known["group"].unique())
    short = dict(zip(groups, _names(groups), strict=True))
    known = known[known["part"].isin(parts)]
    data = pd.DataFrame(
        {"when": known["group"].map(short), "value": known["n"].astype("float64"), "told": known["told"]}
    )
    data = data.assign(group=known["part"], rank=known["part"].map({part: k for k, part in enumerate(parts)}))
    data = data.assign(row=known["group"].map({name: k for k, name in enumerate(groups)}))
    data = data.sort_values(["row", "rank"], ignore_index=True).drop(columns="row")
    own, most = chips.are_statuses(parts), float(data.groupby("when")["value"].sum().max())
    inks, shapes = chips.drawn_as(parts) if own else ([*SHADES[: len(parts) - 1], SHADES[-1]], [])
    x = {"x": layout.value_axis("value", (0.0, most), "")}
    fill = {"color": layers.by_group(parts, inks), "order": {"field": "rank"}}
    middle = data.groupby("when", sort=False)["value"].cumsum() - data["value"] / 2
    labels = [said(n, "") for n in data["value"]]
    room = data["value"] >= [most * (len(label) + 1) / NARROWEST for label in labels]
    inside = data.assign(value=middle, said=labels)[room].drop(columns="told")
    pale = {"condition": {"test": f"datum.rank < {min(2, len(parts) - 1)}", "value": "white"}, "value": INK}
    drawn = [
        _mark("bar", x | fill, height=16, stroke="white", strokeWidth=1.5),
        _mark("point", x | {"shape": layers.by_group(parts, shapes)}, inside, color="white", size=70)
        if own
        else _mark("text", x | {"text": {"field": "said"}, "color": pale}, inside, align="center", baseline="middle"),
        *_words(data.drop_duplicates("when")),
    ]
    labels = [f"{group_in_words(part)} {said(n, '')}" for part, n in zip(data["group"], data["value"], strict=True)]
    each = data.assign(label=labels)[data["value"] > 0].groupby("when", sort=False)["label"]
    words = [f"{name}: {', '.join(part)}." for name, part in each]
    key = f"{subtitle} {_key(parts, shapes)}".strip()
    return finished(data.drop(columns="told"), drawn, title, key, "Bars in parts.", *words, height={"step": STEP})


def unfolded(rows: pd.DataFrame, *, title: str, subtitle: str, whole: tuple[str, float]) -> Chart | None:
    """One bar of a whole, and below it each of its parts where it lies in that bar, in the order given.

    Args:
        rows: group, n; parts of which none are counted, or that are not known, are left out.
        title: What is seen.
        subtitle: What is counted.
        whole: What the whole is, and how many.
    """
    known = rows[rows["n"] > 0]
    if known.empty or pd.isna(whole[1]):
        return None
    share = [f"{n:,.0f} ({said(100 * n / whole[1])})" for n in known["n"]]
    data = pd.DataFrame(
        {"when": _names([whole[0], *known["group"]]), "value": [whole[1], *known["n"].astype("float64")]}
    )
    data = data.assign(told=[f"{whole[1]:,.0f}", *share], first=[0.0, *(known["n"].cumsum() - known["n"])])
    data["last"] = data["first"] + data["value"]
    inks = [layout.GRID, *(PARTS[: len(known)]), *([INK] * (len(known) - len(PARTS)))]
    x = {"x": layout.value_axis("first", (0.0, whole[1]), ""), "x2": {"field": "last"}}
    colour = layers.by_group(list(data["when"]), inks) | {"field": "when"}
    top = data.iloc[1:].assign(when=data["when"].iloc[0], part=data["when"].iloc[1:])
    over = x | {"color": colour | {"field": "part"}}
    parts = [
        _mark("bar", x | {"color": colour}, height=16),
        _mark("bar", over, top[["when", "part", "first", "last"]], height=16, stroke="white", strokeWidth=0.5),
        *_words(data),
    ]
    words = "; ".join(f"{name} {told}" for name, told in zip(data["when"], data["told"], strict=True))
    return finished(data, parts, title, subtitle, f"One bar and its parts. {words}.", height={"step": STEP})


def dots(
    rows: pd.DataFrame, *, title: str, subtitle: str, target: tuple[float, str] | None = None, unit: str = "%"
) -> Chart | None:
    """A dot a row at its value, in the order given, with the line of the target.

    Args:
        rows: group, value, told (words at the end of the row), and, where they are to be drawn, lower and upper
            (whiskers) and baseline (a ring that is joined with the dot).
        title: What is seen.
        subtitle: What the values are.
        target: Value and label of an upright line.
        unit: '%' or ''.
    """
    if rows.empty or rows["value"].isna().all():
        return None
    data = pd.DataFrame({"when": _names(rows["group"]), "value": rows["value"].astype("float64").array})
    ends = [name for name in ("lower", "upper", "baseline") if name in rows]
    data = data.assign(**{name: rows[name].astype("float64").array for name in ends}, told=rows["told"].array)
    numbers = [*data[["value", *ends]].to_numpy().ravel(), *([target[0]] if target else [])]
    axis = layout.value_axis("value", layout.axis_ends(numbers, unit if max(numbers) <= 100 else ""), unit)
    at = {name: {"x": axis | {"field": name}} for name in ("value", *ends)}
    parts = layers.goal_line(target[0], f"{target[1]} {said(target[0], unit, exact=True)}", axis) if target else []
    if "lower" in ends:
        parts.append(_mark("rule", at["lower"] | {"x2": {"field": "upper"}}, color=INK, strokeWidth=2, opacity=0.6))
    if "baseline" in ends:
        parts.append(_mark("rule", at["baseline"] | {"x2": {"field": "value"}}, color=NAVY, strokeWidth=4, opacity=0.5))
        ring: Any = {"fill": "white", "stroke": NAVY, "strokeWidth": 2, "size": 90}
        known = data.dropna(subset=["baseline"])
        parts.append(_mark("point", at["baseline"], known[["when", "baseline"]], **ring))
    parts.append(_mark("point", at["value"], color=NAVY, size=130))
    then = [f", from {said(value, unit)}" for value in data["baseline"]] if "baseline" in ends else [""] * len(data)
    told = [f"{name} {text}{start}" for name, text, start in zip(data["when"], data["told"], then, strict=True)]
    aim = f" {target[1]} {said(target[0], unit, exact=True)}." if target else ""
    words = f"Dot plot: {'; '.join(told)}.{aim}"
    data = data.astype(dict.fromkeys(ends, "float64")).round(6)
    return finished(data, [*parts, *_words(data)], title, subtitle, words, height={"step": STEP})


def _names(groups: Iterable[object]) -> list[str]:
    """Names short enough for a row, no two of them the same."""
    short = pd.Series(
        [textwrap.shorten(capital(group_in_words(group)), LONGEST, placeholder="…") for group in groups], dtype=str
    )
    repeats = short.groupby(short).cumcount()
    return [name + (f" ({k + 1})" if k else "") for name, k in zip(short, repeats, strict=True)]


def _mark(kind: str, encoding: Part, data: pd.DataFrame | None = None, **style: Any) -> Part:
    """A mark on each row, under its name."""
    y = {"y": {"field": "when", "type": "nominal", "sort": None, "axis": None}}
    return layers.mark(kind, y | encoding, data, **{"yOffset": DROP} | style)


def _words(data: pd.DataFrame) -> list[Part]:
    """The name of each row above it, as far as there is room, and its words at its right end."""
    room = layout.WIDTH - PADDING, layout.PHONE_WIDTH - PADDING
    wide, narrow = ([fitting(name, pixels) for name in data["when"]] for pixels in room)
    ends, data = data[["when", "told"]], data[["when"]].assign(wide=wide, narrow=narrow)
    phone = {"test": f"width <= {layout.PHONE_WIDTH}", "value": {"expr": "datum.narrow"}}
    text = {"condition": phone, "field": "wide"}
    name, told = {"x": {"value": 0}, "text": text}, {"x": {"value": "width"}, "text": {"field": "told"}}
    above: Any = {"align": "left", "baseline": "bottom", "yOffset": DROP - 11}
    return [
        _mark("text", name, data, **above, color="white", stroke="white", strokeWidth=4),  # no line runs through a name
        _mark("text", name, data, **above, color=INK),
        _mark("text", told, ends, align="left", baseline="middle", dx=10, color=INK, fontWeight="bold"),
    ]


def _key(parts: Sequence[str], shapes: Sequence[str]) -> str:
    """Which part looks how: by its shape, or as its place from dark to pale."""
    names = [group_in_words(part).lower() for part in parts]
    if not shapes:
        return f"From dark to pale: {', '.join(names)}." if len(names) > 1 else ""
    looks = ["ring" if shape == chips.drawn_as(["not rated"])[1][0] else shape.removesuffix("-up") for shape in shapes]
    return f"{'; '.join(f'{look}: {name}' for look, name in zip(looks, names, strict=True))}.".capitalize()


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
