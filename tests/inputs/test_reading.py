from __future__ import annotations

import pytest

from sendanalysis.inputs.contracts import CONTRACTS, Column, Contract
from sendanalysis.inputs.reading import read_table

ADVICE = next(contract for contract in CONTRACTS if contract.name == "advice_requests")
HEADER = "request_id,child_id,giver,sent_on,received_on,returned_on,withdrawn_on,exception,existing_advice_sufficient\n"
GOOD = "R1,C1,health,2021-09-01,,2021-10-01,,none,no\n"


def read(tmp_path, content, contract=ADVICE):
    path = tmp_path / f"{contract.name}.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return read_table(path, contract)


def faults_of(tmp_path, content):
    return [str(fault) for fault in read(tmp_path, content)[1]]


def test_a_good_row_is_read_with_its_types_and_its_spreadsheet_row(tmp_path):
    rows, faults = read(tmp_path, HEADER + GOOD)
    assert not faults
    assert rows.index.tolist() == [2]
    assert rows["sent_on"].dtype == "datetime64[ns]"
    assert rows["received_on"].isna().all()


def test_columns_in_another_order_and_extra_ones_do_not_matter(tmp_path):
    names = HEADER.strip().split(",")
    cells = GOOD.strip().split(",")
    turned = ",".join(["comment", *reversed(names)]) + "\n" + ",".join(["x", *reversed(cells)]) + "\n"
    expected, _ = read(tmp_path, HEADER + GOOD)
    rows, faults = read(tmp_path, turned)
    assert not faults
    assert rows.equals(expected)


def test_a_day_that_does_not_exist_is_named_with_its_row_and_remedy(tmp_path):
    assert faults_of(tmp_path, HEADER + GOOD + GOOD.replace("R1", "R2").replace("2021-10-01", "31/02/2022")) == [
        "advice_requests.csv row 3, returned_on: '31/02/2022' is not a date. Write it as YYYY-MM-DD."
    ]


@pytest.mark.parametrize("date", ["2021-02-30", "01/10/2021", "44470", "1 Oct 2021", "2021-10-01T00:00", "20211-10-01"])
def test_every_other_way_of_writing_a_date_is_a_fault(tmp_path, date):
    faults = faults_of(tmp_path, HEADER + GOOD.replace("2021-10-01", date))
    assert len(faults) == 1
    assert date in faults[0]


def test_advice_that_came_back_before_it_was_asked_for_is_a_fault(tmp_path):
    assert faults_of(tmp_path, HEADER + GOOD.replace("2021-10-01", "2021-08-31")) == [
        (
            "advice_requests.csv row 2, returned_on: '2021-08-31' is before sent_on (2021-09-01). "
            "Correct whichever of the two dates is wrong."
        )
    ]


def test_two_rows_with_one_id_are_a_fault_that_names_both(tmp_path):
    faults = faults_of(tmp_path, HEADER + GOOD + GOOD)
    assert faults == [
        (
            "advice_requests.csv row 3, request_id: 'R1' stands in row 2 already. "
            "Remove the repeated row, or give it an id of its own."
        )
    ]


def test_a_blank_line_does_not_shift_the_row_numbers(tmp_path):
    assert (
        "row 4" in faults_of(tmp_path, HEADER + GOOD + "\n" + GOOD.replace("R1", "R2").replace("health", "nobody"))[0]
    )


def test_a_value_outside_the_allowed_ones_is_named_with_those(tmp_path):
    faults = faults_of(tmp_path, HEADER + GOOD.replace("health", "dentist"))
    assert "'dentist' is not allowed. Write one of education_setting" in faults[0]


def test_capitals_and_spaces_around_an_allowed_value_are_read_leniently(tmp_path):
    rows, faults = read(tmp_path, HEADER + GOOD.replace("health", " Health "))
    assert not faults
    assert rows["giver"].tolist() == ["health"]


def test_capitals_in_the_name_of_a_file_do_not_matter_and_two_of_a_name_are_refused(tmp_path):
    (tmp_path / "Advice_Requests.CSV").write_text(HEADER + GOOD, encoding="utf-8")
    rows, faults = read_table(tmp_path / "advice_requests.csv", ADVICE)
    assert (len(rows), faults) == (1, [])
    told = faults_of(tmp_path, HEADER + GOOD)
    assert "the table also stands in" in told[0]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "cp1252"])
def test_what_excel_writes_is_read_rightly(tmp_path, encoding):
    rows, faults = read(tmp_path, (HEADER + GOOD.replace("C1", "Zoë’s")).encode(encoding))
    assert not faults
    assert rows["child_id"].tolist() == ["Zoë’s"]


def test_windows_line_ends_are_read_rightly(tmp_path):
    rows, faults = read(tmp_path, (HEADER + GOOD).replace("\n", "\r\n"))
    assert not faults
    assert rows["existing_advice_sufficient"].tolist() == ["no"]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "the file is empty"),
        (b" \n", "the file is empty"),
        ((HEADER + GOOD).encode("utf-16"), "not readable text"),
        ((HEADER + GOOD).replace(",", ";").encode(), "separated by semicolons"),
        ((HEADER + GOOD).replace(",", "\t").encode(), "separated by tabs"),
        (HEADER.replace("child_id", "request_id").encode() + GOOD.encode(), "'request_id' stands there twice"),
        ((HEADER + GOOD.strip() + ",extra\n").encode(), "row 2 has more cells than the heading row"),
        ((HEADER + GOOD + '"R1,C1\n').encode(), "quotes do not match from line 3 on, so the file seems cut off"),
        ((HEADER + '"R"1,C1\n').encode(), "quotes do not match near line 2"),
        ((HEADER + GOOD + GOOD[:20]).encode(), "the file seems cut off, since row 3 has 4 cells, the one before it 9"),
    ],
)
def test_a_file_that_is_no_such_table_gets_one_fault_with_a_remedy(tmp_path, content, words):
    rows, faults = read(tmp_path, content)
    assert rows.empty
    assert len(faults) == 1
    assert words in str(faults[0])
    assert faults[0].remedy
    assert not faults[0].warns


