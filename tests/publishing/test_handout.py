from __future__ import annotations

import json
import re

import pytest

from sendanalysis.display.page import PageContext
from sendanalysis.errors import InputError
from sendanalysis.publishing import handout
from sendanalysis.publishing.months import published_months
from sendanalysis.publishing.shelf import earlier_manifest, write_lists

CONTEXT = PageContext(area_name="Area", month_label="March 2022", data_date="31 March 2022")


def test_one_page_holds_every_briefing_once_with_one_h1_and_unique_ids(publication):
    pages = {path.stem: path.read_text("utf-8") for path in publication.glob("*.html") if path.stem != "index"}
    html = handout.one_page(pages, CONTEXT)
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


def test_the_pdf_is_tagged(browser, publication, tmp_path, monkeypatch, hangs):
    monkeypatch.setattr(handout, "PDF_SECONDS", hangs)
    handout.print_pdf(publication / "00_scorecard.html", tmp_path / "a.pdf", handout.find_browser())
    data = (tmp_path / "a.pdf").read_bytes()
    assert data.startswith(b"%PDF")
    assert b"/MarkInfo" in data


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
