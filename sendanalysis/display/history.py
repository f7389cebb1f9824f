"""The months that are published, in a table: each KPI of an area, or each area, with signs that lead to their pages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from markupsafe import Markup

from sendanalysis.display.fragments import scrolling, status_chip, status_sign
from sendanalysis.methods.periods import reporting_period

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

MONTHS = 12
_TABLE = Markup('<table class="history"><caption>{}</caption><thead><tr>{}</tr></thead><tbody>{}</tbody></table>')


class Month(NamedTuple):
    """A publication as its manifest has it.

    Attributes:
        key: The month, YYYY-MM.
        href: Its index, seen from the page of the table.
        figures: name, part_of and status by kpi_id.
        pages: File of the page of each KPI.
    """

    key: str
    href: str
    figures: Mapping[str, Mapping[str, Any]]
    pages: Mapping[str, str]


def kpis_by_month(months: Sequence[Month]) -> Markup:
    """The status of each KPI in the latest twelve months, the newest first, each a link to the KPI's page.

    Args:
        months: Publications of one area, the newest first.
    """
    months = months[:MONTHS]
    named = {kpi_id: figure for month in reversed(months) for kpi_id, figure in month.figures.items()}
    if not named:
        return Markup()
    order = [kpi_id for kpi_id in months[0].figures if kpi_id in named]
    order += [kpi_id for kpi_id in named if kpi_id not in order]
    rows = [(_name(named[kpi_id]), [_status(month, kpi_id) for month in months]) for kpi_id in order]
    seen = dict.fromkeys(
        month.figures[kpi_id]["status"] for month in months for kpi_id in order if kpi_id in month.figures
    )
    key = Markup('<p class="marks">{}</p>').format(Markup(" ").join(status_chip(status) for status in seen))
    return _table("Status of each KPI, month by month", "KPI", months, rows, key)


def areas_by_month(areas: Mapping[str, Sequence[Month]]) -> Markup:
    """How many KPIs of each area's plan have each colour in the latest twelve months, each a link to the month.

    Args:
        areas: Publications by the name of the area, the newest first.
    """
    keys = sorted({month.key for months in areas.values() for month in months}, reverse=True)[:MONTHS]
    heads = [Month(key, "", {}, {}) for key in keys]
    rows = [(Markup("{}").format(name), [_tally(months, key) for key in keys]) for name, months in areas.items()]
    return _table("KPIs of each plan that are Green, Amber and Red", "Area", heads, rows, Markup())


def _table(
    caption: str, first: str, months: Sequence[Month], rows: Sequence[tuple[Markup, Sequence[Markup]]], key: Markup
) -> Markup:
    words = [_month(month) for month in months]
    head = Markup("").join(Markup('<th scope="col">{}</th>').format(text) for text in [first, *words])
    body = Markup("").join(
        Markup('<tr><th scope="row">{}</th>{}</tr>').format(
            name, Markup("").join(Markup("<td>{}</td>").format(cell) for cell in cells)
        )
        for name, cells in rows
    )
    table = scrolling(caption, _TABLE.format(caption, head, body))
    return Markup('<div class="table">{}{}</div>').format(table, key)


def _month(month: Month) -> str | Markup:
    words = f"{reporting_period(month.key).month:%b %Y}"
    return Markup('<a href="{}">{}</a>').format(month.href, words) if month.href else words


def _name(figure: Mapping[str, Any]) -> Markup:
    kind = Markup(' class="part-of"') if figure.get("part_of") else ""
    return Markup("<span{}>{}</span>").format(kind, figure["name"])


def _status(month: Month, kpi_id: str) -> Markup:
    if kpi_id not in month.figures:
        return Markup("<small>none</small>")
    sign = status_sign(month.figures[kpi_id]["status"])
    page = month.pages.get(kpi_id)
    return Markup('<a href="{}">{}</a>').format(month.href.replace("index.html", page), sign) if page else sign


def _tally(months: Sequence[Month], key: str) -> Markup:
    """Counts of the plan's own KPIs by colour, as signs; their parts are not counted."""
    month = next((month for month in months if month.key == key), None)
    if month is None:
        return Markup("<small>none</small>")
    found = [figure["status"] for figure in month.figures.values() if not figure.get("part_of")]
    counts = [(colour, found.count(colour)) for colour in ("Green", "Amber", "Red") if colour in found]
    cells = Markup(" ").join(Markup("{}&#160;{}").format(status_sign(colour), count) for colour, count in counts)
    return Markup('<a href="{}">{}</a>').format(month.href, cells or "no colour")
