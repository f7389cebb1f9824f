"""The gate: what names a person, or stands in the records, leaves in no file and in no way of writing it."""

import base64
import copy
import csv
import html
import io
import json
import os
import random
import shutil
import zipfile
import zlib
from collections import Counter
from dataclasses import replace
from pathlib import Path

import nbformat
import pandas as pd
import pytest

from sendanalysis import cli
from sendanalysis.errors import InputError
from sendanalysis.inputs.contracts import Column, Contract
from sendanalysis.inputs.identifiers import UPN_LETTERS, is_nhs_number, is_uln, is_upn
from sendanalysis.publishing import pages
from sendanalysis.publishing.gate import FEW, files_in, findings, marks_of, refuse_findings
from sendanalysis.publishing.legible import words_of
from sendanalysis.publishing.wheel import wheel
from sendanalysis.release import open_release

ROOT = Path(__file__).parents[2]
AREA = ROOT / "data" / "southend"
MONTH, OTHER_MONTH = "2021-12", "2024-03"
ID, NHS = "CH0001", "943 476 59" + "19"
OWN = "values of advice_requests.child_id"
PLANTED = 500
OTHER_AREA = ROOT / "data" / "wexmoor"
KINDS, LARGE = (".html", ".csv", ".ipynb"), 30_000  # bytes; larger files are scanned no otherwise, and take longer


@pytest.fixture(scope="module")
def release():
    return open_release(AREA, MONTH)


@pytest.fixture
def found(release):
    """A function that scans one file: kinds found and how many of each."""
    return lambda data, name="a.html", audience="internal": {
        finding.kind: finding.n
        for finding in findings([(name, data if isinstance(data, bytes) else data.encode())], release, audience)
    }


def notebook(**cell):
    made = {"cell_type": "code", "metadata": {}, "source": [], "outputs": [], "execution_count": 1} | cell
    return json.dumps({"cells": [made], "metadata": {}, "nbformat": 4, "nbformat_minor": 5})


def zipped(name, data=b"", comment=b""):
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as made:
        made.writestr(name, data)
        made.comment = comment
    return held.getvalue()


def as_pdf(text):
    return b"%PDF-1.4\n1 0 obj<</Length 9>>stream\n" + zlib.compress(text) + b"\nendstream endobj"


WAYS = {
    "text": ("<p>The child ch0001 waits.</p>", "a.html"),
    "split by tags": ("<p>CH<b>00</b><span class='x'>01</span></p>", "a.html"),
    "attribute": ('<img alt="Child CH0001">', "a.html"),
    "comment": ("<!-- CH0001 -->", "a.html"),
    "entities": ("<p>&#67;H&#x30;001</p>", "a.html"),
    "signs without width": ("<p>CH\u200b00\u00ad01</p>", "a.html"),
    "wide letters": ("<p>\uff23\uff28\uff10\uff10\uff10\uff11</p>", "a.html"),
    "drawing": ('<svg><text>CH<tspan dx="1">0001</tspan></text></svg>', "a.svg"),
    "description of a mark": ('<path aria-label="child: CH0001" d="M1,2L3,4"/>', "a.svg"),
    "address": ("<a href='x.html?child=%43H0001'>x</a>", "a.html"),
    "picture within": (
        f"<img src='data:image/svg+xml;base64,{base64.b64encode(b'<text>CH0001</text>').decode()}'>",
        "a.html",
    ),
    "output": (
        notebook(
            outputs=[{"output_type": "display_data", "metadata": {}, "data": {"text/html": ["<td>CH", "0001</td>"]}}]
        ),
        "a.ipynb",
    ),
    "printed": (notebook(outputs=[{"output_type": "stream", "name": "stdout", "text": "CH0001\n"}]), "a.ipynb"),
    "metadata": (notebook(metadata={"note": {"CH0001": 1}}), "a.ipynb"),
    "attachment": (
        notebook(attachments={"a.svg": {"image/svg+xml": base64.b64encode(b"<text>CH0001</text>").decode()}}),
        "a.ipynb",
    ),
    "escape": ('{"child": "\\u0043H0001"}', "a.json"),
    "cell": ('n,child\n1,"late, CH0001"\n', "a.csv"),
    "another encoding": ("child\nCH0001\n".encode("utf-16"), "a.csv"),
    "name of a file": ("", "tables/CH0001.csv"),
    "member": (zipped("a.csv", b"n\nCH0001\n"), "a.zip"),
    "name of a member": (zipped("CH0001.txt"), "a.zip"),
    "comment of a zip": (zipped("a.txt", comment=b"CH0001"), "a.zip"),
    "zip in a zip": (zipped("b.zip", zipped("a.txt", b"CH0001")), "a.zip"),
    "PDF": (as_pdf(b"BT (CH0001) Tj ET"), "a.pdf"),
    "PDF that is not packed": (b"%PDF-1.4\n1 0 obj<</Length 9>>stream\nBT (CH0001) Tj ET\nendstream endobj", "a.pdf"),
    "description of a stream in a PDF": (b"%PDF-1.4\n1 0 obj<</Alt (CH0001)>>stream\nx\nendstream endobj", "a.pdf"),
    "PDF with a needless backslash": (as_pdf(rb"BT (\9 CH0001) Tj ET"), "a.pdf"),
    "kerned PDF": (as_pdf(b"BT [(CH) -20 (0001)] TJ ET"), "a.pdf"),
    "title of a PDF": (b"%PDF-1.4 /Title (\\376\\377\\000C\\000H\\0000\\0000\\0000\\0001)", "a.pdf"),
}


