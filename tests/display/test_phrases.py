from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pandas as pd
import pytest

from sendanalysis.display import audit_phrases, kpi_phrases, phrases
from sendanalysis.inputs.plan import Kpi, Target
from sendanalysis.measures.kpis import verdict_of
from sendanalysis.release import Figure, open_release

MARCH = {"first_on": dt.date(2024, 1, 1), "last_on": dt.date(2024, 3, 31)}
PLANS = ("plan", "plans")


def figure(value=61.765, n=42, of=68, lower=49.88, upper=72.39, **known):
    unit = known.pop("unit", "percent")
    months, kpi = known.pop("months", ""), Kpi("ANY", "Plans in time", unit=unit)
    given = {"value": value, "n": n, "of": of, "lower": lower, "upper": upper, **MARCH} | known
    found = Figure(kpi=kpi, **given)
    return replace(found, verdict=verdict_of(found, months))


def test_the_answer_says_no_more_than_the_interval_allows():
    basis = "It stands at 61.8% (42 of 68 plans; January to March 2024)"
    rose, fell = figure(baseline=27.0, months="higher"), figure(baseline=80.0, months="lower")
    assert kpi_phrases.told(rose, PLANS) == f"{basis}, up from the baseline of 27%."
    assert kpi_phrases.told(fell, PLANS) == f"{basis}, down from the baseline of 80%."
    chance = f"{basis}, and chance alone could explain the difference from the baseline of 60%."
    assert kpi_phrases.told(figure(baseline=60.0), PLANS) == chance
    assert kpi_phrases.told(figure(), PLANS) == f"{basis}."


def test_a_count_a_rate_and_a_rating_are_said_in_their_own_unit():
    stock = figure(400.0, 400, 999, None, None, unit="reviews", baseline=1000.0)
    assert kpi_phrases.told(stock, ("review", "reviews")) == (
        "It stands at 400 reviews (of 999; January to March 2024), against the baseline of 1,000 reviews."
    )
    rate = figure(172.589, 170, 985, 147.6, 200.6, unit="per 1,000 pupils")
    assert kpi_phrases.count_of(rate, ("suspension", "suspensions")) == "170 suspensions among 985"
    rated = figure(None, None, None, None, None, unit="rating", rating="Amber", reason="rated Amber by its owner")
    assert kpi_phrases.told(rated, ("", "")) == "Plans in time: rated Amber by its owner, for January to March 2024."


def test_a_kpi_without_a_figure_says_why():
    nothing = Figure(kpi=Kpi("ANY", "Plans in time"), reason="the plan gives no baseline and no target")
    assert kpi_phrases.told(nothing, ("", "")) == (
        "There is no figure for “Plans in time”: the plan gives no baseline and no target."
    )
    assert kpi_phrases.answer(replace(nothing, status="Not defined in the plan"), ("", ""))[0] == "Not measured."
    assert kpi_phrases.when(nothing) == "Figure"


def test_how_sure_a_figure_is_has_its_unit_or_is_not_known():
    assert kpi_phrases.how_sure(figure()) == ("How sure", "49.9 to 72.4%", "95% interval")
    weeks = figure(1500.0, lower=1234.5, upper=2000.0, unit="weeks")
    assert kpi_phrases.how_sure(weeks) == ("How sure", "1,234.5 to 2,000.0", "95% interval")
    assert kpi_phrases.how_sure(figure(lower=None)) == ("How sure", "not known", "too few to say")


@pytest.mark.parametrize("area", ["southend", "wexmoor"])
def test_every_kpi_of_a_plan_is_answered_without_a_hole(area):
    release = open_release(f"data/{area}")
    for kpi_id, known in release.kpis.items():
        counted = release.counted(kpi_id)
        subtitle = kpi_phrases.subtitle(known, counted, release.series(kpi_id))
        for said in (*kpi_phrases.answer(known, counted), kpi_phrases.how(release, kpi_id), subtitle):
            assert not [hole for hole in ("nan", "None", "()", "  ", " .", "..") if hole in said], (kpi_id, said)
            assert said.endswith(".") or not said, (kpi_id, said)


