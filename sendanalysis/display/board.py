"""The scorecard as a board reads it: each KPI with its line of recent months, its comment, and what needs a decision."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from sendanalysis.display.fragments import sparkline
from sendanalysis.display.wording import (
    between,
    covered,
    of,
    percent,
    plain_amount,
    plural,
    shown,
    target_in_words,
)
from sendanalysis.methods.verdict import FELL, HIGHER, LOWER, NOT_CLEARLY, ROSE

if TYPE_CHECKING:
    import datetime as dt

    from sendanalysis.release import Figure, Release

POINTS = 12
COLOURS = ("Green", "Amber", "Red")
OTHERS = {
    "No colour yet": "without a colour yet",
    "No data": "without data",
    "Not defined in the plan": "not defined in the plan",
}


def rows(release: Release) -> pd.DataFrame:
    """One row a KPI, as text and pictures.

    Returns:
        kpi, status, actual (with n of N), interval, baseline, target_now and target_next with their days, since_baseline (what
        may be said of it since the baseline), complete (per cent usable) and recent (a line of the last twelve
        points); [z] where there is nothing to show, [x] where a table that is needed is set aside.
    """
    return pd.DataFrame([_row(release, kpi_id, figure) for kpi_id, figure in release.kpis.items()])


def _row(release: Release, kpi_id: str, figure: Figure) -> dict[str, Any]:
    points = release.series(kpi_id)["value"].tail(POINTS)
    counted = f" ({of(figure)})" if figure.of else ""
    none = "[x]" if figure.lacking else "[z]"
    never = none if figure.kpi and figure.kpi.baseline_rule else "[z]"
    return {
        "kpi": figure.kpi.name if figure.kpi else kpi_id,
        "status": figure.status,
        "actual": none
        if figure.value is None and not figure.rating
        else f"{shown(figure)}{counted}{_old(release, figure)}",
        "interval": between(figure).removeprefix("between ").replace(" and ", " to ") or none,
        "baseline": plain_amount(figure, figure.baseline) if figure.baseline is not None else never,
        "target_now": _target(figure, figure.target, figure.target_to, figure.target_words, figure.target_on),
        "target_next": _target(
            figure, figure.next_target, figure.next_target_to, figure.next_target_words, figure.next_target_on
        ),
        "since_baseline": _change(figure, none),
        "complete": percent(figure.complete, none),
        "recent": sparkline(points) if points.notna().sum() > 1 else none,
    }


def _old(release: Release, figure: Figure) -> str:
    """The month of a figure that is older than the reporting month, as one supplied by hand may be."""
    last = figure.last_on
    return f", {covered(figure)}" if last and last < release.period.month else ""


def _change(figure: Figure, none: str) -> str:
    """What may be said of a KPI since its baseline, and what its latest months add."""
    up, down = {"higher": ("better", "worse"), "lower": ("worse", "better")}.get(figure.polarity, (HIGHER, LOWER))
    verdict = figure.verdict
    of_late = {HIGHER: f"{up} of late", LOWER: f"{down} of late"}.get(verdict.months, "")
    words = {ROSE: f"{up} since the baseline", FELL: f"{down} since the baseline"}
    words[NOT_CLEARLY] = f"not clearly; {of_late}" if of_late else NOT_CLEARLY
    if verdict.why == "census" and verdict.above:  # all are counted, so that any difference is one
        return f"{up if verdict.above > 0 else down} since the baseline"
    return words.get(verdict.said, of_late or none)


def _target(figure: Figure, value: float | None, value_to: float | None, rule: str, day: dt.date | None) -> str:
    words = target_in_words(figure, value, value_to, rule)
    if not words:
        return "[z]"
    text = words.removesuffix(f" {figure.unit}")
    return text + (f" by {day.day} {day:%b %Y}" if day else "")


def counts(release: Release) -> pd.Series[int]:
    """How many of the plan's KPIs have each status; parts of a KPI are not counted apart."""
    return pd.Series([release.kpis[kpi.kpi_id].status for kpi in release.roots], dtype="str").value_counts()


