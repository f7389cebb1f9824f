"""Charts of released tables. A chart carries the columns it draws and nothing else, rounded as far as the eye can see.

Every function takes released figures (group, first_on, n, of, value, lower, upper, under these names), a `title`
(headline: what is seen) and a `subtitle` (measure, unit, period and n), and returns a chart with a computed text
alternative, or None when no value is known, which `show.show_chart` then says in words. `unit` is '%' or '' for other
numbers; `breaks` are days from which a new series runs, with their labels. Series are told apart by label, dash and
shape before colour; four are drawn at most.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

import pandas as pd

from sendanalysis.display import chips, layers, layout
from sendanalysis.display.columns import group_in_words
from sendanalysis.display.describing import describe, moment, said, sooner, wrapped
from sendanalysis.display.layout import INK, NAVY, PLUM, SERIES, WASH
from sendanalysis.display.vega import Chart

VEGA_LITE = "https://vega.github.io/schema/vega-lite/v6.json"  # a name, which nothing asks the network for
TAIL = 5  # points above its end at which the tail of a curve begins
STEPS = (7, 14, 28, 91, 182, 364)  # days between the readings of a step curve

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence

    Day: TypeAlias = dt.date | pd.Timestamp
    Places: TypeAlias = Sequence[tuple[Day, str]]


def trend(  # noqa: PLR0913  # each keyword is one thing that may be drawn
    rows: pd.DataFrame,
    *,
    title: str,
    subtitle: str,
    baseline: float | None = None,
    targets: Sequence[tuple[Day, float]] = (),
    breaks: Places = (),
    unit: str = "%",
) -> Chart | None:
    """One series by month, a missing value being a gap, with what it is judged against.

    `rows` hold first_on and value and, where they are to be drawn, lower_limit and upper_limit (the range
    that chance explains), mean, and point_type: special causes get a shape, which the subtitle explains.
    `baseline` is a value; `targets` are day and value of each milestone, drawn as steps over the straight line between.
    """
    limits = {"lower": "lower_limit", "upper": "upper_limit", "mean": "mean"}
    data = layers.drawn(_dated(rows), "first_on", **limits, kind="point_type")
    if data.value.isna().all():
        return None
    data = data.assign(**data.filter(["lower", "upper"]).clip(0, 100)) if unit == "%" else data  # no month lies beyond
    goals = layers.drawn(pd.DataFrame(targets, columns=["day", "value"]), "day").rename(columns={"value": "goal"})
    numbers = data[data.columns.difference(["when", "kind"])]
    ends = layout.axis_ends([*numbers.to_numpy().ravel(), *goals.goal, *([] if baseline is None else [baseline])], unit)
    at = layers.place(layout.time_axis([*data.when, *goals.when], data.when), ends, unit)
    parts, labels = layers.judged_by(data, goals, baseline, at, unit)
    last = data.dropna(subset=["value"]).iloc[-1]
    beside = bool(len(goals)) and goals.when.max() > last.when
    own = (last.value, said(last.value, unit), NAVY)
    found = [kind for kind in layers.KINDS if "kind" in data and kind in set(data.kind)]
    parts += [*layers.marked_places(breaks, data.when, at("value")["x"]), *layers.dotted(at("value"), found)]
    kinds = [layers.KINDS[kind][2] for kind in found]
    told = [*(f"{label}." for _, label, _ in labels), *sooner(goals, unit)]
    words = [describe(data.when, data.value, unit), *kinds, *told]
    left = beside and last.when > data.when.min() + 0.8 * (goals.when.max() - data.when.min())
    parts += layers.value_label(last, own[1], at, left=left) if beside else []
    parts += layers.end_labels(labels if beside else [own, *labels], ends, (INK, PLUM))
    return finished(data, parts, title, " ".join([subtitle, *kinds]), "Line chart.", *words, *_breaks_said(breaks))


def lines(rows: pd.DataFrame, *, title: str, subtitle: str, breaks: Places = (), unit: str = "%") -> Chart | None:
    """Up to four series by month (first_on, value), one for each group, labelled at its end."""
    data = layers.grouped(layers.drawn(_dated(rows), "first_on", group="group"))
    if data.empty:
        return None
    ends, x = layout.axis_ends(data.value, unit), layout.time_axis(data.when, data.when)
    parts, labels, words = layers.series(data, layers.place(x, ends, unit), unit)
    parts += [*layers.marked_places(breaks, data.when, x), *layers.end_labels(labels, ends)]
    return finished(data, parts, title, subtitle, "Line chart.", *words, *_breaks_said(breaks))


def survival(rows: pd.DataFrame, *, title: str, subtitle: str, limit: tuple[float, str] | None = None) -> Chart | None:
    """Share still waiting (value, 0 to 100) by time_days: step curves from 100% at day 0, up to four groups.

    `rows` may hold lower and upper, the interval of each curve; `limit` is a day with its label: (42, "six weeks").
    """
    data = layers.grouped(layers.drawn(rows, "time_days", lower="lower", upper="upper", group="group"))
    if data.empty:
        return None
    start = data[["group"]].drop_duplicates().assign(when=0.0, value=100.0)
    data = pd.concat([start, data[data.when > 0]], ignore_index=True)
    ends, x, limits = (0.0, 100.0), layout.number_axis("Days waited", zero=True), [limit] if limit else []
    at = layers.place(x, ends, "%")
    parts, labels, _ = layers.series(data, at, "%", interpolate="step-after")
    if layers.has(data, "upper"):
        area = at("lower") | {"y2": {"field": "upper"}, "color": parts[0]["encoding"]["color"]}
        parts.insert(0, layers.mark("area", area, opacity=0.16, interpolate="step-after"))
    parts += [*layers.marked_places(limits, data.when, x), *layers.end_labels(labels, ends)]
    parts += layers.read_at(data, limit[0], x, ends) if limit and limit[0] < data.when.max() else []
    return finished(
        data, parts, title, subtitle, "Step curves.", *_read_off(rows), *(f"A line marks {text}." for _, text in limits)
    )


def burn_down(
    rows: pd.DataFrame, *, title: str, subtitle: str, deadlines: Places = (), breaks: Places = ()
) -> Chart | None:
    """What remains to be done (remaining_n) by day, against the straight line to nought that each deadline requires.

    `deadlines` are day and label of each.
    """
    data = layers.drawn(rows, "day", "remaining_n")
    if data.value.isna().all():
        return None
    first, last = data.dropna().iloc[0], data.dropna().iloc[-1]
    due = [(pd.Timestamp(day), label) for day, label in deadlines]
    ends = (0.0, layout.axis_ends([0, *data.value], "")[1])
    days = [*data.when, *(day for day, _ in due)]
    at = layers.place(layout.time_axis(days, data.when), ends, "")
    parts, words = [], ["Line chart of what remains.", describe(data.when, data.value, "")]
    for day, label in due:
        way = pd.DataFrame({"when": [first.when, day], "value": [first.value, 0.0]})
        parts.append(layers.mark("line", at("value"), way, color=PLUM, strokeWidth=1.5, strokeDash=[7, 4]))
        words.append(f"Required: nought by {moment(day)}{'' if label == moment(day) else f' ({label})'}.")
    parts += [*layers.marked_places([*due, *breaks], days, at("value")["x"]), *layers.dotted(at("value"))]
    own = f"{said(last.value, '')} remain"
    beside = max(days) > last.when
    parts += layers.value_label(last, own, at) if beside else layers.end_labels([(last.value, own, NAVY)], ends)
    key = " Dashed: the pace each deadline required." if due else ""
    return finished(data, parts, title, f"{subtitle}{key}", *words, *_breaks_said(breaks))


def funnel(rows: pd.DataFrame, *, title: str, subtitle: str, n_title: str = "Number") -> Chart | None:
    """Shares (value) against the number they rest on (of), with the limits of chance: centre, lower_limit, upper_limit.

    Groups outside are squares, named where there is room. The one that a column `flag` says is looked at is named first
    and the others are grey beside it; the text alternative names it and all outside.
    """
    limits = {"lower": "lower_limit", "upper": "upper_limit", "centre": "centre"}
    data = layers.drawn(rows, "of", **limits, label="group", flag="flag").dropna(subset=["value"])
    if data.empty:
        return None
    data["flag"] = data["flag"].astype(bool) if "flag" in data else False
    data["label"] = data.label.map(lambda name: wrapped(group_in_words(name)))
    outside, own = (data.value > data.upper) | (data.value < data.lower), data[data.flag]
    grey = layout.OTHERS if len(own) else NAVY
    beyond, ink = data[outside], {"condition": {"test": "datum.flag", "value": NAVY}, "value": grey}
    ends = layout.axis_ends(data[["value", "lower", "upper"]])
    at = layers.place(layout.number_axis(n_title, padding=20), ends, "%")
    parts = [
        layers.mark("area", at("lower") | {"y2": {"field": "upper"}}, color=WASH),
        layers.mark("line", at("centre"), **layers.THIN),
    ]
    inked, squares = at("value") | {"color": ink}, beyond[["when", "value", "flag"]]
    parts += [layers.mark("point", inked, size=70), layers.mark("point", inked, squares, size=130, shape="square")]
    told = layers.with_room(data[outside | data.flag].sort_values("flag", ascending=False, kind="stable"), data, ends)
    named = at("value") | {"text": {"field": "label"}}, told[["when", "value", "label"]]
    parts += [layers.mark("text", *named, align="left", dx=10, color=INK)]
    told_of = [", ".join(f"{row.label} {said(row.value)}" for row in part.itertuples()) for part in (own, beyond)]
    words = [f"Funnel chart of {len(data)}, average {said(data.centre.iloc[0])}.", f"{told_of[0]}." if len(own) else ""]
    words += [f"Outside the limits of chance: {told_of[1] or 'none'}."]
    return finished(data[["when", "value", "flag", *limits]], parts, title, subtitle, *filter(None, words))


def ranked_bars(  # noqa: PLR0913  # as above
    rows: pd.DataFrame,
    *,
    title: str,
    subtitle: str,
    target: tuple[float, str] | None = None,
    unit: str = "%",
    ordered: bool = False,
) -> Chart | None:
    """Bars of value from nought, one for each group, longest first or as `ordered`, with a target (value and label).

    `rows` may hold lower and upper, drawn as whiskers where they are known, and flag, true for bars that stand out;
    the subtitle has to say why they do.
    """
    data = layers.drawn(
        rows.assign(place=range(len(rows))), "group", lower="lower", upper="upper", flag="flag", at="place"
    )
    if data.value.isna().all():
        return None
    data = data.sort_values("at" if ordered else "value", ascending=ordered, kind="stable", ignore_index=True)
    data = data.drop(columns="at")
    repeats = data.groupby("when").cumcount()
    names = [group_in_words(name) + (f" ({k + 1})" if k else "") for name, k in zip(data.when, repeats, strict=True)]
    data = data.assign(when=[wrapped(name, 46) for name in names], said=[said(number, unit) for number in data.value])
    words = "; ".join(f"{name} {text}" for name, text in zip(names, data.said, strict=True))
    shown = data[data.columns.intersection(["value", "upper"])].to_numpy().ravel()
    x = layout.value_axis("value", (0.0, layout.axis_ends([0.0, *shown], unit)[1]), unit)
    parts, step = layers.named_bars(data, x, layers.has(data, "upper"))
    for goal, text in [target] if target else []:
        parts += layers.goal_line(goal, f"{text} {said(goal, unit, exact=True)}", x)
        words += f". {text} {said(goal, unit, exact=True)}"
    return finished(
        data, parts, title, subtitle, f"Bars{'' if ordered else ', longest first'}: {words}.", height={"step": step}
    )


def stacked_states(rows: pd.DataFrame, *, title: str, subtitle: str, order: Sequence[str] = ()) -> Chart | None:
    """Columns of counts (n) by month stacked by status, each status labelled beside the last column.

    `month` may hold other days or names as well. `order` lists the statuses from the bottom up; when there are more
    than four, those after the third are drawn as one. Statuses that have chips are drawn in their colours and shapes.
    """
    data = layers.drawn(rows, "month", "n", group="status").dropna(subset=["value"])
    if data.empty:
        return None
    data, kept = layers.stacked(data, order)
    dated, words = pd.api.types.is_datetime64_any_dtype(data.when), ["Stacked columns."]
    data["label"] = [f"{group_in_words(row.group)} {said(row.value, '')}" for row in data.itertuples()]
    for where, part in data.groupby("when"):
        words.append(f"{moment(where) if dated else group_in_words(where)}: {', '.join(part.label)}.")
    last = data[data.when == data.when.max()]
    middles = zip(last.value.cumsum() - last.value / 2, last.label, last["rank"], strict=True)
    ends = (0.0, layout.axis_ends([0.0, *data.groupby("when").value.sum()], "")[1])
    named = data.when.map(lambda where: f"{where:%b\n%Y}" if dated else wrapped(group_in_words(where), 14))
    own = chips.are_statuses(kept)
    colours, shapes = chips.drawn_as(kept) if own else (list(SERIES), [])
    fill, at = layers.by_group(kept, colours), layers.place(layout.column_axis(), ends, "")
    bars = at("value") | {"color": fill, "order": {"field": "rank"}}
    parts = [layers.mark("bar", bars, stroke="white", strokeWidth=2)]
    data = data.assign(when=named)
    if own:
        middle = data.groupby("when", sort=False).value.cumsum() - data.value / 2
        inside = data.assign(value=middle)[data.value > 0.05 * ends[1]]
        glyphs = at("value") | {"shape": layers.by_group(kept, shapes)}
        parts.append(layers.mark("point", glyphs, inside.drop(columns=["label", "rank"]), color="white", size=70))
    parts += layers.end_labels([(middle, label, colours[rank]) for middle, label, rank in middles], ends)
    return finished(data.drop(columns="label"), parts, title, subtitle, *words)


def _dated(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows with the day each is drawn at as first_on: a month at its beginning, any other window at its end."""
    if "window" not in rows:
        return rows
    return rows.assign(first_on=rows["first_on"].where(rows["window"].eq("month"), rows["last_on"]))


