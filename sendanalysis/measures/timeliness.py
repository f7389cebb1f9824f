"""Timeliness of partner advice: of the requests that fell due, how many were back within six weeks?

SEND Regulations 2014, reg 8(1): six weeks from the request; reg 8(2) permits exceptions, reg 6(4) spares advice that
exists already. A request counts in the month it falls due, so one that never came back is late, not absent.
"""

from __future__ import annotations

import datetime as dt
import math
from bisect import bisect_left
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import pandas as pd

from sendanalysis.methods.due_requests import ALL, EDUCATION, IN_FIGURE, NOT_YET_DUE, OUTSIDE, SECTORS, as_known
from sendanalysis.methods.periods import Period, add_months, month_end, months_between
from sendanalysis.methods.proportions import account, pct, wilson, wilson_pct
from sendanalysis.methods.spc import p_chart

if TYPE_CHECKING:
    from sendanalysis.inputs.choices import Choices

KPIS = {"ADVICE": ALL, "ADVICE_EDUCATION": EDUCATION, "ADVICE_HEALTH": "Health", "ADVICE_CARE": "Care"}


@dataclass(frozen=True)
class Timeliness:
    """Requests for advice, counted in the month they fall due.

    Sectors overlap: Education holds Educational psychology; All partners holds Education, Health and Care. `unit` says
    what kpis, sectors and trend count; children counts children, wrong_ways and quality count requests.

    Attributes:
        kpis: kpi_id, value, unit, numerator, denominator, lower, upper, baseline (per cent; baseline NaN until its last
            month has passed at the data date).
        sectors: sector, in_headline, on_time_n, due_n, on_time_pct, lower_pct, upper_pct; no_exceptions_on_time_n,
            no_exceptions_due_n, no_exceptions_pct (excepted requests dropped); baseline_on_time_n, baseline_due_n,
            baseline_pct; difference_points with lower_points, upper_points (Newcombe); change ('rise', 'fall',
            'could be chance', 'not known'); smallest_rise_pct (least figure above baseline that chance would not
            explain at this month's due_n; NaN where even 100% could be chance).
        trend: month, sector, on_time_n, due_n, on_time_pct, lower_pct, upper_pct, and for All partners the Laney p′
            centre_pct, lower_limit_pct, upper_limit_pct.
        children: month, sector, all_on_time_n, children_n, all_on_time_pct, lower_pct, upper_pct.
        wrong_ways: sector, way ('due in the month', which is right, 'returned in the month', 'among returned only'),
            on_time_n, requests_n, on_time_pct, difference_points from the right way.
        baseline_period: first_month, last_month (NaT when no request has fallen due), known (last month has passed).
        quality: what, rows_n, share_pct (of the rows read).
    """

    kpis: pd.DataFrame
    sectors: pd.DataFrame
    trend: pd.DataFrame
    children: pd.DataFrame
    wrong_ways: pd.DataFrame
    baseline_period: pd.DataFrame
    quality: pd.DataFrame


class _Baseline(NamedTuple):
    first: dt.date
    last: dt.date
    known: bool


def measure(requests: pd.DataFrame, *, period: Period, choices: Choices) -> Timeliness:
    """Count requests due in the reporting month and on or before the data date, and how many were back by then.

    Due = start + `limit_days`; day 42 is on time. Due and not back by the close of the data date is a failure, as is
    withdrawal on the due date or after; not yet due, withdrawn before due or spared by existing advice is outside.
    Advice that was back in time stays on time if the request is withdrawn on its due date or later.

    Args:
        requests: request_id, child_id, giver, sent_on, received_on, returned_on, withdrawn_on, exception,
            existing_advice_sufficient.
        period: Reporting month and data date.
        choices: `limit_days`, `start_field`, `unit` (over a window of months a child counts once, on time if all its
            requests due in the window were), `exceptions`, `advice_baseline_period`.

    Returns:
        The figures.
    """
    known = as_known(
        requests,
        period.data_date,
        start_field=choices.start_field,
        limit_days=choices.limit_days,
        exclude_excepted=choices.exceptions == "exclude",
    )
    month = known["due"].dt.to_period("M").dt.to_timestamp()
    known = known.assign(on_time=known["back"] <= known["due"], month=month)
    counted = known[known["state"].isin(IN_FIGURE)]
    baseline = _baseline_period(counted, period, choices)
    sectors = _sectors(counted, period, choices.unit, baseline)
    return Timeliness(
        kpis=_kpis(sectors),
        sectors=sectors,
        trend=_with_limits(_monthly(counted, period, choices.unit, tuple(SECTORS))),
        children=_monthly(counted, period, "child", tuple(KPIS.values())).rename(
            columns={"on_time_n": "all_on_time_n", "due_n": "children_n", "on_time_pct": "all_on_time_pct"}
        ),
        wrong_ways=_wrong_ways(known, counted, period),
        baseline_period=_described(baseline),
        quality=_account(requests, known),
    )


