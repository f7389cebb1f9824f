"""An area whose plan this project does not know: another plan, other tables, other KPIs, from data alone."""

import csv
import datetime as dt
import json
import re
import shutil
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).parents[1]
AREA, SOUTHEND = ROOT / "data" / "wexmoor", ROOT / "data" / "southend"
MONTH = "2024-03"
HEADLINE = "application/vnd.sendanalysis.headline+json"
KPIS = {  # those that are no part of another, with their status in March 2024
    "NEW_PLANS_20W": "Amber",
    "PLAN_WEEKS": "Red",
    "MAINSTREAM": "Green",
    "REVIEWS_OVERDUE": "Amber",
    "REVIEW_4W": "Amber",
    "FAMILY_RATING": "Red",
    "APPEALS_OPEN": "Amber",
    "SUSPENSIONS": "Amber",
    "OUTREACH": "Amber",
    "HEALTH_CHECKS": "Green",
    "SOCIAL_CARE_POST": "Green",
    "TRAINED": "Green",
    "ADULTHOOD": "Not defined in the plan",
}
PAGES = ["00_scorecard", *(f"kpi_{kpi.lower()}" for kpi in KPIS), "05_plan_tracker"]
BUILT_IN = ("quality", "advice", "autism", "survey", "neu_pathway")
WORDS = (
    *("Southend", "Essex", "POET", "SSIF", "SSPB", "Neu pathway", "31 March 2021", "2021-03-31", "2019/20", "2020/21"),
    *("QA_ALL", "ASD_BACKLOG", "People Scrutiny", "LGA peer review", "Accelerated Progress Plan", "EHC Hub"),
)
OWN_TOO = {"Cabinet", "Health and Wellbeing Board", "Joint Commissioning"}  # words that any area's plan may hold
REVIEWS = """
[tables.annual_reviews]
one_row = "one annual review of an EHC plan"
key = ["review_id"]
[tables.annual_reviews.columns]
review_id = { kind = "text", meaning = "the review" }
met_on = { kind = "date", meaning = "day of the meeting" }
decided_on = { kind = "date", blank = true, meaning = "day the family was told the decision" }

[measures.review_decisions]
kind = "share on time"
label = "annual reviews decided within four weeks of the meeting"
counted = ["review", "reviews"]
table = "annual_reviews"
start = "met_on"
done = "decided_on"
limit_days = 28
"""


def rows_of(path):
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def manifest_of(publication):
    return json.loads((publication / "manifest.json").read_text(encoding="utf-8"))


def said_by(publication, page):
    """The headline that a page's notebook gave as its output."""
    cells = nbformat.read(publication / "notebooks" / f"{page}.ipynb", as_version=4).cells
    outputs = [output for cell in cells if cell.cell_type == "code" for output in cell.outputs]
    (said,) = [output.data[HEADLINE] for output in outputs if HEADLINE in output.get("data", {})]
    return said


@pytest.fixture
def manifest(other_publication):
    return manifest_of(other_publication)


def test_every_kpi_of_the_plan_has_a_page_and_no_other_measure_has_one(other_publication, manifest):
    assert [row["kpi_id"] for row in rows_of(AREA / "plan" / "kpis.csv") if not row["parent_kpi_id"]] == list(KPIS)
    assert {path.stem for path in other_publication.glob("*.html")} == {"index", *PAGES}
    assert {path.stem for path in (other_publication / "notebooks").iterdir()} == set(PAGES)
    assert [item["href"] for item in manifest["briefings"]] == [f"{page}.html" for page in PAGES]


def test_no_table_of_a_measure_that_the_plan_does_not_use_is_published(other_publication):
    tables = [path.stem for path in (other_publication / "tables").iterdir()]
    assert [table for table in tables if table.startswith(BUILT_IN)] == []
    own = {row["measure"] for row in rows_of(AREA / "plan" / "kpis.csv") if row["measure"]}
    assert own <= set(tables)