@pytest.mark.parametrize("way", WAYS)
def test_an_id_of_a_record_is_found_however_it_is_written(found, way):
    kinds = found(*WAYS[way])
    assert kinds == {OWN: 1}


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        (NHS, "NHS numbers"),
        (NHS.replace(" ", ""), "NHS numbers"),
        (NHS.replace(" ", "\u2009"), "NHS numbers"),
        ("943 <b>476</b> 59" + "19", "NHS numbers"),
        ("12345678" + "99", "ULNs"),
        ("A1234567" + "89012", "UPNs"),
        ("SS2 6ER", "postcodes"),
        ("SS26ER", "postcodes"),
        ("jo@example.org", "e-mail addresses"),
        ("01702 215 000", "telephone numbers"),
        ("+44 7700 900123", "telephone numbers"),
        ("AB 12 34 56 C", "National Insurance numbers"),
        ("born on 3 May 2012", "dates of birth"),
        ("DOB: 03/05/2012", "dates of birth"),
    ],
)
def test_what_names_a_person_by_its_form_is_found_for_every_audience(found, text, kind):
    for audience in ("internal", "partner"):
        assert found(f"<p>Seen: {text}.</p>", audience=audience) == {kind: 1}


@pytest.mark.parametrize(
    "text",
    [
        *("0000000000", "9434765910", "of 1,234,567 in 2021", "2021-05-03 to 2022-04-30", "84.1234567890%"),
        *(
            "<i style='color:#c40001'>x</i>",
            '<svg><path d="M0,1L2021,34C10,5"/></svg>',
            "E06000033",
            "sha256 a3f21bc9e0d1",
        ),
    ],
)
def test_counts_days_colours_lines_and_codes_are_none(found, text):
    assert found(f"<p>{text}</p>", audience="public") == {}


def test_a_table_of_rows_is_found_by_its_heading_though_its_ids_are_short(found):
    for heading in ("child_id", "Child ID"):
        assert found(f"<table><tr><th scope='col'> {heading} </th></tr></table>") == {
            "tables of rows, under headings of ids": 1
        }
        assert found(f"{heading},n\n17,3\n", "a.csv") == {"tables of rows, under headings of ids": 1}
    assert found("<th>Question ID</th>") == {}


def test_pictures_are_for_no_one_outside(found):
    png = b"\x89PNG\r\n\x1a\n\x00"
    within = notebook(outputs=[{"data": {"image/png": base64.b64encode(png * 4).decode()}}])
    for data, name in ((png, "a.png"), (within, "a.ipynb"), (b"PK\x03\x04 cut", "a.zip")):
        assert found(data, name) == {}
        assert found(data, name, "partner") == {"pictures or files whose text cannot be read": 1}


@pytest.mark.parametrize("area", ["southend", "wexmoor"])
def test_the_package_that_goes_into_a_pack_holds_no_value_of_a_shipped_area(area):
    assert findings([wheel()], open_release(ROOT / "data" / area, "", "internal"), "public") == []


def test_a_folder_of_whoever_ran_it_is_found(found, monkeypatch):
    monkeypatch.setenv("HOME", "/srv/ada-lovelace")
    assert found("<p>/srv/ada-lovelace/exports/a.csv</p>") == {"places of this machine": 1}


