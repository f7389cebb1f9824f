"""Ids that are the same to a person, words for no id, days that stand for no day, values of another scale."""

import shutil
from pathlib import Path

import pandas as pd
import pytest

from sendanalysis import cli
from sendanalysis.inputs.area import check_area
from sendanalysis.inputs.contracts import CONTRACTS
from sendanalysis.inputs.identity import id_faults

SOUTHEND = Path(__file__).parents[2] / "data" / "southend"
REFERRALS = next(contract for contract in CONTRACTS if contract.name == "autism_referrals")


@pytest.fixture
def area(tmp_path):
    return Path(shutil.copytree(SOUTHEND, tmp_path / "southend"))


def changed(area, file, old, new):
    path = area / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    return [str(fault) for fault in check_area(area)[1] if not fault.warns]


@pytest.mark.parametrize(
    "other",
    [
        *(
            "p0012a",
            "P0012A\u200b",
            "P0012A\u00a0",
            "P 0012A",
            "Ｐ0012A",
            "Р0012A",
            "P12A",
            "P0012\u0410",
            "P0012A\u00ad",
            "P0012\u0301A",
            "P0012A\ufe0f",
        ),
    ],
)
def test_an_id_that_is_another_to_the_machine_alone_names_both_rows(other):
    text = pd.DataFrame({"child_id": ["P0012A", "P0013A", other]}, index=[2, 3, 4])
    (fault,) = id_faults(text, REFERRALS, "autism_referrals.csv")
    assert (fault.row, fault.column, fault.value) == (4, "child_id", other)
    assert fault.problem == "is 'P0012A' of row 2 to a person, and would count as another"


@pytest.mark.parametrize(
    ("one", "other"),
    [("A-12", "A–12"), ("A-12", "A‑12"), ("1234", "1234.0"), ("H12", "Η12"), ("Z12", "Ζ12"), ("A12", "A١٢")],
)
def test_dashes_of_another_kind_a_point_of_excel_and_greek_capitals_make_no_other_id(one, other):
    text = pd.DataFrame({"child_id": [one, other]}, index=[2, 3])
    (fault,) = id_faults(text, REFERRALS, "x.csv")
    assert (fault.row, fault.warns) == (3, False)


def test_an_apostrophe_makes_no_other_id():
    text = pd.DataFrame({"child_id": ["O'1", "O’1", "O1"]}, index=[2, 3, 4])
    assert [fault.row for fault in id_faults(text, REFERRALS, "x.csv")] == [3, 4]


NO_IDS = ["NULL", "nan", "unknown", "#N/A", "-", "test", "0", "None", "TBC", "?", "Pending", "N.A.", "(blank)", "n.k."]
NO_IDS += [
    "not applicable",
    "To follow",
    "—",
    "…",
    "*",
    "~",
    "N/K",
    "TBA",
    "xxx",
    "ditto",
    "(null)",
    "<NA>",
    "\\N",
    "Withheld",
]


@pytest.mark.parametrize("word", NO_IDS)
def test_a_word_that_stands_for_a_missing_id_is_no_id(word):
    text = pd.DataFrame({"child_id": ["P1", word, word]}, index=[2, 3, 4])
    assert [(fault.row, fault.problem) for fault in id_faults(text, REFERRALS, "x.csv")] == [
        (3, "is no id"),
        (4, "is no id"),
    ]


def test_ids_that_differ_to_a_person_too_are_left_alone():
    text = pd.DataFrame({"child_id": ["P1", "P2", "P10", "P100", "P1A", "P1B", "A-1", "A1"]})
    assert id_faults(text, REFERRALS, "x.csv") == []


@pytest.mark.parametrize("day", ["1900-01-01", "1970-01-01", "2099-12-31"])
def test_a_day_that_stands_for_none_is_refused(area, day):
    line = (area / "extracts" / "autism_referrals.csv").read_text(encoding="utf-8").splitlines()[1]
    faults = changed(area, "extracts/autism_referrals.csv", line, line.replace(line.split(",")[3], day))
    assert any(f"'{day}' stands for no day. Leave the cell empty" in fault for fault in faults), faults


