from __future__ import annotations

import json
import re

import pandas as pd
import pytest

from sendanalysis.display.page import PageContext
from sendanalysis.display.tables import show_table
from sendanalysis.errors import InputError
from sendanalysis.publishing import handout
from sendanalysis.publishing.edition import as_listed
from sendanalysis.publishing.months import published_months
from sendanalysis.publishing.shelf import earlier_manifest, write_lists
from tests.printed import sheets

CONTEXT = PageContext(
    area_name='Saint "Bees" \\ </style> & King\'s Lynn',
    month_label="March 2022",
    data_date="31 March 2022",
    illustrative="Made up.",
    audience="For partners",
)


def whole_month(publication):
    """All briefings of a publication, and the list that stands before them."""
    listed = [as_listed(item) for item in json.loads((publication / "manifest.json").read_text("utf-8"))["briefings"]]
    pages = [publication / item["href"] for item in listed]
    return {page.stem: page.read_text("utf-8") for page in pages}, listed


@pytest.fixture
def printed(browser, tmp_path, monkeypatch, hangs):
    """A function that prints a page as the command does: its bytes."""
    monkeypatch.setattr(handout, "PDF_SECONDS", hangs)

    def pdf_of(html):
        (tmp_path / "a.html").write_text(html, encoding="utf-8")
        handout.print_pdf(tmp_path / "a.html", tmp_path / "a.pdf", handout.find_browser())
        return (tmp_path / "a.pdf").read_bytes()

    return pdf_of


def test_one_page_holds_every_briefing_once_with_one_h1_and_unique_ids(publication):
    pages, listed = whole_month(publication)
    html = handout.one_page(pages, CONTEXT, listed)
    ids = re.findall(r'\sid="([^"]+)"', html)
    assert len(pages) == 10
    assert len(ids) == len(set(ids))
    assert html.count("<h1") == 1
    targets = set(re.findall(r'href="#([^"]+)"', html))
    assert targets <= set(ids)
    assert set(pages) <= targets


def test_without_a_browser_a_pdf_is_refused_in_words(monkeypatch):
    monkeypatch.setenv("PATH", "")
    monkeypatch.delenv("SENDANALYSIS_CHROMIUM", raising=False)
    with pytest.raises(InputError, match="no Chromium, Chrome or Edge was found"):
        handout.find_browser()


def test_a_browser_that_prints_nothing_is_said_so(tmp_path):
    with pytest.raises(InputError, match="did not print the page"):
        handout.print_pdf(tmp_path / "a.html", tmp_path / "a.pdf", "false")


@pytest.mark.parametrize("of", ["publication", "other_publication"])
def test_a_month_prints_on_few_sheets_each_with_area_month_and_number_and_none_nearly_empty(printed, request, of):
    pages, listed = whole_month(request.getfixturevalue(of))
    pdf = printed(handout.one_page(pages, CONTEXT, listed))
    found = sheets(pdf)
    assert len(found) <= 20
    running = "SENDimprovementbriefing,March2022IllustrativePage{}of{}Forpartners"
    for at, text in enumerate(found, 1):
        assert text.startswith(CONTEXT.area_name.replace(" ", "") + running.format(at, len(found)))
    assert min(len(text) for text in found) > 400, "a sheet holds no more than a few lines"
    assert [at for at, text in enumerate(found) if "Whatneedsadecision?" in text] == [1]
    for briefing in listed:
        assert "".join(briefing["headline"].split())[:60] in found[0]
    assert {b"H1", b"H2", b"Table", b"TH", b"TD", b"Figure"} <= set(re.findall(rb"/S /(\w+)", pdf))
    assert pdf.count(b"/Alt (") >= 10
    assert b"/Lang (en-GB)" in pdf


