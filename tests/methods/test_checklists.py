"""Checklists: which audits count, and what their answers add up to."""

import datetime as dt
import math

import pandas as pd
import pytest

from sendanalysis.methods.checklists import latest_audits, score, tally

YEAR = dt.date(2021, 1, 1), dt.date(2021, 12, 31)


def plans(*rows):
    return pd.DataFrame(rows, columns=["yes_n", "no_n", "na_n", "blank_n"])


def test_of_two_audits_on_one_day_the_larger_id_counts_and_ids_compare_as_text():
    answers = pd.DataFrame(
        {
            "plan_id": ["P", "P", "P"],
            "audit_id": ["10", "9", "99"],
            "audited_on": pd.to_datetime(["2021-05-02"] * 2 + ["2021-05-01"]),
        }
    )
    assert latest_audits(answers, *YEAR)["audit_id"].tolist() == ["9"]


def test_an_audit_outside_the_days_does_not_push_out_one_inside():
    answers = pd.DataFrame(
        {"plan_id": ["P", "P"], "audit_id": ["A", "B"], "audited_on": pd.to_datetime(["2021-12-31", "2022-01-01"])}
    )
    assert latest_audits(answers, *YEAR)["audit_id"].tolist() == ["A"]


def test_the_summary_question_is_counted_only_when_it_is_asked_for():
    answers = pd.DataFrame({"plan_id": "P", "section": ["A", "overall", "C"], "answer": ["Yes", "No", None]})
    assert tally(answers).loc["P"].tolist() == [1, 0, 0, 1]
    assert tally(answers, ("overall",)).loc["P"].tolist() == [0, 1, 0, 0]
    assert tally(answers, ("G",)).empty


@pytest.mark.parametrize(
    ("unit", "na_policy", "events", "n"),
    [
        ("answer", "success", 8, 12),
        ("answer", "exclude", 4, 8),
        ("plan_mean", "success", 1 + 0.5 + 0.5 + 1, 4),
        ("plan_mean", "exclude", 1 + 0.5 + 0.25, 3),
        ("plan_all", "success", 2, 4),
        ("plan_all", "exclude", 1, 3),
    ],
)
def test_each_unit_and_na_policy_counts_as_worked_by_hand(unit, na_policy, events, n):
    table = plans((2, 0, 0, 1), (1, 1, 0, 0), (1, 3, 2, 0), (0, 0, 2, 5), (0, 0, 0, 3))
    found = score(table, unit, na_policy)
    assert (found.events, found.n) == (events, n)
    assert found.value == pytest.approx(events / n)


def test_no_plans_make_no_share():
    for unit in ("answer", "plan_mean", "plan_all", "plan_overall"):
        found = score(plans(), unit)
        assert (found.events, found.n) == (0, 0)
        assert math.isnan(found.value)


def test_one_plan_has_a_share_and_no_interval_between_plans():
    found = score(plans((3, 1, 0, 0)))
    assert found.value == 0.75
    assert math.isnan(found.lower)


def test_all_answers_met_is_a_hundred_per_cent():
    assert score(plans((3, 0, 1, 0), (5, 0, 0, 2))).value == 1
