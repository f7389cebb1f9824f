"""An extract that is old, cut or thinned beside the others is told of, and the shipped ones are none of it."""

from pathlib import Path

import pandas as pd
import pytest

from sendanalysis.inputs.area import CONTRACTS, check_area
from sendanalysis.inputs.completeness import incomplete

DATA = Path(__file__).parents[2] / "data"
ADVICE, REFERRALS = (
    next(contract for contract in CONTRACTS if contract.name == name)
    for name in ("advice_requests", "autism_referrals")
)


def table(contract, days):
    first = next(column.name for column in contract.columns if column.kind == "date")
    return pd.DataFrame({first: pd.to_datetime(list(days))})


def told(days, others="2022-03-31", every=1):
    """Warnings of referrals that began on some days, beside advice asked for daily to another day."""
    tables = {
        "autism_referrals": table(REFERRALS, days),
        "advice_requests": table(ADVICE, pd.date_range("2020-01-01", others, freq=f"{every}D")),
    }
    return [str(fault) for fault in incomplete(tables, (REFERRALS, ADVICE)) if fault.file == "autism_referrals.csv"]


def test_a_table_three_months_older_than_the_others_is_named_with_its_last_day():
    (fault,) = told(pd.date_range("2020-01-01", "2021-12-31", freq="7D"))
    assert "its last record is of 2021-12-29, 92 days before the newest of the other extracts" in fault


def test_a_table_that_has_always_come_once_a_term_is_not_stale():
    assert told(pd.date_range("2020-01-31", "2021-11-30", freq="90D")) == []


@pytest.mark.parametrize("rows", [1_000, 65_535])
def test_a_round_number_of_rows_may_be_a_cut(rows):
    days = pd.date_range("2022-03-31", periods=rows, freq="-1h")
    assert any(f"it holds {rows:,} rows, as a file does that was cut" in fault for fault in told(days))


def test_a_month_with_fewer_than_half_its_usual_rows_is_told_of():
    days = pd.date_range("2021-01-01", "2022-03-31", freq="6h")
    thin = days[(days < "2022-02-01") | (days >= "2022-03-01") | (days.hour == 0)]
    (fault,) = told(thin)
    assert "it has 28 rows of 2022-02, where 124 a month are usual" in fault


def test_a_small_month_that_chance_explains_is_not():
    days = [f"2021-{month:02}-{day:02}" for month in range(1, 13) for day in (3, 9, 15, 21)] + ["2022-02-01"]
    assert told([*days, "2022-01-05", "2022-01-20"]) == []


@pytest.mark.parametrize("area", ["southend", "wexmoor"])
def test_the_shipped_extracts_give_no_such_warning(area):
    opened, _ = check_area(DATA / area)
    assert incomplete(opened.tables, opened.contracts) == []
