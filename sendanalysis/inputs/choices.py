"""The choices: every place where the plan can be read more than one way, as a parameter with its default.

A choice is set in `area.toml` under `[choices]`, or for one run with `-p name=value`. The default of each is the
reading that the project recommends; `notebooks/METHODS.md` gives the reasons by the ambiguity's number.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any

from sendanalysis.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping


SECTIONS = ("A", "B", "C", "D", "E", "F", "G", "H1", "H2", "I", "J", "K")

FIRST_DAY, LAST_DAY = dt.date(2000, 1, 1), dt.date(2099, 12, 31)
MOST = 1000  # days, months or points that a choice may name


def _choice(default: Any, help_text: str, ambiguity: str, *one_of: str, minimum: float | None = None) -> Any:
    return field(
        default=default, metadata={"help": help_text, "ambiguity": ambiguity, "one_of": one_of, "minimum": minimum}
    )


@dataclass(frozen=True)
class Choices:
    """All choices in force; each attribute's help text stands beside its default.

    >>> Choices().with_values({"qa_unit": "plan_all", "limit_days": "30"}).limit_days
    30
    >>> Choices().with_values({"qa_unit": "plan_all"}).changed()
    {'qa_unit': 'plan_all'}
    """

    clock_start: dt.date = _choice(dt.date(2021, 7, 31), "day from which 3, 6 and 12 months are counted", "AMB01")
    qa_unit: str = _choice("answer", "what is counted", "AMB16", "answer", "plan_mean", "plan_all", "plan_overall")
    na_policy: str = _choice("success", "whether N/A counts as met or is left out", "AMB17", "success", "exclude")
    care_sections: tuple[str, ...] = _choice(("D", "H1", "H2"), "sections read as social care", "AMB18", *SECTIONS)
    plan_types: str = _choice("all", "which plans count", "AMB19", "all", "new", "amended")
    window: int = _choice(3, "months in the headline of EHCP quality", "AMB20", minimum=1)
    trajectory: str = _choice("step", "the target between two milestones", "AMB22", "step", "linear")
    amber_floor: str = _choice("baseline", "where Amber ends", "AMB23", "baseline", "points")
    amber_points: float = _choice(
        5.0, "points below target that are Amber, under amber_floor=points", "AMB23", minimum=0
    )
    advice_target_kind: str = _choice("any", "what '% increase' means", "AMB25", "any", "points", "relative")
    advice_target_value: float = _choice(0.0, "size of the increase, in points or per cent", "AMB25", minimum=0)
    advice_baseline_period: str = _choice(
        "first_3_months",
        "period of the advice baseline",
        "AMB26",
        "first_month",
        "first_3_months",
        "pre_plan_12_months",
    )
    limit_days: int = _choice(42, "days allowed for advice", "AMB27", minimum=1)
    start_field: str = _choice("sent", "what starts the clock of advice", "AMB28", "sent", "received")
    unit: str = _choice("request", "whether advice is counted by request or by child", "AMB30", "request", "child")
    exceptions: str = _choice("include", "requests with a permitted exception", "AMB31", "include", "exclude")
    poet_rule: str = _choice("each", "whether each survey category must reach its target", "AMB32", "each", "pooled")
    clear_rule: str = _choice("strict", "what clears a child from the backlog", "AMB39", "strict", "net", "any_exit")
    event: str = _choice("complete", "what counts as assessed", "AMB40", "start", "complete", "outcome")
    asd_deadline: dt.date = _choice(dt.date(2021, 10, 31), "day the backlog is to be cleared", "AMB41")
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
    deadline_basis: str = _choice(
        "revised", "deadline that gives a peer-review action its status", "AMB12", "revised", "original"
    )
    action_set: str = _choice("all", "peer-review actions that count", "AMB11", "all", "original")
    review_window_months: int = _choice(6, "months to the review of the plan", "AMB46", minimum=1)
    series_breaks: tuple[str, ...] = _choice((), "days at which the waiting list changed provider", "AMB50")

    def with_values(self, values: Mapping[str, Any], where: str = "") -> Choices:
        """The same choices with some of them set.

        Args:
            values: Name and value; text is read as the choice's type.
            where: File that an error names, such as `area.toml`.

        Returns:
            New choices.

        Raises:
            InputError: A name that is no choice, or a value it cannot take.
        """
        known = {item.name: item for item in fields(self)}
        unknown = [name for name in values if name not in known]
        if unknown:
            raise InputError(f"{where}{unknown[0]}: no such choice. Choices are: {', '.join(known)}.")
        given = {name: getattr(self, name) for name in known}
        given |= {name: _read(known[name], value, where) for name, value in values.items()}
        return Choices(**given)

    def changed(self) -> dict[str, str]:
        """Choices that differ from the default, as text."""
        return {
            item.name: as_text(getattr(self, item.name))
            for item in fields(self)
            if getattr(self, item.name) != item.default
        }

    def as_dict(self) -> dict[str, str]:
        """Every choice in force, as text."""
        return {item.name: as_text(getattr(self, item.name)) for item in fields(self)}


def as_text(value: Any) -> str:
    """A choice's value as it is typed after `-p name=`."""
    return ",".join(value) if isinstance(value, tuple) else str(value)


