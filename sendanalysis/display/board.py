"""The scorecard as a board reads it: each KPI with its line of recent months, its comment, and what needs a decision."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from sendanalysis.display.fragments import sparkline
from sendanalysis.display.wording import amount, between, number, of, percent, plural
from sendanalysis.methods import spc

if TYPE_CHECKING:
    from sendanalysis.release import Figure, Release

POINTS = 12
TRAVEL = {
    "special_cause_improvement": "rising by more than chance",
    "special_cause_concern": "falling by more than chance",
    "common_cause": "no more than chance",
}
COLOURS = ("Green", "Amber", "Red")


def rows(release: Release) -> pd.DataFrame:
    """One row a KPI, as text and pictures.

    Returns:
        kpi, status, actual (with n of N), interval, baseline, target_now and target_next with their days, travel (what
        SPC says of the last point), complete (per cent usable) and recent (a line of the last twelve points).
    """
    names = release.scorecard.set_index("kpi_id")["kpi"]
    return pd.DataFrame([_row(release, str(names[kpi_id]), figure) for kpi_id, figure in release.figures.items()])


def _row(release: Release, name: str, figure: Figure) -> dict[str, Any]:
    points = series(release, figure.kpi_id).tail(POINTS)
    counted = f" ({of(figure)})" if figure.denominator else ""
    cumulative = not figure.kpi_id.startswith(("QA", "ADVICE"))
    return {
        "kpi": name,
        "status": figure.status,
        "actual": f"{percent(figure.value) if figure.unit == 'percent' else number(figure.value)}{counted}"
        if figure.value is not None
        else "[z]",
        "interval": between(figure).removeprefix("between ").replace(" and ", " to ") or "[z]",
        "baseline": amount(figure, figure.baseline) if figure.baseline is not None else "[z]",
        "target_now": _target(figure, figure.target, figure.target_on),
        "target_next": _target(figure, figure.next_target, figure.next_target_on),
        "travel": "[z]"
        if cumulative or points.empty
        else TRAVEL.get(str(_variation(release, figure.kpi_id)), "too few months"),
        "complete": percent(completeness(release, figure.kpi_id), "[z]"),
        "recent": sparkline(points) if points.notna().sum() > 1 else "[z]",
    }


def completeness(release: Release, kpi_id: str) -> float | None:
    """Per cent of what a KPI rests on that could be used: answers not blank, requests with a date, dated assessments."""
    if kpi_id.startswith("QA"):
        rows = release.ehcp_quality.kpis.set_index("kpi_id")
        answered, blank = (float(rows[name].get(kpi_id, 0)) for name in ("answers_n", "blank_n"))
        return 100 * answered / (answered + blank) if answered + blank else None
    if kpi_id.startswith("ADVICE"):
        return _usable(release.timeliness.quality, "cannot be dated")
    if kpi_id == "ASD_BACKLOG":
        return _usable(release.autism_backlog.quality, "children closed as assessed, no date")
    return None


def _usable(quality: pd.DataFrame, fault: str) -> float | None:
    share = quality[quality["what"].str.startswith(fault)]["share_pct"].dropna()
    return None if share.empty else 100 - float(share.iloc[0])


def series(release: Release, kpi_id: str) -> pd.Series[float]:
    """A KPI by month: single months of quality and advice; forms sent in and children assessed so far of the others."""
    if kpi_id.startswith("QA"):
        trend = release.ehcp_quality.trend
        found = trend[trend["kpi_id"] == kpi_id].set_index("month")["pct"]
    elif kpi_id.startswith("ADVICE"):
        sector = kpi_id.partition("_")[2].capitalize() or "All partners"
        trend = release.timeliness.trend
        found = trend[trend["sector"] == sector].set_index("month")["on_time_pct"]
    elif kpi_id == "ASD_BACKLOG":
        found = release.autism_backlog.burn_down.set_index("day")["assessed_n"]
    else:
        categories = release.participation.categories
        names = categories[categories["kpi_id"] == kpi_id]["category"]
        forms = release.participation.cumulative
        groups = forms["category"].isin(names) | (kpi_id == "POET")
        found = forms[(forms["survey_year"] == "2020/21") & groups].groupby("month")["cumulative_n"].sum()
    return found.astype("float64")


def comments(release: Release) -> pd.DataFrame:
    """The comment beside each KPI that has a colour: kpi, status, state, text, author_role, written_on."""
    names = release.scorecard.set_index("kpi_id")["kpi"]
    found = release.commentary.comments
    found = found[found["status"].isin(COLOURS)]
    found = found.assign(kpi=found["kpi_id"].map(names))
    return found[["kpi", "status", "state", "text", "author_role", "written_on"]].reset_index(drop=True)


def decisions(release: Release) -> list[str]:
    """What a board has to decide or to ask for, worked out from statuses, dates and missing comments."""
    names = release.scorecard.set_index("kpi_id")["kpi"]
    wholes = {kpi_id for kpi_id in names.index if any(str(other).startswith(f"{kpi_id}_") for other in names.index)}
    red = [
        str(names[kpi_id])
        for kpi_id, figure in release.figures.items()
        if figure.status == "Red" and kpi_id not in wholes
    ]
    actions = release.tracker.red_and_amber
    late = actions[actions["status"] == "Red"]
    silent = release.commentary.comments
    silent = silent[(silent["to_report"] == "yes") & ~silent["kpi_id"].isin(wholes)]
    missed = release.governance.missed
    found = [
        f"{plural(len(red), 'KPI')} at or below baseline: {'; '.join(red)}. What will change, and by when?"
        if red
        else "",
        *(
            f"Action {row['action_id']} is {plural(row['days_past_due'], 'day')} past due: {row['action']} A new date, "
            "or another course?".replace("  ", " ")
            for row in late.assign(action=late["action"].str.rstrip(".") + ".").to_dict("records")
        ),
        f"{plural(len(silent), 'Red or Amber KPI has', 'Red or Amber KPIs have')} no comment for {release.period.label}: "
        f"{'; '.join(str(names[kpi_id]) for kpi_id in silent['kpi_id'])}."
        if len(silent)
        else "",
        f"{plural(len(missed), 'report is', 'reports are')} recorded as missed in the reporting calendar."
        if len(missed)
        else "",
    ]
    return [sentence for sentence in found if sentence] or ["Nothing is recorded that needs a decision."]


def _target(figure: Figure, value: float | None, day: Any) -> str:
    if value is None:
        return "[z]"
    return f"{amount(figure, value)}" + (f" by {day.day} {day:%b %Y}" if day else "")


def _variation(release: Release, kpi_id: str) -> str | None:
    values = series(release, kpi_id).dropna()
    summary = spc.xmr(values).summary if len(values) else None
    return summary.variation if summary and summary.limits_shown else None
