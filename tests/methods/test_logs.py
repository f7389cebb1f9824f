"""Logs: what was known on a day does not depend on later entries or on the order of rows."""

import datetime as dt

import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from sendanalysis.methods.logs import account, completions, effects, month_points, state_of

DAY = dt.date(2022, 3, 1)
days = st.dates(dt.date(2022, 1, 1), dt.date(2022, 4, 30)).map(pd.Timestamp)
maybe = st.one_of(st.none(), days)
words = st.sampled_from(["Blue", "Green", None])
entries = st.lists(st.tuples(st.sampled_from(["A", "B"]), days, words, maybe, maybe), max_size=8)


def log(rows):
    frame = pd.DataFrame(rows, columns=["id", "recorded_on", "status", "completed_on", "due"])
    dates = dict.fromkeys(("recorded_on", "completed_on", "due"), "datetime64[ns]")
    return frame.astype({"id": "str", "status": "str"} | dates)


def state(rows, day=DAY):
    return state_of(log(rows), pd.Index(["A", "B"], name="id"), day, done=("Blue",), revised="due")


def at(text):
    return pd.Timestamp(text) if text else pd.NaT


def completed(*rows):
    known = log([("A", at(recorded), status, at(done), pd.NaT) for recorded, status, done in rows])
    found = completions(known, "id", ("Blue",)).reindex(["A"]).loc["A"]
    return (found["completed_on"], found["reopened"])


@given(entries, st.randoms())
def test_the_order_of_rows_never_matters(rows, random):
    shuffled = random.sample(rows, len(rows))
    pd.testing.assert_frame_equal(state(rows), state(shuffled))


@given(entries, entries)
def test_entries_after_the_day_change_nothing(rows, more):
    later = [row for row in more if row[1].date() > DAY]
    pd.testing.assert_frame_equal(state(rows), state(rows + later))


def test_a_word_of_completion_without_a_date_completes_on_the_day_it_was_recorded():
    assert completed(("2022-01-05", "Blue", "")) == (at("2022-01-05"), False)


def test_a_repeated_report_of_completion_does_not_move_its_day():
    assert completed(("2022-01-05", "Blue", "2022-01-03"), ("2022-02-05", "Blue", ""))[0] == at("2022-01-03")


def test_a_later_date_of_completion_corrects_the_first():
    assert completed(("2022-01-05", "Blue", "2022-01-03"), ("2022-02-05", "Blue", "2022-01-04"))[0] == at("2022-01-04")


def test_a_later_status_that_is_not_completion_reopens_and_a_note_alone_does_not():
    open_again, reopened = completed(("2022-01-05", "Blue", ""), ("2022-01-09", "Green", ""))
    assert (pd.isna(open_again), reopened) == (True, True)
    assert completed(("2022-01-05", "Blue", ""), ("2022-01-09", None, "")) == (at("2022-01-05"), False)


def test_of_one_day_the_entry_that_reopens_outweighs_the_one_that_completes():
    day = "2022-01-05"
    assert pd.isna(completed((day, "Green", ""), (day, "Blue", ""))[0])
    assert pd.isna(completed((day, "Blue", ""), (day, "Green", ""))[0])


def test_what_was_completed_again_keeps_its_last_completion_and_stays_marked_as_reopened():
    rows = [("2022-01-05", "Blue", ""), ("2022-01-09", "Green", ""), ("2022-02-01", "Blue", "2022-01-31")]
    assert completed(*rows) == (at("2022-01-31"), True)


def test_a_completion_dated_after_the_day_is_none_yet():
    rows = [("A", at("2022-02-20"), "Blue", at("2022-03-02"), pd.NaT)]
    assert pd.isna(state(rows).loc["A", "completed_on"])
    assert state(rows, dt.date(2022, 3, 2)).loc["A", "completed_on"] == at("2022-03-02")


def test_a_due_date_agreed_after_completion_does_not_count():
    rows = [("A", at("2022-02-01"), "Blue", at("2022-01-20"), at("2022-02-28"))]
    assert pd.isna(state(rows).loc["A", "due"])
    assert state(rows).loc["A", "moves_n"] == 0


def test_the_account_names_every_entry_left_out():
    rows = [("A", at("2022-02-01"), "Blue", at("2022-02-03"), pd.NaT), ("X", at("2022-03-02"), None, pd.NaT, pd.NaT)]
    assert account(log(rows), "id", ["A", "B"], DAY)["rows_n"].tolist() == [2, 1, 1, 1]
    assert account(log([]), "id", [], DAY)["share_pct"].isna().all()


def test_the_last_picture_is_drawn_at_the_data_date_and_leap_days_end_their_month():
    points = month_points(dt.date(2024, 1, 31), dt.date(2024, 3, 1), dt.date(2024, 3, 10))
    assert [day.isoformat() for _, day in points] == ["2024-01-31", "2024-02-29", "2024-03-10"]
    assert len(month_points(dt.date(2024, 3, 1), dt.date(2024, 3, 1), dt.date(2024, 4, 5))) == 1


def test_effects_are_told_in_a_sentence():
    pictures = {7: ["Red", "Red", "Green"], 14: ["Amber", "Amber", "Green"], 28: ["Amber", "Green", "Blue"]}

    def picture(_, value):
        return pd.Series(pictures[value], ["A", "B", "C"]).rename_axis("action")

    found = effects({"days": (7, 14, 28)}, {"days": 14}, picture)
    assert found["effect"].tolist() == [
        "under days=7 two actions would turn Red",
        "under days=28 one action would turn Blue and one Green",
    ]
    assert found["changed_n"].tolist() == [2, 2]
    assert effects({"days": (14,)}, {"days": 14}, picture)["effect"].tolist() == ["no other reading is known"]
    same = effects({"days": (7, 14)}, {"days": 14}, lambda *_: picture("", 14))
    assert same["effect"].tolist() == ["under days=7 no action would change"]
