"""The parameters: every place where a plan can be read in more than one way, each with the measure that it belongs to.

A parameter is set in `area.toml` under `[measures.<measure>]`, or for one run with `-p measure.name=value`. The default
is the reading that the project recommends; `notebooks/METHODS.md` gives the reasons by the ambiguity's number.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field, fields, replace
from typing import TYPE_CHECKING, Any

from sendanalysis.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

SECTIONS = ("A", "B", "C", "D", "E", "F", "G", "H1", "H2", "I", "J", "K")
FIRST_DAY, LAST_DAY = dt.date(2000, 1, 1), dt.date(2099, 12, 31)
MOST = 1000  # days, months or points that a parameter may name


def _choice(
    default: Any, help_text: str, ambiguity: str, *one_of: str, minimum: float | None = None, kind: type | None = None
) -> Any:
    known = {"help": help_text, "ambiguity": ambiguity, "one_of": one_of, "minimum": minimum}
    return field(default=default, metadata=known | {"kind": kind or type(default)})


@dataclass(frozen=True)
class Plan:
    """The plan as a whole."""

    clock_start: dt.date = _choice(FIRST_DAY, "day from which a plan's months are counted", "AMB01")


@dataclass(frozen=True)
class Scorecard:
    """How a KPI gets its colour."""

    trajectory: str = _choice("step", "the target between two milestones", "AMB22", "step", "linear")
    amber_floor: str = _choice("baseline", "where Amber ends", "AMB23", "baseline", "points")
    amber_points: float = _choice(
        5.0, "points from the target that are Amber, under amber_floor=points", "AMB23", minimum=0
    )


@dataclass(frozen=True)
class Quality:
    """Quality assurance of EHC plans."""

    unit: str = _choice("answer", "what is counted", "AMB16", "answer", "plan_mean", "plan_all", "plan_overall")
    na_policy: str = _choice("success", "whether N/A counts as met or is left out", "AMB17", "success", "exclude")
    care_sections: tuple[str, ...] = _choice(("D", "H1", "H2"), "sections read as social care", "AMB18", *SECTIONS)
    plan_types: str = _choice("all", "which plans count", "AMB19", "all", "new", "amended")
    window: int = _choice(3, "months in the headline", "AMB20", minimum=1)


@dataclass(frozen=True)
class Advice:
    """Timeliness of partner advice."""

    limit_days: int = _choice(42, "days allowed for advice", "AMB27", minimum=1)
    start_field: str = _choice("sent", "what starts the clock", "AMB28", "sent", "received")
    unit: str = _choice("request", "whether requests or children are counted", "AMB30", "request", "child")
    exceptions: str = _choice("include", "requests with a permitted exception", "AMB31", "include", "exclude")


@dataclass(frozen=True)
class Autism:
    """The autism backlog and the whole waiting list."""

    cohort_on: dt.date | None = _choice(
        None, "day on which the children of the backlog were waiting", "AMB39", kind=dt.date
    )
    promised_on: dt.date | None = _choice(
        None, "another day by which the plan says the backlog is cleared, drawn and not judged", "AMB41", kind=dt.date
    )
    clear_rule: str = _choice("strict", "what clears a child from the backlog", "AMB39", "strict", "net", "any_exit")
    event: str = _choice("complete", "what counts as assessed", "AMB40", "start", "complete", "outcome")
    series_breaks: tuple[str, ...] = _choice((), "days at which the waiting list changed provider", "AMB50")


@dataclass(frozen=True)
class Survey:
    """Participation in the survey."""

    baseline_year: str = _choice("", "survey year of the baseline, such as 2019/20", "AMB32")
    target_year: str = _choice("", "survey year whose forms are held against the targets", "AMB32")


@dataclass(frozen=True)
class Actions:
    """The plan's actions."""

    due_day: str = _choice("end", "day of a due date that names a month alone", "AMB02", "end", "first", "middle")
    tbc_policy: str = _choice(
        "provisional", "an action whose date is an estimate", "AMB03", "provisional", "unrated", "fixed"
    )
    ongoing_policy: str = _choice("separate", "an action in place and ongoing", "AMB04", "separate", "blue", "green")
    amber_basis: str = _choice("either", "what makes an action Amber", "AMB05", "either", "elapsed", "forecast")
    amber_days: int = _choice(14, "days past due that are Amber", "AMB05", minimum=0)
    strict_red: bool = _choice(False, "Red from the day after the due date", "AMB05")
    late_complete: str = _choice(
        "blue_marked", "an action completed late", "AMB06", "blue_marked", "blue", "uncoloured"
    )
    owner_split: str = _choice("each", "a joint owner's actions", "AMB49", "each", "first")


@dataclass(frozen=True)
class PeerReview:
    """The actions of the peer review."""

    deadline_basis: str = _choice("revised", "deadline that gives an action its status", "AMB12", "revised", "original")
    action_set: str = _choice("all", "actions that count", "AMB11", "all", "original")
    late_complete: str = _choice(
        "blue_marked", "an action completed late", "AMB06", "blue_marked", "blue", "uncoloured"
    )


@dataclass(frozen=True)
class Calendar:
    """The reporting calendar."""

    review_window_months: int = _choice(6, "months to the review of the plan", "AMB46", minimum=1)


