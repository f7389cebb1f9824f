import datetime as dt
import math

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sendanalysis.inputs.choices import Choices
from sendanalysis.measures import timeliness
from sendanalysis.measures.timeliness import measure
from sendanalysis.methods.due_requests import GIVERS as NAMES
from sendanalysis.methods.due_requests import SECTORS
from sendanalysis.methods.periods import Period, reporting_period
from sendanalysis.methods.proportions import wilson

DECEMBER = reporting_period("2021-12")
DATES = ["sent_on", "received_on", "returned_on", "withdrawn_on"]
COLUMNS = ["child_id", "giver", *DATES, "exception", "existing_advice_sufficient"]
GIVERS = list(NAMES)

TEN_ROWS = [
    # child, giver, sent, received, returned, withdrawn, exception, existing advice: what becomes of it
    ("A", "educational_psychology", "2021-11-19", None, "2021-12-31", None, None, None),  # day 42: on time
    ("A", "health", "2021-10-29", None, "2021-12-11", None, "none", "no"),  # day 43: late
    ("B", "health", "2021-11-19", None, None, None, None, None),  # due on the data date and not back: failure
    ("B", "social_care", "2021-11-20", None, "2021-12-01", None, None, None),  # due on 1 January: outside
    ("C", "social_care", "2021-10-29", None, None, "2021-12-09", None, None),  # withdrawn the day before: outside
    ("C", "social_care", "2021-10-29", None, None, "2021-12-10", None, None),  # withdrawn on the due date: failure
    ("D", "education_setting", "2021-10-29", None, "2021-12-01", None, None, "yes"),  # existing advice: outside
    ("D", "education_setting", "2021-10-29", None, "2021-12-05", None, "missed_appointment", "no"),  # on time
    ("E", "parent_or_young_person", "2021-10-29", None, "2021-11-05", None, None, None),  # apart
    (
        "E",
        "health",
        "2021-11-08",
        None,
        "2022-01-02",
        None,
        "absence_4_weeks",
        None,
    ),  # back after the data date: failure
]


def frame(rows):
    table = pd.DataFrame(rows, columns=COLUMNS)
    table = table.astype(dict.fromkeys(DATES, "datetime64[ns]") | dict.fromkeys(set(COLUMNS) - set(DATES), "str"))
    return table.assign(request_id=[f"R{n}" for n in range(len(table))])


def figure(found, kpi_id="ADVICE"):
    row = found.kpis.set_index("kpi_id").loc[kpi_id]
    return row["numerator"], row["denominator"]


def simple(giver, sent, returned=None, child="A", exception=None):
    return (child, giver, sent, None, returned, None, exception, None)


def test_ten_requests_worked_by_hand_give_the_figure_of_each_sector():
    found = measure(frame(TEN_ROWS), period=DECEMBER, choices=Choices())
    assert figure(found) == (2, 6)
    assert figure(found, "ADVICE_EDUCATION") == (2, 2)
    assert figure(found, "ADVICE_HEALTH") == (0, 3)
    assert figure(found, "ADVICE_CARE") == (0, 1)
    row = found.kpis.iloc[0]
    assert row["value"] == pytest.approx(100 / 3)
    assert row["lower"] == pytest.approx(100 * wilson(2, 6).lower)
    sectors = found.sectors.set_index("sector")
    assert sectors.loc["Educational psychology", ["on_time_n", "due_n"]].tolist() == [1, 1]
    assert sectors.loc["Parents and young people", ["on_time_n", "due_n"]].tolist() == [1, 1]


def test_an_overdue_request_counts_as_late_although_nothing_came_back():
    found = measure(frame([simple("health", "2021-10-29")]), period=DECEMBER, choices=Choices())
    assert figure(found) == (0, 1)


