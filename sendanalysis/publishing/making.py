"""Making the pages of a publication: the release is written, then each notebook runs over it, unless it did already."""

from __future__ import annotations

import json
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sendanalysis.publishing.batch import Job, Outcome
from sendanalysis.publishing.reuse import NOTEBOOKS, kept_of, key_of_page
from sendanalysis.release import RUN, digests, write_release

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from sendanalysis.publishing.batch import Crew
    from sendanalysis.publishing.pages import Page
    from sendanalysis.release import Release


@dataclass(frozen=True)
class Making:
    """What the pages of a publication are made from.

    Attributes:
        release: What the notebooks will show.
        pages: Pages to be made.
        parameters: Values of each page's parameters cell.
        folder: Folder the notebooks run in, from which the area is named.
        opened: What `open_release` is given in each of them.
        last: The publication that stands, of which pages are kept; None where all are to be made anew.
        crew: Processes that run the notebooks.
    """

    release: Release
    pages: Sequence[Page]
    parameters: Mapping[str, dict[str, object]]
    folder: Path
    opened: Mapping[str, str]
    last: Path | None
    crew: Crew


def make_pages(
    making: Making, folder: Path, on_done: Callable[[Outcome], None]
) -> tuple[list[Outcome], dict[str, dict[str, Any]]]:
    """Write the release into a publication's folder, then its executed notebooks, which open nothing else.

    Args:
        making: What they are made from.
        folder: Folder of the publication.
        on_done: Called with each outcome as it comes.

    Returns:
        One outcome for each page, in their order, and for each that ran to its end what it rests on: its key and the
        parts of the release that it opened.
    """
    area, release = making.folder / making.opened["area"], folder / "release"
    write_release(release, area, making.release, making.opened["choices"])
    parts = digests(release)
    (folder / NOTEBOOKS).mkdir()
    outcomes, rests_on = {}, {}
    for page in making.pages:
        kept = kept_of(making.last, page.name, page.notebook, making.parameters[page.name], parts)
        if kept and making.last:
            output = _executed(folder, page)
            shutil.copyfile(_executed(making.last, page), output)
            outcomes[page.name], rests_on[page.name] = Outcome(page.name, 0.0, output, None), kept
            on_done(outcomes[page.name])
    with tempfile.TemporaryDirectory(prefix="sendanalysis-", ignore_cleanup_errors=True) as scratch:
        run = {"area": str(area), "release": str(release)}
        jobs = [
            Job(
                page.name,
                page.notebook,
                _executed(folder, page),
                dict(making.parameters[page.name]),
                {RUN: json.dumps(run | {"opened": f"{scratch}/{page.name}"})},
            )
            for page in making.pages
            if page.name not in outcomes
        ]
        ran = making.crew.run(jobs, opened=making.opened, on_done=on_done)
        outcomes |= {outcome.name: outcome for outcome in ran}
        for job in jobs:
            opened = _noted(Path(scratch, job.name))
            rests_on[job.name] = {"key": key_of_page(job.notebook, job.parameters, opened, parts), "opened": opened}
    names = [page.name for page in making.pages]
    return [outcomes[name] for name in names], {name: rests_on[name] for name in names}


def _executed(publication: Path, page: Page) -> Path:
    return publication / NOTEBOOKS / f"{page.name}.ipynb"


def _noted(place: Path) -> list[str]:
    return sorted(set(place.read_text(encoding="utf-8").splitlines())) if place.is_file() else []
