"""The scorecard: each KPI of the plan beside its baseline and targets, with the colour that its key gives and why.

Key (AMB23): Green at or beyond the target of the latest milestone reached; Amber short of it but better than the
baseline; Red no better than the baseline. Before the first milestone there is a next target and no colour. Unrounded
figures are compared. A KPI without measure, baseline and target is not defined in the plan: no number, no colour.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from sendanalysis.inputs.plan import BENCHMARKS, Target, parts_first, parts_of
from sendanalysis.measures.kpis import Measured
from sendanalysis.measures.targets import in_force, resolved, split
from sendanalysis.methods.periods import in_words
from sendanalysis.methods.rounding import half_up
from sendanalysis.methods.verdict import Verdict

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping, Sequence

    import pandas as pd

    from sendanalysis.inputs.parameters import Scorecard
    from sendanalysis.inputs.plan import Kpi

NO_DATA = "No data"
NO_COLOUR = "No colour yet"
NOT_DEFINED = "Not defined in the plan"
NOT_SHOWN = "Not shown"
COLOURS = ("Green", "Amber", "Red")
WORST = COLOURS[-1]
MET = {"Green": True, "Amber": False, "Red": False}
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
        by_parts: Whether its parts give the status, and not its own figure.
        verdict: What may be said of it against its baseline.
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
    by_parts: bool = False
    verdict: Verdict = field(default_factory=Verdict)

    @property
    def unit(self) -> str:
        """percent, or what is counted."""
        return self.kpi.unit if self.kpi else "percent"

    def released(self) -> dict[str, Any]:
        """What readers of tables and of the manifest get, by column."""
        inner = {
            "kpi",
            "verdict",
            "census",
            "counting",
            "lacking",
            "by_parts",
            "baseline_lower",
            "baseline_upper",
            "baseline_last",
        }
        said = {
            "since_baseline": self.verdict.said,
            "since_baseline_why": self.verdict.why,
            "of_late": self.verdict.months,
        }
        return {"unit": self.unit} | {name: value for name, value in vars(self).items() if name not in inner} | said

    @property
    def met(self) -> bool | None:
        """Whether it is on target, as its colour says; None where it has none."""
        return MET.get(self.status)

    @property
    def polarity(self) -> str:
        """Which way is better: higher, lower or band."""
        return self.kpi.polarity if self.kpi else "higher"


def side_of(said: Mapping[str, Any], polarity: str) -> tuple[float, float] | None:
    """Between which percentages a share is, as its colour tells; None where it tells of no target.

    Args:
        said: What is said of the KPI, by name of a `Figure`'s attributes.
        polarity: Which way is better: higher, lower or band.

    >>> side_of({"status": "Amber", "target": 87.0, "target_to": None, "by_parts": False}, "higher")
    (0, 87.0)
    """
    target, met = said["target"], MET.get(said["status"])
    if target is None or said["target_to"] is not None or said["by_parts"] or met is None:
        return None
    return (target, 100) if met == (polarity != "lower") else (0, target)


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


def _placed(figure: Figure, targets: Sequence[Target], day: dt.date, chosen: Scorecard) -> Figure:
    """The figure with the target in force and the next one."""
    reached, ahead = split(targets, day)
    now = in_force(reached, ahead, day, chosen)
    fields = _fields("", now) if now else {}
    return replace(figure, **fields | (_fields("next_", ahead[0]) if ahead else {}))


def _fields(which: str, target: Target) -> dict[str, Any]:
    rule = target.rule if target.value is None or target.rule in BENCHMARKS else ""
    found = {"target": target.value, "target_to": target.value_to, "target_on": target.on, "target_words": rule}
    return {f"{which}{name}": value for name, value in found.items()}


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
        return replace(figure, status=NO_DATA, reason=figure.lacking or why)
    reached, ahead = split(targets, day)
    now = in_force(reached, ahead, day, chosen)
    if now is None:
        if not ahead:
            return replace(figure, status=NO_COLOUR, reason="the plan sets no target")
        when = f"; the first falls on {in_words(ahead[0].on)}"
        return replace(figure, status=NO_COLOUR, reason=f"no milestone has been reached{when}")
    if figure.counting == "part":
        return replace(figure, status=NO_COLOUR, reason="the records do not reach back over the whole of its window")
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
        share = "each part" if len(own) == len(parts) else f"{len(own)} of {len(parts)} parts"
        return replace(figure, by_parts=True, status=status, reason=f"{share}: {own[0].reason}")
    names = "; ".join(part.kpi.name for part in own if part.kpi)  # a name may hold a comma
    reason = f"each part counts, and {len(own)} of {len(parts)} {'is' if len(own) == 1 else 'are'} {status}: {names}"
    return replace(figure, by_parts=True, status=status, reason=reason)


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
