"""Mappings proposed from exports: every column right, what is not known said, and nobody named."""

from __future__ import annotations

import csv
import runpy
import shutil
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest

from sendanalysis import cli
from sendanalysis.inputs.area import check_area, open_area
from sendanalysis.inputs.mapping_reader import read_mapping

SOUTHEND = Path(__file__).parents[2] / "data" / "southend"
SYSTEMS = SimpleNamespace(**runpy.run_path(str(Path(__file__).with_name("six_systems.py"))))
FILES = {
    "advice_requests": "EHCNA advice requests 2022-03.xlsx",
    "autism_referrals": "ASD_referrals_01042022.csv",
    "ehcp_audits": "EHCP QA tool Jan-Jun 2021.xlsx",
    "neu_pathway": "Neu tracker Apr 22.xlsx",
    "survey_invitations": "Survey invitations.xlsx",
    "survey_responses": "survey_responses_2020-21.csv",
}
SEVERAL = ("ehcp_audits", "survey_responses")  # the analyst knows that all their files are one table


@pytest.fixture(scope="module")
def exports(tmp_path_factory):
    folder = tmp_path_factory.mktemp("exports")
    SYSTEMS.write_exports(folder, graded=True)
    return folder


@pytest.fixture
def area(tmp_path, monkeypatch):
    monkeypatch.setenv("SENDANALYSIS_KEY", str(tmp_path / "keys" / "area.key"))
    area = Path(shutil.copytree(SOUTHEND, tmp_path / "southend"))
    (area / "inbox").mkdir()
    return area


def proposed(area, table, file, capsys):
    """What the command prints, and the mapping that it writes."""
    assert cli.main(["map", str(area), table, str(file)]) == 0
    return capsys.readouterr().out, area / "mappings" / f"{table}.toml"


def change(path, old, new):
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def write(path, *rows):
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)
    return path


def in_order(rows, key):
    return rows.sort_values(list(key)).reset_index(drop=True)


def test_what_is_proposed_for_the_exports_of_six_systems_gives_the_sample(area, exports, capsys):
    contracts = {contract.name: contract for contract in check_area(SOUTHEND)[0].contracts}
    shutil.copytree(exports, area / "inbox", dirs_exist_ok=True)
    for table, file in FILES.items():
        told, mapping = proposed(area, table, area / "inbox" / file, capsys)
        (area / "extracts" / f"{table}.csv").unlink()
        assert "\n?" not in told
        by_hand = tomls(area, table, contracts[table], SYSTEMS.MAPPINGS[table])
        found = read_mapping(mapping, contracts[table])
        assert found.columns == by_hand.columns
        assert set(found.never_read) == set(by_hand.never_read)
        assert [block.columns for block in found.blocks] == [block.columns for block in by_hand.blocks]
        if table in SEVERAL:
            change(mapping, 'use = "newest"', 'use = "all"')
        text = mapping.read_text(encoding="utf-8").splitlines()  # the sample's ids are pseudonyms already
        mapping.write_text("\n".join(line for line in text if not line.startswith("pseudonyms")), encoding="utf-8")
    found, given = (open_area(folder).tables for folder in (area, SOUTHEND))
    for table in FILES:
        key = contracts[table].key
        pd.testing.assert_frame_equal(in_order(found[table], key), in_order(given[table], key))


def tomls(area, table, contract, text):
    path = area / f"{table}.toml"
    path.write_text(text, encoding="utf-8")
    return read_mapping(path, contract)


@pytest.mark.parametrize("numbers", [True, False])
def test_a_case_with_each_advisers_days_in_columns_is_proposed_as_a_row_an_adviser(area, numbers, capsys):
    file = SYSTEMS.write_wide_advice(area / "inbox", numbers=numbers)
    (area / "extracts" / "advice_requests.csv").unlink()
    told, mapping = proposed(area, "advice_requests", file, capsys)
    assert "headings in row 4 and 5, 362 rows" in told
    assert ('request_id = "{child_id}-{giver}-{row}"' in mapping.read_text(encoding="utf-8")) is not numbers
    found, given = (check_area(folder)[0].tables["advice_requests"] for folder in (area, SOUTHEND))
    columns = ["giver", "sent_on", "received_on", "returned_on", "withdrawn_on", "exception"]
    counted, expected = (rows[columns].astype("str").value_counts().sort_index() for rows in (found, given))
    pd.testing.assert_series_equal(counted, expected)


