from __future__ import annotations

import datetime as dt
from dataclasses import replace
from types import SimpleNamespace

import pytest

from sendanalysis.display import board, scoreboard
from sendanalysis.display.changes import since
from sendanalysis.display.wording import (
    against_target,
    amount,
    between,
    covered,
    month_span,
    of,
    sentence,
    shown,
    since_baseline,
)
from sendanalysis.inputs.plan import Kpi, Target
from sendanalysis.measures.kpis import verdict_of
from sendanalysis.release import Figure, open_release

DAY = dt.date(2021, 10, 31)
QUALITY = ("QA_ALL", "QA_HEALTH", "QA_CARE")


def figure(value, lower=None, upper=None, *, unit="percent", polarity="higher", **known):
    kpi, months = Kpi("ANY", "Quality", unit=unit, polarity=polarity), known.pop("months", "")
    given = {"value": value, "n": value, "of": 100.0, "lower": lower, "upper": upper, "baseline": 81.0} | known
    found = Figure(kpi=kpi, **given)
    return replace(found, verdict=verdict_of(found, months))


def test_a_figure_rose_or_fell_only_where_its_verdict_says_so():
    rose, fell = figure(84.0, 82.0, 86.0, months="higher"), figure(78.0, 76.0, 80.9, months="lower")
    assert since_baseline(rose) == "up from the baseline of 81%"
    assert since_baseline(fell) == "down from the baseline of 81%"
    assert since_baseline(figure(84.0, 80.0, 88.0)) == (
        "and chance alone could explain the difference from the baseline of 81%"
    )
    assert sentence("It stands at 84.0%", since_baseline(rose)) == "It stands at 84.0%, up from the baseline of 81%."
    assert sentence("It stands at 84.0%", "") == "It stands at 84.0%."


def test_why_a_change_is_not_clear_is_said():
    known = {"lower": 82.0, "upper": 86.0}
    assert since_baseline(figure(84.0, **known, months="ordinary")) == (
        "above the baseline of 81%, but its months differ no more than by chance"
    )
    assert "there are too few months to judge by" in since_baseline(figure(84.0, **known))
    assert "its latest months are lower than chance explains" in since_baseline(figure(84.0, **known, months="lower"))
    na = replace(figure(84.0, **known), verdict=verdict_of(figure(84.0, **known), "higher", 3.0))
    assert "most of the rise is N/A answers" in since_baseline(na)


def test_nothing_ever_improves_in_words():
    for value, lower, upper in [(84.0, 80.0, 88.0), (84.0, 82.0, 86.0)]:
        assert "improve" not in since_baseline(figure(value, lower, upper))


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


def test_a_target_below_or_of_a_range_has_words_of_its_own():
    fewer = {"unit": "weeks", "polarity": "lower", "target_on": DAY, "lower": 25.7, "upper": 35.1}
    assert against_target(figure(30.4, target=22.0, **fewer)) == (
        "It is 8.4 above the target of 22 weeks for 31 October 2021."
    )
    assert against_target(figure(20.0, target=22.0, **fewer | {"lower": 19.0, "upper": 21.0})).startswith("It meets")
    band = {"polarity": "band", "target": 50.0, "target_to": 60.0, "target_on": DAY}
    assert against_target(figure(55.0, 52.0, 58.0, **band)) == (
        "It keeps within the target of 50% to 60% for 31 October 2021."
    )
    assert "2.0 points outside the target of 50% to 60%" in against_target(figure(62.0, 61.0, 63.0, **band))


def test_a_target_that_is_another_areas_figure_names_whose_it_is():
    known = {"target": 164.0, "target_words": "england", "target_on": DAY, "unit": "per 1,000 pupils"}
    words = against_target(figure(172.6, polarity="lower", **known))
    assert words == "It is 8.6 above the target of 164 per 1,000 pupils (England) for 31 October 2021."


def test_a_figure_without_an_interval_neither_rises_nor_falls():
    words = since_baseline(figure(400.0, unit="reviews", baseline=1000.0))
    assert words == "against the baseline of 1,000 reviews"


def test_amounts_have_the_unit_and_the_decimals_of_the_figure():
    weeks = figure(30.4028, 25.686, 35.119, unit="weeks", first_on=DAY, last_on=DAY)
    assert (shown(weeks), amount(weeks, 22.0), between(weeks)) == ("30.4", "22 weeks", "between 25.7 and 35.1")
    assert (covered(weeks), covered(figure(1.0))) == ("31 October 2021", "")
    assert (shown(figure(84.25)), amount(figure(84.25), 84.0), amount(figure(1.0), None)) == (
        "84.3%",
        "84%",
        "no figure",
    )
    assert shown(figure(None, rating="Amber")) == "Amber"
    assert of(Figure(n=46, of=68)) == "46 of 68"
    assert of(Figure(n=46.5, of=68)) == "68"
    assert of(Figure(n=1234)) == "1,234"


@pytest.fixture(scope="module")
def february_and_march():
    return open_release("data/southend", "2022-02"), open_release("data/southend", "2022-03")


def manifest_of(release, **figures):
    published = {kpi: {"value": figure.value} for kpi, figure in release.kpis.items()}
    changed = {kpi: {"value": value} for kpi, value in figures.items()}
    return {"choices": release.choices(), "briefings": [], "figures": published | changed}


