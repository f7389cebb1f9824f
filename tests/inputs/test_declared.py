"""Measures that an area declares: what is read, and that whatever is wrong is one line with file, line and remedy."""

from __future__ import annotations

import datetime as dt
import re
import shutil
import tomllib
from pathlib import Path

import pytest

from sendanalysis.errors import InputError
from sendanalysis.inputs.area import check_area
from sendanalysis.inputs.declared import KINDS, read_declared

WEXMOOR = Path(__file__).parents[2] / "data" / "wexmoor"
TEXT = (WEXMOOR / "measures.toml").read_text("utf-8")
TAKEN = ("quality", "advice", "ehcp_audits", "recorded")


def declared(folder, text):
    (folder / "measures.toml").write_text(text, encoding="utf-8")
    return read_declared(folder, TAKEN)


def line_of(text, words):
    return next(number for number, line in enumerate(text.splitlines(), 1) if words in line)


def test_an_area_without_the_file_declares_nothing(tmp_path):
    assert read_declared(tmp_path, TAKEN) == ((), ())


def test_every_kind_is_read_with_its_columns_and_groups(tmp_path):
    tables, measures = declared(tmp_path, TEXT)
    assert {measure.kind for measure in measures} == set(KINDS)
    assert all(table.is_needed(()) for table in tables)
    by_name = {measure.name: measure for measure in measures}
    reviews = by_name["review_decisions"]
    assert reviews.counted == ("review", "reviews")
    assert reviews.fields == {"start": "met_on", "done": "decided_on", "limit_days": 28}
    assert reviews.leave_out == {"outcome": ("cancelled",)}
    assert reviews.groups["post16"] == {"phase": ("post16",)}
    assert by_name["overdue_reviews"].fields["cohort_on"] == dt.date(2023, 1, 31)


def test_the_unit_of_a_measure_is_that_of_its_kind(tmp_path):
    units = {measure.name: measure.unit for measure in declared(tmp_path, TEXT)[1]}
    assert (units["plans_in_time"], units["weeks_to_plan"], units["overdue_reviews"]) == ("percent", "weeks", "")


def test_a_run_sets_days_numbers_and_words_and_no_column(tmp_path):
    reviews = next(item for item in declared(tmp_path, TEXT)[1] if item.name == "overdue_reviews")
    assert reviews.settable == ("cohort_on", "figure")
    given = {"overdue_reviews.cohort_on": "2023-02-28", "overdue_reviews.figure": "share"}
    assert reviews.with_values(given).fields["cohort_on"] == dt.date(2023, 2, 28)
    assert reviews.with_values(given).fields["figure"] == "share"


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("overdue_reviews.cohort_on", "January", "cannot be read as 2023-01-31 is"),
        ("overdue_reviews.cohort_on", "1823-01-31", "Name a day from 2000-01-01"),
        ("overdue_reviews.figure", "half", "not one of share, remaining"),
        ("review_decisions.limit_days", "four weeks", "cannot be read as 28 is"),
        ("review_decisions.limit_days", "0", "Allowed is 1 to 1,000"),
    ],
)
def test_a_value_that_a_run_cannot_set_is_refused_in_words(tmp_path, name, value, words):
    item = next(item for item in declared(tmp_path, TEXT)[1] if item.name == name.partition(".")[0])
    with pytest.raises(InputError, match=f"{name}: .*{words}"):
        item.with_values({name: value})


