"""Pseudonyms in place of ids: a keyed hash, the same from month to month as long as the key is kept.

The key stays outside the area folder and outside every publication. Without it no pseudonym leads back to an id, and a
list of all possible ids tells nothing.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import re
import secrets
from dataclasses import dataclass
from pathlib import Path

from platformdirs import user_config_path

from sendanalysis.errors import InputError
from sendanalysis.inputs.identity import as_a_person_reads, is_no_id

PLACE = "SENDANALYSIS_KEY"
LETTERS = str.maketrans("0123456789abcdef", "abcdefghijklmnop")  # digits could pass for an NHS number or a UPN
LENGTH = 12  # 48 bits: of 10,000 ids two share a pseudonym once in five million keys
_TEXT = re.compile(r"sendanalysis key ([0-9]+)\n([0-9a-f]{64})\n")


@dataclass(frozen=True)
class Key:
    """The key of an area: its bytes, and how many were made up to it."""

    secret: bytes
    number: int

    @property
    def fingerprint(self) -> str:
        """What a manifest says of the key; it leads back to nothing."""
        return hashlib.sha256(b"fingerprint" + self.secret).hexdigest()[:12]

    def pseudonym(self, value: str) -> str:
        """Twelve letters in place of an id; ids that a person takes for the same have the same ones.

        Words that stand where an id is missing are left, so that they are found as faults.
        """
        if is_no_id(value):
            return value
        digest = hmac.new(self.secret, as_a_person_reads(value).encode(), hashlib.sha256)
        return digest.hexdigest()[:LENGTH].translate(LETTERS)


def key_place(area: Path) -> Path:
    """Where the key of an area folder is kept: the file that SENDANALYSIS_KEY names, or one among the user's settings.

    Raises:
        InputError: That file lies in the area folder.
    """
    given = os.environ.get(PLACE)
    path = Path(given) if given else user_config_path("sendanalysis", appauthor=False) / f"{area.name}.key"
    if path.resolve().is_relative_to(area.resolve()):
        raise InputError(f"{PLACE}: {path} lies in the area folder, which may be shared. Keep the key outside of it.")
    return path


def key_of(area: Path) -> Key:
    """The key of an area folder; it is made where there is none.

    Raises:
        InputError: The file holds no key, or cannot be read or written.
    """
    path = key_place(area)
    try:
        if not path.exists():
            _write(path, 1)
        found = _TEXT.fullmatch(path.read_text("ascii", errors="replace"))
    except OSError as error:
        raise InputError(
            f"{path}: the key of pseudonyms cannot be used ({error.strerror}). Set {PLACE} to another."
        ) from error
    if not found:
        raise InputError(f"{path}: this is no key of pseudonyms. Restore it, or make one: sendanalysis run --new-key.")
    return Key(bytes.fromhex(found[2]), int(found[1]))


def make_new_key(area: Path) -> None:
    """Make another key, after which no pseudonym is that of earlier months; the former key is kept beside it.

    Raises:
        InputError: The former key cannot be read, or the new one not written.
    """
    path = key_place(area)
    number = key_of(area).number if path.exists() else 0
    if path.exists():
        path.replace(path.with_name(f"{path.name}.{number}"))
    _write(path, number + 1)


def _write(path: Path, number: int) -> None:
    """Write a key that only its owner may read, and in one step, since two runs may begin at once."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    part.touch(mode=0o600)
    part.write_text(f"sendanalysis key {number}\n{secrets.token_hex(32)}\n", encoding="ascii", newline="\n")
    try:
        os.link(part, path)
    except FileExistsError:
        pass  # the other run's
    finally:
        part.unlink()
