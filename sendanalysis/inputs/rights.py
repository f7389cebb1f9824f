"""Who may read what is made: files for their owner alone."""

from __future__ import annotations

import os
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@contextmanager
def for_owner_alone(*, wanted: bool = True) -> Iterator[None]:
    """Whatever this process, and those that it starts, make meanwhile is for their owner alone: 0600, folders 0700.

    Windows knows no such rights and keeps those of the folder.

    Args:
        wanted: Whether it is wanted at all.
    """
    former = os.umask(0o077)
    if not wanted:
        os.umask(former)
    try:
        yield
    finally:
        os.umask(former)


def make_for_owner_alone(path: Path) -> None:
    """Make a file that its owner alone may read, or take the right from others where it is there."""
    path.touch(mode=0o600)
    path.chmod(0o600)