def test_without_the_permitted_exceptions_an_excepted_request_goes_whether_on_time_or_not():
    found = measure(frame(TEN_ROWS), period=DECEMBER, choices=Choices())
    pooled = found.sectors.iloc[0]
    assert (pooled["no_exceptions_on_time_n"], pooled["no_exceptions_due_n"]) == (1, 4)
    assert figure(measure(frame(TEN_ROWS), period=DECEMBER, choices=Choices(exceptions="exclude"))) == (1, 4)


def test_a_child_is_on_time_only_if_all_its_requests_are():
    found = measure(frame(TEN_ROWS), period=DECEMBER, choices=Choices(unit="child"))
    # A: one of two late; B, C and E late; D on time.
    assert figure(found) == (1, 5)
    assert found.children.query("sector == 'All partners'")[["all_on_time_n", "children_n"]].iloc[-1].tolist() == [1, 5]


def test_the_clock_may_start_on_receipt_and_run_for_another_limit():
    rows = frame([("A", "health", "2021-10-25", "2021-10-29", "2021-12-10", None, None, None)])
    assert figure(measure(rows, period=DECEMBER, choices=Choices())) == (0, 1)
    assert figure(measure(rows, period=DECEMBER, choices=Choices(start_field="received"))) == (1, 1)
    assert figure(measure(rows, period=DECEMBER, choices=Choices(limit_days=46))) == (1, 1)


def test_at_a_board_in_mid_month_only_what_has_fallen_due_counts():
    assert figure(measure(frame(TEN_ROWS), period=reporting_period("2021-12", "2021-12-10"), choices=Choices())) == (
        1,
        3,
    )


def test_advice_back_in_time_stays_on_time_when_the_request_is_withdrawn_later():
    rows = frame([("A", "health", "2021-10-29", None, "2021-12-01", "2021-12-20", None, None)])
    assert figure(measure(rows, period=DECEMBER, choices=Choices())) == (1, 1)


BASELINE_ROWS = [
    simple("other", "2021-01-05"),  # apart: does not start the baseline
    simple("health", "2021-04-05", "2021-04-30"),  # due 17 May: the month that is not whole
    simple("health", "2021-04-20", "2021-05-30"),  # due 1 June
    simple("social_care", "2021-05-30", "2021-07-30", exception="missed_appointment"),  # due 11 July, late
    simple("health", "2021-07-20"),  # due 31 August
    simple("health", "2021-07-21", "2021-07-30"),  # due 1 September: after the baseline
]


@pytest.mark.parametrize(
    ("kind", "expected"),
    [("first_month", (1, 1)), ("first_3_months", (1, 3)), ("pre_plan_12_months", (2, 3))],
)
def test_the_baseline_is_the_first_whole_months_by_due_date_or_the_year_before_the_plan(kind, expected):
    found = measure(frame(BASELINE_ROWS), period=DECEMBER, choices=Choices(advice_baseline_period=kind))
    row = found.sectors.iloc[0]
    assert (row["baseline_on_time_n"], row["baseline_due_n"]) == expected
    assert found.kpis["baseline"].iloc[0] == pytest.approx(100 * expected[0] / expected[1])


def test_the_baseline_is_known_only_once_its_last_month_has_passed():
    for day, known in (("2021-08-30", False), ("2021-08-31", True)):
        found = measure(frame(BASELINE_ROWS), period=reporting_period("2021-08", day), choices=Choices())
        assert bool(found.baseline_period["known"].iloc[0]) == known
        assert math.isnan(found.kpis["baseline"].iloc[0]) != known
    assert found.baseline_period.iloc[0, :2].tolist() == [pd.Timestamp("2021-06-01"), pd.Timestamp("2021-08-01")]
    assert set(found.sectors["change"]) == {"not known"}  # August is part of the baseline


def test_the_year_before_the_plan_ends_with_the_last_whole_month_by_clock_start():
    choices = Choices(advice_baseline_period="pre_plan_12_months", clock_start=dt.date(2021, 6, 14))
    days = measure(frame([]), period=DECEMBER, choices=choices).baseline_period.iloc[0]
    assert days.tolist() == [pd.Timestamp("2020-06-01"), pd.Timestamp("2021-05-01"), True]


