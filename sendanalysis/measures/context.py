"""National context: how many new plans come within 20 weeks here, in the region, in England and at the neighbours."""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from sendanalysis.inputs.official_layouts import plain_name
from sendanalysis.methods.proportions import account, wilson
from sendanalysis.methods.rounding import half_up_pct

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sendanalysis.methods.periods import Period

ALL_PLANS = "All EHC plans issued"
LEVELS = {"Local authority": "la", "Regional": "region", "National": "country"}
COUNTS = {  # by what is done with the permitted exceptions: plans issued, issued within 20 weeks, published per cent
    "included": ("plans_issued_den", "plans_issued_within_20_weeks", "pc_plans_issued_within_20_weeks"),
    "excluded": ("plans_issued_den_ex", "plans_issued_20_weeks_ex", "PC_plans_issued_20_weeks_ex"),
}
MARKERS = {
    "": "blank",
    "x": "not available",
    "z": "not applicable",
    "c": "suppressed",
    "*": "suppressed",
    "low": "too low to show",
    ":": "missing, no reason given",
}
Z_95, Z_998 = 1.959963984540054, 3.090232306167813
FUNNEL = ["year", "exceptions", "group", "flag", "of", "n", "value"]
OVER_YEARS = ["year", "area_level", "exceptions", "group", "flag", "of", "n", "value"]
LIMITS = ["centre", "lower_95", "upper_95", "lower_limit", "upper_limit"]


@dataclass(frozen=True)
class Context:
    """Published figures on plans issued within 20 weeks; they carry no target, so they colour nothing.

    Every frame but `quality` has `exceptions`: whether plans with a permitted exception are included or excluded. The
    group is an area's name, n the plans within 20 weeks, of the plans issued, value the per cent.

    Attributes:
        areas: Per year and area: year, area_level (la, region, country), area_code, group, exceptions, of, n, value,
            lower, upper (Wilson), published_pct, recomputed_pct (half up to one decimal), agrees (yes, no, not
            compared), reason (why a count is missing).
        neighbours: The latest year of the authority and its neighbours: year, exceptions, rank (1 is the highest per
            cent, ties share it), ranked_n, group, flag (the area itself), of, n, value, lower, upper, reason.
        over_years: Every year of the authority, its neighbours, region and country: year, area_level, exceptions,
            group, flag, of, n, value (missing where there is none).
        funnel: The same authorities with a figure, against chance: year, exceptions, group, flag, of, n, value, centre,
            lower_95, upper_95, lower_limit, upper_limit (99.8%), centre_of, position.
        quality: what, rows_n, share_pct (of the rows read).
    """

    areas: pd.DataFrame
    neighbours: pd.DataFrame
    over_years: pd.DataFrame
    funnel: pd.DataFrame
    quality: pd.DataFrame


def measure(
    timeliness_20_week: pd.DataFrame,
    *,
    period: Period,
    codes: Mapping[str, str],
    neighbours: Sequence[str] | None = None,
) -> Context:
    """Read the department's table as it is printed, check it against its own counts and set the area among others.

    Args:
        timeliness_20_week: The official table, every column as text: time_period, geographic_level, country_code,
            region_code, region_name, new_la_code, la_name, the counts and per cents named in `COUNTS`, and breakdown
            where the file has one. Other columns are not looked at.
        period: Calendar years that end after its data date are left out.
        codes: Official codes under la, region and country.
        neighbours: Names of the statistical neighbours.

    Returns:
        The context; its frames are empty where the table knows nothing of the area.
    """
    text = timeliness_20_week.reset_index(drop=True).astype("str").fillna("").apply(lambda column: column.str.strip())
    year = pd.to_numeric(text["time_period"].str[:4], errors="coerce")
    wanted = text["breakdown"].eq(ALL_PLANS) if "breakdown" in text else pd.Series(data=True, index=text.index)
    ended = year <= period.data_date.year - (period.data_date < dt.date(period.data_date.year, 12, 31))
    rows = _tidy(text[wanted & ended], year[wanted & ended])
    areas = rows[rows["area_code"].eq(rows["area_level"].map(dict(codes)))]
    places = _places(rows, codes.get("la", ""), neighbours or ())
    country = rows[rows["area_level"].eq("country") & rows["area_code"].eq(codes.get("country", ""))]
    return Context(
        areas=areas.reset_index(drop=True),
        neighbours=_ranked(places),
        over_years=_over_years(rows, areas, neighbours or ()),
        funnel=_funnel(places, country),
        quality=_account(text, wanted, year[wanted & ~ended], rows),
    )


