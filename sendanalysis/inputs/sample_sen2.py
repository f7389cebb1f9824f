"""An illustrative SEN2 return: seeded cases, written in whichever of the four layouts the area names."""

from __future__ import annotations

import csv
import datetime as dt
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

from sendanalysis.inputs.sample_children import chance, later, pick
from sendanalysis.inputs.sen2 import ITEMS
from sendanalysis.inputs.sen2_layouts import RECORDS, SHEETS, TEMPLATE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.random import Generator

Record = dict[str, Any]  # its items, and its records under their names

REFERENCE, FIRST = dt.date(2022, 1, 20), dt.date(2020, 1, 6)
MARKS = {  # what names a child in a return; a reader never takes it
    "Surname": "ZZSURNAME",
    "Forename": "ZZFORENAME",
    "PersonBirthDate": "1999-09-09",
    "Sex": "ZZSEX",
    "Ethnicity": "ZZETHNICITY",
    "PostCode": "ZZ99 9ZZ",
    "UPN": "ZZUPN",
    "UniqueLearnerNumber": "ZZULN",
}
NEEDS, SETTINGS = ("ASD", "ASD", "SEMH", "SLCN", "MLD", "PD", "HI"), ("OLA", "EHE", "EYP", "NEET", "NIEO")
FOLDED = {"ReceivedDate": "Date request was \nreceived"}  # line breaks as the template has them


def sample_cases(rng: Generator, children: int) -> list[Record]:
    """Children with their requests; some have two, some moved, withdrew, were carried in or wait still."""
    span = (REFERENCE - FIRST).days
    return [
        MARKS | {"requests": [_request(rng, later(rng, FIRST, 0, span)) for _ in range(2 if chance(rng, 60) else 1)]}
        for _ in range(children)
    ]


def write_sen2(place: Path, cases: list[Record]) -> list[Path]:
    """Write a return: a folder as nine Blade files, .xml, a template where its name says so, else a pre-submission.

    Returns:
        The files written.
    """
    place.parent.mkdir(parents=True, exist_ok=True)
    if place.suffix.lower() == ".xml":
        _write_xml(place, cases)
        return [place]
    tables = _tables(cases)
    if place.suffix.lower() != ".xlsx":
        return _write_blade(place, tables)
    _write_book(place, tables, template="template" in place.name.lower())
    return [place]


def _request(rng: Generator, received: dt.date) -> Record:
    found: Record = {"ReceivedDate": received, "RequestSource": pick(rng, "11222345"), "RYA": "0", "Exported": "0"}
    decided = later(rng, received, 14, 41) if chance(rng, 800) else later(rng, received, 42, 70)
    fate = int(rng.integers(1000))
    if fate < 40:
        return found | {"RequestOutcome": "W", "RequestOutcomeDate": _known(decided)}
    if fate < 70:
        return found | {"RequestOutcome": "H", "activeplans": [_plan(rng, received, carried=True)]}
    if decided > REFERENCE:
        return found | {"RequestOutcome": "A", "Exported": "1" if chance(rng, 60) else "0"}
    found |= {"RequestOutcomeDate": decided, "RequestOutcome": "N" if chance(rng, 220) else "Y"}
    return found if found["RequestOutcome"] == "N" else found | _assessed(rng, received, decided)


def _assessed(rng: Generator, received: dt.date, decided: dt.date) -> Record:
    exception = chance(rng, 90)
    day = pick(rng, (140, 141)) if chance(rng, 100) else pick(rng, (*range(100, 140), *range(142, 300, 6)))
    ended = max(received + dt.timedelta(day + (150 if exception else 0)), decided)
    found: Record = {"Week20": "1" if exception else "0", "AssessmentOutcome": "A"}
    if ended > REFERENCE:
        return {"Exported": "1" if chance(rng, 40) else "0", "assessment": [found]}
    if chance(rng, 70):
        ended = max(received + dt.timedelta(pick(rng, (90, 112, 113, 130))), decided)
        return {"assessment": [found | {"AssessmentOutcome": "N", "AssessmentOutcomeDate": _known(ended)}]}
    found |= {"AssessmentOutcome": "Y", "AssessmentOutcomeDate": "" if chance(rng, 15) else ended}
    amended = later(rng, ended, 60, 200) if chance(rng, 300) else ended  # the start moves with an amendment
    named = {"StartDate": _known(amended), "plandetail": [{"SENSetting": "OLA", "PlacementRank": "1"}]}
    if chance(rng, 50):
        return {"assessment": [found | {"namedplan": [named | {"CeaseDate": REFERENCE, "CeaseReason": "5"}]}]}
    return {"assessment": [found | {"namedplan": [named]}], "activeplans": [_plan(rng, ended, carried=False)]}


def _plan(rng: Generator, since: dt.date, *, carried: bool) -> Record:
    meeting = later(rng, since, 300, 420) if chance(rng, 850) else REFERENCE
    met = meeting < REFERENCE
    letter = later(rng, meeting, 10, 50) if met and chance(rng, 850) else REFERENCE + dt.timedelta(1)
    due = dt.date(pick(rng, (2021, 2022)), pick(rng, (2, 3)), 15) if chance(rng, 150) else None
    final = _known(later(rng, due, -30, 20)) if due and chance(rng, 800) else ""
    school, rank = chance(rng, 800), ("1", "2")
    place = {"URN": "123456" if school else "", "SENSetting": "" if school else pick(rng, SETTINGS)}
    places = [{"PlacementRank": "1", **place, "EntryDate": since, "SENunitIndicator": "0", "LeavingDate": ""}]
    places += [{"PlacementRank": "1", "SENSetting": "EYP", "LeavingDate": since}] * chance(rng, 100)
    return {
        "TransferLA": str(int(carried)),
        "ReviewMeeting": meeting if met else "",
        "ReviewOutcome": pick(rng, "MMA") if met and letter <= REFERENCE else "",
        "LastReview": _known(letter),
        "PhaseTransferDueDate": due or "",
        "PhaseTransferFinalDate": final,
        "placementdetail": places,
        "senneed": [{"SENtypeRank": r, "SENtype": pick(rng, NEEDS)} for r in rank[: 2 if chance(rng, 300) else 1]],
    }


