"""The return's waits as survival curves, its figures beside the published ones, and what became of its rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from sendanalysis.measures.figures import ALL, Tables
from sendanalysis.measures.sen2 import GROUPS, ends_of, issued, known, until
from sendanalysis.methods.proportions import account
from sendanalysis.methods.survival import in_groups, incidence_tables

if TYPE_CHECKING:
    import datetime as dt


def waits(tables: Tables, day: dt.date) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Days from the request to the plan, by source: open cases count to the day, refusals as another end.

    Withdrawn, carried in and moved away are left out.

    Returns:
        The curve of those without a plan: group, time_days, at_risk, value, lower, upper. Its quantiles: group,
        quantile_pct, days, lower_days, upper_days, reading, requests_n, issued_n, left_pct.
    """
    rows = known(tables, day)
    state = ends_of(rows)
    end = rows["outcome_on"].where(state.eq("issued") | rows["outcome"].isin(["not issued"]))
    end = end.fillna(rows["decided_on"].where(state.eq("refused"))).fillna(until(tables, day))
    days = (end - rows["received_on"]).dt.days
    counted = state.ne("left") & days.ge(0)
    cause = state.map({"issued": 1, "refused": 2, "open": 0, "left": 0})
    groups = {group: counted & chosen(rows) for group, chosen in GROUPS.items()}
    return in_groups(incidence_tables, days, cause, groups, ("requests_n", "issued_n"))


def beside(
    figures: dict[str, pd.DataFrame], published: pd.DataFrame, tables: Tables, day: dt.date, *, illustrative: bool
) -> pd.DataFrame:
    """The figure of the return beside the published one of the same calendar year, with why they differ.

    Args:
        figures: Figures in the window `year` by exceptions (included, excluded).
        published: year, exceptions, n, of, published_pct of the area.
        tables: Typed tables.
        day: Data date.
        illustrative: Whether the return is a made-up sample.

    Returns:
        year, exceptions, n, of, value, published_n, published_of, published_pct, difference_points, reason.
    """
    last = until(tables, day)
    table = []
    for exceptions, rows in figures.items():
        for row in rows[rows["group"].eq(ALL)].drop_duplicates("first_on", keep="last").to_dict("records"):
            year = row["first_on"].year
            own = published[published["year"].eq(year) & published["exceptions"].eq(exceptions)]
            n, of, printed = (own[name].iloc[0] if len(own) else float("nan") for name in ("n", "of", "published_pct"))
            gap = row["value"] - printed
            why = "not published for this year"
            if len(own):
                over = last >= pd.Timestamp(year, 12, 31) and row["last_on"] >= pd.Timestamp(year, 12, 31)
                why = "rounding alone" if abs(gap) < 0.1 and of == row["of"] else "other plans are counted"
                why = why if over else "the year is not over in the return"
                why = "the return covers another year" if last.year - 1 > year else why
                why = "the sample is illustrative" if illustrative else why
            table.append((year, exceptions, row["n"], row["of"], row["value"], n, of, printed, gap, why))
    columns = "year exceptions n of value published_n published_of published_pct difference_points reason"
    return pd.DataFrame(table, columns=columns.split()).sort_values(["year", "exceptions"], ignore_index=True)


def known_to(tables: Tables, day: dt.date) -> pd.DataFrame:
    """The last day that the figures of the return take in: known_to_on."""
    return pd.DataFrame({"known_to_on": [until(tables, day)]})


def accounts(tables: Tables, day: dt.date) -> pd.DataFrame:
    """What became of the rows of the requests: what, rows_n, share_pct."""
    rows, read = known(tables, day), len(tables["sen2_requests"])
    state, plans = ends_of(rows), issued(tables, day)
    found = {
        "requests read": read,
        "first date after the data date, left out": read - len(rows),
        **{f"{name}": int(state.eq(name).sum()) for name in ("issued", "refused", "open")},
        "withdrawn, carried in, moved away or refused on no day named": int(state.eq("left").sum()),
        "of the issued: day of the request not known or later": int((~plans["usable"]).sum()),
        "of the issued: whether an exception applies is not known": int(
            (plans["counts"] & plans["exception"].isna()).sum()
        ),
        "requests of a child that has another": int(rows["child"].duplicated(keep=False).sum()),
    }
    return account(found)
