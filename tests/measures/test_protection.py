"""What partners and the public are shown of the areas that come with the project, and what they could work out."""

from functools import cache

import numpy as np
import pandas as pd
import pytest

from sendanalysis.measures.audited import audited
from sendanalysis.measures.cells import SHOWN, cells_of
from sendanalysis.measures.figures import HIDDEN
from sendanalysis.measures.kept import Kept, windows_of
from sendanalysis.measures.scorecard import NOT_SHOWN
from sendanalysis.release import open_release as opened_anew

AUDIENCES = ("partner", "public")
open_release = cache(opened_anew)  # what is protected once is asked by several tests
VALUES = ["value", "lower", "upper"]


@pytest.fixture(
    scope="module",
    params=[(area, audience) for area in ("southend", "wexmoor") for audience in AUDIENCES],
    ids="-".join,
)
def protected(request):
    area, audience = request.param
    return open_release(f"data/{area}", "", audience), open_release(f"data/{area}")


def test_no_small_count_can_be_worked_out_and_what_is_shown_is_as_the_rule_has_it(protected):
    release, exact = protected
    found = audited(release)
    assert found["recoverable_n"].sum() == 0
    assert found["small_n"].sum() > 0
    for name in exact.measures:
        shown, whole = release.figures(name), exact.figures(name).reindex(release.figures(name).index)
        hidden = shown["state"] == HIDDEN
        assert shown.loc[hidden, VALUES].isna().all(axis=None)
        assert (shown["n"].isna() | shown["of"].isna() | whole["of"].isna())[hidden].all()
        rule = release.rule(name)
        assert not shown["n"].between(1, rule.threshold - 1).any()
        seen = shown["n"].notna()
        assert (shown.loc[seen, "n"] % rule.round_to == 0).all()
    for kpi_id, figure in release.kpis.items():
        assert figure.status in {exact.kpis[kpi_id].status, NOT_SHOWN}


@pytest.mark.parametrize("audience", AUDIENCES)
def test_forms_that_are_hidden_in_one_table_are_hidden_beside_those_invited_too(audience):
    release = open_release("data/southend", "", audience)
    alone, beside = (release.figures(name).set_index("group")["n"] for name in ("survey_by_round", "survey_response"))
    assert alone.isna().any()
    assert alone[alone.isna()].index.equals(beside[beside.isna()].index)


def test_a_count_that_is_no_sum_of_rows_is_that_of_the_rows_which_count_as_many_to_the_same_day():
    forms = pd.DataFrame({"form_id": [f"F{i}" for i in range(8)], "on": pd.Timestamp("2021-09-14"), "met": True})
    invited = pd.DataFrame({"on": [pd.Timestamp("2021-12-31")], "met": [True]})
    columns = ["group", "window", "first_on", "last_on", "n", "of", "value"]
    figures, kept = {}, {"forms": Kept(), "rates": Kept()}
    for name, first, of, value, rows in (
        ("forms", "2021-09-14", np.nan, 8.0, forms),
        ("rates", "2021-12-31", 40.0, 20.0, invited),
    ):
        one = ("cyp", "to date", pd.Timestamp(first), pd.Timestamp("2021-12-31"), 8.0, of, value)
        figures[name] = pd.DataFrame([one], columns=columns)
        kept[name](windows_of(figures[name])[0], "cyp", rows, rows)
    found = cells_of(kept, figures)
    counts = dict(zip(found.cells, found.table.toarray() * found.sizes, strict=True))
    assert (counts["rates", 0, "n"] == counts["forms", 0, "n"]).all()
    assert counts["rates", 0, "n"].sum() == 8


