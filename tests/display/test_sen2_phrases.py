"""Sentences on how long plans take: to which day they speak, and what they say where nothing is shown."""

import datetime as dt

import pandas as pd
import pytest

from sendanalysis.display.sen2_phrases import answer, in_time, latest
from sendanalysis.methods.periods import reporting_period
from sendanalysis.release import WITHHELD

NAN = float("nan")
IN_TIME = "75.0% of new plans came within 20 weeks (9 of 12 plans)"
PERIOD = reporting_period("2022-03")


def row(n, of, state="known"):
    return pd.Series({"n": n, "of": of, "value": 100 * n / of if of else NAN, "state": state})


@pytest.mark.parametrize(
    ("known_on", "said"),
    [
        ("2022-03-31", f"Since January 2022, {IN_TIME}."),
        ("2022-01-20", f"From 1 January to 20 January 2022, when the return ends, {IN_TIME}."),
        ("2021-01-21", "The return ends on 21 January 2021 and knows nothing of 2022."),
    ],
)
def test_a_year_is_told_to_the_last_day_that_the_return_knows_of(known_on, said):
    assert in_time(row(9, 12), dt.date.fromisoformat(known_on), PERIOD) == said


@pytest.mark.parametrize(
    ("figure", "said"),
    [
        (row(0, 0, "nothing counted"), "Since January 2022, no new plan was issued."),
        (row(NAN, NAN, "suppressed"), "Since January 2022, how many new plans came within 20 weeks is not shown."),
    ],
)
def test_a_year_without_a_share_says_why(figure, said):
    assert in_time(figure, PERIOD.data_date, PERIOD) == said


@pytest.mark.parametrize(
    ("half", "shown", "said"),
    [
        ([190.0], True, "Half within 190 days."),
        ([NAN], True, "Fewer than half have a plan."),
        ([], True, "Not known."),
        ([], False, "Not shown."),
    ],
)
def test_the_first_words_tell_fewer_than_half_from_nothing_known_and_nothing_shown(half, shown, said):
    quantiles = pd.DataFrame({"group": "all", "quantile_pct": 50, "days": pd.Series(half, dtype=float)})
    quantiles.attrs |= {} if shown else {WITHHELD: "rows"}
    assert answer(quantiles) == said


def months(included, left_out):
    days = pd.to_datetime(["2022-01-01", "2022-02-01"])
    both = zip(("exceptions included", "exceptions left out"), (included, left_out), strict=True)
    return pd.concat([pd.DataFrame({"group": name, "first_on": days, "value": values}) for name, values in both])


def test_the_title_gives_both_shares_of_the_last_month_that_has_one():
    assert (
        latest(months([50.0, 60.0], [55.0, 66.7]))
        == "60.0% of the plans issued in February 2022 came within 20 weeks, and 66.7% with exceptions left out"
    )
    assert latest(months([50.0, NAN], [NAN, NAN])) == "50.0% of the plans issued in January 2022 came within 20 weeks"
    assert latest(months([NAN, NAN], [NAN, NAN])) == "No month has a figure to show"
