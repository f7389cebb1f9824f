"""Peer review tracker: its own key, original actions apart, and the published check."""

import datetime as dt

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sendanalysis.inputs.parameters import Parameters
from sendanalysis.measures import peer_review
from sendanalysis.methods.periods import Period, reporting_period

NAMES = ("peer_review_recommendations", "peer_review_actions", "peer_review_updates", "peer_review_published")


CLOCK_START = dt.date(2021, 7, 31)


def parameters(**choices):
    """Parameters of a plan whose clock starts in July 2021, with some of the peer review' own."""
    given = {f"peer_review.{name}": value for name, value in choices.items()}
    return Parameters().with_values({"plan.clock_start": CLOCK_START} | given)


@pytest.fixture
def status(typed):
    """A function from a day, log entries and choices to the row of an action due on 28 February 2022."""

    def row(day, *entries, deadline="2022-02-28", **choices):
        given = {"action_id": "P1", "recommendation_id": "R1", "kind": "original", "added_on": "2022-01-13"}
        table = typed("peer_review_actions", given | {"original_deadline_on": deadline, "undated_reason": "Waits"})
        log = typed("peer_review_updates", *({"action_id": "P1"} | entry for entry in entries))
        tables = {name: typed(name) for name in NAMES} | {"peer_review_actions": table, "peer_review_updates": log}
        return drawn(tables, dt.date.fromisoformat(day), **choices).iloc[0]

    return row


def measured(tables, month, data_date="", **choices):
    return peer_review.measure(tables, period=reporting_period(month, data_date), parameters=parameters(**choices))


def drawn(tables, day, **choices):
    """The actions on a day, which may be one that is no month's end."""
    return peer_review.measure(tables, period=Period(day.replace(day=1), day), parameters=parameters(**choices)).actions


def test_an_action_is_delayed_the_day_after_its_deadline_and_has_no_amber(status):
    assert status("2022-02-28")["status"] == "On track"
    row = status("2022-03-01", {"recorded_on": "2022-02-20", "status": "on_track"})
    assert (row["status"], row["reported_status"], row["differs"]) == ("Delayed", "On track", "yes")


def test_an_owner_may_judge_that_the_deadline_will_not_be_met(status):
    assert status("2022-02-01", {"recorded_on": "2022-02-01", "status": "delayed"})["status"] == "Delayed"


def test_an_action_without_a_deadline_or_judged_undated_is_never_on_track(status):
    row = status("2022-02-01", {"recorded_on": "2022-01-20", "status": "on_track"}, deadline="")
    assert (row["status"], row["reason"], row["differs"]) == ("Not dated", "Waits", "yes")
    judged = {"recorded_on": "2022-01-20", "status": "not_dated"}
    assert status("2022-02-01", judged)["status"] == "Not dated"
    assert status("2022-03-01", judged)["status"] == "Delayed"


def test_the_revised_deadline_gives_the_status_and_the_original_one_the_slippage(status):
    moved = {"recorded_on": "2022-02-20", "revised_deadline_on": "2022-04-29"}
    row = status("2022-03-31", moved)
    assert (row["status"], row["slippage_days"], row["moved_days"]) == ("On track", 31, 60)
    assert status("2022-03-31", moved, deadline_basis="original")["status"] == "Delayed"


def test_a_late_completion_is_marked_and_a_reopened_action_is_open(status):
    done = {"recorded_on": "2022-03-03", "status": "completed", "completed_on": "2022-03-01"}
    assert status("2022-03-31", done)[["status", "late"]].tolist() == ["Completed late", "yes"]
    assert status("2022-03-31", done, late_complete="blue")["status"] == "Completed"
    again = {"recorded_on": "2022-03-10", "status": "on_track", "revised_deadline_on": "2022-05-31"}
    assert status("2022-03-31", done, again)[["status", "reopened"]].tolist() == ["On track", "yes"]


