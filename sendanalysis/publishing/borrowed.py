"""A run over a store: its area and what was published are brought to a private folder, and what it made is put back.

On a store a month is published as long as its manifest is there, which comes last and goes first. While one takes
another's place the former stands whole beside it: what a killed run leaves so the next one brings back.
"""

from __future__ import annotations

import contextlib
import re
import secrets
import shutil
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from sendanalysis.errors import AnalysisError, InputError, RunError
from sendanalysis.inputs.audiences import WIDER
from sendanalysis.inputs.folder import INTERNAL, find_area, is_address
from sendanalysis.publishing.ledger import FILE
from sendanalysis.publishing.months import MANIFEST
from sendanalysis.publishing.place import private_folder
from sendanalysis.publishing.reuse import files_of
from sendanalysis.publishing.shelf import INDEX, write_lists
from sendanalysis.publishing.store import Store

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from sendanalysis.publishing.result import Result

_MONTH = r"\d{4}-\d{2}(?:\.\d+)?"
_PREVIOUS = rf"\.({_MONTH})\.[0-9a-f]{{8}}\.previous"


@contextlib.contextmanager
def at_hand(area: str, output: Path | str, audience: str) -> Iterator[tuple[str, Path, Callable[[Result], Result]]]:
    """An area and its publications on this machine, wherever they stand; errors name where they stand.

    Args:
        area: The area folder, or its address.
        output: Folder of all publications, or its address.
        audience: Who is to read what is made.

    Yields:
        The area folder, the folder to publish into, and what puts a result back from there.

    Raises:
        InputError: A store refuses, or holds no area folder at the address.
    """
    with private_folder() as scratch:
        folder, target, put_back, names = area, output, _as_it_is, {}
        try:
            if is_address(area):
                folder = str(_brought(Store(area), scratch / "areas"))
                names[folder] = area
            if is_address(output):
                held = _Held(Store(str(output)), find_area(folder).name, audience, scratch)
                target, put_back = held.folder, held.put_back
                names[str(target)] = str(output)
            yield folder, Path(target), put_back
        except AnalysisError as error:
            text = str(error)
            for here, there in names.items():
                text = text.replace(here, there.rstrip("/"))
            error.args = (text,)
            raise


def write_lists_at(address: str, audience: str, areas: Iterable[str]) -> None:
    """Write the list of all areas on a store, and of months of some, where they are not what they should be.

    Args:
        address: Of the folder of all publications.
        audience: Whose publications are listed.
        areas: Areas whose own list is written, too.
    """
    store, top = Store(address), "" if audience == INTERNAL else f"{audience}/"
    with private_folder() as scratch, store.in_words():
        names = [
            f"{top}{area}/{month}/{MANIFEST}"
            for area in store.folders(top.rstrip("/"))
            for month in store.folders(f"{top}{area}")
            if re.fullmatch(_MONTH, month)
        ]
        for name, data in store.read(names).items():
            (scratch / name).parent.mkdir(parents=True)
            (scratch / name).write_bytes(data)
        write_lists(scratch / top)
        lists = [f"{top}{INDEX}", *(f"{top}{area}/{INDEX}" for area in areas)]
        there = store.read(lists)
        for name in lists:
            data = (scratch / name).read_bytes()
            if there.get(name) != data:
                store.write(name, data)


def _as_it_is(result: Result) -> Result:
    return result


def _brought(store: Store, to: Path) -> Path:
    """An area folder, brought here."""
    folder = to / PurePosixPath(store.address.partition("://")[2]).name
    with store.in_words():
        if not store.read(["area.toml"]):
            raise InputError(
                f"{store.address}: no area folder is there, since there is no area.toml. Look at the address."
            )
        store.bring("", store.files(""), folder)
    return folder


