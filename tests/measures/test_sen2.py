"""SEN2 from file to figure: four layouts give one answer, and it is the one that counting with csv alone gives."""

import csv
import datetime as dt
import re
import shutil
from pathlib import Path

import pandas as pd
import pytest
from numpy.random import PCG64, Generator

from sendanalysis.cli import main
from sendanalysis.inputs.plan_checks import SEN2
from sendanalysis.inputs.sample_sen2 import MARKS, sample_cases, write_sen2
from sendanalysis.inputs.sen2 import old_return, read_sen2
from sendanalysis.measures import sen2, sen2_waits
from sendanalysis.measures.figures import measured
from sendanalysis.methods.periods import reporting_period
from sendanalysis.release import open_release

AREA = Path(__file__).parents[2] / "data" / "southend"
PLACES = ("folder", "return.xml", "pre_submission.xlsx", "template.xlsx")
PERIOD = reporting_period("2021-12")
DAY = PERIOD.data_date
STAMP = "%Y-%b-%d %H:%M:%S"


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """One set of cases in the four layouts."""
    folder, cases = tmp_path_factory.mktemp("sen2"), sample_cases(Generator(PCG64([7, 1])), 400)
    for place in PLACES:
        write_sen2(folder / place, cases)
    return folder


@pytest.fixture(scope="module")
def tables(written):
    return read_sen2(written / "folder")[0]


@pytest.fixture
def area(tmp_path):
    folder = Path(shutil.copytree(AREA, tmp_path / "area"))
    settings = folder / "area.toml"
    settings.write_text('sen2 = "sen2"\n' + settings.read_text("utf-8"), "utf-8")
    assert main(["sample", str(folder), "--seed", "2021"]) == 0
    return folder


def rows_of(written, record):
    (file,) = (written / "folder").glob(f"*_{record}.csv")
    with file.open(encoding="utf-8", newline="") as opened:
        return list(csv.DictReader(opened))


def day_of(cell):
    return dt.datetime.strptime(cell, STAMP).date() if cell else None  # noqa: DTZ007  # a day has no zone


def figure(tables, name, group="all", window="year"):
    measure = next(found for found in sen2.measures() if found.name == name)
    rows = measured(measure, tables, PERIOD)
    row = rows[rows["group"].eq(group) & rows["window"].eq(window)].iloc[-1]
    return row["n"], row["of"]


def one_request(**changed):
    """Tables of one request that was received on 4 January 2021 and answered by a plan on 24 May, 140 days later."""
    found = {"ReceivedDate": dt.date(2021, 1, 4), "RequestSource": "1", "RequestOutcome": "Y", "Exported": "0"}
    found |= {"RequestOutcomeDate": dt.date(2021, 2, 15), **changed.pop("request", {})}
    issued = {"AssessmentOutcome": "Y", "AssessmentOutcomeDate": dt.date(2021, 5, 24), "Week20": "0", **changed}
    return [MARKS | {"requests": [found | {"assessment": [issued]}]}]


def read_cases(folder, cases, name="return.xml"):
    write_sen2(folder / name, cases)
    found, faults, _ = read_sen2(folder / name)
    assert [str(fault) for fault in faults if not fault.warns] == []
    return found


@pytest.mark.parametrize("place", PLACES)
def test_all_four_layouts_give_one_answer(written, tables, place):
    found, faults, files = read_sen2(written / place)
    assert faults == []
    assert len(files) == (9 if place == "folder" else 1)
    for name in ("sen2_requests", "sen2_plans", "sen2_placements", "sen2_needs"):
        pd.testing.assert_frame_equal(found[name], tables[name])
    for measure in sen2.measures():
        pd.testing.assert_frame_equal(measured(measure, found, PERIOD), measured(measure, tables, PERIOD))


def test_plans_within_20_weeks_are_those_that_counting_with_csv_alone_gives(written, tables):
    received = {row["requeststableid"]: day_of(row["receiveddate"]) for row in rows_of(written, "requests")}
    plans = [
        ((day_of(row["assessmentoutcomedate"]) - received[row["requeststableid"]]).days, row["week20"])
        for row in rows_of(written, "assessment")
        if row["assessmentoutcome"] == "Y" and row["assessmentoutcomedate"]
        if dt.date(2021, 1, 1) <= day_of(row["assessmentoutcomedate"]) <= DAY
    ]
    plain = [days for days, exception in plans if exception == "0"]
    assert {140, 141} <= {days for days, _ in plans}
    assert 0 < len(plain) < len(plans)
    assert figure(tables, "sen2_in_time") == (sum(days <= 140 for days, _ in plans), len(plans))
    assert figure(tables, "sen2_in_time_excl") == (sum(days <= 140 for days in plain), len(plain))


