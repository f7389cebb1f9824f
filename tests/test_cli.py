"""The command as people type it: what it says, what it refuses and with which exit code it ends."""

import json
import re
import shlex
import shutil
from pathlib import Path

import pytest

from sendanalysis import cli

ROOT = Path(__file__).parents[1]
AREA = ROOT / "data" / "southend"
MONTH = "2021-12"
COMMANDS = ("run", "check", "map", "sample", "new-area", "share", "open")


@pytest.fixture
def area(tmp_path):
    return Path(shutil.copytree(AREA, tmp_path / "southend"))


@pytest.fixture
def refused(tmp_path, monkeypatch, capsys):
    """A function that runs a command which must not start: what it says on the error stream."""
    monkeypatch.chdir(ROOT)
    rest = ("--engine", "stock", "--output", str(tmp_path / "out"))  # which starts the fewest processes

    def run(*words):
        try:
            code = cli.main([*map(str, words), *rest])
        except SystemExit as error:  # argparse's own way
            code = error.code
        said = capsys.readouterr()
        assert code == 2
        assert said.out == ""
        assert not (tmp_path / "out").exists()
        return said.err

    return run


@pytest.fixture(scope="module")
def one_briefing(once, sendanalysis):
    """One briefing under another reading of the plan, as `--json` tells of it: the folder that holds it."""

    def make(folder):
        words = ("--month", MONTH, "--only", "01_ehcp_quality", "-p", "quality.unit=plan_all", "--json")
        done = sendanalysis("run", "data/southend", *words, "--output", folder)
        assert (done.returncode, done.stderr) == (0, "")
        (folder / "result.json").write_text(done.stdout, encoding="utf-8")

    return once("one_briefing", make)


def test_only_the_notebook_that_is_named_is_run_and_published(one_briefing):
    target = one_briefing / "southend" / MONTH
    assert {path.name for path in target.glob("*.html")} == {"index.html", "01_ehcp_quality.html"}
    assert [path.name for path in (target / "notebooks").iterdir()] == ["01_ehcp_quality.ipynb"]


def test_json_holds_the_result_and_nothing_else_is_printed(one_briefing):
    (result,) = json.loads((one_briefing / "result.json").read_text(encoding="utf-8"))
    (notebook,) = result.pop("notebooks")
    assert (result.pop("area"), result.pop("month"), result.pop("published")) == ("Southend-on-Sea", MONTH, True)
    assert result.pop("folder").endswith(f"southend/{MONTH}")
    assert result == {"unchanged": False, "carried_forward": [], "left_out": [], "warnings": []}
    assert set(notebook) == {"name", "headline", "status", "seconds", "problem"}
    assert (notebook["name"], notebook["problem"]) == ("01_ehcp_quality", None)
    assert notebook["status"] in {"Green", "Amber", "Red"}
    assert "plans" in notebook["headline"]


