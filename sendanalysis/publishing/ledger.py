"""The ledger: what was published to whom, one line a publication, each with the hash of the line before.

It stands beside the publications of an area for an audience other than the internal one. What was published cannot be
taken back, so each publication is protected in the light of those before it, and no edition goes when another comes.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shutil
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING

from sendanalysis.errors import InputError
from sendanalysis.publishing.months import manifest_of
from sendanalysis.publishing.place import hold, publication, recover
from sendanalysis.release import WIDER, fingerprint, fingerprint_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from sendanalysis.release import ProtectedRelease

FILE, RELEASE = "ledger.jsonl", "release"
REMEDY = "Put ledger and publications back as they were, from a backup."


@dataclass(frozen=True)
class Line:
    """One publication.

    Attributes:
        area: Name of the area's folder.
        month: YYYY-MM.
        audience: To whom.
        edition: 1, or more where the month was published before to the same.
        figures: Hash of what was released; see `release.fingerprint`.
        reason: Why it was published again; empty for the first edition.
        others: By other audience, the hash of its ledger's last line then; empty for none.
        before: Hash of the line before; empty for the first.
    """

    area: str
    month: str
    audience: str
    edition: int
    figures: str = ""
    reason: str = ""
    others: Mapping[str, str] = field(default_factory=dict)
    before: str = ""

    @property
    def text(self) -> str:
        """The line as it stands in the file."""
        return json.dumps(asdict(self), ensure_ascii=False, sort_keys=True)

    @property
    def hash(self) -> str:
        """Its SHA-256."""
        return hashlib.sha256(self.text.encode()).hexdigest()


@dataclass(frozen=True)
class Ledger:
    """What an audience was shown of an area, as far as it fits its chain and the publications on disk.

    Attributes:
        folder: Folder of the area's publications for the audience.
        audience: To whom.
        lines: From the first publication to the last.
        others: The ledgers of the other audiences.
    """

    folder: Path
    audience: str
    lines: tuple[Line, ...]
    others: tuple[Ledger, ...] = ()

    @property
    def last(self) -> str:
        """Hash of the last line; empty for none."""
        return self.lines[-1].hash if self.lines else ""

    def latest(self, month: str) -> Line | None:
        """The latest edition of a month, if any."""
        return next((line for line in reversed(self.lines) if line.month == month), None)

    def new(self, month: str, reason: str) -> Line:
        """The line of a further publication of a month, whose figures are not known yet."""
        former = self.latest(month)
        known = {other.audience: other.last for other in self.others}
        own = {"area": self.folder.name, "month": month, "audience": self.audience, "reason": reason}
        return Line(**own, edition=former.edition + 1 if former else 1, others=known, before=self.last)

    def known_at(self, line: Line) -> dict[str, tuple[Path, ...]]:
        """Folders of the releases that readers had before a publication, those of wider audiences first.

        They are told by audience: its own, and any narrower one whose readers had something and read this, too.
        """
        hashes = [own.hash for own in self.lines]
        own = self.lines[: hashes.index(line.hash)] if line.hash in hashes else self.lines
        had = {each.audience: (each, each.up_to(line.others[each.audience])) for each in self.others}
        had[self.audience] = self, own
        narrower = [name for name, wider in WIDER.items() if self.audience in wider and had[name][1]]
        return {
            name: tuple(had[other][0].place(each) / RELEASE for other in (*WIDER[name], name) for each in had[other][1])
            for name in (self.audience, *narrower)
        }

    def up_to(self, last: str) -> tuple[Line, ...]:
        """The lines up to the one of a hash; none for an empty one."""
        hashes = [line.hash for line in self.lines]
        return self.lines[: hashes.index(last) + 1] if last else ()

    def unlike(self, line: Line) -> str:
        """What of a line does not follow from the lines before it; empty where it could be the next."""
        expected = self.new(line.month, line.reason)
        if line.before != expected.before:
            return "it does not hold the hash of the line before"
        for name in ("area", "audience", "edition"):
            if getattr(line, name) != getattr(expected, name):
                return f"its {name} is '{getattr(line, name)}' where '{getattr(expected, name)}' follows"
        for other in self.others:
            if line.others.get(other.audience) not in {"", *(each.hash for each in other.lines)}:
                return f"what it tells of the ledger for {other.audience} is no line there"
        return ""

    def place(self, line: Line) -> Path:
        """Folder of a publication: `<month>` of the latest edition, `<month>.1` and so on of earlier ones."""
        latest = self.latest(line.month)
        plain = latest is None or line.edition >= latest.edition
        return self.folder / (line.month if plain else f"{line.month}.{line.edition}")


def read_ledger(output: Path, area: str, audience: str) -> Ledger:
    """The ledger of an area and audience.

    A publication whose line a killed run could not add is added.

    Args:
        output: Folder of all publications.
        area: Name of the area's folder.
        audience: partner or public.

    Raises:
        InputError: It does not fit its chain or the publications on disk; the message names the line.
    """
    others = tuple(_ledger(output / other / area, other) for other in WIDER if other != audience)
    return _ledger(output / audience / area, audience, others)


def _ledger(folder: Path, audience: str, others: tuple[Ledger, ...] = ()) -> Ledger:
    path, found = folder / FILE, Ledger(folder, audience, (), others)
    for number, text in enumerate(path.read_text("utf-8").splitlines() if path.is_file() else [], 1):
        line = _read(text, f"{path} line {number}")
        why = found.unlike(line)
        if why:
            raise InputError(f"{path} line {number}: {why}. {REMEDY}")
        found = replace(found, lines=(*found.lines, line))
    found = _with_unlisted(found)
    for number, line in enumerate(found.lines, 1):
        _refuse_other(found.place(line), line, f"{path} line {number}")
    return found


def entered(release: ProtectedRelease, output: Path, area: str, choices: str, reason: str) -> tuple[Ledger, Line]:
    """The ledger of a release's area and audience, and the line that its publication has or is to have.

    The release is then protected in the light of what its readers have already.

    Args:
        release: What is to be published.
        output: Folder of all publications.
        area: Name of the area's folder.
        choices: Other readings than the area's.
        reason: Why a month is published again; then it is a new edition.

    Raises:
        InputError: Figures of the month have been published, are others now, and no reason is given.
    """
    month, audience = release.period.key, release.audience
    ledger = read_ledger(output, area, audience)
    former = ledger.latest(month)
    line = former if former and not reason else ledger.new(month, reason)
    release.after(ledger.known_at(line))
    if line is former and fingerprint_of(release, choices) != line.figures:
        raise InputError(
            f"--reason: {month} was published for {audience} before, and its figures are others now. Say why it is "
            'published again, such as --reason "Late records of two schools"; that stands on every page.'
        )
    return ledger, line


@contextmanager
def turn(ledger: Ledger) -> Iterator[None]:
    """While this lasts no other run publishes for the same area, to this audience or to another that has a ledger.

    Of two runs that begin in the same moment for two audiences both may be refused, but never does one publish without
    what the other publishes being known to it.

    Raises:
        InputError: Another run does so now, or has done so since the ledger was read.
    """
    ledger.folder.mkdir(parents=True, exist_ok=True)
    held: list[int | None] = []
    try:
        for folder in (ledger.folder, *(other.folder for other in ledger.others if other.folder.is_dir())):
            try:
                held.append(hold(folder))
            except BlockingIOError as error:
                raise InputError(f"{folder}: another run publishes there now. Run again when it has ended.") from error
        now = read_ledger(ledger.folder.parents[1], ledger.folder.name, ledger.audience)
        if now != ledger:
            raise InputError(f"{ledger.folder}: another run has published there meanwhile. Run again.")
        yield
    finally:
        for handle in held:
            if handle is not None:
                os.close(handle)


def keep_former(ledger: Ledger, line: Line) -> None:
    """Keep the edition before a new one as a publication of its own, `<month>.<edition>`, beside it."""
    former = ledger.latest(line.month)
    if former and former.edition < line.edition:
        with publication(ledger.folder / f"{line.month}.{former.edition}", shared=True) as folder:
            shutil.copytree(ledger.folder / line.month, folder, dirs_exist_ok=True)


def add(ledger: Ledger, line: Line) -> None:
    """Add the line of a publication that has been put in its place; one that stands there already is not added."""
    if line not in ledger.lines:
        text = "".join(f"{own.text}\n" for own in (*ledger.lines, line))
        partial = ledger.folder / f".{FILE}.{os.getpid()}.partial"
        partial.write_text(text, encoding="utf-8", newline="\n")
        partial.replace(ledger.folder / FILE)


def _read(text: str, where: str) -> Line:
    try:
        line = Line(**json.loads(text))
        if line.text == text:
            return line
    except (ValueError, TypeError):
        pass
    raise InputError(f"{where}: this is no line of a ledger. {REMEDY}")


def _refuse_other(place: Path, line: Line, where: str) -> None:
    """A publication must be there as the ledger tells it."""
    if not (place / RELEASE).is_dir():
        raise InputError(f"{where}: the publication that it tells of, {place}, is not there. {REMEDY}")
    if not _holds(place, line):
        raise InputError(f"{where}: the figures in {place} are not those that were published. {REMEDY}")


def _with_unlisted(ledger: Ledger) -> Ledger:
    """With the publication that a killed run put in its place, but did not list.

    Raises:
        InputError: There is another that no line tells of.
    """
    listed = {name for line in ledger.lines for name in (line.month, f"{line.month}.{line.edition}")}
    for line in ledger.lines:
        recover(ledger.folder / line.month)
    there = ledger.folder.iterdir() if ledger.folder.is_dir() else ()
    names = sorted(path.name for path in there if re.fullmatch(r"\d{4}-\d{2}(\.\d+)?", path.name))
    for place in (ledger.folder / name for name in names):
        told = _line_of(place)
        if told and not ledger.unlike(told) and _holds(place, told):
            add(ledger, told)
            return replace(ledger, lines=(*ledger.lines, told))
    odd = next((name for name in names if name not in listed), "")
    if odd:
        raise InputError(f"{ledger.folder / FILE}: no line tells of the publication {ledger.folder / odd}. {REMEDY}")
    return ledger


def _holds(place: Path, line: Line) -> bool:
    """Whether a publication has the figures of a line."""
    try:
        return fingerprint(place / RELEASE) == line.figures
    except (OSError, ValueError):
        return False


def _line_of(publication: Path) -> Line | None:
    try:
        return Line(**(manifest_of(publication) or {})["ledger"])
    except (KeyError, TypeError):
        return None
