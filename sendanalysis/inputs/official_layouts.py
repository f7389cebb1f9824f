"""Official files and how each lays out its cells: what a file is known by, and its cells by heading.

What a heading is called in which year, which rows are the total, the unit and the source are data: `official.csv`.
"""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from functools import cache
from importlib import resources

import pandas as pd

from sendanalysis.errors import InputError

LEVELS = {
    "National": "country",
    "Regional": "region",
    "Region": "region",
    "Local authority": "la",
    "ICB": "icb",
    "Provider": "provider",
}
ALIASES = {  # names in lists of statistical neighbours → names in the department's tables
    "bedford borough": "bedford",
    "durham": "county durham",
    "herefordshire": "herefordshire, county of",
    "st helens": "st. helens",
}
PLACES = (
    *("time_period", "geographic_level", "country_code", "country_name", "region_code", "region_name"),
    *("new_la_code", "old_la_code", "la_name"),
)
HEAD = 12  # rows among which the heading row is looked for
NOTES = {"-": "0", "..": "x", "~": "c"}  # marks of the tribunal's table, as the department's have it


@dataclass(frozen=True)
class Official:
    """One measure in an official file, a row of `official.csv`.

    Attributes:
        set: Name of the file's kind; its measures stand in one file.
        known_by: Headings, any of which tells the file, apart by `|`; `a+b` only together.
        measure: Its name.
        label: What is measured, in words.
        unit: %, weeks or what is counted.
        n: Headings of how many; `a|b` are names of one heading in different years, `a+b` are added. Empty for a
            percentage that is published without its counts.
        of: The same of how many; empty for a count or a mean.
        published: The same for the percentage as printed; may be absent where there is an `n`.
        labels: Conditions `column=label;…` that single out the total row, one for each wording, apart by `|`; one
            on a column that a year's file has not does not count.
        period: year, january (a count in January) or month.
        required: Whether the file is at fault without these headings: yes, no, or a heading that asks for them.
        release: The release in words; {next} is the year after the last one in the file, {last} that one.
        source: Publisher and data set.
        licence: Terms of use.
    """

    set: str
    known_by: str
    measure: str
    label: str
    unit: str
    n: str
    of: str
    published: str
    labels: str
    period: str
    required: str
    release: str
    source: str
    licence: str


@cache
def declared() -> tuple[Official, ...]:
    """Every measure that is read from an official file, in the order of `official.csv`."""
    text = resources.files(__package__).joinpath("official.csv").read_text("utf-8")
    return tuple(Official(**row) for row in csv.DictReader(text.splitlines()))


def plain_name(name: str) -> str:
    """An authority's name as it is compared: small letters, no hyphens, by the department's name for it."""
    lower = " ".join(name.casefold().replace("-", " ").split())
    return ALIASES.get(lower, lower)


def recognised(rows: list[list[str]]) -> tuple[tuple[str, ...], int]:
    """The sets of measures that some rows hold and the place of their heading row; none in a file that is not known."""
    for place, row in enumerate(rows[:HEAD]):
        heads = {cell.strip().casefold() for cell in row}
        known = [
            item.set
            for item in declared()
            if any(heads.issuperset(name.casefold().split("+")) for name in item.known_by.split("|"))
        ]
        if known:
            return tuple(dict.fromkeys(known)), place
    return (), 0


def unnumbered(head: str) -> str:
    """A heading without the numbers of its footnotes."""
    return re.sub(r"[\d,]+$", "", head)


def newest_names(kind: str, heads: list[str]) -> list[str]:
    """Headings of any year as the newest files have them."""
    roles = [text for item in declared() if item.set == kind for text in (item.n, item.of, item.published)]
    names = {old: new for new, *older in (text.split("|") for text in roles) for old in older}
    return [names.get(head.strip().casefold(), head) for head in heads]


def by_heading(kinds: tuple[str, ...], rows: list[list[str]], place: int) -> pd.DataFrame:
    """Cells of a CSV file by heading in small letters, of columns that are read; the index is the row in the file."""
    if kinds[0] in {"tribunal", "lait"}:
        return (_tribunal if kinds[0] == "tribunal" else _interactive_tool)(rows, place)
    used = [item for item in declared() if item.set in kinds]
    texts = [text for item in used for text in (item.n, item.of, item.published, item.labels, item.required)]
    return _plain(rows, place, {*PLACES, *(name for text in texts for name in re.split(r"[|+;=]", text))})