def test_a_missing_column_is_named_once_and_not_as_a_thousand_blanks(tmp_path):
    faults = faults_of(tmp_path, HEADER.replace("giver,", "") + GOOD.replace("health,", "") * 3)
    assert faults == ["advice_requests.csv row 1, giver: the column is missing. Add it, or restore its heading."]


def test_a_table_of_headings_alone_is_a_table_without_data(tmp_path):
    rows, faults = read(tmp_path, HEADER)
    assert rows.empty
    assert not faults


def test_a_number_ten_times_too_large_is_out_of_range(tmp_path):
    contract = next(contract for contract in CONTRACTS if contract.name == "survey_responses")
    rows, faults = read(
        tmp_path,
        "response_id,survey_year,tool,category,submitted_on,satisfaction\nS1,2020/21,POET,cyp,2020-10-01,50\n",
        contract,
    )
    assert [str(fault) for fault in faults] == [
        "survey_responses.csv row 2, satisfaction: '50' is out of range. Allowed is 1 to 5."
    ]
    assert rows["satisfaction"].isna().all()


def test_hostile_text_in_a_cell_stays_on_one_line_of_the_terminal(tmp_path):
    fault = faults_of(tmp_path, HEADER + GOOD.replace("health", '"\x1b[31mred\nalert' + "x" * 500 + '"'))[0]
    assert "\n" not in fault
    assert "\x1b" not in fault
    assert len(fault) < 300


def test_answers_of_one_audit_that_name_two_plans_are_a_fault(tmp_path):
    contract = next(contract for contract in CONTRACTS if contract.name == "ehcp_audits")
    text = (
        "audit_id,plan_id,audited_on,plan_type,stage,auditor_id,section,question_id,answer\n"
        "A1,P1,2021-10-01,new,final,AUD1,B,B1,Yes\n"
        "A1,P2,2021-10-01,new,final,AUD1,B,B2,No\n"
    )
    _, faults = read(tmp_path, text, contract)
    assert [fault.column for fault in faults] == ["plan_id"]
    _, faults = read(tmp_path, text.replace("P2", "unknown").replace("A1,P1", "A2,P1"), contract)
    assert "is no id" in str(faults[0])


def test_an_id_that_begins_with_a_hash_is_an_id_and_an_example_row_is_none(tmp_path):
    rows, faults = read(tmp_path, HEADER + GOOD.replace("R1", "#R1") + "# example: R9" + GOOD[2:])
    assert not faults
    assert rows["request_id"].tolist() == ["#R1"]


def test_empty_headings_that_excel_leaves_behind_are_dropped(tmp_path):
    rows, faults = read(tmp_path, HEADER.strip() + ",,\n" + GOOD.strip() + ",,\n")
    assert not faults
    assert len(rows) == 1


def test_headings_are_read_with_spaces_and_capitals(tmp_path):
    _, faults = read(tmp_path, HEADER.replace("request_id", "Request ID") + GOOD)
    assert not faults


def test_a_title_above_the_headings_is_named(tmp_path):
    assert "holds none of the headings (Advice, October)" in faults_of(tmp_path, "Advice, October\n" + HEADER + GOOD)[0]


def test_a_day_the_calendar_does_not_have_is_told_from_a_date_written_otherwise(tmp_path):
    assert faults_of(tmp_path, HEADER + GOOD.replace("2021-10-01", "2021-02-30")) == [
        "advice_requests.csv row 2, returned_on: '2021-02-30' does not exist. Check the date."
    ]


def test_a_survey_year_of_two_years_that_do_not_follow_each_other_is_a_fault(tmp_path):
    contract = next(contract for contract in CONTRACTS if contract.name == "survey_invitations")
    _, faults = read(tmp_path, "survey_year,tool,category,invited\n2020/22,POET,cyp,10\n", contract)
    assert "'2020/22' does not exist" in str(faults[0])


def test_a_cell_at_fault_gives_one_fault_and_no_second_one_for_being_empty(tmp_path):
    assert len(faults_of(tmp_path, HEADER + GOOD.replace("2021-09-01", "01/09/2021"))) == 1


def test_the_odd_row_of_an_audit_is_the_fault_and_not_the_others(tmp_path):
    contract = next(contract for contract in CONTRACTS if contract.name == "ehcp_audits")
    head = "audit_id,plan_id,audited_on,plan_type,stage,auditor_id,section,question_id,answer\n"
    text = head + "".join(f"A1,P{1 + (k == 0)},2021-10-01,new,final,AUD1,B,B{k},Yes\n" for k in range(5))
    _, faults = read(tmp_path, text, contract)
    assert [fault.row for fault in faults] == [2]


def test_a_number_of_a_column_with_no_lower_end_may_be_too_large_alone(tmp_path):
    column = Column("days", "integer", "how long it took", most=45)
    _, faults = read(tmp_path, "days\n46\n", Contract("extracts", "waits", "one wait", (column,), ()))
    assert [str(fault) for fault in faults] == ["waits.csv row 2, days: '46' is out of range. Allowed is 45 or less."]
