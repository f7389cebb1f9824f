"""The illustrative extracts: the same bytes each time, by the contracts, with the traps that real tables hold."""

import shutil
from itertools import pairwise
from pathlib import Path

import pandas as pd
import pytest

from sendanalysis.errors import InputError
from sendanalysis.inputs import contracts
from sendanalysis.inputs.area import check_area
from sendanalysis.inputs.reading import read_table
from sendanalysis.inputs.sample import AUDITORS, QUESTIONS, write_sample

CONTRACTS = {contract.name: contract for contract in contracts.CONTRACTS if contract.folder == "extracts"}
KEPT = Path(__file__).parents[2] / "data" / "southend"
EXCEPTIONS = {"none", "exceptional_circumstances", "absence_4_weeks", "missed_appointment"}
LAST_DAY = pd.Timestamp("2022-03-31")
COHORT_DAY = pd.Timestamp("2021-03-31")


def area_of(folder, like=KEPT):
    """The settings and the plan of an area, with a Neu pathway to be made anew."""
    (folder / "extracts").mkdir(parents=True)
    (folder / "extracts" / "neu_pathway.csv").touch()
    shutil.copy(like / "area.toml", folder)
    shutil.copytree(like / "plan", folder / "plan")
    return folder


@pytest.fixture(scope="module", params=[2021, 7])
def tables(request, tmp_path_factory):
    files = write_sample(area_of(tmp_path_factory.mktemp("area") / "southend"), seed=request.param)
    return {file.stem: read_table(file, CONTRACTS[file.stem])[0] for file in files}


@pytest.fixture
def audits(tables):
    return tables["ehcp_audits"].drop_duplicates("audit_id").sort_values("audited_on", kind="stable")


@pytest.fixture
def requests(tables):
    rows = tables["advice_requests"]
    return rows.assign(due_on=rows["sent_on"] + pd.Timedelta(days=42))


@pytest.fixture
def referrals(tables):
    return tables["autism_referrals"]


def cohort(referrals):
    waiting = referrals["accepted_on"] <= COHORT_DAY
    for column in ("assessment_completed_on", "closed_on"):
        waiting &= ~(referrals[column] <= COHORT_DAY)
    return set(referrals.loc[waiting, "child_id"])


def met_pct(answers, first, last, *sections):
    rows = answers[answers["audited_on"].between(first, last) & (answers["stage"] == "final")]
    latest = rows.sort_values(["audited_on", "audit_id"]).groupby("plan_id")["audit_id"].last()
    rows = rows[rows["audit_id"].isin(latest)]
    rows = rows[rows["section"].isin(sections) if sections else rows["section"] != "overall"]
    return 100 * rows["answer"].isin(["Yes", "N/A"]).sum() / rows["answer"].notna().sum()


def test_the_same_seed_gives_the_same_bytes_and_another_seed_gives_others(tmp_path):
    first, again, other = (
        write_sample(area_of(tmp_path / name), seed=seed) for name, seed in (("a", 3), ("b", 3), ("c", 4))
    )
    assert [file.name for file in first] == [f"{name}.csv" for name in sorted(CONTRACTS)]
    assert [file.read_bytes() for file in first] == [file.read_bytes() for file in again]
    drawn = [file.name != "survey_invitations.csv" for file in first]
    assert [a.read_bytes() != b.read_bytes() for a, b in zip(first, other, strict=True)] == drawn


def test_a_negative_seed_is_refused(tmp_path):
    with pytest.raises(InputError, match="seed: -1 is negative"):
        write_sample(tmp_path, seed=-1)


def test_the_extracts_kept_with_southend_are_those_of_seed_2021(tmp_path):
    for file in write_sample(area_of(tmp_path / "area"), seed=2021):
        assert (KEPT / "extracts" / file.name).read_bytes() == file.read_bytes()


