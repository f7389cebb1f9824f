"""The plan's actions: the plan's key at its edges, and last March drawn again exactly."""

import datetime as dt

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sendanalysis.inputs.parameters import Parameters
from sendanalysis.measures import actions
from sendanalysis.methods.periods import Period, reporting_period

DUE = dt.date(2021, 10, 31)


CLOCK_START = dt.date(2021, 7, 31)


def parameters(**choices):
    """Parameters of a plan whose clock starts in July 2021, with some of the actions' own."""
    given = {f"actions.{name}": value for name, value in choices.items()}
    return Parameters().with_values({"plan.clock_start": CLOCK_START} | given)


def action(kind="month", due="2021-10", **more):
    given_day = (
        {"due_kind": "date", "due_date_default": due} if kind == "date" else {"due_kind": kind, "due_month": due}
    )
    return {"action_id": "A1", "action_clean": "Do it", "owner_codes": "GB;CM", **given_day, **more}


@pytest.fixture
def status(typed):
    """A function from a day, an action, its log entries and choices to the action's row."""

    def row(day, *entries, of=None, **choices):
        log = typed("action_updates", *({"action_id": "A1"} | entry for entry in entries))
        tables = {"actions": typed("actions", of or action()), "action_updates": log, "governance": typed("governance")}
        return drawn(tables, dt.date.fromisoformat(str(day)), **choices).iloc[0]

    return row


def measured(tables, month, data_date="", **choices):
    return actions.measure(tables, period=reporting_period(month, data_date), parameters=parameters(**choices))


def drawn(tables, day, **choices):
    """The actions on a day, which may be one that is no month's end."""
    return actions.measure(tables, period=Period(day.replace(day=1), day), parameters=parameters(**choices)).actions


@pytest.mark.parametrize(
    ("days", "colour"), [(-1, "Green"), (0, "Green"), (1, "Amber"), (14, "Amber"), (15, "Red"), (400, "Red")]
)
def test_an_action_turns_amber_the_day_after_its_due_date_and_red_after_fourteen_more(status, days, colour):
    row = status(DUE + dt.timedelta(days=days))
    assert (row["status"], row["days_past_due"]) == (colour, max(days, 0))


def test_an_action_not_yet_due_is_amber_when_its_forecast_lies_after_the_due_date(status):
    late = {"recorded_on": "2021-10-01", "forecast_on": "2021-11-01"}
    assert status("2021-10-31", late)["status"] == "Amber"
    assert status("2021-10-31", late, amber_basis="elapsed")["status"] == "Green"
    assert status("2021-10-31", late | {"forecast_on": "2021-10-31"})["status"] == "Green"
    assert status("2021-09-30", late)["status"] == "Green"


@pytest.mark.parametrize("choice", [{"strict_red": True}, {"amber_basis": "forecast"}, {"amber_days": 0}])
def test_the_stricter_readings_turn_red_the_day_after_the_due_date(status, choice):
    assert status("2021-11-01", **choice)["status"] == "Red"
    assert status("2021-10-31", **choice)["status"] == "Green"


@pytest.mark.parametrize(
    ("month", "due_day", "due"),
    [
        ("2021-11", "end", "2021-11-30"),
        ("2024-02", "end", "2024-02-29"),
        ("2022-02", "end", "2022-02-28"),
        ("2021-12", "first", "2021-12-01"),
        ("2021-12", "middle", "2021-12-15"),
    ],
)
def test_a_due_date_that_names_a_month_alone_is_read_as_the_choice_says(status, month, due_day, due):
    assert status("2021-07-31", of=action(due=month), due_day=due_day)["due_on"] == pd.Timestamp(due)


def test_a_due_date_printed_as_a_day_is_that_day_under_every_choice(status):
    leap = action("date", "2024-02-29")
    assert status("2024-03-01", of=leap, due_day="first")["status"] == "Amber"
    assert status("2024-02-29", of=leap, due_day="first")["status"] == "Green"


def test_completion_on_the_due_date_is_on_time_and_a_day_later_is_marked_late(status):
    done = {"recorded_on": "2021-11-02", "status": "Completed"}
    row = status("2021-11-30", done | {"completed_on": "2021-10-31"})
    assert (row["status"], row["late"], row["slippage_days"]) == ("Blue", "no", 0)
    row = status("2021-11-30", done | {"completed_on": "2021-11-01"})
    assert (row["status"], row["late"], row["slippage_days"]) == ("Blue late", "yes", 1)


@pytest.mark.parametrize(
    ("choice", "shown"), [("blue_marked", "Blue late"), ("blue", "Blue"), ("uncoloured", "Not rated")]
)
def test_a_late_completion_takes_the_colour_of_its_choice_and_stays_marked(status, choice, shown):
    row = status("2021-11-30", {"recorded_on": "2021-11-02", "status": "Blue"}, late_complete=choice)
    assert (row["status"], row["late"], row["completed_on"]) == (shown, "yes", pd.Timestamp("2021-11-02"))


