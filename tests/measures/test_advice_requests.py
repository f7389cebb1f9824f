import pandas as pd

from sendanalysis.inputs.choices import Choices
from sendanalysis.measures.advice_requests import measure
from sendanalysis.methods.periods import reporting_period

DECEMBER = reporting_period("2021-12")
DATES = ["sent_on", "received_on", "returned_on", "withdrawn_on"]
COLUMNS = ["giver", *DATES, "exception", "existing_advice_sufficient"]

TEN_ROWS = [
    ("health", "2021-11-01", None, "2021-12-13", None, None, None),  # due 13 December: on time
    ("health", "2021-11-01", None, "2021-12-14", None, "absence_4_weeks", None),  # late
    ("health", "2021-11-19", None, None, None, None, None),  # due on the data date: open, overdue by no day yet
    ("health", "2021-11-18", None, "2022-01-05", None, None, None),  # one day overdue, back only later
    ("health", "2021-11-05", None, None, "2021-12-20", None, None),  # withdrawn late
    ("health", "2021-11-05", None, None, "2021-12-01", None, None),  # withdrawn before due
    ("health", "2021-11-20", None, None, None, None, None),  # due 1 January: next
    ("health", "2021-12-04", None, None, None, None, None),  # due 15 January: not in 14 days
    ("health", "2021-11-21", None, "2021-12-24", None, None, None),  # back before it is due
    ("health", "2021-11-01", None, None, None, None, "yes"),  # existing advice
    ("health", None, None, None, None, None, None),  # cannot be dated
    ("health", "2022-01-01", None, None, None, None, None),  # sent after the data date: not there yet
]


def frame(rows):
    table = pd.DataFrame(rows, columns=COLUMNS)
    return table.astype(dict.fromkeys(DATES, "datetime64[ns]") | dict.fromkeys(set(COLUMNS) - set(DATES), "str"))


def health(table, label):
    rows = table[table["giver"] == "Health"]
    return {k: n for k, n in zip(rows[label], rows["requests_n"], strict=True) if n}


def test_overdue_requests_stand_in_their_band_and_the_next_fourteen_days_are_counted():
    sent = [f"2021-{day}" for day in ("11-19", "11-18", "11-05", "11-04", "10-22", "10-21", "09-24", "09-23")]
    found = measure(frame([("health", day, *[None] * 5) for day in sent]), period=DECEMBER, choices=Choices())
    assert list(health(found.open_overdue, "band").values()) == [1, 2, 2, 2, 1]
    found = measure(frame(TEN_ROWS), period=DECEMBER, choices=Choices())
    assert found.due_next.set_index("giver")["requests_n"]["Health"] == 1
    edge = frame([("health", "2021-12-03", *[None] * 5)])  # due on 14 January
    assert measure(edge, period=DECEMBER, choices=Choices()).due_next["requests_n"].sum() == 1


def test_open_requests_are_censored_at_the_data_date_and_withdrawn_ones_at_their_withdrawal():
    rows = [
        ("health", "2021-12-01", None, "2021-12-11", None, None, None),  # back after 10 days
        ("health", "2021-12-01", None, None, "2021-12-16", None, None),  # censored at 15
        ("health", "2021-12-01", None, "2021-12-21", None, None, None),  # back after 20
        ("health", "2021-12-01", None, None, None, None, None),  # censored at 30
    ]
    found = measure(frame(rows), period=DECEMBER, choices=Choices())
    curve = found.curve[found.curve["sector"] == "Health"]
    assert curve["time_days"].tolist() == [10, 15, 20, 30]
    assert curve["not_back_pct"].round(6).tolist() == [75, 75, 37.5, 37.5]
    quantiles = found.quantiles[found.quantiles["sector"] == "Health"]
    assert quantiles["reading"].tolist() == ["reached", "not reached"]
    assert quantiles["days"].iloc[0] == 20
    assert quantiles[["requests_n", "returned_n"]].iloc[0].tolist() == [4, 2]


def test_an_extract_without_requests_gives_counts_of_nought():
    found = measure(frame([]), period=DECEMBER, choices=Choices())
    assert found.open_overdue["requests_n"].eq(0).all()
    assert found.curve.empty
