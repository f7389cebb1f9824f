"""EHCP quality assurance."""

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from sendanalysis.inputs.choices import Choices
from sendanalysis.measures import ehcp_quality
from sendanalysis.methods.periods import reporting_period

COLUMNS = ["audit_id", "plan_id", "audited_on", "section", "question_id", "answer", "plan_type", "stage", "auditor_id"]
PLAN = pd.DataFrame(
    {"kpi_id": ["QA_ALL", "QA_HEALTH"], "baseline_value": [81, 79], "m3_target": [84, 83], "m6_target": [87, math.nan]}
).assign(m12_target=[91, 90])


def audit(audit_id, plan_id, day, answers, **also):
    """Answers as text: 'C1:Yes C2:No overall:N/A D1:' (empty is blank)."""
    told = {
        "audit_id": audit_id,
        "plan_id": plan_id,
        "audited_on": day,
        "plan_type": "new",
        "stage": "final",
        "auditor_id": "X",
    }
    parts = [part.split(":") for part in answers.split()]
    sections = [q[:2] if q[0] == "H" else q.rstrip("123456789") for q, _ in parts]
    rows = [
        {"section": section, "question_id": q, "answer": a or None}
        for section, (q, a) in zip(sections, parts, strict=True)
    ]
    return pd.DataFrame(rows).assign(**told | also)[COLUMNS]


def extract(*audits):
    table = pd.concat(audits, ignore_index=True) if audits else pd.DataFrame(columns=COLUMNS)
    kinds = dict.fromkeys(COLUMNS, "str") | {"audited_on": "datetime64[ns]"}
    return table.astype(kinds)


def measure(audits, month="2021-12", data_date="", **choices):
    period = reporting_period(month, data_date)
    return ehcp_quality.measure(
        audits, period=period, choices=Choices(**choices), plan_kpis=PLAN, targets={"QA_ALL": 84.0}
    )


def figures(audits, kpi_id="QA_ALL", **kwargs):
    row = measure(audits, **kwargs).kpis.set_index("kpi_id").loc[kpi_id]
    return row["numerator"], row["denominator"]


TWO_PLANS = extract(
    audit("A1", "P1", "2021-12-02", "A1:Yes C1:No G1:N/A D1:Yes H11:No F1:No overall:Yes"),
    audit("A2", "P2", "2021-10-01", "A1:Yes C1:Yes G1: D1:N/A H21:Yes F1:Yes overall:No"),
)


def test_answers_are_pooled_without_the_summary_question_and_without_blanks():
    kpi = measure(TWO_PLANS).kpis.set_index("kpi_id").loc["QA_ALL"]
    assert (kpi["numerator"], kpi["denominator"]) == (3 + 5, 6 + 5)
    assert kpi["value"] == pytest.approx(100 * 8 / 11)
    assert kpi[["plans_n", "yes_n", "no_n", "na_n", "blank_n"]].tolist() == [2, 6, 3, 2, 1]
    assert (kpi["yes_pct"], kpi["na_pct"]) == pytest.approx((100 * 6 / 9, 100 * 2 / 11))
    assert kpi["lower"] <= kpi["value"] <= kpi["upper"]


def test_health_is_c_and_g_and_care_is_d_and_h_with_the_printed_d_and_f_beside():
    assert figures(TWO_PLANS, "QA_HEALTH") == (2, 3)
    assert figures(TWO_PLANS, "QA_CARE") == (3, 4)
    assert figures(TWO_PLANS, "QA_CARE", care_sections=("D", "F")) == (3, 4)
    readings = measure(TWO_PLANS).care_readings
    assert readings[["sections", "in_headline"]].to_numpy().tolist() == [["D, H1, H2", True], ["D, F", False]]


@pytest.mark.parametrize(
    ("unit", "na_policy", "wanted"),
    [
        ("answer", "success", (8, 11)),
        ("answer", "exclude", (6, 9)),
        ("plan_mean", "success", (3 / 6 + 1, 2)),
        ("plan_mean", "exclude", (2 / 5 + 1, 2)),
        ("plan_all", "success", (1, 2)),
        ("plan_all", "exclude", (1, 2)),
        ("plan_overall", "success", (1, 2)),
    ],
)
def test_each_unit_gives_the_figure_worked_by_hand(unit, na_policy, wanted):
    assert figures(TWO_PLANS, qa_unit=unit, na_policy=na_policy) == wanted
    row = measure(TWO_PLANS).units.query("kpi_id == 'QA_ALL' and unit == @unit and na_policy == @na_policy").iloc[0]
    assert (row["numerator"], row["denominator"]) == wanted


def test_the_overall_question_speaks_of_no_section():
    kpis = measure(TWO_PLANS, qa_unit="plan_overall").kpis.set_index("kpi_id")
    assert kpis["value"].isna().tolist() == [False, True, True]
    assert "whole plan" in kpis.loc["QA_CARE", "reason"]


