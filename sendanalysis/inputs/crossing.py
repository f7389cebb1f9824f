"""Rules that only two or more tables together show: references, owners, order of events, dates far from all others."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from sendanalysis.inputs.completeness import LATE_DAYS, incomplete
from sendanalysis.inputs.contracts import Contract, Fault, one_line
from sendanalysis.inputs.identity import ids_across
from sendanalysis.inputs.rules import beside_faults

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping, Sequence

YEAR = pd.Timedelta(days=366)
FAR = pd.Timedelta(days=300)  # a year typed wrongly, of a day in the first or last two months of its column
LATE = pd.Timedelta(days=LATE_DAYS)
LIFE = pd.Timedelta(days=26 * 366)  # SEND support ends at 25, so no record of it is older, and no plan looks as far
MONTH = pd.Timedelta(days=31)
IN_ORDER = 0.95  # of a column's steps from row to row that lead on, so that a day may be held against its neighbours
FEW = 50  # dates, below which an area has just begun and nothing can be far from the others
LOGGED = {"recorded_on", "written_on", "held_on"}
YEARS, DAY, OTHERS = "Correct the year.", "See whether the day is right.", "every other date of its column"


def across_tables(
    tables: Mapping[str, pd.DataFrame], contracts: tuple[Contract, ...], extracts_to: dt.date | None = None
) -> list[Fault]:
    """Faults that only two tables together show, or the tables beside the last day that `area.toml` says they cover."""
    dated = _dated(tables, [contract for contract in contracts if contract.folder == "extracts"])
    plan = _dated(tables, [contract for contract in contracts if contract.folder == "plan"])
    return [
        *_unknown_references(tables, contracts),
        *ids_across(tables, contracts),
        *_unknown_owners(tables),
        *beside_faults(tables, "peer_review_updates"),
        *_invitations(tables),
        *(_far_days(dated, plan, tables) if len(dated) else []),
        *(_cover(dated["day"], pd.Timestamp(extracts_to)) if extracts_to and len(dated) else []),
        *incomplete(tables, contracts),
    ]


def _far_days(cells: pd.DataFrame, plan: pd.DataFrame, tables: Mapping[str, pd.DataFrame]) -> list[Fault]:
    """Days typed wrongly, as 2032 for 2022, among those of the extracts and of the plan.

    Errors: days of extracts more than a year after every other one; days of recording more than a year after the last
    of the extracts; any day more than 26 years from the middle one of the extracts. Warnings: days of extracts more
    than 62 after every other one, more than 300 before or after every other one of their column, or more than 300 from
    the rows around it where a column stands in order; days of the plan's logs more than 62 after the extracts.
    """
    upto = cells["cells_n"].cumsum()
    last, middle = cells["day"].max(), cells["day"][upto > upto.iloc[-1] // 2].iloc[0]
    beyond = f"lies more than a year after the last day of the extracts ({last:%Y-%m-%d})"
    ahead_of_all = f"lies more than {LATE_DAYS} days after the last day of the extracts"
    century = f"lies more than 26 years from most dates of the extracts ({middle:%Y-%m-%d})"
    ahead, old = _ahead(cells, YEAR), cells[cells["day"] < middle - LIFE]
    rest = cells.drop(ahead.index.union(old.index))
    logged = plan["column"].isin(LOGGED)
    logs = plan["column"].eq("recorded_on") & (plan["day"] > last + YEAR)
    far = (plan["day"] - middle).abs() > LIFE
    early = logged & (plan["day"] > last + LATE) & ~logs & ~far
    late = _ahead(rest, LATE)
    columns = [column for _, column in rest.drop(late.index).groupby(["table", "column"])]
    behind, beyond_all = ([side(each, FAR) for each in columns] for side in (_behind, _ahead))
    told = pd.concat([*behind, *beyond_all]).index if columns else rest.index[:0]
    odd = [_out_of_order(each.drop(told, errors="ignore"), tables) for each in columns]
    found = [
        (ahead, "lies more than a year after every other date", YEARS, False),
        (plan[logs], beyond, YEARS, False),
        (pd.concat([old, plan[far & ~logs]]), century, YEARS, False),
        (plan[early], f"{ahead_of_all} ({last:%Y-%m-%d}), so nothing shows it yet", DAY, True),
        (late, f"lies more than {LATE_DAYS} days after every other date", DAY, True),
        *((each, f"lies more than {FAR.days} days before {OTHERS}", YEARS, True) for each in behind),
        *((each, f"lies more than {FAR.days} days after {OTHERS}", YEARS, True) for each in beyond_all),
        *((each, f"lies more than {FAR.days} days from the rows around it", YEARS, True) for each in odd),
    ]
    return [
        Fault(f"{cell['table']}.csv", cell["row"], cell["column"], f"{cell['day']:%Y-%m-%d}", problem, remedy, warns)
        for days, problem, remedy, warns in found
        if len(days)
        for cell in (days if "row" in days else _by_row(days, tables)).to_dict("records")
    ]


def _by_row(days: pd.DataFrame, tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """The cells that hold some days of a column, with their rows."""
    rows = [
        list(tables[table].index[tables[table][column] == day])
        for day, table, column in zip(days["day"], days["table"], days["column"], strict=True)
    ]
    return days.assign(row=pd.Series(rows, days.index, dtype="object")).explode("row")


def _ahead(cells: pd.DataFrame, gap: pd.Timedelta) -> pd.DataFrame:
    """The last days of which cells are few and lie a gap after the others."""
    leaps = cells.index[cells["day"].diff() > gap]
    return _if_few(cells.loc[leaps[-1] :] if len(leaps) else cells[:0], cells)


def _behind(cells: pd.DataFrame, gap: pd.Timedelta) -> pd.DataFrame:
    """The first days, where their cells are few and lie a gap before the others."""
    leaps = (cells["day"].diff() > gap).to_numpy().nonzero()[0]
    return _if_few(cells[: leaps[0]] if len(leaps) else cells[:0], cells)


def _out_of_order(cells: pd.DataFrame, tables: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """The cells that lie far before, or far after, those of the rows before and after, where 19 in 20 are in order.

    Args:
        cells: The days of one column, without those at its ends that lie far from all others.
        tables: By name.
    """
    where = cells.iloc[0][["table", "column"]]
    days = tables[where["table"]][where["column"]]
    days = days[days.between(cells["day"].iloc[0], cells["day"].iloc[-1])]
    steps = np.diff(days.to_numpy())
    if not len(steps) or (steps >= np.timedelta64(0)).mean() < IN_ORDER:
        return cells[:0]
    up, down = steps > FAR, steps < -FAR
    odd = days[1:-1][(up[:-1] & down[1:]) | (down[:-1] & up[1:])]
    return _if_few(pd.DataFrame({**where, "day": odd, "cells_n": 1, "row": odd.index}), cells)


def _if_few(some: pd.DataFrame, cells: pd.DataFrame) -> pd.DataFrame:
    few, all_n = some["cells_n"].sum(), cells["cells_n"].sum()
    return cells[:0] if all_n < FEW or few > max(3, all_n // 100) else some


def _cover(days: pd.Series[pd.Timestamp], extracts_to: pd.Timestamp) -> list[Fault]:
    """Warnings where `extracts_to` lies more than a month from the last record."""
    last = days.iloc[-1]
    if abs(extracts_to - last) <= MONTH:
        return []
    side, outcome = (
        ("after", "the time between would be shown as one in which nothing happened")
        if extracts_to > last
        else ("before", "later records would be left out")
    )
    problem = f"lies more than a month {side} the last record of the extracts ({last:%Y-%m-%d}), so {outcome}"
    remedy = "Write the last day that the extracts cover."
    return [Fault("area.toml", None, "extracts_to", f"{extracts_to:%Y-%m-%d}", problem, remedy, warns=True)]


def _dated(tables: Mapping[str, pd.DataFrame], contracts: Sequence[Contract]) -> pd.DataFrame:
    """Every different date of some tables with its column and how many cells hold it, in the order of days."""
    days = [
        held.rename_axis("day").reset_index(name="cells_n").assign(table=contract.name, column=column.name)
        for contract in contracts
        for column in contract.columns
        if column.kind == "date"
        for held in [tables[contract.name][column.name].value_counts(sort=False)]
        if len(held)
    ]
    none = pd.DataFrame({"day": pd.Series(dtype="datetime64[ns]"), "column": pd.Series(dtype="str")})
    return pd.concat(days).sort_values("day", kind="stable", ignore_index=True) if days else none


def _unknown_references(tables: Mapping[str, pd.DataFrame], contracts: tuple[Contract, ...]) -> list[Fault]:
    faults = []
    for contract in contracts:
        for column in contract.columns:
            if column.refers:
                table, _, name = column.refers.partition(".")
                cells = tables[contract.name][column.name].dropna()
                problem, remedy = f"is not in {table}.csv", f"Write the {name} of a row there."
                faults += [
                    Fault(f"{contract.name}.csv", int(str(row)), column.name, value, problem, remedy)
                    for row, value in cells[~cells.isin(tables[table][name])].items()
                ]
    return faults


def _unknown_owners(tables: Mapping[str, pd.DataFrame]) -> list[Fault]:
    bodies = tables["governance"]
    if bodies.empty:
        return []  # a plan without a list of bodies; nothing to hold owners against
    names = {
        part.strip()
        for cells in (bodies["name_as_printed"], bodies["aliases"])
        for text in cells.dropna()
        for part in text.split(";")
    }
    return [
        Fault(
            "actions.csv",
            int(str(row)),
            "owner_codes",
            owner.strip(),
            "is nobody in governance.csv",
            "Add them there, or correct the initials.",
        )
        for row, owners in tables["actions"]["owner_codes"].dropna().items()
        for owner in owners.split(";")
        if owner.strip() not in names
    ]


def _invitations(tables: Mapping[str, pd.DataFrame]) -> list[Fault]:
    key = ["survey_year", "tool", "category"]
    forms = tables["survey_responses"].groupby(key).size().rename("forms").reset_index()
    joined = tables["survey_invitations"].reset_index(names="row").merge(forms, on=key, how="outer", indicator=True)
    faults = [
        Fault(
            "survey_responses.csv",
            None,
            "",
            None,
            f"no row in survey_invitations.csv fits {item.survey_year}, {one_line(str(item.tool))}, {item.category}",
            "Add how many were invited; without it there is no response rate.",
            warns=True,
        )
        for item in joined[joined["_merge"] == "right_only"].itertuples()
    ]
    over = joined[joined["forms"] > joined["invited"].astype("float64")]
    return faults + [
        Fault(
            "survey_invitations.csv",
            int(float(str(item.row))),
            "invited",
            str(item.invited),
            f"is fewer than the {item.forms:.0f} forms submitted",
            "Correct it; until then no response rate is shown.",
            warns=True,
        )
        for item in over.itertuples()
    ]
