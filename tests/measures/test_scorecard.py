"""The scorecard: what gives a KPI its colour."""

import datetime as dt

import pandas as pd
import pytest

from sendanalysis.inputs.parameters import Scorecard
from sendanalysis.inputs.plan import Kpi, Target, read_plan
from sendanalysis.measures.kpis import Measured
from sendanalysis.measures.scorecard import NO_COLOUR, NO_DATA, NOT_DEFINED, judge
from sendanalysis.measures.targets import resolved
from sendanalysis.methods.periods import month_end

STEPS = (
    Target(dt.date(2021, 10, 31), 84),
    Target(dt.date(2022, 1, 31), 87),
    Target(dt.date(2022, 7, 31), 91),
)


def last_day(month):
    return month_end(dt.date.fromisoformat(f"{month}-01"))


def published(benchmarks):
    """Figures published for the KPI in January 2021, as the table of benchmarks holds them."""
    rows = [("K", kind, pd.Timestamp("2021-01-31"), number) for kind, number in benchmarks.items()]
    return pd.DataFrame(rows, columns=["kpi_id", "area_kind", "published_on", "value"])


def single(value, month="2021-12", *, baseline=81, targets=STEPS, rating="", **kpi):
    """One KPI alone, with the figure of a month; `chosen` sets how colours are given."""
    benchmarks, chosen = kpi.pop("benchmarks", {}), kpi.pop("chosen", {})
    plan = (Kpi("K", "Of the plan", **{"measure": "quality", "baseline": baseline, "targets": targets} | kpi),)
    measured = {"K": Measured(value=value, n=value, of=100, baseline=baseline, rating=rating)}
    given = published(benchmarks)
    return judge(plan, measured, given, day=last_day(month), chosen=Scorecard(**chosen))["K"]


@pytest.mark.parametrize(
    ("value", "month", "status", "target"),
    [
        (99, "2021-09", NO_COLOUR, None),
        (84, "2021-10", "Green", 84),
        (83.999999, "2021-10", "Amber", 84),
        (81.000001, "2021-10", "Amber", 84),
        (81, "2021-10", "Red", 84),
        (70, "2021-10", "Red", 84),
        (86.9, "2021-12", "Green", 84),
        (86.9, "2022-01", "Amber", 87),
        (91, "2022-07", "Green", 91),
        (91, "2023-07", "Green", 91),
    ],
)
def test_the_key_compares_unrounded_figures_with_the_target_of_the_latest_milestone(value, month, status, target):
    figure = single(value, month)
    assert (figure.status, figure.target) == (status, target)


def test_before_the_first_milestone_there_is_a_next_target_with_its_day():
    figure = single(90, "2021-09")
    assert (figure.next_target, figure.next_target_on.isoformat()) == (84, "2021-10-31")
    assert "31 October 2021" in figure.reason


def test_on_the_day_of_a_milestone_it_is_reached_and_the_day_before_it_is_not():
    for day, status in ((30, NO_COLOUR), (31, "Green")):
        plan, measured = (Kpi("K", "K", measure="quality", targets=STEPS),), {"K": Measured(value=84)}
        found = judge(plan, measured, published({}), day=dt.date(2021, 10, day), chosen=Scorecard())
        assert found["K"].status == status


def test_on_the_straight_line_the_target_grows_between_two_milestones_and_there_is_none_before_the_first():
    linear = {"trajectory": "linear"}
    figure = single(85.5, chosen=linear)
    assert figure.target == pytest.approx(84 + 3 * 61 / 92)
    assert figure.status == "Amber"
    assert single(99, "2021-09", chosen=linear).status == NO_COLOUR
    assert single(91, "2022-07", chosen=linear).target == 91


def test_with_a_floor_in_points_amber_ends_that_far_below_the_target():
    points = {"amber_floor": "points", "amber_points": 5}
    assert single(80, "2021-10", chosen=points).status == "Amber"
    assert single(79, "2021-10", chosen=points).status == "Amber"
    assert single(78.9, "2021-10", chosen=points).status == "Red"