def test_decisions_refusals_and_open_cases_are_those_that_counting_with_csv_alone_gives(written, tables):
    after = {row["requeststableid"]: row for row in rows_of(written, "assessment")}
    waiting, decided, refused = 0, [], []
    for row in rows_of(written, "requests"):
        end, received = after.get(row["requeststableid"], {}), day_of(row["receiveddate"])
        on, answer = day_of(row["requestoutcomedate"]), end.get("assessmentoutcome", "")
        ended = day_of(end.get("assessmentoutcomedate", ""))
        if row["requestoutcome"] in "YN" and on and on.year == 2021:
            decided.append((on - received).days <= 42)
        if answer == "N" and ended and ended.year == 2021:
            refused.append((ended - received).days <= 112)
        done = (row["requestoutcome"] == "N" and on <= DAY) or (answer in {"Y", "N"} and ended and ended <= DAY)
        undated = answer == "N" and not ended
        gone = row["requestoutcome"] in "WH" or row["exported"] == "1" or undated
        waiting += received <= DAY and not done and not gone
    assert figure(tables, "sen2_decision") == (sum(decided), len(decided))
    assert figure(tables, "sen2_refusal") == (sum(refused), len(refused))
    assert figure(tables, "sen2_open", window="day")[0] == waiting
    ages = [figure(tables, "sen2_open", group, "day")[0] for group in sen2.AGES]
    assert sum(ages) == waiting


def test_reviews_and_the_caseload_are_those_that_counting_with_csv_alone_gives(written, tables):
    plans, reviews = rows_of(written, "activeplans"), []
    for row in plans:
        meeting, letter = day_of(row["reviewmeeting"]), day_of(row["lastreview"])
        if meeting and (meeting + dt.timedelta(28)).year == 2021:
            reviews.append(bool(letter) and 0 <= (letter - meeting).days <= 28)
    assert figure(tables, "sen2_review_decision") == (sum(reviews), len(reviews))
    asd = {row["activeplanstableid"] for row in rows_of(written, "senneed") if row["sentype"] == "ASD"
           and row["sentyperank"] == "1"}  # fmt: skip
    late = reporting_period("2022-01")
    measure = next(found for found in sen2.measures() if found.name == "sen2_by_need")
    rows = measured(measure, tables, late).set_index("group")
    assert rows.loc["autistic spectrum disorder", ["n", "of"]].tolist() == [len(asd), len(plans)]


def test_a_child_with_two_requests_counts_twice_and_multiplies_no_row(written, tables):
    rows = tables["sen2_requests"]
    assert len(rows) == len(rows_of(written, "requests"))
    assert rows["child"].nunique() == len(rows_of(written, "person")) < len(rows)


def test_nothing_that_names_a_child_and_no_id_of_the_system_enters_a_frame(written):
    for place in PLACES:
        for name, rows in read_sen2(written / place)[0].items():
            text = rows.to_csv()
            assert [mark for mark in MARKS.values() if mark in text] == [], (place, name)
            assert not [column for column in rows if rows[column].astype("str").isin(["9000", "9001"]).any()]


def test_a_plan_that_was_amended_counts_from_the_day_it_was_issued(tmp_path):
    amended = {"namedplan": [{"StartDate": dt.date(2021, 12, 1)}]}
    assert figure(read_cases(tmp_path, one_request(**amended)), "sen2_in_time") == (1, 1)


def test_a_day_past_20_weeks_is_late_and_an_unknown_day_is_never_on_time(tmp_path):
    late = read_cases(tmp_path, one_request(AssessmentOutcomeDate=dt.date(2021, 5, 25)))
    assert figure(late, "sen2_in_time") == (0, 1)
    unknown = read_cases(tmp_path, one_request(request={"ReceivedDate": "", "RequestOutcomeDate": ""}))
    assert figure(unknown, "sen2_in_time") == (0, 0)


