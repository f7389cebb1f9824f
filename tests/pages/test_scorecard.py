"""The scorecard as a director meets it: every KPI on the first screen and on one sheet, and no sideways scroll."""

import re

import pytest

PAGE = "00_scorecard.html"


@pytest.fixture(params=["publication", "other_publication"])
def scorecard(request):
    return request.getfixturevalue(request.param) / PAGE


def test_every_kpi_stands_whole_on_the_first_screen(open_page, scorecard):
    page = open_page(scorecard, width=1440, height=900)
    boxes = [row.bounding_box() for row in page.locator(".board tbody tr").all()]
    assert len(boxes) >= 14
    assert max(box["y"] + box["height"] for box in boxes) <= 900
    assert max(box["x"] + box["width"] for box in boxes) <= 1440


def sheets(page):
    """Width and height of each sheet that a page prints on."""
    pdf = page.pdf(prefer_css_page_size=True)
    return [tuple(map(float, box)) for box in re.findall(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", pdf)]


def test_the_scorecard_prints_on_one_landscape_sheet(open_page, scorecard):
    [(width, height)] = sheets(open_page(scorecard))
    assert width > height


def test_the_fullest_scorecard_prints_on_one_sheet(open_page, sendanalysis, tmp_path):
    """That of a month with 19 rows, five decisions and the notice for the public, which takes a line of its own."""
    run = ["run", "data/wexmoor", "--month", "2024-01", "--audience", "public", "--only", "00_scorecard"]
    done = sendanalysis(*run, "--output", tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    page = open_page(tmp_path / "public" / "wexmoor" / "2024-01" / PAGE)
    assert page.locator(".decide li").count() == 5
    assert len(sheets(page)) == 1


def test_no_text_is_set_smaller_than_12_pixels_or_8_points_in_print(open_page, scorecard):
    page = open_page(scorecard, width=1440)
    sizes = (
        "[...document.querySelectorAll('.board *:not(svg, svg *)')].map(e => parseFloat(getComputedStyle(e).fontSize))"
    )
    assert min(page.evaluate(sizes)) >= 12
    page.emulate_media(media="print")
    assert min(page.evaluate(sizes)) >= 10.6


@pytest.mark.parametrize("width", [1160, 1280, 1376])
def test_the_table_fits_a_screen_that_is_less_wide(open_page, scorecard, width):
    assert open_page(scorecard, width=width).evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("width", [360, 820, 1150])
def test_narrow_screens_get_a_card_a_kpi_without_sideways_scroll(open_page, scorecard, width):
    page = open_page(scorecard, width=width)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    wide = (
        "[...document.querySelectorAll('.board tbody tr *')].filter(e => e.getBoundingClientRect().right > innerWidth)"
    )
    assert page.evaluate(f"{wide}.length") == 0
    roles = page.locator(".board tbody tr").first.evaluate("e => [...e.children].map(cell => cell.role)")
    assert roles == ["rowheader", *["cell"] * 8]


def test_in_forced_colours_every_mark_has_the_colour_of_the_text(open_page, scorecard):
    page = open_page(scorecard, forced_colors="active")
    colours = "[...document.querySelectorAll('.board svg, .board svg [style]')].map(e => getComputedStyle(e).color)"
    assert set(page.evaluate(colours)) == {page.locator("caption").first.evaluate("e => getComputedStyle(e).color")}
