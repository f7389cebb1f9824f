"""Can the figure of EHC plan quality be trusted? Its readings, its baseline, its N/A answers, auditors and coverage."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any, NamedTuple

import pandas as pd

from sendanalysis.measures.figures import ALL, COLUMNS, Tables, count
from sendanalysis.measures.quality import measures, status
from sendanalysis.methods.agreement import agree
from sendanalysis.methods.periods import Period, Window, add_months, month_end
from sendanalysis.methods.proportions import pct

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterator, Mapping

    from sendanalysis.inputs.parameters import Quality

CARE, CARE_AS_PRINTED = ("D", "H1", "H2"), ("D", "F")
UNITS, NA_POLICIES = ("answer", "plan_mean", "plan_all", "plan_overall"), ("success", "exclude")
BASELINE_MONTHS = 3
NEAR_POINTS = 2
UNIT_WORDS = {
    "answer": "answers",
    "plan_mean": "mean of the plans' shares",
    "plan_all": "plans with nothing missed",
    "plan_overall": "summary question",
}
NA_WORDS = {"success": "N/A counts as met", "exclude": "N/A left out"}
GROUPS = (ALL, "health", "care")


def baseline_window(clock_start: dt.date) -> Window:
    """The three whole months that end with the month the plan's clock starts in."""
    first = add_months(clock_start.replace(day=1), 1 - BASELINE_MONTHS)
    return Window("baseline", first, month_end(clock_start))


class Reading(NamedTuple):
    """One way of counting one KPI, as a name and as the measure that counts it."""

    name: str
    group: str
    chosen: Quality

    @property
    def label(self) -> str:
        """The reading in words, without the KPI."""
        words = [UNIT_WORDS[self.chosen.unit], NA_WORDS[self.chosen.na_policy]]
        return ", ".join([*words, f"social care as {' and '.join(self.chosen.care_sections)}"])


def readings(tables: Tables, window: Window, chosen: Quality) -> pd.DataFrame:
    """Every KPI under every unit, policy on N/A and reading of the sections of social care, in one window.

    Returns:
        Figures of `quality_by_reading` without intervals, which rest on audits of other months as well; the group
        holds the KPI's group and the reading in words.
    """
    rows = tables["ehcp_audits"]
    inside = {"ehcp_audits": rows[rows["audited_on"].between(pd.Timestamp(window.first), pd.Timestamp(window.last))]}
    ways = list(_readings(chosen))
    each = {own: count(measures(own)[0], inside, [window]) for own in dict.fromkeys(way.chosen for way in ways)}
    found = [each[way.chosen].query("group == @way.group").assign(group=way.name) for way in ways]
    return pd.concat(found, ignore_index=True).assign(measure="quality_by_reading", lower=math.nan, upper=math.nan)


def reconcile(figures: pd.DataFrame, published: Mapping[str, float], chosen: Quality) -> pd.DataFrame:
    """Which reading of the baseline audits comes nearest to the published baseline.

    Args:
        figures: What `readings` returned for the baseline window.
        published: Printed baseline by group.
        chosen: The reading in force.

    Returns:
        reading, one value a group, largest_distance_points (of the groups published, where the reading has them all),
        verdict ('nearest'; 'nearest, but none near' beyond 2 points; else empty).
    """
    by_name = figures.set_index("group")["value"]
    values: dict[str, dict[str, float]] = {}
    for reading in _readings(chosen):
        values.setdefault(reading.label, {})[reading.group] = by_name[reading.name]
    table = pd.DataFrame.from_dict(values, orient="index").reindex(columns=list(GROUPS))
    gaps = pd.DataFrame({group: table[group] - value for group, value in published.items()})
    largest = gaps.abs().max(axis=1, skipna=False) if len(gaps.columns) else pd.Series(math.nan, table.index)
    word = "nearest" if largest.min() <= NEAR_POINTS else "nearest, but none near"
    verdict = largest.eq(largest.min()).map({True: word, False: ""})
    table = table.assign(largest_distance_points=largest, verdict=verdict)
    return table.rename_axis("reading").reset_index()


