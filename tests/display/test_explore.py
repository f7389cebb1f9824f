import json
import shutil
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from sendanalysis.display.explore import Explorer, explore, reconciled
from sendanalysis.display.grid import Grid
from sendanalysis.errors import InputError
from sendanalysis.release import View, open_release

AREA = Path(__file__).parents[2] / "data" / "southend"


@pytest.fixture(scope="module")
def area(tmp_path_factory):
    folder = tmp_path_factory.mktemp("areas") / "southend"
    shutil.copytree(AREA, folder)
    return folder


@pytest.fixture(scope="module")
def release(area):
    return open_release(area, "2022-03")


@pytest.fixture
def explorer(release, area):
    (area / "views.json").unlink(missing_ok=True)
    return explore(release, "advice")


def shows(explorer, chosen):
    """As the grid tells it in a browser: the places of the rows that it shows."""
    explorer.grid.shown = [place for place, wanted in enumerate(chosen(explorer.narrowed)) if wanted]


def asks(explorer, **controls):
    """As the grid tells it: what is asked of its columns, and the search."""
    at, plain = explorer.grid.columns.index, {"search": controls.pop("search", "")}
    given = {str(at(name)): {"searchList": words} for name, words in controls.items()}
    explorer.grid.state = {"columnControl": given, "search": plain, "order": []}


def late(rows):
    return rows["state"].eq("open and overdue")


def drawn(explorer):
    spec = explorer.picture.children[0].spec
    return [(row["Where"], row["Value"]) for row in spec["datasets"][spec["data"]["name"]]]


def test_the_rows_are_reconciled_with_the_headline_in_one_sentence(release):
    assert reconciled(release.explored("advice")) == (
        "The headline counts 46 of 68 requests: 68 of these 1,443 rows have “Yes” under In the headline, 46 of them "
        "under Met too."
    )
    assert reconciled(release.explored("survey")) == "Rows as recorded, before the rules of the figures above."
    by_child = open_release(AREA, "2022-03", choices="advice.unit=child").explored("advice")
    assert " children, made of rows: " in reconciled(by_child)


def test_chart_summary_and_rows_follow_what_the_grid_shows(explorer):
    assert "1,443 of 1,443 rows." in explorer.summary.value
    shows(explorer, late)
    counted = explorer.chosen()["giver"].value_counts()
    assert f"{len(explorer.chosen()):,} of 1,443 rows. Met: 0 of" in explorer.summary.value
    assert [int(value) for _, value in drawn(explorer)] == sorted(counted, reverse=True)
    assert explorer.picture.children[0].spec["title"]["text"][0].startswith("Most rows: Health (")


def test_the_share_that_is_met_is_drawn_where_it_is_asked_for(explorer):
    shows(explorer, lambda rows: rows["in_headline"].eq("yes"))
    explorer.by.value, explorer.share.value = "sector", True
    assert drawn(explorer) == [("Education", "70.0%"), ("Care", "68.8%"), ("Health", "63.6%")]


def test_a_column_of_days_is_counted_by_month_with_the_months_between(explorer):
    shows(explorer, lambda rows: rows["due_on"].between("2021-05-01", "2021-06-30") | rows["due_on"].eq("2022-03-02"))
    explorer.by.value = "due_on"
    spec = explorer.picture.children[0].spec
    assert len(spec["datasets"][spec["data"]["name"]]) == 11
    assert spec["title"]["text"] == ["Rows by month"]


def test_a_title_names_all_that_come_first(release):
    explorer = explore(release, "peer_review")
    shows(explorer, lambda rows: rows["state"].eq("Delayed"))
    assert explorer.picture.children[0].spec["title"]["text"] == ["Most rows: PR03 and PR05 (1 each)"]
    assert explorer.picture.children[0].spec["title"]["subtitle"] == ["Rows by recommendation ref."]


def test_joint_owners_are_counted_each(release):
    explorer = explore(release, "actions")
    shows(explorer, lambda rows: rows["in_headline"].eq("yes"))
    owners = [owner for joint in explorer.found.rows["owners"] for owner in joint.split(", ")]
    assert sum(int(value) for _, value in drawn(explorer)) == len(owners) > 12


def test_picking_a_bar_narrows_the_rows_to_its_own_and_leaves_filters_and_chart_as_they_are(explorer):
    explorer.views.value = "Open and overdue"
    shows(explorer, late)
    before, overdue = drawn(explorer), explorer.chosen()
    pick(explorer, 0)
    assert set(explorer.narrowed["giver"]) == {"health"}
    assert explorer.grid.view("").filters["state"] == ["Open and overdue"]
    shows(explorer, late)
    assert f"{before[0][1]} of 1,443 rows" in explorer.summary.value
    assert drawn(explorer) == before
    explorer.picture.children[0].set_state({"_vl_selections": {"picked": {"value": {}, "store": []}}})
    shows(explorer, late)
    assert list(explorer.chosen().index) == list(overdue.index)
    assert drawn(explorer) == before