def test_every_extract_keeps_its_contract_with_columns_in_order_and_no_byte_order_mark(tmp_path):
    for file in write_sample(area_of(tmp_path / "area"), seed=11):
        rows, faults = read_table(file, CONTRACTS[file.stem])
        assert [str(fault) for fault in faults if not fault.warns] == []
        assert file.read_text("utf-8").splitlines()[0].split(",") == list(rows)
        assert not file.read_bytes().startswith(b"\xef\xbb\xbf")
        assert b"\r" not in file.read_bytes()


def test_the_plan_and_published_tables_kept_with_southend_keep_their_contracts():
    for contract in contracts.CONTRACTS:
        _, faults = read_table(
            KEPT / contract.folder / f"{contract.name}.csv", contract, needed=contract.required == "yes"
        )
        assert [str(fault) for fault in faults if not fault.warns] == []


def test_nothing_is_dated_after_the_last_day_and_something_on_it(tables):
    latest = [rows.select_dtypes("datetime").max().max() for rows in tables.values() if len(rows) > 9]
    assert max(latest) == LAST_DAY
    for name, column in (
        ("ehcp_audits", "audited_on"),
        ("advice_requests", "sent_on"),
        ("autism_referrals", "referred_on"),
    ):
        assert tables[name][column].max() == LAST_DAY


def test_dates_of_a_row_follow_one_another(tables):
    referral = ["referred_on", "accepted_on", "assessment_started_on", "assessment_completed_on", "outcome_given_on"]
    for name, columns in {
        "autism_referrals": referral,
        "advice_requests": ["sent_on", "received_on", "returned_on"],
        "neu_pathway": ["entered_on", "progressed_to_asd_on"],
    }.items():
        for earlier, later in pairwise(columns):
            assert not (tables[name][later] < tables[name][earlier]).any()
            assert name != "autism_referrals" or not (tables[name][later].notna() & tables[name][earlier].isna()).any()


def test_twenty_audits_a_month_answer_thirty_questions_and_the_overall_one(tables, audits):
    a_month = audits.groupby(audits["audited_on"].dt.to_period("M")).size()
    assert len(QUESTIONS) == 30
    assert tables["ehcp_audits"].groupby("audit_id").size().eq(31).all()
    assert len(a_month) == 19
    assert a_month.between(12, 34).all()
    assert 18 <= a_month.mean() <= 25
    assert set(audits["auditor_id"]) == set(AUDITORS)


def test_audits_hold_drafts_blanks_repeats_and_plans_seen_by_two_auditors_within_days(tables, audits):
    before = audits.groupby("plan_id").shift()
    days = (audits["audited_on"] - before["audited_on"]).dt.days
    other = (audits["auditor_id"] != before["auditor_id"]) & before["auditor_id"].notna()
    same_month = audits["audited_on"].dt.to_period("M") == before["audited_on"].dt.to_period("M")
    assert (other & (days <= 3)).sum() >= 15
    assert (other & (days == 0)).any()
    assert (~other & same_month).sum() >= 10
    assert (days > 31).sum() >= 20
    assert audits["stage"].eq("draft").mean() > 0.05
    assert tables["ehcp_audits"]["answer"].isna().mean() > 0.005


def test_quality_rises_from_near_the_printed_baselines_while_the_na_share_creeps_up(tables):
    answers = tables["ehcp_audits"]
    baseline = met_pct(answers, "2021-05-01", "2021-07-31")
    assert baseline == pytest.approx(81, abs=3)
    assert baseline < met_pct(answers, "2022-01-01", "2022-03-31") < 89
    assert met_pct(answers, "2021-02-01", "2021-02-28") < baseline - 5
    share = answers["answer"].eq("N/A").groupby(answers["audited_on"].dt.to_period("Q")).mean()
    assert share["2022Q1"] > share["2021Q2"] + 0.04
    by_auditor = answers["answer"].isin(["Yes", "N/A"]).groupby(answers["auditor_id"]).mean()
    assert by_auditor.max() - by_auditor.min() > 0.03


