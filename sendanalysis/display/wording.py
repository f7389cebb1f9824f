"""Words for figures: amounts, intervals, and comparisons that say no more than the interval allows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from sendanalysis.methods.periods import in_words
from sendanalysis.methods.rounding import half_up
from sendanalysis.methods.verdict import FELL, HIGHER, ORDINARY, ROSE
from sendanalysis.release import HIDDEN
from sendanalysis.release import NOT_SHOWN as STATUS_NOT_SHOWN

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence

    from sendanalysis.release import Figure

NOT_SHOWN = "not shown"
NO_DATA = "There are no data to draw yet."
NOT_AVAILABLE = "not available this month"
FROM_BASELINE = {"rise by points", "rise by per cent"}  # targets that are so far from it
HIDDEN_STATES = {HIDDEN, STATUS_NOT_SHOWN}


def percent(value: float | None, nothing: str = "no figure") -> str:
    """A percentage with one decimal, half up.

    >>> percent(84.25), percent(None)
    ('84.3%', 'no figure')
    """
    return nothing if value is None or pd.isna(value) else f"{half_up(value)}%"


def number(value: float | None, nothing: str = "none") -> str:
    """A whole number with thousands separated; in a sentence a nought is none, and what is hidden is not shown.

    >>> number(12345.0), number(0), number(0, "0"), number(None)
    ('12,345', 'none', '0', 'not shown')
    """
    if value is None or pd.isna(value):
        return NOT_SHOWN
    return f"{value:,.0f}" if value else nothing


def share(value: float | None, state: str, nothing: str = "no figure") -> str:
    """A percentage, or that it is not shown where its state is that of a hidden figure."""
    return NOT_SHOWN if state in HIDDEN_STATES else percent(value, nothing)


def without(figure: Figure, nothing: str = "no figure") -> str:
    """What stands in place of a figure that is not there: not shown, its table set aside this month, or other words."""
    return NOT_SHOWN if figure.status in HIDDEN_STATES else NOT_AVAILABLE if figure.lacking else nothing


def plural(count: float, noun: str, many: str = "") -> str:
    """A count with its noun.

    >>> plural(1, "child", "children"), plural(2, "plan"), plural(0, "plan"), plural(float("nan"), "plan")
    ('1 child', '2 plans', 'no plans', 'a number of plans that is not shown')
    """
    if pd.isna(count):
        return f"a number of {many or noun + 's'} that is {NOT_SHOWN}"
    return f"{number(count, 'no')} {noun if count == 1 else many or noun + 's'}"


def listed(parts: Sequence[str]) -> str:
    """Parts joined as prose joins them.

    >>> listed(["a"]), listed(["a", "b", "c"])
    ('a', 'a, b and c')
    """
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}" if parts else ""


def amount(figure: Figure, value: float | None) -> str:
    """A value in the unit of a figure: a whole percentage without a decimal, a count with what is counted."""
    if value is None or pd.isna(value):
        return "no figure"
    if figure.unit == "percent":
        return f"{value:.0f}%" if value == round(value) else percent(value)
    unit = figure.unit[:-1] if value == 1 and figure.unit.isalpha() and figure.unit.endswith("s") else figure.unit
    return f"{plain_amount(figure, value)} {unit}".strip()


def plain_amount(figure: Figure, value: float | None) -> str:
    """The same without what is counted, where the words around it say so."""
    if value is None or pd.isna(value) or figure.unit == "percent":
        return amount(figure, value)
    return number(value, "0") if value == round(value) else f"{half_up(value):,}"


def shown(figure: Figure) -> str:
    """The figure itself: a per cent with one decimal, a count, a rating, or that there is none."""
    if figure.rating:
        return figure.rating
    if figure.value is None:
        return without(figure)
    return percent(figure.value) if figure.unit == "percent" else plain_amount(figure, figure.value)


def of(figure: Figure) -> str:
    """Numerator and denominator: 46 of 68; the denominator alone where the numerator is no count, as a mean of shares."""
    if figure.of is None:
        return "" if figure.n is None else number(figure.n, "0")
    whole = figure.n is not None and figure.n == round(figure.n)
    return f"{number(figure.n, '0')} of {number(figure.of, '0')}" if whole else number(figure.of)


def out_of(figure: Figure, noun: str, detail: str = "") -> str:
    """What a figure was counted from, with its interval, as it stands in brackets."""
    counted = f"{of(figure)} {noun}{detail}".strip()
    return "; ".join(part for part in (counted, between(figure)) if part)


def between(figure: Figure) -> str:
    """The 95% interval in words, or nothing where there is none."""
    if figure.lower is None or figure.upper is None:
        return ""
    if figure.unit == "percent":
        return f"between {percent(figure.lower)} and {percent(figure.upper)}"
    return f"between {half_up(figure.lower):,} and {half_up(figure.upper):,}"


def covered(figure: Figure) -> str:
    """The days a figure covers, in words: a month, a span of months, or the day it stood so."""
    if figure.first_on is None or figure.last_on is None:
        return ""
    if figure.first_on == figure.last_on:
        return in_words(figure.last_on)
    return month_span(figure.first_on, figure.last_on)


def since_baseline(figure: Figure) -> str:
    """How a figure lies to its baseline, as a clause that follows it; nothing where no baseline is known or shown."""
    if figure.baseline is None:
        return ""
    verdict, then = figure.verdict, f"the baseline of {amount(figure, figure.baseline)}"
    moved, side = {1: ("rise", "above"), -1: ("fall", "below")}.get(verdict.above, ("change", "at"))
    ordinary = verdict.months == ORDINARY
    months = "its months differ no more than by chance" if ordinary else "there are too few months to judge by"
    latest = "higher" if verdict.months == HIGHER else "lower"
    words = {
        ROSE: f"up from {then}",
        FELL: f"down from {then}",
        "chance": f"and chance alone could explain the difference from {then}" if verdict.above else f"at {then}",
        "size": f"{side} {then}, but {months}",
        "months": f"{side} {then}, but its latest months are {latest} than chance explains",
        "na": f"{side} {then}, but most of the {moved} is N/A answers",
        "counting": f"and the count still grows; the baseline is {amount(figure, figure.baseline)}",
        "part": f"but its records do not reach back far enough to compare it with {then}",
        "within baseline": "within the months that its baseline is made of",
        "census": f"{side} {then}",
        "no interval": f"against {then}",
    }
    return words.get(verdict.said, words.get(verdict.why, ""))


def sentence(*clauses: str) -> str:
    """Clauses as one sentence: those that say nothing left out, the others joined by commas."""
    return f"{', '.join(filter(None, clauses))}."


def target_in_words(figure: Figure, value: float | None, value_to: float | None, rule: str, on: dt.date | None) -> str:
    """A target: a value, a range, or the rule that gives it, with its size where it has one."""
    if value is None:
        return rule_in_words(figure, rule, on)
    if value_to is not None:
        return f"{plain_amount(figure, value)} to {amount(figure, value_to)}"
    return amount(figure, value) + (f" ({rule.capitalize() if rule == 'england' else rule})" if rule else "")


def rule_in_words(figure: Figure, rule: str, on: dt.date | None) -> str:
    """The rule that gives a target: how far from the baseline, with the size that the plan sets for that day."""
    sizes = {target.on: target.value for target in figure.kpi.targets if target.rule == rule} if figure.kpi else {}
    size = sizes.get(on) if on else None
    if size is None or rule not in FROM_BASELINE:
        return rule
    words = plural(size, "point") if rule == "rise by points" else f"{number(size)}%"
    return f"{words} {'below' if figure.polarity == 'lower' else 'above'} the baseline"


def against_target(figure: Figure) -> str:
    """How a figure stands to its target, and whether chance could explain the gap."""
    if figure.value is None or figure.by_parts:
        return f"{capital(figure.reason)}." if figure.value is not None and figure.target_on is not None else ""
    if figure.target is None or figure.target_on is None:
        return _first_target(figure) if figure.target_on is None else ""
    words = target_in_words(figure, figure.target, figure.target_to, figure.target_words, figure.target_on)
    target = f"the target of {words} for {in_words(figure.target_on)}"
    edges = [edge for edge in (figure.target, figure.target_to) if edge is not None]
    lower, upper = figure.lower, figure.upper
    sure = lower is None or upper is None or not any(lower <= edge <= upper for edge in edges)
    gap = _gap(figure)
    if figure.met is not None and figure.met != (gap <= 0):
        return f"What is shown is rounded; by the exact figures it {'meets' if figure.met else 'misses'} {target}."
    if gap <= 0:
        meets = "keeps within" if figure.target_to is not None else "meets"
        return f"It {meets} {target}" + ("." if sure else ", by a margin that chance alone could explain.")
    size = f"{half_up(gap)} points" if figure.unit == "percent" else plain_amount(figure, gap)
    way = "outside" if figure.target_to is not None else "above" if figure.polarity == "lower" else "short of"
    return f"It is {size} {way} {target}" + ("." if sure else ", a gap that chance alone could explain.")


def _first_target(figure: Figure) -> str:
    if figure.next_target_on is None or (figure.next_target is None and not figure.next_target_words):
        return ""
    ahead = target_in_words(
        figure, figure.next_target, figure.next_target_to, figure.next_target_words, figure.next_target_on
    )
    return f"The first target, {ahead}, falls on {in_words(figure.next_target_on)}."


def _gap(figure: Figure) -> float:
    value, target = figure.value or 0.0, figure.target or 0.0
    if figure.target_to is not None:
        return max(target - value, value - figure.target_to)
    return value - target if figure.polarity == "lower" else target - value


def capital(text: str) -> str:
    """The text with a capital first letter and the rest as it is."""
    return text[:1].upper() + text[1:]


def month_span(first: Any, last: Any) -> str:
    """A span of months: January to March 2022, or one month alone."""
    first, last = pd.Timestamp(first), pd.Timestamp(last)
    if (first.year, first.month) == (last.year, last.month):
        return f"{last:%B %Y}"
    return f"{first:%B}{'' if first.year == last.year else f' {first.year}'} to {last:%B %Y}"
