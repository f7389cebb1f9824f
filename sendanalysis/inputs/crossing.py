"""Rules that only two or more tables together show: references, owners, order of events, dates far from all others."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from sendanalysis.inputs.completeness import incomplete
from sendanalysis.inputs.contracts import Contract, Fault
from sendanalysis.inputs.rules import beside_faults

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

YEAR = pd.Timedelta(days=366)
FEW = 50  # dates, below which an area has just begun and nothing can be far from the others


def across_tables(tables: Mapping[str, pd.DataFrame], contracts: tuple[Contract, ...]) -> list[Fault]:
    """Faults that only two tables together show."""
    return [
        *_unknown_references(tables, contracts),
        *_unknown_owners(tables),
        *beside_faults(tables, "peer_review_updates"),
        *_invitations(tables),
        *_years_far_ahead(tables, contracts),
        *incomplete(tables, contracts),
    ]


def _years_far_ahead(tables: Mapping[str, pd.DataFrame], contracts: tuple[Contract, ...]) -> list[Fault]:
    """Years typed wrongly, as 2032 for 2022.

    Of the extracts: dates more than a year after every other one. Of the plan's logs: days of recording more than a
    year after the last day of the extracts.
    """
    cells = _dated(tables, [contract for contract in contracts if contract.folder == "extracts"])
    if cells.empty:
        return []
    leaps = cells.index[cells["day"].diff() > YEAR]
    ahead = cells[leaps[-1] :] if len(leaps) else cells[:0]
    few = len(cells) < FEW or len(ahead) > max(3, len(cells) // 100)
    logs = _dated(tables, [contract for contract in contracts if contract.folder == "plan"], "recorded_on")
    last = cells["day"].max()
    beyond = f"lies more than a year after the last day of the extracts ({last:%Y-%m-%d})"
    found = [(cells[:0] if few else ahead, "lies more than a year after every other date")]
    found.append((logs[logs["day"] > last + YEAR], beyond))
    return [
        Fault(cell["file"], cell["row"], cell["column"], f"{cell['day']:%Y-%m-%d}", problem, "Correct the year.")
        for rows, problem in found
        for cell in rows.to_dict("records")
    ]


def _dated(tables: Mapping[str, pd.DataFrame], contracts: Sequence[Contract], name: str = "") -> pd.DataFrame:
    """Every date of some tables, or those of one column: day, row, file, column, in the order of days."""
    cells = [
        pd.DataFrame({"day": days, "row": days.index, "file": f"{contract.name}.csv", "column": column.name})
        for contract in contracts
        for column in contract.columns
        if column.kind == "date" and name in {"", column.name}
        for days in [tables[contract.name][column.name].dropna()]
        if len(days)
    ]
    none = pd.DataFrame({"day": pd.Series(dtype="datetime64[ns]")})
    return pd.concat(cells).sort_values("day", ignore_index=True) if cells else none


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
            f"no row in survey_invitations.csv fits {item.survey_year}, {item.tool}, {item.category}",
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
