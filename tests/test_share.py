"""Sharing: a publication as a pack, and the pack opened, checked and run again where no extract is in reach."""

import csv
import hashlib
import io
import json
import os
import re
import shutil
import stat
import subprocess
import sys
import sysconfig
from pathlib import Path
from zipfile import ZipFile

import nbformat
import openpyxl
import pandas as pd
import pytest

from sendanalysis import cli
from sendanalysis.display import moves
from sendanalysis.measures.tables import TABLES
from sendanalysis.publishing import archive
from sendanalysis.publishing.archive import zipped
from sendanalysis.publishing.pack import hashes_of
from sendanalysis.publishing.record import as_csv
from sendanalysis.release import open_release, write_release

ROOT = Path(__file__).parents[1]
AREAS = {"wexmoor": "2024-03", "southend": "2021-12"}
MONTH, KEPT = "2024-03", {"APPEALS_OPEN", "FAMILY_RATING", "OUTREACH", "ADULTHOOD"}
OF_A_KPI = dict.fromkeys(("kpis", "targets", "benchmarks", "recorded"), "kpi_id") | {"commentary": "measure"}
PAGES = ("00_scorecard", "kpi_family_rating")
PDF = b"%PDF-1.4\n<</Creator (Chromium)\n/CreationDate (D:20240405160708+00'00')>>\n%%EOF\n"  # as a browser dates one


def small_area(folder):
    """The other area with four of its KPIs, since whole areas take minutes to protect."""
    area = Path(shutil.copytree(ROOT / "data" / "wexmoor", folder / "wexmoor"))
    for table, column in OF_A_KPI.items():
        path = area / "plan" / f"{table}.csv"
        with path.open(encoding="utf-8", newline="") as file:
            head, *rows = csv.reader(file)
        with path.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([head, *(row for row in rows if row[head.index(column)] in KEPT)])
    text = (area / "measures.toml").read_text("utf-8")
    parts = re.split(r"^(?=\[)", text, flags=re.MULTILINE)
    kept = [part for part in parts if not part.startswith("[measures.") or re.match(r".*(rating|appeals)", part)]
    (area / "measures.toml").write_text("".join(kept), encoding="utf-8")
    return area


@pytest.fixture(scope="session")
def shared(once, sendanalysis):
    """A folder with a small area, two pages of it published for partners, and the pack of these."""

    def make(folder):
        area = small_area(folder)
        common = ("--month", MONTH, "--audience", "partner", "--output", folder / "out")
        pages = [word for page in PAGES for word in ("--only", page)]
        run, share = ("run", area, *common, *pages), ("share", area, *common, "--to", folder / "pack.zip")
        assert sendanalysis(*run).returncode == 0
        (folder / "out" / "partner" / "wexmoor" / MONTH / "briefing.pdf").write_bytes(PDF)
        done = sendanalysis(*share)
        assert (done.returncode, done.stderr) == (0, "")

    return once("shared", make)


@pytest.fixture(scope="session")
def members(shared):
    with ZipFile(shared / "pack.zip") as file:
        return {name: file.read(name) for name in file.namelist()}


def test_a_held_release_knows_by_which_rules_its_counts_are_shown(tmp_path):
    area = ROOT / "data" / "southend"
    made = open_release(area, AREAS["southend"], "public")
    write_release(tmp_path / "release", area, made, "")
    held = open_release(tmp_path / "release", audience="public")
    assert held.rules() == made.rules()
    assert {rule.round_to for rule in held.rules().values()} == {10}
    assert moves.unmoved(held, "ADVICE", "") == "rounded"


@pytest.mark.parametrize("name", AREAS)
def test_a_held_release_gives_what_the_release_gave(tmp_path, name):
    area = ROOT / "data" / name
    made = open_release(area, AREAS[name])
    write_release(tmp_path / "release", area, made, "")
    held = open_release(tmp_path / "release")
    for one, other in zip(made.tables().items(), held.tables().items(), strict=True):
        assert one[0] == other[0]
        assert as_csv(one[1]) == as_csv(other[1])
        pd.testing.assert_frame_equal(one[1], other[1], check_exact=True)
    for table in TABLES:
        assert as_csv(made.table(table)) == as_csv(held.table(table))
    said = ("kpis", "plan", "roots", "pages", "settings", "parameters", "codes", "period", "sources", "lacking")
    assert [word for word in said if getattr(made, word) != getattr(held, word)] == []
    assert made.choices() == held.choices()
    assert [*made.measures] == [*held.measures]
    families = {choice.partition(".")[0] for choice in made.choices()}
    assert made.parameters_in_force(*families).equals(held.parameters_in_force(*families))
    for kpi_id in made.kpis:
        (rows, summary), (rows_held, summary_held) = made.control(kpi_id), held.control(kpi_id)
        pd.testing.assert_frame_equal(rows, rows_held, check_exact=True)
        assert summary == summary_held
        assert made.groups(kpi_id).equals(held.groups(kpi_id))
        assert (made.parts(kpi_id), made.counted(kpi_id)) == (held.parts(kpi_id), held.counted(kpi_id))


