"""Milestones and risks as they stood on a day."""

import datetime as dt

import pandas as pd
import pytest

from sendanalysis.inputs.choices import Choices
from sendanalysis.measures import register
from sendanalysis.methods.periods import reporting_period


@pytest.fixture
def milestone(typed):
    """A function from a day and log entries to the row of a milestone due on 31 October 2021."""

    def row(day, *entries, words="Log in place", **choices):
        table = typed("milestones", {"milestone_id": "M1", "horizon_months": "3", "milestone_clean": words})
        log = typed("milestone_updates", *({"milestone_id": "M1"} | entry for entry in entries))
        return register.milestones_at(table, log, dt.date.fromisoformat(day), Choices(**choices)).iloc[0]

    return row


@pytest.fixture
def risk(typed):
    """A function from a day and log entries to the rows of a risk recorded in July 2021."""

    def rows(day, *entries, month="2021-07"):
        given = {"risk_id": "R1", "risk": "Delay", "severity_impact_as_printed": "High", "recorded_month": month}
        log = typed("risk_updates", *({"risk_id": "R1"} | entry for entry in entries))
        return register.risks_at(typed("risks", given), log, dt.date.fromisoformat(day))

    return rows


def measured(tables, month):
    names = ("milestones", "risks", "milestone_updates", "risk_updates")
    period = reporting_period(month)
    frames = [tables[name] for name in names]
    return register.measure(*frames, period=period, choices=Choices())


def test_a_milestone_is_not_past_due_on_its_own_day(milestone):
    assert milestone("2021-10-31")["status"] == "Not yet due"
    assert milestone("2021-11-01")["status"] == "Not done"


def test_a_milestone_done_on_its_day_is_done_and_a_day_later_done_late(milestone):
    done = {"recorded_on": "2021-11-05", "completed_on": "2021-10-31", "evidence": "Minutes"}
    row = milestone("2021-11-05", done)
    assert (row["status"], row["days_late"], row["evidenced"]) == ("Done", 0, "yes")
    row = milestone("2021-11-05", done | {"completed_on": "2021-11-01", "evidence": ""})
    assert (row["status"], row["days_late"], row["evidenced"]) == ("Done late", 1, "no")
    assert milestone("2021-11-04", done)["status"] == "Not done"


def test_an_entry_without_a_date_takes_the_milestone_back(milestone):
    entries = [
        {"recorded_on": "2021-10-20", "completed_on": "2021-10-19", "evidence": "Summary"},
        {"recorded_on": "2021-11-20"},
    ]
    assert milestone("2021-11-19", *entries)["status"] == "Done"
    row = milestone("2021-11-20", *entries)
    assert (row["status"], row["evidenced"]) == ("Not done", "no")


def test_a_milestone_printed_as_not_applicable_is_never_due(milestone):
    assert milestone("2030-01-01", words="n/a")["status"] == "Not applicable"


def test_milestones_follow_the_clock_start_over_short_months(milestone):
    assert milestone("2021-12-01", clock_start=dt.date(2021, 11, 30))["due_on"] == pd.Timestamp("2022-02-28")
    assert milestone("2021-12-01", clock_start=dt.date(2023, 11, 30))["due_on"] == pd.Timestamp("2024-02-29")


def test_a_risk_ages_from_the_end_of_the_month_it_was_recorded_in(risk):
    assert risk("2021-08-31").iloc[0][["age_days", "state", "progress_recorded"]].tolist() == [31, "open", "no"]
    assert risk("2021-07-10").iloc[0]["age_days"] == 0
    assert risk("2021-06-30").empty


def test_a_closed_risk_keeps_its_age_and_a_new_severity_reopens_it(risk):
    entries = [
        {"recorded_on": "2021-09-01", "progress": "Triage done", "closed_on": "2021-08-30"},
        {"recorded_on": "2021-10-01", "severity": "Low"},
    ]
    row = risk("2021-09-30", *entries).iloc[0]
    assert (row["state"], row["age_days"], row["severity"]) == ("closed", 30, "High")
    row = risk("2021-10-31", *entries).iloc[0]
    assert (row["state"], row["age_days"], row["severity"], row["progress"]) == ("open", 92, "Low", "Triage done")
    assert row["progress_on"] == pd.Timestamp("2021-09-01")


def test_the_illustrative_logs_show_milestones_with_and_without_evidence(southend):
    found = measured(southend, "2021-10")
    three = found.milestones[found.milestones["horizon_months"].eq(3)]
    assert three.set_index("milestone_id")[["status", "evidenced"]].to_dict("index") == {
        "M_ASD_03": {"status": "Not yet due", "evidenced": "no"},
        "M_COP_03": {"status": "Not yet due", "evidenced": "no"},
        "M_NEU_03": {"status": "Done", "evidenced": "no"},
        "M_QA_03": {"status": "Done", "evidenced": "yes"},
        "M_SLT_03": {"status": "Done", "evidenced": "yes"},
    }


def test_counts_by_horizon_hold_every_milestone_and_the_severest_risk_comes_first(southend):
    found = measured(southend, "2022-03")
    states = [name for name in found.by_horizon if name.endswith("_n") and name != "milestones_n"]
    assert found.by_horizon[states].sum(axis=1).tolist() == found.by_horizon["milestones_n"].tolist() == [5, 8, 7]
    assert found.risks["risk_id"].tolist() == ["R03", "R01", "R04", "R05", "R02"]
