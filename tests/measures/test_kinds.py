"""The seven kinds of measure that an area declares over tables of its own."""

import datetime as dt
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from sendanalysis.errors import InputError
from sendanalysis.inputs.declared import KINDS
from sendanalysis.measures.figures import KNOWN, NOT_KNOWN, NOTHING
from sendanalysis.measures.kinds import _LEDGERS, measure_of, windowed

COLUMNS = "began_on due_on done_on left_on phase outcome"
ON_TIME = {"start": "began_on", "done": "done_on", "limit_days": 28}


@pytest.fixture(scope="module")
def rows(table):
    """Tables with rows of began, due, done, left, phase, outcome, and a census."""

    def made(*given, census=()):
        padded = [(*row, *[None] * 6)[:6] for row in given]
        return {"rows": table(COLUMNS, padded), "census": table("counted_on pupils", census, pupils="Int64")}

    return made


@pytest.fixture(scope="module")
def counts(declared, figures, latest):
    """n, of and value of a declared measure at the end of December 2021."""

    def found(kind, tables, group="all", month="2021-12", **given):
        window, made = given.pop("window", ""), given.pop("made", None)
        measure = measure_of(made or declared(kind, **given), tables)
        row = latest(figures(windowed(measure, window), tables, month), group)
        of, value = (None if math.isnan(row[name]) else row[name] for name in ("of", "value"))
        return row["n"], of, value

    return found


def test_every_kind_that_can_be_declared_can_be_counted():
    assert set(_LEDGERS) == set(KINDS)


# share on time


@pytest.mark.parametrize(("done", "met"), [("2021-12-29", 1), ("2021-12-30", 0), (None, 0)])
def test_day_28_is_in_time_day_29_is_not_and_what_is_not_done_is_missed(counts, rows, done, met):
    assert counts("share on time", rows(("2021-12-01", None, done)), **ON_TIME) == (met, 1, 100 * met)


def test_what_falls_due_on_the_data_date_counts_and_what_falls_due_the_day_after_does_not(counts, rows):
    assert counts("share on time", rows(("2021-12-03",), ("2021-12-04",)), **ON_TIME)[:2] == (0, 1)


def test_what_is_done_before_it_falls_due_waits_for_the_month_in_which_it_does(counts, rows):
    tables = rows(("2021-12-20", None, "2021-12-21"))
    assert counts("share on time", tables, **ON_TIME) == (0, 0, None)
    assert counts("share on time", tables, month="2022-01", **ON_TIME) == (1, 1, 100)


@pytest.mark.parametrize(("left", "of"), [("2021-12-28", 0), ("2021-12-29", 1), ("2021-12-30", 1)])
def test_stopped_before_it_was_due_is_outside_and_stopped_on_the_due_day_is_missed(counts, rows, left, of):
    tables = rows(("2021-12-01", None, None, left))
    assert counts("share on time", tables, stopped="left_on", **ON_TIME)[:2] == (0, of)


def test_without_a_column_that_stops_it_nothing_does(counts, rows):
    assert counts("share on time", rows(("2021-12-01", None, None, "2021-12-02")), **ON_TIME)[:2] == (0, 1)


def test_a_due_date_of_its_own_is_taken_from_its_column_and_one_that_is_blank_counts_nowhere(counts, rows):
    given = {"start": "began_on", "done": "done_on", "due": "due_on"}
    tables = rows(
        ("2021-11-01", "2021-12-10", "2021-12-10"),
        ("2021-11-01", "2021-12-10", "2021-12-11"),
        ("2021-11-01", "2021-12-31", None),
        ("2021-11-01", "2022-01-01", "2021-12-01"),
        ("2021-11-01", None, "2021-12-01"),
    )
    assert counts("share on time", tables, **given)[:2] == (1, 3)
    assert counts("share on time", tables, month="2022-01", **given)[:2] == (1, 1)


def test_a_clock_that_never_started_counts_nowhere(counts, rows):
    assert counts("share on time", rows((None, None, "2021-12-01")), **ON_TIME) == (0, 0, None)


