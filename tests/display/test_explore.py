import datetime as dt
import re

import pandas as pd
import pytest

from sendanalysis.display.explore import SHOWN, explore

HOSTILE = "</td><script>alert(1)</script>"


@pytest.fixture
def rows():
    days = pd.to_datetime(["2021-01-05", "2021-01-20", "2021-03-02", "2021-04-01", None])
    return pd.DataFrame(
        {
            "audit_id": ["A1", "A2", "A3", "A4", "A5"],
            "section": ["B", "F", "F", "B", "B"],
            "auditor_id": ["AUD1", None, "AUD1", "AUD2", "AUD1"],
            "audited_on": days,
        }
    )


@pytest.fixture
def explorer(rows):
    met = pd.Series([True, False, None, True, True], dtype="boolean")
    words = {"share": met, "share_label": "Answers met"}
    return explore(rows, ["section", "auditor_id"], when="audited_on", until=dt.date(2021, 3, 31), **words)


def ids(explorer):
    return re.findall(r">(A\d)<", explorer.table.value)


def test_rows_up_to_the_data_date_are_counted_and_blanks_are_outside_the_share(explorer):
    assert "3 of 3 rows. Answers met: 1 of 2 (50.0%)." in explorer.summary.value
    assert ids(explorer) == ["A1", "A2", "A3"]


def test_choosing_a_value_counts_draws_and_lists_its_rows_alone(explorer):
    explorer.lists["section"].value = "F"
    assert "2 of 3 rows. Answers met: 0 of 1 (0.0%)." in explorer.summary.value
    assert ids(explorer) == ["A2", "A3"]
    spec = explorer.picture.children[0].spec
    assert [row["Value"] for row in spec["datasets"][spec["data"]["name"]]] == [
        "0.0%",
        "not available",
        "not available",
    ]


def test_blanks_can_be_chosen_like_any_value(explorer):
    explorer.lists["auditor_id"].value = "(blank)"
    assert ids(explorer) == ["A2"]


def test_a_period_is_chosen_by_month(explorer):
    assert [label for label, _ in explorer.months.options] == ["Jan 2021", "Feb 2021", "Mar 2021"]
    explorer.months.index = (1, 2)
    assert ids(explorer) == ["A3"]


def test_picking_a_month_in_the_chart_lists_the_rows_behind_it(explorer):
    told = {"picked": {"value": {"vlPoint": {"or": [{"row": 0}]}}, "store": []}}
    explorer.picture.children[0].set_state({"_vl_selections": told})
    assert ids(explorer) == ["A1", "A2"]
    explorer.lists["section"].value = "B"
    assert ids(explorer) == ["A1"]


def test_a_choice_without_rows_says_so_and_can_be_undone(explorer):
    explorer.lists["section"].value, explorer.lists["auditor_id"].value = "B", "(blank)"
    assert "0 of 3 rows. Answers met: 0 of 0 (not available)." in explorer.summary.value
    assert "No row is chosen." in explorer.table.value
    assert explorer.picture.children == ()
    explorer.lists["section"].value = "F"
    assert len(explorer.picture.children) == 2


def test_without_a_day_rows_are_counted_by_the_first_filter(rows):
    explorer = explore(rows, ["section"])
    spec = explorer.picture.children[0].spec
    assert [(row["Where"], row["Value"]) for row in spec["datasets"][spec["data"]["name"]]] == [("B", "3"), ("F", "2")]


def test_a_long_extract_is_counted_whole_and_listed_in_part():
    explorer = explore(pd.DataFrame({"section": ["B"] * 1_000}), ["section"])
    assert f"The first {SHOWN} of 1,000 rows" in explorer.table.value
    assert "1,000 of 1,000 rows." in explorer.summary.value


def test_no_rows_at_all_are_no_error(rows):
    assert "0 of 0 rows." in explore(rows.head(0), ["section"], when="audited_on").summary.value


def test_text_from_rows_is_escaped_and_a_saved_notebook_holds_none_of_it(rows):
    explorer = explore(rows.assign(section=HOSTILE), ["auditor_id", "section"])
    assert "<script" not in explorer.table.value
    saved = explorer._repr_mimebundle_()["text/plain"]
    assert len(saved) < 120
    assert "A1" not in saved
