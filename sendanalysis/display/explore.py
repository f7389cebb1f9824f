"""The Explore section of an internal notebook: rows as recorded, to be filtered, counted, drawn and read.

What it counts are rows, before the rules of any measure: no figure of a briefing comes from here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import ipywidgets as widgets  # type: ignore[import-untyped]
import pandas as pd
from markupsafe import Markup, escape

from sendanalysis.display import charts
from sendanalysis.display.describing import in_words, moment, said
from sendanalysis.display.fragments import styled
from sendanalysis.display.live import PICK, hint, live, picked
from sendanalysis.display.tables import heading, show_table

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence

EVERY, BLANK = "All", "(blank)"
SHOWN = 200
ABOUT = "Rows as recorded, before the rules of the figures above."


def explore(
    rows: pd.DataFrame,
    filters: Sequence[str],
    *,
    when: str = "",
    until: dt.date | None = None,
    share: pd.Series[bool] | None = None,
    share_label: str = "Share",
) -> Explorer:
    """Rows to filter, with their number (and a share), a chart of it, and the rows themselves.

    Args:
        rows: Rows of an extract or of a released table.
        filters: Columns to choose a value of, each in a list of its own.
        when: Column of days; gives a period to choose and a chart by month. Without it: bars by the first filter.
        until: Last day whose rows are shown, such as the data date.
        share: Whether each row counts towards the share; missing leaves it out of the share. Without it: counts.
        share_label: What the share is a share of, in words.

    Returns:
        A widget, live in JupyterLab.
    """
    counted = rows if share is None else rows.assign(**{Explorer.MET: share.astype("boolean")})
    if when:
        known = counted[when].notna() if until is None else counted[when] <= pd.Timestamp(until)
        counted = counted[known].sort_values(when, kind="stable")
    return Explorer(counted.reset_index(drop=True), list(filters), when, share_label)


class Explorer(widgets.VBox):  # type: ignore[misc]  # ipywidgets has no types
    """What `explore` returns: lists to choose from above a summary, a live chart and the rows behind it."""

    MET = "met."  # no column of a table is called so

    def __init__(self, rows: pd.DataFrame, filters: list[str], when: str, share_label: str) -> None:
        """See `explore`."""
        self.rows, self.when, self.share_label = rows, when, share_label
        self.lists = {name: _list_of(rows[name]) for name in filters}
        months = pd.period_range(rows[when].min(), rows[when].max(), freq="M") if when and len(rows) else []
        self.months = widgets.SelectionRangeSlider(
            options=[(f"{month:%b %Y}", month) for month in months] or [("", None)],
            index=(0, max(len(months) - 1, 0)),
            description="Period",
            continuous_update=False,
            layout={"width": "30rem"},
        )
        self.key = "month" if when else filters[0]
        self.summary, self.table = widgets.HTML(), widgets.HTML()
        self.picture = charts.interactive(None)
        controls = [*self.lists.values(), *([self.months] if when else [])]
        for control in controls:
            control.observe(self._refresh, "value")
        box = widgets.HBox(controls, layout={"flex_flow": "row wrap"})
        super().__init__([box, self.summary, self.picture, self.table])
        self._refresh()

    def view(self) -> pd.DataFrame:
        """The rows that are chosen."""
        kept = pd.Series(data=True, index=self.rows.index)
        for name, chosen in self.lists.items():
            if chosen.value != EVERY:
                kept &= self.rows[name].isna() if chosen.value == BLANK else self.rows[name].astype(str) == chosen.value
        if self.when:
            kept &= self.rows[self.when].dt.to_period("M").between(*self.months.value)
        return self.rows[kept]

    def _refresh(self, _: Any = None) -> None:
        view = self.view()
        words = f"{len(view):,} of {len(self.rows):,} rows."
        if self.MET in view:
            met, n = int(view[self.MET].sum()), int(view[self.MET].count())
            words += f" {self.share_label}: {met:,} of {n:,} ({said(100 * met / n if n else None)})."
        by = self._counted(view)
        chart = self._chart(by)
        alive = chart and live(chart, by)
        ways = hint(alive).html if alive else ""
        self.summary.value = str(styled(Markup("<p><strong>{}</strong> {}</p>{}").format(words, ABOUT, ways)))
        self.picture.chart = alive
        self._show(view)
        if chart:
            self.picture.selections.observe(
                lambda change: self._show(self._behind(view, by, chart, change.new.value)), PICK
            )

    def _counted(self, view: pd.DataFrame) -> pd.DataFrame:
        """Rows by month, or by the first filter: how many, and the share of them."""
        key = view[self.when].dt.to_period("M").dt.to_timestamp() if self.when else view[self.key].fillna(BLANK)
        groups = view.assign(**{self.key: key}).groupby(self.key)
        by = groups.size().rename("rows_n").to_frame()
        if self.MET in view:
            by["pct"] = 100 * groups[self.MET].sum() / groups[self.MET].count().where(lambda n: n > 0)
        return by.asfreq("MS").reset_index() if self.when and len(by) else by.reset_index()

    def _chart(self, by: pd.DataFrame) -> charts.Chart | None:
        value, unit = ("pct", "%") if "pct" in by else ("rows_n", "")
        title = self.share_label if unit else "Rows"
        if self.when:
            return charts.trend(by, title=title, subtitle=f"By month of {_named(self.when)}.", value=value, unit=unit)
        return charts.ranked_bars(
            by, title=title, subtitle=f"By {_named(self.key)}.", label=self.key, value=value, unit=unit
        )

    def _behind(self, view: pd.DataFrame, by: pd.DataFrame, chart: charts.Chart, chosen: Any) -> pd.DataFrame:
        keys = picked(chart, by, chosen)[self.key]
        own = view[self.when].dt.to_period("M").dt.to_timestamp() if self.when else view[self.key].fillna(BLANK)
        return view[own.isin(keys)]

    def _show(self, view: pd.DataFrame) -> None:
        shown = view.drop(columns=self.MET, errors="ignore").head(SHOWN)
        of = f"The first {SHOWN} of {len(view):,} rows" if len(view) > SHOWN else f"{len(view):,} rows"
        self.table.value = str(styled(show_table(shown, of, missing="", empty="No row is chosen.").html))


def _list_of(values: pd.Series[Any]) -> Any:
    known = sorted(values.dropna().astype(str).unique())
    options = [(EVERY, EVERY), *((in_words(value), value) for value in known)]
    options += [(BLANK, BLANK)] if values.isna().any() else []
    return widgets.Dropdown(options=options, value=EVERY, description=heading(str(values.name)))


def _named(column: str) -> str:
    return heading(column).lower()