def test_rows_that_are_left_out_are_in_no_figure_and_a_blank_is_no_reason_to_leave_one_out(counts, rows):
    tables = rows(
        ("2021-12-01", None, "2021-12-02", None, None, "cancelled"),
        ("2021-12-01", None, "2021-12-02", None, None, "kept"),
        ("2021-12-01", None, None, None, None, None),
    )
    assert counts("share on time", tables, leave_out={"outcome": ("cancelled",)}, **ON_TIME)[:2] == (1, 2)


def test_rows_are_left_out_only_where_every_column_says_so(counts, rows):
    tables = rows(*[("2021-12-01", None, None, None, phase, "cancelled") for phase in ("a", "b")])
    leave_out = {"outcome": ("cancelled",), "phase": ("a",)}
    assert counts("share on time", tables, leave_out=leave_out, **ON_TIME)[1] == 1


def test_groups_hold_what_equals_their_values_and_all_holds_everything(counts, rows):
    tables = rows(*[("2021-12-01", None, None, None, phase) for phase in ("primary", "secondary", "post16", None)])
    groups = {"school": {"phase": ("primary", "secondary")}, "post16": {"phase": ("post16",)}}
    found = {
        name: counts("share on time", tables, name, groups=groups, **ON_TIME)[1] for name in ("all", "school", "post16")
    }
    assert found == {"all": 4, "school": 2, "post16": 1}


def test_values_of_a_column_of_whole_numbers_are_equal_whether_it_has_blanks_or_not(table, counts):
    for scores in ((4, 5, 3), (4, 5, 3, None)):
        tables = {"rows": table("on_on score", [("2021-12-01", score) for score in scores], score="Int64")}
        assert counts("share", tables, on="on_on", met={"score": ("4", "5")})[:2] == (2, 3)


# share


def test_a_share_counts_rows_whose_columns_are_filled_in(counts, rows):
    tables = rows(
        *[("2021-12-05", None, None, None, "x", outcome) for outcome in ("good", "very good", "poor", None)],
        ("2021-11-30", None, None, None, "x", "good"),
        ("2022-01-01", None, None, None, "x", "good"),
        (None, None, None, None, "x", "good"),
    )
    given = {"on": "began_on", "met": {"outcome": ("good", "very good")}}
    assert counts("share", tables, **given) == (2, 3, pytest.approx(200 / 3))
    assert counts("share", tables, window="3 months", **given)[:2] == (3, 4)


def test_a_share_of_two_columns_needs_both(counts, rows):
    tables = rows(
        *[
            ("2021-12-05", None, None, None, phase, outcome)
            for phase, outcome in (("x", "good"), ("y", "good"), ("x", "poor"), (None, "good"), ("x", None))
        ]
    )
    assert counts("share", tables, on="began_on", met={"phase": ("x",), "outcome": ("good",)})[:2] == (1, 3)


# count


def test_a_count_counts_rows_in_the_window_of_those_that_have_a_day(counts, rows):
    tables = rows(("2021-09-01",), ("2021-11-30",), ("2021-12-01",), ("2021-12-31",), ("2022-01-01",), (None,))
    found = {
        window: counts("count", tables, window=window, on="began_on")[2]
        for window in ("month", "3 months", "to date", "school year")
    }
    assert found == {"month": 2, "3 months": 3, "to date": 4, "school year": 4}
    assert counts("count", tables, on="began_on")[1] is None


def test_a_month_without_a_row_counts_nought(counts, rows):
    assert counts("count", rows(), on="began_on") == (0, None, 0)


# cohort cleared

COHORT = {"cohort_on": dt.date(2021, 6, 30), "start": "began_on", "done": "done_on", "left": "left_on"}
WAITING = [
    ("2021-06-30", None, "2021-07-01"),  # began on the day, done since
    ("2021-06-01", None, None, "2021-08-01"),  # left since, not done
    ("2021-06-01", None, "2021-09-01", "2021-08-01"),  # done, and left as well
    ("2021-06-01",),  # still there
    ("2021-06-01", None, "2022-01-01"),  # done after the data date
    ("2021-07-01",),  # began after the day
    ("2021-06-01", None, "2021-06-30"),  # done on the day
    ("2021-06-01", None, None, "2021-06-30"),  # left on the day
    (None, None, "2021-09-01"),  # nobody knows when it began
]


