"""EHC plan quality assurance."""

import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from sendanalysis.inputs.parameters import Quality
from sendanalysis.measures import quality, quality_checks
from sendanalysis.measures.figures import KNOWN, NOTHING
from sendanalysis.methods import spc
from sendanalysis.methods.periods import reporting_period

COLUMNS = ["audit_id", "plan_id", "audited_on", "section", "question_id", "answer", "plan_type", "stage", "auditor_id"]
GROUPS = ["all", "health", "care"]
NAMES = [measure.name for measure in quality.measures(Quality())]


def audit(audit_id, plan_id, day, answers, **also):
    """Answers as text: 'C1:Yes C2:No overall:N/A D1:' (empty is blank)."""
    told = {"audit_id": audit_id, "plan_id": plan_id, "audited_on": day}
    told |= {"plan_type": "new", "stage": "final", "auditor_id": "X"} | also
    parts = [part.split(":") for part in answers.split()]
    sections = [q[:2] if q[0] == "H" else q.rstrip("123456789") for q, _ in parts]
    rows = [
        {"section": section, "question_id": q, "answer": a or None}
        for section, (q, a) in zip(sections, parts, strict=True)
    ]
    return pd.DataFrame(rows).assign(**told)[COLUMNS]


def extract(*audits):
    frame = pd.concat(audits, ignore_index=True) if audits else pd.DataFrame(columns=COLUMNS)
    return frame.astype(dict.fromkeys(COLUMNS, "str") | {"audited_on": "datetime64[ns]"})


@pytest.fixture(scope="module")
def measure(figures):
    """Figures of one of the measures of the audits."""

    def found(audits, name="quality", month="2021-12", data_date="", **chosen):
        measures = quality.measures(Quality(**chosen))
        return figures(measures, {"ehcp_audits": audits}, month, data_date, name=name)

    return found


@pytest.fixture(scope="module")
def counts(measure, latest):
    """Numerator and denominator of a group in the headline."""

    def found(audits, group="all", **given):
        row = latest(measure(audits, **given), group)
        return row["n"], row["of"]

    return found


def accounts(audits, month="2021-12", data_date="", **chosen):
    period = reporting_period(month, data_date)
    return quality.accounts({"ehcp_audits": audits}, period, Quality(**chosen)).set_index("what")["rows_n"]


def reading(audits, group, unit, na_policy):
    """The figure of one reading among all of them, in the headline's window."""
    chosen, period = Quality(), reporting_period("2021-12")
    rows = quality_checks.readings({"ehcp_audits": audits}, quality.headline_window(period, chosen), chosen)
    label = quality_checks.Reading("", group, Quality(unit=unit, na_policy=na_policy)).label
    row = rows.set_index("group").loc[f"{group}: {label}"]
    return row["n"], row["of"]


TWO_PLANS = extract(
    audit("A1", "P1", "2021-12-02", "A1:Yes C1:No G1:N/A D1:Yes H11:No F1:No overall:Yes"),
    audit("A2", "P2", "2021-10-01", "A1:Yes C1:Yes G1: D1:N/A H21:Yes F1:Yes overall:No"),
)


def test_answers_are_pooled_without_the_summary_question_and_without_blanks(measure, latest):
    row = latest(measure(TWO_PLANS))
    assert (row["window"], row["n"], row["of"]) == ("3 months", 3 + 5, 6 + 5)
    assert row["value"] == pytest.approx(100 * 8 / 11)
    assert row["lower"] <= row["value"] <= row["upper"]
    assert row["state"] == KNOWN


def test_beside_the_figure_stand_its_plans_its_yes_of_yes_and_no_and_its_not_applicable(measure, latest):
    plans, yes, na = (latest(measure(TWO_PLANS, f"quality_{name}")) for name in ("plans", "yes", "na"))
    assert plans["value"] == 2
    assert (yes["n"], yes["of"] - yes["n"], na["n"]) == (6, 3, 2)
    assert (yes["value"], na["value"]) == pytest.approx((100 * 6 / 9, 100 * 2 / 11))
    assert (na["of"], accounts(TWO_PLANS)["blank answer in a counted audit, left out"]) == (11, 1)


