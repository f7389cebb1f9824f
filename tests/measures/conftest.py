"""Tiny tables as measures receive them, and the figures counted in them."""

import pandas as pd
import pytest

from sendanalysis.inputs.area import CONTRACTS, check_area
from sendanalysis.inputs.declared import Declared
from sendanalysis.inputs.reading import check_rows
from sendanalysis.measures.figures import measured
from sendanalysis.methods.periods import reporting_period


@pytest.fixture(scope="session")
def typed():
    """A function from a table's name and rows of text to a typed frame: `typed("actions", {"action_id": "A1", …})`."""

    def frame(name, *rows):
        contract = next(contract for contract in CONTRACTS if contract.name == name)
        columns = [column.name for column in contract.columns]
        text = pd.DataFrame(list(rows), columns=columns, dtype="str").fillna("")
        return check_rows(text.set_axis(range(2, len(text) + 2)), contract, name)[0]

    return frame


@pytest.fixture(scope="session")
def southend():
    """The typed tables of the area folder that comes with the project."""
    return check_area("data/southend")[0].tables


@pytest.fixture(scope="session")
def table():
    """A function that types rows: `table("child_id due_on", [("A", "2021-12-01")])`; what ends in `_on` is a day."""

    def frame(columns, rows, **kinds):
        days = {name: "datetime64[ns]" if name.endswith("_on") else "str" for name in columns.split()}
        return pd.DataFrame(list(rows), columns=list(days)).astype(days | kinds)

    return frame


@pytest.fixture(scope="session")
def figures():
    """A function that counts a measure, or the one of a name among several, for a month or another period."""

    def found(measures, tables, month="2021-12", *day, name="", period=None):
        several = measures if isinstance(measures, tuple) else (measures,)
        measure = next(one for one in several if one.name == (name or several[0].name))
        return measured(measure, tables, period or reporting_period(month, *day))

    return found


@pytest.fixture(scope="session")
def latest():
    """A function that picks the last figure of a group, in one window or in the first that is released."""

    def row(found, group="all", window=""):
        rows = found[found["group"] == group]
        return rows[rows["window"] == (window or rows["window"].iloc[0])].iloc[-1]

    return row


@pytest.fixture(scope="session")
def declared():
    """A function that declares a measure over the table `rows`: `declared("count", on="held_on")`."""

    def made(kind, *, leave_out=None, groups=None, **fields):
        words = {"label": "what happened", "counted": ("thing", "things"), "table": "rows"}
        return Declared("own", kind, **words, fields=fields, leave_out=leave_out or {}, groups=groups or {})

    return made
