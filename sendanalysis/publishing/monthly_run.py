"""The monthly run: every notebook of one area and month, as one publication, all or nothing."""

from __future__ import annotations

import json
from dataclasses import dataclass, fields, replace
from importlib import metadata
from typing import TYPE_CHECKING, Any

from sendanalysis.display.changes import since
from sendanalysis.display.headlines import HEADLINES, ILLUSTRATIVE, Headline
from sendanalysis.display.page import Link, PageContext, index_page
from sendanalysis.errors import AnalysisError, InputError
from sendanalysis.inputs.area import find_area
from sendanalysis.inputs.choices import Choices
from sendanalysis.methods.periods import in_words
from sendanalysis.publishing.batch import Job, Outcome, run_notebooks
from sendanalysis.publishing.engine import checked_parameters, parameters_of, to_html
from sendanalysis.publishing.place import area_output, publication, recover, write_failed
from sendanalysis.publishing.record import ROOT, account_of, as_csv, git_commit, manifest
from sendanalysis.publishing.shelf import earlier_manifest, published_months, write_lists
from sendanalysis.release import open_release

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from sendanalysis.release import Release

NOTEBOOKS = ROOT / "notebooks"
COMMON = ("area", "month", "audience", "data_date", "choices")


@dataclass(frozen=True)
class Request:
    """A run that has been checked and can start.

    Attributes:
        release: What the notebooks will show.
        notebooks: Those to run, in order.
        parameters: Values for each notebook's parameters cell, by its name.
        folder: Folder the notebooks run in, from which `area` is named.
        target: Where the publication goes.
    """

    release: Release
    notebooks: tuple[Path, ...]
    parameters: Mapping[str, dict[str, object]]
    folder: Path
    target: Path

    def at(self, month: str) -> Release | None:
        """The release of another month from the same extracts and choices, or None where they do not reach it."""
        given = next(iter(self.parameters.values()))
        try:
            return open_release(self.folder / str(given["area"]), month, choices=str(given["choices"]))
        except AnalysisError:
            return None


@dataclass(frozen=True)
class Row:
    """One notebook of a finished run: its name, title, headline, seconds and what went wrong, if anything."""

    name: str
    title: str
    headline: Headline
    seconds: float
    problem: str = ""


@dataclass(frozen=True)
class Result:
    """A finished run: where it stands and how each notebook went."""

    area: str
    month: str
    folder: Path
    rows: tuple[Row, ...]

    @property
    def failed(self) -> bool:
        """Whether any notebook failed, so that nothing was published."""
        return any(row.problem for row in self.rows)

    def as_dict(self) -> dict[str, Any]:
        """The result for machines."""
        return {
            "area": self.area,
            "month": self.month,
            "published": not self.failed,
            "folder": self.folder.as_posix(),
            "notebooks": [
                {
                    "name": row.name,
                    "headline": row.headline.answer,
                    "status": row.headline.status or None,
                    "seconds": round(row.seconds, 1),
                    "problem": row.problem or None,
                }
                for row in self.rows
            ],
        }


def prepare(  # noqa: PLR0913  # one for each option of the command
    area: str,
    month: str,
    audience: str,
    output: Path,
    *,
    only: Sequence[str] = (),
    parameters: Mapping[str, str] | None = None,
) -> Request:
    """Check everything that can be checked before a kernel starts.

    Args:
        area: The area folder.
        month: Reporting month, or empty for the last one covered fully.
        audience: Who is to read it.
        output: Folder of all publications.
        only: Names of the notebooks to run; all when empty.
        parameters: Choices and notebooks' own parameters, as typed.

    Returns:
        The run.

    Raises:
        InputError: A name or value that cannot be used, or an area with faults.
    """
    notebooks = _chosen(only)
    given = dict(parameters or {})
    choices = " ".join(f"{name}={given.pop(name)}" for name in _choice_names() if name in given)
    data_date = given.pop("data_date", "")
    own = _own_parameters(notebooks, given)
    release = open_release(area, month, audience, data_date=data_date, choices=choices)
    folder, place = _seen_from(find_area(area))
    common = {
        "area": place,
        "month": release.period.key,
        "audience": audience,
        "data_date": data_date,
        "choices": choices,
    }
    target = area_output(output, find_area(area).name, release.period.key)
    return Request(release, notebooks, {path.stem: common | own[path.stem] for path in notebooks}, folder, target)


def publish(request: Request, report: Callable[[str, float, str], None]) -> Result:
    """Run the notebooks and publish their briefings in one step, or keep what failed beside the last publication.

    Args:
        request: A run that `prepare` has checked.
        report: Called with name, seconds and problem (empty for none) as each notebook ends.

    Returns:
        How it went and where it stands.
    """
    recover(request.target)
    outcomes: list[Outcome] = []
    try:
        with publication(request.target) as folder:
            outcomes += _run(request, folder / "notebooks", report)
            _refuse_failures(outcomes)
            _write(request, folder)
    except _NotPublishedError:
        place = write_failed(request.target, account_of(outcomes))
    else:
        place = request.target
        write_lists(request.target.parents[1])
    release = request.release
    rows = tuple(
        Row(path.stem, _title(path), _headline(release, path), outcome.seconds, _problem(outcome))
        for path, outcome in zip(request.notebooks, outcomes, strict=True)
    )
    return Result(release.settings.name, release.period.key, place, rows)


