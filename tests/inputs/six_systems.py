"""The extracts of an area as six systems would export them: a case system, an audit tool, a clinic's system, a survey
tool with its list of invitations, and a pathway's tracker that is kept by hand. No person in them is real.

`write_exports(folder)` writes them; `MAPPINGS` holds, by table, the mapping that reads them back without a row lost.
As a command: `python tests/inputs/six_systems.py FOLDER`.
"""

import csv
import datetime as dt
import sys
from itertools import chain, groupby
from pathlib import Path

from openpyxl import Workbook

HERE = Path(__file__).with_suffix("")
EXTRACTS = Path(__file__).parents[2] / "data" / "southend" / "extracts"
MAPPINGS = {path.stem: path.read_text(encoding="utf-8") for path in sorted(HERE.glob("*.toml"))}
FIRST = ("Amara", "Ben", "Chloe", "Dylan", "Esme", "Farid", "Grace", "Harvey", "Isla", "Jude", "Kezia")
LAST = ("Abbott", "Barlow", "Chowdhury", "Dunmore", "Eastwick", "Fenwick", "Garrod")
AUDITORS = {"AUD1": "P. Lomax", "AUD2": "Ruth Tindall", "AUD3": "Dev Anand", "AUD4": "J. Okafor", "AUD5": "Mary Sewell"}
UPN_LETTERS = "ABCDEFGHJKLMNPQRTUVWXYZ"

GIVERS = {
    "education_setting": "Education – Setting",
    "educational_psychology": "EP service",
    "health": "Health – Comm Paeds",
    "social_care": "Social Care – CYPDT",
    "parent_or_young_person": "Parent / Young Person",
    "other": "Other",
}
EXCEPTIONS = {
    "none": "None applies",
    "exceptional_circumstances": "(b) Exceptional personal circumstances",
    "absence_4_weeks": "(c) Absent from area 4 weeks+",
    "missed_appointment": "(d) Missed appointment",
}
REASONS = {
    "": "",
    "assessed": "Assessment complete",
    "declined": "Declined by family",
    "moved_away": "Moved out of area",
    "referral_error": "Referred in error",
    "did_not_attend": "DNA – discharged",
    "transferred": "Transferred to other provider",
    "unknown": "Not known",
}
SOURCES = {
    "community_paediatrics": "Community paeds",
    "neu_pathway": "Neu pathway",
    "school": "School / SENCo",
    "gp": "GP",
    "other": "Other",
}
CATEGORIES = {"parent_carer": "Parent or carer", "cyp": "Young person", "practitioner": "Professional"}
POINTS = {
    "": "",
    "1": "1 - Very dissatisfied",
    "2": "2 - Dissatisfied",
    "3": "3 - Neither",
    "4": "4 - Satisfied",
    "5": "5 - Very satisfied",
}
GRADES = {
    "Yes": ("Good", "Outstanding"),
    "No": ("Requires improvement", "Inadequate"),
    "N/A": ("Not applicable",) * 2,
    "": ("", ""),
}
SPLIT = {"plan_type": {"new": "New plan", "amended": "Amended plan"}, "stage": {"draft": "Draft", "final": "Final"}}
QUESTIONS = {"A": "views and aspirations", "B": "needs", "C": "health needs", "D": "care needs", "E": "outcomes"}
QUESTIONS |= {"F": "education provision", "G": "health provision", "H1": "care provision under s2", "H2": "other care"}
QUESTIONS |= {"I": "placement", "J": "personal budget", "K": "advice listed"}
YES_NO = {"yes": "Y", "no": "N", "": ""}


def write_exports(folder, extracts=EXTRACTS, *, graded=False):
    """Write every export into a folder and give their paths; audits with grades in place of Yes and No if asked for."""
    advice = _rows(extracts, "advice_requests")
    older = [row for row in advice if max(row["sent_on"], row["returned_on"]) < "2022-03-01"]
    return [
        _write_advice(folder / "EHCNA advice requests 2022-02.xlsx", older),
        _write_advice(folder / "EHCNA advice requests 2022-03.xlsx", advice),
        *_write_audits(folder, _rows(extracts, "ehcp_audits"), graded=graded),
        _write_referrals(folder / "ASD_referrals_01042022.csv", _rows(extracts, "autism_referrals")),
        *_write_responses(folder, _rows(extracts, "survey_responses")),
        _write_invitations(folder / "Survey invitations.xlsx", _rows(extracts, "survey_invitations")),
        _write_tracker(folder / "Neu tracker Apr 22.xlsx", _rows(extracts, "neu_pathway")),
    ]


