"""Workbooks as people save them: what cannot be read is one line, and nothing reads as blank that is not."""

import shutil
import zipfile
from pathlib import Path

import pytest
from openpyxl import Workbook
from openpyxl.chart import BarChart, Reference

from sendanalysis import cli
from sendanalysis.errors import InputError
from sendanalysis.inputs.cells import all_sheets, opened, sheet_names, sheet_rows

SOUTHEND = Path(__file__).parents[2] / "data" / "southend"


@pytest.fixture
def book(tmp_path):
    """A function that saves a workbook whose sheet `rows` has been changed, and gives its path."""

    def saved(change=lambda _: None, name="book.xlsx"):
        workbook = Workbook()
        workbook.active.title = "rows"
        for row in (["id", "day"], ["A", 1], ["B", 2]):
            workbook.active.append(row)
        change(workbook.active)
        workbook.save(tmp_path / name)
        return tmp_path / name

    return saved


def rewritten(path, part, change):
    """The workbook with one of its parts changed."""
    with zipfile.ZipFile(path) as held:
        parts = {name: held.read(name) for name in held.namelist()}
    parts[part] = change(parts[part])
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as made:
        for name, data in parts.items():
            made.writestr(name, data)
    return path


def test_rows_end_with_the_last_that_holds_something(book):
    def far(sheet):
        sheet["A5"] = "C"
        for row in range(6, 3_000):
            sheet.cell(row, 1).number_format = "0.00"

    assert sheet_rows(book(far), "rows") == [["id", "day"], ["A", "1"], ["B", "2"], [], ["C"]]


def bordered(sheet):
    for row in sheet["C1:H3"]:
        for cell in row:
            cell.number_format = "0.00"
    sheet["F2"] = 5


def test_cells_that_hold_a_format_alone_move_no_other(book):
    expected = [["id", "day"], ["A", "1", "", "", "", "5"], ["B", "2"]]
    path = book(bordered)
    assert sheet_rows(path, "rows") == expected
    # A cell that does not say its place stands after the one before it, be that one blank.
    rewritten(path, "xl/worksheets/sheet1.xml", lambda data: data.replace(b'<c r="F2"', b"<c"))
    assert sheet_rows(path, "rows")[1][5] == "5"


def test_cells_that_hold_a_format_alone_count_towards_those_of_a_sheet(book, monkeypatch):
    monkeypatch.setattr("sendanalysis.inputs.cells._CELLS", 20)
    with pytest.raises(InputError, match=r"sheet rows of book\.xlsx holds more than 20 cells\. Export fewer rows"):
        sheet_rows(book(bordered), "rows")


def test_a_formula_without_a_saved_value_is_named_by_its_cell(book):
    with pytest.raises(InputError, match=r"cell B4 holds a formula without a saved value\. Open it in Excel"):
        sheet_rows(book(lambda sheet: sheet.append(["C", "=B2+1"])), "rows")


def test_merged_cells_are_named(book):
    with pytest.raises(InputError, match=r"the cells A2:A3 are merged\. Unmerge"):
        sheet_rows(book(lambda sheet: sheet.merge_cells("A2:A3")), "rows")


def test_a_chart_sheet_is_no_table(book):
    def chart(sheet):
        made = BarChart()
        made.add_data(Reference(sheet, min_col=2, min_row=2, max_row=3))
        sheet.parent.create_chartsheet("picture").add_chart(made)

    path = book(chart)
    assert sheet_names(path) == ("rows", "picture")
    assert list(all_sheets(path)) == ["rows"]
    with pytest.raises(InputError, match=r"sheet picture of book\.xlsx is a chart"):
        sheet_rows(path, "picture")


def test_a_workbook_with_a_password_says_so(tmp_path):
    path = tmp_path / "locked.xlsx"
    path.write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600))
    with pytest.raises(InputError, match="has a password or is of an old kind"):
        sheet_names(path)


def test_a_workbook_of_which_a_part_has_a_password_says_so(book):
    path = book(name="part.xlsx")
    data = bytearray(path.read_bytes())
    data[data.index(b"PK\1\2") + 8] |= 1
    path.write_bytes(data)
    with pytest.raises(InputError, match="has a password or is of an old kind"):
        sheet_names(path)


