"""The pages of a month as text and charts, by running the notebooks' cells in this process: no kernel, no pictures."""

import ast
import json
import re
from dataclasses import dataclass, field
from functools import cache

import pytest
from markupsafe import Markup

from sendanalysis import release as releases
from sendanalysis.display import show
from sendanalysis.display.fragments import Fragment
from sendanalysis.display.show import Headline
from sendanalysis.display.tables import show_figures, show_table
from sendanalysis.inputs import opening
from sendanalysis.publishing.pages import all_notebooks, pages_of

NUMBER = re.compile(r"\d(?:[\d,]*\d)?(?:\.\d+)?")
IN_WORDS = re.compile(r"\b(?:two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)\b")
ANSWERS = re.compile(
    r"(?:Yes|No|Not all|Not clearly|Not known|Not shown|Not yet|Nothing was due|None is due yet"
    r"|(?:Yes, for|No, not for|For) \d+ of \d+(?: groups)?"
    r"|(?:Yes, for|No, not for|Not clearly, for|Not known, for|Not yet, for) (?:\d+ of \d+ groups|the group"
    r"|the \d+ groups) that can be shown; \d+ (?:is|are) hidden"
    r"|On target: (?:\d+|none) of (?:the plan's \d+ KPIs|the \d+ KPIs? shown)"
    r"|None of the plan's \d+ KPIs has a colour yet|On target|Not on target|Not judged yet|Not measured"
    r"|(?:Above|Below|Level with) [^.]+|Half within \d+ days|Fewer than half have a plan)\."
)  # every first sentence of a page
ASIDE = re.compile(  # numbers that are no figures: days, years, names, and what a measure is defined by
    r"(?:\d{1,2} )?[A-Z][a-z]+ \d{4}|\d{4}/\d{2}|\bIn \d{4}|“[^”]+”|per 1,000|within 20 weeks|%s"
)
PAIR = re.compile(
    rf"{NUMBER.pattern}(?: [a-z]+)? (?:of|among) (?:the |the plan's )?{NUMBER.pattern}"
)  # one figure: 2 of 15


def sentences(answer):
    """The sentences of an answer."""
    return re.split(r"(?<=[.?!]) (?=[A-Z\d“])", answer)


def figures_in(answer, name=""):
    """The figures of an answer, of which a number and out of how many it is are one."""
    told = PAIR.sub("1", IN_WORDS.sub("2", re.sub(ASIDE.pattern % re.escape(name or "“"), "", answer)))
    return NUMBER.findall(told)


OPEN = releases.open_release
READ = cache(opening.check_area)  # the extracts of an area, once for all its months


@dataclass
class Drawn:
    """A chart as a reader meets it."""

    spec: dict
    rows: object
    table: str

    @property
    def title(self):
        return self.spec["title"]["text"]

    @property
    def alternative(self):
        return self.spec["description"]

    @property
    def points(self):
        return self.spec["datasets"][self.spec["data"]["name"]]

    @property
    def values(self):
        return {point["value"] for point in self.points if point.get("value") is not None}


@dataclass
class Page:
    """What one page shows."""

    name: str
    lead: str = ""
    headline: Headline | None = None
    charts: list = field(default_factory=list)
    texts: list = field(default_factory=list)
    html: list = field(default_factory=list)

    @property
    def open_html(self):
        """What is seen before anything is opened."""
        return re.sub(r"<details.*?</details>", "", "\n".join(self.html), flags=re.DOTALL)

    @property
    def text(self):
        return "\n".join(self.texts)


@cache
def opened(area, month, choices="", audience="internal"):
    """One release for all pages of a month, as a run has one state of the extracts."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(opening, "check_area", READ)
        return OPEN(area, month, audience, choices=choices)


def pages(area, month, choices, monkeypatch, audience="internal"):
    """Every page of a month, in order."""
    release = opened(area, month, choices, audience)
    monkeypatch.setattr(releases, "open_release", lambda *_, **__: release)
    return [_read(page, release, monkeypatch) for page in pages_of(release, all_notebooks())]


def _read(page, release, monkeypatch):
    alone = page.kpi or (_lead(release, page) if page.name != "00_scorecard" else "")
    read = Page(page.name, alone)

    def drawn(chart, frame, caption, *, title="", nothing="", **table):
        shown = (show_figures if "measure" in frame else show_table)(frame, caption, **table)
        if chart is None:
            return Fragment(shown.html, f"{title or caption}. {nothing}")
        read.charts.append(Drawn(chart.to_dict(), frame, shown.text))
        found = read.charts[-1]
        return Fragment(
            Markup("<details>{}</details>").format(shown.html), f"{found.title}\n{found.alternative}\n{shown.text}"
        )

    monkeypatch.setattr(show, "show_chart", drawn)

    def take(*found):
        for item in found:
            if isinstance(item, Headline):
                read.headline = item
            if isinstance(item, Fragment):
                read.texts.append(item.text)
                read.html.append(str(item.html))

    names = {"display": take}
    for cell in json.loads(page.notebook.read_text("utf-8"))["cells"]:
        tags = cell["metadata"].get("tags", [])
        if cell["cell_type"] == "code" and "explore" not in tags:
            _run("".join(cell["source"]), names, take)
            names |= {"kpi": page.kpi} if "parameters" in tags and page.kpi else {}
    return read


def _lead(release, page):
    """The KPI that a page's headline speaks of."""
    return release.lead(release.kpis[page.kpi_ids[0]].kpi.measure).kpi.kpi_id if page.kpi_ids else ""


def _run(source, names, take):
    """The statements of a cell, the last of which is shown where it is an expression, as in a notebook."""
    tree = ast.parse(source)
    last = tree.body.pop() if tree.body and isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, "cell", "exec"), names)  # the project's own notebooks
    if last:
        take(eval(compile(ast.Expression(last.value), "cell", "eval"), names))


def assert_short(page, release):
    """A headline answers in its first words, has two sentences at most, and three figures."""
    answer, figure = page.headline.said["answer"], release.kpis.get(page.lead)
    first, *more = sentences(answer)
    assert ANSWERS.fullmatch(first), (page.name, answer)
    assert len(more) <= 1, (page.name, answer)
    assert len(figures_in(answer, figure.kpi.name if figure else "")) <= 3, (page.name, answer)
