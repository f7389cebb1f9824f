"""The released tables that hold no figures: waits, forecasts, accounts of rows, registers and published tables.

Each name leads to the function that makes it, and its neighbours, from an opened release.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import pandas as pd

from sendanalysis.measures import (
    actions,
    advice,
    autism,
    autism_list,
    autism_outlook,
    calendar,
    commentary,
    context,
    milestones,
    national,
    peer_review,
    quality,
    quality_checks,
    sen2_waits,
    survey,
)

if TYPE_CHECKING:
    from sendanalysis.measures.figures import Tables
    from sendanalysis.methods.periods import Window

Made: TypeAlias = "dict[str, pd.DataFrame]"
Maker: TypeAlias = Callable[[Any], Made]
PUBLISHED = "timeliness_20_week"


def used_by(tables: Tables, codes: Mapping[str, str]) -> set[str]:
    """Registers and published tables that hold rows of this area, and so have a page."""
    own = tables[PUBLISHED]["new_la_code"].eq(codes.get("la", ""))
    held = {
        "actions": len(tables["actions"]) or len(tables["milestones"]) or len(tables["risks"]),
        "peer_review": len(tables["peer_review_actions"]) or len(tables["peer_review_published"]),
        "context": own.any() or tables["official"]["own"].any(),
        "sen2": "sen2_requests" in tables,
    }
    return {name for name, rows in held.items() if rows}


def _deadlines(release: Any) -> tuple[Any, ...]:
    """Days by which the backlog was to be cleared: the plan's targets, and another that the plan names."""
    days = [target.on for kpi in release.plan if kpi.measure == "autism" for target in kpi.targets if target.judges]
    promised = release.parameters.autism.promised_on
    return tuple(sorted({*days, *([promised] if promised else [])}))


def _quality(release: Any) -> Made:
    if "quality" not in release.measures:
        return dict.fromkeys(_NAMES["quality"], pd.DataFrame())
    chosen, tables, period = release.parameters.quality, release.source_tables, release.period
    then, now = _quality_windows(release)
    found = quality_checks.readings(tables, then, chosen)
    published = {
        kpi.group: kpi.baseline for kpi in release.plan if kpi.measure == "quality" and kpi.baseline is not None
    }
    frames = (
        pd.concat([quality_checks.readings(tables, now, chosen), found], ignore_index=True),
        quality_checks.reconcile(found, published, chosen),
        quality_checks.agreement(tables, period.data_date, chosen),
        quality_checks.coverage(tables, period, _issued(release)),
        quality.efforts(release.lead("quality"), release.figures("quality_plans", group="all"), chosen),
        quality.accounts(tables, period, chosen),
    )
    return dict(zip(_NAMES["quality"], frames, strict=True))


def _quality_windows(release: Any) -> tuple[Window, Window]:
    """The months of the printed baseline as far as they are known, and those of the headline."""
    then = quality_checks.baseline_window(release.parameters.plan.clock_start)
    then = then._replace(last=min(then.last, release.period.data_date))
    return then, quality.headline_window(release.period, release.parameters.quality)


def _drift(release: Any) -> Made:
    """By itself, since the KPIs' verdicts rest on it and the other tables on the KPIs."""
    if "quality" not in release.measures:
        return {"quality_drift": pd.DataFrame()}
    found = quality_checks.drift(release.source_tables, [*_quality_windows(release)], release.parameters.quality)
    return {"quality_drift": found}


def _issued(release: Any) -> dict[int, float]:
    rows = release.table("context_areas")
    own = rows[(rows["area_level"] == "la") & (rows["exceptions"] == "included")]
    return dict(zip(own["year"].astype(int), own["of"].astype(float), strict=True))


def _advice(release: Any) -> Made:
    if "advice" not in release.measures:
        return dict.fromkeys(_NAMES["advice"], pd.DataFrame())
    chosen, tables, day = release.parameters.advice, release.source_tables, release.period.data_date
    curve, quantiles = advice.waits(tables, day, chosen)
    return dict(zip(_NAMES["advice"], (curve, quantiles, advice.accounts(tables, day, chosen)), strict=True))


def _autism(release: Any) -> Made:
    if "autism" not in release.measures:
        return dict.fromkeys(_NAMES["autism"], pd.DataFrame())
    chosen, tables, day = release.parameters.autism, release.source_tables, release.period.data_date
    deadlines = _deadlines(release)
    states = release.figures("autism_by_state", window="day")
    curve, quantiles = autism_list.waits(tables, day)
    frames = (
        autism_outlook.burn_down(states, day, chosen, deadlines),
        autism_outlook.pace(tables, day, chosen, deadlines),
        autism_outlook.record(tables, day, chosen),
        autism_list.queue(tables, day, chosen),
        curve,
        quantiles,
        autism.accounts(tables, day, chosen),
    )
    return dict(zip(_NAMES["autism"], frames, strict=True))


