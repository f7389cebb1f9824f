"""Logs: what was known on a day does not depend on later entries or on the order of rows."""

import datetime as dt
from dataclasses import dataclass

import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from sendanalysis.methods.logs import Log, effects

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
    told = Log(log(rows), "id", done=("Blue",), revised="due")
    return {name: told.on(name, day) for name in "AB"}


def at(text):
    return pd.Timestamp(text) if text else pd.NaT


def day(text):
    return dt.date.fromisoformat(text)


def completed(*rows):
    known = log([("A", at(recorded), status, at(done), pd.NaT) for recorded, status, done in rows])
    found = Log(known, "id", done=("Blue",)).on("A", dt.date.max)
    return (found["completed_on"], found["reopened"])


@given(entries, st.randoms())
def test_the_order_of_rows_never_matters(rows, random):
    shuffled = random.sample(rows, len(rows))
    assert state(rows) == state(shuffled)


@given(entries, entries)
def test_entries_after_the_day_change_nothing(rows, more):
    later = [row for row in more if row[1].date() > DAY]
    assert state(rows) == state(rows + later)


def test_a_word_of_completion_without_a_date_completes_on_the_day_it_was_recorded():
    assert completed(("2022-01-05", "Blue", "")) == (day("2022-01-05"), "no")


def test_a_repeated_report_of_completion_does_not_move_its_day():
    assert completed(("2022-01-05", "Blue", "2022-01-03"), ("2022-02-05", "Blue", ""))[0] == day("2022-01-03")


def test_a_later_date_of_completion_corrects_the_first():
    assert completed(("2022-01-05", "Blue", "2022-01-03"), ("2022-02-05", "Blue", "2022-01-04"))[0] == day("2022-01-04")


def test_a_later_status_that_is_not_completion_reopens_and_a_note_alone_does_not():
    open_again, reopened = completed(("2022-01-05", "Blue", ""), ("2022-01-09", "Green", ""))
    assert (open_again, reopened) == (None, "yes")
    assert completed(("2022-01-05", "Blue", ""), ("2022-01-09", None, "")) == (day("2022-01-05"), "no")


def test_of_one_day_the_entry_that_reopens_outweighs_the_one_that_completes():
    on = "2022-01-05"
    assert completed((on, "Green", ""), (on, "Blue", ""))[0] is None
    assert completed((on, "Blue", ""), (on, "Green", ""))[0] is None


def test_what_was_completed_again_keeps_its_last_completion_and_stays_marked_as_reopened():
    rows = [("2022-01-05", "Blue", ""), ("2022-01-09", "Green", ""), ("2022-02-01", "Blue", "2022-01-31")]
    assert completed(*rows) == (day("2022-01-31"), "yes")


def test_a_completion_dated_after_the_day_is_none_yet():
    rows = [("A", at("2022-02-20"), "Blue", at("2022-03-02"), pd.NaT)]
    assert state(rows)["A"]["completed_on"] is None
    assert state(rows, dt.date(2022, 3, 2))["A"]["completed_on"] == day("2022-03-02")


def test_a_due_date_agreed_after_completion_does_not_count():
    rows = [("A", at("2022-02-01"), "Blue", at("2022-01-20"), at("2022-02-28"))]
    assert state(rows)["A"]["due"] is None
    assert state(rows)["A"]["moves_n"] == 0


@dataclass(frozen=True)
class Limit:
    days: int


def test_effects_are_told_in_a_sentence():
    pictures = {7: ["Red", "Red", "Green"], 14: ["Amber", "Amber", "Green"], 28: ["Amber", "Green", "Blue"]}

    def picture(limit):
        return dict(zip("ABC", pictures[limit.days], strict=True))

    found = effects({"days": (7, 14, 28)}, Limit(14), picture, "action")
    assert found["effect"].tolist() == [
        "under days=7 two actions would turn Red",
        "under days=28 one action would turn Blue and one Green",
    ]
    assert found["changed_n"].tolist() == [2, 2]
    assert effects({"days": (14,)}, Limit(14), picture, "action")["effect"].tolist() == ["no other reading is known"]
    same = effects({"days": (7, 14)}, Limit(14), lambda _: picture(Limit(14)), "action")
    assert same["effect"].tolist() == ["under days=7 no action would change"]
