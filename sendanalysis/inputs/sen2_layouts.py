"""The person-level SEN2 return in the four layouts that an authority holds, read without anything that names a child.

Only headings that are asked for are taken, while the file is read: no name, birth date, postcode, UPN or ULN is kept.
"""

from __future__ import annotations

import csv
import re
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

import pandas as pd

from sendanalysis.errors import InputError
from sendanalysis.inputs.cells import opened, sheet_names
from sendanalysis.inputs.csv_cells import ends_its_line

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

Wanted = dict[str, dict[str, str]]  # by record: column by heading as `plain` has it
Raw = dict[str, pd.DataFrame]

BLADE = "Blade-Export_*.csv"
RECORDS = {  # each record of the return with its title in the workbooks, and the record it hangs on
    "sen2": ("Header Record", ""),
    "person": ("Person Record", ""),
    "requests": ("Requests Records", "person"),
    "assessment": ("Assessments Records", "requests"),
    "namedplan": ("Named Plan Records", "assessment"),
    "plandetail": ("Plan Detail Records", "namedplan"),
    "activeplans": ("Active Plan Records", "requests"),
    "placementdetail": ("Placement Detail Records", "activeplans"),
    "senneed": ("SEN Need Records", "activeplans"),
}
READ = ("requests", "assessment", "namedplan", "activeplans", "placementdetail", "senneed")
SHEETS = {
    "Person": "person",
    "Requests": "requests",
    "Assessments": "assessment",
    "Named Plan": "namedplan",
    "Plan Detail": "plandetail",
    "Active Plan": "activeplans",
    "Placement Detail": "placementdetail",
    "SEN Need": "senneed",
}
TEMPLATE = "Data Entry Template"
REQUEST, PERSON = {"requeststableid", "requestsrecordid"}, {"persontableid", "personid"}


def plain(heading: object) -> str:
    """A heading without capitals, spaces, line breaks and what stands in brackets.

    >>> plain("Person ID" + chr(10) + chr(10) + "(This must be unique)"), plain("SENSetting")
    ('personid', 'sensetting')
    """
    return re.sub(r"[\W_]", "", str(heading or "").split("(")[0].casefold())


def layout_of(place: Path) -> str:
    """Which layout a file or folder holds: xml, blade, pre-submission or template.

    Raises:
        InputError: There is no such file, it holds none of the four layouts, or more than one.
    """
    if not place.exists():
        raise InputError(f"{place.name}: there is no such file or folder. Put the SEN2 return there, or correct sen2.")
    files = [place] if place.is_file() else sorted(f for f in place.iterdir() if not f.name.startswith(("~$", ".")))
    days = {file.name.split("_")[1] for file in files if file.match(BLADE)}
    others = [file for file in files if file.suffix.lower() in {".xml", ".xlsx"}]
    found = [*(f"Blade-Export_{day}" for day in sorted(days)), *(file.name for file in others)]
    if len(found) > 1:
        raise InputError(f"{place.name}: it holds more than one return: {', '.join(found)}. Leave one there.")
    if not found:
        known = "an .xml file, an .xlsx workbook or the nine Blade-Export files"
        raise InputError(f"{place.name}: it holds no SEN2 return. Put {known} there.")
    if days:
        return "blade"
    if others[0].suffix.lower() == ".xml":
        return "xml"
    names = sheet_names(others[0])
    if TEMPLATE in names:
        return "template"
    if "Requests" in names:
        return "pre-submission"
    remedy = f"Its sheets are to be '{TEMPLATE}' alone, or {', '.join(SHEETS)}"
    raise InputError(f"{others[0].name}: the workbook is no SEN2 return. {remedy}.")


def read_layout(place: Path, wanted: Wanted) -> tuple[Raw, list[Path]]:
    """Read a return in whichever layout it comes.

    Args:
        place: File or folder.
        wanted: Columns by heading, for each record.

    Returns:
        Text by record, with the columns wanted that are there, `request`, and in the requests `child`; the files read.

    Raises:
        InputError: It cannot be read; the message names the file and what to do.
    """
    layout = layout_of(place)
    files = [place] if place.is_file() else sorted(place.iterdir())
    if layout == "blade":
        day = next(file.name.split("_")[1] for file in files if file.match(BLADE))
        folder = place if place.is_dir() else place.parent
        return _blade(folder, day, wanted)
    file = next(file for file in files if file.suffix.lower() in {".xml", ".xlsx"} and not file.name.startswith("~$"))
    raw = {"xml": _xml, "pre-submission": _sheets, "template": _template}[layout](file, wanted)
    return {name: frame.astype("object").where(frame.notna(), "").astype("str") for name, frame in raw.items()}, [file]


