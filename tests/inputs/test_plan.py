from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from sendanalysis.inputs.area import open_area
from sendanalysis.inputs.plan import parts_of, roots

DATA = Path(__file__).parents[2] / "data"


@pytest.fixture(scope="module")
def southend():
    return open_area(DATA / "southend").plan


@pytest.fixture(scope="module")
def wexmoor():
    return open_area(DATA / "wexmoor").plan


def by_id(plan):
    return {kpi.kpi_id: kpi for kpi in plan}


def test_a_plan_has_as_many_kpis_as_stand_under_no_other(southend, wexmoor):
    assert len(roots(southend)) == 8
    assert len(roots(wexmoor)) == 13
    assert [kpi.kpi_id for kpi in parts_of(wexmoor, "TRAINED")] == ["TRAINED_SCHOOLS", "TRAINED_HEALTH", "TRAINED_CARE"]


def test_months_are_counted_from_the_clock_start_and_days_stand_as_printed(southend):
    kpis = by_id(southend)
    assert [target.on for target in kpis["QA_ALL"].targets] == [
        dt.date(2021, 10, 31),
        dt.date(2022, 1, 31),
        dt.date(2022, 7, 31),
    ]
    assert [target.on for target in kpis["ASD_BACKLOG"].targets] == [dt.date(2021, 10, 31)]


def test_targets_may_fall_be_ranges_rules_or_words_and_stand_in_any_number(wexmoor):
    kpis = by_id(wexmoor)
    assert [target.value for target in kpis["FAMILY_RATING"].targets] == [20, 35, 30, 60]
    assert [(target.value, target.value_to) for target in kpis["MAINSTREAM"].targets] == [(50, 60), (52, 62)]
    assert [target.judges for target in kpis["SUSPENSIONS"].targets] == [False, True, True]
    assert len(kpis["OUTREACH"].targets) == 9


def test_a_kpi_without_measure_baseline_and_target_is_not_defined(southend, wexmoor):
    assert {kpi.kpi_id for kpi in southend if not kpi.defined} == {"NEU_SATISFACTION", "BALANCED_SYSTEM"}
    assert {kpi.kpi_id for kpi in wexmoor if not kpi.defined} == {"ADULTHOOD"}


def test_an_empty_cell_is_read_as_what_it_stands_for(wexmoor):
    kpi = by_id(wexmoor)["ADULTHOOD"]
    assert (kpi.group, kpi.unit, kpi.polarity, kpi.parts, kpi.baseline) == ("all", "percent", "higher", "", None)