def test_health_is_c_and_g_and_care_is_d_and_h_or_as_printed_d_and_f(counts):
    assert counts(TWO_PLANS, "health") == (2, 3)
    assert counts(TWO_PLANS, "care") == (3, 4)
    assert counts(TWO_PLANS, "care", care_sections=("D", "F")) == (3, 4)
    assert counts(TWO_PLANS, "care", care_sections=("H1",)) == (0, 1)


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
def test_each_unit_gives_the_figure_worked_by_hand_wherever_it_is_asked_for(counts, unit, na_policy, wanted):
    assert counts(TWO_PLANS, unit=unit, na_policy=na_policy) == wanted
    assert reading(TWO_PLANS, "all", unit, na_policy) == wanted


FIVE_PLANS = extract(
    audit("A1", "P1", "2021-12-02", "A1:Yes A2:Yes A3:"),
    audit("A2", "P2", "2021-12-02", "A1:Yes A2:No"),
    audit("A3", "P3", "2021-12-02", "A1:Yes A2:No A3:No A4:No A5:N/A A6:N/A"),
    audit("A4", "P4", "2021-12-02", "A1:N/A A2:N/A A3: A4: A5: A6: A7:"),
    audit("A5", "P5", "2021-12-02", "A1: A2: A3:"),
)


@pytest.mark.parametrize(
    ("unit", "na_policy", "wanted"),
    [
        ("answer", "success", (8, 12)),
        ("answer", "exclude", (4, 8)),
        ("plan_mean", "success", (1 + 0.5 + 0.5 + 1, 4)),
        ("plan_mean", "exclude", (1 + 0.5 + 0.25, 3)),
        ("plan_all", "success", (2, 4)),
        ("plan_all", "exclude", (1, 3)),
    ],
)
def test_a_plan_with_nothing_but_blanks_counts_nowhere(measure, latest, unit, na_policy, wanted):
    row = latest(measure(FIVE_PLANS, unit=unit, na_policy=na_policy))
    assert (row["n"], row["of"]) == wanted
    assert row["value"] == pytest.approx(100 * wanted[0] / wanted[1])


def test_the_overall_question_speaks_of_no_section(measure):
    rows = measure(TWO_PLANS, unit="plan_overall").query("window == '3 months'").set_index("group")
    assert rows["value"].isna().tolist() == [False, True, True]
    assert rows["state"].tolist() == [KNOWN, NOTHING, NOTHING]


def test_an_overall_question_left_blank_or_excluded_as_not_applicable_counts_no_plan(counts):
    audits = extract(audit("A1", "P1", "2021-12-02", "overall:N/A"), audit("A2", "P2", "2021-12-02", "overall: A1:Yes"))
    assert counts(audits, unit="plan_overall") == (1, 1)
    assert counts(audits, unit="plan_overall", na_policy="exclude") == (0, 0)


def test_the_summary_question_is_counted_only_when_it_is_asked_for(counts):
    audits = extract(audit("A1", "P1", "2021-12-02", "A1:Yes overall:No C1:"))
    assert counts(audits) == (1, 1)
    assert counts(audits, unit="plan_overall") == (0, 1)
    assert counts(audits, "care") == (0, 0)


def test_drafts_other_types_and_audits_after_the_data_date_do_not_count_and_are_accounted_for(counts):
    audits = extract(
        audit("A1", "P1", "2021-12-02", "A1:Yes"),
        audit("A2", "P2", "2021-12-02", "A1:No", stage="draft"),
        audit("A3", "P3", "2021-12-20", "A1:No"),
        audit("A4", "P4", "2021-12-02", "A1:No", plan_type="amended"),
        audit("A5", None, "2021-12-02", "A1:No"),
        audit("A6", "P6", "2021-09-30", "A1:No"),
        audit("A7", "P1", "2021-12-01", "A1:No"),
    )
    assert counts(audits, data_date="2021-12-15", plan_types="new") == (1, 1)
    found = accounts(audits, data_date="2021-12-15", plan_types="new")
    assert found.iloc[0] == 7
    assert found.iloc[1:].tolist() == [0, 1, 1, 1, 1, 1, 0, 1, 1, 0]


def test_a_plan_counts_once_in_the_window_and_once_in_each_month(measure, counts):
    audits = extract(audit("A1", "P1", "2021-11-02", "A1:No"), audit("A2", "P1", "2021-12-02", "A1:Yes"))
    assert counts(audits) == (1, 1)
    assert measure(audits).query("group == 'all' and window == 'month'")["n"].tolist() == [0, 1]


