"""The plan's figures counted from the extracts with the standard library alone: another route to the same sums."""

import csv
import datetime as dt
from calendar import monthrange
from collections import Counter

COHORT_DAY = "2021-03-31"
SECTORS = {
    "ADVICE_EDUCATION": {"education_setting", "educational_psychology"},
    "ADVICE_HEALTH": {"health"},
    "ADVICE_CARE": {"social_care"},
}
SECTORS["ADVICE"] = set.union(*SECTORS.values())
CATEGORIES = {"POET_CYP": "cyp", "POET_PRACTITIONERS": "practitioner", "POET_PARENTS": "parent_carer"}


def figures(area, month):
    """Numerator and denominator (None for a count of forms) of each KPI, by its id, all choices at their default.

    Dates are compared as text, which YYYY-MM-DD allows; nothing dated after the month's end is known.
    """
    rows = {path.stem: _rows(path) for path in (area / "extracts").glob("*.csv")}
    return (
        _quality(rows["ehcp_audits"], month)
        | _advice(rows["advice_requests"], month)
        | {"ASD_BACKLOG": _backlog(rows["autism_referrals"], month)}
        | _forms(rows["survey_responses"], month)
    )


def advice_baselines(area):
    """On time and due in the first three whole months, by KPI."""
    requests = _rows(area / "extracts" / "advice_requests.csv")
    first = min(due for row in requests if (due := _due(row)) and row["giver"] in SECTORS["ADVICE"])
    months = [_later(first[:7], n) for n in (1, 2, 3)]
    counted = [_advice(requests, month) for month in months]
    return {kpi: tuple(sum(one[kpi][part] for one in counted) for part in (0, 1)) for kpi in SECTORS}


def _rows(path):
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def _last_day(month):
    year, number = map(int, month.split("-"))
    return f"{month}-{monthrange(year, number)[1]}"


def _later(month, months):
    year, number = map(int, month.split("-"))
    number += months - 1
    return f"{year + number // 12}-{number % 12 + 1:02}"


def _quality(answers, month):
    first, last = f"{_later(month, -2)}-01", _last_day(month)
    final = [row for row in answers if row["stage"] == "final" and first <= row["audited_on"] <= last]
    latest = {}
    for row in final:
        latest[row["plan_id"]] = max(latest.get(row["plan_id"], ("", "")), (row["audited_on"], row["audit_id"]))
    counted = [row for row in final if latest[row["plan_id"]] == (row["audited_on"], row["audit_id"])]
    pools = {
        "QA_ALL": {row["section"] for row in answers} - {"overall"},
        "QA_HEALTH": {"C", "G"},
        "QA_CARE": {"D", "H1", "H2"},
    }
    found = {}
    for kpi, sections in pools.items():
        given = Counter(row["answer"] for row in counted if row["section"] in sections)
        found[kpi] = given["Yes"] + given["N/A"], given["Yes"] + given["No"] + given["N/A"]
    return found


def _due(row):
    """Due date of a request that counts, else nothing."""
    if not row["sent_on"] or row["existing_advice_sufficient"] == "yes":
        return ""
    due = (dt.date.fromisoformat(row["sent_on"]) + dt.timedelta(days=42)).isoformat()
    return "" if row["withdrawn_on"] and row["withdrawn_on"] < due else due


def _advice(requests, month):
    found = {}
    for kpi, givers in SECTORS.items():
        due = [(row, _due(row)) for row in requests if row["giver"] in givers and _due(row).startswith(month)]
        found[kpi] = sum("" < row["returned_on"] <= day for row, day in due), len(due)
    return found


def _backlog(referrals, month):
    over = [
        "" < row["assessment_completed_on"] <= COHORT_DAY or "" < row["closed_on"] <= COHORT_DAY for row in referrals
    ]
    going = [row for row, is_over in zip(referrals, over, strict=True) if not is_over]
    cohort = {row["child_id"] for row in going if "" < row["accepted_on"] <= COHORT_DAY}
    assessed = {row["child_id"] for row in going if "" < row["assessment_completed_on"] <= _last_day(month)}
    return len(cohort & assessed), len(cohort)


def _forms(forms, month):
    sent = Counter(
        row["category"]
        for row in forms
        if row["survey_year"] == "2020/21" and "" < row["submitted_on"] <= _last_day(month)
    )
    return {"POET": (sum(sent.values()), None)} | {kpi: (sent[name], None) for kpi, name in CATEGORIES.items()}
