"""A store: a folder at an address such as s3://bucket/outputs, on whatever file system fsspec knows.

Nothing else imports fsspec. Every kind of store can do what is asked of it here: none need copy or rename in one step.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import os
import secrets
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

import fsspec
from fsspec.registry import known_implementations

from sendanalysis.errors import AnalysisError, InputError, fault_of_surroundings
from sendanalysis.publishing.months import MANIFEST

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

EXTRAS = {"s3fs": "s3", "adlfs": "abfs"}
HELD = dt.timedelta(minutes=10)  # a run that has had its turn for longer was killed
INBOX = "inbox/"


class Store:
    """A folder on a file system that fsspec knows.

    Args:
        address: Such as `s3://bucket/outputs` or `memory://outputs`.

    Raises:
        InputError: There is no such kind of store, or it needs what is not installed.
    """

    def __init__(self, address: str) -> None:
        """See above."""
        self.address, kind = address.rstrip("/"), address.partition("://")[0]
        try:
            fsspec.get_filesystem_class(kind)
        except ValueError as error:
            raise InputError(
                f"{address}: no store is called '{kind}'. Write s3://, abfs:// or another that fsspec knows."
            ) from error
        except ImportError as error:
            package = known_implementations[kind]["class"].partition(".")[0]
            name = f"'sendanalysis[{EXTRAS[package]}]'" if package in EXTRAS else package
            told = f"needs {package}. Install it with: pip install {name}" if package != "fsspec" else error
            raise InputError(f"{address}: {told}") from error
        self._system: Any
        with self.in_words():
            self._system, root = fsspec.url_to_fs(self.address)
        self._root = root.rstrip("/")

    @contextlib.contextmanager
    def in_words(self) -> Iterator[None]:
        """What goes wrong with the store meanwhile is told in one line."""
        try:
            yield
        except AnalysisError:
            raise
        except Exception as error:
            fault = fault_of_surroundings(error) if isinstance(error, OSError) else None
            told = " ".join(f"{type(error).__name__}: {error}".split())
            raise fault or InputError(
                f"{self.address}: the store refuses or does not answer ({told}). Look at the address, the right to "
                "read and write there, and the network. What was published stays whole."
            ) from error

    def _at(self, name: str) -> str:
        return f"{self._root}/{name}" if name else self._root

    def files(self, folder: str) -> list[str]:
        """Every file in a folder, by its place there; none where there is no such folder."""
        self._system.invalidate_cache()
        return [path.removeprefix(f"{self._at(folder)}/") for path in self._system.find(self._at(folder))]

    def folders(self, folder: str) -> list[str]:
        """Names of the folders in a folder."""
        self._system.invalidate_cache()
        found = self._system.ls(self._at(folder), detail=True)
        return [PurePosixPath(item["name"]).name for item in found if item["type"] == "directory"]

    def read(self, names: Iterable[str]) -> dict[str, bytes]:
        """What stands in files, by name; nothing of one that is not there."""
        places = {self._at(name): name for name in names}
        held = self._system.cat(list(places), on_error="return") if places else {}
        for found in held.values():
            if isinstance(found, Exception) and not isinstance(found, FileNotFoundError):
                raise found
        return {places[path]: found for path, found in held.items() if isinstance(found, bytes)}

    def bring(self, folder: str, names: Iterable[str], to: Path) -> None:
        """Bring files of a folder here; of those in an inbox also when they were changed, which tells the newest."""
        places = {self._at(f"{folder}/{name}".lstrip("/")): to / name for name in names}
        for place in places.values():
            if ".." in place.parts or not place.is_relative_to(to):
                raise InputError(f"{self.address}: a name in {folder or 'it'} leads out of it. Remove it.")
            place.parent.mkdir(parents=True, exist_ok=True)
        try:
            self._system.get(list(places), [str(place) for place in places.values()])
        except FileNotFoundError as error:  # it was listed a moment ago
            raise InputError(f"{self.address}: what stands there is being changed. Run again in a minute.") from error
        for path, place in places.items():
            if place.relative_to(to).as_posix().startswith(INBOX):
                changed = self._system.modified(path).timestamp()
                os.utime(place, (changed, changed))

    def put(self, folder: Path, to: str) -> None:
        """Put a folder in the place of another: the manifest goes first and comes last."""
        self.remove(to)
        names = [path.relative_to(folder).as_posix() for path in sorted(folder.rglob("*")) if path.is_file()]
        places = {str(folder / name): self._at(f"{to}/{name}") for name in names if name != MANIFEST}
        self._make_room(places.values())
        self._system.put(list(places), list(places.values()))
        self.write(f"{to}/{MANIFEST}", (folder / MANIFEST).read_bytes())

    def remove(self, folder: str) -> None:
        """Remove a folder, its manifest first; it need not be there."""
        if MANIFEST in self.files(folder):
            self._system.rm_file(self._at(f"{folder}/{MANIFEST}"))
        self._system.invalidate_cache()
        if self._system.exists(self._at(folder)):
            self._system.rm(self._at(folder), recursive=True)

    def write(self, name: str, data: bytes) -> None:
        """Write a file that is there as a whole or not at all, as a store of objects does by itself."""
        place, partial = self._at(name), self._at(f"{name}.{secrets.token_hex(4)}.partial")
        self._make_room([place])
        self._system.pipe_file(place if self._system.async_impl else partial, data)
        if not self._system.async_impl:
            self._system.mv(partial, place)

    def _make_room(self, places: Iterable[str]) -> None:
        for parent in {} if self._system.async_impl else {str(PurePosixPath(place).parent) for place in places}:
            self._system.makedirs(parent, exist_ok=True)

    @contextlib.contextmanager
    def turn(self, name: str) -> Iterator[None]:
        """While this lasts no other run has a turn of this name.

        Raises:
            InputError: Another run has it.
        """
        place = self._at(name)
        self._make_room([place])
        self._system.invalidate_cache()
        with contextlib.suppress(FileNotFoundError):
            if dt.datetime.now(dt.UTC) - self._system.modified(place) > HELD:
                self._system.rm_file(place)
        try:
            with self._system.open(place, "xb") as file:
                file.write(b"a run publishes\n")
        except FileExistsError as error:
            raise InputError(
                f"{self.address}: another run publishes there now. Run again when it has ended; should it have been "
                f"killed, in {HELD.seconds // 60} minutes."
            ) from error
        try:
            yield
        finally:
            with contextlib.suppress(Exception):  # then it ends by its age
                self._system.rm_file(place)