REVIEWS = 'kind = "share on time"\nlabel = "annual reviews'
BAD = [  # what stands in Wexmoor's file, what a slip makes of it, words of the line at fault, words of the message
    (REVIEWS, REVIEWS.replace("on time", "of time"), 'kind = "share of', "'share of time' is not known. Write one of:"),
    (REVIEWS, REVIEWS.replace('"share on time"', "3"), "kind = 3", "'3' is not known. Write one of: share on time"),
    (REVIEWS, REVIEWS[23:], "[measures.review_decisions]", "'' is not known. Write one of: share on time"),
    ('start = "met_on"', 'start = "held_on"', "held_on", "'held_on' is no column of its table that holds dates. Those"),
    ('start = "met_on"', 'start = "outcome"', 'start = "outc', "'outcome' is no column of its table that holds dates"),
    ('start = "met_on"', 'start = ["met_on"]', 'start = ["', "is no column of its table that holds dates. Those are:"),
    ('start = "met_on"\n', "", "[measures.review_decisions]", "needs start. Add it"),
    ("limit_days = 28\n", "", "[measures.review_decisions]", "needs either limit_days or due, one of them. Add it"),
    ("limit_days = 28", 'limit_days = 28\ndue = "due_on"', "[measures.review_decisions]", "needs either limit_days or"),
    ("limit_days = 28", 'limit_days = "28"', 'limit_days = "28"', "'28' is not a number of days from 1 to 1000"),
    ("limit_days = 28", "limit_days = 0", "limit_days = 0", "'0' is not a number of days from 1 to 1000"),
    ("limit_days = 28", "limit_days = true", "limit_days = true", "'True' is not a number of days"),
    ("limit_days = 28", "limit_day = 28", "limit_day = 28", "it is nothing that can stand here. Known are: kind, labe"),
    ('table = "training"', 'table = "trainings"', '"trainings"', "'trainings' is not known. Write one of: plan_reques"),
    ('table = "training"', "table = 1", "table = 1", "'1' is not known. Write one of: plan_requests"),
    ('{ phase = ["primary"] }', '{ stage = ["primary"] }', "stage =", "'stage' is no column of its table. Those are"),
    ('{ phase = ["primary"] }', '{ phase = ["nursery"] }', "nursery", "'nursery' is no value of phase. Values are: pr"),
    ('{ phase = ["primary"] }', "{ phase = [] }", "primary = {", "'[]' is no list of texts. Write it as"),
    ('{ phase = ["primary"] }', "{ phase = [1, 2] }", "[1, 2]", "'1' is not text in quotes"),
    ('{ phase = ["primary"] }', "{ }", "primary = {", 'write it as { column = ["value"] }'),
    ('{ phase = ["primary"] }', '"phase = primary"', '"phase = primary"', "it is no section"),
    ('{ phase = ["primary"] }', '{ met_on = ["2023-01-31"] }', "primary =", "met_on is of kind date. Compare a column"),
    ("primary = { phase", "all = { phase", "all = {", "every measure has this group already. Remove it"),
    ("[measures.review_decisions.groups]\n", "groups = 3\n[measures.x]\n", "groups = 3", "write each in a section"),
    ('counted = ["form", "forms"]', 'counted = "forms"', 'counted = "forms"', "'forms' is no list of texts. Write it"),
    ('counted = ["form", "forms"]', 'counted = ["form"]', 'counted = ["form"]', "as one and as many, such as"),
    ('counted = ["form", "forms"]', "counted = [1, 2]", "counted = [1", "'1' is not text in quotes"),
    ('label = "training places taken"', "label = 3", "label = 3", "'3' is not text in quotes"),
    ('met = { rating = ["good", "very good"] }', "met = {}", "met = {}", 'write it as { column = ["value"] }'),
    ("cohort_on = 2023-01-31", 'cohort_on = "2023-01-31"', 'cohort_on = "', "is not a day. Write one from 2000-01-01"),
    ("cohort_on = 2023-01-31", "cohort_on = 2023-01-31T10:00:00", "cohort_on = ", "is not a day. Write one from"),
    ("cohort_on = 2023-01-31", "cohort_on = 1023-01-31", "cohort_on = ", "'1023-01-31' is not a day. Write one from"),
    ('figure = "remaining"', 'figure = "rest"', '"rest"', "'rest' is not known. Write one of: share, remaining"),
    ('statistic = "mean"', 'statistic = "mode"', '"mode"', "'mode' is not known. Write one of: mean, median"),
    ("per = 1000", "per = 0", "per = 0", "'0' is not a number above nought"),
    ("per = 1000", "per = nan", "per = nan", "'nan' is not a number above nought"),
    (
        'population = { table = "pupil_counts",',
        'population = { table = "pupils",',
        "population = {",
        "'pupils' is not known",
    ),
    ('column = "pupils", on', 'column = "counted_on", on', "population =", "is no column of its table that holds inte"),
    ('population = { table = "pupil_counts", column', "population = { column", "population = {", "write it as { tab"),
    ('key = ["appeal_id"]', 'key = "appeal_id"', 'key = "appeal_id"', "'appeal_id' is no list of texts. Write it as"),
    ('key = ["appeal_id"]', 'key = ["appeal"]', 'key = ["appeal"]', "'appeal' is no column of its table. Those are: a"),
    ('key = ["appeal_id"]', 'shareable = ["topic"]', "shareable", "'topic' is no column of its table. Those are: a"),
    ('one_row = "one appeal to', 'one_rows = "one appeal to', "one_rows", "nothing that can stand here. Known are: on"),
    ('lodged_on = { kind = "date"', 'lodged_on = { kind = "day"', "lodged_on =", "'day' is not known. Write one of: t"),
    ('lodged_on = { kind = "date"', 'lodged_on = { kin = "date"', "lodged_on =", "nothing that can stand here. Known"),
    (
        'closed_on = { kind = "date", blank = true',
        'closed_on = { kind = "date", blank = "yes"',
        "closed_on =",
        "'yes' is not",
    ),
    (
        'about     = { kind = "choice", one_of = [',
        'about     = { kind = "text", one_of = [',
        "about ",
        "a choice, and nothing",
    ),
    ('one_of = ["schools", "health", "social_care"]', 'one_of = "schools"', "employer  ", "'schools' is no list of te"),
    ("least = 1, most = 45", 'least = "1", most = 45', "days          =", "write a number, and for a column of kind"),
    ("least = 1, most = 45", "least = 46, most = 45", "days          =", "46 is more than most (45). Correct"),
    (
        'trained_on    = { kind = "date", meaning',
        'trained_on    = { kind = "date", least = 3, meaning',
        "trained_on  ",
        "integer or",
    ),
    ('meaning = "the appeal"', "meaning = 1", "appeal_id = {", "'1' is not text in quotes"),
    (
        'appeal_id = { kind = "text", meaning = "the appeal" }',
        'appeal_id = "text"',
        "appeal_id =",
        'write it as { kind = "',
    ),
    ("[measures.open_appeals]", "[measures.Open-Appeals]", "[measures.Open-Appeals]", "write a name in lower-case let"),
    ("[measures.open_appeals]", "[measures.quality]", "[measures.quality]", "the name of a built-in table or measure."),
    ("[tables.appeals]\n", "[tables.ehcp_audits]\n", "[tables.ehcp_audits]", "the name of a built-in table or measure"),
    ("[measures.plans_in_time]\n", "[measure.plans]\n", "[measure.plans]", "nothing that can stand here. Known are: t"),
    ("limit_days = 28", "limit_days == 28", "limit_days == 28", "this is not TOML"),
    ("limit_days = 28", "limit_days = twenty", "limit_days = twenty", "Put texts into quotes and close every bracket"),
]


