"""Hand-outs: a month's briefings as one page, and that page as a PDF."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import subprocess
import tempfile
from typing import TYPE_CHECKING, Any

from markupsafe import Markup

from sendanalysis.display.page import single_page
from sendanalysis.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from sendanalysis.display.page import PageContext

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome", "msedge")
PDF_SECONDS = 120


def one_page(pages: Mapping[str, str], context: PageContext, listed: Sequence[Mapping[str, Any]]) -> str:
    """All briefings of a month in one page, after a list of their answers.

    Args:
        pages: HTML of each briefing by name, in order, as the package's template wrote it.
        context: As for the index page.
        listed: The briefings as the index page lists them.

    Returns:
        HTML; headings stand one level lower, and every id is prefixed with the briefing's name.
    """
    parts = []
    for name, html in pages.items():
        main = html.split('<main id="main">', 1)[1].split("</main>", 1)[0]
        main = re.sub(r'<nav class="(?:toc|turn)".*?</nav>', "", main, flags=re.DOTALL)
        main = re.sub(r"<(/?)h([1-5])(?=[ >])", lambda found: f"<{found[1]}h{int(found[2]) + 1}", main)
        main = re.sub(r'(\s(?:id|aria-labelledby)=")', rf"\g<1>{name}-", main)
        main = re.sub(r'(href="#|url\(#)', rf"\g<1>{name}-", main)
        main = re.sub(
            r'href="([\w-]+)\.html"', lambda found: f'href="#{found[1]}"' if found[1] in pages else found[0], main
        )
        parts.append({"id": name, "html": Markup(main)})  # noqa: S704  # escaped by the template
    here = [{**item, "href": f"#{item['href'].removesuffix('.html')}" if item["href"] else ""} for item in listed]
    return single_page(context, here, parts)


def find_browser() -> str:
    """The Chromium that prints the PDF.

    Raises:
        InputError: There is none.
    """
    named = os.environ.get("SENDANALYSIS_CHROMIUM", "")
    found = next((path for name in (named, *BROWSERS) if name and (path := shutil.which(name))), None)
    if not found:
        raise InputError(
            "--pdf: no Chromium, Chrome or Edge was found. Install one, or print briefing.html from any browser."
        )
    return found


def print_pdf(page: Path, pdf: Path, browser: str) -> None:
    """Print a page as a tagged PDF.

    Args:
        page: HTML file.
        pdf: File to write.
        browser: What `find_browser` found.

    Raises:
        InputError: The browser did not print it.
    """
    as_root = ["--no-sandbox"] if hasattr(os, "geteuid") and os.geteuid() == 0 else []
    with tempfile.TemporaryDirectory(prefix="sendanalysis-") as profile:
        command = [
            *(browser, "--headless", *as_root, "--disable-gpu", "--no-first-run", "--disable-background-networking"),
            *("--disable-component-update", "--disable-sync", f"--user-data-dir={profile}", "--export-tagged-pdf"),
            *("--no-pdf-header-footer", f"--print-to-pdf={pdf}", page.resolve().as_uri()),
        ]
        with contextlib.suppress(OSError, subprocess.SubprocessError):  # judged by whether the file is there
            subprocess.run(command, check=True, capture_output=True, timeout=PDF_SECONDS)  # noqa: S603
    if not pdf.is_file():
        raise InputError(f"--pdf: {browser} did not print the page. Print briefing.html from any browser.")