def test_the_share_of_a_cohort_is_what_was_done_and_leaving_does_nothing(counts, rows):
    assert counts("cohort cleared", rows(*WAITING), **COHORT) == (2, 5, 40)
    assert counts("cohort cleared", rows(*WAITING), figure="share", **COHORT) == (2, 5, 40)


def test_what_remains_of_a_cohort_is_neither_done_nor_gone(counts, rows):
    assert counts("cohort cleared", rows(*WAITING), figure="remaining", **COHORT) == (2, 5, 2)


def test_without_a_column_of_leavers_all_remain_who_are_not_done(counts, rows):
    given = {name: value for name, value in COHORT.items() if name != "left"}
    assert counts("cohort cleared", rows(*WAITING), figure="remaining", **given)[:2] == (4, 6)


def test_a_cohort_keeps_its_size_at_every_months_end_and_is_not_there_before_its_day(declared, rows, figures):
    measure = measure_of(declared("cohort cleared", figure="remaining", **COHORT), rows(*WAITING))
    found = figures(measure, rows(*WAITING))
    assert found["of"].tolist() == [5] * 7
    # June, July (one done), August (two left), September to December: of these one was done as well.
    assert found["value"].tolist() == [5, 4, 2, 2, 2, 2, 2]
    before = figures(measure, rows(*WAITING), "2021-06", "2021-06-29")
    assert before[["of", "state"]].to_numpy().tolist() == [[0, NOTHING]]


# stock on a day


def test_a_stock_is_what_has_begun_by_the_day_and_is_not_done_by_it(counts, rows):
    tables = rows(
        ("2021-12-31",),
        ("2021-01-01", None, "2021-12-31"),
        ("2021-01-01", None, "2022-01-01"),
        ("2022-01-01",),
        (None,),
    )
    given = {"start": "began_on", "done": "done_on"}
    assert counts("stock on a day", tables, **given) == (2, None, 2)
    assert counts("stock on a day", tables, month="2021-11", **given) == (2, None, 2)
    assert counts("stock on a day", tables, month="2022-01", **given) == (2, None, 2)


def test_a_stock_of_nothing_is_nought_and_known(declared, rows, figures):
    found = figures(measure_of(declared("stock on a day", start="began_on", done="done_on"), rows()), rows())
    assert found[["value", "state"]].to_numpy().tolist() == [[0, KNOWN]]


# time to event

TIME = {"start": "began_on", "done": "done_on"}


def test_a_mean_is_over_what_was_done_in_the_window_whenever_it_began(counts, rows):
    tables = rows(
        ("2021-11-01", None, "2021-12-01"),
        ("2020-12-31", None, "2021-12-31"),
        ("2021-11-30", None, "2021-11-30"),
        ("2021-12-01",),
        (None, None, "2021-12-01"),
        ("2021-12-10", None, "2021-12-01"),  # done before it began
    )
    assert counts("time to event", tables, **TIME) == (2, None, pytest.approx((30 + 365) / 2))
    assert counts("time to event", tables, unit="weeks", **TIME)[2] == pytest.approx((30 + 365) / 14)
    assert counts("time to event", tables, month="2021-11", **TIME) == (1, None, 0)


def test_a_mean_of_one_has_no_interval_and_a_mean_of_none_is_no_figure(declared, rows, figures, latest):
    measure = measure_of(declared("time to event", **TIME), rows())
    one = latest(figures(measure, rows(("2021-12-01", None, "2021-12-11"))))
    assert (one["value"], one["state"]) == (10, KNOWN)
    assert math.isnan(one["lower"])
    none = latest(figures(measure, rows(("2021-12-01",))))
    assert (none["n"], none["state"]) == (0, NOTHING)