def explain_choices() -> list[dict[str, str]]:
    """Each choice with its default, the values it takes, its meaning and the ambiguity it settles."""
    return [
        {
            "name": item.name,
            "default": as_text(item.default),
            "values": ", ".join(item.metadata["one_of"]),
            "meaning": item.metadata["help"],
            "ambiguity": item.metadata["ambiguity"],
        }
        for item in fields(Choices)
    ]


def _read(item: Any, value: Any, where: str) -> Any:
    text = ",".join(value) if isinstance(value, (list, tuple)) else str(value).strip()
    one_of, minimum = item.metadata["one_of"], item.metadata["minimum"]
    kind = type(item.default)
    if one_of and kind is not tuple and text not in one_of:
        raise InputError(f"{where}{item.name}: '{text}' is not one of {', '.join(one_of)}.")
    if kind is bool:
        if text.lower() not in {"true", "false"}:
            raise InputError(f"{where}{item.name}: '{text}' is not true or false.")
        return text.lower() == "true"
    try:
        if kind is dt.date:
            return _day(item.name, dt.date.fromisoformat(text), where)
        if kind is tuple:
            return _several(item.name, [part.strip() for part in text.split(",") if part.strip()], one_of, where)
        read = kind(text)
    except ValueError as error:
        wanted = {dt.date: "a date (YYYY-MM-DD)", int: "a whole number", float: "a number"}[kind]
        raise InputError(f"{where}{item.name}: '{text}' is not {wanted}.") from error
    if minimum is not None and not minimum <= read <= MOST:
        raise InputError(f"{where}{item.name}: {text} is not allowed. Allowed is {minimum:g} to {MOST:g}.")
    return read


def _day(name: str, day: dt.date, where: str) -> dt.date:
    if not FIRST_DAY <= day <= LAST_DAY:
        raise InputError(f"{where}{name}: {day} is not allowed. Name a day from {FIRST_DAY} to {LAST_DAY}.")
    return day


def _several(name: str, parts: list[str], one_of: tuple[str, ...], where: str) -> tuple[str, ...]:
    """Sections, or days where a choice names no values."""
    if one_of and not parts:
        raise InputError(f"{where}{name}: it is empty. Name at least one of {', '.join(one_of)}.")
    for part in parts:
        if one_of and part not in one_of:
            raise InputError(f"{where}{name}: '{part}' is not one of {', '.join(one_of)}.")
        if not one_of:
            try:
                dt.date.fromisoformat(part)
            except ValueError as error:
                raise InputError(f"{where}{name}: '{part}' is not a date (YYYY-MM-DD).") from error
    return tuple(parts)
