"""Sentences on any KPI, whatever it counts: its figure, its days, its counts, and how it is counted."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sendanalysis.display.columns import days_in_words
from sendanalysis.display.phrases import trend, trend_reading
from sendanalysis.display.wording import (
    NO_DATA,
    amount,
    capital,
    covered,
    listed,
    number,
    of,
    percent,
    plain_amount,
    plural,
    sentence,
    shown,
    since_baseline,
)
from sendanalysis.methods.periods import in_words
from sendanalysis.methods.rounding import half_up
from sendanalysis.release import NOT_SHOWN

if TYPE_CHECKING:
    import pandas as pd

    from sendanalysis.methods.spc import XmrSummary
    from sendanalysis.release import Figure, Release

Counted = tuple[str, str]
NOT_MEASURED = "Not measured."
WINDOWS = {  # others are said as they are: over them
    "month": "by month",
    "day": "at the end of the month",
    "to date": "to date",
    "school year": "over a school year",
}
RATINGS = 12  # of so many months are told
STANDS = {  # by status
    "Green": "On target.",
    "Amber": "Not on target.",
    "Red": "Not on target.",
    "No colour yet": "Not judged yet.",
    "Not defined in the plan": NOT_MEASURED,
    NOT_SHOWN: "Not shown.",
}


def answer(figure: Figure, counted: Counted) -> tuple[str, str]:
    """How a KPI stands: whether it is on target, as its status says, and its figure."""
    return STANDS.get(figure.status, "Not known."), told(figure, counted)


def told(figure: Figure, counted: Counted, subject: str = "It") -> str:
    """The figure of a KPI in a sentence, beside its baseline, saying no more than its interval allows."""
    name = figure.kpi.name if figure.kpi else ""
    if figure.rating:
        return f"{name}: {figure.reason}, for {covered(figure)}."
    if STANDS.get(figure.status) == NOT_MEASURED:
        return f"{capital(figure.reason)} for “{name}”."
    if figure.status == NOT_SHOWN:
        return f"The figure for “{name}” is {figure.reason}."
    if figure.value is None:
        return f"There is no figure for “{name}”: {figure.reason}."
    now = percent(figure.value) if figure.unit == "percent" else amount(figure, figure.value)
    basis = "; ".join(part for part in (count_of(figure, counted), covered(figure)) if part)
    return sentence(f"{subject} stands at {now} ({basis})", since_baseline(figure))


def when(figure: Figure) -> str:
    """What a fact is labelled with: the days it covers, or that nothing is known."""
    return covered(figure) or "Figure"


def count_of(figure: Figure, counted: Counted) -> str:
    """What a figure was counted from: 42 of 68 plans; nothing where it is the count itself."""
    if figure.n is None or figure.rating:
        return ""
    if figure.of is None:
        return "" if figure.n == figure.value else plural(figure.n, *counted)
    if figure.unit.startswith("per "):
        return f"{plural(figure.n, *counted)} among {number(figure.of)}"
    if figure.n == figure.value:
        return (
            f"of {number(figure.of)}" if figure.unit == counted[1] else f"of {number(figure.of)} {counted[1]}".strip()
        )
    return f"{of(figure)} {counted[1]}".strip()


def facts(figure: Figure, counted: Counted) -> list[tuple[str, str, str]]:
    """The facts a KPI's answer rests on: the figure, how sure it is, and where the plan started."""
    if figure.value is None and not figure.rating:
        return []
    found = [(when(figure), shown(figure), count_of(figure, counted))]
    found += [how_sure(figure)] if figure.upper is not None else []
    if figure.baseline is not None:
        printed, then = figure.kpi.baseline_as_printed if figure.kpi else "", amount(figure, figure.baseline)
        made = figure.kpi is not None and bool(figure.kpi.baseline_rule)  # the plan printed that it was to be made
        bare = plain_amount(figure, figure.baseline)  # what was printed beside the number says when it was
        rest = printed.removeprefix(then).removeprefix(bare).strip(" ()") or "as printed"
        found.append(("Baseline", then, "made from the extracts" if made else rest if printed else "not printed"))
    return found