def test_a_median_counts_those_still_waiting_and_has_none_while_it_is_not_reached(counts, rows):
    done = [("2021-12-01", None, day) for day in ("2021-12-11", "2021-12-21")]
    assert counts("time to event", rows(*done, ("2021-12-01",)), statistic="median", **TIME) == (2, 3, 20)
    waiting = [("2021-12-01",)] * 3
    assert counts("time to event", rows(*done, *waiting), statistic="median", **TIME) == (2, 5, None)
    given = {"statistic": "median", "unit": "weeks", **TIME}
    assert counts("time to event", rows(*done, ("2021-12-01",)), **given)[2] == pytest.approx(20 / 7)


def test_a_median_that_is_not_reached_is_not_known(declared, rows, figures, latest):
    tables = rows(("2021-12-01",))
    row = latest(figures(measure_of(declared("time to event", statistic="median", **TIME), tables), tables))
    assert row["state"] == NOT_KNOWN


# rate per population

RATE = {"on": "began_on", "population": {"table": "census", "column": "pupils", "on": "counted_on"}, "per": 1000}


def test_a_rate_takes_the_population_known_last_by_the_end_of_the_window(counts, rows):
    census = [("2021-01-20", 500), ("2021-12-31", 1000), ("2022-01-20", 2000)]
    tables = rows(("2021-01-01",), ("2021-12-31",), ("2020-12-31",), census=census)
    assert counts("rate per population", tables, **RATE) == (2, 1000, 2)
    assert counts("rate per population", tables, month="2021-11", **RATE) == (2, 500, 4)


def test_a_population_in_several_rows_of_one_day_is_their_sum(counts, rows):
    tables = rows(("2021-12-01",), census=[("2021-01-20", 300), ("2021-01-20", 200), ("2020-01-20", 1)])
    assert counts("rate per population", tables, **RATE) == (1, 500, 2)


def test_a_population_that_is_counted_only_later_leaves_the_rate_not_known(declared, rows, figures):
    tables = rows(("2021-11-01",), ("2021-12-01",), census=[("2021-12-15", 100)])
    found = figures(measure_of(declared("rate per population", **RATE), tables), tables)
    found = found[found["window"] == "12 months"]
    assert found["n"].tolist() == [1, 2]
    assert found["value"].fillna(-1).tolist() == [-1, 20]
    assert found["state"].tolist() == [NOT_KNOWN, KNOWN]


def test_a_rate_says_per_how_many_it_is(declared, rows):
    assert measure_of(declared("rate per population", **RATE), rows()).unit == "per 1,000"


# parameters


def test_a_run_sets_days_numbers_and_words_and_no_columns(declared, counts, rows):
    on_time = declared("share on time", **ON_TIME)
    assert on_time.settable == ("limit_days",)
    tables = rows(("2021-12-01", None, "2021-12-10"))
    changed = on_time.with_values({"own.limit_days": "7", "own.done": "left_on", "other.limit_days": "1"})
    assert counts("", tables, made=changed) == (0, 1, 0)
    assert counts("", tables, made=on_time) == (1, 1, 100)


def test_a_run_sets_the_day_of_a_cohort_and_what_is_asked_of_it(declared, counts, rows):
    cohort = declared("cohort cleared", figure="share", **COHORT)
    tables = rows(("2021-05-01", None, "2021-06-15"), ("2021-05-01",))
    assert counts("", tables, made=cohort)[:2] == (0, 1)
    changed = cohort.with_values({"own.cohort_on": "2021-05-31", "own.figure": "remaining"})
    assert counts("", tables, made=changed) == (1, 2, 1)


def test_a_run_sets_statistic_unit_and_population(declared, counts, rows):
    time = declared("time to event", statistic="mean", unit="days", **TIME)
    tables = rows(("2021-12-01", None, "2021-12-15"), ("2021-12-01", None, "2021-12-08"), ("2021-12-01",))
    changed = time.with_values({"own.statistic": "median", "own.unit": "weeks"})
    assert counts("", tables, made=changed) == (2, 3, 2)
    rate = declared("rate per population", **RATE).with_values({"own.per": "100"})
    assert counts("", rows(("2021-12-01",), census=[("2021-01-01", 50)]), made=rate)[2] == 2


