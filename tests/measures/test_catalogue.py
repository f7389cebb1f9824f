"""The catalogue: baselines that a rule makes, figures that others supply, and how much could be used."""

import datetime as dt
import math
from dataclasses import replace

import pytest
from pandas.testing import assert_frame_equal

from sendanalysis.inputs import plan_checks
from sendanalysis.inputs.area import check_area
from sendanalysis.inputs.parameters import Advice, Parameters, Quality
from sendanalysis.inputs.plan import Kpi, read_plan, whole_of
from sendanalysis.measures import advice, catalogue, quality
from sendanalysis.measures.kinds import measure_of
from sendanalysis.measures.released import Release
from sendanalysis.measures.tables import TABLES
from sendanalysis.methods.periods import Window, reporting_period

CLOCK = dt.date(2021, 7, 31)
DECEMBER = reporting_period("2021-12")
COUNT = {"on": "held_on"}
GROUPS = {"a": {"kind": ("a",)}, "b": {"kind": ("b",)}}
HELD = [
    ("2021-02-28", "a"),
    ("2021-03-01", "a"),
    ("2021-04-30", "b"),
    ("2021-05-31", "a"),
    ("2021-06-01", "b"),
    (None, "a"),
]


@pytest.fixture(scope="module")
def rows(table):
    """Tables with rows of a day and a kind."""
    return lambda *given: {"rows": table("held_on kind", given)}


@pytest.fixture(scope="module")
def baseline(declared, rows):
    """Window of the baseline of a KPI, and its figure as a number."""

    def found(kpi, given=HELD, whole=None, period=DECEMBER):
        tables = rows(*given)
        measure = measure_of(declared("count", groups=GROUPS, **COUNT), tables)
        asked = (kpi, whole or kpi, measure)
        figures = catalogue.baseline_of(*asked, tables, period)
        return catalogue.baseline_window(*asked, measure.ledger(tables, period.data_date)), figures["value"].tolist()

    return found


def kpi(rule="", group="all", kpi_id="K", **given):
    return Kpi(kpi_id, "Things", measure="own", unit="things", group=group, baseline_rule=rule, **given)


def window(first, last):
    return Window("baseline", dt.date.fromisoformat(first), dt.date.fromisoformat(last))


# baselines


def test_the_first_month_is_the_first_whole_one_after_the_month_of_the_first_row(baseline):
    assert baseline(kpi("first month"), HELD) == (window("2021-03-01", "2021-03-31"), [1])


def test_the_first_three_months_follow_the_month_of_the_first_row(baseline):
    assert baseline(kpi("first 3 months"), HELD) == (window("2021-03-01", "2021-05-31"), [3])


@pytest.mark.parametrize(
    ("clock_start", "days", "value"),
    [
        (CLOCK, ("2020-08-01", "2021-07-31"), 5),
        (dt.date(2021, 7, 30), ("2020-07-01", "2021-06-30"), 5),
        (dt.date(2021, 5, 1), ("2020-05-01", "2021-04-30"), 3),
    ],
)
def test_the_year_before_the_plan_ends_with_the_last_whole_month(baseline, typed, clock_start, days, value):
    row = {"kpi_id": "K", "measure": "own", "unit": "things", "baseline_rule": "12 months before the plan"}
    (own,) = read_plan({"kpis": typed("kpis", row), "targets": typed("targets")}, clock_start)
    assert baseline(own) == (window(*days), [value])


def test_a_period_is_counted_over_the_days_that_the_plan_names(baseline):
    days = (dt.date(2021, 3, 1), dt.date(2021, 4, 30))
    assert baseline(kpi("period", baseline_days=days), HELD) == (Window("baseline", *days), [2])
    assert baseline(kpi("period", baseline_days=(days[0], None)), HELD) == (None, [])


def test_a_kpi_without_a_rule_has_no_baseline_of_this_kind(baseline):
    assert baseline(kpi(baseline=4.0), HELD) == (None, [])


@pytest.mark.parametrize(("day", "known"), [("2021-05-30", False), ("2021-05-31", True)])
def test_a_baseline_is_known_once_its_last_day_has_passed(baseline, day, known):
    found = baseline(kpi("first 3 months"), HELD, period=reporting_period("2021-05", day))
    assert found == (window("2021-03-01", "2021-05-31"), [3] if known else [])


def test_nothing_has_fallen_in_yet_so_there_are_no_first_months(baseline):
    for rule in ("first month", "first 3 months"):
        assert baseline(kpi(rule), []) == (None, [])
        assert baseline(kpi(rule), [("2022-03-01", "a")]) == (None, [])


def test_a_part_is_counted_over_the_months_of_the_whole(baseline):
    whole, part = kpi("first 3 months", kpi_id="W"), kpi("first 3 months", "b", parent="W")
    assert baseline(part, HELD, whole) == (window("2021-03-01", "2021-05-31"), [1])
    assert baseline(part, HELD) == (window("2021-05-01", "2021-07-31"), [1])  # where it stands alone: its own


