"""The browser fixture refuses what it should, so that other tests can rely on it."""


def test_a_page_that_fetches_from_the_network_is_refused_and_told_of(open_page, requests, tmp_path):
    page = tmp_path / "page.html"
    page.write_text('<h1>Read me</h1><img alt="x" src="https://example.invalid/x.png">', encoding="utf-8")
    assert open_page(page).inner_text("h1") == "Read me"
    assert requests == ["https://example.invalid/x.png"]


def test_a_page_that_holds_all_it_needs_asks_for_nothing(open_page, requests, tmp_path):
    page = tmp_path / "page.html"
    page.write_text('<h1>Read me</h1><img alt="x" src="data:image/gif;base64,R0lGODlhAQABAAAAACw=">', encoding="utf-8")
    assert open_page(page, width=400).viewport_size["width"] == 400
    assert requests == []