def _baseline_period(counted: pd.DataFrame, period: Period, choices: Choices) -> _Baseline | None:
    """Whole calendar months, by due date, or the 12 that end on or before `clock_start`; None before any fell due."""
    if choices.advice_baseline_period == "pre_plan_12_months":
        after = (choices.clock_start + dt.timedelta(days=1)).replace(day=1)
        first, last = add_months(after, -12), after - dt.timedelta(days=1)
    else:
        due = counted["due"][counted["giver"].isin(SECTORS[ALL])]
        if due.empty:
            return None
        first = add_months(due.min().date().replace(day=1), 1)
        last = month_end(add_months(first, 2 if choices.advice_baseline_period == "first_3_months" else 0))
    return _Baseline(first, last, last <= period.data_date)


def _described(baseline: _Baseline | None) -> pd.DataFrame:
    ends = [baseline.first, baseline.last.replace(day=1)] if baseline else [None, None]
    table = pd.DataFrame([ends], columns=["first_month", "last_month"]).astype("datetime64[ns]")
    return table.assign(known=bool(baseline and baseline.known))


def _score(rows: pd.DataFrame, unit: str, first: dt.date, last: dt.date) -> tuple[int, int]:
    """Units all on time and all units, among counted requests due from first to last."""
    rows = rows[rows["due"].between(pd.Timestamp(first), pd.Timestamp(last))]
    met = rows["on_time"] if unit == "request" else rows.groupby("child_id")["on_time"].all()
    return int(met.sum()), len(met)


def _share(on_time: int, due: int) -> dict[str, float]:
    return {"on_time_n": on_time, "due_n": due, **wilson_pct(on_time, due, "on_time_pct")}


def _sectors(counted: pd.DataFrame, period: Period, unit: str, baseline: _Baseline | None) -> pd.DataFrame:
    table = []
    for sector, givers in SECTORS.items():
        rows = counted[counted["giver"].isin(givers)]
        now = _score(rows, unit, period.month, period.end)
        plain = _score(rows[~rows["excepted"]], unit, period.month, period.end)
        then = (math.nan, math.nan)
        if baseline and baseline.known:
            then = _score(rows, unit, baseline.first, baseline.last)
        apart = baseline is not None and period.month > baseline.last
        table.append(
            {
                "sector": sector,
                "in_headline": sector in KPIS.values(),
                **_share(*now),
                "no_exceptions_on_time_n": plain[0],
                "no_exceptions_due_n": plain[1],
                "no_exceptions_pct": pct(*plain),
                "baseline_on_time_n": then[0],
                "baseline_due_n": then[1],
                "baseline_pct": pct(*then),
                **_change(now, then, comparable=apart and min(now[1], then[1]) > 0),
            }
        )
    return pd.DataFrame(table)


def _change(now: tuple[int, int], then: tuple[float, float], *, comparable: bool) -> dict[str, float | str]:
    """Difference from the baseline; not known where either is empty or the month lies in the baseline itself."""
    if not comparable:
        points = dict.fromkeys(("difference_points", "lower_points", "upper_points"), math.nan)
        return {**points, "change": "not known", "smallest_rise_pct": math.nan}
    n, base = now[1], (int(then[0]), int(then[1]))
    low, high = _newcombe(now, base)
    above = base[0] * n // base[1] + 1
    least = bisect_left(range(above, n + 1), 1, key=lambda k: int(_newcombe((k, n), base)[0] > 0)) + above
    return {
        "difference_points": pct(*now) - pct(*base),
        "lower_points": 100 * low,
        "upper_points": 100 * high,
        "change": "rise" if low > 0 else "fall" if high < 0 else "could be chance",
        "smallest_rise_pct": pct(least, n) if least <= n else math.nan,
    }