def write_wide_advice(folder, extracts=EXTRACTS, *, numbers=True):
    """Write the advice as one row a case and round, each adviser's cells side by side, with or without numbers."""
    rounds, cases = {}, {}
    for row in _rows(extracts, "advice_requests"):
        case = row["child_id"], row["giver"]
        rounds[case] = rounds.get(case, 0) + 1
        cases.setdefault((row["child_id"], rounds[case]), {})[row["giver"]] = row
    lowest = ["Request no"] * numbers + ["Requested", "Received", "Returned", "Withdrawn", "Reg 8(2)", "Enough already"]
    names = [name for label in GIVERS.values() for name in (label, *[None] * (len(lowest) - 1))]
    sheet = _sheet("Cases", "EHC needs assessments: advice by case")
    sheet.append([None] * 3 + names)
    sheet.append(["Child ref", "Child name", "Round", *lowest * len(GIVERS)])
    for place in range(len(GIVERS)):
        start = 4 + place * len(lowest)
        sheet.merge_cells(start_row=4, end_row=4, start_column=start, end_column=start + len(lowest) - 1)
    for (child, number), given in cases.items():
        cells = [_adviser(given.get(giver), numbers=numbers) or [None] * len(lowest) for giver in GIVERS]
        sheet.append([child, _name(child), number, *chain.from_iterable(cells)])
    sheet.append(["Total", None, len(cases)])
    return _saved(sheet, folder / "EHCNA case list 31-03-2022.xlsx")


def nhs_number(child):
    """A number with the right check digit, of the thousand million that are kept for tests."""
    for extra in range(10):
        digits = [9, 9, 9, *map(int, f"{_number(child):05}"), extra]
        check = 11 - sum(weight * digit for weight, digit in zip(range(10, 1, -1), digits, strict=True)) % 11
        if check != 10:
            text = "".join(map(str, [*digits, check % 11]))
            return f"{text[:3]} {text[3:6]} {text[6:]}"
    raise AssertionError


def upn(child):
    digits = [int(digit) for digit in f"882{_number(child):09}"]
    return UPN_LETTERS[sum(w * digit for w, digit in enumerate(digits, 2)) % 23] + "".join(map(str, digits))