def test_any_rise_is_told_from_chance_by_newcombes_interval():
    then = [simple("health", "2021-04-05")] + [simple("health", "2021-05-10", f"2021-06-{d:02}") for d in range(1, 31)]
    now = [simple("health", "2021-10-29", "2021-11-30")] * 20
    row = measure(frame(then + now), period=DECEMBER, choices=Choices()).sectors.iloc[0]
    # Due 21 June: 21 of 30 on time, against 20 of 20.
    assert (row["baseline_on_time_n"], row["baseline_due_n"], row["on_time_n"]) == (21, 30, 20)
    a, b = wilson(20, 20), wilson(21, 30)
    assert row["lower_points"] == pytest.approx(100 * (0.3 - math.hypot(1 - a.lower, b.upper - 0.7)))
    assert row["change"] == "rise"
    assert row["smallest_rise_pct"] == 95.0


def test_newcombes_interval_agrees_with_the_published_example():
    # Newcombe 1998, table II (a), method 10: 56/70 less 48/80 is 0.2000, from 0.0524 to 0.3339.
    then = [simple("health", "2021-04-05")] + [simple("health", "2021-05-10", "2021-06-01")] * 48
    now = [simple("health", "2021-10-29", "2021-11-30")] * 56 + [simple("health", "2021-10-29")] * 14
    rows = frame([*then, *[simple("health", "2021-05-10")] * 32, *now])
    row = measure(rows, period=DECEMBER, choices=Choices()).sectors.iloc[0]
    limits = ["difference_points", "lower_points", "upper_points"]
    assert row[limits].tolist() == pytest.approx([20.00, 5.24, 33.39], abs=5e-3)


def test_the_two_wrong_ways_flatter_the_month():
    rows = [
        simple("health", "2021-10-29", "2021-12-01"),
        simple("health", "2021-10-29"),
        simple("health", "2021-11-25", "2021-12-20"),
        simple("health", "2021-08-01", "2021-12-20"),
    ]
    ways = measure(frame(rows), period=DECEMBER, choices=Choices()).wrong_ways.head(3)
    assert ways[["on_time_n", "requests_n"]].to_numpy().tolist() == [[1, 2], [2, 3], [1, 1]]
    assert ways["difference_points"].iloc[2] == 50


def test_an_extract_without_requests_has_no_figure_and_does_not_fail():
    found = measure(frame([]), period=DECEMBER, choices=Choices())
    assert found.kpis["value"].isna().all()
    assert found.kpis["denominator"].eq(0).all()


def day(first, last):
    return st.none() | st.integers(first, last).map(lambda n: str(dt.date(2021, 1, 1) + dt.timedelta(days=n)))


REQUEST = st.tuples(
    st.sampled_from("ABCDE"),
    st.sampled_from(GIVERS),
    day(120, 330),
    day(120, 335),
    day(125, 400),
    st.none() | day(125, 400),
    st.sampled_from(["none", "absence_4_weeks", None]),
    st.sampled_from(["yes", "no", None, None]),
)
REQUESTS = st.lists(REQUEST, max_size=25)
CHOICES = st.builds(
    Choices,
    unit=st.sampled_from(["request", "child"]),
    exceptions=st.sampled_from(["include", "exclude"]),
    start_field=st.sampled_from(["sent", "received"]),
    advice_baseline_period=st.sampled_from(["first_month", "first_3_months", "pre_plan_12_months"]),
)


def plain_count(rows, givers, window, data_date, choices):
    """The definition once more, request by request."""
    outcomes = {}
    for n, (child, giver, sent, received, returned, withdrawn, exception, existing) in enumerate(rows):
        start = sent if choices.start_field == "sent" else received
        dates = [d for d in (sent, received, returned, withdrawn) if d]
        if giver not in givers or not start or min(dates) > str(data_date) or existing == "yes":
            continue
        due = str(dt.date.fromisoformat(start) + dt.timedelta(days=choices.limit_days))
        if not str(window[0]) <= due <= str(window[1]) or due > str(data_date) or (withdrawn and withdrawn < due):
            continue
        if choices.exceptions == "exclude" and exception not in (None, "none"):
            continue
        outcomes.setdefault(child if choices.unit == "child" else n, []).append(bool(returned and returned <= due))
    return sum(all(met) for met in outcomes.values()), len(outcomes)


