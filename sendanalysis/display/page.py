"""What the page around a briefing is told: the frame between publishing, which calls nbconvert, and the template.

Publishing exports with `HTMLExporter(**EXPORTER_OPTIONS)` and passes `PageContext(...).as_resources()` as resources.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypedDict

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from sendanalysis.display.fragments import status_chip

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

HEADLINE = "application/vnd.sendanalysis.headline+json"
"""Type of the output in which a notebook says its headline, for index, manifest and terminal to read."""
TEMPLATE_DIR = Path(__file__).parent / "template"
EXPORTER_OPTIONS: dict[str, Any] = {
    "template_name": TEMPLATE_DIR.name,
    "extra_template_basedirs": [str(TEMPLATE_DIR.parent)],
    "exclude_anchor_links": True,
}


class Link(TypedDict):
    """A place to go: a relative address and its words."""

    href: str
    title: str


@dataclass(frozen=True)
class PageContext:
    """Everything the template prints around a notebook's cells; all of it is escaped there.

    Attributes:
        area_name: Name of the local area.
        month_label: Reporting month, such as December 2021.
        data_date: Last day whose records count, in words: 31 December 2021.
        illustrative: Sentence of the banner when figures are not real; empty for none.
        audience: Who may read it: internal, partner or public; empty leaves it out.
        title: Title of the page, where the notebook's own is that of many pages; empty for the notebook's own.
        notice: Sentences above all else, such as which month a page is carried forward from.
        nav: Links by name: index, previous, next; those that are missing are left out.
        footer: Provenance by label, in order (extracts with rows and hash, version, choices that differ); a line each,
            or a list of them.
    """

    area_name: str
    month_label: str
    data_date: str
    illustrative: str = ""
    audience: str = ""
    title: str = ""
    notice: Sequence[str] = ()
    nav: Mapping[str, Link] = field(default_factory=dict)
    changes: Sequence[str] = ()
    changes_since: str = ""
    footer: Mapping[str, str | Sequence[str]] = field(default_factory=dict)

    def as_resources(self) -> dict[str, Any]:
        """The context as nbconvert wants its resources: one key, `page`, out of the way of nbconvert's own."""
        return {"page": asdict(self)}


def index_page(context: PageContext, briefings: Sequence[Mapping[str, Any]], *, months: Sequence[Link] = ()) -> str:
    """The page that lists a month's briefings.

    Args:
        context: As for a briefing.
        briefings: In order, each with href (empty for one that is left out), title, headline (its answer), status
            (shown as a chip; None for none) and notice (that it is carried forward or left out; empty for neither).
        months: Links to other months.

    Returns:
        HTML of `index.html`, in the same dress as the briefings.
    """
    return filled("index_page.html.j2", page=asdict(context), briefings=_with_chips(briefings), months=months)


def single_page(
    context: PageContext, briefings: Sequence[Mapping[str, Any]], parts: Sequence[Mapping[str, Any]]
) -> str:
    """All briefings of a month in one page: a list of them as in `index_page`, then parts with id and trusted html."""
    return filled("single_page.html.j2", page=asdict(context), briefings=_with_chips(briefings), parts=parts)


def _with_chips(briefings: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    return [{**item, "chip": status_chip(item["status"]) if item.get("status") else ""} for item in briefings]


def list_page(
    title: str,
    groups: Sequence[tuple[str, Sequence[Link]]],
    *,
    area: str = "",
    table: str = "",
    note: str = "",
) -> str:
    """A page that lists publications: areas, or one area, each with links to its months.

    Args:
        title: Its title.
        groups: Name and months of each area.
        area: Name of the area, where it is one.
        table: What stands above the months; see `history`.
        note: That figures are illustrative, where they are.
    """
    page = PageContext(area_name=area or "All areas", month_label="all months", data_date="", illustrative=note)
    return filled("list_page.html.j2", page=asdict(page), title=title, groups=groups, table=table)


def filled(template: str, **values: Any) -> str:
    """A template of the package, filled in; every value that is no Markup is escaped."""
    environment = Environment(
        loader=FileSystemLoader(TEMPLATE_DIR), autoescape=True, undefined=StrictUndefined, keep_trailing_newline=True
    )
    return environment.get_template(template).render(values)
