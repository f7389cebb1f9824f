"""The SEN2 return as typed tables: what `sen2.csv` declares, whichever of the four layouts it came in.

`sen2_return` has one row, `sen2_requests` one a request with its assessment and plan, `sen2_plans` one an active plan,
`sen2_placements` one a placement and `sen2_needs` one a need. Requests and children are numbers of their own.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from importlib import resources
from typing import TYPE_CHECKING

import pandas as pd

from sendanalysis.errors import InputError
from sendanalysis.inputs.contracts import Column, Contract, Fault
from sendanalysis.inputs.sen2_layouts import Raw, Wanted, plain, read_layout, without_point

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping
    from pathlib import Path

FOLDER = "sen2"
ONE_ROW = {
    "sen2_return": "the return",
    "sen2_requests": "one request for an assessment, with what came of it",
    "sen2_plans": "one plan in force",
    "sen2_placements": "one placement of a plan in force",
    "sen2_needs": "one need in a plan in force",
}
DATES = ("%Y-%m-%d", "%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S", "%Y-%b-%d %H:%M:%S", "%Y-%b-%d", "%d/%m/%Y")
ALONE = ("requests", "assessment", "namedplan", "activeplans")  # records of which a request has one at most
OLD = pd.Timedelta(days=428)  # a return is made each January, and gathered by March
BARE_SHARE, BARE = 0.05, 5  # plans in force that may lack a placement or a need
YES_NO = {"true": "1", "false": "0"}


@dataclass(frozen=True)
class Item:
    """One column of a table: the record and item of the return it is read from, its kind and its codes."""

    table: str
    column: str
    record: str
    item: str
    headings: tuple[str, ...]
    kind: str
    codes: dict[str, str]
    needed: bool
    meaning: str


def _items() -> tuple[Item, ...]:
    text = resources.files(__package__).joinpath("sen2.csv").read_text("utf-8")
    rows = csv.DictReader(text.splitlines())
    return tuple(
        Item(
            **{name: row[name] for name in ("table", "column", "record", "item", "kind", "meaning")},
            headings=tuple(filter(None, (row["item"], *row["headings"].split(";")))),
            codes=dict(code.split("=") for code in row["codes"].split(";") if code),
            needed=row["needed"] == "yes",
        )
        for row in rows
    )


ITEMS = _items()
_KINDS = {"date": "date", "code": "choice", "key": "integer", "filled": "choice"}
CONTRACTS_SEN2 = tuple(
    Contract(
        FOLDER,
        table,
        one_row,
        tuple(
            Column(item.column, _KINDS[item.kind], item.meaning, one_of=tuple(item.codes.values()), blank=True)
            for item in ITEMS
            if item.table == table
        ),
        ("request",) if table in {"sen2_requests", "sen2_plans"} else (),
    )
    for table, one_row in ONE_ROW.items()
)
"""The tables of the return, as the dictionary prints them."""


def read_sen2(place: Path) -> tuple[dict[str, pd.DataFrame], list[Fault], list[Path]]:
    """Read a SEN2 return in any of its four layouts.

    Args:
        place: The file or folder.

    Returns:
        Typed tables by name, without anything that names a child; every fault, like ones once; the files read.
    """
    wanted: Wanted = {}
    for item in ITEMS:
        wanted.setdefault(item.record, {}).update({plain(heading): item.column for heading in item.headings})
    try:
        raw, files = read_layout(place, wanted)
    except InputError as error:
        where, named, rest = str(error).partition(": ")
        where, rest = (where, rest) if named else (place.name, str(error))
        problem, _, remedy = rest.partition(". ")
        return _typed({}, [], place.name), [Fault(where, None, "", None, problem, remedy)], []
    faults = _key_faults(raw, place.name)
    tables = _typed(raw, faults, place.name)
    return tables, [*faults, *_date_faults(tables, place.name), *_bare_plans(tables, place.name)], files


def _typed(raw: Raw, faults: list[Fault], file: str) -> dict[str, pd.DataFrame]:
    """The tables; faults are added to the list."""
    records = {record: _record(raw.get(record), record, faults, file) for record in {item.record for item in ITEMS}}
    requests = records["requests"]
    numbers = pd.Series(range(1, len(requests) + 1), requests["request"], dtype="int64")
    numbers = numbers[~numbers.index.duplicated()]
    for record in ("assessment", "namedplan"):
        own = records[record].drop_duplicates("request")
        requests = requests.merge(own, on="request", how="left", validate="many_to_one")
    joined = {"sen2_return": records["sen2"].head(1), "sen2_requests": requests, "sen2_plans": records["activeplans"]}
    joined |= {"sen2_placements": records["placementdetail"], "sen2_needs": records["senneed"]}
    tables = {}
    for table, found in joined.items():
        rows = found
        if "request" in rows:
            rows = rows.assign(request=rows["request"].map(numbers)).dropna(subset="request")
            rows = rows.astype({"request": "int64"})
        if "child" in rows:
            rows = rows.assign(child=pd.factorize(rows["child"])[0] + 1)
        tables[table] = rows.reset_index(drop=True)
    return tables


def _record(rows: pd.DataFrame | None, record: str, faults: list[Fault], file: str) -> pd.DataFrame:
    """One record of the return with every column declared, typed; a heading that its version lacks is all unknown."""
    items = [item for item in ITEMS if item.record == record]
    keys = ["request", "child"] if record == "requests" else ["request"] if record != "sen2" else []
    rows = pd.DataFrame(columns=keys, dtype="str") if rows is None or rows.empty else rows
    found = {key: rows[key] for key in keys}
    for item in items:
        if item.kind == "key":
            continue
        if item.column not in rows and item.needed and len(rows):
            remedy = "Export it with this heading, or restore it."
            faults.append(Fault(file, None, f"{record}.{item.item}", None, "the column is missing", remedy))
        text = rows[item.column].fillna("") if item.column in rows else pd.Series("", rows.index, dtype="str")
        found[item.column], odd = _read(without_point(text), item)
        faults += [
            Fault(file, None, f"{record}.{item.item}", str(value), f"in {n} rows {_wrong(item)}", _remedy(item))
            for value, n in odd.value_counts().sort_index().items()
        ]
    return pd.DataFrame(found)


def _wrong(item: Item) -> str:
    return "is not a date" if item.kind == "date" else "is no code of the return"


def _remedy(item: Item) -> str:
    return (
        "Write it as YYYY-MM-DD." if item.kind == "date" else f"Codes are {', '.join(item.codes)}; leave unknown blank."
    )


def _read(text: pd.Series[str], item: Item) -> tuple[pd.Series, pd.Series[str]]:
    """Cells as the kind of the item, and those that are none."""
    if item.kind == "filled":
        return text.ne("").map({True: "yes", False: "no"}).astype("str"), text[:0]
    if item.kind == "code":
        upper = text.str.upper().replace({name.upper(): code for name, code in YES_NO.items()})
        read = upper.map(item.codes).astype("str")
        return read, text[read.isna() & text.ne("")]
    values = text.drop_duplicates()
    days = pd.Series(pd.NaT, values.index, dtype="datetime64[ns]")
    for form in DATES:
        days = days.fillna(pd.to_datetime(values, format=form, errors="coerce"))
    days = days.where(days.between(pd.Timestamp(1990, 1, 1), pd.Timestamp(2099, 12, 31))).dt.normalize()
    dated = text.map(dict(zip(values, days, strict=True))).astype("datetime64[ns]")
    return dated, text[dated.isna() & text.ne("")]


def _key_faults(raw: Raw, file: str) -> list[Fault]:
    """Requests that stand twice, and records of no request: either would count a child wrongly."""
    faults = []
    known = set(raw["requests"]["request"]) if len(raw.get("requests", ())) else set()
    for record, rows in raw.items():
        if record == "sen2" or rows.empty:
            continue
        twice = int(rows["request"].duplicated().sum()) if record in ALONE else 0
        lost = int((~rows["request"].isin(known)).sum())
        blank = int(rows["request"].eq("").sum()) if record == "requests" else 0
        for n, problem, remedy in (
            (twice, "stand again under a request that has one", "Keep one for each request."),
            (lost, "belong to no request of the return", "Export all tables from one return."),
            (blank, "have no id", "Restore the ids of the requests."),
        ):
            faults += [Fault(file, None, record, None, f"{n} rows {problem}", remedy)] if n else []
    return faults


def _date_faults(tables: dict[str, pd.DataFrame], file: str) -> list[Fault]:
    """A return whose day lies before its own records, and cases that ended before they began."""
    rows, faults = tables["sen2_requests"], []
    day = tables["sen2_return"]["reference_on"].max()
    dates = rows[["received_on", "decided_on", "outcome_on"]].max(axis=1)
    after = int((dates > day).sum())
    if after:
        problem = f"lies before the last date of {after} requests"
        remedy = "Correct the reference date, or export the return of its year."
        faults.append(Fault(file, None, "sen2.ReferenceDate", f"{day:%Y-%m-%d}", problem, remedy))
    if pd.notna(day) and len(rows) and dates.max() < day - pd.Timedelta(days=366):
        problem = "lies more than a year after every date of the requests"
        remedy = "Correct the reference date, or export the return of its year."
        faults.append(Fault(file, None, "sen2.ReferenceDate", f"{day:%Y-%m-%d}", problem, remedy))
    undated = int(rows["received_on"].isna().sum())
    if undated:
        problem, remedy = f"is blank in {undated} rows, which no figure of time counts", "Fill it in where it is known."
        faults.append(Fault(file, None, "requests.ReceivedDate", None, problem, remedy, warns=True))
    early = int((rows["outcome_on"] < rows["received_on"]).sum())
    if early:
        problem, remedy = f"is before ReceivedDate in {early} rows, which no figure counts", "Correct the dates."
        faults.append(Fault(file, None, "assessment.AssessmentOutcomeDate", None, problem, remedy, warns=True))
    return faults


def is_old(tables: Mapping[str, pd.DataFrame], day: dt.date) -> pd.Timestamp | None:
    """The reference date of a return that lies so far before a day that the next one has been made; None for others."""
    made = tables["sen2_return"]["reference_on"].max() if "sen2_return" in tables else pd.NaT
    return made if isinstance(made, pd.Timestamp) and made < pd.Timestamp(day) - OLD else None


def old_return(tables: Mapping[str, pd.DataFrame], last: dt.date, file: str) -> list[Fault]:
    """A warning where a return is old beside the last record of the area; see `is_old`."""
    made = is_old(tables, last)
    problem = f"lies more than {OLD.days} days before the last record of the area ({last})"
    day, remedy = f"{made:%Y-%m-%d}" if made else None, "Export the return of the last January."
    return [Fault(file, None, "sen2.ReferenceDate", day, problem, remedy, warns=True)] if made else []


def _bare_plans(tables: dict[str, pd.DataFrame], file: str) -> list[Fault]:
    """Warnings where many plans in force have no placement or no need, as in a return of which a table was cut."""
    plans, faults = tables["sen2_plans"]["request"], []
    for table, word, record in (("sen2_placements", "placement", "placementdetail"), ("sen2_needs", "need", "senneed")):
        bare = int((~plans.isin(tables[table]["request"])).sum())
        if bare > max(BARE_SHARE * len(plans), BARE):
            problem = f"{bare:,} of {len(plans):,} plans in force have no {word}, as in a return that was cut"
            faults.append(Fault(file, None, record, None, problem, "Export the return again.", warns=True))
    return faults
