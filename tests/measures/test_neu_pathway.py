import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sendanalysis.measures.neu_pathway import measure
from sendanalysis.methods.periods import reporting_period
from sendanalysis.methods.proportions import wilson

DECEMBER = reporting_period("2021-12")

ROWS = [
    ("2021-09-30", "yes", None, 5),
    ("2021-10-01", "yes", "2021-11-01", 4),
    ("2021-11-15", "no", "2021-12-31", 3),
    ("2021-12-31", None, "2022-01-01", None),  # goes on only after the data date
    ("2022-01-01", "yes", None, 5),  # enters after it
]


def frame(rows):
    table = pd.DataFrame(
        rows, columns=["entered_on", "diverted_from_paediatrics", "progressed_to_asd_on", "satisfaction"]
    )
    dates = dict.fromkeys(["entered_on", "progressed_to_asd_on"], "datetime64[ns]")
    return table.astype(dates | {"diverted_from_paediatrics": "str", "satisfaction": "Int64"})


def test_children_worked_by_hand_to_date_and_over_three_months():
    table = measure(frame(ROWS), period=DECEMBER).summary.set_index(["window", "what"])
    counts = table[["events_n", "of_n"]].apply(tuple, axis=1).tolist()
    assert counts == [(2, 3), (2, 4), (2, 3), (1, 2), (2, 3), (1, 2)]
    assert table["entered_n"].tolist() == [4, 4, 4, 3, 3, 3]
    row = table.loc[("to date", "progressed")]
    assert (row["pct"], row["lower_pct"]) == (50, pytest.approx(100 * wilson(2, 4).lower))


def test_a_pathway_nobody_entered_has_no_share():
    found = measure(frame([]), period=DECEMBER)
    assert found.summary["pct"].isna().all()


@settings(deadline=None, max_examples=20)
@given(random=st.randoms(use_true_random=False))
def test_the_order_of_the_rows_never_matters(random):
    one, other = (vars(measure(frame(r), period=DECEMBER)) for r in (ROWS, random.sample(ROWS, len(ROWS))))
    for name, table in one.items():
        pd.testing.assert_frame_equal(table, other[name])
