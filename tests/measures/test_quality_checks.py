"""Whether the figure of EHC plan quality can be trusted."""

import datetime as dt
import math

import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from sendanalysis.inputs.parameters import Quality
from sendanalysis.measures import quality, quality_checks
from sendanalysis.measures.quality_checks import Reading, baseline_window
from sendanalysis.methods.periods import reporting_period

COLUMNS = ["audit_id", "plan_id", "audited_on", "auditor_id", "section", "question_id", "answer", "plan_type", "stage"]
PUBLISHED = {"all": 80.0, "health": 79.0, "care": 83.0}
BEFORE = baseline_window(dt.date(2021, 7, 31))
DISTANCE = "largest_distance_points"


def extract(*audits, plan_type="new", stage="final"):
    """Audits as (audit_id, plan_id, day, auditor, {question: answer}); the question's first letter is its section."""
    rows = [
        (audit_id, plan_id, day, auditor, q if q == "overall" else q[:2] if q[0] == "H" else q[0], q, answer)
        for audit_id, plan_id, day, auditor, answers in audits
        for q, answer in answers.items()
    ]
    frame = pd.DataFrame(rows, columns=COLUMNS[:-2]).assign(plan_type=plan_type, stage=stage)
    return frame.astype(dict.fromkeys(COLUMNS, "str") | {"audited_on": "datetime64[ns]"})


def readings(audits, window=BEFORE, **chosen):
    return quality_checks.readings({"ehcp_audits": audits}, window, Quality(**chosen))


def reconciled(audits, published=None, **chosen):
    given = PUBLISHED if published is None else published
    found = quality_checks.reconcile(readings(audits, **chosen), given, Quality(**chosen))
    return found.set_index("reading")


def label(**chosen):
    return Reading("", "", Quality(**chosen)).label


def headline(month="2021-12"):
    return quality.headline_window(reporting_period(month), Quality())


def agreement(audits, day=dt.date(2021, 12, 31)):
    return quality_checks.agreement({"ehcp_audits": audits}, day, Quality())


def coverage(audits, month, issued):
    return quality_checks.coverage({"ehcp_audits": audits}, reporting_period(month), issued)


BASELINE = extract(
    ("A1", "P1", "2021-05-01", "X", {"A1": "Yes", "C1": "Yes", "D1": "Yes", "F1": "No", "overall": "Yes"}),
    ("A2", "P2", "2021-07-31", "Y", {"A1": "Yes", "C1": "No", "D1": "N/A", "F1": "Yes", "overall": "No"}),
    ("A3", "P3", "2021-04-30", "Y", {"A1": "No", "C1": "No", "D1": "No", "F1": "No", "overall": "No"}),
    ("A4", "P4", "2021-08-01", "Y", {"A1": "No", "C1": "No", "D1": "No", "F1": "No", "overall": "No"}),
)


def test_the_baseline_is_the_three_months_that_end_with_the_clock_start():
    assert (BEFORE.first, BEFORE.last) == (dt.date(2021, 5, 1), dt.date(2021, 7, 31))
    plans = readings(BASELINE).query("group.str.startswith('all: plan')")
    assert plans["of"].unique().tolist() == [2]
    row = reconciled(BASELINE).loc[label()]
    assert row[["all", "health", "care"]].tolist() == [75, 50, 100]
    assert [row[name] - PUBLISHED[name] for name in PUBLISHED] == [-5, -29, 17]
    assert row[DISTANCE] == 29


def test_every_reading_of_every_kpi_is_there_with_social_care_both_ways():
    found = readings(BASELINE).set_index("group")
    assert found.index.is_unique
    assert len(found) == 3 * (3 * 2 * 2 + 2)  # groups · (units · policies · care, and the summary question once)
    both = [f"care: {label(care_sections=care)}" for care in (("D", "H1", "H2"), ("D", "F"))]
    assert found.loc[both, ["n", "of"]].to_numpy().tolist() == [[2, 2], [3, 4]]
    assert len(readings(BASELINE, care_sections=("A", "F"))) == 3 * (3 * 2 * 3 + 2)


def test_the_overall_question_is_held_against_the_overall_baseline_only():
    rows = reconciled(BASELINE)
    rows = rows[rows.index.str.startswith("summary question")]
    assert rows["all"].tolist() == [50, 50]
    assert rows["care"].isna().all()
    assert rows["verdict"].tolist() == ["", ""]


def test_the_nearest_reading_is_named_and_said_not_to_be_near_when_it_is_not():
    assert set(reconciled(BASELINE)["verdict"]) == {"", "nearest, but none near"}
    far = reconciled(BASELINE, {"all": 75.0, "health": 50.0, "care": 67.0}, care_sections=("A", "F"))
    assert far[far["verdict"] == "nearest"].empty
    near = reconciled(BASELINE, {"all": 75.0, "health": 50.0, "care": 75.5}).query("verdict == 'nearest'")
    assert near.index.str.endswith("social care as D and F").all()
    assert label(care_sections=("D", "F")) in near.index


def test_no_baseline_audit_or_no_published_figure_names_no_reading():
    for audits, published in ((extract(), PUBLISHED), (BASELINE, {})):
        found = reconciled(audits, published)
        assert found["verdict"].unique().tolist() == [""]
        assert found[DISTANCE].isna().all()