def _known(day: dt.date) -> Any:
    return day if day <= REFERENCE else ""


HEADER = {"Collection": "SEN2", "Year": str(REFERENCE.year), "ReferenceDate": REFERENCE, "LEA": "999"}


def _tables(cases: list[Record]) -> dict[str, list[Record]]:
    """The nine tables, each row with the ids of its own and of the records it hangs on."""
    tables: dict[str, list[Record]] = {record: [] for record in RECORDS}

    def add(record: str, found: Record, above: dict[str, str]) -> None:
        ids = above | {f"{record}tableid": str(9000 + len(tables[record]))}
        tables[record].append({k: v for k, v in found.items() if not isinstance(v, list)} | ids)
        for name in (name for name, (_, parent) in RECORDS.items() if parent == record):
            for below in found.get(name, ()):
                add(name, below, ids)

    tables["sen2"].append(dict(HEADER))
    for case in cases:
        add("person", case, {})
    return tables


def _write_blade(folder: Path, tables: dict[str, list[Record]]) -> list[Path]:
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for record, rows in tables.items():
        parent = f"{RECORDS[record][1]}tableid"
        keys = [f"{record}tableid", *([parent] if RECORDS[record][1] else [])]
        names = [*keys, "NativeId", *_columns(rows)]
        path = folder / f"Blade-Export_{REFERENCE:%d-%m-%Y}_{record}.csv"
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow([name if name == "NativeId" else name.lower() for name in names])
            writer.writerows([_blade_cell(row.get(name, "")) for name in names] for row in rows)
        written.append(path)
    return written


def _columns(rows: list[Record]) -> list[str]:
    return list(dict.fromkeys(name for row in rows for name in row if not name.endswith("tableid")))


def _blade_cell(cell: Any) -> str:
    return f"{cell:%Y-%b-%d} 00:00:00" if isinstance(cell, dt.date) else str(cell)


def _write_book(path: Path, tables: dict[str, list[Record]], *, template: bool) -> None:
    from openpyxl import Workbook  # noqa: PLC0415  # half a second, and few areas keep a workbook

    book = Workbook(write_only=True)
    sheet = book.create_sheet(TEMPLATE) if template else None
    for record, rows in tables.items():
        own = sheet or next((book.create_sheet(name) for name, found in SHEETS.items() if found == record), None)
        if own is None:
            continue
        keys = [key for key in ("persontableid", "requeststableid") if key in (rows[0] if rows else ())]
        names = [*keys, *_columns(rows)]
        headings = {name: _heading(name, record) if template else name.lower() for name in names}
        headings |= {} if template else {"RequestSource": "rquestsource"}
        if template:
            own.append([RECORDS[record][0]])
        own.append([headings[name] for name in names])
        for row in rows:
            own.append([_book_cell(row.get(name, ""), as_float=template) for name in names])
        own.append([])
    book.save(path)


def _heading(name: str, record: str) -> str:
    ids = {"persontableid": "Person ID\n\n(This must match)", "requeststableid": "Requests record ID\n\n(as above)"}
    known = {item.item: item.headings[-1] for item in ITEMS if item.record == record and len(item.headings) > 1}
    known["LastReview"] = "EHC Plan Review Decisions Date"
    return FOLDED.get(name) or ids.get(name) or known.get(name) or name


def _book_cell(cell: Any, *, as_float: bool) -> Any:
    return f"{cell}.0" if as_float and isinstance(cell, str) and cell.isdigit() else cell


def _write_xml(path: Path, cases: list[Record]) -> None:
    """As a case system does: children in Persons, and under each request what hangs on it."""
    message = ET.Element("Message")
    details = ET.SubElement(ET.SubElement(message, "Header"), "CollectionDetails")
    for name, cell in HEADER.items():
        ET.SubElement(details, name).text = str(cell)
    persons = ET.SubElement(message, "Persons")
    for case in cases:
        _element(persons, "Person", case)
    ET.ElementTree(message).write(path, encoding="utf-8", xml_declaration=True)


TAGS = {"requests": "Requests", "assessment": "Assessment", "namedplan": "NamedPlan", "plandetail": "PlanDetail"}
TAGS |= {"activeplans": "ActivePlans", "placementdetail": "PlacementDetail", "senneed": "SENneed"}


def _element(parent: ET.Element, tag: str, found: Record) -> None:
    own = ET.SubElement(parent, tag)
    for name, cell in _filled(found):
        ET.SubElement(own, name).text = str(cell)
    for name, cells in found.items():
        for below in cells if isinstance(cells, list) else ():
            _element(own, TAGS[name], below)


def _filled(found: Record) -> Iterator[tuple[str, Any]]:
    return ((name, cell) for name, cell in found.items() if not isinstance(cell, list) and cell != "")
