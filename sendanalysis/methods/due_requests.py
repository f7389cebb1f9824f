"""Requests for advice: of whom they are asked, and what has become of each by a day."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

if TYPE_CHECKING:
    import datetime as dt

ALL, EDUCATION = "All partners", "Education"
GIVERS = {
    "education_setting": "Education settings",
    "educational_psychology": "Educational psychology",
    "health": "Health",
    "social_care": "Care",
    "parent_or_young_person": "Parents and young people",
    "other": "Other",
}
SECTORS = {
    ALL: ("education_setting", "educational_psychology", "health", "social_care"),
    EDUCATION: ("education_setting", "educational_psychology"),
    **{label: (giver,) for giver, label in GIVERS.items() if giver != "education_setting"},
}
NO_WAIT = ("cannot be dated", "existing advice")
OUTSIDE = (*NO_WAIT, "withdrawn before due", "permitted exception")
NOT_YET_DUE = ("back before due, not yet due", "open and not due")
IN_FIGURE = ("on time", "late", "withdrawn late", "open and overdue")
DATES = ["sent_on", "received_on", "returned_on", "withdrawn_on"]


def as_known(
    requests: pd.DataFrame, day: dt.date, *, start_field: str, limit_days: int, exclude_excepted: bool
) -> pd.DataFrame:
    """Each request with its due date and its state at the close of a day, as far as its dates are known by then.

    Due = start + `limit_days`. The state is the first that holds of `OUTSIDE`, `NOT_YET_DUE` and `IN_FIGURE`.

    Args:
        requests: giver, sent_on, received_on, returned_on, withdrawn_on, exception, existing_advice_sufficient.
        day: Dates after it are not there yet, and a request whose first date is after it is left out.
        start_field: sent or received: the date the clock starts at.
        limit_days: Days allowed; the last of them is on time.
        exclude_excepted: Whether a permitted exception takes a request out of the figure.

    Returns:
        The columns of the requests with start, due, back, gone, excepted, state.
    """
    today = pd.Timestamp(day)
    rows = requests[~(requests[DATES].min(axis=1) > today)].reset_index(drop=True)
    dates = rows[DATES].where(rows[DATES] <= today)
    start, back, gone = dates[f"{start_field}_on"], dates["returned_on"], dates["withdrawn_on"]
    due = start + pd.Timedelta(days=limit_days)
    excepted = rows["exception"].fillna("none").ne("none")
    conditions = [
        due.isna(),
        rows["existing_advice_sufficient"].eq("yes").fillna(value=False),
        gone < due,
        excepted & exclude_excepted,
        (due > today) & back.notna(),
        due > today,
        back <= due,
        back.notna(),
        gone.notna(),
    ]
    state = np.select(conditions, [*OUTSIDE, *NOT_YET_DUE, *IN_FIGURE[:3]], default=IN_FIGURE[3])
    return rows.assign(start=start, due=due, back=back, gone=gone, excepted=excepted, state=state)
