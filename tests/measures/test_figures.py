"""Figures: what is counted from a ledger, whatever the measure."""

import datetime as dt
import math
from dataclasses import replace

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal, assert_series_equal

from sendanalysis.measures import estimates as est
from sendanalysis.measures import figures as fig
from sendanalysis.measures import waits
from sendanalysis.measures.figures import COLUMNS, KNOWN, NOT_KNOWN, NOTHING, Measure
from sendanalysis.methods.clusters import clustered, correlation, mean_of_shares
from sendanalysis.methods.periods import Window, reporting_period, windows
from sendanalysis.methods.proportions import poisson_interval, wilson

DECEMBER = reporting_period("2021-12")
AT = Window("day", dt.date(2021, 12, 31), dt.date(2021, 12, 31))


def ledger(tables, day):
    """One row a unit: begun on a day, met on or before another, as known at a day."""
    rows = fig.as_known(tables["rows"], day)
    return rows.assign(on=rows["begun_on"], counts=rows["counted"].ne("no"), met=rows["met_on"].notna())


MEASURE = Measure("things", "things done", ("thing", "things"), ("rows",), ledger)
OPEN = replace(
    MEASURE,
    standing=True,
    statistic=est.present,
    windows=(("day", True),),
    ledger=lambda tables, day: ledger(tables, day).assign(counts=lambda rows: ~rows["met"]),
)


@pytest.fixture(scope="module")
def rows(table):
    """Tables with some rows: begun, met, unit, kind, counted."""
    return lambda *given: {"rows": table("begun_on met_on unit kind counted", [(*r, *[None] * 5)[:5] for r in given])}


THREE = [
    ("2021-10-01", "2021-10-20", "U1", "a"),
    ("2021-12-01", None, "U1", "b"),
    ("2021-12-31", "2021-12-31", "U2", "a"),
]


def test_a_figure_has_one_shape_whatever_it_counts(rows, figures):
    found = figures(MEASURE, rows(*THREE))
    assert found.columns.tolist() == COLUMNS
    assert found.dtypes[["first_on", "last_on"]].astype(str).tolist() == ["datetime64[ns]"] * 2
    assert found.dtypes[["n", "of", "value", "lower", "upper"]].astype(str).tolist() == ["float64"] * 5


def test_each_month_from_the_first_row_to_the_reporting_month_has_a_figure(rows, figures):
    found = figures(MEASURE, rows(*THREE))
    assert found["last_on"].dt.strftime("%m-%d").tolist() == ["10-31", "11-30", "12-31"]
    assert found[["n", "of"]].to_numpy().tolist() == [[1, 1], [0, 0], [1, 2]]
    assert found["state"].tolist() == [KNOWN, NOTHING, KNOWN]


def test_a_window_takes_in_its_first_and_its_last_day(rows):
    tables = rows(("2021-10-01",), ("2021-12-31",), ("2021-09-30",), ("2022-01-01",))
    window = Window("3 months", dt.date(2021, 10, 1), dt.date(2021, 12, 31))
    assert fig.count(MEASURE, tables, [window])["of"].tolist() == [2]


@pytest.mark.parametrize(
    ("name", "first", "many"),
    [
        ("month", dt.date(2021, 12, 1), 4),
        ("3 months", dt.date(2021, 10, 1), 4),
        ("12 months", dt.date(2021, 1, 1), 4),
        ("school year", dt.date(2021, 9, 1), 4),
        ("to date", dt.date(2021, 9, 15), 4),
        ("day", dt.date(2021, 12, 31), 4),
    ],
)
def test_each_kind_of_window_covers_its_days(name, first, many):
    found = windows(name, DECEMBER, dt.date(2021, 9, 15))
    assert found[-1] == Window(name, first, dt.date(2021, 12, 31))
    assert len(found) == many
    assert windows(name, DECEMBER, dt.date(2021, 9, 15), each=False) == found[-1:]


def test_a_school_year_begins_in_september():
    for month, year in (("2021-08", 2020), ("2021-09", 2021)):
        found = windows("school year", reporting_period(month), dt.date(2021, 1, 1), each=False)
        assert found[0].first == dt.date(year, 9, 1)