def test_another_clock_start_moves_every_milestone(typed):
    kpis = typed("kpis", {"kpi_id": "K", "name": "K", "measure": "quality"})
    targets = typed("targets", *({"kpi_id": "K", "months": months, "value": "84"} for months in ("3", "6")))
    tables = {"kpis": kpis, "targets": targets}
    for start, status in ((dt.date(2021, 7, 31), "Green"), (dt.date(2021, 11, 22), NO_COLOUR)):
        plan = read_plan(tables, start)
        found = judge(plan, {"K": Measured(value=99)}, {}, day=last_day("2021-12"), chosen=Scorecard())
        assert found["K"].status == status
    assert [target.on.isoformat() for target in plan[0].targets] == ["2022-02-22", "2022-05-22"]


def test_a_kpi_without_measure_baseline_and_target_is_not_defined_and_has_no_number():
    figure = single(None, measure="", baseline=None, targets=())
    assert (figure.status, figure.value) == (NOT_DEFINED, None)
    words = (Target(dt.date(2021, 10, 31), text="Better"),)
    assert single(None, measure="", baseline=None, targets=words).status == NOT_DEFINED


def test_a_kpi_that_nobody_measured_has_no_data_and_no_colour():
    assert single(None).status == NO_DATA
    figure = single(None, measure="")
    assert (figure.status, figure.target) == (NO_DATA, 84)
    assert "does not say how" in figure.reason


def test_a_kpi_without_a_target_has_no_colour():
    assert single(84, targets=()).status == NO_COLOUR
    assert single(84, targets=(Target(dt.date(2021, 10, 31), text="Better"),)).status == NO_COLOUR


RISE = dt.date(2021, 10, 31)


@pytest.mark.parametrize(
    ("value", "target", "status"),
    [
        (75, Target(RISE, rule="any rise"), "Amber"),
        (70, Target(RISE, rule="any rise"), "Red"),
        (75, Target(RISE, 5, rule="rise by points"), "Green"),
        (74.9, Target(RISE, 5, rule="rise by points"), "Amber"),
        (77, Target(RISE, 10, rule="rise by per cent"), "Green"),
        (76.9, Target(RISE, 10, rule="rise by per cent"), "Amber"),
        (105, Target(RISE, rule="half as many again"), "Green"),
        (104.9, Target(RISE, rule="half as many again"), "Amber"),
    ],
)
def test_any_rise_has_no_size_so_it_is_amber_at_best(value, target, status):
    assert single(value, baseline=70, targets=(target,)).status == status


@pytest.mark.parametrize(
    ("value", "target", "status"),
    [
        (65, Target(RISE, rule="any rise"), "Amber"),
        (70, Target(RISE, rule="any rise"), "Red"),
        (65, Target(RISE, 5, rule="rise by points"), "Green"),
        (65.1, Target(RISE, 5, rule="rise by points"), "Amber"),
        (63, Target(RISE, 10, rule="rise by per cent"), "Green"),
        (63.1, Target(RISE, 10, rule="rise by per cent"), "Amber"),
    ],
)
def test_where_lower_is_better_a_rise_is_a_fall(value, target, status):
    assert single(value, baseline=70, targets=(target,), polarity="lower").status == status


def test_half_as_many_again_is_rounded_up():
    kpi = Kpi("K", "K", unit="places", targets=(Target(RISE, rule="half as many again"),))
    assert [target.value for target in resolved(kpi, 17, published({}), RISE)] == [26]
    assert [target.value for target in resolved(kpi, None, published({}), RISE)] == [None]


@pytest.mark.parametrize("rule", ["any rise", "rise by points", "rise by per cent", "half as many again"])
def test_a_rise_without_a_known_baseline_has_no_colour(rule):
    assert single(75, baseline=None, targets=(Target(RISE, 5, rule=rule),)).status == NO_COLOUR