def to_its_end(curve: pd.DataFrame, limit: float) -> pd.DataFrame:
    """A step curve as far as it has something to tell: until every group is within five points of where it ends.

    Args:
        curve: time_days, value and whatever goes with them, by group.
        limit: A day; the curve reaches twice as far at least.
    """
    if curve.empty:
        return curve
    falling = curve["value"] > curve.groupby("group")["value"].transform("last") + TAIL
    told: pd.DataFrame = curve[curve["time_days"] <= max(2 * limit, curve.loc[falling, "time_days"].max())]
    return told


def at_steps(curve: pd.DataFrame) -> pd.DataFrame:
    """A step curve read off at a dozen days or fewer, in the columns it has; what its chart says and tables.

    Args:
        curve: time_days, value and whatever goes with them, by group where there is one.
    """
    if curve.empty:
        return curve
    names = curve["group"] if "group" in curve else pd.Series("", index=curve.index)
    longest = curve["time_days"].max()
    step = next((step for step in STEPS if longest <= 12 * step), STEPS[-1])
    parts = []
    for name, part in curve.groupby(names, sort=False):
        days = pd.Index(range(step, int(part["time_days"].max()) + 1, step), name="time_days")
        known = part.set_index("time_days").reindex(days, method="ffill").dropna(subset=["value"]).reset_index()
        parts.append(known.assign(group=name)[list(curve.columns)] if "group" in curve else known[list(curve.columns)])
    return pd.concat(parts, ignore_index=True)


