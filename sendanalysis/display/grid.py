"""The grid of Explore: rows to sort, search and filter in JupyterLab, of itables, which needs no network."""

from __future__ import annotations

import re
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import pandas as pd
import traitlets
from itables.widget import ITable

from sendanalysis.display.columns import capital, heading
from sendanalysis.display.describing import in_words
from sendanalysis.release import View

if TYPE_CHECKING:
    from collections.abc import Collection

LENGTH = 10  # rows of a page
KINDS = {"list": "searchList", "num": "searchNumber", "date": "searchDateTime", "text": "searchText"}
TYPES = {"num": "num", "date": "date"}  # named, or F1 would be a sum of francs
# Other than the default of itables, which takes search and count away from few rows.
LAYOUT = {"topStart": "info", "topEnd": "search", "bottomStart": "pageLength", "bottomEnd": "paging"}
LONG = 40  # letters, from which a text is broken into lines
_OURS, _STATIC = files("sendanalysis.display") / "template", files("itables.widget") / "static"
_ENDS = re.compile(r"export\s*\{\s*([\w$]+) as default\s*\};")


def _widget() -> str:
    """The library's own widget, with what is ours around it."""
    library, ours = ((place / name).read_text("utf-8") for place, name in ((_STATIC, "widget.js"), (_OURS, "grid.js")))
    (name,) = _ENDS.findall(library)
    return f"{_ENDS.sub('', library)}\nconst grid = {name};\n{ours}"


class Grid(ITable):
    """Rows in a grid, which tells what of them it shows.

    It is told nothing once it is made: other rows or another view take another grid, since a widget that a busy browser
    takes more than two seconds to load is deaf from then on (anywidget 0.11).

    Attributes:
        shown: Places of the rows that it shows, on all its pages, in their order; None until it is drawn.
        state: What is asked of it, as DataTables keeps it; see `view`.
        asked: What it is asked at first, in the same words.
    """

    _esm: Any = _widget()
    _css: Any = "\n".join(
        (place / name).read_text("utf-8") for place, name in ((_STATIC, "widget.css"), (_OURS, "grid.css"))
    )
    shown: Any = traitlets.List(traitlets.Int(), allow_none=True, default_value=None).tag(sync=True)
    state = traitlets.Dict().tag(sync=True)
    asked = traitlets.Dict().tag(sync=True)

    def __init__(self, rows: pd.DataFrame, listed: Collection[str], view: View) -> None:
        """Show rows.

        Args:
            rows: Rows by column of the tables.
            listed: Columns of few values, which are shown in words and chosen from a list.
            view: What is asked at first.
        """
        self.columns = [str(name) for name in rows]
        self.words = rows.copy()
        for name in listed:
            self.words[name] = rows[name].map(lambda value: capital(in_words(str(value))), na_action="ignore")
        self.kinds = [_kind(self.words[name], listed=name in listed) for name in self.columns]
        self.words.columns = pd.Index([heading(name) for name in self.columns])
        # A word that is asked for and stands in no row is in the list too, or the grid would forget that it was asked.
        asked = [view.filters.get(name, ()) if name in listed else () for name in self.columns]
        defs = [_column(at, kind, self.words.iloc[:, at], asked[at]) for at, kind in enumerate(self.kinds)]
        super().__init__(
            self.words.apply(_written),
            columnDefs=defs,
            ordering={"indicators": False},
            pageLength=LENGTH,
            layout=LAYOUT,
            scrollX=True,
            maxBytes=0,
            classes="display compact",
            style="width:100%",
            language={"entries": {"_": "rows", "1": "row"}},  # type: ignore[dict-item]  # as DataTables has it
            showIndex=False,
        )
        self.asked = self._state_of(view)

    def _state_of(self, view: View) -> dict[str, Any]:
        place = self.columns.index
        plain = {"search": "", "smart": True, "regex": False, "caseInsensitive": True, "return": False}
        filters: dict[str, Any] = {}
        for name, wanted in view.filters.items():
            at = place(name)
            logic, value = next(iter(wanted.items())) if isinstance(wanted, dict) else ("", "")
            given = {"logic": logic, "type": self.kinds[at], "value": value}
            filters[str(at)] = {"searchInput": given} if logic else {"searchList": list(wanted)}
        return {
            "time": 1,  # without one DataTables takes it for no state
            "start": 0,
            "length": LENGTH,
            "order": [[place(name), way] for name, way in view.sort],
            "search": plain | {"search": view.search},
            "columns": [{"visible": True, "search": plain} for _ in self.columns],
            "columnControl": filters,
        }

    def view(self, name: str) -> View:
        """What is asked of it now, under a name."""
        state = self.state or self.asked
        filters: dict[str, Any] = {}
        for at, given in state["columnControl"].items():
            compared, listed = given.get("searchInput", {}), given.get("searchList")
            if compared.get("value") or "mpty" in compared.get("logic", ""):
                filters[self.columns[int(at)]] = {compared["logic"]: compared["value"]}
            if listed:
                filters[self.columns[int(at)]] = listed
        sort = tuple((self.columns[int(at)], way) for at, way in state["order"] if way)
        return View(name, filters, state["search"]["search"], sort)


def _column(at: int, kind: str, values: pd.Series[Any], asked: Collection[str]) -> dict[str, Any]:
    """How the grid is to treat a column."""
    texts = values.fillna("").astype(str) if kind in {"list", "text"} else pd.Series(dtype="str")
    control: dict[str, Any] = {"extend": KINDS[kind]}
    if kind == "list":
        words = sorted({*texts, *asked})
        control["options"] = [{"label": word or "Empty", "value": word} for word in words]
    long = "long" if texts.str.len().max() > LONG else ""
    return {"targets": at, "columnControl": ["order", [control]], "className": long, "type": TYPES.get(kind, "string")}


def _kind(values: pd.Series[Any], *, listed: bool) -> str:
    if pd.api.types.is_datetime64_any_dtype(values):
        return "date"
    if pd.api.types.is_numeric_dtype(values):
        return "num"
    return "list" if listed else "text"


def _written(values: pd.Series[Any]) -> pd.Series[Any]:
    """Days as YYYY-MM-DD, and nothing where there is no value."""
    texts = values.dt.strftime("%Y-%m-%d") if pd.api.types.is_datetime64_any_dtype(values) else values
    return texts if values.notna().all() else texts.astype(object).where(values.notna(), "")
