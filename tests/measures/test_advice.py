"""Timeliness of partner advice, and the requests one by one."""

import datetime as dt

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from sendanalysis.inputs.parameters import Advice
from sendanalysis.inputs.plan import read_plan
from sendanalysis.measures import advice, catalogue
from sendanalysis.measures.advice import GIVERS, IN_FIGURE, KPIS, NOT_YET_DUE, OUTSIDE, PARTNERS
from sendanalysis.measures.figures import NOTHING
from sendanalysis.methods.periods import Period, reporting_period
from sendanalysis.methods.proportions import wilson

DECEMBER = reporting_period("2021-12")
CLOCK = dt.date(2021, 7, 31)
COLUMNS = "child_id giver sent_on received_on returned_on withdrawn_on exception existing_advice_sufficient request_id"
SECTOR_GIVERS = {
    "all": set(PARTNERS),
    "education": {"education_setting", "educational_psychology"},
    "health": {"health"},
    "care": {"social_care"},
}

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
    ("E", "health", "2021-11-08", None, "2022-01-02", None, "absence_4_weeks", None),  # back after the data date
]


@pytest.fixture(scope="module")
def requests(table):
    """The tables of an area with some requests."""

    def made(rows):
        return {"advice_requests": table(COLUMNS, [(*row, f"R{n}") for n, row in enumerate(rows)])}

    return made


@pytest.fixture(scope="module")
def measure(requests, figures):
    """Figures of one of the measures of the requests."""

    def found(rows, name="advice", period=DECEMBER, **chosen):
        return figures(advice.measures(Advice(**chosen)), requests(rows), name=name, period=period)

    return found


@pytest.fixture(scope="module")
def counts(measure, latest):
    """Numerator and denominator of a group in December."""

    def found(rows, group="all", **given):
        row = latest(measure(rows, **given), group)
        return row["n"], row["of"]

    return found


@pytest.fixture(scope="module")
def baseline(requests, typed):
    """Figures of the baseline that a rule makes, and the window it was made over."""

    def found(rows, rule, group="all", period=DECEMBER, clock_start=CLOCK, **chosen):
        kpis = typed("kpis", {"kpi_id": "ADVICE", "measure": "advice", "group": group, "baseline_rule": rule})
        (kpi,) = read_plan({"kpis": kpis, "targets": typed("targets")}, clock_start)
        measure, tables = advice.measures(Advice(**chosen))[0], requests(rows)
        window = catalogue.baseline_window(kpi, kpi, measure, measure.ledger(tables, period.data_date))
        return catalogue.baseline_of(kpi, kpi, measure, tables, period), window

    return found


def simple(giver, sent, returned=None, child="A", exception=None):
    return (child, giver, sent, None, returned, None, exception, None)


def test_ten_requests_worked_by_hand_give_the_figure_of_each_sector(measure, counts, latest):
    assert counts(TEN_ROWS) == (2, 6)
    assert counts(TEN_ROWS, "education") == (2, 2)
    assert counts(TEN_ROWS, "health") == (0, 3)
    assert counts(TEN_ROWS, "care") == (0, 1)
    row = latest(measure(TEN_ROWS))
    assert row["value"] == pytest.approx(100 / 3)
    assert row["lower"] == pytest.approx(100 * wilson(2, 6).lower)
    assert counts(TEN_ROWS, "educational_psychology") == (1, 1)
    assert counts(TEN_ROWS, "parents_and_young_people") == (1, 1)


def test_an_overdue_request_counts_as_late_although_nothing_came_back(counts):
    assert counts([simple("health", "2021-10-29")]) == (0, 1)


def test_without_the_permitted_exceptions_an_excepted_request_goes_whether_on_time_or_not(counts):
    assert counts(TEN_ROWS, name="advice_without_exceptions") == (1, 4)
    assert counts(TEN_ROWS, exceptions="exclude") == (1, 4)


def test_a_child_is_on_time_only_if_all_its_requests_are(counts):
    # A: one of two late; B, C and E late; D on time.
    assert counts(TEN_ROWS, unit="child") == (1, 5)
    assert counts(TEN_ROWS, name="advice_by_child") == (1, 5)


def test_the_clock_may_start_on_receipt_and_run_for_another_limit(counts):
    rows = [("A", "health", "2021-10-25", "2021-10-29", "2021-12-10", None, None, None)]
    assert counts(rows) == (0, 1)
    assert counts(rows, start_field="received") == (1, 1)
    assert counts(rows, limit_days=46) == (1, 1)


def test_at_a_board_in_mid_month_only_what_has_fallen_due_counts(counts):
    assert counts(TEN_ROWS, period=reporting_period("2021-12", "2021-12-10")) == (1, 3)


