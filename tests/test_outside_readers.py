"""Whole pages for partners and the public: what is hidden is said to be hidden, and no more."""

import re

import pytest

from tests.reading_pages import assert_short, opened, pages

MONTHS = [
    ("data/southend", "2021-10", "partner"),
    ("data/southend", "2021-10", "public"),
    ("data/wexmoor", "2024-01", "partner"),
    ("data/wexmoor", "2024-03", "public"),
]


@pytest.fixture(params=MONTHS, ids=lambda found: f"{found[0][5:]}-{found[1]}-{found[2]}", scope="module")
def month(request):
    area, key, audience = request.param
    with pytest.MonkeyPatch.context() as patch:
        yield opened(area, key, "", audience), pages(area, key, "", patch, audience)


def test_an_answer_has_two_sentences_at_most_and_three_figures(month):
    release, found = month
    for page in found:
        assert_short(page, release)


def test_an_answer_that_holds_for_those_shown_says_how_many_are_hidden(month):
    release, found = month
    compared = release.table("survey_compared")
    for page in found:
        if page.name != "03_survey_participation":
            continue
        this_year = compared[compared["survey_year"] == release.parameters.survey.target_year]
        hidden = int(this_year.loc[this_year["group"] != "all", "n"].isna().sum())
        (said,) = re.findall(r"that can be shown; (\d+) (?:is|are) hidden\.", page.headline.said["answer"])
        assert int(said) == hidden > 0


TWICE = re.compile(r"[Nn]ot shown[:;,(. ]*not shown|There is no figure for [^.]*not shown")


def test_a_hidden_figure_is_said_to_be_hidden_once(month):
    _, found = month
    for page in found:
        assert not TWICE.search(page.headline.text), page.headline.text


def test_a_number_that_is_hidden_is_not_said_to_be_unknown(month):
    _, found = month
    for page in found:
        for chart in page.charts:
            assert "| not known" not in chart.table, (page.name, chart.title)