def test_seed_2021_lies_within_a_point_of_the_printed_baselines(tmp_path):
    file = next(file for file in write_sample(area_of(tmp_path / "area"), seed=2021) if file.stem == "ehcp_audits")
    answers, _ = read_table(file, CONTRACTS["ehcp_audits"])
    for printed, sections in ((81, ()), (79, "CG"), (83, ("D", "H1", "H2"))):
        assert met_pct(answers, "2021-05-01", "2021-07-31", *sections) == pytest.approx(printed, abs=1)


def test_160_children_a_year_have_five_to_seven_requests_and_the_first_falls_due_in_autumn_2020(requests):
    whole_year = requests[requests["sent_on"].between("2021-01-01", "2021-12-31")]
    assert whole_year["child_id"].nunique() == pytest.approx(160, abs=20)
    assert requests.groupby("child_id").size().ge(5).all()
    assert 5.3 < requests.groupby("child_id").size().mean() < 6.2
    assert requests["due_on"].min().strftime("%Y-%m") == "2020-10"


def test_requests_hold_every_state_a_real_log_holds(requests):
    out, due = requests["withdrawn_on"], requests["due_on"]
    open_still = requests["returned_on"].isna() & out.isna() & (requests["existing_advice_sufficient"] == "no")
    states = {
        "overdue": open_still & (due < LAST_DAY),
        "not yet due": open_still & (due >= LAST_DAY),
        "withdrawn before due": out < due,
        "withdrawn after due": out >= due,
        "on day 42": requests["returned_on"] == due,
        "late": requests["returned_on"] > due,
        "enough advice": requests["existing_advice_sufficient"] == "yes",
        "undated": requests["sent_on"].isna(),
        "receipt not recorded": requests["received_on"].isna(),
    }
    assert [state for state, rows in states.items() if not rows.any()] == []
    assert set(requests["exception"]) == EXCEPTIONS
    assert requests["giver"].nunique() == 6
    withdrawn = requests[out.notna()].merge(requests, on=["child_id", "giver"])
    assert withdrawn["sent_on_y"].sub(withdrawn["withdrawn_on_x"]).dt.days.between(1, 4).sum() >= 8


def test_education_is_more_on_time_than_health_and_health_than_social_care(requests):
    counted = requests[(requests["due_on"] <= LAST_DAY) & (requests["existing_advice_sufficient"] == "no")]
    counted = counted[~(counted["withdrawn_on"] < counted["due_on"])]
    on_time = (counted["returned_on"] <= counted["due_on"]).groupby(counted["giver"]).mean()
    assert on_time["education_setting"] > on_time["health"] > on_time["social_care"]
    assert 0.55 < on_time["health"] < 0.72
    assert 0.48 < on_time["social_care"] < 0.66


def test_about_280_children_wait_on_31_march_2021_and_not_all_are_assessed_by_the_deadline(referrals):
    children = cohort(referrals)
    mine = referrals[referrals["child_id"].isin(children)]
    done = mine.loc[mine["assessment_completed_on"].between(COHORT_DAY, "2021-10-31"), "child_id"].nunique()
    assert len(children) == pytest.approx(280, abs=35)
    assert 0.62 < done / len(children) < 0.88
    assert mine["child_id"].nunique() > mine["assessment_completed_on"].notna().sum()
    assert referrals["referred_on"].min().year == 2019


def test_children_leave_for_every_reason_return_and_are_found_late(referrals):
    reasons = {"assessed", "declined", "moved_away", "referral_error", "did_not_attend", "transferred", "unknown"}
    assert set(referrals["closure_reason"].dropna()) == reasons
    assert (referrals["closure_reason"].notna() == referrals["closed_on"].notna()).all()
    assert ((referrals["referred_on"] <= COHORT_DAY) & (referrals["accepted_on"] > COHORT_DAY)).any()
    assert set(referrals["source"]) == {"community_paediatrics", "neu_pathway", "school", "gp", "other"}
    again = referrals[referrals["child_id"].duplicated() & (referrals["referred_on"] < "2022-03-01")]
    assert len(again) >= 10