def _read_off(curve: pd.DataFrame) -> list[str]:
    """The values of a step curve at a dozen days or fewer, one sentence a group."""
    steps = at_steps(curve)
    names = steps["group"] if "group" in steps else pd.Series("", index=steps.index)
    told = []
    for name, part in steps.groupby(names, sort=False):
        points = [f"{said(row.value)} after {said(row.time_days, '')} days" for row in part.itertuples()]
        told.append(f"{group_in_words(name)}: {', '.join(points)}." if name else f"{', '.join(points)}.")
    return told


def finished(
    data: pd.DataFrame, parts: list[layout.Part], title: str, subtitle: str, *words: str, height: Any = layout.HEIGHT
) -> Chart:
    """A chart of these layers over its data (when, value and what else they draw), with what is said of it."""
    said_plainly = " ".join(words).replace("\N{NO-BREAK SPACE}", " ").replace("\n", " ")
    words_and_size = {"title": {"text": title, "subtitle": subtitle}, "description": said_plainly, "height": height}
    fit = {"width": layout.WIDTH, "autosize": {"type": "fit-x", "contains": "padding"}, "config": layout.THEME}
    own = {"data": {"name": "drawn"}, "datasets": {"drawn": layers.rows(data)["values"]}}
    return Chart({"$schema": VEGA_LITE, **own, "layer": parts, **words_and_size, **fit})


def _breaks_said(breaks: Places) -> list[str]:
    return [f"Series break at {moment(day)}: {label}." for day, label in breaks]
