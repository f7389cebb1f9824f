"""Every kind of chart with the data that break charts, on one page that is looked at: gallery.html of the test run."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from sendanalysis.display import charts, panel_charts, plan_phrases, row_charts
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
MANY = [f"{k}. {LONG}" for k in range(30)]
ROWS = {
    "usual": ["B", "C", "E"],
    "one": ["F"],
    "none": [],
    "long": [LONG, LONG + " again", LONG + " too"],
    "many": MANY,
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


def rows_of(names, spread):
    """Rows of one thing each: all at one value, or from nought to a hundred."""
    values = np.linspace(0, 100, max(len(names), 1))[: len(names)] if spread else [50.0] * len(names)
    rows = pd.DataFrame({"group": names, "value": values}).assign(
        told=[f"{100 * k} of 1,234" for k in range(len(names))]
    )
    return rows.assign(lower=rows["value"] - 5, upper=rows["value"] + 5)


def in_time(names, spread):
    """Actions all due, moved and done on one day, or over three years."""
    days = pd.Timestamp("2021-01-31") + pd.to_timedelta([40 * k * spread for k in range(len(names))], unit="D")
    rows = pd.DataFrame({"action_id": [f"A{k}" for k in range(len(names))], "action": names, "due_on": days})
    rows = rows.assign(due_now_on=days + pd.Timedelta(days=60 * spread), status="Red", provisional="no")
    return plan_phrases.in_time(rows.assign(completed_on=pd.Series(pd.NaT, rows.index)), dt.date(2022, 3, 31))


def row_gallery():
    """Charts with a row for each thing, in each case with values apart and with ties."""
    for case, names in ROWS.items():
        for spread in (True, False):
            rows, where = rows_of(names, spread), f"{case}, {'apart' if spread else 'tied'}"
            words, aim = {"title": f"Case: {where}", "subtitle": "Per cent."}, (50.0, "Target of all of them")
            yield "dots", where, row_charts.dots(rows, **words, target=aim), rows
            begun = rows.drop(columns=["lower", "upper"]).assign(baseline=rows["value"] / 2)
            yield "dumbbells", where, row_charts.dots(begun, **words, target=(100.0, "Target")), begun
            due = in_time(names, spread)
            yield "gantt", where, row_charts.gantt(due, **words, today=dt.date(2022, 3, 31)), due
            parts = pd.concat([rows.assign(part=part, n=rows["value"].round() + k) for k, part in enumerate("abcd")])
            yield "split_bars", where, row_charts.split_bars(parts, **words), parts
            sizes = rows.assign(n=rows["value"] + 1)
            whole = ("All of them", sizes["n"].sum())
            yield "unfolded", where, row_charts.unfolded(sizes, **words, whole=whole), sizes.drop(columns="told")


def panel_gallery():
    """Small multiples and one line among many."""
    for case, values in VALUES.items():
        each = pd.concat([series(values).assign(group=name) for name in ("education", "health", "care")])
        words = {"title": f"Case: {case}", "subtitle": "Per cent."}
        beside = {name: (81.0, f"{name}: {LONG[:40]}, baseline 81%") for name in ("education", "health", "care")}
        yield "panels", case, panel_charts.panels(each, **words, beside=beside), each
        years, starts = series(values).head(4), pd.date_range("2018-01-01", periods=4, freq="YS")
        years = years.assign(first_on=starts[: len(years)])
        own = {"Here": ("la", True), "A region of a long name": ("region", False), "England": ("country", False)}
        near = dict.fromkeys(MANY[:10], ("la", False))
        lines = [years.assign(group=name, area_level=level, flag=flag) for name, (level, flag) in (own | near).items()]
        yield "among", case, panel_charts.among(pd.concat(lines), **words), years


@pytest.fixture(scope="session")
def gallery_page(once):
    def make(folder):
        figures = []
        for kind, case, chart, frame in (*gallery(), *row_gallery(), *panel_gallery()):
            tabled = frame.drop(columns="point_type", errors="ignore")
            figures.append(f"<h2>{kind}</h2>{show_chart(chart, tabled, f'{kind}, {case}').html}")
        style = (TEMPLATE_DIR / "briefing.css").read_text(encoding="utf-8")
        head = f'<!DOCTYPE html><html lang="en-GB"><meta charset="utf-8"><title>Gallery</title><style>{style}</style>'
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
          const texts = [...svg.querySelectorAll("text:not([opacity='0'])")].filter(text => text.textContent.trim());
          return texts.filter(text => {
            const box = text.getBoundingClientRect();
            return box.width && (box.left < frame.left - 2 || box.right > frame.right + 2
                                 || box.top < frame.top - 2 || box.bottom > frame.bottom + 2);
          }).map(text => svg.closest('figure').innerText.slice(0, 40) + ': ' + text.textContent);
        })"""
    )
    assert cut == []
    assert requests == []


@pytest.mark.parametrize("width", [360, 1280])
def test_no_two_labels_of_a_chart_of_the_gallery_cover_each_other(gallery_page, open_page, width):
    page = open_page(gallery_page, width=width)
    covered = page.evaluate(
        """() => [...document.querySelectorAll('svg[role=img]')].flatMap(svg => {
          if (!svg.getClientRects().length) return [];
          const seen = [...svg.querySelectorAll("text:not([opacity='0'])")].filter(text => text.textContent.trim());
          const boxes = seen.map(text => {
            const box = text.getBoundingClientRect();
            return {text: text.textContent, left: box.left, right: box.right, top: box.top + 2, bottom: box.bottom - 2};
          });
          return boxes.flatMap((one, k) => boxes.slice(k + 1).filter(other => one.text !== other.text
            && Math.min(one.right, other.right) - Math.max(one.left, other.left) > 2
            && Math.min(one.bottom, other.bottom) - Math.max(one.top, other.top) > 2
          ).map(other => svg.closest('figure').previousElementSibling.innerText + ', '
            + svg.closest('figure').innerText.slice(0, 40) + ': ' + one.text + ' / ' + other.text));
        })"""
    )
    assert covered == []


def test_every_row_of_a_chart_keeps_its_name_and_its_words(gallery_page):
    html = gallery_page.read_text(encoding="utf-8")
    for kind, case, chart, frame in row_gallery():
        if chart is None:
            continue
        heading = f"{kind}, {case}"
        figure = next(part for part in html.split("<h2>") if f"<caption>{heading}</caption>" in part)
        drawn = figure.split('<div class="wide">')[1].split("<details>")[0]
        assert [told for told in frame.get("told", []) if f">{told}</text>" not in drawn] == [], heading
        assert [name for name in frame["group"] if f">{name[:20]}" not in drawn] == [], heading


def test_a_chart_without_data_is_a_sentence_and_no_empty_frame(gallery_page):
    html = gallery_page.read_text(encoding="utf-8")
    assert html.count('class="nothing"') >= 10
    assert "nan" not in html.lower().replace("financ", "")
