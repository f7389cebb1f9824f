"""Commentary: the comment that stands beside a KPI, and the KPI that has none."""

import pandas as pd
import pytest

from sendanalysis.measures import commentary
from sendanalysis.methods.periods import reporting_period


@pytest.fixture
def comment(typed):
    """A function from a status and comments (month, written_on, text) to the row of one KPI in March 2022."""

    def row(status, *comments, **period):
        rows = [{"measure": "QA_ALL", "month": m, "written_on": day, "text": text} for m, day, text in comments]
        figures = pd.DataFrame({"kpi_id": ["QA_ALL"], "status": [status]})
        found = commentary.measure(typed("commentary", *rows), figures, period=reporting_period("2022-03", **period))
        return found.comments.iloc[0]

    return row


def test_a_comment_on_the_reporting_month_is_current(comment):
    row = comment("Red", ("2022-02", "2022-02-28", "Old"), ("2022-03", "2022-03-31", "New"))
    assert row[["state", "text", "months_old", "to_report"]].tolist() == ["current", "New", 0, "no"]


def test_an_older_comment_is_stale_and_an_off_target_kpi_is_to_be_reported(comment):
    row = comment("Amber", ("2021-12", "2021-12-31", "Old"))
    assert row[["state", "months_old", "to_report"]].tolist() == ["stale", 3, "yes"]
    assert comment("Green", ("2021-12", "2021-12-31", "Old"))["to_report"] == "no"


def test_a_kpi_without_a_comment_says_so(comment):
    assert comment("Red")[["state", "to_report"]].tolist() == ["missing", "yes"]
    assert comment("No data")["to_report"] == "no"


def test_a_comment_written_after_the_data_date_or_on_a_later_month_is_not_there_yet(comment):
    assert comment("Red", ("2022-03", "2022-04-01", "Late"))["state"] == "missing"
    assert comment("Red", ("2022-03", "2022-04-01", "Late"), data_date="2022-04-05")["state"] == "current"
    assert comment("Red", ("2022-04", "2022-03-31", "Early"))["state"] == "missing"


def test_of_two_comments_on_a_month_the_later_one_stands(comment):
    row = comment("Red", ("2022-03", "2022-03-30", "Second"), ("2022-03", "2022-03-02", "First"))
    assert row["text"] == "Second"


def test_the_illustrative_comments_are_current_stale_and_missing(southend):
    figures = southend["kpis"][["kpi_id"]].assign(status="Red")
    found = commentary.measure(southend["commentary"], figures, period=reporting_period("2022-03"))
    assert set(found.comments["state"]) == {"current", "stale", "missing"}
    assert found.comments["kpi_id"].tolist() == southend["kpis"]["kpi_id"].tolist()
    assert southend["commentary"]["text"].str.startswith("Illustrative comment:").all()
    assert found.quality["rows_n"].tolist()[1:] == [0, 0]
