"""Whether the figure of EHCP quality can be trusted."""

import math

import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from sendanalysis.inputs.choices import Choices
from sendanalysis.measures import audit_checks
from sendanalysis.methods.periods import reporting_period

COLUMNS = ["audit_id", "plan_id", "audited_on", "auditor_id", "section", "question_id", "answer", "plan_type", "stage"]
PLAN = pd.DataFrame({"kpi_id": ["QA_ALL", "QA_HEALTH", "QA_CARE"], "baseline_value": [80.0, 79, 83]})


def extract(*audits, plan_type="new", stage="final"):
    """Audits as (audit_id, plan_id, day, auditor, {question: answer}); the question's first letter is its section."""
    rows = [
        (
            audit_id,
            plan_id,
            day,
            auditor,
            q if q == "overall" else q[:2] if q[0] == "H" else q[0],
            q,
            answer,
            plan_type,
            stage,
        )
        for audit_id, plan_id, day, auditor, answers in audits
        for q, answer in answers.items()
    ]
    kinds = dict.fromkeys(COLUMNS, "str") | {"audited_on": "datetime64[ns]"}
    return pd.DataFrame(rows, columns=COLUMNS).astype(kinds)


def measure(audits, month="2021-12", plan=PLAN, issued=None, **choices):
    return audit_checks.measure(
        audits, period=reporting_period(month), choices=Choices(**choices), plan_kpis=plan, plans_issued=issued
    )


BASELINE = extract(
    ("A1", "P1", "2021-05-01", "X", {"A1": "Yes", "C1": "Yes", "D1": "Yes", "F1": "No", "overall": "Yes"}),
    ("A2", "P2", "2021-07-31", "Y", {"A1": "Yes", "C1": "No", "D1": "N/A", "F1": "Yes", "overall": "No"}),
    ("A3", "P3", "2021-04-30", "Y", {"A1": "No", "C1": "No", "D1": "No", "F1": "No", "overall": "No"}),
    ("A4", "P4", "2021-08-01", "Y", {"A1": "No", "C1": "No", "D1": "No", "F1": "No", "overall": "No"}),
)


def test_the_baseline_is_the_three_months_that_end_with_the_clock_start():
    table = measure(BASELINE).reconciliation.set_index(["unit", "na_policy", "care_sections"])
    assert table["plans_n"].unique().tolist() == [2]
    row = table.loc[("answer", "success", "D, H1, H2")]
    assert row[["QA_ALL_pct", "QA_HEALTH_pct", "QA_CARE_pct"]].tolist() == [75, 50, 100]
    assert row[["QA_ALL_distance_points", "QA_HEALTH_distance_points", "QA_CARE_distance_points"]].tolist() == [
        -5,
        -29,
        17,
    ]
    assert row["largest_distance_points"] == 29


def test_the_overall_question_is_held_against_the_overall_baseline_only():
    table = measure(BASELINE).reconciliation.query("unit == 'plan_overall'")
    assert table["QA_ALL_pct"].tolist() == [50, 50]
    assert table["QA_CARE_pct"].isna().all()
    assert table["verdict"].tolist() == ["", ""]


def test_the_nearest_reading_is_named_and_said_not_to_be_near_when_it_is_not():
    far = measure(BASELINE).reconciliation
    assert set(far["verdict"]) == {"", "nearest, but none near"}
    plan = PLAN.assign(baseline_value=[75.0, 50, 67.0])
    near = measure(BASELINE, plan=plan, care_sections=("A", "F")).reconciliation.query("verdict == 'nearest'")
    assert near.empty
    near = measure(BASELINE, plan=PLAN.assign(baseline_value=[75.0, 50, 75.5])).reconciliation.query(
        "verdict == 'nearest'"
    )
    assert set(near["care_sections"]) == {"D, F"}
    assert "answer" in set(near["unit"])


def test_no_baseline_audit_or_no_published_figure_names_no_reading():
    for audits, plan in ((extract(), PLAN), (BASELINE, None)):
        table = measure(audits, plan=plan).reconciliation
        assert table["verdict"].unique().tolist() == [""]
        assert table["largest_distance_points"].isna().all()


def test_a_rise_in_not_applicable_alone_shows_as_drift():
    audits = pd.concat(
        [
            extract(("A1", "P1", "2021-06-01", "X", {"A1": "Yes", "A2": "No", "A3": "No", "A4": "N/A"})),
            extract(("A2", "P2", "2021-12-01", "X", {"A1": "Yes", "A2": "No", "A3": "No", "A4": "N/A", "A5": "N/A"})),
        ]
    )
    row = measure(audits).drift.iloc[0]
    assert (row["baseline_na_pct"], row["na_pct"]) == (25, 40)
    assert row["change_points"] == 15
    assert row["baseline_yes_pct"] == row["yes_pct"]
    assert measure(audits).drift["na_pct"].isna().tolist() == [False, True, True]


