"""Exports in the style of six systems, read by finished mappings: the sample's rows, and none lost."""

from __future__ import annotations

import runpy
import shutil
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest

from sendanalysis.inputs.area import check_area, open_area

SOUTHEND = Path(__file__).parents[2] / "data" / "southend"
SYSTEMS = SimpleNamespace(**runpy.run_path(str(Path(__file__).with_name("six_systems.py"))))
WIDE = "advice_requests_wide"
UNDATED = "is empty, so the request cannot be dated and is outside every figure"
GRADED = """
[grades.answer]
scale = ["Inadequate", "Requires improvement", "Good", "Outstanding"]
met = ["Good", "Outstanding"]
not_applicable = ["Not applicable"]

[[rows]]"""


@pytest.fixture
def area(tmp_path):
    """The sample's area without its extracts, but with an inbox."""
    area = Path(shutil.copytree(SOUTHEND, tmp_path / "southend"))
    for extract in (area / "extracts").iterdir():
        extract.unlink()
    (area / "inbox").mkdir()
    (area / "mappings").mkdir()
    return area


def mapped(area, **mappings):
    for table, text in mappings.items():
        (area / "mappings" / f"{table}.toml").write_text(text, encoding="utf-8")


def in_order(tables, contracts):
    """Every table with its rows in the order of their keys."""
    keys = {contract.name: list(contract.key) for contract in contracts if contract.folder == "extracts"}
    return {name: tables[name].sort_values(key).reset_index(drop=True) for name, key in keys.items()}


@pytest.mark.parametrize("graded", [False, True])
def test_the_exports_of_six_systems_are_the_sample_and_no_person_enters(area, graded):
    SYSTEMS.write_exports(area / "inbox", graded=graded)
    mapped(area, **{table: text for table, text in SYSTEMS.MAPPINGS.items() if table != WIDE})
    if graded:
        mapped(area, ehcp_audits=SYSTEMS.MAPPINGS["ehcp_audits"].replace("\n[[rows]]", GRADED, 1))
    sample, (found, faults) = open_area(SOUTHEND), check_area(area)
    assert {fault.problem for fault in faults} == {UNDATED}
    expected, read = (in_order(opened.tables, opened.contracts) for opened in (sample, found))
    for name, rows in expected.items():
        pd.testing.assert_frame_equal(read[name], rows)
    said = {str(cell) for rows in read.values() for name in rows for cell in rows[name].dropna().unique()}
    assert not said & {*SYSTEMS.AUDITORS.values(), SYSTEMS.nhs_number("CH0001"), SYSTEMS.upn("CH0001"), "Ben Barlow"}


def test_advice_by_case_is_the_sample_too(area):
    SYSTEMS.write_wide_advice(area / "inbox")
    mapped(area, advice_requests=SYSTEMS.MAPPINGS[WIDE])
    given, found = (check_area(folder)[0].tables["advice_requests"] for folder in (SOUTHEND, area))
    pd.testing.assert_frame_equal(
        *(rows.sort_values("request_id").reset_index(drop=True) for rows in (found, given)), check_like=True
    )
