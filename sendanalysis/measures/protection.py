"""A release for readers outside the partnership: what its figures count is protected before anyone sees it.

All counts of a table of extracts are protected together, over measures, groups and windows, since a reader can add and
subtract them. Tables that are no figures are shown where they tell of the plan, not of children, or are made of
protected figures alone, and left out otherwise.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from sendanalysis.inputs.audiences import strictest
from sendanalysis.inputs.plan import RECORDED, parts_first
from sendanalysis.measures.commentary import OFF_TARGET
from sendanalysis.measures.earlier import Earlier, read_earlier, told_of, with_windows
from sendanalysis.measures.families import Family, Readers, family_of, masked, told_to
from sendanalysis.measures.figures import ALL
from sendanalysis.measures.kept import Kept
from sendanalysis.measures.released import Release
from sendanalysis.measures.scorecard import NOT_SHOWN, WORST
from sendanalysis.methods.verdict import Verdict

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from sendanalysis.inputs.area import Area
    from sendanalysis.measures.figures import Measure
    from sendanalysis.measures.scorecard import Figure
    from sendanalysis.methods.disclosure_rule import Rule
    from sendanalysis.methods.periods import Period
    from sendanalysis.methods.spc import XmrSummary

SHOWN = ("actions", "milestones", "calendar", "commentary", "peer_review", "context", "sen2_known_to")
OF_FIGURES = {"survey_compared", "autism_burn_down", "quality_efforts"}
PLANNED = {"autism_pace": ["deadline", "weeks_left"]}  # columns that tell of the plan alone
WITHHELD = "withheld"
EXACT = "judged by the exact figures, which are not shown"
RESTS_ON_HIDDEN = "its colour rests on a part that is not shown"
TELLS_OF_FEW = "not shown, since it would tell of few people"
OF_KPIS, TOTALS, RECENT_MONTHS = 100, 3, 3  # how much dearer: a KPI's own figures, totals, and what counts as recent


class ProtectedRelease(Release):
    """A release whose figures are protected by the rules of its audience.

    Colours and verdicts are those of the exact figures, so that no audience reads another status; a KPI whose figure is
    hidden has neither.

    Attributes:
        earlier: What its readers have from earlier publications, and what others have who read it too, by audience.
    """

    earlier: Mapping[str, Sequence[Earlier]] = MappingProxyType({})

    def __init__(self, area: Area, period: Period, audience: str) -> None:
        """See `sendanalysis.release.open_release`."""
        super().__init__(area, period, audience)
        self.exact, self._kept = Release(area, period), {name: Kept() for name in self.measures}
        told = {name: replace(measure, keep=self._kept[name]) for name, measure in self.exact.measures.items()}
        self.exact.measures = told

    def after(self, folders: Mapping[str, Sequence[Path]]) -> None:
        """Protect it in the light of earlier publications.

        Args:
            folders: Folders of their releases, by audience whose readers have them: its own, and others that read it.
        """
        self.earlier = {audience: read_earlier(own) for audience, own in folders.items()}

    def rules(self) -> dict[str, Rule]:
        """See `Release.rules`."""
        return {name: family.rule for family in self.families for name in family.exact}

    def rule(self, measure: str, audience: str = "") -> Rule:
        """The rule that the counts of a measure fall under: the strictest of those of its tables for an audience."""
        rules = self.settings.disclosure[audience or self.audience]
        return strictest(rules.get(table, rules[""]) for table in ("", *self.needs(measure)))

    def table(self, name: str) -> pd.DataFrame:
        """A released table, without its rows where it tells of children and is no table of figures."""
        if name.startswith(SHOWN):
            return super().table(name)
        if name in OF_FIGURES:
            found, kept_back = super().table(name).copy(), "figures"
        elif name in PLANNED:
            whole = self.exact.table(name)
            found, kept_back = whole.filter(PLANNED[name]).reindex(columns=whole.columns), "figures"
        else:
            found, kept_back = self.exact.table(name).iloc[:0].copy(), "rows"
        found.attrs[WITHHELD] = kept_back
        return found

    @cached_property
    def kpis(self) -> dict[str, Figure]:
        """Every KPI of the plan with what its audience may see of it."""
        told = self._measured()
        made = {kpi_id for kpi_id, own in told.items() if own.baseline != self.exact.kpis[kpi_id].baseline}
        judged = self._judged({k: replace(own, baseline=None) if k in made else own for k, own in told.items()})
        shown: dict[str, Figure] = {}
        for kpi in parts_first(self.plan):
            baseline, own = told[kpi.kpi_id].baseline, judged[kpi.kpi_id]
            figure = replace(own, baseline=own.baseline if baseline is None else baseline)
            parts = [shown[part.kpi_id] for part in self.parts(kpi.kpi_id)]
            shown[kpi.kpi_id] = _coloured(figure, self.exact.kpis[kpi.kpi_id], parts)
        return {kpi.kpi_id: shown[kpi.kpi_id] for kpi in self.plan}

    def control(self, kpi_id: str) -> tuple[pd.DataFrame, XmrSummary | None]:
        """See `Release.control`; the icons are those of the exact figures, as colours are."""
        rows, summary = super().control(kpi_id)
        exact = self.exact.control(kpi_id)[1]
        if summary is None or exact is None:
            return rows, summary
        return rows, replace(summary, variation=exact.variation, assurance=exact.assurance)

    def _all_figures(self, measure: str) -> pd.DataFrame:
        exact = self.exact.figures(measure)
        return self._protected[measure] if len(exact) else exact

    @cached_property
    def _protected(self) -> dict[str, pd.DataFrame]:
        """The figures of all measures, those of one table of extracts protected together."""
        return {name: rows for family in self.families for name, rows in masked(family).items()}

    @cached_property
    def families(self) -> tuple[Family, ...]:
        """The counts of each table of extracts, with what is hidden of them."""
        names: dict[str, list[str]] = {}
        for name, measure in self.measures.items():
            names.setdefault(measure.needs[0], []).append(name)
        names |= {RECORDED: [RECORDED]} if RECORDED in self.pages else {}
        return tuple(self._together(table, own) for table, own in names.items())

    def _together(self, table: str, names: list[str]) -> Family:
        """What is hidden of the figures that come from one table."""
        exact = {name: self.exact.figures(name) for name in names}
        exact = {name: _without_people(self.measures.get(name), rows) for name, rows in exact.items()}
        others = [audience for audience in self.earlier if audience != self.audience]
        readers = [self._readers(audience, names) for audience in (self.audience, *others)]
        told = {name: told_to(readers, name) for name in names}
        more = {
            name: with_windows(rows, told[name], self.exact.measures.get(name), self.source_tables, self.period)
            for name, rows in exact.items()
        }
        return family_of(table, exact, more, self._kept, readers, self._dear(more))

    def _readers(self, audience: str, names: Sequence[str]) -> Readers:
        """Readers of an audience, the strictest of its rules for some measures, and what they were told of these."""
        had = self.earlier.get(audience, ())
        rule = strictest(self.rule(name, audience) for name in names)
        told, colours = {name: told_of(had, name) for name in names}, [each for one in had for each in one.colours]
        return Readers(audience, rule, told, colours)

    def _dear(self, figures: Mapping[str, pd.DataFrame]) -> dict[str, pd.Series[float]]:
        """How dear each figure is to readers: a KPI's own figures first, then totals, then recent windows.

        Of measures that no KPI of the plan asks for, such as those of a SEN2 return, the newest total of the first
        stands for them.
        """
        asked = {(kpi.measure, kpi.group): kpi.window for kpi in self.plan}
        if not {name for name, _ in asked} & set(figures):
            asked = {(next(iter(figures)), ALL): ""}
        dear = {}
        for name, rows in figures.items():
            window = self.measures[name].window if name in self.measures else "month"
            own = [asked.get((name, group)) for group in rows["group"]]
            named = np.array([mine is not None and (mine or window) for mine in own], dtype="object") == rows["window"]
            kpi = named & rows.groupby(["group", "window"])["last_on"].transform("max").eq(rows["last_on"])
            recent = rows["last_on"] >= pd.Timestamp(self.period.window(RECENT_MONTHS)[0])
            dear[name] = (1 + TOTALS * rows["group"].eq(ALL) + recent) * kpi.map({True: OF_KPIS, False: 1})
        return dear


def _without_people(measure: Measure | None, rows: pd.DataFrame) -> pd.DataFrame:
    """Figures without those whose group is a person, such as an auditor."""
    by_person = measure is not None and isinstance(measure.groups, str) and measure.groups.endswith("_id")
    return rows.iloc[:0] if by_person else rows


def _coloured(figure: Figure, exact: Figure, parts: Sequence[Figure]) -> Figure:
    """A figure as shown, with the colour of the exact one where that does not rest on what is hidden.

    Args:
        figure: As judged by what is shown, its targets made of no hidden or rounded baseline.
        exact: As judged by the exact figures.
        parts: The parts of its KPI, as shown.
    """
    complete, verdict = None if exact.complete is None else round(exact.complete), exact.verdict
    figure = replace(figure, complete=complete, by_parts=exact.by_parts, verdict=verdict)
    if exact.by_parts and any(part.status == NOT_SHOWN for part in parts):
        worst = [part.kpi.name for part in parts if part.kpi and part.status == exact.status == WORST]
        if worst:
            names = f"{'; '.join(worst)} {'is' if len(worst) == 1 else 'are'}"
            return replace(figure, status=WORST, reason=f"each part counts, and of those shown {names} {WORST}")
        return replace(figure, status=NOT_SHOWN, reason=RESTS_ON_HIDDEN, verdict=Verdict())
    if exact.value is not None and figure.value is None:
        return replace(figure, status=NOT_SHOWN, reason=TELLS_OF_FEW, verdict=Verdict())
    reason = figure.reason if figure.status == exact.status else EXACT
    reason = exact.reason if exact.by_parts and exact.status in OFF_TARGET else reason  # names of parts that are shown
    return replace(figure, status=exact.status, reason=reason)