def drift(tables: Tables, wanted: list[Window], chosen: Quality) -> pd.DataFrame:
    """The share of N/A, and of Yes among Yes and No, in the baseline audits and in the headline's, by KPI.

    Returns:
        Figures of `quality_na` and `quality_yes`.
    """
    named = {measure.name: measure for measure in measures(chosen)}
    found = [count(named[name], tables, wanted) for name in ("quality_na", "quality_yes")]
    return pd.concat(found, ignore_index=True)


def na_points(moved: pd.DataFrame, group: str, chosen: Quality) -> float:
    """By how many points a change in the share of N/A has moved a KPI since its baseline.

    Args:
        moved: What `drift` returned.
        group: The KPI's group.
        chosen: What is counted; nought where N/A is left out, or either window holds no audit.
    """
    rows = moved[moved["measure"].eq("quality_na") & moved["group"].eq(group)]["value"]
    points = float(rows.iloc[-1] - rows.iloc[0]) if len(rows) == 2 and chosen.na_policy == "success" else 0.0
    return 0.0 if math.isnan(points) else points


def agreement(tables: Tables, day: dt.date, chosen: Quality) -> pd.DataFrame:
    """Plans with final audits by two auditors, the latest two, each at their latest.

    Returns:
        One row, or none where there is no such plan: plans_n, pairs_n (both answered), same_n, same_pct, kappa, ac1.
    """
    rows = tables["ehcp_audits"]
    final = rows[status(rows, day, chosen.plan_types).eq("final")]
    each = final.dropna(subset="auditor_id").sort_values(["audited_on", "audit_id"])
    two = each.drop_duplicates(["plan_id", "auditor_id"], keep="last").groupby("plan_id").tail(2)
    place = two.groupby("plan_id").cumcount()
    answered = final.dropna(subset="answer")[["audit_id", "plan_id", "section", "question_id", "answer"]]
    one, other = (answered[answered["audit_id"].isin(two.loc[place.eq(side), "audit_id"])] for side in (0, 1))
    pairs = one.merge(other, on=["plan_id", "section", "question_id"], suffixes=("_first", "_second"))
    columns = ["plans_n", "pairs_n", "same_n", "same_pct", "kappa", "ac1"]
    if pairs.empty:
        return pd.DataFrame(columns=columns)
    found = agree(pairs["answer_first"], pairs["answer_second"])
    row = (pairs["plan_id"].nunique(), found.n, found.same, 100 * found.share, found.kappa, found.ac1)
    return pd.DataFrame([row], columns=columns)


def coverage(tables: Tables, period: Period, issued: Mapping[int, float]) -> pd.DataFrame:
    """New plans with a final audit, of the new plans issued, by calendar year.

    Args:
        tables: ehcp_audits.
        period: A year counts once it is over by the data date.
        issued: Plans issued by calendar year.

    Returns:
        Figures of `quality_coverage` by year.
    """
    rows = tables["ehcp_audits"]
    done = rows[status(rows, period.data_date, "new").eq("final")]
    audited = done.groupby(done["audited_on"].dt.year)["plan_id"].nunique()
    table: list[tuple[Any, ...]] = []
    for year, n in audited.items():
        days = [pd.Timestamp(int(str(year)), 1, 1), pd.Timestamp(int(str(year)), 12, 31)]
        over = days[1].date() <= period.data_date
        of = issued.get(int(str(year)), math.nan) if over else math.nan
        state = "known" if of > 0 else "plans issued not known" if over else "the year is not over"
        table.append(
            (
                "quality_coverage",
                str(year),
                "year",
                *days,
                n,
                of,
                pct(n, of) if of > 0 else math.nan,
                *[math.nan] * 2,
                state,
            )
        )
    return pd.DataFrame(table, columns=COLUMNS)


def _readings(chosen: Quality) -> Iterator[Reading]:
    for care in dict.fromkeys([CARE, CARE_AS_PRINTED, tuple(chosen.care_sections)]):
        for unit in UNITS:
            if unit == "plan_overall" and care != CARE:  # it speaks of no section, so it has one reading only
                continue
            for policy in NA_POLICIES:
                own = replace(chosen, unit=unit, na_policy=policy, care_sections=care)
                for group in GROUPS:
                    yield Reading(f"{group}: {Reading('', group, own).label}", group, own)