def codes_in(timeliness_20_week: pd.DataFrame, codes: Mapping[str, str]) -> dict[str, str]:
    """The official codes, with the area's region and country as its own latest row in the table names them."""
    own = timeliness_20_week[timeliness_20_week["new_la_code"].eq(codes.get("la", ""))].tail(1)
    named = {name: own[f"{name}_code"].dropna() for name in ("region", "country")}
    return {**codes, **{name: str(cells.iloc[0]) for name, cells in named.items() if len(cells)}}


def _tidy(text: pd.DataFrame, year: pd.Series[float]) -> pd.DataFrame:
    level = text["geographic_level"].map(LEVELS)
    country = text["country_name"] if "country_name" in text else text["country_code"].replace("E92000001", "England")
    own_code = {"la": text["new_la_code"], "region": text["region_code"], "country": text["country_code"]}
    own_name = {"la": text["la_name"], "region": text["region_name"], "country": country}
    base = pd.DataFrame({"year": year.astype("int64"), "area_level": level})
    for column, by_level in (("area_code", own_code), ("group", own_name)):
        base[column] = pd.Series(
            np.select([level.eq(key) for key in by_level], list(by_level.values()), ""), text.index
        )
    halves = [base.assign(exceptions=kind, **_counts(text, *columns)) for kind, columns in COUNTS.items()]
    rows = pd.concat(halves, ignore_index=True).dropna(subset="area_level")
    order = rows["area_level"].map({level: place for place, level in enumerate(LEVELS.values())})
    by = ["year", "order", "area_code", "group", "exceptions"]
    rows = rows.assign(order=order).sort_values(by, ascending=[True, True, True, True, False]).drop(columns="order")
    return rows.astype(dict.fromkeys(("area_level", "area_code", "group", "agrees", "reason"), "str"))


def _counts(text: pd.DataFrame, issued: str, within: str, published: str) -> dict[str, pd.Series]:
    n, met, printed = (pd.to_numeric(text[column], errors="coerce") for column in (issued, within, published))
    known = n.notna() & met.notna() & (met <= n) & (n > 0)
    share = [wilson(int(m), int(k)) if ok else None for m, k, ok in zip(met, n, known, strict=True)]
    marker = text[issued].where(n.isna(), text[within].where(met.isna(), "counted"))
    reason = marker.map(lambda mark: "" if mark == "counted" else MARKERS.get(mark, "not a number"))
    reason = reason.mask(n.eq(0) & met.notna(), "none issued").mask(met > n, "more within 20 weeks than issued")
    recomputed = pd.Series(
        [half_up_pct(m, k) if ok else math.nan for m, k, ok in zip(met, n, known, strict=True)], n.index
    )
    same = pd.Series(np.where(recomputed.eq(printed), "yes", "no"), n.index)
    columns = {
        "of": n,
        "n": met,
        "value": 100 * met.where(known) / n.where(known),
        "lower": pd.Series([100 * p.lower if p else math.nan for p in share], n.index),
        "upper": pd.Series([100 * p.upper if p else math.nan for p in share], n.index),
        "published_pct": printed,
        "recomputed_pct": recomputed,
    }
    compared = recomputed.notna() & printed.notna()
    return {name: column.astype(float) for name, column in columns.items()} | {
        "agrees": same.where(compared, "not compared"),
        "reason": reason,
    }


def _places(rows: pd.DataFrame, la: str, neighbours: Sequence[str]) -> pd.DataFrame:
    local = rows[rows["area_level"].eq("la")]
    own = local["area_code"].eq(la)
    latest = local[local["year"].eq(local.loc[own, "year"].max())]
    listed = {plain_name(name): name for name in neighbours if isinstance(name, str) and name.strip()}
    plain = latest["group"].map(plain_name)
    kept = latest[latest["area_code"].eq(la) | plain.isin(list(listed))].assign(flag=latest["area_code"].eq(la))
    absent = [name for key, name in listed.items() if key not in set(plain)] if len(latest) else []
    if not absent:
        return kept
    empty = pd.DataFrame([(name, kind) for name in absent for kind in COUNTS], columns=["group", "exceptions"])
    return pd.concat([kept, empty.assign(year=latest["year"].iloc[0], flag=False, reason="not in the table")])