def test_auditors_are_set_against_all_of_them_over_twelve_months():
    audits = extract(
        ("A1", "P1", "2021-01-01", "X", {"A1": "Yes", "A2": "Yes"}),
        ("A2", "P1", "2021-12-01", "Y", {"A1": "No", "A2": "Yes"}),
        ("A3", "P2", "2020-12-31", "Z", {"A1": "No", "A2": "No"}),
        ("A4", "P3", "2021-12-01", None, {"A1": "No", "A2": "No"}),
    )
    found = measure(audits)
    assert found.auditors[["auditor_id", "met_n", "answers_n", "pct", "difference_points"]].to_numpy().tolist() == [
        ["X", 2, 2, 100, 25],
        ["Y", 1, 2, 50, -25],
    ]
    assert found.quality.set_index("what").loc["of these, auditor not named", "rows_n"] == 2


def test_two_auditors_of_one_plan_are_compared_question_by_question():
    audits = extract(
        ("A1", "P1", "2021-10-01", "X", {"A1": "Yes", "A2": "No", "A3": "Yes", "A4": None}),
        ("A2", "P1", "2021-11-01", "Y", {"A1": "Yes", "A2": "Yes", "A3": "Yes", "A4": "No"}),
        ("A3", "P2", "2021-10-01", "X", {"A1": "No"}),
        ("A4", "P2", "2021-10-01", "Y", {"A1": "No"}),
        ("A5", "P3", "2021-10-01", "X", {"A1": "No"}),
        ("A6", "P3", "2021-11-01", "X", {"A1": "Yes"}),
    )
    found = measure(audits)
    whole = found.agreement.iloc[0]
    assert whole[["pairs_n", "plans_n", "same_n", "same_pct"]].tolist() == [4, 2, 3, 75]
    assert whole["kappa"] == pytest.approx((0.75 - 0.5) / 0.5)
    assert found.agreement["question_id"].tolist() == ["all", "A1", "A2", "A3"]
    assert found.quality["rows_n"].iloc[-1] == 2


def test_of_three_auditors_the_latest_two_are_compared_each_at_their_latest():
    audits = extract(
        ("A1", "P1", "2021-08-01", "X", {"A1": "No"}),
        ("A2", "P1", "2021-09-01", "Y", {"A1": "No"}),
        ("A3", "P1", "2021-10-01", "Z", {"A1": "Yes"}),
        ("A4", "P1", "2021-11-01", "X", {"A1": "Yes"}),
    )
    assert measure(audits).agreement.loc[0, ["pairs_n", "same_n"]].tolist() == [1, 1]


def test_nothing_audited_twice_is_an_empty_table_and_a_line_in_quality():
    found = measure(BASELINE)
    assert found.agreement.empty
    assert found.quality["rows_n"].iloc[-1] == 0


def test_coverage_counts_new_plans_once_a_year_and_waits_for_the_year_to_end():
    audits = pd.concat(
        [
            extract(
                ("A1", "P1", "2020-05-01", "X", {"A1": "Yes"}),
                ("A2", "P1", "2020-06-01", "X", {"A1": "Yes"}),
                ("A3", "P2", "2020-06-01", "X", {"A1": "Yes"}),
                ("A4", "P3", "2021-06-01", "X", {"A1": "Yes"}),
                ("A5", "P5", "2019-06-01", "X", {"A1": "Yes"}),
            ),
            extract(("A6", "P6", "2020-06-01", "X", {"A1": "Yes"}), plan_type="amended"),
            extract(("A7", "P7", "2020-06-01", "X", {"A1": "Yes"}), stage="draft"),
        ]
    )
    issued = pd.DataFrame({"calendar_year": [2020, 2021], "plans_issued": [8, 10]})
    table = measure(audits, month="2021-11", issued=issued).coverage
    assert table["new_plans_audited_n"].tolist() == [1, 2, 1]
    assert table["audited_pct"].fillna(-1).tolist() == [-1, 25, -1]
    assert table["reason"].tolist() == ["plans issued not known", "", "the year is not over"]
    assert measure(audits, issued=issued).coverage["audited_pct"].iloc[-1] == 10


def test_row_order_never_matters_and_no_audit_or_plan_is_named():
    found, again = measure(BASELINE), measure(BASELINE.iloc[::-1])
    for name, frame in vars(found).items():
        assert_frame_equal(frame, getattr(again, name))
        assert not {"audit_id", "plan_id"} & set(frame.columns)


def test_no_audits_at_all_are_empty_tables_and_no_shares():
    found = measure(extract())
    assert found.auditors.empty
    assert found.coverage.empty
    assert found.drift["answers_n"].tolist() == [0, 0, 0]
    assert all(math.isnan(share) for share in found.quality["share_pct"])
