"""Survey participation: how many young people, practitioners and parents sent a form in, and is it more than before?"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from sendanalysis.methods.proportions import account, pct, poisson_compare, poisson_interval, wilson

if TYPE_CHECKING:
    from sendanalysis.inputs.choices import Choices
    from sendanalysis.methods.periods import Period

BASELINE_YEAR, TARGET_YEAR = "2019/20", "2020/21"
KPIS = {"cyp": "POET_CYP", "practitioner": "POET_PRACTITIONERS", "parent_carer": "POET_PARENTS"}
POOLED = "all"
CHANCE = 0.05


@dataclass(frozen=True)
class Participation:
    """Forms submitted on or before the data date, by the survey year they are recorded in.

    `category` is cyp, practitioner or parent_carer; `all` pools the three, which is context and no target.

    Attributes:
        kpis: kpi_id, value, unit (participants), numerator (forms of the target year), denominator (none), lower, upper
            (exact Poisson).
        categories: category, kpi_id, survey_year, baseline_n (the plan's), baseline_forms_n (in the extract), forms_n,
            lower_n, upper_n, target_n, met (yes, no, not yet, no target), in_headline (whether `poet_rule` tests it),
            change_n, change_pct, year_over (31 August has passed; before it no comparison is fair), p_value (exact
            Poisson, with the plan's baseline), chance_explains (yes, no, not known).
        later_years: The same columns for each year after the target year, against the plan's baseline, with no target.
        by_tool: survey_year, tool, category, forms_n.
        response_rate: survey_year, tool, category, forms_n, invited_n, pct, lower_pct, upper_pct (Wilson), reason.
        cumulative: survey_year, category, month, forms_n, cumulative_n.
        satisfaction: survey_year, tool, category, satisfied_n (scores 4 and 5), scored_n, pct, lower_pct, upper_pct,
            blank_n.
        quality: what, rows_n, share_pct (of the rows read).
    """

    kpis: pd.DataFrame
    categories: pd.DataFrame
    later_years: pd.DataFrame
    by_tool: pd.DataFrame
    response_rate: pd.DataFrame
    cumulative: pd.DataFrame
    satisfaction: pd.DataFrame
    quality: pd.DataFrame


def measure(
    responses: pd.DataFrame,
    invitations: pd.DataFrame,
    *,
    period: Period,
    choices: Choices,
    plan_kpis: pd.DataFrame,
) -> Participation:
    """Count forms against the plan's baseline and target, and ask whether chance alone would explain the change.

    The target is tested on the forms of survey year 2020/21 in all tools, however late they came in. Scores are never
    compared across tools.

    Args:
        responses: response_id, survey_year, tool, category, submitted_on, satisfaction.
        invitations: survey_year, tool, category, invited.
        period: Forms submitted after its data date are left out.
        choices: `poet_rule` says whether each category or the pooled figure is tested.
        plan_kpis: kpi_id, baseline_value, m3_target.

    Returns:
        The participation figures.
    """
    data_date = pd.Timestamp(period.data_date)
    forms = responses[responses["submitted_on"] <= data_date].reset_index(drop=True)
    plan = _plan(plan_kpis)
    categories = _compare(forms, TARGET_YEAR, plan, choices.poet_rule, data_date)
    later = [
        _compare(forms, year, plan, "none", data_date)
        for year in sorted(set(forms["survey_year"]))
        if year > TARGET_YEAR
    ]
    by_tool = forms.groupby(["survey_year", "tool", "category"]).size().reset_index(name="forms_n")
    return Participation(
        kpis=_kpis(categories),
        categories=categories,
        later_years=pd.concat(later, ignore_index=True) if later else categories.iloc[:0],
        by_tool=by_tool,
        response_rate=_response_rate(by_tool, invitations, data_date),
        cumulative=_cumulative(forms, data_date),
        satisfaction=_satisfaction(forms),
        quality=_account(responses, forms, data_date),
    )


def _plan(plan_kpis: pd.DataFrame) -> pd.DataFrame:
    """Baseline and target per category, and their sums under the pooled one."""
    table = plan_kpis.drop_duplicates("kpi_id").set_index("kpi_id").reindex(list(KPIS.values()))
    table = table[["baseline_value", "m3_target"]].apply(pd.to_numeric, errors="coerce").set_axis(list(KPIS))
    table.loc[POOLED] = table.sum(min_count=len(KPIS))
    return pd.DataFrame(table)


def _compare(forms: pd.DataFrame, year: str, plan: pd.DataFrame, rule: str, data_date: pd.Timestamp) -> pd.DataFrame:
    over = pd.Timestamp(int(year[:4]) + 1, 8, 31) <= data_date
    counts = pd.crosstab(forms["category"], forms["survey_year"]).reindex(
        index=list(KPIS), columns=[BASELINE_YEAR, year], fill_value=0
    )
    counts.loc[POOLED] = counts.sum()
    rows, seen, printed = [], counts.to_dict("index"), plan.to_dict("index")
    for category, kpi_id in (*KPIS.items(), (POOLED, "POET")):
        before, count = (int(n) for n in seen[category].values())
        baseline, target = printed[category]["baseline_value"], printed[category]["m3_target"]
        target = target if year == TARGET_YEAR else math.nan
        lower, upper = poisson_interval(count)
        rows.append(
            {
                "category": category,
                "kpi_id": kpi_id,
                "survey_year": year,
                "baseline_n": baseline,
                "baseline_forms_n": before,
                "forms_n": count,
                "lower_n": lower,
                "upper_n": upper,
                "target_n": target,
                "met": "no target" if math.isnan(target) else "yes" if count >= target else "no" if over else "not yet",
                "in_headline": rule == ("pooled" if category == POOLED else "each"),
                "change_n": count - baseline,
                "change_pct": pct(count - baseline, baseline),
                "year_over": over,
                **_chance(count, baseline if over else math.nan),
            }
        )
    return pd.DataFrame(rows)


def _chance(count: int, baseline: float) -> dict[str, float | str]:
    if math.isnan(baseline) or (count == 0 and baseline == 0):
        return {"p_value": math.nan, "chance_explains": "not known"}
    p_value = poisson_compare(count, int(baseline)).p_value
    return {"p_value": p_value, "chance_explains": "yes" if p_value >= CHANCE else "no"}


def _kpis(categories: pd.DataFrame) -> pd.DataFrame:
    count = categories["forms_n"].astype(float)
    return pd.DataFrame(
        {
            "kpi_id": categories["kpi_id"],
            "value": count,
            "unit": "participants",
            "numerator": count,
            "denominator": math.nan,
            "lower": categories["lower_n"],
            "upper": categories["upper_n"],
        }
    )


def _response_rate(by_tool: pd.DataFrame, invitations: pd.DataFrame, data_date: pd.Timestamp) -> pd.DataFrame:
    keys = ["survey_year", "tool", "category"]
    begun = pd.to_datetime(invitations["survey_year"].str[:4] + "-09-01", errors="coerce") <= data_date
    invited = invitations[begun].groupby(keys)["invited"].sum(min_count=1).rename("invited_n").reset_index()
    table = by_tool.merge(invited, on=keys, how="outer").sort_values(keys, ignore_index=True)
    table["forms_n"] = table["forms_n"].fillna(0).astype("int64")
    table["invited_n"] = pd.to_numeric(table["invited_n"]).astype(float)
    table["reason"] = ""
    table.loc[table["invited_n"].isna(), "reason"] = "invitations not known"
    table.loc[table["invited_n"].eq(0), "reason"] = "nobody invited"
    table.loc[table["invited_n"] < table["forms_n"], "reason"] = "more forms than invitations"
    return _with_share(table, "forms_n", "invited_n", table["reason"].eq(""))


def _with_share(table: pd.DataFrame, top: str, bottom: str, known: pd.Series[bool]) -> pd.DataFrame:
    counts = zip(table[top], table[bottom], known, strict=True)
    shares = [wilson(int(k), int(n)) if ok and n > 0 else None for k, n, ok in counts]
    for column, name in (("pct", "value"), ("lower_pct", "lower"), ("upper_pct", "upper")):
        table[column] = pd.Series([100 * getattr(p, name) if p else math.nan for p in shares], table.index, dtype=float)
    return table


def _cumulative(forms: pd.DataFrame, data_date: pd.Timestamp) -> pd.DataFrame:
    """Every month from a year's first form to its last, or to the data date while the survey year is still open."""
    month, parts = forms["submitted_on"].dt.to_period("M"), []
    for year, group in month.groupby(forms["survey_year"]):
        closes = pd.Period(f"{int(str(year)[:4]) + 1}-08", freq="M")
        last = max(group.max(), min(closes, data_date.to_period("M")))
        counts = pd.crosstab(group, forms.loc[group.index, "category"]).reindex(
            index=pd.period_range(group.min(), last, freq="M", name="month"), columns=list(KPIS), fill_value=0
        )
        long = counts.reset_index().melt("month", var_name="category", value_name="forms_n")
        parts.append(long.assign(survey_year=year, cumulative_n=long.groupby("category")["forms_n"].cumsum()))
    columns = ["survey_year", "category", "month", "forms_n", "cumulative_n"]
    table = pd.concat(parts, ignore_index=True)[columns] if parts else pd.DataFrame(columns=columns)
    return table.assign(month=pd.PeriodIndex(table["month"], freq="M").to_timestamp())


def _satisfaction(forms: pd.DataFrame) -> pd.DataFrame:
    score = pd.to_numeric(forms["satisfaction"])
    columns = {"satisfied_n": score.ge(4).fillna(value=False), "scored_n": score.notna(), "blank_n": score.isna()}
    table = forms.assign(**columns).groupby(["survey_year", "tool", "category"])[list(columns)].sum().astype("int64")
    shared = _with_share(table.reset_index(), "satisfied_n", "scored_n", pd.Series(data=True, index=range(len(table))))
    return shared[[*shared.columns.drop("blank_n"), "blank_n"]]


def _account(responses: pd.DataFrame, forms: pd.DataFrame, data_date: pd.Timestamp) -> pd.DataFrame:
    opens = pd.to_datetime(forms["survey_year"].str[:4] + "-09-01", errors="coerce")
    closes = opens + pd.DateOffset(years=1)
    found = {
        "rows read": len(responses),
        "submitted after the data date, left out": int((responses["submitted_on"] > data_date).sum()),
        "no date of submission, left out": int(responses["submitted_on"].isna().sum()),
        "forms counted": len(forms),
        "submitted outside its survey year's September to August, counted as recorded": int(
            ((forms["submitted_on"] < opens) | (forms["submitted_on"] >= closes)).sum()
        ),
        "satisfaction blank": int(forms["satisfaction"].isna().sum()),
    }
    return account(found)
