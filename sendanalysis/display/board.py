"""The scorecard as a board reads it: each KPI with its line of recent months, its comment, and what needs a decision."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd
from markupsafe import Markup

from sendanalysis.display import icons
from sendanalysis.display.fragments import Fragment, status_chip
from sendanalysis.display.wording import (
    FROM_BASELINE,
    NOT_SHOWN,
    between,
    capital,
    covered,
    number,
    of,
    plain_amount,
    plural,
    shown,
    target_in_words,
    without,
)
from sendanalysis.methods.verdict import FELL, HIGHER, LOWER, NOT_CLEARLY, ROSE
from sendanalysis.release import INTERNAL

if TYPE_CHECKING:
    import datetime as dt

    from sendanalysis.release import Figure, Release

NO_BASELINE = "no baseline"
COLOURS = ("Green", "Amber", "Red")


def signals(release: Release, kpi_id: str) -> Fragment:
    """The Making Data Count icons of a KPI's control chart, with their words."""
    _, summary = release.control(kpi_id)
    if release.kpi(kpi_id).rating:
        return Fragment(Markup(""), "")
    return icons.beside(icons.variation(summary, release.kpi(kpi_id).polarity), icons.assurance(summary))


def _row(release: Release, kpi_id: str, figure: Figure) -> dict[str, Any]:
    counted = f" ({of(figure)})" if figure.of else ""
    none = without(figure)
    return {
        "kpi": figure.kpi.name if figure.kpi else kpi_id,
        "status": figure.status,
        "actual": none
        if figure.value is None and not figure.rating
        else f"{shown(figure)}{counted}{old(release, figure)}",
        "interval": between(figure).removeprefix("between ").replace(" and ", " to ")
        or (none if figure.value is None else "none"),
        "baseline": plain_amount(figure, figure.baseline)
        if figure.baseline is not None
        else no_baseline(release, figure),
        "target_now": target(figure, figure.target, figure.target_to, figure.target_words, figure.target_on),
        "target_next": target(
            figure, figure.next_target, figure.next_target_to, figure.next_target_words, figure.next_target_on
        ),
    }


def no_baseline(release: Release, figure: Figure) -> str:
    """What stands in place of a baseline that is not there: that the plan has none, or that it is not known or shown."""
    if not (figure.kpi and figure.kpi.baseline_rule):
        return NO_BASELINE
    if without(figure, "") or (release.audience != INTERNAL and figure.status in COLOURS):
        return without(figure, NOT_SHOWN)  # its colour rests on one that these readers do not see
    return "not made yet"


def old(release: Release, figure: Figure) -> str:
    """The month of a figure that is older than the reporting month, as one supplied by hand may be."""
    last = figure.last_on
    return f", {covered(figure)}" if last and last < release.period.month else ""


def change(figure: Figure) -> str:
    """What may be said of a KPI since its baseline, and what its latest months add; nothing where it is not tested."""
    up, down = {"higher": ("better", "worse"), "lower": ("worse", "better")}.get(figure.polarity, (HIGHER, LOWER))
    verdict = figure.verdict
    of_late = {HIGHER: f"{up} of late", LOWER: f"{down} of late"}.get(verdict.months, "")
    words = {ROSE: f"{up} since the baseline", FELL: f"{down} since the baseline"}
    words[NOT_CLEARLY] = f"not clearly; {of_late}" if of_late else NOT_CLEARLY
    if verdict.why == "census" and verdict.above:  # all are counted, so that any difference is one
        return f"{up if verdict.above > 0 else down} since the baseline"
    return words.get(verdict.said, of_late)


def target(figure: Figure, value: float | None, value_to: float | None, rule: str, day: dt.date | None) -> str:
    """A target with its day, or the mark of what does not apply."""
    words = target_in_words(figure, value, value_to, rule, day)
    if not words:
        return "no target"
    text = words.removesuffix(f" {figure.unit}")
    return text + (f" by {day.day} {day:%b %Y}" if day else "")


def counts(release: Release) -> pd.Series[int]:
    """How many of the plan's KPIs have each status; parts of a KPI are not counted apart."""
    return pd.Series([release.kpi(kpi.kpi_id).status for kpi in release.roots], dtype="str").value_counts()


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
    kpi = release.kpi(kpi_id).kpi
    return kpi.name if kpi else kpi_id


def answer(release: Release) -> list[str]:
    """How the plan stands, in two sentences: the KPIs on target, and those that are Red."""
    found, whole = counts(release), len(release.roots)
    shown = whole - int(found.get("Not shown", 0))
    if not any(status in found for status in COLOURS):
        return [f"None of the plan's {whole} KPIs has a colour yet."]
    green, red = (int(found.get(status, 0)) for status in ("Green", "Red"))
    those = f"the plan's {plural(whole, 'KPI')}" if shown == whole else f"the {plural(shown, 'KPI')} shown"
    return [
        f"On target: {number(green)} of {those}.",
        f"{capital(number(red))}{'' if shown == whole else ' of them'} {'is' if red < 2 else 'are'} Red{_ask(red)}.",
    ]


def _ask(red: int) -> str:
    return " and needs a decision" if red == 1 else " and need a decision" if red else ""


def tally(release: Release) -> list[tuple[Markup, str, str]]:
    """How many of the plan's KPIs have each status, worst first, as facts of a headline."""
    found = counts(release)
    order = [*reversed(COLOURS), *(status for status in found.index if status not in COLOURS)]
    return [(status_chip(status), number(found.get(status, 0), "0"), "") for status in order]


def steps(figure: Figure) -> pd.DataFrame:
    """The milestones of a KPI: due_on, target, text_as_printed; a column that says nothing of its own is left out."""
    table = []
    for step in figure.kpi.targets if figure.kpi else ():
        value = None if step.rule in FROM_BASELINE else step.value
        table.append((step.on, target_in_words(figure, value, step.value_to, step.rule, step.on), step.text))
    rows = pd.DataFrame(table, columns=["due_on", "target", "text_as_printed"])
    same = rows["target"].eq(rows["text_as_printed"]).all()
    needless = ["target"] if rows["target"].eq("").all() else ["text_as_printed"] if same else []
    return rows.assign(due_on=pd.to_datetime(rows["due_on"]).astype("datetime64[ns]")).drop(columns=needless)


def standing(release: Release, kpi_ids: list[str]) -> pd.DataFrame:
    """Some KPIs against the plan: kpi, status, actual, interval, baseline, target_now, target_next, reason."""
    table = [_row(release, kpi_id, release.kpi(kpi_id)) | {"reason": release.kpi(kpi_id).reason} for kpi_id in kpi_ids]
    columns = ["kpi", "status", "actual", "interval", "baseline", "target_now", "target_next", "reason"]
    return pd.DataFrame(table, columns=columns)


def supplied(release: Release, kpi_id: str) -> str:
    """Who answers for a KPI, and what a reader of it must know."""
    kpi = release.kpi(kpi_id).kpi
    if kpi is None:
        return ""
    owner = f"{kpi.owner} answers for it." if kpi.owner else "The plan names nobody who answers for it."
    return f"{owner} {capital(kpi.note.removesuffix('.'))}.".removesuffix(" .")
