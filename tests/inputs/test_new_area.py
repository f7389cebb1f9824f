from __future__ import annotations

import datetime as dt

import pytest
from openpyxl import Workbook

from sendanalysis.errors import InputError
from sendanalysis.inputs.area import check_area
from sendanalysis.inputs.new_area import write_area
from sendanalysis.inputs.rules import CONTRACTS

START = dt.date(2022, 4, 1)


@pytest.fixture
def area(tmp_path):
    write_area(tmp_path / "essex", name="Essex", code="E10000012", clock_start=START)
    return tmp_path / "essex"


def test_a_new_area_has_every_table_and_no_fault(area):
    opened, faults = check_area(area)
    assert faults == []
    assert {source.rows for source in opened.sources} == {0}
    assert len(opened.sources) == len(CONTRACTS)
    assert opened.settings.choices.clock_start == START


def test_a_folder_that_holds_something_is_left_alone(area):
    with pytest.raises(InputError, match="there is something already"):
        write_area(area, name="Essex", code="E10000012", clock_start=START)


@pytest.mark.parametrize(("name", "code"), [("Essex", "882"), (" ", "E10000012"), ("Es\nsex", "E10000012")])
def test_a_name_or_code_that_cannot_be_is_refused(tmp_path, name, code):
    with pytest.raises(InputError, match="--"):
        write_area(tmp_path / "x", name=name, code=code, clock_start=START)


def workbook(path, **sheets):
    book = Workbook()
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    book.save(path)


def test_a_plan_in_an_excel_workbook_is_read_as_its_csv_file_would_be(area):
    (area / "plan" / "risks.csv").unlink()
    header = ["risk_id", "date_as_printed", "recorded_month", "risk", "severity_impact_as_printed", "mitigation"]
    row = ["R1", dt.datetime(2022, 4, 1), "2022-04", "A risk", "High", None]  # noqa: DTZ001  # Excel knows no zone
    workbook(area / "plan" / "plan.xlsx", risks=[[*header, "progress_following_action_as_printed"], row])
    opened, faults = check_area(area)
    assert faults == []
    assert opened.tables["risks"]["risk"].tolist() == ["A risk"]
    assert opened.tables["risks"]["date_as_printed"].tolist() == ["2022-04-01"]
    assert any(source.file == "plan/plan.xlsx#risks" for source in opened.sources)


def test_a_fault_in_a_workbook_names_sheet_and_row(area):
    (area / "plan" / "meetings.csv").unlink()
    workbook(area / "plan" / "plan.xlsx", meetings=[["gov_id", "held_on", "note"], ["G1", "31/02/2022", "x"]])
    assert any(str(fault).startswith("plan.xlsx sheet meetings row 2, held_on") for fault in check_area(area)[1])


def test_a_table_that_stands_in_two_places_is_a_fault(area):
    workbook(area / "plan" / "plan.xlsx", risks=[["risk_id"]])
    assert any("also stands in plan.xlsx" in str(fault) for fault in check_area(area)[1])


def test_a_workbook_that_is_none_is_a_fault_and_no_crash(area):
    (area / "plan" / "plan.xlsx").write_text("no workbook")
    assert any("is not an Excel workbook" in str(fault) for fault in check_area(area)[1])
