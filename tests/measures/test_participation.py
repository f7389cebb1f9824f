"""Survey participation."""

import math

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from sendanalysis.inputs.choices import Choices
from sendanalysis.measures import participation
from sendanalysis.methods.periods import reporting_period

PLAN = pd.DataFrame(
    {
        "kpi_id": ["POET", "POET_CYP", "POET_PRACTITIONERS", "POET_PARENTS", "QA_ALL"],
        "baseline_value": [math.nan, 6, 80, 168, 81],
        "m3_target": [math.nan, 9, 120, 252, 84],
    }
)
FORM = ["survey_year", "tool", "category", "submitted_on", "satisfaction"]


def forms(*rows):
    table = pd.DataFrame(rows, columns=FORM).astype({"submitted_on": "datetime64[ns]", "satisfaction": "Int64"})
    return table.assign(response_id=[f"R{n}" for n in range(len(table))])


def invitations(*rows):
    return pd.DataFrame(rows, columns=["survey_year", "tool", "category", "invited"]).astype({"invited": "Int64"})


def measure(responses, invited=None, month="2021-12", choices=None):
    return participation.measure(
        responses,
        invitations() if invited is None else invited,
        period=reporting_period(month),
        choices=choices or Choices(),
        plan_kpis=PLAN,
    )


def nine_young_people():
    return forms(*[("2020/21", "POET", "cyp", "2021-05-03", 4)] * 9, ("2019/20", "POET", "cyp", "2020-05-03", None))


def test_the_figure_counts_the_target_year_in_all_tools_with_the_exact_interval():
    responses = pd.concat([nine_young_people(), forms(("2020/21", "New", "cyp", "2021-06-01", 2))])
    kpi = measure(responses).kpis.set_index("kpi_id").loc["POET_CYP"]
    assert (kpi["value"], kpi["numerator"], kpi["unit"]) == (10, 10, "participants")
    assert math.isnan(kpi["denominator"])
    assert (kpi["lower"], kpi["upper"]) == pytest.approx((4.795389, 18.390356), abs=1e-6)


def test_a_form_sent_in_late_counts_in_the_year_it_is_recorded_in_and_is_reported():
    found = measure(forms(("2020/21", "POET", "parent_carer", "2021-10-01", 5)))
    assert found.kpis.set_index("kpi_id").loc["POET_PARENTS", "value"] == 1
    assert found.quality.set_index("what")["rows_n"].filter(like="outside").item() == 1


def test_a_form_after_the_data_date_is_not_there_yet():
    responses = forms(("2020/21", "POET", "cyp", "2022-01-01", 5), ("2020/21", "POET", "cyp", "2021-12-31", 5))
    assert measure(responses).kpis["value"].tolist() == [1, 0, 0, 1]


def test_six_to_nine_meets_the_target_and_is_still_explained_by_chance():
    row = measure(nine_young_people()).categories.set_index("category").loc["cyp"]
    assert (row["met"], row["chance_explains"], row["change_n"], row["change_pct"]) == ("yes", "yes", 3, 50)
    assert row["p_value"] == pytest.approx(0.6072388)
    assert (row["baseline_n"], row["baseline_forms_n"]) == (6, 1)


def test_the_pooled_figure_has_the_summed_baseline_and_target_but_is_context_by_default():
    pooled = measure(nine_young_people()).categories.set_index("category").loc["all"]
    assert (pooled["baseline_n"], pooled["target_n"], pooled["in_headline"]) == (254, 381, False)
    chosen = measure(nine_young_people(), choices=Choices(poet_rule="pooled")).categories
    assert chosen["in_headline"].tolist() == [False, False, False, True]


def test_a_later_year_has_no_target_and_is_not_compared_before_it_is_over():
    responses = forms(*[("2021/22", "POET", "cyp", "2021-11-01", 4)] * 2)
    early, late = (measure(responses, month=month).later_years.iloc[0] for month in ("2021-12", "2022-08"))
    assert (early["met"], early["year_over"], early["chance_explains"]) == ("no target", False, "not known")
    assert math.isnan(early["p_value"])
    assert (late["met"], late["year_over"], late["forms_n"]) == ("no target", True, 2)
    assert late["p_value"] == pytest.approx(2 * (1 + 8 + 28) / 256)


def test_a_target_missed_while_the_year_runs_is_not_yet_missed():
    responses = forms(("2020/21", "POET", "cyp", "2021-05-03", 4))
    assert measure(responses, month="2021-06").categories["met"].iloc[0] == "not yet"
    assert measure(responses, month="2021-08").categories["met"].iloc[0] == "no"


