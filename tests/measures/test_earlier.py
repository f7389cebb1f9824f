"""What several months tell together: differences of which no reader may learn that they are few."""

import runpy
from pathlib import Path

import pandas as pd
import pytest

LEDGERS = runpy.run_path(str(Path(__file__).parents[2] / "benchmarks" / "random_ledgers.py"))
MONTHS = ("2021-03", "2021-04")


def cases(n, on, *, done_on="2022-12-31", entered_on=None, withdrawn_on="2023-01-01"):
    """So many cases that fell on a day."""
    days = {"on": on, "done_on": done_on, "entered_on": entered_on or on, "withdrawn_on": withdrawn_on}
    rows = pd.DataFrame({name: pd.to_datetime([day] * n) for name, day in days.items()})
    return rows.assign(
        case_id=[f"{on}{done_on}{entered_on}{withdrawn_on}{i}" for i in range(n)], counts=True, good=True
    )


def published(*parts, to=("partner",), months=MONTHS, **sides):
    rows = pd.concat(parts, ignore_index=True).assign(side="south", **sides)
    return list(LEDGERS["publications"](rows, to, months))


def counts(publication, measure, window, last, part="n"):
    """What of a measure's whole a publication shows in a window."""
    rows = publication.shown.figures[measure]
    rows = rows[rows["group"].eq("all") & rows["window"].eq(window) & rows["last_on"].eq(last)]
    (count,) = rows[part].astype(object).where(rows[part].notna(), None)
    return count


def test_a_year_to_date_is_hidden_where_last_months_tells_that_few_came_since():
    rows = cases(30, "2021-02-10"), cases(20, "2021-03-10"), cases(3, "2021-04-10")
    march, april = published(*rows)
    assert counts(march, "so_far", "year", "2021-03-31") == 50
    assert counts(april, "so_far", "year", "2021-04-30") is None
    assert april.told.now == []
    (alone,) = published(*rows, months=["2021-04"])
    assert alone.told.now == []


def test_it_is_shown_where_as_many_came_as_may_be_told():
    _, april = published(cases(30, "2021-02-10"), cases(20, "2021-03-10"), cases(9, "2021-04-10"))
    assert counts(april, "so_far", "year", "2021-04-30") == 59


def test_a_month_that_was_left_out_tells_no_more_than_one_that_was_published():
    rows = cases(30, "2021-01-10"), cases(20, "2021-02-10"), cases(2, "2021-03-10"), cases(2, "2021-04-10")
    february, april = published(*rows, months=["2021-02", "2021-04"])
    assert counts(february, "so_far", "year", "2021-02-28") == 50
    assert counts(april, "so_far", "year", "2021-04-30") is None


def test_what_is_left_of_a_cohort_is_hidden_where_few_are_gone_since():
    rows = (
        cases(40, "2021-02-10"),
        cases(20, "2021-02-10", done_on="2021-03-10"),
        cases(2, "2021-02-10", done_on="2021-04-10"),
    )
    march, april = published(*rows)
    assert counts(march, "left", "day", "2021-03-31") == 42
    assert counts(april, "left", "day", "2021-04-30") is None
    _, later = published(*rows, cases(9, "2021-02-10", done_on="2021-04-20"))
    assert counts(later, "left", "day", "2021-04-30") == 40


@pytest.mark.parametrize(("late", "shown"), [(2, None), (7, 37)])
def test_a_window_restated_by_few_is_hidden(late, shown):
    rows = cases(30, "2021-03-10"), cases(12, "2021-04-10"), cases(late, "2021-03-20", entered_on="2021-04-20")
    march, april = published(*rows)
    assert counts(march, "rated", "month", "2021-03-31", "of") == 30
    assert counts(april, "rated", "month", "2021-03-31", "of") == shown
    assert april.told.now == []


def test_so_is_one_of_which_few_were_withdrawn():
    gone = cases(2, "2021-03-20", withdrawn_on="2021-04-20")
    _, april = published(cases(30, "2021-03-10"), gone, cases(12, "2021-04-10"))
    assert counts(april, "rated", "month", "2021-03-31", "of") is None


def test_the_same_count_again_is_shown_again():
    march, april = published(cases(30, "2021-03-10"), cases(12, "2021-04-10"))
    assert (
        counts(april, "rated", "month", "2021-03-31", "of") == counts(march, "rated", "month", "2021-03-31", "of") == 30
    )


def test_partners_have_what_the_public_has_and_it_is_counted_in():
    rows = cases(33, "2021-02-10"), cases(20, "2021-03-10"), cases(4, "2021-04-10")
    *_, public, partner = published(*rows, to=("public", "partner"))
    assert counts(public, "so_far", "year", "2021-04-30") in {60, None}
    assert counts(partner, "so_far", "year", "2021-04-30") is None
    assert partner.told.now == []


def test_what_the_public_is_shown_after_partners_tells_these_of_no_restatement_by_few():
    found = LEDGERS["losses"](range(50, 51))  # 1 record came late: partners had the exact count, the public's tells it
    assert found["recoverable_n"].sum() == found["known_n"].sum() == 0
    assert found["audience"].tolist() == ["public", "partner"] * 2


def test_of_random_ledgers_no_small_count_can_be_worked_out_month_after_month():
    found = LEDGERS["losses"](range(15))
    assert found[["recoverable_n", "known_n"]].sum().tolist() == [0, 0]
    assert found["small_n"].sum() > 150
    assert set(found["audience"]) == {"partner", "public"}
