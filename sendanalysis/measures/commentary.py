"""Commentary: the latest dated, owned comment on each KPI, and which KPI that is off target has none for this month."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from sendanalysis.methods.proportions import account

if TYPE_CHECKING:
    from sendanalysis.methods.periods import Period

OFF_TARGET = ("Red", "Amber")


@dataclass(frozen=True)
class Commentary:
    """Comments written on or before the data date, on the reporting month or one before it.

    Attributes:
        comments: One row a KPI, in the order of the scorecard: kpi_id, status, state (current: on the reporting month;
            stale: on an older one; missing), month (the comment's), months_old, text (as typed), author_role,
            written_on, to_report (yes where the KPI is Red or Amber and has no current comment).
        quality: what, rows_n, share_pct (of the comments read).
    """

    comments: pd.DataFrame
    quality: pd.DataFrame


def measure(commentary: pd.DataFrame, figures: pd.DataFrame, *, period: Period) -> Commentary:
    """The comment that stands beside each KPI.

    Args:
        commentary: measure (a kpi_id), month (YYYY-MM), text, author_role, written_on. Of several on one month the
            one written last is taken, and of two of one day the text that sorts last.
        figures: kpi_id, status: the scorecard.
        period: Reporting month and data date.

    Returns:
        The comments.
    """
    known = commentary[commentary["written_on"] <= pd.Timestamp(period.data_date)]
    known = known[known["month"] <= period.key].sort_values(["month", "written_on", "text", "author_role"])
    latest = known.drop_duplicates("measure", keep="last").rename(columns={"measure": "kpi_id"})
    rows = figures[["kpi_id", "status"]].merge(latest, on="kpi_id", how="left")
    month = pd.to_datetime(rows["month"], format="%Y-%m").astype("datetime64[ns]")
    months_old = 12 * (period.month.year - month.dt.year) + period.month.month - month.dt.month
    state = months_old.map(lambda age: "current" if age == 0 else "stale").mask(month.isna(), "missing")
    rows = rows.assign(month=month, months_old=months_old.astype("Int64"), state=state)
    asked = rows["status"].isin(OFF_TARGET) & rows["state"].ne("current")
    rows["to_report"] = asked.map({True: "yes", False: "no"})
    order = ["kpi_id", "status", "state", "month", "months_old", "text", "author_role", "written_on", "to_report"]
    return Commentary(
        comments=rows[order].reset_index(drop=True),
        quality=_account(commentary, known, figures),
    )


def _account(commentary: pd.DataFrame, known: pd.DataFrame, figures: pd.DataFrame) -> pd.DataFrame:
    found = {
        "comments read": len(commentary),
        "written after the data date or on a later month, left out": len(commentary) - len(known),
        "on no KPI of the scorecard, left out": int((~commentary["measure"].isin(figures["kpi_id"])).sum()),
    }
    return account(found)
