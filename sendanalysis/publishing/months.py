"""Which months of an area are published, and what their manifests say."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from sendanalysis.inputs.folder import INTERNAL

if TYPE_CHECKING:
    from pathlib import Path

MANIFEST = "manifest.json"


def published_months(area: Path) -> list[str]:
    """Months of an area that are published, the latest first."""
    found = area.iterdir() if area.is_dir() else ()
    return sorted(
        (path.name for path in found if re.fullmatch(r"\d{4}-\d{2}", path.name) and (path / MANIFEST).is_file()),
        reverse=True,
    )


def manifest_of(publication: Path) -> dict[str, Any] | None:
    """The manifest of a publication, or None where it has none that can be read."""
    try:
        found: dict[str, Any] = json.loads((publication / MANIFEST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return found


def root_of(output: Path, audience: str) -> Path:
    """Folder of all areas' publications for an audience; those for internal readers stand at the top."""
    return output if audience == INTERNAL else output / audience