def test_advice_back_in_time_stays_on_time_when_the_request_is_withdrawn_later(counts):
    assert counts([("A", "health", "2021-10-29", None, "2021-12-01", "2021-12-20", None, None)]) == (1, 1)


BASELINE_ROWS = [
    simple("other", "2021-01-05"),  # apart: does not start the baseline
    simple("health", "2021-04-05", "2021-04-30"),  # due 17 May: the month that is not whole
    simple("health", "2021-04-20", "2021-05-30"),  # due 1 June
    simple("social_care", "2021-05-30", "2021-07-30", exception="missed_appointment"),  # due 11 July, late
    simple("health", "2021-07-20"),  # due 31 August
    simple("health", "2021-07-21", "2021-07-30"),  # due 1 September: after the baseline
]


@pytest.mark.parametrize(
    ("rule", "expected"),
    [("first month", (1, 1)), ("first 3 months", (1, 3)), ("12 months before the plan", (2, 3))],
)
def test_the_baseline_is_the_first_whole_months_by_due_date_or_the_year_before_the_plan(baseline, rule, expected):
    row = baseline(BASELINE_ROWS, rule)[0].iloc[0]
    assert (row["n"], row["of"]) == expected
    assert row["value"] == pytest.approx(100 * expected[0] / expected[1])


def test_the_baseline_is_known_only_once_its_last_month_has_passed(baseline):
    for day, known in (("2021-08-30", False), ("2021-08-31", True)):
        found, window = baseline(BASELINE_ROWS, "first 3 months", period=reporting_period("2021-08", day))
        assert len(found) == known
        assert (window.first, window.last) == (dt.date(2021, 6, 1), dt.date(2021, 8, 31))


def test_the_year_before_the_plan_ends_with_the_last_whole_month_by_clock_start(baseline):
    _, window = baseline([], "12 months before the plan", clock_start=dt.date(2021, 6, 14))
    assert (window.first, window.last) == (dt.date(2020, 6, 1), dt.date(2021, 5, 31))


def test_the_two_wrong_ways_flatter_the_month(measure, latest):
    rows = [
        simple("health", "2021-10-29", "2021-12-01"),
        simple("health", "2021-10-29"),
        simple("health", "2021-11-25", "2021-12-20"),
        simple("health", "2021-08-01", "2021-12-20"),
    ]
    ways = [latest(measure(rows, name)) for name in ("advice", "advice_by_return", "advice_among_returned")]
    assert [(way["n"], way["of"]) for way in ways] == [(1, 2), (2, 3), (1, 1)]
    assert ways[2]["value"] - ways[0]["value"] == 50


def test_an_extract_without_requests_has_no_figure_and_does_not_fail(requests, measure):
    found = measure([])
    assert found["value"].isna().all()
    assert found["of"].eq(0).all()
    assert set(found["state"]) == {NOTHING}
    for name in ("advice_overdue", "advice_due_next"):
        assert measure([], name)["value"].eq(0).all()
    curve, quantiles = advice.waits(requests([]), DECEMBER.data_date, Advice())
    assert curve.empty
    assert quantiles.empty


STATES = {  # each with the state it has on 31 December 2021
    "on time": ("2021-11-01", None, "2021-12-13", None, None, None),
    "late": ("2021-11-01", None, "2021-12-14", None, "absence_4_weeks", None),
    "open and overdue": ("2021-11-18", None, "2022-01-05", None, None, None),
    "withdrawn late": ("2021-11-05", None, None, "2021-12-20", None, None),
    "withdrawn before due": ("2021-11-05", None, None, "2021-12-01", None, None),
    "open and not due": ("2021-11-20", None, None, None, None, None),
    "back before due, not yet due": ("2021-11-21", None, "2021-12-24", None, None, None),
    "existing advice": ("2021-11-01", None, None, None, None, "yes"),
    "cannot be dated": (None, None, None, None, None, None),
}


@pytest.fixture(scope="module")
def states(requests):
    """The state of each request of the health service on 31 December 2021."""

    def found(*rows, **chosen):
        tables = requests([("A", "health", *row) for row in rows])
        return advice.requests(tables, DECEMBER.data_date, chosen=Advice(**chosen))["state"].tolist()

    return found


def test_every_request_has_one_state_at_the_data_date(states):
    assert states(*STATES.values()) == list(STATES)
    assert {*STATES, "permitted exception"} == {*OUTSIDE, *NOT_YET_DUE, *IN_FIGURE}


def test_an_excepted_request_leaves_the_figure_when_exceptions_are_excluded(states):
    assert states(STATES["late"], exceptions="exclude") == ["permitted exception"]


def test_a_request_sent_after_the_data_date_is_not_there_yet(states):
    assert states(("2022-01-01", None, None, None, None, None)) == []


