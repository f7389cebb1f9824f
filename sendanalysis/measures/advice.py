"""Timeliness of partner advice: of the requests that fell due, how many were back in time, and what is still out?

SEND Regulations 2014, reg 8(1): six weeks from the request; reg 8(2) permits exceptions, reg 6(4) spares advice that
exists already. A request counts in the month it falls due, so one that never came back is late, not absent.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from sendanalysis.measures.estimates import present, share, share_of
from sendanalysis.measures.figures import ALL, Measure, Tables, as_known, is_in
from sendanalysis.methods.proportions import account
from sendanalysis.methods.survival import in_groups, wait_tables
from sendanalysis.methods.texts import first_that_holds

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping

    from sendanalysis.inputs.parameters import Advice
    from sendanalysis.measures.figures import Rows

GIVERS = {
    "education_setting": "education_settings",
    "educational_psychology": "educational_psychology",
    "health": "health",
    "social_care": "care",
    "parent_or_young_person": "parents_and_young_people",
    "other": "other",
}
PARTNERS = ("education_setting", "educational_psychology", "health", "social_care")
EDUCATION = ("education_setting", "educational_psychology")
SECTORS: dict[str, Rows] = {
    ALL: is_in("giver", *PARTNERS),
    "education": is_in("giver", *EDUCATION),
    **{label: is_in("giver", giver) for giver, label in GIVERS.items() if giver != "education_setting"},
}
KPIS = (ALL, "education", "health", "care")
NO_WAIT = ("cannot be dated", "existing advice")
OUTSIDE = (*NO_WAIT, "withdrawn before due", "permitted exception")
NOT_YET_DUE = ("back before due, not yet due", "open and not due")
IN_FIGURE = ("on time", "late", "withdrawn late", "open and overdue")
OVERDUE_FROM = {"due on the data date": 0, "1–14 days": 1, "15–28 days": 15, "29–56 days": 29, "more than 56 days": 57}
DUE_NEXT_DAYS = 14


def measures(chosen: Advice) -> tuple[Measure, ...]:
    """What is counted in the requests: on time by sector and month, by child, without exceptions, and what is open.

    Advice back by its due date is on time; not back by the close of the data date, or withdrawn on the due date or
    after, is late; not yet due, withdrawn before, or spared by existing advice is outside. Under `unit = child` a child
    counts once a window, on time when all its requests were.
    """
    by_child = chosen.unit == "child"
    base = Measure(
        name="advice",
        label="advice back in time",
        counted=("child", "children") if by_child else ("request", "requests"),
        needs=("advice_requests",),
        ledger=partial(requests, chosen=chosen),
        groups=SECTORS,
        statistic=share_of("child_id") if by_child else share,
    )
    main: Mapping[str, Rows] = {name: SECTORS[name] for name in KPIS}
    month = (("month", False),)
    return (
        base,
        replace(base, name="advice_without_exceptions", ledger=partial(_unexcepted, chosen=chosen), windows=month),
        replace(
            base,
            name="advice_by_child",
            label="children whose advice was all on time",
            counted=("child", "children"),
            groups=main,
            statistic=share_of("child_id"),
        ),
        *(
            replace(base, name=name, ledger=partial(ledger, chosen=chosen), groups=main, windows=month, statistic=share)
            for name, ledger in (("advice_by_return", _by_return), ("advice_among_returned", _among_returned))
        ),
        *(replace(base, **_open(chosen, *found)) for found in _OPEN),
    )


def requests(tables: Tables, day: dt.date, *, chosen: Advice) -> pd.DataFrame:
    """One row a request with its due date and its state at the close of a day, as far as its dates are known by then.

    Returns:
        The columns of the requests with start, due, back, gone, excepted, state (the first that holds of `OUTSIDE`,
        `NOT_YET_DUE` and `IN_FIGURE`), and on, counts, met, usable.
    """
    today = pd.Timestamp(day)
    rows = as_known(tables["advice_requests"], day)
    start, back, gone = rows[f"{chosen.start_field}_on"], rows["returned_on"], rows["withdrawn_on"]
    due = start + pd.Timedelta(days=chosen.limit_days)
    excepted = rows["exception"].notna() & rows["exception"].ne("none")
    conditions = (
        due.isna(),
        rows["existing_advice_sufficient"].eq("yes").fillna(value=False),
        gone < due,
        excepted & (chosen.exceptions == "exclude"),
        (due > today) & back.notna(),
        due > today,
        back <= due,
        back.notna(),
        gone.notna(),
    )
    states = (*OUTSIDE, *NOT_YET_DUE, *IN_FIGURE)
    state = first_that_holds(dict(zip(states, conditions, strict=False)), states[-1])
    known = {"start": start, "due": due, "back": back, "gone": gone, "excepted": excepted, "state": state}
    return rows.assign(**known, on=due, counts=state.isin(IN_FIGURE), met=back <= due, usable=due.notna())


def waits(tables: Tables, day: dt.date, chosen: Advice) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Days from the start to the return, by sector: open requests count up to the day, withdrawn ones until then.

    Returns:
        The Kaplan–Meier curve: group, time_days, at_risk, value, lower, upper. Its quantiles: group,
        quantile_pct, days, lower_days, upper_days, reading ('reached', 'not reached'), requests_n, returned_n.
    """
    known = requests(tables, day, chosen=chosen)
    rows = known[~known["state"].isin([*NO_WAIT, "permitted exception"])]
    returned = rows["back"].notna() & ~(rows["gone"] < rows["back"])
    end = rows["back"].where(returned, rows["gone"].fillna(pd.Timestamp(day)))
    days = (end - rows["start"]).dt.days.clip(lower=0)  # a request can be withdrawn before the giver received it
    groups = {sector: SECTORS[sector](rows) for sector in KPIS}
    return in_groups(wait_tables, days, returned, groups, ("requests_n", "returned_n"))