def test_a_change_is_told_from_a_restatement(february_and_march):
    february, march = february_and_march
    plain = since(manifest_of(february), february, march, "01_ehcp_quality", QUALITY)
    assert not any("was published as" in sentence for sentence in plain)
    assert any("in February 2022" in sentence for sentence in plain)
    told = since(manifest_of(february, QA_ALL=90.0), february, march, "01_ehcp_quality", QUALITY)
    assert any("February 2022 was published as 90.0%; with records entered since" in sentence for sentence in told)


def test_under_other_choices_no_change_is_given(february_and_march):
    february, march = february_and_march
    published = manifest_of(february) | {"choices": {}}
    assert "other choices" in since(published, february, march, "01_ehcp_quality", QUALITY)[0]


def test_a_page_without_a_kpi_says_what_it_said(february_and_march):
    february, march = february_and_march
    said = [{"href": "05_plan_tracker.html", "headline": "5 of 12 actions."}]
    published = manifest_of(february) | {"briefings": said}
    assert since(published, february, march, "05_plan_tracker", ()) == [
        "In February 2022 this briefing said: 5 of 12 actions."
    ]
    assert since(published, february, march, "06_peer_review", ()) == []


def test_a_headline_that_is_the_same_is_not_said_again(february_and_march):
    february, march = february_and_march
    said = [{"href": "05_plan_tracker.html", "headline": "5 of 12 actions."}]
    published = manifest_of(february) | {"briefings": said}
    told = since(published, february, march, "05_plan_tracker", (), "5 of 12 actions.")
    assert told == ["The headline is the one of February 2022."]


def test_a_change_of_colour_comes_first(february_and_march):
    february, march = february_and_march
    published = manifest_of(february)
    published["figures"] = published["figures"] | {"QA_CARE": {"value": 99.0, "status": "Green"}}
    told = since(published, february, march, "01_ehcp_quality", QUALITY)
    assert told[0] == f"EHC plan quality, social care turned from Green to {march.kpis['QA_CARE'].status}."


def test_one_point_is_one_point(february_and_march):
    february, march = february_and_march
    again = SimpleNamespace(
        period=february.period,
        kpis={"QA_ALL": replace(march.kpis["QA_ALL"], value=march.kpis["QA_ALL"].value - 1)},
    )
    told = since(manifest_of(march), again, march, "x", ("QA_ALL",))
    assert "up 1 point from" in told[0]


def test_a_month_that_the_extracts_no_longer_reach_is_taken_as_it_was_published(february_and_march):
    february, march = february_and_march
    assert since(manifest_of(february, QA_ALL=90.0), february, march, "x", ("QA_ALL",)) != []
    assert since(manifest_of(february, QA_ALL=None), february, march, "x", ("QA_ALL",)) == []


def test_a_change_since_another_month_says_whether_chance_could_explain_it(february_and_march):
    february, march = february_and_march
    (sentence,) = since(manifest_of(february), february, march, "x", ("ADVICE_CARE",))
    assert sentence.endswith(", which chance could explain.")
    now = march.kpis["ADVICE_CARE"]
    apart = replace(february.kpis["ADVICE_CARE"], value=5.0, lower=1.0, upper=9.0)
    again = SimpleNamespace(period=february.period, kpis={"ADVICE_CARE": apart})
    (sentence,) = since(manifest_of(again_of(march, now)), again, march, "x", ("ADVICE_CARE",))[:1]
    assert sentence.endswith(", more than chance explains.")


def again_of(release, figure):
    return SimpleNamespace(kpis={"ADVICE_CARE": figure}, choices=release.choices)


def test_windows_that_share_months_are_not_tested_against_each_other(february_and_march):
    february, march = february_and_march
    (sentence, *_) = since(manifest_of(february), february, march, "x", ("QA_ALL",))
    assert sentence.endswith("; the two share months, so this is no test of a change.")


def test_a_census_has_no_chance_in_it(february_and_march):
    february, march = february_and_march
    told = since(manifest_of(february), february, march, "x", ("ASD_BACKLOG", "POET_PARENTS"))
    assert not any("chance" in sentence or "share months" in sentence for sentence in told)


@pytest.mark.parametrize(
    ("rule", "value", "words"),
    [
        ("rise by points", 10.0, "10 points above the baseline"),
        ("rise by per cent", 5.0, "5% above the baseline"),
        ("any rise", None, "any rise"),
    ],
)
def test_a_target_so_far_from_a_baseline_that_is_not_known_has_its_size(rule, value, words):
    kpi = Kpi("ANY", "Decisions", unit="percent", polarity="higher", targets=(Target(DAY, value, rule=rule),))
    now = Figure(kpi=kpi, value=50.0, target_on=DAY, target_words=rule)
    ahead = Figure(kpi=kpi, value=50.0, next_target_on=DAY, next_target_words=rule)
    assert board.target(now, None, None, rule, DAY) == f"{words} by 31 Oct 2021"
    short = (
        f"+{words.removesuffix(' above the baseline')}" if value else words
    )  # the scorecard has the baseline beside it
    assert scoreboard.aim(now) == short
    assert scoreboard.aim(ahead) == f"{short} by Oct 2021"
    assert against_target(ahead) == f"The first target, {words}, falls on 31 October 2021."
    assert list(board.steps(now)["target"]) == [words]