def test_a_response_rate_needs_as_many_invitations_as_forms():
    responses = forms(
        *[("2020/21", "POET", "cyp", "2021-05-03", 4)] * 5,
        *[("2020/21", "POET", "practitioner", "2021-05-03", 4)] * 5,
        ("2020/21", "POET", "parent_carer", "2021-05-03", 4),
    )
    invited = invitations(
        ("2020/21", "POET", "cyp", 10),
        ("2020/21", "POET", "practitioner", 4),
        ("2020/21", "POET", "parent_carer", None),
        ("2020/21", "New", "cyp", 0),
        ("2020/21", "New", "practitioner", 8),
        ("2022/23", "New", "cyp", 8),
    )
    rates = measure(responses, invited).response_rate.set_index(["tool", "category"])
    assert rates["reason"].to_dict() == {
        ("New", "cyp"): "nobody invited",
        ("New", "practitioner"): "",
        ("POET", "cyp"): "",
        ("POET", "parent_carer"): "invitations not known",
        ("POET", "practitioner"): "more forms than invitations",
    }
    assert rates["pct"].dropna().to_dict() == {("New", "practitioner"): 0, ("POET", "cyp"): 50}
    assert rates.loc[("POET", "cyp"), "lower_pct"] == pytest.approx(23.659309, abs=1e-6)


def test_satisfaction_is_the_share_scoring_four_or_five_of_those_who_scored():
    responses = forms(*[("2020/21", "POET", "cyp", "2021-05-03", score) for score in (5, 4, 3, None)])
    row = measure(responses).satisfaction.iloc[0]
    assert (row["satisfied_n"], row["scored_n"], row["blank_n"]) == (2, 3, 1)
    assert row["pct"] == pytest.approx(200 / 3)


def test_a_category_that_scored_nothing_has_no_satisfaction():
    row = measure(forms(("2020/21", "POET", "cyp", "2021-05-03", None))).satisfaction.iloc[0]
    assert row["scored_n"] == 0
    assert math.isnan(row["pct"])


def test_the_cumulative_count_runs_through_months_without_a_form():
    responses = forms(("2020/21", "POET", "cyp", "2021-02-01", 2), ("2020/21", "POET", "cyp", "2021-04-01", 2))
    table = measure(responses, month="2021-05").cumulative.query("category == 'cyp'")
    assert table["cumulative_n"].tolist() == [1, 1, 2, 2]
    assert table["month"].iloc[-1] == pd.Timestamp("2021-05-01")


def test_no_forms_at_all_are_nought_participants_and_empty_tables():
    found = measure(forms())
    assert found.kpis["value"].tolist() == [0, 0, 0, 0]
    assert all(getattr(found, name).empty for name in ("by_tool", "cumulative", "satisfaction", "later_years"))


def test_a_plan_without_baselines_gives_counts_and_nothing_else():
    found = participation.measure(
        nine_young_people(),
        invitations(),
        period=reporting_period("2021-12"),
        choices=Choices(),
        plan_kpis=PLAN.iloc[:0],
    )
    assert found.categories["met"].unique().tolist() == ["no target"]
    assert found.categories["chance_explains"].unique().tolist() == ["not known"]


years, tools = st.sampled_from(["2019/20", "2020/21", "2021/22"]), st.sampled_from(["POET", "New"])
days = st.sampled_from(list(pd.date_range("2020-01-15", "2022-03-15", freq="37D")))
many_forms = st.lists(
    st.tuples(years, tools, st.sampled_from(list(participation.KPIS)), days, st.sampled_from([None, 1, 3, 4, 5])),
    max_size=30,
)


@settings(max_examples=25, deadline=None)
@given(many_forms, st.randoms(use_true_random=False))
def test_row_order_never_matters_and_no_part_exceeds_its_whole(rows, random):
    responses, shuffled = forms(*rows), list(range(len(rows)))
    random.shuffle(shuffled)
    found, again = measure(responses), measure(responses.iloc[shuffled])
    for name, frame in vars(found).items():
        assert_frame_equal(frame, getattr(again, name))
    assert found.kpis["value"].iloc[:3].sum() == found.kpis["value"].iloc[3]
    assert (found.satisfaction["satisfied_n"] <= found.satisfaction["scored_n"]).all()
    assert found.by_tool["forms_n"].sum() == found.quality.set_index("what").loc["forms counted", "rows_n"]


@settings(max_examples=25, deadline=None)
@given(many_forms)
def test_a_later_data_date_never_rewrites_an_earlier_month(rows):
    keys = ["survey_year", "category", "month"]
    early, late = (measure(forms(*rows), month=month).cumulative.set_index(keys) for month in ("2021-06", "2022-02"))
    assert_frame_equal(
        early.sort_index(), late.loc[early.index].sort_index(), check_dtype=False, check_index_type=False
    )