def test_a_held_release_has_no_row_of_an_extract(tmp_path, capsys):
    area = ROOT / "data" / "wexmoor"
    write_release(tmp_path / "release", area, open_release(area, MONTH), "")
    held = open_release(tmp_path / "release")
    assert held.extract("annual_reviews").empty
    assert "stay with the area" in capsys.readouterr().out
    assert "PUPIL0" not in (tmp_path / "release" / "release.json").read_text("utf-8")


def test_a_pack_holds_what_a_reader_needs_and_nothing_else(shared, members):
    tables = {path.name for path in (shared / "out" / "partner" / "wexmoor" / MONTH / "tables").iterdir()}
    notebooks = {f"{folder}/{page}.ipynb" for folder in ("notebooks", "executed") for page in PAGES}
    pages = {"summary.html", "index.html", "briefing.pdf", *(f"{page}.html" for page in PAGES)}
    release = {f"release/{name}" for name in ("area.toml", "measures.toml", "release.json")}
    others = {"README.md", "METHODS.md", "annex.xlsx", "manifest.json", "tables/dictionary.csv"}
    (wheel,) = [name for name in members if name.endswith(".whl")]
    assert set(members) == {wheel, *pages, *notebooks, *release, *others, *(f"tables/{name}" for name in tables)}
    texts = [data.decode() for name, data in members.items() if name.endswith((".html", ".json", ".csv", ".md"))]
    assert [text for text in texts if str(shared) in text or "whose-machine" in text] == []
    assert members["briefing.pdf"] == PDF.replace(b"20240405160708", b"19800101000000")


def test_every_page_of_a_pack_leads_to_pages_of_it(members):
    for name, data in members.items():
        if name.endswith(".html"):
            links = re.findall(r'href="([^"#]+)', data.decode())
            assert {link for link in links if not link.startswith("http")} <= set(members) | {"#"}, name