def without_point(cells: pd.Series[Any]) -> pd.Series[str]:
    """Text without spaces around it and without the .0 that Excel gives whole numbers."""
    return cells.astype("str").str.strip().str.replace(r"^(\d+)\.0+$", r"\1", regex=True)


def _blade(folder: Path, day: str, wanted: Wanted) -> tuple[Raw, list[Path]]:
    files = {name: folder / f"Blade-Export_{day}_{name}.csv" for name in RECORDS}
    absent = [file.name for file in files.values() if not file.is_file()]
    if absent:
        remedy = "Export all nine on one day"
        raise InputError(f"{folder.name}: of the nine Blade files {', '.join(absent)} is not there. {remedy}.")
    raw = {}
    for name in ("sen2", *READ):
        own, parent = f"{name}tableid", f"{RECORDS[name][1]}tableid"
        picked = wanted.get(name, {}) | {own: "own", parent: "parent"}
        raw[name] = _csv(files[name], picked)
        lost = [
            key for key, column in ((own, "own"), (parent, "parent")) if column not in raw[name] and key != "tableid"
        ]
        if lost:
            raise InputError(f"{files[name].name}: the column {lost[0]} is missing. Export the file again.")
    _refuse_cut(files.values())
    for name in READ:
        ids = without_point(raw[name]["parent"])
        above = RECORDS[name][1]
        while above not in {"person", "requests"}:
            ids = ids.map(raw[above].drop_duplicates("own").set_index("own")["parent"]).fillna("")
            above = RECORDS[above][1]
        keys = {"request": without_point(raw[name]["own"]), "child": ids} if name == "requests" else {"request": ids}
        raw[name] = raw[name].assign(**keys)
    return {name: raw[name].drop(columns=["own", "parent"], errors="ignore") for name in raw}, list(files.values())


def _refuse_cut(files: Iterable[Path]) -> None:
    """Refuse the file whose last line has no end where others, which the same system wrote, have one."""
    cut = [file.name for file in files if not ends_its_line(file)]
    if 0 < len(cut) < len(RECORDS):
        problem = "it seems cut off, since its last line has no end, as others of the nine have"
        raise InputError(f"{cut[0]}: {problem}. Export all nine again.")


def _csv(file: Path, picked: Mapping[str, str]) -> pd.DataFrame:
    try:
        rows = pd.read_csv(file, usecols=lambda name: plain(name) in picked, dtype=str, keep_default_na=False)
    except (pd.errors.ParserError, pd.errors.EmptyDataError, UnicodeDecodeError) as error:
        raise InputError(f"{file.name}: it cannot be read as CSV. Export it again.") from error
    with file.open(encoding="utf-8-sig", newline="") as lines:
        heading = last = next(lines)
        for line in lines:
            last = line
    width, found = (len(next(csv.reader([line]))) for line in (heading, last))
    if found < width and not last.endswith(("\n", "\r")):
        raise InputError(
            f"{file.name}: it seems cut off, since its last row has {found} of {width} cells and no line end. "
            "Export all nine again."
        )
    return rows.rename(columns=lambda name: picked[plain(name)])


