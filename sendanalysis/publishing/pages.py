"""The pages of a publication: which notebook makes each, and which KPIs it speaks of."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sendanalysis.errors import InputError
from sendanalysis.inputs.folder import ROOT
from sendanalysis.methods.periods import reporting_period
from sendanalysis.release import Release

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from sendanalysis.inputs.area import Area
    from sendanalysis.inputs.contracts import Fault

NOTEBOOKS = ROOT / "notebooks"
KPI_NOTEBOOK, PAGE_TAG = "kpi", "page-"
NAMES_A_PAGE = re.compile(r"[A-Za-z0-9_-]{1,80}")
LAST_OF_KPIS = "05"  # pages of KPIs stand before those of the plan's registers


@dataclass(frozen=True)
class Page:
    """One page of a publication: its name, the notebook that makes it, and the KPIs it speaks of.

    `needs` are the tables it reads beside the plan's; `why_not` says why it cannot be made now, empty where it can.
    """

    name: str
    notebook: Path
    kpi_ids: tuple[str, ...] = ()
    kpi: str = ""
    needs: frozenset[str] = frozenset()
    why_not: str = ""


def all_notebooks() -> dict[str, Path]:
    """The notebooks of this clone by name.

    Raises:
        InputError: There are none.
    """
    known = {path.stem: path for path in sorted(NOTEBOOKS.glob("*.ipynb"))}
    if not known:
        raise InputError(f"{NOTEBOOKS.name}: there are no notebooks. Run from a clone of the repository.")
    return known


def pages_of(release: Release, notebooks: Mapping[str, Path]) -> tuple[Page, ...]:
    """The pages of a release: a notebook where the plan uses what it shows, and one page for every other KPI.

    A notebook says what it shows by a tag of its first cell, `page-` and the measure or register.

    Raises:
        InputError: The id of a KPI cannot be the name of its page.
    """
    found, shown = [], set()
    for name, path in notebooks.items():
        what = _shows(path)
        if what == "scorecard" and release.plan:
            found.append(_scorecard(release, name, path))
        elif what in release.pages:
            own = tuple(kpi.kpi_id for kpi in release.plan if kpi.measure == what)
            found.append(Page(name, path, own, **_tables(release, what)))
            shown.add(what)
    others = [kpi for kpi in release.roots if kpi.measure not in shown]
    _refuse_odd_names([kpi.kpi_id for kpi in others])
    ids = {kpi.kpi_id: (kpi.kpi_id, *(part.kpi_id for part in release.parts(kpi.kpi_id))) for kpi in others}
    own_pages = [
        Page(f"kpi_{kpi_id.lower()}", notebooks[KPI_NOTEBOOK], ids[kpi_id], kpi_id, **_tables(release, kpi.measure))
        for kpi in others
        for kpi_id in [kpi.kpi_id]
    ]
    last = next((place for place, page in enumerate(found) if page.name > LAST_OF_KPIS), len(found))
    return (*found[:last], *own_pages, *found[last:])


def _tables(release: Release, what: str) -> dict[str, Any]:
    return {"needs": frozenset(release.needs(what)), "why_not": release.why_not(what)}


def _scorecard(release: Release, name: str, notebook: Path) -> Page:
    """The page of all KPIs, which is made as long as the figures of one can be."""
    needs = frozenset().union(*(release.needs(kpi.measure) for kpi in release.plan))
    why = sorted({release.lacking[table] for table in needs}) if needs and needs <= release.lacking.keys() else []
    ids = tuple(kpi.kpi_id for kpi in release.plan)
    return Page(name, notebook, ids, needs=needs, why_not=", and ".join(why))


def _refuse_odd_names(kpi_ids: Sequence[str]) -> None:
    """The id of a KPI is part of the name of a file, on systems too that do not tell capitals from small letters."""
    seen: dict[str, str] = {}
    for kpi_id in kpi_ids:
        if not NAMES_A_PAGE.fullmatch(kpi_id):
            raise InputError(
                f"plan/kpis.csv: kpi_id '{kpi_id}' cannot be the name of a page. Use letters, digits, hyphens and "
                "underscores."
            )
        other = seen.setdefault(kpi_id.lower(), kpi_id)
        if other != kpi_id:
            raise InputError(
                f"plan/kpis.csv: kpi_id '{other}' and '{kpi_id}' would be one page. "
                "Let them differ in more than capitals."
            )


def _shows(notebook: Path) -> str:
    tags = json.loads(notebook.read_text(encoding="utf-8"))["cells"][0]["metadata"].get("tags", [])
    return next((str(tag).removeprefix(PAGE_TAG) for tag in tags if str(tag).startswith(PAGE_TAG)), "")


def concerning(area: Area, faults: Sequence[Fault], only: Sequence[str]) -> list[Fault]:
    """Faults of the tables that some pages read, and those of the plan and the settings, on which every page rests.

    Raises:
        InputError: A name that is no page of this plan.
    """
    release = Release(area, reporting_period(f"{area.last_month:%Y-%m}"), "internal")
    needs = {table for page in chosen(pages_of(release, all_notebooks()), only) for table in page.needs}
    others = {contract.name for contract in area.contracts if contract.folder != "plan"} - needs
    return [fault for fault in faults if fault.table not in others]


def chosen(pages: tuple[Page, ...], only: Sequence[str]) -> tuple[Page, ...]:
    """The pages named, or all of them where none is.

    Raises:
        InputError: A name that is no page of this plan, or there is nothing to make a page of.
    """
    if not pages:
        raise InputError(
            "plan/kpis.csv: there is no KPI, and published/ has no file that the area compares itself in. "
            "Write the plan's KPIs into plan/kpis.csv, or put official files into published/."
        )
    known = [page.name for page in pages]
    unknown = [name for name in only if name.removesuffix(".ipynb") not in known]
    if unknown:
        raise InputError(f"--only {unknown[0]}: there is no such page. Pages of this plan are: {', '.join(known)}.")
    wanted = {name.removesuffix(".ipynb") for name in only} or set(known)
    return tuple(page for page in pages if page.name in wanted)