def test_the_scorecard_counts_the_plans_own_kpis(other_publication, manifest):
    statuses = {kpi: manifest["figures"][kpi]["status"] for kpi in KPIS}
    assert statuses == KPIS
    (scorecard,) = [item for item in manifest["briefings"] if item["href"] == "00_scorecard.html"]
    assert scorecard["headline"].startswith("On target: 4 of the plan's 13 KPIs. 2 are Red and need a decision.")
    rows = rows_of(other_publication / "tables" / "scorecard.csv")
    assert [row["kpi_id"] for row in rows] == [row["kpi_id"] for row in rows_of(AREA / "plan" / "kpis.csv")]


@pytest.mark.parametrize("page", PAGES)
def test_index_manifest_and_terminal_say_what_the_notebook_said(other_publication, manifest, page):
    said = said_by(other_publication, page)
    (listed,) = [item for item in manifest["briefings"] if item["href"] == f"{page}.html"]
    assert (listed["headline"], listed["status"] or "") == (said["answer"], said["status"])
    index = (other_publication / "index.html").read_text(encoding="utf-8")
    escaped = said["answer"].replace("&", "&amp;").replace("'", "&#39;")
    assert escaped in index
    assert f'href="{page}.html"' in index
    terminal = (other_publication.parents[1] / "terminal.txt").read_text(encoding="utf-8")
    (line,) = [line for line in terminal.splitlines() if f"/{page}.html  " in line]
    start = line.split(".html  ")[1].removesuffix(" …")
    assert said["answer"].startswith(start)
    assert len(start) > 10
    assert line.startswith(said["status"] or "-")


def test_the_page_of_a_kpi_has_its_name_as_title(other_publication, manifest):
    names = {row["kpi_id"]: row["name"] for row in rows_of(AREA / "plan" / "kpis.csv")}
    titles = {item["href"]: item["title"] for item in manifest["briefings"]}
    for kpi in KPIS:
        page = f"kpi_{kpi.lower()}.html"
        assert titles[page] == names[kpi]
        html = (other_publication / page).read_text(encoding="utf-8")
        assert f"<title>{names[kpi]}, March 2024 – Wexmoor SEND briefing</title>" in html
        assert re.findall(r"<h1[^>]*>(.*?)</h1>", html) == [names[kpi]]


def test_the_figures_are_those_that_counting_by_hand_gives(manifest, by_hand):
    counted = by_hand["other_figures"](AREA, MONTH)
    known = {kpi: figure for kpi, figure in manifest["figures"].items() if figure["value"] is not None}
    assert set(known) == set(counted)
    for kpi, (value, n, of) in counted.items():
        assert (known[kpi]["n"], known[kpi]["of"]) == (n, of), kpi
        assert known[kpi]["value"] == pytest.approx(value, abs=1e-9), kpi


def words_of_southend():
    """What only Southend's plan says: its KPIs, bodies and officers."""
    ids = {row["kpi_id"] for row in rows_of(SOUTHEND / "plan" / "kpis.csv")}
    kinds = {"board", "organisation", "officer", "adviser"}
    rows = [row for row in rows_of(SOUTHEND / "plan" / "governance.csv") if row["kind"] in kinds]
    names = {name.strip() for row in rows for name in (row["name_as_printed"], *row["aliases"].split(";"))}
    return {word for word in ids | names if len(word) > 6} - OWN_TOO


def test_nothing_of_another_areas_plan_stands_in_any_file(other_publication):
    words = [*WORDS, *sorted(words_of_southend())]
    assert {"QA_HEALTH", "ADVICE_CARE", "People Scrutiny Committee", "SEND Operational Group"} <= set(words)
    sought = re.compile("|".join(rf"(?<!\w){re.escape(word)}(?!\w)" for word in words), re.IGNORECASE)
    files = [path for path in other_publication.parents[1].rglob("*") if path.is_file()]
    assert len(files) > 50
    found = {}
    for path in files:
        text = path.read_bytes().decode("utf-8")
        found |= {path.name: hits} if (hits := set(sought.findall(text))) else {}
    assert found == {}


