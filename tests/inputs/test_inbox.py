"""Exports in the inbox, read by mappings: the same rows as the table, and faults in the export's own words."""

from __future__ import annotations

import csv
import os
import shutil
from pathlib import Path

import pandas as pd
import pytest
from openpyxl import Workbook

from sendanalysis import cli
from sendanalysis.errors import InputError
from sendanalysis.inputs.area import check_area, open_area
from sendanalysis.inputs.completeness import unended
from sendanalysis.inputs.pseudonyms import key_of, key_place, make_new_key
from sendanalysis.publishing.record import read_from

SOUTHEND = Path(__file__).parents[2] / "data" / "southend"
GIVERS = {"health": "Health – Comm Paeds", "educational_psychology": "EP service", "social_care": "CSC"}
HEADINGS = ["Request ID", "Child ref", "Child name", "Adviser", "Requested", "Got", "Back", "Withdrawn", "Ex", "Enough"]
MAPPING = """
files = "Advice *.csv"
heading_row = 3
never_read = ["Child name"]

[columns]
request_id = "Request ID"
child_id = "Child ref"
giver = "Adviser"
sent_on = "Requested"
received_on = "Got"
returned_on = "Back"
withdrawn_on = "Withdrawn"
exception = "Ex"
existing_advice_sufficient = "Enough"

[values.giver]
"Health – Comm Paeds" = "health"
"EP service" = "educational_psychology"
"CSC" = "social_care"

[values.existing_advice_sufficient]
"Y" = "yes"
"N" = "no"

[dates]
all = "dd/mm/yyyy hh:mm"
returned_on = ["dd/mm/yyyy hh:mm", "dd-mmm-yy"]

[leave_out]
"Request ID" = ["total*", "TEST*"]
"""