def test_an_action_completed_before_its_log_began_is_completed_but_not_before_the_entry_is_made(status):
    entry = {"recorded_on": "2021-11-20", "status": "Completed", "completed_on": "2021-06-30"}
    assert status("2021-11-20", entry)["status"] == "Blue"
    assert status("2021-11-20", entry)["slippage_days"] == -123
    assert status("2021-11-19", entry)["status"] == "Red"


def test_a_reopened_action_is_open_again_against_the_date_in_force(status):
    entries = [
        {"recorded_on": "2021-10-20", "status": "Blue"},
        {"recorded_on": "2021-11-05", "status": "Overdue"},
    ]
    assert status("2021-11-04", *entries)["status"] == "Blue"
    row = status("2021-11-05", *entries)
    assert (row["status"], row["reopened"], row["reported_status"], row["differs"]) == ("Amber", "yes", "Red", "yes")


def test_a_due_date_moved_twice_gives_the_status_and_the_first_one_the_slippage(status):
    entries = [
        {"recorded_on": "2021-10-20", "revised_due_on": "2021-12-31"},
        {"recorded_on": "2021-12-20", "revised_due_on": "2022-02-28"},
        {"recorded_on": "2022-02-20", "completed_on": "2022-02-18"},
    ]
    row = status("2022-01-31", *entries)
    assert (row["status"], row["moves_n"], row["slippage_days"], row["expected_slippage_days"]) == ("Green", 2, 92, 120)
    assert status("2021-12-19", *entries)["due_now_on"] == pd.Timestamp("2021-12-31")
    row = status("2022-02-28", *entries)
    assert (row["status"], row["late"], row["slippage_days"]) == ("Blue", "no", 110)


def test_an_ongoing_action_is_never_overdue_and_stands_apart(status):
    ongoing = action("ongoing", "")
    row = status("2030-01-01", {"recorded_on": "2021-10-01", "status": "Green"}, of=ongoing)
    assert (row["status"], row["differs"], pd.isna(row["days_past_due"])) == ("In place, ongoing", "", True)
    assert status("2030-01-01", of=ongoing, ongoing_policy="blue")["status"] == "Blue"
    assert status("2030-01-01", of=ongoing, ongoing_policy="green")["status"] == "Green"


def test_an_estimated_date_is_provisional_until_a_date_is_agreed(status):
    estimate, agreed = action("tbc_estimate", "2022-01"), {"recorded_on": "2022-01-10", "revised_due_on": "2022-03-31"}
    row = status("2022-02-15", of=estimate)
    assert (row["status"], row["provisional"]) == ("Amber", "yes")  # past an estimate it is never Red
    assert status("2022-02-15", of=estimate, tbc_policy="fixed")["status"] == "Red"
    row = status("2022-02-15", agreed, of=estimate)
    assert (row["status"], row["provisional"]) == ("Green", "no")
    assert status("2022-02-15", of=estimate, tbc_policy="fixed")["provisional"] == "no"
    row = status("2022-02-15", of=estimate, tbc_policy="unrated")
    assert (row["status"], row["provisional"], pd.isna(row["due_on"])) == ("Not rated", "no", True)
    assert status("2022-02-15", agreed, of=estimate, tbc_policy="unrated")["status"] == "Green"


def test_a_completion_dated_after_the_data_date_is_not_there_yet(status):
    entry = {"recorded_on": "2021-10-30", "status": "Completed", "completed_on": "2021-11-02"}
    assert status("2021-11-01", entry)["status"] == "Amber"
    assert status("2021-11-02", entry)["status"] == "Blue late"


def test_the_colour_its_owner_reports_stands_beside_the_computed_one(status):
    row = status("2021-12-31", {"recorded_on": "2021-12-01", "status": "Potential slippage"})
    assert (row["status"], row["reported_status"], row["differs"]) == ("Red", "Amber", "yes")
    assert status("2021-12-31")["differs"] == ""


def test_a_joint_owner_counts_under_each_name_or_the_first_alone(southend):
    each = measured(southend, "2022-03").by_owner.set_index("owner")["actions_n"]
    first = measured(southend, "2022-03", owner_split="first").by_owner.set_index("owner")["actions_n"]
    assert each.to_dict() == {"CM": 9, "GB": 5, "MM": 1, "SSIF": 1, "SSPB": 1, "TD'O": 1}
    assert (first.sum(), "SSIF" in first) == (12, False)


