"""CSV files read a column at a time: every text as it is written, whatever pandas would take it for."""

import pytest

from sendanalysis.errors import InputError
from sendanalysis.inputs.csv_cells import csv_cells, csv_rows

PLACE = "sendanalysis.inputs.csv_cells"


@pytest.fixture
def file(tmp_path):
    """A function that writes a CSV file of some text, and gives its path."""

    def written(text):
        path = tmp_path / "few.csv"
        path.write_text(text, encoding="utf-8", newline="")
        return path

    return written


@pytest.mark.parametrize("many", [1, 8])
def test_texts_that_look_like_numbers_stay_as_written_in_any_of_the_rows_read_together(file, monkeypatch, many):
    rows = [["id", "yes", "n"], ["a", "b", ""], ["007", "True", ""], ["7", "False", ""], ["1.0", "True", "1"], ["1"]]
    path = file("".join(f"{','.join(row)}\n" for row in rows))
    monkeypatch.setattr(f"{PLACE}._ROWS", 2)
    monkeypatch.setattr(f"{PLACE}._MANY", many)
    cells = csv_cells(path)
    assert [cells.heading, *cells.body.astype("object").to_numpy().tolist()] == [*rows[:-1], ["1", "", ""]]
    assert cells.ends == (3, 1)


@pytest.mark.parametrize("tail", [1, 3, 6, 9, 1_000])
@pytest.mark.parametrize(
    ("text", "ends"),
    [
        ("a,b,c\n1,2,3\n4,5\n", (3, 2)),
        ('a,b,c\n1,"2\n, ""x",3\n4,5\n', (3, 2)),
        ('a,b,c\n1,2,3\n4,"5\n6\n7"\n', (3, 2)),
        ('a,b,c\r\n1,2"0,3\r\n4,5\r\n', (3, 2)),
        ("a,b,c\n", (3, 3)),
    ],
)
def test_the_last_two_rows_are_found_wherever_the_end_of_a_file_is_looked_at_from(file, monkeypatch, tail, text, ends):
    monkeypatch.setattr(f"{PLACE}._TAIL", tail)
    assert csv_cells(file(text)).ends == ends


def test_a_file_cut_within_its_last_row_is_refused_row_by_row_and_by_column_alike(file):
    path = file("a,b,c\n1,2,3\n4,5")
    for read in (csv_cells, csv_rows):
        with pytest.raises(InputError, match="row 3 has 2 cells, the one before it 3, and no line end"):
            read(path)


@pytest.mark.parametrize("text", ["", "\n \n", "\ufeff"])
def test_a_file_of_nothing_is_refused_as_empty(file, text):
    with pytest.raises(InputError, match="the file is empty"):
        csv_cells(file(text))