def test_an_overall_question_left_blank_or_excluded_as_not_applicable_counts_no_plan():
    audits = extract(audit("A1", "P1", "2021-12-02", "overall:N/A"), audit("A2", "P2", "2021-12-02", "overall: A1:Yes"))
    assert figures(audits, qa_unit="plan_overall") == (1, 1)
    assert figures(audits, qa_unit="plan_overall", na_policy="exclude") == (0, 0)


def test_drafts_other_types_and_audits_after_the_data_date_do_not_count_and_are_accounted_for():
    audits = extract(
        audit("A1", "P1", "2021-12-02", "A1:Yes"),
        audit("A2", "P2", "2021-12-02", "A1:No", stage="draft"),
        audit("A3", "P3", "2021-12-20", "A1:No"),
        audit("A4", "P4", "2021-12-02", "A1:No", plan_type="amended"),
        audit("A5", None, "2021-12-02", "A1:No"),
        audit("A6", "P6", "2021-09-30", "A1:No"),
        audit("A7", "P1", "2021-12-01", "A1:No"),
    )
    assert figures(audits, data_date="2021-12-15", plan_types="new") == (1, 1)
    quality = measure(audits, data_date="2021-12-15", plan_types="new").quality.set_index("what")["rows_n"]
    assert quality.iloc[0] == 7
    assert quality.iloc[1:].tolist() == [0, 1, 1, 1, 1, 1, 0, 1, 1, 0]


def test_a_plan_counts_once_in_the_window_and_once_in_each_month():
    audits = extract(audit("A1", "P1", "2021-11-02", "A1:No"), audit("A2", "P1", "2021-12-02", "A1:Yes"))
    assert figures(audits) == (1, 1)
    trend = measure(audits).trend.query("kpi_id == 'QA_ALL'")
    assert trend["met_n"].tolist() == [0, 1]


def test_a_later_draft_does_not_replace_a_final_audit():
    audits = extract(audit("A1", "P1", "2021-12-02", "A1:Yes"), audit("A2", "P1", "2021-12-03", "A1:No", stage="draft"))
    assert figures(audits) == (1, 1)


def test_a_data_date_after_the_month_adds_nothing_to_the_month():
    audits = extract(audit("A1", "P1", "2021-12-02", "A1:Yes"), audit("A2", "P1", "2022-01-02", "A1:No"))
    assert figures(audits, data_date="2022-01-31") == (1, 1)


def test_nothing_audited_is_no_figure_and_not_nought():
    for audits in (extract(), extract(audit("A1", "P1", "2021-12-02", "A1:"))):
        found = measure(audits)
        assert found.kpis["denominator"].tolist() == [0, 0, 0]
        assert found.kpis["value"].isna().all()
        assert found.kpis["reason"].eq("nothing answered").all()
        assert found.gap["more_met_n"].isna().all()


def test_everything_met_is_a_hundred_per_cent():
    audits = extract(*(audit(f"A{n}", f"P{n}", "2021-12-02", "C1:Yes D1:N/A") for n in range(5)))
    kpis = measure(audits).kpis
    assert kpis["value"].tolist() == [100, 100, 100]
    assert measure(audits).gap["more_met_n"].tolist() == [0] * 5


def test_one_plan_has_a_figure_and_no_interval():
    kpi = measure(extract(audit("A1", "P1", "2021-12-02", "A1:Yes A2:No"))).kpis.iloc[0]
    assert kpi["value"] == 50
    assert math.isnan(kpi["lower"])


def test_questions_are_ranked_by_how_often_they_fail_and_one_nobody_answered_has_no_share():
    audits = extract(
        audit("A1", "P1", "2021-12-02", "B2:No A1:No C1: D1:N/A"),
        audit("A2", "P2", "2021-12-03", "B2:No A1:Yes B1:No C1:"),
    )
    table = measure(audits).questions
    assert table["question_id"].tolist() == ["B2", "A1", "B1", "C1", "D1"]
    assert table["rank"].tolist() == [1, 2, 2, 4, 4]
    assert table["answers_n"].tolist() == [2, 2, 1, 0, 1]
    assert table["no_pct"].isna().tolist() == [False, False, False, True, False]
    excluded = measure(audits, na_policy="exclude").questions.set_index("question_id")
    assert excluded.loc["D1", "answers_n"] == 0


def test_sections_show_what_was_met_in_each():
    table = measure(TWO_PLANS).sections.set_index("section")
    assert table.index.tolist() == ["A", "C", "D", "F", "G", "H1", "H2"]
    assert table.loc["G", ["numerator", "denominator", "plans_n", "blank_n"]].tolist() == [1, 1, 1, 1]