def accounts(tables: Tables, day: dt.date, chosen: Advice) -> pd.DataFrame:
    """What became of the rows read: what, rows_n, share_pct."""
    rows, known = tables["advice_requests"], requests(tables, day, chosen=chosen)
    reasons = known["state"].value_counts()
    reasons["not yet due"] = reasons[list(NOT_YET_DUE)].sum()
    counted = known[known["counts"]]
    found = {
        "rows read": len(rows),
        "first date after the data date, left out": len(rows) - len(known),
        **{f"{why}, outside the figure": int(reasons.get(why, 0)) for why in (*OUTSIDE, "not yet due")},
        "in the figure of the month they fell due": len(counted),
        "of these with a permitted exception": int(counted["excepted"].sum()),
        "of these from parents, young people or others, apart": int((~counted["giver"].isin(PARTNERS)).sum()),
        "both returned and withdrawn": int((known["back"].notna() & known["gone"].notna()).sum()),
    }
    return account(found)


def _unexcepted(tables: Tables, day: dt.date, *, chosen: Advice) -> pd.DataFrame:
    rows = requests(tables, day, chosen=chosen)
    return rows[~rows["excepted"]]


def _by_return(tables: Tables, day: dt.date, *, chosen: Advice) -> pd.DataFrame:
    """The usual wrong way: by month of return, so that those still out never count."""
    rows = requests(tables, day, chosen=chosen)
    return rows.assign(on=rows["back"], counts=rows["state"].isin([*IN_FIGURE, *NOT_YET_DUE]) & rows["back"].notna())


def _among_returned(tables: Tables, day: dt.date, *, chosen: Advice) -> pd.DataFrame:
    """The other one: whoever does not answer at all improves the figure."""
    rows = requests(tables, day, chosen=chosen)
    return rows.assign(counts=rows["counts"] & rows["back"].notna())


def _overdue(tables: Tables, day: dt.date, *, chosen: Advice) -> pd.DataFrame:
    rows = requests(tables, day, chosen=chosen)
    late = (pd.Timestamp(day) - rows["due"]).dt.days
    band = pd.cut(late, [*OVERDUE_FROM.values(), np.inf], right=False, labels=list(OVERDUE_FROM))
    return rows.assign(counts=rows["state"].eq("open and overdue"), band=band, giver_name=rows["giver"].map(GIVERS))


def _due_next(tables: Tables, day: dt.date, *, chosen: Advice) -> pd.DataFrame:
    rows, today = requests(tables, day, chosen=chosen), pd.Timestamp(day)
    soon = rows["due"].between(today, today + pd.Timedelta(days=DUE_NEXT_DAYS), inclusive="right")
    return rows.assign(on=today, counts=soon & rows["state"].eq("open and not due"))


def _open(chosen: Advice, name: str, label: str, ledger: Any, groups: Mapping[str, Rows]) -> dict[str, Any]:
    """What a measure of requests still out has that others have not: it counts those that are open on a day."""
    own = {"name": name, "label": label, "counted": ("request", "requests"), "ledger": partial(ledger, chosen=chosen)}
    return own | {"groups": groups, "windows": (("day", False),), "statistic": present, "standing": True, "unit": ""}


def _in_band(band: str, giver: str) -> Rows:
    return lambda rows: rows["band"].eq(band) & rows["giver"].eq(giver)


_OPEN = (
    (
        "advice_overdue",
        "requests open and overdue, by days overdue",
        _overdue,
        {ALL: SECTORS[ALL]}
        | {f"{band} · {label}": _in_band(band, giver) for band in OVERDUE_FROM for giver, label in GIVERS.items()},
    ),
    (
        "advice_due_next",
        f"open requests that fall due in the next {DUE_NEXT_DAYS} days",
        _due_next,
        {label: is_in("giver", giver) for giver, label in GIVERS.items()},
    ),
)