@pytest.fixture
def with_reviews(tmp_path):
    """A copy of the sample area whose plan asks for one thing more: two of three reviews fell due and were in time."""
    area = Path(shutil.copytree(SOUTHEND, tmp_path / "southend"))
    (area / "measures.toml").write_text(REVIEWS, encoding="utf-8")
    reviews = [
        ("R1", "2021-11-01", "2021-11-29"),
        ("R2", "2021-11-05", "2021-12-04"),
        ("R3", "2021-11-20", "2021-12-01"),
    ]
    lines = ["review_id,met_on,decided_on", *map(",".join, [*reviews, ("R4", "2021-12-20", "")])]
    (area / "extracts" / "annual_reviews.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    kpi = {"kpi_id": "REVIEWS", "name": "Review decisions in four weeks", "measure": "review_decisions"}
    kpi |= {"kpi_as_printed": "Annual reviews decided within four weeks", "window": "3 months", "unit": "percent"}
    append(area / "plan" / "kpis.csv", kpi | {"polarity": "higher", "baseline_value": "40", "source": "a new page"})
    for day, value in (("2021-10-31", "60"), ("2022-03-31", "90")):
        append(area / "plan" / "targets.csv", {"kpi_id": "REVIEWS", "due_on": day, "value": value})
    return area


def append(path, cells):
    with path.open(encoding="utf-8-sig", newline="") as file:
        header = next(csv.reader(file))
    assert set(cells) <= set(header)
    with path.open("a", encoding="utf-8", newline="") as file:
        csv.DictWriter(file, header, lineterminator="\n").writerow(cells)


def test_a_kpi_that_is_new_in_the_plan_has_figure_status_and_page_with_no_change_to_the_code(
    sendanalysis, with_reviews, tmp_path
):
    checked = sendanalysis("check", with_reviews)
    assert (checked.returncode, " 0 errors" in checked.stdout) == (0, True), checked.stdout
    words = ("--month", "2021-12", "--only", "kpi_reviews", "--output", tmp_path / "out")
    done = sendanalysis("run", with_reviews, *words)
    assert (done.returncode, done.stderr) == (0, "")
    folder = tmp_path / "out" / "southend" / "2021-12"
    figure = manifest_of(folder)["figures"]["REVIEWS"]
    assert (figure["n"], figure["of"], figure["value"]) == (2, 3, pytest.approx(200 / 3))
    assert (figure["baseline"], figure["target"], figure["next_target"]) == (40, 60, 90)
    assert (figure["status"], figure["reason"]) == ("Green", "at or above the target of 60%")
    assert {path.name for path in folder.glob("*.html")} == {"index.html", "kpi_reviews.html"}
    page = (folder / "kpi_reviews.html").read_text(encoding="utf-8")
    assert "It stands at 66.7% (2 of 3 reviews; " in page
    assert "Annual reviews decided within four weeks" in page
    (row,) = [row for row in rows_of(folder / "tables" / "scorecard.csv") if row["kpi_id"] == "REVIEWS"]
    assert row["status"] == "Green"
    assert dt.date.fromisoformat(row["target_on"]) == dt.date(2021, 10, 31)


@pytest.mark.parametrize("odd", ["../../x", "a/b", "with space", "", "trained", "x" * 200])
def test_an_id_that_cannot_be_the_name_of_a_page_is_refused(refused, tmp_path, odd):
    area = Path(shutil.copytree(AREA, tmp_path / "wexmoor"))
    for path in (area / "plan").glob("*.csv"):
        text = path.read_text(encoding="utf-8")
        path.write_text(text.replace("\nADULTHOOD,", f"\n{odd},"), encoding="utf-8")
    assert "kpi_id" in refused("run", area, "--month", MONTH, "--engine", "stock", "--output", tmp_path / "out")
    assert not (tmp_path / "out").exists()