@pytest.fixture
def table():
    """A function that makes a table of own columns: its contract, and the table by name."""

    def made(shareable=(), **cells):
        columns = tuple(Column(name, "text", "x", blank=True) for name in cells)
        contract = Contract("extracts", "visits", "a visit", columns, ("visit_id",), shareable=shareable)
        return {"visits": pd.DataFrame(cells, dtype="str")}, (contract,)

    return made


def test_for_internal_ids_are_scanned_for_and_for_others_every_text(table):
    tables, contracts = table(visit_id=["V10001", "V10002"], school=["Larkhill Academy", ""], note=["Dad moved", "x"])
    assert set(marks_of(tables, contracts, internal=True)[0]) == {"v10001", "v10002"}
    marks, passed = marks_of(tables, contracts, internal=False)
    assert set(marks) == {"v10001", "v10002", "larkhill academy", "dad moved"}
    assert passed == 2


def test_what_many_rows_share_may_be_printed_where_its_column_is_shareable(table):
    ids = [f"V1000{n}" for n in range(FEW + 1)]
    tables, contracts = table(("service_id",), visit_id=ids, service_id=["Therapy team"] * FEW + ["Lone service"])
    assert set(marks_of(tables, contracts, internal=False)[0]) - {*map(str.lower, ids)} == {"lone service"}


def test_a_long_text_is_known_by_any_eight_of_its_words_in_a_row(table):
    note = "Mother said that the taxi did not come on Monday and that nobody had rung her before noon that day"
    tables, contracts = table(visit_id=["V10001"], note=[note])
    marks, _ = marks_of(tables, contracts, internal=False)
    assert "mother said that the taxi did not come" in marks
    assert all(len(piece.split()) == 8 for piece in marks if piece != "v10001")


def test_a_name_of_three_letters_in_a_column_of_ids_is_scanned_for(table):
    tables, contracts = table(visit_id=["Lee", "JB", "123456", "1234"])
    assert marks_of(tables, contracts, internal=True) == (
        {"lee": "values of visits.visit_id", "123456": "values of visits.visit_id"},
        2,
    )


def waiving(release, *lines):
    own = copy.copy(release)
    own.settings = replace(
        release.settings,
        waivers=tuple({"finding": line, "reason": "is a made-up one", "role": "DPO"} for line in lines),
    )
    return own


def test_a_refusal_says_what_where_and_how_many_on_one_screen_and_no_value(release):
    files = [(f"{number:02}.html", f"<p>{ID} {NHS}</p>".encode()) for number in range(30)]
    with pytest.raises(InputError) as refused:
        refuse_findings([*files, ("CH0001.html", b"")], release, "internal")
    said = str(refused.value)
    assert f"\n  00.html: {OWN}, 1\n" in said
    assert "… and 49 more" in said
    assert len(said.splitlines()) < 24
    assert "ch0001" not in said.casefold()
    assert "943" not in said


def test_a_waiver_lets_its_own_line_through_and_no_other(release):
    file = ("a.html", f"<p>{ID}</p>".encode())
    assert refuse_findings([file], waiving(release, f"a.html: {OWN}, 1"), "internal") == []
    for other in (f"a.html: {OWN}, 2", f"b.html: {OWN}, 1", "a.html: NHS numbers, 1"):
        with pytest.raises(InputError, match="may name a person"):
            refuse_findings([file], waiving(release, other), "internal")


def test_a_waiver_of_what_is_not_there_any_more_is_a_warning_where_its_page_was_made(release):
    own = waiving(release, f"a.html: {OWN}, 1", f"page_not_made.html: {OWN}, 1")
    (warning,) = refuse_findings([("a.html", b"<p>nothing</p>")], own, "partner")
    assert warning.startswith(f"area.toml, disclosure.waivers: 'a.html: {OWN}, 1' is not found in what was published")


@pytest.mark.parametrize(
    "waivers",
    [
        '[[disclosure.waivers]]\nfinding = "x"\nreason = "y"',
        '[[disclosure.waivers]]\nfinding = "x"\nreason = " "\nrole = "z"',
        '[disclosure]\nwaivers = "all"',
    ],
)
def test_a_waiver_without_reason_or_role_is_refused(tmp_path, capsys, waivers):
    area = Path(shutil.copytree(AREA, tmp_path / "southend"))
    with (area / "area.toml").open("a", encoding="utf-8") as file:
        file.write(f"\n{waivers}\n")
    assert cli.main(["check", str(area)]) == 2
    assert "disclosure.waivers: a waiver is not complete. Write finding, reason, role" in capsys.readouterr().err


