"""The release: the tables of one area, month and audience, measured and fit to be read by that audience.

It is the one door between extracts, which hold children, and everything a reader sees. Notebooks, charts, prose, CSV
files and the manifest are all made from it.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

from sendanalysis.errors import InputError
from sendanalysis.inputs.audiences import AUDIENCES, WIDER
from sendanalysis.inputs.folder import INTERNAL, find_area
from sendanalysis.inputs.opening import open_month, read_choices
from sendanalysis.inputs.plan import Kpi
from sendanalysis.inputs.views import View
from sendanalysis.measures.audited import audited
from sendanalysis.measures.explored import Explored
from sendanalysis.measures.figures import HIDDEN
from sendanalysis.measures.held import RUN, HeldRelease, digests, fingerprint, fingerprint_of, write_release
from sendanalysis.measures.protection import WITHHELD, ProtectedRelease
from sendanalysis.measures.released import Release
from sendanalysis.measures.scorecard import NOT_SHOWN, Figure

__all__ = [
    "AUDIENCES",
    "HIDDEN",
    "INTERNAL",
    "NOT_SHOWN",
    "RUN",
    "WIDER",
    "WITHHELD",
    "Explored",
    "Figure",
    "Kpi",
    "ProtectedRelease",
    "Release",
    "View",
    "audited",
    "digests",
    "fingerprint",
    "fingerprint_of",
    "open_release",
    "read_choices",
    "write_release",
]

_ahead: dict[tuple[str, str, str, str, str], Release] = {}


def open_ahead(area: str, month: str, audience: str, data_date: str, choices: str) -> None:
    """Open a release so that `open_release` gives it in this process and in those forked from it."""
    _ahead[area, month, audience, data_date, choices] = open_release(
        area, month, audience, data_date=data_date, choices=choices
    )


def open_release(
    area: str | Path, month: str = "", audience: str = INTERNAL, *, data_date: str = "", choices: str = ""
) -> Release:
    """Open the release of one area and month.

    A notebook of a run is given what the run has measured, and reads no extract.

    Args:
        area: The area folder, seen from the current folder or any folder above it.
        month: Reporting month, YYYY-MM; empty for the last one that the extracts cover fully.
        audience: Who is to read it: internal, partner or public.
        data_date: Another data date than the month's last day.
        choices: Other readings of the plan than `area.toml` has, such as `quality.unit=plan_all advice.limit_days=30`.

    Returns:
        The release.

    Raises:
        InputError: The area, month, audience or a parameter cannot be used; the message says why.
    """
    if audience not in AUDIENCES:
        raise InputError(f"audience: '{audience}' is not available. Audiences are: {', '.join(AUDIENCES)}.")
    key = (str(area), month, audience, data_date, choices)
    if key in _ahead:
        return _ahead[key]
    opened, period = open_month(_folder_of(area), read_choices(choices), month, data_date)
    if opened.held:
        return HeldRelease(opened, period, audience)
    return Release(opened, period) if audience == INTERNAL else ProtectedRelease(opened, period, audience)


def _folder_of(area: str | Path) -> str | Path:
    """What is opened for an area: in a notebook of a run the run's own release, else the area."""
    run = json.loads(os.environ.get(RUN, "{}"))
    if not run:
        return area
    if find_area(area, packed=True) != Path(run["area"]):
        raise InputError(
            f"area: a notebook of this run opens the figures of {Path(run['area']).name}, so it cannot open {area}."
        )
    return Path(run["release"])