def test_of_two_audits_on_one_day_the_larger_id_counts_and_ids_compare_as_text(counts):
    audits = extract(
        audit("10", "P1", "2021-12-02", "A1:No"),
        audit("9", "P1", "2021-12-02", "A1:Yes A2:Yes"),
        audit("99", "P1", "2021-12-01", "A1:No"),
    )
    assert counts(audits) == (2, 2)


def test_an_audit_outside_the_days_does_not_push_out_one_inside(counts):
    audits = extract(audit("A", "P1", "2021-12-31", "A1:Yes"), audit("B", "P1", "2022-01-01", "A1:No"))
    assert counts(audits) == (1, 1)
    assert counts(audits, data_date="2022-01-31") == (1, 1)


def test_a_later_draft_does_not_replace_a_final_audit(counts):
    audits = extract(audit("A1", "P1", "2021-12-02", "A1:Yes"), audit("A2", "P1", "2021-12-03", "A1:No", stage="draft"))
    assert counts(audits) == (1, 1)


def test_a_data_date_after_the_month_adds_nothing_to_the_month(counts):
    audits = extract(audit("A1", "P1", "2021-12-02", "A1:Yes"), audit("A2", "P1", "2022-01-02", "A1:No"))
    assert counts(audits, data_date="2022-01-31") == (1, 1)


@pytest.mark.parametrize("unit", ["answer", "plan_mean", "plan_all", "plan_overall"])
@pytest.mark.parametrize("audits", [extract(), extract(audit("A1", "P1", "2021-12-02", "A1:"))])
def test_nothing_audited_is_no_figure_and_not_nought(measure, audits, unit):
    found = measure(audits, unit=unit)
    assert found["of"].eq(0).all()
    assert found["value"].isna().all()
    assert found["state"].eq(NOTHING).all()
    assert found["group"].drop_duplicates().tolist() == GROUPS


def test_everything_met_is_a_hundred_per_cent_and_no_more_is_needed(measure):
    audits = extract(*(audit(f"A{n}", f"P{n}", "2021-12-02", "C1:Yes D1:N/A") for n in range(5)))
    rows = measure(audits).query("window == '3 months'")
    assert rows["value"].tolist() == [100, 100, 100]
    assert [quality.effort(row, 5, target)[0] for _, row in rows.iterrows() for target in (84, 91)] == [0] * 6


def test_one_plan_has_a_figure_and_no_interval(measure, latest):
    row = latest(measure(extract(audit("A1", "P1", "2021-12-02", "A1:Yes A2:Yes A3:Yes A4:No"))))
    assert row["value"] == 75
    assert math.isnan(row["lower"])


def test_questions_tell_how_often_they_fail_and_one_nobody_answered_has_no_share(measure):
    audits = extract(
        audit("A1", "P1", "2021-12-02", "B2:No A1:No C1: D1:N/A"),
        audit("A2", "P2", "2021-12-03", "B2:No A1:Yes B1:No C1:"),
    )
    found = measure(audits, "quality_by_question").set_index("group")
    assert found["n"].to_dict() == {"A · A1": 1, "B · B1": 1, "B · B2": 2, "D · D1": 0}
    assert found["of"].to_dict() == {"A · A1": 2, "B · B1": 1, "B · B2": 2, "D · D1": 1}
    assert "D · D1" not in measure(audits, "quality_by_question", na_policy="exclude")["group"].tolist()


def test_sections_show_what_was_met_in_each(measure):
    found = measure(TWO_PLANS, "quality_by_section").set_index("group")
    assert found.index.tolist() == ["A", "C", "D", "F", "G", "H1", "H2"]
    assert found.loc["G", ["n", "of"]].tolist() == [1, 1]


TWENTY_PLANS = extract(
    *(audit(f"A{n}", f"P{n}", "2021-12-02", "A1:Yes A2:Yes A3:Yes A4:" + ("Yes" if n % 2 else "No")) for n in range(20))
)


def test_the_effort_says_how_many_more_answers_and_audits_a_target_takes(measure, latest):
    row = latest(measure(TWENTY_PLANS))
    assert row["value"] == 87.5
    assert [quality.effort(row, 20, target)[0] for target in (84, 87, 91)] == [0, 0, 3]
    wanted = math.ceil(20 * ((row["upper"] - row["lower"]) / 2 / 3.5) ** 2)
    assert quality.effort(row, 20, 91)[1] == wanted