def test_the_list_changes_provider_in_march_2022_with_and_without_a_new_referral(referrals):
    moved = referrals[referrals["closure_reason"] == "transferred"]
    anew = referrals[referrals["referred_on"].eq("2022-03-01") & referrals["child_id"].isin(moved["child_id"])]
    kept = referrals[(referrals["referred_on"] < "2022-03-01") & (referrals["provider"] == "Provider B")]
    assert moved["closed_on"].eq("2022-03-01").all()
    assert set(anew["child_id"]) == set(moved["child_id"])
    assert anew["provider"].eq("Provider B").all()
    assert moved["provider"].eq("Provider A").all()
    assert len(moved) >= 10
    assert len(kept) >= 50


def test_children_who_progress_from_the_neu_pathway_are_on_the_autism_list(tables, referrals):
    pathway = tables["neu_pathway"]
    listed = referrals[referrals["source"] == "neu_pathway"]
    progressed = pathway[pathway["progressed_to_asd_on"].notna()]
    assert sorted(listed["child_id"]) == sorted(progressed["child_id"])
    assert 12 <= len(pathway) / 12 <= 18
    assert pathway["entered_on"].min() >= pd.Timestamp("2021-04-01")
    assert pathway["satisfaction"].isna().any()


def test_the_first_survey_round_has_the_printed_counts_and_the_third_a_new_tool(tables):
    forms = tables["survey_responses"].groupby(["survey_year", "tool", "category"]).size()
    first, second = forms["2019/20", "POET"], forms["2020/21", "POET"]
    assert first.to_dict() == {"cyp": 6, "practitioner": 80, "parent_carer": 168}
    assert second["practitioner"] >= 120
    assert second["cyp"] < 9
    assert second["parent_carer"] < 252
    assert set(forms["2021/22"].index.get_level_values("tool")) == {"New SEND survey"}
    invited = tables["survey_invitations"].set_index(["survey_year", "tool", "category"])["invited"]
    assert (forms <= invited.reindex(forms.index)).all()
    assert tables["survey_responses"]["satisfaction"].isna().any()


def test_the_day_of_the_backlog_the_survey_years_and_the_transfer_are_those_of_the_area(tmp_path):
    area = area_of(tmp_path / "area")
    toml = area / "area.toml"
    text = toml.read_text("utf-8").replace('["2022-03-01"]', "[]").replace("2021-03-31", "2021-01-31")
    toml.write_text(text.replace("2019/20", "2018/19").replace("2020/21", "2019/20"), "utf-8")
    made = {path.stem: read_table(path, CONTRACTS[path.stem])[0] for path in write_sample(area, seed=2021)}
    assert set(made["survey_responses"]["survey_year"]) == {"2018/19", "2019/20", "2020/21"}
    assert set(made["autism_referrals"]["provider"]) == {"Provider A"}
    assert not made["autism_referrals"]["closure_reason"].eq("transferred").any()
    completed = made["autism_referrals"]["assessment_completed_on"]
    before, after = (completed.between(*days).sum() for days in (("2020-11", "2021-02"), ("2021-02", "2021-05")))
    assert after > 2 * before
    assert [str(fault) for fault in check_area(area)[1] if not fault.warns] == []


def test_only_tables_that_the_plan_needs_are_made(tmp_path):
    area = area_of(tmp_path / "area")
    (area / "extracts" / "neu_pathway.csv").unlink()
    kpis = area / "plan" / "kpis.csv"
    kpis.write_text(kpis.read_text("utf-8").replace(",autism,", ",,").replace(",survey,", ",,"), "utf-8")
    assert [file.stem for file in write_sample(area, seed=2021)] == ["advice_requests", "ehcp_audits"]


def test_a_plan_that_uses_no_built_in_measure_has_no_sample(tmp_path):
    area = Path(shutil.copytree(KEPT.parent / "wexmoor", tmp_path / "wexmoor"))
    with pytest.raises(InputError, match="uses no built-in measure"):
        write_sample(area, seed=2021)
