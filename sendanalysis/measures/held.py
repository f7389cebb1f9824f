"""A release as plain data: written beside a publication, and opened again where no extract is in reach.

The folder holds `area.toml`, `measures.toml` where the area declares measures, and `release.json`: every released table
with the kinds of its columns, floats to their last digit, and what the release knows of plan, parameters and sources.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import os
import shutil
from dataclasses import asdict, fields, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sendanalysis.errors import InputError
from sendanalysis.inputs.contracts import CONTRACTS
from sendanalysis.inputs.declared import FILE as MEASURES_FILE
from sendanalysis.inputs.folder import INTERNAL, PACKED
from sendanalysis.inputs.opening import frame_of
from sendanalysis.inputs.plan import RECORDED
from sendanalysis.measures.released import Release
from sendanalysis.measures.scorecard import Figure
from sendanalysis.measures.tables import TABLES
from sendanalysis.methods.disclosure_rule import Rule
from sendanalysis.methods.verdict import Verdict

if TYPE_CHECKING:
    from collections.abc import Mapping

    import pandas as pd

    from sendanalysis.inputs.area import Area, Source
    from sendanalysis.methods.periods import Period
    from sendanalysis.methods.spc import XmrSummary

RUN = "SENDANALYSIS_RUN"  # tells the notebooks of a run, as JSON: its area, its release, where to note what they open
LOG_DAYS = {"recorded_on", "written_on"}  # what is logged month by month leaves as released tables alone
PLAN = tuple(c.name for c in CONTRACTS if c.folder == "plan" and LOG_DAYS.isdisjoint(each.name for each in c.columns))


def write_release(folder: Path, area: Path, release: Release, choices: str) -> None:
    """Write a release as a folder that `open_release` opens as it opens an area.

    Args:
        folder: Folder to make.
        area: The area folder, for what it says of itself and of measures of its own.
        release: The release.
        choices: Other readings than the area's, as `open_release` was given them.
    """
    folder.mkdir()
    for name in _own_files(area):
        shutil.copyfile(area / name, folder / name)
    text = json.dumps(_held(release, choices), ensure_ascii=False, separators=(",", ":"))
    (folder / PACKED).write_text(f"{text}\n", encoding="utf-8", newline="\n")


def digests(folder: Path) -> dict[str, str]:
    """Hash of each part of a release that `write_release` wrote, by name.

    A part is `plan` (all that is no figure), `figures/` and a measure, `tables/` and a table, or `kpis/` and a KPI.
    """
    held = json.loads((folder / PACKED).read_text(encoding="utf-8"))
    attrs, icons = held.pop("attrs"), held.pop("icons")
    found = {f"figures/{name}": table for name, table in held.pop("figures").items()}
    found |= {f"tables/{name}": [table, attrs.get(name)] for name, table in held.pop("tables").items()}
    found |= {f"kpis/{kpi_id}": [figure, icons[kpi_id]] for kpi_id, figure in held.pop("kpis").items()}
    del held["sources"]  # of which no notebook tells
    held["files"] = [(folder / name).read_text(encoding="utf-8") for name in _own_files(folder)]
    found["plan"] = held
    return {name: hashlib.sha256(json.dumps(part).encode()).hexdigest() for name, part in found.items()}


def fingerprint(folder: Path) -> str:
    """SHA-256 of all that was released, as written, without the sources it was made from."""
    return _hash(json.loads((folder / PACKED).read_text(encoding="utf-8")))


def fingerprint_of(release: Release, choices: str) -> str:
    """The `fingerprint` that a release will have once it is written."""
    return _hash(_held(release, choices))


class HeldRelease(Release):
    """A release as `write_release` wrote it, where no extract is in reach.

    A notebook of a run notes what it opens, so that it need not run again while that stays the same.
    """

    def __init__(self, area: Area, period: Period, audience: str) -> None:
        """See `sendanalysis.release.open_release`.

        Raises:
            InputError: It was released for another audience.
        """
        super().__init__(area, period, audience)
        held = area.held
        if held["audience"] != audience:
            raise InputError(f"audience: this release is for {held['audience']} alone, not for {audience}.")
        self._figures = {name: frame_of(table) for name, table in held["figures"].items()}
        self._found = {name: frame_of(table) for name, table in held["tables"].items()}
        for name, said in held["attrs"].items():  # such as that its rows are withheld
            self._found[name].attrs.update(said)
        self._held, kpis = held, {kpi.kpi_id: kpi for kpi in self.plan}
        self._of_kpis = {kpi_id: _figure(values, kpis[kpi_id]) for kpi_id, values in held["kpis"].items()}

    @cached_property
    def pages(self) -> frozenset[str]:
        """What there is a page for, as released."""
        return frozenset(self._held["pages"])

    @cached_property
    def kpis(self) -> dict[str, Figure]:
        """Every KPI of the plan, as released."""
        return {kpi_id: self.kpi(kpi_id) for kpi_id in self._of_kpis}

    def kpi(self, kpi_id: str) -> Figure:
        """See `Release.kpi`."""
        if kpi_id in self._of_kpis:
            self._note(f"kpis/{kpi_id}")
            return self._of_kpis[kpi_id]
        return super().kpi(kpi_id)

    def kpis_of(self, measure: str) -> dict[str, Figure]:
        """See `Release.kpis_of`."""
        return {kpi.kpi_id: self.kpi(kpi.kpi_id) for kpi in self.plan if kpi.measure == measure}

    def table(self, name: str) -> pd.DataFrame:
        """See `Release.table`."""
        self._note(f"tables/{name}")
        return super().table(name)

    def rules(self) -> dict[str, Rule]:
        """See `Release.rules`; those released."""
        return {name: Rule(**rule) for name, rule in self._held["rules"].items()}

    def control(self, kpi_id: str) -> tuple[pd.DataFrame, XmrSummary | None]:
        """See `Release.control`; the icons are those released."""
        rows, summary = super().control(kpi_id)
        return rows, summary and replace(summary, **self._held["icons"][kpi_id])

    def extract(self, table: str) -> pd.DataFrame:
        """An extract without rows, since these stay with the area.

        Raises:
            InputError: The audience may not see rows, or there is no such table.
        """
        print(f"The rows of {table} stay with the area: a release holds no extract.")  # noqa: T201
        return super().extract(table).iloc[:0]

    def _all_figures(self, measure: str) -> pd.DataFrame:
        self._note(f"figures/{measure}")
        return super()._all_figures(measure)

    @staticmethod
    def _note(part: str) -> None:
        place = json.loads(os.environ.get(RUN, "{}")).get("opened")
        if place:
            with Path(place).open("a", encoding="utf-8") as file:
                print(part, file=file)


def _own_files(folder: Path) -> list[str]:
    """What an area says of itself and of measures of its own."""
    return [name for name in ("area.toml", MEASURES_FILE) if (folder / name).is_file()]


def _held(release: Release, choices: str) -> dict[str, Any]:
    names = [*release.measures, *([RECORDED] if RECORDED in release.pages else [])]
    return {
        "month": release.period.key,
        "data_date": release.period.data_date.isoformat(),
        "audience": release.audience,
        "choices": choices,
        "pages": sorted(release.pages),
        "sources": [_source(source, counted=release.audience == INTERNAL) for source in release.sources],
        "lacking": dict(release.lacking),
        "rules": {name: asdict(rule) for name, rule in release.rules().items()},
        "with_rows": sorted(name for name, rows in release.source_tables.items() if len(rows)),
        "plan": {name: _plain(release.source_tables[name]) for name in PLAN},
        "kpis": {kpi_id: _values(figure) for kpi_id, figure in release.kpis.items()},
        "icons": {kpi_id: _icons(release.control(kpi_id)[1]) for kpi_id in release.kpis},
        "figures": {name: _plain(release.figures(name)) for name in names},
        "tables": {name: _plain(release.table(name)) for name in TABLES},
        "attrs": {name: release.table(name).attrs for name in TABLES if release.table(name).attrs},
    }


def _hash(held: Mapping[str, Any]) -> str:
    text = json.dumps({name: part for name, part in held.items() if name != "sources"}, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def _source(source: Source, *, counted: bool) -> dict[str, Any]:
    """A source; for readers outside, that of an extract has neither rows, which count children, nor a hash to try."""
    told = counted or not source.of_children
    return asdict(source if told else replace(source, rows=0, left_out=0, unended=None, sha256=""))


def _icons(summary: XmrSummary | None) -> dict[str, Any]:
    return {"variation": summary.variation, "assurance": summary.assurance} if summary else {}


def _plain(table: pd.DataFrame) -> dict[str, Any]:
    """A table by column: the kind of its cells, and the cells."""
    return {str(name): [str(cells.dtype), _cells(cells)] for name, cells in table.items()}


def _cells(cells: pd.Series[Any]) -> list[Any]:
    known = cells.astype(object).where(cells.notna(), None)
    return [value.isoformat() if isinstance(value, dt.date) else value for value in known]


def _values(figure: Figure) -> dict[str, Any]:
    held = {name: value for name, value in vars(figure).items() if name != "kpi"}
    days = {name: value.isoformat() for name, value in held.items() if isinstance(value, dt.date)}
    return held | days | {"verdict": asdict(figure.verdict)}


def _figure(values: Mapping[str, Any], kpi: Any) -> Figure:
    days = {item.name for item in fields(Figure) if "dt.date" in str(item.type)}
    read: dict[str, Any] = {
        name: dt.date.fromisoformat(value) if name in days and value else value for name, value in values.items()
    }
    return Figure(**read | {"kpi": kpi, "verdict": Verdict(**values["verdict"])})