def test_a_filter_after_a_pick_is_followed_by_the_chart_and_so_is_its_end(explorer):
    shows(explorer, late)
    pick(explorer, 0)
    shows(explorer, lambda rows: rows["days_overdue"] > 100)
    fewer = drawn(explorer)
    assert [place for place, _ in fewer] == ["Health"]
    shows(explorer, late)
    assert int(drawn(explorer)[0][1]) == len(explorer.narrowed) > int(fewer[0][1])


def pick(explorer, row):
    told = {"picked": {"value": {"vlPoint": {"or": [{"row": row}]}}, "store": []}}
    explorer.picture.children[0].set_state({"_vl_selections": told})


def test_a_view_asks_the_grid_and_is_marked_for_as_long_as_it_is_what_is_asked(explorer):
    explorer.views.value = "Open and overdue"
    asked, at = explorer.grid.asked, explorer.grid.columns.index
    assert asked["order"] == [[at("days_overdue"), "desc"]]
    assert asked["columnControl"][str(at("state"))] == {"searchList": ["Open and overdue"]}
    asks(explorer, sector=["Care", "Health", "Education"], state=["Open and overdue"])
    assert explorer.views.value == "Open and overdue"
    asks(explorer, state=["Open and overdue"], search="CH01")
    assert explorer.views.value is None


def test_a_view_is_saved_and_stands_beside_the_others_when_explore_is_opened_again(explorer, release, area):
    asks(explorer, giver=["Health"], search="CH01")
    explorer.by.value = "due_on"
    explorer.save.click()
    assert "Write a name for this view first." in explorer.message.value
    explorer.name.value = "Mine"
    explorer.save.click()
    assert "The view “Mine” is saved in views.json" in explorer.message.value
    assert json.loads((area / "views.json").read_text("utf-8"))["advice"] == [
        {"name": "Mine", "filters": {"giver": ["Health"]}, "search": "CH01", "sort": [], "by": "due_on"}
    ]
    again = explore(release, "advice")
    assert again.views.options == (*(view.name for view in again.found.shipped), "Mine") == explorer.views.options
    again.views.value = "Mine"
    assert (again.grid.asked["search"]["search"], again.by.value) == ("CH01", "due_on")
    assert again.grid.view("Mine").filters == {"giver": ["Health"]}


def test_a_comparison_is_kept_as_it_was_asked(release):
    found = release.explored("actions")
    view = View("Past due", {"days_overdue": {"greater": "28"}, "due_on": {"empty": ""}}, "", (("due_on", "asc"),))
    assert Grid(found.rows, found.listed, view).view("Past due") == view


def test_broken_views_stop_explore_with_one_line_and_are_not_written_over(explorer, release, area):
    (area / "views.json").write_text("{", "utf-8")
    with pytest.raises(InputError, match=r"^views.json line 1: this is not JSON"):
        explore(release, "advice")
    explorer.name.value = "Mine"
    explorer.save.click()
    assert "views.json line 1: this is not JSON" in explorer.message.value
    assert (area / "views.json").read_text("utf-8") == "{"


def test_the_rows_that_are_shown_are_exported_in_their_order_under_their_headings(explorer, area):
    explorer.export.click()
    assert "The rows are not drawn yet." in explorer.message.value
    explorer.grid.shown = [7, 2]
    explorer.export.click()
    path = area / "internal" / "advice_2022-03_1.xlsx"
    assert f"2 rows are in {path}, for you alone." in explorer.message.value
    head, *rows = openpyxl.load_workbook(path)["advice"].iter_rows(values_only=True)
    assert head[:5] == ("Giver", "State", "Days overdue", "Due", "Request ID")
    assert [row[4] for row in rows] == list(explorer.found.rows.loc[[7, 2], "request_id"])


def test_a_choice_without_rows_says_so_and_can_be_undone(explorer):
    explorer.grid.shown = []
    assert "0 of 1,443 rows. Met: 0 of 0 (not available)." in explorer.summary.value
    assert explorer.picture.children == ()
    shows(explorer, late)
    assert len(explorer.picture.children) == 2


def test_a_word_that_is_asked_for_and_stands_in_no_row_can_still_be_asked(release):
    found = release.explored("advice")
    rows = found.rows[~late(found.rows)].reset_index(drop=True)
    view = next(view for view in found.shipped if view.name == "Open and overdue")
    columns = Grid(rows, found.listed, view).get_state()["_dt_args"]["columnDefs"]
    (states,) = (control for column in columns for control in column["columnControl"][1] if "Late" in words_of(control))
    assert "Open and overdue" in words_of(states)


def words_of(control):
    return [option["value"] for option in control.get("options", [])]


def test_no_rows_at_all_are_no_error():
    before = open_release(AREA, "2021-12").explored("peer_review")
    assert before.rows.empty
    assert "0 of 0 rows." in Explorer(before).summary.value


def test_nothing_missing_is_shown_raw_and_a_saved_notebook_holds_no_row(explorer):
    cells = pd.DataFrame(json.loads(explorer.grid.get_state()["_dt_args"]["data_json"])).astype(str)
    assert not cells.isin(["NaN", "NaT", "<NA>", "nan", "None"]).drop(columns=9).any(axis=None)  # an exception's "none"
    assert set(cells[9]) >= {"None"}
    saved = explorer._repr_mimebundle_()["text/plain"]
    assert len(saved) < 120
    assert "REQ" not in saved
