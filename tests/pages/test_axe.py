"""axe-core's rules of WCAG 2.2 AA and good practice, on every page at two widths, with all details open.

axe-core is pinned in package-lock.json: npm ci --prefix tests/pages
"""

import json
import os
from pathlib import Path

import pytest

HERE = Path(__file__).parent
AXE = HERE / "node_modules" / "axe-core" / "axe.min.js"
PAGES = ["index", *sorted(path.stem for path in (HERE.parents[1] / "notebooks").glob("0[0-7]_*.ipynb"))]
PAGES += ["kpi_neu_satisfaction", "kpi_balanced_system"]
OTHER_PAGES = ["kpi_new_plans_20w", "kpi_reviews_overdue", "kpi_review_4w", "kpi_outreach", "kpi_health_checks"]
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@pytest.fixture(scope="module")
def axe():
    """The script of axe-core; tests are skipped without it, except where a browser is required."""
    if not AXE.is_file():
        required = any(os.environ.get(name) for name in ("SENDANALYSIS_REQUIRE_BROWSER", "CI"))
        (pytest.fail if required else pytest.skip)("axe-core is not installed: npm ci --prefix tests/pages")
    return AXE


@pytest.fixture
def violations(open_page, axe):
    """A function that gives the rules a page breaks, each with the elements that break it."""

    def found(path, width, **shown):
        page = open_page(path, width=width, bypass_csp=True, **shown)
        page.evaluate("document.querySelectorAll('details').forEach(e => { e.open = true })")
        page.add_script_tag(path=axe)
        page.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
        result = page.evaluate("tags => axe.run({ runOnly: tags, resultTypes: ['violations'] })", TAGS)
        assert len(result["passes"]) > 10
        return [(rule["id"], node["html"][:200]) for rule in result["violations"] for node in rule["nodes"]]

    return found


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 360])
@pytest.mark.parametrize("name", PAGES)
def test_a_page_breaks_no_rule_of_accessibility(violations, publication, name, width, scheme):
    assert violations(publication / f"{name}.html", width, color_scheme=scheme) == []


@pytest.mark.parametrize("width", [1280, 360])
@pytest.mark.parametrize("name", OTHER_PAGES)
def test_a_page_of_any_kind_of_kpi_breaks_no_rule_of_accessibility(violations, other_publication, name, width):
    assert violations(other_publication / f"{name}.html", width) == []


@pytest.mark.parametrize("width", [1280, 360])
def test_the_page_of_the_sen2_return_breaks_no_rule_of_accessibility(violations, sen2_publication, width):
    assert violations(sen2_publication / "08_plan_timeliness.html", width) == []


def test_a_page_that_breaks_rules_is_found_out(violations, publication, tmp_path):
    html = (publication / "03_survey_participation.html").read_text(encoding="utf-8")
    page = tmp_path / "page.html"
    page.write_text(html.replace(' lang="en-GB"', "").replace("aria-label=", "data-label="), encoding="utf-8")
    assert {rule for rule, _ in violations(page, 1280)} >= {"html-has-lang", "svg-img-alt"}


def test_the_lock_pins_one_version_by_its_hash_and_names_no_registry():
    lock = json.loads((HERE / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    asked = json.loads((HERE / "package.json").read_text(encoding="utf-8"))["devDependencies"]
    assert {name.removeprefix("node_modules/"): item["version"] for name, item in lock.items() if name} == asked
    assert all(item["integrity"].startswith("sha512-") for name, item in lock.items() if name)
    assert not [item for item in lock.values() if "resolved" in item]