def test_at_a_data_date_in_mid_month_the_last_window_ends_there_and_the_others_do_not():
    found = windows("month", reporting_period("2021-12", "2021-12-10"), dt.date(2021, 11, 3))
    assert [one.last for one in found] == [dt.date(2021, 11, 30), dt.date(2021, 12, 10)]


def test_a_first_row_after_the_reporting_month_leaves_that_month_alone():
    assert [one.first for one in windows("month", DECEMBER, dt.date(2022, 2, 1))] == [dt.date(2021, 12, 1)]


def test_several_windows_stand_one_after_the_other_and_the_first_is_the_headline(rows, figures):
    measure = replace(MEASURE, windows=(("3 months", False), ("month", True)))
    assert figures(measure, rows(*THREE))["window"].tolist() == ["3 months", *["month"] * 3]
    assert (measure.window, measure.series) == ("3 months", "month")


def test_the_series_of_a_measure_is_its_own_window_where_that_follows_month_by_month():
    assert replace(MEASURE, windows=(("to date", True), ("month", True))).series == "to date"
    assert replace(MEASURE, windows=(("12 months", True),)).series == "12 months"
    assert not replace(MEASURE, windows=(("to date", False),)).series


def test_a_row_that_does_not_count_is_in_no_figure(rows, figures, latest):
    found = figures(MEASURE, rows(*THREE, ("2021-12-02", "2021-12-02", "U3", "a", "no")))
    assert latest(found)["of"] == 2


def test_groups_may_overlap_and_an_empty_one_stands_with_nothing_counted(rows, figures):
    groups = {
        "all": fig.every_row,
        "a": fig.is_in("kind", "a"),
        "both": fig.is_in("kind", "a", "b"),
        "c": fig.is_in("kind", "c"),
    }
    found = figures(replace(MEASURE, groups=groups), rows(*THREE[1:])).set_index("group")
    assert found["of"].to_dict() == {"all": 2, "a": 1, "both": 2, "c": 0}
    assert found.loc["c", "state"] == NOTHING


def test_groups_by_a_column_are_those_that_have_rows(rows, figures):
    found = figures(replace(MEASURE, groups="kind"), rows(*THREE, ("2021-12-05", None, "U4", None)))
    assert found[["group", "of"]].to_numpy().tolist() == [["a", 1], ["a", 1], ["b", 1]]


def test_a_unit_counts_once_by_its_latest_row_with_all_that_belongs_to_it(table, figures):
    columns = "begun_on met_on plan audit counted"
    tables = {
        "rows": table(
            columns,
            [
                ("2021-12-01", "2021-12-01", "P1", "A1", None),
                ("2021-12-02", None, "P1", "A2", None),
                ("2021-12-02", "2021-12-02", "P1", "A2", None),
                ("2021-12-02", None, "P2", "A3", None),
                ("2021-12-02", "2021-12-02", "P2", "A4", None),
            ],
        )
    }
    once = replace(MEASURE, once=("plan",), order=("on", "audit"))
    assert figures(once, tables)[["n", "of"]].to_numpy().tolist() == [[2, 3]]


def test_the_latest_row_is_chosen_in_each_window_anew(rows, figures):
    measure = replace(MEASURE, once=("unit",), order=("on",), windows=(("3 months", False), ("month", True)))
    tables = rows(("2021-11-01", "2021-11-01", "U1"), ("2021-12-01", None, "U1"))
    assert figures(measure, tables)[["n", "of"]].to_numpy().tolist() == [[0, 1], [1, 1], [0, 1]]


def test_a_latest_row_that_does_not_count_still_replaces_the_one_before(rows, figures):
    measure = replace(MEASURE, once=("unit",), order=("on",))
    tables = rows(("2021-12-01", "2021-12-01", "U1"), ("2021-12-02", None, "U1", "a", "no"))
    assert figures(measure, tables)["of"].tolist() == [0]


