"""Places: where a month's briefings stand on disk, and how a new set takes the place of the former in one step."""

from __future__ import annotations

import contextlib
import ctypes
import errno
import os
import re
import secrets
import shutil
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sendanalysis.errors import InputError, fault_of_surroundings
from sendanalysis.inputs.rights import for_owner_alone

try:
    import fcntl
except ImportError:  # Windows has no such lock; there age alone tells
    fcntl = None  # type: ignore[assignment]

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

DAY_SECONDS = 86_400
NEW_SECONDS = 60  # a folder is made a moment before it is locked
_HEX = "[0-9a-f]" * 8
_ATTEMPTS = 100
_TAKEN_OR_GONE = {errno.ENOENT, errno.EEXIST, errno.ENOTEMPTY}
_NO_EXCHANGE = {errno.EINVAL, errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP, errno.EPERM}
_WINDOWS_DEVICES = {"con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in "123456789¹²³")}


def area_output(output_root: Path, area_name: str, month: str) -> Path:
    """Folder of one area's briefings for one month: `<output_root>/<area_name>/<month>`.

    Args:
        output_root: Folder of all areas' briefings.
        area_name: The area's short name; it becomes a folder's name.
        month: YYYY-MM.

    Returns:
        The folder, which need not exist.

    Raises:
        InputError: The name or month would not be one plain folder inside `output_root`.

    >>> from pathlib import Path
    >>> area_output(Path("outputs"), "any-area", "2021-12").as_posix()
    'outputs/any-area/2021-12'
    """
    plain = re.fullmatch(r"\w[\w .'&-]{0,98}[\w'&-]|\w", area_name)
    if not plain or area_name.split(".", maxsplit=1)[0].strip().lower() in _WINDOWS_DEVICES:
        raise InputError(
            f"area name: '{area_name}' cannot be the name of a folder. "
            "Use letters, digits, spaces and hyphens, such as newport-on-sea."
        )
    if not re.fullmatch(r"[0-9]{4}-(0[1-9]|1[0-2])", month):
        raise InputError(f"month: '{month}' is not a month. Write it as YYYY-MM, such as 2021-12.")
    folder = output_root / area_name / month
    if not folder.resolve().is_relative_to(output_root.resolve()):
        raise InputError(f"{folder}: leads out of {output_root}. Remove the link, or choose another output folder.")
    return folder


def failed_place(target: Path) -> Path:
    """Folder that keeps what a failed run has to say: `<YYYY-MM>.failed` beside the briefings."""
    return target.with_name(f"{target.name}.failed")


@contextlib.contextmanager
def publication(target: Path, *, shared: bool = False) -> Iterator[Path]:
    """A new folder to fill, which takes the place of `target` in one step when the block ends well.

    Until then `target` stays as it was, and it stays so if the block raises or the run is killed. Of two runs at
    once each fills a folder of its own, and the last to finish stands. A `.failed` folder of the same month goes.

    Args:
        target: Folder to publish; its parents are made.
        shared: Whether others than its owner may read it, as far as the system lets them.

    Yields:
        A new, hidden folder beside `target`.

    Raises:
        InputError: `target` cannot be written.
    """
    target = target.resolve()
    with _in_words(target):
        partial = _new_folder(target)
    lock = None
    with contextlib.suppress(BlockingIOError):
        lock = hold(partial)
    if not shared:
        partial.chmod(0o700)
    withdrawn = _hidden_name(failed_place(target), "partial")
    try:
        with for_owner_alone(wanted=not shared):
            yield partial
        with _in_words(target):
            _put_in_place(partial, target)
        with contextlib.suppress(OSError):  # most months have none; renamed first, so that nobody sees half of it
            failed_place(target).rename(withdrawn)
    finally:
        if lock is not None:
            os.close(lock)
        shutil.rmtree(partial, ignore_errors=True)  # unfinished, or the former publication after the exchange
        shutil.rmtree(withdrawn, ignore_errors=True)


@contextlib.contextmanager
def private_folder() -> Iterator[Path]:
    """A folder for its owner alone, which goes at the end; what killed runs left of theirs goes, too."""
    beside = Path(tempfile.gettempdir()).resolve() / "sendanalysis"
    remove_leftovers(beside)
    folder = _hidden_name(beside, "partial")
    folder.mkdir(mode=0o700)
    lock = hold(folder)
    try:
        yield folder
    finally:
        if lock is not None:
            os.close(lock)
        shutil.rmtree(folder, ignore_errors=True)


def write_failed(target: Path, files: Mapping[str, str]) -> Path:
    """Keep what a failed run has to say beside the publication, which stays as it was.

    Args:
        target: Folder of the publication that was not made.
        files: Text by file name.

    Returns:
        The folder `<YYYY-MM>.failed`, replaced as a whole.
    """
    with publication(failed_place(target)) as folder:
        for name, text in files.items():
            (folder / name).write_text(text, encoding="utf-8", newline="\n")
    return failed_place(target)


def recover(target: Path) -> None:
    """Bring the former publication back where a run was killed between the two steps of `_replace_in_two_steps`."""
    previous = sorted(_hidden(target, "previous"), key=_changed)
    if previous and not target.exists():
        with contextlib.suppress(OSError):  # another run is putting its own in place
            previous[-1].rename(target)


def remove_leftovers(target: Path, *, older_than_seconds: float = DAY_SECONDS) -> None:
    """Remove what killed runs left beside `target`: an unfinished folder that no run holds, and any after a day.

    Args:
        target: Folder of the publication.
        older_than_seconds: Age from which folders go where the system does not tell who holds them. One that a run at
            work holds stays, however old.
    """
    leftovers = _hidden(target, "partial") + _hidden(failed_place(target), "partial")
    if target.exists():
        leftovers += _hidden(target, "previous")
    for folder in leftovers:
        try:
            lock = hold(folder)
        except BlockingIOError:
            continue  # of a run at work
        free = lock is not None and folder.name.endswith(".partial")
        age = min(NEW_SECONDS, older_than_seconds) if free else older_than_seconds
        if time.time() - _changed(folder) > age:
            shutil.rmtree(folder, ignore_errors=True)
        if lock is not None:
            os.close(lock)


def exchange(one: Path, other: Path) -> bool:
    """Swap two folders in one step; False, and nothing done, where the system or the disk has no such step."""
    paths = os.fsencode(one), os.fsencode(other)
    try:
        system: Any = ctypes.CDLL(None, use_errno=True)
        here = -100  # AT_FDCWD; the flag 2 is RENAME_EXCHANGE on Linux and RENAME_SWAP on macOS
        if sys.platform == "darwin":
            failed = system.renamex_np(*paths, 2)
        else:
            failed = system.renameat2(here, paths[0], here, paths[1], 2)
    except (AttributeError, TypeError):
        return False
    if failed and ctypes.get_errno() not in _NO_EXCHANGE:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()), str(other))
    return not failed


