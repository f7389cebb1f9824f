import shutil
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from sendanalysis.errors import InputError
from sendanalysis.measures.explored import explored
from sendanalysis.release import open_release

AREA = Path(__file__).parents[2] / "data" / "southend"
MONTHS = ("2021-12", "2022-03")


@pytest.fixture(scope="module")
def releases():
    return {month: open_release(AREA, month) for month in MONTHS}


def marked(found):
    return found.rows[found.rows["in_headline"] == "yes"]


@pytest.mark.parametrize("month", MONTHS)
@pytest.mark.parametrize("page", ["advice", "autism", "quality"])
def test_the_rows_in_the_headline_are_as_many_as_it_counts(releases, month, page):
    found, figure = releases[month].explored(page), releases[month].lead(page)
    rows = marked(found)
    assert (len(rows), (rows["met"] == "yes").sum()) == (figure.of, figure.n) == (found.of, found.n)
    assert figure.of > 50
    assert not found.rows.duplicated().any()


@pytest.mark.parametrize("month", MONTHS)
def test_the_plans_actions_add_up_to_its_statuses(releases, month):
    found, counts = releases[month].explored("actions"), releases[month].table("actions_by_status")
    by_status = counts.set_index("status")["actions_n"]
    assert found.rows["state"].value_counts().to_dict() == by_status[by_status > 0].to_dict()
    assert (found.of, found.n) == (by_status.sum(), by_status["Blue"] + by_status["Blue late"])
    assert (marked(found)["met"] == "yes").sum() == found.n


def test_the_peer_reviews_actions_add_up_to_its_statuses(releases):
    found, counts = releases["2022-03"].explored("peer_review"), releases["2022-03"].table("peer_review_by_status")
    by_status = counts[counts["in_headline"] == "yes"].set_index("status")["actions_n"]
    assert marked(found)["state"].value_counts().to_dict() == by_status[by_status > 0].to_dict()
    assert (found.n, found.of) == (by_status["Completed"] + by_status["Completed late"], by_status.sum()) == (33, 86)


@pytest.mark.parametrize("month", MONTHS)
def test_open_and_overdue_rows_are_as_many_as_the_page_counts_by_giver(releases, month):
    found, figures = releases[month].explored("advice"), releases[month].figures("advice_overdue")
    rows = found.rows[
        found.rows["state"].eq("open and overdue") & found.rows["sector"].isin(["education", "health", "care"])
    ]
    assert len(rows) == figures.loc[figures["group"] == "all", "n"].sum() > 20
    by_giver = figures[figures["group"] != "all"].assign(giver=lambda table: table["group"].str.split(" · ").str[1])
    counted = by_giver.groupby("giver")["n"].sum()
    assert rows["giver"].value_counts().to_dict() == {giver: counted[giver] for giver in set(rows["giver"])}


def test_days_overdue_run_from_the_due_date_to_the_return_or_the_data_date(releases):
    rows = releases["2022-03"].explored("advice").rows
    day = pd.Timestamp(releases["2022-03"].period.data_date)
    still_out, late = rows[rows["state"] == "open and overdue"], rows[rows["state"] == "late"]
    some = still_out[still_out["due_on"] < day]
    assert ((day - some["due_on"]).dt.days == some["days_overdue"]).all()
    assert ((late["returned_on"] - late["due_on"]).dt.days == late["days_overdue"]).all()
    assert rows.loc[rows["state"] == "on time", "days_overdue"].isna().all()
    assert len(some) > 20
    assert len(late) > 20


def test_another_reading_is_reconciled_by_its_own_headline():
    release = open_release(AREA, "2022-03", choices="advice.unit=child autism.clear_rule=net")
    children, backlog = release.explored("advice"), release.explored("autism")
    assert marked(children)["child_id"].nunique() == children.of < len(marked(children))
    assert children.counted == "children"
    assert (len(marked(backlog)), backlog.n) == (backlog.of, release.lead("autism").n)
    assert backlog.of < 282


@pytest.mark.parametrize("page", ["survey", "context"])
def test_pages_whose_headline_counts_no_single_rows_say_no_count(releases, page):
    found = releases["2022-03"].explored(page)
    assert (found.n, found.of) == (None, None)
    assert len(found.rows) > 5
    assert set(found.by) <= set(found.rows)


@pytest.mark.parametrize("page", ["quality", "autism", "survey", "advice", "actions", "peer_review", "context"])
@pytest.mark.parametrize("month", MONTHS)
def test_every_view_that_is_shipped_asks_for_columns_that_there_are(releases, month, page):
    found = releases[month].explored(page)
    for view in found.shipped:
        assert {*view.filters, *(column for column, _ in view.sort)} <= set(found.rows)
        assert {name: isinstance(wanted, list) for name, wanted in view.filters.items()} == {
            name: name in found.listed for name in view.filters
        }


@pytest.mark.parametrize("audience", ["partner", "public"])
@pytest.mark.parametrize("page", ["advice", "actions"])
def test_no_reader_outside_is_given_rows(audience, page):
    with pytest.raises(InputError, match=f"rows of {page} are for the internal audience alone, not for {audience}"):
        open_release(AREA, "2022-03", audience).explored(page)


def test_a_page_without_rows_is_told(releases):
    with pytest.raises(InputError, match=r"there are no rows of 'kpi'. Pages are: quality, autism, "):
        explored(releases["2022-03"], "kpi")


def test_a_workbook_is_for_its_owner_alone_outside_git_and_runs_no_formula(tmp_path):
    area = tmp_path / "southend"
    shutil.copytree(AREA, area)
    found = open_release(area, "2022-03").explored("advice")
    rows = pd.DataFrame({"Giver": ["=1+1", "Health"], "Due": pd.to_datetime(["2022-03-01", None]), "-Days": [3, 4]})
    first, second = found.export(rows), found.export(rows)
    assert [path.name for path in (first, second)] == ["advice_2022-03_1.xlsx", "advice_2022-03_2.xlsx"]
    assert first.parent == area / "internal"
    assert [oct(path.stat().st_mode & 0o777) for path in (first, first.parent)] == ["0o600", "0o700"]
    assert (area / "internal" / ".gitignore").read_text("utf-8") == "*\n"
    sheet = openpyxl.load_workbook(first)["advice"]
    assert [cell.value for cell in sheet[1]] == ["Giver", "Due", "'-Days"]
    assert [cell.value for cell in sheet["A"][1:]] == ["'=1+1", "Health"]
    assert sheet["B2"].is_date
    assert "f" not in {cell.data_type for row in sheet.rows for cell in row}
