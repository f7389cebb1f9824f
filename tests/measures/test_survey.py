"""Survey participation."""

import datetime as dt
import math

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from sendanalysis.inputs.parameters import Survey
from sendanalysis.measures import survey
from sendanalysis.measures.figures import KNOWN, NOT_KNOWN, NOTHING
from sendanalysis.measures.scorecard import Figure
from sendanalysis.methods.periods import month_end, reporting_period

FORM = "survey_year tool category submitted_on satisfaction response_id"
CHOSEN = Survey(baseline_year="2019/20", target_year="2020/21")
KPIS = {
    "cyp": Figure(baseline=6, target=9),
    "practitioner": Figure(baseline=80, target=120),
    "parent_carer": Figure(baseline=168, next_target=252),
    "all": Figure(baseline=254, target=381),
}
DECEMBER = dt.date(2021, 12, 31)


@pytest.fixture(scope="module")
def forms(table):
    """The tables of an area with some forms and invitations."""

    def made(*rows, invited=()):
        numbered = [(*row, f"R{n}") for n, row in enumerate(rows)]
        return {
            "survey_responses": table(FORM, numbered, satisfaction="Int64"),
            "survey_invitations": table("survey_year tool category invited", invited, invited="Int64"),
        }

    return made


@pytest.fixture(scope="module")
def measure(figures):
    """Figures of one of the measures of the forms."""

    def found(tables, name="survey", month="2021-12", chosen=CHOSEN):
        return figures(survey.measures(chosen), tables, month, name=name)

    return found


@pytest.fixture(scope="module")
def compared(measure):
    """Each survey year and group against the plan's baseline."""

    def found(tables, month="2021-12", kpis=None):
        years = measure(tables, "survey_by_year", month)
        rows = survey.compared(
            KPIS if kpis is None else kpis, years, CHOSEN, month_end(reporting_period(month).data_date)
        )
        return rows.set_index(["survey_year", "group"])

    return found


def nine_young_people():
    return [*[("2020/21", "POET", "cyp", "2021-05-03", 4)] * 9, ("2019/20", "POET", "cyp", "2020-05-03", None)]


def test_the_figure_counts_the_target_year_in_all_tools_with_its_interval(forms, measure, latest):
    row = latest(measure(forms(*nine_young_people(), ("2020/21", "New", "cyp", "2021-06-01", 2))), "cyp")
    assert (row["value"], row["n"], row["window"]) == (10, 10, "to date")
    assert survey.measures(CHOSEN)[0].unit == "participants"
    assert math.isnan(row["of"])
    assert (row["lower"], row["upper"]) == pytest.approx((5.141449, 17.739438), abs=1e-6)


def test_a_form_sent_in_late_counts_in_the_year_it_is_recorded_in_and_is_reported(forms, measure, latest):
    tables = forms(("2020/21", "POET", "parent_carer", "2021-10-01", 5))
    assert latest(measure(tables), "parent_carer")["value"] == 1
    account = survey.accounts(tables, DECEMBER).set_index("what")["rows_n"]
    assert account.filter(like="outside").item() == 1


def test_a_form_after_the_data_date_is_not_there_yet(forms, measure, latest):
    tables = forms(("2020/21", "POET", "cyp", "2022-01-01", 5), ("2020/21", "POET", "cyp", "2021-12-31", 5))
    found = measure(tables)
    assert [latest(found, name)["value"] for name in (*survey.CATEGORIES, "all")] == [1, 0, 0, 1]


def test_six_to_nine_meets_the_target_and_is_still_explained_by_chance(forms, measure, compared, latest):
    tables = forms(*nine_young_people())
    row = compared(tables).loc[("2020/21", "cyp")]
    assert row[["met", "chance_explains", "change", "change_pct"]].tolist() == ["yes", "yes", 3, 50]
    assert row["p_value"] == pytest.approx(0.6072388)
    assert row["baseline"] == 6
    assert latest(measure(tables, "survey_by_year"), "2019/20 · cyp")["value"] == 1


def test_the_pooled_count_is_held_against_the_summed_baseline_and_target(forms, compared):
    row = compared(forms(*nine_young_people())).loc[("2020/21", "all")]
    assert row[["n", "baseline", "target", "met"]].tolist() == [9, 254, 381, "no"]


def test_a_target_that_is_still_to_come_is_compared_with_too(forms, compared):
    assert compared(forms(*nine_young_people())).loc[("2020/21", "parent_carer"), "target"] == 252


def test_a_later_year_has_no_target_and_is_not_compared_before_it_is_over(forms, compared):
    tables = forms(*[("2021/22", "POET", "cyp", "2021-11-01", 4)] * 2)
    early, late = (compared(tables, month).loc[("2021/22", "cyp")] for month in ("2021-12", "2022-08"))
    assert early[["met", "over", "chance_explains"]].tolist() == ["no target", False, "not known"]
    assert math.isnan(early["p_value"])
    assert late[["met", "over", "n"]].tolist() == ["no target", True, 2]
    assert late["p_value"] == pytest.approx(2 * (1 + 8 + 28) / 256)


def test_a_target_missed_while_the_year_runs_is_not_yet_missed(forms, compared):
    tables = forms(("2020/21", "POET", "cyp", "2021-05-03", 4))
    assert compared(tables, "2021-06").loc[("2020/21", "cyp"), "met"] == "not yet"
    assert compared(tables, "2021-08").loc[("2020/21", "cyp"), "met"] == "no"