def test_the_gap_says_how_many_more_answers_and_audits_it_takes():
    audits = extract(
        *(
            audit(f"A{n}", f"P{n}", "2021-12-02", "A1:Yes A2:Yes A3:Yes A4:" + ("Yes" if n % 2 else "No"))
            for n in range(20)
        )
    )
    gap = measure(audits).gap.query("kpi_id == 'QA_ALL'").set_index("horizon_months")
    assert gap["more_met_n"].to_dict() == {3: 0, 6: 0, 12: 3}
    assert gap["gap_points"].tolist() == [84 - 87.5, 87 - 87.5, 91 - 87.5]
    kpi = measure(audits).kpis.iloc[0]
    assert gap.loc[12, "plans_needed_n"] == math.ceil(20 * ((kpi["upper"] - kpi["lower"]) / 2 / 3.5) ** 2)
    by_plan = measure(audits, qa_unit="plan_all").gap.query("kpi_id == 'QA_ALL'").set_index("horizon_months")
    assert by_plan.loc[3, ["more_met_n", "plans_needed_n"]].tolist() == [7, 5]


def test_a_target_the_plan_leaves_open_makes_no_gap():
    gap = measure(TWO_PLANS).gap
    assert gap.query("kpi_id == 'QA_HEALTH'")["horizon_months"].tolist() == [3, 12]
    without = ehcp_quality.measure(TWO_PLANS, period=reporting_period("2021-12"), choices=Choices())
    assert without.gap.empty
    assert without.gap.columns.tolist() == gap.columns.tolist()


def monthly(shares):
    days = pd.date_range("2020-10-05", periods=len(shares), freq="MS")
    return extract(
        *(audit(f"A{n}", f"P{n}", day, " ".join(f"A{q}:{'Yes' if q <= met else 'No'}" for q in range(1, 10)))
          for n, (day, met) in enumerate(zip(days, shares, strict=True)))
    )  # fmt: skip


def test_limits_and_signals_appear_with_the_thirteenth_month():
    few, many = monthly([6, 6, 6, 7, 7, 7] * 2), monthly([6, 6, 6, 7, 7, 7] * 2 + [9])
    early, late = measure(few, month="2021-10").variation.iloc[0], measure(many, month="2021-11").variation.iloc[0]
    assert early["points_n"] == 12
    assert pd.isna(early["variation"])
    assert (late["points_n"], late["variation"]) == (13, "special_cause_improvement")
    assert measure(few, month="2021-10").trend["lower_limit_pct"].isna().all()


def test_a_month_without_audits_is_a_gap():
    audits = extract(audit("A1", "P1", "2021-10-02", "A1:Yes"), audit("A2", "P2", "2021-12-02", "A1:No"))
    trend = measure(audits).trend.query("kpi_id == 'QA_ALL'")
    assert trend["answers_n"].tolist() == [1, 0, 1]
    assert trend["pct"].isna().tolist() == [False, True, False]


def test_no_released_table_carries_an_audit_or_a_plan():
    for frame in vars(measure(TWO_PLANS)).values():
        assert not {"audit_id", "plan_id"} & set(frame.columns)


answers = st.lists(st.sampled_from(["Yes", "No", "N/A", ""]), min_size=4, max_size=4)
days = st.sampled_from(pd.date_range("2021-09-20", "2022-01-20", freq="9D").tolist())
many_audits = st.lists(
    st.tuples(st.integers(0, 5), days, answers, st.sampled_from(["final", "final", "draft"])), min_size=1, max_size=12
)


def made(rows):
    questions = ("A1", "C1", "D1", "overall")
    written = [" ".join(f"{q}:{a}" for q, a in zip(questions, row[2], strict=True)) for row in rows]
    return extract(*(audit(f"A{n}", f"P{row[0]}", row[1], written[n], stage=row[3]) for n, row in enumerate(rows)))


@settings(max_examples=12, deadline=None)
@given(many_audits, st.randoms(use_true_random=False))
def test_row_order_never_matters_and_no_part_exceeds_its_whole(rows, random):
    audits = made(rows)
    order = list(range(len(audits)))
    random.shuffle(order)
    found, again = measure(audits), measure(audits.iloc[order])
    for name, frame in vars(found).items():
        assert_frame_equal(frame, getattr(again, name))
    for frame in (found.kpis, found.units.dropna(subset="pct"), found.sections):
        assert (frame["numerator"] <= frame["denominator"]).all()
    assert found.quality["rows_n"].iloc[1:].sum() == found.quality["rows_n"].iloc[0]
    known = found.kpis.dropna(subset="value")
    assert np.allclose(known["value"], 100 * known["numerator"].astype(float) / known["denominator"].astype(float))


@settings(max_examples=12, deadline=None)
@given(many_audits)
def test_a_later_data_date_never_rewrites_an_earlier_month(rows):
    audits, columns = (
        made(rows),
        ["kpi_id", "month", "met_n", "answers_n", "plans_n", "blank_n", "lower_pct", "upper_pct"],
    )
    early, late = (measure(audits, month=month).trend[columns] for month in ("2021-11", "2022-01"))
    before = late[late["month"] <= pd.Timestamp("2021-11-01")].reset_index(drop=True)
    assert_frame_equal(early, before, check_dtype=False)