def test_another_reading_of_the_plan_is_told_of_in_the_manifest_and_in_the_footer(one_briefing, publication):
    target = one_briefing / "southend" / MONTH
    other, usual = (json.loads((at / "manifest.json").read_text(encoding="utf-8")) for at in (target, publication))
    assert (other["choices"]["quality.unit"], usual["choices"]["quality.unit"]) == ("plan_all", "answer")
    assert other["parameters"]["01_ehcp_quality"]["choices"] == "quality.unit=plan_all"
    assert other["figures"]["QA_ALL"]["of"] < 100 < usual["figures"]["QA_ALL"]["of"]
    assert other["figures"]["ADVICE"] == usual["figures"]["ADVICE"]
    for page in target.glob("*.html"):
        footer = page.read_text(encoding="utf-8").split("<footer>")[1]
        assert "a plan counts as met when every answer in it is (quality.unit = plan_all)" in footer, page.name


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("--month", "2021-13"), ("'2021-13' is not a month", "2021-12")),
        (("--month", "december"), ("'december' is not a month", "YYYY-MM")),
        (("--month", "2031-01"), ("2031-01 is outside the data", "to 2022-03")),
        (("--month", "1999-01"), ("1999-01 is outside the data", "to 2022-03")),
        (("-p", "quality.units=plan_all"), ("quality.units", "no such parameter", "quality.unit,")),
        (("-p", "qa_unit=plan_all"), ("qa_unit", "no such parameter", "quality.unit")),
        (("-p", "quality.unit=plans"), ("quality.unit", "'plans' is not one of", "plan_all")),
        (("-p", "advice.limit_days=six"), ("advice.limit_days", "'six' is not a whole number")),
        (("-p", "advice.limit_days=0"), ("advice.limit_days", "not allowed")),
        (("-p", "actions.strict_red=maybe"), ("actions.strict_red", "true or false")),
        (("-p", "autism.promised_on=31/10/2021"), ("autism.promised_on", "YYYY-MM-DD")),
        (("-p", "data_date=2021-02-30", "--month", "2021-02"), ("data_date", "2021-02-30")),
        (("-p", "quality.unit"), ("quality.unit", "name=value")),
        (("-p", "quality.unit=plan_all quality.na_policy=exclude"), ("quality.unit", "is not one of")),
        (("-p", "month=2021-12"), ("month", "set by the run")),
        (("-p", "kpi=QA_ALL"), ("kpi", "set by the run")),
        (("--audience", "press"), ("'press' is not available", "internal, partner, public")),
        (("--only", "../x"), ("../x", "no such page", "01_ehcp_quality", "kpi_neu_satisfaction")),
        (("--only", "01_ehcp_quality/../00_scorecard"), ("no such page",)),
        (("--only", ""), ("no such page",)),
        (("--colour", "red"), ("--colour", "usage:")),
    ],
    ids=" ".join,
)
def test_what_cannot_be_used_is_refused_before_anything_starts(refused, words, expected):
    said = refused("run", "data/southend", *words)
    assert [part for part in expected if part not in said] == []
    assert len(said.splitlines()) <= 24
    assert "Traceback" not in said


@pytest.mark.parametrize(("path", "words"), [("data/nowhere", "no such folder"), ("data", "holds no area.toml")])
def test_an_area_that_is_none_is_refused(refused, path, words):
    assert words in refused("run", path)


def test_a_damaged_extract_is_refused_on_one_screen_and_the_rest_is_a_command_away(refused, area):
    requests = area / "extracts" / "advice_requests.csv"
    requests.write_text(
        requests.read_text(encoding="utf-8").replace(",health,", ",helth,").replace(",2021-", ",02/2021-"),
        encoding="utf-8",
    )
    said = refused("run", area, "--month", MONTH, "--strict")
    assert "'helth' is not allowed, in " in said
    assert "sendanalysis check" in said
    assert len(said.splitlines()) <= 24


def test_an_extract_that_is_missing_is_named(refused, area):
    (area / "extracts" / "autism_referrals.csv").unlink()
    assert "autism_referrals.csv" in refused("run", area, "--month", MONTH, "--strict")


@pytest.mark.parametrize(
    "words",
    [
        ("run", "data/southend", "--month", "2021-13"),
        ("run", "data/nowhere"),
        ("check", "data/nowhere"),
        ("sample", "data/nowhere"),
    ],
    ids=" ".join,
)
def test_the_installed_command_says_what_is_wrong_without_a_traceback(sendanalysis, words):
    done = sendanalysis(*words)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("sendanalysis: ")
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize("command", COMMANDS)
def test_the_help_of_each_command_has_an_example_that_the_command_itself_understands(command, capsys):
    with pytest.raises(SystemExit) as ended:
        cli.main([command, "--help"])
    assert ended.value.code == 0
    examples = capsys.readouterr().out.split("example:\n")[1].strip().splitlines()
    examples = [shlex.split(line.split(">")[0]) for line in examples]
    for words in examples:
        assert words[:2] == ["sendanalysis", command]
        assert cli._parser().parse_args(words[1:]).command  # noqa: SLF001  # read without running it


def test_help_lists_every_command(capsys):
    with pytest.raises(SystemExit):
        cli.main(["--help"])
    said = capsys.readouterr().out
    assert re.findall(r"^    ([a-z-]+)", said, re.MULTILINE) == list(COMMANDS)


def test_checking_the_shipped_area_ends_well(sendanalysis):
    done = sendanalysis("check", "data/southend")
    assert (done.returncode, done.stderr) == (0, "")
    assert " 0 errors" in done.stdout


