"""Tables as CSV files that no spreadsheet runs."""

import pandas as pd
import pytest

from sendanalysis.publishing.record import as_csv


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\t", "\r", "\n"])
@pytest.mark.parametrize("kind", ["str", "object", "category"])
def test_no_cell_and_no_heading_of_text_begins_as_a_formula_does(sign, kind):
    table = pd.DataFrame({f"{sign}n": pd.Series([f"{sign}1+1", "a=b", None], dtype=kind)})
    text = as_csv(table).replace('"', "")
    assert text.startswith(f"'{sign}n\n'{sign}1+1\na=b\n")


def test_numbers_stay_numbers_whatever_the_kind_of_their_column():
    table = pd.DataFrame(
        {"a": [-1.5, 2], "b": pd.array([-3, None], dtype="Int64"), "c": pd.Series([-4, "-x"], dtype="object")}
    )
    table["d"] = pd.to_datetime(["2021-05-03", None])
    assert as_csv(table) == "a,b,c,d\n-1.5,-3,-4,2021-05-03\n2,,'-x,\n"
