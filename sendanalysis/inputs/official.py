"""Official figures in one long table: a row for each measure, area and period, with every fault of the file."""

from __future__ import annotations

import re

import pandas as pd

from sendanalysis.inputs.contracts import MARKERS, Fault
from sendanalysis.inputs.official_layouts import LEVELS, Official, by_heading, declared, unnumbered

KEY = ["measure", "period", "area_level", "area_code"]
COLUMNS = [
    *("set", "measure", "label", "unit", "period", "ends_on", "release", "area_level", "area_code", "old_code"),
    *("region_code", "group", "n", "of", "published", "file", "row"),
]
_CODE, _MARKS = r"[ENSW]\d{8}", "|".join(map(re.escape, MARKERS))
_NUMBER = re.compile(rf"-?\d{{1,12}}(\.\d+)?|{_MARKS}|")


def long_table(
    kinds: tuple[str, ...], rows: list[list[str]], place: int, file: str
) -> tuple[pd.DataFrame, list[Fault]]:
    """Rows of a CSV file that is recognised, one for each measure, area and period; see `tidy`."""
    return tidy(kinds, by_heading(kinds, rows, place), file)


def tidy(kinds: tuple[str, ...], frame: pd.DataFrame, file: str) -> tuple[pd.DataFrame, list[Fault]]:
    """Cells by heading as the long table of official figures, with every fault.

    Args:
        kinds: What the file holds, each a `set` of `official.csv`.
        frame: Cells as text by heading in small letters; the index is the row in the file.
        file: Name for messages.

    Returns:
        Columns `COLUMNS`: text as printed; n, of and published are numbers or the publisher's markers.
    """
    needed = ("time_period", "geographic_level", "new_la_code", "la_name")
    faults = [_missing(file, name) for name in needed if name not in frame]
    if faults:
        return pd.DataFrame(columns=COLUMNS), faults
    found = []
    for item in (item for item in declared() if item.set in kinds):
        total = _totals(frame, item)
        if total.empty:
            faults.append(_no_total(frame, item, file))
            break
        cells = {role: _cells(total, getattr(item, role)) for role in ("n", "of", "published")}
        figures = ("n", "of") if item.n else ("published",)
        absent = next((role for role in figures if getattr(item, role) and cells[role] is None), None)
        if absent and (item.required == "yes" or item.required in frame):
            faults.append(_missing(file, getattr(item, absent).replace("|", " or ").replace("+", " and ")))
        if not absent:
            rows, odd = _rows(total, item, cells, file)
            found.append(rows)
            faults += odd
    long = pd.concat(found, ignore_index=True) if found else pd.DataFrame(columns=COLUMNS)
    unique = {(fault.row, fault.column, fault.value, fault.problem): fault for fault in faults}
    return long, list(unique.values())


def repeated(long: pd.DataFrame) -> list[Fault]:
    """Figures that stand in two rows, one fault for each pair of files and kind."""
    own = long[long["area_level"].ne("provider")]
    again = own[own.duplicated(KEY)]
    first = own.drop_duplicates(KEY).set_index(KEY)
    faults = []
    for (file, kind), rows in again.groupby(["file", "set"], sort=False):
        row = rows.iloc[0]
        other = first.loc[tuple(row[KEY])]
        differs = [
            tuple(first.loc[tuple(line[KEY]), ["n", "of"]]) != (line["n"], line["of"]) for _, line in rows.iterrows()
        ]
        counts = "with other counts" if any(differs) else "with the same counts"
        problem = (
            f"{row['group']} in {row['period']} stands in {other['file']} row {other['row']} already, {counts}"
            f" ({len(set(rows['row']))} such rows)"
        )
        remedy = "Keep the newest release alone, as downloaded."
        faults.append(Fault(str(file), int(row["row"]), str(kind), None, problem, remedy))
    return faults


def _missing(file: str, name: str) -> Fault:
    remedy = "Download the file again; if its publisher renamed the heading, add the new name to inputs/official.csv."
    return Fault(file, 1, name, None, "the column is missing", remedy)


def _no_total(frame: pd.DataFrame, item: Official, file: str) -> Fault:
    wordings = _wordings(frame, item)
    name = wordings[0][0][0] if wordings else ""
    labels = list(frame[name].unique()[:4]) if name else []
    wanted = " or ".join(" and ".join(label for _, label in parts) for parts in wordings)
    problem = f"the breakdown {wanted} is not found; the file has {', '.join(labels) or 'no rows'}"
    return Fault(
        file, None, name, None, problem, "Add its new label to inputs/official.csv, or download the file again."
    )


def _totals(frame: pd.DataFrame, item: Official) -> pd.DataFrame:
    """The rows of the total in any year's wording; all of them in a file that has no column to tell them by."""
    wordings = _wordings(frame, item)
    held = pd.Series(data=not wordings, index=frame.index)
    for parts in wordings:
        held |= pd.concat([frame[name].eq(label) for name, label in parts], axis=1).all(axis=1)
    return frame[held]


def _wordings(frame: pd.DataFrame, item: Official) -> list[list[tuple[str, str]]]:
    """The conditions that single out the total, as far as the file has their columns."""
    split = [[part.partition("=") for part in wording.split(";")] for wording in item.labels.split("|")]
    held = [[(name, label) for name, _, label in parts if name in frame] for parts in split]
    return [parts for parts in held if parts]