class _NotPublishedError(Exception):
    """Leaves the publication's block so that nothing takes its place."""


def _refuse_failures(outcomes: Sequence[Outcome]) -> None:
    if any(outcome.failure for outcome in outcomes):
        raise _NotPublishedError


def _chosen(only: Sequence[str]) -> tuple[Path, ...]:
    known = {path.stem: path for path in sorted(NOTEBOOKS.glob("[0-9][0-9]_*.ipynb"))}
    if not known:
        raise InputError(f"{NOTEBOOKS.name}: there are no notebooks. Run from a clone of the repository.")
    unknown = [name for name in only if name.removesuffix(".ipynb") not in known]
    if unknown:
        raise InputError(f"--only {unknown[0]}: there is no such notebook. Notebooks are: {', '.join(known)}.")
    wanted = {name.removesuffix(".ipynb") for name in only} or set(known)
    return tuple(path for name, path in known.items() if name in wanted)


def _choice_names() -> list[str]:
    return [item.name for item in fields(Choices)]


def _own_parameters(notebooks: Sequence[Path], given: Mapping[str, str]) -> dict[str, dict[str, object]]:
    reserved = [name for name in given if name in COMMON]
    if reserved:
        raise InputError(f"-p {reserved[0]}: this is set by the run itself. See sendanalysis run --help.")
    known = {path.stem: {p.name for p in parameters_of(path)} - set(COMMON) for path in notebooks}
    unknown = [name for name in given if not any(name in names for names in known.values())]
    if unknown:
        names = sorted({"data_date", *_choice_names(), *(name for found in known.values() for name in found)})
        raise InputError(f"-p {unknown[0]}: there is no such parameter. Parameters are: {', '.join(names)}.")
    return {
        path.stem: checked_parameters(path, {name: value for name, value in given.items() if name in known[path.stem]})
        for path in notebooks
    }


def _seen_from(area: Path) -> tuple[Path, str]:
    """The folder to run in and the area as named from there, so that no publication names a place of this machine."""
    if area.is_relative_to(ROOT):
        return ROOT, area.relative_to(ROOT).as_posix()
    return area.parent, area.name


def _run(request: Request, folder: Path, report: Callable[[str, float, str], None]) -> list[Outcome]:
    folder.mkdir()
    jobs = [Job(path.stem, path, folder / path.name, dict(request.parameters[path.stem])) for path in request.notebooks]
    return run_notebooks(
        jobs, folder=request.folder, on_done=lambda found: report(found.name, found.seconds, _problem(found))
    )


def _write(request: Request, folder: Path) -> None:
    earlier = earlier_manifest(request.target)
    again = request.at(earlier["month"]) if earlier else None
    release, stems = request.release, [path.stem for path in request.notebooks]
    titles = {path.stem: _title(path) for path in request.notebooks}
    commit = git_commit()
    for place, stem in enumerate(stems):
        nav = {"index": _link("index", "All briefings of the month")}
        if place:
            nav["previous"] = _link(stems[place - 1], titles[stems[place - 1]])
        if stem != stems[-1]:
            nav["next"] = _link(stems[place + 1], titles[stems[place + 1]])
        context = _context(release, nav, commit)
        if earlier and again:
            changes = since(earlier, again, release, stem)
            context = replace(context, changes=changes, changes_since=again.period.label)
        page = to_html(folder / "notebooks" / f"{stem}.ipynb", context)
        _write_text(folder / f"{stem}.html", page)
    listed = [
        {
            "href": f"{path.stem}.html",
            "title": titles[path.stem],
            "headline": head.answer,
            "status": head.status or None,
        }
        for path in request.notebooks
        for head in [_headline(release, path)]
    ]
    months = [
        Link(href=f"../{month}/index.html", title=month)
        for month in published_months(request.target.parent)
        if month < request.target.name
    ]
    nav = {"index": Link(href="../index.html", title="All months")}
    _write_text(folder / "index.html", index_page(_context(release, nav, commit), listed, months=months))
    (folder / "tables").mkdir()
    for name, table in release.tables().items():
        _write_text(folder / "tables" / f"{name}.csv", as_csv(table))
    _write_text(folder / "manifest.json", manifest(release, request.parameters, listed))


def _context(release: Release, nav: Mapping[str, Any], commit: str | None) -> PageContext:
    settings, period = release.settings, release.period
    changed = [f"{name} = {value}" for name, value in release.choices.changed().items()]
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
            "Made by": f"sendanalysis {metadata.version('sendanalysis')}" + (f" ({commit[:8]})" if commit else ""),
        },
    )


def _headline(release: Release, notebook: Path) -> Headline:
    return HEADLINES[notebook.stem](release) if notebook.stem in HEADLINES else Headline("")


def _title(notebook: Path) -> str:
    first = json.loads(notebook.read_text(encoding="utf-8"))["cells"][0]["source"]
    return str("".join(first).splitlines()[0].lstrip("# "))


def _problem(outcome: Outcome) -> str:
    failure = outcome.failure
    return f"cell {failure.cell}: {failure.error}: {failure.message}" if failure else ""


def _link(stem: str, title: str) -> Link:
    return {"href": f"{stem}.html", "title": title}


def _write_text(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8", newline="\n")
