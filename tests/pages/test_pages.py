"""The pages of a real publication in a real browser: no network, no script, and the same for whoever reads them how."""

import hashlib
import json
import re
from html import unescape
from itertools import pairwise
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
AREA = ROOT / "data" / "southend"
STEMS = sorted(path.stem for path in (ROOT / "notebooks").glob("0[0-7]_*.ipynb"))
KPI_PAGES = [
    "kpi_neu_satisfaction",
    "kpi_balanced_system",
]  # of KPIs without a notebook of their own, in the plan's order
BRIEFINGS = [*STEMS[:5], *KPI_PAGES, *STEMS[5:]]
CSP = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
WIDE, PHONE, ZOOMED = 1280, 360, 320  # the last is the first at 400%
NO_VALUE = {"nan", "NaN", "NaT", "None", "null", "inf", "-inf", "<NA>", "undefined"}

each_page = pytest.mark.parametrize("name", ["index", *BRIEFINGS])
each_briefing = pytest.mark.parametrize("name", BRIEFINGS)

TABLES = """tables => tables.map(table => ({
    caption: table.caption ? table.caption.textContent.trim() : "",
    heads: table.tHead ? table.tHead.rows.length : 0,
    columns: [...table.querySelectorAll("thead th")].map(cell => cell.scope),
    rows: [...table.tBodies[0].rows].map(row => [...row.cells].map(cell => [cell.tagName, cell.scope || ""])),
    cells: [...table.querySelectorAll("th, td")].map(cell => cell.querySelector("svg[role=img]")
        ? cell.querySelector("svg[role=img]").getAttribute("aria-label") : cell.textContent.trim()),
    merged: table.querySelectorAll("[colspan], [rowspan]").length,
}))"""
CHARTS = """figures => figures.map(figure => ({
    title: figure.querySelector("figcaption strong").innerText,
    drawings: [...figure.querySelectorAll("div.wide > svg, div.narrow > svg")].map(svg => ({
        role: svg.getAttribute("role"), said: svg.getAttribute("aria-label") || "",
        roles: svg.querySelectorAll("[role], title").length, shown: svg.checkVisibility(),
    })),
    rows: figure.querySelectorAll("details tbody tr").length,
    open: figure.querySelector("details").open,
}))"""
FOCUS = "[document.activeElement.tagName, document.activeElement.innerText, document.activeElement.className]"


@pytest.fixture(scope="module")
def visit(new_context, publication):
    """A function that opens a page once, without network or script and whatever its policy says: `visit("index")`."""
    pages = {}
    asked = {}

    def visited(name, width=WIDE):
        if (name, width) not in pages:
            viewport = {"width": width, "height": 900}
            context = new_context(viewport=viewport, java_script_enabled=False, bypass_csp=True, offline=True)
            found = asked[name, width] = []
            context.on("request", lambda request: found.append(request.url))
            pages[name, width] = context.new_page()
            pages[name, width].goto((publication / f"{name}.html").as_uri())
        return pages[name, width]

    visited.asked = asked
    return visited


@pytest.fixture(scope="module")
def manifest(publication):
    return json.loads((publication / "manifest.json").read_text(encoding="utf-8"))


@each_page
def test_a_page_asks_for_nothing_beyond_its_own_file(visit, publication, name):
    visit(name)
    assert visit.asked[name, WIDE] == [(publication / f"{name}.html").as_uri()]


@each_page
def test_a_page_holds_no_script_and_nothing_that_fetches_even_when_its_policy_is_not_kept(visit, publication, name):
    page = visit(name)
    assert page.locator("script, iframe, object, embed, img, link, base, form, audio, video").count() == 0
    attributes = page.evaluate(
        "[...document.querySelectorAll('*')].flatMap(e => [...e.attributes].map(a => [a.name, a.value]))"
    )
    assert not [item for item in attributes if item[0].startswith("on") or "javascript:" in item[1].lower()]
    assert not [item for item in attributes if item[0] in {"src", "srcset", "action", "ping", "background"}]
    css = "".join(page.locator("style").all_text_contents()) + str(
        [text for kind, text in attributes if kind == "style"]
    )
    assert not re.search(r"@import|url\(", css)