def test_where_plans_are_counted_the_effort_counts_plans(measure, latest):
    row = latest(measure(TWENTY_PLANS, unit="plan_all"))
    assert (row["n"], row["of"]) == (10, 20)
    assert quality.effort(row, 20, 84, "plan_all")[0] == 7


def test_where_plans_are_counted_the_audits_needed_are_those_that_wilsons_interval_asks_for(measure, latest):
    assert quality.effort(latest(measure(TWENTY_PLANS, unit="plan_all")), 20, 84, "plan_all")[1] == 5


def monthly(shares):
    days = pd.date_range("2020-10-05", periods=len(shares), freq="MS")
    return extract(
        *(audit(f"A{n}", f"P{n}", day, " ".join(f"A{q}:{'Yes' if q <= met else 'No'}" for q in range(1, 10)))
          for n, (day, met) in enumerate(zip(days, shares, strict=True)))
    )  # fmt: skip


def test_limits_and_signals_appear_with_the_thirteenth_month(measure):
    few, many = monthly([6, 6, 6, 7, 7, 7] * 2), monthly([6, 6, 6, 7, 7, 7] * 2 + [9])
    found = []
    for audits, month in ((few, "2021-10"), (many, "2021-11")):
        rows = measure(audits, month=month).query("group == 'all' and window == 'month'")
        found.append(spc.xmr(rows.set_index("first_on")["value"], direction="increase", target=84))
    (early, before), (late, after) = found
    assert (before.n, before.limits_shown) == (12, False)
    assert not early["limits_shown"].any()
    assert late["limits_shown"].all()
    assert (after.n, after.variation) == (13, "special_cause_improvement")


def test_a_month_without_audits_is_a_gap(measure):
    audits = extract(audit("A1", "P1", "2021-10-02", "A1:Yes"), audit("A2", "P2", "2021-12-02", "A1:No"))
    trend = measure(audits).query("group == 'all' and window == 'month'")
    assert trend["of"].tolist() == [1, 0, 1]
    assert trend["value"].isna().tolist() == [False, True, False]


def test_a_headline_of_one_month_is_released_once(measure):
    found = measure(TWO_PLANS, window=1).query("group == 'all'")
    assert found["window"].unique().tolist() == ["month"]
    assert found[["n", "of"]].to_numpy().tolist() == [[5, 5], [0, 0], [3, 6]]


@pytest.mark.parametrize("name", NAMES)
def test_no_figure_names_an_audit_or_a_plan(measure, name):
    found = measure(TWO_PLANS, name)
    assert not {"audit_id", "plan_id"} & set(found.columns)
    assert not found["group"].isin(["A1", "A2", "P1", "P2"]).any()


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
@given(many_audits, st.sampled_from(["answer", "plan_mean", "plan_all"]), st.randoms(use_true_random=False))
def test_row_order_never_matters_and_no_part_exceeds_its_whole(measure, rows, unit, random):
    audits = made(rows)
    order = list(range(len(audits)))
    random.shuffle(order)
    for name in NAMES:
        found, again = measure(audits, name, unit=unit), measure(audits.iloc[order], name, unit=unit)
        assert_frame_equal(found, again)
        shares = found.dropna(subset="of")
        assert (shares["n"] <= shares["of"]).all()
        known = shares.dropna(subset="value")
        assert np.allclose(known["value"], 100 * known["n"] / known["of"])
    account = accounts(audits)
    assert account.iloc[1:].sum() == account.iloc[0]


@settings(max_examples=12, deadline=None)
@given(many_audits)
def test_a_later_data_date_never_rewrites_an_earlier_month(measure, rows):
    audits = made(rows)
    for name in ("quality", "quality_yes", "quality_na", "quality_plans"):
        early, late = (measure(audits, name, month).query("window == 'month'") for month in ("2021-11", "2022-01"))
        keys = ["group", "first_on"]
        early, late = early.set_index(keys), late.set_index(keys)
        months = sorted(set(early.index) & set(late.index))
        assert early.drop(months)["n"].eq(0).all()  # a reporting month stands there although nothing was audited yet
        assert_frame_equal(early.loc[months], late.loc[months])