def test_targets_that_are_values_are_drawn_and_those_that_are_rules_or_a_range_are_not():
    day = dt.date(2021, 10, 31)
    targets = (Target(day, 84.0), Target(day, None, None, "any rise"), Target(day, None, None, "", "words"))
    kpi = Kpi("ANY", "Any", targets=targets)
    assert phrases.goals(Figure(kpi=kpi, baseline=81.0)) == {"baseline": 81.0, "targets": [(day, 84.0)]}
    band = Kpi("ANY", "Any", polarity="band", targets=targets)
    assert phrases.goals(Figure(kpi=band, baseline=81.0)) == {"baseline": 81.0}


def test_nothing_moves_more_than_chance_explains_before_there_are_limits():
    assert phrases.trend(figure(), pd.DataFrame(), "plans in time") == (
        "Plans in time: too few months to tell a change from chance"
    )
    assert phrases.trend_reading(None, pd.DataFrame(), figure()) == (
        "No month has a figure yet; limits are drawn from 13 on."
    )


def test_the_title_of_a_control_chart_says_what_its_headline_says():
    quiet = pd.DataFrame({"point_type": ["common_cause"] * 3})
    loud = pd.DataFrame({"point_type": ["special_cause_concern", "common_cause", "common_cause"]})
    known = {"baseline": 27.0}
    assert phrases.trend(figure(**known, months="higher"), quiet, "x") == (
        "X: up since the baseline, by more than chance explains"
    )
    assert phrases.trend(figure(baseline=60.0, months="higher"), quiet, "x") == (
        "X: higher of late than chance explains, not clearly changed since the baseline"
    )
    assert phrases.trend(figure(**known, months="ordinary"), loud, "x") == (
        "X: one earlier month stands out, the latest does not"
    )
    louder = pd.concat([loud, loud], ignore_index=True)
    assert phrases.trend(figure(**known, months="ordinary"), louder, "x") == (
        "X: earlier months stand out, the latest do not"
    )
    assert phrases.trend(figure(**known, months="ordinary"), quiet, "x") == (
        "X: no more movement from month to month than chance explains"
    )


def test_the_first_word_of_an_answer_follows_the_verdict_and_which_way_is_better():
    assert phrases.yes_or_no(figure(baseline=27.0, months="higher")) == "Yes."
    assert phrases.yes_or_no(figure(baseline=80.0, months="lower")) == "No."
    assert phrases.yes_or_no(figure(baseline=60.0)) == "Not clearly."
    assert phrases.yes_or_no(figure()) == "Not known."
    assert phrases.yes_or_no(Figure(kpi=Kpi("ANY", "Any"), status="Not shown")) == "Not shown."


def test_a_shift_of_not_applicable_is_told_from_two_points_on():
    def rows(then, now):
        found = [("quality_na", then), ("quality_na", now), ("quality_yes", 79.0), ("quality_yes", 78.7)]
        return pd.DataFrame([{"measure": name, "group": "all", "value": value} for name, value in found])

    assert audit_phrases.drift(rows(11.0, 16.6)) == (
        "N/A answers rose from 11.0% to 16.6% meanwhile; without them, Yes moved from 79.0% to 78.7%."
    )
    assert audit_phrases.drift(rows(11.0, 12.9)) == ""
    assert audit_phrases.drift(rows(11.0, 12.9).iloc[:0]) == ""


def test_what_a_target_would_take_is_said_of_the_next_one():
    whole = figure(82.26, 1141, 1387)
    ahead = pd.DataFrame([(87.0, 66, 410.0), (91.0, 122, 90.0)], columns=["target", "more_n", "audits_n"])
    words = audit_phrases.effort(whole, ahead)
    assert words == (
        "To reach 87% in this window 66 more answers would have to be met; "
        "to tell a gap of 4.7 points from chance takes about 410 audits in a window."
    )
    assert audit_phrases.effort(whole, ahead.iloc[:0]) == "No target of this KPI is ahead of its figure."


def test_the_chart_of_the_peer_review_holds_as_many_actions_as_its_headline():
    release = open_release("data/southend", "2022-03")
    drawn = phrases.review_states(release.table("peer_review_progress"))
    counts = release.table("peer_review_by_status")
    counts = counts[counts["in_headline"] == "yes"].set_index("status")["actions_n"]
    last = drawn[drawn["month"] == drawn["month"].max()].set_index("status")["n"]
    assert last.sum() == counts.sum()
    assert last["Completed"] == counts["Completed"] + counts["Completed late"]


