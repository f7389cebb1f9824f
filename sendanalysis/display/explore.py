"""The Explore section of an internal notebook: rows as recorded, to be filtered, counted, drawn and read.

What it counts are rows, before the rules of any measure: no figure of a briefing comes from here.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

import ipywidgets as widgets  # type: ignore[import-untyped]
import pandas as pd
from markupsafe import Markup

from sendanalysis.display import charts
from sendanalysis.display.columns import heading
from sendanalysis.display.describing import in_words, said
from sendanalysis.display.fragments import styled
from sendanalysis.display.live import PICK, hint, live, picked
from sendanalysis.display.tables import show_table
from sendanalysis.display.vega import Chart, interactive

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence

EVERY, BLANK, MET = "All", "(blank)", "met."  # no column of a table has a name with a stop
SHOWN = 200
SUMMARY = Markup("<p><strong>{}</strong> Rows as recorded, before the rules of the figures above.</p>")


def explore(  # noqa: PLR0913  # each keyword is one thing that may be looked at
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
    counted = rows if share is None else rows.assign(**{MET: share.astype("boolean")})
    if when:
        known = counted[when].notna() if until is None else counted[when] <= pd.Timestamp(until)
        counted = counted[known].sort_values(when, kind="stable")
    return Explorer(counted.reset_index(drop=True), list(filters), when, share_label)


class Explorer(widgets.VBox):  # type: ignore[misc]  # ipywidgets has no types
    """What `explore` returns: lists to choose from above a summary, a live chart and the rows behind it.

    Attributes:
        lists: The list of each filter, by column.
        months: The period to choose.
        summary: How many rows are chosen.
        picture: The live chart.
        table: The rows; those of a month or a bar alone when it is picked.
    """

    def __init__(self, rows: pd.DataFrame, filters: list[str], when: str, share_label: str) -> None:
        """See `explore`."""
        self.rows, self.when, self.share_label, self.key = rows, when, share_label, when or filters[0]
        self.turn = threading.RLock()  # JupyterLab lets a kernel answer two widgets at once
        self.lists = {name: _list_of(rows[name]) for name in filters}
        self.months = _period_of(self._places(rows)) if when and len(rows) else None
        self.summary, self.picture, self.table = widgets.HTML(), widgets.VBox(), widgets.HTML()
        controls = [*self.lists.values(), *([self.months] if self.months else [])]
        for control in controls:
            control.observe(self._refresh, "value")
        box = widgets.HBox(controls, layout={"flex_flow": "row wrap"})
        super().__init__([widgets.HTML("<h2>Explore</h2>"), box, self.summary, self.picture, self.table])
        self._refresh()

    def chosen(self) -> pd.DataFrame:
        """The rows that the lists and the period choose."""
        kept = pd.Series(data=True, index=self.rows.index)
        for name, control in self.lists.items():
            if control.value != EVERY:
                kept &= _texts(self.rows[name]) == control.value
        if self.months:
            kept &= self._places(self.rows).between(*self.months.value)
        return self.rows[kept]

    def _places(self, rows: pd.DataFrame) -> pd.Series[Any]:
        """Where each row is drawn: the first of its month, or its value of the first filter."""
        return rows[self.when].dt.to_period("M").dt.to_timestamp() if self.when else _texts(rows[self.key])

    def _refresh(self, _: Any = None) -> None:
        with self.turn:
            rows = self.chosen()
            words = f"{len(rows):,} of {len(self.rows):,} rows."
            if MET in rows:
                met, n = int(rows[MET].sum()), int(rows[MET].count())
                words += f" {self.share_label}: {met:,} of {n:,} ({said(100 * met / n if n else None)})."
            self.summary.value = styled(SUMMARY.format(words))
            self._show(rows)
            self._draw(self._counted(rows), rows)

    def _draw(self, by: pd.DataFrame, rows: pd.DataFrame) -> None:
        chart = self._chart(by)
        if chart is None:
            self.picture.children = []
            return
        alive = live(chart, by)
        if self.picture.children:
            self.picture.children[0].chart = alive.as_altair()
        else:
            self.picture.children = [interactive(alive), widgets.HTML(styled(hint(alive).html))]

        def drill(change: Any) -> None:
            with self.turn:
                chosen = picked(chart, by, change.new.value)
                self._show(rows[self._places(rows).isin(chosen[self.key])])

        self.picture.children[0].selections.observe(drill, PICK)

    def _counted(self, rows: pd.DataFrame) -> pd.DataFrame:
        """How many rows there are at each place, and which share of them counts."""
        groups = rows.assign(**{self.key: self._places(rows)}).groupby(self.key)
        by = groups.size().rename("rows_n").to_frame()
        if MET in rows:
            by["met_n"], by["of_n"] = groups[MET].sum(), groups[MET].count()
            by["pct"] = 100 * by["met_n"] / by["of_n"].where(by["of_n"] > 0)
        return (by.asfreq("MS") if self.when and len(by) else by).reset_index()

    def _chart(self, by: pd.DataFrame) -> Chart | None:
        unit, title = ("%", self.share_label) if "pct" in by else ("", "Rows")
        rows = by.assign(value=by["pct" if unit else "rows_n"]).rename(columns={self.key: "place"})
        named = heading(self.key).lower()
        if self.when:
            return charts.trend(
                rows.rename(columns={"place": "first_on"}), title=title, subtitle=f"By month ({named}).", unit=unit
            )
        return charts.ranked_bars(
            rows.rename(columns={"place": "group"}), title=title, subtitle=f"By {named}.", unit=unit
        )

    def _show(self, rows: pd.DataFrame) -> None:
        caption = f"The first {SHOWN} of {len(rows):,} rows" if len(rows) > SHOWN else f"{len(rows):,} rows"
        shown = rows.drop(columns=MET, errors="ignore").head(SHOWN)
        self.table.value = styled(show_table(shown, caption, missing="-", empty="No row is chosen.").html)


def _texts(values: pd.Series[Any]) -> pd.Series[str]:
    return values.astype(object).where(values.notna(), BLANK).astype(str)


def _list_of(values: pd.Series[Any]) -> Any:
    known = sorted(set(_texts(values)), key=lambda text: (text == BLANK, text))
    options = [(EVERY, EVERY), *((in_words(text), text) for text in known)]
    style = {"description_width": "initial"}
    return widgets.Dropdown(options=options, value=EVERY, description=heading(str(values.name)), style=style)


def _period_of(months: pd.Series[Any]) -> Any:
    options = [(f"{month:%b %Y}", month) for month in pd.date_range(months.min(), months.max(), freq="MS")]
    ends = {"index": (0, len(options) - 1), "layout": {"width": "30rem"}, "continuous_update": False}
    return widgets.SelectionRangeSlider(options=options, description="Period", **ends)