@pytest.mark.parametrize(
    "part", ["xl/worksheets/sheet1.xml", "xl/workbook.xml", "xl/styles.xml", "[Content_Types].xml"]
)
@pytest.mark.parametrize("damage", [lambda data: data[: len(data) // 2], lambda data: b"", lambda data: b"<a>" * 9_000])
def test_damaged_parts_are_one_line(book, part, damage):
    path = rewritten(book(name=f"{part.replace('/', '-')}.xlsx"), part, damage)
    with pytest.raises(InputError, match=r"is not an Excel workbook, or is damaged|is empty"):
        sheet_rows(path, "rows")


@pytest.mark.parametrize("cut", [10, 400, -30])
def test_a_file_that_was_cut_is_one_line(book, cut):
    path = book(name=f"cut{cut}.xlsx")
    path.write_bytes(path.read_bytes()[:cut])
    with pytest.raises(InputError, match="is not an Excel workbook, or is damaged"):
        sheet_names(path)


def test_an_unknown_compression_is_one_line(book):
    path = book(name="packed.xlsx")
    data = bytearray(path.read_bytes())
    for place in range(len(data) - 12):
        if data[place : place + 4] == b"PK\x01\x02":
            data[place + 10 : place + 12] = (99).to_bytes(2, "little")
    path.write_bytes(bytes(data))
    with pytest.raises(InputError, match="is not an Excel workbook, or is damaged"):
        sheet_names(path)


def claiming(path, size):
    """The packed file, whose directory says that each of its members unpacks to so many bytes."""
    data = bytearray(path.read_bytes())
    for place in range(len(data) - 28):
        if data[place : place + 4] == b"PK\x01\x02":
            data[place + 24 : place + 28] = size.to_bytes(4, "little")
    path.write_bytes(bytes(data))
    return path


def test_a_workbook_or_zip_that_would_fill_the_memory_is_one_line_and_is_not_unpacked(book, tmp_path, capsys):
    area = Path(shutil.copytree(SOUTHEND, tmp_path / "southend"))
    shutil.move(claiming(book(), 500_000_000), area / "extracts" / "flood.xlsx")
    with zipfile.ZipFile(area / "published" / "release.zip", "w") as held:
        held.writestr("data.csv", "a,b\n")
    claiming(area / "published" / "release.zip", 3_000_000_000)
    assert cli.main(["check", str(area)]) == 2
    said = "".join(capsys.readouterr())
    assert "release.zip unpacks to 3,000,000,000 bytes, and 1,000,000,000 are the most that is read" in said
    assert "flood.xlsx unpacks to" in said
    assert "Traceback" not in said


def test_a_workbook_of_too_many_parts_or_packed_too_densely_is_one_line(book):
    dense = book(name="dense.xlsx")
    with zipfile.ZipFile(dense, "a", zipfile.ZIP_DEFLATED) as held:
        held.writestr("xl/zeros.bin", bytes(100_100_000))
    with pytest.raises(InputError, match=r"dense\.xlsx, of [\d,]+ bytes, unpacks to [\d,]+ bytes, as no export does"):
        sheet_names(dense)
    many = book(name="many.xlsx")
    with zipfile.ZipFile(many, "a") as held:
        for number in range(10_000):
            held.writestr(f"xl/{number}", "")
    with pytest.raises(InputError, match=r"many\.xlsx, of [\d,]+ bytes, holds 10,0\d\d parts"):
        sheet_names(many)


@pytest.mark.parametrize("declared", [b'<!DOCTYPE x [<!ENTITY a "ha">]>', b'<!doctype x SYSTEM "file:///etc/passwd">'])
def test_a_workbook_that_declares_entities_is_one_line(book, declared):
    path = rewritten(
        book(name="entities.xlsx"),
        "xl/worksheets/sheet1.xml",
        lambda data: data.replace(b"<worksheet", declared + b"<worksheet", 1),
    )
    with pytest.raises(InputError, match=r"entities\.xlsx declares a document type"):
        sheet_rows(path, "rows")


def test_macros_and_links_to_other_workbooks_are_not_opened(book):
    path = book(name="macros.xlsx")
    with zipfile.ZipFile(path, "a") as held:
        held.writestr("xl/vbaProject.bin", b"Sub Auto_Open()")
        held.writestr("xl/externalLinks/externalLink1.xml", "<not what openpyxl could read")
    with opened(path) as workbook:
        assert workbook.vba_archive is None
    assert sheet_rows(path, "rows")[0] == ["id", "day"]


def test_a_row_beyond_those_of_excel_is_one_line(book):
    def far(data):
        return data.replace(b'r="3"', b'r="999999999"').replace(b'r="A3"', b'r="A999999999"')

    path = rewritten(book(name="far.xlsx"), "xl/worksheets/sheet1.xml", far)
    with pytest.raises(InputError, match=r"sheet rows of far\.xlsx holds more than 1,048,576 rows"):
        sheet_rows(path, "rows")
