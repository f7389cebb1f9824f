"""An extract that is old, cut or thinned beside others or last month's is told of; the shipped ones are none of it."""

import json
import random
import shutil
from pathlib import Path

import pandas as pd
import pytest

from sendanalysis import cli
from sendanalysis.inputs.area import CONTRACTS, check_area
from sendanalysis.inputs.completeness import incomplete, known_rows, lost_rows, unended, unlike_last_month
from sendanalysis.publishing.monthly_run import prepare
from sendanalysis.publishing.record import manifest, read_from
from sendanalysis.release import open_release

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
    files, day = read_from(shipped.sources), shipped.record_days[1]
    known = known_rows(shipped.tables, shipped.contracts, day)
    then = {"month": "2022-02", "data_date": day.isoformat(), "extracts": files, "known_rows": known}
    assert sum(map(len, known.values())) > 30
    assert unlike_last_month(files, then, shipped.tables) == []
    assert unended(files, files) + unended(files, {}) == []


def files(rows=100, sha256="new", **ends):
    return {
        f"extracts/{name}.csv": {"rows": rows, "sha256": sha256} | ({"unended": ends[name]} if name in ends else {})
        for name in ("autism_referrals", "advice_requests")
    }


def published(extracts, known_rows=None):
    """What a manifest holds of the extracts."""
    return {"month": "2022-02", "data_date": "2022-02-28", "extracts": extracts, "known_rows": known_rows or {}}


@pytest.mark.parametrize(("every", "words"), [(7, ["100 rows to 2022-02-26, 33 days before the newest"]), (90, [])])
def test_last_months_file_is_known_again_where_its_records_are_more_frequent_than_that(every, words):
    tables = {
        "autism_referrals": table(REFERRALS, pd.date_range("2022-02-26", periods=50, freq=f"-{every}D")),
        "advice_requests": table(ADVICE, pd.date_range("2020-01-01", "2022-03-31")),
    }
    told = [str(fault) for fault in unlike_last_month(files(), published(files()), tables)]
    assert len(told) == len(words)
    for line, said in zip(told, words, strict=True):
        assert f"extracts/autism_referrals.csv: it is the file of 2022-02 again, with {said}" in line
    assert unlike_last_month(files(), published(files(sha256="old")), tables) == []


def test_a_check_and_a_run_tell_of_an_extract_that_lost_more_than_a_tenth_of_its_rows(tmp_path, capsys):
    held = {f"extracts/{name}.csv": {"rows": rows, "sha256": ""} for name, rows in LAST_MONTH.items()}
    target = tmp_path / "southend" / "2022-02"
    target.mkdir(parents=True)
    (target / "manifest.json").write_text(json.dumps(published(held)), encoding="utf-8")
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


@pytest.mark.parametrize(
    ("now", "then", "words"),
    [
        ({"autism_referrals": 101, "advice_requests": 0}, {}, "other extracts have one"),
        ({"autism_referrals": 101, "advice_requests": 101}, {}, ""),
        ({"autism_referrals": 101}, {}, ""),
        ({"autism_referrals": 101, "advice_requests": 101}, {"autism_referrals": 0}, "last month's briefings had one"),
        ({"autism_referrals": 101, "advice_requests": 0}, {"autism_referrals": 90}, ""),
        ({"autism_referrals": 101, "advice_requests": 0}, {"advice_requests": 90}, "other extracts have one"),
    ],
)
def test_a_last_row_without_line_end_is_told_of_where_the_table_had_one_or_others_have(now, then, words):
    said = [str(fault) for fault in unended(files(**now), files(**then))]
    assert len(said) == bool(words)
    assert all("autism_referrals.csv row 101: no line end stands after this last row" in line for line in said)
    assert all(words in line for line in said)