def _new_folder(target: Path) -> Path:
    if target.is_file():
        raise InputError(f"{target}: is a file where a folder of briefings is to stand. Move it away.")
    target.parent.mkdir(parents=True, exist_ok=True)
    recover(target)
    remove_leftovers(target)
    partial = _hidden_name(target, "partial")
    partial.mkdir()  # not mkdtemp, whose folders are closed to colleagues
    return partial


@contextlib.contextmanager
def _in_words(target: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        fault = fault_of_surroundings(error)
        if fault is not None:
            raise fault from error
        raise InputError(
            f"{target}: cannot be written ({error.strerror or error}). Close what is open from this folder, "
            "ask for the right to write there, or choose another output folder. What was published stays as it was."
        ) from error


def hold(folder: Path) -> int | None:
    """Hold a folder until the handle is closed or the process ends; None where the system cannot.

    Raises:
        BlockingIOError: Another process holds it.
    """
    if fcntl is None:
        return None
    handle = None
    try:
        handle = os.open(folder, os.O_RDONLY)
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if handle is not None:
            os.close(handle)
        if isinstance(error, BlockingIOError):
            raise
        return None
    return handle


def _put_in_place(new: Path, target: Path) -> None:
    # Another run may publish or withdraw the target between any two lines here; then the step is tried afresh.
    aside: list[Path] = []
    for attempt in range(_ATTEMPTS):
        try:
            if target.exists():
                if not exchange(new, target):
                    aside.append(_hidden_name(target, "previous"))
                    _replace_in_two_steps(new, target, aside[-1])
            else:
                new.rename(target)
        except OSError as error:
            if error.errno not in _TAKEN_OR_GONE or not new.exists() or attempt == _ATTEMPTS - 1:
                raise
        else:
            break
    for former in aside:  # even if another run has moved what was just put in place
        withdrawn = _hidden_name(target, "partial")
        with contextlib.suppress(OSError):  # it went back; renamed first, so that no run brings half of it back
            former.rename(withdrawn)
        shutil.rmtree(withdrawn, ignore_errors=True)


def _replace_in_two_steps(new: Path, target: Path, previous: Path) -> None:
    target.rename(previous)
    try:
        new.rename(target)
    except OSError:
        recover(target)
        raise


def _hidden_name(target: Path, kind: str) -> Path:
    return target.with_name(f".{target.name}.{secrets.token_hex(4)}.{kind}")


def _hidden(target: Path, kind: str) -> list[Path]:
    name = re.compile(rf"\.{re.escape(target.name)}\.{_HEX}\.{kind}")
    return [folder for folder in target.parent.glob(".*") if name.fullmatch(folder.name)]


def _changed(folder: Path) -> float:
    try:
        status = folder.stat()
    except OSError:  # gone meanwhile
        return time.time()
    return max(status.st_mtime, status.st_ctime)  # a rename sets the second only
