"""Survey participation: how many young people, practitioners and parents sent a form in, and how content are they?

The targets are tested on the forms recorded under the plan's target year in all tools, however late they came in; a new
tool starts a new series, and no score is compared across tools.
"""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

import pandas as pd

from sendanalysis.measures.estimates import Values, events, share
from sendanalysis.measures.figures import ALL, Measure, Tables, every_row, is_in
from sendanalysis.methods.comparison import CHANCE
from sendanalysis.methods.proportions import account, pct, poisson_compare, wilson
from sendanalysis.methods.texts import together

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sendanalysis.inputs.parameters import Survey
    from sendanalysis.methods.periods import Window

CATEGORIES = ("cyp", "practitioner", "parent_carer")
SATISFIED_FROM = 4


def measures(chosen: Survey) -> tuple[Measure, ...]:
    """What is counted in the forms: those of the target year as they came in, and each round's rate and scores."""
    groups = {ALL: every_row} | {name: is_in("category", name) for name in CATEGORIES}
    to_date = (("to date", False),)
    base = Measure(
        name="survey",
        label="forms of the survey year sent in",
        counted=("form", "forms"),
        needs=("survey_responses", "survey_invitations"),
        ledger=partial(_of_year, chosen=chosen),
        groups=groups,
        windows=(("to date", True), ("month", True)),
        statistic=_sent_in,
        unit="participants",
        closes_on=year_end(chosen.target_year) if chosen.target_year else None,
    )
    by_round = replace(base, ledger=forms, groups="round", windows=to_date)
    return (
        base,
        replace(by_round, name="survey_by_year", label="forms of each survey year", groups="year_and_category"),
        replace(by_round, name="survey_by_round", label="forms by survey year, tool and group"),
        replace(
            by_round,
            name="survey_response",
            label="forms of those invited",
            counted=("invitation", "invitations"),
            ledger=_invited,
            statistic=_responses,
            unit="percent",
        ),
        replace(
            by_round,
            name="survey_satisfaction",
            label="forms with a score of 4 or 5",
            ledger=_scored,
            statistic=share,
            unit="percent",
        ),
    )


def forms(tables: Tables, day: dt.date) -> pd.DataFrame:
    """One row a form submitted by a day: round (year, tool and group), on, counts, met, usable."""
    rows = tables["survey_responses"]
    rows = rows[rows["submitted_on"] <= pd.Timestamp(day)]
    year, group = rows["survey_year"], rows["category"]
    named = {"round": together(" · ", year, rows["tool"], group), "year_and_category": together(" · ", year, group)}
    return rows.assign(**named, on=rows["submitted_on"], counts=True, met=True, usable=True)


def compared(kpis: Mapping[str, Any], years: pd.DataFrame, chosen: Survey, day: dt.date) -> pd.DataFrame:
    """Each survey year from the target year on against the plan's baseline, by the exact test of two Poisson counts.

    Args:
        kpis: The plan's KPIs on participation by group, with baseline and target.
        years: Figures of `survey_by_year`.
        chosen: Baseline year and target year.
        day: Data date; a year that is not over is not compared.

    Returns:
        survey_year, group, baseline (the plan's), n, target, met (yes, no, not yet, not known, no target), over,
        change, change_pct, p_value, chance_explains (yes, no, not known).
    """
    names = years["group"].str.split(" · ", expand=True).reindex(columns=[0, 1])
    counts = years["n"].groupby([names[0], names[1]]).sum(skipna=False)
    later = [year for year in sorted(set(names[0].dropna())) if year > chosen.target_year]
    rows = []
    for year in [chosen.target_year, *later]:
        for group in (*CATEGORIES, ALL):
            kpi = kpis.get(group)
            own = (
                counts.get(year, pd.Series(dtype=float))
                if year in counts.index.get_level_values(0)
                else pd.Series(dtype=float)
            )
            n = float(own.sum(skipna=False) if group == ALL else own.get(group, 0))
            target = (
                (kpi.target if kpi.target is not None else kpi.next_target)
                if kpi and year == chosen.target_year
                else None
            )
            rows.append(
                {"survey_year": year, "group": group, "n": n, **_change(n, kpi, target, over=year_end(year) <= day)}
            )
    return pd.DataFrame(rows)