class _Held:
    """What was published of an area, as it stands on a store and for a run to work on, in `folder`.

    For readers outside this is what all of them have, since what one is shown rests on what the others have.
    """

    def __init__(self, store: Store, area: str, audience: str, scratch: Path) -> None:
        """Bring it here, after what a killed run left has been brought back."""
        self._store, self._turn, self._scratch = store, f".{area}.publishing", scratch
        self._stood, self.folder = scratch / "stood", scratch / "outputs"
        self._places = [area] if audience == INTERNAL else [f"{name}/{area}" for name in WIDER]
        with store.in_words():
            if self._lost():
                with store.turn(self._turn):
                    self._bring_back()
            self._marks = self._marks_there()  # before all else, so that whatever changes from now on is seen
            for place in self._places:
                listed = store.files(place)
                months = {name.partition("/")[0] for name in listed if self._is_manifest(name)}
                wanted = [name for name in listed if name == FILE or name.partition("/")[0] in months]
                store.bring(place, wanted, self._stood / place)
        self._stood.mkdir(exist_ok=True)
        shutil.copytree(self._stood, self.folder)

    def put_back(self, result: Result) -> Result:
        """Put back what a run has made: publications, then ledgers; nothing where nothing changed.

        Raises:
            InputError: Another run publishes there or has done so meanwhile, or the store refuses.
            RunError: A notebook failed. What it said may hold rows, which do not go where others read.
        """
        if result.failed:
            problems = "; ".join(f"{row.name}, {row.problem}" for row in result.rows if row.problem)
            raise RunError(f"nothing was published: {problems}. To read more, run it with a folder as --output.")
        made = [name for name in self._publications() if _contents(self._stood / name) != _contents(self.folder / name)]
        ledgers = [f"{place}/{FILE}" for place in self._places if (self.folder / place / FILE).is_file()]
        ledgers = [name for name in ledgers if self._marks.get(name) != (self.folder / name).read_bytes()]
        if made or ledgers:
            with self._store.in_words(), self._store.turn(self._turn):
                if self._marks_there() != self._marks:
                    raise InputError(f"{self._store.address}: another run has published there meanwhile. Run again.")
                for name in sorted(made, reverse=True):  # an earlier edition that is kept comes before the new one
                    self._replace(name)
                for name in ledgers:
                    self._store.write(name, (self.folder / name).read_bytes())
                with contextlib.suppress(Exception):  # what is left so the next one removes
                    self._tidy({*made})
        place = result.folder.relative_to(self.folder).as_posix()
        return replace(result, address=f"{self._store.address}/{place}")

    def _publications(self) -> list[str]:
        places = [path for place in self._places for path in (self.folder / place).glob(f"*/{MANIFEST}")]
        names = [path.parent.relative_to(self.folder).as_posix() for path in places]
        return [name for name in names if re.fullmatch(_MONTH, PurePosixPath(name).name)]

    @staticmethod
    def _is_manifest(name: str) -> bool:
        return re.fullmatch(rf"{_MONTH}/{re.escape(MANIFEST)}", name) is not None

    def _marks_there(self) -> dict[str, bytes]:
        """Every manifest and ledger as it stands now: what tells one state of the publications from another."""
        listed = {place: self._store.files(place) for place in self._places}
        return self._store.read(
            f"{place}/{name}"
            for place, names in listed.items()
            for name in names
            if name == FILE or self._is_manifest(name)
        )

    def _replace(self, name: str) -> None:
        """Put a publication in the place of the former, which stays beside it until then, or comes back."""
        place, _, month = name.rpartition("/")
        stood = self._stood / name
        if stood.is_dir():
            self._store.put(stood, f"{place}/.{month}.{secrets.token_hex(4)}.previous")
        try:
            self._store.put(self.folder / name, name)
        except BaseException:
            with contextlib.suppress(Exception):  # then the next run brings it back
                self._store.put(stood, name) if stood.is_dir() else self._store.remove(name)
            raise

    def _tidy(self, made: set[str]) -> None:
        """Remove the former publications of months whose new ones stand, and ledgers half written."""
        for place in self._places:
            left = [name for name, month, _ in self._former(place) if f"{place}/{month}" in made]
            left += [name for name in self._store.files(place) if name.startswith(f"{FILE}.")]
            for name in left:
                self._store.remove(f"{place}/{name}")

    def _former(self, place: str) -> list[tuple[str, str, bool]]:
        """Name and month of each former publication that stands in a place, and whether nothing took its place."""
        names = {*self._store.files(place)}
        found = (re.fullmatch(_PREVIOUS, name) for name in sorted({name.partition("/")[0] for name in names}))
        return [
            (each[0], each[1], f"{each[0]}/{MANIFEST}" in names and f"{each[1]}/{MANIFEST}" not in names)
            for each in found
            if each
        ]

    def _lost(self) -> list[tuple[str, str, str]]:
        return [(place, *each[:2]) for place in self._places for each in self._former(place) if each[2]]

    def _bring_back(self) -> None:
        for place, name, month in self._lost():
            former = self._scratch / "former" / place / month
            self._store.bring(f"{place}/{name}", self._store.files(f"{place}/{name}"), former)
            self._store.put(former, f"{place}/{month}")
            self._store.remove(f"{place}/{name}")


def _contents(publication: Path) -> dict[str, object]:
    if not publication.is_dir():
        return {}
    return {**files_of(publication), MANIFEST: (publication / MANIFEST).read_bytes()}