def comments(release: Release, kpi_id: str = "") -> pd.DataFrame:
    """The comment beside each KPI that has a colour, or beside one: kpi, status, state, text, author_role, written_on."""
    found = release.table("commentary_comments")
    found = (
        found[found["kpi_id"].eq(kpi_id) & found["text"].notna()] if kpi_id else found[found["status"].isin(COLOURS)]
    )
    found = found.assign(kpi=[name(release, kpi_id) for kpi_id in found["kpi_id"]])
    return found[["kpi", "status", "state", "text", "author_role", "written_on"]].reset_index(drop=True)


def name(release: Release, kpi_id: str) -> str:
    """The short name of a KPI."""
    kpi = release.kpis[kpi_id].kpi
    return kpi.name if kpi else kpi_id


def decisions(release: Release) -> list[str]:
    """What a board has to decide or to ask for, worked out from statuses, dates and missing comments."""
    alone = [kpi.kpi_id for kpi in release.plan if not release.parts(kpi.kpi_id)]
    red = [name(release, kpi_id) for kpi_id in alone if release.kpis[kpi_id].status == "Red"]
    actions = release.table("actions_red_and_amber")
    guessed = actions["provisional"].eq("yes")
    late = actions.assign(due=guessed.map({True: "its estimated date", False: "due"}))
    late = late[(actions["status"] == "Red") | (guessed & actions["days_past_due"].gt(0))]
    silent = release.table("commentary_comments")
    silent = silent[(silent["to_report"] == "yes") & silent["kpi_id"].isin(alone)]
    missed = release.table("calendar_missed")
    found = [
        f"{plural(len(red), 'KPI')} rated Red: {'; '.join(red)}. What will change, and by when?" if red else "",
        *(
            f"Action {row['action_id']} is {plural(row['days_past_due'], 'day')} past {row['due']}: {row['action'].rstrip('.')}. "
            "A new date, or another course?"
            for row in late.to_dict("records")
        ),
        f"{plural(len(silent), 'Red or Amber KPI has', 'Red or Amber KPIs have')} no comment for {release.period.label}: "
        f"{'; '.join(name(release, kpi_id) for kpi_id in silent['kpi_id'])}."
        if len(silent)
        else "",
        f"{plural(len(missed), 'report is', 'reports are')} recorded as missed in the reporting calendar."
        if len(missed)
        else "",
    ]
    return [sentence for sentence in found if sentence] or ["Nothing is recorded that needs a decision."]


def steps(figure: Figure) -> pd.DataFrame:
    """The milestones of a KPI: due_on, target, text_as_printed."""
    kpi = figure.kpi
    table = [(t.on, target_in_words(figure, t.value, t.value_to, t.rule), t.text) for t in kpi.targets] if kpi else []
    rows = pd.DataFrame(table, columns=["due_on", "target", "text_as_printed"])
    return rows.assign(due_on=pd.to_datetime(rows["due_on"]).astype("datetime64[ns]"))


def standing(release: Release, kpi_ids: list[str]) -> pd.DataFrame:
    """Some KPIs against the plan: kpi, status, actual, interval, baseline, target_now, target_next, reason."""
    table = [
        _row(release, kpi_id, release.kpis[kpi_id]) | {"reason": release.kpis[kpi_id].reason} for kpi_id in kpi_ids
    ]
    columns = ["kpi", "status", "actual", "interval", "baseline", "target_now", "target_next", "reason"]
    return pd.DataFrame(table, columns=columns)


def supplied(release: Release, kpi_id: str) -> str:
    """Who answers for a KPI, and what a reader of it must know."""
    kpi = release.kpis[kpi_id].kpi
    if kpi is None:
        return ""
    owner = f"{kpi.owner} answers for it." if kpi.owner else "The plan names nobody who answers for it."
    return f"{owner} {kpi.note}".strip()
