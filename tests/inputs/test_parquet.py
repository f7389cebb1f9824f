"""A Parquet file beside or in place of a CSV file: the same table, the same checks, the same words."""

import shutil
from pathlib import Path

import duckdb
import pytest
from pandas.testing import assert_frame_equal

from sendanalysis.inputs.area import check_area
from sendanalysis.inputs.contracts import CONTRACTS
from sendanalysis.inputs.reading import read_table
from sendanalysis.release import open_release

SOUTHEND = Path(__file__).parents[2] / "data" / "southend"
ADVICE = next(contract for contract in CONTRACTS if contract.name == "advice_requests")
TABLES = ("advice_requests", "ehcp_audits", "survey_invitations")
AS_TEXT, TYPED = "all_varchar = true", "auto_type_candidates = ['DATE', 'BIGINT', 'VARCHAR']"


@pytest.fixture
def area(tmp_path):
    return Path(shutil.copytree(SOUTHEND, tmp_path / "southend"))


def turned(area, name, reading=TYPED, keep=False):
    """The extract of an area as a Parquet file, with days and numbers as such or all as text."""
    path = area / "extracts" / f"{name}.csv"
    with duckdb.connect() as held:
        rows = held.sql(f"SELECT * FROM read_csv('{path}', {reading})")
        rows.write_parquet(str(path.with_suffix(".parquet")))
    if not keep:
        path.unlink()


def written(area, name, query):
    """A Parquet file of the rows of a query in place of an extract."""
    path = area / "extracts" / f"{name}.parquet"
    path.with_suffix(".csv").unlink(missing_ok=True)
    with duckdb.connect() as held:
        held.sql(query).write_parquet(str(path))
    return path


@pytest.mark.parametrize("reading", [TYPED, AS_TEXT])
def test_an_area_of_parquet_files_has_the_same_tables_and_figures(area, reading):
    for name in TABLES:
        turned(area, name, reading)
    opened, faults = check_area(area)
    plain, expected = check_area(SOUTHEND)
    for name in TABLES:
        assert_frame_equal(opened.tables[name], plain.tables[name])
    words = [str(fault) for fault in expected]
    assert [str(fault) for fault in faults] == [
        word.replace("advice_requests.csv", "advice_requests.parquet") for word in words
    ]
    assert {source.file for source in opened.sources} >= {f"extracts/{name}.parquet" for name in TABLES}
    assert_frame_equal(
        open_release(area, "2022-03").figures("advice"), open_release(SOUTHEND, "2022-03").figures("advice")
    )


def test_days_whole_numbers_and_nothing_are_written_as_a_csv_file_has_them(area):
    path = written(
        area,
        "advice_requests",
        """SELECT 7.0 AS request_id, 'C1' AS child_id, 'health' AS giver, DATE '2021-09-01' AS sent_on,
           NULL::DATE AS received_on, TIMESTAMP '2021-10-01 00:00:00' AS returned_on,
           TIMESTAMP '2021-10-02 10:30:00' AS withdrawn_on, NULL AS exception, NULL AS existing_advice_sufficient""",
    )
    rows, faults = read_table(path.with_suffix(".csv"), ADVICE)
    assert rows.index.tolist() == [2]
    assert rows["request_id"].tolist() == ["7"]
    assert rows["returned_on"].dt.strftime("%Y-%m-%d").tolist() == ["2021-10-01"]
    assert rows[["received_on", "exception"]].isna().all(axis=None)
    assert [str(fault) for fault in faults] == [
        "advice_requests.parquet row 2, withdrawn_on: '2021-10-02 10:30:00' is not a date. Write it as YYYY-MM-DD."
    ]


def test_a_fault_names_the_file_the_row_and_the_record(area):
    name = "advice_requests"
    turned(area, name, AS_TEXT, keep=True)
    whole = (area / "extracts" / f"{name}.parquet").rename(area / "whole.parquet")
    written(
        area,
        name,
        f"""SELECT * REPLACE (if(request_id = 'REQ0002', 'dentist', giver) AS giver,
            if(request_id = 'REQ0003', '2020-01-01', returned_on) AS returned_on) FROM '{whole}'""",
    )
    errors = [fault for fault in check_area(area)[1] if not fault.warns]
    assert [(fault.file, fault.row, fault.column, fault.record) for fault in errors] == [
        ("advice_requests.parquet", 3, "giver", "REQ0002"),
        ("advice_requests.parquet", 4, "returned_on", "REQ0003"),
        ("advice_requests.parquet", 4, "returned_on", "REQ0003"),
    ]


def test_both_files_are_a_fault_that_names_both(area):
    turned(area, "ehcp_audits", keep=True)
    errors = [str(fault) for fault in check_area(area)[1] if not fault.warns]
    assert errors == ["ehcp_audits.csv: the table also stands in ehcp_audits.parquet. Keep it in one place."]


def test_a_damaged_file_is_one_line(area):
    (area / "extracts" / "ehcp_audits.csv").unlink()
    (area / "extracts" / "ehcp_audits.parquet").write_bytes(b"PAR1 and no more")
    errors = [str(fault) for fault in check_area(area)[1] if not fault.warns]
    assert errors == ["ehcp_audits.parquet: it is not a Parquet file that can be read. Export it again."]


def test_a_file_without_rows_or_without_its_headings_says_so(area):
    written(area, "ehcp_audits", "SELECT '' AS audit_id, 1 AS remark WHERE false")
    errors = [str(fault) for fault in check_area(area)[1] if not fault.warns]
    assert "ehcp_audits.parquet row 1, plan_id: the column is missing. Add it, or restore its heading." in errors
    written(area, "ehcp_audits", "SELECT 1 AS a, 2 AS b")
    errors = [str(fault) for fault in check_area(area)[1] if not fault.warns]
    assert errors == [
        "ehcp_audits.parquet: its first row holds none of the headings (a, b). Take away what stands above them."
    ]