def test_what_is_due_on_the_data_date_itself_and_not_back_is_overdue(states):
    assert states(("2021-11-19", None, None, None, None, None)) == ["open and overdue"]


def test_the_account_says_what_became_of_every_row_read(requests):
    rows = [("A", "health", *row) for row in STATES.values()] + [simple("health", "2022-01-01")]
    found = advice.accounts(requests(rows), DECEMBER.data_date, Advice()).set_index("what")["rows_n"]
    whole = [name for name in found.index if not name.startswith(("rows read", "of these", "both"))]
    assert found["rows read"] == found[whole].sum() == 10
    assert found["in the figure of the month they fell due"] == 4
    assert found["of these with a permitted exception"] == 1


def open_requests(*sent):
    return [simple("health", day) for day in sent]


def test_overdue_requests_stand_in_their_band(measure):
    days = [f"2021-{day}" for day in ("11-19", "11-18", "11-05", "11-04", "10-22", "10-21", "09-24", "09-23")]
    found = measure(open_requests(*days), "advice_overdue").set_index("group")["value"]
    assert found[found.index.str.endswith(" · health")].tolist() == [1, 2, 2, 2, 1]
    assert found["all"] == 8
    assert found.drop("all").sum() == 8


def test_those_whom_the_headline_leaves_out_are_no_part_of_what_is_overdue_in_all(measure):
    rows = [simple(giver, "2021-11-05") for giver in ("health", "parent_or_young_person", "other")]
    found = measure(rows, "advice_overdue").set_index("group")["value"]
    assert (found["all"], found.drop("all").sum()) == (1, 3)


def test_what_falls_due_in_the_next_fourteen_days_is_counted(measure, latest):
    # Due on 31 December (overdue), on 1, 14 and 15 January.
    rows = open_requests("2021-11-19", "2021-11-20", "2021-12-03", "2021-12-04")
    back = simple("health", "2021-11-21", "2021-12-24")
    assert latest(measure([*rows, back], "advice_due_next"), "health")["value"] == 2
    assert measure(open_requests("2021-12-03"), "advice_due_next")["value"].sum() == 1


def test_open_requests_are_censored_at_the_data_date_and_withdrawn_ones_at_their_withdrawal(requests):
    rows = [
        ("A", "health", "2021-12-01", None, "2021-12-11", None, None, None),  # back after 10 days
        ("A", "health", "2021-12-01", None, None, "2021-12-16", None, None),  # censored at 15
        ("A", "health", "2021-12-01", None, "2021-12-21", None, None, None),  # back after 20
        ("A", "health", "2021-12-01", None, None, None, None, None),  # censored at 30
    ]
    curve, quantiles = advice.waits(requests(rows), DECEMBER.data_date, Advice())
    own = curve[curve["group"] == "health"]
    assert own["time_days"].tolist() == [10, 15, 20, 30]
    assert own["value"].round(6).tolist() == [75, 75, 37.5, 37.5]
    found = quantiles[quantiles["group"] == "health"]
    assert found["reading"].tolist() == ["reached", "not reached"]
    assert found["days"].iloc[0] == 20
    assert found[["requests_n", "returned_n"]].iloc[0].tolist() == [4, 2]


def day(first, last):
    return st.integers(first, last).map(lambda n: str(dt.date(2021, 1, 1) + dt.timedelta(days=n)))


REQUEST = st.tuples(
    st.sampled_from("ABCDE"),
    st.sampled_from(list(GIVERS)),
    day(120, 330),
    day(120, 335),
    day(125, 400),
    st.none() | day(125, 400),
    st.sampled_from(["none", "absence_4_weeks", None]),
    st.sampled_from(["yes", "no", None, None]),
)
REQUESTS = st.lists(REQUEST, max_size=25)
CHOSEN = st.fixed_dictionaries(
    {
        "unit": st.sampled_from(["request", "child"]),
        "exceptions": st.sampled_from(["include", "exclude"]),
        "start_field": st.sampled_from(["sent", "received"]),
    }
)
RULES = st.sampled_from(["first month", "first 3 months", "12 months before the plan"])


JUNE = ("2021-06-17", "2021-06-24")  # due in July and in August


def plain_count(rows, givers, window, data_date, chosen):
    """The definition once more, request by request: a child counts once a month in which advice for it was due."""
    outcomes = {}
    for n, (child, giver, sent, received, returned, withdrawn, exception, existing) in enumerate(rows):
        start = sent if chosen["start_field"] == "sent" else received
        dates = [d for d in (sent, received, returned, withdrawn) if d]
        if giver not in givers or not start or min(dates) > str(data_date) or existing == "yes":
            continue
        due = str(dt.date.fromisoformat(start) + dt.timedelta(days=42))
        if not str(window[0]) <= due <= str(window[1]) or due > str(data_date) or (withdrawn and withdrawn < due):
            continue
        if chosen["exceptions"] == "exclude" and exception not in (None, "none"):
            continue
        unit = (child, due[:7]) if chosen["unit"] == "child" else n
        outcomes.setdefault(unit, []).append(bool(returned and returned <= due))
    return sum(all(met) for met in outcomes.values()), len(outcomes)


