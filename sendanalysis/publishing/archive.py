"""Zip files: written so that the same members give the same bytes, read so that none can do harm."""

from __future__ import annotations

import io
import os
import stat
import zlib
from typing import TYPE_CHECKING
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from sendanalysis.errors import InputError, fault_of_surroundings

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

MEMBERS, BYTES, RATIO = 2_000, 500_000_000, 200  # the most that is unpacked; a pack has a hundredth of it
_BEGINNING = (1980, 1, 1, 0, 0, 0)  # the first time that a zip can hold


def zipped(members: Mapping[str, bytes], *, smaller: bool = True) -> bytes:
    """Members as a zip, in the order of their names, each of the same time and rights.

    Args:
        members: Bytes by name.
        smaller: Whether they are compressed. A zip within a zip is not, so that its bytes hang on no compressor.
    """
    held = io.BytesIO()
    with ZipFile(held, "w", ZIP_DEFLATED if smaller else ZIP_STORED) as file:
        for name in sorted(members):
            entry = ZipInfo(name, _BEGINNING)
            entry.create_system, entry.external_attr = 3, (stat.S_IFREG | 0o644) << 16
            entry.compress_type = file.compression
            file.writestr(entry, members[name])
    return held.getvalue()


def write_anew(path: Path, data: bytes) -> None:
    """Write a file for its owner alone, in one step, where none stands yet.

    Raises:
        InputError: Something stands there, or it cannot be written.
        RunError: The disk is full or the like; nothing is left of it.
    """
    refuse_taken(path)
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        try:
            with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                file.write(data)
            partial.rename(path)
        finally:
            partial.unlink(missing_ok=True)
    except OSError as error:
        fault = fault_of_surroundings(error)
        if fault is not None:
            raise fault from error
        raise InputError(f"--to {path}: it cannot be written ({error.strerror}). Name another place.") from error


def refuse_taken(path: Path) -> None:
    """Refuse a place where something stands, or whose folder is missing.

    Raises:
        InputError: It is so.
    """
    if path.exists() or path.is_symlink():
        raise InputError(f"--to {path}: this exists already and is left alone. Name another, or take it away first.")
    if not path.parent.is_dir():
        raise InputError(f"--to {path}: there is no folder {path.parent}. Make it first, or name another.")


def members_of(file: Path) -> dict[str, bytes]:
    """What a zip holds, by name, where it can do no harm.

    Raises:
        InputError: It is no zip, is damaged, or holds more, or in other places, than a pack does.
    """
    try:
        with ZipFile(file) as held:
            entries = [entry for entry in held.infolist() if not entry.is_dir()]
            _refuse_harmful(file, entries)
            return {entry.filename: held.read(entry) for entry in entries}
    except (BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError) as error:
        raise InputError(f"{file}: this is no whole zip file ({error}). Ask for the pack again.") from error


def _refuse_harmful(file: Path, entries: list[ZipInfo]) -> None:
    names = [entry.filename for entry in entries]
    size = sum(entry.file_size for entry in entries)
    twice = next((name for name in names if names.count(name) > 1), "") if len(names) <= MEMBERS else ""
    outside = next((name for name in names if not _is_inside(name)), "")
    link = next((entry.filename for entry in entries if stat.S_ISLNK(entry.external_attr >> 16)), "")
    blown = next((e.filename for e in entries if e.file_size > max(RATIO * e.compress_size, 1_000_000)), "")
    problem = (
        (len(names) > MEMBERS and f"it holds {len(names):,} files, and {MEMBERS:,} are the most that is unpacked")
        or (size > BYTES and f"it unpacks to {size:,} bytes, and {BYTES:,} are the most that is unpacked")
        or (outside and f"'{outside}' would be written outside its folder")
        or (link and f"'{link}' is a link")
        or (twice and f"'{twice}' stands in it twice")
        or (blown and f"'{blown}' unpacks to more than {RATIO} times its size")
    )
    if problem:
        raise InputError(f"{file}: {problem}, so nothing was unpacked. It is no pack of this project.")


def _is_inside(name: str) -> bool:
    parts = name.split("/")
    plain = not any(sign in name for sign in '\\:*?"<>|') and name.isprintable()
    return plain and all(part not in {"", ".", ".."} and not part.endswith((".", " ")) for part in parts)