PARAMETERS = 'area: str = ""\nmonth: str = ""\naudience: str = "internal"\ndata_date: str = ""\nchoices: str = ""'


@pytest.fixture
def own_notebook(tmp_path, monkeypatch, capsys):
    """A function that runs a notebook of one's own that shows rows: exit code, what was said, and the publication."""
    folder = Path(shutil.copytree(ROOT / "notebooks", tmp_path / "notebooks"))
    cells = [
        nbformat.v4.new_markdown_cell("# Mine", metadata={"tags": ["page-context"]}),
        nbformat.v4.new_code_cell(PARAMETERS, metadata={"tags": ["parameters"]}),
        nbformat.v4.new_code_cell('import pandas\npandas.read_csv(f"{area}/extracts/neu_pathway.csv").head(7)'),
        nbformat.v4.new_code_cell('release.extract("autism_referrals").head(7)', metadata={"tags": ["explore"]}),
    ]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), folder / "09_mine.ipynb")
    monkeypatch.setattr(pages, "NOTEBOOKS", folder)
    area = Path(shutil.copytree(AREA, tmp_path / "southend"))
    target = tmp_path / "out" / "southend" / MONTH
    target.mkdir(parents=True)
    (target / "index.html").write_text("the last publication", encoding="utf-8")

    def run(settings=""):
        with (area / "area.toml").open("a", encoding="utf-8") as file:
            file.write(settings)
        words = ["run", str(area), "--month", MONTH, "--only", "09_mine", "--output", str(tmp_path / "out")]
        return cli.main(words), capsys.readouterr(), target

    return run


def test_a_notebook_of_ones_own_that_shows_rows_is_refused_until_each_finding_is_waived(own_notebook):
    code, said, target = own_notebook()
    assert code == 2
    assert [path.read_text() for path in target.rglob("*")] == ["the last publication"]
    assert [path.name for path in target.parent.iterdir()] == [MONTH]
    assert "CH8001" not in said.out + said.err
    assert len(said.err.splitlines()) < 24
    lines = [line.strip() for line in said.err.splitlines() if line.startswith("  ")]
    assert {line.partition(": ")[0] for line in lines} == {"09_mine.html", "notebooks/09_mine.ipynb"}
    waivers = [{"finding": line, "reason": "made up", "role": "data protection officer"} for line in lines]
    stale = {"finding": "index.html: postcodes, 1", "reason": "was there", "role": "head of service"}
    tables = [
        "\n[[disclosure.waivers]]\n" + "\n".join(f"{name} = {json.dumps(text)}" for name, text in waiver.items())
        for waiver in (*waivers, stale)
    ]
    code, said, target = own_notebook("\n".join([*tables, ""]))
    assert (code, said.err) == (0, "")
    assert "warning  area.toml, disclosure.waivers: 'index.html: postcodes, 1' is not found" in said.out
    assert json.loads((target / "manifest.json").read_text())["waivers"] == [*waivers, stale]
    made = [target, *target.rglob("*")]
    assert {path.stat().st_mode & 0o777 for path in made} == {0o700, 0o600} or os.name == "nt"
    ran = nbformat.read(target / "notebooks" / "09_mine.ipynb", as_version=4)
    assert "CH8001" in str(ran.cells[3].outputs)
    assert set(ran.metadata) == {"kernelspec", "language_info"}
    assert {name for cell in ran.cells for name in cell.metadata} == {"tags"}
    assert ran.cells[4].outputs == []  # Explore opens rows, and is never run in a publication


def identifiers(rng):
    """Identifiers that nobody has, one after another, in every form."""
    digits = lambda n: "".join(rng.choice("0123456789") for _ in range(n))  # noqa: E731
    until = lambda make, good: next(value for value in iter(make, None) if good(value))  # noqa: E731
    forms = [
        lambda: until(lambda: f"4{digits(9)}", is_nhs_number),
        lambda: until(lambda: f"{digits(3)} {digits(3)} {digits(4)}", is_nhs_number),
        lambda: until(lambda: f"7{digits(9)}", is_uln),
        lambda: until(lambda: rng.choice(UPN_LETTERS) + digits(12), is_upn),
        lambda: f"SS{rng.randint(1, 9)} {digits(1)}{rng.choice('ABDEFGH')}{rng.choice('JLNPQR')}",
        lambda: f"{rng.choice(['ada', 'ben.kay', 'c-dee'])}{digits(2)}@{rng.choice(['mail', 'school'])}.example",
        lambda: rng.choice([f"01702 {digits(6)}", f"+44 77{digits(2)} {digits(6)}", f"(020) 7{digits(3)} {digits(4)}"]),
        lambda: f"{rng.choice('ABCE')}{rng.choice('ABCE')} {digits(2)} {digits(2)} {digits(2)} {rng.choice('ABCD')}",
        lambda: f"born {rng.randint(1, 28)} {rng.choice(['May', 'June', 'October'])} 20{digits(2)}",
    ]
    while True:
        for make in forms:
            yield make()


