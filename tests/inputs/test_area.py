from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from sendanalysis.errors import InputError
from sendanalysis.inputs.area import check_area, data_dictionary, find_area, open_area

ROOT = Path(__file__).parents[2]
SOUTHEND = ROOT / "data" / "southend"


@pytest.fixture
def area(tmp_path):
    return Path(shutil.copytree(SOUTHEND, tmp_path / "southend"))


def test_the_shipped_area_has_no_fault():
    area, faults = check_area(SOUTHEND)
    assert [str(fault) for fault in faults if not fault.warns] == []
    assert area.settings.illustrative
    assert f"{area.last_month:%Y-%m}" == "2022-03"


def test_every_choice_of_the_shipped_area_is_at_its_default_but_the_local_series_break():
    assert set(open_area(SOUTHEND).settings.choices.changed()) == {"series_breaks"}


def test_an_area_is_found_from_a_folder_below_the_project(monkeypatch):
    monkeypatch.chdir(ROOT / "notebooks")
    assert find_area("data/southend") == SOUTHEND.resolve()


@pytest.mark.parametrize(("path", "words"), [("data/nowhere", "no such folder"), ("data", "no area.toml")])
def test_a_folder_that_is_no_area_is_refused(path, words):
    with pytest.raises(InputError, match=words):
        find_area(path)


def test_all_faults_of_all_tables_are_listed_at_once(area):
    (area / "extracts" / "neu_pathway.csv").unlink()
    (area / "extracts" / "survey_invitations.csv").write_text("")
    requests = area / "extracts" / "advice_requests.csv"
    requests.write_text(requests.read_text().replace("health", "helth", 1))
    _, faults = check_area(area)
    found = {fault.file for fault in faults if not fault.warns}
    assert found == {"neu_pathway.csv", "survey_invitations.csv", "advice_requests.csv"}


def test_opening_an_area_with_many_faults_shows_ten_and_how_to_see_the_rest(area):
    requests = area / "extracts" / "advice_requests.csv"
    requests.write_text(requests.read_text().replace(",health,", ",helth,"))
    with pytest.raises(InputError, match=r"and \d+ more. See them all: sendanalysis check") as error:
        open_area(area)
    assert len(str(error.value).splitlines()) == 11


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("illustrative = true", 'illustrative = "yes"', "illustrative: 'yes' is not true or false"),
        ("illustrative = true", "", "illustrative: it is missing"),
        ("clock_start = 2021-07-31", 'clock_start = "July"', "clock_start: 'July' is not a date"),
        ('qa_unit = "answer"', 'qa_unit = "questions"', "qa_unit: 'questions' is not one of"),
        ("[choices]", "[choice]", "choice: no such setting"),
        ('old_la = "882"', "old_la = [", "this is not TOML"),
        ('old_la = "882"', 'ons = "882"', "codes.ons: no such code"),
    ],
)
def test_a_setting_that_cannot_be_used_is_named(area, old, new, words):
    toml = area / "area.toml"
    toml.write_text(toml.read_text().replace(old, new))
    with pytest.raises(InputError, match=words):
        check_area(area)


def test_more_forms_than_invitations_is_a_warning_that_names_the_row(area):
    path = area / "extracts" / "survey_invitations.csv"
    lines = path.read_text().splitlines()
    lines[1] = ",".join([*lines[1].split(",")[:3], "1"])
    path.write_text("\n".join(lines))
    _, faults = check_area(area)
    assert any(fault.warns and "row 2, invited" in str(fault) for fault in faults)


def test_the_extracts_cover_a_month_fully_when_they_reach_its_end(area):
    toml = area / "area.toml"
    toml.write_text("extracts_to = 2022-02-14\n" + toml.read_text())
    assert f"{open_area(area).last_month:%Y-%m}" == "2022-01"


def test_the_data_dictionary_on_disk_is_the_one_that_the_contracts_make():
    assert (ROOT / "data" / "DICTIONARY.md").read_text(encoding="utf-8") == data_dictionary()