def test_a_plan_of_which_no_exception_is_recorded_is_outside_the_figure_without_exceptions(tmp_path):
    found = read_cases(tmp_path, one_request(Week20=""))
    assert figure(found, "sen2_in_time") == (1, 1)
    assert figure(found, "sen2_in_time_excl") == (0, 0)


@pytest.mark.parametrize("ended", [{"RequestOutcome": "W"}, {"RequestOutcome": "H"}, {"Exported": "1"}])
def test_who_withdrew_was_carried_in_or_moved_away_waits_no_more(tmp_path, ended):
    waiting = {"AssessmentOutcome": "A", "AssessmentOutcomeDate": ""}
    assert figure(read_cases(tmp_path, one_request(**waiting)), "sen2_open", window="day")[0] == 1
    gone = read_cases(tmp_path, one_request(request=ended, **waiting))
    assert figure(gone, "sen2_open", window="day")[0] == 0
    assert sen2_waits.waits(gone, DAY)[0].empty


def test_an_open_case_waits_until_the_reference_date_and_no_longer(tmp_path):
    found = read_cases(tmp_path, one_request(AssessmentOutcome="A", AssessmentOutcomeDate=""))
    curve, _ = sen2_waits.waits(found, dt.date(2023, 1, 1))
    assert curve["time_days"].max() == (dt.date(2022, 1, 20) - dt.date(2021, 1, 4)).days


def faults_of(place):
    return [str(fault) for fault in read_sen2(place)[1]]


def test_two_layouts_in_one_folder_are_one_fault(written, tmp_path):
    folder = Path(shutil.copytree(written / "folder", tmp_path / "both"))
    shutil.copy(written / "return.xml", folder)
    (said,) = faults_of(folder)
    assert said.startswith("both: it holds more than one return: Blade-Export_20-01-2022, return.xml. Leave one")


def test_a_missing_one_of_the_nine_files_is_named(written, tmp_path):
    folder = Path(shutil.copytree(written / "folder", tmp_path / "eight"))
    next(folder.glob("*_senneed.csv")).unlink()
    (said,) = faults_of(folder)
    assert said.startswith("eight: of the nine Blade files Blade-Export_20-01-2022_senneed.csv is not there.")


def test_a_truncated_xml_is_one_fault(written, tmp_path):
    (tmp_path / "cut.xml").write_bytes((written / "return.xml").read_bytes()[:20_000])
    (said,) = faults_of(tmp_path / "cut.xml")
    assert said.startswith("cut.xml: it is no whole XML, from line ")