def test_the_same_publication_gives_the_same_pack_for_its_owner_alone(shared, tmp_path, capsys):
    again = tmp_path / "again.zip"
    words = ["share", str(shared / "wexmoor"), "--audience", "partner", "--output", str(shared / "out")]
    assert cli.main([*words, "--to", str(again)]) == 0
    said = capsys.readouterr().out
    assert "small counts can be worked out" in said
    assert said.endswith(f"{again}\n")
    assert again.read_bytes() == (shared / "pack.zip").read_bytes()
    assert stat.S_IMODE(again.stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["again.zip"]


def test_the_manifest_has_the_hash_of_every_member_and_what_the_audit_found(members):
    held = json.loads(members["manifest.json"])
    own = {name: hashlib.sha256(data).hexdigest() for name, data in members.items() if name != "manifest.json"}
    assert {name: digest for name, digest in held["members"].items() if name != "manifest.json"} == own
    assert {"table", "small_n", "hidden_n", "recoverable_n"} <= set(held["audit"][0])
    assert sum(row["small_n"] for row in held["audit"]) > 0
    assert sum(row["recoverable_n"] for row in held["audit"]) == 0


def test_a_pack_tells_no_hash_of_an_extract_nor_its_rows_nor_how_many_were_known_in_a_quarter(members):
    held = json.loads(members["manifest.json"])
    assert "known_rows" not in held
    extracts = [source for file, source in held["extracts"].items() if file.startswith(("extracts/", "inbox/"))]
    assert extracts == [{}] * len(extracts) != []
    (place,) = [name for name in members if name.endswith("release.json")]
    sources = [each for each in json.loads(members[place])["sources"] if not each["file"].startswith("p")]
    assert [(each["rows"], each["unended"], each["sha256"]) for each in sources] == [(0, None, "")] * len(extracts)


def test_the_annex_holds_real_numbers_marks_what_is_hidden_and_runs_no_text(members):
    book = openpyxl.load_workbook(io.BytesIO(members["annex.xlsx"]))
    assert book.sheetnames[:3] == ["Notes", "Dictionary", "scorecard"]
    head, *rows = book["family_rating"].iter_rows(values_only=True)
    table = pd.read_csv(io.BytesIO(members["tables/family_rating.csv"]), na_values=["[c]"])
    assert head[5:8] == ("Number", "Out of", "Figure")
    assert [row[5] if row[5] != "[c]" else None for row in rows] == [None if pd.isna(n) else n for n in table["n"]]
    hidden = [row for row, state in zip(rows, table["state"], strict=True) if state == "suppressed"]
    assert hidden
    assert all("[c]" in row for row in hidden)
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert [cell for cell in cells if cell.data_type == "f"] == []
    assert {cell.data_type for cell in cells} >= {"n", "s", "d"}
    assert "family_rating" in {row[0] for row in book["Dictionary"].iter_rows(values_only=True)}


def test_the_summary_says_what_the_plan_is_how_it_stands_what_is_hidden_and_why_it_can_be_trusted(members):
    page = members["summary.html"].decode()
    words = ("Priority Action Plan", "On target", "Families content", "counts of 1 to 4 are hidden", "worked out")
    assert [text for text in words if text not in page] == []


def test_the_summary_prints_on_two_pages(members, tmp_path, browser):
    (tmp_path / "summary.html").write_bytes(members["summary.html"])
    page = browser.new_page()
    page.goto((tmp_path / "summary.html").as_uri())
    assert len(re.findall(rb"/Type /Page\b", page.pdf(prefer_css_page_size=True))) <= 2
    page.close()


def test_the_readme_answers_the_two_questions_of_an_adviser(members):
    text = members["README.md"].decode()
    assert "## How exactly is this counted?" in text
    assert "`METHODS.md`" in text
    assert "## What would it be under another reading?" in text
    assert all(name in members for name in re.findall(r"`(tables/\w+\.csv)`", text))


def test_the_wheel_installs_and_an_adviser_without_extracts_gets_the_same_figures(
    shared, members, tmp_path, environment
):
    pack, home = tmp_path / "pack", tmp_path / "home"
    assert cli.main(["open", str(shared / "pack.zip"), "--to", str(pack), "--print"]) == 0
    subprocess.run([sys.executable, "-m", "venv", home], check=True)
    (wheel,) = pack.glob("*.whl")
    with ZipFile(wheel) as held:
        (entries,) = (held.read(name).decode() for name in held.namelist() if name.endswith("entry_points.txt"))
    assert "[papermill.engine]\nsendanalysis = sendanalysis.publishing.registered:ENGINE\n" in entries
    pip = [home / "bin" / "pip", "install", "--quiet", "--no-deps", "--no-index", "--disable-pip-version-check", wheel]
    surroundings = {name: value for name, value in environment.items() if name != "PYTHONPATH"}
    subprocess.run(pip, check=True, env=surroundings)
    (own,) = home.glob("lib/*/site-packages")
    (own / "others.pth").write_text(sysconfig.get_path("purelib"), encoding="utf-8")
    script = (
        "import papermill, sys, sendanalysis\n"
        f"assert sendanalysis.__file__.startswith({str(home)!r})\n"
        "notebook, options = 'notebooks/kpi_family_rating.ipynb', {'progress_bar': False, 'kernel_name': 'own'}\n"
        "papermill.execute_notebook(notebook, 'again.ipynb', **options)\n"
        "from sendanalysis.release import open_release\n"
        "from sendanalysis.publishing.record import as_csv\n"
        "for name, table in open_release('release', audience='partner').tables().items():\n"
        "    open(f'again_{name}.csv', 'w', newline='').write(as_csv(table))\n"
    )
    kernels = home / "share" / "jupyter" / "kernels" / "own"
    kernels.mkdir(parents=True)
    argv = [str(home / "bin" / "python"), "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    (kernels / "kernel.json").write_text(json.dumps({"argv": argv, "display_name": "own", "language": "python"}))
    done = subprocess.run(
        [home / "bin" / "python", "-c", script],
        cwd=pack,
        env=surroundings | {"JUPYTER_PATH": str(home / "share" / "jupyter")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert outputs(pack / "again.ipynb") == outputs(pack / "executed" / "kpi_family_rating.ipynb")
    tables = [name for name in members if name.startswith("tables/") and not name.endswith("dictionary.csv")]
    for name in tables:
        assert (pack / f"again_{Path(name).name}").read_bytes() == members[name]


def outputs(path):
    cells = nbformat.read(path, as_version=4).cells
    return [
        item.get("text") or item.get("data")
        for cell in cells
        if cell.cell_type == "code" and "explore" not in cell.metadata.get("tags", [])
        for item in cell.outputs
        if item.get("name") != "stderr"
    ]


def test_opening_a_pack_prints_where_it_stands_and_nothing_of_it_is_lost(shared, members, tmp_path, capsys):
    assert cli.main(["open", str(shared / "pack.zip"), "--to", str(tmp_path / "pack"), "--print"]) == 0
    folder = Path(capsys.readouterr().out.strip())
    assert folder == tmp_path / "pack"
    found = {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    assert found == members


def test_a_pack_opens_into_a_new_folder_where_none_is_named(shared, tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    assert cli.main(["open", str(shared / "pack.zip"), "--print"]) == 0
    folder = Path(capsys.readouterr().out.strip())
    assert folder.is_relative_to(tmp_path)
    assert (folder / "summary.html").is_file()


def changed(members, name):
    data = bytearray(members[name])
    data[len(data) // 2] ^= 1
    return members | {name: bytes(data)}


def without(members, name):
    return {key: data for key, data in members.items() if key != name}


def with_more(members, name):
    return members | {name: b"{}"}


@pytest.mark.parametrize(
    "tampered",
    [
        ("tables/scorecard.csv", changed),
        ("release/release.json", changed),
        ("annex.xlsx", changed),
        ("manifest.json", changed),
        ("METHODS.md", without),
        ("notebooks/more.ipynb", with_more),
    ],
    ids=lambda pair: pair[0],
)
def test_a_pack_that_is_not_as_it_was_packed_is_refused_by_name(refused, members, tmp_path, tampered):
    name, tamper = tampered
    (tmp_path / "pack.zip").write_bytes(zipped(tamper(members, name)))
    said = refused("open", tmp_path / "pack.zip", "--to", tmp_path / "out", "--print")
    assert name in said
    assert "Nothing was unpacked" in said
    assert [path.name for path in tmp_path.iterdir()] == ["pack.zip"]


def test_a_manifest_whose_figures_are_changed_is_refused(refused, members, tmp_path):
    text = members["manifest.json"].decode().replace(f'"month": "{MONTH}"', '"month": "2024-04"', 1)
    (tmp_path / "pack.zip").write_bytes(zipped(members | {"manifest.json": text.encode()}))
    assert "manifest.json is changed" in refused("open", tmp_path / "pack.zip", "--print")
    assert hashes_of(members) == json.loads(members["manifest.json"])["members"]


def test_one_changed_byte_of_the_zip_itself_is_refused(refused, shared, tmp_path):
    data = bytearray((shared / "pack.zip").read_bytes())
    data[len(data) // 2] ^= 1
    (tmp_path / "pack.zip").write_bytes(data)
    assert "Ask for" in refused("open", tmp_path / "pack.zip", "--print")


@pytest.mark.parametrize(
    ("held", "said"),
    [
        ({"../out.csv": b""}, "'../out.csv' would be written outside"),
        ({"/etc/out": b""}, "'/etc/out' would be written outside"),
        ({"a\\..\\out": b""}, "would be written outside"),
        ({"C:out": b""}, "would be written outside"),
        ({"big": b"0" * 5_000_000}, "'big' unpacks to more than 200 times its size"),
        ({str(number): b"" for number in range(2_001)}, "it holds 2,001 files"),
        ({"README.md": b"# Not a pack"}, "it holds no manifest.json"),
    ],
    ids=lambda value: "" if isinstance(value, dict) else value,
)
def test_a_zip_that_could_do_harm_or_is_no_pack_is_refused(refused, tmp_path, held, said):
    (tmp_path / "pack.zip").write_bytes(zipped(held))
    assert said in refused("open", tmp_path / "pack.zip", "--print")
    assert [path.name for path in tmp_path.iterdir()] == ["pack.zip"]


def test_what_is_no_zip_or_not_there_is_refused(refused, tmp_path):
    (tmp_path / "pack.zip").write_bytes(b"not a zip")
    assert "no whole zip file" in refused("open", tmp_path / "pack.zip", "--print")
    assert "there is no such file" in refused("open", tmp_path / "none.zip", "--print")


def test_a_folder_that_holds_something_is_left_alone(refused, shared, tmp_path):
    (tmp_path / "kept").write_text("kept")
    assert "exists already" in refused("open", shared / "pack.zip", "--to", tmp_path, "--print")
    assert [path.name for path in tmp_path.iterdir()] == ["kept"]


@pytest.mark.parametrize("command", ["run", "check", "share"])
def test_the_release_of_a_pack_is_no_area(refused, shared, tmp_path, command):
    release = shared / "out" / "partner" / "wexmoor" / MONTH / "release"
    words = {"share": ("--audience", "partner", "--to", tmp_path / "pack.zip")}.get(command, ())
    said = refused(command, release, "--output", tmp_path / "out", *words)
    assert "of a pack, which holds released figures and no extract" in said
    assert [*tmp_path.iterdir()] == []


@pytest.mark.parametrize(
    "case",
    [
        (("--audience", "friends"), "--audience friends: there is no such audience"),
        (("--audience", "internal"), "exact figures are not packed"),
        (("--audience", "public"), "Publish first: sendanalysis run"),
        (("--audience", "partner", "--month", "2024-02"), "--audience partner --month 2024-02"),
        (("--audience", "partner", "--to", "pack.pdf"), "ends in .zip"),
        (("--audience", "partner", "--to", "none/pack.zip"), "there is no folder"),
    ],
    ids=lambda case: " ".join(case[0]),
)
def test_what_cannot_be_packed_is_refused_with_what_to_do(refused, shared, tmp_path, monkeypatch, case):
    words, said = case
    monkeypatch.chdir(tmp_path)
    common = ("share", shared / "wexmoor", "--output", shared / "out", "--to", "pack.zip")
    assert said in refused(*common, *words)
    assert [*tmp_path.iterdir()] == []


def test_a_file_that_exists_is_left_alone(refused, shared, tmp_path):
    (tmp_path / "pack.zip").write_text("kept")
    words = ("share", shared / "wexmoor", "--audience", "partner", "--output", shared / "out")
    assert "exists already" in refused(*words, "--to", tmp_path / "pack.zip")
    assert (tmp_path / "pack.zip").read_text() == "kept"


def test_what_the_area_no_longer_gives_is_not_packed(refused, shared, tmp_path):
    folder = Path(shutil.copytree(shared, tmp_path / "shared"))
    table = folder / "out" / "partner" / "wexmoor" / MONTH / "tables" / "family_rating.csv"
    table.write_text(table.read_text("utf-8").replace("family_rating", "other", 1), encoding="utf-8")
    words = ("share", folder / "wexmoor", "--audience", "partner", "--output", folder / "out")
    said = refused(*words, "--to", tmp_path / "pack.zip")
    assert "family_rating is not what the area's tables and rules give now" in said
    assert not (tmp_path / "pack.zip").exists()


def test_a_page_that_names_a_record_is_not_packed(refused, shared, tmp_path):
    folder = Path(shutil.copytree(shared, tmp_path / "shared"))
    page = folder / "out" / "partner" / "wexmoor" / MONTH / "00_scorecard.html"
    page.write_text(page.read_text("utf-8").replace("</main>", "<p>ANSWER0001</p></main>"), encoding="utf-8")
    words = ("share", folder / "wexmoor", "--audience", "partner", "--output", folder / "out")
    said = refused(*words, "--to", tmp_path / "pack.zip")
    assert "00_scorecard.html: values of family_survey.form_id, 1" in said
    assert not (tmp_path / "pack.zip").exists()


def test_a_full_disk_leaves_nothing(tmp_path):
    limited = (
        "import resource, signal, sys; signal.signal(signal.SIGXFSZ, signal.SIG_IGN);"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000));"
        "from pathlib import Path; from sendanalysis.publishing.archive import write_anew;"
        "from sendanalysis.errors import AnalysisError\n"
        "try: write_anew(Path(sys.argv[1]), bytes(5000))\n"
        "except AnalysisError as error: print(error); sys.exit(error.exit_code)"
    )
    words = [sys.executable, "-B", "-c", limited, str(tmp_path / "pack.zip")]
    done = subprocess.run(words, capture_output=True, text=True, env=os.environ, cwd=ROOT, check=False)
    assert done.returncode == 1, done.stderr
    assert "would be larger than the system allows" in done.stdout
    assert [*tmp_path.iterdir()] == []


def test_a_zip_tells_neither_time_nor_order():
    one, other = archive.zipped({"b": b"1", "a": b"2"}), archive.zipped({"a": b"2", "b": b"1"})
    assert one == other
    with ZipFile(io.BytesIO(one)) as file:
        assert {entry.date_time for entry in file.infolist()} == {(1980, 1, 1, 0, 0, 0)}