@each_page
def test_the_policy_of_a_page_forbids_everything_but_its_own_styles(visit, name):
    metas = visit(name).locator("meta[http-equiv=Content-Security-Policy]")
    assert [meta.get_attribute("content") for meta in metas.all()] == [CSP]
    first = visit(name).evaluate("[...document.head.children].slice(0, 3).map(e => e.httpEquiv || e.tagName)")
    assert "Content-Security-Policy" in first


@each_page
def test_the_policy_lets_the_styles_of_the_page_through_and_nothing_is_refused(open_page, requests, publication, name):
    page = open_page(publication / f"{name}.html", java_script_enabled=False)
    assert page.locator("a.skip").evaluate("e => getComputedStyle(e).position") in {"absolute", "fixed"}
    assert requests == []


@each_page
def test_a_page_says_its_language_has_one_h1_and_skips_no_level(visit, name):
    page = visit(name)
    assert page.locator("html").get_attribute("lang") == "en-GB"
    levels = [
        int(tag[1]) for tag in page.evaluate("[...document.querySelectorAll('h1,h2,h3,h4,h5,h6')].map(e => e.tagName)")
    ]
    assert (levels[0], levels.count(1)) == (1, 1)
    assert all(after - before <= 1 for before, after in pairwise(levels))
    assert all(page.locator("h1, h2, h3").all_inner_texts())


@each_page
def test_the_title_of_a_page_is_its_question_month_and_area(visit, name):
    page = visit(name)
    assert page.title() == f"{page.locator('h1').inner_text()}, December 2021 – Southend-on-Sea SEND briefing"


def test_no_two_pages_have_the_same_title(visit):
    titles = [visit(name).title() for name in ("index", *BRIEFINGS)]
    assert len(set(titles)) == len(titles)


@each_page
def test_a_page_has_its_landmarks_and_no_two_of_a_kind_with_the_same_name(visit, name):
    page = visit(name)
    assert [page.locator(f"body > {tag}").count() for tag in ("header", "main", "footer")] == [1, 1, 1]
    names = page.evaluate(
        "[...document.querySelectorAll('nav')].map(e => e.getAttribute('aria-label')"
        " || document.getElementById(e.getAttribute('aria-labelledby')).innerText)"
    )
    assert all(names)
    assert len(set(names)) == len(names)
    outside = page.evaluate(
        "[...document.body.children].map(e => e.tagName + '.' + e.className + '.' + (e.getAttribute('role') || ''))"
    )
    assert outside == ["A.skip.", "HEADER.masthead.", "DIV.banner.region", "MAIN..", "FOOTER.."]


@each_page
def test_the_first_key_reaches_the_skip_link_and_the_next_goes_into_the_main_part(open_page, publication, name):
    page = open_page(publication / f"{name}.html", java_script_enabled=False)
    page.keyboard.press("Tab")
    assert page.evaluate(FOCUS) == ["A", "Skip to main content", "skip"]
    box = page.locator("a.skip").bounding_box()
    assert box["x"] >= 0
    assert box["y"] >= 0
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('main') !== null")


@each_page
def test_no_id_is_used_twice_and_everything_referred_to_is_there(visit, publication, name):
    page = visit(name)
    ids = page.evaluate("[...document.querySelectorAll('[id]')].map(e => e.id)")
    assert len(ids) == len(set(ids))
    html = (publication / f"{name}.html").read_text(encoding="utf-8")
    referred = re.findall(r'(?:href="#|aria-labelledby="|aria-describedby="|url\(#)([^")]+)', html)
    assert set(referred) <= set(ids)