ADVICE = ["Request ID", "Child ref", "NHS No", "Adviser", "Date sent", "Date received", "Date returned"]
ROWS = [
    ["R1", "C1", "943 476 5919", "Health", "01/02/2022", "13/02/2022", ""],
    ["R2", "C2", "943 476 5919", "Reg. panel", "02/02/2022", "", "31/03/2022"],
    ["R3", "C3", "943 476 5919", "Reg. panel", "05/02/2022", "", ""],
    ["R4", "C4", "943 476 5919", "Health", "25/02/2022", "", ""],
    ["Total", "4", "", "", "", "", ""],
]


def test_a_value_that_means_nothing_known_is_said_once_with_its_rows_and_never_guessed(area, tmp_path, capsys):
    told, mapping = proposed(area, "advice_requests", write(tmp_path / "Advice.csv", ADVICE, *ROWS), capsys)
    assert told.count("Reg. panel") - told.split("as they would be read")[1].count("Reg. panel") == 1
    assert "'Reg. panel' in 2 rows means nothing known" in told
    assert '# "Reg. panel" = "?"  # 2 rows' in mapping.read_text(encoding="utf-8")


def test_a_heading_that_is_not_found_is_a_question_where_it_must_be_and_blank_where_it_may(area, tmp_path, capsys):
    rows = [[row[0], *row[3:]] for row in (ADVICE, *ROWS)]
    told, mapping = proposed(area, "advice_requests", write(tmp_path / "Advice.csv", *rows), capsys)
    assert "?        child_id" in told
    assert "No rows can be shown yet: mappings/advice_requests.toml line" in told
    text = mapping.read_text(encoding="utf-8")
    assert '# child_id = "?"' in text
    assert 'withdrawn_on = ""  # look at' in text


def test_nhs_numbers_are_ids_only_where_there_is_no_other_and_then_as_pseudonyms(area, tmp_path, capsys):
    rows = [[row[0], *row[2:]] for row in (ADVICE, *ROWS)]
    told, mapping = proposed(area, "advice_requests", write(tmp_path / "Advice.csv", *rows), capsys)
    assert 'pseudonyms = ["child_id"]' in mapping.read_text(encoding="utf-8")
    assert "look at  child_id" in told
    assert "943 476" not in told


def test_what_is_never_read_is_never_shown_and_ids_are_shown_as_pseudonyms(area, exports, capsys):
    told, mapping = proposed(area, "advice_requests", exports / FILES["advice_requests"], capsys)
    text = told + mapping.read_text(encoding="utf-8")
    assert "(pseudonym)" in told
    assert "Never read: Child name, NHS No, UPN, Caseworker, Notes" in told
    for hidden in ("Ben Barlow", "CH0001", SYSTEMS.nhs_number("CH0001"), SYSTEMS.upn("CH0001"), "rang the clinic"):
        assert hidden not in text


def test_ids_are_pseudonyms_here_and_not_in_another_mapping_is_said(area, tmp_path, capsys):
    file = write(tmp_path / "Neu.csv", ["Child", "Date entered"], ["C1", "2022-02-21"])
    _, other = proposed(area, "neu_pathway", file, capsys)
    change(other, 'pseudonyms = ["child_id"]', "")
    told, _ = proposed(area, "advice_requests", write(tmp_path / "Advice.csv", ADVICE, *ROWS), capsys)
    assert (
        "Child ref; as pseudonyms, but not in mappings/neu_pathway.toml: let it be one in both, or in neither" in told
    )


@pytest.mark.parametrize("sheet", ["Old", "New"])
def test_the_sheet_that_is_named_is_the_one_that_is_read(area, tmp_path, sheet, capsys):
    with pd.ExcelWriter(tmp_path / "Neu.xlsx") as book:
        for name, day in (("Old", "2021-04-21"), ("New", "2022-02-21")):
            pd.DataFrame({"Child": ["C1"], "Date entered": [day], name: ["x"]}).to_excel(
                book, sheet_name=name, index=False
            )
    words = ["map", str(area), "neu_pathway", str(tmp_path / "Neu.xlsx"), "--sheet"]
    assert cli.main([*words, sheet]) == 0
    assert f"Neu.xlsx, sheet {sheet}: headings in row 1, 1 rows" in capsys.readouterr().out
    assert f'sheet = "{sheet}"' in (area / "mappings" / "neu_pathway.toml").read_text(encoding="utf-8")
    assert cli.main([*words, "Gone", "--replace"]) == 2
    assert "Gone" in capsys.readouterr().err


