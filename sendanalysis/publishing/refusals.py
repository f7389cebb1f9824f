"""What a run refuses before anything is made: pages that cannot be, odd parameters, briefings it would take away."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from sendanalysis.errors import InputError
from sendanalysis.inputs.area import open_area
from sendanalysis.inputs.contracts import one_line
from sendanalysis.inputs.folder import INTERNAL
from sendanalysis.inputs.parameters import Parameters
from sendanalysis.publishing.pages import KPI_NOTEBOOK

try:
    import resource
except ImportError:  # Windows has no such limits
    resource = None  # type: ignore[assignment]

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from sendanalysis.publishing.pages import Page
    from sendanalysis.release import Release

FEWEST_OPEN = 96  # files at once, with which a kernel and what draws its charts come by
LONGEST = 3_800  # bytes of the place of a publication: 4,096 are the most of a path, and its own files are within it
COMMON = ("area", "month", "audience", "data_date", "choices")


def refuse_lacking(release: Release, pages: Sequence[Page], area: str, *, strict: bool, asked: bool) -> None:
    """Tables that are set aside stop a run that is strict or asked for their pages, or when no KPI would be left."""
    counted = {kpi.measure for kpi in release.plan if release.needs(kpi.measure)}
    if release.lacking and (strict or (counted and not asked and counted.isdisjoint(release.measures))):
        open_area(area)
        late = "; ".join(dict.fromkeys(release.lacking.values()))
        raise InputError(f"{late[:1].upper()}{late[1:]}. Export it again, or run without --strict.")
    page = next((page for page in pages if page.why_not), None)
    if page and asked:
        see = f"See its errors: sendanalysis check {area} --only {page.name}"
        raise InputError(f"--only {page.name}: {page.why_not}. {see}")


def refuse_to_take_away(target: Path, pages: Sequence[Page]) -> None:
    """A publication is replaced as a whole, so fewer pages than it holds would take briefings away."""
    held = {path.stem for path in (target / "notebooks").glob("*.ipynb")}
    lost = [page for page in pages if page.why_not and page.name in held]
    if lost:
        raise InputError(
            f"{target} holds {lost[0].name} of this month, which cannot be made again: {lost[0].why_not}. "
            "Put the table right, or publish into another folder with --output."
        )
    kept = held - {page.name for page in pages}
    if kept:
        raise InputError(
            f"--only: {target} holds other briefings ({', '.join(sorted(kept))}), which this run would take away. "
            "Publish into another folder with --output."
        )


def refuse_surroundings(target: Path) -> None:
    """A place or a limit with which notebooks would end in errors that do not tell why."""
    if len(os.fsencode(target.absolute())) > LONGEST:
        raise InputError(f"{one_line(str(target))}: the path is too long. Choose a folder with a shorter path.")
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[0] if resource else FEWEST_OPEN
    if 0 <= most < FEWEST_OPEN:  # a limit that is none is below nought
        raise InputError(f"{most} files may be open at once, and a run needs {FEWEST_OPEN}. Say ulimit -n 1024 first.")


def refuse_unknown(given: Mapping[str, str], audience: str, reason: str) -> None:
    """What stands after `-p` and is no choice of a measure: nothing but the data date can; a reason that none asks."""
    if reason and audience == INTERNAL:
        raise InputError("--reason: internal publications are replaced without one. Leave it out, or name --audience.")
    reserved = [name for name in given if name in {*COMMON, KPI_NOTEBOOK, "edition"}]
    if reserved:
        raise InputError(f"-p {reserved[0]}: this is set by the run itself. See sendanalysis run --help.")
    if given:
        names = ", ".join(sorted({"data_date", *Parameters().as_dict()}))
        raise InputError(f"-p {next(iter(given))}: there is no such parameter. Parameters are: {names}.")
