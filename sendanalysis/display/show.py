"""How a chart becomes a figure that is read, heard and printed alike, and the other pieces of a briefing's page."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

import pandas as pd
from markupsafe import Markup, escape

from sendanalysis.display import drawing
from sendanalysis.display.fragments import Fragment, in_jupyterlab, plain, status_chip
from sendanalysis.display.layout import PHONE_WIDTH
from sendanalysis.display.live import LiveFigure
from sendanalysis.display.page import HEADLINE
from sendanalysis.display.phrases import of_shown
from sendanalysis.display.tables import KEPT_BACK, show_figures, show_table
from sendanalysis.display.wording import NO_DATA, NOT_SHOWN
from sendanalysis.release import WITHHELD

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from sendanalysis.display.vega import Chart
    from sendanalysis.release import Figure, Release

NOT_DRAWN = "A figure that it would draw is not shown."


def show_chart(
    chart: Chart | None,
    frame: pd.DataFrame,
    caption: str,
    *,
    title: str = "",
    nothing: str = NO_DATA,
    **table: Any,
) -> Fragment:
    """A chart as a figure: headline and subtitle as text, an inline SVG with one text alternative, and its data.

    The SVG comes in two widths, for a page and for a phone, of which one is shown. In JupyterLab the figure is the live
    chart, with no network, above the same table; see `live`.

    Args:
        chart: What a function of `charts` returned; None when nothing is known.
        frame: Released rows behind the chart, shown as the table 'Data for this chart'.
        caption: Caption of that table.
        title: Headline when there is no chart.
        nothing: Sentence instead of the chart when there is none.
        table: Further arguments of `show_figures`, where the rows are figures, else of `show_table`.

    Returns:
        The figure; its text is the headline, the text alternative and the table.
    """
    shown = show_figures if "measure" in frame else show_table
    tabled: Callable[[pd.DataFrame], Fragment] = partial(shown, caption=caption, **table)
    data = tabled(frame)
    nothing = KEPT_BACK if frame.attrs.get(WITHHELD) == "rows" else NOT_DRAWN if of_shown(frame) else nothing
    if chart is None:
        words = Markup("<strong>{}</strong> {}").format(f"{title or caption}.", nothing)
        return Fragment(Markup('<p class="nothing">{}</p>').format(words), f"{title or caption}. {nothing}")
    spec = chart.to_dict()
    heading, said = spec.pop("title"), spec.pop("description")
    wide, narrow = (
        _svg(spec | {"width": width}, f"{heading['text']}. {said}") for width in (spec["width"], PHONE_WIDTH)
    )
    html = Markup(
        '<figure class="chart"><figcaption><strong>{}</strong><span>{}</span></figcaption>'
        '<div class="wide">{}</div><div class="narrow" hidden>{}</div>'
        "<details><summary>Data for this chart</summary>{}</details></figure>"
    ).format(heading["text"], heading["subtitle"], wide, narrow, data)
    text = "\n".join([heading["text"], heading["subtitle"], said, data.text])
    return LiveFigure(html, text, chart, frame, tabled) if in_jupyterlab() else Fragment(html, text)


@dataclass(frozen=True, repr=False)
class Headline(Fragment):
    """The first screen of a briefing, which index, lists, manifest and terminal read from the notebook's output.

    Attributes:
        said: answer, status, and title where the notebook's own is not the page's.
    """

    said: Mapping[str, str] = field(default_factory=dict)

    def _repr_mimebundle_(self, **_: Any) -> dict[str, Any]:
        return {HEADLINE: dict(self.said)}


def headline(
    *sentences: str,
    facts: Sequence[tuple[str | Markup, str | Markup, str]] = (),
    kpi: Figure | None = None,
    title: str = "",
) -> Headline:
    """The first screen: the answer in a sentence or two and the facts it rests on.

    Args:
        sentences: Sentences worked out from the figures; empty ones are left out.
        facts: Label, value and a small note of each; the first is set large.
        kpi: The KPI whose status stands among the facts.
        title: Title of the page, where the notebook's own is that of many pages.
    """
    answer = " ".join(sentence.strip() for sentence in sentences if sentence.strip())
    cells, status = list(facts), kpi.status if kpi else ""
    if kpi and status:
        why = kpi.reason.removeprefix(f"{NOT_SHOWN}, ")  # the chip says so already
        cells.append(("Against the plan", status_chip(status), why))
    rows = [
        Markup("<div><dt>{}</dt><dd>{}{}</dd></div>").format(name, value, _small(note)) for name, value, note in cells
    ]
    listed = Markup('<dl class="facts">{}</dl>').format(Markup("").join(rows)) if rows else Markup()
    html = Markup('<div class="headline"><p class="answer">{}</p>{}</div>').format(answer, listed)
    lines = [
        f"{plain(escape(name))}: {plain(escape(value))}" + (f" ({note})" if note else "") for name, value, note in cells
    ]
    said = {"answer": answer, "status": status} | ({"title": title} if title else {})
    return Headline(html, "\n".join([answer, *lines]), said)


def about(release: Release, page: str) -> Fragment:
    """What the area says of a page, for whom it is and why; nothing where it says nothing."""
    text = release.settings.prose.get(page, "")
    html = Markup('<p class="standfirst">{}</p>').format(text) if text else Markup()
    return Fragment(html, text)


def show_measure(  # noqa: PLR0913  # what a reader may want otherwise
    release: Release,
    measure: str,
    caption: str,
    *,
    rows: pd.DataFrame | None = None,
    group: str = "Sector",
    when: bool = False,
    empty: str = "There is nothing to show.",
    **chosen: Any,
) -> Fragment:
    """The figures of a measure as a table, in the unit and with the words of the measure.

    Args:
        release: The release.
        measure: Name of the measure.
        caption: What the table shows.
        rows: Figures of it, where not all that `chosen` gives are wanted.
        group: Heading of its groups.
        when: Whether each row says the days it covers.
        empty: Sentence where there is no row.
        chosen: Window and months, as `Release.figures` takes them.
    """
    what = release.measures.get(measure)
    if what is None:
        return show_figures(pd.DataFrame(), caption, empty=empty)
    unit = "percent" if what.unit == "percent" else ""
    found = release.figures(measure, **chosen) if rows is None else rows
    return show_figures(found, caption, unit=unit, counted=what.counted, group=group, when=when, empty=empty)


def reading(*sentences: str, title: str = "How to read this.") -> Fragment:
    """The box that says how to read a chart or table; several sentences stand as a list, and none as nothing."""
    sentences = tuple(filter(None, sentences))
    if not sentences:
        return Fragment(Markup(""), "")
    if len(sentences) < 3:  # two sentences still read as prose
        text = " ".join(sentences)
        return Fragment(Markup('<p class="reading"><strong>{}</strong> {}</p>').format(title, text), text)
    items = Markup("").join(Markup("<li>{}</li>").format(sentence) for sentence in sentences)
    html = Markup('<div class="reading"><strong>{}</strong><ul>{}</ul></div>').format(title, items)
    return Fragment(html, "\n".join([title, *sentences]))


def behind(title: str, *shown: Fragment) -> Fragment:
    """Pieces that stand behind their title until they are asked for."""
    inner = Markup("").join(piece.html for piece in shown)
    html = Markup("<details><summary>{}</summary>{}</details>").format(title, inner)
    return Fragment(html, "\n".join([title, *(piece.text for piece in shown)]))


def how_counted(release: Release, accounts: str, *sections: str) -> Fragment:
    """What became of the rows read and which choices are in force, behind one title.

    Args:
        release: The release.
        accounts: Name of the table of the rows; empty for none.
        sections: Sections of `area.toml` whose choices are shown; none leaves them out.
    """
    rows = [show_table(release.table(accounts), "Rows read, left out and why")] if accounts else []
    chosen = (
        [show_table(release.parameters_in_force(*sections), "Choices in force", missing="none")] if sections else []
    )
    return behind("How it was counted", *rows, *chosen)


def note(*paragraphs: str) -> Fragment:
    """Computed prose between charts and tables."""
    html = Markup("").join(Markup("<p>{}</p>").format(text) for text in paragraphs)
    return Fragment(Markup('<div class="prose">{}</div>').format(html), "\n".join(paragraphs))


def _small(text: str) -> Markup:
    return Markup("<small>{}</small>").format(text) if text else Markup()


def _svg(spec: Mapping[str, Any], said: str) -> Markup:
    """Inline SVG with one role and one text alternative, and ids that no other chart on the page can have."""
    svg = re.sub(r"\d+\.\d{3,}", lambda found: f"{float(found[0]):.2f}", drawing.svg(spec))
    root = ET.fromstring(svg)  # noqa: S314  # written by the converter a line above
    prefix = f"c{hashlib.sha256(f'{said}{svg}'.encode()).hexdigest()[:10]}-"
    for element in root.iter():
        element.tag = element.tag.rpartition("}")[2]
        kept = {name: value for name, value in element.attrib.items() if not re.match(r"role$|aria-|class$|\{", name)}
        kept = {
            name: re.sub(r"url\(['\"]?#", rf"url(#{prefix}", value).replace("')", ")") for name, value in kept.items()
        }
        element.attrib.clear()
        element.attrib.update({name: prefix + value if name == "id" else value for name, value in kept.items()})
    root.attrib.update({"role": "img", "aria-label": said, "focusable": "false"})
    return Markup(ET.tostring(root, encoding="unicode"))  # noqa: S704  # serialised from a parsed tree
