"""The reporting calendar from the printed rhythms."""

import datetime as dt

import pandas as pd
import pytest

from sendanalysis.inputs.parameters import Parameters
from sendanalysis.measures import calendar as reporting
from sendanalysis.methods.periods import Period, reporting_period

TERMS = [("2021/22", "Autumn 1", "2021-09-01", "2021-10-22"), ("2021/22", "Autumn 2", "2021-11-01", "2021-12-17")]


CLOCK_START = dt.date(2021, 7, 31)


def parameters():
    """Parameters of a plan whose clock starts in July 2021."""
    return Parameters().with_values({"plan.clock_start": CLOCK_START})


@pytest.fixture
def calendar(typed):
    """A function from a day, a rhythm and meetings to the whole measure, for one body."""

    def measured(day, rhythm, *held, more=(), **printed):
        day = dt.date.fromisoformat(day)
        row = {"gov_id": "G1", "kind": "board", "name_as_printed": "Board", "rhythm_as_printed": rhythm}
        columns = ("school_year", "half_term", "first_on", "last_on")
        tables = {
            "governance": typed("governance", row | printed, *more),
            "meetings": typed("meetings", *({"gov_id": "G1", "held_on": date} for date in held)),
            "term_dates": typed("term_dates", *(dict(zip(columns, term, strict=True)) for term in TERMS)),
        }
        return reporting.measure(tables, period=Period(day.replace(day=1), day), parameters=parameters())

    return measured


def states(found):
    rows = found.calendar
    return list(zip(rows["due_by"].dt.strftime("%Y-%m-%d"), rows["state"], strict=True))


def test_a_half_term_is_missed_only_after_its_last_day(calendar):
    assert states(calendar("2021-10-22", "all groups meet half termly")) == [
        ("2021-10-22", "due"),
        ("2021-12-17", "due"),
    ]
    found = calendar("2021-10-23", "half-termly")
    assert states(found) == [("2021-10-22", "missed"), ("2021-12-17", "due")]
    assert found.due_next["due_by"].tolist() == [pd.Timestamp("2021-12-17")]


def test_a_meeting_on_the_first_or_last_day_counts_and_one_after_the_data_date_does_not(calendar):
    assert states(calendar("2021-10-31", "half termly", "2021-09-01"))[0] == ("2021-10-22", "held")
    assert states(calendar("2021-10-31", "half termly", "2021-10-22"))[0] == ("2021-10-22", "held")
    assert states(calendar("2021-10-01", "half termly", "2021-10-02"))[0] == ("2021-10-22", "due")


def test_quarters_run_from_april_and_the_one_the_clock_starts_in_is_not_asked_for(calendar):
    found = calendar("2022-01-31", "quarterly", "2021-11-25")
    assert states(found) == [("2021-12-31", "held"), ("2022-03-31", "due"), ("2022-06-30", "due")]
    assert found.due_next["days_left"].tolist() == [59]


def test_twice_a_year_is_once_in_each_half_year(calendar):
    assert states(calendar("2022-04-01", "a minimum of twice a year")) == [
        ("2022-03-31", "missed"),
        ("2022-09-30", "due"),
        ("2023-03-31", "due"),
    ]


def test_a_review_at_six_months_counts_from_the_clock_start_and_may_be_held_late(calendar):
    assert states(calendar("2022-01-31", "initially at 6 months")) == [("2022-01-31", "due")]
    assert states(calendar("2022-02-01", "initially at 6 months")) == [("2022-01-31", "missed")]
    late = calendar("2022-05-31", "initially at 6 months", "2022-05-20").calendar.iloc[0]
    assert (late["state"], late["days_late"]) == ("held late", 109)


def test_a_check_in_printed_as_a_month_is_due_in_it(calendar):
    november = {"kind": "rhythm", "date_as_printed": "November", "date_iso": "2021-11"}
    assert states(calendar("2021-11-30", "", **november)) == [("2021-11-30", "due")]
    assert states(calendar("2021-12-31", "", "2021-11-18", **november)) == [("2021-11-30", "held")]
    assert states(calendar("2021-12-31", "", **november)) == [("2021-11-30", "missed")]


def test_a_body_that_reports_at_each_meeting_is_due_on_its_printed_dates(calendar):
    event = {"gov_id": "G2", "kind": "event", "name_as_printed": "Board report", "date_iso": "2022-02-08"}
    found = calendar("2022-02-28", "at each Board", "2021-11-30", more=[event])
    assert states(found) == [("2021-11-30", "held"), ("2022-02-08", "missed")]
    assert found.missed["due_by"].tolist() == [pd.Timestamp("2022-02-08")]


@pytest.mark.parametrize(
    ("rhythm", "reason"),
    [
        ("as needed", "no rhythm that can be counted"),
        ("at each Board", "the dates of its meetings are not known"),
    ],
)
def test_a_rhythm_that_cannot_be_counted_is_listed_with_its_reason(calendar, rhythm, reason):
    found = calendar("2022-02-28", rhythm)
    assert found.calendar.empty
    assert found.uncounted["reason"].tolist() == [reason]


def test_a_meeting_in_the_holidays_is_counted_as_outside(calendar):
    quality = calendar("2021-12-31", "half termly", "2021-10-27", "2021-11-10").quality.set_index("what")["rows_n"]
    assert quality["in no period that is asked for"] == 1


def test_southend_has_every_printed_rhythm_in_its_calendar(southend):
    found = reporting.measure(southend, period=reporting_period("2022-03"), parameters=parameters())
    rhythms = {"half-termly", "twice a year", "quarterly", "each meeting", "review", "once"}
    assert set(found.calendar["rhythm"]) == rhythms
    assert found.uncounted.empty
    assert found.missed["gov_id"].tolist() == ["G12", "G26", "G16"]


def test_the_order_of_rows_never_matters(southend):
    turned = {name: table.iloc[::-1] for name, table in southend.items()}
    period = reporting_period("2022-03")
    one, two = (reporting.measure(tables, period=period, parameters=parameters()) for tables in (southend, turned))
    pd.testing.assert_frame_equal(one.calendar, two.calendar)
