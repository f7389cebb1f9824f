"""Intervals hold the truth as often as they say, and the table of error rates is the one that the command prints."""

import re
import runpy
from pathlib import Path

import pytest
from scipy import stats

ROOT = Path(__file__).parents[1]
TOOL = runpy.run_path(str(ROOT / "tools" / "error_rates.py"))
TOO_WIDE = (", no others known", "about 1")  # sizes: a first month's few plans; counts of hardly any


@pytest.fixture(scope="module")
def printed():
    return TOOL["rows"](100)


@pytest.fixture(scope="module")
def written():
    text = (ROOT / "notebooks" / "METHODS.md").read_text("utf-8").split(TOOL["BEGIN"])[1].split(TOOL["END"])[0]
    cells = [re.split(r" *\| *", line.strip("| ")) for line in text.strip().splitlines()[2:]]
    return [TOOL["Row"](*names, int(wrong), int(of)) for *names, wrong, of, _ in cells]


def test_the_table_has_the_rows_that_the_command_prints(printed, written):
    assert [row[:3] for row in written] == [row[:3] for row in printed]


def test_no_interval_is_wrong_more_than_seven_times_in_a_hundred(printed, written):
    intervals = [row for row in [*printed, *written] if row.statement.startswith("interval: ")]
    assert [row for row in intervals if row.wrong > stats.binom.ppf(0.9999, row.of, 0.07)] == []


def test_only_the_intervals_named_are_wrong_less_than_three_times_in_a_hundred(written):
    exact = [row for row in written if row.statement.startswith("interval: ") and not row.size.endswith(TOO_WIDE)]
    assert len(exact) > 60
    assert [row for row in exact if row.wrong < stats.binom.ppf(0.0001, row.of, 0.03)] == []


def test_rose_and_fell_are_wrong_at_most_once_in_twenty_times(printed, written):
    verdicts = [row for row in [*printed, *written] if row.statement.startswith("verdict: ")]
    assert len(verdicts) > 50
    assert [row for row in verdicts if row.wrong > stats.binom.ppf(0.9999, row.of, 0.05)] == []
    assert [row for row in written if row.statement.startswith("verdict: ") and row.wrong > 0.05 * row.of] == []


def test_a_change_of_provider_and_a_stalled_backlog_are_told_for_what_they_are(written):
    assert {row.truth: row.wrong for row in written if row.statement.startswith("list: ")} == {
        "a change of provider": 0,
        "a stalled backlog": 0,
    }
