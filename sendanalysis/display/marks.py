"""Small pictures that fit a row of a table: the way from baseline to target, a year of months, six months of status."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from sendanalysis.display.fragments import TONES, known_status

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import pandas as pd

    from sendanalysis.release import Figure

WIDE, HIGH = 124, 24
_SVG = Markup(
    '<svg class="{}" role="img" aria-label="{}" viewBox="0 0 {w} {h}" width="{w}" height="{h}" focusable="false">'
    "{}</svg>"
)


def _drawn(kind: str, words: str, inner: Markup, width: int = WIDE) -> Markup:
    return _SVG.format(kind, words, inner, w=width, h=HIGH)


def _status(status: str | None) -> tuple[str, Markup]:
    """Ink and shape of a status, as on its chip."""
    _, (tone, shape, _) = known_status(status)
    return TONES[tone][0], Markup(shape)  # noqa: S704  # a constant


def bullet(figure: Figure, words: str) -> Markup:
    """How far a figure has come from baseline to target, with its 95% interval; better is to the right.

    Nothing where fewer than two of figure, baseline and target are known.
    """
    aims = [aim for aim in _aims(figure) if aim is not None]
    known = [value for value in (figure.value, figure.baseline, *aims) if value is not None]
    if figure.value is None or len(set(known)) < 2:
        return Markup()
    reach = (max(known) - min(known)) / 2
    low, high = min(known) - reach, max(known) + reach
    ends = [end for end in (figure.lower, figure.upper) if end is not None]
    shown = [min(max(end, low), high) for end in ends]
    low, high = min([*known, *shown]), max([*known, *shown])
    backwards = figure.polarity == "lower"

    def x(value: float) -> float:
        share = (value - low) / (high - low)
        return round(9 + (WIDE - 18) * (1 - share if backwards else share), 1)

    ink, shape = _status(figure.status)
    place, parts = x(figure.value), []
    if len(aims) == 2:
        left, right = sorted(map(x, aims))
        parts.append(Markup('<path d="M{} 3H{}V21H{}z" fill="currentColor" opacity=".15"/>').format(left, right, left))
    parts.append(Markup('<path d="M4 12H{}" stroke="currentColor" opacity=".35"/>').format(WIDE - 4))
    if figure.baseline is not None:
        start = x(figure.baseline)
        bar = Markup('<path d="M{} 12H{}" stroke="currentColor" stroke-width="7" opacity=".45"/>').format(start, place)
        parts.append(Markup('<g style="color:{}">{}</g>').format(ink, bar))
        parts.append(Markup('<path d="M{} 5V19" stroke="currentColor" stroke-width="1.2"/>').format(start))
    if len(ends) == 2:
        caps = "".join(f"M{x(end)} 8.5v7" for end in ends if end in shown)  # an end that lies further out has none
        parts.append(Markup('<path d="M{} 12H{}{}" stroke="currentColor"/>').format(*map(x, shown), caps))
    parts += [Markup('<path d="M{} 2V22" stroke="currentColor" stroke-width="3"/>').format(x(aim)) for aim in aims]
    parts.append(_shape(ink, shape, place - 5.5, 6.5, 11))
    return _drawn("bullet", words, Markup("").join(parts))


def _shape(ink: str, shape: Markup, x: float, y: float, size: float) -> Markup:
    return Markup(
        '<svg x="{:.1f}" y="{}" width="{}" height="{}" viewBox="0 0 16 16" fill="currentColor" style="color:{}">'
        "{}</svg>"
    ).format(x, y, size, size, ink, shape)


def _aims(figure: Figure) -> tuple[float | None, float | None]:
    """The target in force, else the next one; both ends of a range."""
    if figure.target is not None:
        return figure.target, figure.target_to
    return figure.next_target, figure.next_target_to


def sparkline(
    values: pd.Series[Any], words: str, *, lines: Sequence[float | None] = (), limits: Sequence[float] = ()
) -> Markup:
    """A line of months, the last one marked, on a scale that holds the lines and limits beside it.

    Args:
        values: A number a month in order; a missing one is a gap.
        words: What it shows, for those who do not see it.
        lines: Baseline, drawn dotted, and target, drawn whole; None for one that is not known.
        limits: Lower and upper control limit, drawn as a band; empty for none.
    """
    known = values.astype(float).reset_index(drop=True).dropna()
    if known.empty:
        return Markup()
    marks = [*known, *limits, *(line for line in lines if line is not None)]
    low, spread = float(min(marks)), float(max(marks) - min(marks)) or 1.0

    def y(value: float) -> float:
        return round(21 - 18 * (value - low) / spread, 1)

    step = (WIDE - 12) / max(len(values) - 1, 1)
    points = {int(place): (round(6 + step * int(place), 1), y(value)) for place, value in known.items()}  # type: ignore[call-overload]
    path = "".join(f"{'L' if place - 1 in points else 'M'}{px} {py}" for place, (px, py) in points.items())
    parts = []
    if limits:
        top, bottom = y(max(limits)), y(min(limits))
        band = Markup('<path d="M2 {0}H{2}V{1}H2z" fill="currentColor" opacity=".13"/>')
        parts.append(band.format(top, bottom, WIDE - 2))
    for line, dashes in zip(lines, ("1.5 2.5", "none"), strict=False):
        if line is not None:
            rule = Markup('<path d="M2 {}H{}" stroke="currentColor" stroke-dasharray="{}" opacity=".8"/>')
            parts.append(rule.format(y(line), WIDE - 2, dashes))
    dots = "".join(f"M{px} {py}h0" for px, py in points.values())
    last = points[max(points)]
    parts.append(
        Markup(
            '<g style="color:#12436D" fill="none" stroke="currentColor" stroke-linecap="round">'
            '<path d="{}" stroke-width="1.5"/><path d="{}" stroke-width="3"/>'
            '<circle cx="{}" cy="{}" r="3" fill="currentColor"/></g>'
        ).format(path, dots, *last)
    )
    return _drawn("spark", words, Markup("").join(parts))


def months(statuses: Mapping[str, str | None], words: str) -> Markup:
    """Statuses month by month, each with shape and colour of its chip; a dot where none was published."""
    parts = []
    for place, status in enumerate(statuses.values()):
        x = 2.0 + 15 * place
        if status is None:
            parts.append(Markup('<circle cx="{}" cy="12" r="1.6" fill="currentColor" opacity=".55"/>').format(x + 6))
        else:
            parts.append(_shape(*_status(status), x, 6, 12))
    return _drawn("months", words, Markup("").join(parts), 15 * len(statuses) + 2)