WRONG = [
    (
        "extracts/neu_pathway.csv",
        "CH8001,2021-04-01",
        "ch2001,2021-04-01",
        "neu_pathway.csv row 2, child_id: 'ch2001' is 'CH2001' of autism_referrals.csv row 2 to a person",
    ),
    (
        "plan/governance.csv",
        "2018-10-01/2018-10-05",
        "2018-10-01/2018-13-05",
        "governance.csv row 3, date_iso: '2018-10-01/2018-13-05' is neither a day, a month nor two days. Write it as",
    ),
    (
        "extracts/neu_pathway.csv",
        "CH8001,2021-04-01",
        "CH8001,1921-04-01",
        "neu_pathway.csv row 2, entered_on: '1921-04-01' lies more than 26 years from most dates of the extracts",
    ),
    (
        "plan/actions.csv",
        "2021-11,2021-11-30",
        "2021-11,2022-11-30",
        "'2022-11-30' is not in due_month (2021-11)",
    ),
    ("plan/term_dates.csv", "2021-10-22", "2021-08-01", "last_on: '2021-08-01' is before first_on"),
    ("plan/term_dates.csv", "2021-12-17", "2022-01-20", "lies within an earlier half term"),
    (
        "plan/action_updates.csv",
        "A01,2021-10-15",
        "A01,2098-10-15",
        "more than a year after the last day of the extracts",
    ),
    ("area.toml", 'la = "E06000033"', 'la = "e06000033"', "codes.la: 'e06000033' is no official code"),
    ("area.toml", 'la = "E06000033"', 'la = "E0600OO33"', "codes.la: 'E0600OO33' is no official code"),
    ("area.toml", 'region = "E12000006"', 'region = ""', "codes.region: '' is no official code"),
    ("area.toml", "start = 2021-07-31", "start = 2021-07-31T09:00:00", "is not a date (2024-01-31)"),
    ("area.toml", "start = 2021-07-31", "start = 0001-07-31", "is not allowed. Name a day from 2000-01-01"),
    ("area.toml", "start = 2021-07-31", "start = 9999-07-31", "is not allowed. Name a day from 2000-01-01"),
    (
        "area.toml",
        "# extracts_to = 2022-03-31",
        "extracts_to = 9999-12-31",
        "extracts_to: 9999-12-31 is not allowed. Name a",
    ),
    (
        "area.toml",
        "# extracts_to = 2022-03-31",
        "extracts_to = 0001-01-01",
        "extracts_to: 0001-01-01 is not allowed. Name a",
    ),
    ("area.toml", '["2022-03-01"]', '["9999-03-01"]', "autism.series_breaks: 9999-03-01 is not allowed. Name a day"),
    ("area.toml", 'old_la = "882"', 'old_la = "88O"', "codes.old_la: '88O' is no official code. Write three digits"),
    (
        "area.toml",
        "Southend-on-Sea",
        "Southend\\non-Sea",
        "name: 'Southend on-Sea' holds signs that do not print. Write",
    ),
    ("area.toml", "[codes]", f"deep = {'[' * 5_000}\n[codes]", "area.toml: this is not TOML"),
]


@pytest.mark.parametrize("wrong", WRONG, ids=lambda wrong: wrong[3])
def test_what_cannot_be_is_one_clear_line_and_exit_code_2(area, capsys, wrong):
    file, old, new, words = wrong
    path = area / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    assert cli.main(["check", str(area)]) == 2
    said = "".join(capsys.readouterr())
    assert words in said
    assert "Traceback" not in said


WARNED = [
    (
        "plan/action_updates.csv",
        "A06,2021-10-20",
        "A06,2022-10-20",
        "action_updates.csv row 3, recorded_on: '2022-10-20' lies more than 62 days after the last day of the extracts",
    ),
    (
        "plan/meetings.csv",
        "G12,2021-09-21",
        "G12,2022-09-21",
        "meetings.csv row 2, held_on: '2022-09-21' lies more than 62 days after the last day of the extracts (2022-03-",
    ),
    (
        "plan/commentary.csv",
        "QA_ALL,2021-10,",
        "QA_ALL,2098-10,",
        "commentary.csv row 2, month: '2098-10' is after the day it was written (2021-10-29), so the comment stands on",
    ),
    (
        "extracts/autism_referrals.csv",
        "CH2001,11-15,2019-01-02",
        "CH2001,11-15,2018-01-02",
        "autism_referrals.csv row 2, referred_on: '2018-01-02' lies more than 300 days before every other date of its",
    ),
    (
        "extracts/neu_pathway.csv",
        "CH8119,2021-11-26",
        "CH8119,2020-11-26",
        "neu_pathway.csv row 120, entered_on: '2020-11-26' lies more than 300 days from the rows around it",
    ),
    (
        "extracts/autism_referrals.csv",
        "CH2119,0-4,2019-06-17",
        "CH2119,0-4,2018-06-17",
        "referred_on: '2018-06-17' lies more than 300 days from the rows around it. Correct the year",
    ),
    (
        "extracts/neu_pathway.csv",
        "CH8001,2021-04-01",
        "CH8001,2022-10-01",
        "neu_pathway.csv row 2, entered_on: '2022-10-01' lies more than 62 days after every other date",
    ),
    (
        "area.toml",
        "# extracts_to = 2022-03-31",
        "extracts_to = 2022-06-30",
        "area.toml, extracts_to: '2022-06-30' lies more than a month after the last record of the extracts (2022-03-",
    ),
    (
        "area.toml",
        "# extracts_to = 2022-03-31",
        "extracts_to = 2021-12-31",
        "area.toml, extracts_to: '2021-12-31' lies more than a month before the last record of the extracts (2022-03-",
    ),
    (
        "plan/governance.csv",
        ",quarterly,",
        ",quaterly,",
        "rhythm_as_printed: 'quaterly' is no rhythm that is known, so its meetings are not asked for. Check its",
    ),
]


