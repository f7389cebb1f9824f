"""The folder of an area: where it is, seen from here."""

from __future__ import annotations

from pathlib import Path

from sendanalysis.errors import InputError

INTERNAL = "internal"  # those who work with the extracts: what is made for them is for nobody else
ROOT = Path(__file__).parents[2]
PACKED = "release.json"  # in place of extracts: what was released


def is_address(place: str | Path) -> bool:
    """Whether a place is named by an address of a store, such as `s3://bucket/areas/mytown`, and not by a path.

    >>> is_address("s3://bucket/outputs"), is_address("data/mytown")
    (True, False)
    """
    return "://" in str(place)


def find_area(path: str | Path, *, packed: bool = False) -> Path:
    """The area folder a path names, seen from here or any folder above; the first in `data` where it names none.

    Raises:
        InputError: No such folder, it holds no `area.toml`, or it is of a pack where none is wanted (`packed`); or an
            address, at which nothing can be read from here.
    """
    if is_address(path):
        raise InputError(f"{path}: only a run reads from a store. Bring that folder here, and name it.")
    here = Path.cwd()
    bases = (here, *here.parents)
    tried = [base / path for base in bases]
    if not str(path):
        tried = [toml.parent for base in bases for toml in sorted(base.glob("data/*/area.toml"))]
    folder = next((place for place in tried if (place / "area.toml").is_file()), None)
    if folder and not packed and (folder / PACKED).is_file():
        raise InputError(
            f"{path}: this is of a pack, which holds released figures and no extract. Run its notebooks; for a run, a "
            "check or another reading, name the area's own folder."
        )
    if folder:
        return folder.resolve()
    if any(place.is_file() for place in tried):
        raise InputError(f"{path}: this is a file. Name an area folder; a pack is opened with sendanalysis open.")
    if not any(place.is_dir() for place in tried):
        raise InputError(f"{path}: there is no such folder. Name an area folder, such as data/southend.")
    raise InputError(
        f"{path}: this is not an area folder, since it holds no area.toml. Name one such as data/southend."
    )


def seen_from(area: Path) -> tuple[Path, str]:
    """The folder to run in and the area as named from there, so that no publication names a place of this machine."""
    if area.is_relative_to(ROOT):
        return ROOT, area.relative_to(ROOT).as_posix()
    return area.parent, area.name