@dataclass(frozen=True)
class Parameters:
    """All parameters in force, by measure.

    >>> changed = Parameters().with_values({"quality.unit": "plan_all", "advice.limit_days": "30"})
    >>> changed.advice.limit_days, changed.changed()
    (30, {'quality.unit': 'plan_all', 'advice.limit_days': '30'})
    """

    plan: Plan = Plan()
    scorecard: Scorecard = Scorecard()
    quality: Quality = Quality()
    advice: Advice = Advice()
    autism: Autism = Autism()
    survey: Survey = Survey()
    actions: Actions = Actions()
    peer_review: PeerReview = PeerReview()
    calendar: Calendar = Calendar()

    def with_values(self, values: Mapping[str, Any], where: str = "") -> Parameters:
        """The same parameters with some of them set.

        Args:
            values: Value by `measure.name`; text is read as the parameter's type.
            where: File that an error names, such as `area.toml`.

        Returns:
            New parameters.

        Raises:
            InputError: A name that is no parameter, or a value it cannot take.
        """
        found = self
        known = {f"{family}.{item.name}": item for family, item in _items()}
        for name, value in values.items():
            if name not in known:
                raise InputError(f"{where}{name}: no such parameter. Parameters are: {', '.join(known)}.")
            family, _, own = name.partition(".")
            read = _read(known[name], value, f"{where}{family}.")
            found = replace(found, **{family: replace(getattr(found, family), **{own: read})})
        return found

    def changed(self) -> dict[str, str]:
        """Parameters that differ from the default, as text; the plan's clock has none to differ from."""
        default = Parameters().as_dict()
        return {k: value for k, value in self.as_dict().items() if value != default[k] and k != "plan.clock_start"}

    def as_dict(self) -> dict[str, str]:
        """Every parameter in force, as text, by `measure.name`."""
        return {
            f"{family}.{item.name}": as_text(getattr(getattr(self, family), item.name)) for family, item in _items()
        }


def _items() -> Iterator[tuple[str, Any]]:
    for family in fields(Parameters):
        for item in fields(family.default):  # type: ignore[arg-type]  # the default is a dataclass
            yield family.name, item


def families() -> tuple[str, ...]:
    """Names of the measures that have parameters of their own."""
    return tuple(family.name for family in fields(Parameters))


def as_text(value: Any) -> str:
    """A parameter's value as it is typed after `-p name=`."""
    return "" if value is None else ",".join(value) if isinstance(value, tuple) else str(value)


def explain_parameters() -> list[dict[str, str]]:
    """Each parameter with its default, the values it takes, its meaning and the ambiguity it settles."""
    return [
        {
            "name": f"{family}.{item.name}",
            "default": "" if item.default == FIRST_DAY else as_text(item.default),
            "values": ", ".join(item.metadata["one_of"]),
            "meaning": item.metadata["help"],
            "ambiguity": item.metadata["ambiguity"],
        }
        for family, item in _items()
    ]


def _read(item: Any, value: Any, where: str) -> Any:
    text = ",".join(map(str, value)) if isinstance(value, (list, tuple)) else str(value).strip()
    one_of, minimum, kind = (item.metadata[name] for name in ("one_of", "minimum", "kind"))
    if one_of and kind is not tuple and text not in one_of:
        raise InputError(f"{where}{item.name}: '{text}' is not one of {', '.join(one_of)}.")
    if kind is bool:
        if text.lower() not in {"true", "false"}:
            raise InputError(f"{where}{item.name}: '{text}' is not true or false.")
        return text.lower() == "true"
    try:
        if kind is dt.date:
            return read_day(dt.date.fromisoformat(text), f"{where}{item.name}")
        if kind is tuple:
            return _several(item.name, [part.strip() for part in text.split(",") if part.strip()], one_of, where)
        read = kind(text)
    except ValueError as error:
        wanted = {dt.date: "a date (YYYY-MM-DD)", int: "a whole number", float: "a number"}[kind]
        raise InputError(f"{where}{item.name}: '{text}' is not {wanted}.") from error
    if minimum is not None and not minimum <= read <= MOST:
        raise InputError(f"{where}{item.name}: {text} is not allowed. Allowed is {minimum:g} to {MOST:g}.")
    return read


def read_day(day: dt.date, where: str) -> dt.date:
    """A day that a setting names.

    Raises:
        InputError: It lies before 2000 or after 2099, which is a slip of the keyboard.
    """
    if not FIRST_DAY <= day <= LAST_DAY:
        raise InputError(f"{where}: {day} is not allowed. Name a day from {FIRST_DAY} to {LAST_DAY}.")
    return day


def _several(name: str, parts: list[str], one_of: tuple[str, ...], where: str) -> tuple[str, ...]:
    """Sections, or days where a parameter names no values."""
    if one_of and not parts:
        raise InputError(f"{where}{name}: it is empty. Name at least one of {', '.join(one_of)}.")
    for part in parts:
        if one_of and part not in one_of:
            raise InputError(f"{where}{name}: '{part}' is not one of {', '.join(one_of)}.")
        if not one_of:
            try:
                day = dt.date.fromisoformat(part)
            except ValueError as error:
                raise InputError(f"{where}{name}: '{part}' is not a date (YYYY-MM-DD).") from error
            read_day(day, f"{where}{name}")
    return tuple(parts)
