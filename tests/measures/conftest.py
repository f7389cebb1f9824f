"""Rows as measures receive them: text typed by the table's own contract."""

import pandas as pd
import pytest

from sendanalysis.inputs.area import CONTRACTS, check_area
from sendanalysis.inputs.reading import check_rows


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
