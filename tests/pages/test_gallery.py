"""Every kind of chart with the data that break charts, on one page that is looked at: gallery.html of the test run."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from sendanalysis.display import charts
from sendanalysis.display.page import TEMPLATE_DIR
from sendanalysis.display.show import show_chart

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
    frame = pd.DataFrame({"first_on": MONTHS[: len(values)], "value": pd.Series(values, dtype="float64")})
    mean = frame["value"].mean()
    return frame.assign(lower_limit=mean - 4, upper_limit=mean + 4, mean=mean, point_type=None, group="Education")


def named(names, value=80.0):
    return pd.DataFrame(
        {
            "group": names,
            "value": [value - k for k in range(len(names))],
            "of": [40 + 30 * k for k in range(len(names))],
        }
    ).assign(lower=60.0, upper=90.0, lower_limit=60.0, upper_limit=90.0, centre=75.0)


def gallery():
    for case, values in VALUES.items():
        frame, words = series(values), {"title": f"Case: {case}", "subtitle": "Per cent, by month."}
        yield "trend", case, charts.trend(frame, **words, baseline=81, targets=TARGETS), frame
        yield "lines", case, charts.lines(frame, **words), frame
        left = pd.DataFrame({"day": frame["first_on"], "remaining_n": frame["value"]})
        ends = [(dt.date(2021, 9, 30), "six months"), (dt.date(2021, 10, 31), "31 October 2021")]
        yield (
            "burn_down",
            case,
            charts.burn_down(left, **words, deadlines=ends),
            left,
        )
        curve = frame.assign(time_days=range(len(frame)))
        yield "survival", case, charts.survival(curve, **words, limit=(7, "a week")), curve
        states = frame.rename(columns={"first_on": "month", "group": "status", "value": "n"})
        yield "stacked_states", case, charts.stacked_states(states, **words), states
    for case, names in NAMES.items():
        frame, words = named(names, 80.0), {"title": f"Case: {case}", "subtitle": "Per cent."}
        yield "ranked_bars", case, charts.ranked_bars(frame, **words, target=(87, "Target")), frame
        yield "funnel", case, charts.funnel(frame, **words), frame
        states = pd.DataFrame({"month": frame["group"], "status": "done", "n": frame["of"]})
        yield "stacked_names", case, charts.stacked_states(states, **words), states


@pytest.fixture(scope="session")
def gallery_page(once):
    def make(folder):
        figures = []
        for kind, case, chart, frame in gallery():
            tabled = frame.drop(columns="point_type", errors="ignore")
            figures.append(f"<h2>{kind}</h2>{show_chart(chart, tabled, f'{kind}, {case}').html}")
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
