from __future__ import annotations

import datetime as dt

import pytest

from sendanalysis.display.changes import since
from sendanalysis.display.headlines import HEADLINES
from sendanalysis.display.wording import against_baseline, against_target, month_span
from sendanalysis.measures.scorecard import Figure
from sendanalysis.release import open_release

DAY = dt.date(2021, 10, 31)


def figure(value, lower, upper, **known):
    return Figure("QA_ALL", value, "percent", value, 100.0, lower, upper, **({"baseline": 81.0} | known))


def test_a_figure_rose_or_fell_only_where_its_interval_leaves_the_baseline_out():
    assert (
        against_baseline(figure(84.0, 82.0, 86.0), "quality", "84 of 100")
        == "Quality rose from 81% to 84.0% (84 of 100)."
    )
    assert "fell from 81% to 78.0%" in against_baseline(figure(78.0, 76.0, 80.9), "quality", "x")
    assert "chance alone could explain" in against_baseline(figure(84.0, 80.0, 88.0), "quality", "x")


def test_nothing_ever_improves_in_words():
    for value, lower, upper in [(84.0, 80.0, 88.0), (84.0, 82.0, 86.0)]:
        assert "improve" not in against_baseline(figure(value, lower, upper), "quality", "x")


@pytest.mark.parametrize(
    ("value", "lower", "upper", "words"),
    [
        (85.0, 84.5, 86.0, "It meets the target of 84% for 31 October 2021."),
        (85.0, 82.0, 88.0, "by a margin that chance alone could explain"),
        (82.0, 80.0, 85.0, "2.0 points short of the target of 84% for 31 October 2021, a gap that chance alone"),
        (82.0, 81.0, 83.0, "2.0 points short of the target of 84% for 31 October 2021."),
    ],
)
def test_a_target_is_met_or_missed_with_as_much_certainty_as_there_is(value, lower, upper, words):
    assert words in against_target(figure(value, lower, upper, target=84.0, target_on=DAY))


def test_before_the_first_milestone_the_next_target_is_named():
    known = {"next_target": 84.0, "next_target_on": DAY}
    assert against_target(figure(82.0, 80.0, 84.0, **known)) == "The first target, 84%, falls on 31 October 2021."


def test_months_are_spanned_as_prose_does():
    assert month_span("2021-11-01", "2022-01-31") == "November 2021 to January 2022"
    assert month_span("2022-01-01", "2022-03-31") == "January to March 2022"
    assert month_span("2022-03-01", "2022-03-31") == "March 2022"


@pytest.mark.parametrize("page", HEADLINES)
def test_a_month_before_any_record_has_its_own_sentence_on_every_page(page):
    answer = HEADLINES[page](open_release("data/southend", "2019-10")).answer
    assert answer.endswith(".")
    assert "nan" not in answer.lower()
    assert "None" not in answer


@pytest.mark.parametrize("month", ["2021-03", "2021-10", "2022-01", "2022-03"])
def test_headlines_are_sentences_without_holes(month):
    release = open_release("data/southend", month)
    for headline in HEADLINES.values():
        answer = headline(release).answer
        assert answer == " ".join(answer.split())
        assert not any(hole in answer for hole in ("nan", "None", "()", "  ", " ."))


@pytest.fixture(scope="module")
def february_and_march():
    return open_release("data/southend", "2022-02"), open_release("data/southend", "2022-03")


def manifest_of(release, **figures):
    published = {kpi: {"value": figure.value} for kpi, figure in release.figures.items()}
    changed = {kpi: {"value": value} for kpi, value in figures.items()}
    return {"choices": release.choices.as_dict(), "briefings": [], "figures": published | changed}


def test_a_change_is_told_from_a_restatement(february_and_march):
    february, march = february_and_march
    plain = since(manifest_of(february), february, march, "01_ehcp_quality")
    assert not any("was published as" in sentence for sentence in plain)
    assert any("in February 2022" in sentence for sentence in plain)
    told = since(manifest_of(february, QA_ALL=90.0), february, march, "01_ehcp_quality")
    assert any("February 2022 was published as 90.0%; with records entered since" in sentence for sentence in told)


def test_under_other_choices_no_change_is_given(february_and_march):
    february, march = february_and_march
    published = manifest_of(february) | {"choices": {}}
    assert "other choices" in since(published, february, march, "01_ehcp_quality")[0]
