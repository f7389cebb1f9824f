"""The autism waiting list."""

import datetime as dt
import math

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from sendanalysis.errors import InputError
from sendanalysis.inputs.parameters import Autism, Parameters
from sendanalysis.measures import autism_list
from sendanalysis.methods.periods import Period, reporting_period

DECEMBER = reporting_period("2021-12")
COLUMNS = (
    "child_id referred_on accepted_on assessment_started_on assessment_completed_on closed_on outcome_given_on "
    "closure_reason"
)

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


@pytest.fixture(scope="module")
def referrals(table):
    """The tables of an area with some referrals."""

    def made(rows):
        return {"autism_referrals": table(COLUMNS, [(*row, None, None) for row in rows])}

    return made


@pytest.fixture(scope="module")
def measure(referrals, figures):
    """Figures of one of the measures of the list."""

    def found(rows, name="autism_list", period=DECEMBER, **chosen):
        return figures(autism_list.measures(Autism(**chosen)), referrals(rows), name=name, period=period)

    return found


@pytest.fixture(scope="module")
def by_month(measure):
    """Values month by month, by group; nought in a month without a row."""

    def found(rows, name, **given):
        table = measure(rows, name, **given)
        months = table["last_on"].dt.strftime("%Y-%m")
        return table.assign(month=months).pivot_table(index="month", columns="group", values="value", aggfunc="sum")

    return found


@pytest.fixture(scope="module")
def queue(referrals):
    """The list's queue at the data date."""
    return lambda rows, **chosen: autism_list.queue(referrals(rows), DECEMBER.data_date, Autism(**chosen)).iloc[0]


def test_the_list_worked_by_hand_comes_on_goes_off_and_adds_up(by_month):
    months = ["2021-09", "2021-10", "2021-11", "2021-12"]
    assert by_month(ROWS, "autism_added")["all"].to_dict() == dict(zip(months, [2, 3, 0, 1], strict=True))
    removed = by_month(ROWS, "autism_removed").reindex(months, fill_value=0)
    assert removed["assessed"].tolist() == [0, 0, 1, 1]
    assert removed["otherwise"].tolist() == [0, 0, 1, 0]
    assert by_month(ROWS, "autism_list")["all"].to_dict() == dict(zip(months, [2, 5, 3, 3], strict=True))


def test_another_event_takes_a_referral_off_the_list_sooner(measure):
    assert measure(ROWS, event="start")["value"].tolist() == [2, 4, 2, 3]


def test_a_child_with_two_referrals_waits_once(by_month):
    rows = [*ROWS, ("F", "2021-10-01", "2021-10-02", None, None, None)]
    assert by_month(rows, "autism_list")["all"].iloc[-1] == 4
    assert by_month(rows, "autism_list_children")["all"].iloc[-1] == 3


def test_a_series_break_that_is_no_date_is_refused():
    with pytest.raises(InputError, match="YYYY-MM-DD"):
        Parameters().with_values({"autism.series_breaks": "March 2022"})


def test_demand_over_capacity_above_one_means_that_the_list_grows(queue):
    row = queue(ROWS)
    assert (row["demand_per_week"], row["capacity_per_week"]) == (6 / 26, 3 / 26)
    assert (row["assessed_per_week"], row["load"], row["size_n"]) == (2 / 26, 2, 3)
    assert row["target_size_n"] == pytest.approx(6 / 26 * 13 / -math.log(0.08))
    assert row["relief_per_week"] == pytest.approx(6 / 26 + (3 - row["target_size_n"]) / 26)
    assert math.isnan(row["clearance_weeks"])


def test_waits_count_those_still_waiting_and_those_closed_unstarted_for_as_long_as_they_were_seen(referrals):
    curve, quantiles = autism_list.waits(referrals(ROWS), DECEMBER.data_date)
    curve = curve.set_index("time_days")
    # Closed unstarted at 31 (G) and 61 (D); started at 91 (A and E) and 92 (B); waiting at 30 (E) and 730 (F).
    assert curve["at_risk"].to_dict() == {30: 7, 31: 6, 61: 5, 91: 4, 92: 2, 730: 1}
    assert curve["value"].round(6).tolist() == [100, 100, 100, 50, 25, 25]
    assert quantiles["reading"].tolist() == ["reached", "not reached"]
    assert quantiles["days"].iloc[0] == 91


def test_day_91_is_in_time_and_every_referral_whose_91st_day_has_come_counts(measure, latest):
    row = latest(measure(ROWS, "autism_within_91"))
    # December looks back to January 2021: A, E and, not started in time, B, C, D, G; F fell due in April 2020.
    assert (row["window"], row["n"], row["of"]) == ("12 months", 2, 6)
    assert row["value"] == pytest.approx(100 / 3)


def test_waiters_stand_by_length_of_wait_and_add_up_to_the_list(measure):
    assert measure(ROWS, "autism_by_length")["value"].tolist() == [1, 1, 0, 1]
    days = [91, 92, 182, 183, 364, 365]
    rows = [("A", str(DECEMBER.data_date - dt.timedelta(days=n)), "2021-12-31", None, None, None) for n in days]
    assert measure(rows, "autism_by_length")["value"].tolist() == [1, 2, 2, 1]


def test_an_extract_without_referrals_gives_empty_waits_and_an_empty_list(referrals, measure, queue):
    assert measure([])["value"].tolist() == [0]
    curve, quantiles = autism_list.waits(referrals([]), DECEMBER.data_date)
    assert curve.empty
    assert quantiles.empty
    assert queue([])["clearance_weeks"] == 0


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
EVENT = st.sampled_from(["start", "complete", "outcome"])


@settings(deadline=None, max_examples=25)
@given(rows=REFERRALS, event=EVENT)
def test_each_month_ends_with_the_list_before_plus_additions_less_removals(measure, by_month, queue, rows, event):
    size = by_month(rows, "autism_list", event=event)["all"]
    added, removed = (
        by_month(rows, f"autism_{name}", event=event).sum(axis=1).reindex(size.index, fill_value=0)
        for name in ("added", "removed")
    )
    assert size.tolist() == (added - removed).cumsum().tolist()
    by_length = measure(rows, "autism_by_length", event=event)["value"].sum()
    assert size.iloc[-1] == by_length == queue(rows, event=event)["size_n"]
    within = measure(rows, "autism_within_91", event=event)
    assert (within["n"] <= within["of"]).all()


@settings(deadline=None, max_examples=25)
@given(rows=REFERRALS, event=EVENT, random=st.randoms(use_true_random=False), later=st.integers(1, 60))
def test_neither_the_order_of_rows_nor_a_later_data_date_rewrites_a_month(measure, rows, event, random, later):
    after = Period(DECEMBER.month, DECEMBER.data_date + dt.timedelta(days=later))
    mixed = random.sample(rows, len(rows))
    for name in ("autism_list", "autism_list_children", "autism_added", "autism_removed", "autism_within_91"):
        one, other = measure(rows, name, event=event), measure(mixed, name, period=after, event=event)
        keys = ["group", "last_on"]
        months = pd.Index(sorted(set(one[keys].itertuples(index=False, name=None))))
        one, other = one.set_index(keys), other.set_index(keys)
        assert_frame_equal(one.loc[months], other.loc[months])