def test_the_illustrative_actions_give_the_published_counts_on_the_day_of_the_report(southend):
    found = measured(southend, "2022-03", "2022-03-15").by_status
    counts = found[found["action_set"].eq("all")].set_index("status")["actions_n"]
    assert counts[counts > 0].to_dict() == {"Completed": 32, "On track": 39, "Not dated": 15}
    assert found.groupby("action_set")["actions_n"].sum().to_dict() == {"all": 86, "original": 76, "subsequent": 10}


def test_actions_agreed_after_the_data_date_are_not_there_yet(southend):
    assert len(measured(southend, "2022-01").actions) == 76
    assert measured(southend, "2021-12").by_status["actions_n"].sum() == 0


def test_a_recommendation_is_met_when_it_was_judged_so_or_all_its_actions_are_completed(southend):
    table = measured(southend, "2022-03").recommendations.set_index("recommendation_id")
    assert table.loc["PR01", ["met", "met_basis"]].tolist() == ["yes", "judged met"]
    assert table.loc["PR02", ["met", "met_basis"]].tolist() == ["yes", "all actions completed"]
    assert table.loc["PR15", ["met", "met_basis", "not_dated_n"]].tolist() == ["no", "", 2]
    before = measured(southend, "2022-03", "2022-03-07").recommendations.set_index("recommendation_id")
    assert before.loc["PR01", "met"] == "no"
    assert table["actions_n"].sum() == 86


def test_original_actions_alone_may_be_the_headline(southend):
    found = measured(southend, "2022-03", action_set="original")
    assert found.by_status.query("in_headline == 'yes'")["action_set"].unique().tolist() == ["original"]
    assert found.recommendations["subsequent_n"].sum() == 0
    assert len(found.actions) == 86


def test_the_printed_counts_and_per_cents_have_two_readings(southend):
    assert measured(southend, "2022-02").published_check.empty
    check = measured(southend, "2022-03").published_check
    printed, other = (rows for _, rows in check.groupby("reading", sort=False))
    assert printed["of_n"].tolist() == [86] * 4
    assert printed["pct"].round(1).tolist() == [37.2, 45.3, 17.4, 0.0]
    assert printed["agrees"].tolist() == ["no", "no", "no", "yes"]
    assert other["reading"].unique().tolist() == ["not finalised 14 instead of 15"]
    assert (other["of_n"].unique().tolist(), set(other["agrees"])) == ([85], {"yes"})


def test_counts_that_fit_their_per_cents_have_one_reading(typed):
    rows = [{"row_id": "1", "key": "a", "count_as_printed": "1", "pct_as_printed": "25"}]
    rows += [{"row_id": "2", "key": "b", "count_as_printed": "3", "pct_as_printed": "75"}]
    check = peer_review.check_published(typed("peer_review_published", *rows))
    assert (check["reading"].unique().tolist(), set(check["agrees"])) == (["as printed"], {"yes"})
    assert peer_review.check_published(typed("peer_review_published")).empty


def test_each_choice_says_what_it_would_change(southend):
    told = measured(southend, "2022-03").choices_effect.set_index(["choice", "other"])["effect"]
    assert told["action_set", "original"] == "under action_set=original ten actions would turn not counted"
    assert told["late_complete", "blue"] == "under late_complete=blue one action would turn Completed"


def test_a_month_of_the_past_is_drawn_again_exactly(southend):
    then, later = measured(southend, "2022-02").by_status, measured(southend, "2022-03").progress
    again = later[later["month"] == "2022-02-01"].drop(columns=["month", "as_at"]).reset_index(drop=True)
    pd.testing.assert_frame_equal(again, then)


def test_actions_stand_in_the_order_of_their_numbers(southend):
    assert measured(southend, "2022-03").actions["action_id"].tolist()[-1] == "PA15.5"


@given(day=st.dates(dt.date(2022, 1, 13), dt.date(2022, 3, 31)), random=st.randoms())
def test_later_entries_and_the_order_of_rows_change_nothing(southend, day, random):
    log = southend["peer_review_updates"]
    known, shuffled = log[log["recorded_on"] <= pd.Timestamp(day)], log.loc[random.sample(list(log.index), len(log))]
    one, two = (drawn({**southend, "peer_review_updates": entries}, day) for entries in (known, shuffled))
    pd.testing.assert_frame_equal(one, two)
