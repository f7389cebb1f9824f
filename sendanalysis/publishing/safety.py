"""What readers outside could work out of a release: refused with the figures named, before anything is published."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sendanalysis.errors import InputError

if TYPE_CHECKING:
    import pandas as pd

MOST_NAMED = 8  # figures named in one sentence


def refuse_recoverable(audit: pd.DataFrame, done: str) -> None:
    """A release of which a small count can be worked out goes nowhere.

    Args:
        audit: What `release.audited` found.
        done: What is then not done with it: published, or packed.

    Raises:
        InputError: A small count can be worked out; the message names the figures.
    """
    open_n = audit["recoverable_n"].sum()
    if open_n:
        raise InputError(
            f"{_named(audit, 'figures')}: {open_n:,} small counts can be worked out from this and earlier "
            f"publications, so nothing was {done}. Make the rule of their tables stricter in area.toml, under "
            "[disclosure], and publish again."
        )


def known_from_before(audit: pd.DataFrame) -> list[str]:
    """A sentence that names what earlier publications give away whatever is hidden now; none where nothing is.

    It is for those who publish alone: readers would learn from it where to look.
    """
    known_n = audit["known_n"].sum()
    if not known_n:
        return []
    what = f"{_named(audit, 'known')}: {known_n:,} small counts can be worked out whatever is hidden now, since earlier"
    return [f"{what} publications cannot be taken back. The data protection officer decides whether to publish on."]


def _named(audit: pd.DataFrame, column: str) -> str:
    names = [name for text in audit[column] for name in text.split("; ") if name]
    more = f"; {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
    return "; ".join(names[:MOST_NAMED]) + more
