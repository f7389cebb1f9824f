"""The icons of NHS England's Making Data Count, drawn here: what a control chart says of a KPI and of its target."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from markupsafe import Markup

from sendanalysis.display.fragments import Fragment

if TYPE_CHECKING:
    from sendanalysis.methods.spc import XmrSummary

BLUE, ORANGE, GREY, PURPLE = "#0063BE", "#C2500A", "#5A6470", "#5B3D8F"
FEWEST = 13
RISING, FALLING = "5 20 9.5 19 14 20 18.5 14 23 9", "5 8 9.5 9 14 8 18.5 14 23 19"
ORDINARY = "5 16 9.5 11 14 17 18.5 11 23 14"
ABOVE, BELOW = "6 18.5 10 15 14 18.5 18 15 22 18.5", "7 23 10.5 19.5 14 23 17.5 19.5 21 23"
ACROSS = "6 22 10 16 14 22 18 16 22 22"


class Icon(NamedTuple):
    """One icon.

    Attributes:
        colour: Its colour, which its letter says as well.
        points: Where its months lie; empty for none.
        letter: H or L of variation, P, F or ? of assurance.
        middle: Where the letter stands.
        words: What it means.
        target: Height of the line of the target; 0 for none.
    """

    colour: str
    points: str
    letter: str
    middle: tuple[float, float]
    words: str
    target: float = 0

    def drawn(self, words: str = "") -> Markup:
        """The icon as inline SVG; with words of its own, it is heard, else the words stand beside it."""
        said = Markup('role="img" aria-label="{}"').format(words) if words else Markup('aria-hidden="true"')
        line = Markup('<path d="M4 {}H24" stroke-width="1.2"/>').format(self.target)
        places = self.points.split()
        dots = "".join(f"M{x} {y}h0" for x, y in zip(places[::2], places[1::2], strict=True))
        months = Markup('<path d="M{}" stroke-width="1.5"/>').format(self.points) if places else ""
        months += Markup('<path d="{}" stroke-width="3.4" stroke-linecap="round"/>').format("" if self.target else dots)
        letter = Markup('<text x="{}" y="{}" fill="currentColor" stroke="none" font-size="11">{}</text>')
        return Markup(
            '<svg class="mdc" viewBox="0 0 28 28" width="28" height="28" focusable="false" style="color:{}" {}>'
            '<g fill="none" stroke="currentColor" font-family="Arial" font-weight="700" text-anchor="middle">'
            '<circle cx="14" cy="14" r="12.6" stroke-width="2.4"/>{}{}{}</g></svg>'
        ).format(self.colour, said, line if self.target else "", months, letter.format(*self.middle, self.letter))


HIGH, LOW, TOP = (11, 13.5), (11, 22), (14, 12)
VARIATIONS = {
    ("improvement", "H"): Icon(BLUE, RISING, "H", HIGH, "Improving: higher than chance explains, and higher is better"),
    ("improvement", "L"): Icon(BLUE, FALLING, "L", LOW, "Improving: lower than chance explains, and lower is better"),
    ("concern", "H"): Icon(ORANGE, RISING, "H", HIGH, "Concern: higher than chance explains, and lower is better"),
    ("concern", "L"): Icon(ORANGE, FALLING, "L", LOW, "Concern: lower than chance explains, and higher is better"),
    ("neutral", "H"): Icon(PURPLE, RISING, "H", HIGH, "Higher than chance explains, which is neither better nor worse"),
    ("neutral", "L"): Icon(PURPLE, FALLING, "L", LOW, "Lower than chance explains, which is neither better nor worse"),
    ("common", ""): Icon(GREY, ORDINARY, "", HIGH, "Ordinary variation: the latest month is within chance"),
}
ASSURANCES = {
    "consistent_pass": Icon(BLUE, ABOVE, "P", TOP, "Target passed every month, as things stand", 21.5),
    "consistent_fail": Icon(ORANGE, BELOW, "F", TOP, "Target failed every month, unless something changes", 16.5),
    "inconsistent": Icon(GREY, ACROSS, "?", TOP, "Hit or miss: the target lies within ordinary variation", 19),
}
TOO_FEW = Icon(GREY, "", "\N{EN DASH}", (14, 18), f"No icon: too few points, as a control chart takes {FEWEST} months")
NONE = TOO_FEW._replace(words=f"No icon: a control chart takes {FEWEST} months that share no records")


def variation(summary: XmrSummary | None, polarity: str) -> Icon:
    """The variation icon of a control chart; why there is none, where there is no chart or it has no limits.

    Args:
        summary: What the chart says in a line.
        polarity: Which way is better: higher, lower or band.
    """
    if summary is None or not summary.limits_shown:
        return TOO_FEW if summary else NONE
    kind, _, side = str(summary.variation).removeprefix("special_cause_").partition("_")
    if side:  # neutral_high and neutral_low, and common_cause
        letter = {"high": "H", "low": "L"}.get(side, "")
    else:
        letter = "H" if (kind == "improvement") == (polarity == "higher") else "L"
    return VARIATIONS.get((kind, letter), TOO_FEW)


def assurance(summary: XmrSummary | None) -> Icon:
    """The assurance icon: the limits against the target; else why there is none."""
    if summary is None or not summary.limits_shown:
        return TOO_FEW if summary else NONE
    none = TOO_FEW._replace(words="No icon: there is no one target to hold the limits against")
    return ASSURANCES.get(str(summary.assurance), none)


def words(icon: Icon, summary: XmrSummary | None) -> str:
    """What an icon means, with the months it rests on."""
    n = 0 if summary is None else summary.n
    return (
        f"{icon.words}; {n} of {FEWEST}" if icon is TOO_FEW and n else f"{icon.words} ({n} months)" if n else icon.words
    )


def beside(*icons: Icon) -> Fragment:
    """Icons with their words beside them."""
    shown = {icon.words: icon for icon in icons}
    html = Markup("").join(
        Markup('<p class="spc">{}<span>{}</span></p>').format(icon.drawn(), said) for said, icon in shown.items()
    )
    return Fragment(html, "\n".join(shown))


def key() -> Fragment:
    """Every icon with its meaning."""
    return beside(*VARIATIONS.values(), *ASSURANCES.values(), TOO_FEW)