def _plain(rows: list[list[str]], place: int, names: set[str] | None = None) -> pd.DataFrame:
    """Cells by heading in small letters, of those `names` alone if any; of a heading that stands twice, the first."""
    heads = [cell.strip().casefold() for cell in rows[place]]
    keep = [column for column, head in enumerate(heads) if head and head not in heads[:column]]
    keep = [column for column in keep if names is None or names & {heads[column], unnumbered(heads[column])}]
    body = {
        line: [row[column].strip() if column < len(row) else "" for column in keep]
        for line, row in enumerate(rows[place + 1 :], place + 2)
        if any(cell.strip() for cell in row)
    }
    return pd.DataFrame.from_dict(body, orient="index", columns=[heads[column] for column in keep], dtype="str")


def _interactive_tool(rows: list[list[str]], place: int) -> pd.DataFrame:
    """Rows of the Local Authority Interactive Tool: areas by the department's old codes, a dash for no figure."""
    frame = _plain(rows, place).replace({"values": {"-": ":"}})
    for heading in ("years", "la and regions", "values", "la number", "region"):
        if heading not in frame:
            raise InputError(f"the column {heading} is missing. Download the file again")
    code, name = frame["la number"].str.removesuffix(".0"), frame["la and regions"]
    level = code.map(lambda text: "National" if text == "970" else "Regional" if text > "970" else "Local authority")
    regions = dict(zip(name.map(plain_name), code, strict=True))
    region = frame["region"].str.replace(r"^(Inner|Outer) ", "", regex=True).map(plain_name).map(regions).fillna("")
    return frame.assign(
        time_period=frame["years"],
        geographic_level=level,
        country_code=code,
        country_name=name,
        region_code=region.mask(level.eq("Regional"), code),
        region_name=name,
        new_la_code=code,
        old_la_code=code.where(level.eq("Local authority"), ""),
        la_name=name,
    ).set_axis(pd.to_numeric(frame["file_row_number"]) + 1 if "file_row_number" in frame else frame.index)


def _tribunal(rows: list[list[str]], place: int) -> pd.DataFrame:
    """Title, years and figures above the rows; each year's first three columns are read, footnote marks dropped."""
    years = [(column, cell.strip()) for column, cell in enumerate(rows[place]) if re.fullmatch(r"20\d\d", cell.strip())]
    names = ("appeals registered", "total appealable decisions", "send tribunal appeal rate")
    found, lines = [], []
    for line, row in enumerate(rows[place + 2 :], place + 3):
        name, code = (unnumbered(row[0].strip()), row[1].strip()) if len(row) > 1 else ("", "")
        england = name.casefold().startswith("england total") and "excluding" not in name.casefold()
        if not england and not re.fullmatch(r"\d{3}", code):
            continue
        for column, year in years:
            cells = [cell.strip().replace(",", "").rstrip("%") for cell in row[column : column + 3]]
            level = "National" if england else "Local authority"
            area = {"new_la_code": code, "la_name": "England" if england else name}
            figures = {head: NOTES.get(cell, cell) for head, cell in zip(names, cells, strict=False)}
            found.append({"time_period": year, "geographic_level": level, **area, "old_la_code": code, **figures})
            lines.append(line)
    return pd.DataFrame(found, index=lines, dtype="str").fillna("")


def community(sheets: list[list[list[str]]]) -> pd.DataFrame:
    """The sheets of the community waits as cells by heading: one column for the list and for each band of weeks."""
    heading = next(item for item in declared() if item.set == "community").known_by.casefold()
    found: dict[tuple[str, str, str], dict[str, str]] = {}
    lines: dict[tuple[str, str, str], int] = {}
    for rows in sheets:
        title = next((cell for cell in rows[0] if cell), "")
        told = re.search(r"(?:(Total)|Number) waiting (?:list )?(.*?)(?:weeks.*)?by service, (\w+ \d{4})", title)
        place = next(
            (n for n, row in enumerate(rows[:HEAD]) if heading in [cell.strip().casefold() for cell in row]), None
        )
        if told is None or place is None:
            continue
        band = "total" if told[1] else told[2].strip(" >").replace(" weeks", "")
        heads = [cell.strip().casefold() for cell in rows[place]]
        name = next((n for n, head in enumerate(heads) if head in {"organisation name", "name"}), 1)
        for line, row in enumerate(rows[place + 1 :], place + 2):
            cells = [*row, *[""] * len(heads)]
            area = cells[name].strip()
            if cells[0].strip() in LEVELS and area:
                area = area.title().replace(" And ", " and ").replace(" Of ", " of ") if area.isupper() else area
                key = (told[3], cells[0].strip(), area)
                found.setdefault(key, {})[band] = cells[heads.index(heading)].strip()
                lines.setdefault(key, line)
    frame = pd.DataFrame.from_dict(found, orient="index", dtype="str").fillna("")
    keys = pd.DataFrame(list(found), columns=["time_period", "geographic_level", "la_name"], dtype="str")
    frame.index = keys.index = pd.Index(list(lines.values()))
    return pd.concat([keys.assign(new_la_code=keys["la_name"]), frame], axis=1)