def sample():
    with (SOUTHEND / "extracts" / "advice_requests.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def exported(row):
    """A row as a case system exports it."""
    days = [f"{day[8:]}/{day[5:7]}/{day[:4]} 09:30" if day else "" for day in list(row.values())[3:7]]
    giver = GIVERS.get(row["giver"], row["giver"].upper())
    enough = row["existing_advice_sufficient"][0].upper()
    return [row["request_id"], row["child_id"], "A Child", giver, *days, row["exception"], enough]


def write(path, rows):
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([["Advice requests"], ["made on 1 April"], HEADINGS, *rows])


@pytest.fixture(autouse=True)
def _key_apart(tmp_path, monkeypatch):
    monkeypatch.setenv("SENDANALYSIS_KEY", str(tmp_path / "keys" / "area.key"))


@pytest.fixture
def area(tmp_path):
    """The sample's area, whose advice requests are an export in the inbox."""
    area = Path(shutil.copytree(SOUTHEND, tmp_path / "southend"))
    (area / "extracts" / "advice_requests.csv").unlink()
    (area / "inbox").mkdir()
    (area / "mappings").mkdir()
    (area / "mappings" / "advice_requests.toml").write_text(MAPPING, encoding="utf-8")
    rows = [exported(row) for row in sample()]
    blank, test, total = [""] * 10, ["TEST01", *rows[0][1:]], ["Total: 1443", *[""] * 9]
    write(area / "inbox" / "Advice 2022-03.csv", [*rows[:9], blank, *rows[9:], test, total])
    return area


def change(area, old, new, file="mappings/advice_requests.toml"):
    path = area / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def said(area, *, warnings=False):
    return [str(fault) for fault in check_area(area)[1] if fault.warns == warnings]


def test_a_mapped_export_is_the_table(area):
    given, found = open_area(SOUTHEND).tables["advice_requests"], open_area(area).tables["advice_requests"]
    pd.testing.assert_frame_equal(found.reset_index(drop=True), given.reset_index(drop=True))


def test_check_says_what_was_read_from_where(area, capsys):
    assert cli.main(["check", str(area)]) == 0
    assert "read     inbox/Advice 2022-03.csv into advice_requests: 1,443 rows; 2 left out" in capsys.readouterr().out


def test_a_column_that_is_never_read_enters_no_table(area):
    tables = check_area(area)[0].tables
    assert not any((rows.astype("str") == "A Child").any(axis=None) for rows in tables.values())


def test_an_unknown_value_is_said_once_with_its_rows_and_the_section_to_add_it_to(area, capsys):
    change(area, '"EP service" = "educational_psychology"', "")
    assert cli.main(["check", str(area)]) == 2
    (line,) = [line for line in capsys.readouterr().out.splitlines() if "EP service" in line]
    rows = sum(row["giver"] == "educational_psychology" for row in sample())
    assert f"Advice 2022-03.csv, Adviser: 'EP service' is not allowed, in {rows} rows from row 5 on." in line
    assert "Add it under [values.giver] in mappings/advice_requests.toml, as one of education_setting," in line


def test_an_id_alike_in_another_table_names_the_row_of_the_export(area):
    change(area, "CH8001", "ch0001", "extracts/neu_pathway.csv")
    (line,) = said(area)
    assert line.startswith("neu_pathway.csv row 2, child_id: 'ch0001' is 'CH0001' of row 4 of Advice 2022-03.csv to")


def test_a_fault_has_row_heading_record_and_value_as_exported(area, tmp_path):
    change(area, "30/09/2020 09:30", "31/09/2020 09:30", "inbox/Advice 2022-03.csv")
    cli.main(["check", str(area), "--to", str(tmp_path / "faults.csv")])
    found = pd.read_csv(tmp_path / "faults.csv", dtype="str")
    found = found[found["value"] == "31/09/2020 09:30"]
    assert found.iloc[0][["file", "row", "record_id", "column"]].tolist() == [
        *("Advice 2022-03.csv", "4", "REQ0001", "Back"),
    ]
    assert found.iloc[0]["remedy"].startswith("Add how it is written under [dates] in mappings/advice_requests.toml")


def test_a_rule_across_columns_speaks_of_headings(area):
    change(area, "03/09/2020 09:30", "03/08/2020 09:30", "inbox/Advice 2022-03.csv")
    line = next(line for line in said(area) if "row 4" in line)
    assert "Got: '03/08/2020 09:30' is before 'Requested' (2020-09-01)" in line


def test_a_repeated_record_names_the_rows_of_the_file(area):
    change(area, "REQ0002,", "REQ0001,", "inbox/Advice 2022-03.csv")
    (line,) = [line for line in said(area) if "already" in line]
    assert line.startswith("Advice 2022-03.csv row 5, Request ID: 'REQ0001' stands in row 4 already")


def test_a_heading_that_is_gone_names_the_line_to_change_and_what_is_like_it(area):
    change(area, "Requested,", "Date requested,", "inbox/Advice 2022-03.csv")
    (line,) = said(area)
    assert line == (
        "Advice 2022-03.csv row 3, Requested: the heading is gone. Change it to 'Date requested' in "
        "mappings/advice_requests.toml line 10, or export the column again."
    )
    assert any("headings that are not read: Date requested" in line for line in said(area, warnings=True))


def test_headings_that_have_moved_say_where_to(area):
    change(area, "Advice requests", "Advice requests\nof all teams", "inbox/Advice 2022-03.csv")
    (line,) = said(area)
    assert line == (
        "Advice 2022-03.csv row 3: holds no headings; they stand in row 4. "
        "Correct heading_row in mappings/advice_requests.toml line 3."
    )


def test_a_time_is_dropped_and_a_month_is_no_day(area):
    change(area, "01/09/2020 09:30", "09/2020", "inbox/Advice 2022-03.csv")
    assert any("Requested: '09/2020' is not a date" in line for line in said(area))


def test_an_export_that_may_be_cut_in_its_last_cell_is_told_of(area):
    path = next((area / "inbox").glob("*.csv"))
    path.write_bytes(path.read_bytes().rstrip())
    (fault,) = unended(read_from(check_area(area)[0].sources), {})
    row = len(path.read_bytes().splitlines())  # that of a total, which the mapping leaves out
    assert str(fault).startswith(f"inbox/{path.name} row {row}: no line end stands after this last row, and other")


def test_a_file_that_no_mapping_claims_is_named(area):
    (area / "inbox" / "Audits.xlsx").write_bytes(b"")
    (area / "inbox" / "All.ZIP").write_bytes(b"")
    (area / "inbox" / "Letter.docx").write_bytes(b"")
    (area / "inbox" / ".DS_Store").write_bytes(b"")
    packed, book, letter = [line for line in said(area, warnings=True) if "inbox/" in line]
    assert book.startswith("inbox/Audits.xlsx: no mapping claims this file, so it is not read. Make one with")
    assert packed.startswith("inbox/All.ZIP: no mapping claims this file, so it is not read. Unpack it, or take")
    assert letter.startswith("inbox/Letter.docx: no mapping claims this file, so it is not read. Save it as .xlsx or")


def test_a_table_without_its_export_names_the_pattern(area):
    (area / "inbox" / "Advice 2022-03.csv").rename(area / "inbox" / "Requests.csv")
    (line,) = said(area)
    assert "'Advice *.csv' fits no file in inbox. Put the export into inbox, or correct files in" in line


def test_a_table_in_both_places_is_refused(area):
    shutil.copy(SOUTHEND / "extracts" / "advice_requests.csv", area / "extracts")
    assert any("extracts/advice_requests.csv: the table has a mapping as well" in line for line in said(area))


@pytest.mark.parametrize("names", [("Advice 2022-03.csv", "Advice 2022-02.csv"), ("Advice a.csv", "Advice b.csv")])
def test_the_newest_of_several_files_is_read(area, names):
    new, old = (area / "inbox" / name for name in names)
    (area / "inbox" / "Advice 2022-03.csv").rename(new)
    write(old, [exported(sample()[0])])
    os.utime(old, (1, 1))
    assert len(open_area(area).tables["advice_requests"]) == 1443


def test_check_counts_the_older_files_that_are_not_read(area, capsys):
    write(area / "inbox" / "Advice 2022-02.csv", [exported(sample()[0])])
    cli.main(["check", str(area)])
    assert "Advice 2022-03.csv into advice_requests: 1,443 rows; 2 left out; 1 older file not read" in "".join(
        capsys.readouterr()
    )


def test_which_file_is_the_newest_is_never_guessed(area):
    for name in ("Advice a.csv", "Advice b.csv"):
        shutil.copy(area / "inbox" / "Advice 2022-03.csv", area / "inbox" / name)
        os.utime(area / "inbox" / name, (1, 1))
    (area / "inbox" / "Advice 2022-03.csv").unlink()
    (line,) = said(area)
    assert "which file is the newest cannot be told: Advice a.csv, Advice b.csv." in line


def test_several_files_are_one_table(area):
    change(area, "heading_row", 'use = "all"\nheading_row')
    rows = [exported(row) for row in sample()]
    write(area / "inbox" / "Advice 2022-03.csv", rows[:700])
    write(area / "inbox" / "Advice 2022-04.csv", [*rows[700:], rows[0]])
    sources = [source for source in check_area(area)[0].sources if source.table]
    assert [source.rows for source in sources] == [700, 744]
    (line,) = said(area)
    assert line.startswith("Advice 2022-04.csv row 747, Request ID: 'REQ0001' stands in row 4 of Advice 2022-03.csv al")


def test_nothing_in_the_inbox_is_changed(area, tmp_path):
    before = {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in (area / "inbox").iterdir()}
    cli.main(["check", str(area), "--to", str(tmp_path / "faults.csv")])
    assert before == {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in (area / "inbox").iterdir()}


def test_personal_values_are_refused_by_the_heading_and_never_shown(area):
    change(area, "CH0001,A Child", "943 476 5919,A Child", "inbox/Advice 2022-03.csv")
    (line,) = [line for line in said(area) if "NHS numbers" in line]
    assert line.startswith("Advice 2022-03.csv, Child ref: holds NHS numbers in")
    assert 'Add "child_id" to pseudonyms in mappings/advice_requests.toml, or read another heading.' in line
    assert not any("5919" in line for line in said(area) + said(area, warnings=True))


def test_pseudonyms_are_the_same_every_month_until_there_is_a_new_key(area):
    change(area, "never_read", 'pseudonyms = ["child_id"]\nnever_read')
    change(area, "REQ0002,CH0001", "REQ0002, ch0001", "inbox/Advice 2022-03.csv")
    first = open_area(area)
    children = first.tables["advice_requests"]["child_id"]
    assert children.str.fullmatch("[a-p]{12}").all()
    assert children.nunique() == len({row["child_id"] for row in sample()})
    assert any("2 ids differ in capitals" in line for line in said(area, warnings=True))
    assert open_area(area).tables["advice_requests"]["child_id"].equals(children)
    make_new_key(area)
    again = open_area(area)
    assert not set(again.tables["advice_requests"]["child_id"]) & set(children)
    assert (first.key.number, again.key.number) == (1, 2)
    assert first.key.fingerprint != again.key.fingerprint


def test_the_key_is_its_owners_alone_and_never_in_the_area_folder(area, monkeypatch):
    key_of(area)
    assert key_place(area).stat().st_mode & 0o077 == 0 or os.name == "nt"
    monkeypatch.setenv("SENDANALYSIS_KEY", str(area / "area.key"))
    with pytest.raises(InputError, match="lies in the area folder, which may be shared"):
        key_of(area)


def test_a_damaged_key_is_never_replaced_in_silence(area):
    key_of(area)
    key_place(area).write_text("gone", encoding="utf-8")
    with pytest.raises(InputError, match="this is no key of pseudonyms"):
        key_of(area)


def test_an_id_that_is_a_pseudonym_in_one_table_alone_is_refused(area):
    change(area, "never_read", 'pseudonyms = ["child_id"]\nnever_read')
    mapping = 'files = "Neu.csv"\n[columns]\nchild_id = "Child"\nentered_on = "In"\n'
    constants = "".join(
        f'{name} = ""\n' for name in ("diverted_from_paediatrics", "progressed_to_asd_on", "satisfaction")
    )
    path = area / "mappings" / "neu_pathway.toml"
    path.write_text(mapping + "[constants]\n" + constants, encoding="utf-8")
    with pytest.raises(InputError, match=r"neu_pathway.toml, pseudonyms: child_id is a pseudonym in mappings/advice"):
        check_area(area)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('child_id = "Child ref"', "", "line 6, columns: nothing gives child_id. Add"),
        ('"CSC" = "social_care"', '"CSC" = "social"', "'CSC' = 'social' is not allowed. Write one of education"),
        ("dd-mmm-yy", "the day", "line 28, dates.returned_on: 'the day' is no way of writing a day"),
        ("dd-mmm-yy", "mm/dd/yyyy", "one has the day first and one the month"),
        ('never_read = ["Child name"]', 'never_read = ["Got"]', "line 4, never_read: 'Got' is read all the same"),
        ("heading_row = 3", 'heading_row = "3"', "line 3, heading_row: '3' is no row"),
        ("heading_row = 3", "header = 3", "line 3, header: it is nothing that can stand here"),
        ("[dates]", "[dates]\nchild_id = 'dd/mm/yyyy'", "child_id holds no days"),
        ("[dates]", "[generated]\nrequest_id = '{child_id}'\n[dates]", "columns.request_id: it is given in two ways"),
        ('files = "Advice *.csv"', "", "files: 'None' is not text in quotes"),
        ("[leave_out]", "[leave_out", "this is not TOML"),
        ("[leave_out]", f"[deep]\nx = {'[' * 5_000}\n[leave_out]", "this is not TOML"),
    ],
)
def test_a_mapping_that_cannot_be_used_says_line_and_remedy(area, old, new, words):
    change(area, old, new)
    with pytest.raises(InputError) as error:
        check_area(area)
    assert words in str(error.value)
    assert "advice_requests.toml" in str(error.value)


