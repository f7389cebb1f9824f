"""Every official figure of the area beside its region, England and its statistical neighbours."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import pandas as pd

from sendanalysis.inputs.official_layouts import declared, plain_name
from sendanalysis.measures.context import MARKERS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sendanalysis.methods.periods import Period

COLUMNS = [
    *("label", "unit", "period", "release", "area_level", "group", "flag", "n", "of", "value", "published_pct"),
    *("before_period", "before", "rank", "ranked_n", "reason"),
]


@dataclass(frozen=True)
class National:
    """Official figures; they carry no target, so they colour nothing.

    Attributes:
        latest: The latest period of each measure that ended by the data date, of the area (an integrated care board
            for health), its region, England and its neighbours: label, unit, period, release, area_level, group, flag
            (the area itself), n, of, value (per cent where there is an `of`, else n), published_pct,
            before_period and before (the figure a period before), rank among neighbours and ranked_n (1 is the
            highest), reason (why there is no figure).
        trend: The same columns for every period of the area, its region and England.
        sections: Every measure that is known: label, period and release shown, or the reason why none is, and source.
    """

    latest: pd.DataFrame
    trend: pd.DataFrame
    sections: pd.DataFrame


class Share(NamedTuple):
    """A published share: how many of how many, and per cent; missing where none was published."""

    n: float
    of: float
    value: float


def measure(official: pd.DataFrame, *, period: Period, codes: Mapping[str, str], neighbours: Sequence[str]) -> National:
    """Set the area's official figures beside those of its region, England and its neighbours.

    Args:
        official: The long table of official figures, with `own` for the area's rows.
        period: Periods that end after its data date are left out.
        codes: nhs_region names the area's region in the community waits; without it the region of local government.
        neighbours: Names of the statistical neighbours.

    Returns:
        The figures. The area's region is the one that its own rows name.
    """
    ended = official[official["ends_on"] <= pd.Timestamp(period.data_date)]
    rows = _valued(_chosen(ended, codes, neighbours))
    key = ["measure", "group"]
    rows = rows.sort_values([*key, "ends_on"], kind="stable")
    rows = rows.assign(before_period=rows.groupby(key)["period"].shift(), before=rows.groupby(key)["value"].shift())
    ranked = rows["unit"].eq("%") & (rows["flag"].astype(bool) | rows["area_level"].eq("neighbour"))
    among = rows[ranked].groupby(["measure", "ends_on"])["value"]
    rows = rows.assign(rank=among.rank(ascending=False, method="min"), ranked_n=among.transform("count"))
    order = {item.measure: place for place, item in enumerate(declared())}
    levels = {level: place for place, level in enumerate(("la", "icb", "region", "country", "neighbour"))}
    rows = rows.assign(place=rows["measure"].map(order), level=rows["area_level"].map(levels)).sort_values(
        ["place", "level", "group", "ends_on"], kind="stable"
    )
    newest = rows["ends_on"].eq(rows.groupby("measure")["ends_on"].transform("max"))
    beside = rows["area_level"].ne("neighbour")
    latest, trend = (rows[kept].reindex(columns=COLUMNS).reset_index(drop=True) for kept in (newest, beside))
    return National(latest, trend, _sections(official, rows))


def published_share(official: pd.DataFrame, code: str, year: int, measure: str = "within_20_weeks") -> Share | None:
    """The published share of an authority in a calendar year, or None where the files do not have it.

    Args:
        official: The long table of official figures.
        code: Code of the authority, nine characters.
        year: Calendar year.
        measure: A measure of `official.csv`.
    """
    held = official["area_code"].eq(code) & official["period"].eq(str(year)) & official["measure"].eq(measure)
    found = _valued(official[held])
    return Share(*(float(found[name].iloc[0]) for name in ("n", "of", "value"))) if len(found) else None


def _chosen(rows: pd.DataFrame, codes: Mapping[str, str], neighbours: Sequence[str]) -> pd.DataFrame:
    own = rows["own"].astype(bool)
    region = rows.loc[own & rows["region_code"].ne(""), "region_code"]
    named = rows[rows["area_level"].eq("region") & rows["area_code"].isin(set(region))]
    health = codes.get("nhs_region") or next(iter(named["group"]), "")
    at_region = rows["area_level"].eq("region") & (rows["area_code"].isin(set(region)) | rows["area_code"].eq(health))
    wanted = {plain_name(name) for name in neighbours}
    near = rows["area_level"].eq("la") & ~own & rows["group"].map(plain_name).isin(wanted)
    kept = rows[own | at_region | near | rows["area_level"].eq("country")]
    return kept.assign(flag=own[kept.index], area_level=kept["area_level"].mask(near[kept.index], "neighbour"))


def _valued(rows: pd.DataFrame) -> pd.DataFrame:
    n, of, shown = (pd.to_numeric(rows[name], errors="coerce") for name in ("n", "of", "published"))
    share = rows["unit"].eq("%")
    alone = rows["measure"].isin([item.measure for item in declared() if not item.n])  # published without counts
    value = (100 * n / of.where(of > 0)).where(share, n).mask(alone, shown)
    marker = rows["n"].where(n.isna(), rows["of"].where(of.isna(), "")).mask(alone, rows["published"])
    reason = marker.map(lambda mark: "not returned" if mark == "" else MARKERS.get(mark, f"marked {mark}"))
    reason = reason.mask(share & of.eq(0), "none to count").where(value.isna(), "")
    return rows.assign(n=n, of=of, value=value.astype(float), published_pct=shown, reason=reason.astype("str"))


def _sections(official: pd.DataFrame, rows: pd.DataFrame) -> pd.DataFrame:
    found = []
    held = {item.set for item in declared() if official["measure"].eq(item.measure).any()}
    for item in declared():
        own, shown = official[official["measure"].eq(item.measure)], rows[rows["measure"].eq(item.measure)]
        absent = "no such column in the file" if item.set in held else "no file in published/"
        reason = "" if len(shown) else "no period had ended by the data date" if len(own) else absent
        last = shown.sort_values("ends_on").tail(1)[["period", "release"]].to_dict("records")
        told: dict[str, str] = {name: str(last[0][name]) if last else "" for name in ("period", "release")}
        found.append({"label": item.label, **told, "reason": reason, "source": item.source, "licence": item.licence})
    return pd.DataFrame(found)
