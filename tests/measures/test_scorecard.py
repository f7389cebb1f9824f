from __future__ import annotations

import pandas as pd
import pytest

from sendanalysis.inputs.choices import Choices
from sendanalysis.measures.scorecard import NO_COLOUR, NO_DATA, NOT_DEFINED, as_frame, measure
from sendanalysis.methods.periods import reporting_period

COLUMNS = [
    "kpi_id",
    "parent_kpi_id",
    "kpi_as_printed",
    "baseline_value",
    "m3_target",
    "m6_target",
    "m12_target",
    "unit",
]
MEASURED = ["kpi_id", "value", "unit", "numerator", "denominator", "lower", "upper", "baseline"]


def judged(kpi_id, value, month="2021-12", *, baseline=None, plan=(81, 84, 87, 91), **choices):
    kpis = pd.DataFrame([[kpi_id, None, "As printed", *plan, "percent"]], columns=COLUMNS)
    rows = [] if value is None else [[kpi_id, value, "percent", value, 100, value - 2, value + 2, baseline]]
    found = measure(
        kpis,
        pd.DataFrame(rows, columns=MEASURED),
        period=reporting_period(month),
        choices=Choices().with_values(choices),
    )
    return found[kpi_id]


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
    figure = judged("QA_ALL", value, month)
    assert (figure.status, figure.target) == (status, target)


def test_before_the_first_milestone_there_is_a_next_target_with_its_day():
    figure = judged("QA_ALL", 90, "2021-09")
    assert (figure.next_target, figure.next_target_on.isoformat()) == (84, "2021-10-31")


def test_on_the_straight_line_the_target_grows_between_two_milestones_and_there_is_none_before_the_first():
    figure = judged("QA_ALL", 85.5, "2021-12", trajectory="linear")
    assert figure.target == pytest.approx(84 + 3 * 61 / 92)
    assert figure.status == "Amber"
    assert judged("QA_ALL", 99, "2021-09", trajectory="linear").status == NO_COLOUR


def test_with_a_floor_in_points_amber_ends_that_far_below_the_target():
    assert judged("QA_ALL", 80, "2021-10", amber_floor="points", amber_points=5).status == "Amber"
    assert judged("QA_ALL", 78.9, "2021-10", amber_floor="points", amber_points=5).status == "Red"


def test_another_clock_start_moves_every_milestone():
    assert judged("QA_ALL", 99, "2021-12", clock_start="2021-11-22").status == NO_COLOUR


def test_a_kpi_without_baseline_and_target_is_not_defined_and_has_no_number():
    figure = judged("NEU_SATISFACTION", None, plan=(None, None, None, None))
    assert (figure.status, figure.value) == (NOT_DEFINED, None)


def test_a_kpi_that_nobody_measured_has_no_data_and_no_colour():
    assert judged("QA_ALL", None).status == NO_DATA


@pytest.mark.parametrize(
    ("value", "choices", "status"),
    [
        (75, {}, "Amber"),
        (70, {}, "Red"),
        (75, {"advice_target_kind": "points", "advice_target_value": 5}, "Green"),
        (74.9, {"advice_target_kind": "points", "advice_target_value": 5}, "Amber"),
        (77, {"advice_target_kind": "relative", "advice_target_value": 10}, "Green"),
        (76.9, {"advice_target_kind": "relative", "advice_target_value": 10}, "Amber"),
    ],
)
def test_any_rise_has_no_size_so_it_is_amber_at_best(value, choices, status):
    assert judged("ADVICE_HEALTH", value, baseline=70, plan=(None,) * 4, **choices).status == status


def test_advice_without_a_known_baseline_has_no_colour():
    assert judged("ADVICE_HEALTH", 75, plan=(None,) * 4).status == NO_COLOUR


@pytest.mark.parametrize(
    ("value", "month", "status"),
    [(50, "2021-09", NO_COLOUR), (100, "2021-10", "Green"), (99.9, "2021-10", "Amber"), (0, "2021-10", "Red")],
)
def test_the_backlog_has_to_be_cleared_by_its_deadline(value, month, status):
    assert judged("ASD_BACKLOG", value, month, baseline=0, plan=(None,) * 4).status == status


def survey(counts, month="2021-10", **choices):
    ids = ["POET", "POET_CYP", "POET_PRACTITIONERS", "POET_PARENTS"]
    plan = [[None] * 4, [6, 9, None, None], [80, 120, None, None], [168, 252, None, None]]
    kpis = pd.DataFrame(
        [
            [name, None if name == "POET" else "POET", name, *row, "participants"]
            for name, row in zip(ids, plan, strict=True)
        ],
        columns=COLUMNS,
    )
    rows = [
        [name, n, "participants", n, None, n - 1, n + 1, None]
        for name, n in zip(ids, [sum(counts), *counts], strict=True)
    ]
    period = reporting_period(month)
    return measure(kpis, pd.DataFrame(rows, columns=MEASURED), period=period, choices=Choices().with_values(choices))


def test_each_survey_group_must_reach_its_target():
    assert survey([9, 120, 252])["POET"].status == "Green"
    assert survey([8, 300, 400])["POET"].status == "Amber"
    assert survey([6, 300, 400])["POET"].status == "Red"


def test_pooled_the_groups_are_tested_together():
    found = survey([6, 135, 240], poet_rule="pooled")["POET"]
    assert (found.value, found.baseline, found.target, found.status) == (381, 254, 381, "Green")


def test_figures_stand_in_the_order_of_the_plan_and_measured_ones_it_does_not_name_follow():
    kpis = pd.DataFrame([["X_1", None, "Own words", None, None, None, None, None]], columns=COLUMNS)
    rows = pd.DataFrame([["QA_ALL", 80.0, "percent", 80, 100, 70, 90, None]], columns=MEASURED)
    found = measure(kpis, rows, period=reporting_period("2021-10"), choices=Choices())
    assert list(found) == ["X_1", "QA_ALL"]
    assert found["QA_ALL"].status == NOT_DEFINED
    assert as_frame(found, kpis)["kpi"].tolist() == ["Own words", "EHC plan quality, all sections"]