def test_a_long_table_breaks_between_rows_under_a_repeated_heading_and_a_short_one_stays_whole(printed):
    long, short = (pd.DataFrame({"kpi": [f"Row {n}" for n in range(1, rows)]}) for rows in (90, 6))
    tables = "".join(str(show_table(frame, f"{len(frame)} rows").html) for frame in (long, short, short))
    page = f'<main id="main"><div class="hero"><h1>Tables</h1></div><div class="columns">{tables}</div></main>'
    found = sheets(printed(handout.one_page({"a": page}, CONTEXT, [])))
    with_rows = [text for text in found if "Row8" in text or "Row50" in text or "Row89" in text]
    assert len(with_rows) > 1
    assert [re.search(r"KPIRow\d", text) is not None for text in with_rows] == [True] * len(with_rows)
    assert all(text.count("Row1") != 1 or "Row5" in text for text in found)


def shelve(folder, month, area):
    (folder / month).mkdir(parents=True)
    (folder / month / "manifest.json").write_text(f'{{"area": "{area}", "month": "{month}"}}')


def test_lists_name_every_published_month_and_area_and_nothing_unfinished(tmp_path):
    shelve(tmp_path / "southend", "2021-12", "Southend-on-Sea")
    shelve(tmp_path / "southend", "2022-01", "Southend-on-Sea")
    shelve(tmp_path / "essex", "2022-01", "Essex <b>")
    (tmp_path / "southend" / "2022-02").mkdir()
    (tmp_path / "southend" / "2022-02.failed").mkdir()
    write_lists(tmp_path)
    assert published_months(tmp_path / "southend") == ["2022-01", "2021-12"]
    every = (tmp_path / "index.html").read_text("utf-8")
    assert re.findall(r'<li><a href="([a-z]+/[^"]+)"', every) == [
        "essex/2022-01/index.html",
        "southend/2022-01/index.html",
        "southend/2021-12/index.html",
    ]
    assert "Essex &lt;b&gt;" in every
    assert 'href="2022-01/index.html"' in (tmp_path / "southend" / "index.html").read_text("utf-8")


def test_the_list_of_an_area_shows_each_kpi_by_month_and_the_list_of_areas_counts_colours(tmp_path):
    for month, status in (("2022-01", "Red"), ("2022-02", "Green")):
        shelve(tmp_path / "essex", month, "Essex")
        figures = {"A": {"name": "Plans <b>", "part_of": "", "status": status}}
        figures |= {"B": {"name": "Of them late", "part_of": "A", "status": "Amber"}} if month == "2022-02" else {}
        edition = json.dumps({"pages": {"A": "kpi_a.html"}})
        held = {"area": "Essex", "illustrative": True, "figures": figures, "parameters": {"00": {"edition": edition}}}
        (tmp_path / "essex" / month / "manifest.json").write_text(json.dumps(held))
    write_lists(tmp_path)
    own = (tmp_path / "essex" / "index.html").read_text("utf-8")
    assert "Plans &lt;b&gt;" in own
    assert re.findall(r'<td>(?:<a href="([^"]+)">)?<(?:svg[^>]*aria-label="([^"]+)"|small>(none))', own) == [
        ("2022-02/kpi_a.html", "Green", ""),
        ("2022-01/kpi_a.html", "Red", ""),
        ("", "Amber", ""),
        ("", "", "none"),
    ]
    every = (tmp_path / "index.html").read_text("utf-8")
    signs = re.findall(
        r'<a href="essex/([\d-]+)/index.html"><svg[^>]*aria-label="(\w+)"[^>]*>.*?</svg>&#160;(\d)', every
    )
    assert signs == [("2022-02", "Green", "1"), ("2022-01", "Red", "1")]
    assert "made-up" in own
    assert "made-up" in every


def test_the_earlier_publication_is_the_latest_before_this_month(tmp_path):
    for month in ("2021-10", "2021-12", "2022-03"):
        shelve(tmp_path, month, "Area")
    assert earlier_manifest(tmp_path / "2022-01")["month"] == "2021-12"
    assert earlier_manifest(tmp_path / "2021-10") is None


def test_a_manifest_that_cannot_be_read_counts_as_none(tmp_path):
    (tmp_path / "2021-12").mkdir()
    (tmp_path / "2021-12" / "manifest.json").write_text("half a file")
    assert earlier_manifest(tmp_path / "2022-01") is None