@settings(deadline=None, max_examples=40)
@given(rows=REQUESTS, choices=CHOICES)
def test_the_figure_is_that_of_a_plain_count_request_by_request(rows, choices):
    found = measure(frame(rows), period=DECEMBER, choices=choices)
    window = found.baseline_period.iloc[0]
    for kpi_id, sector in timeliness.KPIS.items():
        givers = SECTORS[sector]
        count = plain_count(rows, givers, (DECEMBER.month, DECEMBER.end), DECEMBER.data_date, choices)
        assert figure(found, kpi_id) == count
        if window["known"]:
            last = (window["last_month"] + pd.offsets.MonthEnd()).date()
            then = plain_count(rows, givers, (window["first_month"].date(), last), DECEMBER.data_date, choices)
            row = found.sectors.set_index("sector").loc[sector]
            assert (row["baseline_on_time_n"], row["baseline_due_n"]) == then


@settings(deadline=None, max_examples=25)
@given(rows=REQUESTS, choices=CHOICES, random=st.randoms(use_true_random=False))
def test_the_order_of_the_rows_never_matters(rows, choices, random):
    mixed = random.sample(rows, len(rows))
    for one, other in zip(
        vars(measure(frame(rows), period=DECEMBER, choices=choices)).values(),
        vars(measure(frame(mixed), period=DECEMBER, choices=choices)).values(),
        strict=True,
    ):
        pd.testing.assert_frame_equal(one, other)


@settings(deadline=None, max_examples=25)
@given(rows=REQUESTS, choices=CHOICES, sent=st.integers(0, 100))
def test_a_request_that_is_not_yet_due_changes_no_figure(rows, choices, sent):
    start = str(DECEMBER.data_date - dt.timedelta(days=41 - sent))
    more = [*rows, ("Z", "health", start, start, None, None, None, None)]
    before, after = (measure(frame(r), period=DECEMBER, choices=choices) for r in (rows, more))
    pd.testing.assert_frame_equal(before.sectors, after.sectors)
    pd.testing.assert_frame_equal(before.trend, after.trend)


@settings(deadline=None, max_examples=25)
@given(rows=REQUESTS, choices=CHOICES, which=st.sets(st.integers(0, 24)))
def test_a_return_that_is_not_known_never_raises_the_figure(rows, choices, which):
    fewer = [(*r[:4], None, *r[5:]) if n in which and r[2] else r for n, r in enumerate(rows)]
    before, after = (measure(frame(r), period=DECEMBER, choices=choices).sectors for r in (rows, fewer))
    assert (after["on_time_n"] <= before["on_time_n"]).all()
    assert (after["due_n"] == before["due_n"]).all()


@settings(deadline=None, max_examples=25)
@given(rows=REQUESTS, choices=CHOICES, later=st.integers(1, 60))
def test_a_later_data_date_never_rewrites_a_month_that_had_passed(rows, choices, later):
    after = Period(DECEMBER.month, DECEMBER.data_date + dt.timedelta(days=later))
    before, now = (measure(frame(rows), period=p, choices=choices).trend for p in (DECEMBER, after))
    pd.testing.assert_frame_equal(before, now)


@settings(deadline=None, max_examples=25)
@given(rows=REQUESTS, choices=CHOICES)
def test_no_part_exceeds_its_whole(rows, choices):
    found = measure(frame(rows), period=DECEMBER, choices=choices)
    assert (found.trend["on_time_n"] <= found.trend["due_n"]).all()
    assert (found.sectors["no_exceptions_due_n"] <= found.sectors["due_n"]).all()
