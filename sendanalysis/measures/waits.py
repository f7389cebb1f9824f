"""Statistics of waits: their mean and their median, each with an interval where there are enough of them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from sendanalysis.measures.estimates import Values
from sendanalysis.methods.survival import kaplan_meier, mean_limits, wait_quantile

if TYPE_CHECKING:
    import pandas as pd

    from sendanalysis.measures.estimates import Statistic
    from sendanalysis.methods.periods import Window

FEWEST = 5  # below, the median's interval covers 77 to 93%, and the mean's has no end of use


def mean_days(days_in_unit: int) -> Statistic:
    """Mean of the column `days` of the rows, in days or weeks; no interval below `FEWEST` rows.

    The interval is `methods.survival.mean_limits`, since waits are skewed.
    """

    def statistic(rows: pd.DataFrame, _inside: pd.DataFrame, _window: Window) -> Values:
        days, n = rows["days"].astype(float), len(rows)
        ends = mean_limits(days) if n >= FEWEST else (math.nan, math.nan)
        return Values(n, math.nan, *(end / days_in_unit for end in (days.mean(), *ends)))

    return statistic


def median_days(days_in_unit: int) -> Statistic:
    """Median of the column `days` by Kaplan–Meier, rows not met being still under way; NaN while it is not reached.

    No interval below `FEWEST` rows.
    """

    def statistic(rows: pd.DataFrame, _inside: pd.DataFrame, _window: Window) -> Values:
        if rows.empty:
            return Values(0, 0, math.nan)
        curve = kaplan_meier(rows["days"].to_numpy(), rows["met"].to_numpy())
        found = wait_quantile(curve, 0.5)[: 3 if len(rows) >= FEWEST else 1]
        return Values(int(rows["met"].sum()), len(rows), *(end / days_in_unit for end in found))

    return statistic
