"""What readers can work out by units found by another path: the rows of each child, measured alone."""

import runpy
from pathlib import Path

import pytest

from sendanalysis.release import open_release

BY_CHILD = runpy.run_path(str(Path(__file__).parents[2] / "benchmarks" / "children_alone.py"))
AREA, AUDIENCE, MONTH, TABLE = "data/wexmoor", "partner", "2023-02", "appeals"


@pytest.fixture(scope="module")
def counted(tmp_path_factory):
    editions = BY_CHILD["published"](AREA, AUDIENCE, [MONTH], tmp_path_factory.mktemp("editions"))
    names = BY_CHILD["tables_of"](open_release(AREA, MONTH))[TABLE]
    return editions, BY_CHILD["counts_of"](AREA, TABLE, names, *editions)


def judged(editions, cells, parts):
    rule = open_release(AREA, MONTH, AUDIENCE).rule("open_appeals")
    return dict(zip(BY_CHILD["COLUMNS"], BY_CHILD["judged"](TABLE, [(cells, parts)], editions, rule), strict=True))


def test_nothing_small_can_be_worked_out(counted):
    editions, (cells, parts) = counted
    found = judged(editions, cells, parts)
    assert found["small_n"] > 0
    assert found["recoverable_n"] == 0


def test_what_is_hidden_is_found_once_it_is_told(counted):
    editions, (cells, parts) = counted
    counts = parts.sum(axis=1)
    found = judged(editions, cells.assign(low=counts, high=counts), parts)
    assert found["recoverable_n"] == found["small_n"]
