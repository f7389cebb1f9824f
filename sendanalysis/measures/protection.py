"""A release for readers outside the partnership: what its figures count is protected before anyone sees it.

All counts of a table of extracts are protected together, over measures, groups and windows, since a reader can add and
subtract them. Tables that are no figures are shown where they tell of the plan, not of children, or are made of
protected figures alone, and left out otherwise.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from sendanalysis.inputs.audiences import strictest
from sendanalysis.inputs.plan import RECORDED
from sendanalysis.measures.cells import NUMBER, REST, WHOLE, cells_of
from sendanalysis.measures.figures import HIDDEN
from sendanalysis.measures.kpis import measured_of
from sendanalysis.measures.released import Release
from sendanalysis.measures.scorecard import NOT_SHOWN
from sendanalysis.methods.disclosure import merge_atoms, protect
from sendanalysis.methods.proportions import wilson
from sendanalysis.methods.verdict import Verdict

if TYPE_CHECKING:
    from sendanalysis.inputs.area import Area
    from sendanalysis.measures.figures import Measure
    from sendanalysis.measures.scorecard import Figure
    from sendanalysis.methods.disclosure import Rule
    from sendanalysis.methods.periods import Period
    from sendanalysis.methods.spc import XmrSummary

SHOWN = ("actions", "milestones", "calendar", "commentary", "peer_review", "context")
OF_FIGURES = {"survey_compared", "autism_burn_down", "quality_efforts"}
PLANNED = {"autism_pace": ["deadline", "weeks_left"]}  # columns that tell of the plan alone
WITHHELD = "withheld"


class ProtectedRelease(Release):
    """A release whose figures are protected by the rules of its audience.

    Colours and verdicts are those of the exact figures, so that no audience reads another status; a KPI whose figure is
    hidden has neither.
    """

    def __init__(self, area: Area, period: Period, audience: str) -> None:
        """See `sendanalysis.release.open_release`."""
        super().__init__(area, period, audience)
        self.exact = Release(area, period)
        self._rules = area.settings.disclosure[audience]

    def rule(self, measure: str) -> Rule:
        """The rule that the counts of a measure fall under: the strictest of those of its tables."""
        return strictest(self._rules.get(table, self._rules[""]) for table in ("", *self.needs(measure)))

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
        shown = {kpi_id: self._shown(figure) for kpi_id, figure in self.exact.kpis.items()}
        hidden = {kpi_id for kpi_id, figure in shown.items() if figure.status == NOT_SHOWN}
        for kpi_id, figure in shown.items():
            if figure.by_parts and any(part.kpi_id in hidden for part in self.parts(kpi_id)):
                shown[kpi_id] = _without_colour(figure)
        return shown

    def control(self, kpi_id: str) -> tuple[pd.DataFrame, XmrSummary | None]:
        """See `Release.control`; the icons are those of the exact figures, as colours are."""
        rows, summary = super().control(kpi_id)
        exact = self.exact.control(kpi_id)[1]
        if summary is None or exact is None:
            return rows, summary
        return rows, replace(summary, variation=exact.variation, assurance=exact.assurance)

    def _shown(self, exact: Figure) -> Figure:
        kpi = exact.kpi
        if kpi is None or kpi.measure not in {*self.measures, RECORDED}:
            return exact
        found = measured_of(kpi, self.figures, self.measures, self.source_tables, self.period)
        same = {"complete": None if exact.complete is None else round(exact.complete), "lacking": exact.lacking}
        figure = replace(exact, **(vars(found) | same))
        return _without_colour(figure) if exact.value is not None and figure.value is None else figure

    def _all_figures(self, measure: str) -> pd.DataFrame:
        exact = self.exact.figures(measure)
        return self._protected[measure] if len(exact) else exact

    @cached_property
    def _protected(self) -> dict[str, pd.DataFrame]:
        """The figures of all measures, those of one table of extracts protected together."""
        families: dict[str, list[str]] = {}
        for name, measure in self.measures.items():
            families.setdefault(measure.needs[0], []).append(name)
        families[RECORDED] = [RECORDED] if RECORDED in self.pages else []
        return {name: rows for family in families.values() for name, rows in self._together(family).items()}

    def _together(self, family: list[str]) -> dict[str, pd.DataFrame]:
        figures = {name: self.exact.figures(name) for name in family}
        figures = {name: _without_people(self.measures.get(name), rows) for name, rows in figures.items()}
        rule = strictest(self.rule(name) for name in family) if family else None
        if rule is None:
            return figures
        found = cells_of(self.measures, figures, self.source_tables, self.period)
        never = np.array([cell.part == REST for cell in found.cells], dtype=bool)
        few = (found.people > 0) & (found.people < rule.threshold)
        cells, sizes, _ = merge_atoms(found.matrix)
        hidden = protect(cells, sizes, rule, hidden=few & ~never, never_shown=never)
        marks = pd.DataFrame(found.cells, columns=["measure", "row", "part"]).assign(hidden=hidden)
        return {name: _masked(figures[name], marks[marks["measure"] == name], rule) for name in family}


def _without_people(measure: Measure | None, rows: pd.DataFrame) -> pd.DataFrame:
    """Figures without those whose group is a person, such as an auditor."""
    by_person = measure is not None and isinstance(measure.groups, str) and measure.groups.endswith("_id")
    return rows.iloc[:0] if by_person else rows


def _masked(rows: pd.DataFrame, marks: pd.DataFrame, rule: Rule) -> pd.DataFrame:
    """Figures with what their rule hides left blank, and all else rounded as it says."""
    hidden = {
        part: rows.index.isin(marks.loc[marks["hidden"] & marks["part"].eq(part), "row"]) for part in (NUMBER, WHOLE)
    }
    rows = _rounded(rows, rule) if rule.round_to > 1 else rows.copy()
    gone = hidden[NUMBER] | hidden[WHOLE]
    rows.loc[hidden[NUMBER], "n"] = np.nan
    rows.loc[hidden[WHOLE], "of"] = np.nan
    rows.loc[gone, ["value", "lower", "upper"]] = np.nan
    return rows.assign(state=rows["state"].mask(gone, HIDDEN))


def _rounded(rows: pd.DataFrame, rule: Rule) -> pd.DataFrame:
    """Figures of rounded counts: shares and their intervals (Wilson) from these, all other intervals left out."""
    n, of = rows["n"], rows["of"]
    share = n.notna() & of.gt(0) & np.isclose(rows["value"], 100 * n / of)
    shown_n, shown_of = (pd.Series(rule.rounded(count), rows.index).where(count.notna()) for count in (n, of))
    found = rows.assign(n=shown_n, of=shown_of.where(share, of), lower=np.nan, upper=np.nan)
    for at in rows.index[share & shown_of.gt(0)]:
        ends = wilson(int(shown_n[at]), int(shown_of[at]))
        found.loc[at, ["value", "lower", "upper"]] = [100 * ends.value, 100 * ends.lower, 100 * ends.upper]
    scaled = ~share & n.gt(0) & rows["value"].notna()
    found.loc[scaled, "value"] = (rows["value"] / n * shown_n)[scaled]
    return found


def _without_colour(figure: Figure) -> Figure:
    return replace(figure, status=NOT_SHOWN, reason="shown, it would tell of few children", verdict=Verdict())
