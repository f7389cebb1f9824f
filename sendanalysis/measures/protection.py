"""A release for readers outside the partnership: what its figures count is protected before anyone sees it.

All counts of a table of extracts are protected together, over measures, groups and windows, since a reader can add and
subtract them. Tables that are no figures are shown where they tell of the plan, not of children, or are made of
protected figures alone, and left out otherwise.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from sendanalysis.inputs.audiences import strictest
from sendanalysis.inputs.plan import RECORDED
from sendanalysis.measures.cells import NUMBER, WHOLE, Cells, Kept, cells_of
from sendanalysis.measures.cells import SHOWN as SHOWN_PARTS
from sendanalysis.measures.earlier import Before, Earlier, joined, read_earlier, told_of, with_windows
from sendanalysis.measures.figures import ALL, HIDDEN
from sendanalysis.measures.kpis import measured_of
from sendanalysis.measures.released import Release
from sendanalysis.measures.scorecard import NOT_SHOWN
from sendanalysis.methods.disclosure import Rule, protect
from sendanalysis.methods.proportions import wilson
from sendanalysis.methods.verdict import Verdict

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    import numpy.typing as npt

    from sendanalysis.inputs.area import Area
    from sendanalysis.measures.figures import Measure
    from sendanalysis.measures.scorecard import Figure
    from sendanalysis.methods.periods import Period
    from sendanalysis.methods.spc import XmrSummary

    Marks = npt.NDArray[np.bool_]

SHOWN = ("actions", "milestones", "calendar", "commentary", "peer_review", "context")
OF_FIGURES = {"survey_compared", "autism_burn_down", "quality_efforts"}
PLANNED = {"autism_pace": ["deadline", "weeks_left"]}  # columns that tell of the plan alone
WITHHELD = "withheld"
OF_KPIS, TOTALS, RECENT_MONTHS = 100, 3, 3  # how much dearer: a KPI's own figures, totals, and what counts as recent


@dataclass(frozen=True)
class Family:
    """The figures of one table of extracts, which are protected together.

    Attributes:
        table: Where the rows come from.
        rule: What the audience may see: the strictest rule of the measures.
        exact: Figures as measured, by measure.
        held: What they count.
        guarded: Cells of few children, which are hidden although they are not small.
        never_shown: Cells that stand nowhere now.
        before: What readers have of the same from earlier publications.
        hidden: Cells that are hidden, those that stand nowhere included.
    """

    table: str
    rule: Rule
    exact: Mapping[str, pd.DataFrame]
    held: Cells
    guarded: Marks
    never_shown: Marks
    before: Before
    hidden: Marks


class ProtectedRelease(Release):
    """A release whose figures are protected by the rules of its audience.

    Colours and verdicts are those of the exact figures, so that no audience reads another status; a KPI whose figure is
    hidden has neither.

    Attributes:
        earlier: What its readers have from earlier publications.
    """

    earlier: Sequence[Earlier] = ()

    def __init__(self, area: Area, period: Period, audience: str) -> None:
        """See `sendanalysis.release.open_release`."""
        super().__init__(area, period, audience)
        self.exact, self._kept = Release(area, period), {name: Kept() for name in self.measures}
        told = {name: replace(measure, keep=self._kept[name]) for name, measure in self.exact.measures.items()}
        self.exact.measures = told
        self._rules = area.settings.disclosure[audience]

    def after(self, folders: Sequence[Path]) -> None:
        """Protect it in the light of earlier publications, named by the folders of their releases."""
        self.earlier = read_earlier(folders)

    def rules(self) -> dict[str, Rule]:
        """See `Release.rules`."""
        return {name: family.rule for family in self.families for name in family.exact}

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
                shown[kpi_id] = replace(_without_colour(figure), reason="its colour rests on a part that is not shown")
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
        told = {name: told_of(self.earlier, name) for name in names}
        more = {
            name: with_windows(rows, told[name], self.exact.measures.get(name), self.source_tables, self.period)
            for name, rows in exact.items()
        }
        rule = strictest(self.rule(name) for name in names)
        return family_of(table, rule, exact, more, self._kept, told, self._dear(more))

    def _dear(self, figures: Mapping[str, pd.DataFrame]) -> dict[str, pd.Series[float]]:
        """How dear each figure is to readers: a KPI's own figures first, then totals, then recent windows."""
        asked = {(kpi.measure, kpi.group): kpi.window for kpi in self.plan}
        dear = {}
        for name, rows in figures.items():
            window = self.measures[name].window if name in self.measures else "month"
            own = [asked.get((name, group)) for group in rows["group"]]
            named = np.array([mine is not None and (mine or window) for mine in own], dtype="object") == rows["window"]
            kpi = named & rows.groupby(["group", "window"])["last_on"].transform("max").eq(rows["last_on"])
            recent = rows["last_on"] >= pd.Timestamp(self.period.window(RECENT_MONTHS)[0])
            dear[name] = (1 + TOTALS * rows["group"].eq(ALL) + recent) * kpi.map({True: OF_KPIS, False: 1})
        return dear


