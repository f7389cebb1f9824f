"""Every kind of chart with the data that break charts, on one page that is looked at: gallery.html of the test run."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from sendanalysis.display import charts
from sendanalysis.display.figures import show_chart
from sendanalysis.display.page import TEMPLATE_DIR

LONG = "A statistical neighbour with a name so long that nobody has ever seen it whole on one line of a page"
MONTHS = pd.date_range("2020-09-01", periods=16, freq="MS")
VALUES = {
    "usual": [79, 82, 80, 81, 83, 80, 82, 81, 80, 82, 83, 82, 84, 83, 85, 85.3],
    "one point": [81],
    "none": [],
    "all equal": [80] * 16,
    "with gaps": [79, np.nan, 80, np.nan, np.nan, 80, 82, 81, np.nan, 82, 83, 82, np.nan, 83, 85, np.nan],
    "all missing": [np.nan] * 16,
    "nought and a hundred": [0, 100] * 8,
}
NAMES = {
    "usual": ["B", "C", "E", "F"],
    "one": ["F"],
    "none": [],
    "long": [LONG, LONG + " again", "Kent"],
    "equal": ["B", "C"],
}
TARGETS = [(dt.date(2021, 10, 31), 84), (dt.date(2022, 1, 31), 87)]


def series(values):
    frame = pd.DataFrame({"month": MONTHS[: len(values)], "pct": pd.Series(values, dtype="float64")})
    mean = frame["pct"].mean()
    return frame.assign(lower=mean - 4, upper=mean + 4, mean=mean, kind=None, group="Education")


def named(names, value=80.0):
    return pd.DataFrame(
        {"name": names, "pct": [value - k for k in range(len(names))], "n": [40 + 30 * k for k in range(len(names))]}
    ).assign(lower_pct=60.0, upper_pct=90.0, centre_pct=75.0, state="done", day=MONTHS[0])


def gallery():
    for case, values in VALUES.items():
        frame, words = series(values), {"title": f"Case: {case}", "subtitle": "Per cent, by month."}
        bands = {"lower": "lower", "upper": "upper", "mean": "mean"}
        yield "trend", case, charts.trend(frame, **words, **bands, baseline=81, targets=TARGETS), frame
        yield "lines", case, charts.lines(frame, **words, group="group"), frame
        left = frame.assign(date=frame["month"], left_n=frame["pct"])
        ends = [(dt.date(2021, 9, 30), "six months"), (dt.date(2021, 10, 31), "31 October 2021")]
        clear = (dt.date(2022, 2, 1), dt.date(2022, 4, 1), dt.date(2022, 9, 1))
        yield (
            "burn_down",
            case,
            charts.burn_down(left, **words, remaining="left_n", deadlines=ends, forecast=clear),
            left,
        )
        curve = frame.assign(days=range(len(frame)), waiting_pct=frame["pct"])
        yield "survival", case, charts.survival(curve, **words, group="group", limit=(7, "a week")), curve
        yield "stacked_states", case, charts.stacked_states(frame, **words, state="group", n="pct"), frame
    for case, names in NAMES.items():
        frame, words = named(names, 80.0), {"title": f"Case: {case}", "subtitle": "Per cent."}
        whiskers = {"lower": "lower_pct", "upper": "upper_pct", "target": (87, "Target")}
        yield "ranked_bars", case, charts.ranked_bars(frame, **words, label="name", **whiskers), frame
        yield "funnel", case, charts.funnel(frame, **words, label="name"), frame
        yield "stacked_names", case, charts.stacked_states(frame, **words, across="name", n="n"), frame


@pytest.fixture(scope="session")
def gallery_page(once):
    def make(folder):
        figures = [
            f"<h2>{kind}</h2>{show_chart(chart, frame.drop(columns=['kind'], errors='ignore'), f'{kind}, {case}').html}"
            for kind, case, chart, frame in gallery()
        ]
        style = (TEMPLATE_DIR / "briefing.css").read_text(encoding="utf-8")
        head = f'<!DOCTYPE html><html lang="en-GB"><title>Gallery</title><style>{style}</style>'
        page = f"{head}<main>{''.join(figures)}</main>"
        (folder / "gallery.html").write_text(page, encoding="utf-8")

    return once("gallery", make) / "gallery.html"


@pytest.mark.parametrize("width", [360, 1280])
def test_no_chart_of_the_gallery_cuts_its_text_or_scrolls_the_page(gallery_page, open_page, requests, width):
    page = open_page(gallery_page, width=width)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    cut = page.evaluate(
        """() => [...document.querySelectorAll('svg[role=img]')].flatMap(svg => {
          if (!svg.getClientRects().length) return [];
          const frame = svg.getBoundingClientRect();
          return [...svg.querySelectorAll('text')].filter(text => text.textContent.trim()).filter(text => {
            const box = text.getBoundingClientRect();
            return box.width && (box.left < frame.left - 2 || box.right > frame.right + 2
                                 || box.top < frame.top - 2 || box.bottom > frame.bottom + 2);
          }).map(text => svg.closest('figure').innerText.slice(0, 40) + ': ' + text.textContent);
        })"""
    )
    assert cut == []
    assert requests == []


def test_a_chart_without_data_is_a_sentence_and_no_empty_frame(gallery_page):
    html = gallery_page.read_text(encoding="utf-8")
    assert html.count('class="nothing"') >= 10
    assert "nan" not in html.lower().replace("financ", "")
