"""The monthly run: every notebook of one area and month, as one publication, all or nothing."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, cast

from sendanalysis.errors import AnalysisError
from sendanalysis.inputs.folder import INTERNAL, find_area, seen_from
from sendanalysis.publishing import shelf
from sendanalysis.publishing.edition import Edition, Printed, title_of, write_edition
from sendanalysis.publishing.engine import headline_in
from sendanalysis.publishing.gate import files_in, refuse_findings
from sendanalysis.publishing.handout import find_browser
from sendanalysis.publishing.ledger import add, entered, keep_former, turn
from sendanalysis.publishing.making import Making, make_pages
from sendanalysis.publishing.months import published_months, root_of
from sendanalysis.publishing.pages import Page, all_notebooks, chosen, pages_of
from sendanalysis.publishing.place import area_output, publication, recover, write_failed
from sendanalysis.publishing.record import account_of
from sendanalysis.publishing.refusals import (
    COMMON,
    refuse_lacking,
    refuse_surroundings,
    refuse_to_take_away,
    refuse_unknown,
)
from sendanalysis.publishing.result import Result, Row
from sendanalysis.publishing.reuse import with_earlier
from sendanalysis.publishing.safety import known_from_before, refuse_recoverable
from sendanalysis.release import audited, fingerprint_of, open_release

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from sendanalysis.publishing.batch import Crew, Outcome
    from sendanalysis.publishing.ledger import Ledger, Line
    from sendanalysis.release import ProtectedRelease, Release

SCORECARD = "00_scorecard"  # which is told of its edition


@dataclass(frozen=True)
class Request:
    """A run that has been checked and can start.

    Attributes:
        release: What the notebooks will show.
        pages: Those asked for, in order; one that says `why_not` is carried forward or left out.
        parameters: Values for each page's parameters cell, by its name.
        folder: Folder the notebooks run in, from which `area` is named.
        target: Where the publication goes.
        single_file: Whether all briefings are also written as one page.
        browser: Chromium that prints that page as a PDF; empty for none.
        warnings: Extracts that look old or cut beside the last publication's; counts that earlier ones give away.
        key: What the publication will rest on; empty where the same run is to be made again the next time.
        force: Whether every notebook is run, those too that would come out as they stand.
        entry: The ledger that tells of it, and its line there; None for the internal audience.
    """

    release: Release
    pages: tuple[Page, ...]
    parameters: Mapping[str, dict[str, object]]
    folder: Path
    target: Path
    single_file: bool = False
    browser: str = ""
    warnings: tuple[str, ...] = ()
    key: str = ""
    force: bool = False
    entry: tuple[Ledger, Line] | None = None

    @property
    def made(self) -> tuple[Page, ...]:
        """The pages that are made anew."""
        return tuple(page for page in self.pages if not page.why_not)


def prepare(  # noqa: PLR0913  # one for each option of the command
    area: str,
    month: str,
    audience: str,
    output: Path,
    *,
    only: Sequence[str] = (),
    parameters: Mapping[str, str] | None = None,
    single_file: bool = False,
    pdf: bool = False,
    strict: bool = False,
    force: bool = False,
    key: str = "",
    reason: str = "",
) -> Request:
    """Check everything that can be checked before a kernel starts.

    Args:
        area: The area folder.
        month: Reporting month, or empty for the last one covered fully.
        audience: Who is to read it.
        output: Folder of all publications.
        only: Names of the notebooks to run; all when empty.
        parameters: Choices and the data date, as typed.
        single_file: Whether all briefings are also wanted as one page.
        pdf: Whether that page is also wanted as a PDF.
        strict: Whether a table that is missing, faulty or late stops the run.
        force: Whether every notebook is run, those too that would come out as they stand.
        key: What the run rests on, from `reuse.key_of_run` before anything was read.
        reason: Why a month is published again, for others than the internal audience.

    Returns:
        The run.

    Raises:
        InputError: A name or value that cannot be used, an area with faults, or a small count that can be worked out.
    """
    place, notebooks, given = find_area(area), all_notebooks(), dict(parameters or {})
    data_date = given.pop("data_date", "")
    choices = " ".join(f"{name}={given.pop(name).replace(' ', '')}" for name in list(given) if "." in name)
    refuse_unknown(given, audience, reason)
    release = open_release(area, month, audience, data_date=data_date, choices=choices)
    pages = chosen(pages_of(release, notebooks), only)
    refuse_lacking(release, pages, area, strict=strict, asked=bool(only))
    folder, named = seen_from(place)
    values = (named, release.period.key, audience, data_date, choices)
    common: dict[str, object] = dict(zip(COMMON, values, strict=True))
    target = area_output(root_of(output, audience), place.name, release.period.key)
    refuse_surroundings(target)
    refuse_to_take_away(target, pages)
    cells = _cells(pages, common, target)
    unlike = shelf.unlike_last_time(release.sources, release.source_tables, target) if audience == INTERNAL else []
    entry, known = _entered(release, output, place.name, choices, reason) if audience != INTERNAL else (None, [])
    key = "" if unlike or any(page.why_not for page in pages) else key
    printed, warnings = (single_file or pdf, find_browser() if pdf else ""), (*map(str, unlike), *known)
    return Request(release, pages, cells, folder, target, *printed, warnings, key, force, entry)


def _entered(
    release: Release, output: Path, area: str, choices: str, reason: str
) -> tuple[tuple[Ledger, Line], list[str]]:
    """The ledger and line of a release for outside that gives nothing away, and what earlier ones gave away."""
    outside = cast("ProtectedRelease", release)
    entry = entered(outside, output, area, choices, " ".join(reason.split()))
    audit = audited(outside)
    refuse_recoverable(audit, "published")
    return entry, known_from_before(audit)


def _cells(pages: Sequence[Page], common: dict[str, object], target: Path) -> dict[str, dict[str, object]]:
    """Values of each page's parameters cell; the scorecard is told of its edition."""
    cells = {page.name: common | ({"kpi": page.kpi} if page.kpi else {}) for page in pages if not page.why_not}
    if SCORECARD in cells:
        shown = [page for page in pages if not page.why_not or shelf.last_made(target, page.name)]
        linked = {kpi_id: page.name for page in shown if page.name != SCORECARD for kpi_id in page.kpi_ids}
        cells[SCORECARD] |= {"edition": shelf.edition_for(target, linked)}
    return cells


