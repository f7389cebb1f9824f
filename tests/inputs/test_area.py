from __future__ import annotations

import datetime as dt
import re
import shutil
from pathlib import Path

import pytest

from sendanalysis.errors import InputError
from sendanalysis.inputs.area import check_area, data_dictionary, open_area
from sendanalysis.inputs.folder import find_area
from sendanalysis.inputs.settings import read_settings

ROOT = Path(__file__).parents[2]
SOUTHEND, WEXMOOR = ROOT / "data" / "southend", ROOT / "data" / "wexmoor"


@pytest.fixture
def area(tmp_path):
    return Path(shutil.copytree(SOUTHEND, tmp_path / "southend"))


@pytest.mark.parametrize(("folder", "month"), [(SOUTHEND, "2022-03"), (WEXMOOR, "2024-03")])
def test_a_shipped_area_has_no_fault(folder, month):
    area, faults = check_area(folder)
    assert [str(fault) for fault in faults if not fault.warns] == []
    assert area.settings.illustrative
    assert f"{area.last_month:%Y-%m}" == month


def test_every_parameter_of_southend_is_at_its_default_but_the_days_and_years_of_its_plan():
    assert open_area(SOUTHEND).settings.parameters.changed() == {
        "autism.cohort_on": "2021-03-31",
        "autism.promised_on": "2021-09-30",
        "autism.series_breaks": "2022-03-01",
        "survey.baseline_year": "2019/20",
        "survey.target_year": "2020/21",
    }


def test_a_plan_that_uses_no_built_in_measure_needs_none_of_their_tables():
    area = open_area(WEXMOOR)
    files = (*(WEXMOOR / "extracts").glob("*.csv"), *(WEXMOOR / "mappings").glob("*.toml"))
    assert {path.stem for path in files} == {c.name for c in area.contracts[-7:]}
    assert area.tables["ehcp_audits"].empty


def test_an_area_is_found_from_a_folder_below_the_project(monkeypatch):
    monkeypatch.chdir(ROOT / "notebooks")
    assert find_area("data/southend") == SOUTHEND.resolve()


@pytest.mark.parametrize(("path", "words"), [("data/nowhere", "no such folder"), ("data", "no area.toml")])
def test_a_folder_that_is_no_area_is_refused(path, words):
    with pytest.raises(InputError, match=words):
        find_area(path)


def test_all_faults_of_all_tables_are_listed_at_once(area):
    (area / "extracts" / "autism_referrals.csv").unlink()
    (area / "extracts" / "survey_invitations.csv").write_text("")
    requests = area / "extracts" / "advice_requests.csv"
    requests.write_text(requests.read_text().replace("health", "helth", 1))
    _, faults = check_area(area)
    found = {fault.file for fault in faults if not fault.warns}
    assert found == {"autism_referrals.csv", "survey_invitations.csv", "advice_requests.csv"}


def test_opening_an_area_with_many_faults_shows_ten_and_how_to_see_the_rest(area):
    requests = area / "extracts" / "advice_requests.csv"
    requests.write_text(requests.read_text().replace(",health,", ",helth,").replace(",2021-", ",02/2021-"))
    with pytest.raises(InputError, match=r"and \d+ more. See them all: sendanalysis check") as error:
        open_area(area)
    assert len(str(error.value).splitlines()) == 11
    assert "giver: 'helth' is not allowed, in " in str(error.value)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("illustrative = true", 'illustrative = "yes"', "illustrative: 'yes' is not true or false"),
        ("illustrative = true", "", "illustrative: it is missing"),
        ("clock_start = 2021-07-31", 'clock_start = "July"', "clock_start: 'July' is not a date"),
        ("clock_start = 2021-07-31", "clock_start = 1921-07-31", "Name a day from 2000-01-01"),
        ('unit = "answer"', 'unit = "questions"', "area.toml, quality.unit: 'questions' is not one of"),
        (
            "limit_days = 42",
            'limit_days = "six weeks"',
            "area.toml, advice.limit_days: 'six weeks' is not a whole number",
        ),
        ("[measures.quality]", "[measures.qualty]", "qualty.unit: no such parameter"),
        ("[measures.quality]", "[measure.quality]", "measure: no such setting"),
        ("[measures.quality]", "[choices]", "choices: no such setting"),
        ("[prose.kpis]", "[prose.kpis.more]", "prose.more: .* is not text in quotes"),
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


def wrong_values(kind):
    """A value of each type that a setting of one kind does not take, as TOML writes it."""
    values = {
        bool: "true",
        int: "-3",
        float: "1e400",
        str: '"\\u0007"',
        list: "[1, 2]",
        dict: "{ a = 1 }",
        dt.time: "07:32:00",
    }
    return [text for other, text in values.items() if other is not kind]


def settings_of(folder):
    """Every line of an area.toml that sets something, by number."""
    lines = (folder / "area.toml").read_text("utf-8").splitlines()
    return [(number, line.partition(" = ")[0]) for number, line in enumerate(lines) if re.match(r"\w+ = ", line)]


@pytest.mark.parametrize(("number", "name"), settings_of(SOUTHEND))
def test_a_value_of_any_type_is_read_or_refused_in_one_line(tmp_path, number, name):
    lines = (SOUTHEND / "area.toml").read_text("utf-8").splitlines()
    for text in wrong_values(None):
        (tmp_path / "area.toml").write_text(
            "\n".join([*lines[:number], f"{name} = {text}", *lines[number + 1 :]]), "utf-8"
        )
        try:
            read_settings(tmp_path / "area.toml")
        except InputError as error:
            assert name in str(error)  # noqa: PT017  # that it is read is right as well
            assert len(str(error).splitlines()) == 1  # noqa: PT017


def test_no_name_means_the_first_area_of_the_data_folder_seen_from_here_or_above(tmp_path, monkeypatch):
    for name in ("newtown", "aldbury"):
        (tmp_path / "data" / name).mkdir(parents=True)
        (tmp_path / "data" / name / "area.toml").touch()
    (tmp_path / "notebooks").mkdir()
    monkeypatch.chdir(tmp_path / "notebooks")
    assert find_area("") == (tmp_path / "data" / "aldbury").resolve()


def test_no_name_where_there_is_no_area_is_an_error(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match=r"Name an area folder|not an area folder"):
        find_area("")
