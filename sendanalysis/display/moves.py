"""What each KPI has moved by since the month before, or why nothing is said of it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pandas as pd

from sendanalysis.display import board
from sendanalysis.display.wording import HIDDEN_STATES, NOT_SHOWN, without
from sendanalysis.methods.rounding import half_up
from sendanalysis.release import HIDDEN

if TYPE_CHECKING:
    from sendanalysis.release import Figure, Release

NO_FIGURE = "no figure then"


def known(edition: str) -> tuple[dict[str, str], dict[str, dict[str, Any]]]:
    """What a run tells the scorecard of its edition: the page of each KPI, and the KPIs as published in earlier months.

    Args:
        edition: JSON: `pages` (file by kpi_id) and `earlier` (status and value by month and kpi_id); empty for none.
    """
    found = json.loads(edition or "{}")
    return found.get("pages", {}), found.get("earlier", {})


def _month_before(release: Release, kpi_id: str, edition: str) -> tuple[float | None, str]:
    """A KPI's figure of the month before, from its own rows or as published, and why there is none."""
    figure, before = release.kpi(kpi_id), pd.Period(release.period.key, "M") - 1
    published = known(edition)[1].get(str(before))
    status, value = (published or {}).get(kpi_id, [None, None])
    why = "no briefing" if published is None else f"{NOT_SHOWN} then" if status in HIDDEN_STATES else NO_FIGURE
    kpi = figure.kpi
    if kpi and kpi.measure in release.measures:
        rows = release.figures(kpi.measure, group=kpi.group, window=kpi.window or release.measures[kpi.measure].window)
        month = rows[pd.DatetimeIndex(rows["last_on"]).to_period("M") == before]
        if len(month) and pd.notna(month["value"].iloc[-1]):
            return float(month["value"].iloc[-1]), ""
        if len(month) and value is None:
            why = f"{NOT_SHOWN} then" if month["state"].iloc[-1] == HIDDEN else NO_FIGURE
    return value, why


def move(release: Release, kpi_id: str, edition: str) -> str:
    """What a KPI has moved by since the month before, in its own unit; empty where there is nothing to say."""
    figure = release.kpi(kpi_id)
    value, _ = _month_before(release, kpi_id, edition)
    if figure.value is None or value is None or _rounded(release, figure) or board.old(release, figure):
        return ""
    size = half_up(abs(figure.value - value))
    written = f"{size:.1f} points" if figure.unit == "percent" else f"{size:,g}"
    sign = "+" if figure.value > value else "\N{MINUS SIGN}"
    return f"{sign}{written}" if size else "no change"


def unmoved(release: Release, kpi_id: str, edition: str) -> str:
    """Why nothing is said of what a KPI has moved by."""
    figure = release.kpi(kpi_id)
    if figure.rating:
        return "a rating"
    if figure.value is None:
        return without(figure)
    if board.old(release, figure):
        return "no new figure"
    return "rounded" if _rounded(release, figure) else _month_before(release, kpi_id, edition)[1]


def _rounded(release: Release, figure: Figure) -> bool:
    rule = release.rules().get(figure.kpi.measure) if figure.kpi else None
    return rule is not None and rule.round_to > 1
