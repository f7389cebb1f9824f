"""A month in which a table is missing, faulty or late: the other briefings are published all the same."""

import datetime as dt
import json
import shutil
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from sendanalysis import cli
from sendanalysis.display import board
from sendanalysis.display.scoreboard import scorecard
from sendanalysis.errors import InputError
from sendanalysis.inputs.new_area import write_area
from sendanalysis.publishing.batch import Crew
from sendanalysis.publishing.monthly_run import prepare, publish
from sendanalysis.release import open_release

SOUTHEND = Path(__file__).parents[2] / "data" / "southend"
ADVICE = "04_partner_advice"


@pytest.fixture
def area(tmp_path):
    return Path(shutil.copytree(SOUTHEND, tmp_path / "southend"))


def spoil(area):
    path = area / "extracts" / "advice_requests.csv"
    path.write_text(path.read_text(encoding="utf-8").replace(",health,", ",helth,"), encoding="utf-8")


def old(area, last="2021-12"):
    """The advice requests as an export of an earlier month had them."""
    path = area / "extracts" / "advice_requests.csv"
    rows = pd.read_csv(path, dtype="str", keep_default_na=False)
    days = [name for name in rows if name.endswith("_on")]
    rows = rows[rows["sent_on"].lt(f"{last}~")]
    rows[days] = rows[days].where(rows[days].lt(f"{last}~"), "")
    rows.to_csv(path, index=False)


def lost(area, out, **options):
    request = prepare(str(area), "2022-03", "internal", out, **options)
    return {page.name: page.why_not for page in request.pages if page.why_not}


def made_of(request):
    with Crew(request.folder) as crew:
        return publish(request, crew, lambda *_: None)


def test_a_faulty_table_leaves_out_its_own_pages_and_says_why(area, tmp_path):
    spoil(area)
    rows = (area / "extracts" / "advice_requests.csv").read_text(encoding="utf-8").count("helth")
    assert lost(area, tmp_path / "out") == {ADVICE: f"the table advice_requests has {rows} errors"}


def test_so_does_one_that_is_missing(area, tmp_path):
    (area / "extracts" / "survey_responses.csv").unlink()
    assert lost(area, tmp_path / "out") == {"03_survey_participation": "the table survey_responses is missing"}


def test_so_does_one_that_ends_before_the_month(area, tmp_path):
    old(area)
    (why,) = lost(area, tmp_path / "out").values()
    assert why.startswith("the table advice_requests is late: it ends on ")
    assert why.endswith("December 2021")


def test_its_kpis_have_no_data_and_the_others_have_their_figures(area):
    usual = open_release(area, "2022-03").kpis
    spoil(area)
    release = open_release(area, "2022-03")
    found = release.kpis
    assert {found[kpi].status for kpi in found if kpi.startswith("ADVICE")} == {"No data"}
    assert "advice_requests has" in found["ADVICE"].reason
    cells = board.standing(release, ["ADVICE"]).iloc[0]
    assert {*cells[["actual", "interval", "baseline"]]} == {"not available this month"}
    (line,) = [line for line in scorecard(release).text.splitlines() if line.startswith("Advice on time, all partners")]
    _, status, now, way, year, variation, assurance, _, moved = line.split(" | ")
    assert (status, way) == ("No data", "baseline not available this month; target any rise")
    assert {now, year, variation, assurance, moved} == {"not available this month"}
    others = [kpi for kpi in found if not kpi.startswith("ADVICE")]
    assert [found[kpi].released() for kpi in others] == [usual[kpi].released() for kpi in others]


@pytest.mark.parametrize("options", [{"strict": True}, {"only": [ADVICE]}])
def test_a_strict_run_and_one_that_asks_for_that_page_refuse(area, tmp_path, options):
    spoil(area)
    with pytest.raises(InputError, match="advice_requests"):
        prepare(str(area), "2022-03", "internal", tmp_path / "out", **options)
    assert not (tmp_path / "out").exists()


def test_a_strict_run_refuses_a_late_table_too(area, tmp_path):
    old(area)
    with pytest.raises(InputError, match=r"The table advice_requests is late.* run without --strict"):
        prepare(str(area), "2022-03", "internal", tmp_path / "out", strict=True)


def test_a_fault_of_the_plan_always_refuses(area, tmp_path):
    path = area / "plan" / "targets.csv"
    path.write_text(path.read_text(encoding="utf-8").replace("QA_ALL,", "QA_NONE,"), encoding="utf-8")
    with pytest.raises(InputError, match="QA_NONE"):
        prepare(str(area), "2022-03", "internal", tmp_path / "out")


def test_checking_one_page_looks_at_its_tables_alone(area, capsys):
    spoil(area)
    assert cli.main(["check", str(area), "--only", "01_ehcp_quality"]) == 0
    assert "helth" not in capsys.readouterr().out
    assert cli.main(["check", str(area), "--only", ADVICE]) == 2
    assert "helth" in capsys.readouterr().out


def test_a_page_that_cannot_be_made_is_carried_forward_with_its_month_or_left_out(area, tmp_path):
    out = tmp_path / "out"
    before = prepare(str(area), "2022-02", "internal", out, only=[ADVICE])
    said = made_of(before).rows[0].headline
    spoil(area)
    (area / "extracts" / "survey_responses.csv").unlink()
    asked = ("03_survey_participation", ADVICE, "06_peer_review")
    request = prepare(str(area), "2022-03", "internal", out)
    request = replace(request, pages=tuple(page for page in request.pages if page.name in asked))
    result = made_of(request)
    held = json.loads((result.folder / "manifest.json").read_text(encoding="utf-8"))
    carried, made = held["briefings"]
    assert made["carried_from"] is None
    assert carried["headline"] == said
    assert (carried["carried_from"]["month"], carried["carried_from"]["data_date"]) == ("2022-02", "2022-02-28")
    (left,) = held["left_out"]
    assert (left["name"], left["reason"]) == (asked[0], "the table survey_responses is missing")
    assert set(held["tables_set_aside"]) == {"advice_requests", "survey_responses"}
    page, index = ((result.folder / f"{name}.html").read_text(encoding="utf-8") for name in (ADVICE, "index"))
    notice = "Carried forward from February 2022, with data to 28 February 2022: the table advice_requests has "
    assert notice in page
    assert notice in index
    assert "Left out this month: the table survey_responses is missing." in index
    assert not (result.folder / f"{asked[0]}.html").exists()
    assert [item["name"] for item in result.as_dict()["carried_forward"]] == [ADVICE]


def test_an_area_without_a_plan_has_the_national_page_alone(tmp_path, capsys):
    area, out = tmp_path / "area", tmp_path / "out"
    write_area(area, name="Southend-on-Sea", code="E06000033", clock_start=dt.date(2022, 1, 31))
    run = ["run", str(area), "--month", "2022-01", "--output", str(out)]
    assert cli.main(run) == 2
    assert "plan/kpis.csv: there is no KPI, and published/ has no file" in capsys.readouterr().err
    shutil.copytree(SOUTHEND / "published", area / "published", dirs_exist_ok=True)
    assert cli.main(run) == 0
    held = json.loads((out / "area" / "2022-01" / "manifest.json").read_text("utf-8"))
    assert [page["href"] for page in held["briefings"]] == ["07_national_context.html"]
