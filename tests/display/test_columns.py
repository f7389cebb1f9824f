"""One table says of every released column what it is called and what it holds."""

import csv
import shutil
from collections import Counter
from functools import cache
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest

from sendanalysis.display.columns import COLUMNS, ROLES, group_in_words, heading, label, unit
from sendanalysis.inputs.sample_sen2 import sample_cases, write_sen2
from sendanalysis.release import open_release

DATA = Path(__file__).parents[2] / "data"
AREAS = ("southend", "wexmoor")
INSTEAD = {"kpi_id", "lower", "upper"}  # stands for the name beside it, or is one end of what is shown as one
OF_A_CHART = {"mean", "point_type"}  # what `Release.control` adds to a series
HOUSE_UNITS = {"", "%", "days", "weeks", "months", "points"}


@cache
def released(area):
    return {name: list(table.columns) for name, table in open_release(DATA / area).tables().items()}


@pytest.mark.parametrize("area", AREAS)
def test_every_column_of_every_released_table_is_explained(area):
    unknown = {name: [c for c in columns if c not in COLUMNS] for name, columns in released(area).items()}
    assert {name: columns for name, columns in unknown.items() if columns} == {}


def test_no_column_is_explained_that_is_released_nowhere(tmp_path):
    area = Path(shutil.copytree(DATA / "southend", tmp_path / "area"))
    settings = area / "area.toml"
    settings.write_text(f'sen2 = "sen2"\n{settings.read_text(encoding="utf-8")}', encoding="utf-8")
    write_sen2(area / "sen2", sample_cases(np.random.default_rng(1), 40))
    used = {column for place in (*AREAS, area) for columns in released(place).values() for column in columns}
    assert set(COLUMNS) - used - OF_A_CHART == set()


@pytest.mark.parametrize("area", AREAS)
def test_no_table_has_two_columns_of_one_heading_but_the_ends_of_an_interval(area):
    for name, columns in released(area).items():
        heads = Counter(heading(column) for column in columns if column not in INSTEAD)
        assert [head for head, times in heads.items() if times > 1] == [], name


def test_every_column_is_explained_once_with_a_label_a_known_unit_and_role_and_a_meaning():
    lines = files("sendanalysis.display").joinpath("columns.csv").read_text("utf-8").splitlines()
    rows = list(csv.reader(lines))
    assert rows[0] == ["column", "label", "unit", "role", "meaning"]
    assert [name for name, times in Counter(row[0] for row in rows).items() if times > 1] == []
    for column in COLUMNS.values():
        assert column.label[:1].strip(), column
        assert column.meaning.strip(), column
        assert column.unit in HOUSE_UNITS, column
        assert column.role in ROLES, column


def test_a_column_that_ends_in_a_unit_has_it_and_one_that_counts_has_the_role():
    endings = {"_pct": "%", "_days": "days", "_weeks": "weeks", "_months": "months", "_points": "points"}
    for name, column in COLUMNS.items():
        ending = next((found for found in endings if name.endswith(found)), "")
        assert not ending or column.unit == endings[ending], name
        assert not (name.endswith("_n") and column.role not in {"count", "derived"}), name


@pytest.mark.parametrize(
    ("name", "words", "sign"),
    [("value", "Figure", ""), ("pct", "Share", "%"), ("auditor_id", "Auditor ID", "")],
)
def test_a_label_and_a_unit_come_from_the_table_or_else_from_the_name(name, words, sign):
    assert (label(name), unit(name)) == (words, sign)


@pytest.mark.parametrize(
    ("group", "words"),
    [
        ("all", "All"),
        ("parent_carer", "Parents and carers"),
        ("2020/21 · POET · cyp", "2020/21 · POET · young people"),
        ("F · F3", "F · F3"),
        ("", ""),
    ],
)
def test_a_group_is_named_part_by_part(group, words):
    assert group_in_words(group) == words
