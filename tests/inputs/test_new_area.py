from __future__ import annotations

import datetime as dt
import re
import tomllib
from pathlib import Path

import pytest
from openpyxl import Workbook

from sendanalysis.errors import InputError
from sendanalysis.inputs.area import check_area, open_area
from sendanalysis.inputs.contracts import CONTRACTS
from sendanalysis.inputs.declared import read_declared
from sendanalysis.inputs.new_area import write_area
from sendanalysis.inputs.parameters import Parameters
from sendanalysis.inputs.reading import read_table

START = dt.date(2022, 4, 1)
DATA = Path(__file__).parents[2] / "data"


@pytest.fixture
def area(tmp_path):
    write_area(tmp_path / "essex", name="Essex", code="E10000012", clock_start=START)
    return tmp_path / "essex"


def test_a_new_area_has_every_table_and_no_fault(area):
    opened, faults = check_area(area)
    assert faults == []
    assert {source.rows for source in opened.sources} == {0}
    assert len(opened.sources) == len(CONTRACTS)
    assert opened.settings.parameters.plan.clock_start == START


def test_a_folder_that_holds_something_is_left_alone(area):
    with pytest.raises(InputError, match="there is something already"):
        write_area(area, name="Essex", code="E10000012", clock_start=START)


@pytest.mark.parametrize(("name", "code"), [("Essex", "882"), (" ", "E10000012"), ("Es\nsex", "E10000012")])
def test_a_name_or_code_that_cannot_be_is_refused(tmp_path, name, code):
    with pytest.raises(InputError, match="--"):
        write_area(tmp_path / "x", name=name, code=code, clock_start=START)


def test_every_commented_parameter_of_a_new_area_can_be_switched_on(area):
    text = (area / "area.toml").read_text("utf-8")
    given = tomllib.loads(re.sub(r"^# (?=\w+ = .*# AMB)", "", text, flags=re.MULTILINE))["measures"]
    values = {f"{family}.{name}": value for family, section in given.items() for name, value in section.items()}
    assert {*values, "plan.clock_start"} == set(Parameters().as_dict())
    assert set(Parameters().with_values(values).changed()) == {"autism.cohort_on", "autism.promised_on"}


def test_the_commented_measure_of_a_new_area_can_be_switched_on(area):
    lines = (area / "measures.toml").read_text("utf-8").splitlines()[3:]
    (area / "measures.toml").write_text("\n".join(line.removeprefix("# ") for line in lines), "utf-8")
    (contract,), (measure,) = read_declared(area, ())
    assert (contract.name, measure.kind) == ("annual_reviews", "share on time")


@pytest.mark.parametrize("contract", CONTRACTS, ids=lambda contract: contract.name)
def test_the_example_row_of_every_table_keeps_its_contract(area, contract):
    path = area / contract.folder / f"{contract.name}.csv"
    path.write_text(path.read_text("utf-8").replace("# example: ", ""), "utf-8")
    rows, faults = read_table(path, contract)
    assert len(rows) == 1
    assert [str(fault) for fault in faults] == []


@pytest.mark.parametrize("start", [dt.date(2019, 2, 28), START, dt.date(2025, 4, 1)])
@pytest.mark.parametrize("like", ["wexmoor", "southend"])
def test_an_area_begun_from_another_has_its_plan_and_no_fault(tmp_path, like, start):
    folder = tmp_path / "essex"
    write_area(folder, name="Essex", code="E10000012", clock_start=start, like=DATA / like)
    (begun, faults), example = check_area(folder), open_area(DATA / like)
    assert faults == []
    assert [kpi.kpi_id for kpi in begun.plan] == [kpi.kpi_id for kpi in example.plan]
    assert begun.declared or like == "southend"
    assert begun.settings.prose == example.settings.prose
    assert set(begun.settings.parameters.changed()) == set(example.settings.parameters.changed())
    assert (begun.settings.name, begun.settings.illustrative) == ("Essex", False)
    filled = {name for name, rows in begun.tables.items() if len(rows)}
    assert filled <= {"kpis", "targets", "milestones", "actions", "risks", "governance", "benchmarks"}
    assert "copy of the plan of" in (folder / "area.toml").read_text("utf-8").splitlines()[0]


def test_the_days_of_a_plan_that_is_begun_from_move_with_the_clock_start_and_printed_words_do_not(tmp_path):
    folder = tmp_path / "essex"
    write_area(folder, name="Essex", code="E10000012", clock_start=dt.date(2024, 2, 29), like=DATA / "wexmoor")
    begun, example = open_area(folder), open_area(DATA / "wexmoor")
    kpi, old = ({k.kpi_id: k for k in area.plan}["REVIEWS_OVERDUE"] for area in (begun, example))
    assert old.baseline_days == (dt.date(2023, 1, 31),) * 2
    assert kpi.baseline_days == (dt.date(2024, 2, 29),) * 2
    assert [target.on for target in kpi.targets][:2] == [dt.date(2024, 5, 31), dt.date(2024, 8, 31)]
    assert kpi.as_printed == old.as_printed
    cohort = next(item for item in begun.declared if item.name == "overdue_reviews")
    assert cohort.fields["cohort_on"] == dt.date(2024, 2, 29)


def test_only_tables_that_the_plan_needs_are_in_an_area_begun_from_another(tmp_path):
    write_area(tmp_path / "x", name="Essex", code="E10000012", clock_start=START, like=DATA / "wexmoor")
    assert {path.name for path in (tmp_path / "x" / "extracts").iterdir()} == {
        *(path.name for path in (DATA / "wexmoor" / "extracts").iterdir()),
        "suspensions.csv",  # which Wexmoor reads from its inbox
    }


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
