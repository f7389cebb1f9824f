"""What has become of each request by a day."""

import pandas as pd

from sendanalysis.methods.due_requests import DATES, IN_FIGURE, NOT_YET_DUE, OUTSIDE, as_known

COLUMNS = ["giver", *DATES, "exception", "existing_advice_sufficient"]
ROWS = {  # each with the state it has on 31 December 2021
    "on time": ("2021-11-01", None, "2021-12-13", None, None, None),
    "late": ("2021-11-01", None, "2021-12-14", None, "absence_4_weeks", None),
    "open and overdue": ("2021-11-18", None, "2022-01-05", None, None, None),
    "withdrawn late": ("2021-11-05", None, None, "2021-12-20", None, None),
    "withdrawn before due": ("2021-11-05", None, None, "2021-12-01", None, None),
    "open and not due": ("2021-11-20", None, None, None, None, None),
    "back before due, not yet due": ("2021-11-21", None, "2021-12-24", None, None, None),
    "existing advice": ("2021-11-01", None, None, None, None, "yes"),
    "cannot be dated": (None, None, None, None, None, None),
}


def known(*rows, **given):
    table = pd.DataFrame([("health", *row) for row in rows], columns=COLUMNS)
    typed = table.astype(dict.fromkeys(DATES, "datetime64[ns]") | dict.fromkeys(set(COLUMNS) - set(DATES), "str"))
    options = {"start_field": "sent", "limit_days": 42, "exclude_excepted": False} | given
    return as_known(typed, pd.Timestamp("2021-12-31").date(), **options)


def test_every_request_has_one_state_at_the_data_date():
    assert known(*ROWS.values())["state"].tolist() == list(ROWS)
    assert {*ROWS, "permitted exception"} == {*OUTSIDE, *NOT_YET_DUE, *IN_FIGURE}


def test_an_excepted_request_leaves_the_figure_when_exceptions_are_excluded():
    assert known(ROWS["late"], exclude_excepted=True)["state"].tolist() == ["permitted exception"]


def test_a_request_sent_after_the_data_date_is_not_there_yet():
    assert known(("2022-01-01", None, None, None, None, None)).empty


def test_what_is_due_on_the_data_date_itself_and_not_back_is_overdue():
    assert known(("2021-11-19", None, None, None, None, None))["state"].tolist() == ["open and overdue"]