@pytest.mark.parametrize(
    ("name", "text"),
    [("limit_days", "soon"), ("limit_days", "0"), ("limit_days", "1001"), ("limit_days", "2.5")],
)
def test_a_number_that_a_parameter_cannot_take_is_refused(declared, name, text):
    with pytest.raises(InputError, match=f"own.{name}"):
        declared("share on time", **ON_TIME).with_values({f"own.{name}": text})


@pytest.mark.parametrize(("name", "text"), [("figure", "rest"), ("cohort_on", "June"), ("cohort_on", "1921-06-30")])
def test_a_word_or_day_that_a_parameter_cannot_take_is_refused(declared, name, text):
    with pytest.raises(InputError, match=f"own.{name}"):
        declared("cohort cleared", figure="share", **COHORT).with_values({f"own.{name}": text})


def test_a_window_that_a_kpi_asks_for_comes_first_and_no_window_is_lost(declared, rows):
    measure = measure_of(declared("count", on="began_on"), rows())
    assert [name for name, _ in windowed(measure, "12 months").windows] == [
        "12 months",
        "month",
        "to date",
        "school year",
    ]
    assert [name for name, _ in windowed(measure, "to date").windows] == ["to date", "month", "school year"]
    assert windowed(measure, "") == measure


# every kind

ALL_KINDS = {
    "share on time": ON_TIME | {"stopped": "left_on"},
    "share": {"on": "began_on", "met": {"outcome": ("good",)}},
    "count": {"on": "began_on"},
    "cohort cleared": COHORT | {"figure": "remaining"},
    "stock on a day": TIME,
    "time to event": TIME | {"statistic": "median"},
    "rate per population": RATE,
}
CENSUS = [("2021-01-20", 500)]


def days():
    return st.integers(0, 400).map(lambda n: str(dt.date(2021, 4, 1) + dt.timedelta(days=n)))


ROW = st.tuples(
    st.none() | days(),
    st.none(),
    st.none() | days(),
    st.none() | days(),
    st.sampled_from(["a", "b", None]),
    st.sampled_from(["good", "poor", "cancelled", None]),
)


@settings(max_examples=40)
@given(
    kind=st.sampled_from(list(KINDS)),
    given_=st.lists(ROW, max_size=15),
    order=st.randoms(use_true_random=False),
)
def test_neither_the_order_of_rows_nor_anything_dated_later_changes_a_figure(declared, rows, figures, **drawn):
    kind, given_, order = drawn["kind"], drawn["given_"], drawn["order"]
    groups, left_out = {"a": {"phase": ("a",)}}, {"outcome": ("cancelled",)}
    made, last = declared(kind, leave_out=left_out, groups=groups, **ALL_KINDS[kind]), "2021-12-31"

    def counted(given):
        tables = rows(*given, census=CENSUS)
        return figures(measure_of(made, tables), tables)

    known = [
        tuple(value if n > 3 or not value or value <= last else None for n, value in enumerate(row))
        for row in given_
        if not any(row[:4]) or min(day for day in row[:4] if day) <= last
    ]
    found = counted(given_)
    assert_frame_equal(found, counted(order.sample(known, len(known))))
    shares = found.dropna(subset="of")
    assert kind == "rate per population" or (shares["n"] <= shares["of"]).all()


@pytest.mark.parametrize("kind", ["cohort cleared", "stock on a day", "time to event"])
def test_a_date_is_known_from_its_day_on_whatever_its_column_is_called(table, declared, figures, latest, kind):
    fields = {
        name: {"began_on": "began", "done_on": "done"}.get(value, value) for name, value in ALL_KINDS[kind].items()
    }
    fields = {name: value for name, value in fields.items() if name != "left"}
    day = "datetime64[ns]"
    tables = {"rows": table("began done", [("2021-06-01", "2022-01-15"), ("2022-01-02", None)], began=day, done=day)}
    row = latest(figures(measure_of(declared(kind, **fields), tables), tables))
    assert row["n"] == (0 if kind == "time to event" else 1)