def _survey(release: Any) -> Made:
    if "survey" not in release.measures:
        return dict.fromkeys(_NAMES["survey"], pd.DataFrame())
    kpis = {figure.kpi.group: figure for figure in release.kpis_of("survey").values()}
    years = release.figures("survey_by_year")
    frames = (
        survey.compared(kpis, years, release.parameters.survey, release.period.data_date),
        survey.accounts(release.source_tables, release.period.data_date),
    )
    return dict(zip(_NAMES["survey"], frames, strict=True))


def _sen2(release: Any) -> Made:
    if "sen2_in_time" not in release.measures:
        return dict.fromkeys(_NAMES["sen2"], pd.DataFrame())
    tables, day = release.source_tables, release.period.data_date
    areas = release.table("context_areas")
    own = areas[areas["area_level"].eq("la") & areas["area_code"].eq(release.codes.get("la", ""))]
    names = {"included": "sen2_in_time", "excluded": "sen2_in_time_excl"}
    figures = {kind: release.figures(name, window="year") for kind, name in names.items()}
    beside = sen2_waits.beside(figures, own, tables, day, illustrative=release.settings.illustrative)
    known_to, accounts = sen2_waits.known_to(tables, day), sen2_waits.accounts(tables, day)
    frames = (*sen2_waits.waits(tables, day), beside, known_to, accounts)
    return dict(zip(_NAMES["sen2"], frames, strict=True))


def _context(release: Any) -> Made:
    tables = release.source_tables
    neighbours = list(tables["statistical_neighbours"].sort_values("rank")["area_name"])
    codes = context.codes_in(tables[PUBLISHED], release.codes)
    found = context.measure(tables[PUBLISHED], period=release.period, codes=codes, neighbours=neighbours)
    beside = national.measure(tables["official"], period=release.period, codes=codes, neighbours=neighbours)
    return _framed("context", found) | _framed("context", beside)


def _commentary(release: Any) -> Made:
    statuses = [(kpi_id, figure.status) for kpi_id, figure in release.kpis.items()]
    status = pd.DataFrame(statuses, columns=["kpi_id", "status"], dtype="str")
    found = commentary.measure(release.source_tables["commentary"], status, period=release.period)
    return _framed("commentary", found)


def _register(name: str, module: Any) -> Maker:
    def made(release: Any) -> Made:
        found = module.measure(release.source_tables, period=release.period, parameters=release.parameters)
        return _framed(name, found)

    return made


def _framed(name: str, found: Any) -> Made:
    frames = {item.name: getattr(found, item.name) for item in fields(found)}
    return {name if key == name else f"{name}_{key}": frame for key, frame in frames.items()}


_NAMES: dict[str, tuple[str, ...]] = {
    "quality": (
        *("quality_by_reading", "quality_reconciliation", "quality_agreement"),
        *("quality_coverage", "quality_efforts", "quality_accounts"),
    ),
    "sen2": ("sen2_waits", "sen2_wait_quantiles", "sen2_beside_published", "sen2_known_to", "sen2_accounts"),
    "advice": ("advice_waits", "advice_wait_quantiles", "advice_accounts"),
    "autism": (
        *("autism_burn_down", "autism_pace", "autism_forecast_record", "autism_queue"),
        *("autism_waits", "autism_wait_quantiles", "autism_accounts"),
    ),
    "survey": ("survey_compared", "survey_accounts"),
}
_REGISTERS: dict[str, tuple[Any, type]] = {
    "actions": (actions, actions.Tracker),
    "milestones": (milestones, milestones.Milestones),
    "calendar": (calendar, calendar.Calendar),
    "peer_review": (peer_review, peer_review.PeerReview),
}


def _named(name: str, kind: type) -> list[str]:
    if not is_dataclass(kind):
        raise TypeError(kind)
    return [name if item.name == name else f"{name}_{item.name}" for item in fields(kind)]


TABLES: dict[str, Maker] = {
    "quality_drift": _drift,
    **{
        name: make
        for key, make in (
            ("quality", _quality),
            ("advice", _advice),
            ("autism", _autism),
            ("survey", _survey),
            ("sen2", _sen2),
        )
        for name in _NAMES[key]
    },
    **dict.fromkeys([*_named("context", context.Context), *_named("context", national.National)], _context),
    **{name: _register(key, module) for key, (module, kind) in _REGISTERS.items() for name in _named(key, kind)},
    **dict.fromkeys(_named("commentary", commentary.Commentary), _commentary),
}
