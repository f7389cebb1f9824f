"""The Neu pathway: children met, referrals diverted from paediatrics, children who went on to the autism pathway.

Context without a colour: fewer going on may be early help, or unmet need. The plan sets no baseline and no target.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from sendanalysis.methods.proportions import account, wilson_pct

if TYPE_CHECKING:
    import datetime as dt

    from sendanalysis.methods.periods import Period

ROLLING_MONTHS = 3
SATISFIED_FROM = 4


@dataclass(frozen=True)
class NeuPathway:
    """Children by the day they entered the pathway.

    Attributes:
        summary: window ('to date', 'rolling 3 months'), first_day, last_day, entered_n, what ('diverted', 'progressed',
            'satisfied'), events_n, of_n, pct, lower_pct, upper_pct (Wilson). Diverted is of the children with an answer
            recorded, satisfied (4 or 5) of those who gave a score, progressed of all who entered.
        quality: what, rows_n, share_pct (of the rows read).
    """

    summary: pd.DataFrame
    quality: pd.DataFrame


def measure(children: pd.DataFrame, *, period: Period) -> NeuPathway:
    """Count children who entered up to the end of the reporting month, and what is known of them at the data date.

    Args:
        children: entered_on, diverted_from_paediatrics, progressed_to_asd_on, satisfaction.
        period: Reporting month and data date.

    Returns:
        The figures.
    """
    rows = _as_known(children, period)
    first = rows["entered_on"].min().date() if len(rows) else period.month
    windows = {"to date": (first, period.end), f"rolling {ROLLING_MONTHS} months": period.window(ROLLING_MONTHS)}
    return NeuPathway(
        summary=pd.DataFrame([row for name, days in windows.items() for row in _summary(rows, name, *days)]),
        quality=_account(children, rows),
    )


def _as_known(children: pd.DataFrame, period: Period) -> pd.DataFrame:
    rows = children[children["entered_on"] <= pd.Timestamp(period.end)]
    score = rows["satisfaction"].astype("float64")
    return pd.DataFrame(
        {
            "entered_on": rows["entered_on"],
            "entered_n": 1,
            "diverted_n": rows["diverted_from_paediatrics"].eq("yes").fillna(value=False).astype("int64"),
            "diverted_of_n": rows["diverted_from_paediatrics"].notna().astype("int64"),
            "progressed_n": (rows["progressed_to_asd_on"] <= pd.Timestamp(period.data_date)).astype("int64"),
            "satisfied_n": (score >= SATISFIED_FROM).astype("int64"),
            "scored_n": score.notna().astype("int64"),
        }
    )


def _summary(rows: pd.DataFrame, window: str, first: dt.date, last: dt.date) -> list[dict[str, object]]:
    total = rows[rows["entered_on"].between(pd.Timestamp(first), pd.Timestamp(last))].sum(numeric_only=True)
    days = {"first_day": pd.Timestamp(first).as_unit("ns"), "last_day": pd.Timestamp(last).as_unit("ns")}
    table: list[dict[str, object]] = []
    for what, of in (("diverted", "diverted_of_n"), ("progressed", "entered_n"), ("satisfied", "scored_n")):
        events, n = int(total[f"{what}_n"]), int(total[of])
        counts = {"entered_n": int(total["entered_n"]), "what": what, "events_n": events, "of_n": n}
        table.append({"window": window, **days, **counts, **wilson_pct(events, n)})
    return table


def _account(children: pd.DataFrame, rows: pd.DataFrame) -> pd.DataFrame:
    found = {
        "rows read": len(children),
        "entered after the reporting month or the data date, left out": len(children) - len(rows),
        "children counted": len(rows),
        "diverted not recorded": int((rows["diverted_of_n"] == 0).sum()),
        "no satisfaction score": int((rows["scored_n"] == 0).sum()),
    }
    return account(found)
