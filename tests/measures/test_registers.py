"""Registers: what all of them share, whatever their key."""

import datetime as dt

import pandas as pd

from sendanalysis.measures.registers import Register, frame, in_order, progress
from sendanalysis.methods.periods import Period

DAY = dt.date(2022, 3, 1)


def register(*entries, ids="AB"):
    columns = ["id", "recorded_on", "status", "completed_on"]
    log = pd.DataFrame(entries, columns=columns).astype({"id": "str", "status": "str"})
    log = log.astype(dict.fromkeys(("recorded_on", "completed_on"), "datetime64[ns]"))
    rules = {"due": lambda *_: (DAY, DAY), "rate": lambda *_: {"status": "Blue"}}
    return Register(pd.DataFrame({"id": list(ids)}), log, "id", words={"done": "Blue", "late": "Red"}, **rules)


def test_the_account_names_every_entry_left_out():
    rows = [("A", "2022-02-01", "done", "2022-02-03"), ("X", "2022-03-02", None, None)]
    assert register(*rows).quality(DAY)["rows_n"].tolist() == [2, 1, 1, 1]
    assert register().quality(DAY)["share_pct"].isna().all()


def test_an_item_that_is_open_is_past_due_from_the_day_after_and_one_that_is_completed_never():
    rows = register(("A", "2022-03-04", "done", "2022-03-04"))
    days = [(row["days_past_due"], row["slippage_days"], row["late"]) for row in rows.on(dt.date(2022, 3, 5), None)]
    assert days == [(None, 3, "yes"), (4, 4, "")]
    assert [row["days_past_due"] for row in rows.on(DAY, None)] == [0, 0]


def test_the_owners_word_differs_only_where_the_key_has_it():
    entries = [("A", "2022-02-01", "late", None), ("B", "2022-02-01", "Blue", None)]
    assert [row["differs"] for row in register(*entries, ids="ABC").on(DAY, None)] == ["yes", "no", ""]


def test_items_stand_in_the_order_of_their_numbers():
    table = pd.DataFrame({"id": ["P10.1", "P2.10", "P2.9"]})
    assert [row["id"] for row in in_order(table, "id")] == ["P2.9", "P2.10", "P10.1"]


def test_a_table_without_rows_has_the_types_of_one_with_rows():
    columns = "id due_on shown=n_n days_left open_n share_pct"
    row = {"id": "A", "due_on": DAY, "n_n": "text", "days_left": None, "open_n": 1, "share_pct": 0.5}
    pd.testing.assert_series_equal(frame([], columns).dtypes, frame([row], columns).dtypes)


def test_the_last_picture_is_drawn_at_the_data_date_and_leap_days_end_their_month():
    def days(first, month, data_date):
        drawn = progress(first, Period(month, data_date), lambda day: [{"status": "open"}])
        return [row["as_at"].isoformat() for row in drawn]

    leap = days(dt.date(2024, 1, 31), dt.date(2024, 3, 1), dt.date(2024, 3, 10))
    assert leap == ["2024-01-31", "2024-02-29", "2024-03-10"]
    assert len(days(dt.date(2024, 3, 1), dt.date(2024, 3, 1), dt.date(2024, 4, 5))) == 1