def test_a_table_of_measures_toml_is_mapped_with_the_pseudonyms_of_the_other_mappings(tmp_path, capsys):
    area = Path(shutil.copytree(SOUTHEND.with_name("wexmoor"), tmp_path / "wexmoor"))
    hidden = f'pseudonyms = ["request_id", "child_id"]\n{SYSTEMS.MAPPINGS["advice_requests"]}'
    (area / "mappings" / "advice_requests.toml").write_text(hidden, encoding="utf-8")
    headings = ["Request ID", "Child ID", "Requested on", "Decided on", "Need", "Decision", "Issued on"]
    rows = [
        ["Q1", "C1", "21/02/2024", "", "communication", "", ""],
        ["Q2", "C2", "15/01/2024", "", "learning", "", ""],
    ]
    told, mapping = proposed(area, "plan_requests", write(tmp_path / "Requests.csv", headings, *rows), capsys)
    assert "Request ID; as pseudonyms, as in mappings/advice_requests.toml" in told
    text = mapping.read_text(encoding="utf-8")
    assert 'pseudonyms = ["child_id", "request_id"]' in text
    assert 'requested_on = "Requested on"\n' in text
    assert 'requested_on = ["dd/mm/yyyy"]' in text


def test_days_that_could_be_read_in_two_orders_are_to_be_looked_at(area, tmp_path, capsys):
    rows = [["C1", "01/02/2022"], ["C2", "03/04/2022"]]
    file = write(tmp_path / "Neu.csv", ["Child", "Date entered"], *rows)
    assert "look at  entered_on" in proposed(area, "neu_pathway", file, capsys)[0]


def test_a_scale_that_runs_the_other_way_is_not_taken_by_its_number(area, tmp_path, capsys):
    rows = [["C1", "2022-02-01", "1 - Very satisfied"], ["C2", "2022-02-02", "4"], ["C3", "2022-02-02", "3"]]
    file = write(tmp_path / "Neu.csv", ["Child", "Date entered", "Satisfaction"], *rows)
    assert "'1 - Very satisfied' in 1 rows means nothing known" in proposed(area, "neu_pathway", file, capsys)[0]


def test_a_mapping_that_exists_is_kept_unless_it_is_to_be_replaced(area, tmp_path, capsys):
    file = write(tmp_path / "Advice.csv", ADVICE, *ROWS)
    _, mapping = proposed(area, "advice_requests", file, capsys)
    mapping.write_text("mine", encoding="utf-8")
    assert cli.main(["map", str(area), "advice_requests", str(file)]) == 2
    assert mapping.read_text(encoding="utf-8") == "mine"
    assert "mappings/advice_requests.toml exists" in capsys.readouterr().err
    assert cli.main(["map", str(area), "advice_requests", str(file), "--replace"]) == 0
    assert mapping.read_text(encoding="utf-8") != "mine"


@pytest.mark.parametrize(
    ("table", "name", "words"),
    [
        ("advise", "Advice.csv", "advise: there is no such table. Name one of: "),
        ("neu_pathway", "Gone.csv", "Gone.csv: there is no such file"),
        ("neu_pathway", "Empty.csv", "Empty.csv has no rows under its headings"),
        ("neu_pathway", "Nothing.csv", "Nothing.csv: the file is empty"),
        ("neu_pathway", "Letter.docx", "Letter.docx is no file that can be read"),
    ],
)
def test_what_cannot_be_proposed_is_one_line_and_writes_nothing(area, table, name, words, capsys):
    folder = area / "inbox"
    write(folder / "Empty.csv", ["Child", "Date entered"])
    for nothing in ("Nothing.csv", "Letter.docx"):
        (folder / nothing).write_bytes(b"")
    assert cli.main(["map", str(area), table, str(folder / name)]) == 2
    assert words in capsys.readouterr().err
    assert not (area / "mappings").exists()
