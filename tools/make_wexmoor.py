"""Seeded extracts of Wexmoor, an area that does not exist: what the case systems of a council might export.

`python tools/make_wexmoor.py` rewrites `data/wexmoor/extracts`, and in `inbox` the export that a mapping reads. Each
draw is a whole number and every rate is written in thousandths, so that the bytes are the same on every machine.
`data/wexmoor/measures.toml` declares the tables.
"""  # noqa: INP001  # a script, in no package

from __future__ import annotations

import csv
import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from numpy.random import PCG64, Generator

if TYPE_CHECKING:
    from collections.abc import Sequence

T = TypeVar("T")
Rows = list[dict[str, object]]

AREA = Path(__file__).parents[1] / "data" / "wexmoor"
FOLDER, EXPORT = AREA / "extracts", AREA / "inbox" / "Suspensions to March 2024.csv"
SEED = 2023
STREAMS = (0, 4, 2, 3, 6, 5)  # one a table; 4 puts the backlog near the 1,000 that the plan prints
FIRST_DAY, LAST_DAY = dt.date(2022, 4, 1), dt.date(2024, 3, 31)
PLAN_START = dt.date(2023, 1, 31)
YEAR_MONTHS = [(2022 + n // 12, n % 12 + 1) for n in range(3, 27)]

PLANS_ON_TIME = (  # from the day the plan is due: thousandths issued within 20 weeks; a stall in the autumn of 2023
    ("2022-08-01", 270),
    ("2023-03-01", 320),
    ("2023-05-01", 440),
    ("2023-07-01", 590),
    ("2023-10-01", 440),
    ("2024-01-01", 660),
    ("2024-03-01", 730),
)
REVIEWS_IN_TIME = (("2022-04-01", 190), ("2023-02-01", 430), ("2023-09-01", 560))  # from the day the review is due
DECIDED_IN_4_WEEKS = (("2022-04-01", 360), ("2023-04-01", 480), ("2023-11-01", 560))  # from the day of the meeting
PHASES = {"primary": 40, "secondary": 0, "post16": -130}  # points in a thousand beside the council's rate
BACKLOG = (45, 65, 80, 85, 75, 65, 5, 40, 40, 30, 15, 25, 20, 20)  # thousandths cleared, February 2023 to March 2024
SUSPENSIONS = {9: 16, 10: 19, 11: 21, 12: 13, 1: 17, 2: 14, 3: 19, 4: 9, 5: 17, 6: 20, 7: 12}
CENSUS_DAYS = ("2022-05-19", "2022-10-06", "2023-01-19", "2023-05-18", "2023-10-05", "2024-01-18")
PUPILS = (881, 904, 921, 938, 967, 985)
ANSWERS = {(2022, 5): 31, (2022, 6): 24, (2022, 11): 48, (2023, 3): 55, (2023, 6): 61, (2023, 10): 23, (2023, 11): 44}
TRAINED = {"schools": (5, 11), "health": (2, 2), "social_care": (1, 3)}  # places a month before and after the plan


def chance(rng: Generator, thousandths: int) -> bool:
    """Whether something happens that does so `thousandths` times in a thousand."""
    return bool(rng.integers(1000) < thousandths)


def pick(rng: Generator, options: Sequence[T]) -> T:
    """One of the options, each as likely as the next."""
    return options[int(rng.integers(len(options)))]


def later(rng: Generator, day: dt.date, low: int, high: int) -> dt.date:
    """A working day about `low` to `high` days after another: what falls on a weekend is done on the Monday after."""
    found = day + dt.timedelta(int(rng.integers(low, high + 1)))
    return found + dt.timedelta(7 - found.weekday() if found.weekday() > 4 else 0)


def working_days(rng: Generator, year: int, month: int, count: int) -> list[dt.date]:
    """Working days of a month in order, drawn with repeats; the last one is always among them."""
    first = dt.date(year, month, 1)
    days = [first + dt.timedelta(n) for n in range(31)]
    working = [day for day in days if day.month == month and day.weekday() < 5]
    return sorted([pick(rng, working) for _ in range(count - 1)] + working[-1:])


def rate(steps: Sequence[tuple[str, int]], day: dt.date) -> int:
    """The thousandths that hold on a day: those of the last step begun."""
    return [value for start, value in steps if start <= max(day.isoformat(), steps[0][0])][-1]


def known(day: dt.date | None) -> str:
    """The day as text, or empty where it lies after the last day of the extracts."""
    return day.isoformat() if day and day <= LAST_DAY else ""


def numbered(rows: Rows, name: str, prefix: str, by: str) -> Rows:
    """The rows in order of a date, each with an id in front."""
    ordered = sorted(rows, key=lambda row: str(row[by]))
    return [{name: f"{prefix}{number:04}", **row} for number, row in enumerate(ordered, 1)]


def plan_requests(rng: Generator) -> Rows:
    """About thirty requests a month for an EHC needs assessment; some families whose request was refused ask again."""
    rows: Rows = []
    children = 0
    for year, month in YEAR_MONTHS:
        for day in working_days(rng, year, month, int(rng.integers(27, 34))):
            children += 1
            rows += _request(rng, f"CHILD{children:04}", day)
    return numbered(rows, "request_id", "CASE", "requested_on")


def _request(rng: Generator, child: str, day: dt.date) -> Rows:
    decided: dt.date | None = later(rng, day, 24, 58)
    issued = stopped = again = None
    reason, fate = "", int(rng.integers(1000))
    if fate < 190:
        stopped, reason = decided, "refused"
        again = later(rng, decided or day, 90, 200) if chance(rng, 250) else None
    elif fate < 225:
        stopped, reason = later(rng, day, 95, 130), "no plan needed"
    elif fate < 265:
        stopped, reason = later(rng, day, 12, 210), "withdrawn"
        decided = decided if decided and decided < stopped else None
    else:
        issued = _issue_day(rng, day)
    row: dict[str, object] = {
        "child_id": child,
        "need": pick(rng, ("communication", "communication", "learning", "mental health", "mental health", "physical")),
        "requested_on": day.isoformat(),
        "decided_on": known(decided),
        "stopped_on": known(stopped),
        "stop_reason": reason if known(stopped) else "",
        "issued_on": known(issued),
        "setting": pick(rng, ["mainstream"] * 17 + ["special"] * 10 + ["other"] * 4 + [""]) if known(issued) else "",
    }
    return [row, *(_request(rng, child, again) if again and again <= LAST_DAY else [])]


def _issue_day(rng: Generator, day: dt.date) -> dt.date:
    """Old cases wait while new ones are issued in time, and are closed from the late summer of 2023 on."""
    due = day + dt.timedelta(140)
    if chance(rng, rate(PLANS_ON_TIME, due)):
        return due if chance(rng, 120) else later(rng, day, 98, 138)
    if due < dt.date(2023, 5, 1) and chance(rng, 330):
        return later(rng, dt.date(2023, 8, 21), 0, 290)
    return later(rng, day, 141, 290)


def annual_reviews(rng: Generator) -> Rows:
    """About 130 annual reviews due a month, of which a backlog of some thousand is left when the plan begins."""
    rows: Rows = []
    for year, month in YEAR_MONTHS:
        for due in working_days(rng, year, month, int(rng.integers(126, 135))):
            rows.append(_review(rng, f"PUPIL{len(rows) + 1:04}", due))
    return numbered(rows, "review_id", "REV", "due_on")


def _review(rng: Generator, child: str, due: dt.date) -> dict[str, object]:
    phase = pick(rng, ("primary", "primary", "primary", "secondary", "secondary", "secondary", "post16"))
    met = decided = ended = None
    outcome, fate = pick(rng, ("kept", "kept", "amended", "amended", "amended", "ceased")), int(rng.integers(1000))
    if fate < 25:
        met, outcome = later(rng, due, -40, 10) if fate < 12 else None, "cancelled"
    elif fate < 70:
        ended = later(rng, due, 5, 420)
    else:
        met = _meeting_day(rng, due)
    if met and outcome != "cancelled" and not chance(rng, 25):
        soon = rate(DECIDED_IN_4_WEEKS, met) + PHASES[phase]
        decided = later(rng, met, 9, 26) if chance(rng, soon) else later(rng, met, 29, 95)
    in_time = decided is not None and decided <= due
    return {
        "child_id": child,
        "phase": phase,
        "due_on": due.isoformat(),
        "met_on": known(met),
        "decided_on": known(decided),
        "outcome": outcome if known(decided) or outcome == "cancelled" else "",
        "overdue_on": "" if in_time else known(due + dt.timedelta(1)),
        "ended_on": known(ended),
    }


def _meeting_day(rng: Generator, due: dt.date) -> dt.date | None:
    if chance(rng, rate(REVIEWS_IN_TIME, due)):
        return later(rng, due, -75, -35)
    if due > PLAN_START:
        return later(rng, due, -25, 120)
    share = int(rng.integers(1000))
    for place, cleared in enumerate(BACKLOG):
        share -= cleared
        if share < 0:
            return later(rng, dt.date(2023, 2, 1), 30 * place - 14, 30 * place + 10)
    return None


def family_survey(rng: Generator) -> Rows:
    """Forms of the termly family survey: about one family in eight is content, from first to last."""
    ratings = ["very good", *["good"] * 5, *["fair"] * 17, *["poor"] * 24, ""]
    rows: Rows = []
    for (year, month), count in (ANSWERS | {(2024, 2): 38, (2024, 3): 29}).items():
        for day in working_days(rng, year, month, count):
            age = pick(rng, ("under 5", "5 to 10", "5 to 10", "11 to 15", "11 to 15", "16 to 25"))
            rows.append({"answered_on": day.isoformat(), "age_band": age, "rating": pick(rng, ratings)})
    return numbered(rows, "form_id", "ANSWER", "answered_on")


def suspensions(rng: Generator) -> Rows:
    """Suspensions of pupils with an EHC plan, in term time."""
    rows: Rows = []
    for year, month in YEAR_MONTHS:
        count = SUSPENSIONS.get(month, 0) + int(rng.integers(-3, 4)) - (2 if (year, month) > (2023, 8) else 0)
        for day in working_days(rng, year, month, count) if month != 8 else []:
            school = pick(rng, ("primary", "secondary", "secondary", "secondary", "special"))
            rows.append({"started_on": day.isoformat(), "school": school, "days": int(rng.integers(1, 6))})
    return numbered(rows, "suspension_id", "SUSP", "started_on")


def appeals(rng: Generator) -> Rows:
    """Appeals to the tribunal, among them those that were open when the extracts begin."""
    lodged = [later(rng, dt.date(2021, 10, 1), 0, 178) for _ in range(30)]
    lodged += [day for year, month in YEAR_MONTHS for day in working_days(rng, year, month, int(rng.integers(4, 8)))]
    rows: Rows = []
    for day in lodged:
        closed = later(rng, max(day, FIRST_DAY - dt.timedelta(90)), 95, 320 if day.year < 2023 else 270)
        outcome = pick(rng, ("conceded", "conceded", "agreed", "upheld", "dismissed", "withdrawn"))
        about = pick(rng, ("refusal to assess", "content of the plan", "content of the plan", "end of the plan"))
        ended = {"closed_on": known(closed), "outcome": outcome if known(closed) else ""}
        rows.append({"lodged_on": day.isoformat(), "about": about, **ended})
    return numbered(rows, "appeal_id", "APPEAL", "lodged_on")


def training(rng: Generator) -> Rows:
    """One row a place taken on the training in inclusive practice; a person who comes twice stands there twice."""
    rows: Rows = []
    for year, month in YEAR_MONTHS:
        for employer, places in TRAINED.items() if month != 8 else []:
            count = places[(year, month) > (2023, 1)] + int(rng.integers(0, 4))
            for day in working_days(rng, year, month, count):
                person = f"STAFF{int(rng.integers(1, 700)):03}"
                rows.append({"person_id": person, "employer": employer, "trained_on": day.isoformat()})
    return numbered(rows, "attendance_id", "PLACE", "trained_on")


def write_export(rows: Rows) -> None:
    """Suspensions as a schools' system exports them: a title, other headings, days and words, a total at the foot."""
    titles = [["Suspensions of pupils with an EHC plan"], [], ["Ref", "Pupil name", "First day", "School type", "Days"]]
    EXPORT.parent.mkdir(exist_ok=True)
    with EXPORT.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter=";", lineterminator="\n")
        writer.writerows(titles)
        for row in rows:
            day = "/".join(reversed(str(row["started_on"]).split("-")))
            writer.writerow([row["suspension_id"], "made up", day, f"{row['school']} school".title(), row["days"]])
        writer.writerow(["Total", len(rows)])


def main() -> None:
    """Write every extract; files of the same names are replaced."""
    makers = (plan_requests, annual_reviews, family_survey, suspensions, appeals, training)
    tables = {
        make.__name__: make(Generator(PCG64([SEED, stream]))) for stream, make in zip(STREAMS, makers, strict=True)
    }
    tables["pupil_counts"] = [{"counted_on": day, "pupils": n} for day, n in zip(CENSUS_DAYS, PUPILS, strict=True)]
    FOLDER.mkdir(parents=True, exist_ok=True)
    write_export(tables.pop("suspensions"))
    for name, rows in tables.items():
        with (FOLDER / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)


if __name__ == "__main__":
    main()