def test_a_part_whose_whole_has_another_measure_is_counted_over_its_own_months(baseline):
    whole, part = Kpi("W", "Whole", measure="advice", group="health"), kpi("first month", "b", parent="W")
    assert baseline(part, HELD, whole_of((whole, part), part)) == (window("2021-05-01", "2021-05-31"), [0])


def test_a_stock_has_the_baseline_that_stood_on_its_last_day(declared, table):
    tables = {"rows": table("came_on went_on", [("2021-02-01", "2021-03-15"), ("2021-03-01", None)])}
    stock = measure_of(declared("stock on a day", start="came_on", done="went_on"), tables)
    found = catalogue.baseline_of(kpi("first month"), kpi("first month"), stock, tables, DECEMBER)
    assert found["value"].tolist() == [1]
    assert found["last_on"].dt.date.tolist() == [dt.date(2021, 4, 30)]


# recorded figures

PERCENT = Kpi("CHECKS", "Checks", measure="recorded")
WEEKS = Kpi("WEEKS", "Weeks", measure="recorded", unit="weeks")
RATING = Kpi("OFFER", "Offer", measure="recorded", unit="rating")
PLAN = (PERCENT, WEEKS, RATING, Kpi("OTHER", "Other", measure="quality"))


@pytest.fixture(scope="module")
def recorded(typed):
    """Figures of entries as kpi_id, month, numerator, denominator, value, rating, recorded_on."""

    def found(*entries, month="2021-12", data_date=""):
        names = ("kpi_id", "month", "numerator", "denominator", "value", "rating", "recorded_on")
        rows = typed("recorded", *(dict(zip(names, entry, strict=True)) for entry in entries))
        return catalogue.recorded(rows, PLAN, reporting_period(month, data_date))

    return found


def test_numerator_and_denominator_make_a_share_in_per_cent(recorded):
    row = recorded(("CHECKS", "2021-12", "71", "155", "", "", "2021-12-29")).iloc[0]
    assert row[["measure", "group", "window", "n", "of"]].tolist() == ["recorded", "CHECKS", "month", 71, 155]
    assert row["value"] == pytest.approx(100 * 71 / 155)
    assert (row["first_on"].day, row["last_on"].day, row["state"], row["rating"]) == (1, 31, "known", "")


def test_another_unit_divides_or_counts_or_takes_the_value_as_it_is(recorded):
    for entry, value in ((("48", "2", ""), 24), (("48", "", ""), 48), (("", "", "25.5"), 25.5)):
        assert recorded(("WEEKS", "2021-12", *entry, "", "2021-12-29"))["value"].tolist() == [value]


def test_of_several_entries_for_a_month_the_one_recorded_last_counts_wherever_it_stands(recorded):
    first = ("CHECKS", "2021-09", "88", "158", "", "", "2021-09-28")
    restated = ("CHECKS", "2021-09", "84", "161", "", "", "2021-10-19")
    for entries in ((first, restated), (restated, first)):
        assert recorded(*entries)[["n", "of"]].to_numpy().tolist() == [[84, 161]]


def test_a_figure_restated_after_the_data_date_is_not_restated_yet(recorded):
    entries = [
        ("CHECKS", "2021-09", "88", "158", "", "", "2021-09-28"),
        ("CHECKS", "2021-09", "84", "161", "", "", "2021-10-19"),
    ]
    for day, n in (("2021-10-18", 88), ("2021-10-19", 84)):
        assert recorded(*entries, month="2021-09", data_date=day)["n"].tolist() == [n]


def test_entries_for_later_months_or_recorded_later_are_not_there_yet(recorded):
    found = recorded(
        ("CHECKS", "2021-11", "1", "2", "", "", "2021-11-30"),
        ("CHECKS", "2021-12", "1", "2", "", "", "2022-01-01"),
        ("CHECKS", "2022-01", "1", "2", "", "", "2021-12-31"),
    )
    assert found["last_on"].dt.strftime("%Y-%m").tolist() == ["2021-11"]


def test_months_stand_in_order_and_one_without_an_entry_is_not_made_up(recorded):
    entries = [("CHECKS", month, "1", "2", "", "", "2021-12-01") for month in ("2021-11", "2021-08", "2021-09")]
    assert recorded(*entries)["first_on"].dt.month.tolist() == [8, 9, 11]


def test_a_rating_is_a_figure_without_a_number(recorded):
    row = recorded(("OFFER", "2021-12", "", "", "", "Amber", "2021-12-29")).iloc[0]
    assert (row["rating"], row["state"]) == ("Amber", "known")
    assert math.isnan(row["value"])


