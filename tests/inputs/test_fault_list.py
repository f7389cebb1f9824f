"""Faults summed up on one screen, and all of them in a file."""

import csv
import os
import shutil
from pathlib import Path

import pandas as pd
import pytest

from sendanalysis import cli
from sendanalysis.inputs.contracts import Fault
from sendanalysis.inputs.fault_list import write_faults

SOUTHEND = Path(__file__).parents[2] / "data" / "southend"


@pytest.fixture
def area(tmp_path):
    """An area whose advice requests name givers in the words of a case system, and days in another form."""
    area = Path(shutil.copytree(SOUTHEND, tmp_path / "southend"))
    path = area / "extracts" / "advice_requests.csv"
    text = path.read_text(encoding="utf-8").replace(",health,", ",Health – Comm Paeds,")
    path.write_text(text.replace(",2021-", ",02/2021-"), encoding="utf-8")
    return area


def test_thousands_of_like_faults_are_one_screen(area, capsys):
    assert cli.main(["check", str(area)]) == 2
    said = capsys.readouterr().out
    assert len(said.splitlines()) < 40
    (line,) = [line for line in said.splitlines() if "Comm Paeds" in line]
    rows = (area / "extracts" / "advice_requests.csv").read_text(encoding="utf-8").count("Health – Comm Paeds")
    assert f"giver: 'Health – Comm Paeds' is not allowed, in {rows:,} rows from row " in line
    assert "more such cells in advice_requests.csv, sent_on" in said
    assert f"one a row: sendanalysis check {area} --to faults.csv" in said


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_a_file_holds_every_fault_with_row_record_value_and_remedy(area, tmp_path, capsys, kind):
    path = tmp_path / f"faults.{kind}"
    assert cli.main(["check", str(area), "--to", str(path)]) == 2
    found = pd.read_csv(path, dtype=str) if kind == "csv" else pd.read_excel(path, dtype=str)
    assert f"All {len(found):,} stand in {path}." in capsys.readouterr().out
    given = found[found["value"] == "Health – Comm Paeds"]
    with (area / "extracts" / "advice_requests.csv").open(encoding="utf-8", newline="") as file:
        lines = list(csv.DictReader(file))
    assert [lines[int(row) - 2]["request_id"] for row in given["row"]] == given["record_id"].tolist()
    assert given["kind"].eq("error").all()
    assert given["remedy"].str.startswith("Write one of").all()


def test_another_kind_of_file_is_refused(area, tmp_path, capsys):
    assert cli.main(["check", str(area), "--to", str(tmp_path / "faults.pdf")]) == 2
    assert "faults are written as .csv or .xlsx" in capsys.readouterr().err


def test_no_cell_of_the_file_can_run_as_a_formula(area, tmp_path):
    path = area / "extracts" / "advice_requests.csv"
    path.write_text(
        path.read_text(encoding="utf-8").replace("Comm Paeds", "x", 1).replace("Health – x", "=1+1"), encoding="utf-8"
    )
    cli.main(["check", str(area), "--to", str(tmp_path / "faults.csv")])
    values = pd.read_csv(tmp_path / "faults.csv", dtype=str)["value"].dropna()
    assert "'=1+1" in set(values)
    assert not values.str.startswith("=").any()


def fault(**cells):
    return Fault(**{"file": "a.csv", "row": 2, "column": "b", "value": "c", "problem": "d", "remedy": "e"} | cells)


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_no_heading_of_an_export_and_no_sign_that_does_not_print_gets_through(tmp_path, kind):
    path = tmp_path / f"faults.{kind}"
    write_faults(path, [fault(column="=cmd", value="\x07@x", file="+a.csv", record="-1")])
    (row,) = (pd.read_csv(path) if kind == "csv" else pd.read_excel(path)).to_dict("records")
    assert [row[name] for name in ("file", "row", "record_id", "column", "value")] == [
        "'+a.csv",
        2,
        "'-1",
        "'=cmd",
        " @x",
    ]


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such rights")
@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_the_file_is_for_its_owner_alone_though_others_could_read_what_stood_there(tmp_path, kind):
    path = tmp_path / f"faults.{kind}"
    path.touch()
    path.chmod(0o644)
    write_faults(path, [fault()])
    assert path.stat().st_mode & 0o777 == 0o600
