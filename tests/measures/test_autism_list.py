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
        padded = [(*row[:6], None, row[6] if len(row) > 6 else None) for row in rows]
        return {"autism_referrals": table(COLUMNS, padded)}

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
    curve, quantiles = (found[found["group"].eq(autism_list.OF_STAYERS)] for found in (curve, quantiles))
    curve = curve.set_index("time_days")
    # Closed unstarted at 31 (G) and 61 (D); started at 91 (A and E) and 92 (B); waiting at 30 (E) and 730 (F).
    assert curve["at_risk"].to_dict() == {30: 7, 31: 6, 61: 5, 91: 4, 92: 2, 730: 1}
    assert curve["value"].round(6).tolist() == [100, 100, 100, 50, 25, 25]
    assert quantiles["reading"].tolist() == ["reached", "not reached"]
    assert quantiles["days"].iloc[0] == 91


def test_of_all_who_were_referred_those_who_left_never_begin(referrals):
    curve, quantiles = autism_list.waits(referrals(ROWS), DECEMBER.data_date)
    curve, quantiles = (found[found["group"].eq(autism_list.OF_ALL)] for found in (curve, quantiles))
    curve = curve.set_index("time_days")
    # Left at 31 (G) and 61 (D), 1/6 and 5/6 · 1/5 of all; begun at 91 (2 of 4 of what is left, 2/3) and 92 (1 of 2).
    assert curve["value"].round(6).tolist() == [100, 100, 100, 66.666667, 50, 50]
    assert quantiles["days"].iloc[0] == 92
    assert quantiles["left_pct"].round(6).tolist() == [33.333333, 33.333333]
    assert quantiles["reading"].tolist() == ["reached", "not reached"]


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
    assert queue([])["size_n"] == 0
    assert queue([])[["demand_per_week", "load", "clearance_weeks"]].isna().all()


MOVED = [
    # accepted in June, handed over on 1 December: A was accepted there that day, B is not yet, C was declined there
    ("A", "2021-05-01", "2021-06-01", None, None, "2021-12-01", "transferred"),
    ("A", "2021-12-01", "2021-12-01", None, None, None),
    ("B", "2021-05-01", "2021-06-01", None, None, "2021-12-01", "transferred"),
    ("B", "2021-12-02", None, None, None, None),
    ("C", "2021-05-01", "2021-06-01", None, None, "2021-12-01", "transferred"),
    ("C", "2021-12-02", None, None, None, "2021-12-09", "declined"),
    # D was handed over twice and begun by the third provider
    ("D", "2021-05-01", "2021-06-01", None, None, "2021-09-01", "transferred"),
    ("D", "2021-09-01", "2021-09-03", None, None, "2021-12-01", "transferred"),
    ("D", "2021-12-01", "2021-12-04", "2021-12-20", None, None),
    # E had been accepted by the new provider before the old one closed
    ("E", "2021-05-01", "2021-06-01", None, None, "2021-12-01", "transferred"),
    ("E", "2021-11-01", "2021-11-15", None, None, None),
]


def test_a_transfer_is_no_capacity_and_no_new_demand(queue, by_month):
    row = queue(MOVED)
    assert row["size_n"] == 5
    assert row["capacity_per_week"] == 0
    assert row["demand_per_week"] * row["weeks"] == 1  # of E, accepted in November beside the first; all others in June
    assert by_month(MOVED, "autism_added")["all"].tolist() == [5, 0, 0, 0, 0, 1, 0]
    assert by_month(MOVED, "autism_list")["all"].tolist() == [5, 5, 5, 5, 5, 6, 5]
    assert by_month(MOVED, "autism_removed").loc["2021-12", "otherwise"] == 1  # E's two places became one


