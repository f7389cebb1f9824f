"""The release: the tables of one area, month and audience, measured and fit to be read by that audience.

It is the one door between extracts, which hold children, and everything a reader sees. Notebooks, charts, prose, CSV
files and the manifest are all made from it.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

from sendanalysis.errors import InputError
from sendanalysis.inputs.audiences import AUDIENCES, INTERNAL, WIDER
from sendanalysis.inputs.opening import open_month, read_choices
from sendanalysis.inputs.plan import Kpi
from sendanalysis.measures.audited import audited
from sendanalysis.measures.figures import HIDDEN
from sendanalysis.measures.held import HeldRelease, fingerprint, fingerprint_of, write_release
from sendanalysis.measures.protection import WITHHELD, ProtectedRelease
from sendanalysis.measures.released import Release
from sendanalysis.measures.scorecard import NOT_SHOWN, Figure

__all__ = [
    "AUDIENCES",
    "BEFORE",
    "HIDDEN",
    "INTERNAL",
    "NOT_SHOWN",
    "WIDER",
    "WITHHELD",
    "Figure",
    "Kpi",
    "ProtectedRelease",
    "Release",
    "audited",
    "fingerprint",
    "fingerprint_of",
    "open_release",
    "read_choices",
    "write_release",
]

BEFORE = "SENDANALYSIS_BEFORE"  # tells the notebooks of a run, as JSON, which releases their readers have already

_measured: dict[tuple[Path, str, str, str, str], Release] = {}


def measure_ahead(area: str, month: str, audience: str, data_date: str, choices: str) -> None:
    """Measure all tables of a release, so that `open_release` gives it in this process and those forked from it."""
    release = open_release(area, month, audience, data_date=data_date, choices=choices)
    release.tables()
    _measured[Path(area).resolve(), month, audience, data_date, choices] = release


def open_release(
    area: str | Path, month: str = "", audience: str = INTERNAL, *, data_date: str = "", choices: str = ""
) -> Release:
    """Open the release of one area and month.

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
    key = (Path(area).resolve(), month, audience, data_date, choices)
    if key in _measured:
        return _measured[key]
    opened, period = open_month(area, read_choices(choices), month, data_date)
    if opened.held:
        return HeldRelease(opened, period, audience)
    if audience == INTERNAL:
        return Release(opened, period)
    release = ProtectedRelease(opened, period, audience)
    release.after([Path(folder) for folder in json.loads(os.environ.get(BEFORE, "[]"))])
    return release