TWICE_LATE = [simple("health", "2021-05-19"), *(simple("health", day, "2021-11-14", "E") for day in JUNE)]


@settings(deadline=None, max_examples=40)
@given(rows=REQUESTS, chosen=CHOSEN, rule=RULES)
@example(
    rows=TWICE_LATE, chosen={"unit": "child", "exceptions": "include", "start_field": "sent"}, rule="first 3 months"
)
def test_the_figure_is_that_of_a_plain_count_request_by_request(measure, baseline, rows, chosen, rule):
    found, last = measure(rows, **chosen), DECEMBER.data_date
    assert tuple(SECTOR_GIVERS) == KPIS
    for sector, givers in SECTOR_GIVERS.items():
        row = found[found["group"] == sector].iloc[-1]
        assert (row["n"], row["of"]) == plain_count(rows, givers, (DECEMBER.month, DECEMBER.end), last, chosen)
        made, window = baseline(rows, rule, sector, **chosen)
        if len(made):
            then = plain_count(rows, givers, (window.first, window.last), last, chosen)
            assert made[["n", "of"]].to_numpy().tolist() == [list(then)]


@settings(deadline=None, max_examples=20)
@given(rows=REQUESTS, chosen=CHOSEN, random=st.randoms(use_true_random=False))
def test_the_order_of_the_rows_never_matters(requests, measure, rows, chosen, random):
    mixed = random.sample(rows, len(rows))
    for name in (one.name for one in advice.measures(Advice())):
        assert_frame_equal(measure(rows, name, **chosen), measure(mixed, name, **chosen))
    given_day = (DECEMBER.data_date, Advice(**chosen))
    for one, other in zip(
        advice.waits(requests(rows), *given_day), advice.waits(requests(mixed), *given_day), strict=True
    ):
        assert_frame_equal(one, other)
    assert_frame_equal(advice.accounts(requests(rows), *given_day), advice.accounts(requests(mixed), *given_day))


@settings(deadline=None, max_examples=25)
@given(rows=REQUESTS, chosen=CHOSEN, sent=st.integers(0, 100))
def test_a_request_that_is_not_yet_due_changes_no_figure(measure, rows, chosen, sent):
    start = str(DECEMBER.data_date - dt.timedelta(days=41 - sent))
    more = [*rows, ("Z", "health", start, start, None, None, None, None)]
    for name in ("advice", "advice_without_exceptions", "advice_by_child"):
        assert_frame_equal(measure(rows, name, **chosen), measure(more, name, **chosen))


@settings(deadline=None, max_examples=25)
@given(rows=REQUESTS, chosen=CHOSEN, which=st.sets(st.integers(0, 24)))
def test_a_return_that_is_not_known_never_raises_the_figure(measure, rows, chosen, which):
    fewer = [(*r[:4], None, *r[5:]) if n in which and r[2] else r for n, r in enumerate(rows)]
    before, after = (measure(r, **chosen) for r in (rows, fewer))
    assert (after["n"] <= before["n"]).all()
    assert (after["of"] == before["of"]).all()


@settings(deadline=None, max_examples=25)
@given(rows=REQUESTS, chosen=CHOSEN, later=st.integers(1, 60))
def test_a_later_data_date_never_rewrites_a_month_that_had_passed(measure, rows, chosen, later):
    after = Period(DECEMBER.month, DECEMBER.data_date + dt.timedelta(days=later))
    for name in ("advice", "advice_by_child"):
        before, now = (measure(rows, name, period=period, **chosen) for period in (DECEMBER, after))
        assert_frame_equal(before, now)


@settings(deadline=None, max_examples=25)
@given(rows=REQUESTS, chosen=CHOSEN)
def test_no_part_exceeds_its_whole(measure, rows, chosen):
    found = measure(rows, **chosen)
    assert (found["n"] <= found["of"]).all()
    keys = ["group", "first_on"]
    without = measure(rows, "advice_without_exceptions", **chosen).set_index(keys)["of"]
    assert (without <= found.set_index(keys)["of"].loc[without.index]).all()
    if chosen["unit"] == "request":
        each = found.pivot_table(index="first_on", columns="group", values="of", aggfunc="sum")
        assert (each["all"] == each["education"] + each["health"] + each["care"]).all()
