"""What changed since an earlier briefing: each figure then and now, and restatements of what was published."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sendanalysis.display.wording import number, percent
from sendanalysis.methods.rounding import half_up

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sendanalysis.release import Figure, Release

PAGES = {
    "01_ehcp_quality": "QA",
    "02_autism_waiting_list": "ASD",
    "03_survey_participation": "POET",
    "04_partner_advice": "ADVICE",
}


def since(published: Mapping[str, Any], again: Release, now: Release, page: str) -> list[str]:
    """Sentences on what changed on one page since an earlier publication.

    A restatement is kept apart from a change: the earlier month is worked out again from today's extracts, and where
    that differs from what was published, both are said.

    Args:
        published: Manifest of the earlier publication.
        again: The earlier month, from today's extracts.
        now: This month.
        page: Name of the notebook.

    Returns:
        Sentences; for a page without a KPI, what its headline was.
    """
    then = again.period.label
    if published.get("choices") != now.choices.as_dict():
        return [f"The briefing for {then} was made under other choices, so no change is given."]
    group = PAGES.get(page, "")
    if not group and page != "00_scorecard":
        said = next((item["headline"] for item in published["briefings"] if item["href"] == f"{page}.html"), "")
        return [f"In {then} this briefing said: {said}"] if said else []
    names = now.scorecard.set_index("kpi_id")["kpi"]
    sentences = []
    for kpi_id, figure in now.figures.items():
        if kpi_id.startswith(group):
            before = published["figures"].get(kpi_id, {}).get("value")
            sentences += _sentences(str(names[kpi_id]), before, again.figures.get(kpi_id), figure, then)
    return sentences


def _sentences(name: str, before: float | None, again: Figure | None, now: Figure, then: str) -> list[str]:
    if before is None or now.value is None:
        return []
    shown = percent if now.unit == "percent" else number
    restated = again.value if again and again.value is not None else before
    difference = now.value - restated
    unit = " points" if now.unit == "percent" else ""
    if shown(now.value) == shown(restated):
        found = [f"{name}: {shown(now.value)}, as in {then}."]
    else:
        way = "up" if difference > 0 else "down"
        found = [
            f"{name}: {shown(now.value)}, {way} {half_up(abs(difference)):g}{unit} from {shown(restated)} in {then}."
        ]
    if shown(restated) != shown(before):
        found.append(
            f"{name}: {then} was published as {shown(before)}; with records entered since, it is {shown(restated)}."
        )
    return found
