"""The briefing of the SEN2 return, made by the command for an area that names one."""

import json
import re
import shutil
from pathlib import Path

import numpy as np
import pytest

from sendanalysis.inputs.sample_sen2 import sample_cases, write_sen2
from sendanalysis.release import open_release

ROOT = Path(__file__).parents[1]
PAGE = "08_plan_timeliness"


@pytest.fixture
def page(sen2_publication):
    return (sen2_publication / f"{PAGE}.html").read_text(encoding="utf-8")


def test_headline_and_table_say_the_same(sen2_publication, page):
    manifest = json.loads((sen2_publication / "manifest.json").read_text(encoding="utf-8"))
    (said,) = [row["headline"] for row in manifest["briefings"] if row["href"] == f"{PAGE}.html"]
    share, n, of = re.search(r"(\d+\.\d)% of new plans came within 20 weeks \((\d+) of (\d+) plans\)", said).groups()
    assert float(share) == pytest.approx(100 * int(n) / int(of), abs=0.05)
    rows = (sen2_publication / "tables" / "sen2_in_time.csv").read_text(encoding="utf-8-sig")
    assert f",2021-01-01,2021-12-31,{n},{of}," in rows


def test_the_title_of_the_waits_is_what_their_table_says(sen2_publication, page):
    days = re.search(r"half had a plan within (\d+) days", page).group(1)
    assert f"all,50,{days}," in (sen2_publication / "tables" / "sen2_wait_quantiles.csv").read_text(
        encoding="utf-8-sig"
    )


def test_no_field_that_names_a_child_stands_in_any_file(sen2_publication):
    names = {"surname", "forename", "personbirthdate", "postcode", "upn", "uniquelearnernumber"}
    held = [
        path
        for path in sen2_publication.rglob("*")
        if path.is_file() and path.suffix in {".csv", ".html", ".json", ".ipynb"}
    ]
    texts = {path.name: path.read_text(encoding="utf-8").casefold() for path in held}
    assert [(name, word) for name, text in texts.items() for word in names if re.search(rf"\b{word}\b", text)] == []


def test_nothing_on_the_page_is_a_hole(page):
    assert not re.search(r">\s*(nan|inf|None|NaT|<NA>)\s*<|No wait is recorded", page)


def test_partners_are_shown_the_share_of_the_year_though_no_kpi_of_the_plan_asks_for_it(tmp_path):
    area = Path(shutil.copytree(ROOT / "data" / "southend", tmp_path / "area"))
    settings = area / "area.toml"
    settings.write_text(f'sen2 = "sen2"\n{settings.read_text(encoding="utf-8")}', encoding="utf-8")
    write_sen2(area / "sen2", sample_cases(np.random.default_rng(2021), 400))
    exact, shown = (open_release(area, "2021-12", audience) for audience in ("internal", "partner"))
    asked = {"group": "all", "window": "year", "months": 1}
    whole, seen = (release.figures("sen2_in_time", **asked).iloc[0] for release in (exact, shown))
    assert (seen["n"], seen["of"]) == (whole["n"], whole["of"])
    assert shown.figures("sen2_in_time")["n"].isna().any()


def test_a_kpi_of_the_plan_can_name_a_measure_of_the_return(tmp_path):
    area = Path(shutil.copytree(ROOT / "data" / "southend", tmp_path / "area"))
    settings = area / "area.toml"
    settings.write_text(f'sen2 = "sen2"\n{settings.read_text(encoding="utf-8")}', encoding="utf-8")
    write_sen2(area / "sen2", sample_cases(np.random.default_rng(2021), 400))
    with (area / "plan" / "kpis.csv").open("a", encoding="utf-8") as file:
        file.write("IN_TIME,,In 20 weeks,,,,sen2_in_time,all,12 months,percent,higher,55,,,,,Head of SEND,,made up\n")
    with (area / "plan" / "targets.csv").open("a", encoding="utf-8") as file:
        file.write("IN_TIME,,6,60,,,60%,\n")
    release = open_release(area, "2022-03")
    figure, own = release.kpis["IN_TIME"], release.figures("sen2_in_time")
    assert 0 < figure.n < figure.of
    assert figure.value == pytest.approx(100 * figure.n / figure.of)
    assert (figure.baseline, figure.target) == (55, 60)
    assert figure.of in set(own["of"])