def test_a_rise_in_not_applicable_alone_shows_as_drift():
    audits = pd.concat(
        [
            extract(("A1", "P1", "2021-06-01", "X", {"A1": "Yes", "A2": "No", "A3": "No", "A4": "N/A"})),
            extract(("A2", "P2", "2021-12-01", "X", {"A1": "Yes", "A2": "No", "A3": "No", "A4": "N/A", "A5": "N/A"})),
        ]
    )
    found = quality_checks.drift({"ehcp_audits": audits}, [BEFORE, headline()], Quality())
    shares = found.set_index(["measure", "group", "window"]).sort_index()["value"]
    assert shares.loc[("quality_na", "all")].to_dict() == {"baseline": 25, "3 months": 40}
    assert shares.loc[("quality_yes", "all")].tolist() == pytest.approx([100 / 3] * 2)
    assert shares.loc[[("quality_na", name, "3 months") for name in ("health", "care")]].isna().all()


def test_auditors_are_numbered_and_never_named_over_twelve_months_each_with_its_latest_audit_of_a_plan(figures):
    audits = extract(
        ("A1", "P1", "2021-01-01", "X", {"A1": "Yes", "A2": "Yes"}),
        ("A2", "P1", "2021-12-01", "Y", {"A1": "No", "A2": "Yes"}),
        ("A3", "P2", "2020-12-31", "Z", {"A1": "No", "A2": "No"}),
        ("A4", "P3", "2021-12-01", None, {"A1": "No", "A2": "No"}),
        ("A0", "P1", "2021-01-01", "X", {"A1": "No", "A2": "No"}),
    )
    found = figures(quality.measures(Quality()), {"ehcp_audits": audits}, name="quality_by_auditor")
    assert found[["group", "n", "of", "value"]].to_numpy().tolist() == [
        ["Auditor 2", 2, 2, 100],
        ["Auditor 3", 1, 2, 50],
    ]


def test_two_auditors_of_one_plan_are_compared_question_by_question():
    audits = extract(
        ("A1", "P1", "2021-10-01", "X", {"A1": "Yes", "A2": "No", "A3": "Yes", "A4": None}),
        ("A2", "P1", "2021-11-01", "Y", {"A1": "Yes", "A2": "Yes", "A3": "Yes", "A4": "No"}),
        ("A3", "P2", "2021-10-01", "X", {"A1": "No"}),
        ("A4", "P2", "2021-10-01", "Y", {"A1": "No"}),
        ("A5", "P3", "2021-10-01", "X", {"A1": "No"}),
        ("A6", "P3", "2021-11-01", "X", {"A1": "Yes"}),
    )
    row = agreement(audits).iloc[0]
    assert row[["pairs_n", "plans_n", "same_n", "same_pct"]].tolist() == [4, 2, 3, 75]
    assert row["kappa"] == pytest.approx((0.75 - 0.5) / 0.5)


def test_of_three_auditors_the_latest_two_are_compared_each_at_their_latest():
    audits = extract(
        ("A1", "P1", "2021-08-01", "X", {"A1": "No"}),
        ("A2", "P1", "2021-09-01", "Y", {"A1": "No"}),
        ("A3", "P1", "2021-10-01", "Z", {"A1": "Yes"}),
        ("A4", "P1", "2021-11-01", "X", {"A1": "Yes"}),
    )
    assert agreement(audits).loc[0, ["pairs_n", "same_n"]].tolist() == [1, 1]
    assert agreement(audits, dt.date(2021, 9, 30)).loc[0, ["pairs_n", "same_n"]].tolist() == [1, 1]
    assert agreement(audits, dt.date(2021, 10, 31)).loc[0, ["pairs_n", "same_n"]].tolist() == [1, 0]


def test_nothing_audited_twice_is_an_empty_table():
    assert agreement(BASELINE).empty


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
    issued = {2020: 8.0, 2021: 10.0}
    found = coverage(audits, "2021-11", issued)
    assert found["group"].tolist() == ["2019", "2020", "2021"]
    assert found["n"].tolist() == [1, 2, 1]
    assert found["value"].fillna(-1).tolist() == [-1, 25, -1]
    assert found["state"].tolist() == ["plans issued not known", "known", "the year is not over"]
    assert coverage(audits, "2021-12", issued)["value"].iloc[-1] == 10


def test_row_order_never_matters_and_no_audit_or_plan_is_named():
    for one, other in (
        (readings(BASELINE), readings(BASELINE.iloc[::-1])),
        (agreement(BASELINE), agreement(BASELINE.iloc[::-1])),
        (coverage(BASELINE, "2021-12", {2021: 9.0}), coverage(BASELINE.iloc[::-1], "2021-12", {2021: 9.0})),
        (reconciled(BASELINE).reset_index(), reconciled(BASELINE.iloc[::-1]).reset_index()),
    ):
        assert_frame_equal(one, other)
        assert not {"audit_id", "plan_id"} & set(one.columns)


def test_no_audits_at_all_are_empty_tables_and_no_shares(figures):
    tables = {"ehcp_audits": extract()}
    assert figures(quality.measures(Quality()), tables, name="quality_by_auditor").empty
    assert coverage(extract(), "2021-12", {}).empty
    assert quality_checks.drift(tables, [headline()], Quality())["of"].eq(0).all()
    account = quality.accounts(tables, reporting_period("2021-12"), Quality())
    assert all(math.isnan(share) for share in account["share_pct"])