def _xml(file: Path, wanted: Wanted) -> Raw:
    """One pass; what belongs to a child is dropped as soon as the child's element ends."""
    rows: dict[str, list[dict[str, str]]] = {name: [] for name in ("sen2", *READ)}
    children = requests = 0
    try:
        for _, element in ET.iterparse(file, ("end",)):  # noqa: S314  # expat bounds entities; no external ones
            tag = _local(element)
            if tag == "collectiondetails":
                rows["sen2"].append(_leaves(element, wanted["sen2"]))
            elif tag == "person":
                children += 1
                for request in (found for found in element.iter() if _local(found) == "requests"):
                    requests += 1
                    keys = {"request": str(requests), "child": str(children)}
                    for found in request.iter():
                        if _local(found) in wanted and _local(found) in rows:
                            rows[_local(found)].append(_leaves(found, wanted[_local(found)]) | keys)
                element.clear()
    except ET.ParseError as error:
        line = error.position[0]
        raise InputError(f"{file.name}: it is no whole XML, from line {line} on. Export the return again.") from error
    if not rows["requests"]:
        raise InputError(f"{file.name}: it holds no Requests of a Person. Export the person-level SEN2 return.")
    # an element that is nowhere filled is nowhere written, so that its column is added here
    own: dict[str, list[str]] = {"requests": ["request", "child"], "sen2": []}
    return {
        name: pd.DataFrame(found, columns=[*own.get(name, ["request"]), *dict.fromkeys(wanted[name].values())])
        for name, found in rows.items()
    }


def _local(element: ET.Element) -> str:
    return str(element.tag).rpartition("}")[2].lower()


def _leaves(element: ET.Element, columns: Mapping[str, str]) -> dict[str, str]:
    named = ((columns.get(_local(leaf)), leaf.text) for leaf in element)
    return {column: (text or "").strip() for column, text in named if column}


def _sheets(file: Path, wanted: Wanted) -> Raw:
    raw = {"sen2": pd.DataFrame()}
    with opened(file) as book:
        names = {name.strip().casefold(): name for name in book.sheetnames}
        absent = [sheet for sheet in SHEETS if sheet.casefold() not in names]
        if absent:
            raise InputError(f"{file.name}: the sheet {', '.join(absent)} is missing. Export the workbook again.")
        for sheet, record in SHEETS.items():
            if record in READ:
                rows = book[names[sheet.casefold()]].iter_rows(values_only=True)
                raw[record] = _picked(rows, next(rows, ()), record, wanted[record], f"{file.name} sheet {sheet}")
    return raw


def _template(file: Path, wanted: Wanted) -> Raw:
    """Nine tables under each other: a title alone in its row, a row of headings, and rows until the next title."""
    titles = {plain(title): record for record, (title, _) in RECORDS.items()}
    blocks: dict[str, list[tuple[Any, ...]]] = {}
    current: list[tuple[Any, ...]] = []
    with opened(file) as book:
        for row in book[TEMPLATE].iter_rows(values_only=True):
            filled = [cell for cell in row if cell not in {None, ""}]
            if len(filled) == 1 and plain(filled[0]) in titles:
                current = blocks.setdefault(titles[plain(filled[0])], [])
            elif filled:
                current.append(row)
    absent = [title for record, (title, _) in RECORDS.items() if record in READ and record not in blocks]
    if absent:
        raise InputError(f"{file.name}: the table '{absent[0]}' is missing. Restore its title in a row of its own.")
    return {
        record: _picked(iter(rows[1:]), rows[0] if rows else (), record, wanted[record], f"{file.name}, {record}")
        for record, rows in blocks.items()
        if record in wanted
    }


def _picked(
    rows: Iterator[tuple[Any, ...]], headings: Iterable[Any], record: str, columns: Mapping[str, str], where: str
) -> pd.DataFrame:
    """The columns wanted of a table in a sheet, by their place under the headings."""
    keys = dict.fromkeys(REQUEST, "request") if record != "sen2" else {}
    keys |= dict.fromkeys(PERSON, "child") if record == "requests" else {}
    known = {**columns, **keys}
    places = {known[plain(name)]: place for place, name in enumerate(headings) if plain(name) in known}
    lost = [key for key in dict.fromkeys(keys.values()) if key not in places]
    if lost:
        raise InputError(f"{where}: the column with the id of the {lost[0]} is missing. Restore its heading.")
    picked = [[_text(row[place]) if place < len(row) else "" for place in places.values()] for row in rows]
    frame = pd.DataFrame([row for row in picked if any(row)], columns=list(places), dtype="str")
    return frame.assign(**{key: without_point(frame[key]) for key in dict.fromkeys(keys.values())})


def _text(cell: object) -> str:
    return "" if cell is None else str(cell).strip()
