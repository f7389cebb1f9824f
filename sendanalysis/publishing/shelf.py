"""The shelf: which publications stand in the output folder, and the pages that list them."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any, NamedTuple

from sendanalysis.display.history import Month, areas_by_month, kpis_by_month
from sendanalysis.display.moves import known
from sendanalysis.display.page import Link, list_page
from sendanalysis.display.wording import listed as listed_in_words
from sendanalysis.inputs.completeness import lost_rows, unended, unlike_last_month
from sendanalysis.publishing.months import manifest_of, published_months
from sendanalysis.publishing.record import read_from

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    import pandas as pd

    from sendanalysis.inputs.area import Source
    from sendanalysis.inputs.contracts import Fault

INDEX = "index.html"
MONTHS_BACK = 5  # beside this month's, the statuses that the scorecard shows


def earlier_manifest(target: Path) -> dict[str, Any] | None:
    """The manifest of the latest publication of a month before this one, or None."""
    earlier = [month for month in published_months(target.parent) if month < target.name]
    return manifest_of(target.parent / earlier[0]) if earlier else None


def edition_for(target: Path, linked: Mapping[str, str]) -> str:
    """What the scorecard is told of its edition, as JSON: see `display.moves.known`.

    Args:
        target: Where the publication goes.
        linked: Name of the page of each KPI.
    """
    earlier = [month for month in published_months(target.parent) if month < target.name][:MONTHS_BACK]
    held = {month: (manifest_of(target.parent / month) or {}).get("figures", {}) for month in earlier}
    published = {
        month: {kpi_id: [figure.get("status"), figure.get("value")] for kpi_id, figure in figures.items()}
        for month, figures in held.items()
    }
    pages = {kpi_id: f"{name}.html" for kpi_id, name in linked.items()}
    return json.dumps({"pages": pages, "earlier": published}, sort_keys=True)


def unlike_last_time(sources: Sequence[Source], tables: Mapping[str, pd.DataFrame], target: Path) -> list[Fault]:
    """Warnings of extracts that look cut beside the others, or old, cut or thinned beside those of a publication.

    That is the one of the latest month before this, and for lost rows also the one of this month, which is replaced.
    """
    now, earlier, same = read_from(sources), earlier_manifest(target), manifest_of(target)
    found = unlike_last_month(now, earlier, tables) if earlier else []
    told = {fault.table for fault in found}
    found += [fault for fault in (lost_rows(now, same, tables) if same else []) if fault.table not in told]
    return unended(now, earlier["extracts"] if earlier else {}) + found


class Carried(NamedTuple):
    """A page of an earlier month: the manifest of its publication, how that lists it, and its executed notebook."""

    manifest: Mapping[str, Any]
    listed: Mapping[str, Any]
    notebook: Path


def last_made(target: Path, page: str) -> Carried | None:
    """A page as the latest earlier month made it from its own tables, or None where none did."""
    for month in published_months(target.parent):
        notebook = target.parent / month / "notebooks" / f"{page}.ipynb"
        held = manifest_of(target.parent / month) or {} if month < target.name and notebook.is_file() else {}
        for item in held.get("briefings", []):
            if item["href"] == f"{page}.html" and not item.get("carried_from"):
                return Carried(held, item, notebook)
    return None


def write_lists(output: Path) -> None:
    """Write `index.html` of each area, listing its months, and of the output folder, listing all areas."""
    areas = sorted(path for path in output.iterdir() if path.is_dir() and published_months(path))
    listed, tallied, made_up = [], {}, []
    for area in areas:
        months = published_months(area)
        held = {month: manifest_of(area / month) or {} for month in months}
        name, note = str(held[months[0]].get("area", area.name)), ""
        if any(manifest.get("illustrative") for manifest in held.values()):
            note = f"Figures of {name} come from a made-up sample."
            made_up.append(name)
        links: list[Link] = [{"href": f"{month}/index.html", "title": month} for month in months]
        table = kpis_by_month([_month(month, manifest, "") for month, manifest in held.items()])
        page = list_page(f"Briefings of {name}", [(name, links)], area=name, table=table, note=note)
        _replace(area / INDEX, page)
        listed.append((name, [Link(href=f"{area.name}/{link['href']}", title=link["title"]) for link in links]))
        tallied[name] = [_month(month, manifest, f"{area.name}/") for month, manifest in held.items()]
    note = f"Figures of {listed_in_words(made_up)} come from a made-up sample." if made_up else ""
    page = list_page("SEND improvement briefings by area", listed, table=areas_by_month(tallied), note=note)
    _replace(output / INDEX, page)


def _month(key: str, manifest: Mapping[str, Any], folder: str) -> Month:
    given = manifest.get("parameters", {}).values()
    pages: dict[str, str] = next((known(str(cells["edition"]))[0] for cells in given if cells.get("edition")), {})
    return Month(key, f"{folder}{key}/index.html", manifest.get("figures", {}), pages)


def _replace(path: Path, text: str) -> None:
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    partial.write_text(text, encoding="utf-8", newline="\n")
    partial.replace(path)
