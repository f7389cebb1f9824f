"""What a plan may not say: each slip in a table of the plan is one line with file, row, column, value and remedy."""

from __future__ import annotations

import csv
import shutil
from pathlib import Path

import pytest

from sendanalysis.inputs.area import check_area, open_area
from sendanalysis.inputs.plan_checks import GROUPS
from sendanalysis.measures.catalogue import built_in_groups

DATA = Path(__file__).parents[2] / "data"


@pytest.fixture
def area(request, tmp_path):
    return Path(shutil.copytree(DATA / getattr(request, "param", "wexmoor"), tmp_path / "area"))


def changed(area, table, where, cells):
    """Write cells into the first row that has the given ones, or add a row; its number in the file."""
    path = area / "plan" / f"{table}.csv"
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    at = next((n for n, row in enumerate(rows) if all(row[k] == v for k, v in where.items())), len(rows))
    if at == len(rows):
        rows.append(dict.fromkeys(rows[0], ""))
    rows[at] |= cells
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.DictWriter(file, rows[0])
        table.writeheader()
        table.writerows(rows)
    return at + 2


def told(area):
    return [str(fault) for fault in check_area(area)[1]]


FIRST, NEW = {"kpi_id": "NEW_PLANS_20W"}, {"kpi_id": "none such"}
ROW = {"kpi_id": "APPEALS_OPEN"}
CHECKED = {"month": "2023-04", "recorded_on": "2023-04-28", "kpi_id": "HEALTH_CHECKS"}
SLIPS = [  # table, row, its cells, column at fault, words of the message
    ("kpis", FIRST, {"measure": "plans_on_time"}, "measure", "'plans_on_time' is no measure. Write one of quality, ad"),
    ("kpis", FIRST, {"group": "autism"}, "group", "'autism' is no group of plans_in_time. Write one of all, communica"),
    ("kpis", FIRST, {"polarity": "up"}, "polarity", "'up' is not allowed. Write one of higher, lower, band"),
    ("kpis", FIRST, {"window": "3 moths"}, "window", "'3 moths' is no window. Write month, 3 months (or another numbe"),
    ("kpis", FIRST, {"parts": "sum"}, "parts", "'sum' adds up parts, and no KPI is a part of this one. Name NEW_PLANS"),
    ("kpis", FIRST, {"unit": "plans"}, "unit", "'plans' is not what plans_in_time gives. Write percent"),
    ("kpis", FIRST, {"baseline_value": "270"}, "baseline_value", "'270' is more than 100 per cent. Write 84 for 84%"),
    ("kpis", FIRST, {"baseline_to": "2021-12-31"}, "baseline_to", "'2021-12-31' is before baseline_from (2022-09-01)"),
    ("kpis", FIRST, {"parent_kpi_id": "NEW_PLAN"}, "parent_kpi_id", "'NEW_PLAN' is not a kpi_id of this table. Name t"),
    ("kpis", {"kpi_id": "PLAN_WEEKS"}, {"unit": "days"}, "unit", "'days' is not what weeks_to_plan gives. Write weeks"),
    ("kpis", ROW, {"unit": ""}, "unit", "'percent' is not what open_appeals gives. Write what it counts"),
    ("kpis", {"kpi_id": "HEALTH_CHECKS"}, {"group": "girls"}, "group", "would be ignored, since the KPI is recorded."),
    ("kpis", {"kpi_id": "ADULTHOOD"}, {"window": "month"}, "window", "would be ignored, since the KPI has no measure."),
    ("kpis", {"kpi_id": "MAINSTREAM"}, {"baseline_to": ""}, "baseline_rule", "'period' names no period. Write the fir"),
    ("kpis", NEW, {"kpi_id": "TRAINED", "name": "again"}, "kpi_id", "'TRAINED' stands in row 16 already. Remove the r"),
    ("targets", FIRST, {"due_on": "2023-05-01"}, "due_on", "'2023-05-01' stands beside months (3). Keep the day or th"),
    ("targets", FIRST, {"months": ""}, "due_on", "is empty, and so is months. Write the day, or the months"),
    ("targets", FIRST, {"value": "350"}, "value", "'350' is more than 100 per cent. Write 84 for 84%"),
    ("targets", FIRST, {"value_to": "40"}, "value_to", "'40' would be ignored, since NEW_PLANS_20W keeps no band. Rem"),
    ("targets", FIRST, {"rule": "any rise"}, "value", "'35' would be ignored beside the rule 'any rise'. Keep the val"),
    ("targets", FIRST, {"rule": "england", "value": ""}, "rule", "'england' has no published figure to be held agains"),
    ("targets", FIRST, {"rule": "rise by points", "value": ""}, "value", "is empty although the rule 'rise by points'"),
    ("targets", FIRST, {"rule": "as high as may be"}, "rule", "is not allowed. Write one of any rise, rise by points"),
    ("targets", FIRST, {"months": "", "due_on": "2022-10-31"}, "due_on", "is before the end of its baseline (2022-12-"),
    ("targets", FIRST, {"kpi_id": "NEW_PLANS"}, "kpi_id", "'NEW_PLANS' is not in kpis.csv. Write the kpi_id of a row"),
    ("targets", {"kpi_id": "NEW_PLANS_20W", "months": "8"}, {"months": "3"}, "months", "names the same day (2023-04-3"),
    ("targets", {"kpi_id": "MAINSTREAM"}, {"value_to": "40"}, "value_to", "'40' is less than value (50). Write the lo"),
    ("targets", {"kpi_id": "MAINSTREAM"}, {"value_to": ""}, "value_to", "the cell is empty although the KPI keeps a b"),
    ("targets", {"kpi_id": "MAINSTREAM"}, {"value": ""}, "value_to", "'60' stands without value. Write the lower end"),
    ("targets", NEW, {"kpi_id": "ADULTHOOD", "months": "3", "rule": "any rise"}, "rule", "needs a baseline, and ADULT"),
    ("milestones", {"milestone_id": "MS01"}, {"horizon_months": "3"}, "due_on", "stands beside horizon_months (3). Ke"),
    ("recorded", NEW, {**CHECKED, "value": "41", "rating": "Red"}, "value", "'41' is not the one thing recorded. Fill"),
    ("recorded", NEW, {**CHECKED, "numerator": "41"}, "denominator", "the cell is empty beside a numerator. Write out"),
    ("recorded", NEW, {**CHECKED, "numerator": "41", "denominator": "4"}, "numerator", "'41' is more than the denomin"),
    ("recorded", NEW, {**CHECKED, "value": "4", "denominator": "4"}, "denominator", "'4' stands without numerator. Fi"),
    ("recorded", NEW, {**CHECKED, "value": "410"}, "value", "'410' is more than 100 per cent. Write 84 for 84%"),
    ("recorded", NEW, {**CHECKED, "rating": "Red"}, "rating", "'Red' is no figure in percent. Write a figure, or rati"),
    ("recorded", NEW, {**CHECKED, "kpi_id": "OUTREACH", "value": "3"}, "rating", "the cell is empty although the unit"),
    ("recorded", NEW, {**CHECKED, **ROW, "value": "3"}, "kpi_id", "has the measure open_appeals, so this row would be"),
]


