"""What several tests share: a browser that reaches files and nothing else."""

import os
import shutil
from pathlib import Path

import pytest

CHROMIUMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def _chromium():
    named = os.environ.get("SENDANALYSIS_CHROMIUM", "")
    found = [path for path in map(shutil.which, (named, *CHROMIUMS)) if path]
    return found[0] if found else None


@pytest.fixture(scope="module")
def browser():
    """Chromium as installed on this machine; tests are skipped without one, except where a browser is required."""
    executable = _chromium()
    if not executable:
        reason = "no Chromium on PATH; install one or name it in SENDANALYSIS_CHROMIUM"
        required = any(os.environ.get(name) for name in ("SENDANALYSIS_REQUIRE_BROWSER", "CI"))
        (pytest.fail if required else pytest.skip)(reason)
    from playwright.sync_api import sync_playwright  # noqa: PLC0415  (tests of figures need no browser)

    with sync_playwright() as playwright:
        # Chromium's sandbox needs rights that containers lack; the pages opened here are our own.
        chromium = playwright.chromium.launch(executable_path=executable, args=["--no-sandbox"])
        yield chromium
        chromium.close()


@pytest.fixture
def requests():
    """Addresses that pages asked for beyond their own file, each refused; a good page leaves this empty."""
    return []


@pytest.fixture
def open_page(browser, requests):
    """A function that opens a file in a page without network: `open_page(path, width=400, color_scheme="dark")`."""
    contexts = []

    def guard(route):
        if route.request.url.startswith(("file:", "data:")):
            route.continue_()
        else:
            requests.append(route.request.url)
            route.abort()

    def opened(path, *, width=1280, height=900, **options):
        context = browser.new_context(viewport={"width": width, "height": height}, **options)
        contexts.append(context)
        context.route("**/*", guard)
        page = context.new_page()
        page.goto(Path(path).resolve().as_uri())
        return page

    yield opened
    for context in contexts:
        context.close()
