"""The summary of a pack: two printed pages for whoever reads nothing else, made from the release alone."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import TYPE_CHECKING, Any

from sendanalysis.display import board
from sendanalysis.display.describing import written
from sendanalysis.display.page import PageContext, filled
from sendanalysis.display.tables import show_table
from sendanalysis.display.wording import capital, number, plural
from sendanalysis.release import HIDDEN, NOT_SHOWN, WITHHELD

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sendanalysis.release import Release

COLUMNS = ["kpi", "status", "actual", "baseline", "target_now"]


def summary_page(
    context: PageContext, release: Release, pages: Sequence[Mapping[str, Any]], checked: Sequence[str]
) -> str:
    """The page `summary.html`.

    Args:
        context: As for the index page.
        release: The release.
        pages: Briefings as the manifest lists them: href, title, headline.
        checked: Sentences on what was checked before the pack was written.
    """
    table = board.standing(release, [kpi.kpi_id for kpi in release.roots])[COLUMNS]
    caption = f"KPIs of the plan, {release.period.label}"
    own = {kpi.name for kpi in release.plan}
    others = [page for page in pages if page["title"] not in own]
    return filled(
        "summary.html.j2",
        page=asdict(replace(context, footer={}, notice=[])),
        plan=release.settings.plan_name,
        about=about(release),
        answer=board.answer(release),
        tally=[(chip, text) for chip, text, _ in board.tally(release)],
        table=show_table(table, caption).html,
        others=others,
        hidden=what_is_hidden(release, context.notice),
        trust=[*checked, *TRUST],
    )


TRUST = (
    (
        "Figures come with how many they count and a 95% interval where chance plays a part. "
        "Colours follow the rules in METHODS.md, not a person's judgement."
    ),
    (
        "No record of a child is in the pack. The notebooks in it run again on any computer with Python and give these "
        "figures; README.md says how."
    ),
)


def about(release: Release) -> str:
    """What the plan is: its KPIs and since when it counts."""
    start = written(release.parameters.plan.clock_start, "day")
    parts = len(release.plan) - len(release.roots)
    also = f", {plural(parts, 'part')} of them measured apart" if parts else ""
    return f"The plan has {plural(len(release.roots), 'KPI')}{also}, and counts from {start}."


def what_is_hidden(release: Release, rules: Sequence[str]) -> list[str]:
    """What this audience does not see: by which rules, how many figures and which KPIs, and tables left out."""
    few = [kpi for kpi in release.plan if release.kpi(kpi.kpi_id).status == NOT_SHOWN]
    names = [kpi.name for kpi in few if kpi in release.roots]
    tables = release.tables()
    figures = [table["state"] for table in tables.values() if {"state", "value"} <= {*table}]
    hidden = sum(int(states.eq(HIDDEN).sum()) for states in figures)
    said = [
        *(f"So that no child can be recognised, {rule[:1].lower()}{rule[1:]}" for rule in rules),
        f"That hides {number(hidden)} of {plural(sum(map(len, figures)), 'released figure')}.",
    ]
    if few:
        parts = [plural(len(few) - len(names), "part of a KPI", "parts of KPIs")] if len(few) > len(names) else []
        said.append(f"Not shown: {'; '.join([*names, *parts])}.")
    left_out = sum(table.attrs.get(WITHHELD) == "rows" for table in tables.values())
    if left_out:
        said.append(f"{capital(plural(left_out, 'table'))} on single waits, audits and answers stay with the area.")
    return said
