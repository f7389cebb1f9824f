"""The record of a run: its manifest, its tables as CSV, and what an analyst reads after a failure."""

from __future__ import annotations

import json
import subprocess
from functools import cache
from typing import TYPE_CHECKING, Any

import pandas as pd

from sendanalysis.inputs.audiences import protection
from sendanalysis.inputs.completeness import known_rows
from sendanalysis.inputs.folder import INTERNAL, ROOT
from sendanalysis.inputs.formulas import without_formulas
from sendanalysis.publishing.reuse import versions
from sendanalysis.release import HIDDEN

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sendanalysis.inputs.area import Source
    from sendanalysis.publishing.batch import Outcome
    from sendanalysis.release import Figure, Release

GIT_SECONDS = 600


def manifest(
    release: Release,
    parameters: Mapping[str, Mapping[str, object]],
    briefings: Sequence[Mapping[str, Any]],
    left_out: Sequence[Mapping[str, Any]],
    line: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Everything another person needs to make the same publication again, and every KPI, for JSON.

    Args:
        release: The release that was published.
        parameters: Values of each notebook's parameters cell.
        briefings: href, title, headline and status of each briefing, and the month it is carried forward from, if any.
        left_out: title of each briefing that could not be made, and why.
        line: Its line in the ledger; None for an internal publication, which is in none.
    """
    known = release.source_tables, release.contracts, release.period.data_date
    return {
        "area": release.settings.name,
        "codes": dict(release.settings.codes),
        "illustrative": release.settings.illustrative,
        "month": release.period.key,
        "data_date": release.period.data_date.isoformat(),
        "audience": release.audience,
        "ledger": line,
        "disclosure": "" if release.audience == INTERNAL else protection(release.settings.disclosure[release.audience]),
        "parameters": {name: dict(values) for name, values in parameters.items()},
        "choices": release.choices(),
        "extracts": read_from(release.sources, counted=release.audience == INTERNAL),
        **({"known_rows": known_rows(*known)} if release.audience == INTERNAL else {}),
        "pseudonyms": {"key": release.key.fingerprint, "keys_made": release.key.number} if release.key else None,
        "versions": versions(),
        "git_commit": git_commit(),
        "git_changes": git_changes(),
        "briefings": [dict(item) for item in briefings],
        "left_out": [dict(item) for item in left_out],
        "tables_set_aside": dict(release.lacking),
        "waivers": [dict(waiver) for waiver in release.settings.waivers],
        "figures": {kpi_id: _named(figure) | _plain(figure.released()) for kpi_id, figure in release.kpis.items()},
    }


def read_from(sources: Sequence[Source], *, counted: bool = True) -> dict[str, dict[str, Any]]:
    """Each file with its rows and hash; of one in the inbox also the tables it is read into and the rows left out.

    Of extracts that are text files also `Source.unended`.

    Args:
        sources: Files as read.
        counted: Whether rows and hashes of extracts are told: the first are counts of children, and from the second
            who knows most of a file can try out the rest of it.
    """
    found: dict[str, dict[str, Any]] = {}
    for source in sources:
        told = counted or not source.of_children
        entry = found.setdefault(source.file, {"rows": source.rows, "sha256": source.sha256} if told else {})
        entry |= {"unended": source.unended} if told and source.unended is not None else {}
        if source.table and told:
            read = {"rows": source.rows, "left_out": source.left_out, "older_files": source.older}
            entry["read_into"] = {**entry.get("read_into", {}), source.table: read}
    return found


def _named(figure: Figure) -> dict[str, str]:
    return {"name": figure.kpi.name, "part_of": figure.kpi.parent} if figure.kpi else {"name": "", "part_of": ""}


def _plain(values: Mapping[str, Any]) -> dict[str, Any]:
    """Values as JSON has them: days as text, a whole number without its point."""
    return {
        name: value.isoformat()
        if hasattr(value, "isoformat")
        else int(value)
        if isinstance(value, float) and value.is_integer() and name in ("n", "of")
        else value
        for name, value in values.items()
    }


def as_csv(table: pd.DataFrame) -> str:
    """A table as CSV in which no text can run as a formula of a spreadsheet, and [c] stands for what is hidden."""
    safe = without_formulas(table)
    hidden = safe["state"].eq(HIDDEN) if "state" in safe else pd.Series(data=False, index=safe.index)
    for name in ("n", "of", "value") if hidden.any() else ():
        told = safe[name].notna() | ~hidden
        safe[name] = safe[name].map("{:.10g}".format, na_action="ignore").where(told, "[c]")
    return safe.to_csv(index=False, lineterminator="\n", date_format="%Y-%m-%d", float_format="%.10g")


def account_of(outcomes: Sequence[Outcome]) -> dict[str, str]:
    """What an analyst needs after a failed run, as text and for machines."""
    lines, machine = ["Nothing was published; the last publication of this month stays as it was.", ""], []
    for outcome in outcomes:
        failure = outcome.failure
        if failure is None:
            lines += [f"{outcome.name}: ran to its end", ""]
            continue
        machine.append({"notebook": outcome.name, **vars(failure)})
        lines += [f"{outcome.name}: failed in cell {failure.cell}", f"  {failure.error}: {failure.message}", ""]
        lines += [f"    {line}" for line in failure.source.splitlines()] + [""]
    return {"failures.txt": "\n".join(lines), "failures.json": json.dumps(machine, indent=2, ensure_ascii=False) + "\n"}


@cache
def git_commit() -> str | None:
    """Commit of the code that runs, where it runs from a clone."""
    return _git("rev-parse", "HEAD")


@cache
def git_changes() -> bool:
    """Whether the code that runs differs from that commit."""
    return bool(_git("status", "--porcelain", "--untracked-files=no", "--", "sendanalysis", "notebooks"))


def _git(*words: str) -> str | None:
    try:
        found = subprocess.run(  # noqa: S603
            ["git", "-C", str(ROOT), *words],  # noqa: S607
            capture_output=True,
            text=True,
            check=True,
            timeout=GIT_SECONDS,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return found.stdout.strip()
