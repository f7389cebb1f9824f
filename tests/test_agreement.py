"""Whole pages of six months and both areas: no two of their sentences, charts and tables disagree."""

import math
import re

import altair as alt
import pytest

from sendanalysis.display.describing import said
from tests.reading_pages import NUMBER, assert_short, opened, pages

OTHER_READINGS = (
    "scorecard.amber_floor=points scorecard.trajectory=linear actions.late_complete=uncoloured "
    "actions.tbc_policy=fixed quality.unit=plan_all quality.na_policy=exclude advice.unit=child "
    "advice.exceptions=exclude autism.clear_rule=net"
)
MONTHS = [
    ("data/southend", "2022-03", OTHER_READINGS),
    ("data/southend", "2019-10", ""),  # before any record
    *(("data/southend", month, "") for month in ("2020-09", "2021-03", "2021-08", "2021-10", "2022-01", "2022-03")),
    *(("data/wexmoor", month, "") for month in ("2022-04", "2022-12", "2023-03", "2023-10", "2024-01", "2024-03")),
]
CLOSE = 1e-5  # a chart draws to six decimals
UP = re.compile(r"(?<!answers )\brose from\b|, up from|up since the baseline|better since the baseline")
DOWN = re.compile(r"\bfell from\b|, down from|down since the baseline|worse since the baseline")
HOLES = re.compile(r"\bnan\b|\binf\b|infinity|NaT|\bNone\b(?! of| is| left)|<NA>|(?<![\d.])0 weeks|\(\)|  |last none")
NOT_DRAWN = re.compile(r"Expected range|Average|Baseline|Target|Required|Series break|A line marks|Outside the limits")
DATES = re.compile(r"\((?:\d{1,2} )?[A-Z][a-z]+ \d{4}\)|\b(?:\d{1,2} )?[A-Z][a-z]+ \d{4}:")


def named(found):
    area, month, choices = found
    return f"{area[5:]}-{month}{'-other readings' if choices else ''}"


@pytest.fixture(params=MONTHS, ids=named, scope="module")
def month(request):
    with pytest.MonkeyPatch.context() as patch:
        yield opened(*request.param), pages(*request.param, patch)


def ways(text):
    return {word for word, pattern in (("rose", UP), ("fell", DOWN)) if pattern.search(text)}


def test_every_page_has_an_answer_and_none_has_a_hole(month):
    _, found = month
    for page in found:
        assert page.headline is not None, page.name
        answer = page.headline.said["answer"]
        assert answer.endswith("."), answer
        assert answer == " ".join(answer.split()), answer
        assert not re.search(r" \.|\.\.|improve", answer), answer
        for text in page.texts:
            hole = HOLES.search(text)
            assert not hole, (page.name, text[max(0, hole.start() - 80) : hole.end() + 40])


def test_the_first_sentence_answers_and_a_second_gives_no_more_than_three_figures_with_it(month):
    release, found = month
    for page in found:
        assert_short(page, release)


def test_a_page_is_on_target_where_its_status_is_green_and_nowhere_else(month):
    release, found = month
    for page in found:
        if page.name.startswith("kpi_"):
            green = release.kpis[page.lead].status == "Green"
            assert page.headline.said["answer"].startswith("On target.") == green, page.name


def test_every_page_has_an_answer_of_its_own(month):
    _, found = month
    answers = [page.headline.said["answer"] for page in found]
    assert len({page.name for page in found}) == len(found) == len(set(answers))


def test_the_rules_on_a_page_are_those_in_force(month):
    release, found = month
    said = "\n".join(page.text for page in found)
    chosen = release.parameters
    words = {
        "Amber: short of it but better than the baseline": chosen.scorecard.amber_floor == "baseline",
        "Amber: short of it by no more than 5 points": chosen.scorecard.amber_floor == "points",
        "the straight line from one to the next": chosen.scorecard.trajectory == "linear",
    }
    if "quality" in release.pages:
        words |= {
            "Answers are pooled over all plans": chosen.quality.unit == "answer",
            "A plan counts as met when every answer in it is": chosen.quality.unit == "plan_all",
            "Plans whose every answer is Yes, N/A left out": chosen.quality.unit == "plan_all",
            "A child counts once a month": chosen.advice.unit == "child",
            "with a permitted exception are left out": chosen.advice.exceptions == "exclude",
            "Blue: completed, marked if late": chosen.actions.late_complete == "blue_marked",
            "one completed late has no colour": chosen.actions.late_complete == "uncoloured",
            "An estimated date gets a star": chosen.actions.tbc_policy == "provisional",
        }
    for text, holds in words.items():
        assert (text in said) == holds, text


def test_headline_and_chart_say_of_the_change_what_the_verdict_allows_and_no_more(month):
    release, found = month
    for page in found:
        figure = release.kpis.get(page.lead)
        if figure is None:
            continue
        allowed = {figure.verdict.said} & {"rose", "fell"}
        spoken = ways(page.headline.said["answer"])
        assert spoken <= allowed, (page.name, page.headline.said["answer"], figure.verdict)
        for chart in page.charts:
            assert ways(chart.title) <= allowed, (page.name, chart.title, figure.verdict)
            if chart.title.endswith("by more than chance explains"):
                assert spoken == allowed, (page.name, chart.title)