def test_a_mapping_of_no_table_is_refused(area):
    (area / "mappings" / "advise.toml").write_text("", encoding="utf-8")
    with pytest.raises(InputError, match=r"mappings/advise.toml: there is no table of this name"):
        check_area(area)


WIDE = """
files = "Cases.xlsx"
sheet = "Case*"
heading_row = [2, 3]

[columns]
child_id = "Case"

[constants]
withdrawn_on = ""
exception = ""
existing_advice_sufficient = ""

[generated]
request_id = "{child_id}-{giver}"

[[rows]]
constants = { giver = "health" }
columns = { sent_on = "Health / Sent", received_on = "Health / Got", returned_on = "Health / Back" }

[[rows]]
constants = { giver = "social_care" }
columns = { sent_on = "Social care / Sent", received_on = "Social care / Got", returned_on = "Social care / Back" }
"""


def test_a_case_with_each_advisers_days_in_columns_gives_a_row_an_adviser(area):
    (area / "mappings" / "advice_requests.toml").write_text(WIDE, encoding="utf-8")
    book = Workbook()
    book.active.title = "Notes"
    sheet = book.create_sheet("Cases")
    sheet.append(["Advice by case"])
    sheet.append(["", "Health", "", "", "Social care", "", ""])
    sheet.append(["Case", *["Sent", "Got", "Back"] * 2])
    for merged in ("A1:G1", "B2:D2", "E2:G2"):
        sheet.merge_cells(merged)
    day = pd.Timestamp("2022-01-10 09:15").to_pydatetime()
    sheet.append(["CH1", day, day, None, None, None, None])
    sheet.append(["CH2", day, None, None, day, None, "soon"])
    book.save(area / "inbox" / "Cases.xlsx")
    found = check_area(area)[0].tables["advice_requests"]
    assert found[["request_id", "giver"]].to_numpy().tolist() == [
        *(["CH1-health", "health"], ["CH2-health", "health"], ["CH2-social_care", "social_care"]),
    ]
    assert found["sent_on"].eq(pd.Timestamp("2022-01-10")).all()
    assert any(
        line.startswith("Cases.xlsx sheet Cases row 5, Social care / Back: 'soon' is not a date") for line in said(area)
    )