@pytest.mark.parametrize("wrong", WARNED, ids=lambda wrong: wrong[3])
def test_what_may_be_wrong_is_a_warning_in_one_line(area, capsys, wrong):
    file, old, new, words = wrong
    path = area / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    assert cli.main(["check", str(area)]) == 0
    assert words in capsys.readouterr().out


def test_a_share_typed_for_a_per_cent_is_refused_beside_a_baseline_in_per_cent(area):
    lines = (area / "plan" / "targets.csv").read_text(encoding="utf-8").splitlines()
    heads = lines[0].split(",")
    place, kpi = heads.index("value"), heads.index("kpi_id")
    line = next(one for one in lines if one.split(",")[kpi] == "QA_ALL" and one.split(",")[place])
    cells = line.split(",")
    cells[place] = "0.84"
    faults = changed(area, "plan/targets.csv", line, ",".join(cells))
    assert any("'0.84' is a share beside a baseline of" in fault for fault in faults), faults


@pytest.mark.parametrize("digits", ["٢٠٢١-٠٤-٠١", "２０２１-０４-０１"])
def test_digits_of_another_script_are_refused_in_one_way(area, digits):
    line = (area / "extracts" / "autism_referrals.csv").read_text(encoding="utf-8").splitlines()[1]
    faults = changed(area, "extracts/autism_referrals.csv", line, line.replace(line.split(",")[3], digits))
    assert any(f"'{digits}' is not a date. Write it as YYYY-MM-DD." in fault for fault in faults), faults


def test_a_formula_or_damage_in_a_text_is_an_error_and_a_group_written_in_two_ways_a_warning():
    text = pd.DataFrame({"provider": ["Provider A", "provider  a", "=1+1", "#REF!", "A\ufffd"]}, index=range(2, 7))
    faults = id_faults(text, REFERRALS, "x.csv")
    assert [(fault.row, fault.warns) for fault in faults] == [(4, False), (5, False), (6, False), (3, True)]


MADE = [f"P{number}" for number in range(100, 160)]
HASHED = [f"{number * 7919 % 65_536:04X}" for number in range(1, 61)]


@pytest.mark.parametrize(
    ("ids", "other"),
    [
        *((MADE, other) for other in ("p20", "20", "PO20", "P2O", "P-20", "P20.", "P_20", "Q20", "Ꮲ20", "WITHIN")),
        (HASHED, "0a1b"),
    ],
)
def test_a_single_id_made_otherwise_than_all_others_is_a_warning_though_nothing_is_like_it(ids, other):
    text = pd.DataFrame({"child_id": [*ids, other]})
    assert [str(fault) for fault in id_faults(text, REFERRALS, "x.csv")] == [
        (
            f"x.csv row 60, child_id: '{other}' is made otherwise than nearly all others, such as '{ids[0]}'. "
            "See whether it is an id, and write it in one way."
        )
    ]


@pytest.mark.parametrize(
    "ids", [[*MADE, "P20"], [*MADE, "Q1", "Q2"], HASHED, [*MADE[:30], *HASHED[:30]], ["P1", "X-1"], []]
)
def test_ids_of_several_makes_or_of_few_rows_are_left_alone(ids):
    assert id_faults(pd.DataFrame({"child_id": pd.Series(ids, dtype="str")}), REFERRALS, "x.csv") == []
