"""Official figures in few words: one line a measure, with what stands beside it and what came before."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pandas as pd

from sendanalysis.display.phrases import be
from sendanalysis.display.wording import capital, listed, number, percent, plural, sentence
from sendanalysis.methods.rounding import half_up

if TYPE_CHECKING:
    from collections.abc import Iterator


def answer(rows: pd.DataFrame, name: str, day: str) -> tuple[str, str]:
    """Whether an area is above its region and country, and by which shares.

    Args:
        rows: The area and those it is set beside in one year: year, area_level, group, value.
        name: Name of the area.
        day: Data date in words.
    """
    own, others = rows[rows["area_level"].eq("la")], rows[rows["area_level"].ne("la")]
    if own.empty:
        return "Not known.", f"No published figure for {name} covers a year that ended by {day}."
    value = own["value"].iloc[0]
    gap = half_up(value) - others["value"].map(half_up)
    sides = {"above": gap > 0, "level with": gap == 0, "below": gap < 0}
    first = ", ".join(
        f"{side} {listed(list(others.loc[found, 'group']))}" for side, found in sides.items() if found.any()
    )
    beside = listed(
        [f"{percent(share)} in {place}" for share, place in zip(others["value"], others["group"], strict=True)]
    )
    told = f"In {own['year'].iloc[0]}, {percent(value)} of new EHC plans came within 20 weeks"
    return f"{capital(first or 'not known')}.", sentence(told, f"against {beside}" if beside else "")


def fits(rows: pd.DataFrame) -> str:
    """Whether published percentages are what their published counts give.

    Args:
        rows: agrees (yes, no, or why it cannot be said), one row a percentage.
    """
    known = rows[rows["agrees"].isin(["yes", "no"])]
    if known.empty:
        return "No published percentage can be held against its counts."
    told = f"{number((known['agrees'] == 'yes').sum(), 'None')} of {plural(len(known), 'published percentage')}"
    return f"{told} {be(1 if len(known) == 1 else 2)} what the published counts give."


def outside(rows: pd.DataFrame) -> str:
    """Title of a funnel: how many areas lie outside the limits of chance, and where the area itself lies.

    Args:
        rows: group, flag, value, lower_limit, upper_limit.
    """
    known = rows.dropna(subset=["value"])
    high, low = known["value"] > known["upper_limit"], known["value"] < known["lower_limit"]
    if known.empty:
        return "No area has a figure"
    told = f"{number((high | low).sum(), 'None')} of {plural(len(known), 'area')} {be((high | low).sum() or 1)} outside"
    own = known.index[known["flag"].astype(bool)]
    side = "above" if high[own].any() else "below" if low[own].any() else "within"
    place = f"; {known.loc[own[0], 'group']} is {side} them" if len(own) else ""
    return f"{told} the limits of chance{place}"


def side_by_side(latest: pd.DataFrame) -> pd.DataFrame:
    """The latest figure of each measure, of the area and of those it is set beside, as text.

    Args:
        latest: `context_latest`: one row a measure and area.

    Returns:
        label, period, own (with counts), region, country, neighbours (median, lowest to highest, and how many have a
        figure), rank. Where there is no figure, the reason.
    """
    rows = []
    for label, found in latest.groupby("label", sort=False):
        own = next(_of(found[found["flag"].astype(bool)]), None)
        beside = {name: next(_of(found[found["area_level"].eq(name)]), None) for name in ("region", "country")}
        near = found[found["area_level"].eq("neighbour")]
        rows.append(
            {
                "label": _whose(label, found),
                "period": found["period"].iloc[0],
                "own": _said(own, counted=True),
                **{name: _said(row) for name, row in beside.items()},
                "neighbours": _range(near),
                "rank": f"{own.rank:.0f} of {own.ranked_n:.0f}" if own and pd.notna(own.rank) and len(near) else "none",
            }
        )
    return pd.DataFrame(rows)


def over_time(trend: pd.DataFrame) -> pd.DataFrame:
    """The area's own figures of every period held, one line a measure: label, periods (text)."""
    own = trend[trend["flag"].astype(bool)]
    lines = {
        _whose(label, rows): "; ".join(f"{row.period}: {_said(row)}" for row in _of(rows))
        for label, rows in own.groupby("label", sort=False)
    }
    return pd.DataFrame({"label": list(lines), "periods": list(lines.values())})


def not_shown(sections: pd.DataFrame) -> list[str]:
    """What would be shown and is not, with the reason; one sentence a data set and reason."""
    absent = sections[sections["reason"].ne("")]
    return [
        f"{source} ({reason}): {'; '.join(rows['label'])}."
        for (source, reason), rows in absent.groupby(["source", "reason"], sort=False)
    ]


def _whose(label: Any, rows: pd.DataFrame) -> str:
    """The measure, with the board's name where it is one of an integrated care board and not of the authority."""
    boards = rows.loc[rows["area_level"].eq("icb"), "group"]
    return f"{label}, {boards.iloc[0]}" if len(boards) else str(label)


def _of(rows: pd.DataFrame) -> Iterator[Any]:
    return iter(rows.itertuples())


def _said(row: Any, *, counted: bool = False) -> str:
    if row is None:
        return "not published"
    if pd.isna(row.value):
        return str(row.reason)
    words = _amount(row.value, row.unit)
    return f"{words} ({row.n:,.0f} of {row.of:,.0f})" if counted and pd.notna(row.of) else words


def _amount(value: float, unit: str) -> str:
    if unit == "%":
        return percent(value)
    return f"{value:.1f} weeks" if unit == "weeks" else f"{value:,.0f}"


def _range(near: pd.DataFrame) -> str:
    known = near.dropna(subset="value")
    if known.empty:
        return "none" if near.empty else "no figure"
    low, middle, high = (_amount(float(known["value"].quantile(part)), near["unit"].iloc[0]) for part in (0, 0.5, 1))
    absent = len(near) - len(known)
    return f"{middle} ({low} to {high}{f'; {absent} without a figure' if absent else ''})"


def ahead(rows: pd.DataFrame) -> str:
    """Title of an area's line among others: in how many years it was above its country.

    Args:
        rows: year, group, area_level, flag, value.
    """
    own = rows[rows["flag"].astype(bool)].dropna(subset=["value"])
    country = rows[rows["area_level"] == "country"].dropna(subset=["value"])
    both = own.merge(country, on="year", suffixes=("", "_country"))
    if both.empty:
        return "No year can be compared"
    above, name = int((both["value"] > both["value_country"]).sum()), both["group"].iloc[0]
    return f"{name} was above {both['group_country'].iloc[0]} in {above or 'none'} of {len(both)} years"