@pytest.mark.parametrize("audience", AUDIENCES)
def test_a_question_does_not_give_away_the_hidden_count_of_its_section(audience):
    """Answers No of all questions of a section and those met add up to the whole: none is hidden beside the others."""
    release = open_release("data/southend", "", audience)
    asked = {"window": release.measures["quality"].window, "months": 1}
    sections, missed = (release.figures(f"quality_by_{name}", **asked) for name in ("section", "question"))
    missed = missed.assign(section=missed["group"].str.split(" · ").str[0])
    assert missed["n"].notna().any()
    for row in sections[sections["n"].isna() & sections["of"].notna()].to_dict("records"):
        own = missed.loc[missed["section"] == row["group"], "n"]
        assert own.isna().any() or release.rule("quality").round_to > 1, row["group"]


def test_rows_are_told_apart_by_one_id_in_all_measures_of_a_table():
    answers = pd.DataFrame(
        {"audit_id": ["A1", "A1", "A2", "A2"], "on": pd.Timestamp("2021-12-01"), "met": [True, False, True, True]}
    )
    first = answers.iloc[[0, 2]]  # of one question, so that each audit stands in one row
    columns, day = ["group", "window", "first_on", "last_on", "n", "of", "value"], pd.Timestamp("2021-12-31")
    figures = {
        "sections": pd.DataFrame([("A", "month", day.replace(day=1), day, 3.0, 4.0, 75.0)], columns=columns),
        "questions": pd.DataFrame([("A1", "month", day.replace(day=1), day, 2.0, 2.0, 100.0)], columns=columns),
    }
    kept = {"sections": Kept(), "questions": Kept()}
    for name, group, rows in (("sections", "A", answers), ("questions", "A1", first)):
        kept[name](windows_of(figures[name])[0], group, rows, rows)
    found = cells_of(kept, figures)
    counts = dict(zip(found.cells, found.table.toarray() * found.sizes, strict=True))
    assert (counts["questions", 0, "n"] <= counts["sections", 0, "n"]).all()
    assert counts["questions", 0, "n"].sum() == 2


def test_children_on_a_list_and_in_a_cohort_are_the_same_ones():
    """A list has rows by referral and a cohort by child: who left the one left the other, referred twice or not."""
    referrals = pd.DataFrame({"referral_id": ["R1", "R2", "R3"], "child_id": ["C1", "C1", "C2"]})
    referrals = referrals.assign(on=pd.Timestamp("2021-12-01"), met=True)
    cohort = referrals[["child_id", "on", "met"]].drop_duplicates("child_id").reset_index(drop=True)
    columns, day = ["group", "window", "first_on", "last_on", "n", "of", "value"], pd.Timestamp("2021-12-31")
    figures, kept = {}, {"list": Kept(), "cohort": Kept()}
    for name, n, rows in (("list", 3.0, referrals), ("cohort", 2.0, cohort)):
        figures[name] = pd.DataFrame([("all", "day", day, day, n, np.nan, n)], columns=columns)
        kept[name](windows_of(figures[name])[0], "all", rows, rows)
    found = cells_of(kept, figures)
    counts = dict(zip(found.cells, found.table.toarray() * found.sizes, strict=True))
    assert sorted(counts["list", 0, "n"]) == [1, 2]
    assert counts["cohort", 0, "n"].tolist() == [1, 1]


def test_children_who_have_one_request_each_are_counted_with_their_requests():
    """Who reads of 12 children asked about, each once, reads of 12 requests; children of several are told apart."""
    requests = pd.DataFrame({"request_id": ["R1", "R2", "R3"], "child_id": ["C1", "C1", "C2"]})
    requests = requests.assign(on=pd.Timestamp("2021-12-01"), met=[True, False, True])
    columns, day = ["group", "window", "first_on", "last_on", "n", "of", "value"], pd.Timestamp("2021-12-31")
    figures, kept, held = {}, {"requests": Kept(), "children": Kept()}, {"all": requests, "care": requests.iloc[1:]}
    for name, counts in (("requests", {"all": (2, 3), "care": (1, 2)}), ("children", {"all": (1, 2), "care": (1, 2)})):
        rows = [(group, "month", day.replace(day=1), day, *own, 100 * own[0] / own[1]) for group, own in counts.items()]
        figures[name] = pd.DataFrame(rows, columns=columns)
        for window, group in zip(windows_of(figures[name]), counts, strict=True):
            kept[name](window, group, held[group], held[group])
    found = cells_of(kept, figures)
    at = {cell: number for number, cell in enumerate(found.cells)}
    alike = [
        (found.table[[at["requests", row, "of"]]] - found.table[[at["children", row, "of"]]]).nnz == 0 for row in (0, 1)
    ]
    assert alike == [False, True]