def _newcombe(one: tuple[int, int], two: tuple[int, int]) -> tuple[float, float]:
    """Interval of p₁ − p₂ from the two Wilson intervals (Newcombe 1998, method 10)."""
    a, b = wilson(*one), wilson(*two)
    low = math.hypot(a.value - a.lower, b.upper - b.value)
    high = math.hypot(a.upper - a.value, b.value - b.lower)
    return a.value - b.value - low, a.value - b.value + high


def _kpis(sectors: pd.DataFrame) -> pd.DataFrame:
    names = {"on_time_pct": "value", "on_time_n": "numerator", "due_n": "denominator", "lower_pct": "lower"}
    names |= {"upper_pct": "upper", "baseline_pct": "baseline"}
    table = sectors.set_index("sector").loc[list(KPIS.values())].reset_index().rename(columns=names)
    table = table.assign(kpi_id=list(KPIS), unit="percent")
    order = ["kpi_id", "value", "unit", "numerator", "denominator", "lower", "upper", "baseline"]
    return table[order].astype({name: float for name in order if name not in {"kpi_id", "unit"}})


def _monthly(counted: pd.DataFrame, period: Period, unit: str, sectors: tuple[str, ...]) -> pd.DataFrame:
    first = min(counted["month"].min(), pd.Timestamp(period.month)) if len(counted) else pd.Timestamp(period.month)
    months = pd.DatetimeIndex(months_between(first.date(), period.month)).as_unit("ns")
    table = []
    for sector in sectors:
        rows = counted[counted["giver"].isin(SECTORS[sector])]
        met = rows if unit == "request" else rows.groupby(["month", "child_id"])["on_time"].all().reset_index()
        score = met.groupby("month")["on_time"].agg(["sum", "size"]).reindex(months, fill_value=0)
        ends = zip(months, score["sum"], score["size"], strict=True)
        table += [{"month": month, "sector": sector, **_share(int(k), int(n))} for month, k, n in ends]
    return pd.DataFrame(table)


def _with_limits(trend: pd.DataFrame) -> pd.DataFrame:
    pooled = trend[trend["sector"] == ALL]
    limits = 100 * p_chart(pooled["on_time_n"], pooled["due_n"])[["centre", "lower", "upper"]]
    return trend.join(limits.set_axis(["centre_pct", "lower_limit_pct", "upper_limit_pct"], axis=1))


def _wrong_ways(known: pd.DataFrame, counted: pd.DataFrame, period: Period) -> pd.DataFrame:
    first, last = pd.Timestamp(period.month), pd.Timestamp(period.end)
    right = counted[counted["due"].between(first, last)]
    returned = known[known["state"].isin([*IN_FIGURE, *NOT_YET_DUE]) & known["back"].between(first, last)]
    ways = {"due in the month": right, "returned in the month": returned}
    ways["among returned only"] = right[right["back"].notna()]
    table = []
    for sector in KPIS.values():
        parts = {way: rows[rows["giver"].isin(SECTORS[sector])]["on_time"] for way, rows in ways.items()}
        truth = pct(parts["due in the month"].sum(), len(parts["due in the month"]))
        for way, on_time in parts.items():
            share = pct(on_time.sum(), len(on_time))
            table.append((sector, way, int(on_time.sum()), len(on_time), share, share - truth))
    columns = ["sector", "way", "on_time_n", "requests_n", "on_time_pct", "difference_points"]
    return pd.DataFrame(table, columns=columns)


def _account(requests: pd.DataFrame, known: pd.DataFrame) -> pd.DataFrame:
    counted = known[known["state"].isin(IN_FIGURE)]
    reasons = known["state"].replace(dict.fromkeys(NOT_YET_DUE, "not yet due")).value_counts()
    found = {
        "rows read": len(requests),
        "first date after the data date, left out": len(requests) - len(known),
        **{f"{why}, outside the figure": int(reasons.get(why, 0)) for why in (*OUTSIDE, "not yet due")},
        "in the figure of the month they fell due": len(counted),
        "of these with a permitted exception": int(counted["excepted"].sum()),
        "of these from parents, young people or others, apart": int((~counted["giver"].isin(SECTORS[ALL])).sum()),
        "both returned and withdrawn": int((known["back"].notna() & known["gone"].notna()).sum()),
    }
    return account(found)