HIDDEN = (float("nan"), "not known")


def test_the_steps_of_a_target_are_told_where_there_are_several():
    release = open_release("data/southend", "2022-03")
    assert phrases.steps(release.kpi("QA_ALL")) == (
        "The steps of the target: 84% by 31 October 2021, 87% by 31 January 2022 and 91% by 31 July 2022."
    )
    assert phrases.steps(release.kpi("POET_CYP")) == ""


def survey_year(*groups, over=False):
    """A year of the survey in which each group had a baseline of 100: n, and whether chance explains the change."""
    named = ["cyp", "practitioner", "parent_carer"][: len(groups)]
    rows = pd.DataFrame(groups, columns=["n", "chance_explains"], index=named)
    return rows.assign(baseline=100.0, target=120.0, met=["yes" if n >= 120 else "no" for n in rows["n"]], over=over)


@pytest.mark.parametrize(
    ("groups", "over", "first"),
    [
        ([(150.0, "no"), (90.0, "yes"), (140.0, "no")], True, "Yes, for 2 of 3 groups."),
        ([(150.0, "no"), (160.0, "no"), (140.0, "no")], True, "Yes."),
        ([(50.0, "no"), (90.0, "yes"), (40.0, "no")], True, "Not clearly."),
        ([(50.0, "no"), (60.0, "no"), (40.0, "no")], True, "No."),
        ([(50.0, "not known"), (60.0, "not known")], False, "Not yet."),
        ([(150.0, "no"), HIDDEN], True, "Yes, for the group that can be shown; 1 is hidden."),
        ([(150.0, "no"), HIDDEN, HIDDEN], True, "Yes, for the group that can be shown; 2 are hidden."),
        ([(150.0, "no"), (140.0, "no"), HIDDEN], True, "Yes, for the 2 groups that can be shown; 1 is hidden."),
        ([(50.0, "no"), HIDDEN], True, "No, not for the group that can be shown; 1 is hidden."),
        ([(90.0, "yes"), HIDDEN], True, "Not clearly, for the group that can be shown; 1 is hidden."),
        ([(50.0, "not known"), HIDDEN], True, "Not known, for the group that can be shown; 1 is hidden."),
        ([(150.0, "no"), (90.0, "yes"), HIDDEN], True, "Yes, for 1 of 2 groups that can be shown; 1 is hidden."),
        ([HIDDEN], True, "Not shown."),
    ],
)
def test_more_take_part_only_in_the_groups_whose_rise_chance_does_not_explain(groups, over, first):
    rows = survey_year(*groups, over=over)
    assert phrases.more_took_part(rows, "2019/20", "2020/21", dt.date(2021, 3, 31))[0] == first


def test_two_groups_of_which_one_is_named_by_two_words_are_kept_apart():
    rows = survey_year((90.0, "yes"), (150.0, "no"), (140.0, "no"))
    told = phrases.more_took_part(rows, "2019/20", "2020/21", dt.date(2021, 3, 31))[1]
    assert told.startswith("More practitioners, and parents and carers took part in 2020/21")


def forms_by_day(*counts, groups=("cyp", "parent_carer")):
    days = pd.to_datetime(["2021-01-31", "2021-02-28", "2021-03-31"])
    rows = [(day, *pair) for day, found in zip(days, counts, strict=True) for pair in zip(groups, found, strict=True)]
    return pd.DataFrame(rows, columns=["last_on", "group", "n"])


@pytest.mark.parametrize(
    ("counts", "title"),
    [
        (([0, 5], [2, 9], [2, 9]), "Most forms are from parents and carers, 9; none has come since February 2021"),
        (([0, 5], [2, 9], [12, 9]), "Most forms are from young people, 12; the latest came in March 2021"),
        (([1, 5], [1, 5], [1, 5]), "Most forms are from parents and carers, 5; none has come since January 2021"),
        (([0, 0], [0, 0], [0, 0]), "No form has come in yet"),
        (([0, 5], [2, 9], [float("nan"), 9]), "Forms as they came in, some counts not shown"),
    ],
)
def test_the_title_of_the_forms_says_from_whom_most_are_and_when_the_latest_came(counts, title):
    assert phrases.came_in(forms_by_day(*counts)) == title
