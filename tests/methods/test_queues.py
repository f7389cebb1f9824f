"""Queue sums against NHSRwaitinglist."""

import math
from pathlib import Path

import pandas as pd
import pytest

from sendanalysis.errors import MethodError
from sendanalysis.methods.queues import clearance_weeks, queue_load, relief_capacity, target_queue_size

REFERENCE = Path(__file__).parent / "reference"


@pytest.mark.parametrize("row", list(pd.read_csv(REFERENCE / "queue_load.csv").itertuples()), ids=str)
def test_the_load_is_that_of_nhsrwaitinglist(row):
    assert queue_load(row.demand, row.capacity) == pytest.approx(row.result, abs=1e-9)


@pytest.mark.parametrize("row", list(pd.read_csv(REFERENCE / "target_queue_size.csv").itertuples()), ids=str)
def test_the_target_queue_size_is_that_of_nhsrwaitinglist(row):
    assert target_queue_size(row.demand, row.target_wait, row.factor) == pytest.approx(row.result, abs=1e-9)


@pytest.mark.parametrize("row", list(pd.read_csv(REFERENCE / "relief_capacity.csv").itertuples()), ids=str)
def test_the_relief_capacity_is_that_of_nhsrwaitinglist(row):
    allowance = {"num_referrals": row.num_referrals, "cv_demand": row.cv_demand}
    weeks = relief_capacity(row.demand, row.queue_size, row.target_queue_size, row.time_to_target, **allowance)
    assert weeks == pytest.approx(row.result, abs=1e-9)


def test_without_a_factor_ninety_two_in_a_hundred_are_to_be_seen_in_time():
    assert target_queue_size(30, 18) == pytest.approx(30 * 18 / -math.log(0.08))
    assert target_queue_size(30, 18, within=0.5) == pytest.approx(30 * 18 / math.log(2))


def test_a_list_that_grows_or_stays_has_no_clearance_date():
    assert clearance_weeks(10, 5, 5) is None
    assert clearance_weeks(10, 5, 4) is None
    assert clearance_weeks(0, 5, 4) is None
    assert clearance_weeks(0, 5, 5) == 0
    assert clearance_weeks(10, 5, 7.5) == 4


def test_nobody_dealt_with_is_an_endless_load_unless_nobody_arrives():
    assert queue_load(3, 0) == math.inf
    assert math.isnan(queue_load(0, 0))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: queue_load(-1, 2), "demand: -1"),
        (lambda: queue_load(1, math.nan), "capacity: nan"),
        (lambda: target_queue_size(1, 18, 0), "factor: 0"),
        (lambda: target_queue_size(1, 18, within=92), "within: 92"),
        (lambda: relief_capacity(1, 2, 1, 0), "weeks: 0"),
        (lambda: relief_capacity(1, 2, 1, cv_demand=-1), "cv_demand: -1"),
        (lambda: clearance_weeks(math.inf, 1, 2), "queue: inf"),
    ],
)
def test_a_rate_that_cannot_be_is_named(call, message):
    with pytest.raises(MethodError, match=message):
        call()