def publish(request: Request, crew: Crew, report: Callable[[str, float, str], None]) -> Result:
    """Run the notebooks and publish their briefings in one step, or keep what failed beside the last publication.

    Args:
        request: A run that `prepare` has checked.
        crew: Processes that run the notebooks, in the request's folder.
        report: Called with name, seconds and problem (empty for none) as each notebook ends.

    Returns:
        How it went and where it stands.

    Raises:
        InputError: It holds what may name a person; the last publication stays as it was.
    """
    recover(request.target)
    if request.entry is None:
        return _published(request, crew, report, None)
    ledger, line = request.entry
    with turn(ledger):
        choices = str(next(iter(request.parameters.values()))["choices"])
        line = replace(line, figures=fingerprint_of(request.release, choices))
        result = _published(request, crew, report, line)
        if not result.failed:
            add(ledger, line)
    return result


def _published(request: Request, crew: Crew, report: Callable[[str, float, str], None], line: Line | None) -> Result:
    outcomes: list[Outcome] = []
    warnings = [*request.warnings]
    headlines: list[dict[str, str]] = [{} for _ in request.made]
    others = tuple(_other(request, page) for page in request.pages if page.why_not)
    try:
        with publication(request.target, shared=request.release.audience != INTERNAL) as folder:
            making = _making(request, crew)
            made, rests_on = make_pages(making, folder, lambda done: report(done.name, done.seconds, _problem(done)))
            outcomes += made
            _refuse_failures(outcomes)
            headlines = [headline_in(outcome.output) for outcome in outcomes]
            write_edition(folder, replace(_edition(request, headlines, others, rests_on), line=line))
            warnings += refuse_findings(files_in(folder), request.release, request.release.audience)
            if request.entry and line:
                keep_former(request.entry[0], line)
    except _NotPublishedError:
        place = write_failed(request.target, account_of(outcomes))
    else:
        place = request.target
        shelf.write_lists(request.target.parents[1])
    rows = tuple(
        Row(page.name, said.get("answer", ""), said.get("status", ""), outcome.seconds, _problem(outcome))
        for page, outcome, said in zip(request.made, outcomes, headlines, strict=True)
    )
    return Result(request.release.settings.name, request.release.period.key, place, rows, others, tuple(warnings))


def _other(request: Request, page: Page) -> Printed:
    """A page that cannot be made anew: as the latest earlier month made it, or without a page."""
    found = shelf.last_made(request.target, page.name)
    names = {kpi.kpi_id: kpi.name for kpi in request.release.plan}
    title = names.get(page.kpi) or title_of(page.notebook)
    listed = found.listed if found else {"title": title, "headline": "", "status": ""}
    said = {"answer": listed["headline"], "status": listed["status"]}
    return Printed(page.name, listed["title"], said, page.kpi_ids, page.why_not, found)


def _making(request: Request, crew: Crew) -> Making:
    opened = {name: str(next(iter(request.parameters.values()))[name]) for name in COMMON}
    last = None if request.force else request.target
    return Making(request.release, request.made, request.parameters, request.folder, opened, last, crew)


def _edition(
    request: Request,
    headlines: Sequence[Mapping[str, str]],
    others: Sequence[Printed],
    rests_on: Mapping[str, dict[str, Any]],
) -> Edition:
    """What is to be written, with the earlier publication it is compared with, where there is one."""
    earlier = shelf.earlier_manifest(request.target)
    again, given = None, next(iter(request.parameters.values()))
    if earlier:
        with contextlib.suppress(AnalysisError):  # the extracts reach that month no longer
            again = _again(request, earlier["month"], str(given["area"]), str(given["choices"]))
    months = [month for month in published_months(request.target.parent) if month < request.target.name]
    printed = [
        Printed(page.name, said.get("title") or title_of(page.notebook), said, page.kpi_ids)
        for page, said in zip(request.made, headlines, strict=True)
    ]
    order = [page.name for page in request.pages]
    return Edition(
        release=request.release,
        pages=sorted([*printed, *others], key=lambda page: order.index(page.name)),
        parameters=request.parameters,
        rests_on=rests_on,
        key=with_earlier(request.key, request.target.parent, months) if request.key else "",
        earlier=earlier,
        again=again,
        months=months,
        single_file=request.single_file,
        browser=request.browser,
    )


def _again(request: Request, month: str, area: str, choices: str) -> Release:
    """An earlier month from today's extracts; for readers outside, who see no restatement, as it was published."""
    if request.release.audience == INTERNAL:
        return open_release(request.folder / area, month, choices=choices)
    return open_release(request.target.parent / month / "release", month, request.release.audience)


class _NotPublishedError(Exception):
    """Leaves the publication's block so that nothing takes its place."""


def _refuse_failures(outcomes: Sequence[Outcome]) -> None:
    if any(outcome.failure for outcome in outcomes):
        raise _NotPublishedError


def _problem(outcome: Outcome) -> str:
    failure = outcome.failure
    return f"cell {failure.cell}: {failure.error}: {failure.message}" if failure else ""
