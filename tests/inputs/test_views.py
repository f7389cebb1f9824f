import json
import shutil
from pathlib import Path

import pytest

from sendanalysis.errors import InputError
from sendanalysis.inputs.area import check_area
from sendanalysis.inputs.views import View, read_views, save_view

AREA = Path(__file__).parents[2] / "data" / "southend"
COLUMNS = {"giver": True, "days_overdue": False, "due_on": False}
VIEW = View(
    "Health, over four weeks",
    {"giver": ["Health"], "days_overdue": {"greater": "28"}},
    "REQ01",
    (("days_overdue", "desc"),),
    "giver",
)


def test_a_view_is_read_as_it_was_saved_for_its_page_alone(tmp_path):
    save_view(tmp_path, "advice", VIEW)
    save_view(tmp_path, "actions", View("Mine"))
    assert read_views(tmp_path, "advice", COLUMNS) == [VIEW]
    assert read_views(tmp_path, "quality", COLUMNS) == []
    assert [path.name for path in tmp_path.iterdir()] == ["views.json"]


def test_a_view_takes_the_place_of_the_one_of_its_name(tmp_path):
    for search in ("one", "two"):
        save_view(tmp_path, "advice", View("Mine", search=search))
    assert [view.search for view in read_views(tmp_path, "advice", COLUMNS)] == ["two"]


def test_a_file_written_by_hand_needs_no_more_than_names(tmp_path):
    (tmp_path / "views.json").write_text('{"advice": [{"name": "All of it"}]}', "utf-8")
    assert read_views(tmp_path, "advice", COLUMNS) == [View("All of it")]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"advice": [\n{"name": "A",}]}', "views.json line 2: this is not JSON: "),
        ("[]", "views.json: it holds no pages with their views."),
        ('{"advice": {}}', "views.json, advice: this is no list of views."),
        ('{"advice": [{}]}', "views.json, advice, view 1: it has no name."),
        ('{"advice": [{"name": "A"}, {"name": "A"}]}', "views.json, advice: two views are called 'A'."),
        ('{"advice": [{"name": "A", "filter": {}}]}', "views.json, advice, view 1: 'filter' is no part of a view."),
        ('{"advice": [{"name": "A", "sort": ["giver"]}]}', "view 1: 'sort' is not written as Explore writes it."),
        ('{"advice": [{"name": "A", "search": 3}]}', "view 1: 'search' is not written as Explore writes it."),
        ('{"advice": [{"name": "A", "by": "owner"}]}', "view 1: there is no column 'owner'. Columns are: giver, days_"),
        ('{"advice": [{"name": "A", "filters": {"giver": {"equal": "B"}}}]}', "view 1: 'giver' is filtered by a list "),
        ('{"advice": [{"name": "A", "filters": {"due_on": ["B"]}}]}', "view 1: 'due_on' is filtered by one comparison"),
    ],
)
def test_a_broken_file_is_refused_with_one_line_and_stays_as_it_was(tmp_path, text, said):
    (tmp_path / "views.json").write_text(text, "utf-8")
    with pytest.raises(InputError) as refused:
        read_views(tmp_path, "advice", COLUMNS)
    assert said in str(refused.value)
    assert "\n" not in str(refused.value)
    assert (tmp_path / "views.json").read_text("utf-8") == text


def test_what_cannot_be_read_is_not_written_over(tmp_path):
    (tmp_path / "views.json").write_bytes(b'{"advice": "\xff"}')
    with pytest.raises(InputError, match="it is not UTF-8"):
        save_view(tmp_path, "advice", VIEW)


def test_what_explore_keeps_is_no_extract_and_no_fault_of_the_area(tmp_path):
    area = tmp_path / "southend"
    shutil.copytree(AREA, area)
    before, faults = check_area(area)
    save_view(area, "advice", VIEW)
    (area / "internal").mkdir()
    (area / "internal" / "advice_2022-03_1.xlsx").write_bytes(b"no workbook")
    after, found = check_area(area)
    assert found == faults
    assert after.sources == before.sources
    assert json.loads((area / "views.json").read_text("utf-8"))["advice"][0]["name"] == VIEW.name
