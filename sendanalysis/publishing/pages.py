"""The pages of a publication: which notebook makes each, and which KPIs it speaks of."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sendanalysis.errors import InputError
from sendanalysis.publishing.record import ROOT

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from sendanalysis.release import Release

NOTEBOOKS = ROOT / "notebooks"
KPI_NOTEBOOK, PAGE_TAG = "kpi", "page-"
NAMES_A_PAGE = re.compile(r"[A-Za-z0-9_-]{1,80}")
LAST_OF_KPIS = "05"  # pages of KPIs stand before those of the plan's registers


@dataclass(frozen=True)
class Page:
    """One page of a publication: its name, the notebook that makes it, and the KPIs it speaks of."""

    name: str
    notebook: Path
    kpi_ids: tuple[str, ...] = ()
    kpi: str = ""


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
        if what == "scorecard":
            found.append(Page(name, path, tuple(release.kpis)))
        elif what in release.pages:
            found.append(Page(name, path, tuple(release.kpis_of(what))))
            shown.add(what)
    others = [kpi for kpi in release.roots if kpi.measure not in shown]
    _refuse_odd_names([kpi.kpi_id for kpi in others])
    ids = {kpi.kpi_id: (kpi.kpi_id, *(part.kpi_id for part in release.parts(kpi.kpi_id))) for kpi in others}
    own = [Page(f"kpi_{kpi_id.lower()}", notebooks[KPI_NOTEBOOK], parts, kpi_id) for kpi_id, parts in ids.items()]
    last = next((place for place, page in enumerate(found) if page.name > LAST_OF_KPIS), len(found))
    return (*found[:last], *own, *found[last:])


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


def chosen(pages: tuple[Page, ...], only: Sequence[str]) -> tuple[Page, ...]:
    """The pages named, or all of them where none is.

    Raises:
        InputError: A name that is no page of this plan.
    """
    known = [page.name for page in pages]
    unknown = [name for name in only if name.removesuffix(".ipynb") not in known]
    if unknown:
        raise InputError(f"--only {unknown[0]}: there is no such page. Pages of this plan are: {', '.join(known)}.")
    wanted = {name.removesuffix(".ipynb") for name in only} or set(known)
    return tuple(page for page in pages if page.name in wanted)
