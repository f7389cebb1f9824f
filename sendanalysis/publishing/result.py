"""A finished run: where it stands and how each page went, for terminals and machines."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sendanalysis.errors import AnalysisError

if TYPE_CHECKING:
    from pathlib import Path

    from sendanalysis.publishing.edition import Printed


@dataclass(frozen=True)
class Row:
    """One page of a finished run: its name, headline, status, seconds and what went wrong, if anything."""

    name: str
    headline: str
    status: str
    seconds: float
    problem: str = ""


@dataclass(frozen=True)
class Result:
    """A finished run: where it stands, how each notebook went, the pages carried forward or left out, warnings.

    It is `unchanged` where nothing had to be made, since what stands there would come out again. The `address` is that
    of its folder where it stands on a store.
    """

    area: str
    month: str
    folder: Path
    rows: tuple[Row, ...]
    others: tuple[Printed, ...] = ()
    warnings: tuple[str, ...] = ()
    unchanged: bool = False
    address: str = ""

    def place(self, file: str) -> str:
        """Where a file of the publication is to be found."""
        return f"{self.address}/{file}" if self.address else str(self.folder / file)

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
            "unchanged": self.unchanged,
            "folder": self.address or self.folder.as_posix(),
            "notebooks": [
                {**vars(row), "seconds": round(row.seconds, 1)}
                | {name: vars(row)[name] or None for name in ("status", "problem")}
                for row in self.rows
            ],
            "carried_forward": [
                page.listed["carried_from"] | {"name": page.name} for page in self.others if page.shown
            ],
            "left_out": [page.listed for page in self.others if not page.shown],
            "warnings": list(self.warnings),
        }


def told_of(area: str, found: Result | AnalysisError) -> dict[str, Any]:
    """One of several areas for machines: its result, or why it could not be made."""
    if isinstance(found, AnalysisError):
        return {"area": area, "published": False, "problem": str(found)}
    return found.as_dict()


def is_failed(found: Result | AnalysisError) -> bool:
    """Whether an area was not published."""
    return isinstance(found, AnalysisError) or found.failed
