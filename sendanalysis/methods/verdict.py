"""What may be said of a change: one verdict, from the interval, the series and what is known of the baseline.

Every sentence, title, table and tile that speaks of a change since a baseline reads its verdict, so that no two of them
can disagree.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

ROSE, FELL, NOT_CLEARLY, UNTESTED = "rose", "fell", "not clearly", "not tested"
HIGHER, LOWER, ORDINARY, TOO_FEW = "higher", "lower", "ordinary", "too few months"
_WAYS = {HIGHER: 1, LOWER: -1}


@dataclass(frozen=True)
class Verdict:
    """What may be said of a figure against its baseline.

    Attributes:
        said: rose, fell, not clearly, or not tested.
        why: What it rests on. Of rose and fell: interval, or interval and months. Of not clearly: chance (the interval
            holds the baseline), size (what a printed baseline rests on is not known, and the months do not bear a
            change out), months (they go the other way), na (most of it is N/A answers), counting (a count that still
            grows). Of not tested: no figure, no baseline, within baseline, part (the records cover a part of its
            window), no interval, census (all are counted).
        months: What a control chart says of the months the figure covers: higher, lower, ordinary, too few months;
            empty without one.
        above: Whether the figure is above its baseline (1), below it (-1) or at it (0), whatever chance may explain.
    """

    said: str = UNTESTED
    why: str = "no figure"
    months: str = ""
    above: int = 0


def decide(way: int | None, months: str, *, sized: bool, above: int) -> Verdict:
    """Weigh the interval, the series and what is known of the baseline.

    A change is said where the interval against the baseline shows it and the months do not go the other way. Where the
    size of the baseline is not known, its own chance is missing from the interval, so the months have to bear it out.

    Args:
        way: Whether the interval puts the figure above (1) or below (-1) the baseline, or neither (0); None untested.
        months: What the control chart says of the months the figure covers.
        sized: Whether the interval allows for the chance in the baseline, too.
        above: Where the figure lies to the baseline.

    >>> decide(1, "ordinary", sized=False, above=1).said, decide(1, "higher", sized=False, above=1).said
    ('not clearly', 'rose')
    """
    if way is None:
        return Verdict(UNTESTED, "no interval", months, above)
    if not way:
        return Verdict(NOT_CLEARLY, "chance", months, above)
    said, seen = ROSE if way > 0 else FELL, _WAYS.get(months, 0)
    if seen == -way:
        return Verdict(NOT_CLEARLY, "months", months, above)
    if seen == way:
        return Verdict(said, "interval and months", months, above)
    return Verdict(said, "interval", months, above) if sized else Verdict(NOT_CLEARLY, "size", months, above)


def months_say(kinds: Iterable[object], direction: str, *, limits_shown: bool) -> str:
    """What a control chart says of some of its months, whichever way is better; see `Verdict.months`.

    Args:
        kinds: Their point types, as `spc.xmr` gives them.
        direction: Which way is better: increase, decrease or neutral.
        limits_shown: Whether the chart has months enough for limits.
    """
    if not limits_shown:
        return TOO_FEW
    better, worse = (LOWER, HIGHER) if direction == "decrease" else (HIGHER, LOWER)
    words = {"improvement": better, "concern": worse, "neutral_high": HIGHER, "neutral_low": LOWER}
    found = {words.get(str(kind).removeprefix("special_cause_")) for kind in kinds} - {None}
    return str(found.pop()) if len(found) == 1 else ORDINARY
