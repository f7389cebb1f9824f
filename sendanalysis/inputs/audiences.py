"""Who may read a release, and what of its counts: the rules of an area, none laxer than those shipped.

Each publisher has rules of its own, so a rule belongs to the table that its counts come from, and stands in
`area.toml` under `[disclosure.<audience>]`, with further ones by table under `[disclosure.<audience>.<table>]`.
"""

from __future__ import annotations

from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any

from sendanalysis.errors import InputError, MethodError
from sendanalysis.inputs.folder import INTERNAL
from sendanalysis.methods.disclosure_rule import Rule

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

SHIPPED = {
    "partner": Rule(threshold=5),
    "public": Rule(threshold=10, round_to=10, percentages="rounded"),
}
AUDIENCES = (INTERNAL, *SHIPPED)
WIDER = {"partner": ("public",), "public": ()}  # whose publications the readers of one have, too
_KEYS = {field.name: field.type for field in fields(Rule)}

Rules = "Mapping[str, Mapping[str, Rule]]"


def read_rules(given: Mapping[str, Any], file: str) -> dict[str, dict[str, Rule]]:
    """The rules of an area: by audience, then by table, the audience's own under the empty name.

    Args:
        given: The section `disclosure` of `area.toml`.
        file: Name of the file, for messages.

    Raises:
        InputError: An audience or key that is not known, a value of the wrong kind, or a rule laxer than the shipped.
    """
    odd = next((name for name in given if name not in {*SHIPPED, "waivers"}), None)
    if odd is not None:
        known = f"Audiences with rules are: {', '.join(SHIPPED)}; what the gate may let through: [[disclosure.waivers]]"
        raise InputError(f"{file}, disclosure.{odd}: no such audience. {known}.")
    found = {}
    for audience, shipped in SHIPPED.items():
        section = given.get(audience, {})
        if not isinstance(section, dict):
            raise InputError(
                f"{file}, disclosure.{audience}: write it in a section of its own, [disclosure.{audience}]."
            )
        own = {key: value for key, value in section.items() if not isinstance(value, dict)}
        rule = _read(own, shipped, f"{file}, disclosure.{audience}")
        tables = {name: rows for name, rows in section.items() if isinstance(rows, dict)}
        found[audience] = {"": rule} | {
            name: _read(rows, rule, f"{file}, disclosure.{audience}.{name}") for name, rows in tables.items()
        }
    return found


def _read(given: Mapping[str, Any], least: Rule, where: str) -> Rule:
    for key, value in given.items():
        if key not in _KEYS:
            raise InputError(
                f"{where}.{key}: no such setting. A rule has {', '.join(_KEYS)}, or is a section of a table."
            )
        kind = type(getattr(least, key))
        if type(value) is not kind:
            words = {int: "a whole number", bool: "true or false", str: "exact or rounded, in quotes"}
            raise InputError(f"{where}.{key}: '{value}' is not {words[kind]}.")
    try:
        rule = replace(least, **given)
    except MethodError as error:
        raise InputError(f"{where}.{error}") from error
    if rule != strictest([rule, least]) or rule.round_to % least.round_to:
        raise InputError(
            f"{where}: it would show more than the rule above it ({in_words(least)}). "
            "A rule may be stricter, never laxer."
        )
    return rule


def strictest(rules: Iterable[Rule]) -> Rule:
    """A rule that shows no more than any of some rules."""
    held = list(rules)
    return Rule(
        threshold=max(rule.threshold for rule in held),
        zero=all(rule.zero for rule in held),
        round_to=max(rule.round_to for rule in held),
        percentages="rounded" if any(rule.percentages == "rounded" for rule in held) else "exact",
        secondary=any(rule.secondary for rule in held),
    )


def protection(rules: Mapping[str, Rule]) -> str:
    """How the counts for an audience are protected, in a sentence: its own rule, then those of single tables.

    >>> protection({"": Rule(5), "advice_requests": Rule(8)})
    'Counts of 1 to 4 are hidden, and others that would give them away; of advice_requests counts of 1 to 7 are hidden.'
    """
    others = [f"of {table} {in_words(rule)}" for table, rule in rules.items() if table]
    first = in_words(rules[""], ", and others that would give them away" if rules[""].secondary else "")
    return f"{'; '.join([first[0].upper() + first[1:], *others])}."


def in_words(rule: Rule, too: str = "") -> str:
    """A rule as a page says it, with what is hidden too.

    >>> in_words(Rule(5)), in_words(Rule(10, zero=False, round_to=10, percentages="rounded"), " too")
    ('counts of 1 to 4 are hidden', 'counts below 10 are hidden too; others from extracts stand to the nearest 10')
    """
    small = f"of 1 to {rule.threshold - 1}" if rule.zero else f"below {rule.threshold}"
    rounded = f"; others from extracts stand to the nearest {rule.round_to}" if rule.round_to > 1 else ""
    return f"counts {small} are hidden{too}{rounded}"
