"""What changed since an earlier briefing: each figure then and now, and restatements of what was published."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from sendanalysis.display.wording import percent, plain_amount
from sendanalysis.methods.comparison import Estimate, change, count_change
from sendanalysis.methods.rounding import half_up

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from sendanalysis.release import Figure, Release


def since(  # noqa: PLR0913, PLR0917  # an earlier publication against this one
    published: Mapping[str, Any],
    again: Release,
    now: Release,
    page: str,
    kpi_ids: Collection[str],
    headline: str = "",
) -> list[str]:
    """Sentences on what changed on one page since an earlier publication.

    A restatement is kept apart from a change: the earlier month is worked out again from today's extracts, and where
    that differs from what was published, both are said.

    Args:
        published: Manifest of the earlier publication.
        again: The earlier month, from today's extracts.
        now: This month.
        page: Name of the page.
        kpi_ids: The KPIs it speaks of.
        headline: What the page says now.

    Returns:
        Sentences, changes of colour first; for a page without a KPI, what its headline was where it was another.
    """
    then = again.period.label
    if published.get("choices") != now.choices():
        return [f"The briefing for {then} was made under other choices, so no change is given."]
    if not kpi_ids:
        own = [item for item in published["briefings"] if not item.get("carried_from")]
        said = next((item["headline"] for item in own if item["href"] == f"{page}.html"), "")
        if said and said == headline:
            return [f"The headline is the one of {then}."]
        return [f"In {then} this briefing said: {said}"] if said else []
    colours, sentences = [], []
    for kpi_id in kpi_ids:
        figure, before = now.kpis[kpi_id], published["figures"].get(kpi_id, {})
        if figure.kpi and before.get("status") not in {None, figure.status}:
            colours.append(f"{figure.kpi.name} turned from {before['status']} to {figure.status}.")
        sentences += _sentences(before.get("value"), again.kpis.get(kpi_id), figure, then)
    return colours + sentences


def _sentences(before: float | None, again: Figure | None, now: Figure, then: str) -> list[str]:
    if before is None or now.value is None or now.kpi is None:
        return []
    name = now.kpi.name
    restated = again.value if again and again.value is not None else before
    difference = now.value - restated
    if _shown(now, now.value) == _shown(now, restated):
        found = [f"{name}: {_shown(now, now.value)}, as in {then}."]
    else:
        way = "up" if difference > 0 else "down"
        points = half_up(abs(difference))
        unit = "" if now.unit != "percent" else " point" if points == 1 else " points"
        size = f"{points:g}{unit}"
        aside = _chance(again, now)
        found = [f"{name}: {_shown(now, now.value)}, {way} {size} from {_shown(now, restated)} in {then}{aside}."]
    if _shown(now, restated) != _shown(now, before):
        found.append(
            f"{name}: {then} was published as {_shown(now, before)}; "
            f"with records entered since, it is {_shown(now, restated)}."
        )
    return found


def _chance(again: Figure | None, now: Figure) -> str:
    """Whether chance could explain a change since another month; nothing of what has no chance in it, or still grows."""
    if again is None or now.census or again.first_on == now.first_on or again.last_on is None or now.first_on is None:
        return ""
    if again.last_on >= now.first_on:
        return "; the two share months, so this is no test of a change"
    if now.of is None and now.n == now.value and now.lower is not None:
        way: int | None = count_change(now.value or 0.0, again.value or 0.0)
    else:
        way = change(_estimate(now), _estimate(again))
    return {None: "", 0: ", which chance could explain"}.get(way, ", more than chance explains")


def _estimate(figure: Figure) -> Estimate:
    known = (figure.value, figure.lower, figure.upper)
    return Estimate(*(math.nan if value is None else value for value in known))


def _shown(figure: Figure, value: float) -> str:
    return percent(value) if figure.unit == "percent" else plain_amount(figure, value)
