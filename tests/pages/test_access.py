"""What axe does not look at: dark and forced colours, 400% zoom, the keyboard, the order in which a page is heard."""

import base64
import json

import pytest

from tests.pages.test_pages import BRIEFINGS

NARROW = 320  # a window of 1,280 pixels at 400%
TABLES = """tables => tables.map(table => ({
    caption: table.querySelector("caption").innerText,
    wide: table.scrollWidth > table.clientWidth,
    said: table.querySelector(".cue").checkVisibility({visibilityProperty: true}),
}))"""
FOCUSED = """[
    document.activeElement !== document.body,
    document.activeElement.closest('.scroll')?.querySelector('caption').innerText ?? '',
]"""
WORDS = """figure => {
    const {left, top} = figure.getBoundingClientRect()
    return [...figure.querySelectorAll(".wide svg text")].filter(e => e.textContent.trim()).map(e => {
        const box = e.getBoundingClientRect()
        return [e.textContent, box.left - left, box.top - top, box.width, box.height]
    })
}"""
# Of each box, how far the lightest of its pixels stands out from the darkest, as WCAG reckons contrast.
CONTRASTS = """async ([picture, boxes]) => {
    const image = new Image()
    image.src = picture
    await image.decode()
    const canvas = new OffscreenCanvas(image.width, image.height), context = canvas.getContext("2d")
    context.drawImage(image, 0, 0)
    const linear = Float64Array.from({length: 256}, (_, c) => c <= 10 ? c / 3294 : ((c / 255 + .055) / 1.055) ** 2.4)
    return boxes.map(([words, x, y, width, height]) => {
        const {data} = context.getImageData(2 * x, 2 * y, Math.max(2 * width, 1), Math.max(2 * height, 1))
        let low = 1, high = 0
        for (let at = 0; at < data.length; at += 4) {
            const light = .2126 * linear[data[at]] + .7152 * linear[data[at + 1]] + .0722 * linear[data[at + 2]]
            low = Math.min(low, light)
            high = Math.max(high, light)
        }
        return [words, (high + .05) / (low + .05)]
    })
}"""
DARK = {"color_scheme": "dark"}
FORCED = {"forced_colors": "active"}


@pytest.mark.parametrize("shown", [DARK, FORCED, DARK | FORCED], ids=["dark", "forced", "forced dark"])
def test_every_word_of_a_chart_stands_out_whatever_colours_a_reader_asks_for(open_page, publication, shown):
    judge, poor, words = open_page(publication / "index.html", bypass_csp=True), [], 0
    for name in BRIEFINGS:
        page = open_page(publication / f"{name}.html", device_scale_factor=2, **shown)
        for figure in page.locator("figure.chart:visible").all():
            boxes = figure.evaluate(WORDS)
            picture = f"data:image/png;base64,{base64.b64encode(figure.screenshot()).decode()}"
            words += len(boxes)
            poor += [(name, *found) for found in judge.evaluate(CONTRASTS, [picture, boxes]) if found[1] < 4.5]
        page.close()
    assert words > 100
    assert poor == []


@pytest.mark.parametrize("name", BRIEFINGS)
def test_in_the_dark_a_page_is_dark_and_its_statuses_have_the_colours_of_its_charts(open_page, publication, name):
    page = open_page(publication / f"{name}.html", **DARK)
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(17, 23, 29)"
    drawn = "[...document.querySelectorAll('figure svg[role=img], .chip')].map(e => getComputedStyle(e).filter)"
    assert len(set(page.evaluate(drawn))) <= 1
    page.emulate_media(media="print")
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    assert set(page.evaluate(drawn)) <= {"none"}


@pytest.mark.parametrize("width", [1280, 820, NARROW])
def test_a_table_wider_than_its_place_says_so_and_takes_the_keyboard_and_no_other_does(open_page, publication, width):
    wide = 0
    for name in BRIEFINGS:
        page = open_page(publication / f"{name}.html", width=width)
        page.evaluate("document.querySelectorAll('details').forEach(e => { e.open = true })")
        page.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
        tables = page.locator(".scroll").evaluate_all(TABLES)
        scroll = {table["caption"] for table in tables if table["wide"]}
        assert {table["caption"] for table in tables if table["said"]} == scroll
        stops, on_page = set(), True
        while on_page:
            page.keyboard.press("Tab")
            on_page, stop = page.evaluate(FOCUSED)
            stops.add(stop)
        assert stops - {""} == scroll
        wide += len(scroll)
        page.close()
    assert (wide > 0) == (width < 1280)


def heard(page):
    """Role, name and level of what a screen reader meets, in order."""
    nodes = page.context.new_cdp_session(page).send("Accessibility.getFullAXTree")["nodes"]
    by_id = {node["nodeId"]: node for node in nodes}

    def walk(node):
        if not node["ignored"]:
            level = next((p["value"]["value"] for p in node.get("properties", []) if p["name"] == "level"), None)
            yield node["role"]["value"], node.get("name", {}).get("value", ""), level
        for child in node.get("childIds", []):
            yield from walk(by_id[child])

    return list(walk(nodes[0]))


@pytest.mark.parametrize("width", [1280, 360])
@pytest.mark.parametrize("name", BRIEFINGS)
def test_a_page_is_heard_as_it_is_read_title_first_then_the_answer_then_what_it_rests_on(
    open_page, publication, name, width
):
    page = open_page(publication / f"{name}.html", width=width)
    whole = heard(page)
    found = whole[[role for role, *_ in whole].index("main") + 1 :]
    assert found[0][::2] == ("heading", 1)
    answer = json.loads((publication / "manifest.json").read_text("utf-8"))["briefings"][BRIEFINGS.index(name)]
    said = next(at for at, (role, text, _) in enumerate(found) if role == "StaticText" and text == answer["headline"])
    evidence = next(at for at, (role, _, level) in enumerate(found) if role == "heading" and level == 2)
    assert 0 < said < evidence
    if page.locator(".hero .facts").count():
        rest = next(at for at, (role, *_) in enumerate(found) if role in {"DescriptionListTerm", "term", "table"})
        assert said < rest < evidence
    pictures = [text for role, text, _ in found if role in {"image", "img"}]
    assert all(pictures)
    titles = page.locator("figure.chart:visible figcaption strong").all_inner_texts()
    assert [sum(text.startswith(title) for text in pictures) for title in titles] == [1] * len(titles)
