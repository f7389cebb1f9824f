import re
from itertools import pairwise

import nbformat
import pandas as pd
import pytest
from nbconvert import HTMLExporter

from sendanalysis.display.page import EXPORTER_OPTIONS, TEMPLATE_DIR, PageContext, index_page
from sendanalysis.display.tables import show_table

HOSTILE = "<script>alert(1)</script>"
CSP = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"


def code(*outputs, tags=()):
    return nbformat.v4.new_code_cell("SOURCE = 1", outputs=list(outputs), metadata={"tags": list(tags)})


def stream(text):
    return nbformat.v4.new_output("stream", text=text)


def result(html):
    return nbformat.v4.new_output("execute_result", data={"text/html": html, "text/plain": "PLAIN"})


@pytest.fixture
def context():
    nav = {"index": {"href": "index.html", "title": "All"}, "next": {"href": "02.html", "title": HOSTILE}}
    footer = {"Extracts": ["a.csv, 3 rows", HOSTILE], "Version": "0.1.0"}
    return PageContext("Southend", "December 2021", "31 December 2021", HOSTILE, "public", nav=nav, footer=footer)


@pytest.fixture
def page(context):
    table = show_table(pd.DataFrame({"a": [HOSTILE]}), "A table")
    cells = [
        nbformat.v4.new_markdown_cell("# Are *plans* better?\n\nFor the board."),
        code(stream("PARAMETERS"), tags=["parameters"]),
        code(stream("INJECTED"), tags=["injected-parameters"]),
        nbformat.v4.new_markdown_cell("## Headline"),
        code(result('<div class="headline"><p class="answer">Yes.</p></div>')),
        nbformat.v4.new_markdown_cell("## What holds it back?\n\nText."),
        code(result(table._repr_html_()), stream(HOSTILE)),
        nbformat.v4.new_markdown_cell("## What holds it back?"),
        code(nbformat.v4.new_output("execute_result", data={"text/plain": HOSTILE})),
        code(stream("EXPLORE"), tags=["explore"]),
    ]
    notebook = nbformat.v4.new_notebook(cells=cells)
    return HTMLExporter(**EXPORTER_OPTIONS).from_notebook_node(notebook, resources=context.as_resources())[0]


def test_a_page_has_one_h1_its_title_and_language(page):
    assert re.findall(r"<h1>(.*?)</h1>", page) == ["Are plans better?"]
    assert "<title>Are plans better?, December 2021 – Southend SEND briefing</title>" in page
    assert '<html lang="en-GB">' in page


def test_nothing_is_fetched_and_nothing_runs(page):
    assert f'content="{CSP}"' in page
    assert "<script" not in page
    assert not re.search(r"\b(src|@import)\b\s*=?", page.replace(CSP, ""))


def test_the_footer_may_hold_a_list_and_all_of_the_context_is_escaped(page):
    assert page.count("&lt;script&gt;") >= 6
    assert "<li>a.csv, 3 rows</li>" in page


def test_code_parameters_and_explore_cells_are_left_out_and_outputs_are_not(page):
    assert not [word for word in ("SOURCE", "PARAMETERS", "INJECTED", "EXPLORE", "PLAIN") if word in page]
    assert "<caption>A table</caption>" in page


def test_the_headline_stands_before_the_contents_list_and_is_not_in_it(page):
    assert page.index('class="answer"') < page.index('class="toc"')
    assert re.findall(r'<li><a href="#([^"]+)">', page) == ["what-holds-it-back", "what-holds-it-back-2"]


def test_every_link_inside_the_page_has_its_place_and_no_id_is_used_twice(page):
    ids = re.findall(r'\bid="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    assert set(re.findall(r'href="#([^"]+)"', page)) <= set(ids)


def test_no_heading_level_is_skipped(page):
    levels = [int(level) for level in re.findall(r"<h([1-6])", page)]
    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))


def test_a_page_has_a_skip_link_and_its_landmarks(page):
    assert '<a class="skip" href="#main">' in page
    assert [page.count(f"<{tag}") for tag in ("main", "header", "footer")] == [1, 1, 1]


def test_the_style_sheet_is_small():
    assert (TEMPLATE_DIR / "briefing.css").stat().st_size < 40_000


def test_the_index_lists_briefings_with_their_status_and_other_months(context):
    briefings = [{"href": "01.html", "title": HOSTILE, "headline": "85.2% met.", "status": "Amber", "notice": HOSTILE}]
    html = index_page(context, briefings, months=[{"href": "../2021-11/index.html", "title": "November 2021"}])
    assert "<script" not in html
    assert "Amber" in html
    assert '<a href="../2021-11/index.html">November 2021</a>' in html
    assert CSP in html.replace("&#39;", "'")