def family_of(  # noqa: PLR0913, PLR0917  # what the counts of a table are made of
    table: str,
    rule: Rule,
    exact: Mapping[str, pd.DataFrame],
    more: Mapping[str, pd.DataFrame],
    kept: Mapping[str, Kept],
    told: Mapping[str, pd.DataFrame],
    dear: Mapping[str, pd.Series[float]],
) -> Family:
    """Figures of one table, with what is hidden of them.

    Args:
        table: Where their rows come from.
        rule: What the audience may see.
        exact: Figures as measured, by measure.
        more: The same, followed by those of windows published before; see `earlier.with_windows`.
        kept: The rows behind them.
        told: What was published before; see `earlier.told_of`.
        dear: How dear each of `more` is to readers.
    """
    held, before = joined(cells_of(kept, more), more, told)
    ours = [cell.part in SHOWN_PARTS and cell.row < len(exact[cell.measure]) for cell in held.cells]
    never, counts = ~np.array(ours, dtype=bool), held.table @ held.sizes
    few = ~never & (held.people > 0) & (held.people < rule.threshold) & (counts >= rule.threshold)
    cost = np.log(2 + counts) * np.array([dear[cell.measure].loc[cell.row] for cell in held.cells], dtype=float)
    hidden = protect(
        held.table,
        held.sizes,
        rule,
        hidden=before.apart < rule.threshold,
        guarded=few,
        never_shown=never,
        shown_before=before.table,
        before_ends=(before.low, before.high),
        cost=cost,
    )
    return Family(table, rule, exact, held, guarded=few, never_shown=never, before=before, hidden=hidden)


def masked(family: Family) -> dict[str, pd.DataFrame]:
    """Figures with what is hidden left blank, and all else rounded as the rule says."""
    marks = pd.DataFrame(family.held.cells, columns=["measure", "row", "part"]).assign(hidden=family.hidden)
    return {name: _masked(rows, marks[marks["measure"] == name], family.rule) for name, rows in family.exact.items()}


def _without_people(measure: Measure | None, rows: pd.DataFrame) -> pd.DataFrame:
    """Figures without those whose group is a person, such as an auditor."""
    by_person = measure is not None and isinstance(measure.groups, str) and measure.groups.endswith("_id")
    return rows.iloc[:0] if by_person else rows


def _masked(rows: pd.DataFrame, marks: pd.DataFrame, rule: Rule) -> pd.DataFrame:
    """Figures with what their rule hides left blank, and all else rounded as it says."""
    counts = {part: marks[marks["part"] == part].set_index("row")["hidden"] for part in SHOWN_PARTS}
    hidden = {part: rows.index.isin(own.index[own]) for part, own in counts.items()}
    counted = pd.Series(rows.index.isin(counts[WHOLE].index), rows.index)
    rows = _rounded(rows, rule, counted) if rule.round_to > 1 else rows.copy()
    gone = hidden[NUMBER] | hidden[WHOLE]
    rows.loc[hidden[NUMBER], "n"] = np.nan
    rows.loc[hidden[WHOLE], "of"] = np.nan
    rows.loc[gone, ["value", "lower", "upper"]] = np.nan
    return rows.assign(state=rows["state"].mask(gone, HIDDEN))


def _rounded(rows: pd.DataFrame, rule: Rule, counted: pd.Series[bool]) -> pd.DataFrame:
    """Figures of rounded counts.

    Shares and their intervals (Wilson), counts and rates are those of the rounded counts; a mean or median stands to
    the nearest whole unit. No other interval is shown.
    """
    n, of = rows["n"], rows["of"]
    shown_n, shown_of = (pd.Series(rule.rounded(count), rows.index).where(count.notna()) for count in (n, of))
    share = counted & of.gt(0) & np.isclose(rows["value"], 100 * n / of)
    grows = ~share & n.gt(0) & (np.isclose(rows["value"], n) | (of.notna() & ~counted))  # a count, or a rate of people
    found = rows.assign(n=shown_n, of=shown_of.where(counted, of), lower=np.nan, upper=np.nan)
    found["value"] = rows["value"].round().mask(grows, rows["value"] / n * shown_n)
    found.loc[share, "value"] = 100 * shown_n / shown_of
    for at in rows.index[share & shown_of.gt(0) & rows["lower"].notna()]:
        ends = wilson(int(shown_n[at]), int(shown_of[at]))
        found.loc[at, ["lower", "upper"]] = [100 * ends.lower, 100 * ends.upper]
    return found


def _without_colour(figure: Figure) -> Figure:
    return replace(figure, status=NOT_SHOWN, reason="shown, it would tell of few children", verdict=Verdict())
