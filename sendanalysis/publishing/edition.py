"""The edition: every file of one publication, written from its release and its executed notebooks."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any

from sendanalysis.display.changes import since
from sendanalysis.display.page import Link, PageContext, index_page
from sendanalysis.display.readings import other
from sendanalysis.inputs.parameters import Parameters
from sendanalysis.methods.periods import in_words, reporting_period
from sendanalysis.publishing.engine import to_html
from sendanalysis.publishing.handout import one_page, print_pdf
from sendanalysis.publishing.record import as_csv, manifest
from sendanalysis.publishing.reuse import files_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from sendanalysis.inputs.settings import Settings
    from sendanalysis.methods.periods import Period
    from sendanalysis.publishing.ledger import Line
    from sendanalysis.publishing.shelf import Carried
    from sendanalysis.release import Release


READERS = {"internal": "For the partnership alone", "partner": "For partners", "public": "For the public"}
ILLUSTRATIVE = (
    "The figures come from a made-up sample, not from {area}'s records; "
    "baselines, targets and actions are the plan's, and national figures are the published ones."
)


@dataclass(frozen=True)
class Printed:
    """One page of an edition.

    Attributes:
        name: Its name.
        title: Its title.
        said: Its headline: answer, status.
        kpi_ids: The KPIs it speaks of.
        why_not: Why it could not be made anew; empty where it was.
        carried: The page of an earlier month that stands in its place, if any.
    """

    name: str
    title: str
    said: Mapping[str, str]
    kpi_ids: tuple[str, ...]
    why_not: str = ""
    carried: Carried | None = None

    @property
    def shown(self) -> bool:
        """Whether there is such a page, made anew or carried forward."""
        return self.carried is not None or not self.why_not

    @property
    def notice(self) -> str:
        """That it is carried forward or left out, and why; empty where it was made anew."""
        return str(as_listed(self.listed)["notice"])

    @property
    def listed(self) -> dict[str, Any]:
        """The page as the manifest lists it."""
        if not self.shown:
            return {"name": self.name, "title": self.title, "reason": self.why_not}
        answer, status = self.said.get("answer", ""), self.said.get("status") or None
        listed = {"href": f"{self.name}.html", "title": self.title, "headline": answer, "status": status}
        held = self.carried.manifest if self.carried else {}
        source = {"month": held["month"], "data_date": held["data_date"], "reason": self.why_not} if held else None
        return listed | {"carried_from": source}


@dataclass(frozen=True)
class Edition:
    """What a publication holds.

    Attributes:
        release: Figures, sources and choices.
        pages: Pages in order; their executed notebooks stand in `notebooks/` already.
        parameters: Values of each page's parameters cell.
        rests_on: What each page made anew rests on: its key, and the parts of the release that it opened.
        key: What the publication rests on; empty for one that is to be made again the next time.
        earlier: Manifest of the latest earlier publication, if any.
        again: The release of that month from today's extracts, if they reach it; outside, as it was published.
        months: Earlier months that are published.
        single_file: Whether all briefings are also written as one page.
        browser: Chromium that prints that page as a PDF; empty for none.
        line: Its line in the ledger; None for an internal publication.
    """

    release: Release
    pages: Sequence[Printed]
    parameters: Mapping[str, dict[str, object]]
    rests_on: Mapping[str, dict[str, Any]]
    key: str
    earlier: Mapping[str, Any] | None
    again: Release | None
    months: Sequence[str]
    single_file: bool
    browser: str
    line: Line | None = None


def write_edition(folder: Path, edition: Edition) -> None:
    """Write pages, index, hand-outs, tables and the manifest beside the release and the executed notebooks.

    Args:
        folder: Folder of the publication.
        edition: What it holds.
    """
    release = edition.release
    listed, left_out = ([page.listed for page in edition.pages if page.shown is shown] for shown in (True, False))
    held = manifest(release, edition.parameters, listed, left_out, asdict(edition.line) if edition.line else None)
    pages = _pages(folder, edition, held)
    for name, html in pages.items():
        _write_text(folder / f"{name}.html", html)
    months = [Link(href=f"../{month}/index.html", title=month) for month in edition.months]
    context = context_of(held, release.settings, {"index": Link(href="../index.html", title="All months")})
    on_index = [as_listed(page.listed) for page in edition.pages]
    _write_text(folder / "index.html", index_page(context, on_index, months=months))
    if edition.single_file:
        _write_text(folder / "briefing.html", one_page(pages, context, on_index))
    if edition.browser:
        print_pdf(folder / "briefing.html", folder / "briefing.pdf", edition.browser)
    (folder / "tables").mkdir()
    for name, table in release.tables().items():
        _write_text(folder / "tables" / f"{name}.csv", as_csv(table))
    held |= {"notebooks": dict(edition.rests_on), "key": edition.key, "files": files_of(folder)}
    text = json.dumps(held, indent=2, ensure_ascii=False, allow_nan=False)
    _write_text(folder / "manifest.json", f"{text}\n")


def as_listed(item: Mapping[str, Any]) -> dict[str, Any]:
    """A page of a manifest as the index lists it, with a notice that it is carried forward or left out, and why."""
    held, notice = item.get("carried_from"), ""
    if held:
        then = _period(held)
        day = in_words(then.data_date)
        notice = f"Carried forward from {then.label}, with data to {day}: {held['reason']}."
    elif item.get("reason"):
        notice = f"Left out this month: {item['reason']}."
    return {"href": "", "headline": "", "status": None, "notice": notice, **item}


def title_of(notebook: Path) -> str:
    """The title of a notebook, which is the first line of its first cell."""
    first = json.loads(notebook.read_text(encoding="utf-8"))["cells"][0]["source"]
    return str("".join(first).splitlines()[0].lstrip("# "))


def _pages(folder: Path, edition: Edition, held: Mapping[str, Any]) -> dict[str, str]:
    shown = [page for page in edition.pages if page.shown]
    links = [Link(href=f"{page.name}.html", title=page.title) for page in shown]
    pages = {}
    for place, page in enumerate(shown):
        nav = {"index": Link(href="index.html", title="All briefings of the month")}
        nav |= {"previous": links[place - 1]} if place else {}
        nav |= {"next": links[place + 1]} if place + 1 < len(links) else {}
        if page.carried:
            then = {**page.carried.manifest, "ledger": held["ledger"]}
            context = context_of(then, edition.release.settings, nav)
            context = replace(context, title=page.title, notice=[*context.notice, page.notice])
            pages[page.name] = to_html(page.carried.notebook, context)
            continue
        context = context_of(held, edition.release.settings, nav)
        notice = [*context.notice, *_without_data(edition.release, page.kpi_ids)]
        context = replace(context, title=page.title, notice=notice)
        if edition.earlier and edition.again:
            earlier, said = (edition.earlier, edition.again, edition.release), page.said.get("answer", "")
            changes = since(*earlier, page.name, page.kpi_ids, said)
            context = replace(context, changes=changes, changes_since=edition.again.period.label)
        pages[page.name] = to_html(folder / "notebooks" / f"{page.name}.ipynb", context)
    return pages


def _without_data(release: Release, kpi_ids: Sequence[str]) -> list[str]:
    """A sentence for each reason why KPIs of a page have no figure, with their names."""
    names: dict[str, list[str]] = {}
    for figure in (release.kpis[kpi_id] for kpi_id in kpi_ids):
        if figure.lacking and figure.kpi:
            names.setdefault(figure.lacking, []).append(figure.kpi.name)
    return [f"No data for {'; '.join(own)}: {why}." for why, own in names.items()]


def _period(held: Mapping[str, Any]) -> Period:
    return reporting_period(held["month"], held["data_date"])


def context_of(held: Mapping[str, Any], settings: Settings, nav: Mapping[str, Link]) -> PageContext:
    """What stands around a page of a publication, as its manifest has it.

    Args:
        held: The manifest.
        settings: What `area.toml` says.
        nav: Links by name: index, previous, next.
    """
    period, default = _period(held), Parameters().as_dict() | {"plan.clock_start": held["choices"]["plan.clock_start"]}
    commit = held["git_commit"]
    extracts = {file: source for file, source in held["extracts"].items() if not file.startswith("plan/")}
    aside = list(dict.fromkeys(held.get("tables_set_aside", {}).values()))
    return PageContext(
        area_name=held["area"],
        month_label=period.label,
        data_date=in_words(period.data_date),
        illustrative=ILLUSTRATIVE.format(area=held["area"]) if held["illustrative"] else "",
        audience=READERS[held["audience"]],
        notice=[*([held["disclosure"]] if held["disclosure"] else []), *_edition_said(held.get("ledger"))],
        nav=nav,
        footer={
            "Extracts and published figures": "; ".join(
                f"{file}{_rows(source)}{_hash(source)}" for file, source in extracts.items()
            ),
            **({"Set aside": "; ".join(aside)} if aside else {}),
            "Plan": settings.plan_name,
            "Choices that differ from the default": other(held["choices"], default) or "none",
            "Made by": f"sendanalysis {held['versions']['sendanalysis']}"
            + (f" ({commit[:8]}{', changed since' if held['git_changes'] else ''})" if commit else ""),
        },
    )


def _edition_said(line: Mapping[str, Any] | None) -> list[str]:
    """That a month was published before to the same readers, and why again."""
    if line is None or line["edition"] == 1:
        return []
    return [f"Edition {line['edition']} of this month. Why it was published again: {line['reason']}"]


def _rows(source: Mapping[str, Any]) -> str:
    return f", {source['rows']:,} rows" if "rows" in source else ""


def _hash(source: Mapping[str, Any]) -> str:
    return f", sha256 {source['sha256'][:12]}" if "sha256" in source else ""


def _write_text(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8", newline="\n")