def _cells(frame: pd.DataFrame, expression: str) -> pd.Series | None:
    """Cells of a heading by any of its names; of headings that are added, the sum, or the first that is no number."""
    parts = []
    for names in filter(None, expression.split("+")):
        cells = [column for column in frame if {column, unnumbered(str(column))} & set(names.split("|"))]
        if not cells:
            return None
        parts.append(frame[cells[0]])
    if len(parts) < 2:
        return parts[0] if parts else None
    numbers = pd.concat([pd.to_numeric(part, errors="coerce") for part in parts], axis=1)
    marks = pd.concat(parts, axis=1).where(numbers.isna().to_numpy()).bfill(axis=1).iloc[:, 0]
    return numbers.sum(axis=1).map("{:.0f}".format).where(numbers.notna().all(axis=1), marks)


def _rows(
    total: pd.DataFrame, item: Official, cells: dict[str, pd.Series | None], file: str
) -> tuple[pd.DataFrame, list[Fault]]:
    level = total["geographic_level"].map(LEVELS)
    blank = pd.Series("", index=total.index)
    region, country = (total.get(f"{name}_code", blank) for name in ("region", "country"))
    nation = total.get("country_name", blank).replace("", "England")
    code = total["new_la_code"].mask(level.eq("region") & region.ne(""), region).mask(level.eq("country"), country)
    name = total["la_name"].mask(level.eq("region") & region.ne(""), total.get("region_name", blank))
    period, ends_on = _periods(total["time_period"], item.period)
    years = ends_on.dt.year.dropna()
    last = int(years.max()) if len(years) else 0
    rows = pd.DataFrame(
        {
            **{key: getattr(item, key) for key in ("set", "measure", "label", "unit")},
            "period": period,
            "ends_on": ends_on,
            "release": period.map(lambda text: item.release.format(next=last + 1, last=last, period=text)),
            "area_level": level,
            "area_code": code,
            "old_code": total.get("old_la_code", blank),
            "region_code": region,
            "group": name.mask(level.eq("country"), nation),
            **{role: blank if found is None else found for role, found in cells.items()},
            "file": file,
            "row": total.index,
        },
        index=total.index,
    )
    return rows[COLUMNS], _faults(total, rows, item, file)


def _periods(text: pd.Series[str], kind: str) -> tuple[pd.Series[str], pd.Series[pd.Timestamp]]:
    """What a period is called and its last day; 202425 is the school year whose January is in 2025."""
    if kind == "month":
        ends = pd.to_datetime("1 " + text, format="%d %B %Y", errors="coerce") + pd.offsets.MonthEnd(0)
        return text, ends
    year = text.where(text.str.fullmatch(r"20\d{2}"), "20" + text.where(text.str.fullmatch(r"20\d{4}")).str[4:])
    january = kind == "january"
    ends = pd.to_datetime(year + ("-01-31" if january else "-12-31"), format="%Y-%m-%d", errors="coerce")
    return ("January " + year if january else year).fillna(text), ends


def _faults(total: pd.DataFrame, rows: pd.DataFrame, item: Official, file: str) -> list[Fault]:
    printed = item.set not in {"tribunal", "community", "lait"}
    download = "Take the row from the publisher's file again."
    kinds = ", ".join(LEVELS)
    checks = [
        ("geographic_level", total["geographic_level"], rows["area_level"].isna(), f"is not one of {kinds}"),
        (
            "time_period",
            total["time_period"],
            rows["ends_on"].isna(),
            "is not a period such as 2024, 202425 or June 2023",
        ),
        *(
            (
                role,
                rows[role],
                ~rows[role].map(lambda cell: bool(_NUMBER.fullmatch(cell))),
                "is neither a number nor a marker",
            )
            for role in ("n", "of", "published")
        ),
    ]
    if printed:
        coded = rows["area_code"].str.fullmatch(_CODE) | rows["area_level"].isna()
        checks.append(
            (
                "area code",
                rows["area_code"],
                ~coded,
                "is not an area code such as E06000001: a capital and eight digits",
            )
        )
    n, of, shown = (pd.to_numeric(rows[role], errors="coerce") for role in ("n", "of", "published"))
    checks.append(("n", rows["n"], n > of, "is more than the number it is out of"))
    checks.append(
        (
            "published",
            rows["published"],
            (shown - 100 * n / of.where(of > 0)).abs() > 1,
            "is more than a point from its own counts",
        )
    )
    faults = []
    for column, cells, bad, problem in checks:
        places = bad.fillna(value=False).to_numpy().nonzero()[0]
        if len(places):
            more = f" (and so in {len(places) - 1} more rows)" if len(places) > 1 else ""
            head, warns = getattr(item, column, "") or column, "own counts" in problem
            place = int(rows["row"].iloc[places[0]]), head, str(cells.iloc[places[0]])
            faults.append(Fault(file, *place, problem + more, download, warns=warns))
    named = rows[rows["group"].ne("")].groupby("area_code")["group"].nunique()
    coded_ = rows[rows["area_code"].ne("")].groupby(["group", "period", "area_level"])["area_code"].nunique()
    for code in named.index[named > 1]:
        names = " and ".join(rows.loc[rows["area_code"].eq(code), "group"].unique())
        faults.append(Fault(file, None, "area code", str(code), f"is the code of {names}", download, warns=True))
    for name, period, _ in coded_.index[coded_ > 1]:
        faults.append(Fault(file, None, "area code", str(name), f"has two codes in {period}", download, warns=True))
    return faults
