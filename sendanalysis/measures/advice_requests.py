"""Requests for advice one by one: the state each is in, how long advice takes, what is overdue, what falls due next."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from sendanalysis.methods.survival import kaplan_meier, wait_quantile

if TYPE_CHECKING:
    import datetime as dt

    from sendanalysis.inputs.choices import Choices
    from sendanalysis.methods.periods import Period

GIVERS = {
    "education_setting": "Education settings",
    "educational_psychology": "Educational psychology",
    "health": "Health",
    "social_care": "Care",
    "parent_or_young_person": "Parents and young people",
    "other": "Other",
}
SECTORS = {
    "All partners": ("education_setting", "educational_psychology", "health", "social_care"),
    "Education": ("education_setting", "educational_psychology"),
    **{label: (giver,) for giver, label in GIVERS.items() if giver != "education_setting"},
}
OUTSIDE = (  # in the order in which the first that holds is taken
    "cannot be dated",
    "existing advice",
    "withdrawn before due",
    "permitted exception",
    "back before due, not yet due",
    "open and not due",
)
IN_FIGURE = ("on time", "late", "withdrawn late", "open and overdue")
OVERDUE_FROM = {"due on the data date": 0, "1–14 days": 1, "15–28 days": 15, "29–56 days": 29, "more than 56 days": 57}
DUE_NEXT_DAYS = 14
QUANTILES_PCT = (50, 90)
DATES = ["sent_on", "received_on", "returned_on", "withdrawn_on"]


@dataclass(frozen=True)
class AdviceRequests:
    """Requests known at the data date. A `giver` stands once in a table; sectors overlap (Education is two givers).

    Attributes:
        kpis: None; the columns of every measure's kpis without a row.
        states: state, in_figure, giver, requests_n, with the zeros: requests whose due date lies in the reporting
            month. The states in the figure are on time, late, withdrawn late, open and overdue.
        all_states: The same for every request known at the data date.
        curve: sector, time_days, at_risk_n, not_back_pct, lower_pct, upper_pct: days from the start to the return
            (Kaplan–Meier), open requests censored at the data date and withdrawn ones at their withdrawal.
        quantiles: sector, quantile_pct, days, lower_days, upper_days, reading ('reached', 'not reached'), requests_n,
            returned_n.
        open_overdue: band (days overdue at the data date), giver, requests_n.
        due_next: giver, requests_n: open requests that fall due in the 14 days after the data date.
        quality: what, rows_n, share_pct (of the rows read).
    """

    kpis: pd.DataFrame
    states: pd.DataFrame
    all_states: pd.DataFrame
    curve: pd.DataFrame
    quantiles: pd.DataFrame
    open_overdue: pd.DataFrame
    due_next: pd.DataFrame
    quality: pd.DataFrame


def measure(requests: pd.DataFrame, *, period: Period, choices: Choices) -> AdviceRequests:
    """Give each request its state at the data date, and count by state, by wait and by what is due.

    Args:
        requests: giver, sent_on, received_on, returned_on, withdrawn_on, exception, existing_advice_sufficient.
        period: Reporting month and data date; no date after the data date is known.
        choices: `limit_days`, `start_field`, `exceptions` (exclude keeps excepted requests in the states alone).

    Returns:
        The counts and waits.
    """
    known, today = _as_known(requests, period.data_date, choices), pd.Timestamp(period.data_date)
    in_month = known["due"].dt.to_period("M") == pd.Period(period.month, freq="M")
    curve, quantiles = _waits(known[~known["state"].isin(OUTSIDE[:2]) & (known["state"] != OUTSIDE[3])], today)
    overdue = known[known["state"] == "open and overdue"]
    starts = list(OVERDUE_FROM.values())
    band = pd.cut((today - overdue["due"]).dt.days, [*starts, np.inf], right=False, labels=list(OVERDUE_FROM))
    soon = known["due"].between(today, today + pd.Timedelta(days=DUE_NEXT_DAYS), inclusive="right")
    next_open = known[soon & (known["state"] == "open and not due")]
    names = ["kpi_id", "value", "unit", "numerator", "denominator", "lower", "upper"]
    return AdviceRequests(
        kpis=pd.DataFrame(columns=[*names, "baseline", "baseline_numerator", "baseline_denominator"]),
        states=_by_state(known[in_month]),
        all_states=_by_state(known),
        curve=curve,
        quantiles=quantiles,
        open_overdue=_count(overdue.assign(band=band.astype("str")), "band", tuple(OVERDUE_FROM)),
        due_next=_count(next_open, "state", ("open and not due",)).drop(columns="state"),
        quality=_account(requests, known),
    )


def _as_known(requests: pd.DataFrame, data_date: dt.date, choices: Choices) -> pd.DataFrame:
    today = pd.Timestamp(data_date)
    rows = requests[~(requests[DATES].min(axis=1) > today)].reset_index(drop=True)
    dates = rows[DATES].where(rows[DATES] <= today)
    start, back, gone = dates[f"{choices.start_field}_on"], dates["returned_on"], dates["withdrawn_on"]
    due = start + pd.Timedelta(days=choices.limit_days)
    conditions = [
        due.isna(),
        rows["existing_advice_sufficient"].eq("yes").fillna(value=False),
        gone < due,
        rows["exception"].fillna("none").ne("none") & (choices.exceptions == "exclude"),
        (due > today) & back.notna(),
        due > today,
        back <= due,
        back.notna(),
        gone.notna(),
    ]
    state = np.select(conditions, [*OUTSIDE, *IN_FIGURE[:3]], default=IN_FIGURE[3])
    return pd.DataFrame(
        {"giver": rows["giver"], "start": start, "due": due, "back": back, "gone": gone, "state": state}
    )


def _count(rows: pd.DataFrame, column: str, values: tuple[str, ...]) -> pd.DataFrame:
    cells = pd.MultiIndex.from_product([values, GIVERS], names=[column, "giver"])
    table = rows.groupby([column, "giver"]).size().reindex(cells, fill_value=0).rename("requests_n").reset_index()
    return table.assign(giver=table["giver"].map(GIVERS))


def _by_state(rows: pd.DataFrame) -> pd.DataFrame:
    table = _count(rows, "state", (*IN_FIGURE, *OUTSIDE))
    table.insert(1, "in_figure", table["state"].isin(IN_FIGURE))
    return table


def _waits(rows: pd.DataFrame, today: pd.Timestamp) -> tuple[pd.DataFrame, pd.DataFrame]:
    returned = rows["back"].notna() & ~(rows["gone"] < rows["back"])
    end = rows["back"].where(returned, rows["gone"].fillna(today))
    # A request can be withdrawn before the giver received it.
    days = (end - rows["start"]).dt.days.clip(lower=0)
    heads = ["sector", "time_days", "at_risk_n", "not_back_pct", "lower_pct", "upper_pct"]
    curves, quantiles = [], []
    for sector, givers in SECTORS.items():
        chosen = rows["giver"].isin(givers)
        if not chosen.any():
            continue
        curve = kaplan_meier(days[chosen], returned[chosen])
        pct = curve[["survival", "lower", "upper"]] * 100
        table = pd.concat([curve[["time", "at_risk"]], pct], axis=1).set_axis(heads[1:], axis=1)
        curves.append(table.assign(sector=sector)[heads])
        for share in QUANTILES_PCT:
            wait = wait_quantile(curve, share / 100)
            reading = "not reached" if math.isnan(wait.days) else "reached"
            quantiles.append((sector, share, *wait, reading, int(chosen.sum()), int(returned[chosen].sum())))
    columns = ["sector", "quantile_pct", "days", "lower_days", "upper_days", "reading", "requests_n", "returned_n"]
    whole = pd.concat(curves, ignore_index=True) if curves else pd.DataFrame(columns=heads)
    return whole, pd.DataFrame(quantiles, columns=columns)


def _account(requests: pd.DataFrame, known: pd.DataFrame) -> pd.DataFrame:
    found = {
        "rows read": len(requests),
        "first date after the data date, left out": len(requests) - len(known),
        "cannot be dated, in no wait": int((known["state"] == "cannot be dated").sum()),
        "existing advice, in no wait": int((known["state"] == "existing advice").sum()),
        "returned after it was withdrawn, wait ends at the withdrawal": int((known["gone"] < known["back"]).sum()),
    }
    table = pd.DataFrame({"what": list(found), "rows_n": list(found.values())})
    return table.assign(share_pct=100 * table["rows_n"] / len(requests) if len(requests) else math.nan)