def test_a_standing_measure_counts_what_was_there_at_each_months_end(rows, figures):
    # One was there in October and gone in it; one came in November and goes after December; one came in December.
    tables = rows(("2021-10-01", "2021-10-20"), ("2021-11-01", "2022-01-02"), ("2021-12-31", None))
    found = figures(OPEN, tables)
    assert found["value"].tolist() == [0, 1, 2]
    assert found["first_on"].equals(found["last_on"])


def test_the_first_row_of_a_standing_measure_is_known_although_it_has_gone_since(rows, figures):
    assert figures(OPEN, rows(("2021-10-01", "2021-10-20")))["value"].tolist() == [0, 0, 0]


@pytest.mark.parametrize(
    ("statistic", "value", "state"),
    [
        (est.share, math.nan, NOTHING),
        (est.plain, math.nan, NOTHING),
        (est.share_of("unit"), math.nan, NOTHING),
        (est.Pooled("unit"), math.nan, NOTHING),
        (est.unmet, math.nan, NOTHING),
        (est.part, math.nan, NOTHING),
        (est.events, 0, KNOWN),
        (est.present, 0, KNOWN),
        (est.units("unit"), 0, KNOWN),
        (est.rate(lambda _: 1000.0, 1000), 0, KNOWN),
        (est.rate(lambda _: 0.0, 1000), math.nan, NOTHING),
    ],
)
def test_an_empty_ledger_is_nought_where_things_are_counted_and_no_figure_where_they_are_shared(
    rows, figures, statistic, value, state
):
    found = figures(replace(MEASURE, statistic=statistic), rows())
    assert len(found) == 1
    assert found["value"].fillna(-1).tolist() == [-1 if math.isnan(value) else value]
    assert found["state"].tolist() == [state]


def test_an_empty_ledger_with_groups_by_column_has_no_figures(rows, figures):
    found = figures(replace(MEASURE, groups="kind"), rows())
    assert found.empty
    assert found.columns.tolist() == COLUMNS


@pytest.fixture(scope="module")
def values(table):
    """What a statistic gives for rows of (met, unit, days)."""

    def found(statistic, *rows, inside=None):
        frames = [
            pd.DataFrame(list(part), columns=["met", "unit", "days"])
            .astype({"met": bool})
            .assign(on=pd.Timestamp(AT.last))
            for part in (rows, inside or rows)
        ]
        return statistic(*frames, AT)

    return found


FOUR = [(True, "U1", 10), (False, "U1", 20), (True, "U2", 30), (True, "U3", 40)]


def test_a_share_has_wilsons_interval_in_per_cent(values):
    found, expected = values(est.share, *FOUR), wilson(3, 4)
    assert found == (3, 4, 75, pytest.approx(100 * expected.lower), pytest.approx(100 * expected.upper))


def test_a_plain_share_has_none(values):
    assert values(est.plain, *FOUR)[:3] == (3, 4, 75)
    assert all(math.isnan(end) for end in values(est.plain, *FOUR)[3:])


def test_a_share_of_units_counts_a_unit_as_met_when_all_its_rows_are(values):
    found = values(est.share_of("unit"), *FOUR)
    assert found[:2] == (2, 3)
    assert found.value == pytest.approx(200 / 3)
    assert found.lower == pytest.approx(100 * wilson(2, 3).lower)


def test_a_unit_counts_once_a_month_in_which_it_has_a_row():
    days = pd.to_datetime(["2021-10-05", "2021-10-20", "2021-11-01", "2021-12-31"])
    frame = pd.DataFrame({"unit": ["U1", "U1", "U1", "U2"], "met": [True, False, True, True], "on": days})
    assert est.share_of("unit")(frame, frame, AT)[:2] == (2, 3)


def test_rows_that_move_together_are_pooled_or_averaged_with_an_interval_of_whole_units(values):
    one, other = values(est.Pooled("unit"), *FOUR), values(est.Pooled("unit", mean=True), *FOUR)
    assert one[:3] == (3, 4, 75)
    assert one.lower == pytest.approx(100 * clustered([1, 1, 1], [2, 1, 1]).lower)
    assert (other.n, other.of, other.value) == (2.5, 3, pytest.approx(250 / 3))
    assert other.lower == pytest.approx(100 * mean_of_shares([1, 1, 1], [2, 1, 1]).lower)


