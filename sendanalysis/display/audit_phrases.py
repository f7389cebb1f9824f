"""Sentences on audits: N/A answers, other readings, agreement of auditors, and what a target would take."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from sendanalysis.display.wording import number, percent, plural
from sendanalysis.methods.rounding import half_up
from sendanalysis.release import WITHHELD

if TYPE_CHECKING:
    from sendanalysis.release import Figure

DRIFT_POINTS = 2.0


def drift(rows: pd.DataFrame) -> str:
    """A rise in N/A moves the printed measure by itself, so it is said beside it; nothing below two points."""
    found = {}
    for measure in ("quality_na", "quality_yes"):
        values = rows[(rows["measure"] == measure) & (rows["group"] == "all")]["value"].tolist()
        found[measure] = values if len(values) == 2 else [float("nan")] * 2
    (then, now), (yes_then, yes_now) = found["quality_na"], found["quality_yes"]
    if pd.isna(now - then) or abs(now - then) < DRIFT_POINTS:
        return ""
    moved = "rose" if now > then else "fell"
    return (
        f"N/A answers {moved} from {percent(then)} to {percent(now)} meanwhile; "
        f"without them, Yes moved from {percent(yes_then)} to {percent(yes_now)}."
    )


def agreement(rows: pd.DataFrame) -> str:
    """What two audits of the same plans say of the auditors."""
    if rows.empty:
        return "" if WITHHELD in rows.attrs else "No plan was audited by two auditors, so their agreement is not known."
    row = rows.iloc[0]
    return (
        f"In {plural(row['plans_n'], 'plan')} audited twice, {number(row['same_n'])} of {plural(row['pairs_n'], 'pair')} of "
        f"answers agree ({percent(row['same_pct'])}). Cohen's kappa is {half_up(row['kappa'], 2)} and Gwet's AC1 "
        f"{half_up(row['ac1'], 2)}; kappa falls where nearly all answers are Yes, AC1 does not."
    )


def reconciliation(rows: pd.DataFrame) -> str:
    """Which reading of the audits comes nearest to the published baseline."""
    found = rows[rows["verdict"].fillna("") != ""]
    if found.empty:
        return (
            ""
            if WITHHELD in rows.attrs
            else "The baseline months hold no audits that could be held against the published baseline."
        )
    row = found.iloc[0]
    distance = f"{half_up(row['largest_distance_points'])} points away at most"
    if "none near" in row["verdict"]:
        return f"No reading comes near the published baseline; the nearest ({row['reading']}) is {distance}."
    return f"The reading nearest to the published baseline is: {row['reading']}; it is {distance}."


def effort(figure: Figure, ahead: pd.DataFrame) -> str:
    """How far a figure is from its next target, in answers and audits.

    Args:
        figure: The KPI.
        ahead: The table `quality_efforts`.
    """
    if ahead.empty or figure.value is None:
        return "" if WITHHELD in ahead.attrs else "No target of this KPI is ahead of its figure."
    target, more, plans = ahead.iloc[0][["target", "more_n", "audits_n"]]
    need = "no number of audits" if pd.isna(plans) else f"{plural(plans, 'audit')} in a window"
    return (
        f"To reach {target:g}% in this window {number(more)} more answers would have to be met; "
        f"to tell a gap of {half_up(target - figure.value)} points from chance takes about {need}."
    )
