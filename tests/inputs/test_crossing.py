from __future__ import annotations

import shutil
from pathlib import Path

import pandas as pd
import pytest

from sendanalysis.inputs.area import check_area
from sendanalysis.inputs.crossing import across_tables

SOUTHEND = Path(__file__).parents[2] / "data" / "southend"


@pytest.fixture
def area(tmp_path):
    return Path(shutil.copytree(SOUTHEND, tmp_path / "southend"))


def faults_after(area, table, *lines):
    path = area / f"{table}.csv"
    path.write_text(path.read_text(encoding="utf-8") + "".join(f"{line}\n" for line in lines), encoding="utf-8")
    return [str(fault) for fault in check_area(area)[1] if not fault.warns]


@pytest.mark.parametrize(
    ("table", "line", "words"),
    [
        ("plan/action_updates", "A99,2022-03-01,Blue,2022-03-01,,,,,", "'A99' is not in actions.csv"),
        ("plan/action_updates", "A02,2022-03-01,Purple,,,,,,", "'Purple' is not allowed. Write one of Blue, Green"),
        ("plan/action_updates", "A02,2022-03-01,Blue,2022-03-05,,,,,", "is after the day it was recorded (2022-03-01)"),
        ("plan/milestone_updates", "M_XX,2022-03-01,,,,", "'M_XX' is not in milestones.csv"),
        ("plan/risk_updates", "R99,2022-03-01,,,,", "'R99' is not in risks.csv"),
        ("plan/commentary", "QA_NONE,2022-03,Illustrative comment,Lead,2022-03-30", "'QA_NONE' is not in kpis.csv"),
        ("plan/peer_review_updates", "PA01.1,2021-12-02,completed,1999-12-31,,,", "is before the action was added"),
        ("plan/meetings", "G99,2022-03-01,", "'G99' is not in governance.csv"),
    ],
)
def test_an_entry_that_cannot_be_is_one_clear_line(area, table, line, words):
    faults = faults_after(area, table, line)
    assert any(words in fault for fault in faults), faults


def test_two_entries_of_one_day_that_disagree_are_both_named(area):
    lines = ("A02,2022-03-30,Green,,,,,,", "A02,2022-03-30,Red,,,,,,")
    faults = faults_after(area, "plan/action_updates", *lines)
    assert (
        len([fault for fault in faults if "disagrees with another entry of action_id A02 on 2022-03-30" in fault]) == 2
    )


def test_an_owner_who_is_nobody_is_named(area):
    path = area / "plan" / "actions.csv"
    path.write_text(path.read_text(encoding="utf-8").replace(",GB;CM,", ",GB;ZZ,", 1), encoding="utf-8")
    assert any("'ZZ' is nobody in governance.csv" in str(fault) for fault in check_area(area)[1])


def test_a_year_typed_wrongly_is_told_from_data_that_go_on(area):
    path = area / "extracts" / "neu_pathway.csv"
    lines = path.read_text().splitlines()
    lines[1] = lines[1].replace("2021-", "2031-")
    path.write_text("\n".join(lines) + "\n")
    faults = [str(fault) for fault in check_area(area)[1] if "every other date" in str(fault)]
    assert faults
    assert all("neu_pathway.csv row 2" in fault for fault in faults)


@pytest.mark.parametrize(("day", "n"), [("2022-02-28", 1), ("2021-04-30", 0)])
def test_a_day_more_than_300_days_after_every_other_of_its_column_is_a_warning(day, n):
    area, found = check_area(SOUTHEND)
    rows = area.tables["autism_referrals"].copy()
    rows["closed_on"] = rows["closed_on"].where(rows["closed_on"] < "2021-03-31")
    last = rows["closed_on"].idxmax()
    rows.loc[last + 1 :, "closed_on"] = None
    rows.loc[last + 1, "closed_on"] = pd.Timestamp(day)
    told = across_tables({**area.tables, "autism_referrals": rows}, area.contracts)
    words = "closed_on: '2022-02-28' lies more than 300 days after every other date of its column. Correct the year."
    assert [str(fault) for fault in told if "every other date" in fault.problem] == [
        f"autism_referrals.csv row {last + 1}, {words}"
    ] * n
    assert [fault for fault in found if "every other date" in fault.problem] == []
