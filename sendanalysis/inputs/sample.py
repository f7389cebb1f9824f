"""Seeded illustrative extracts: what the built-in tables of a real area hold, with no real child in them.

Each table is made by a function of its own from whole-number draws, so that one seed gives the same bytes on every
machine. Rates are written in thousandths. The tables keep their contracts and hold the traps that real ones hold:
blanks, repeat and double audits, a creeping N/A share, re-sent requests, re-referrals and a change of provider.
"""

from __future__ import annotations

import datetime as dt
import re
from typing import TYPE_CHECKING, NamedTuple

import pandas as pd
from numpy.random import PCG64, Generator

from sendanalysis.errors import InputError
from sendanalysis.inputs.area import check_area
from sendanalysis.inputs.contracts import PATTERNS
from sendanalysis.inputs.sample_children import (
    FIRST_DAY,
    LAST_DAY,
    chance,
    days,
    later,
    pick,
    sample_advice_requests,
    sample_autism_referrals,
    sample_neu_pathway,
    satisfaction,
)
from sendanalysis.inputs.sample_sen2 import sample_cases, write_sen2
from sendanalysis.methods.periods import months_between

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from sendanalysis.inputs.parameters import Survey
    from sendanalysis.inputs.plan import Kpi

YEAR = re.compile(PATTERNS["survey_year"][0])
STREAMS = (0, 1, 8, 7, 4)  # one a table; 8 and 7 put seed 2021 near 280 children waiting, and quality near 80%
SEN2_STREAM, SEN2_CHILDREN = 9, 700
SECTIONS = {"A": 2, "B": 4, "C": 3, "D": 2, "E": 4, "F": 5, "G": 3, "H1": 2, "H2": 2, "I": 1, "J": 1, "K": 1}
QUESTIONS = {f"{s}{'abcde'[i] if s[-1].isdigit() else i + 1}": s for s, n in SECTIONS.items() for i in range(n)}
NOT_APPLICABLE = dict.fromkeys("CG", 120) | dict.fromkeys(("D", "H1", "H2"), 250)
MET = dict.fromkeys("CG", 763) | dict.fromkeys(("D", "H1", "H2"), 775)
AUDITORS = {f"AUD{n}": leaning for n, leaning in enumerate((-35, 45, 0, 10, -20), 1)}

FORMS = {  # forms in the three survey rounds, and people invited to each
    "cyp": ((6, 8, 21), (410, 430, 450)),
    "practitioner": ((80, 131, 64), (520, 540, 560)),
    "parent_carer": ((168, 240, 117), (1650, 1730, 1810)),
}


class Round(NamedTuple):
    """One group of people in one survey year."""

    year: str
    tool: str
    category: str
    forms: int
    invited: int
    first: dt.date
    last: dt.date


def write_sample(area_folder: Path, *, seed: int) -> list[Path]:
    """Write the illustrative extracts that an area's plan needs; files of the same names are replaced.

    A table is needed where a KPI uses its measure; the Neu pathway where its file is there already. The day of the
    backlog, the change of provider and the survey years are those of the area.

    Args:
        area_folder: Folder of the area; the tables go into its folder `extracts`.
        seed: Whole number from 0; the same seed gives the same bytes.

    Returns:
        The files written, by name.

    Raises:
        InputError: The seed is negative, the area cannot be opened, or its plan uses no built-in table.
    """
    if seed < 0:
        raise InputError(f"seed: {seed} is negative. Name a whole number from 0, such as 2021.")
    area, _ = check_area(area_folder)
    folder = area_folder / "extracts"
    used = {kpi.measure for kpi in area.plan}
    needed = {contract.name for contract in area.contracts if contract.required != "yes" and contract.is_needed(used)}
    needed |= {"neu_pathway"} & {path.stem for path in folder.glob("*.csv")}
    returned = area.settings.sen2
    if not needed and not returned:
        raise InputError(f"{area_folder.name}: its plan uses no built-in measure, so there is no sample to make of it.")
    streams = [Generator(PCG64([seed, number])) for number in STREAMS]
    parameters = area.settings.parameters
    transfer = next(map(dt.date.fromisoformat, parameters.autism.series_breaks), None)
    neu_pathway = sample_neu_pathway(streams[0])
    met = neu_pathway if "neu_pathway" in needed else neu_pathway[:0]
    rounds = survey_rounds(parameters.survey, area.plan)
    make: dict[str, Callable[[], pd.DataFrame]] = {
        "advice_requests": lambda: sample_advice_requests(streams[1]),
        "autism_referrals": lambda: sample_autism_referrals(streams[2], met, parameters.autism.cohort_on, transfer),
        "ehcp_audits": lambda: sample_ehcp_audits(streams[3]),
        "neu_pathway": lambda: neu_pathway,
        "survey_invitations": lambda: sample_survey_invitations(rounds),
        "survey_responses": lambda: sample_survey_responses(streams[4], rounds),
    }
    folder.mkdir(parents=True, exist_ok=True)
    written = [folder / f"{name}.csv" for name in make if name in needed]
    for path in written:
        make[path.stem]().to_csv(path, index=False, encoding="utf-8", lineterminator="\n")
    if returned:
        cases = sample_cases(Generator(PCG64([seed, SEN2_STREAM])), SEN2_CHILDREN)
        written += write_sen2(area.folder / returned, cases)
    return written


class _Audit(NamedTuple):
    day: dt.date
    plan_id: str
    plan_type: str
    stage: str
    auditor: str
    answers: dict[str, str]