@each_page
def test_every_link_leads_to_a_page_of_the_publication(visit, publication, name):
    links = visit(name).evaluate("[...document.querySelectorAll('a')].map(e => [e.getAttribute('href'), e.innerText])")
    assert all(words.strip() for _, words in links)
    pages = {href for href, _ in links if not href.startswith("#")}
    assert [href for href in pages if not (publication / href).resolve().is_file()] == []
    assert pages


def test_the_index_leads_to_every_briefing_with_its_answer_and_status(visit, manifest):
    listed = visit("index").locator(".briefings li").all()
    assert [item.locator("a").get_attribute("href") for item in listed] == [f"{stem}.html" for stem in BRIEFINGS]
    for item, briefing in zip(listed, manifest["briefings"], strict=True):
        assert item.locator("a").inner_text() == briefing["title"]
        assert briefing["headline"] in item.inner_text()
        assert not briefing["status"] or briefing["status"] in item.locator(".chip").inner_text()


@each_briefing
def test_every_table_has_a_caption_one_row_of_headings_and_no_empty_or_merged_cell(visit, name):
    tables = visit(name).locator("table").evaluate_all(TABLES)
    assert tables
    for table in tables:
        where = table["caption"]
        assert len(where) > 5
        assert (table["heads"], set(table["columns"]), table["merged"]) == (1, {"col"}, 0), where
        assert table["rows"], where
        for row in table["rows"]:
            assert len(row) == len(table["columns"]), where
            assert row[0] == ["TH", "row"], where
            assert {tuple(cell) for cell in row[1:]} <= {("TD", "")}, where
        assert [cell for cell in table["cells"] if not cell or cell in NO_VALUE] == [], where


@each_briefing
def test_no_two_tables_of_a_page_have_the_same_caption(visit, name):
    captions = [table["caption"] for table in visit(name).locator("table").evaluate_all(TABLES)]
    assert len(set(captions)) == len(captions)


@each_briefing
def test_missing_values_and_notes_are_explained_under_the_table_that_has_them(visit, name):
    for table in visit(name).locator("div.table").all():
        text, below = table.locator("table").text_content(), " ".join(table.locator(".marks").all_text_contents())
        marks = set(re.findall(r"\[(?:[a-z]|note \d+)\]", text))
        assert {mark for mark in marks if mark not in below} == set()


@each_briefing
def test_every_chart_has_one_text_alternative_with_a_number_and_its_data_under_it(visit, name):
    for chart in visit(name).locator("figure.chart").evaluate_all(CHARTS):
        assert len(chart["drawings"]) == 2
        for drawing in chart["drawings"]:
            assert (drawing["role"], drawing["roles"]) == ("img", 0), chart["title"]
            assert drawing["said"].startswith(chart["title"])
            assert re.search(r"\d", drawing["said"].removeprefix(chart["title"])), chart["title"]
            assert not re.search(r"\b(nan|NaT|None|undefined)\b", drawing["said"])
        assert chart["rows"] >= 1, chart["title"]


def test_there_are_charts_to_look_at(visit):
    counts = {name: visit(name).locator("figure.chart").count() for name in BRIEFINGS}
    assert [name for name, count in counts.items() if not count] == [
        "00_scorecard",
        *KPI_PAGES,  # which the plan does not define
        "06_peer_review",  # none of its actions had been agreed by then
    ]
    assert sum(counts.values()) >= 12


@pytest.mark.parametrize("width", [WIDE, PHONE])
@each_briefing
def test_one_of_the_two_drawings_of_a_chart_is_shown(visit, name, width):
    for chart in visit(name, width).locator("figure.chart").evaluate_all(CHARTS):
        assert [drawing["shown"] for drawing in chart["drawings"]] == [width == WIDE, width == PHONE]