@pytest.mark.parametrize(("value", "status"), [(158, "Green"), (159, "Amber"), (188, "Red"), (189, "Red")])
def test_a_published_figure_is_the_target_once_it_is_known(value, status):
    given = {"baseline": 188, "targets": (Target(RISE, rule="england"),), "polarity": "lower"}
    assert single(value, benchmarks={"england": 158, "region": 1}, **given).status == status
    unknown = single(value, **given)
    assert (unknown.status, unknown.target, unknown.target_words) == (NO_COLOUR, None, "england")


@pytest.mark.parametrize(
    ("value", "month", "status"),
    [(50, "2021-09", NO_COLOUR), (100, "2021-10", "Green"), (99.9, "2021-10", "Amber"), (0, "2021-10", "Red")],
)
def test_a_backlog_has_to_be_cleared_by_its_deadline(value, month, status):
    assert single(value, month, baseline=0, targets=(Target(RISE, 100),)).status == status


def test_a_number_that_is_to_fall_is_green_at_its_target_and_red_from_its_baseline_on():
    given = {"baseline": 1000, "polarity": "lower", "unit": "reviews", "targets": (Target(RISE, 600),)}
    assert [single(value, **given).status for value in (600, 601, 999, 1000)] == ["Green", "Amber", "Amber", "Red"]


# a range

BAND = {"polarity": "band", "baseline": 70, "targets": (Target(RISE, 50, 60),)}


def test_a_range_is_kept_at_both_its_ends():
    found = [single(value, **BAND).status for value in (49.9, 50, 60, 60.1, 69.9, 70, 40.1, 40)]
    assert found == ["Amber", "Green", "Green", "Amber", "Amber", "Red", "Amber", "Red"]
    assert single(55, **BAND).target_to == 60


def test_on_the_straight_line_a_range_moves_with_both_its_ends():
    targets = (Target(dt.date(2021, 10, 31), 50, 60), Target(dt.date(2022, 1, 31), 70, 80))
    figure = single(65, **BAND | {"targets": targets}, chosen={"trajectory": "linear"})
    share = 61 / 92
    assert figure.target == pytest.approx(50 + 20 * share)
    assert figure.target_to == pytest.approx(60 + 20 * share)
    assert figure.status == "Green"


# ratings


def rated(rating, month="2021-12", **given):
    return single(None, month, baseline=None, measure="recorded", unit="rating", rating=rating, **given)


@pytest.mark.parametrize(
    ("rating", "status"), [("Green", "Green"), ("Amber", "Amber"), ("Red", "Red"), ("Blue", "Green"), ("yes", "Green")]
)
def test_the_rating_that_an_owner_recorded_is_the_status(rating, status):
    assert rated(rating, targets=(Target(RISE, text="Reached"),)).status == status


def test_what_is_not_done_has_no_colour_before_its_day_and_is_red_from_it_on():
    targets = (Target(RISE, text="In post"),)
    assert rated("no", "2021-09", targets=targets).status == NO_COLOUR
    assert rated("no", "2021-10", targets=targets).status == "Red"


def test_a_rating_nobody_gave_is_no_data():
    assert rated("", targets=(Target(RISE, text="Reached"),)).status == NO_DATA


# parts

SURVEY = {"cyp": (6, 9), "practitioner": (80, 120), "parent_carer": (168, 252)}


def survey(counts, **whole):
    """Three groups of a survey with a baseline and a target each, and their whole."""
    given = {"measure": "survey", "unit": "participants"}
    parts = tuple(
        Kpi(name, name, parent="ALL", baseline=baseline, targets=(Target(RISE, target),), **given)
        for name, (baseline, target) in SURVEY.items()
    )
    measured = {"ALL": Measured(value=sum(counts))}
    measured |= {kpi.kpi_id: Measured(value=n, baseline=kpi.baseline) for kpi, n in zip(parts, counts, strict=True)}
    plan = (Kpi("ALL", "All", **given, **whole), *parts)
    return judge(plan, measured, published({}), day=RISE, chosen=Scorecard())


def test_each_part_must_reach_its_target():
    assert survey([9, 120, 252])["ALL"].status == "Green"
    assert survey([8, 300, 400])["ALL"].status == "Amber"
    assert survey([6, 300, 400])["ALL"].status == "Red"
    assert survey([6, 300, 400], parts="each")["ALL"].status == "Red"