def _change(n: float, kpi: Any, target: float | None, *, over: bool) -> dict[str, Any]:
    baseline = math.nan if kpi is None or kpi.baseline is None else float(kpi.baseline)
    known = (over or n > baseline) and not math.isnan(baseline + n) and (n or baseline)  # till over it can only rise
    p_value = poisson_compare(n, baseline).p_value if known else math.nan
    return {
        "baseline": baseline,
        "target": math.nan if target is None else target,
        "met": "no target" if target is None else _met(n, target, over=over),
        "over": over,
        "change": n - baseline,
        "change_pct": pct(n - baseline, baseline) if baseline else math.nan,
        "p_value": p_value,
        "chance_explains": "not known" if math.isnan(p_value) else "yes" if p_value >= CHANCE else "no",
    }


def _met(n: float, target: float, *, over: bool) -> str:
    if math.isnan(n):
        return "not known"
    return "yes" if n >= target else "no" if over else "not yet"


def year_end(year: str) -> dt.date:
    """Last day of a survey year, such as 2019/20: its 31 August. Before, no count is final."""
    return dt.date(int(year[:4]) + 1, 8, 31)


def accounts(tables: Tables, day: dt.date) -> pd.DataFrame:
    """What became of the rows read: what, rows_n, share_pct."""
    rows, counted = tables["survey_responses"], forms(tables, day)
    opens = pd.to_datetime(counted["survey_year"].str[:4] + "-09-01", errors="coerce")
    outside = (counted["on"] < opens) | (counted["on"] >= opens + pd.DateOffset(years=1))
    found = {
        "rows read": len(rows),
        "submitted after the data date, left out": int((rows["submitted_on"] > pd.Timestamp(day)).sum()),
        "no date of submission, left out": int(rows["submitted_on"].isna().sum()),
        "forms counted": len(counted),
        "submitted outside its survey year's September to August, counted as recorded": int(outside.sum()),
        "satisfaction blank": int(counted["satisfaction"].isna().sum()),
    }
    return account(found)


def _of_year(tables: Tables, day: dt.date, *, chosen: Survey) -> pd.DataFrame:
    rows = forms(tables, day)
    return rows[rows["survey_year"].eq(chosen.target_year)]


def _sent_in(rows: pd.DataFrame, inside: pd.DataFrame, window: Window) -> Values:
    """How many forms there were; before the first form of the year there is no figure, rather than nought."""
    return events(rows, inside, window) if len(inside) or window.name != "to date" else Values(0, math.nan, math.nan)


def _scored(tables: Tables, day: dt.date) -> pd.DataFrame:
    rows = forms(tables, day)
    score = pd.to_numeric(rows["satisfaction"]).astype("float64")
    return rows.assign(met=score >= SATISFIED_FROM, counts=score.notna())


def _invited(tables: Tables, day: dt.date) -> pd.DataFrame:
    """One row a round: how many were invited, and how many answered; one that has not begun is not there."""
    keys = ["survey_year", "tool", "category"]
    invitations = tables["survey_invitations"]
    begun = pd.to_datetime(invitations["survey_year"].str[:4] + "-09-01", errors="coerce") <= pd.Timestamp(day)
    invited = invitations[begun].groupby(keys)["invited"].sum(min_count=1).reset_index()
    came = forms(tables, day).groupby(keys).size().rename("forms").reset_index()
    rows = came.merge(invited, on=keys, how="outer").sort_values(keys, ignore_index=True)
    rows["round"] = together(" · ", rows["survey_year"], rows["tool"], rows["category"])
    return rows.assign(on=pd.Timestamp(day), counts=True, met=True)


def _responses(rows: pd.DataFrame, _inside: pd.DataFrame, _window: Window) -> Values:
    """Forms of those invited; no rate where the invitations are not known, none, or fewer than the forms."""
    n, of = float(rows["forms"].fillna(0).sum()), pd.to_numeric(rows["invited"]).astype(float).sum(min_count=1)
    if not of >= max(n, 1):
        return Values(n, of, math.nan)
    found = wilson(n, of)
    return Values(n, of, pct(n, of), 100 * found.lower, 100 * found.upper)