AUDITS = """
files = "Audit.csv"
separator = "semicolon"

[columns]
audit_id = "Audit"
plan_id = "Plan"
audited_on = "On"

[constants]
plan_type = "new"
stage = "final"
auditor_id = ""

[dates]
audited_on = "serial"

[grades.answer]
scale = ["Inadequate", "Requires improvement", "Good", "Outstanding"]
met = ["Good", "Outstanding"]
not_applicable = ["Not seen"]

[[rows]]
constants = { section = "A", question_id = "A1" }
columns = { answer = "A1 Views" }
keep_empty = true

[[rows]]
constants = { section = "B", question_id = "B1" }
columns = { answer = "B1 Needs" }
keep_empty = true
"""


def test_a_graded_audit_with_a_column_a_question_gives_a_row_an_answer(area):
    (area / "extracts" / "ehcp_audits.csv").unlink()
    (area / "mappings" / "ehcp_audits.toml").write_text(AUDITS, encoding="utf-8")
    rows = ["Audit;Plan;On;A1 Views;B1 Needs", "1;P1;44197;Good;Inadequate", "2;P2;44198;not seen;", "3;P3;44199;Fair;"]
    (area / "inbox" / "Audit.csv").write_text("\n".join(rows), encoding="utf-8")
    found = check_area(area)[0].tables["ehcp_audits"]
    assert found["answer"].astype("str").fillna("-").tolist() == ["Yes", "No", "N/A", "-", "-", "-"]
    assert found["audited_on"].iloc[0] == pd.Timestamp("2021-01-01")
    line = next(line for line in said(area) if "Fair" in line)
    assert line.startswith(
        "Audit.csv row 4, A1 Views: 'Fair' is not allowed. Add it under [grades.answer] in mappings/"
    )