def sample_ehcp_audits(rng: Generator) -> pd.DataFrame:
    """About twenty audits a month of thirty questions and one summary question.

    Some plans are audited again by the same auditor, and some within days by a second one.

    Returns:
        One row an answer, with the columns of `ehcp_audits`.
    """
    audits: list[_Audit] = []
    plans = 0
    for month in months_between(FIRST_DAY, LAST_DAY):
        for day in days(rng, month, pick(rng, range(14, 19))):
            plans += 1
            stage, auditor = "draft" if chance(rng, 120) else "final", pick(rng, list(AUDITORS))
            plan_type = "new" if chance(rng, 450) else "amended"
            answers = _answers(rng, day, int(rng.integers(-110, 111)) + AUDITORS[auditor])
            first = _Audit(day, f"PLAN{plans:04}", plan_type, stage, auditor, answers)
            audits += [first, *_audits_again(rng, first)]
    audits = sorted((audit for audit in audits if audit.day <= LAST_DAY), key=lambda audit: audit.day)
    sections = QUESTIONS | {"overall": "overall"}
    rows = [
        (f"AUDIT{number:04}", a.plan_id, a.day, a.plan_type, a.stage, a.auditor, sections[question], question, answer)
        for number, a in enumerate(audits, 1)
        for question, answer in a.answers.items()
    ]
    columns = "audit_id plan_id audited_on plan_type stage auditor_id section question_id answer"
    return pd.DataFrame(rows, columns=columns.split())


def _audits_again(rng: Generator, first: _Audit) -> list[_Audit]:
    again = []
    if chance(rng, 110):
        other = pick(rng, [auditor for auditor in AUDITORS if auditor != first.auditor])
        day = later(rng, first.day, 0, 3)
        again.append(first._replace(day=day, auditor=other, answers=_answers(rng, day, AUDITORS[other], first.answers)))
    for rate, low, high in ((100, 6, 11), (130, 35, 150)):
        if chance(rng, rate):
            day = later(rng, first.day, low, high)
            answers = _answers(rng, day, 50 + AUDITORS[first.auditor], first.answers)
            again.append(first._replace(day=day, stage="final", answers=answers))
    return again


def _answers(rng: Generator, day: dt.date, lift: int, earlier: dict[str, str] | None = None) -> dict[str, str]:
    answers = {
        question: earlier[question] if earlier and chance(rng, 650) else _answer(rng, section, day, lift)
        for question, section in QUESTIONS.items()
    }
    failed = list(answers.values()).count("No") + int(rng.integers(-1, 2))
    return answers | {"overall": "" if chance(rng, 20) else "No" if failed > 7 else "Yes"}


def _answer(rng: Generator, section: str, day: dt.date, lift: int) -> str:
    since_june = 12 * (day.year - 2021) + day.month - 6
    drift = 20 * min(max(since_june - 2, 0), 4)  # the N/A share creeps up from September to December 2021
    trend = since_june * (3 if since_june > 0 else 2) - (150 if (day.year, day.month) == (2021, 2) else 0)
    if chance(rng, 15):
        return ""
    if chance(rng, NOT_APPLICABLE.get(section, 60) + drift):
        return "N/A"
    return "Yes" if chance(rng, MET.get(section, 800) + trend + lift) else "No"


def survey_rounds(chosen: Survey, plan: tuple[Kpi, ...] = ()) -> list[Round]:
    """The rounds of the year of the baseline, the year of the target and the year after it, which has a new tool.

    Rounds that begin after the sample's last day are left out. The first has as many forms as the plan prints.

    >>> from sendanalysis.inputs.parameters import Survey
    >>> [found.year for found in survey_rounds(Survey(baseline_year="2019/20", target_year="2020/21"))][::3]
    ['2019/20', '2020/21', '2021/22']
    """
    starts = [int(year[:4]) for year in (chosen.baseline_year, chosen.target_year) if YEAR.fullmatch(year)]
    starts += [starts[-1] + 1] if starts else []
    printed = {kpi.group: int(kpi.baseline) for kpi in plan if kpi.measure == "survey" and kpi.baseline is not None}
    rounds = []
    for number, start in enumerate(starts[-3:]):
        new = number == len(starts) - 1
        first = _monday_from(dt.date(start, 11, 8) if new else dt.date(start, 9, 14))
        last = min(_monday_from(dt.date(start + 1, 7, 11)) + dt.timedelta(4), LAST_DAY)
        for category, (forms, invited) in FORMS.items() if first < last else ():
            count = printed.get(category, forms[0]) if number == 0 else forms[number]
            people, tool = max(invited[number], count), "New SEND survey" if new else "POET"
            rounds.append(Round(f"{start}/{(start + 1) % 100:02}", tool, category, count, people, first, last))
    return rounds


def _monday_from(day: dt.date) -> dt.date:
    return day + dt.timedelta(-day.weekday() % 7)


def sample_survey_responses(rng: Generator, rounds: list[Round]) -> pd.DataFrame:
    """The forms of the survey rounds.

    Returns:
        One row a form, with the columns of `survey_responses`.
    """
    forms = [
        (later(rng, item.first, 0, (item.last - item.first).days), *item[:3], satisfaction(rng, 60, "1223334445"))
        for item in rounds
        for _ in range(item.forms)
    ]
    rows = pd.DataFrame(forms, columns=["submitted_on", "survey_year", "tool", "category", "satisfaction"])
    rows = rows.sort_values("submitted_on", kind="stable", ignore_index=True)
    rows["response_id"] = [f"FORM{number:04}" for number in range(1, len(rows) + 1)]
    return rows[["response_id", "survey_year", "tool", "category", "submitted_on", "satisfaction"]]


def sample_survey_invitations(rounds: list[Round]) -> pd.DataFrame:
    """How many people each round invited; the columns of `survey_invitations`."""
    rows = [(item.year, item.tool, item.category, str(item.invited)) for item in rounds]
    return pd.DataFrame(rows, columns=["survey_year", "tool", "category", "invited"])
