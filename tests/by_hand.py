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


def _suspensions(path):
    """The export of the schools, whose headings stand in row 3 and whose days are written day first."""
    lines = list(csv.reader(path.read_text(encoding="utf-8").splitlines()[3:-1], delimiter=";"))
    return [{"started_on": "-".join(reversed(day.split("/")))} for _, _, day, *_ in lines]


def advice_baselines(area):
    """On time and due in the first three whole months, by KPI."""
    requests = _rows(area / "extracts" / "advice_requests.csv")
    first = min(due for row in requests if (due := _due(row)) and row["giver"] in SECTORS["ADVICE"])
    months = [_later(first[:7], n) for n in (1, 2, 3)]
    counted = [_advice(requests, month) for month in months]
    return {kpi: tuple(sum(one[kpi][part] for one in counted) for part in (0, 1)) for kpi in SECTORS}


def other_figures(area, month):
    """Value, numerator and denominator (None where there is none) of the other area's KPIs, by id."""
    rows = {path.stem: _rows(path) for path in (area / "extracts").glob("*.csv")}
    rows["suspensions"] = _suspensions(area / "inbox" / "Suspensions to March 2024.csv")
    last = _last_day(month)
    quarter, year = f"{_later(month, -2)}-01", f"{_later(month, -11)}-01"
    school_year = f"{int(month[:4]) - (month[5:] < '09')}-09-01"

    def inside(row, column, first):
        return first <= row[column] <= last

    found = {
        "NEW_PLANS_20W": _on_time(
            rows["plan_requests"], ("requested_on", "issued_on", "stopped_on"), 140, quarter, last
        )
    }
    issued = [row for row in rows["plan_requests"] if inside(row, "issued_on", quarter)]
    weeks = [(_day(row["issued_on"]) - _day(row["requested_on"])).days / 7 for row in issued]
    found["PLAN_WEEKS"] = sum(weeks) / len(weeks), len(weeks), None
    placed = [row["setting"] for row in rows["plan_requests"] if inside(row, "issued_on", year) and row["setting"]]
    found["MAINSTREAM"] = _share(placed.count("mainstream"), len(placed))
    reviews = [row for row in rows["annual_reviews"] if row["outcome"] != "cancelled"]
    began, later = "2023-01-31", "9999"
    cohort = [
        row
        for row in reviews
        if "" < row["overdue_on"] <= began < min(row["decided_on"] or later, row["ended_on"] or later)
    ]
    remaining = [row for row in cohort if min(row["decided_on"] or later, row["ended_on"] or later) > last]
    found["REVIEWS_OVERDUE"] = len(remaining), len(remaining), len(cohort)
    for name, phases in {
        "": {"primary", "secondary", "post16"},
        "_PRIMARY": {"primary"},
        "_SECONDARY": {"secondary"},
        "_POST16": {"post16"},
    }.items():
        own = [row for row in reviews if row["phase"] in phases]
        found[f"REVIEW_4W{name}"] = _on_time(own, ("met_on", "decided_on", ""), 28, quarter, last)
    rated = [
        row["rating"] for row in rows["family_survey"] if inside(row, "answered_on", school_year) and row["rating"]
    ]
    found["FAMILY_RATING"] = _share(sum(rating in {"good", "very good"} for rating in rated), len(rated))
    appeals = sum(row["lodged_on"] <= last < (row["closed_on"] or later) for row in rows["appeals"])
    found["APPEALS_OPEN"] = appeals, appeals, None
    suspended = sum(inside(row, "started_on", year) for row in rows["suspensions"])
    pupils = int(
        max((row["counted_on"], row["pupils"]) for row in rows["pupil_counts"] if row["counted_on"] <= last)[1]
    )
    found["SUSPENSIONS"] = 1000 * suspended / pupils, suspended, pupils
    employers = {"": None, "_SCHOOLS": "schools", "_HEALTH": "health", "_CARE": "social_care"}
    for name, employer in employers.items():
        own = [row for row in rows["training"] if employer in (None, row["employer"])]
        trained = sum(inside(row, "trained_on", year) for row in own)
        found[f"TRAINED{name}"] = trained, trained, None
    entries = [
        row for row in _rows(area / "plan" / "recorded.csv") if row["month"] <= month and row["recorded_on"] <= last
    ]
    checks = max((row["month"], row["recorded_on"], row) for row in entries if row["kpi_id"] == "HEALTH_CHECKS")[2]
    found["HEALTH_CHECKS"] = _share(int(checks["numerator"]), int(checks["denominator"]))
    return found


def _share(n, of):
    return 100 * n / of, n, of


def _day(text):
    return dt.date.fromisoformat(text)


def _on_time(rows, columns, limit, first, last):
    """Done by the day they fell due, of those that fell due in a span of days; one stopped before that is outside."""
    start, done, stopped = columns
    due = [(row, (_day(row[start]) + dt.timedelta(days=limit)).isoformat()) for row in rows if row[start]]
    due = [(row, day) for row, day in due if first <= day <= last and not (stopped and "" < row[stopped] < day)]
    return _share(sum("" < row[done] <= day for row, day in due), len(due))


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
