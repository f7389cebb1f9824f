"""Pieces of accessible HTML: words that carry a shape and a colour, small pictures, and the object a cell displays."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd
from markupsafe import Markup

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
    "not shown": ("grey", DASH, "Not shown"),
}


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


def scrolling(name: str, table: Markup) -> Markup:
    """A table in a place of its own, where it scrolls, says so and takes the keyboard if it is wider than the page."""
    return Markup(
        '<div class="scroll" role="group" aria-label="{}">'
        '<span class="cue" tabindex="0">Scroll sideways to see every column</span>{}</div>'
    ).format(name, table)


def status_sign(status: Any) -> Markup:
    """A status as its shape alone, for a table of many; it is heard as its word."""
    _, (tone, shape, words) = known_status(status)
    return Markup(
        '<svg class="sign" viewBox="0 0 16 16" width="16" height="16" fill="currentColor" style="color:{}" role="img" '
        'aria-label="{}" focusable="false">{}</svg>'
    ).format(TONES[tone][0], words, Markup(shape))  # noqa: S704  # a constant


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
    written, (tone, shape, words) = known_status(status)
    star = "*" if written.endswith("*") else ""
    ink, tint = TONES[tone]
    return Markup(
        '<span class="chip" style="color:{};background:{}">'
        '<svg viewBox="0 0 16 16" width="14" height="14" fill="currentColor" aria-hidden="true" focusable="false">'
        "{}</svg>{}</span>"
    ).format(ink, tint, Markup(shape), words + star)  # noqa: S704  # a constant of this module


def known_status(status: Any) -> tuple[str, tuple[str, str, str]]:
    """A status as written, and its tone, shape and words; other words have a grey ring."""
    written = "No data" if status is None or pd.isna(status) or not str(status).strip() else str(status).strip()
    key = written.rstrip("* ").lower().replace("_", " ")
    return written, STATUSES.get(key, ("grey", RING, written.rstrip("* ")))