@each_briefing
def test_every_other_drawing_is_hidden_from_a_screen_reader_or_has_words_of_its_own(visit, name):
    drawings = visit(name).evaluate(
        "[...document.querySelectorAll('svg:not(svg svg)')]"
        ".map(e => [e.getAttribute('aria-hidden'), e.getAttribute('role'), e.getAttribute('aria-label')])"
    )
    assert all(hidden == "true" or (role == "img" and re.search(r"\d", label)) for hidden, role, label in drawings)


def test_each_status_of_the_scorecard_is_a_word(visit, manifest):
    rows = visit("00_scorecard").locator("table.board").locator("tbody tr")
    words = [row.locator(".chip").first.inner_text() for row in rows.all()]
    assert words == [figure["status"] for figure in manifest["figures"].values()]


@each_page
def test_every_status_has_a_word_beside_its_shape(visit, name):
    chips = (
        visit(name)
        .locator(".chip")
        .evaluate_all(
            "chips => chips.map(e => [e.textContent.trim(), e.querySelectorAll('svg[aria-hidden=true]').length])"
        )
    )
    assert all(re.match(r"N/A|[A-Z][a-z]+", words) and shapes == 1 for words, shapes in chips)


@pytest.mark.parametrize("width", [WIDE, 820, ZOOMED])
@each_page
def test_a_page_never_scrolls_sideways_even_with_all_details_open(open_page, publication, name, width):
    page = open_page(publication / f"{name}.html", width=width, java_script_enabled=False)
    for summary in page.locator("summary").all():
        summary.click()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate("[...document.querySelectorAll('details')].every(e => e.open)")


@each_page
def test_the_footer_names_area_data_date_and_every_extract_with_rows_and_hash(visit, manifest, name):
    footer = visit(name).locator("footer").inner_text()
    assert "Southend-on-Sea" in footer
    assert "31 December 2021" in footer
    for path in [*(AREA / "extracts").glob("*.csv"), *(AREA / "published").glob("*.csv")]:
        place = path.relative_to(AREA).as_posix()
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        assert manifest["extracts"][place]["sha256"] == digest
        rows = manifest["extracts"][place]["rows"]
        assert f"{place}, {rows:,} rows, sha256 {digest[:12]}" in footer
    assert re.search(r"sendanalysis \d+\.\d+\.\d+", footer)
    assert "autism.series_breaks = 2022-03-01" in footer


@pytest.mark.parametrize("width", [WIDE, PHONE])
@each_page
def test_the_banner_says_above_the_title_that_the_data_are_illustrative(visit, name, width):
    page = visit(name, width)
    banner = page.locator(".banner")
    assert banner.inner_text().startswith("Illustrative data.")
    assert banner.is_visible()
    box, title = banner.bounding_box(), page.locator("h1").bounding_box()
    assert box["y"] + box["height"] <= title["y"]


@each_briefing
def test_the_answer_stands_on_the_first_screen_with_the_words_of_the_manifest(visit, manifest, name):
    page = visit(name)
    answer = page.locator(".answer")
    briefing = next(item for item in manifest["briefings"] if item["href"] == f"{name}.html")
    assert answer.inner_text() == unescape(briefing["headline"])
    box = answer.bounding_box()
    assert box["y"] + box["height"] <= 900


@pytest.mark.parametrize("made", ["publication", "other_publication"])
def test_the_answer_is_whole_on_the_first_screen_of_a_small_phone(open_page, request, made):
    found = sorted(request.getfixturevalue(made).glob("[0k]*.html"))
    low = {path.stem: bottom for path in found if (bottom := _end_of_answer(open_page(path, width=PHONE))) > 640}
    assert found
    assert low == {}


def _end_of_answer(page):
    box = page.locator(".answer").bounding_box()
    return box["y"] + box["height"]


@each_briefing
def test_the_contents_list_names_every_section_in_order(visit, name):
    page = visit(name)
    assert page.locator(".toc a").all_inner_texts() == page.locator(".sections section > h2").all_inner_texts()
