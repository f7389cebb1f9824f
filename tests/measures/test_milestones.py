"""Milestones and risks as they stood on a day."""

import datetime as dt

import pandas as pd
import pytest

from sendanalysis.inputs.parameters import Parameters
from sendanalysis.measures import milestones
from sendanalysis.methods.periods import Period, reporting_period

NAMES = ("milestones", "risks", "milestone_updates", "risk_updates")


CLOCK_START = dt.date(2021, 7, 31)


def parameters(**choices):
    """Parameters of a plan whose clock starts in July 2021, with some of the milestones' own."""
    given = {f"plan.{name}": value for name, value in choices.items()}
    return Parameters().with_values({"plan.clock_start": CLOCK_START} | given)


def drawn(typed, tables, day, **choices):
    """Milestones and risks on a day; tables that are not given are empty."""
    day, tables = dt.date.fromisoformat(day), {name: typed(name) for name in NAMES} | tables
    return milestones.measure(tables, period=Period(day.replace(day=1), day), parameters=parameters(**choices))


@pytest.fixture
def milestone(typed):
    """A function from a day and log entries to the row of a milestone due on 31 October 2021."""

    def row(day, *entries, words="Log in place", due=(("horizon_months", "3"),), **choices):
        given = {"milestone_id": "M1", "milestone_clean": words} | dict(due)
        log = typed("milestone_updates", *({"milestone_id": "M1"} | entry for entry in entries))
        tables = {"milestones": typed("milestones", given), "milestone_updates": log}
        return drawn(typed, tables, day, **choices).milestones.iloc[0]

    return row


@pytest.fixture
def risk(typed):
    """A function from a day and log entries to the rows of a risk recorded in July 2021."""

    def rows(day, *entries, month="2021-07"):
        given = {"risk_id": "R1", "risk": "Delay", "severity_impact_as_printed": "High", "recorded_month": month}
        log = typed("risk_updates", *({"risk_id": "R1"} | entry for entry in entries))
        return drawn(typed, {"risks": typed("risks", given), "risk_updates": log}, day).risks

    return rows


def measured(tables, month):
    return milestones.measure(tables, period=reporting_period(month), parameters=parameters())


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


def test_a_milestone_with_a_day_of_its_own_is_due_on_it_whenever_the_clock_starts(milestone):
    due = (("due_on", "2021-12-15"),)
    assert milestone("2021-12-15", due=due, clock_start=dt.date(2021, 1, 1))["status"] == "Not yet due"
    row = milestone("2021-12-16", due=due)
    assert (row["status"], row["due_on"], pd.isna(row["horizon_months"])) == (
        "Not done",
        pd.Timestamp("2021-12-15"),
        True,
    )


def test_milestones_are_counted_by_the_day_they_are_due(typed):
    due = [{"horizon_months": "6"}, {"due_on": "2021-12-15"}, {"horizon_months": "3"}, {"due_on": "2021-12-15"}]
    rows = [{"milestone_id": f"M{i}", "milestone_clean": "Log"} | day for i, day in enumerate(due)]
    found = drawn(typed, {"milestones": typed("milestones", *rows)}, "2021-12-31")
    assert found.milestones["milestone_id"].tolist() == ["M2", "M1", "M3", "M0"]
    by_day = found.by_horizon[["due_on", "horizon_months", "milestones_n", "not_done_n"]].astype("str").fillna("none")
    assert by_day.to_numpy().tolist() == [
        ["2021-10-31", "3", "1", "1"],
        ["2021-12-15", "none", "2", "2"],
        ["2022-01-31", "6", "1", "0"],
    ]


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