def test_checking_a_damaged_area_lists_every_fault_at_once(sendanalysis, area):
    extracts = area / "extracts"
    damage = {"advice_requests.csv": (",health,", ",helth,", 15), "neu_pathway.csv": ("2021-04-01", "2021-04-31", 1)}
    for name, (old, new, times) in damage.items():
        text = (extracts / name).read_text(encoding="utf-8")
        (extracts / name).write_text(text.replace(old, new, times), encoding="utf-8")
    (extracts / "survey_invitations.csv").unlink()
    done = sendanalysis("check", area)
    assert (done.returncode, done.stderr) == (2, "")
    errors = [line for line in done.stdout.splitlines() if line.startswith("error")]
    (helth,) = [line for line in errors if "advice_requests.csv, giver" in line and "'helth'" in line]
    assert ", in 15 rows from row " in helth
    assert [line for line in errors if "neu_pathway.csv row" in line and "'2021-04-31'" in line]
    assert [line for line in errors if "survey_invitations.csv" in line]
    assert f"{len(errors) + 14} errors" in done.stdout


def test_the_sample_is_made_again_where_the_area_is_illustrative(area, capsys):
    before = {path.name: path.read_bytes() for path in (area / "extracts").iterdir()}
    assert cli.main(["sample", str(area), "--seed", "2021"]) == 0
    assert {path.name: path.read_bytes() for path in (area / "extracts").iterdir()} == before
    assert set(capsys.readouterr().out.split()) == {f"extracts/{name}" for name in before}


def test_the_sample_never_takes_the_place_of_extracts_that_may_be_real(area, capsys):
    settings = area / "area.toml"
    text = settings.read_text(encoding="utf-8")
    settings.write_text(text.replace("illustrative = true", "illustrative = false"), encoding="utf-8")
    before = {path: path.read_bytes() for path in (area / "extracts").iterdir()}
    assert cli.main(["sample", str(area), "--seed", "7"]) == 2
    assert "illustrative = false" in capsys.readouterr().err
    assert {path: path.read_bytes() for path in (area / "extracts").iterdir()} == before


def test_a_run_of_one_notebook_never_takes_the_other_briefings_away(sendanalysis, tmp_path):
    published = tmp_path / "southend" / MONTH
    (published / "notebooks").mkdir(parents=True)
    (published / "notebooks" / "00_scorecard.ipynb").touch()
    (published / "00_scorecard.html").write_text("kept")
    done = sendanalysis("run", "data/southend", "--month", MONTH, "--only", "01_ehcp_quality", "--output", tmp_path)
    assert done.returncode == 2
    assert "holds other briefings (00_scorecard)" in done.stderr
    assert (published / "00_scorecard.html").read_text() == "kept"


def test_a_path_that_is_too_long_ends_a_command_with_one_line_and_exit_code_1(tmp_path, capsys):
    place = tmp_path / ("x" * 300)
    assert cli.main(["new-area", str(place), "--name", "Anywhere", "--code", "E10000012"]) == 1
    said = capsys.readouterr().err
    assert "the path is too long. Choose" in said
    assert said.count("\n") == 1


@pytest.fixture
def two_months(tmp_path):
    for month in ("2021-11", "2021-12"):
        (tmp_path / "southend" / month).mkdir(parents=True)
        (tmp_path / "southend" / month / "manifest.json").write_text("{}", encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize(("words", "month"), [((), "2021-12"), (("--month", "2021-11"), "2021-11")])
def test_open_prints_the_index_of_the_last_month_or_the_one_named_and_opens_it(
    words, month, two_months, monkeypatch, capsys
):
    opened = []
    monkeypatch.setattr(cli.webbrowser, "open", opened.append)
    assert cli.main(["open", str(AREA), *words, "--output", str(two_months)]) == 0
    index = two_months.resolve() / "southend" / month / "index.html"
    assert capsys.readouterr().out == f"{index}\n"
    assert opened == [index.as_uri()]
    assert cli.main(["open", str(AREA), *words, "--output", str(two_months), "--print"]) == 0
    assert len(opened) == 1


def test_opening_what_is_not_published_says_what_to_do(two_months, tmp_path, capsys):
    assert cli.main(["open", str(AREA), "--month", "2020-01", "--output", str(two_months)]) == 2
    assert "nothing is published there. Published are: 2021-12, 2021-11." in capsys.readouterr().err
    assert cli.main(["open", str(AREA), "--output", str(tmp_path / "none")]) == 2
    assert "Publish first: sendanalysis run" in capsys.readouterr().err
