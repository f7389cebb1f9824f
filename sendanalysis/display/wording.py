"""Words for figures: amounts, intervals, and comparisons that say no more than the interval allows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from sendanalysis.methods.periods import in_words
from sendanalysis.methods.rounding import half_up

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sendanalysis.release import Figure

PEOPLE = {"cyp": "young people", "practitioner": "practitioners", "parent_carer": "parents and carers"}


def percent(value: float | None, nothing: str = "no figure") -> str:
    """A percentage with one decimal, half up.

    >>> percent(84.25), percent(None)
    ('84.3%', 'no figure')
    """
    return nothing if value is None or pd.isna(value) else f"{half_up(value)}%"


def number(value: float | None, nothing: str = "none") -> str:
    """A whole number with thousands separated.

    >>> number(12345.0)
    '12,345'
    """
    return nothing if value is None or pd.isna(value) else f"{value:,.0f}"


def plural(count: float, noun: str, many: str = "") -> str:
    """A count with its noun.

    >>> plural(1, "child", "children"), plural(2, "plan")
    ('1 child', '2 plans')
    """
    return f"{number(count)} {noun if count == 1 else many or noun + 's'}"


def listed(parts: Sequence[str]) -> str:
    """Parts joined as prose joins them.

    >>> listed(["a"]), listed(["a", "b", "c"])
    ('a', 'a, b and c')
    """
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}" if parts else ""


def amount(figure: Figure, value: float | None) -> str:
    """A value in the unit of a figure, a whole percentage without a decimal."""
    if figure.unit != "percent":
        return number(value)
    return f"{value:.0f}%" if value is not None and value == round(value) else percent(value)


def of(figure: Figure) -> str:
    """Numerator and denominator: 46 of 68; the denominator alone where the numerator is no count, as a mean of shares."""
    whole = figure.numerator is not None and figure.numerator == round(figure.numerator)
    return f"{number(figure.numerator)} of {number(figure.denominator)}" if whole else number(figure.denominator)


def out_of(figure: Figure, noun: str, detail: str = "") -> str:
    """What a figure was counted from, with its interval, as it stands in brackets."""
    return f"{of(figure)} {noun}{detail}" + (f"; {between(figure)}" if between(figure) else "")


def between(figure: Figure) -> str:
    """The 95% interval in words, or nothing where there is none."""
    if figure.lower is None or figure.upper is None:
        return ""
    if figure.unit == "percent":
        return f"between {percent(figure.lower)} and {percent(figure.upper)}"
    return f"between {half_up(figure.lower)} and {half_up(figure.upper)}"


def against_baseline(figure: Figure, what: str, counted: str) -> str:
    """How a figure stands to a fixed baseline: it rose or fell only where its interval leaves the baseline out."""
    value, baseline = amount(figure, figure.value), figure.baseline
    if figure.value is None:
        return f"There is no figure for {what}."
    if baseline is None or figure.lower is None or figure.upper is None:
        return f"{capital(what)} stands at {percent(figure.value)} ({counted})."
    if figure.lower > baseline:
        return f"{capital(what)} rose from {amount(figure, baseline)} to {percent(figure.value)} ({counted})."
    if figure.upper < baseline:
        return f"{capital(what)} fell from {amount(figure, baseline)} to {percent(figure.value)} ({counted})."
    return (
        f"{capital(what)} stands at {percent(figure.value)} ({counted}); "
        f"chance alone could explain the difference from the baseline of {amount(figure, baseline)}."
        if value
        else ""
    )


def against_target(figure: Figure) -> str:
    """How a figure stands to its target, and whether chance could explain the gap."""
    if figure.value is None:
        return ""
    if figure.target is None or figure.target_on is None:
        if figure.next_target is None or figure.next_target_on is None:
            return ""
        return f"The first target, {amount(figure, figure.next_target)}, falls on {in_words(figure.next_target_on)}."
    target = f"the target of {amount(figure, figure.target)} for {in_words(figure.target_on)}"
    sure = not (figure.lower is not None and figure.upper is not None and figure.lower <= figure.target <= figure.upper)
    if figure.value >= figure.target:
        return f"It meets {target}" + ("." if sure else ", by a margin that chance alone could explain.")
    gap = (
        f"{half_up(figure.target - figure.value)} points"
        if figure.unit == "percent"
        else number(figure.target - figure.value)
    )
    return f"It is {gap} short of {target}" + ("." if sure else ", a gap that chance alone could explain.")


def capital(text: str) -> str:
    """The text with a capital first letter and the rest as it is."""
    return text[:1].upper() + text[1:]


def month_span(first: Any, last: Any) -> str:
    """A span of months: January to March 2022, or one month alone."""
    first, last = pd.Timestamp(first), pd.Timestamp(last)
    if (first.year, first.month) == (last.year, last.month):
        return f"{last:%B %Y}"
    return f"{first:%B}{'' if first.year == last.year else f' {first.year}'} to {last:%B %Y}"