def test_an_entry_that_holds_nothing_or_divides_by_nought_is_not_known(recorded):
    for entry in (("", "", ""), ("0", "0", "")):
        assert recorded(("CHECKS", "2021-12", *entry, "", "2021-12-29"))["state"].tolist() == ["not known"]


def test_entries_of_kpis_that_are_measured_or_not_in_the_plan_are_passed_over(recorded):
    entries = [(kpi_id, "2021-12", "1", "2", "", "", "2021-12-29") for kpi_id in ("OTHER", "NOBODY")]
    assert recorded(*entries).empty
    assert recorded().empty


# completeness


def complete(measure, tables, group="all", month="2021-12"):
    return catalogue.completeness(measure, group, tables, reporting_period(month))


def test_completeness_is_the_share_of_rows_that_could_be_used(declared, table):
    rows = [("2021-12-01", "good"), ("2021-12-02", None), ("2021-12-03", "poor"), ("2021-11-01", None)]
    tables = {"rows": table("on_on rating", rows)}
    share = measure_of(declared("share", on="on_on", met={"rating": ("good",)}), tables)
    assert complete(share, tables) == pytest.approx(200 / 3)
    assert complete(share, tables, month="2021-11") == 0
    assert complete(share, tables, month="2021-10") is None  # nothing in it


def test_requests_that_cannot_be_dated_make_advice_incomplete_in_their_own_sector(table):
    columns = "giver sent_on received_on returned_on withdrawn_on exception existing_advice_sufficient"
    rows = [("health", "2021-11-01"), ("health", None), ("social_care", "2021-11-01"), ("social_care", "2021-10-01")]
    tables = {"advice_requests": table(columns, [(*row, *[None] * 5) for row in rows])}
    measure = advice.measures(Advice())[0]
    assert complete(measure, tables, "health") == 50
    assert complete(measure, tables, "care") == 100
    assert complete(measure, tables) == 75  # both of the window, and one in four without a day


def test_answers_left_blank_make_the_audits_incomplete(table):
    columns = "audit_id plan_id audited_on section question_id answer plan_type stage"
    rows = [("A1", "P1", "2021-12-01", "A", f"A{n}", answer, "new", "final") for n, answer in enumerate(("Yes", None))]
    tables = {"ehcp_audits": table(columns, rows)}
    by_column = next(one for one in quality.measures(Quality()) if one.name == "quality_by_section")
    assert complete(quality.measures(Quality())[0], tables) == 50
    assert complete(quality.measures(Quality())[0], tables, "health") is None
    assert complete(by_column, tables) is None


# what a plan uses


def test_a_plan_has_the_measures_that_its_kpis_name_and_those_of_its_own(declared, typed):
    tables = {"neu_pathway": typed("neu_pathway"), "rows": None}
    plan = (Kpi("A", "A", measure="advice"), Kpi("B", "B"), Kpi("C", "C", measure="recorded"))
    found = catalogue.measures_of(plan, Parameters(), (declared("count", **COUNT),), tables)
    assert set(found) == {one.name for one in advice.measures(Advice())} | {"own"}
    assert all(name == measure.name for name, measure in found.items())
    assert set(catalogue.measures_of((), Parameters(), (), tables)) == set()


def test_the_neu_pathway_is_there_as_soon_as_it_has_a_child(typed):
    tables = {"neu_pathway": typed("neu_pathway", {"child_id": "C1", "entered_on": "2021-12-01"})}
    assert set(catalogue.measures_of((), Parameters(), (), tables)) == {"neu_pathway"}


def test_the_groups_that_a_plan_may_name_are_those_of_the_measures():
    assert catalogue.built_in_groups(Parameters()) == plan_checks.GROUPS


# columns of text


@pytest.mark.parametrize("rows", [0, 1, 20])
def test_a_column_of_codes_gives_the_figures_that_its_texts_give_whichever_of_them_no_row_holds(rows):
    area, _ = check_area("data/southend")
    few = {
        name: table.tail(rows) if any(cells == "category" for cells in table.dtypes) else table
        for name, table in area.tables.items()
    }
    coded = {
        name: table.assign(**{c: table[c].cat.remove_unused_categories() for c in table.select_dtypes("category")})
        for name, table in few.items()
    }
    texts = {name: table.astype(dict.fromkeys(table.select_dtypes("category"), "str")) for name, table in few.items()}
    period = reporting_period("2022-03")
    ours, theirs = (Release(replace(area, tables=tables), period) for tables in (coded, texts))
    for name in ours.measures:
        assert_frame_equal(ours.figures(name), theirs.figures(name))
    for name in (name for name in TABLES if name.startswith(("quality", "advice", "autism", "survey"))):
        assert_frame_equal(ours.table(name), theirs.table(name), check_dtype=False, check_categorical=False)
    for page in ("quality", "advice", "autism", "survey"):
        assert_frame_equal(ours.explored(page).rows, theirs.explored(page).rows)