def test_the_parts_that_decide_are_named_so_that_a_comma_in_a_name_parts_none():
    reason = survey([8, 110, 400])["ALL"].reason
    assert reason == "each part counts, and 2 of 3 are Amber: cyp; practitioner"


def test_a_part_without_data_weighs_more_than_a_green_one_and_less_than_an_amber_one():
    plan = tuple(
        Kpi(name, name, parent="ALL" * (name != "ALL"), measure="quality", targets=STEPS) for name in ("ALL", "A", "B")
    )
    for other, status in ((99, NO_DATA), (83, "Amber")):
        measured = {"A": Measured(), "B": Measured(value=other, baseline=80), "ALL": Measured(value=99)}
        bare = (Kpi("ALL", "ALL", measure="quality"), *plan[1:])
        found = judge(bare, measured, {}, day=RISE, chosen=Scorecard())
        assert found["ALL"].status == status


def test_pooled_the_parts_are_tested_together():
    found = survey([6, 135, 240], parts="sum")["ALL"]
    assert (found.value, found.baseline, found.target, found.status) == (381, 254, 381, "Green")


def test_parts_whose_milestones_fall_on_other_days_have_no_sum_on_those_days():
    days = (RISE, dt.date(2021, 11, 30))
    parts = tuple(
        Kpi(name, name, parent="ALL", measure="survey", unit="forms", baseline=1, targets=(Target(day, 5),))
        for name, day in zip("AB", days, strict=True)
    )
    plan = (Kpi("ALL", "All", measure="survey", unit="forms", parts="sum"), *parts)
    measured = {name: Measured(value=9, baseline=1) for name in ("A", "B", "ALL")}
    found = judge(plan, measured, published({}), day=RISE, chosen=Scorecard())["ALL"]
    assert (found.target, found.status) == (None, NO_COLOUR)


def test_a_whole_with_targets_of_its_own_is_judged_by_them_although_it_has_no_baseline():
    found = survey([9, 120, 252], targets=(Target(RISE, 500),))["ALL"]
    assert (found.target, found.status) == (500, "Amber")


def test_a_whole_in_per_cent_keeps_its_own_baseline_and_targets():
    parts = (Kpi("A", "A", parent="ALL", measure="quality", baseline=70, targets=(Target(RISE, 90),)),)
    plan = (Kpi("ALL", "All", measure="quality", baseline=60, targets=(Target(RISE, 80),)), *parts)
    measured = {"ALL": Measured(value=85, baseline=60), "A": Measured(value=71, baseline=70)}
    found = judge(plan, measured, published({}), day=RISE, chosen=Scorecard())
    assert (found["ALL"].status, found["ALL"].target, found["A"].status) == ("Green", 80, "Amber")


def test_parts_of_parts_are_judged_from_the_bottom_up():
    plan = (
        Kpi("TOP", "Top"),
        Kpi("MID", "Mid", parent="TOP"),
        Kpi("LOW", "Low", parent="MID", measure="quality", targets=STEPS),
    )
    plan = tuple(Kpi(**vars(kpi) | {"measure": "quality"}) for kpi in plan)
    found = judge(plan, {"LOW": Measured(value=80, baseline=81)}, {}, day=RISE, chosen=Scorecard())
    assert {kpi_id: figure.status for kpi_id, figure in found.items()} == {"TOP": "Red", "MID": "Red", "LOW": "Red"}


def test_figures_stand_in_the_order_of_the_plan_whether_measured_or_not():
    plan = (Kpi("X_1", "Own words"), Kpi("QA_ALL", "Quality", measure="quality", targets=STEPS))
    found = judge(plan, {"QA_ALL": Measured(value=80)}, {}, day=RISE, chosen=Scorecard())
    assert list(found) == ["X_1", "QA_ALL"]
    assert found["X_1"].status == NOT_DEFINED
    assert found["QA_ALL"].kpi.name == "Quality"
