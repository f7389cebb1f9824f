"""Text from tables is data: whatever it holds, it runs nothing and is shown as it was typed."""

from __future__ import annotations

import csv
import itertools
import json
import re
import shutil
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
HOSTILE = [
    "<script>window.pwned=1</script>",
    "</script><script>window.pwned=1</script>",
    "</style><script>window.pwned=1</script>",
    "</title><script>window.pwned=1</script>",
    "</textarea><script>window.pwned=1</script>",
    "<SCRIPT SRC=//evil.example/x.js></SCRIPT>",
    "<scr<script>ipt>window.pwned=1</scr</script>ipt>",
    "<img src=x onerror=window.pwned=1>",
    "<img/src/onerror=window.pwned=1>",
    '"><img src=x onerror=window.pwned=1>',
    "'><img src=x onerror=window.pwned=1>",
    '" onmouseover="window.pwned=1" x="',
    "' onfocus='window.pwned=1' autofocus x='",
    "<body onload=window.pwned=1>",
    "<svg onload=window.pwned=1>",
    "<svg><script>window.pwned=1</script></svg>",
    "<svg><animate onbegin=window.pwned=1 attributeName=x dur=1s>",
    "<svg><a href=javascript:window.pwned=1><text>x</text></a></svg>",
    "<svg><foreignObject><iframe srcdoc='<script>parent.pwned=1</script>'></foreignObject></svg>",
    "<math><mtext><img src=x onerror=window.pwned=1></mtext></math>",
    "<iframe src=javascript:window.pwned=1>",
    "<iframe srcdoc='<script>parent.pwned=1</script>'>",
    "<object data=javascript:window.pwned=1>",
    "<embed src=javascript:window.pwned=1>",
    "<a href=javascript:window.pwned=1>press</a>",
    "[press](javascript:window.pwned=1)",
    "![x](x'onerror='window.pwned=1)",
    "<form action=javascript:window.pwned=1><button>press</button></form>",
    "<meta http-equiv=refresh content='0;url=javascript:window.pwned=1'>",
    "<base href=//evil.example/>",
    "<link rel=stylesheet href=//evil.example/x.css>",
    "<style>body{display:none}</style>",
    "<style>@import '//evil.example/x.css';</style>",
    "<div style='background:url(//evil.example/x)'>x</div>",
    "x:expression(window.pwned=1)",
    "<details open ontoggle=window.pwned=1>",
    "<video><source onerror=window.pwned=1></video>",
    "<input autofocus onfocus=window.pwned=1>",
    "<marquee onstart=window.pwned=1>x</marquee>",
    "<!--><script>window.pwned=1</script>-->",
    "<![CDATA[<script>window.pwned=1</script>]]>",
    "<?xml version='1.0'?><x/>",
    "&lt;script&gt;window.pwned=1&lt;/script&gt;",
    "&#60;script&#62;window.pwned=1",
    "{{ 7*7 }}{% raw %}{{ config }}",
    "${window.pwned=1}#{7*7}<%= 7*7 %>",
    "=HYPERLINK('//evil.example','press')",
    "@SUM(1+1)*cmd|' /C calc'!A0",
    "right\u202eto left\u202c and \u2066isolated\u2069",
    "zero\u200bwidth \u00ad soft, \U0001f600 and `code` *em* $x$ ## heading",
]
PROBE = """() => new Promise(done => {
    const image = document.createElement('img')
    image.setAttribute('onerror', 'window.probed=1')
    image.addEventListener('error', () => requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(done))))
    image.src = 'data:,'
})"""  # when this attack has run, those that the page came with have had their turn
SHOWN = {  # on a page in full, with more rows than there are hostile strings
    "plan/peer_review_recommendations": ("recommendation",),
    "plan/actions": ("action_clean",),
    "plan/milestones": ("milestone_clean",),
    "plan/risks": ("risk",),
}
PROSE = ("scorecard", "quality", "autism", "survey", "advice", "actions", "peer_review", "context", "[A-Z_]+")
COLUMNS = {
    "plan/actions": ("action_as_printed", "by_when_as_printed", "note"),
    "plan/milestones": ("milestone_as_printed", "kpi_reference_as_printed", "note"),
    "plan/risks": ("mitigation", "severity_impact_as_printed", "note"),
    "plan/kpis": ("name", "heading_as_printed", "kpi_as_printed", "baseline_as_printed", "owner", "note", "source"),
    "plan/targets": ("text_as_printed", "note"),
    "plan/governance": ("role_or_rule", "reports_to_or_about", "note"),
    "plan/action_updates": ("evidence", "note", "recorded_by_role"),
    "plan/milestone_updates": ("evidence", "note"),
    "plan/risk_updates": ("progress",),
    "plan/commentary": ("text", "author_role"),
    "plan/peer_review_actions": ("action", "undated_reason"),
    "plan/peer_review_updates": ("note",),
    "plan/meetings": ("note",),
    "extracts/ehcp_audits": ("question_id", "auditor_id"),
    "extracts/autism_referrals": ("age_band", "source", "provider"),
    "extracts/survey_responses": ("tool",),
    "published/timeliness_20_week": ("la_name",),
}