def _rows(extracts, table):
    with (Path(extracts) / f"{table}.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def _sheet(title, *titles):
    """A new sheet beside a cover, with two title rows and a blank one above what follows."""
    book = Workbook()
    book.active.title = "Parameters"
    book.active.append(["Report run by", "SEND data team"])
    book.active.append(["Period", "all to date"])
    sheet = book.create_sheet(title)
    if titles:
        sheet.append(titles)
        sheet.append(["Official – sensitive", None, None])
        sheet.append([])
        sheet.merge_cells("A1:F1")
    return sheet


def _saved(sheet, path):
    sheet.parent.save(path)
    return path


def _write_advice(path, rows):
    sheet = _sheet("Requests", "EHCNA advice requests")
    sheet.append(
        [
            *("EHCNA Request ID", "Child ref", "Child name", "NHS No", "UPN", "Caseworker", "Adviser type"),
            *("Date advice requested", "Date received by adviser", "Date advice returned", "Date withdrawn"),
            *("Reg 8(2) exception", "Existing advice sufficient", "Notes"),
        ]
    )
    for number, row in enumerate(rows):
        if number % 250 == 249:
            sheet.append([])
        if number in {40, 900}:
            test = [f"TEST000{number % 9}", "TEST", "Test Child", None, None, None, "Other", _stamp("2021-02-01", 3)]
            sheet.append([*test, None, None, None, "None applies", "N", "please ignore"])
        child = row["child_id"]
        sheet.append(
            [
                *(row["request_id"], child, _name(child), nhs_number(child), upn(child), _name(row["request_id"])),
                *(GIVERS[row["giver"]], _stamp(row["sent_on"], number), _excel_day(row["received_on"])),
                *(_british(row["returned_on"]) + " 16:45" * (number % 50 == 0 and row["returned_on"] != ""),),
                *(_british(row["withdrawn_on"]), EXCEPTIONS[row["exception"]]),
                *(YES_NO[row["existing_advice_sufficient"]], "rang the clinic, no reply" if number % 90 == 7 else None),
            ]
        )
    sheet.append(["Total", len(rows)])
    return _saved(sheet, path)


def _adviser(row, *, numbers):
    if not row:
        return []
    days = [_excel_day(row[name]) for name in ("sent_on", "received_on", "returned_on", "withdrawn_on")]
    rest = [EXCEPTIONS[row["exception"]], YES_NO[row["existing_advice_sufficient"]]]
    return [row["request_id"]] * numbers + days + rest


def _write_audits(folder, rows, *, graded):
    """A file a half-year, a row an audit and a column a question."""
    audits = [list(answers) for _, answers in groupby(rows, key=lambda row: row["audit_id"])]
    questions = {row["question_id"]: row["section"] for row in rows}
    halves = groupby(audits, key=lambda answers: (answers[0]["audited_on"][:4], answers[0]["audited_on"][5:7] > "06"))
    for (year, second), listed in halves:
        sheet = _sheet("Responses", "EHCP quality assurance tool")
        sheet.append(
            [
                *(
                    "Audit ref",
                    "Plan ref",
                    "Date of audit",
                    "Type of plan",
                    "Plan stage",
                    "Auditor name",
                    "Auditor ref",
                ),
                *(_question(name, section) for name, section in questions.items()),
                "What would improve the plan?",
            ]
        )
        for answers in listed:
            first = answers[0]
            given = {row["question_id"]: row["answer"] for row in answers}
            number = _number(first["audit_id"])
            words = [
                GRADES[given[name]][(number + place) % 2] if graded else given[name]
                for place, name in enumerate(questions)
            ]
            split = [SPLIT[name][first[name]] for name in SPLIT]
            person = [AUDITORS[first["auditor_id"]], first["auditor_id"]]
            start = [first["audit_id"], first["plan_id"], _excel_day(first["audited_on"]), *split, *person]
            sheet.append([*start, *words, "Say who does what by when." if number % 20 == 3 else None])
        yield _saved(sheet, folder / f"EHCP QA tool {'Jul-Dec' if second else 'Jan-Jun'} {year}.xlsx")


def _question(name, section):
    return "Overall" if section == "overall" else f"{name} {QUESTIONS[section].capitalize()}: is it clear and specific?"


def _write_referrals(path, rows):
    headings = [
        *("Referral no", "Pt ID", "NHS number", "DOB", "Age group", "Ref date", "Accepted", "Assessment start"),
        *("Assessment end", "Outcome letter date", "Discharge date", "Discharge reason", "Referral source"),
        "Provider site",
    ]
    days = ("referred_on", "accepted_on", "assessment_started_on", "assessment_completed_on", "outcome_given_on")
    lines = [headings]
    for row in rows:
        child = row["child_id"]
        birth = dt.date(2004, 1, 1) + dt.timedelta(days=_number(child) % 4000)
        start = [row["referral_id"], child, nhs_number(child), f"{birth:%d/%m/%Y}", row["age_band"]]
        dated = [_clinic(row[name]) for name in (*days, "closed_on")]
        lines.append([*start, *dated, REASONS[row["closure_reason"]], SOURCES[row["source"]], row["provider"]])
    return _csv(path, [*lines, ["End of report"]], ";")


def _write_responses(folder, rows):
    headings = [
        *("Respondent ID", "Survey", "Survey year", "Date submitted", "IP address", "Which best describes you?"),
        *("Overall satisfaction", "Comments"),
    ]
    for year, listed in groupby(rows, key=lambda row: row["survey_year"]):
        lines = [headings]
        for row in listed:
            number = _number(row["response_id"])
            when = f"{row['submitted_on']} {8 + number % 12:02}:{number % 60:02}:{number * 7 % 60:02}"
            start = [row["response_id"], row["tool"], year, when, f"192.0.2.{number % 250}"]
            comment = "They listened, and then nothing happened." if number % 6 == 0 else ""
            lines.append([*start, CATEGORIES[row["category"]], POINTS[row["satisfaction"]], comment])
        yield _csv(folder / f"survey_responses_{year.replace('/', '-')}.csv", lines, ",")


def _write_invitations(path, rows):
    sheet = _sheet("Invited")
    sheet.append(["Survey year", "Survey", "Group invited", "Number invited"])
    for row in rows:
        sheet.append([row["survey_year"], row["tool"], CATEGORIES[row["category"]], int(row["invited"])])
    return _saved(sheet, path)


def _write_tracker(path, rows):
    """Kept by hand: some days as Excel's numbers, others typed."""
    sheet = _sheet("Tracker")
    sheet.append(
        ["Child", "Name", "Date entered", "Diverted from paeds?", "Moved to ASD pathway", "Family rating (1-5)"]
    )
    for number, row in enumerate(rows):
        if number % 60 == 59:
            sheet.append([])
        entered, child = dt.date.fromisoformat(row["entered_on"]), row["child_id"]
        serial = (entered - dt.date(1899, 12, 30)).days if number % 3 else f"{entered:%d/%m/%y}"
        moved = (
            f"{dt.date.fromisoformat(row['progressed_to_asd_on']):%d/%m/%y}" if row["progressed_to_asd_on"] else None
        )
        diverted = YES_NO[row["diverted_from_paediatrics"]]
        sheet.append([child, _name(child), serial, diverted, moved, int(row["satisfaction"] or 0) or None])
    sheet.append(["TOTAL", len(rows)])
    return _saved(sheet, path)


def _csv(path, lines, separator):
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file, delimiter=separator).writerows(lines)
    return path


def _number(text):
    return int("".join(sign for sign in text if sign.isdigit()))


def _name(text):
    return f"{FIRST[_number(text) % len(FIRST)]} {LAST[_number(text) % len(LAST)]}"


def _excel_day(text):
    return dt.date.fromisoformat(text) if text else None


def _stamp(text, number):
    return dt.datetime.fromisoformat(f"{text} {9 + number % 8:02}:{number % 60:02}") if text else None


def _british(text):
    return f"{dt.date.fromisoformat(text):%d/%m/%Y}" if text else ""


def _clinic(text):
    return f"{dt.date.fromisoformat(text):%d-%b-%Y}" if text else ""


if __name__ == "__main__":
    Path(sys.argv[1]).mkdir(parents=True, exist_ok=True)
    write_exports(Path(sys.argv[1]))