def test_rows_of_other_windows_tell_how_much_those_of_one_unit_move_together(rows, figures):
    few = [
        ("2021-12-01", met, unit)
        for unit, met in zip(["U1", "U1", "U2", "U2"], ["2021-12-01"] * 3 + [None], strict=True)
    ]
    before = [(f"2021-10-{n:02}", met, f"V{n}") for n in range(1, 29) for met in ("2021-10-29", "2021-10-30", None)]
    measure = replace(MEASURE, statistic=est.Pooled("unit"))
    alone, told = (figures(measure, rows(*given_)).iloc[-1] for given_ in (few, [*before, *few]))
    assert alone["value"] == told["value"] == 75
    assert told["upper"] - told["lower"] < alone["upper"] - alone["lower"]
    known = correlation([2, 1, *[2] * 28], [2, 2, *[3] * 28])
    assert told["lower"] == pytest.approx(100 * clustered([2, 1], [2, 2], known).lower)


def test_an_earlier_window_is_told_by_what_was_known_at_its_end(rows, figures):
    october = [(f"2021-10-{n:02}", met, f"V{n}") for n in range(1, 9) for met in ("2021-10-29", None)]
    december = [(f"2021-12-{n:02}", met, f"V{n}") for n in range(1, 9) for met in ("2021-12-29", "2021-12-29")]
    measure = replace(MEASURE, statistic=est.Pooled("unit"))
    then, since = (figures(measure, rows(*given_)).iloc[0] for given_ in (october, [*october, *december]))
    assert then["value"] == 50
    assert_series_equal(then, since)


def test_events_have_the_interval_of_a_count_and_no_denominator(values):
    found = values(est.events, *FOUR)
    assert (found.n, found.value, found.lower, found.upper) == (4, 4, *poisson_interval(4))
    assert math.isnan(found.of)


def test_what_is_present_and_different_units_are_counted_without_an_interval(values):
    for statistic, many in ((est.present, 4), (est.units("unit"), 3)):
        found = values(statistic, *FOUR)
        assert (found.n, found.value) == (many, many)
        assert all(math.isnan(part) for part in (found.of, found.lower, found.upper))


def test_what_is_unmet_is_counted_of_all(values):
    assert values(est.unmet, *FOUR)[:3] == (1, 4, 1)
    assert values(est.unmet, *FOUR[2:])[:3] == (0, 2, 0)


def test_a_part_is_held_against_all_rows_of_the_window(values):
    assert values(est.part, *FOUR[:1], inside=FOUR)[:3] == (1, 4, 25)


FIVE = [*FOUR, (True, "U4", 50)]


def test_a_mean_has_students_interval_and_a_few_have_none(values):
    found = values(waits.mean_days(1), *FIVE)
    assert (found.n, found.value) == (5, 30)
    assert found.lower == pytest.approx(30 - 2.776445 * 15.811388 / 5**0.5, abs=1e-4)
    assert values(waits.mean_days(7), *FIVE).upper == pytest.approx(found.upper / 7)
    few = values(waits.mean_days(1), *FOUR)
    assert (few.n, few.value) == (4, 25)
    assert math.isnan(few.lower)
    assert math.isnan(values(waits.mean_days(1)).value)


def test_the_upper_limit_of_a_skewed_mean_is_higher_than_students(values):
    found = values(waits.mean_days(1), *((True, "U", days) for days in (5, 10, 20, 40, 200)))
    assert found.upper > found.value + (found.value - found.lower)


def test_no_mean_wait_is_thought_to_be_shorter_than_nothing(values):
    assert values(waits.mean_days(1), *((True, "U", days) for days in (0, 0, 0, 0, 100))).lower == 0


