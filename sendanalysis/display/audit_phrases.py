"""Sentences on audits: N/A answers, other readings, agreement of auditors, and what a target would take."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from sendanalysis.display.phrases import be, of_shown
from sendanalysis.display.wording import NOT_SHOWN, capital, number, percent, plural
from sendanalysis.methods.rounding import half_up
from sendanalysis.release import HIDDEN, WITHHELD

if TYPE_CHECKING:
    from sendanalysis.release import Figure

DRIFT_POINTS = 2.0
SECTIONS = {  # what a plan's sections hold (SEND Regulations 2014, regulation 12)
    "A": "Views, interests and aspirations",
    "B": "Special educational needs",
    "C": "Health needs",
    "D": "Social care needs",
    "E": "Outcomes",
    "F": "Special educational provision",
    "G": "Health provision",
    "H1": "Social care provision under the 1970 Act",
    "H2": "Other social care provision",
    "I": "Placement",
    "J": "Personal budget",
    "K": "Advice and information",
}


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
    same, kappa = row["same_pct"], row["kappa"]
    chance = f"; chance alone would give {percent((same - 100 * kappa) / (1 - kappa))}" if kappa < 1 else ""
    return (
        f"In {plural(row['plans_n'], 'plan')} audited twice, {number(row['same_n'])} of {plural(row['pairs_n'], 'pair')} of "
        f"answers agree ({percent(row['same_pct'])}){chance}."
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


def sections(rows: pd.DataFrame) -> pd.DataFrame:
    """Figures by section as `row_charts.dots` draws them: each with its name, lowest first.

    Args:
        rows: Figures of `quality_by_section`.
    """
    return _told(rows.sort_values(["value", "group"]), rows["group"])


def questions(rows: pd.DataFrame, most: int = 10) -> pd.DataFrame:
    """The questions answered No most often, by share, as `row_charts.dots` draws them.

    Args:
        rows: Figures of `quality_by_question`, whose group is section and question.
        most: How many are drawn.
    """
    worst = rows[rows["n"] > 0].sort_values(["value", "n", "group"], ascending=[False, False, True]).head(most)
    found = _told(worst, worst["group"].str.split(" \N{MIDDLE DOT} ").str[0])
    found.attrs |= {WITHHELD: "figures"} if of_shown(rows) else {}
    return found


def _told(rows: pd.DataFrame, section: pd.Series[str]) -> pd.DataFrame:
    names = section.reindex(rows.index).map(SECTIONS)
    code = rows["group"].str.split(" \N{MIDDLE DOT} ").str[-1]
    told = [
        NOT_SHOWN if state == HIDDEN else f"{percent(value)} ({number(n, '0')} of {number(of, '0')})"
        for value, n, of, state in zip(rows["value"], rows["n"], rows["of"], rows["state"], strict=True)
    ]
    return rows.assign(group=code.where(names.isna(), code + " \N{MIDDLE DOT} " + names), told=told)


def _in_a_sentence(name: str) -> str:
    code, _, words = name.partition(" \N{MIDDLE DOT} ")
    return f"{code}, {words[0].lower()}{words[1:]}" if words else code


def weakest(rows: pd.DataFrame, goal: float | None) -> str:
    """Title of the sections: how many are below the target, how many of them clearly, and which is lowest.

    Args:
        rows: As `sections` gives them.
        goal: The target, in per cent; None where there is none.
    """
    known = rows.dropna(subset=["value"])
    if known.empty:
        return "No section has a figure"
    lowest = f"owest{of_shown(rows)} is {_in_a_sentence(known['group'].iloc[0])}, at {percent(known['value'].iloc[0])}"
    if goal is None:
        return f"L{lowest}"
    below, clearly = int((known["value"] < goal).sum()), int((known["upper"] < goal).sum())
    many = (
        f"{number(below, 'None')} of {plural(len(known), 'section')}{of_shown(rows)} {be(below or 1)} below the target"
    )
    return f"{many}{f', {clearly} clearly' if clearly else ''}; l{lowest}"


def most_often_no(rows: pd.DataFrame) -> str:
    """Title of the questions: which was answered No most often.

    Args:
        rows: As `questions` gives them.
    """
    if rows.empty:
        return "No question that is shown was answered No" if WITHHELD in rows.attrs else "No question was answered No"
    worst = rows.iloc[0]
    return f"{_in_a_sentence(worst['group'])}: {number(worst['n'])} of {number(worst['of'])} answers are No"


def by_answer(yes: pd.DataFrame, na: pd.DataFrame) -> pd.DataFrame:
    """How many answers were Yes, N/A and No in each month: month, status, n.

    Args:
        yes: Figures of `quality_yes` by month, all sections: n is Yes, of is Yes and No.
        na: Figures of `quality_na` in the same months: n is N/A.
    """
    both = yes.set_index("first_on")[["n", "of"]].join(na.set_index("first_on")["n"].rename("na")).dropna()
    counts = pd.DataFrame({"Yes": both["n"], "N/A": both["na"], "No": both["of"] - both["n"]})
    long = counts.rename_axis("month").reset_index().melt("month", var_name="status", value_name="n")
    return long.sort_values("month", kind="stable", ignore_index=True)


def answered(rows: pd.DataFrame) -> str:
    """Title of the answers by month: how many of the latest were No.

    Args:
        rows: As `by_answer` gives them.
    """
    if rows.empty:
        return "There is no month to draw"
    last = rows[rows["month"] == rows["month"].max()].set_index("status")["n"]
    many = f"{capital(plural(last['No'], 'answer'))} {'was' if last['No'] == 1 else 'were'} No"
    return f"{many} and {number(last['N/A'])} N/A in {rows['month'].max():%B %Y}"