def poisoned(value, by_value, supply):
    return by_value.setdefault(value, next(supply)) if value else value


@pytest.fixture(scope="session")
def hostile_publication(once, sendanalysis):
    """Folder of briefings made from an area whose text fields hold the hostile strings."""

    def make(folder):
        area = Path(shutil.copytree(ROOT / "data" / "southend", folder / "hostile"))
        toml = area / "area.toml"
        toml.write_text(
            re.sub(
                "^name = .*$",
                "name = '<b>Area</b><script>window.pwned=1</script>'",
                toml.read_text(),
                count=1,
                flags=re.MULTILINE,
            )
        )
        supply = itertools.cycle(HOSTILE)
        prose = rf'^((?:{"|".join(PROSE)}) = )".*"$'
        toml.write_text(
            re.sub(
                prose,
                lambda found: found[1] + json.dumps(next(supply), ensure_ascii=False),
                toml.read_text(),
                flags=re.MULTILINE,
            )
        )
        for table, columns in (*SHOWN.items(), *COLUMNS.items()):
            path = area / f"{table}.csv"
            with path.open(newline="") as file:
                rows = list(csv.DictReader(file))
            kept = {column: {} for column in columns}  # in an extract the same value stays one value
            for row in rows:
                for column in columns:
                    known = kept[column] if table.startswith("extracts") else {}
                    row[column] = poisoned(row[column], known, supply)
            with path.open("w", newline="") as file:
                writer = csv.DictWriter(file, list(rows[0]))
                writer.writeheader()
                writer.writerows(rows)
        done = sendanalysis("run", area, "--month", "2022-03", "--output", folder / "out", "--single-file")
        assert (done.returncode, done.stderr) == (0, "")

    return once("hostile", make) / "out" / "hostile" / "2022-03"


def seen(text):
    """Text as a reader sees it: white space folded, controls that have no width left out."""
    return re.sub(r"\s+", " ", re.sub("[\u200b\u00ad\u202a-\u202e\u2066-\u2069]", "", text))


def test_hostile_text_runs_nothing_even_without_the_policy_and_is_shown_as_typed(
    hostile_publication, open_page, requests
):
    shown = ""
    for page_file in sorted(hostile_publication.glob("*.html")):
        page = open_page(page_file, bypass_csp=True)
        page.on("dialog", lambda dialog: pytest.fail(f"a dialog opened: {dialog.message}"))
        page.evaluate("document.querySelectorAll('details').forEach(item => item.open = true)")
        page.mouse.move(300, 300)
        page.evaluate(PROBE)
        assert page.evaluate("[window.probed, window.pwned]") == [1, None], page_file.name
        assert page.locator("script, iframe, object, embed, img, form, base, link, marquee, video").count() == 0
        assert (
            page.evaluate(
                "[...document.querySelectorAll('*')].filter(e => [...e.attributes].some("
                "a => a.name.startsWith('on') || /^\\s*javascript:/i.test(a.value))).length"
            )
            == 0
        )
        shown += seen(page.inner_text("body"))
    assert requests == []
    missing = [text for text in HOSTILE if seen(text).strip() not in shown]
    assert missing == []


def test_no_cell_of_a_published_table_can_run_as_a_formula(hostile_publication):
    for path in sorted((hostile_publication / "tables").glob("*.csv")):
        with path.open(newline="") as file:
            cells = [cell for row in csv.reader(file) for cell in row]
        assert [c for c in cells if re.match(r"[=+@\t\r]|-\D", c)] == [], path.name
