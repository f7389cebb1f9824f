"""Many made-up areas, for trying what only shows with many: each its own name, code and extracts, one plan."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sendanalysis.errors import InputError
from sendanalysis.inputs.folder import find_area
from sendanalysis.inputs.new_area import write_area
from sendanalysis.inputs.sample import write_sample
from sendanalysis.inputs.settings import read_settings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

MOST = 999


def write_areas(folder: Path, count: int, *, seed: int) -> Iterator[Path]:
    """Write area folders with the plan of the first area in `data`, and a sample of its own in each.

    Args:
        folder: Folder that they go into; folders of the same names must not exist.
        count: How many.
        seed: Seed of the first sample; each further one has the next.

    Yields:
        Each area folder as it is written.

    Raises:
        InputError: The count is none, or a folder of that name is there.
    """
    if not 0 < count <= MOST:
        raise InputError(f"--areas {count}: write a number from 1 to {MOST}.")
    like = find_area("")
    start = read_settings(like / "area.toml").parameters.plan.clock_start
    for number in range(1, count + 1):
        area = folder / f"area-{number:03}"
        write_area(area, name=f"Made-up area {number}", code=f"E069{number:05}", clock_start=start, like=like)
        settings = area / "area.toml"
        text = settings.read_text(encoding="utf-8").replace("illustrative = false", "illustrative = true")
        settings.write_text(text, encoding="utf-8", newline="\n")
        write_sample(area, seed=seed + number - 1)
        yield area