def test_the_scorecard_says_of_each_change_what_its_own_page_says(month):
    release, found = month
    (board,) = [page for page in found if page.name == "00_scorecard"]
    for figure in release.kpis.values():
        row = next(line for line in board.text.splitlines() if line.startswith(f"{figure.kpi.name} | "))
        better = {"higher": "rose", "lower": "fell"}.get(figure.polarity, "")
        words = {"better": better, "worse": {"rose": "fell", "fell": "rose"}.get(better, "")}
        for word, way in words.items():
            claimed = f"{word} since the baseline" in row
            certain = figure.verdict.said == way or (figure.verdict.why == "census" and _moved(figure) == way)
            assert claimed == (certain and way != ""), (row, figure.verdict)


def _moved(figure):
    return {1: "rose", -1: "fell"}.get(figure.verdict.above)


def test_a_change_is_said_only_where_the_interval_leaves_the_baseline_out(month):
    release, _ = month
    for kpi_id, figure in release.kpis.items():
        if figure.verdict.said in {"rose", "fell"}:
            assert not figure.lower <= figure.baseline <= figure.upper, kpi_id
            assert (figure.verdict.said == "rose") == (figure.value > figure.baseline), kpi_id


def test_every_chart_keeps_to_the_schema_of_vega_lite(month):
    _, found = month
    for page in found:
        for chart in page.charts:
            alt.LayerChart.validate(chart.spec)


def test_what_a_chart_draws_stands_in_its_table(month):
    _, found = month
    for page in found:
        for chart in page.charts:
            numbers = chart.rows.select_dtypes("number").to_numpy().ravel()
            tabled, drawn = {number for number in numbers if not math.isnan(number)}, chart.values
            if chart.alternative.startswith("Step curves"):  # their tables read the curves off
                tabled, drawn = drawn, set(chart.rows["value"])
            far = [value for value in drawn if min(abs(value - other) for other in tabled) > CLOSE]
            assert not far, (page.name, chart.title, far[:5])


def test_the_alternative_of_a_chart_names_numbers_that_stand_in_its_table(month):
    _, found = month
    for page in found:
        for chart in page.charts:
            numbers = {number.rstrip(",") for number in NUMBER.findall(chart.table)}
            words = DATES.sub(" ", NOT_DRAWN.split(chart.alternative)[0])
            values = re.findall(r"(?<![\w/])(\d[\d,]*(?:\.\d+)?)%", words)
            assert set(values) <= numbers, (page.name, chart.title, words[:300])


def test_a_number_in_the_title_of_a_chart_stands_on_its_page(month):
    _, found = month
    for page in found:
        for chart in page.charts:
            for number in NUMBER.findall(chart.title):
                elsewhere = [text for text in page.texts if chart.alternative not in text]
                assert any(number in text for text in [chart.table, *elsewhere]), (page.name, chart.title)


@pytest.mark.parametrize(("name", "noun"), [("05_plan_tracker", "action"), ("06_peer_review", "action")])
def test_the_columns_of_a_chart_add_up_to_what_the_headline_counts(month, name, noun):
    _, found = month
    for page in found:
        counted = re.search(rf"of (\d+) {noun}s? (?:is|are) completed", page.headline.said["answer"])
        if page.name != name or not counted:
            continue
        for chart in page.charts:
            if not chart.alternative.startswith("Stacked columns"):
                continue
            last = max(point["when"] for point in chart.points)
            assert sum(point["value"] for point in chart.points if point["when"] == last) == int(counted[1])


def test_overdue_requests_are_drawn_as_many_as_the_headline_says(month):
    _, found = month
    for page in found:
        said = re.search(r"Open and overdue: (\d+)", page.headline.text)
        for chart in page.charts:
            if said and "open and overdue" in chart.title:
                assert sum(point["value"] for point in chart.points) == int(said[1]), chart.title


def test_the_scorecard_counts_as_many_late_actions_as_the_gantt_chart(month):
    _, found = month
    text = "\n".join(page.text for page in found)
    scorecard = re.search(r"(\d+) actions? (?:is|are) past the due or estimated date", text)
    drawn = re.search(r"(\d+) of \d+ actions? (?:is|are) open past", text)
    assert (scorecard and scorecard[1]) == (drawn and drawn[1])


def test_a_gantt_chart_counts_the_statuses_that_the_headline_counts(month):
    _, found = month
    for page in found:
        for chart in page.charts:
            counted = re.search(r"(\w+) (?:is|are) Red and (\w+) (?:is|are) Amber", page.headline.said["answer"])
            if not chart.alternative.startswith("Gantt") or not counted or "action_id" not in chart.rows:
                continue
            stated = [point["group"].rstrip("*") for point in chart.points]
            assert tuple(str(stated.count(name) or "none") for name in ("Red", "Amber")) == counted.groups()


def test_the_figure_in_a_headline_is_the_kpis_own(month):
    release, found = month
    for page in found:
        figure = release.kpis.get(page.lead)
        if figure is None or figure.value is None or figure.unit != "percent":
            continue
        words = [said(figure.value), *(["Not one of the"] if not figure.n else [])]
        answer = page.headline.said["answer"]
        assert any(each in answer for each in words), (page.name, answer)


def test_a_colour_is_the_same_on_page_index_and_scorecard(month):
    release, found = month
    (board,) = [page for page in found if page.name == "00_scorecard"]
    for page in found:
        figure = release.kpis.get(page.lead)
        if figure is not None:
            assert page.headline.said["status"] == figure.status
            assert f"{figure.kpi.name} | {figure.status} |" in board.text