def test_a_median_counts_those_still_under_way_and_is_open_while_it_is_not_reached(values):
    found = values(waits.median_days(1), *FOUR)
    assert (found.n, found.of, found.value) == (3, 4, 30)
    assert values(waits.median_days(10), *FOUR).value == 3
    assert all(math.isnan(end) for end in found[3:])
    assert values(waits.median_days(1), *FIVE)[2:4] == (40, 10)
    waiting = [(False, "U", days) for days in (10, 20, 30)]
    assert math.isnan(values(waits.median_days(1), (True, "U", 5), *waiting).value)
    assert values(waits.median_days(1))[:2] == (0, 0)


def test_a_rate_is_held_against_the_population_known_on_the_last_day(values):
    asked = []
    found = values(est.rate(lambda day: asked.append(day) or 200.0, 1000), *FOUR)
    assert asked == [AT.last]
    assert (found.n, found.of, found.value) == (4, 200, 20)
    assert (found.lower, found.upper) == pytest.approx(tuple(5 * end for end in poisson_interval(4)))


def test_a_figure_that_cannot_be_worked_out_although_there_are_rows_is_not_known(rows, figures):
    measure = replace(MEASURE, statistic=est.rate(lambda _: math.nan, 1000))
    found = figures(measure, rows(("2021-12-01",)))
    assert found["n"].tolist() == [1]
    assert found["state"].tolist() == [NOT_KNOWN]


def test_what_is_known_at_a_day_leaves_out_later_dates_and_rows_that_begin_later(rows):
    tables = rows(("2021-12-01", "2021-12-05"), ("2021-12-02", "2021-12-31"), ("2021-12-06", None), (None, None))
    known = fig.as_known(tables["rows"], dt.date(2021, 12, 5))
    assert known["begun_on"].dt.day.fillna(0).tolist() == [1, 2, 0]
    assert known["met_on"].dt.day.fillna(0).tolist() == [5, 0, 0]


def days(first, last):
    return st.integers(first, last).map(lambda n: str(dt.date(2021, 10, 1) + dt.timedelta(days=n)))


MANY = st.lists(
    st.tuples(
        days(0, 120), st.none() | days(0, 120), st.sampled_from(["U1", "U2", "U3"]),
        st.sampled_from("abc"), st.sampled_from(["yes", "yes", "no"]),
    ),
    max_size=20,
)  # fmt: skip
STATISTICS = [est.share, est.events, est.unmet, est.present, est.part, est.share_of("unit"), est.Pooled("unit")]


@settings(max_examples=30)
@given(MANY)
def test_groups_that_share_out_the_rows_add_up_to_all_of_them(rows, figures, given_):
    groups = {"all": fig.every_row} | {kind: fig.is_in("kind", kind) for kind in "abc"}
    for base, statistic in ((MEASURE, est.share), (MEASURE, est.events), (OPEN, est.present)):
        found = figures(replace(base, groups=groups, statistic=statistic), rows(*given_))
        parts = found.pivot_table(index="last_on", columns="group", values=["n"], aggfunc="sum")["n"]
        assert (parts[["a", "b", "c"]].sum(axis=1) == parts["all"]).all()


@settings(max_examples=20)
@given(MANY, st.sampled_from(STATISTICS), st.randoms(use_true_random=False))
def test_the_order_of_the_rows_never_matters(rows, figures, given_, statistic, random):
    mixed = random.sample(given_, len(given_))
    for base in (MEASURE, OPEN):
        measure = replace(base, statistic=statistic)
        assert_frame_equal(figures(measure, rows(*given_)), figures(measure, rows(*mixed)))


@settings(max_examples=30)
@given(MANY, st.sampled_from(STATISTICS), st.booleans())
def test_nothing_dated_after_the_day_changes_a_figure(rows, figures, given_, statistic, standing):
    measure, last = replace(OPEN if standing else MEASURE, statistic=statistic), "2021-12-31"
    known = [(begun, met if met and met <= last else None, *rest) for begun, met, *rest in given_ if begun <= last]
    early = [row for row in known if row[0]]
    assert_frame_equal(figures(measure, rows(*given_)), figures(measure, rows(*early)))