@pytest.mark.parametrize("slip", SLIPS, ids=lambda slip: f"{slip[0]}, {slip[3]}: {slip[4]}")
def test_a_slip_is_one_line_that_names_row_column_value_and_remedy(area, slip):
    table, where, cells, column, words = slip
    row = changed(area, table, where, cells)
    place = f"{table}.csv row {row}, {column}: "
    found = [fault for fault in told(area) if fault.startswith(place) and words in fault]
    assert found, told(area)
    assert len(found[0].splitlines()) == 1


def test_a_heading_that_the_plan_does_not_know_is_named_and_not_passed_over(area):
    path = area / "plan" / "targets.csv"
    lines = path.read_text("utf-8").splitlines()
    path.write_text("\n".join([f"{lines[0]},m18_target", *(f"{line}," for line in lines[1:])]), "utf-8")
    words = "targets.csv row 1, m18_target: the plan knows no such column, so it would be ignored. Rename or remove it"
    assert any(fault.startswith(words) for fault in told(area))


@pytest.mark.parametrize("cycle", [["ADULTHOOD"], ["ADULTHOOD", "OUTREACH"], ["ADULTHOOD", "OUTREACH", "SUSPENSIONS"]])
def test_kpis_that_are_parts_of_each_other_are_all_named(area, cycle):
    rows = [
        changed(area, "kpis", {"kpi_id": kpi_id}, {"parent_kpi_id": parent})
        for kpi_id, parent in zip(cycle, [*cycle[1:], cycle[0]], strict=True)
    ]
    found = [fault for fault in told(area) if "is a part of its own parts. Let one of them stand under no" in fault]
    assert {int(fault.split("row ")[1].split(",")[0]) for fault in found} == set(rows)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        (
            'target_year = "2020/21"',
            'target_year = "2018/19"',
            "target_year: '2018/19' has no form. Write one that survey_re",
        ),
        ('target_year = "2020/21"', "", "target_year: it is not set. Write target_year"),
        (
            'target_year = "2020/21"',
            'target_year = "2020"',
            "target_year: '2020' is not a survey year. Write it as 2019/20",
        ),
        (
            'baseline_year = "2019/20"',
            'baseline_year = "2011/12"',
            "baseline_year: '2011/12' has no form. Write one that",
        ),
        (
            "cohort_on = 2021-03-31",
            "cohort_on = 2011-03-31",
            "cohort_on: '2011-03-31' is before the first referral (2019-",
        ),
        ("cohort_on = 2021-03-31", "", "cohort_on: it is not set. Write the day on which the children"),
    ],
)
@pytest.mark.parametrize("area", ["southend"], indirect=True)
def test_a_parameter_that_does_not_fit_the_data_is_named_with_the_remedy(area, old, new, words):
    toml = area / "area.toml"
    toml.write_text(toml.read_text("utf-8").replace(old, new), "utf-8")
    assert any(fault.startswith("area.toml, measures.") and words in fault for fault in told(area)), told(area)


