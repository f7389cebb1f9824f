"""Sentences and tables for readers from whom something is hidden: what is not shown is no nought and not nobody."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from sendanalysis.display import audit_phrases, phrases, waiting_phrases
from sendanalysis.display.show import reading, show_chart
from sendanalysis.display.tables import KEPT_BACK, show_figures, show_table
from sendanalysis.display.wording import NOT_SHOWN, number, plural, share, shown, without
from sendanalysis.inputs.plan import Kpi
from sendanalysis.measures.scorecard import Figure
from sendanalysis.publishing.record import as_csv
from sendanalysis.release import HIDDEN, WITHHELD

COLUMNS = ["group", "window", "first_on", "last_on", "n", "of", "value", "lower", "upper", "state"]
DAYS = (pd.Timestamp("2022-03-01"), pd.Timestamp("2022-03-31"))


def rows_of(*figures):
    """Figures of March 2022 by group; one without its number is hidden."""
    rows = [
        (group, "month", *DAYS, n, 40.0, 100 * n / 40, n, n, HIDDEN if np.isnan(n) else "known") for group, n in figures
    ]
    return pd.DataFrame(rows, columns=COLUMNS).assign(measure="any")


def kept_back(columns=("any",)):
    frame = pd.DataFrame(columns=list(columns))
    frame.attrs[WITHHELD] = "rows"
    return frame


@pytest.fixture
def hidden():
    kpi = Kpi("ANY", "Backlog", unit="percent")
    return Figure(kpi=kpi, status="Not shown", reason="not shown, since it would tell of few people", of=40.0)


def test_what_is_hidden_is_no_nought():
    assert number(None) == number(np.nan) == NOT_SHOWN
    assert plural(np.nan, "child", "children") == "a number of children that is not shown"
    assert (share(np.nan, HIDDEN, "none due"), share(None, "known", "none due")) == (NOT_SHOWN, "none due")


def test_a_hidden_kpi_is_not_shown_and_one_without_records_has_no_figure(hidden):
    assert (shown(hidden), without(hidden)) == (NOT_SHOWN, NOT_SHOWN)
    assert shown(replace(hidden, status="No data")) == "no figure"


def test_nobody_is_said_to_have_left_where_a_reason_is_hidden():
    states = rows_of(("assessed", 30.0), ("still waiting", np.nan), ("moved away", np.nan))
    assert waiting_phrases.exits(states) == ""
    assert np.isnan(waiting_phrases.to_be_assessed(states))
    paces = pd.DataFrame([{"deadline": DAYS[0], "weeks_left": 0.0}], columns=["deadline", "cohort_n", "remaining_n"])
    assert waiting_phrases.remaining(paces.assign(weeks_left=0.0), states) == ""


def test_a_hidden_backlog_is_said_to_be_hidden(hidden):
    first, second = waiting_phrases.answer(hidden, rows_of(("assessed", np.nan)), "strict", *[DAYS[0].date()] * 2)
    assert first == "Not shown."
    assert second == "How much of the backlog is cleared is not shown, since it would tell of few people."


@pytest.mark.parametrize(
    "say",
    [
        waiting_phrases.record,
        waiting_phrases.queue,
        lambda rows: waiting_phrases.waited(rows, "all who were referred"),
        audit_phrases.agreement,
        lambda rows: audit_phrases.reconciliation(rows.assign(verdict="")),
    ],
)
def test_nothing_is_said_of_a_table_that_is_kept_back(say):
    assert say(kept_back(["group", "quantile_pct", "verdict"])) == ""
    assert reading(say(kept_back(["group", "quantile_pct", "verdict"]))).text == ""


def test_the_lowest_of_those_shown_is_not_called_the_lowest_of_all():
    rows = rows_of(("A", 10.0), ("B", 20.0))
    assert audit_phrases.weakest(audit_phrases.sections(rows), None).startswith("Lowest is A, views")
    rows = audit_phrases.sections(rows_of(("A", 10.0), ("B", np.nan)))
    assert audit_phrases.weakest(rows, None).startswith("Lowest of those shown is A, views")
    assert list(rows["told"]) == ["25.0% (10 of 40)", NOT_SHOWN]
    assert audit_phrases.most_often_no(audit_phrases.questions(rows_of(("A", np.nan)))).startswith(
        "No question that is shown"
    )


def test_a_table_kept_back_says_why_and_a_hidden_figure_too():
    assert KEPT_BACK in show_table(kept_back(), "Waits", empty="Nobody waits.").text
    assert KEPT_BACK in show_chart(None, kept_back(), "Waits").text
    table = show_figures(rows_of(("a", 10.0), ("b", np.nan)), "Advice")
    assert "B | not shown" in table.text
    assert "Not shown, since it would, by itself or beside what is shown, tell of few children." in table.html


def test_a_csv_marks_what_is_hidden_as_the_government_statistical_service_does():
    lines = as_csv(rows_of(("a", 10.0), ("b", np.nan))[["group", "n", "of", "value", "state"]]).splitlines()
    assert lines[1:] == ["a,10,40,25,known", f"b,[c],40,[c],{HIDDEN}"]


def test_a_change_that_is_hidden_is_not_said_to_be_none(hidden):
    assert phrases.change([hidden]) == "What has changed since the baseline is not shown."
    assert phrases.change([replace(hidden, status="Amber")]) == "Nothing can be compared with a baseline yet."
