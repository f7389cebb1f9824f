"""Groups and partners as their charts set them side by side, with the titles that say what is seen."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from sendanalysis.display.columns import PEOPLE, group_in_words
from sendanalysis.display.phrases import be, have
from sendanalysis.display.wording import HIDDEN_STATES, NOT_SHOWN, capital, listed, number, percent, plural, share

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sendanalysis.release import Figure

NO_SECTOR = "No sector can be held against a baseline yet"
DOT = " \N{MIDDLE DOT} "
APART = ("parents_and_young_people", "other")  # whose advice stays out of the headline


def to_target(rows: pd.DataFrame) -> pd.DataFrame:
    """Groups of a survey as `row_charts.dots` draws them, furthest from the target first.

    Args:
        rows: The table `survey_compared` of one survey year.

    Returns:
        The columns of the table, the group in words, with of_target_pct and baseline_of_target_pct (per cent of the
        target, missing where there is none) and told.
    """
    rows = rows[rows["group"].isin(list(PEOPLE))]
    told = [
        f"{number(row['n'], '0')} of {number(row['target'])}"
        if pd.notna(row["target"] + row["n"])
        else number(row["n"], "0")
        for row in rows.to_dict("records")
    ]
    shares = {"of_target_pct": 100 * rows["n"] / rows["target"]}
    shares |= {"baseline_of_target_pct": 100 * rows["baseline"] / rows["target"]}
    hidden = {name: rows[name].mask(rows["n"].isna(), NOT_SHOWN) for name in ("met", "chance_explains") if name in rows}
    found = rows.assign(group=[capital(PEOPLE[group]) for group in rows["group"]], told=told, **hidden, **shares)
    return found.sort_values("of_target_pct", kind="stable", ignore_index=True)


def later_years(rows: pd.DataFrame, target_year: str) -> pd.DataFrame:
    """Survey years that have no target, from the table `survey_compared`, the group in words."""
    columns = ["group", "survey_year", "baseline", "n", "over", "change_pct", "chance_explains"]
    later = rows.loc[rows["survey_year"] != target_year, columns]
    open_ = later["chance_explains"].eq("not known") & ~later["over"].astype(bool)
    tested = later["chance_explains"].mask(open_, "the year is not over")
    names = [group_in_words(group) for group in later["group"]]
    return later.assign(group=names, chance_explains=tested).reset_index(drop=True)


def targets_reached(rows: pd.DataFrame) -> str:
    """Title of the groups: how many have reached their target, and how many forms the others have of it.

    Args:
        rows: As `to_target` gives them.
    """
    aimed, shown = rows.dropna(subset=["target", "n"]), " shown" if rows["n"].isna().any() else ""
    if aimed.empty:
        return f"No group{shown} has a target"
    short = aimed[aimed["n"] < aimed["target"]]
    met = len(aimed) - len(short)
    groups = plural(len(aimed), f"group{shown}", f"groups{shown}")
    told = f"{number(met, 'None')} of {groups} {have(met) if met else 'has'} reached the target"
    others = [f"{row['group'].lower()} {row['told']}" for row in short.to_dict("records")]
    return f"{told}; {listed(others)}" if others else told


def overdue(rows: pd.DataFrame) -> pd.DataFrame:
    """Open and overdue requests by partner and age as `row_charts.split_bars` draws them, most and oldest first.

    Args:
        rows: Figures of `advice_overdue`, whose group is age and partner, the youngest first.

    Returns:
        A row a partner and age: group, part, n, told; partners with none are left out, and so are those who are no
        partners and whom no headline counts.
    """
    split = rows[rows["group"].str.contains(DOT)]
    names = [str(group).split(DOT) for group in split["group"]]
    split = split.assign(part=[name[0] for name in names], group=[name[1] for name in names])
    split = split[~split["group"].isin(APART)]
    total = split.groupby("group", sort=False)["n"].sum().sort_values(ascending=False, kind="stable")
    hidden = set(split.loc[split["n"].isna(), "group"])
    told = {
        name: f"{number(n, NOT_SHOWN)}{' or more' if n and name in hidden else ''}"
        for name, n in total.items()
        if n > 0 or name in hidden
    }
    kept = split[split["group"].isin(list(told))]
    kept = kept.assign(told=kept["group"].map(told), place=kept["group"].map(list(told).index))
    return kept.iloc[::-1].sort_values("place", kind="stable", ignore_index=True).drop(columns="place")


def oldest(rows: pd.DataFrame) -> str:
    """Title of the overdue requests: how many there are, how many in the oldest band, and of whom most are wanted.

    Args:
        rows: As `overdue` gives them.
    """
    if rows.empty:
        return "No request is open and overdue"
    if rows["n"].isna().any():
        return "Requests open and overdue, some counts hidden"
    last, worst = rows["part"].iloc[0], rows["group"].iloc[0]
    total, old = rows["n"].sum(), rows.loc[rows["part"] == last, "n"].sum()
    most = rows.loc[rows["group"] == worst, "n"].sum()
    told = f"{plural(total, 'request')} {be(total)} open and overdue, {number(old)} by {last}"
    return f"{capital(told)}; {number(most)} {be(most)} with {_partner(worst)}"


def _partner(name: str) -> str:
    words = group_in_words(name)
    return words if words.isupper() else f"{words[0].lower()}{words[1:]}"


def half_back(quantiles: pd.DataFrame) -> str:
    """Title of the times until advice is back: within how many days half of it is, from each partner.

    Args:
        quantiles: group, quantile_pct, days (missing where not reached).
    """
    half = quantiles[(quantiles["quantile_pct"] == 50) & (quantiles["group"] != "all")].sort_values("days")
    known, rest = half.dropna(subset=["days"]), half[half["days"].isna()]
    told = [f"{number(row['days'], '0')} days from {_partner(row['group'])}" for row in known.to_dict("records")]
    if not told:
        return "Time until advice is back"
    late = f"; not yet from {listed([_partner(name) for name in rest['group']])}" if len(rest) else ""
    return f"Half is back within {listed(told)}{late}"


def beside_baselines(figures: Iterable[Figure]) -> dict[str, tuple[float | None, str]]:
    """The baseline of each group's KPI, and what its panel is headed.

    Args:
        figures: Figures of the KPIs that are parts of another.
    """
    found = {}
    for figure in figures:
        if figure.kpi is not None:
            then = f", baseline {percent(figure.baseline)}" if figure.baseline is not None else ", no baseline"
            then = "" if figure.baseline is None and figure.status in HIDDEN_STATES else then
            name = group_in_words(figure.kpi.group)
            found[figure.kpi.group] = (
                figure.baseline,
                f"{name}: {share(figure.value, figure.status, 'none due')}{then}",
            )
    return found


def below_baseline(figures: Sequence[Figure]) -> str:
    """Title of the panels: which groups are below their baselines by more than chance explains, and which not clearly.

    Args:
        figures: As `beside_baselines` takes them.
    """
    known = [figure for figure in figures if figure.kpi and figure.value is not None and figure.baseline is not None]
    if not known:
        hidden = any(figure.status in HIDDEN_STATES for figure in figures)
        return "How the sectors lie to their baselines is not shown" if hidden else NO_SECTOR
    below = [figure for figure in known if (figure.value or 0) < (figure.baseline or 0)]
    clear = [figure for figure in below if figure.verdict.said == "fell"]
    told = f"{number(len(below), 'None')} of {plural(len(known), 'sector')} {be(len(below) or 1)} below the baseline"
    if len(below) == 1:
        return f"{told}, {'clearly' if clear else 'not clearly'}"
    return f"{told}, {number(len(clear))} of them clearly" if below else told
