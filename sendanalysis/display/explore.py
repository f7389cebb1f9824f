"""The Explore section of an internal notebook: the rows behind a headline, to be sorted, searched, filtered and drawn.

The grid is that of itables. A chart counts the rows that it shows, views keep what is asked of it, and the rows that
are chosen go into a workbook for the analyst alone.
"""

from __future__ import annotations

import threading
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import ipywidgets as widgets  # type: ignore[import-untyped]
import pandas as pd
from markupsafe import Markup

from sendanalysis.display import charts
from sendanalysis.display.columns import group_in_words, heading
from sendanalysis.display.describing import said
from sendanalysis.display.fragments import styled
from sendanalysis.display.grid import Grid
from sendanalysis.display.live import PICK, hint, live, picked
from sendanalysis.display.vega import Chart, interactive
from sendanalysis.errors import InputError

if TYPE_CHECKING:
    from sendanalysis.release import Explored, Release, View

BLANK, JOINT = "(blank)", "owners"  # of which several, separated by commas, may stand in a cell
PARAGRAPH = Markup("<p>{}</p>")


def explore(release: Release, page: str) -> Explorer:
    """The rows behind a page in a grid, with a chart of those that it shows, views, and a workbook of them.

    Args:
        release: The release, for the internal audience.
        page: What the page shows, such as `advice`.

    Returns:
        A widget, live in JupyterLab.

    Raises:
        InputError: The audience may not see rows, or the area's `views.json` is broken.
    """
    return Explorer(release.explored(page))


def reconciled(found: Explored) -> str:
    """How the rows add up to the headline, in a sentence."""
    if found.n is None or found.of is None:
        return "Rows as recorded, before the rules of the figures above."
    rows = found.rows[found.rows["in_headline"] == "yes"]
    n, of, met = int(found.n), int(found.of), int((rows["met"] == "yes").sum())
    parts = f"{len(rows):,} of these {len(found.rows):,} rows have “Yes” under {heading('in_headline')}, "
    parts += f"{met:,} of them under {heading('met')} too"
    if (met, len(rows)) == (n, of):
        return f"The headline counts {n:,} of {of:,} {found.counted}: {parts}."
    return f"The headline counts {n:,} of {of:,} {found.counted}, made of rows: {parts}."


