"""The briefing of the SEN2 return, made by the command for an area that names one."""

import json
import re
import shutil
from pathlib import Path

import pytest

SOUTHEND = Path(__file__).parents[1] / "data" / "southend"
PAGE = "08_plan_timeliness"


@pytest.fixture(scope="module")
def published(once, sendanalysis):
    """The publication of that one page, for a copy of the sample area with a made-up return."""

    def make(folder):
        area = Path(shutil.copytree(SOUTHEND, folder / "area"))
        text = (area / "area.toml").read_text(encoding="utf-8")
        (area / "area.toml").write_text(f'sen2 = "sen2"\n{text}', encoding="utf-8")
        for words in (["sample", area], ["run", area, "--month", "2021-12", "--only", PAGE, "--output", folder]):
            done = sendanalysis(*words)
            assert (done.returncode, done.stderr) == (0, ""), done.stderr

    return once("sen2_page", make) / "area" / "2021-12"


@pytest.fixture
def page(published):
    return (published / f"{PAGE}.html").read_text(encoding="utf-8")


def test_headline_and_table_say_the_same(published, page):
    manifest = json.loads((published / "manifest.json").read_text(encoding="utf-8"))
    (said,) = [row["headline"] for row in manifest["briefings"] if row["href"] == f"{PAGE}.html"]
    share, n, of = re.search(r"(\d+\.\d)% of new plans came within 20 weeks \((\d+) of (\d+) plans\)", said).groups()
    assert float(share) == pytest.approx(100 * int(n) / int(of), abs=0.05)
    rows = (published / "tables" / "sen2_in_time.csv").read_text(encoding="utf-8-sig")
    assert f",2021-01-01,2021-12-31,{n},{of}," in rows


def test_the_title_of_the_waits_is_what_their_table_says(published, page):
    days = re.search(r"half had a plan within (\d+) days", page).group(1)
    assert f"all,50,{days}," in (published / "tables" / "sen2_wait_quantiles.csv").read_text(encoding="utf-8-sig")


def test_no_field_that_names_a_child_stands_in_any_file(published):
    names = {"surname", "forename", "personbirthdate", "postcode", "upn", "uniquelearnernumber"}
    held = [
        path for path in published.rglob("*") if path.is_file() and path.suffix in {".csv", ".html", ".json", ".ipynb"}
    ]
    texts = {path.name: path.read_text(encoding="utf-8").casefold() for path in held}
    assert [(name, word) for name, text in texts.items() for word in names if re.search(rf"\b{word}\b", text)] == []


def test_nothing_on_the_page_is_a_hole(page):
    assert not re.search(r">\s*(nan|inf|None|NaT|<NA>)\s*<|No wait is recorded", page)
