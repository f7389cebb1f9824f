"""Tables that a month has to do without: missing, faulty or late. They are set aside, and the others go on."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

import pandas as pd

from sendanalysis.errors import InputError
from sendanalysis.inputs.area import Area, refuse_faults
from sendanalysis.inputs.inbox import NO_EXPORT
from sendanalysis.inputs.published import OFFICIAL
from sendanalysis.inputs.reading import MISSING
from sendanalysis.inputs.sen2 import is_old
from sendanalysis.methods.periods import in_words

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from sendanalysis.inputs.contracts import Contract, Fault
    from sendanalysis.methods.periods import Period

YEAR = pd.Timedelta(days=366)
TOGETHER = {"sen2": "the SEN2 return", "published": "the folder published"}  # read as one, so they stand or fall as one


def without_faulty(area: Area, faults: Sequence[Fault], path: str | Path) -> Area:
    """The area with every missing or faulty table set aside: no rows, and in `lacking` why.

    Args:
        area: What `check_area` returned.
        faults: Likewise.
        path: The area folder as typed, for the message.

    Raises:
        InputError: An error is one of the plan, of `area.toml` or of `measures.toml`, on which all pages rest.
    """
    errors = [fault for fault in faults if not fault.warns]
    contracts = {contract.name: contract for contract in area.contracts if contract.folder != "plan"}
    if not all(fault.table in contracts for fault in errors):
        refuse_faults(errors, path)
    counts = Counter(_named(contracts[fault.table]) for fault in errors)
    gone = {_named(contracts[f.table]) for f in errors if f.problem == MISSING or f.problem.endswith(NO_EXPORT)}
    reasons = {name: f"has {n:,} error{'' if n == 1 else 's'}" for name, n in counts.items()}
    reasons |= dict.fromkeys(gone, "is missing")
    return _without(area, {name: f"{name} {why}" for name, why in reasons.items()})


def without_late(area: Area, period: Period) -> Area:
    """The area with every late extract set aside.

    Late is an extract whose last record by the data date lies before the reporting month begins, and more than twice as
    far from the data date as its records of its last two years ever lay apart. One whose records do not reach over a
    year has no rhythm yet, and where `area.toml` names `extracts_to`, that is believed; neither is late. A SEN2 return
    is late where the next one has been made by the data date.

    Raises:
        InputError: All are late, so that the month itself is a mistake.
    """
    made = is_old(area.tables, period.data_date)
    returned = {TOGETHER["sen2"]: f"{TOGETHER['sen2']} is late: it is of {in_words(made.date())}"} if made else {}
    if area.settings.extracts_to:
        return _without(area, returned)
    extracts = [c for c in area.contracts if c.folder == "extracts" and len(area.tables[c.name])]
    late = {_named(c): last for c in extracts for last in [_late_since(area.tables[c.name], period)] if last}
    if late and len(late) == len(extracts):
        raise InputError(
            f"month: no extract has the records of {period.key}; the last before it is of {max(late.values())}. "
            "Name an earlier month, or correct the days that lie after it."
        )
    ended = {name: f"{name} is late: it ends on {in_words(last.date())}" for name, last in late.items()}
    return _without(area, returned | ended)


def _late_since(rows: pd.DataFrame, period: Period) -> pd.Timestamp | None:
    """The last day of a late extract; None for one that is not."""
    today = pd.Timestamp(period.data_date)
    held = [pd.Series(cells.unique()) for _, cells in rows.select_dtypes("datetime").items()]
    days = pd.concat([pd.Series(dtype="datetime64[ns]"), *held])
    days = days[days <= today].sort_values()
    if days.empty or days.iloc[-1] >= pd.Timestamp(period.month) or days.iloc[-1] - days.iloc[0] < YEAR:
        return None
    last = days.iloc[-1]
    return last if today - last > 2 * days[days > last - 2 * YEAR].diff().max() else None


def _named(contract: Contract) -> str:
    return TOGETHER.get(contract.folder, f"the table {contract.name}")


def _without(area: Area, reasons: Mapping[str, str]) -> Area:
    lacking = {c.name: reasons[_named(c)] for c in area.contracts if c.folder != "plan" and _named(c) in reasons}
    lacking |= {OFFICIAL: reasons[TOGETHER["published"]]} if TOGETHER["published"] in reasons else {}
    tables = {name: rows.iloc[:0] if name in lacking else rows for name, rows in area.tables.items()}
    return replace(area, tables=tables, lacking={**area.lacking, **lacking})