@pytest.mark.parametrize(("good", "slip", "at", "words"), BAD)
def test_a_slip_is_one_line_that_names_file_line_what_was_found_and_the_remedy(tmp_path, good, slip, at, words):
    text = TEXT.replace(good, slip, 1)
    assert text != TEXT
    with pytest.raises(InputError) as error:
        declared(tmp_path, text)
    message = str(error.value)
    assert re.match(rf"measures\.toml line {line_of(text, at)}[,:] ", message)
    assert words in message
    assert len(message.splitlines()) == 1


def test_a_group_over_a_column_that_figures_make_of_their_own_is_refused(tmp_path):
    text = TEXT.replace("school        =", "met           =").replace(
        "per = 1000", "per = 1000\ngroups.x = { met = ['special'] }"
    )
    with pytest.raises(
        InputError, match=r"figures use the names on, met, counts, usable, days. Export it under another"
    ):
        declared(tmp_path, text)


def test_a_file_that_is_not_utf_8_is_refused_in_words(tmp_path):
    (tmp_path / "measures.toml").write_bytes("# für\n".encode("cp1252"))
    with pytest.raises(InputError, match="Save it as UTF-8"):
        read_declared(tmp_path, TAKEN)


WRONG = (
    "true",
    "-3",
    "nan",
    '"\\u0007\\n"',
    '""',
    "[]",
    "[1, 2]",
    "[[]]",
    "{}",
    "{ a = 1 }",
    "07:32:00",
    "2023-01-31T00:00:00Z",
)


def places():
    """Every key of a file with every field of the inline tables, as the text before and after its value."""
    whole = [(found.start(1), found.end(1)) for found in re.finditer(r"^[\w ]+= (.+?)$", TEXT, re.MULTILINE)]
    inner = [
        (found.start(1), found.end(1)) for found in re.finditer(r"\w+ = (\"[^\"]*\"|\[[^\]]*\]|\w+)(?=,| \})", TEXT)
    ]
    return [(TEXT[:start], TEXT[end:]) for start, end in whole + inner]


@pytest.mark.parametrize("wrong", WRONG)
def test_a_value_of_any_other_type_in_any_place_is_read_or_refused_in_one_line(tmp_path, wrong):
    for before, after in places():
        tomllib.loads(before + wrong + after)
        try:
            declared(tmp_path, before + wrong + after)
        except InputError as error:
            assert re.match(r"measures\.toml line \d+, [\w.…]+: \S", str(error))  # noqa: PT017  # that it is read is right too
            assert len(str(error).splitlines()) == 1  # noqa: PT017


def test_cells_of_a_declared_table_are_checked_as_those_of_any_other(tmp_path):
    area = Path(shutil.copytree(WEXMOOR, tmp_path / "wexmoor"))
    path = area / "extracts" / "appeals.csv"
    lines = path.read_text("utf-8").splitlines()
    heading = lines[0].split(",")
    cells = dict(zip(heading, lines[1].split(","), strict=True)) | {"about": "everything", "lodged_on": "31/01/2023"}
    path.write_text("\n".join([lines[0], ",".join(cells[name] for name in heading), *lines[2:]]) + "\n", "utf-8")
    faults = [str(fault) for fault in check_area(area)[1]]
    assert "appeals.csv row 2, lodged_on: '31/01/2023' is not a date. Write it as YYYY-MM-DD." in faults
    assert any("row 2, about: 'everything' is not allowed. Write one of refusal to assess" in fault for fault in faults)


def test_a_declared_table_that_is_not_there_is_a_fault(tmp_path):
    area = Path(shutil.copytree(WEXMOOR, tmp_path / "wexmoor"))
    (area / "extracts" / "appeals.csv").unlink()
    assert any("appeals.csv: the file is missing. Put the table there" in str(fault) for fault in check_area(area)[1])