def test_a_wait_runs_from_the_first_referral_of_its_chain_which_counts_once(measure, latest, referrals):
    lengths = measure(MOVED, "autism_by_length").set_index("group")["value"]
    assert lengths[lengths > 0].to_dict() == {"over 26 to 52 weeks": 5}
    within = latest(measure(MOVED, "autism_within_91"))
    assert (within["n"], within["of"]) == (0, 5)
    curve, _ = autism_list.waits(referrals(MOVED), DECEMBER.data_date)
    curve = curve[curve["group"].eq(autism_list.OF_ALL)].set_index("time_days")
    assert curve["at_risk"].to_dict() == {233: 5, 244: 4}
    assert curve["value"].tolist() == [80, 80]


def test_a_transfer_that_is_not_known_yet_rewrites_no_earlier_month(measure):
    day = dt.date(2021, 11, 30)
    for name in ("autism_list", "autism_added", "autism_by_length"):
        early = measure(MOVED, name, period=reporting_period("2021-11"))
        late = measure(MOVED, name)
        past = late[late["last_on"] <= pd.Timestamp(day)] if name != "autism_by_length" else early
        assert_frame_equal(early, past.reset_index(drop=True))


def test_an_assessment_recorded_after_the_transfer_ends_the_wait(queue):
    rows = [("A", "2021-05-01", "2021-07-02", None, "2021-12-20", "2021-12-01", "transferred")]
    row = queue(rows)
    assert (row["size_n"], row["assessed_per_week"] * 26) == (0, 1)


def test_two_referrals_handed_over_to_one_become_one_place(queue, measure):
    moved = [("A", f"2021-05-0{n}", "2021-06-01", None, None, "2021-12-01", "transferred") for n in (1, 2)]
    assert queue(moved)["size_n"] == 1  # two of one child, the second open when the first was handed over
    both = [*moved, ("A", "2021-12-05", "2021-12-06", None, None, None)]
    assert queue(both)["size_n"] == 1
    assert measure(both, "autism_by_length").set_index("group")["value"]["over 26 to 52 weeks"] == 1


def test_a_referral_begun_before_its_acceptance_takes_over_the_place_that_was_on_the_list(by_month):
    moved = ("A", "2021-01-01", "2021-03-02", None, None, "2021-04-26", "transferred")
    begun = ("A", "2021-01-01", "2021-07-15", "2021-03-02", None, None)
    assert by_month([moved, begun], "autism_list", event="outcome")["all"].eq(1).all()


def test_rates_are_those_of_the_weeks_observed(queue):
    rows = [("A", "2021-12-03", "2021-12-10", None, None, None), ("B", "2021-12-03", "2021-12-10", None, None, None)]
    row = queue(rows)
    assert (row["weeks"], row["demand_per_week"]) == (4, 0.5)
    assert queue([("A", "2021-12-28", "2021-12-28", None, None, None)])[["demand_per_week", "load"]].isna().all()
    assert queue([("A", "2020-01-01", "2021-12-10", None, None, None)])["weeks"] == 26


def test_a_list_that_nobody_leaves_has_no_load_rather_than_an_endless_one(queue):
    row = queue([("A", "2021-09-01", "2021-12-10", None, None, None)])
    assert row["capacity_per_week"] == 0
    assert pd.isna(row["load"])
    assert pd.isna(row["clearance_weeks"])


def day(first, last):
    return st.integers(first, last).map(lambda n: str(dt.date(2021, 1, 1) + dt.timedelta(days=n)))


def kept(row):
    """A referral as its contract allows it: completed no earlier than begun, a reason where it was closed alone."""
    child, referred, accepted, *ended, closed, reason = row
    begun, completed = sorted(ended) if all(ended) else ended
    return child, referred, accepted, begun, completed, closed, reason if closed else None


REFERRALS = st.lists(
    st.tuples(
        st.sampled_from("ABC"),
        day(0, 60),
        st.none() | day(60, 200),
        st.none() | day(60, 400),
        st.none() | day(60, 400),
        st.none() | day(60, 400),
        st.sampled_from(["transferred", "transferred", "declined"]),
    ).map(kept),
    max_size=12,
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