def test_a_response_rate_needs_as_many_invitations_as_forms(forms, measure):
    tables = forms(
        *[("2020/21", "POET", "cyp", "2021-05-03", 4)] * 5,
        *[("2020/21", "POET", "practitioner", "2021-05-03", 4)] * 5,
        ("2020/21", "POET", "parent_carer", "2021-05-03", 4),
        invited=[
            ("2020/21", "POET", "cyp", 10),
            ("2020/21", "POET", "practitioner", 4),
            ("2020/21", "POET", "parent_carer", None),
            ("2020/21", "New", "cyp", 0),
            ("2020/21", "New", "practitioner", 8),
            ("2022/23", "New", "cyp", 8),
        ],
    )
    rates = measure(tables, "survey_response").set_index("group")
    assert rates["state"].to_dict() == {
        "2020/21 · New · cyp": NOTHING,  # nobody invited
        "2020/21 · New · practitioner": KNOWN,
        "2020/21 · POET · cyp": KNOWN,
        "2020/21 · POET · parent_carer": NOT_KNOWN,  # invitations not known
        "2020/21 · POET · practitioner": NOT_KNOWN,  # more forms than invitations
    }
    assert rates["value"].dropna().to_dict() == {"2020/21 · New · practitioner": 0, "2020/21 · POET · cyp": 50}
    assert rates.loc["2020/21 · POET · cyp", "lower"] == pytest.approx(23.659309, abs=1e-6)
    assert rates.loc["2020/21 · POET · practitioner", ["n", "of"]].tolist() == [5, 4]


def test_satisfaction_is_the_share_scoring_four_or_five_of_those_who_scored(forms, measure):
    tables = forms(*[("2020/21", "POET", "cyp", "2021-05-03", score) for score in (5, 4, 3, None)])
    row = measure(tables, "survey_satisfaction").iloc[0]
    assert (row["n"], row["of"]) == (2, 3)
    assert row["value"] == pytest.approx(200 / 3)
    assert survey.accounts(tables, DECEMBER).set_index("what").loc["satisfaction blank", "rows_n"] == 1


def test_a_group_that_scored_nothing_has_no_satisfaction(forms, measure):
    assert measure(forms(("2020/21", "POET", "cyp", "2021-05-03", None)), "survey_satisfaction").empty


def test_the_cumulative_count_runs_through_months_without_a_form(forms, measure):
    tables = forms(("2020/21", "POET", "cyp", "2021-02-01", 2), ("2020/21", "POET", "cyp", "2021-04-01", 2))
    rows = measure(tables, month="2021-05").query("group == 'cyp' and window == 'to date'")
    assert rows["value"].tolist() == [1, 1, 2, 2]
    assert rows["last_on"].iloc[-1] == pd.Timestamp("2021-05-31")


def test_before_the_first_form_of_the_year_there_is_no_figure_and_tables_are_empty(forms, measure):
    found = measure(forms())
    to_date = found["window"].eq("to date")
    assert found["value"][to_date].isna().all()
    assert found["state"][to_date].eq(NOTHING).all()
    assert found["value"][~to_date].eq(0).all()
    for name in ("survey_by_round", "survey_by_year", "survey_satisfaction", "survey_response"):
        assert measure(forms(), name).empty


def test_no_forms_at_all_are_still_compared_with_the_baseline(forms, compared):
    found = compared(forms(), "2021-12")
    assert found.index.get_level_values(0).unique().tolist() == ["2020/21"]
    assert found["n"].eq(0).all()


def test_a_plan_without_baselines_gives_counts_and_nothing_else(forms, compared):
    found = compared(forms(*nine_young_people()), kpis={})
    assert found["met"].unique().tolist() == ["no target"]
    assert found["chance_explains"].unique().tolist() == ["not known"]
    assert found.loc[("2020/21", "cyp"), "n"] == 9


years, tools = st.sampled_from(["2019/20", "2020/21", "2021/22"]), st.sampled_from(["POET", "New"])
days = st.sampled_from(list(pd.date_range("2020-01-15", "2022-03-15", freq="37D")))
many_forms = st.lists(
    st.tuples(years, tools, st.sampled_from(survey.CATEGORIES), days, st.sampled_from([None, 1, 3, 4, 5])),
    max_size=30,
)


@settings(max_examples=25, deadline=None)
@given(many_forms, st.randoms(use_true_random=False))
def test_row_order_never_matters_and_no_part_exceeds_its_whole(forms, measure, rows, random):
    mixed = random.sample(rows, len(rows))
    for name in (one.name for one in survey.measures(CHOSEN)):
        assert_frame_equal(measure(forms(*rows), name), measure(forms(*mixed), name))
    each = measure(forms(*rows)).pivot_table(index=["window", "last_on"], columns="group", values="value")
    assert (each[list(survey.CATEGORIES)].sum(axis=1) == each["all"]).all()
    satisfied = measure(forms(*rows), "survey_satisfaction")
    assert (satisfied["n"] <= satisfied["of"]).all()
    account = survey.accounts(forms(*rows), DECEMBER).set_index("what")["rows_n"]
    for name in ("survey_by_round", "survey_by_year"):
        assert measure(forms(*rows), name)["value"].sum() == account["forms counted"]


@settings(max_examples=25, deadline=None)
@given(many_forms)
def test_a_later_data_date_never_rewrites_an_earlier_month(forms, measure, rows):
    keys = ["group", "window", "last_on"]
    early, late = (measure(forms(*rows), month=month).set_index(keys) for month in ("2021-06", "2022-02"))
    months = sorted(set(early.index) & set(late.index))
    assert early["value"].drop(months).fillna(0).eq(0).all()
    assert_frame_equal(early.loc[months], late.loc[months])
