"""The Neu pathway."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from sendanalysis.measures import neu_pathway
from sendanalysis.measures.figures import NOTHING
from sendanalysis.methods.periods import reporting_period
from sendanalysis.methods.proportions import wilson

COLUMNS = "entered_on diverted_from_paediatrics progressed_to_asd_on satisfaction"
ROWS = [
    ("2021-09-30", "yes", None, 5),
    ("2021-10-01", "yes", "2021-11-01", 4),
    ("2021-11-15", "no", "2021-12-31", 3),
    ("2021-12-31", None, "2022-01-01", None),  # goes on only after the data date
    ("2022-01-01", "yes", None, 5),  # enters after it
]


@pytest.fixture(scope="module")
def measure(table, figures):
    """The figures of December 2021."""

    def found(rows, **given):
        tables = {"neu_pathway": table(COLUMNS, rows, satisfaction="Int64")}
        return figures(neu_pathway.measures(), tables, **given)

    return found


def test_children_worked_by_hand_to_date_and_over_three_months(measure):
    found = measure(ROWS).set_index(["window", "group"])
    counts = found[["n", "of"]].apply(tuple, axis=1).tolist()
    assert counts == [(2, 3), (2, 4), (2, 3), (1, 2), (2, 3), (1, 2)]
    assert found.xs("progressed", level="group")["of"].to_dict() == {"to date": 4, "3 months": 3}  # all who entered
    row = found.loc[("to date", "progressed")]
    assert (row["value"], row["lower"]) == (50, pytest.approx(100 * wilson(2, 4).lower))


def test_a_pathway_nobody_entered_has_no_share(measure):
    found = measure([])
    assert found["value"].isna().all()
    assert set(found["state"]) == {NOTHING}


def test_a_data_date_after_the_month_adds_nobody_to_it_and_tells_what_became_of_them(measure):
    found = measure(ROWS, period=reporting_period("2021-12", "2022-01-31")).set_index(["window", "group"])
    assert found.loc[("to date", "progressed"), ["n", "of"]].tolist() == [3, 4]


@settings(deadline=None, max_examples=20)
@given(random=st.randoms(use_true_random=False))
def test_the_order_of_the_rows_never_matters(measure, random):
    assert_frame_equal(measure(ROWS), measure(random.sample(ROWS, len(ROWS))))