@pytest.mark.parametrize("area", ["southend"], indirect=True)
def test_a_survey_year_that_is_still_to_come_is_a_warning(area):
    toml = area / "area.toml"
    toml.write_text(toml.read_text("utf-8").replace('"2020/21"', '"2029/30"'), "utf-8")
    assert [fault.column for fault in check_area(area)[1] if fault.warns and fault.file == "area.toml"] == [
        "measures.survey.target_year"
    ]


def test_a_cohort_of_an_areas_own_before_its_first_row_is_named(area):
    toml = area / "measures.toml"
    toml.write_text(toml.read_text("utf-8").replace("cohort_on = 2023-01-31", "cohort_on = 2013-01-31"), "utf-8")
    words = "measures.toml, measures.overdue_reviews.cohort_on: '2013-01-31' is before the first overdue_on"
    assert any(fault.startswith(words) for fault in told(area))


def test_a_target_before_the_clock_starts_is_a_warning_where_no_day_of_the_baseline_is_known(area):
    changed(area, "targets", {"kpi_id": "HEALTH_CHECKS"}, {"due_on": "2022-12-31"})
    (fault,) = check_area(area)[1]
    assert fault.warns
    assert "'2022-12-31' is before the clock starts (2023-01-31)" in str(fault)


def test_months_that_end_before_the_baseline_are_named_with_the_day_they_fall_on(area):
    changed(area, "kpis", FIRST, {"baseline_to": "2023-12-31"})
    found = [fault for fault in told(area) if "is before the end of its baseline (2023-12-31)" in fault]
    assert [fault.split("'")[1] for fault in found] == ["2023-04-30", "2023-09-30"]


def test_a_mean_may_be_recorded_with_more_counted_than_it_is_out_of(area):
    changed(area, "kpis", {"kpi_id": "HEALTH_CHECKS"}, {"unit": "weeks", "baseline_value": ""})
    changed(area, "recorded", NEW, {**CHECKED, "numerator": "410", "denominator": "40"})
    assert told(area) == []


def test_a_plan_without_a_list_of_bodies_may_name_any_owner(area):
    for name in ("governance", "meetings"):
        (area / "plan" / f"{name}.csv").unlink()
    assert told(area) == []


def test_groups_named_here_are_those_of_the_built_in_measures():
    assert built_in_groups(open_area(DATA / "southend").settings.parameters) == GROUPS
