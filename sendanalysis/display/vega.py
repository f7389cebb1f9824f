"""A chart as Vega-Lite, and as the live picture of JupyterLab."""

from __future__ import annotations

from copy import deepcopy
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sendanalysis.display import layout


@dataclass(frozen=True)
class Chart:
    """A chart as Vega-Lite (`spec`, its rows a named data set); building Altair's objects takes longer than drawing."""

    spec: layout.Part

    def to_dict(self) -> layout.Part:
        """Vega-Lite to draw or to change; the chart stays as it is."""
        return deepcopy(self.spec)

    def as_altair(self) -> Any:
        """The chart as an `altair.LayerChart`, to be shown or changed in JupyterLab."""
        import altair as alt  # noqa: PLC0415  # slow to import, and of use in JupyterLab alone

        return alt.LayerChart.from_dict(self.to_dict())


def interactive(chart: Chart) -> Any:
    """The chart as a JupyterLab widget that needs no network and can be saved as a picture; `chart` is its chart."""
    import altair as alt  # noqa: PLC0415  # as in `Chart.as_altair`

    alt.JupyterChart.enable_offline()
    menu = {"export": True, "source": False, "compiled": False, "editor": False}
    # As SVG, two charts of one notebook would share the ids of their clipping paths, and cut each other off.
    return alt.JupyterChart(chart.as_altair(), embed_options={"renderer": "canvas", "actions": menu})
