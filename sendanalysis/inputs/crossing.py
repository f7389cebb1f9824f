"""Rules that only two or more tables together show: references, owners, order of events, dates far from all others."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from sendanalysis.inputs.completeness import incomplete
from sendanalysis.inputs.contracts import Contract, Fault
from sendanalysis.inputs.rules import beside_faults

if TYPE_CHECKING:
    from collections.abc import Mapping

FEW = 50  # dates, below which an area has just begun and nothing can be far from the others


def across_tables(tables: Mapping[str, pd.DataFrame], contracts: tuple[Contract, ...]) -> list[Fault]:
    """Faults that only two tables together show."""
    return [
        *_unknown_references(tables, contracts),
        *_unknown_owners(tables),
        *beside_faults(tables, "peer_review_updates"),
        *_invitations(tables),
        *_dates_far_ahead(tables, contracts),
        *_logs_far_ahead(tables, contracts),
        *incomplete(tables, contracts),
    ]


def _dates_far_ahead(tables: Mapping[str, pd.DataFrame], contracts: tuple[Contract, ...]) -> list[Fault]:
    """Dates that lie more than a year after every other date of the extracts, as 2032 typed for 2022 does."""
    dated = [
        pd.DataFrame({"day": days, "row": days.index, "file": f"{contract.name}.csv", "column": column.name})
        for contract in contracts
        for column in contract.columns
        if contract.folder == "extracts" and column.kind == "date"
        for days in [tables[contract.name][column.name].dropna()]
        if len(days)
    ]
    if not dated:
        return []
    cells = pd.concat(dated).sort_values("day", ignore_index=True)
    leaps = cells.index[cells["day"].diff() > pd.Timedelta(days=366)]
    ahead = cells[leaps[-1] :] if len(leaps) else cells[:0]
    if len(cells) < FEW or len(ahead) > max(3, len(cells) // 100):
        return []
    problem, remedy = "lies more than a year after every other date", "Correct the year."
    return [
        Fault(cell["file"], cell["row"], cell["column"], f"{cell['day']:%Y-%m-%d}", problem, remedy)
        for cell in ahead.to_dict("records")
    ]


def _logs_far_ahead(tables: Mapping[str, pd.DataFrame], contracts: tuple[Contract, ...]) -> list[Fault]:
    """Entries of the plan's logs recorded more than a year after the last day of any extract, as 2098 for 2022 is."""
    dates = [
        tables[contract.name][column.name].max()
        for contract in contracts
        for column in contract.columns
        if contract.folder == "extracts" and column.kind == "date" and tables[contract.name][column.name].notna().any()
    ]
    if not dates:
        return []
    problem = f"lies more than a year after the last day of the extracts ({max(dates):%Y-%m-%d})"
    return [
        Fault(f"{contract.name}.csv", int(str(row)), "recorded_on", f"{day:%Y-%m-%d}", problem, "Correct the year.")
        for contract in contracts
        if contract.folder == "plan" and "recorded_on" in tables[contract.name]
        for row, day in tables[contract.name]["recorded_on"].dropna().items()
        if day > max(dates) + pd.Timedelta(days=366)
    ]


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
