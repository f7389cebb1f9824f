import datetime as dt
import math

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sendanalysis.errors import MethodError
from sendanalysis.inputs.choices import Choices
from sendanalysis.measures.waiting_list import measure
from sendanalysis.methods.periods import Period, reporting_period

DECEMBER = reporting_period("2021-12")
EVENTS = ["assessment_started_on", "assessment_completed_on", "outcome_given_on"]
DATES = ["referred_on", "accepted_on", *EVENTS, "closed_on"]

ROWS = [
    # child, referred, accepted, started, completed, closed
    ("A", "2021-08-01", "2021-09-01", "2021-10-31", "2021-11-30", None),  # started on day 91; assessed
    ("B", "2021-08-01", "2021-09-01", "2021-11-01", None, None),  # started on day 92; waits for the assessment
    ("C", "2021-08-01", None, None, None, None),  # not accepted
    ("D", "2021-09-15", "2021-10-01", None, None, "2021-11-15"),  # closed unstarted
    ("E", "2021-10-01", "2021-10-10", None, "2021-12-31", None),  # completed with no start date, on the data date
    ("E", "2021-12-01", "2021-12-31", None, None, None),  # the same child once more, accepted on the data date
    ("F", "2020-01-01", "2021-10-01", None, None, None),  # waits for two years
    ("G", "2021-10-01", "2021-11-10", None, None, "2021-11-01"),  # closed before it was accepted: never on the list
    ("H", "2021-12-01", "2022-01-01", None, None, None),  # accepted after the data date
    ("I", "2022-01-01", "2022-01-01", None, None, None),  # referred after the data date
]


def frame(rows):
    table = pd.DataFrame(
        [(c, r, a, s, d, None, x) for c, r, a, s, d, x in rows],
        columns=["child_id", *DATES],
    )
    return table.astype(dict.fromkeys(DATES, "datetime64[ns]") | {"child_id": "str"})


def test_the_list_worked_by_hand_comes_on_goes_off_and_adds_up():
    found = measure(frame(ROWS), period=DECEMBER, choices=Choices(series_breaks=("2021-11-20",)))
    table = found.list_size.set_index("month")
    assert table["additions_n"].tolist() == [2, 3, 0, 1]
    assert table["removals_assessed_n"].tolist() == [0, 0, 1, 1]
    assert table["removals_other_n"].tolist() == [0, 0, 1, 0]
    assert table["size_n"].tolist() == [2, 5, 3, 3]
    assert table["series_break"].tolist() == [False, False, True, False]


def test_another_event_takes_a_referral_off_the_list_sooner():
    found = measure(frame(ROWS), period=DECEMBER, choices=Choices(event="start"))
    assert found.list_size["size_n"].tolist() == [2, 4, 2, 3]


def test_a_series_break_that_is_no_date_is_refused():
    with pytest.raises(MethodError, match="YYYY-MM-DD"):
        measure(frame(ROWS), period=DECEMBER, choices=Choices(series_breaks=("March 2022",)))


def test_demand_over_capacity_above_one_means_that_the_list_grows():
    row = measure(frame(ROWS), period=DECEMBER, choices=Choices()).queue.iloc[0]
    assert (row["demand_per_week"], row["capacity_per_week"]) == (6 / 26, 3 / 26)
    assert (row["assessed_per_week"], row["load"], row["size_n"]) == (2 / 26, 2, 3)
    assert row["target_size_n"] == pytest.approx(6 / 26 * 13 / -math.log(0.08))
    assert row["relief_per_week"] == pytest.approx(6 / 26 + (3 - row["target_size_n"]) / 26)
    assert math.isnan(row["clearance_weeks"])


def test_waits_count_those_still_waiting_and_those_closed_unstarted_for_as_long_as_they_were_seen():
    found = measure(frame(ROWS), period=DECEMBER, choices=Choices())
    curve = found.waits.set_index("time_days")
    # Closed unstarted at 31 (G) and 61 (D); started at 91 (A and E) and 92 (B); waiting at 30 (E) and 730 (F).
    assert curve["at_risk_n"].to_dict() == {30: 7, 31: 6, 61: 5, 91: 4, 92: 2, 730: 1}
    assert curve["waiting_pct"].round(6).tolist() == [100, 100, 100, 50, 25, 25]
    assert found.wait_quantiles["reading"].tolist() == ["reached", "not reached"]
    assert found.wait_quantiles["days"].iloc[0] == 91


def test_day_91_is_in_time_and_every_referral_whose_91st_day_has_come_counts():
    table = measure(frame(ROWS), period=DECEMBER, choices=Choices()).within_91
    # December looks back to January 2021: A, E and, not started in time, B, C, D, G; F fell due in April 2020.
    assert table[["started_n", "due_n"]].iloc[-1].tolist() == [2, 6]
    assert table["started_pct"].iloc[-1] == pytest.approx(100 / 3)


def test_waiters_stand_by_length_of_wait_and_add_up_to_the_list():
    found = measure(frame(ROWS), period=DECEMBER, choices=Choices())
    assert found.waiting_by_length["referrals_n"].tolist() == [1, 1, 0, 1]
    days = [91, 92, 182, 183, 364, 365]
    rows = [("A", str(DECEMBER.data_date - dt.timedelta(days=n)), "2021-12-31", None, None, None) for n in days]
    counts = measure(frame(rows), period=DECEMBER, choices=Choices()).waiting_by_length["referrals_n"]
    assert counts.tolist() == [1, 2, 2, 1]


def test_an_extract_without_referrals_gives_empty_waits_and_an_empty_list():
    found = measure(frame([]), period=DECEMBER, choices=Choices())
    assert found.list_size["size_n"].tolist() == [0]
    assert found.waits.empty
    assert found.queue["clearance_weeks"].tolist() == [0]


def day(first, last):
    return st.integers(first, last).map(lambda n: str(dt.date(2021, 1, 1) + dt.timedelta(days=n)))


REFERRALS = st.lists(
    st.tuples(
        st.sampled_from("ABC"),
        day(0, 60),
        st.none() | day(60, 200),
        st.none() | day(60, 400),
        st.none() | day(60, 400),
        st.none() | day(60, 400),
    ),
    max_size=20,
)
CHOICES = st.builds(Choices, event=st.sampled_from(["start", "complete", "outcome"]))


@settings(deadline=None, max_examples=25)
@given(rows=REFERRALS, choices=CHOICES)
def test_each_month_ends_with_the_list_before_plus_additions_less_removals(rows, choices):
    found = measure(frame(rows), period=DECEMBER, choices=choices)
    table = found.list_size
    flow = table["additions_n"] - table["removals_assessed_n"] - table["removals_other_n"]
    assert table["size_n"].tolist() == flow.cumsum().tolist()
    assert table["size_n"].iloc[-1] == found.waiting_by_length["referrals_n"].sum() == found.queue["size_n"].iloc[0]
    assert (found.within_91["started_n"] <= found.within_91["due_n"]).all()


@settings(deadline=None, max_examples=25)
@given(rows=REFERRALS, choices=CHOICES, random=st.randoms(use_true_random=False), later=st.integers(1, 60))
def test_neither_the_order_of_rows_nor_a_later_data_date_rewrites_a_month(rows, choices, random, later):
    after = Period(DECEMBER.month, DECEMBER.data_date + dt.timedelta(days=later))
    mixed = frame(random.sample(rows, len(rows)))
    one, other = measure(frame(rows), period=DECEMBER, choices=choices), measure(mixed, period=after, choices=choices)
    pd.testing.assert_frame_equal(one.list_size, other.list_size)
    pd.testing.assert_frame_equal(one.within_91, other.within_91)
