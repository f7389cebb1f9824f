"""What names a person is refused in every column of every extract, and its value is told nowhere."""

import csv
import shutil
from pathlib import Path

import pandas as pd
import pytest

from sendanalysis import cli
from sendanalysis.inputs.contracts import CONTRACTS
from sendanalysis.inputs.privacy import personal_faults

SOUTHEND = Path(__file__).parents[2] / "data" / "southend"
EXTRACTS = [contract for contract in CONTRACTS if contract.folder == "extracts"]
MARKS = {
    "e-mail addresses": "jo.bloggs@example.org",
    "postcodes": "SS2 6ER",
    "UPNs": "A123456789012",
    "NHS numbers": "943 476 5919",
    "dates, such as birth dates": "14/02/2011",
    "names": "Mary-Ann O'Hara",
}
EVERYWHERE = [
    pytest.param(contract, column, what, id=f"{contract.name}-{column.name}-{what}")
    for contract in EXTRACTS
    for column in contract.columns
    for what in MARKS
    if (what != "names" or column.name.endswith("_id")) and (not what.startswith("dates") or column.kind != "date")
]


@pytest.fixture
def area(tmp_path):
    return Path(shutil.copytree(SOUTHEND, tmp_path / "southend"))


def planted(cells, value, rows=2):
    path, column = cells
    with path.open(encoding="utf-8", newline="") as file:
        lines = list(csv.DictReader(file))
    for line in lines[:rows]:
        line[column] = value
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, lines[0])
        writer.writeheader()
        writer.writerows(lines)


@pytest.mark.parametrize(("contract", "column", "what"), EVERYWHERE)
def test_it_is_found_in_every_column(contract, column, what):
    text = pd.DataFrame({each.name: ["P1", "P2", ""] for each in contract.columns})
    text.loc[0, column.name] = MARKS[what]
    (fault,) = personal_faults(text, contract, "x.csv")
    assert (fault.column, fault.value, fault.row) == (column.name, None, None)
    assert fault.problem == f"holds {what} in 1 row"


@pytest.mark.parametrize("what", ["names", "NHS numbers"])
def test_check_says_which_column_and_how_many_and_never_the_value(area, capsys, what):
    planted((area / "extracts" / "autism_referrals.csv", "child_id"), MARKS[what])
    assert cli.main(["check", str(area)]) == 2
    said = "".join(capsys.readouterr())
    assert f"autism_referrals.csv, child_id: holds {what} in 2 rows. Leave the column out" in said
    assert MARKS[what] not in said
    assert "Traceback" not in said


def test_a_strict_run_refuses_and_says_no_value_either(area, capsys, tmp_path):
    planted((area / "extracts" / "ehcp_audits.csv", "auditor_id"), "Jo Bloggs", 10_000)
    assert cli.main(["run", str(area), "--output", str(tmp_path / "out"), "--strict"]) == 2
    said = "".join(capsys.readouterr())
    assert "auditor_id: holds names" in said
    assert "Bloggs" not in said


@pytest.mark.parametrize(
    "value",
    [
        *("JANE SMITH", "Zoë Müller", "Seán Ó Briain", "Smith, J. Anne", "ss2 6er", "a123456789012", "943.476.5919"),
        *("2014-03-12 00:00:00", "12 March 2014", "3.4.14"),
    ],
)
def test_other_ways_of_writing_it_are_found_too(value):
    text = pd.DataFrame({"child_id": ["P1", value]})
    contract = next(each for each in EXTRACTS if each.name == "neu_pathway")
    assert [fault.column for fault in personal_faults(text, contract, "x.csv")] == ["child_id"]


@pytest.mark.parametrize(
    "pseudonym",
    [
        "P0001",
        "9434765918",
        "a3f21bc9",
        "SS26ER",
        "Lead Auditor",
        "A",
        "2021/22",
        "A123456789016",
        "C & G",
        "1111111111",
    ],
)
def test_pseudonyms_roles_and_numbers_are_no_persons(pseudonym):
    contract = next(each for each in EXTRACTS if each.name == "ehcp_audits")
    text = pd.DataFrame({column.name: [pseudonym] for column in contract.columns if column.kind == "text"})
    assert personal_faults(text, contract, "x.csv") == []


def test_ten_digits_of_which_few_have_the_check_digit_are_a_numbering_of_ones_own():
    contract = next(each for each in EXTRACTS if each.name == "neu_pathway")
    text = pd.DataFrame({"child_id": [f"{number:010d}" for number in range(4_000_000_000, 4_000_000_050)]})
    assert personal_faults(text, contract, "x.csv") == []


NAMED = [f"{first} {last}" for first in ("Ann", "Bob", "Cem", "Dee") for last in ("Hall", "Iyer", "Jones")]


@pytest.mark.parametrize(
    ("column", "values", "what"),
    [
        ("provider", NAMED, "names"),
        ("closure_reason", NAMED, "names"),
        ("source", [f"SS{n}6ER" for n in range(12)], "postcodes"),
        ("age_band", [f"201{n % 10}0{n % 9 + 1}1{n % 10}" for n in range(30)], "dates, such as birth dates"),
        ("child_id", [f"1{n % 10}0{n % 9 + 1}201{n % 10}" for n in range(30)], "dates, such as birth dates"),
    ],
)
def test_what_could_be_something_else_is_found_where_a_column_is_full_of_it(column, values, what):
    contract = next(each for each in EXTRACTS if each.name == "autism_referrals")
    (fault,) = personal_faults(pd.DataFrame({column: values}), contract, "x.csv")
    assert fault.problem == f"holds {what} in {len(values)} rows"
    few = pd.DataFrame({column: [*values[:9], *(f"P{n}" for n in range(9))]})
    assert personal_faults(few, contract, "x.csv") == []
