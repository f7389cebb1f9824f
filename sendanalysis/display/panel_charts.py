"""Small multiples, a panel a group; and one area's line among others. As in `charts`, a gap is a missing value."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from sendanalysis.display import layers, layout
from sendanalysis.display.charts import finished
from sendanalysis.display.columns import group_in_words
from sendanalysis.display.describing import describe, said, wrapped
from sendanalysis.display.layout import INK, NAVY, ORANGE, OTHERS, PLUM, TEXT

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sendanalysis.display.vega import Chart

ASIDE = ((PLUM, [9, 4]), (TEXT[ORANGE], [2, 3]))  # region and country
PITCH, HEIGHT = 1.5, 118  # from panel to panel, the first in heights of a plot; how high one is with its heading


def panels(
    rows: pd.DataFrame, *, title: str, subtitle: str, beside: Mapping[str, tuple[float | None, str]]
) -> Chart | None:
    """One panel a group, each from 0% to 100% on the same months, with the line of its own baseline.

    Args:
        rows: group, first_on, value (per cent; a missing one is a gap).
        title: What is seen.
        subtitle: What the values are.
        beside: Baseline (None for none) and heading of each group, in the order of the panels.
    """
    names = [name for name in beside if rows.loc[rows["group"] == name, "value"].notna().any()]
    if not names:
        return None
    floors = {name: PITCH * (len(names) - 1 - k) for k, name in enumerate(names)}
    data = layers.drawn(rows[rows["group"].isin(names)], "first_on", group="group")
    data["place"] = data["group"].map(floors) + data["value"] / 100
    ticks = [floor + part for floor in floors.values() for part in (0, 0.5, 1)]
    label = f"format(datum.value % {PITCH} * 100, '.0f') + '%'"
    y = layout.value_axis("place", (0.0, PITCH * len(names) - 0.1))
    y["axis"] |= {"values": ticks, "labelExpr": label, "labelOverlap": False}
    y["axis"] = {name: value for name, value in y["axis"].items() if name not in {"tickCount", "tickMinStep"}}
    at = {"x": layout.time_axis(data["when"]), "y": y}
    own = {"detail": {"field": "group"}}
    heads = pd.DataFrame({"place": [floors[name] + 1.2 for name in names]})
    heads["label"] = [wrapped(beside[name][1], 36) for name in names]
    lines = [(name, beside[name][0]) for name in names if beside[name][0] is not None]
    before = pd.DataFrame({"place": [floors[name] + float(value or 0) / 100 for name, value in lines]})
    level = {"color": INK, "strokeWidth": 1.5, "strokeDash": [7, 4]}
    head = {"x": {"value": 0}, "y": y, "text": {"field": "label"}}
    parts = [
        layers.mark("rule", {"y": y}, before, **level),
        layers.mark("line", at | own, color=NAVY, strokeWidth=2.5),
        layers.mark("point", at, color=NAVY, size=45),
    ]
    for more, part in heads.groupby(heads["label"].str.count("\n")):
        up = {"dy": -layout.LINE_HEIGHT * int(str(more)) / 2}
        parts.append(
            layers.mark("text", head, part, align="left", baseline="middle", color=INK, fontWeight="bold", **up)
        )
    words = []
    for name in names:
        part = data[data["group"] == name]
        then = beside[name][0]
        words.append(describe(part["when"], part["value"], name=name))
        words += [f"Baseline of {group_in_words(name).lower()} {said(then)}."] if then is not None else []
    key = f"{subtitle} Dashed: the baseline." if lines else subtitle
    height = HEIGHT * len(names)
    return finished(data, parts, title, key, "Small line charts, one a group.", *words, height=height)


def among(rows: pd.DataFrame, *, title: str, subtitle: str) -> Chart | None:
    """One area's line by year before those of its neighbours in grey, with region and country dashed.

    Args:
        rows: first_on, value (per cent; a missing one is a gap), group, area_level (la, region, country) and flag, true
            for the area itself.
        title: What is seen.
        subtitle: What the values are; which line is which is added.
    """
    kind = rows["flag"].map({True: "own", False: ""}).where(rows["area_level"] == "la", rows["area_level"])
    data = layers.drawn(rows.assign(kind=kind.replace("", "neighbours")), "first_on", group="group", kind="kind")
    if data.loc[data["kind"] == "own", "value"].isna().all():
        return None
    ends = layout.axis_ends(data["value"])
    at = layers.place(layout.time_axis(data["when"]), ends, "%")("value")
    line = at | {"detail": {"field": "group"}}
    near = data[data["kind"] == "neighbours"]
    parts = [layers.mark("line", line, color=OTHERS, strokeWidth=1.2)]
    looks = {"region": ASIDE[0], "country": ASIDE[1], "own": (NAVY, [1, 0])}
    labels: list[layers.Label] = []
    words: list[str] = []
    for level, (colour, dash) in looks.items():
        part = data[(data["kind"] == level) & data["value"].notna()]
        if part.empty:
            continue
        own = level == "own"
        whole = data[data["kind"] == level]
        parts.append(layers.mark("line", line, whole, color=colour, strokeDash=dash, strokeWidth=3))
        parts += [layers.mark("point", at, part, color=colour, size=80)] if own else []
        name, last = str(part["group"].iloc[-1]), float(part["value"].iloc[-1])
        labels.append((last, f"{name} {said(last)}", colour))
        words.insert(0, describe(part["when"].dt.strftime("%Y"), part["value"], name=name))
    latest = near[near["when"] == near["when"].max()].dropna(subset=["value"])
    if len(latest):
        low, high = said(latest["value"].min()), said(latest["value"].max())
        words.append(f"Neighbours in the latest year: {len(latest)}, from {low} to {high}.")
    key = f"{subtitle} Grey: statistical neighbours." if len(near) else subtitle
    parts += layers.end_labels(labels, ends, (PLUM, TEXT[ORANGE]))
    return finished(data, parts, title, key, "Line chart.", *words)
