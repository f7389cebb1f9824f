"""The edition: every file of one publication, written from its release and its executed notebooks."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from importlib import metadata
from typing import TYPE_CHECKING, Any

from sendanalysis.display.changes import since
from sendanalysis.display.page import Link, PageContext, index_page
from sendanalysis.methods.periods import in_words
from sendanalysis.publishing.engine import to_html
from sendanalysis.publishing.handout import one_page, print_pdf
from sendanalysis.publishing.record import as_csv, git_changes, git_commit, manifest

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from sendanalysis.release import Release


ILLUSTRATIVE = (
    "The figures come from a made-up sample, not from {area}'s records; "
    "baselines, targets and actions are the plan's, and national figures are the published ones."
)


@dataclass(frozen=True)
class Printed:
    """One page of an edition: its name, its title, its headline (answer, status) and the KPIs it speaks of."""

    name: str
    title: str
    said: Mapping[str, str]
    kpi_ids: tuple[str, ...]

    @property
    def listed(self) -> dict[str, str | None]:
        """The page as the index and the manifest list it."""
        answer, status = self.said.get("answer", ""), self.said.get("status") or None
        return {"href": f"{self.name}.html", "title": self.title, "headline": answer, "status": status}


@dataclass(frozen=True)
class Edition:
    """What a publication holds.

    Attributes:
        release: Figures, sources and choices.
        pages: Pages in order; their executed notebooks stand in `notebooks/` already.
        parameters: Values of each page's parameters cell.
        earlier: Manifest of the latest earlier publication, if any.
        again: The release of that month from today's extracts, if they reach it.
        months: Earlier months that are published.
        single_file: Whether all briefings are also written as one page.
        browser: Chromium that prints that page as a PDF; empty for none.
    """

    release: Release
    pages: Sequence[Printed]
    parameters: Mapping[str, dict[str, object]]
    earlier: Mapping[str, Any] | None
    again: Release | None
    months: Sequence[str]
    single_file: bool
    browser: str


def write_edition(folder: Path, edition: Edition) -> None:
    """Write pages, index, hand-outs, tables and manifest beside the executed notebooks.

    Args:
        folder: Folder of the publication.
        edition: What it holds.
    """
    release = edition.release
    pages = _pages(folder, edition)
    for name, html in pages.items():
        _write_text(folder / f"{name}.html", html)
    listed = [page.listed for page in edition.pages]
    months = [Link(href=f"../{month}/index.html", title=month) for month in edition.months]
    context = _context(release, {"index": Link(href="../index.html", title="All months")})
    _write_text(folder / "index.html", index_page(context, listed, months=months))
    if edition.single_file:
        _write_text(folder / "briefing.html", one_page(pages, context))
    if edition.browser:
        print_pdf(folder / "briefing.html", folder / "briefing.pdf", edition.browser)
    (folder / "tables").mkdir()
    for name, table in release.tables().items():
        _write_text(folder / "tables" / f"{name}.csv", as_csv(table))
    _write_text(folder / "manifest.json", manifest(release, edition.parameters, listed))


def title_of(notebook: Path) -> str:
    """The title of a notebook, which is the first line of its first cell."""
    first = json.loads(notebook.read_text(encoding="utf-8"))["cells"][0]["source"]
    return str("".join(first).splitlines()[0].lstrip("# "))


def _pages(folder: Path, edition: Edition) -> dict[str, str]:
    links = [Link(href=f"{page.name}.html", title=page.title) for page in edition.pages]
    pages = {}
    for place, page in enumerate(edition.pages):
        nav = {"index": Link(href="index.html", title="All briefings of the month")}
        nav |= {"previous": links[place - 1]} if place else {}
        nav |= {"next": links[place + 1]} if place + 1 < len(links) else {}
        context = replace(_context(edition.release, nav), title=page.title)
        if edition.earlier and edition.again:
            earlier, said = (edition.earlier, edition.again, edition.release), page.said.get("answer", "")
            changes = since(*earlier, page.name, page.kpi_ids, said)
            context = replace(context, changes=changes, changes_since=edition.again.period.label)
        pages[page.name] = to_html(folder / "notebooks" / f"{page.name}.ipynb", context)
    return pages


def _context(release: Release, nav: Mapping[str, Link]) -> PageContext:
    settings, period = release.settings, release.period
    changed = [f"{name} = {value}" for name, value in release.parameters.changed().items()]
    commit = git_commit()
    extracts = [source for source in release.sources if not source.file.startswith("plan/")]
    return PageContext(
        area_name=settings.name,
        month_label=period.label,
        data_date=in_words(period.data_date),
        illustrative=ILLUSTRATIVE.format(area=settings.name) if settings.illustrative else "",
        audience=release.audience,
        nav=nav,
        footer={
            "Extracts and published figures": "; ".join(
                f"{source.file}, {source.rows:,} rows, sha256 {source.sha256[:12]}" for source in extracts
            ),
            "Plan": settings.plan_name,
            "Choices that differ from the default": "; ".join(changed) or "none",
            "Made by": f"sendanalysis {metadata.version('sendanalysis')}"
            + (f" ({commit[:8]}{', changed since' if git_changes() else ''})" if commit else ""),
        },
    )


def _write_text(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8", newline="\n")
