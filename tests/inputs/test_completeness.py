"""An extract that is old, cut or thinned beside others or last month's is told of; the shipped ones are none of it."""

import json
import shutil
from pathlib import Path

import pandas as pd
import pytest

from sendanalysis import cli
from sendanalysis.inputs.area import CONTRACTS, check_area
from sendanalysis.inputs.completeness import incomplete, unlike_last_month
from sendanalysis.publishing.monthly_run import prepare
from sendanalysis.publishing.record import read_from

DATA = Path(__file__).parents[2] / "data"
ADVICE, REFERRALS = (
    next(contract for contract in CONTRACTS if contract.name == name)
    for name in ("advice_requests", "autism_referrals")
)
LAST_MONTH = {"advice_requests": 1_700, "autism_referrals": 900, "neu_pathway": 100}


def table(contract, days):
    first = next(column.name for column in contract.columns if column.kind == "date")
    return pd.DataFrame({first: pd.to_datetime(list(days))})


def told(days, others="2022-03-31", every=1):
    """Warnings of referrals that began on some days, beside advice asked for daily to another day."""
    tables = {
        "autism_referrals": table(REFERRALS, days),
        "advice_requests": table(ADVICE, pd.date_range("2020-01-01", others, freq=f"{every}D")),
    }
    return [str(fault) for fault in incomplete(tables, (REFERRALS, ADVICE)) if fault.file == "autism_referrals.csv"]


def test_a_table_three_months_older_than_the_others_is_named_with_its_last_day():
    (fault,) = told(pd.date_range("2020-01-01", "2021-12-31", freq="7D"))
    assert "its last record is of 2021-12-29, 92 days before the newest of the other extracts" in fault


def test_a_table_that_has_always_come_once_a_term_is_not_stale():
    assert told(pd.date_range("2020-01-31", "2021-11-30", freq="90D")) == []


def test_a_table_whose_last_rows_are_all_of_one_day_is_stale():
    (fault,) = told(["2021-12-29"] * 4)
    assert "its last record is of 2021-12-29, 92 days before the newest of the other extracts" in fault


@pytest.mark.parametrize(("step", "told_of"), [(1, False), (2, True), (3, True)])
def test_ids_that_are_all_a_step_apart_tell_of_rows_that_were_not_exported(area, step, told_of):
    path = area / "extracts" / "advice_requests.csv"
    heading, *rows = path.read_text(encoding="utf-8").splitlines(keepends=True)
    path.write_text("".join([heading, *rows[::step]]), encoding="utf-8")
    words = f"the numbers of request_id are all a multiple of {step} apart"
    assert any(words in str(fault) for fault in check_area(area)[1]) == told_of


@pytest.mark.parametrize("rows", [1_000, 65_535])
def test_a_round_number_of_rows_may_be_a_cut(rows):
    days = pd.date_range("2022-03-31", periods=rows, freq="-1h")
    assert any(f"it holds {rows:,} rows, as a file does that was cut" in fault for fault in told(days))


def test_a_month_with_fewer_than_half_its_usual_rows_is_told_of():
    days = pd.date_range("2021-01-01", "2022-03-31", freq="6h")
    thin = days[(days < "2022-02-01") | (days >= "2022-03-01") | (days.hour == 0)]
    (fault,) = told(thin)
    assert "it has 28 rows of 2022-02, where 124 a month are usual" in fault


def test_a_small_month_that_chance_explains_is_not():
    days = [f"2021-{month:02}-{day:02}" for month in range(1, 13) for day in (3, 9, 15, 21)] + ["2022-02-01"]
    assert told([*days, "2022-01-05", "2022-01-20"]) == []


@pytest.fixture(scope="module", params=["southend", "wexmoor"])
def shipped(request):
    return check_area(DATA / request.param)[0]


def test_the_shipped_extracts_give_no_such_warning_nor_month_after_month_beside_themselves(shipped):
    assert incomplete(shipped.tables, shipped.contracts) == []
    files = read_from(shipped.sources)
    assert unlike_last_month(files, files, "2022-02", shipped.tables) == []


def files(rows=100, sha256="new"):
    return {
        f"extracts/{name}.csv": {"rows": rows, "sha256": sha256} for name in ("autism_referrals", "advice_requests")
    }


@pytest.mark.parametrize(("every", "words"), [(7, ["100 rows to 2022-02-26, 33 days before the newest"]), (90, [])])
def test_last_months_file_is_known_again_where_its_records_are_more_frequent_than_that(every, words):
    tables = {
        "autism_referrals": table(REFERRALS, pd.date_range("2022-02-26", periods=50, freq=f"-{every}D")),
        "advice_requests": table(ADVICE, pd.date_range("2020-01-01", "2022-03-31")),
    }
    told = [str(fault) for fault in unlike_last_month(files(), files(), "2022-02", tables)]
    assert len(told) == len(words)
    for line, said in zip(told, words, strict=True):
        assert f"extracts/autism_referrals.csv: it is the file of 2022-02 again, with {said}" in line
    assert unlike_last_month(files(), files(sha256="old"), "2022-02", tables) == []


def test_a_check_and_a_run_tell_of_an_extract_that_lost_more_than_a_tenth_of_its_rows(tmp_path, capsys):
    held = {f"extracts/{name}.csv": {"rows": rows, "sha256": ""} for name, rows in LAST_MONTH.items()}
    target = tmp_path / "southend" / "2022-02"
    target.mkdir(parents=True)
    (target / "manifest.json").write_text(json.dumps({"month": "2022-02", "extracts": held}), encoding="utf-8")
    assert cli.main(["check", str(DATA / "southend"), "--output", str(tmp_path)]) == 0
    said = [line for line in capsys.readouterr().out.splitlines() if "extracts/" in line]
    expected = (
        "extracts/advice_requests.csv: it has 1,443 rows, where that of 2022-02 had 1,700. Export it again, if rows"
    )
    assert said == [f"warning  {expected} are missing."]
    assert prepare(str(DATA / "southend"), "2022-03", "internal", tmp_path).warnings == (f"{expected} are missing.",)


@pytest.fixture
def area(tmp_path):
    return Path(shutil.copytree(DATA / "southend", tmp_path / "southend"))


def test_an_extract_of_headings_alone_beside_others_with_rows_is_told_of(area):
    path = area / "extracts" / "advice_requests.csv"
    path.write_text(path.read_text(encoding="utf-8").partition("\n")[0] + "\n", encoding="utf-8")
    words = "advice_requests.csv: it holds no row, and the plan has KPIs that are counted from it. Export it again."
    assert words in [str(fault) for fault in check_area(area)[1]]
    for other in (area / "extracts").glob("*.csv"):
        other.write_text(other.read_text(encoding="utf-8").partition("\n")[0] + "\n", encoding="utf-8")
    assert "it holds no row" not in "".join(map(str, check_area(area)[1]))


def test_a_last_row_that_lost_cells_which_may_be_empty_is_told_of_though_it_ends_its_line(area):
    path = area / "extracts" / "neu_pathway.csv"
    whole = path.read_text(encoding="utf-8")
    path.write_text(f"{whole.rstrip().rpartition(',')[0]}\n", encoding="utf-8")
    words = (
        f"neu_pathway.csv row {whole.count(chr(10))}: its last row has 4 cells, the one before it 5, as in a file that"
    )
    assert [str(fault) for fault in check_area(area)[1] if words in str(fault)]