class Explorer(widgets.VBox):  # type: ignore[misc]  # ipywidgets has no types
    """What `explore` returns.

    Attributes:
        views: The view that is chosen; none where something else was asked of the grid since.
        by: Column that the chart counts by.
        share: Whether it draws the share that is met.
        summary: How many rows are shown.
        picture: The live chart.
        rows: The grid of the rows.
        name: Name to save a view under.
        message: What was saved or written, or why it could not be.
    """

    def __init__(self, found: Explored) -> None:
        """See `explore`."""
        self.found, self.turn = found, threading.RLock()  # JupyterLab lets a kernel answer two widgets at once
        self.at, self.drawn = {view.name: view for view in found.views()}, pd.DataFrame()
        self.former: dict[Any, tuple[Any, ...]] = {}
        first = next(iter(self.at.values()))
        self.views = widgets.ToggleButtons(options=list(self.at), value=first.name, style={"button_width": "auto"})
        lists = {"style": {"description_width": "initial"}}
        columns = [(heading(name), name) for name in found.by]
        self.by = widgets.Dropdown(options=columns, value=first.by or found.by[0], description="Count by", **lists)
        drawn = [("Number of rows", False), *([("Share met", True)] if "met" in found.rows else [])]
        self.share = widgets.Dropdown(options=drawn, value=False, description="Draw", **lists)
        self.summary, self.message = widgets.HTML(), widgets.HTML()
        self.picture = widgets.VBox(layout={"overflow": "auto"})  # a chart is wider than a narrow window
        self.rows = widgets.VBox()
        self.name = widgets.Text(placeholder="Name of this view", description="Save as", **lists)
        self.save, self.export = widgets.Button(description="Save view"), widgets.Button(description="Export to Excel")
        told = widgets.HTML(f"<h2>Explore</h2>{styled(PARAGRAPH.format(reconciled(found)))}")
        row = {"layout": {"flex_flow": "row wrap", "margin": "8px 0"}}
        chosen = widgets.HBox([self.by, self.share], **row)
        kept = widgets.HBox([self.name, self.save, self.export], **row)
        super().__init__([told, self.views, chosen, self.picture, self.summary, self.rows, kept, self.message])
        self._show(first, found.rows)
        self.views.observe(self._open, "value")
        for control in (self.by, self.share):
            control.observe(self._draw, "value")
        self.save.on_click(self._save)
        self.export.on_click(self._export)

    @property
    def grid(self) -> Grid:
        """The grid of the rows."""
        grid: Grid = self.rows.children[0]
        return grid

    def chosen(self) -> pd.DataFrame:
        """The rows that the grid shows, in its order."""
        return self.narrowed if self.grid.shown is None else self.narrowed.iloc[self.grid.shown]

    def _show(self, view: View, rows: pd.DataFrame) -> None:
        """Show rows, all of them or those that were picked, as a view asks."""
        self.narrowed = rows
        grid = Grid(self.narrowed, self.found.listed, view)
        self._replace(self.rows, grid)
        grid.observe(self._follow, "shown")
        grid.observe(self._asked, "state")
        self._say_how_many()

    def _open(self, change: Any) -> None:
        if change.new:
            with self.turn:
                view = self.at[change.new]
                self._show(view, self.found.rows)
                self.by.value = view.by or self.found.by[0]

    def _asked(self, _: Any) -> None:
        """Another filter or search: no view is marked that is not there."""
        with self.turn:
            if self.views.value and _filters(self.grid.view("")) != _filters(self.at[self.views.value]):
                self.views.value = None

    def _follow(self, _: Any) -> None:
        with self.turn:
            self._say_how_many()
            shown, narrowed = set(self.chosen().index), set(self.narrowed.index)
            picked_alone = shown == narrowed <= set(self.drawn.index)
            if shown != set(self.drawn.index) and not (picked_alone and len(narrowed) < len(self.found.rows)):
                self._draw()

    def _say_how_many(self) -> None:
        rows = self.chosen()
        words = f"{len(rows):,} of {len(self.found.rows):,} rows."
        if "met" in rows:
            met, n = int((rows["met"] == "yes").sum()), int((rows["met"] != "").sum())
            words += f" Met: {met:,} of {n:,} ({said(100 * met / n if n else None)})."
        self.summary.value = styled(PARAGRAPH.format(words))

    def _draw(self, _: Any = None) -> None:
        with self.turn:
            key, self.drawn = self.by.value, self.chosen().sort_index()
            places = self._places(self.drawn, key)
            by = self._counted(places)
            chart = self._chart(by) if len(by) else None
            if chart is None:
                self._replace(self.picture)
                return
            alive = live(chart, by)
            picture = interactive(alive)
            self._replace(self.picture, picture, widgets.HTML(styled(hint(alive).html)))

            def follow(change: Any) -> None:
                chosen = change.new.value
                wanted = places[places.isin(picked(chart, by, chosen)[key])].index.unique()
                self._narrow(self.found.rows.loc[wanted] if chosen else self.found.rows)

            picture.selections.observe(follow, PICK)

    def _replace(self, box: Any, *parts: Any) -> None:
        """Put other widgets into a box; the last ones are closed next time, since a browser may be at them still."""
        for old in self.former.get(box, ()):
            old.close()
        self.former[box], box.children = box.children, parts

    def _narrow(self, rows: pd.DataFrame) -> None:
        """Show the rows behind what is picked; all of them where nothing is."""
        with self.turn:
            if not rows.index.equals(self.narrowed.index):
                self._show(self.grid.view(""), rows)

    def _places(self, rows: pd.DataFrame, key: str) -> pd.Series[Any]:
        """Where each row is drawn: the first of its month, or its value; a joint one at each of its own."""
        values = rows[key]
        if _dated(values):
            months: pd.Series[Any] = values.dropna().dt.to_period("M").dt.to_timestamp()
            return months
        known = values.notna() & values.astype(str).ne("")
        words: pd.Series[Any] = values.astype(object).where(known, BLANK).astype(str)
        return words.str.split(", ").explode() if key == JOINT else words

    def _counted(self, places: pd.Series[Any]) -> pd.DataFrame:
        """How many rows there are at each place, and which share of them is met."""
        key = str(places.name)
        table = pd.DataFrame({key: places})
        if "met" in self.drawn:
            table["is_met"] = self.drawn["met"].map({"yes": True, "no": False}).astype("boolean")
        groups = table.groupby(key)
        by = groups.size().rename("rows_n").to_frame()
        if "met" in self.drawn:
            by["met_n"], by["of_n"] = groups["is_met"].sum(), groups["is_met"].count()
            by["pct"] = (100 * by["met_n"] / by["of_n"].where(by["of_n"] > 0)).astype("float64")
        return (by.asfreq("MS") if _dated(places) and len(by) else by).reset_index()

    def _chart(self, by: pd.DataFrame) -> Chart | None:
        key, unit = str(by.columns[0]), "%" if self.share.value else ""
        rows = by.assign(value=by["pct" if unit else "rows_n"]).rename(columns={key: "place"})
        named, what = heading(key).lower().removesuffix("."), "Share met" if unit else "Rows"
        if _dated(by[key]):
            rows = rows.rename(columns={"place": "first_on"})
            return charts.trend(rows, title=f"{what} by month", subtitle=f"Month of {named}.", unit=unit)
        if rows["value"].isna().all():
            return None
        most = rows["value"].max()
        first = [group_in_words(place) for place in rows.loc[rows["value"] == most, "place"]]
        at = " and ".join(first) if len(first) < 3 else f"{len(first)} places"
        each = said(most, unit) + (" each" if len(first) > 1 else "")
        title = f"{'Highest share met' if unit else 'Most rows'}: {at} ({each})"
        rows = rows.rename(columns={"place": "group"})
        return charts.ranked_bars(rows, title=title, subtitle=f"{what} by {named}.", unit=unit)

    def _save(self, _: Any) -> None:
        name = self.name.value.strip()
        with self.turn:
            if not name:
                self._say("Write a name for this view first.")
                return
            view = replace(self.grid.view(name), by=self.by.value)
            try:
                self.found.save(view)
            except InputError as error:
                self._say(str(error))
                return
            self.at[name] = view
            self.views.unobserve(self._open, "value")
            self.views.options, self.views.value = list(self.at), name
            self.views.observe(self._open, "value")
            self._say(f"The view “{name}” is saved in views.json of the area folder.")

    def _export(self, _: Any) -> None:
        with self.turn:
            if self.grid.shown is None:
                self._say("The rows are not drawn yet.")
                return
            rows = self.grid.words.loc[self.chosen().index]
            try:
                path = self.found.export(rows)
            except InputError as error:
                self._say(str(error))
                return
            self._say(f"{len(rows):,} rows are in {path}, for you alone. Send single rows to nobody.")

    def _say(self, words: str) -> None:
        self.message.value = styled(PARAGRAPH.format(words))


def _dated(values: pd.Series[Any]) -> bool:
    return pd.api.types.is_datetime64_any_dtype(values)


def _filters(view: View) -> tuple[Any, str]:
    filters = {name: sorted(wanted) if isinstance(wanted, list) else wanted for name, wanted in view.filters.items()}
    return filters, view.search