@pytest.mark.parametrize("record", ["placementdetail", "senneed"])
def test_a_table_of_the_return_that_was_cut_is_told_of_wherever_the_cut_lies(written, tmp_path, record):
    folder = Path(shutil.copytree(written / "folder", tmp_path / "cut"))
    (file,) = folder.glob(f"*_{record}.csv")
    data = file.read_bytes()
    row = data[: len(data) // 2].rpartition(b"\n")[0]
    file.write_bytes(row + b"\n" + data[len(row) + 1 :].partition(b",")[0] + b",")
    (said,) = faults_of(folder)
    assert said.startswith(f"{file.name}: it seems cut off, since its last row has 2 of ")
    file.write_bytes(row + b"\n")
    (fault,) = read_sen2(folder)[1]
    assert fault.warns
    assert re.match(
        rf"cut, {record}: [0-9]+ of [0-9]+ plans in force have no (placement|need), as in a ret", str(fault)
    )


def test_a_table_of_the_return_that_was_cut_within_its_last_cell_is_told_of_by_its_missing_line_end(written, tmp_path):
    folder = Path(shutil.copytree(written / "folder", tmp_path / "cut"))
    (file,) = folder.glob("*_senneed.csv")
    file.write_bytes(file.read_bytes().rstrip(b"\r\n"))
    (said,) = faults_of(folder)
    assert said == (
        f"{file.name}: it seems cut off, since its last line has no end, as others of the nine have. "
        "Export all nine again."
    )
    for each in folder.iterdir():
        each.write_bytes(each.read_bytes().rstrip(b"\r\n"))
    assert faults_of(folder) == []


def test_an_unknown_code_is_said_once_with_its_number_of_rows(written, tmp_path):
    text = (written / "return.xml").read_text("utf-8").replace(">ASD<", ">AUT<")
    (tmp_path / "codes.xml").write_text(text, "utf-8")
    (said,) = faults_of(tmp_path / "codes.xml")
    assert said.startswith(f"codes.xml, senneed.SENtype: 'AUT' in {text.count('>AUT<')} rows is no code of the return.")


@pytest.mark.parametrize(
    ("day", "why"), [("2021-01-20", "lies before the last date"), ("2025-01-16", "more than a year")]
)
def test_the_reference_date_of_another_year_is_a_fault(written, tmp_path, day, why):
    text = (written / "return.xml").read_text("utf-8").replace("<ReferenceDate>2022-01-20", f"<ReferenceDate>{day}")
    (tmp_path / "year.xml").write_text(text, "utf-8")
    (said,) = faults_of(tmp_path / "year.xml")
    assert said.startswith(f"year.xml, sen2.ReferenceDate: '{day}' ")
    assert why in said


def test_a_heading_of_a_later_version_may_be_missing_and_one_that_figures_rest_on_may_not(written, tmp_path):
    text = (written / "return.xml").read_text("utf-8")
    (tmp_path / "old.xml").write_text(text.replace("RequestSource>", "Before>"), "utf-8")
    found, faults, _ = read_sen2(tmp_path / "old.xml")
    assert (faults, found["sen2_requests"]["source"].notna().sum()) == ([], 0)
    folder = Path(shutil.copytree(written / "folder", tmp_path / "no"))
    (file,) = folder.glob("*_requests.csv")
    file.write_text(file.read_text("utf-8").replace("receiveddate", "arrived"), "utf-8")
    assert any("requests.ReceivedDate: the column is missing" in said for said in faults_of(folder))


def test_an_area_that_names_a_return_releases_its_measures_and_has_a_page(area):
    release = open_release(area, "2021-12")
    assert "sen2" in release.pages
    released = release.tables()
    assert {"sen2_in_time", "sen2_open", "sen2_waits", "sen2_beside_published"} <= set(released)
    text = "".join(rows.to_csv() for name, rows in released.items() if name.startswith("sen2"))
    assert [mark for mark in MARKS.values() if mark in text] == []
    beside = release.table("sen2_beside_published")
    row = beside[beside["year"].eq(2021) & beside["exceptions"].eq("included")].iloc[0]
    assert (row["published_n"], row["published_of"], row["reason"]) == (155, 163, "the sample is illustrative")


def test_a_return_that_the_next_one_has_followed_is_late_and_says_nothing_of_this_month(area, capsys):
    for file in (area / "sen2").iterdir():
        years = re.sub(r"(?<![0-9])20([12][0-9])-", lambda found: f"20{int(found[1]) - 3}-", file.read_text("utf-8"))
        file.write_text(years.replace("2017-Feb-29", "2017-Feb-28"), "utf-8")
    assert main(["check", str(area)]) == 0
    words = (
        "sen2, sen2.ReferenceDate: '2019-01-20' lies more than 428 days before the last record of the area (2022-03-31)"
    )
    assert words in capsys.readouterr().out
    release = open_release(area, "2022-03")
    assert release.lacking["sen2_requests"] == "the SEN2 return is late: it is of 20 January 2019"
    assert {name for name in release.lacking if not name.startswith("sen2")} == set()


@pytest.mark.parametrize(("day", "n"), [(dt.date(2023, 3, 24), 0), (dt.date(2023, 3, 25), 1)])
def test_a_return_stands_until_that_of_the_next_january_is_gathered(tables, day, n):
    assert len(old_return(tables, day, "sen2")) == n


def test_an_area_that_names_no_return_has_no_such_page():
    assert "sen2" not in open_release(AREA, "2021-12").pages


def test_a_return_outside_the_area_folder_or_not_there_is_one_clear_error(area, capsys):
    settings = area / "area.toml"
    for place, said in (("../other", "is not in the area folder"), ("none.xml", "there is no such file or folder")):
        text = settings.read_text("utf-8").splitlines()
        settings.write_text("\n".join([f'sen2 = "{place}"', *text[1:]]), "utf-8")
        assert main(["check", str(area)]) == 2
        captured = capsys.readouterr()
        assert said in captured.out + captured.err


def test_the_measures_that_a_kpi_may_name_are_those_with_a_share_of_all():
    shares = [one for one in sen2.measures() if one.unit == "percent" and not one.standing and one.groups != "need"]
    assert {one.name for one in shares} == set(SEN2)
