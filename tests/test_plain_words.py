"""Whole pages of both areas in plain words: what is seen before anything is opened."""

import json
import re
from pathlib import Path

import pytest
import textstat
from markupsafe import Markup

from tests.reading_pages import pages

MONTHS = [("data/southend", "2022-03"), ("data/wexmoor", "2024-03")]
GRADE = 8.0  # of Flesch and Kincaid; it is reached at about 13 years
TERMS = {  # words of the field, which every reader of these pages meets daily; each counts as PLAIN does
    *(
        "assessed",
        "assessment",
        "assessments",
        "autism",
        "authority",
        "authorities",
        "average",
        "baseline",
        "completed",
    ),
    *("education", "interval", "milestone", "milestones", "recommendation", "recommendations", "referral", "referrals"),
}
PLAIN = "letter"
CODES = re.compile(
    r"\[[a-z]\]|\b[a-z]+_[a-z_]+\b|\b[A-Z]+_[A-Z_]+\b|AMB\d|[Kk]appa|AC1|load of|Numerator|Met basis|Travel"
)
NOTEBOOKS = sorted((Path(__file__).parents[1] / "notebooks").glob("*.ipynb"))


@pytest.fixture(params=MONTHS, ids=lambda found: found[0][5:], scope="module")
def month(request):
    with pytest.MonkeyPatch.context() as patch:
        yield pages(*request.param, "", patch)


def grade(text):
    """The grade of Flesch and Kincaid as textstat counts it, each line a sentence, and each term as a plain word."""
    text = re.sub(r"(?<![.?!])\n", ".\n", re.sub(r"\d+(?:[,.]\d+)*", "7", text))
    plain = re.sub("[A-Za-z]+", lambda found: PLAIN if found[0].lower() in TERMS else found[0], text)
    return textstat.flesch_kincaid_grade(plain)


def test_the_grade_tells_a_plain_sentence_from_one_of_a_report():
    assert grade("Half of the children have been seen. The others wait.") < 3
    assert grade("Implementation of multidisciplinary accountability arrangements necessitates reconfiguration.") > 20


def test_headlines_titles_and_readings_can_be_read_at_thirteen(month):
    for page in month:
        boxes = re.findall(r'<(?:p|div) class="(?:reading|prose)">(.*?)</(?:p|div)>', page.open_html, re.DOTALL)
        titles = [f"{chart.title}." for chart in page.charts]
        words = "\n".join([page.headline.said["answer"], *titles, *(Markup(box).striptags() for box in boxes)])
        assert grade(words) <= GRADE, (page.name, grade(words), words)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_the_prose_before_the_method_can_be_read_at_thirteen(path):
    cells = [cell for cell in json.loads(path.read_text("utf-8"))["cells"] if cell["cell_type"] == "markdown"]
    text = "\n".join("".join(cell["source"]) for cell in cells).split("## Data quality")[0]
    prose = re.sub(r"^#.*$", "", text, flags=re.MULTILINE).strip()
    assert not prose or grade(prose) <= GRADE, grade(prose)


def test_no_code_is_seen_before_anything_is_opened(month):
    for page in month:
        seen = Markup(re.sub(r"<svg.*?</svg>", "", page.open_html, flags=re.DOTALL)).striptags()
        assert CODES.findall(seen) == [], page.name


def test_few_tables_are_seen_before_anything_is_opened(month):
    tables = {page.name: page.open_html.count("<table") for page in month}
    assert sum(tables.values()) <= 2 * len(month), tables
    assert max(tables.values()) <= 5, tables


def test_a_date_alone_in_a_cell_is_never_broken(month):
    for page in month:
        assert re.findall(r"<td>\d{1,2} [A-Z][a-z]+ \d{4}</td>", "".join(page.html)) == [], page.name