def test_all_who_left_the_list_do_not_give_away_how_few_left_the_cohort_unassessed():
    """Hidden counts of those who left, 1 each at least, cannot be held below the threshold by what the list lost."""
    release = open_release("data/southend", "2021-10", "partner")
    rule, last = release.rule("autism_by_state"), pd.Timestamp("2021-05-31")
    added, there = release.figures("autism_added"), release.figures("autism_list").set_index("last_on")["n"]
    came = added[added["group"].eq("all") & added["window"].eq("month")].set_index("last_on")["n"]
    states = release.figures("autism_by_state").set_index(["group", "last_on"])["n"]
    cohort = release.figures("autism").set_index("last_on")
    months = [pd.Timestamp("2021-04-30"), last]
    lost = cohort.loc[last, "of"] + came.reindex(months).sum(skipna=False) - there[last]
    left = lost - states["assessed", last]
    unassessed = ("declined", "moved away", "referral error", "did not attend", "reason unknown")
    hidden = [name for name in unassessed if np.isnan(states[name, last])]
    assert hidden
    assert np.isnan(left) or left - (len(hidden) - 1) >= rule.threshold


@pytest.mark.parametrize("audience", AUDIENCES)
def test_what_a_deadline_required_of_a_cohort_whose_size_is_shown_is_shown_too(audience):
    release = open_release("data/southend", "", audience)
    table, whole = release.table("autism_burn_down"), release.figures("autism_by_state", window="day")["of"].max()
    assert table["exits_n"].isna().any()
    assert table.loc[table["day"].eq("2021-03-31"), ["required_1_n", "required_2_n"]].eq(whole).all(axis=None)


def test_a_mean_or_median_of_rounded_counts_is_no_other_than_the_exact_one():
    shown = open_release("data/wexmoor", "", "public").figures("weeks_to_plan", window="day")
    whole = open_release("data/wexmoor").figures("weeks_to_plan", window="day")
    both = shown["value"].notna()
    assert (shown["value"] - whole["value"])[both].abs().le(0.5).all()


def test_what_a_window_adds_to_the_one_before_is_a_count_of_its_own():
    kept = Kept()
    days = pd.to_datetime(["2021-12-01"] * 9 + ["2022-01-09"] * 2)
    ledger = pd.DataFrame({"case_id": [f"C{i}" for i in range(11)], "on": days, "met": True})
    figures = pd.DataFrame(
        [("all", "to date", day, n, np.nan, n) for day, n in (("2021-12-31", 9), ("2022-01-31", 11))],
        columns=["group", "window", "last_on", "n", "of", "value"],
    ).assign(first_on=pd.Timestamp("2021-09-01"))
    figures["last_on"] = pd.to_datetime(figures["last_on"])
    for window in windows_of(figures):
        rows = ledger[ledger["on"] <= pd.Timestamp(window.last)]
        kept(window, "all", rows, rows)
    found = cells_of({"forms": kept}, {"forms": figures})
    counts = dict(zip(found.cells, found.table @ found.sizes, strict=True))
    assert [count for cell, count in counts.items() if cell.part not in SHOWN] == [2]


@pytest.mark.parametrize("audience", AUDIENCES)
def test_a_month_before_any_figure_is_supplied_by_hand_has_none_and_is_protected_like_any_other(audience):
    release = open_release("data/wexmoor", "2023-02", audience)
    supplied = release.figures("recorded")
    assert supplied.empty
    assert supplied.dtypes["value"] == np.float64
    assert audited(release)["recoverable_n"].sum() == 0