WORDS = "\n".join(path.read_text("utf-8") for path in (ROOT / "sendanalysis").rglob("*.py")).casefold()


def records(release, rng):
    """Values of the columns of extracts, from each in turn: table, column, value, and why it cannot be told, if so."""
    telling, _ = marks_of(release.source_tables, release.contracts, internal=False)
    extracts = [(one, column) for one in release.contracts if one.folder == "extracts" for column in one.columns]
    while True:
        for contract, column in extracts:
            cells = list(release.source_tables[contract.name][column.name].dropna())
            value = str(rng.choice(cells or [""]))
            own_words = not any(map(str.isdigit, value)) and value.casefold() in WORDS
            why = "shareable" if column.name in contract.shareable else "a word of the package" if own_words else ""
            why = "no rows" if not cells else why or ("" if " ".join(words_of(value)) in telling else "too short")
            yield contract.name, column.name, value, why if column.kind == "text" else "a day, number or choice"


def planted(name, data, value, rng):
    """A published file with a value at a random place of it."""
    text = data.decode()
    if name.endswith(".csv"):
        rows = list(csv.reader(io.StringIO(text)))
        row = rng.choice(rows)
        row[rng.randrange(len(row))] = value
        made = io.StringIO()
        csv.writer(made, lineterminator="\n").writerows(rows)
        return made.getvalue().encode()
    if name.endswith(".ipynb"):
        held = json.loads(text)
        outputs = [output["data"] for cell in held["cells"] for output in cell.get("outputs", []) if "data" in output]
        data = rng.choice(outputs) if outputs else held["cells"][0].setdefault("metadata", {})
        data["text/html" if rng.random() < 0.5 else f"application/{value}"] = [f"<td>{html.escape(value)}</td>"]
        return json.dumps(held).encode()
    places = [place for place, sign in enumerate(text) if sign == ">"]
    quotes = [place + 1 for place in range(len(text) - 1) if text[place : place + 2] == '="']
    at = rng.choice(rng.choice([places, quotes or places])) + 1
    return f"{text[:at]} {html.escape(value)} {text[at:]}".encode()


def test_of_five_hundred_identifiers_and_values_planted_over_every_column_none_passes(publication, other_publication):
    rng, planted_in, excluded = random.Random(11), Counter(), {}
    for folder, area, month in ((publication, AREA, MONTH), (other_publication, OTHER_AREA, OTHER_MONTH)):
        own = open_release(area, month)
        readable = [file for file in files_in(folder) if file[0].endswith(KINDS) and len(file[1]) < LARGE]
        assert findings(readable, own, "partner") == []
        forms, values, files = identifiers(rng), records(own, rng), []
        while len(files) < PLANTED // 2:
            table, column, value, why = next(values)
            if why:
                excluded.setdefault(why, set()).add((table, column))
            for told in (next(forms), *([] if why else [value])):  # an identifier by its form, for every column
                name, data = rng.choice(readable)
                files.append((f"{len(files)}/{name}", planted(name, data, told, rng)))
                planted_in[table, column] += 1
        found = {finding.file for finding in findings(files, own, "partner")}
        assert [name for name, _ in files if name not in found] == []
    every = {
        (contract.name, column.name)
        for area in (AREA, OTHER_AREA)
        for contract in open_release(area).contracts
        for column in contract.columns
        if contract.folder == "extracts"
    }
    assert set(planted_in) == every
    assert planted_in.total() >= PLANTED
    assert {why: len(columns) for why, columns in excluded.items() if why != "no rows"} == {
        "a day, number or choice": 57,
        "shareable": 3,  # ehcp_audits.question_id, and tool of both tables of the survey
        "too short": 2,  # age bands
        "a word of the package": 2,  # autism_referrals.provider and source
    }
