"""What is released of one area and month: figures, KPIs, series and all other tables, measured when first asked for."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING

import pandas as pd

from sendanalysis.errors import InputError
from sendanalysis.inputs.folder import INTERNAL
from sendanalysis.inputs.parameters import explain_parameters
from sendanalysis.inputs.plan import RECORDED, Kpi, parts_of, roots, whole_of
from sendanalysis.measures import catalogue, explored, scorecard
from sendanalysis.measures.figures import COLUMNS, measured
from sendanalysis.measures.kpis import measured_of, verdict_of
from sendanalysis.measures.quality_checks import na_points
from sendanalysis.measures.series import control_of, months_of, series_of
from sendanalysis.measures.tables import TABLES, used_by
from sendanalysis.methods.texts import in_full

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sendanalysis.inputs.area import Area
    from sendanalysis.measures.kpis import Measured
    from sendanalysis.measures.scorecard import Figure
    from sendanalysis.methods.disclosure_rule import Rule
    from sendanalysis.methods.periods import Period
    from sendanalysis.methods.spc import XmrSummary
    from sendanalysis.methods.verdict import Verdict

# what not every plan or area has
OPTIONAL = ("quality", "advice", "autism", "survey", "peer_review", "context", "sen2")


class Release:
    """The released tables of one area and month; each is worked out when it is first asked for.

    Attributes:
        settings: What `area.toml` says.
        parameters: Every parameter in force.
        period: Reporting month and data date.
        audience: Who may read it.
        plan: The KPIs of the plan.
        roots: Those that are no part of another, which is what a plan is said to have.
        sources: Files the figures come from, with rows and hash.
        key: Of pseudonyms, where a mapping makes some.
        folder: The area folder.
        source_tables: Typed tables of the area by name, as `contracts` has them, and the measures `declared` in them.
        measures: What is counted, by name, without what needs a table that is set aside.
        lacking: Why a table is set aside, by its name.
    """

    def __init__(self, area: Area, period: Period, audience: str = INTERNAL) -> None:
        """See `sendanalysis.release.open_release`."""
        self.settings, self.sources, self.plan, self.key = area.settings, area.sources, area.plan, area.key
        self.parameters, self.codes, self.contracts = area.settings.parameters, area.settings.codes, area.contracts
        self.period, self.audience, self.roots = period, audience, roots(area.plan)
        self.folder = area.folder
        self.source_tables, self.declared, self.lacking = area.tables, area.declared, area.lacking
        self._counted = catalogue.measures_of(self.plan, self.parameters, self.declared, self.source_tables)
        self.measures = {name: item for name, item in self._counted.items() if not self.lacking.keys() & item.needs}
        self._found: dict[str, pd.DataFrame] = {}
        self._figures: dict[str, pd.DataFrame] = {}

    @cached_property
    def pages(self) -> frozenset[str]:
        """What there is a page for: measures of the plan, registers and published tables that hold rows."""
        held = used_by(self.source_tables, self.codes) | ({"context"} if self.why_not("context") else set())
        return frozenset({kpi.measure for kpi in self.plan if kpi.measure} | held)

    def needs(self, what: str) -> set[str]:
        """The tables that a measure or a page reads."""
        return catalogue.needed(what, self._counted)

    def why_not(self, what: str) -> str:
        """Why a measure or a page has no figures: the tables it needs that are set aside; empty where none is."""
        return ", and ".join(sorted({self.lacking[table] for table in self.needs(what) if table in self.lacking}))

    def figures(self, measure: str, *, group: str = "", window: str = "", months: int = 0) -> pd.DataFrame:
        """The figures of a measure.

        Args:
            measure: Name of a measure of the plan, or of one of its breakdowns such as `quality_by_section`.
            group: One group alone.
            window: One window alone, such as `month`, `3 months`, `day` or `baseline`.
            months: The latest so many windows of each group alone.

        Returns:
            measure, group, window, first_on, last_on, n, of, value, lower, upper, state; a column of the area's own
            text (a rating) where figures are supplied by hand.
        """
        rows = self._all_figures(measure)
        held = pd.Series(data=True, index=rows.index)
        if group:
            held &= rows["group"].eq(group)
        if window:
            held &= rows["window"].eq(window)
        rows = rows[held]
        if months:
            rows = rows.groupby(["group", "window"], sort=False).tail(months)
        return rows.reset_index(drop=True)

    def table(self, name: str) -> pd.DataFrame:
        """A released table that holds something other than figures: waits, forecasts, registers, accounts of rows.

        Raises:
            InputError: There is no such table.
        """
        if name not in TABLES:
            raise InputError(f"table: there is no released table '{name}'. Tables are: {', '.join(TABLES)}.")
        if name not in self._found:
            self._found |= TABLES[name](self)
        return self._found[name]

    @cached_property
    def kpis(self) -> dict[str, Figure]:
        """Every KPI of the plan with value, interval, baseline, target, status and what may be said of its change."""
        judged = self._judged(self._measured())
        return {kpi_id: replace(figure, verdict=self._verdict(figure)) for kpi_id, figure in judged.items()}

    def _measured(self) -> dict[str, Measured]:
        parts = (self.figures, self.measures)
        return {
            kpi.kpi_id: measured_of(kpi, *parts, self.source_tables, self.period, self.why_not(kpi.measure))
            for kpi in self.plan
        }

    def _judged(self, found: Mapping[str, Measured]) -> dict[str, Figure]:
        day, chosen = self.period.data_date, self.parameters.scorecard
        return scorecard.judge(self.plan, found, self.source_tables["benchmarks"], day=day, chosen=chosen)

    def _verdict(self, figure: Figure) -> Verdict:
        kpi, chosen = figure.kpi, self.parameters.quality
        rows, summary = control_of(figure, series_of(kpi, self.figures, self.measures), self.period)
        judged_na = kpi is not None and kpi.measure == "quality" and "quality" in self.measures
        na = na_points(self.table("quality_drift"), kpi.group, chosen) if kpi and judged_na else 0.0
        return verdict_of(figure, months_of(figure, rows, summary), na)

    def parts(self, kpi_id: str) -> tuple[Kpi, ...]:
        """The KPIs that are parts of one."""
        return parts_of(self.plan, kpi_id)

    def kpis_of(self, measure: str) -> dict[str, Figure]:
        """The KPIs that one measure gives."""
        return {kpi_id: figure for kpi_id, figure in self.kpis.items() if figure.kpi and figure.kpi.measure == measure}

    def lead(self, measure: str) -> Figure:
        """The KPI that stands for a measure: the one of all its groups, else the first.

        Raises:
            InputError: No KPI of the plan has this measure, or a table that it needs is set aside.
        """
        own = list(self.kpis_of(measure).values())
        if not own or measure not in {*self.measures, RECORDED}:
            raise InputError(self.why_not(measure) or f"measure: no KPI of the plan has the measure '{measure}'.")
        return next((figure for figure in own if figure.kpi and figure.kpi.group == "all"), own[0])

    def kpi(self, kpi_id: str) -> Figure:
        """One KPI.

        Raises:
            InputError: The plan has no such KPI.
        """
        if kpi_id not in self.kpis:
            raise InputError(f"kpi: the plan has no KPI '{kpi_id}'. KPIs are: {', '.join(self.kpis)}.")
        return self.kpis[kpi_id]

    def counted(self, kpi_id: str) -> tuple[str, str]:
        """What a KPI counts, as one and as many."""
        kpi = self.kpi(kpi_id).kpi
        measure = self.measures.get(kpi.measure) if kpi else None
        return measure.counted if measure else ("", "")

    def groups(self, kpi_id: str) -> pd.DataFrame:
        """A KPI's figures in its latest window by the groups of its measure; empty where it has none but all."""
        kpi = self.kpi(kpi_id).kpi
        if kpi is None or kpi.measure not in self.measures:
            return pd.DataFrame(columns=COLUMNS)
        window = kpi.window or self.measures[kpi.measure].window
        rows = self.figures(kpi.measure, window=window, months=1)
        return rows if len(set(rows["group"])) > 1 else rows.iloc[:0]

    def choices(self) -> dict[str, str]:
        """Every parameter in force as text, those of the area's own measures included."""
        own = {f"{item.name}.{key}": str(item.fields[key]) for item in self.declared for key in item.settable}
        return {name: value for name, value in self.parameters.as_dict().items() if self._uses(name)} | own

    @cached_property
    def scorecard(self) -> pd.DataFrame:
        """The KPIs as a table, one row each: its name, its words as printed, and every field of `Figure`."""
        rows = [
            {
                "kpi_id": kpi_id,
                "kpi": figure.kpi.name if figure.kpi else kpi_id,
                "as_printed": figure.kpi.as_printed if figure.kpi else "",
                **figure.released(),
            }
            for kpi_id, figure in self.kpis.items()
        ]
        return pd.DataFrame(rows)

    def series(self, kpi_id: str) -> pd.DataFrame:
        """A KPI month by month, in windows that do not overlap where its measure has such; empty for one without."""
        return series_of(self.kpi(kpi_id).kpi, self.figures, self.measures)

    def control(self, kpi_id: str) -> tuple[pd.DataFrame, XmrSummary | None]:
        """A KPI's series as a control chart (Making Data Count).

        Returns:
            The series without a month that is not over, with mean, lower_limit, upper_limit and point_type (empty below
            13 points), and what it says in a line; the series alone where months share records, as windows that overlap
            and what stands on a day do, or nothing is known.
        """
        return control_of(self.kpi(kpi_id), self.series(kpi_id), self.period)

    def parameters_in_force(self, *measures: str) -> pd.DataFrame:
        """Each parameter of some measures: its value in force, its default, the other values and its meaning."""
        in_force = self.parameters.as_dict()
        wanted = [row for row in explain_parameters() if row["name"].partition(".")[0] in measures]
        rows = [row | {"in_force": in_force[row["name"]]} for row in wanted]
        columns = ["parameter", "in_force", "default", "values", "meaning", "ambiguity"]
        found = pd.DataFrame(rows, columns=["name", *columns[1:]]).rename(columns={"name": "parameter"})[columns]
        return found.replace({"values": {"": "any"}})

    def tables(self) -> dict[str, pd.DataFrame]:
        """Every released table by name: the scorecard, the figures of each measure, and what is no figure."""
        found = {"scorecard": self.scorecard}
        names = [*self.measures, *([RECORDED] if RECORDED in self.pages else [])]
        found |= {name: self.figures(name) for name in names}
        others = {name: self.table(name) for name in TABLES if self._uses(name)}
        return found | {name: table for name, table in others.items() if len(table.columns)}

    def rules(self) -> dict[str, Rule]:
        """The rule that the counts of each measure are shown by; none where they are exact."""
        return {}

    def _uses(self, name: str) -> bool:
        """Whether a table or parameter belongs to something this plan or area has."""
        return not any(name.startswith(what) for what in OPTIONAL if what not in self.pages)

    def extract(self, table: str) -> pd.DataFrame:
        """The rows of an extract, for the Explore section of an internal notebook alone.

        Raises:
            InputError: The audience may not see rows, or there is no such table.
        """
        if self.audience != INTERNAL:
            raise InputError(f"audience: rows of {table} are for the internal audience alone, not for {self.audience}.")
        if table not in self.source_tables:
            raise InputError(f"table: there is no table '{table}'. Tables are: {', '.join(self.source_tables)}.")
        return in_full(self.source_tables[table])

    def explored(self, page: str) -> explored.Explored:
        """The rows behind a page, for the Explore section of an internal notebook alone.

        Raises:
            InputError: The audience may not see rows, or there is no such page.
        """
        if self.audience != INTERNAL:
            raise InputError(f"audience: rows of {page} are for the internal audience alone, not for {self.audience}.")
        return explored.explored(self, page)

    def _all_figures(self, measure: str) -> pd.DataFrame:
        if measure not in self._figures:
            if measure == RECORDED:
                self._figures[measure] = catalogue.recorded(self.source_tables[RECORDED], self.plan, self.period)
            elif measure in self.measures:
                found = measured(self.measures[measure], self.source_tables, self.period)
                extra = [rows for rows in self._baselines(measure) if len(rows)]
                self._figures[measure] = pd.concat([found, *extra], ignore_index=True) if extra else found
            else:
                known = ", ".join([*self.measures, RECORDED])
                raise InputError(
                    self.why_not(measure) or f"measure: the plan uses no measure '{measure}'. Measures are: {known}."
                )
        return self._figures[measure]

    def _baselines(self, measure: str) -> list[pd.DataFrame]:
        own = [kpi for kpi in self.plan if kpi.measure == measure]
        parts = (self.measures[measure], self.source_tables, self.period)
        return [catalogue.baseline_of(kpi, whole_of(self.plan, kpi), *parts) for kpi in own]
