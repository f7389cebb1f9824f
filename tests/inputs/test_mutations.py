"""Tables of the sample area spoilt in the ways that exports are: nothing ends in a traceback, little goes unseen."""

import csv
import io
import random
from dataclasses import replace
from itertools import cycle, islice
from pathlib import Path

from sendanalysis.inputs.area import check_area
from sendanalysis.inputs.crossing import across_tables
from sendanalysis.inputs.plan_checks import plan_faults
from sendanalysis.inputs.reading import read_table

SOUTHEND = Path(__file__).parents[2] / "data" / "southend"
BIG = "ehcp_audits"  # as many rows as all others together


def cell(value):
    """A change of one cell, by its row and column, to a value or to what a function makes of it."""

    def change(rows, row, column):
        rows[row][column] = value(rows[row][column]) if callable(value) else value

    return change


def drop_heading(rows, _, column):
    rows[0][column] = ""


def drop_column(rows, _, column):
    for row in rows:
        del row[column]


def repeat_row(rows, row, _):
    rows.append(list(rows[row]))


def shift_row(rows, row, _):
    rows[row].insert(0, "")


def swap_headings(rows, _, column):
    rows[0][0], rows[0][column] = rows[0][column], rows[0][0]


CELLS = {
    "blank": "",
    "other case": str.swapcase,
    "zero-width": lambda text: f"{text}\u200b",
    "no-break space": lambda text: f"{text[:2]}\u00a0{text[2:]}",
    "1900": "1900-01-01",
    "2099": "2099-12-31",
    "wrong century": lambda text: text.replace("20", "19", 1) if text[4:5] == "-" else "1921-05-05",
    "day first": "31/12/2021",
    "no such day": "2021-02-30",
    "with a time": "2021-10-01 00:00:00",
    "Arabic digits": lambda text: text.translate(str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")),
    "full-width digits": lambda text: text.translate(str.maketrans("0123456789", "０１２３４５６７８９")),
    "NULL": "NULL",
    "#N/A": "#N/A",
    "dash": "-",
    "formula": "=1+1",
    "huge": "9" * 30,
    "infinite": "1e999",
    "negative": "-5",
    "decimal comma": "1,5",
    "control": "a\x07\x1b[31mb",
    "nul": "\x00",
    "line break": "a\nb",
    "long": "x" * 40_000,
    "byte order mark": "\ufeff",
    "unknown word": "zzz",
}
ROWS = {
    "heading dropped": drop_heading,
    "column dropped": drop_column,
    "row twice": repeat_row,
    "row shifted": shift_row,
    "headings swapped": swap_headings,
}
BYTES = {
    "cut": lambda data, place: data[:place],
    "quote": lambda data, place: data[:place] + b'"' + data[place:],
    "latin": lambda data, place: data[:place] + b"\xe9\xff" + data[place:],
    "nul byte": lambda data, place: data[:place] + b"\x00" + data[place:],
    "mark in the middle": lambda data, place: data[:place] + b"\xef\xbb\xbf" + data[place:],
    "semicolons": lambda data, _: data.replace(b",", b";"),
    "UTF-16": lambda data, _: data.decode().encode("utf-16"),
    "no line ends": lambda data, _: data.replace(b"\n", b" "),
    "empty": lambda data, _: b"",
}


KINDS = [*((name, cell(value)) for name, value in CELLS.items()), *ROWS.items(), *BYTES.items()]
SAY_NOTHING = {"blank"}  # what is not known yet is left empty


def mutants(contracts, count):
    """A seeded list of mutations: its name, the table, the cell and the bytes of the file."""
    draw = random.Random(10)
    for name, change in islice(cycle(KINDS), count):
        contract = draw.choice(contracts)
        data = file_of(contract).read_bytes()
        if name in BYTES:
            yield name, contract, "", change(data, draw.randrange(len(data) // 4, len(data)))
            continue
        rows = list(csv.reader(io.StringIO(data.decode("utf-8-sig"))))
        row, column = draw.randrange(1, len(rows)), draw.randrange(len(rows[0]))
        what = f"{rows[0][column]} row {row + 1} '{rows[row][column][:20]}'"
        change(rows, row, column)
        text = io.StringIO()
        csv.writer(text, lineterminator="\n").writerows(rows)
        yield name, contract, what, text.getvalue().encode()


def file_of(contract):
    return SOUTHEND / contract.folder / f"{contract.name}.csv"


def figures(rows, contract):
    """The cells that are counted or compared: all but texts."""
    return rows[[column.name for column in contract.columns if column.kind != "text"]].reset_index(drop=True)


def test_no_mutation_ends_in_a_traceback_and_none_moves_a_day_a_number_or_a_choice_unsaid(tmp_path):
    area, usual = check_area(SOUTHEND)
    tables = area.tables | {BIG: area.tables[BIG][:500]}
    contracts = [one for one in area.contracts if one.folder != "published" and one.name != BIG]
    poor, unsaid = [], []
    for name, contract, what, data in mutants([one for one in contracts if file_of(one).is_file()], len(KINDS)):
        path = tmp_path / f"{contract.name}.csv"
        path.write_bytes(data)
        rows, faults = read_table(path, contract)
        if all(fault.warns for fault in faults):
            spoilt = replace(area, tables=tables | {contract.name: rows})
            faults += across_tables(spoilt.tables, area.contracts)
            faults += plan_faults(spoilt.plan, spoilt.tables, area.declared, area.settings.parameters)
        told = set(faults) - set(usual)
        poor += [str(fault) for fault in told if len(str(fault).splitlines()) != 1 or not fault.remedy]
        same = figures(rows, contract).equals(figures(area.tables[contract.name], contract))
        if not told and not same and name not in SAY_NOTHING:
            unsaid.append((name, contract.name, what))
    assert poor == []
    assert unsaid == []