def test_a_check_and_a_run_name_the_last_row_of_an_extract_that_alone_ends_without_a_line_end(area, tmp_path, capsys):
    path = area / "extracts" / "advice_requests.csv"
    path.write_bytes(path.read_bytes().rstrip())
    row = len(path.read_bytes().splitlines())
    warning = (
        f"extracts/advice_requests.csv row {row}: no line end stands after this last row, and other extracts have one, "
        "so its last value may be cut. See whether the record is whole, or export it again."
    )
    assert cli.main(["check", str(area), "--output", str(tmp_path)]) == 0
    assert f"warning  {warning}" in capsys.readouterr().out.splitlines()
    assert prepare(str(area), "2022-03", "internal", tmp_path).warnings == (warning,)
    for other in (area / "extracts").glob("*.csv"):
        other.write_bytes(other.read_bytes().rstrip())
    cli.main(["check", str(area), "--output", str(tmp_path)])
    assert "no line end" not in capsys.readouterr().out


CENSUS = pd.date_range("2020-01-16", periods=6, freq="120D")
DAILY = pd.date_range("2020-01-01", "2022-03-31")


def lost(days, known=DAILY):
    """Warnings of referrals that began on some days, where the briefings of 2022-02 knew others."""
    then = known_rows({"autism_referrals": table(REFERRALS, known)}, (REFERRALS,), "2022-02-28")
    now = {"autism_referrals": table(REFERRALS, days)}
    return [str(fault) for fault in lost_rows(files(), published(files(), then), now)]


def test_rows_that_the_last_publication_knew_and_that_are_gone_are_told_of_though_later_ones_make_up_for_them():
    gone, late = DAILY[(DAILY.day_of_year % 20 != 0) | (DAILY > "2022-02-28")], DAILY[DAILY > "2022-01-31"]
    assert len(gone) + len(late) > len(DAILY)
    (said,) = lost([*gone, *late])
    missing = sum(day.day_of_year % 20 == 0 for day in DAILY[(DAILY >= "2020-04-01") & (DAILY < "2022-01-01")])
    assert said == (
        f"extracts/autism_referrals.csv: {missing} of the 699 rows from 2020-04-01 to 2022-02-28 that it had for the "
        "briefings of 2022-02 are no longer there. See whether the export leaves records out, and export it again if "
        "so."
    )


@pytest.mark.parametrize(
    ("days", "why"),
    [
        (DAILY.delete([100, 200, 300, 400, 500]), "five test records that were deleted"),
        (DAILY.delete(range(100, 800, 60)), "12 records in 700 that were merged with others"),
        (DAILY[DAILY >= "2020-08-10"], "an export of the last years alone, whose window moves on"),
        (CENSUS.delete([2, 4]), "two of six, of a table of few rows"),
        (DAILY[:0], "no row at all, which is told of otherwise"),
    ],
)
def test_few_deletions_and_a_moving_window_are_no_lost_rows(days, why):
    assert lost(days, CENSUS if len(days) < 9 else DAILY) == [], why


def test_of_a_table_of_few_rows_more_than_half_are_many():
    (said,) = lost(CENSUS.delete([1, 2, 4]), CENSUS)
    assert "3 of the 5 rows from 2020-04-01 to 2022-02-28 that it had" in said


def test_a_random_half_of_a_table_is_told_of_after_a_run_of_the_same_month_or_of_the_month_before(
    area, tmp_path, capsys
):
    path = area / "extracts" / "survey_responses.csv"
    heading, *rows = path.read_text(encoding="utf-8").splitlines(keepends=True)
    made = {month: manifest(open_release(area, month), {}, [], []) for month in ("2022-02", "2022-03")}
    path.write_text("".join([heading, *random.Random(3).sample(rows, len(rows) // 2)]), encoding="utf-8")
    for month, held in made.items():
        target = tmp_path / month / "southend" / month
        target.mkdir(parents=True)
        (target / "manifest.json").write_text(json.dumps(held), encoding="utf-8")
        cli.main(["check", str(area), "--output", str(tmp_path / month)])
        (said,) = [line for line in capsys.readouterr().out.splitlines() if "extracts/" in line]
        assert f"rows from 2019-10-01 to {held['data_date']} that it had for the briefings of {month} are no" in said
