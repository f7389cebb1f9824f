"""Requests for advice one by one: how long advice takes, what is overdue, what falls due next."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from sendanalysis.methods.due_requests import GIVERS, NO_WAIT, SECTORS, as_known
from sendanalysis.methods.survival import wait_tables

if TYPE_CHECKING:
    from sendanalysis.inputs.choices import Choices
    from sendanalysis.methods.periods import Period

OVERDUE_FROM = {"due on the data date": 0, "1–14 days": 1, "15–28 days": 15, "29–56 days": 29, "more than 56 days": 57}
DUE_NEXT_DAYS = 14


@dataclass(frozen=True)
class AdviceRequests:
    """Requests known at the data date. A `giver` stands once in a table; sectors overlap (Education is two givers).

    Attributes:
        curve: sector, time_days, at_risk_n, not_back_pct, lower_pct, upper_pct: days from the start to the return
            (Kaplan–Meier), open requests censored at the data date and withdrawn ones at their withdrawal.
        quantiles: sector, quantile_pct, days, lower_days, upper_days, reading ('reached', 'not reached'), requests_n,
            returned_n.
        open_overdue: band (days overdue at the data date), giver, requests_n, with the zeros.
        due_next: giver, requests_n: open requests that fall due in the 14 days after the data date.
    """

    curve: pd.DataFrame
    quantiles: pd.DataFrame
    open_overdue: pd.DataFrame
    due_next: pd.DataFrame


def measure(requests: pd.DataFrame, *, period: Period, choices: Choices) -> AdviceRequests:
    """Give each request its state at the data date, and count by wait and by what is due.

    Args:
        requests: giver, sent_on, received_on, returned_on, withdrawn_on, exception, existing_advice_sufficient.
        period: Reporting month and data date; no date after the data date is known.
        choices: `limit_days`, `start_field`, `exceptions` (exclude leaves excepted requests out of the waits).

    Returns:
        The counts and waits.
    """
    today = pd.Timestamp(period.data_date)
    known = as_known(
        requests,
        period.data_date,
        start_field=choices.start_field,
        limit_days=choices.limit_days,
        exclude_excepted=choices.exceptions == "exclude",
    )
    curve, quantiles = _waits(known[~known["state"].isin([*NO_WAIT, "permitted exception"])], today)
    overdue = known[known["state"] == "open and overdue"]
    edges, bands = [*OVERDUE_FROM.values(), np.inf], list(OVERDUE_FROM)
    band = pd.cut((today - overdue["due"]).dt.days, edges, right=False, labels=bands).astype("str")
    cells = pd.MultiIndex.from_product([bands, GIVERS.values()], names=["band", "giver"])
    soon = known["due"].between(today, today + pd.Timedelta(days=DUE_NEXT_DAYS), inclusive="right")
    ahead = known[soon & (known["state"] == "open and not due")]
    givers = pd.Index(GIVERS.values(), name="giver")
    return AdviceRequests(
        curve=curve,
        quantiles=quantiles,
        open_overdue=_counts(overdue.assign(band=band), cells),
        due_next=_counts(ahead, givers),
    )


def _counts(rows: pd.DataFrame, cells: pd.Index) -> pd.DataFrame:
    named = rows.assign(giver=rows["giver"].map(GIVERS))
    return named.groupby(list(cells.names)).size().reindex(cells, fill_value=0).rename("requests_n").reset_index()


def _waits(rows: pd.DataFrame, today: pd.Timestamp) -> tuple[pd.DataFrame, pd.DataFrame]:
    returned = rows["back"].notna() & ~(rows["gone"] < rows["back"])
    end = rows["back"].where(returned, rows["gone"].fillna(today))
    # A request can be withdrawn before the giver received it.
    days = (end - rows["start"]).dt.days.clip(lower=0)
    curves, quantiles = [], []
    for sector, givers in SECTORS.items():
        chosen = rows["giver"].isin(givers)
        curve, waits = wait_tables(days[chosen], returned[chosen], "not_back_pct", ("requests_n", "returned_n"))
        curve.insert(0, "sector", sector)
        waits.insert(0, "sector", sector)
        curves.append(curve)
        quantiles.append(waits)
    return pd.concat(curves, ignore_index=True), pd.concat(quantiles, ignore_index=True)
