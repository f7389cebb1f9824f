"""Statuses in charts: the colour and the shape of their chips, so that grey print and any eye can tell them apart."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sendanalysis.display.fragments import (
    CIRCLE,
    CROSS,
    DASH,
    DIAMOND,
    RING,
    SQUARE,
    STATUSES,
    TONES,
    TRIANGLE,
    known_status,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

_SHAPES = {CIRCLE: "circle", TRIANGLE: "triangle-up", SQUARE: "square", DIAMOND: "diamond"}
_SHAPES |= {
    RING: "M0-1A1 1 0 0 1 0 1A1 1 0 0 1 0-1ZM0-.55A.55.55 0 0 0 0 .55A.55.55 0 0 0 0-.55Z",
    DASH: "M-1-.25H1V.25H-1Z",
    CROSS: "M-1-.6L-.6-1L0-.4L.6-1L1-.6L.4 0L1 .6L.6 1L0 .4L-.6 1L-1 .6L-.4 0Z",
}


def drawn_as(statuses: Iterable[object]) -> tuple[list[str], list[str]]:
    """Ink and shape of each status, as on its chip; other words have a grey ring.

    >>> drawn_as(["Red", "Amber*"])
    (['#8C1020', '#6B4700'], ['square', 'triangle-up'])
    """
    chips = [known_status(status)[1] for status in statuses]
    return [TONES[tone][0] for tone, _, _ in chips], [_SHAPES[shape] for _, shape, _ in chips]


def are_statuses(names: Iterable[object]) -> bool:
    """Whether names are statuses that their chips tell apart, one of them at most in words that are no status.

    >>> are_statuses(["Red", "On track", "Not yet"]), are_statuses(["Red", "Delayed"]), are_statuses(["Kent"])
    (True, False, False)
    """
    found = list(names)
    known = [name for name in found if known_status(name)[1] in STATUSES.values()]
    return bool(known) and len(known) >= len(found) - 1 and len(set(drawn_as(found)[0])) == len(found)
