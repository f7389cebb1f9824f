"""A second area, which shares nothing with the first: its figures counted by another hand from the same extracts."""

import csv
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from sendanalysis.release import open_release

REFERENCE = Path(__file__).parent / "measures" / "reference" / "wexmoor.csv"
ROWS = list(csv.DictReader(REFERENCE.read_text(encoding="utf-8").splitlines()))
MONTHS = ("2023-06", "2023-12", "2024-03")
BASELINES = {  # parts are counted over the months of the whole KPI, the reference's other reading
    "MAINSTREAM": "baseline",
    "REVIEW_4W": "baseline",
    "REVIEW_4W_PRIMARY": "baseline (months of the whole measure)",
    "REVIEW_4W_SECONDARY": "baseline",
    "REVIEW_4W_POST16": "baseline (months of the whole measure)",
}


@pytest.fixture(scope="module")
def releases():
    return {month: open_release("data/wexmoor", month) for month in MONTHS}


def expected(kpi_id, month):
    return next(row for row in ROWS if (row["kpi_id"], row["month"]) == (kpi_id, month))


def number(text):
    return float(text) if text else None


@pytest.mark.parametrize("month", MONTHS)
def test_the_reference_holds_every_kpi_of_the_plan(releases, month):
    assert sorted(row["kpi_id"] for row in ROWS if row["month"] == month) == sorted(releases[month].kpis)


@pytest.mark.parametrize(("kpi_id", "month"), [(row["kpi_id"], row["month"]) for row in ROWS if row["month"] in MONTHS])
def test_each_figure_is_that_of_the_reference(releases, kpi_id, month):
    figure, row = releases[month].kpis[kpi_id], expected(kpi_id, month)
    rating = row["value"] if row["value"] in {"Red", "Amber", "Green", "yes", "no"} else ""
    assert (figure.n, figure.of, figure.rating) == (number(row["n"]), number(row["of"]), rating)
    value = None if rating else number(row["value"])
    assert figure.value == (value if value is None else pytest.approx(value, abs=1e-6))


@pytest.mark.parametrize("month", MONTHS)
@pytest.mark.parametrize(("kpi_id", "reading"), list(BASELINES.items()))
def test_baselines_made_by_a_rule_are_those_of_the_reference(releases, month, kpi_id, reading):
    figure, row = releases[month].kpis[kpi_id], expected(kpi_id, reading)
    assert (figure.baseline_n, figure.baseline_of) == (number(row["n"]), number(row["of"]))
    assert figure.baseline == pytest.approx(number(row["value"]), abs=1e-6)


def test_a_whole_that_is_judged_by_its_sum_has_the_summed_baseline_and_targets(releases):
    first, last = (releases[month].kpis["TRAINED"] for month in ("2023-06", "2024-03"))
    assert first.baseline == number(expected("TRAINED", "baseline")["value"])
    assert first.next_target == number(expected("TRAINED", "target 2024-01-31")["value"])
    assert last.next_target == number(expected("TRAINED", "target 2024-07-31")["value"])


def test_the_target_of_a_published_figure_is_the_one_known_by_then(releases):
    for month in ("2023-06", "2023-12"):
        row = expected("SUSPENSIONS", f"target 2024-01-31 at {month}")
        assert releases[month].kpis["SUSPENSIONS"].next_target == number(row["value"])
    row = expected("SUSPENSIONS", "target 2024-07-31 at 2024-03")
    assert releases["2024-03"].kpis["SUSPENSIONS"].next_target == number(row["value"])


def test_a_figure_published_after_a_target_was_due_does_not_change_that_target():
    step = open_release("data/wexmoor", "2024-03", choices="scorecard.trajectory=step").kpis["SUSPENSIONS"]
    assert step.target == number(expected("SUSPENSIONS", "target 2024-01-31 at 2024-03")["value"])


def test_a_post_that_is_not_filled_on_its_day_is_red():
    figures = {month: open_release("data/wexmoor", month).kpis["SOCIAL_CARE_POST"] for month in ("2023-08", "2023-09")}
    assert figures["2023-08"].status == "No colour yet"
    assert figures["2023-09"].status == "Red"


def test_its_extracts_are_the_bytes_that_its_script_writes(tmp_path):
    root = Path(__file__).parents[1]
    shutil.copytree(root / "data" / "wexmoor", tmp_path / "data" / "wexmoor")
    shutil.copytree(root / "tools", tmp_path / "tools")
    rooms = ("extracts", "inbox")
    for room in rooms:
        shutil.rmtree(tmp_path / "data" / "wexmoor" / room)
    subprocess.run([sys.executable, "tools/make_wexmoor.py"], cwd=tmp_path, check=True, capture_output=True)
    made, shipped = (
        {path.name: path.read_bytes() for room in rooms for path in (place / "data" / "wexmoor" / room).iterdir()}
        for place in (tmp_path, root)
    )
    assert made == shipped