def test_initials_are_explained_by_the_role_and_a_short_name_by_the_full_one_that_the_plan_gives(typed):
    bodies = [
        {"gov_id": "G1", "kind": "officer", "name_as_printed": "GB", "role_or_rule": "Head of SEND"},
        {
            "gov_id": "G2",
            "kind": "board",
            "name_as_printed": "Joint Board",
            "aliases": "CM; JB",
            "role_or_rule": "leads",
        },
        {"gov_id": "G3", "kind": "board", "name_as_printed": "Forum", "role_or_rule": "advises"},
    ]
    tables = {
        "actions": typed("actions", action(owner_codes="GB;CM;Forum")),
        "action_updates": typed("action_updates"),
        "governance": typed("governance", *bodies),
    }
    found = measured(tables, "2021-09").by_owner[["owner", "owner_is"]]
    assert found.to_numpy().tolist() == [["CM", "Joint Board"], ["Forum", ""], ["GB", "Head of SEND"]]


def test_actions_due_from_the_data_date_to_thirty_days_on_come_next(typed):
    dates = ["2021-09-29", "2021-09-30", "2021-10-30", "2021-10-31"]
    rows = [action("date", day, action_id=f"A{i}") for i, day in enumerate(dates)]
    tables = {"actions": typed("actions", *rows), "action_updates": typed("action_updates")}
    tables["governance"] = typed("governance")
    due = measured(tables, "2021-09").due_next
    assert due[["action_id", "days_left"]].to_numpy().tolist() == [["A1", 0], ["A2", 30]]


def test_the_picture_of_march_can_be_drawn_again_in_any_later_month(southend):
    then = measured(southend, "2022-01")
    later = measured(southend, "2022-03").progress
    again = later[later["month"] == "2022-01-01"].drop(columns=["month", "as_at"]).reset_index(drop=True)
    pd.testing.assert_frame_equal(again, then.by_status)


def test_every_picture_counts_every_action_once(southend):
    found = measured(southend, "2022-03")
    groups = found.progress.groupby("month")
    assert groups["actions_n"].sum().eq(12).all()
    assert groups["share_pct"].sum().to_numpy() == pytest.approx(100)
    assert found.progress["month"].nunique() == 9


def test_the_illustrative_log_shows_the_whole_key(southend):
    seen = {
        month: measured(southend, month).by_status.set_index("status") for month in ("2021-10", "2022-01", "2022-03")
    }
    counts = {month: table["actions_n"][table["actions_n"] > 0].to_dict() for month, table in seen.items()}
    assert counts["2021-10"] == {"Blue": 3, "Green": 6, "Amber": 2, "In place, ongoing": 1}
    assert counts["2022-01"] == {"Blue": 4, "Blue late": 1, "Green": 4, "Amber": 1, "Red": 1, "In place, ongoing": 1}
    assert counts["2022-03"] == {"Blue": 5, "Blue late": 1, "Green": 1, "Amber": 3, "Red": 1, "In place, ongoing": 1}
    assert seen["2022-03"]["provisional_n"].to_dict()["Amber"] == 1


def test_each_choice_in_force_stands_beside_what_the_others_would_change(southend):
    effect = measured(southend, "2021-10").choices_effect
    told = effect.set_index(["choice", "other"])["effect"]
    assert told["amber_basis", "elapsed"] == "under amber_basis=elapsed two actions would turn Green"
    assert told["tbc_policy", "fixed"] == "under tbc_policy=fixed one action would turn Green"
    assert told["amber_days", "28"] == "under amber_days=28 no action would change"
    assert set(effect["choice"]) == {*actions.READINGS, *actions.OWNER_READINGS}
    unusual = measured(southend, "2021-10", amber_days=3).choices_effect
    assert unusual[unusual["choice"].eq("amber_days")]["other"].tolist() == ["7", "14", "28"]


def test_a_board_that_meets_later_sees_the_state_of_its_own_data_date(southend):
    found = measured(southend, "2021-10", "2021-11-15")
    assert found.progress["as_at"].max() == pd.Timestamp("2021-11-15")
    assert found.red_and_amber["status"].tolist() == ["Red"]


def test_a_plan_without_actions_has_empty_tables(typed):
    found = measured({name: typed(name) for name in ("actions", "action_updates", "governance")}, "2021-10")
    assert found.actions.empty
    assert found.by_status["share_pct"].isna().all()


@given(day=st.dates(dt.date(2021, 7, 31), dt.date(2022, 3, 31)), random=st.randoms())
def test_later_entries_and_the_order_of_rows_change_nothing(southend, day, random):
    tables = dict(southend)
    log = tables["action_updates"]
    order = random.sample(list(log.index), len(log))
    known = {**tables, "action_updates": log[log["recorded_on"] <= pd.Timestamp(day)].loc[lambda t: t.index[::-1]]}
    shuffled = {**tables, "action_updates": log.loc[order]}
    pd.testing.assert_frame_equal(drawn(known, day), drawn(shuffled, day))