def how_sure(figure: Figure) -> tuple[str, str, str]:
    """The fact that says how sure we are of a figure."""
    if figure.lower is None or figure.upper is None:
        return ("How sure", "not known", "too few to say")
    sign_ = "%" if figure.unit == "percent" else ""
    return ("How sure", f"{half_up(figure.lower):,} to {half_up(figure.upper):,}{sign_}", "95% interval")


def sign(figure: Figure) -> str:
    """The unit a chart writes beside a value."""
    return "%" if figure.unit == "percent" else ""


def subtitle(figure: Figure, counted: Counted, rows: pd.DataFrame) -> str:
    """What a chart of a KPI shows: measure, unit and windows."""
    if figure.kpi is None or rows.empty:
        return ""
    unit = "per cent" if figure.unit == "percent" else figure.unit
    window = {"month": "by month", "day": "at each month's end", "to date": "to the end of each month"}
    when_ = window.get(str(rows["window"].iloc[0]), str(rows["window"].iloc[0]))
    return f"{capital(unit)}, {when_}{f'; counted in {counted[1]}' if counted[1] not in {'', figure.unit} else ''}."


def title(figure: Figure, rows: pd.DataFrame) -> str:
    """Title of a KPI's chart: what its control chart says, or where it stands beside where the plan began."""
    name, known = figure.kpi.name if figure.kpi else "", rows.dropna(subset=["value"])
    if set(known["window"]) == {"month"} and not figure.rating:
        return trend(figure, rows, name)
    if figure.value is None:
        return f"{name}: {shown(figure)}"
    then = f", {plain_amount(figure, figure.baseline)} at the baseline" if figure.baseline is not None else ""
    return f"{name}: {shown(figure)} now{then}"


def chart_reading(figure: Figure, summary: XmrSummary | None, rows: pd.DataFrame) -> str:
    """How to read a KPI's chart."""
    if figure.rating:
        return ""
    known = rows.dropna(subset=["value"])
    if known.empty or set(known["window"]) == {"month"}:
        return trend_reading(summary, rows, figure)
    if set(known["window"]) == {"day"}:
        return "Each point is what stood at a month's end. Most of it stood there the month before, so no limits are drawn."
    window = str(known["window"].iloc[0])
    return (
        f"Each point covers a window of its own ({window}), which shares most records with its neighbours; "
        "so no limits of chance are drawn, and a slow change shows late."
    )


def not_drawn(figure: Figure, rows: pd.DataFrame) -> str:
    """What stands instead of a chart: how a KPI was rated month by month, else that nothing is known."""
    known = rows[rows["rating"].ne("")].tail(RATINGS) if "rating" in rows else rows.iloc[:0]
    if not figure.rating or known.empty:
        return NO_DATA
    words = {"yes": "done", "no": "not done"}
    told = [
        f"{words.get(rating, rating)} for {listed([days_in_words('', *days) for days in own.itertuples(index=False)])}"
        for rating, own in (
            (str(each["rating"].iloc[0]), each[["first_on", "last_on"]])
            for _, each in known.groupby(known["rating"].ne(known["rating"].shift()).cumsum())
        )
    ]
    return f"It is rated or recorded as done, and not counted, so no line is drawn. As recorded: {'; '.join(told)}."


def without_milestones(figure: Figure) -> str:
    """What stands where the plan gives a KPI no milestone: that there is no target, or those that its parts add up to."""
    ahead = ((figure.target, figure.target_on), (figure.next_target, figure.next_target_on))
    summed = [f"{plain_amount(figure, value)} by {in_words(on)}" for value, on in ahead if value is not None and on]
    return f"Its targets are the sums of its parts': {', '.join(summed)}." if summed else "The plan sets no target."


def how(release: Release, kpi_id: str) -> str:
    """How a KPI is counted: its measure in words, its window and the tables it rests on."""
    figure = release.kpi(kpi_id)
    if figure.kpi is None or not figure.kpi.measure:
        return "The plan does not say how it is measured."
    measure = release.measures.get(figure.kpi.measure)
    if measure is None:
        return "Its owner supplies the figure by hand; it is shown as supplied."
    window = WINDOWS.get(figure.kpi.window or measure.window, f"over {figure.kpi.window or measure.window}")
    tables = " and ".join(name.replace("_", " ") for name in measure.needs)
    known = f" Baseline: {amount(figure, figure.baseline)}." if figure.baseline is not None else ""
    return f"{capital(measure.label)}, {window}; from {tables}.{known}"
