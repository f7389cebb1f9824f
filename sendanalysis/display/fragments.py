"""Pieces of accessible HTML: words that carry a shape and a colour, small pictures, and the object a cell displays."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
from markupsafe import Markup

from sendanalysis.methods.rounding import half_up

if TYPE_CHECKING:
    from collections.abc import Iterable

CIRCLE = '<circle cx="8" cy="8" r="6.5"/>'
TRIANGLE = '<path d="M8 1.2 15.4 14.6H.6z"/>'
SQUARE = '<path d="M2 2h12v12H2z"/>'
DIAMOND = '<path d="M8 .6 15.4 8 8 15.4.6 8z"/>'
RING = '<path d="M8 1.5a6.5 6.5 0 1 0 0 13 6.5 6.5 0 1 0 0-13zm0 2.2a4.3 4.3 0 1 1 0 8.6 4.3 4.3 0 1 1 0-8.6z"/>'
DASH = '<path d="M1.5 6.5h13v3h-13z"/>'
CROSS = '<path d="m3.4 1.3 4.6 4.6 4.6-4.6 2.1 2.1L10.1 8l4.6 4.6-2.1 2.1L8 10.1l-4.6 4.6-2.1-2.1L5.9 8 1.3 3.4z"/>'

TONES = {
    "green": ("#0B5B3B", "#E2F3EA"),
    "amber": ("#6B4700", "#FFF1D6"),
    "red": ("#8C1020", "#FCE6E6"),
    "blue": ("#12436D", "#E3EDF5"),
    "grey": ("#3D3D3D", "#F1F2F4"),
}

# Status as it is written in a table, in lower case: tone, shape, and the words shown where they say more.
STATUSES = {
    "green": ("green", CIRCLE, "Green"),
    "amber": ("amber", TRIANGLE, "Amber"),
    "red": ("red", SQUARE, "Red"),
    "blue": ("blue", DIAMOND, "Blue: completed"),
    "blue late": ("blue", DIAMOND, "Blue: completed late"),
    "completed": ("blue", DIAMOND, "Completed"),
    "completed late": ("blue", DIAMOND, "Completed late"),
    "on track": ("green", CIRCLE, "On track"),
    "delayed": ("red", SQUARE, "Delayed"),
    "not dated": ("grey", RING, "Not dated"),
    "in place, ongoing": ("grey", RING, "In place, ongoing"),
    "not rated": ("grey", RING, "Not rated"),
    "done": ("blue", DIAMOND, "Done"),
    "done late": ("blue", DIAMOND, "Done late"),
    "not done": ("red", SQUARE, "Not done"),
    "not yet due": ("grey", RING, "Not yet due"),
    "not applicable": ("grey", DASH, "Not applicable"),
    "no colour yet": ("grey", RING, "No colour yet"),
    "not defined in the plan": ("grey", DASH, "Not defined in the plan"),
    "no data": ("grey", CROSS, "No data"),
}

# Makes no claim of direction: a falling series can be the better one.
VARIATIONS = {
    "special_cause_improvement": ("blue", "M4 23 11 20 18 21 25 13 34 6", DIAMOND, "Improving, by more than chance"),
    "special_cause_concern": ("amber", "M4 7 11 10 18 8 25 17 34 23", SQUARE, "Worsening, by more than chance"),
    "common_cause": ("grey", "M4 17 11 12 18 18 25 12 34 15", CIRCLE, "Ordinary month-to-month variation"),
    "neutral": (
        "grey",
        "M4 20 11 18 18 20 25 11 34 8",
        TRIANGLE,
        "Changing by more than chance, neither for better nor worse",
    ),
}
ASSURANCES = {
    "consistent_pass": ("blue", "M4 27 36 27", DIAMOND, "Expected to pass the target every time"),
    "consistent_fail": ("amber", "M4 3 36 3", SQUARE, "Expected to miss the target unless something changes"),
    "inconsistent": ("grey", "M4 15 36 15", CIRCLE, "Hit or miss: the target lies within ordinary variation"),
}
NO_CHART = "Too few months to tell a signal from chance"


@dataclass(frozen=True)
class Fragment:
    """What a notebook cell shows: HTML where there is a browser, the same content in words where there is none.

    Attributes:
        html: Escaped HTML.
        text: The content in plain words; the same from one run to the next, so that nbval can compare it.
    """

    html: Markup
    text: str

    def _repr_html_(self) -> str:
        return str(styled(self.html)) if in_jupyterlab() else str(self.html)

    def __html__(self) -> Markup:
        return self.html

    def __repr__(self) -> str:
        return self.text


def in_jupyterlab() -> bool:
    """Whether a Jupyter server started this process, and so a person looks at what a cell shows, in no page of ours."""
    return "JPY_SESSION_NAME" in os.environ


def styled(html: Markup) -> Markup:
    """HTML with the little style sheet that it needs where no page of ours surrounds it."""
    return Markup('<style>{}</style><div class="sendanalysis">{}</div>').format(_lab_style(), html)


@cache
def _lab_style() -> Markup:
    path = Path(__file__).parent / "template" / "jupyterlab.css"
    return Markup(path.read_text(encoding="utf-8"))  # noqa: S704  # our own file


def plain(html: Markup) -> str:
    """The words of a fragment: tags, hidden pictures and runs of blanks removed."""
    return Markup(re.sub(r"<svg.*?</svg>", " ", str(html), flags=re.DOTALL)).striptags()  # noqa: S704  # only shortened


def status_chip(status: Any) -> Markup:
    """A status as a word in a chip with its own shape and colour, so that no colour has to be seen to be understood.

    Args:
        status: Green, Amber, Red, Blue, No colour yet, Not defined in the plan, No data, a state of the peer review
            (completed, on track, delayed, not dated), or any other words, which get a grey ring. An asterisk at
            the end (provisional) is kept. A missing one reads No data.

    Returns:
        HTML of the chip.

    >>> plain(status_chip("Amber*")), plain(status_chip(None)), plain(status_chip("blue"))
    ('Amber*', 'No data', 'Blue: completed')
    """
    written = "No data" if status is None or pd.isna(status) or not str(status).strip() else str(status).strip()
    key = written.rstrip("* ").lower().replace("_", " ")
    tone, shape, words = STATUSES.get(key, ("grey", RING, written.rstrip("* ")))
    star = "*" if written.endswith("*") else ""
    ink, tint = TONES[tone]
    return Markup(
        '<span class="chip" style="color:{};background:{}">'
        '<svg viewBox="0 0 16 16" width="14" height="14" fill="currentColor" aria-hidden="true" focusable="false">'
        "{}</svg>{}</span>"
    ).format(ink, tint, Markup(shape), words + star)  # noqa: S704  # a constant of this module


def variation_icon(variation: object, assurance: object = None) -> Markup:
    """What an SPC chart says, as two small pictures with their words.

    Args:
        variation: special_cause_improvement, special_cause_concern, common_cause, any special_cause_neutral…, or
            None for a series too short to tell.
        assurance: consistent_pass, consistent_fail, inconsistent, or None where there is no target.

    Returns:
        HTML: a picture of the last points against the expected range, one of the range against the target line.

    >>> plain(variation_icon("common_cause", "consistent_fail"))
    'Ordinary month-to-month variation Expected to miss the target unless something changes'
    """
    name = "neutral" if "neutral" in str(variation) else str(variation)
    if name not in VARIATIONS:
        return Markup('<span class="spc"><span>{}</span></span>').format(NO_CHART)
    pictures = [_picture(*VARIATIONS[name])]
    if str(assurance) in ASSURANCES:
        pictures.append(_picture(*ASSURANCES[str(assurance)]))
    return Markup(" ").join(pictures)


def _picture(tone: str, line: str, shape: str, words: str) -> Markup:
    ink, tint = TONES[tone]
    x, y = line.split()[-2:]
    return Markup(
        '<span class="spc"><svg viewBox="0 0 44 30" width="44" height="30" aria-hidden="true" focusable="false">'
        '<path d="M2 9h38v12H2z" fill="{}"/><path d="{}" fill="none" stroke="{}" stroke-width="2"/>'
        '<svg x="{}" y="{}" width="9" height="9" viewBox="0 0 16 16" fill="{}">{}</svg></svg><span>{}</span></span>'
    ).format(tint, line, ink, float(x) - 4.5, float(y) - 4.5, ink, Markup(shape), words)  # noqa: S704  # as above


def sparkline(values: Iterable[float | None], *, words: str = "") -> Markup:
    """A line of recent values, small enough for a table cell; the last value is marked.

    Args:
        values: Numbers in time order; a missing one is a gap. Each line has its own scale.
        words: What the line shows, for those who do not see it. Without it: first, last, lowest and highest value.

    Returns:
        HTML with one inline SVG; words alone when fewer than two values are known.
    """
    series = pd.to_numeric(pd.Series(list(values), dtype="object"), errors="coerce").astype(float)
    known = series.dropna()
    if len(known) < 2:
        return Markup("<span>{}</span>").format("Too few points")
    low, spread = known.min(), (known.max() - known.min()) or 1.0
    step = 100 / max(len(series) - 1, 1)
    points = {int(i): (4 + step * int(i), 24 - 18 * (v - low) / spread) for i, v in known.items()}  # type: ignore[call-overload]
    path = "".join(f"{'L' if i - 1 in points else 'M'}{x:.1f} {y:.1f}" for i, (x, y) in points.items())
    x, y = points[max(points)]
    first, last, lowest, highest = (f"{half_up(v):,g}" for v in (known.iloc[0], known.iloc[-1], low, known.max()))
    said = words or f"From {first} to {last}; lowest {lowest}, highest {highest}"
    return Markup(
        '<svg class="spark" role="img" aria-label="{}" viewBox="0 0 110 30" width="110" height="30">'
        '<path d="{}" fill="none" stroke="#12436D" stroke-width="2"/>'
        '<circle cx="{:.1f}" cy="{:.1f}" r="3.5" fill="#12436D"/></svg>'
    ).format(said, path, x, y)
