"""What all charts share, as plain Vega-Lite: colours, type, axes, reference lines, and labels that do not overlap."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    from collections.abc import Iterable

Part: TypeAlias = dict[str, Any]
Ends: TypeAlias = tuple[float, float]

NAVY, TEAL, PLUM, ORANGE, INK, LILAC = PALETTE = ("#12436D", "#28A197", "#801650", "#F46A25", "#3D3D3D", "#A285D1")
SERIES = (NAVY, ORANGE, PLUM, TEAL)
TEXT = {NAVY: NAVY, TEAL: "#17685F", PLUM: PLUM, ORANGE: "#A33E06", INK: INK, LILAC: "#6A4A9C"}  # dark enough to read
DASHES = ([1, 0], [9, 4], [2, 3], [10, 3, 2, 3])
SHAPES = ("circle", "square", "triangle-up", "diamond")
WASH, GRID, OTHERS = "#DFE8F0", "#E1E4E8", "#7D8894"  # the last is of the areas that one is set among
WIDTH, HEIGHT, LINE_HEIGHT = 760, 320, 17
PHONE_WIDTH = 340
PLOT_WIDTH = 640  # about what the labels beside a chart leave of its width
AXIS = {"labelFontSize": 14, "titleFontSize": 14, "titleFontWeight": "normal", "labelPadding": 6, "labelLimit": 260}
THEME: Part = {
    "font": "Liberation Sans, Arial, Helvetica, sans-serif",
    "lineBreak": "\n",
    "background": "transparent",
    "view": {"stroke": None},
    "axis": {**AXIS, "labelColor": INK, "titleColor": INK, "gridColor": GRID, "domainColor": INK, "tickColor": INK},
    "text": {"fontSize": 14, "lineHeight": LINE_HEIGHT},
    "title": {"anchor": "start", "fontSize": 18, "subtitleFontSize": 14, "subtitleColor": INK},
    "point": {"filled": True, "opacity": 1},
}
MONTH = (
    "utcmonth(datum.value) == 0 || datum.index == 0"
    " ? [utcFormat(datum.value, '%b'), utcFormat(datum.value, '%Y')] : utcFormat(datum.value, '%b')"
)
MONTH_THAT_ENDS = MONTH.replace("utcFormat(datum.value,", "utcFormat(datum.value - 864e5,")

YEAR = "utcFormat(datum.value, '%Y')"


def axis_ends(values: Any, unit: str = "%") -> Ends:
    """Round ends of a value axis, with room above and below; a percentage stays within 0 and 100.

    >>> axis_ends([79, 85.3, 87]), axis_ends([50, 50]), axis_ends([3, 210], "")
    ((75.0, 90.0), (45.0, 55.0), (0.0, 250.0))
    """
    known = np.asarray(values, dtype=float).ravel()
    low, high = (float(np.nanmin(known)), float(np.nanmax(known)))
    room = max(0.12 * (high - low), 2.0)
    step = max(5.0 if unit == "%" else 1.0, 10 ** math.floor(math.log10(max(high - low, 2.0))) / 2)
    bottom = 0.0 if 0 <= low < 0.4 * high else math.floor((low - room) / step) * step
    top = math.ceil((high + room) / step) * step
    return (max(bottom, 0.0) if low >= 0 else bottom), (min(top, 100.0) if unit == "%" else top)


def value_axis(field: str, ends: Ends, unit: str = "%") -> Part:
    """Encoding of values, with light lines to read them by."""
    label = "datum.label + '%'" if unit == "%" else "datum.label"
    axis = {"title": None, "labelExpr": label, "tickCount": 5, "tickMinStep": 1}
    axis |= {"ticks": False, "domain": False, "labelFlush": False}
    return {"field": field, "type": "quantitative", "scale": {"domain": list(ends), "nice": False}, "axis": axis}


def time_axis(days: Iterable[Any], points: Iterable[Any] = ()) -> Part:
    """Encoding of dates by month, the year under the first and at each turn of it; by year where all are years.

    Args:
        days: All that is drawn.
        points: Days of a series; where all are last days of months, a tick is named by the month that ends there.
    """
    own = pd.to_datetime(pd.Series(list(points), dtype="datetime64[ns]")).dropna()
    month = MONTH_THAT_ENDS if len(own) and own.dt.is_month_end.all() else MONTH
    known = pd.to_datetime(pd.Series(list(days))).dropna()
    months = (known.max() - known.min()).days / 30
    yearly = (known.dt.day_of_year == 1).all()
    step = 12 if yearly else next(step for step, most in ((1, 13), (3, 48), (12, math.inf)) if months <= most)
    ticks = {"interval": "month", "step": step}
    axis = {
        "title": None,
        "grid": False,
        "labelExpr": YEAR if yearly else month,
        "labelOverlap": True,
        "labelFlush": False,
        "tickCount": ticks,
    }
    return {"field": "when", "type": "temporal", "scale": {"type": "utc", "nice": False, "padding": 14}, "axis": axis}


def column_axis() -> Part:
    """Encoding of columns side by side, in the order of the rows."""
    axis = {"title": None, "labelAngle": 0, "ticks": False, "labelOverlap": True, "zindex": 1}
    return {"field": "when", "type": "ordinal", "sort": None, "axis": axis}


def number_axis(title: str, **scale: Any) -> Part:
    """Encoding of numbers, such as days waited, on the horizontal axis."""
    axis = {"title": title, "grid": False, "tickMinStep": 1, "tickCount": 8, "labelFlush": False, "labelOverlap": True}
    return {"field": "when", "type": "quantitative", "scale": {"nice": False, **scale}, "axis": axis}