def _over_years(rows: pd.DataFrame, areas: pd.DataFrame, neighbours: Sequence[str]) -> pd.DataFrame:
    own = areas["area_level"].eq("la").any()
    names = {plain_name(name) for name in neighbours if isinstance(name, str)} if own else set()
    others = rows["area_level"].eq("la") & rows["group"].map(plain_name).isin(names)
    kept = rows[others | rows.index.isin(areas.index)]
    kept = kept.assign(flag=kept["area_level"].eq("la") & kept.index.isin(areas.index))
    return kept.sort_values(["year", "group", "exceptions"], ignore_index=True)[OVER_YEARS]


def _ranked(places: pd.DataFrame) -> pd.DataFrame:
    by_kind = places.groupby("exceptions")["value"]
    ranked = places.assign(rank=by_kind.rank(ascending=False, method="min"), ranked_n=by_kind.transform("count"))
    columns = ["year", "exceptions", "rank", "ranked_n", "group", "flag", "of", "n", "value"]
    ordered = ranked.sort_values(["exceptions", "rank", "group"], ascending=[False, True, True])
    return ordered[[*columns, "lower", "upper", "reason"]].reset_index(drop=True)


def _funnel(places: pd.DataFrame, country: pd.DataFrame) -> pd.DataFrame:
    """Limits p ± z·√(p(1−p)/n) around the pooled share p, with z 1.96 for 95% and 3.09 for 99.8%, cut at 0 and 100."""
    known, points = places.dropna(subset="value"), []
    for kind, group in known.groupby("exceptions", sort=False):
        nation = country[country["exceptions"].eq(kind) & country["year"].eq(group["year"].iloc[0])].dropna(
            subset="value"
        )
        pool, label = (nation, "England") if len(nation) else (group, "the authorities shown")
        centre = pool["n"].sum() / pool["of"].sum()
        limits = _limits(centre, group["of"])
        point = group[FUNNEL].join(limits).assign(centre_of=label)
        point["position"] = np.select(
            [_beyond(point, "limit"), _beyond(point, "95")], ["outside 99.8%", "outside 95%"], "within 95%"
        )
        points.append(point.sort_values(["of", "group"]))
    columns = [*FUNNEL, *LIMITS, "centre_of", "position"]
    return pd.concat(points, ignore_index=True)[columns] if points else pd.DataFrame(columns=columns)


def _limits(centre: float, n: pd.Series[float]) -> pd.DataFrame:
    error = np.sqrt(centre * (1 - centre) / n)
    bounds = {
        name.format(side): (100 * (centre + sign * z * error)).clip(0, 100)
        for name, z in (("{}_95", Z_95), ("{}_limit", Z_998))
        for side, sign in (("lower", -1), ("upper", 1))
    }
    return pd.DataFrame({"centre": 100 * centre, **bounds}, index=n.index)


def _beyond(point: pd.DataFrame, name: str) -> pd.Series[bool]:
    return (point["value"] < point[f"lower_{name}"]) | (point["value"] > point[f"upper_{name}"])


def _account(text: pd.DataFrame, wanted: pd.Series[bool], later: pd.Series[float], rows: pd.DataFrame) -> pd.DataFrame:
    keys = ["year", "area_level", "area_code", "group"]
    wrong = rows[rows["agrees"].eq("no")].drop_duplicates(keys)
    missing = rows[rows["reason"].ne("")].drop_duplicates([*keys, "reason"])["reason"].value_counts().sort_index()
    found = {"rows read": len(text), "other breakdowns, left out": int((~wanted).sum())}
    found |= {
        f"{year:.0f}, not over by the data date, left out": n for year, n in later.value_counts().sort_index().items()
    }
    found["rows used"] = len(rows) // len(COUNTS)
    found |= {f"no figure: {reason}": int(n) for reason, n in missing.items()}
    found["published percentage differs from its counts"] = len(wrong)
    return account(found)
