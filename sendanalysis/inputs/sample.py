"""Seeded illustrative extracts: what a real area's six tables hold, with no real child in them.

Each table is made by a function of its own from whole-number draws, so that one seed gives the same bytes on every
machine. Rates are written in thousandths. The tables keep their contracts and hold the traps that real ones hold:
blanks, repeat and double audits, a creeping N/A share, re-sent requests, re-referrals and a change of provider.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, NamedTuple

import pandas as pd
from numpy.random import PCG64, Generator

from sendanalysis.errors import InputError
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
from sendanalysis.methods.periods import months_between

if TYPE_CHECKING:
    from pathlib import Path

STREAMS = (0, 1, 8, 7, 4)  # one a table; 8 and 7 put seed 2021 near 280 children and the printed 81, 79 and 83%
SECTIONS = {"A": 2, "B": 4, "C": 3, "D": 2, "E": 4, "F": 5, "G": 3, "H1": 2, "H2": 2, "I": 1, "J": 1, "K": 1}
QUESTIONS = {f"{s}{'abcde'[i] if s[-1].isdigit() else i + 1}": s for s, n in SECTIONS.items() for i in range(n)}
NOT_APPLICABLE = dict.fromkeys("CG", 120) | dict.fromkeys(("D", "H1", "H2"), 250)
MET = dict.fromkeys("CG", 763) | dict.fromkeys(("D", "H1", "H2"), 775)
AUDITORS = {"AUD1": -35, "AUD2": 45, "AUD3": 0, "AUD4": 10, "AUD5": -20}

SURVEYS = (  # survey year, tool, category, forms, invited, first day, last day
    ("2019/20", "POET", "cyp", 6, 410, dt.date(2019, 9, 16), dt.date(2020, 7, 17)),
    ("2019/20", "POET", "practitioner", 80, 520, dt.date(2019, 9, 16), dt.date(2020, 7, 17)),
    ("2019/20", "POET", "parent_carer", 168, 1650, dt.date(2019, 9, 16), dt.date(2020, 7, 17)),
    ("2020/21", "POET", "cyp", 8, 430, dt.date(2020, 9, 14), dt.date(2021, 7, 16)),
    ("2020/21", "POET", "practitioner", 131, 540, dt.date(2020, 9, 14), dt.date(2021, 7, 16)),
    ("2020/21", "POET", "parent_carer", 240, 1730, dt.date(2020, 9, 14), dt.date(2021, 7, 16)),
    ("2021/22", "New SEND survey", "cyp", 21, 450, dt.date(2021, 11, 8), LAST_DAY),
    ("2021/22", "New SEND survey", "practitioner", 64, 560, dt.date(2021, 11, 8), LAST_DAY),
    ("2021/22", "New SEND survey", "parent_carer", 117, 1810, dt.date(2021, 11, 8), LAST_DAY),
)


def write_sample(area_folder: Path, *, seed: int) -> list[Path]:
    """Write the six illustrative extracts of an area; files of the same names are replaced.

    Args:
        area_folder: Folder of the area; the tables go into its folder `extracts`.
        seed: Whole number from 0; the same seed gives the same bytes.

    Returns:
        The files written, by name.

    Raises:
        InputError: The seed is negative.
    """
    if seed < 0:
        raise InputError(f"seed: {seed} is negative. Name a whole number from 0, such as 2021.")
    streams = [Generator(PCG64([seed, number])) for number in STREAMS]
    neu_pathway = sample_neu_pathway(streams[0])
    tables = {
        "advice_requests": sample_advice_requests(streams[1]),
        "autism_referrals": sample_autism_referrals(streams[2], neu_pathway),
        "ehcp_audits": sample_ehcp_audits(streams[3]),
        "neu_pathway": neu_pathway,
        "survey_invitations": sample_survey_invitations(),
        "survey_responses": sample_survey_responses(streams[4]),
    }
    folder = area_folder / "extracts"
    folder.mkdir(parents=True, exist_ok=True)
    for name, rows in tables.items():
        rows.to_csv(folder / f"{name}.csv", index=False, encoding="utf-8", lineterminator="\n")
    return [folder / f"{name}.csv" for name in tables]


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


def sample_survey_responses(rng: Generator) -> pd.DataFrame:
    """The forms of three survey rounds; the first has the counts printed in the plan as its baseline.

    Returns:
        One row a form, with the columns of `survey_responses`.
    """
    forms = [
        (later(rng, first, 0, (last - first).days), year, tool, category, satisfaction(rng, 60, "1223334445"))
        for year, tool, category, submitted, _, first, last in SURVEYS
        for _ in range(submitted)
    ]
    rows = pd.DataFrame(forms, columns=["submitted_on", "survey_year", "tool", "category", "satisfaction"])
    rows = rows.sort_values("submitted_on", kind="stable", ignore_index=True)
    rows["response_id"] = [f"FORM{number:04}" for number in range(1, len(rows) + 1)]
    return rows[["response_id", "survey_year", "tool", "category", "submitted_on", "satisfaction"]]


def sample_survey_invitations() -> pd.DataFrame:
    """How many people each round invited; the columns of `survey_invitations`."""
    rows = [(year, tool, category, str(invited)) for year, tool, category, _, invited, _, _ in SURVEYS]
    return pd.DataFrame(rows, columns=["survey_year", "tool", "category", "invited"])
