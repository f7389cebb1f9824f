"""The scorecard: each KPI of the plan beside its baseline and targets, with the colour that its key gives and why.

Key (AMB23): Green at or beyond the target of the latest milestone reached; Amber short of it but better than the
baseline; Red no better than the baseline. Before the first milestone there is a next target and no colour. Unrounded
figures are compared. A KPI without measure, baseline and target is not defined in the plan: no number, no colour.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import pandas as pd

from sendanalysis.inputs.plan import BENCHMARKS, Target, parts_first, parts_of
from sendanalysis.measures.kpis import Measured
from sendanalysis.methods.comparison import change
from sendanalysis.methods.periods import in_words
from sendanalysis.methods.rounding import half_up

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping, Sequence

    from sendanalysis.inputs.parameters import Scorecard
    from sendanalysis.inputs.plan import Kpi

NO_DATA = "No data"
NO_COLOUR = "No colour yet"
NOT_DEFINED = "Not defined in the plan"
COLOURS = ("Green", "Amber", "Red")
RATED = {"Green": "Green", "Amber": "Amber", "Red": "Red", "Blue": "Green", "yes": "Green", "no": "Red"}
_WORST_FIRST = ("Red", "Amber", NO_DATA, NO_COLOUR, "Green", NOT_DEFINED)


@dataclass(frozen=True)
class Figure(Measured):
    """One KPI in one month: what was measured, and how it stands to the plan.

    Attributes:
        kpi: The KPI, with its words and targets.
        target: Value of the target in force: that of the latest milestone reached.
        target_to: Upper end of its range, for a KPI that is to keep within one.
        target_on: Day of that milestone.
        target_words: Its rule in words, where it is no number.
        next_target: Value of the next milestone.
        next_target_to: Upper end of its range.
        next_target_on: Day of the next milestone.
        next_target_words: Its rule in words, where it is no number.
        status: Green, Amber, Red, or in words why there is no colour.
        reason: The rule that gave the status.
    """

    kpi: Kpi | None = None
    target: float | None = None
    target_to: float | None = None
    target_on: dt.date | None = None
    target_words: str = ""
    next_target: float | None = None
    next_target_to: float | None = None
    next_target_on: dt.date | None = None
    next_target_words: str = ""
    status: str = NO_DATA
    reason: str = ""

    @property
    def unit(self) -> str:
        """percent, or what is counted."""
        return self.kpi.unit if self.kpi else "percent"

    @property
    def change(self) -> str:
        """Rise, fall or could be chance, of two counted shares; not known without, or within the baseline itself."""
        counts = (self.n, self.of, self.baseline_n, self.baseline_of)
        apart = self.baseline_last is not None and self.first_on is not None and self.first_on > self.baseline_last
        if not apart or any(count is None or count != round(count) for count in counts):
            return "not known"
        n, of, then, then_of = (int(count or 0) for count in counts)
        return change((n, of), (then, then_of))

    @property
    def polarity(self) -> str:
        """Which way is better: higher, lower or band."""
        return self.kpi.polarity if self.kpi else "higher"


def judge(
    plan: tuple[Kpi, ...],
    measured: Mapping[str, Measured],
    benchmarks: pd.DataFrame,
    *,
    day: dt.date,
    chosen: Scorecard,
) -> dict[str, Figure]:
    """Every KPI of the plan with its figure, target and status.

    Args:
        plan: The KPIs.
        measured: What was measured, by kpi_id; a KPI without measure need not be there.
        benchmarks: Published figures: kpi_id, area_kind (england, region, neighbours), published_on, value. A target
            takes the one published last by its day, or by the data date where that comes first.
        day: Data date.
        chosen: How a KPI gets its colour.

    Returns:
        Figures by kpi_id, in the order of the plan.
    """
    found: dict[str, Figure] = {}
    for kpi in parts_first(plan):
        own = measured.get(kpi.kpi_id, Measured(baseline=kpi.baseline))
        figure = Figure(**vars(own), kpi=kpi)
        parts = [found[part.kpi_id] for part in parts_of(plan, kpi.kpi_id)]
        targets = resolved(kpi, figure.baseline, benchmarks, day)
        own_targets = any(target.judges for target in kpi.targets)
        summed = kpi.parts == "sum" or not own_targets
        if parts and summed and kpi.unit != "percent" and figure.baseline is None:
            figure, targets = _summed(figure, parts)
        figure = _placed(figure, targets, day, chosen)
        by_parts = parts and (kpi.parts == "each" or not (kpi.parts or own_targets))
        found[kpi.kpi_id] = _worst(figure, parts) if by_parts else _judged(figure, targets, day, chosen)
    return {kpi.kpi_id: found[kpi.kpi_id] for kpi in plan}


def resolved(kpi: Kpi, baseline: float | None, benchmarks: pd.DataFrame, day: dt.date) -> list[Target]:
    """The targets that judge, each rule turned into the value it gives; one that gives none keeps its rule alone.

    A milestone that is rated judges by its day alone.
    """
    kept = [target for target in kpi.targets if target.judges or kpi.unit == "rating"]
    return [replace(target, value=_value(kpi, target, baseline, benchmarks, day)) for target in kept]


def _value(kpi: Kpi, target: Target, baseline: float | None, benchmarks: pd.DataFrame, day: dt.date) -> float | None:
    if not target.rule:
        return target.value
    if target.rule in BENCHMARKS:
        own = benchmarks[benchmarks["kpi_id"].eq(kpi.kpi_id) & benchmarks["area_kind"].eq(target.rule)]
        known = own[own["published_on"] <= pd.Timestamp(min(day, target.on))].sort_values("published_on")
        return float(known["value"].iloc[-1]) if len(known) else None
    if target.rule == "any rise" or baseline is None:
        return None
    if target.rule == "half as many again":
        return float(math.ceil(1.5 * baseline))
    size = (target.value or 0.0) * (baseline / 100 if target.rule == "rise by per cent" else 1)
    return baseline - size if kpi.polarity == "lower" else baseline + size


def _placed(figure: Figure, targets: Sequence[Target], day: dt.date, chosen: Scorecard) -> Figure:
    """The figure with the target in force and the next one."""
    reached, ahead = _split(targets, day)
    now = _target_now(reached, ahead, day, chosen)
    fields = _fields("", now) if now else {}
    return replace(figure, **fields | (_fields("next_", ahead[0]) if ahead else {}))


def _fields(which: str, target: Target) -> dict[str, Any]:
    rule = target.rule if target.value is None or target.rule in BENCHMARKS else ""
    found = {"target": target.value, "target_to": target.value_to, "target_on": target.on, "target_words": rule}
    return {f"{which}{name}": value for name, value in found.items()}


def _split(targets: Sequence[Target], day: dt.date) -> tuple[list[Target], list[Target]]:
    return [target for target in targets if target.on <= day], [target for target in targets if target.on > day]


def _target_now(reached: Sequence[Target], ahead: Sequence[Target], day: dt.date, chosen: Scorecard) -> Target | None:
    if chosen.trajectory == "step" or not ahead or not reached:
        return reached[-1] if reached else None
    start, end = reached[-1], ahead[0]
    if start.value is None or end.value is None:
        return start
    share = (day - start.on).days / (end.on - start.on).days
    value_to = start.value_to
    if value_to is not None and end.value_to is not None:
        value_to += share * (end.value_to - value_to)
    return replace(start, on=day, value=start.value + share * (end.value - start.value), value_to=value_to)


def _judged(  # noqa: PLR0911  # a rule each, the first that holds
    figure: Figure, targets: Sequence[Target], day: dt.date, chosen: Scorecard
) -> Figure:
    kpi = figure.kpi
    if kpi is None or not kpi.defined:
        return replace(figure, status=NOT_DEFINED, reason="the plan gives no baseline and no target")
    if figure.rating:
        return _rated(figure)
    if figure.value is None:
        why = "nothing was recorded to count" if kpi.measure else "the plan does not say how it is measured"
        return replace(figure, status=NO_DATA, reason=why)
    reached, ahead = _split(targets, day)
    now = _target_now(reached, ahead, day, chosen)
    if now is None:
        if not ahead:
            return replace(figure, status=NO_COLOUR, reason="the plan sets no target")
        when = f"; the first falls on {in_words(ahead[0].on)}"
        return replace(figure, status=NO_COLOUR, reason=f"no milestone has been reached{when}")
    if now.value is None:
        return _without_size(figure, now)
    return _coloured(figure, now, chosen)


def _rated(figure: Figure) -> Figure:
    if figure.rating == "no" and figure.target_on is None:
        return replace(figure, status=NO_COLOUR, reason="not done, and not due yet")
    words = {"yes": "recorded as done", "no": "recorded as not done"}
    reason = words.get(figure.rating, f"rated {figure.rating} by its owner")
    return replace(figure, status=RATED[figure.rating], reason=reason)


def _better(figure: Figure, than: float) -> bool:
    """Whether the figure is better than another value."""
    value = figure.value or 0.0
    return value < than if figure.polarity == "lower" else value > than


def _without_size(figure: Figure, now: Target) -> Figure:
    """A target that names no size, or whose published figure is not known yet."""
    if now.rule in BENCHMARKS:
        return replace(figure, status=NO_COLOUR, reason=f"the figure of {_who(now.rule)} is not known yet")
    if figure.baseline is None:
        return replace(figure, status=NO_COLOUR, reason="its baseline is not known yet")
    side, other, way = ("below", "above", "fall") if figure.polarity == "lower" else ("above", "below", "rise")
    if _better(figure, figure.baseline):
        reason = f"{side} its baseline; the plan sets no size of {way}, so none can be Green"
        return replace(figure, status="Amber", reason=reason)
    return replace(figure, status="Red", reason=f"at or {other} its baseline")


def _who(rule: str) -> str:
    return {"england": "England", "region": "the region", "neighbours": "the statistical neighbours"}[rule]


def _coloured(figure: Figure, now: Target, chosen: Scorecard) -> Figure:
    value, target = figure.value or 0.0, now.value or 0.0
    sign = "%" if figure.unit == "percent" else ""
    due = f"{half_up(target):g}{sign}"
    if figure.polarity == "band":
        due = f"{due} to {half_up(now.value_to or target):g}{sign}"
    what = f"the target of {due}" + (f", the figure of {_who(now.rule)}" if now.rule in BENCHMARKS else "")
    short, met, missed = _words(figure.polarity)
    gap = _gap(value, target, now.value_to, figure.polarity)
    if gap <= 0:
        return replace(figure, status="Green", reason=f"{met} {what}")
    if chosen.amber_floor == "points":
        amber, size = gap <= chosen.amber_points, f"than {chosen.amber_points:g} from it"
        said = (f"no more {size}", f"more {size}")
    elif figure.polarity == "band":
        floor = _gap(figure.baseline, target, now.value_to, "band") if figure.baseline is not None else math.inf
        amber, said = gap < floor, ("nearer than its baseline", "no nearer than its baseline")
    else:
        amber = figure.baseline is None or _better(figure, figure.baseline)
        known = figure.baseline is not None
        said = (f"{missed[0]} its baseline" if known else "and no baseline is known", f"at or {missed[1]} its baseline")
    return replace(figure, status="Amber" if amber else "Red", reason=f"{short} {what}, {said[0 if amber else 1]}")


def _words(polarity: str) -> tuple[str, str, tuple[str, str]]:
    if polarity == "band":
        return "outside", "within", ("", "")
    if polarity == "lower":
        return "above", "at or below", ("below", "above")
    return "below", "at or above", ("above", "below")


def _gap(value: float, target: float, target_to: float | None, polarity: str) -> float:
    """How far a value is from being on target; nought or less once it is."""
    if polarity == "band":
        return max(target - value, value - (target if target_to is None else target_to))
    return value - target if polarity == "lower" else target - value


def _worst(figure: Figure, parts: Sequence[Figure]) -> Figure:
    """The whole with the status of its worst part, and how many of its parts have it; row order does not matter."""
    ranked = sorted(parts, key=lambda part: (_WORST_FIRST.index(part.status), part.kpi.name if part.kpi else ""))
    status = ranked[0].status
    own = [part for part in ranked if part.status == status]
    if status not in ("Red", "Amber"):
        return replace(figure, status=status, reason=f"of one part, {own[0].reason}")
    names = ", ".join(part.kpi.name for part in own if part.kpi)
    reason = f"each part counts, and {len(own)} of {len(parts)} {'is' if len(own) == 1 else 'are'} {status}: {names}"
    return replace(figure, status=status, reason=reason)


def _summed(figure: Figure, parts: Sequence[Figure]) -> tuple[Figure, list[Target]]:
    """Baseline and targets of a whole that the plan gives its parts alone."""
    targets = [
        Target(on, _sum([part.target if part.target_on == on else part.next_target for part in parts]))
        for on in sorted({day for part in parts for day in (part.target_on, part.next_target_on) if day})
        if all(on in (part.target_on, part.next_target_on) for part in parts)
    ]
    return replace(figure, baseline=_sum([part.baseline for part in parts])), targets


def _sum(values: Sequence[float | None]) -> float | None:
    return None if None in values else float(sum(value for value in values if value is not None))
